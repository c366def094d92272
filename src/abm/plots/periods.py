"""Time in figures: the whole years that a flow "a year" is counted over, and the axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

Months = NDArray[np.int64]
"""Months since January of year 0, as in `abm.engine.calendar`."""


def months_of(frame: pd.DataFrame) -> Months:
    """Month of each row, from dates of any kind (Parquet's date32 as well as datetime64)."""
    months = pd.to_datetime(frame["month"]).to_numpy().astype("datetime64[M]").astype(np.int64)
    return months + 1970 * 12


def values_of(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Values of a column as floats."""
    return frame[column].to_numpy(dtype=np.float64)


_YEARS_FROM = 36  # label years, not months, in runs of more months than this
_YEAR_ROOM, _MONTH_ROOM = 34, 54  # points that a label takes with the gap beside it


@dataclass(frozen=True)
class Period:
    """A span of months cut into steps of equal length.

    Attributes
    ----------
    first, last
        First and last month, both included.
    step
        12 where flows are counted a year, 1 where a month.
    """

    first: int
    last: int
    step: int

    @property
    def per(self) -> str:
        """Words behind a flow: "a year" or "a month"."""
        return "a year" if self.step == 12 else "a month"

    @property
    def steps(self) -> int:
        """Number of years or months."""
        return (self.last - self.first + 1) // self.step

    @property
    def words(self) -> str:
        """The span in words: "2009 to 2028" or "2009-01 to 2009-05"."""
        ends = [
            f"{month // 12:04d}" + ("" if self.step == 12 else f"-{month % 12 + 1:02d}")
            for month in (self.first, self.last)
        ]
        return " to ".join(dict.fromkeys(ends))

    def rows_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table that lie in the span."""
        months = months_of(frame)
        return frame[(months >= self.first) & (months <= self.last)]

    def sums(self, frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
        """Sum of a column in each step."""
        rows = self.rows_of(frame)
        index = (months_of(rows) - self.first) // self.step
        return np.bincount(index, weights=values_of(rows, column), minlength=self.steps)

    def mean(self, frame: pd.DataFrame, column: str) -> float:
        """Mean over the steps of the column's sum in a step."""
        return float(self.rows_of(frame)[column].sum()) / self.steps

    def edges(self) -> NDArray[np.float64]:
        """First days of all steps and the day after the last, as in `days`."""
        return days(np.arange(self.first, self.last + 2, self.step))


def days(months: Months) -> NDArray[np.float64]:
    """First day of each month, as days since the first of January 1970."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)


def set_time_axis(axes: Axes, first: int, last: int) -> None:
    """Let the horizontal axis run over whole months, with a tick where a labelled year (or month) begins."""
    span = last - first + 1
    choices, room = ((12, 24, 60, 120), _YEAR_ROOM) if span > _YEARS_FROM else ((1, 2, 3, 6, 12), _MONTH_ROOM)
    most = axes.get_window_extent().width * 72 / axes.figure.dpi / room
    step = next((step for step in choices if span <= step * most), choices[-1])
    ticks = np.arange(-(-first // step) * step, last + 2, step)
    ticks = ticks[ticks <= last]
    axes.set_xlim(*days(np.array([first, last + 1])))
    axes.set_xticks(days(ticks))
    axes.set_xticklabels([f"{tick // 12}" if step >= 12 else f"{tick // 12}-{tick % 12 + 1:02d}" for tick in ticks])


def whole_years(months: Months, *, at_least: int = 1) -> Period:
    """Calendar years that are in the run from January to December; all its months if these are too few.

    A started year is left out rather than scaled up: departures have seasons, and policies begin in mid-year.
    """
    first, last = int(months.min()), int(months.max())
    first_january, last_december = -(-first // 12) * 12, (last + 1) // 12 * 12 - 1
    if last_december - first_january + 1 >= 12 * at_least:
        return Period(first_january, last_december, 12)
    return Period(first, last, 1)
