"""The plan of a study: every run that it consists of, lazily, and each run's configuration when it is asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.config import Config, make_config
from abm.config.overrides import Override, apply
from abm.config.yaml_source import KeyPath
from abm.experiments.design import make_points
from abm.experiments.factors import Factor
from abm.experiments.identity import RunIds, put
from abm.experiments.run import expected_bytes
from abm.experiments.spec import Experiment
from abm.results.manifest import RUN_ID_DIGITS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run of a study.

    Attributes
    ----------
    run_id
        `abm.results.run_id` of its configuration and seed: the same run has the same id in every study.
    scenario, point, replicate
        Its place in the study; point and replicate count from 0.
    seed
        Seed of the configuration plus `replicate`: the same in all scenarios and at all points.
    factors
        Values at this point of the factors that vary in this scenario, by name.
    """

    run_id: str
    scenario: str
    point: int
    replicate: int
    seed: int
    factors: Mapping[str, float]


@dataclass(frozen=True)
class PlanCounts:
    """How large a study is; `runs` counts what has to be simulated, each run once."""

    scenarios: int
    points: int
    replicates: int
    rows: int
    runs: int
    runs_by_scenario: Mapping[str, int]


class Plan:
    """All runs of a study: replicate by replicate, point by point, scenario by scenario.

    A row of the plan is a scenario at a point with a seed. Two rows are the same run, with one id, where a scenario
    does not vary from one point to another (``in:``), or where two points or scenarios are alike; `unique` has each
    run once. When a study grows, further replicates come last, further points and scenarios come between, and none of
    them changes the id of a run that was there.

    Parameters
    ----------
    experiment
        The study.
    replicates
        Instead of those of the experiment; by default all, or for a study that stops by a rule, the most it may make.
    """

    def __init__(self, experiment: Experiment, replicates: int | None = None) -> None:
        self.experiment = experiment
        self.replicates = experiment.replicates.at_most if replicates is None else replicates
        self.points = make_points(experiment.design, experiment.factors)
        self._scenarios = [_ScenarioRuns.of(name, experiment) for name in experiment.scenarios]

    def __len__(self) -> int:
        return self.replicates * len(self.points) * len(self._scenarios)

    def __iter__(self) -> Iterator[PlannedRun]:
        for row in range(len(self)):
            yield self[row]

    def __getitem__(self, row: int) -> PlannedRun:
        if not 0 <= row < len(self):
            raise IndexError(f"a plan of {len(self)} rows has no row {row}")
        rest, place = divmod(row, len(self._scenarios))
        replicate, point = divmod(rest, len(self.points))
        found = self._scenarios[place]
        return PlannedRun(
            run_id=self._ids[row].decode(),
            scenario=found.name,
            point=point,
            replicate=replicate,
            seed=found.seed + replicate,
            factors={factor.name: float(self.points[point, column]) for column, factor in found.factors},
        )

    def unique(self) -> Iterator[PlannedRun]:
        """Give each run once, at its first row."""
        _, first = np.unique(self._ids, return_index=True)
        for row in np.sort(first):
            yield self[int(row)]

    def config(self, run: PlannedRun) -> Config:
        """Make the complete configuration of a run, plots off."""
        return make_config(**self.resolved(run))

    def resolved(self, run: PlannedRun) -> dict[str, object]:
        """Write the complete configuration of a run out as plain data."""
        found = next(scenario for scenario in self._scenarios if scenario.name == run.scenario)
        return found.resolve(self.points[run.point], run.seed)

    def frame(self) -> pd.DataFrame:
        """List all rows: run_id, scenario, point, replicate, seed, and one column of numbers for each factor.

        A factor that does not vary in a scenario is missing (NaN) in its rows.
        """
        import pandas as pd

        count, points = len(self._scenarios), len(self.points)
        rows = np.arange(len(self))
        place, point, replicate = rows % count, rows // count % points, rows // (count * points)
        names = np.array([found.name for found in self._scenarios], object)
        seeds = np.array([found.seed for found in self._scenarios], np.int64)
        columns: dict[str, object] = {
            "run_id": np.char.decode(self._ids, "ascii").astype(object),
            "scenario": names[place],
            "point": point,
            "replicate": replicate,
            "seed": seeds[place] + replicate,
        }
        for column, factor in enumerate(self.experiment.factors):
            varies = np.array([found.name in factor.scenarios for found in self._scenarios])
            columns[factor.name] = np.where(varies[place], self.points[point, column], np.nan)
        return pd.DataFrame(columns)

    def counts(self) -> PlanCounts:
        """Count scenarios, points, replicates, rows, and runs, each run once."""
        count = len(self._scenarios)
        by_scenario = {
            found.name: len(np.unique(self._ids[place::count])) for place, found in enumerate(self._scenarios)
        }
        runs = len(np.unique(self._ids))
        return PlanCounts(count, len(self.points), self.replicates, len(self), runs, by_scenario)

    def expected_bytes(self) -> int:
        """Estimate the size of all results from above, before compression."""
        runs = self.counts().runs_by_scenario
        first = {found.name: make_config(**found.resolve(self.points[0], found.seed)) for found in self._scenarios}
        return sum(runs[name] * expected_bytes(config) for name, config in first.items())

    @cached_property
    def _ids(self) -> np.ndarray:
        """Ids of all rows, 16 bytes each."""
        made = np.empty(len(self), f"S{RUN_ID_DIGITS}")
        count = len(self._scenarios)
        for place, found in enumerate(self._scenarios):
            made[place::count] = found.ids(self.points, self.replicates)
        return made


@dataclass(frozen=True)
class _ScenarioRuns:
    """What is needed to name and to configure the runs of one scenario.

    Attributes
    ----------
    template
        Its configuration as plain data, with a value for each of its factors.
    factors
        Its factors, each with its column in the table of points.
    paths
        Where their values stand in the template.
    """

    name: str
    seed: int
    template: dict[str, Any]
    factors: tuple[tuple[int, Factor], ...]
    paths: tuple[KeyPath, ...]

    @classmethod
    def of(cls, name: str, experiment: Experiment) -> _ScenarioRuns:
        template = copy.deepcopy(experiment.scenarios[name])
        factors = tuple(
            (column, factor) for column, factor in enumerate(experiment.factors) if name in factor.scenarios
        )
        paths = tuple(apply(Override("", factor.parts, _value(factor, factor.low)), template) for _, factor in factors)
        return cls(name, int(template["seed"]), template, factors, paths)

    def ids(self, points: np.ndarray, replicates: int) -> list[str]:
        ids = RunIds(self.template, self.paths)
        columns = [column for column, _ in self.factors]
        chosen = points[:, columns].tolist()
        return [ids.make(values, self.seed + replicate) for replicate in range(replicates) for values in chosen]

    def resolve(self, point: np.ndarray, seed: int) -> dict[str, object]:
        made = copy.deepcopy(self.template)
        for path, (column, factor) in zip(self.paths, self.factors, strict=True):
            put(made, path, _value(factor, point[column]))
        made["seed"] = seed
        return made


def _value(factor: Factor, value: float) -> float | int:
    return int(value) if factor.whole else float(value)
