"""The smuggling market over time: fees by group of routes, ways of paying, and offices in business."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.places.place_models import Route
from abm.places.places import Places
from abm.plots.curves import (
    Lines,
    Period,
    Values,
    draw_lines,
    draw_steps,
    means_by_step,
    period_of,
    set_time_axis,
    span_of,
    values_of,
)
from abm.plots.panels import run_panels
from abm.plots.style import MUTED, OKABE_ITO, About, Frames, Plate, dress, dress_log, for_paper, ink_of, number

SCHEMES = {
    "Upfront": ("", OKABE_ITO["blue"]),
    "Escrow": ("departures_escrow", OKABE_ITO["orange"]),
    "Credit": ("departures_credit", OKABE_ITO["vermillion"]),
    "Alone": ("departures_alone", OKABE_ITO["black"]),
}
"""Ways of paying: departures and colour. All who use no other pay upfront. Their median fees are not drawn: they jump
with the destinations of those who pay so."""

LEAST_KNOWN = 0.6
"""Share of the steps from its first fee to its last in which a group of routes must have one to be drawn."""

LEAST_SHARE = 0.05
"""Share of departures from which a destination has a line of its own; others by the same means share one."""

DESTINATION_COLOURS: Mapping[str, str] = {
    "Iran": OKABE_ITO["blue"],
    "Turkey": OKABE_ITO["orange"],
    "Greece": OKABE_ITO["green"],
    "Italy": OKABE_ITO["vermillion"],
    "Spain": OKABE_ITO["purple"],
    "Germany": OKABE_ITO["sky blue"],
    "United Kingdom": OKABE_ITO["black"],
}
"""Colour of a destination, the same in every run; groups of several have those of `TOGETHER`, added ones `ADDED`."""

ADDED = ink_of(OKABE_ITO["yellow"])

TOGETHER: Mapping[str, str] = {"by land": MUTED, "by air and boat": "#8C5A2B", "by air": "#5B3A8C"}
"""Colour of several destinations together, by means."""

PRICE, ONE_TWO_FIVE = "PKR of 2017 a person", (1.0, 2.0, 5.0)  # unit of prices, and the ticks of their axes
OTHERS = "Others"  # name of more than two destinations together

WAY_DASHES: Mapping[str, object] = {"by land": "solid", "by air and boat": (0, (5, 1.5)), "by air": (0, (1.5, 1.2))}
"""Line style of the means, see `_way_of`."""


def draw_fees(tables: Frames, about: About) -> Plate | None:
    """Draw what journeys cost by destination, and how departures are paid for."""
    national, route = tables["national"], tables.get("route")
    if "irregular_departures" not in national or not national["irregular_departures"].any():
        return None
    period = period_of(national)
    averaged = ", mean of each year weighted by departures" if period.step > 1 else ""
    every: Lines = {}
    if route is not None and {"fee_median", "departures"} <= set(route):
        every = fees_by_group(route, period, about.places)
    fees = {name: line for name, line in every.items() if _makes_a_line(line[0])}
    figure, (left, right) = run_panels(
        about, f"Fees of irregular journeys, {about.where}, {period.words}",
        f"Median fee of the contracts begun in a month{averaged}. Logarithmic scale of fees.",
        _notes(fees, [name for name in every if name not in fees], period),
        count=2, columns=2, wide=3.6, tall=2.6 if for_paper() else 3.2, right=1.9 if for_paper() else 1.1, across=2.15,
    )  # fmt: skip
    in_two_lines = {name: name.replace(", ", ",\n") for name in fees}
    dashes = {in_two_lines[name]: look_of(name)[1] for name in fees}
    draw_steps(left, period, {in_two_lines[name]: line for name, line in fees.items()}, log=True, dashes=dashes)
    dress_log(left, "By destination", PRICE, ONE_TWO_FIVE)
    shares = percent_by_scheme(national, period)
    draw_steps(right, period, {name: (share, SCHEMES[name][1]) for name, share in shares.items()})
    dress(right, "How departures are paid for", "% of departures")
    return figure


def fees_by_group(route: pd.DataFrame, period: Period, places: Places) -> Lines:
    """Fee of each group of routes: medians of its routes weighted by departures."""
    lines = {}
    for name, keys in group_routes(period.rows_of(route), places).items():
        rows = route[route["route"].isin(keys)]
        lines[name] = (means_by_step(period, rows, "fee_median", values_of(rows, "departures")), look_of(name)[0])
    return lines


def _makes_a_line(values: Values) -> bool:
    """Whether enough fees are known, between the first and the last, to draw a line through them."""
    known = np.flatnonzero(np.isfinite(values))
    return values.size < 3 or (known.size > 1 and known.size >= LEAST_KNOWN * (known[-1] - known[0] + 1))


def _notes(fees: Lines, left_out: list[str], period: Period) -> list[str]:
    """Say what gaps are where there are any, and name the groups that have no line."""
    steps = "years" if period.step > 1 else "months"
    notes = []
    if any(np.isnan(values).any() for values, _ in fees.values()):
        notes.append(f"Gaps: {steps} in which nobody left with an office.")
    if left_out:
        notes.append(f"Not drawn, as too few {steps} have a fee: {'; '.join(left_out)}.")
    return notes


def departures_by_scheme(national: pd.DataFrame) -> dict[str, Values]:
    """Departures by way of paying, month by month."""
    known = {name: values_of(national, column) for name, (column, _) in SCHEMES.items() if column}
    rest = np.maximum(values_of(national, "irregular_departures") - sum(known.values()), 0.0)
    return {name: known.get(name, rest) for name in SCHEMES}


def percent_by_scheme(national: pd.DataFrame, period: Period) -> dict[str, Values]:
    """Percentage of departures by way of paying in each step."""
    departures = departures_by_scheme(national)
    sums = {name: period.sums(national.assign(value=persons), "value") for name, persons in departures.items()}
    total = np.maximum(sum(sums.values()), 1.0)
    return {name: 100 * persons / total for name, persons in sums.items()}


def _way_of(route: Route) -> str:
    """How a route begins and goes on, in words: by land, by air and boat, or by air."""
    if route.legs[0].guard != "air":
        return "by land"
    return "by air and boat" if any(leg.guard != "air" for leg in route.legs) else "by air"


def group_routes(route: pd.DataFrame, places: Places) -> dict[str, tuple[str, ...]]:
    """Put the routes from home into groups by destination and means, by the ``departures`` in a table by route.

    Gives the keys of routes by name of the group, the nearest first; onward routes and those nobody took are left out.
    """
    begun = route.groupby(route["route"].astype(str), sort=True)["departures"].sum()
    total = max(float(begun.sum()), 1.0)
    names = {facts.key: facts.name for facts in places.destinations}
    by_way: dict[str, dict[str, list[str]]] = {}
    for facts in places.routes:
        if not facts.onward and begun.get(facts.key, 0) > 0:
            by_way.setdefault(_way_of(facts), {}).setdefault(names[facts.destination], []).append(facts.key)
    groups: dict[str, tuple[str, ...]] = {}
    for way, found in by_way.items():
        small = [name for name, keys in found.items() if begun[keys].sum() < LEAST_SHARE * total]
        for name, keys in found.items():
            if name not in small:
                groups[f"{name}, {way}"] = tuple(keys)
        if small:
            together = OTHERS if len(small) > 2 else " and ".join(small).replace("United Kingdom", "UK")
            groups[f"{together}, {way}"] = tuple(key for name in small for key in found[name])
    return groups


def look_of(group: str) -> tuple[str, object]:
    """Colour and line style of a group of routes, by its name."""
    where, _, way = group.rpartition(", ")
    several = where == OTHERS or " and " in where
    return TOGETHER[way] if several else DESTINATION_COLOURS.get(where, ADDED), WAY_DASHES[way]


def draw_offices(tables: Frames, about: About) -> Plate | None:
    """Draw offices in business, entries and exits, and how contracts are spread over them."""
    national = tables["national"]
    if "offices" not in national or not national[["offices", "office_entries"]].any(axis=None):
        return None
    period = period_of(national)
    figure, (left, middle, right) = run_panels(
        about, f"Smuggler offices, {about.where}, {span_of(national)}",
        f"In business: at the end of each month. Opened and closed: {period.per}. Concentration: Herfindahl-Hirschman "
        "index of recent contracts, from near 0 (spread over many offices) to 1 (one has all); in the first year few "
        "contracts have ended, so the index is high.",
        count=3, columns=3, wide=3.2, tall=2.4, across=0.85,
    )  # fmt: skip
    draw_lines(left, national, {"": (values_of(national, "offices"), OKABE_ITO["blue"])})
    dress(left, "In business", "offices", whole=True)
    _draw_turnover(middle, period, national)
    index = means_by_step(period, national, "concentration_hhi")
    draw_steps(right, period, {"": (index, OKABE_ITO["purple"])})
    dress(right, "Concentration of contracts", "index")
    known = index[np.isfinite(index) & (index > 0)]
    if known.size:
        right.annotate(
            f"at the end as spread as\nover {number(1 / known[-1])} equal offices", (0.98, 0.96),
            xycoords="axes fraction", ha="right", va="top", color=ink_of(OKABE_ITO["purple"]), weight="bold",
        )  # fmt: skip
    return figure


def _draw_turnover(axes: Axes, period: Period, national: pd.DataFrame) -> None:
    """Draw entries upwards and exits downwards, convictions hatched among the exits."""
    edges = period.edges()
    entries, exits = period.sums(national, "office_entries"), period.sums(national, "office_exits")
    red = OKABE_ITO["vermillion"]
    for counts, colour, label in ((entries, OKABE_ITO["green"], "Opened"), (-exits, red, "Closed")):
        axes.stairs(counts, edges, fill=True, color=colour, alpha=0.45, linewidth=0, label=label)
        axes.stairs(counts, edges, color=colour, linewidth=1.4)
    convicted = period.sums(national, "office_convictions")
    if convicted.any():
        axes.stairs(
            -convicted, edges, fill=True, facecolor="none", edgecolor=red, hatch="//////", linewidth=0.8,
            label="of these, convicted",
        )  # fmt: skip
    top, bottom = max(entries.max(), 1.0), max(exits.max(), 1.0)
    set_time_axis(axes, period.first, period.last)
    dress(axes, "Opened and closed", f"offices {period.per}", whole=True)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_ylim(-1.15 * bottom, 1.3 * top)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.10g}")
    axes.legend(loc="upper right", ncol=3, handlelength=1.2, columnspacing=0.9, borderaxespad=0.1)
