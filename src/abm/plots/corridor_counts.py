"""What the map of corridors counts and names: traffic on legs, corridors, and the table of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from string import ascii_uppercase

import pandas as pd
from matplotlib.axes import Axes

from abm.places.place_models import Leg
from abm.places.places import Places
from abm.plots.curves import Period
from abm.plots.style import INK, MUTED, SMALL, number

COUNTS = {"departures": "set out", "arrivals": "arrived", "interceptions": "stopped", "deaths": "died"}
"""Columns of the table by route, and their heads."""

MOST_ROWS = 14  # corridors listed; the rest, those with the fewest departures, are added up

LINE = 1 / (MOST_ROWS + 2)  # height of a line, share of the axes
NAME_WIDTH, COLUMN_WIDTH = 0.30, 0.17


def mean_counts(table: pd.DataFrame, by: str, period: Period) -> pd.DataFrame:
    """Mean of all counts in a step of the period, by the values of a column."""
    rows = period.rows_of(table)
    counts = rows.drop(columns=["month", by]).select_dtypes("number").astype(float)
    return counts.groupby(rows[by].astype(str), sort=True).sum() / period.steps


def leg_traffic(by_route: pd.DataFrame, places: Places) -> dict[str, float]:
    """Persons who set out on routes over each leg, by leg, for the routes in the table."""
    departures = {str(key): float(persons) for key, persons in by_route["departures"].items()}
    traffic: dict[str, float] = {}
    for route in places.routes:
        if route.key in departures:
            for leg in route.legs:
                traffic[leg.key] = traffic.get(leg.key, 0.0) + departures[route.key]
    return traffic


def corridor_counts(by_route: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Counts by corridor, in the order of the routes."""
    corridor = {route.key: route.corridor for route in places.routes}
    known = by_route[[name for name in COUNTS if name in by_route]]
    return known.groupby([corridor[str(key)] for key in known.index], sort=False).sum()


def badges(by_route: pd.DataFrame, places: Places) -> dict[str, str]:
    """Letter of each corridor that has a row of its own."""
    departures = corridor_counts(by_route, places)["departures"]
    if len(departures) > MOST_ROWS:
        departures = departures[departures.index.isin(departures.nlargest(MOST_ROWS - 1).index)]
    return dict(zip(map(str, departures.index), ascii_uppercase, strict=False))


def own_leg(corridor: str, places: Places, taken: Iterable[str]) -> Leg:
    """Leg at which a corridor is best named: not named yet, shared with few others from home, and early on the way."""
    users: dict[str, set[str]] = {}
    for route in places.routes:
        for leg in route.legs:
            users.setdefault(leg.key, set()).update(() if route.onward else (route.corridor,))
    legs = {leg.key: leg for route in places.routes if route.corridor == corridor for leg in route.legs}
    free = [leg for key, leg in legs.items() if key not in set(taken)] or list(legs.values())
    return min(free, key=lambda leg: len(users[leg.key]))  # of equals the first, in the order of travel


def write_table(axes: Axes, by_route: pd.DataFrame, marks: dict[str, str], period: Period, places: Places) -> None:
    """Write the table into axes of its own."""
    counts = corridor_counts(by_route, places)
    values, others = counts.T.to_dict("list"), counts.drop(index=list(marks))
    rows = [(f"{mark}  {words_of(key, places)}", values[key]) for key, mark in marks.items()]
    if len(others):
        rows.append((f"{len(others)} other corridors", others.to_numpy().sum(axis=0).tolist()))
    axes.set_axis_off()
    write = partial(axes.text, transform=axes.transAxes, size=SMALL, va="top", color=INK)
    write(0, 1, f"Irregular journeys {period.per}: persons, and times stopped", weight="bold")
    for column, name in enumerate(counts.columns, start=1):
        write(NAME_WIDTH + COLUMN_WIDTH * column, 1 - LINE, COUNTS[str(name)], ha="right", color=MUTED)
    for line, (name, row) in enumerate(rows, start=2):
        write(0, 1 - LINE * line, name)
        for column, count in enumerate(row, start=1):
            write(NAME_WIDTH + COLUMN_WIDTH * column, 1 - LINE * line, whole(count), ha="right")


def whole(count: float) -> str:
    """Write a mean of counts without decimals."""
    return "< 1" if 0 < count < 0.5 else number(float(round(count)))


def words_of(corridor: str, places: Places) -> str:
    """Name of a corridor in words, with capitals for names of places, ``Land Taftan``."""
    if not corridor:
        return "No office, alone"
    names = [*(point.name for point in places.points), *(facts.name for facts in places.destinations)]
    proper = set(re.findall(r"[a-z]+", " ".join(names).lower()))
    first, *rest = corridor.split("_")
    return " ".join([first.capitalize(), *(word.capitalize() if word in proper else word for word in rest)])


def flows_not_drawn(flows: pd.DataFrame | None, elsewhere: float, period: Period) -> str:
    """Say which flows are not on the map, with their size."""
    if flows is None:
        return "Not drawn: legal work and sponsorship (the table of flows was switched off)."
    channel = flows["channel"].astype(str)
    sponsored, overstays = (
        number(period.mean(flows[channel == name], "persons") if len(flows) else 0.0)
        for name in ("sponsorship", "overstay")
    )
    return (
        f"Not drawn: legal work in other countries ({number(elsewhere)} persons {period.per}), sponsorship "
        f"({sponsored}) and overstays after a visit ({overstays}). Places beyond the edge are drawn at the edge."
    )
