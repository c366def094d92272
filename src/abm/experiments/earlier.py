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

STUDIED = {"scenarios", "design", "factors", "window"}  # parts of which comparisons and reports tell
FOUND = ("comparison", "comparison_*", "sensitivity", "sensitivity_*", "report.html")
"""What commands write about a study, by default into its folder."""


def keep_earlier(store: Store, experiment: Experiment) -> Path | None:
    """Copy the files of a study that has runs, before another experiment takes its place; give their folder.

    What was found in runs of other scenarios or points moves there too.
    """
    _, changed = _changes(store, experiment)
    if not changed or not store.finished():
        return None
    folder = store.earlier / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    with explained(store.folder, doing=DOING):
        folder.mkdir(parents=True)
        for path in (store.text, store.experiment, store.design):
            if path.is_file():
                shutil.copy2(path, folder)
        stale = [path for name in FOUND for path in store.folder.glob(name)] if changed & STUDIED else []
        for path in stale:
            path.rename(folder / path.name)
    return folder


def moved_in_words(kept: Path | None) -> str:
    """Say what moved into the folder of the old files beside them; nothing if nothing did."""
    moved = sorted(path.name for name in FOUND for path in kept.glob(name)) if kept else []
    return f"of the study before the change, and kept in '{kept}': {listed(moved)}" if moved else ""


def of_another_file(store: Store, experiment: Experiment) -> str:
    """Say that the runs in the folder of a study were asked for by a file that is called otherwise; nothing if not.

    One that is called the same elsewhere may be the same, moved.
    """
    before, changed = _changes(store, experiment)
    was, now = (Path(str(path or "")).name for path in (before.get("source"), experiment.source))
    if not changed or not was or was == now or not store.finished():
        return ""
    what = f"'{store.folder}' was made from another file, '{before['source']}'"
    return f"{what}; to keep both studies apart give this one another 'name'"


def _changes(store: Store, experiment: Experiment) -> tuple[dict[str, object], set[str]]:
    """Give the experiment whose folder it was, and the parts in which it was another; nothing if there was none."""
    before: dict[str, object] = {}
    with suppress(OSError, OutputError):  # damaged
        if store.experiment.is_file():
            before = read_sealed(store.experiment)
    now = json.loads(experiment.to_json())
    return before, {key for key in now if before and key not in APART and before.get(key) != now[key]}


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
