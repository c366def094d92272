"""Waves of runs: their points, their studies, and what each run says of every record."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from abm.analysis.observed import NotObservedError, Run, facts_of
from abm.analysis.records import Record
from abm.analysis.score import place_of
from abm.calibration.read import Calibration
from abm.calibration.summaries import Observed, observe
from abm.config import make_config
from abm.config.wording import listed
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.engine.version import code_version
from abm.experiments.dataset import Study
from abm.experiments.factors import Factor
from abm.experiments.settings import PosteriorDesign
from abm.experiments.spec import Experiment, Replicates
from abm.experiments.store import DONE, Store
from abm.results import read_run
from abm.results.manifest import digest_of

MakeRuns = Callable[[Experiment, Path], Study]  # makes the missing runs of a study below a folder, and gives it

FINGERPRINT = b"abm.wave"

FEW = 5  # records that a message names at most


@dataclass(frozen=True, eq=False)
class Wave:
    """Runs at the points of a wave."""

    scale: float  # share of the households
    points: Floats  # in the unit cube, points × parameters
    # logarithms of what each run says of every record, points × replicates × records; blank where a run failed
    observed: Floats
    seeds: NDArray[np.int64]  # seed of each run, points × replicates; 0 where it failed


def values_at(factors: Sequence[Factor], points: Floats) -> Floats:
    """Turn points of the unit cube into values of parameters: priors are uniform, or uniform in the logarithm."""
    return np.column_stack([factor.of_unit(points[:, column]) for column, factor in enumerate(factors)])


def unit_of(factor: Factor, value: float) -> float:
    """Place of a value in the range of its prior, from 0 to 1; beyond it where it lies outside."""
    low, high, here = factor.low, factor.high, value
    if factor.scale == "log":
        low, high, here = math.log(low), math.log(high), math.log(max(value, 1e-12))
    return (here - low) / (high - low)


def study_of(
    calibration: Calibration, name: str, points: Floats, scale: float, replicates: int, seeds_from: int
) -> Experiment:
    """Make the study of a wave: the points written out, at the scale of the wave.

    Each point has seeds of its own, which begin so many above that of the experiment.
    """
    whole = calibration.experiment
    values = values_at(whole.factors, points)
    listed = tuple(dict(zip((f.name for f in whole.factors), map(float, row), strict=True)) for row in values)
    scenarios = {
        key: {**resolved, "population": {**resolved["population"], "scale": scale}}
        for key, resolved in whole.scenarios.items()
    }
    first, count = int(next(iter(scenarios.values()))["seed"]) + seeds_from, len(points)
    design = PosteriorDesign(
        points=listed,
        posterior=calibration.name,
        draws=tuple(range(count)),
        of=count,
        seeds=tuple(range(first, first + count)),
    )
    return replace(whole, name=name, design=design, replicates=Replicates(replicates, replicates), scenarios=scenarios)


def records_of(calibration: Calibration, records: Sequence[Record]) -> list[Observed]:
    """Find the records of its targets and years that the model of a calibration has a counterpart of."""
    settings = calibration.settings
    config = make_config(**next(iter(calibration.experiment.scenarios.values())))
    facts, targets = facts_of(config), {target.target for target in settings.targets}
    left_out = {(target.target, key) for target in settings.targets for key in target.leave_out}
    used: set[tuple[str, str]] = set()
    found: dict[str, Observed] = {}
    for record in records:
        if record.target in targets and settings.from_ <= record.year <= settings.until:
            with suppress(NotObservedError):
                seen = Observed(record, place_of(record, facts))
                if (record.target, seen.key) in left_out:
                    used.add((record.target, seen.key))
                else:
                    found.setdefault(seen.label, seen)
    if left_out - used:
        raise AnalysisError("leave_out: no record of " + listed(sorted(" in ".join(pair) for pair in left_out - used)))
    return [seen for seen in found.values() if seen.begins >= config.start_month]


def make_wave(
    study: Experiment, points: Floats, scale: float, folder: Path, records: Sequence[Observed], make: MakeRuns
) -> Wave:
    """Make the runs of a wave and observe them, or read what an earlier call kept.

    What was observed is kept in ``<folder>/<name>.parquet``, so that the runs may go. It is made again if anything has
    changed: settings, records, code.
    """
    kept = folder / f"{study.name}.parquet"
    # all that the observations of a wave depend on
    what = [study.resolved() | {"source": None, "engine": None}, [seen.label for seen in records], code_version()]
    mark = digest_of(what)
    table = _read_kept(kept, mark)
    if table is None:
        made = make(study, folder)
        table = _observe_all(made, records).replace_schema_metadata({FINGERPRINT: mark.encode()})
        if len(table) == len(made.design):  # else what failed is tried again next time
            pq.write_table(table, kept)
    replicates = study.replicates.at_most
    shape = (len(points), replicates, len(records))
    observed = np.full(shape, np.nan)
    at = (table["point"].to_numpy(), table["replicate"].to_numpy())
    observed[at] = np.column_stack([table[seen.label].to_numpy() for seen in records])
    silent = [seen.label for place, seen in enumerate(records) if not np.isfinite(observed[..., place]).any()]
    if silent:
        raise AnalysisError(f"no run of '{folder / study.name}' says anything of {listed(silent[:FEW])}")
    seeds = np.zeros(shape[:2], np.int64)
    seeds[at] = table["seed"].to_numpy()
    return Wave(scale, points, observed, seeds)


def _read_kept(path: Path, mark: str) -> pa.Table | None:
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return None  # cut short: it is made again
    known: dict[bytes, bytes] = table.schema.metadata or {}
    return table if known.get(FINGERPRINT) == mark.encode() else None


def _observe_all(study: Study, records: Sequence[Observed]) -> pa.Table:
    design, store = study.design, Store(study.folder)
    facts = facts_of(make_config(**next(iter(study.experiment.scenarios.values()))))
    done = design[design["status"] == DONE].reset_index(drop=True)
    runs = (
        Run(seed, facts, read_run(store.run_folder(run_id)).table)
        for seed, run_id in zip(done["seed"].tolist(), done["run_id"], strict=True)
    )
    values = np.array([observe(run, records) for run in runs]).reshape(len(done), len(records))
    columns = {name: done[name].tolist() for name in ("point", "replicate", "seed", "run_id")}
    return pa.table(columns | {seen.label: values[:, place] for place, seen in enumerate(records)})
