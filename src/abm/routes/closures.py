"""Closures: days of the month on which a leg can be begun, and on which people set out on a route.

Borders are closed by the drivers, legs and routes by an event or because they do not exist in the month; the sea or
snow leaves a leg some of its days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event
from abm.engine.calendar import MONTHS_A_YEAR
from abm.society import closed
from abm.world.named import legs_named

if TYPE_CHECKING:
    from abm.world.state import World

CLOSURE = Event(
    "closure",
    text="Nobody begins the legs named, those of a border that they cross, or sets out on the routes named. Offices "
    "quote other routes; those who have reached a closed leg wait for it to open, and those on it finish it.",
    needs=("where",),
    places=("leg", "route", "border"),
    lasts=True,
    systems=("S8", "S10"),
)


def closures(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Share of the month's days on which each leg can be begun, and on which people may set out on each route.

    Those who set out think of borders and of the weather on the first leg, not of that at a sea months ahead.
    """
    month = world.month
    leg_open = np.array([leg.exists(month) for leg in world.leg_facts], np.float64)
    route_open = np.array([route.exists(month) for route in world.route_facts], np.float64)
    for use in world.befall(CLOSURE):
        assert use.where is not None
        if use.where.kind == "route":
            route_open[[route.key in use.where.names for route in world.route_facts]] = 0.0
        else:
            leg_open[legs_named(world, use.where)] = 0.0
    passes = {sides: 1.0 - closed(world, *sides) for sides in {*world.leg_sides} if sides[0] != sides[1]}
    leg_open *= [passes.get(sides, 1.0) for sides in world.leg_sides]
    route_open = np.minimum(route_open, np.append(leg_open, 1.0)[world.route_legs].min(axis=1))  # the last is for -1
    weather = np.array([leg.weather[month % MONTHS_A_YEAR] if leg.weather else 1.0 for leg in world.leg_facts])
    return leg_open * weather, route_open * weather[world.route_legs[:, 0]]
