"""Figure of facts: each estimate with its interval against its band, and the estimate with the mechanism off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial

from matplotlib.axes import Axes

from abm.analysis.facts import Judged, Trial
from abm.analysis.wording import estimate, plain
from abm.plots.sheet import Sheet
from abm.plots.style import GRID, INK, MUTED, OKABE_ITO, SMALL, Plate, name_rows

COLOURS = {
    "pass": OKABE_ITO["green"], "fail": OKABE_ITO["vermillion"], "undecided": OKABE_ITO["orange"], "–": MUTED,
    "levels": MUTED,
}  # fmt: skip
"""Colours of the verdicts."""

ROW = 0.27  # inches of a row
FARTHEST = 3.0  # widths of a band beyond which marks are drawn at the edge


def draw_facts(judged: Sequence[Judged]) -> Plate:
    """Draw a row a test, each on a scale of its own: the band is a box of the same width in all."""
    rows = [(fact, test) for fact in judged for test in fact.tests]
    sheet = Sheet.new(
        "Facts of the literature and the model",
        "Grey: accepted band, of the same width in every row, or open at an end. Dot and bar: estimate and 95 % "
        "interval of paired runs, green in the band, orange across an edge, vermillion outside"
        f"{', grey where a level is compared and not judged' if any(fact.fact.levels for fact in judged) else ''}. "
        "Hollow: mechanism off. Triangle at the edge: farther than three bands away. Right: estimate.",
        [],
        width=10.0, body=ROW * len(rows) + 0.2, left=2.6, right=2.1,
    )  # fmt: skip
    axes = sheet.panel()
    places = name_rows(axes, (f"{fact.fact.id}  {plain(test.name)}" for fact, test in rows))
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(-FARTHEST - 0.2, FARTHEST + 0.2)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for place, (fact, test) in zip(places, rows, strict=True):
        _draw_row(axes, place, test, levels=fact.fact.levels)
    return sheet.figure


def _draw_row(axes: Axes, place: float, test: Trial, *, levels: bool) -> None:
    centre, half = scale = scale_of(test.band, [*test.found, *(test.off or ())])
    low, high = test.band
    at = partial(place_on, scale=scale)

    def mark(value: float) -> tuple[float, float, str]:
        where = (value - centre) / half
        return at(value), place, "o" if abs(where) <= FARTHEST else "<" if where < 0 else ">"

    left, right = at(low, -FARTHEST), at(high, FARTHEST)
    axes.barh(place, right - left, left=left, height=0.7, color=GRID, alpha=0.7, linewidth=0, zorder=0)
    for edge in (low, high):
        if edge is not None:
            axes.plot([at(edge)] * 2, [place - 0.35, place + 0.35], color=MUTED, linewidth=0.8)
    if test.off is not None and math.isfinite(test.off.value):
        axes.plot(*mark(test.off.value), color=MUTED, markerfacecolor="white", markersize=5, zorder=3)
    colour = COLOURS["levels" if levels else test.verdict]
    found = test.found
    if math.isfinite(found.low + found.high):
        axes.plot([at(found.low), at(found.high)], [place] * 2, color=colour, linewidth=2.2, solid_capstyle="butt")
    if math.isfinite(found.value):
        axes.plot(*mark(found.value), color=colour, markersize=5, zorder=4)
    in_rows = axes.get_yaxis_transform()
    axes.text(1.01, place, estimate(*found), transform=in_rows, size=SMALL + 0.5, va="center", color=INK)


def place_on(value: float | None, blank: float = math.nan, *, scale: tuple[float, float]) -> float:
    """Place of a value in half widths of its box from the middle, no farther than the edge; `blank` for none."""
    middle, half = scale
    if value is None or not math.isfinite(value):
        return blank
    return min(max((value - middle) / half, -FARTHEST), FARTHEST)


def scale_of(band: Iterable[float | None], values: Iterable[float]) -> tuple[float, float]:
    """Middle and half width of the box of a band; where it is open, its edge and how far values are from it."""
    edge, *other = [end for end in band if end is not None and math.isfinite(end)]
    if other:
        return (edge + other[0]) / 2, (other[0] - edge) / 2 or 1.0
    return edge, max((abs(value - edge) for value in values if math.isfinite(value)), default=1.0) / 2 or 1.0
