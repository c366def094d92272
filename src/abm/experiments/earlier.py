"""What a study was before its file was changed: the old files are kept, and runs that are no longer asked for named."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config.wording import counted, listed
from abm.engine.errors import OutputError
from abm.experiments.spec import Experiment
from abm.experiments.store import DOING, Store, read_sealed
from abm.results.disk import explained

APART = ("source", "engine")  # where the file lies and where runs are made is no part of what is studied


def keep_earlier(store: Store, experiment: Experiment) -> Path | None:
    """Copy the files of a study that has runs, before another experiment takes its place; give their folder."""
    before, now = {}, json.loads(experiment.to_json())
    with suppress(OSError, OutputError):  # damaged
        if store.experiment.is_file():
            before = read_sealed(store.experiment)
    same = all(before.get(key) == now[key] for key in now if key not in APART)
    if same or not before or not store.finished():
        return None
    folder = store.earlier / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    with explained(store.folder, doing=DOING):
        folder.mkdir(parents=True)
        for path in (store.text, store.experiment, store.design):
            if path.is_file():
                shutil.copy2(path, folder)
    return folder


def no_longer_asked(store: Store, asked: Collection[str]) -> dict[str, int]:
    """Count, by scenario, the runs of the last design that are there and that the new plan does not ask for."""
    last = {}
    with suppress(OSError, pa.ArrowException):  # damaged
        if store.design.is_file():
            found = pq.read_table(store.design, columns=["run_id", "scenario"])
            last = dict(zip(found["run_id"].to_pylist(), found["scenario"].to_pylist(), strict=True))
    there = store.finished().difference(asked)
    return dict(Counter(scenario for run_id, scenario in last.items() if run_id in there))


def in_words(unasked: dict[str, int], kept: Path | None) -> str:
    """Say which runs are no longer asked for, and where the old files are."""
    by_scenario = listed([f"{count:,} of '{scenario}'" for scenario, count in unasked.items()])
    count = sum(unasked.values())
    why = f"the old file and its design are kept in '{kept}'" if kept else "they are of another version of abm"
    verb = "is" if count == 1 else "are"
    return f"{counted(count, 'run')} that {verb} there {verb} no longer asked for: {by_scenario}; {why}"
