"""Schematic lines on the corridor map: legs of routes as curves between cities or countries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from matplotlib.path import Path

from abm.plots.shapes import load_places


@dataclass(frozen=True)
class Route:
    """A route as `routes.yaml` describes it: its name and its legs as pairs of places."""

    key: str
    name: str
    legs: tuple[tuple[str, str], ...]


@cache
def load_routes() -> dict[str, Route]:
    """Routes of ``abm.data/routes.yaml`` in the order of the file."""
    declared = _declared()
    return {
        key: Route(key, entry["name"], tuple(_ends(declared["legs"][leg]) for leg in entry["legs"]))
        for key, entry in declared["routes"].items()
    }


@cache
def load_leg_modes() -> dict[tuple[str, str], str]:
    """Mode of each leg (land, air, sea), by its two places."""
    return {_ends(leg): leg["guard"] for leg in _declared()["legs"].values()}


@cache
def _declared() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files("abm.data") / "routes.yaml").read_text(encoding="utf-8"))
    return found


def _ends(leg: dict[str, Any]) -> tuple[str, str]:
    return leg["from"], leg["to"]


def place_of(key: str) -> tuple[float, float]:
    """Longitude and latitude of a place."""
    return load_places()[key][1]


def arc(start: tuple[float, float], end: tuple[float, float], bend: float) -> Path:
    """Curve from start to end whose top is `bend` times the chord off it, to the right of one who walks west."""
    a, b = np.array(start), np.array(end)
    across = np.array([(b - a)[1], -(b - a)[0]])
    return Path([a, (a + b) / 2 + 2 * bend * across, b], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def mode_of(leg: tuple[str, str]) -> str:
    """Land, air or sea; land where the table of legs does not say."""
    return load_leg_modes().get(leg, "land")


def leg_arc(leg: tuple[str, str]) -> Path:
    """Curve of a leg, flatter on land."""
    return arc(place_of(leg[0]), place_of(leg[1]), 0.08 if mode_of(leg) == "air" else 0.03)


def middle_of(route: Route) -> tuple[float, float]:
    """Middle of the longest leg, where a note about the route points to."""
    arcs = [np.asarray(leg_arc(leg).vertices, dtype=np.float64) for leg in route.legs]
    start, top, end = max(arcs, key=lambda points: float(np.hypot(*(points[2] - points[0]))))
    x, y = (start + 2 * top + end) / 4
    return float(x), float(y)
