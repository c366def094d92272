"""Colours, dashes and shapes of charts: eight series differ in all three, more of them in two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from abm.plots.style import GRID, INK, MUTED, OKABE_ITO, ink_of


class Look(NamedTuple):
    """How a series is drawn: its colour, the dashes of its line, the shape of its points; or as a filled area."""

    colour: str
    dash: tuple[int, ...] = ()
    shape: str = "circle"
    filled: bool = False


CYCLE = (
    Look(OKABE_ITO["black"], (), "circle"),
    Look(OKABE_ITO["blue"], (6, 2), "square"),
    Look(OKABE_ITO["vermillion"], (2, 2), "triangle-up"),
    Look(OKABE_ITO["green"], (8, 2, 2, 2), "diamond"),
    Look(OKABE_ITO["purple"], (4, 4), "triangle-down"),
    Look(OKABE_ITO["orange"], (10, 3), "cross"),
    Look(OKABE_ITO["sky blue"], (1, 3), "triangle-right"),
    Look(ink_of(OKABE_ITO["yellow"]), (12, 3, 3, 3), "triangle-left"),
)
"""Looks of series in order, the reference first."""

MODEL, RECORD = OKABE_ITO["blue"], OKABE_ITO["vermillion"]

CONFIG: Mapping[str, object] = {
    "font": "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "background": None,
    "aria": False,  # the page describes each chart itself
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 12,
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelLimit": 260,
        "labelOverlap": "greedy",
    },
    "axisX": {"grid": False, "labelFlush": False, "labelSeparation": 8},
    "title": {"anchor": "start", "frame": "group", "fontSize": 13, "fontWeight": 600, "color": INK, "offset": 10},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260},
    "text": {"color": INK, "fontSize": 12},
    "rule": {"color": MUTED},
}
"""What all charts have in common."""


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """Give each series a look, the first that of the reference; after `CYCLE` a colour has another dash and shape."""
    found = {}
    for place, name in enumerate(dict.fromkeys(names)):
        turn, at = divmod(place, len(CYCLE))
        found[name] = CYCLE[(at + 3 * turn) % len(CYCLE)]._replace(colour=CYCLE[at].colour)
    return found


def only(looks: Mapping[str, Look], rows: Iterable[Mapping[str, object]]) -> dict[str, Look]:
    """Looks of the series that there are."""
    there = {row["series"] for row in rows}
    return {name: look for name, look in looks.items() if name in there}


def filled(colours: Mapping[str, str]) -> dict[str, Look]:
    """Give the parts of a stack their colours."""
    return {name: Look(colour, filled=True) for name, colour in colours.items()}
