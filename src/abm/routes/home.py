"""The way from home to a route, and from its first place to the border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.places.drivers import HOME_COUNTRY
from abm.places.geography import distance_km

if TYPE_CHECKING:
    from abm.places.geography import Units
    from abm.places.places import Places


def kilometres_home(units: Units, places: Places) -> tuple[np.ndarray, np.ndarray]:
    """Whole kilometres from each district to the first place of each route, and from there along it to the border.

    Great-circle distances; onward routes, which do not begin at home, have 0. Both float64, (districts, routes).
    """
    points = {point.key: point for point in places.points}
    to_start, beyond = np.zeros((2, len(units), len(places.routes)))
    for r, route in enumerate(places.routes):
        if route.onward:
            continue
        start = points[route.start]
        to_start[:, r] = np.rint(distance_km(units.lon, units.lat, start.lon, start.lat))
        for leg in route.legs:
            if leg.country == HOME_COUNTRY and leg.guard == "land":
                here, there = points[leg.start], points[leg.end]
                beyond[:, r] += np.rint(distance_km(here.lon, here.lat, there.lon, there.lat))
    return to_start, beyond
