"""Schematic lines on the corridor map: legs of routes as curves between cities or countries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path

from abm.places.place_models import Leg
from abm.places.places import Places

Point = tuple[float, float]
"""Longitude and latitude, degrees."""

EDGE = 0.8
"""Degrees from the edge of the map at which a place beyond it is shown."""


@dataclass(frozen=True)
class Anchors:
    """Where places stand on a map: beyond its edges they are moved to the edge, since lines are schematic.

    Attributes
    ----------
    where
        True position by key.
    bounds
        West, east, south and north edge of the map.
    """

    where: dict[str, Point]
    bounds: tuple[float, float, float, float]

    @classmethod
    def of(cls, places: Places, bounds: tuple[float, float, float, float]) -> Anchors:
        """Anchors of all places of a configuration."""
        return cls({point.key: (point.lon, point.lat) for point in places.points}, bounds)

    def __getitem__(self, key: str) -> Point:
        return self.pinned(self.where[key])

    def pinned(self, point: Point) -> Point:
        """Move a point onto the map."""
        west, east, south, north = self.bounds
        return min(max(point[0], west + EDGE), east - EDGE), min(max(point[1], south + EDGE), north - EDGE)


def pointer(true: Point, shown: Point) -> str:
    """Shape of a mark: a dot, or an arrowhead that points to where a place lies beyond the edge."""
    if true == shown:
        return "o"
    x, y = true[0] - shown[0], true[1] - shown[1]
    if abs(x) >= abs(y):
        return "<" if x < 0 else ">"
    return "v" if y < 0 else "^"


def arc(start: Point, end: Point, bend: float) -> Path:
    """Curve from start to end whose top is `bend` times the chord off it, to the right as one walks west."""
    a, b = np.array(start), np.array(end)
    across = np.array([(b - a)[1], -(b - a)[0]])
    return Path([a, (a + b) / 2 + 2 * bend * across, b], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def leg_arc(leg: Leg, anchors: Anchors) -> Path:
    """Curve of a leg, flatter on land."""
    return arc(anchors[leg.start], anchors[leg.end], 0.08 if leg.guard == "air" else 0.03)


def middle_of(path: Path) -> Point:
    """Middle of a curve."""
    start, top, end = np.asarray(path.vertices, dtype=np.float64)
    x, y = (start + 2 * top + end) / 4
    return float(x), float(y)


def own_leg(corridor: str, places: Places, taken: Iterable[str]) -> Leg:
    """Leg at which a corridor is best named: not named yet, shared with few others from home, and early on the way."""
    users: dict[str, set[str]] = {}
    for route in places.routes:
        for leg in route.legs:
            users.setdefault(leg.key, set()).update(() if route.onward else (route.corridor,))
    legs = {leg.key: leg for route in places.routes if route.corridor == corridor for leg in route.legs}
    free = [leg for key, leg in legs.items() if key not in set(taken)] or list(legs.values())
    return min(free, key=lambda leg: len(users[leg.key]))  # of equals the first, in the order of travel
