"""Time in figures: the whole years that flows are counted over, the axis, blocks and lines, and names at their ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from abm.engine.calendar import format_month
from abm.plots.style import OKABE_ITO, halo, ink_of, magnitude
from abm.results.tables import months_of

Values = NDArray[np.float64]
Months = NDArray[np.int64]
"""Months since January of year 0, as in `abm.engine.calendar`."""

type Lines = Mapping[str, tuple[Values, str]]
"""Values and colour of each line by its name."""

MARKERS = dict(zip(OKABE_ITO.values(), "sX^*oDvP", strict=True))
"""Shape for each colour, so that lines can be distinguished without colour."""

TIMED = "over time"  # label, shown nowhere, of axes whose horizontal axis is time

_YEARS_FROM = 36  # label years, not months, in runs of more months than this
_YEAR_ROOM, _MONTH_ROOM = 34, 54  # points that a label takes with the gap beside it
_MANY_STEPS = 30  # from here on not each value gets its marker
_NAME_HEIGHT = 11.5  # points that a line of a name takes
_NEAR, _FAR = 7, 22  # points between the axes and a name: beside its line, and where a line leads to it


# ----------------------------------------------------------------------------------------------------------------- time


def rows_by(frame: pd.DataFrame, keys: pd.Series) -> dict[str, pd.DataFrame]:
    """Rows of a table by key, in the order in which the keys come."""
    return {str(key): rows for key, rows in frame.groupby(keys.astype(str), sort=False)}


def values_of(frame: pd.DataFrame, column: str) -> Values:
    """Values of a column as floats."""
    return frame[column].to_numpy(dtype=np.float64)


def last_known(values: Values) -> float:
    """Last value that is known."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else float("nan")


def days(months: Months) -> Values:
    """First day of each month, as days since the first of January 1970."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)


@dataclass(frozen=True)
class Period:
    """Months from `first` to `last`, both included, cut into steps: of 12 where flows are counted a year, else of 1."""

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
        letters = 4 if self.step == 12 else 7
        return " to ".join(dict.fromkeys(format_month(month)[:letters] for month in (self.first, self.last)))

    def years(self) -> dict[int, Period]:
        """Each calendar year; the year of the first month for all months, where steps are of one."""
        if self.step == 1:
            return {self.first // 12: self}
        return {month // 12: Period(month, month + 11, 12) for month in range(self.first, self.last, 12)}

    def rows_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table that lie in the span."""
        months = months_of(frame)
        return frame[(months >= self.first) & (months <= self.last)]

    def sums(self, frame: pd.DataFrame, column: str) -> Values:
        """Sum of a column in each step."""
        rows = self.rows_of(frame)
        index = (months_of(rows) - self.first) // self.step
        return np.bincount(index, weights=values_of(rows, column), minlength=self.steps)

    def mean(self, frame: pd.DataFrame, column: str) -> float:
        """Mean over the steps of the column's sum in a step."""
        return float(self.rows_of(frame)[column].sum()) / self.steps

    def edges(self) -> Values:
        """First days of all steps and the day after the last, as in `days`."""
        return days(np.arange(self.first, self.last + 2, self.step))


def whole_years(months: Months, *, at_least: int = 1) -> Period:
    """Calendar years that are in the run from January to December; all its months if these are too few.

    A started year is left out rather than scaled up: departures have seasons, and policies begin in mid-year.
    """
    first, last = int(months.min()), int(months.max())
    first_january, last_december = -(-first // 12) * 12, (last + 1) // 12 * 12 - 1
    if last_december - first_january + 1 >= 12 * at_least:
        return Period(first_january, last_december, 12)
    return Period(first, last, 1)


def period_of(frame: pd.DataFrame) -> Period:
    """Whole calendar years of a table, or its months if there are fewer than two such years."""
    return whole_years(months_of(frame), at_least=2)


def span_of(frame: pd.DataFrame) -> str:
    """Span of a table in words, to the month where its years are not whole."""
    months = months_of(frame)
    first, last = int(months.min()), int(months.max())
    whole = first % 12 == 0 and last % 12 == 11
    return Period(first, last, 12 if whole else 1).words


def means_by_step(period: Period, frame: pd.DataFrame, column: str, weights: Values | None = None) -> Values:
    """Mean of a column in each step, not a number where it has no value; `weights` by row, equal if left out."""
    months = months_of(frame)
    inside = (months >= period.first) & (months <= period.last)
    values = values_of(frame, column)
    size = np.ones(len(frame)) if weights is None else weights
    chosen = inside & np.isfinite(values) & (size > 0)
    step = (months[chosen] - period.first) // period.step
    total = np.bincount(step, values[chosen] * size[chosen], period.steps)
    weight = np.bincount(step, size[chosen], period.steps)
    return np.divide(total, weight, out=np.full(period.steps, np.nan), where=weight > 0)


def set_time_axis(axes: Axes, first: int, last: int) -> None:
    """Let the horizontal axis run over whole months, with a tick where a labelled year (or month) begins."""
    span = last - first + 1
    choices, room = ((12, 24, 60, 120), _YEAR_ROOM) if span > _YEARS_FROM else ((1, 2, 3, 6, 12), _MONTH_ROOM)
    most = axes.get_window_extent().width * 72 / axes.figure.dpi / room
    step = next((step for step in choices if span <= step * most), choices[-1])
    ticks = np.arange(-(-first // step) * step, last + 1, step)
    axes.set_xlim(*days(np.array([first, last + 1])))
    axes.set_xticks(days(ticks))
    axes.set_xticklabels([format_month(tick)[: 4 if step >= 12 else 7] for tick in ticks.tolist()])
    axes.set_label(TIMED)


# ----------------------------------------------------------------------------------------------------- blocks and lines


def draw_flow(axes: Axes, period: Period, values: Values, colour: str) -> None:
    """Draw a flow as a block over each year (or month) in which it is counted."""
    edges = period.edges()
    axes.stairs(values, edges, fill=True, color=colour, alpha=0.25, linewidth=0)
    axes.stairs(values, edges, baseline=None, color=colour, linewidth=1.6)
    set_time_axis(axes, period.first, period.last)
    axes.set_ylim(0, 1.08 * values.max() or 1)


def lines_of(
    of: Callable[[pd.DataFrame, str], Values], frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]]
) -> Lines:
    """Work out lines by their column and colour, those of which a table has the column."""
    return {name: (of(frame, column), colour) for name, (column, colour) in columns.items() if column in frame}


def scaled(lines: Lines) -> tuple[Lines, float, str]:
    """Divide lines by a million or more, where they are so large; gives the divisor too, as a number and in words."""
    divisor, word = magnitude(max(float(values.max(initial=0.0)) for values, _ in lines.values()))
    return {name: (values / divisor, colour) for name, (values, colour) in lines.items()}, divisor, word


def draw_lines(axes: Axes, frame: pd.DataFrame, lines: Lines) -> None:
    """Draw stocks month by month, each named at its right end; one with an empty name is not named."""
    months = months_of(frame)
    where = days(months + 1)  # a stock is counted at the end of its month
    top = max(float(np.nanmax(values, initial=0)) for values, _ in lines.values()) or 1.0
    for values, colour in lines.values():
        marker = "o" if len(months) < 3 else None
        axes.plot(where, values, color=colour, linewidth=1.8, marker=marker, markersize=5, clip_on=False)
    set_time_axis(axes, int(months.min()), int(months.max()))
    axes.set_ylim(0, 1.12 * top)
    name_lines(axes, {label: End(float(values[-1]), colour) for label, (values, colour) in lines.items()})


def draw_steps(
    axes: Axes,
    period: Period,
    lines: Lines,
    *,
    log: bool = False,
    keep_scale: bool = False,
    dashes: Mapping[str, object] | None = None,
) -> None:
    """Draw values by year (or month) as lines with markers, each named at its right end; gaps where there is none.

    The scale begins at zero, unless it is logarithmic (`log`) or there already (`keep_scale`). `dashes`: line styles by
    name, solid by default.
    """
    edges = period.edges()
    middle = (edges[:-1] + edges[1:]) / 2
    every = 1 if period.steps <= _MANY_STEPS else period.steps // _MANY_STEPS + 1
    for name, (values, colour) in lines.items():
        axes.plot(
            middle, values, color=colour, linewidth=1.6, marker=MARKERS.get(colour, "h"), markersize=4,
            markevery=_marked(values, every), markeredgecolor="white", markeredgewidth=0.5, clip_on=False,
            linestyle=(dashes or {}).get(name, "solid"),
        )  # fmt: skip
    set_time_axis(axes, period.first, period.last)
    known = np.concatenate([values for values, _ in lines.values()] or [np.zeros(0)])
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if log:
        low, high = (known.min(), known.max()) if known.size else (1.0, 10.0)
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
    elif not keep_scale:
        axes.set_ylim(0, 1.12 * (known.max(initial=0.0) or 1.0))
    name_lines(axes, {label: _end_of(period, values, colour) for label, (values, colour) in lines.items()})


def _marked(values: Values, every: int) -> list[int]:
    """Values that get a marker: one in so many, and all that stand alone, which no line shows."""
    known = np.isfinite(values)
    beside = np.concatenate([[False], known[:-1]]) | np.concatenate([known[1:], [False]])
    chosen = np.arange(values.size) % every == 0
    return [int(place) for place in np.flatnonzero(known & (chosen | ~beside))]


def stack_blocks(
    axes: Axes, period: Period, parts: Lines, *, top: float | None = None, hatches: Sequence[str] = ("",)
) -> None:
    """Draw parts of a flow on top of each other, each named at its last height; up to `top`, or what they need."""
    edges, floor = period.edges(), np.zeros(period.steps)
    ends = {}
    for place, (name, (values, colour)) in enumerate(parts.items()):
        roof = floor + values
        axes.stairs(
            roof, edges, baseline=floor, fill=True, facecolor=colour, edgecolor="white", alpha=0.8,
            hatch=hatches[place % len(hatches)], linewidth=0.6,
        )  # fmt: skip
        if values.any():
            ends[name] = End(float(floor[-1] + roof[-1]) / 2, colour)
        floor = roof
    set_time_axis(axes, period.first, period.last)
    axes.set_ylim(0, top or 1.08 * (floor.max() or 1.0))
    name_lines(axes, ends)


class End(NamedTuple):
    """Where a line or a block ends that is to be named; `place` on the axis of time, days, or the right edge."""

    value: float
    colour: str
    place: float | None = None


def _end_of(period: Period, values: Values, colour: str) -> End:
    """Last known value of a line drawn by `draw_steps`; not a number if there is none."""
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return End(float("nan"), colour)
    edges = period.edges()
    return End(float(values[known[-1]]), colour, float(edges[known[-1] : known[-1] + 2].mean()))


def name_lines(axes: Axes, ends: Mapping[str, End]) -> None:
    """Write names to the right of the axes, at the height of what they name or as near as there is room.

    Where a name has to make room for another one, thin lines lead from the ends to the names. Empty names and those of
    values that are not there are left out.
    """
    figure = axes.figure
    assert figure is not None
    box = axes.get_window_extent()
    points_wide, points_high = box.width * 72 / figure.dpi, box.height * 72 / figure.dpi
    to_axes = axes.transData + axes.transAxes.inverted()
    known = [(label, end) for label, end in ends.items() if label and np.isfinite(end.value)]
    known.sort(key=lambda named: to_axes.transform((0, named[1].value))[1])
    wanted = np.array([to_axes.transform((0, end.value))[1] for _, end in known])
    sizes = np.array([_NAME_HEIGHT * (1 + label.count("\n")) / points_high for label, _ in known])
    heights = spread(wanted, sizes)
    led = bool((np.abs(heights - wanted) > 0.3 * sizes).any())
    reach = _FAR if led else _NEAR
    for (label, end), own, height in zip(known, wanted.tolist(), heights.tolist(), strict=True):
        colour = ink_of(end.colour)
        if led:
            begin = 1.0 if end.place is None else float(to_axes.transform((end.place, 0))[0])
            across = [begin, 1 + 3 / points_wide, 1 + (reach - 3) / points_wide]
            axes.add_artist(
                Line2D(across, [own, own, height], transform=axes.transAxes, clip_on=False,
                       color=colour, linewidth=0.7, alpha=0.8, zorder=1.5)
            )  # fmt: skip
        halo(axes.annotate(
            label, (1, height), xycoords="axes fraction", xytext=(reach, 0), textcoords="offset points",
            color=colour, va="center", weight="bold", annotation_clip=False, linespacing=1.05,
        ))  # fmt: skip


def spread(wanted: Values, sizes: Values) -> Values:
    """Heights of names of those `sizes` that do not overlap, in [0, 1], and are nearest to those wanted, which rise."""
    if not wanted.size:
        return wanted
    from scipy.optimize import isotonic_regression

    below = np.concatenate([[0.0], np.cumsum((sizes[1:] + sizes[:-1]) / 2)])
    free = isotonic_regression(wanted - below).x  # names that push each other aside stand around their mean
    return np.clip(free, 0.0, max(1.0 - below[-1], 0.0)) + below
