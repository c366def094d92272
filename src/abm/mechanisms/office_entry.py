"""Opening, succession and moving of offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.kernels.portable import exponential, normal_quantile
from abm.kernels.random import uniform
from abm.kernels.states import OFFICE_FREE, OFFICE_OPEN, STREAM_OFFICE, T_AWAY, T_MEMBERS
from abm.world.corridors import corridors_of

if TYPE_CHECKING:
    from abm.world.state import World


def open_first(world: World) -> None:
    """Open the offices that there are at the start, more where more residents are abroad."""
    people = residents(world)
    abroad = world.stock[:, :-1].sum(axis=(1, 2)) / np.maximum(people, 1.0)
    mean = float(abroad @ people) / max(float(people.sum()), 1.0)
    expected = world.config.offices.opening * people / 1e6 * (0.5 + 0.5 * abroad / max(mean, 1e-12))
    key = world.key(STREAM_OFFICE, 1)
    for d in range(world.district_count):
        number = int(np.floor(expected[d] + uniform(key, d)))
        for _ in range(number):
            found(world, d, 1.0)


def enter(world: World) -> np.ndarray:
    """Let offices open where demand is unserved and one more would earn, and a few anywhere; returns entries."""
    params = world.config.offices
    entries = np.zeros(world.district_count, np.int64)
    pressure = demand_beyond(world)
    gain = world.month_values.get("gain", 0.0)
    cost = params.overhead * world.month_values["income_index"]
    worth = min(max(gain * params.capacity / max(cost, 1.0) / WORTH_IT, 0.0), 1.0)
    expected = params.entry * worth * pressure / params.capacity
    expected += params.entry_anywhere * residents(world) / 1e6
    key = world.key(STREAM_OFFICE)
    for d in np.flatnonzero(expected > 0.0):
        number = int(np.floor(min(expected[d], MOST_ENTRIES) + uniform(key, -1 - int(d))))
        for _ in range(number):
            entries[d] += found(world, int(d), 1.0)
    return entries


def succeed(world: World, closed: np.ndarray) -> np.ndarray:
    """Let associates carry on some of the convicted offices at half the size; returns entries by district."""
    entries = np.zeros(world.district_count, np.int64)
    convicted = world.month_values["closed_convicted"]
    homes, sizes = world.month_values["closed_home"], world.month_values["closed_capacity"]
    key = world.key(STREAM_OFFICE)
    for k in np.flatnonzero(convicted):
        if uniform(key, -1_000 - int(closed[k])) < world.config.offices.succession:
            size = SUCCESSOR_SIZE * float(sizes[k]) / world.config.offices.capacity
            entries[homes[k]] += found(world, int(homes[k]), size, drawn=False)
    return entries


def move_house(world: World) -> None:
    """Move some of the offices that are pursued more than others to the neighbour with most demand unserved."""
    offices, params = world.offices, world.config.offices
    rows = np.flatnonzero(offices.state == OFFICE_OPEN)
    if not rows.size:
        return
    pressure = demand_beyond(world)
    usual = float(np.median(offices.risk[rows]))
    draw = world.draws(STREAM_OFFICE, offices.key[rows] * 16 + 1)
    pursued = (offices.risk[rows] > PURSUED * usual) & (draw < params.relocation)
    for row in rows[pursued]:
        home = int(offices.district[row])
        near = world.borders.indices[world.borders.indptr[home] : world.borders.indptr[home + 1]]
        if near.size:
            best = int(near[int(np.argmax(pressure[near]))])
            if pressure[best] > pressure[home]:
                offices.district[row] = best
                offices.risk[row] = usual


def found(world: World, district: int, size: float, *, drawn: bool = True) -> int:
    """Open an office, which has no record yet; returns 1, or 0 if the table is full.

    Parameters
    ----------
    world, district
        World and home district.
    size
        Multiple of the median size; what the owners bring in goes with it.
    drawn
        Whether its size is drawn around `size`.
    """
    offices, params = world.offices, world.config.offices
    free = np.flatnonzero(offices.state == OFFICE_FREE)
    if not free.size:
        return 0
    row = int(free[0])
    key = world.next_office
    world.next_office += 1
    stream = world.fixed_key(STREAM_OFFICE)
    draw = [float(uniform(stream, key * 16 + k)) for k in range(8)]
    for name in offices._fields:
        getattr(offices, name)[row] = 0
    if drawn:
        size *= exponential(params.capacity_spread * normal_quantile(draw[0]))
    offices.key[row] = key
    offices.state[row] = OFFICE_OPEN
    offices.district[row] = district
    offices.opened[row] = world.t
    offices.capacity[row] = max(params.capacity * size, SMALLEST)
    offices.reach[row] = 2 if draw[1] > WIDE_FROM else 1 if draw[1] > NEAR_FROM else 0
    offices.corridors[row] = _portfolio(world, draw[2:5] if draw[7] > THREE_FROM else draw[2:4])
    offices.integrity[row] = draw[5]
    offices.quality[row] = 0.5
    offices.forgery[row] = draw[6]
    offices.markup[row] = params.markup
    offices.load[row] = 1.0
    offices.reputation[row] = params.usual_name
    known = world.offices.state == OFFICE_OPEN
    same = known & (offices.district == district)
    same[row] = False
    offices.risk[row] = float(np.median(offices.risk[same])) if same.any() else 0.0
    capital = int(params.founding_capital * max(size, SMALLEST))
    offices.capital[row] = capital
    world.ledger.pay("office_owners", "offices", "capital", capital)
    world.month_values.setdefault("typical_spending", np.zeros(offices.spent.size))[row] = 0.0
    return 1


def _portfolio(world: World, draws: list[float]) -> int:
    """Corridors of a new office, one a draw or fewer, rather where travellers go now."""
    names = corridors_of(world.route_facts)
    chance = np.full(len(names), 1.0)
    begun = world.figures.get("route_departures")
    if begun is not None:
        for r, route in enumerate(world.route_facts):
            if not route.onward:
                chance[names.index(route.corridor)] += begun[r]
    chance /= chance.sum()
    bits = 0
    for draw in draws:
        bits |= 1 << int(min(np.searchsorted(np.cumsum(chance), draw), len(names) - 1))
    return bits


def demand_beyond(world: World) -> np.ndarray:
    """Clients a month by district that the places of its offices do not serve."""
    offices = world.offices
    rows = np.flatnonzero(offices.state == OFFICE_OPEN)
    asked = np.bincount(offices.district[rows], (offices.load * offices.capacity)[rows], world.district_count)
    places = np.bincount(offices.district[rows], offices.capacity[rows], world.district_count)
    beyond: np.ndarray = np.maximum(asked - places, 0.0)
    unserved = world.month_values.setdefault("unserved", np.zeros(world.district_count))
    return beyond + unserved


def mean_gain(world: World) -> float:
    """PKR that offices earn by a client after what that client costs; fading mean over the country."""
    offices = world.offices
    clients = int(offices.dispatched.sum())
    unserved = world.month_values.setdefault("unserved", np.zeros(world.district_count))
    unserved += (world.figures.get("clients_unserved", 0) + world.figures.get("departures_alone", 0) * ALONE_WOULD - unserved) / 12.0
    before: float = world.month_values.get("gain", 0.0)
    if clients == 0:
        return before
    overhead = world.ledger.flows.get(("offices", "associates", "overhead"), 0)
    now = (int(offices.revenue.sum()) - int(offices.spent.sum()) + overhead) / clients
    return before + (now - before) / 12.0


def residents(world: World) -> np.ndarray:
    """Members of households at home, by district."""
    found: np.ndarray = np.maximum(world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY], 0).astype(np.float64)
    return found


WORTH_IT = 2.0
"""Multiple of the overhead that a newcomer hopes to earn before opening is sure to pay. Source: assumed."""

MOST_ENTRIES = 20.0
"""Offices that open in a district in a month at most."""

SUCCESSOR_SIZE = 0.5
SMALLEST = 1.0
"""Capacity of the smallest office, persons a month; also the least multiple of the founding capital."""

PURSUED = 2.0
"""Multiple of the usual hazard of arrest from which an office thinks of moving. Source: assumed."""

NEAR_FROM, WIDE_FROM = 0.4, 0.95
"""Shares of offices that serve their own district only, and not the whole country. Source: assumed."""

THREE_FROM = 0.5
"""Share of offices with no third corridor. Source: assumed."""

ALONE_WOULD = 0.25
"""Share of who goes alone that a new office would win. Source: assumed."""

