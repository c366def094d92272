"""The runs of a study as arrays: scenario × point × replicate × month, missing runs as blanks.

With the window of months over which outcomes are added up, and the way in which intervals of their means are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from abm.engine.calendar import parse_month
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats, Measure, summarise
from abm.experiments.intervals import Interval, Points, mean_interval


@dataclass(frozen=True)
class Window:
    """First and last month, ``"2018-01"``, both included; None where it is open. Raises AnalysisError if it is none."""

    first: str | None = None
    last: str | None = None

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read ``"2018-01:2022-12"``; either end may be left out. Raises AnalysisError if it is no window."""
        ends = [end.strip() or None for end in text.split(":")]
        if len(ends) != 2:
            raise AnalysisError(f"the window '{text}' is not of the form FROM:UNTIL; write it as 2018-01:2022-12")
        return cls(*ends)

    def __post_init__(self) -> None:
        try:
            numbers = [parse_month(end) for end in (self.first, self.last) if end]
        except ValueError as error:
            raise AnalysisError(f"in the window '{self}', {error}") from None
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise AnalysisError(f"the window '{self}' ends before it begins")

    def holds(self, months: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Tell which months lie in it."""
        inside = np.ones(len(months), bool)
        if self.first:
            inside &= months >= np.datetime64(self.first, "M")
        if self.last:
            inside &= months <= np.datetime64(self.last, "M")
        return inside

    def __str__(self) -> str:
        return f"{self.first or ''}:{self.last or ''}"

    @property
    def words(self) -> str:
        """Both ends in words: ``2018-01 to 2022-12``; one month alone: ``2017-12``."""
        return self.first if self.first and self.first == self.last else str(self).replace(":", " to ")


WindowLike = str | tuple[str | None, str | None] | Window | None
"""``"2018-01:2022-12"``, two months, a window, or None for the whole span."""


def as_window(given: WindowLike) -> Window:
    """Take a window in any of its forms; None is the whole span."""
    if given is None or isinstance(given, Window):
        return given or Window()
    return Window.parse(given) if isinstance(given, str) else Window(*given)


@dataclass(frozen=True, eq=False)
class Draws:
    """Which points are the same draw of a posterior, and the same run.

    A file of draws may hold a draw several times, for its weight, or with several seeds.
    """

    numbers: tuple[int, ...]  # for each point the number of its set of parameters, from 0
    seeds: NDArray[np.int64]  # seed of each run, points × replicates


@dataclass(frozen=True, eq=False)
class Panel:
    """Outcomes of all runs of a study."""

    scenarios: tuple[str, ...]  # names; the first is the reference
    # points, replicates, months: numbers of the points of the design and of the replicates, and months as
    # ``datetime64[M]``, ascending
    points: NDArray[np.int64]
    replicates: NDArray[np.int64]
    months: NDArray[np.datetime64]
    # by outcome, of shape (scenarios, points, replicates, months); not a number where the run is missing or the month
    # blank
    values: Mapping[str, Floats]
    # there, planned, failed: of shape (scenarios, points, replicates): runs that have results, that were planned, that
    # have failed
    there: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    dropped: tuple[str, ...] = ()  # months that are not in all runs, and were left out

    @classmethod
    def of(cls, design: pd.DataFrame, table: pd.DataFrame, outcomes: Sequence[str], reference: str) -> Panel:
        """Lay the rows of a table out by the rows of a design, the reference first.

        The design has one row a planned run: run_id, scenario, point, replicate and, if it is there, status; rows may
        share a run. The table has one row a run and month: run_id, month, and the outcomes. Raises AnalysisError if no
        run is finished, or runs have no month in common.
        """
        names = list(dict.fromkeys([reference, *design["scenario"].astype(str)]))
        scenario = pd.Categorical(design["scenario"].astype(str), categories=names).codes.astype(np.int64)
        points, point = np.unique(design["point"].to_numpy(np.int64), return_inverse=True)
        replicates, replicate = np.unique(design["replicate"].to_numpy(np.int64), return_inverse=True)
        place = (scenario, point, replicate)
        shape = (len(names), len(points), len(replicates))

        runs = pd.Index(table["run_id"].unique())
        if not len(runs):
            raise AnalysisError("no run of the study is finished yet; start 'abm sweep' again to go on with it")
        row = runs.get_indexer(table["run_id"])
        months, month = np.unique(
            pd.to_datetime(table["month"]).to_numpy().astype("datetime64[M]"), return_inverse=True
        )
        has_month = np.zeros((len(runs), len(months)), bool)
        has_month[row, month] = True  # a run that stands in several rows of the design may come several times
        shared = has_month.all(0)
        of_design = runs.get_indexer(design["run_id"])
        known = of_design >= 0
        where = tuple(axis[known] for axis in place)

        values = {}
        for name in outcomes:
            by_run = np.full((len(runs), len(months)), np.nan)
            by_run[row, month] = table[name].to_numpy(np.float64, na_value=np.nan)
            values[name] = np.full((*shape, int(shared.sum())), np.nan)
            values[name][where] = by_run[of_design[known]][:, shared]
        there, planned, failed = (np.zeros(shape, bool) for _ in range(3))
        there[where] = True
        planned[place] = True
        if "status" in design:
            failed[place] = design["status"].to_numpy() == "failed"
        if not shared.any():
            raise AnalysisError(
                "the runs of the study have no month in common; give its scenarios the same start and end"
            )
        kept, dropped = months[shared], tuple(str(left) for left in months[~shared])
        return cls(tuple(names), points, replicates, kept, values, there, planned, failed & ~there, dropped)

    @property
    def reference(self) -> str:
        """Name of the reference."""
        return self.scenarios[0]

    @property
    def span(self) -> Window:
        """First and last of its months."""
        return Window(str(self.months[0]), str(self.months[-1]))

    @cached_property
    def pairs(self) -> NDArray[np.bool_]:
        """Where both a scenario's run and the reference's are there, of the shape of `there`."""
        return self.there & self.there[:1]

    def within(self, window: Window) -> Panel:
        """Keep the months of a window; an AnalysisError says that there are none."""
        inside = window.holds(self.months)
        if not inside.any():
            raise AnalysisError(
                f"the window {window} has no month of the study, which runs from {self.months[0]} to {self.months[-1]}"
            )
        values = {name: found[..., inside] for name, found in self.values.items()}
        return replace(self, months=self.months[inside], values=values)

    def distinct(self, draws: Draws) -> Panel:
        """Give each set of parameters one point, with each of its runs once, in place of its replicates."""
        runs: dict[int, dict[int, tuple[int, ...]]] = {}
        for place, seed in np.ndenumerate(draws.seeds):
            runs.setdefault(draws.numbers[place[0]], {}).setdefault(int(seed), place)
        most = max(len(found) for found in runs.values())
        where = np.full((len(runs), most, 2), -1)
        for row, number in enumerate(sorted(runs)):
            where[row, : len(runs[number])] = list(runs[number].values())
        point, replicate = where[..., 0], where[..., 1]
        there, planned, failed = (
            found[:, point, replicate] & (point >= 0) for found in (self.there, self.planned, self.failed)
        )
        values = {
            name: np.where((point >= 0)[..., None], found[:, point, replicate], np.nan)
            for name, found in self.values.items()
        }
        return replace(
            self, points=np.arange(len(runs)), replicates=np.arange(most), values=values, there=there,
            planned=planned, failed=failed,
        )  # fmt: skip

    def summary(self, outcome: str, measure: Measure) -> Floats:
        """One number a run, of shape (scenarios, points, replicates)."""
        return summarise(self.values[outcome], measure)

    def yearly(self, measures: Mapping[str, Measure]) -> Panel | None:
        """Make whole calendar years of the months, by the measure of each outcome; None if there are fewer than two."""
        year = self.months.astype("datetime64[Y]").astype(np.int64)
        years, counts = np.unique(year, return_counts=True)
        whole = years[counts == 12]
        if len(whole) < 2:
            return None
        inside = np.isin(year, whole)
        found = {
            name: summarise(values[..., inside].reshape(*values.shape[:-1], len(whole), 12), measures[name])
            for name, values in self.values.items()
            if name in measures
        }
        return replace(self, months=whole.astype("datetime64[Y]").astype("datetime64[M]"), values=found)


def group_points(values: Floats, size: int) -> Floats:
    """Put each `size` points that belong together (a trajectory, a base point and its company) into one, by their mean.

    Values are of shape (points, …), not a number where missing; points that do not fill such groups stay as they are.
    """
    if size <= 1 or len(values) % size:
        return values
    apart = values.reshape(len(values) // size, size, *values.shape[1:])
    return summarise(np.moveaxis(apart, 1, -1), "mean")


# ------------------------------------------------------------------------------------------------------------ intervals


@dataclass(frozen=True)
class IntervalChoice:
    """How intervals are made."""

    level: float = 0.95  # probability of covering
    # ``random`` where points of the design are a sample of what is uncertain, ``fixed`` where they were chosen,
    # ``nested`` where they are a sample and each has seeds of its own
    points: Points = "random"
    # points that are no independent draws: one base point and its company in a Saltelli design, one trajectory
    together: int = 1
    # clusters, seeds: number of the draw of each point, where points are draws, and the seed of each run; empty where
    # all differ
    clusters: tuple[int, ...] = ()
    seeds: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        check_level(self.level)

    def mean(self, values: Floats, per: ArrayLike = 1.0) -> Interval:
        """Interval of a mean of (points, replicates, …), or of its ratio to that of `per`."""
        both = np.isfinite(values) & np.isfinite(per)
        above, below = (group_points(np.where(both, found, np.nan), self.together) for found in (values, per))
        how: dict[str, Any] = {name: value for name, value in vars(self).items() if name != "together"}
        return mean_interval(above, below, **how)


def check_level(level: float) -> None:
    """Refuse a level of intervals that is no probability."""
    if not 0 < level < 1:
        raise AnalysisError(f"the level of an interval is {level:g}; it must lie between 0 and 1, such as 0.95")
