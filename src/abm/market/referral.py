"""Referral: those who went show the way, and recruiters spread it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.sums import add_products, sum_by
from abm.market.tables import MarketTables
from abm.world.codes import HIDDEN, IRREGULAR, OFFICE_OPEN, SETTLED

if TYPE_CHECKING:
    from abm.places.place_models import Route
    from abm.world.state import World


class ReferralState(State):
    """Those who can tell of a way because they went it."""

    went: Held[np.ndarray] = kept(
        unit="person",
        text="Arrivals without papers from each district, fading memory.",
        over=("district", "destination"),
        start=0.0,
    )

    @cached_property
    def through(self) -> np.ndarray:
        """Share of the routes to one destination (row) that lead through another (column), see `passed_through`."""
        world = cast("World", self.world)
        return passed_through(world.route_facts, world.route_destination, len(world.destination_facts))

    @cached_property
    def beyond(self) -> np.ndarray:
        """Rows of the destinations of routes from home that nobody reaches alone."""
        world = cast("World", self.world)
        near = {route.destination for route in world.route_facts if route.alone}
        led_to = {route.destination for route in world.route_facts if not route.onward} - near
        return np.flatnonzero([facts.key in led_to for facts in world.destination_facts])


def open_referral(world: World, settled: float) -> None:
    """Begin with those abroad without papers, and with families who followed men who had none.

    Of the settled of a destination ``opening_irregular`` followed; they come from districts in proportion to its
    settled and to the share of labour migrants there, as in the opening stock. As many as `settled` for each of the
    settled are known of anyway, see `those_who_went`.
    """
    stock, once = world.stock, np.array([facts.opening_irregular for facts in world.destination_facts])
    tilted = stock[:, :, SETTLED] * (1.0 - world.units.settled_share)[:, None]
    followed = stock[:, :, SETTLED].sum(axis=0) * np.maximum(once - settled, 0.0)
    share = tilted / np.maximum(tilted.sum(axis=0), 1e-9)
    world[ReferralState].went[:] = stock[:, :, [IRREGULAR, HIDDEN]].sum(axis=2) + followed * share


def remember_arrivals(
    world: World, district: np.ndarray, destination: np.ndarray, persons: np.ndarray, memory: float
) -> None:
    """Let those of before fade, with a mean of `memory` months, and add this month's arrivals."""
    went = world[ReferralState].went
    went -= went / memory
    group = district.astype(np.int64) * went.shape[1] + destination
    went += sum_by(group, persons, went.size).reshape(went.shape)


def those_who_went(world: World, settled: float, pooling: float = 0.0) -> np.ndarray:
    """Persons who can tell of an irregular way to each destination, float64 (districts, destinations).

    Those who arrived there without papers, and as many as `settled` for each settled migrant, there and at destinations
    farther on whose way leads through it. In part, `pooling`, they are those who went anywhere beyond the reach of
    people on foot, spread as the country's: an office serves several.

    References
    ----------
    Massey and Garcia Espana (1987), "The social process of international migration", and Massey (1990): knowledge of
    how to go spreads from those who went.
    """
    state = world[ReferralState]
    found = np.zeros(state.went.shape)
    add_products(state.went + settled * world.stock[:, :, SETTLED], state.through, found)
    if pooling == 0.0:
        return found
    beyond = found[:, state.beyond]
    total = beyond.sum(axis=1, keepdims=True)
    mix = beyond.sum(axis=0) / max(total.sum(), 1.0)
    found[:, state.beyond] += pooling * (total * mix - beyond)
    return found


def passed_through(routes: tuple[Route, ...], destination: np.ndarray, count: int) -> np.ndarray:
    """Share of the routes to one destination (row) that lead through another (column); 1 for itself.

    A route leads through a destination if one of its legs is the last of a route that ends there.
    """
    found = np.eye(count)
    ends = {(int(place), route.path[-1]) for place, route in zip(destination, routes, strict=True)}
    for goal in range(count):
        ways = [route for place, route in zip(destination, routes, strict=True) if place == goal and not route.onward]
        for place in {place for place, _ in ends} - {goal}:
            last = {leg for there, leg in ends if there == place}
            through = sum(any(leg in last for leg in route.path[:-1]) for route in ways)
            found[goal, place] = through / max(len(ways), 1)
    return found


def recruiting_places(world: World) -> np.ndarray:
    """Clients a month whom offices can send off, by district of their recruiters, who stay when one moves, float64."""
    offices = world[MarketTables].offices
    rows = (offices.state == OFFICE_OPEN).nonzero()[0]
    return np.bincount(offices.recruits[rows], offices.capacity[rows], world.district_count)
