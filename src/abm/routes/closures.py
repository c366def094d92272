"""Closures: legs and routes that nobody may begin, because they do not exist in the month or an event shuts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event
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
    """Whether each leg is shut, and whether people may set out on each route, in the month."""
    month = world.month
    shut = np.array([not leg.exists(month) for leg in world.leg_facts])
    open_routes = np.array([route.exists(month) for route in world.route_facts])
    for use in world.befall(CLOSURE):
        assert use.where is not None
        if use.where.kind == "route":
            open_routes &= np.array([route.key not in use.where.names for route in world.route_facts])
        else:
            shut |= legs_named(world, use.where)
    passable = np.append(~shut, True)[world.route_legs].all(axis=1)  # the last entry is for -1
    return shut, open_routes & passable
