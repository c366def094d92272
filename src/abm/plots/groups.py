"""Groups of routes and of legs that a figure can tell apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from abm.places.place_models import Route
from abm.places.places import Places
from abm.plots.style import MUTED, OKABE_ITO

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
"""Colour of a destination, the same in every run; groups of several are `TOGETHER`, destinations added `ADDED`."""

TOGETHER, ADDED = MUTED, "#7A7200"

WAY_DASHES: Mapping[str, object] = {"by land": "solid", "by air and boat": (0, (5, 1.5)), "by air": (0, (1.5, 1.2))}
"""Line style of the means, see `way_of`."""

LEG_GROUPS: Mapping[str, str] = {
    "PAK": "Pakistan",
    "IRN": "Iran",
    "TUR": "Turkey and Aegean",
    "GRC": "Turkey and Aegean",
    "LBY": "North Africa",
    "MAR": "North Africa",
}
"""Group of a leg by the country that guards it; legs by air are a group of their own, the rest is `ELSEWHERE`."""

AIRPORTS, ELSEWHERE = "Airports", "Within Europe"

LEG_COLOURS: Mapping[str, str] = {
    "Pakistan": OKABE_ITO["blue"],
    "Iran": OKABE_ITO["orange"],
    "Turkey and Aegean": OKABE_ITO["green"],
    "North Africa": OKABE_ITO["vermillion"],
    ELSEWHERE: OKABE_ITO["purple"],
    AIRPORTS: OKABE_ITO["black"],
}
"""Colour of a group of legs, the same in every run."""


def way_of(route: Route) -> str:
    """How a route begins and goes on, in words: by land, by air and boat, or by air."""
    if route.legs[0].guard != "air":
        return "by land"
    return "by air and boat" if any(leg.guard != "air" for leg in route.legs) else "by air"


def group_routes(route: pd.DataFrame, places: Places) -> dict[str, tuple[str, ...]]:
    """Put the routes from home into groups by destination and means.

    Parameters
    ----------
    route
        Table by month and route with ``departures``.
    places
        Places of the run.

    Returns
    -------
    dict
        Keys of routes by name of the group, the nearest first. Onward routes and those that nobody took are left out.
    """
    begun = route.groupby(route["route"].astype(str), sort=True)["departures"].sum()
    total = max(float(begun.sum()), 1.0)
    names = {facts.key: facts.name for facts in places.destinations}
    by_way: dict[str, dict[str, list[str]]] = {}
    for facts in places.routes:
        if not facts.onward and begun.get(facts.key, 0) > 0:
            by_way.setdefault(way_of(facts), {}).setdefault(names[facts.destination], []).append(facts.key)
    groups: dict[str, tuple[str, ...]] = {}
    for way, found in by_way.items():
        small = [name for name, keys in found.items() if begun[keys].sum() < LEAST_SHARE * total]
        for name, keys in found.items():
            if name not in small:
                groups[f"{name}, {way}"] = tuple(keys)
        if small:
            groups[f"{_together(small)}, {way}"] = tuple(key for name in small for key in found[name])
    return groups


def look_of(group: str) -> tuple[str, object]:
    """Colour and line style of a group of routes, by its name."""
    where, _, way = group.rpartition(", ")
    several = where == OTHERS or " and " in where
    return TOGETHER if several else DESTINATION_COLOURS.get(where, ADDED), WAY_DASHES[way]


def leg_groups(places: Places) -> dict[str, str]:
    """Group of each leg by its key."""
    return {leg.key: AIRPORTS if leg.guard == "air" else LEG_GROUPS.get(leg.country, ELSEWHERE) for leg in places.legs}


def rows_by_group(legs: pd.Series, places: Places) -> dict[str, np.ndarray]:
    """Which rows of a table by leg belong to each group, from home outwards; legs not in the data are left out."""
    found = legs.astype(str).map(leg_groups(places))
    order = (*dict.fromkeys(LEG_GROUPS.values()), ELSEWHERE, AIRPORTS)
    return {name: (found == name).to_numpy() for name in order if (found == name).any()}


OTHERS = "Others"
"""Name of more than two destinations together."""


def _together(names: list[str]) -> str:
    """Names of a group in a few words."""
    if len(names) > 2:
        return OTHERS
    return " and ".join(name.replace("United Kingdom", "UK") for name in names)
