"""The runs of a study as arrays: scenario × point × replicate × month, missing runs as blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.analysis.window import Window
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats, Measure, summarise

if TYPE_CHECKING:
    import pandas as pd

Months = NDArray[np.datetime64]

FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Panel:
    """Outcomes of all runs of a study.

    Attributes
    ----------
    scenarios
        Names; the first is the reference.
    points, replicates
        Numbers of the points of the design and of the replicates, ascending.
    months
        First days of the months, as ``datetime64[M]``.
    values
        By outcome, of shape (scenarios, points, replicates, months); not a number where the run is missing or the month
        blank.
    there, planned, failed
        Of shape (scenarios, points, replicates): runs that have results, that were planned, that have failed.
    dropped
        Months that are not in all runs, and were left out.
    """

    scenarios: tuple[str, ...]
    points: NDArray[np.int64]
    replicates: NDArray[np.int64]
    months: Months
    values: Mapping[str, Floats]
    there: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    failed: NDArray[np.bool_]
    dropped: tuple[str, ...] = ()

    @classmethod
    def of(cls, design: pd.DataFrame, table: pd.DataFrame, outcomes: Sequence[str], reference: str) -> Panel:
        """Lay the rows of a table out by the rows of a design.

        Parameters
        ----------
        design
            One row a planned run: run_id, scenario, point, replicate and, if it is there, status. Rows may share a run.
        table
            One row a run and month: run_id, month, and the outcomes.
        outcomes
            Columns of `table`.
        reference
            Scenario that comes first.

        Raises
        ------
        AnalysisError
            If no run is finished, or runs have no month in common.
        """
        import pandas as pd

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
        months, month = np.unique(_months_of(table), return_inverse=True)
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
            failed[place] = design["status"].to_numpy() == FAILED
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

    @cached_property
    def pairs(self) -> NDArray[np.bool_]:
        """Where both a scenario's run and the reference's are there, of the shape of `there`."""
        return self.there & self.there[:1]

    def within(self, window: Window) -> Panel:
        """Keep the months of a window.

        Raises
        ------
        AnalysisError
            If there are none.
        """
        inside = window.holds(self.months)
        if not inside.any():
            raise AnalysisError(
                f"the window {window} has no month of the study, which runs from {self.months[0]} to {self.months[-1]}"
            )
        return self.replaced(self.months[inside], {name: found[..., inside] for name, found in self.values.items()})

    def replaced(self, months: Months, values: Mapping[str, Floats]) -> Panel:
        """Give the same runs other months and values."""
        return replace(self, months=months, values=values)

    def summary(self, outcome: str, measure: Measure) -> Floats:
        """One number a run, of shape (scenarios, points, replicates)."""
        return summarise(self.values[outcome], measure)

    def yearly(self, measures: Mapping[str, Measure]) -> Panel | None:
        """Make years of the months: calendar years that are there as a whole; None if there are fewer than two.

        Parameters
        ----------
        measures
            How the months of a year become one number, by outcome.
        """
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
        return self.replaced(whole.astype("datetime64[Y]").astype("datetime64[M]"), found)


def _months_of(table: pd.DataFrame) -> Months:
    """Month of each row, from dates of any kind."""
    import pandas as pd

    column = table["month"]
    found: Months = pd.to_datetime(column).to_numpy().astype("datetime64[M]")
    return found


def group_points(values: Floats, size: int) -> Floats:
    """Put each `size` points that belong together (a trajectory, a base point and its company) into one, by their mean.

    Parameters
    ----------
    values
        Of shape (points, …), not a number where missing.
    size
        Points that go together; points that do not fill such groups stay as they are.
    """
    if size <= 1 or len(values) % size:
        return values
    apart = values.reshape(len(values) // size, size, *values.shape[1:])
    return summarise(np.moveaxis(apart, 1, -1), "mean")
