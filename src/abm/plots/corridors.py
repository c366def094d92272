"""Schematic map of the ways from Pakistan: routes of the irregular channel, and legal work in the Gulf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from abm.plots.arcs import Route, arc, leg_arc, load_routes, middle_of, mode_of, place_of
from abm.plots.ground import add_shapes, disputed_legend, draw_countries, draw_disputed, set_extent
from abm.plots.periods import Period, months_of, whole_years
from abm.plots.shapes import CAPTION, CREDIT, load_countries, load_places
from abm.plots.style import BASE, CHANNEL_COLOURS, INK, MUTED, PALE, halo, new_figure, number, write_footer

WIDEST, THINNEST = 20.0, 1.0  # line widths in points
DASHES: dict[str, Any] = {"land": "solid", "air": (0, (3.5, 1.2)), "sea": (0, (1.2, 0.9))}
GULF_ANCHORS = {"saudi_arabia": "saudi_riyadh", "united_arab_emirates": "dubai", "oman": "oman_muscat"}
"""Place at which the line to a destination ends; other Gulf states get the centre of the country."""
GULF = (*GULF_ANCHORS, "qatar")
ORIGIN = "lahore"  # the lines to the Gulf start here: a schematic anchor, legal departures are from all units
BENDS = {"saudi_arabia": 0.12, "qatar": 0.09, "united_arab_emirates": 0.03, "oman": -0.03}
"""Curvature of the line to each destination: height of the arc over its chord, north is positive."""

GULF_NOTES = {
    "saudi_arabia": (-8, -14, "right"),
    "qatar": (-10, -30, "right"),
    "united_arab_emirates": (0, -60, "center"),
    "oman": (14, -8, "left"),
}
ROUTE_NOTES = {"land_iran_turkey": (47.5, 46.3), "air_libya": (20.0, 22.5)}
"""Longitude and latitude of the upper left corner of each route's box, over land or sea without lines."""

PLACE_NAMES = {
    "karachi": ("Karachi", (7, -3)), "taftan": ("Taftan", (3, 7)), "zahedan": ("Zahedan", (-6, -11)),
    "turkey_van": ("Eastern Turkey", (5, 5)), "turkey_istanbul": ("Western Turkey", (4, 8)),
    "greece_athens": ("Greece", (-8, -12)), "libya_tripoli": ("Libya", (-6, -12)), "italy_rome": ("Italy", (-6, 8)),
}  # fmt: skip
"""Names at the level of cities and countries, with their offset in points; places without one get their own name."""


def draw_corridors(route: pd.DataFrame, flows: pd.DataFrame | None, where: str, run: str) -> Figure | None:
    """Draw routes and legal work as lines whose width is proportional to persons a year.

    Parameters
    ----------
    route
        Table by month and route: departures, arrivals, interceptions, deaths.
    flows
        Table by month, origin, channel and destination; None if it was switched off: no legal work on the map.
    where
        Area simulated, in words.
    run
        Name of the run for the footer.
    """
    if "departures" not in route:
        return None
    period = whole_years(months_of(route))
    by_route = _means(route, "route", period)
    by_route = by_route.loc[[key for key in by_route.index if key in load_routes()]]
    gulf, elsewhere = _legal_work(flows, period)
    largest = max([0.0, *by_route["departures"], *gulf.values()])
    points = WIDEST / largest if largest else 0.0

    figure = new_figure(
        13, 8.9, f"Corridors from Pakistan to the Gulf and to Europe (schematic), {period.words}",
        f"Persons {period.per} from {where}, mean of {period.words}. Lines are schematic: they join cities or "
        "countries, legal work starts at one point, and widths are proportional to persons.",
    )  # fmt: skip
    axes = figure.add_axes((0.027, 0.168, 0.946, 0.745))
    set_extent(axes, (9, 77.5, 14.5, 47.5), margin=0)
    draw_countries(axes)
    add_shapes(axes, [load_countries()["Pakistan"]], facecolor=PALE, edgecolor=MUTED, linewidth=0.5, zorder=0.8)
    draw_disputed(axes)
    for destination, persons in gulf.items():
        _draw_legal_work(axes, destination, persons, points)
    for key, row in by_route.iterrows():
        _draw_route(axes, load_routes()[str(key)], row, points)
    for place, (key, row) in enumerate(by_route.iterrows()):
        _write_route(axes, load_routes()[str(key)], row, period, place)
    named = {GULF_ANCHORS.get(destination, "") for destination in gulf}
    _name_places(axes, [load_routes()[str(key)] for key in by_route.index], named)
    _draw_legends(figure, axes, largest, period, with_legal_work=bool(gulf))
    write_footer(figure, (_not_drawn(flows, elsewhere, period) + _not_to_scale(largest, period), CAPTION, CREDIT), run)
    return figure


def _means(table: pd.DataFrame, by: str, period: Period) -> pd.DataFrame:
    """Mean of all counts in a step of the period, by the values of a column."""
    rows = period.rows_of(table)
    counts = rows.drop(columns=["month", by]).select_dtypes("number").astype(float)
    return counts.groupby(rows[by].astype(str), sort=True).sum() / period.steps


def _legal_work(flows: pd.DataFrame | None, period: Period) -> tuple[dict[str, float], float]:
    """Persons by destination in the Gulf, the widest first, and persons to all others."""
    if flows is None or flows.empty:
        return {}, 0.0
    legal = flows[flows["channel"].astype(str) == "legal_work"]
    means = _means(legal[["month", "destination", "persons"]], "destination", period)["persons"].sort_values()[::-1]
    gulf = {str(key): float(persons) for key, persons in means.items() if key in GULF and persons > 0}
    return gulf, float(means.sum()) - sum(gulf.values())


def _not_drawn(flows: pd.DataFrame | None, elsewhere: float, period: Period) -> str:
    """Say which flows are not on the map, with their size."""
    if flows is None:
        return "Not drawn: legal work and sponsorship (the table of flows was switched off)."
    sponsored = period.mean(flows[flows["channel"].astype(str) == "sponsorship"], "persons") if len(flows) else 0.0
    return (
        f"Not drawn: legal work in other countries ({number(elsewhere)} persons {period.per}), sponsorship "
        f"({number(sponsored)} persons {period.per}), and onward movement in Europe."
    )


def _not_to_scale(largest: float, period: Period) -> str:
    """Say up to which number of persons lines have the least width."""
    if not largest:
        return ""
    least = number(largest * THINNEST / WIDEST)
    return f" The thinnest line stands for up to {least} persons."


# ---------------------------------------------------------------------------------------------------------------- lines


def _draw_line(axes: Axes, path: Path, width: float, **look: Any) -> None:
    """Draw one line of a width in points."""
    axes.add_patch(PathPatch(path, facecolor="none", linewidth=max(width, THINNEST), capstyle="butt", **look))


def _draw_legal_work(axes: Axes, destination: str, persons: float, points: float) -> None:
    """Draw legal work in one Gulf state, with its name and number."""
    anchor = GULF_ANCHORS.get(destination)
    name = destination.replace("_", " ").title()
    end = place_of(anchor) if anchor else load_countries()[name].centre
    colour = CHANNEL_COLOURS["legal_work"]
    line = arc(place_of(ORIGIN), end, BENDS[destination])
    _draw_line(axes, line, points * persons, edgecolor=colour, alpha=0.5, zorder=2.6)
    axes.plot(*end, marker="o", markersize=4, color=colour, zorder=4.5)
    x, y, side = GULF_NOTES[destination]
    note = axes.annotate(
        f"{name}\n{number(persons)}", end, xytext=(x, y), textcoords="offset points", ha=side, va="center", ma=side,
        color=colour, size=BASE, weight="bold", zorder=6, linespacing=1.15,
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2},
    )  # fmt: skip
    halo(note)


def _draw_route(axes: Axes, route: Route, row: pd.Series, points: float) -> None:
    """Draw the legs of an irregular route, all at the width of its departures."""
    colour = CHANNEL_COLOURS["irregular"]
    for leg in route.legs:
        dashes = DASHES[mode_of(leg)]
        _draw_line(axes, leg_arc(leg), points * row["departures"], edgecolor=colour, linestyle=dashes, zorder=3.4)


def _write_route(axes: Axes, route: Route, row: pd.Series, period: Period, place: int) -> None:
    """Write the counts of a route into a box beside it."""
    counts = {
        "set out": "departures", "arrived": "arrivals", "intercepted": "interceptions", "died on the way": "deaths"
    }  # fmt: skip
    known = {words: row[column] for words, column in counts.items() if column in row}
    colour = CHANNEL_COLOURS["irregular"]
    lines = "\n".join(f"{number(value)} {words}" for words, value in known.items())
    axes.annotate(
        f"{route.name}\nirregular, persons {period.per}\n{lines}", middle_of(route),
        xytext=ROUTE_NOTES.get(route.key, (10.5 + 11 * place, 19.0)), va="top", size=BASE - 0.5, color=INK,
        linespacing=1.3, zorder=7,
        bbox={"facecolor": "white", "edgecolor": colour, "boxstyle": "round,pad=0.45"},
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6},
    )  # fmt: skip


def _name_places(axes: Axes, routes: list[Route], named: set[str]) -> None:
    """Name the places between which legs run, but for those named already with their legal work."""
    for key in dict.fromkeys(place for route in routes for leg in route.legs for place in leg):
        if key in named:
            continue
        x, y = place_of(key)
        axes.plot(x, y, marker="o", markersize=4, color=INK, zorder=4.5)
        name, offset = PLACE_NAMES.get(key, (load_places()[key][0], (4, 5)))
        side = "right" if offset[0] < 0 else "left"
        halo(axes.annotate(name, (x, y), xytext=offset, textcoords="offset points", size=BASE, ha=side, zorder=6))


def _draw_legends(figure: Figure, axes: Axes, largest: float, period: Period, *, with_legal_work: bool) -> None:
    """Explain widths, colours and dashes below the map, and what is disputed on it."""
    widths = [_one_two_five(largest * share) for share in (1.0, 0.3, 0.1) if largest]
    entries = [
        Line2D([], [], color=MUTED, linewidth=max(THINNEST, WIDEST * persons / largest), solid_capstyle="butt",
               label=f"{number(persons)} persons {period.per}")
        for persons in widths
    ]  # fmt: skip
    if entries:
        axes.legend(
            handles=entries, loc="lower right", title="Width of lines", alignment="left", labelspacing=1.1,
            handlelength=3.2, frameon=True, framealpha=0.9, edgecolor="none",
        )  # fmt: skip
    kinds = [
        Line2D([], [], color=CHANNEL_COLOURS["irregular"], linewidth=2.5, linestyle=DASHES[mode],
               label=f"Irregular, by {mode}")
        for mode in DASHES
    ]  # fmt: skip
    if with_legal_work:
        kinds.insert(0, Line2D([], [], color=CHANNEL_COLOURS["legal_work"], linewidth=2.5, label="Legal work"))
    entries_below = [*kinds, *disputed_legend()]
    figure.legend(handles=entries_below, loc="center", bbox_to_anchor=(0.5, 0.147), ncol=len(entries_below),
                  handlelength=2.4, columnspacing=1.2)  # fmt: skip


def _one_two_five(value: float) -> float:
    """Largest of 1, 2, 5, 10, 20, 50 … that is not above the value."""
    decade = 10.0 ** np.floor(np.log10(value))
    return float(max(step for step in (1, 2, 5) if step * decade <= value * (1 + 1e-12)) * decade)
