"""Figures of one run: panels over time, on which the levers, the records and the opening of the run are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.naming import Dated
from abm.plots.curves import TIMED, Period, Values, days, months_of, whole_years
from abm.plots.sheet import Sheet
from abm.plots.style import GRID, INK, MUTED, SMALL, About, Plate

SETTLING = 24  # months in which a run finds its level: nobody is under way at its start. See the limits of the model

SETTLES = "Grey background: the first two years, in which a run still settles; leave them out of levels."

NEAR = 6.0  # points between the letters of two levers below which they stand together

LETTERS = ascii_uppercase  # marks of levers; of more levers than letters, the rest has no name


def run_panels(
    about: About,
    title: str,
    subtitle: str,
    notes: Sequence[str] = (),
    *,
    count: int,
    columns: int,
    tall: float = 2.0,
    left: float = 1.0,
    right: float = 0.3,
    across: float = 1.0,
    down: float = 0.85,
    wide: float = 2.6,
    timed: bool = True,
) -> tuple[Plate, list[Axes]]:
    """Make a figure of a run with `count` panels of `wide` by `tall` inches, at most `columns` side by side.

    `left`, `right`, `across`, `down`: inches beside and between them, for labels. The notes stand before the name of
    the run. Where panels are `timed` they go over time, and levers are marked.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    width = left + columns * wide + (columns - 1) * across + right
    settles = [SETTLES] if about.start is not None else []
    foot = [*notes, *(settles + levers_in_words(about.levers) if timed else ()), about.alone]
    body = rows * tall + (rows - 1) * down
    sheet = Sheet.new(
        title, subtitle, foot, width=max(width, 7.5), body=body, left=left, right=right, above=0.32, below=0.5
    )
    sheet.figure.timed = timed
    return sheet.figure, sheet.panels(count, columns, across=across, down=down)


def levers_in_words(levers: Sequence[Dated]) -> list[str]:
    """Say which letter is which lever, if there are any."""
    words = "; ".join(f"{letter} {lever.words}" for letter, lever in zip(LETTERS, levers, strict=False))
    return [f"Dotted lines, where levers and events begin and end: {words}."] if words else []


def finish(figure: Plate, about: About) -> None:
    """Mark levers and the opening of the run on all panels over time, and put labels of axes in line."""
    for axes in figure.axes if figure.timed else ():
        if axes.get_label() == TIMED:
            shade_opening(axes, about.start)
            mark_levers(axes, about.levers)
    figure.align_ylabels([axes for axes in figure.axes if axes.get_ylabel()])


def settled(period: Period, start: int | None) -> Period:
    """Steps of a period after those in which a run that began in a month settles; all of them if none is left."""
    lost = 0 if start is None else max(-(-(start + SETTLING - period.first) // period.step), 0)
    return Period(period.first + lost * period.step, period.last, period.step) if lost < period.steps else period


def settled_years(frame: pd.DataFrame, start: int | None) -> tuple[Period, list[str]]:
    """Whole years of a table after those in which a run settles, and the note that these are left out."""
    whole = whole_years(months_of(frame))
    found = settled(whole, start)
    return found, [] if found == whole else ["Left out: the first two years, in which a run still settles."]


def shade_opening(axes: Axes, start: int | None, *, above: bool = False) -> None:
    """Give the months in which a run settles a grey background, as far as they are drawn; or a veil `above` areas."""
    if start is None:
        return
    first, last = axes.get_xlim()
    begin, end = days(np.array([start, start + SETTLING]))
    if first < end and begin < last:
        zorder = 2 if above else -1
        axes.axvspan(max(first, begin), min(end, last), color=GRID, alpha=0.55, linewidth=0, zorder=zorder)


def mark_levers(axes: Axes, levers: Sequence[Dated], letters: str = LETTERS) -> None:
    """Draw a dotted line where a lever or event begins, with its letter, and ends; near letters stand together."""
    first, last = axes.get_xlim()
    near = NEAR * (last - first) / (axes.get_window_extent().width * 72 / axes.figure.dpi)
    begins: dict[float, str] = {}
    for letter, lever in zip(letters, levers, strict=False):
        ends = [lever.last + 1] if lever.last is not None and lever.last > lever.first else []
        start, *ends = days(np.array([lever.first, *ends])).tolist()
        if first <= start < last:
            known = [day for day, words in begins.items() if 0 <= start - day < near * len(words)]
            place = known[-1] if known else start
            begins[place] = begins.get(place, "") + letter
        for day in (start, *ends):
            if first <= day < last:
                axes.axvline(day, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.8)
    for day, words in begins.items():
        axes.annotate(
            words, (day, 1.0), xycoords=axes.get_xaxis_transform(), xytext=(-2.2, 1), textcoords="offset points",
            size=SMALL - 1, color=MUTED, annotation_clip=False,
        )  # fmt: skip


def draw_records(axes: Axes, about: About, records: Mapping[int, float], period: Period, divisor: float = 1.0) -> None:
    """Draw what was counted of an outcome as hollow dots, where records are of the whole country and of whole years."""
    if not about.whole or period.step != 12:
        return
    where, values = record_points(records, period, divisor)
    if not values.size:
        return
    axes.plot(
        where, values, linestyle="none", marker="o", markersize=4.5, color=INK, markerfacecolor="white", zorder=5,
    )  # fmt: skip
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, max(top, 1.08 * float(values.max())))


def record_points(records: Mapping[int, float], period: Period, divisor: float) -> tuple[Values, Values]:
    """Give the days at which the records of the years of a period stand, and their values."""
    years = {year: value for year, value in records.items() if period.first <= 12 * year <= period.last}
    return days(np.array([12 * year + 6 for year in years], np.int64)), np.array(list(years.values())) / divisor
