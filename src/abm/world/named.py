"""Places that a configuration names, as masks over the rows of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abm.places.place_models import Leg, Point
    from abm.world.lever_use import Where
    from abm.world.state import World


def districts_named(world: World, where: Where | None) -> np.ndarray:
    """Whether districts are named, by themselves or by their provinces; all without `where`."""
    if where is None:
        return np.ones(world.district_count, bool)
    units = world.units.province if where.kind == "province" else world.units.unit
    return np.isin(units, list(where.names)) & (where.kind in ("unit", "province"))


def destinations_named(world: World, where: Where) -> np.ndarray:
    """Whether destinations are named."""
    return np.array([where.kind == "destination" and facts.key in where.names for facts in world.destination_facts])


def legs_named(world: World, where: Where) -> np.ndarray:
    """Whether legs are named, by themselves, by a route that uses them, or by the border that they cross."""
    names = set(where.names) if where.kind == "leg" else set()
    if where.kind == "route":
        names = {leg.key for route in world.route_facts if route.key in where.names for leg in route.legs}
    if where.kind == "border":
        crossed = borders_of(world.leg_facts, {point.key: point for point in world.places.points})
        names = {leg for border in where.names for leg in crossed.get(border, ())}
    return np.array([leg.key in names for leg in world.leg_facts])


def borders_of(legs: Iterable[Leg], points: dict[str, Point]) -> dict[str, tuple[str, ...]]:
    """Legs that lead from one country to another, by ``FROM-TO`` in capitals; parts of a row may be missing."""
    found: dict[str, tuple[str, ...]] = {}
    for leg in legs:
        ends = [points[end].country if end in points else None for end in (leg.start, leg.end)]
        if ends[0] and ends[1] and ends[0] != ends[1]:
            border = f"{ends[0]}-{ends[1]}"
            found[border] = (*found.get(border, ()), leg.key)
    return found
