"""The plan of a study: every run that it consists of, lazily, and each run's configuration when it is asked for."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.config import Config, make_config
from abm.config.overrides import Override, apply
from abm.config.yaml_source import KeyPath
from abm.engine.errors import AbmError
from abm.experiments.design import make_points
from abm.experiments.factors import Factor
from abm.experiments.settings import DesignSettings, PosteriorDesign
from abm.experiments.shared_past import Course, course_of, forks_of, share_of_months
from abm.experiments.spec import Experiment
from abm.results.manifest import RUN_ID_DIGITS, run_id

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a study, made without knowing of the others; by default all. See `Plan.of_share`."""

    index: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read ``"3/8"``; raises AbmError if it is no share."""
        found = re.match(r"^(\d+)/(\d+)$", text)
        if found and 1 <= int(found[1]) <= int(found[2]):
            return cls(int(found[1]), int(found[2]))
        raise AbmError(
            f"--shard {text}: expected I/N with I from 1 to N, for example 3/8 for the third of eight shares"
        )

    @property
    def is_whole(self) -> bool:
        """Whether it is no share at all."""
        return self.of == 1

    @property
    def suffix(self) -> str:
        """Its part of the name of a file: nothing, or ``-1-of-2``."""
        return "" if self.is_whole else f"-{self.index}-of-{self.of}"

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run of a study; point and replicate count from 0."""

    run_id: str  # `abm.results.run_id` of its configuration and seed: the same run has the same id in every study
    scenario: str
    point: int
    replicate: int
    seed: int  # as `seeds_of` says: the same in all scenarios
    factors: Mapping[str, float]  # values at this point of the factors that vary in this scenario, by name


SEED_STRIDE = 10**12  # what the seeds of two replicates of a draw differ by: more than seeds differ from draw to draw


def seeds_of(design: DesignSettings | None, first: int, points: int, replicates: int) -> np.ndarray:
    """Seeds of the runs of a scenario, replicates × points: `first` plus the replicate, or each draw's own.

    Replicate 0 of a draw with a seed of its own is the run with which it was accepted.
    """
    own = design.seeds if isinstance(design, PosteriorDesign) else ()
    each = np.arange(replicates)[:, None]
    found = np.array(own, np.int64) + SEED_STRIDE * each if own else first + each
    return np.broadcast_to(found, (replicates, points))


class Plan:
    """All runs of a study: replicate by replicate, point by point, scenario by scenario.

    A row of the plan is a scenario at a point with a seed. Two rows are the same run, with one id, where a scenario
    does not vary from one point to another (``in:``), or where two points or scenarios are alike; `unique` has each
    run once. When a study grows, further replicates come last, further points and scenarios come between, and none of
    them changes the id of a run that was there. By default there are all replicates of the experiment, or for a study
    that stops by a rule, the most it may make.
    """

    def __init__(self, experiment: Experiment, replicates: int | None = None) -> None:
        self.experiment = experiment
        self.replicates = experiment.replicates.at_most if replicates is None else replicates
        self.points = make_points(experiment.design, experiment.factors)
        self._scenarios = [
            _ScenarioRuns.of(name, experiment, self.points, self.replicates) for name in experiment.scenarios
        ]
        self._shape = (self.replicates, len(self.points), len(self._scenarios))

    def __len__(self) -> int:
        return math.prod(self._shape)

    def __iter__(self) -> Iterator[PlannedRun]:
        for row in range(len(self)):
            yield self[row]

    def __getitem__(self, row: int) -> PlannedRun:
        replicate, point, place = map(int, np.unravel_index(row, self._shape))
        found = self._scenarios[place]
        return PlannedRun(
            run_id=self._ids[row].decode(),
            scenario=found.name,
            point=point,
            replicate=replicate,
            seed=int(found.seeds[replicate, point]),
            factors={factor.name: float(self.points[point, column]) for column, factor in found.factors},
        )

    def unique(self) -> Iterator[PlannedRun]:
        """Give each run once, at its first row."""
        _, first = np.unique(self._ids, return_index=True)
        for row in np.sort(first):
            yield self[int(row)]

    def ids(self) -> set[str]:
        """Ids of all runs."""
        return set(np.char.decode(self._ids, "ascii").tolist())

    def of_share(self, share: Share) -> Iterator[PlannedRun]:
        """Give each run of a share once: all scenarios of every n-th point and replicate, so that they can be compared.

        A run that several points have in common belongs to the share of the first.
        """
        place = share.index - 1
        return (run for run in self.unique() if (run.replicate * len(self.points) + run.point) % share.of == place)

    def config(self, run: PlannedRun) -> Config:
        """Make the complete configuration of a run, plots off."""
        return make_config(**self.resolved(run))

    def resolved(self, run: PlannedRun) -> dict[str, object]:
        """Write the complete configuration of a run out as plain data."""
        return self._scenarios[self._place(run)].resolve(self.points[run.point], run.seed)

    def forks(self, run: PlannedRun) -> list[tuple[int, str]]:
        """Months at which a run parts from others of its replicate, and the names of the states before them."""
        row = run.point * len(self._scenarios) + self._place(run)
        return [(month, self._courses[row].key(month, run.seed)) for month in self._forks[row]]

    def share_of_months(self) -> float:
        """Share of the months of all runs that has to be simulated; the others are shared."""
        return share_of_months(self._courses)

    def _place(self, run: PlannedRun) -> int:
        return list(self.experiment.scenarios).index(run.scenario)

    @cached_property
    def _courses(self) -> list[Course]:
        """Course of each scenario at each point, point by point."""
        pairs = product(self.points, self._scenarios)
        return [course_of(found.resolve(point, found.template["seed"])) for point, found in pairs]

    @cached_property
    def _forks(self) -> list[tuple[int, ...]]:
        return forks_of(self._courses)

    def frame(self) -> pd.DataFrame:
        """List all rows: run_id, scenario, point, replicate, seed, and one column of numbers for each factor.

        A factor that does not vary in a scenario is missing (NaN) in its rows.
        """
        import pandas as pd

        replicate, point, place = np.unravel_index(np.arange(len(self)), self._shape)
        columns: dict[str, object] = {
            "run_id": np.char.decode(self._ids, "ascii").astype(object),
            "scenario": np.array(list(self.experiment.scenarios), object)[place],
            "point": point,
            "replicate": replicate,
            "seed": np.stack([found.seeds for found in self._scenarios])[place, replicate, point],
        }
        for column, factor in enumerate(self.experiment.factors):
            varies = np.array([found.name in factor.scenarios for found in self._scenarios])
            columns[factor.name] = np.where(varies[place], self.points[point, column], np.nan)
        return pd.DataFrame(columns)

    @cached_property
    def _ids(self) -> np.ndarray:
        """Ids of all rows, 16 bytes each."""
        made = [np.array(found.ids(self.points), f"S{RUN_ID_DIGITS}") for found in self._scenarios]
        return np.stack(made, axis=-1).ravel()


@dataclass(frozen=True)
class _ScenarioRuns:
    """What is needed to name and to configure the runs of one scenario.

    Its configuration is plain data with a value for each of its factors, which have a column in the table of points and
    a path in the template.
    """

    name: str
    seeds: np.ndarray
    template: dict[str, Any]
    factors: tuple[tuple[int, Factor], ...]
    paths: tuple[KeyPath, ...]

    @classmethod
    def of(cls, name: str, experiment: Experiment, points: np.ndarray, replicates: int) -> _ScenarioRuns:
        template = copy.deepcopy(experiment.scenarios[name])
        factors = tuple(place for place in enumerate(experiment.factors) if name in place[1].scenarios)
        paths = tuple(apply(Override("", factor.parts, _value(factor, factor.low)), template) for _, factor in factors)
        seeds = seeds_of(experiment.design, int(template["seed"]), len(points), replicates)
        return cls(name, seeds, template, factors, paths)

    def ids(self, points: np.ndarray) -> list[str]:
        made = copy.deepcopy(self.template)  # one for all: copies would take longer than hashes
        return [
            run_id(self._fill(made, point, seed), seed)
            for seeds in self.seeds.tolist()
            for point, seed in zip(points, seeds, strict=True)
        ]

    def resolve(self, point: np.ndarray, seed: int) -> dict[str, object]:
        return self._fill(copy.deepcopy(self.template), point, seed)

    def _fill(self, made: dict[str, object], point: np.ndarray, seed: int) -> dict[str, object]:
        """Put the values of a point, and a seed, into a copy of the template."""
        for path, (column, factor) in zip(self.paths, self.factors, strict=True):
            _put(made, path, _value(factor, point[column]))
        made["seed"] = seed
        return made


def _value(factor: Factor, value: float) -> float | int:
    return int(value) if factor.whole else float(value)


def _put(data: Any, path: KeyPath, value: object) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value
