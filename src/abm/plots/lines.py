"""Curves over time, shared by the figures: flows as blocks, stocks as lines named at their ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from abm.plots.periods import Period, days, months_of, set_time_axis
from abm.plots.style import halo

Values = NDArray[np.float64]


def draw_flow(axes: Axes, period: Period, values: Values, colour: str) -> None:
    """Draw a flow as a block over each year (or month) in which it is counted."""
    edges = period.edges()
    axes.stairs(values, edges, fill=True, color=colour, alpha=0.25, linewidth=0)
    axes.stairs(values, edges, baseline=None, color=colour, linewidth=1.6)
    set_time_axis(axes, period.first, period.last)
    axes.set_ylim(0, 1.08 * values.max() or 1)


def span_of(frame: pd.DataFrame) -> str:
    """Span of a table in words, to the month where its years are not whole."""
    months = months_of(frame)
    first, last = int(months.min()), int(months.max())
    whole = first % 12 == 0 and last % 12 == 11
    return Period(first, last, 12 if whole else 1).words


def draw_lines(axes: Axes, frame: pd.DataFrame, lines: dict[str, tuple[Values, str]], *, labelled: bool = True) -> None:
    """Draw stocks month by month, each named at its right end."""
    months = months_of(frame)
    where = days(months + 1)  # a stock is counted at the end of its month
    top = max(float(np.nanmax(values, initial=0)) for values, _ in lines.values()) or 1.0
    for values, colour in lines.values():
        marker = "o" if len(months) < 3 else None
        axes.plot(where, values, color=colour, linewidth=1.8, marker=marker, markersize=5, clip_on=False)
    set_time_axis(axes, int(months.min()), int(months.max()))
    axes.set_ylim(0, 1.12 * top)
    if labelled:
        ends = {label: (float(values[-1]), colour) for label, (values, colour) in lines.items()}
        name_ends(axes, ends, gap=0.14 * 1.12 * top)


def name_ends(axes: Axes, ends: dict[str, tuple[float, str]], gap: float) -> None:
    """Write names to the right of the axes, moved apart where lines end together."""
    lowest = -np.inf
    for label, (value, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        lowest = max(value, lowest + gap)
        name = axes.annotate(
            label, (1, lowest), xycoords=("axes fraction", "data"), xytext=(7, 0), textcoords="offset points",
            color=colour, va="center", weight="bold", annotation_clip=False,
        )  # fmt: skip
        halo(name)


MARKERS = "osD^vPX*"
"""Shapes that tell lines apart where colours cannot be seen."""

_APART = 0.062
"""Least distance of two names beside the axes, as a share of its height of 3 inches."""


def draw_steps(
    axes: Axes, period: Period, lines: dict[str, tuple[Values, str]], *, log: bool = False, named: bool = True
) -> None:
    """Draw values by year (or month) as lines with markers, each named at its right end; gaps where there is none."""
    edges = period.edges()
    middle = (edges[:-1] + edges[1:]) / 2
    few = period.steps <= _MANY_STEPS
    for place, (values, colour) in enumerate(lines.values()):
        shape = MARKERS[place % len(MARKERS)]
        every = 1 if few else period.steps // _MANY_STEPS + 1
        axes.plot(
            middle, values, color=colour, linewidth=1.6, marker=shape, markersize=4, markevery=every,
            markeredgecolor="white", markeredgewidth=0.5, clip_on=False,
        )  # fmt: skip
    set_time_axis(axes, period.first, period.last)
    known = np.concatenate([values for values, _ in lines.values()] or [np.zeros(0)])
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if log:
        low, high = (known.min(), known.max()) if known.size else (1.0, 10.0)
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
    else:
        axes.set_ylim(0, 1.12 * (known.max(initial=0.0) or 1.0))
    if named:
        name_steps(axes, lines)


def name_steps(axes: Axes, lines: dict[str, tuple[Values, str]]) -> None:
    """Name lines at their last known value."""
    name_lines(axes, {label: (last_known(values), colour) for label, (values, colour) in lines.items()})


def name_lines(axes: Axes, ends: dict[str, tuple[float, str]]) -> None:
    """Write names to the right of the axes at the height of their values, moved apart where they would overlap.

    Names of values that are not there are left out.
    """
    figure = axes.figure
    assert figure is not None
    to_axes = axes.transData + axes.transAxes.inverted()
    known = {label: end for label, end in ends.items() if np.isfinite(end[0])}
    height = axes.get_window_extent().height / figure.dpi
    sizes = {label: _APART * 3 / height * (1 + 0.85 * label.count("\n")) for label in known}
    rows = sorted((float(to_axes.transform((0, value))[1]), label) for label, (value, _) in known.items())
    heights: list[float] = []
    for k, (wish, label) in enumerate(rows):
        gap = (sizes[label] + sizes[rows[k - 1][1]]) / 2 if k else 0.0
        heights.append(max(wish, heights[-1] + gap) if k else wish)
    above = max(heights[-1] - 1.0, 0.0) if heights else 0.0
    for k in range(len(rows) - 1, -1, -1):  # what would stand above the axes pushes its neighbours down
        heights[k] -= above
        if k == 0:
            break
        gap = (sizes[rows[k][1]] + sizes[rows[k - 1][1]]) / 2
        above = max(heights[k - 1] + gap - heights[k], 0.0)
    for (_, label), place in zip(rows, heights, strict=True):
        halo(axes.annotate(
            label, (1, place), xycoords="axes fraction", xytext=(7, 0), textcoords="offset points",
            color=known[label][1], va="center", weight="bold", annotation_clip=False, linespacing=1.05,
        ))  # fmt: skip


def means_by_step(period: Period, frame: pd.DataFrame, column: str, weights: Values | None = None) -> Values:
    """Mean of a column in each step over the months that have a value; not a number where no month has one.

    Parameters
    ----------
    period, frame, column
        Steps, table, column.
    weights
        Weight of each row of the table; equal if left out.
    """
    months = months_of(frame)
    inside = (months >= period.first) & (months <= period.last)
    values = frame[column].to_numpy(dtype=np.float64)
    size = np.ones(len(frame)) if weights is None else np.asarray(weights, dtype=np.float64)
    chosen = inside & np.isfinite(values) & (size > 0)
    step = (months[chosen] - period.first) // period.step
    total = np.bincount(step, values[chosen] * size[chosen], period.steps)
    weight = np.bincount(step, size[chosen], period.steps)
    found: Values = np.divide(total, weight, out=np.full(period.steps, np.nan), where=weight > 0)
    return found


def last_known(values: Values) -> float:
    """Last value that is known."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else float("nan")


_MANY_STEPS = 30
"""Steps from which not each gets its marker."""
