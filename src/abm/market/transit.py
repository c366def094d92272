"""Transit: foreigners enter at border districts, use Pakistan's legs and offices, meet its guards, and leave again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.engine.random import binomials
from abm.market.offers_params import OffersParams
from abm.market.transit_offices import by_district, pay_alone
from abm.routes import (
    ALONE,
    HIRED,
    SECTION,
    Arrivals,
    InterceptionParams,
    LegsState,
    TransitParams,
    draw_arrivals,
    transit_of,
)
from abm.routes import Transit as State
from abm.world.codes import MOST_STOPPED, STREAM_TRANSIT_FATE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

BY_ENTRY = "by district of entry"


class TransitOutcomes(Outcomes):
    """Travellers in transit: entries, services, fates and spending."""

    transit_entries = outcome(unit="person a month", over="district", text="Travellers in transit who entered there.")
    transit_with_office = outcome(
        unit="person a month", over="district", text=f"Of these, those taken on by an office, {BY_ENTRY}."
    )
    transit_unserved = outcome(
        unit="person a month",
        over="district",
        text=f"Of these, those who looked for an office in vain and travelled alone, {BY_ENTRY}.",
    )
    transit_interceptions = outcome(
        unit="person a month",
        over="district",
        by_leg=True,
        text=f"Travellers in transit stopped on legs in Pakistan and sent back, {BY_ENTRY}.",
    )
    transit_deaths = outcome(
        unit="person a month", over="district", text=f"Travellers in transit who died on legs in Pakistan, {BY_ENTRY}."
    )
    transit_exits = outcome(
        unit="person a month",
        over="district",
        text=f"Travellers in transit who left Pakistan for the next country, {BY_ENTRY}.",
    )
    transit_under_way = outcome(
        unit="person",
        over="district",
        kind="stock",
        text=f"Travellers in transit on legs in Pakistan at the end of the month, {BY_ENTRY}.",
    )
    transit_spending = outcome(
        unit="PKR of 2017 a month",
        over="district",
        text="Spending of travellers in transit with traders in the district of entry.",
    )
    transit_travellers = outcome(unit="person a month", over="leg", text="Travellers who began the leg.")


class Transit(Mechanism):
    """Streams from Afghanistan, Bangladesh and Central Asia enter, travel through Pakistan and leave it."""

    section = SECTION
    Params = TransitParams
    systems = ("S8", "S10", "S13")
    on_by_default = False
    outcomes = TransitOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Advance those under way by a month; those who entered this month set out."""
        if not world.config.enabled(SECTION):
            return
        state = transit_of(world)
        arrivals = state.arrivals or draw_arrivals(world)
        state.arrivals = None
        died, stopped, left, began = _advance(world, state)
        _set_out(world, state, arrivals, began)
        pay_alone(world, arrivals.entered - arrivals.served)
        spent = _spend(world, arrivals.entered)
        state.flow += (began - state.flow) / world.params(InterceptionParams).flow_memory
        cells = state.cells
        world.figures |= {
            TransitOutcomes.transit_entries: by_district(world, cells, arrivals.entered),
            TransitOutcomes.transit_with_office: by_district(world, cells, arrivals.served),
            TransitOutcomes.transit_unserved: by_district(world, cells, arrivals.seeking - arrivals.served),
            TransitOutcomes.transit_interceptions: by_district(world, cells, stopped),
            TransitOutcomes.transit_deaths: by_district(world, cells, died),
            TransitOutcomes.transit_exits: by_district(world, cells, left),
            TransitOutcomes.transit_under_way: by_district(world, cells, state.under_way.sum(axis=(0, 2, 3))),
            TransitOutcomes.transit_spending: spent,
            TransitOutcomes.transit_interceptions.at("leg"): state.stopped.copy(),
            TransitOutcomes.transit_travellers: began,
        }


def _advance(world: World, state: State) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Advance by a month; at the end of a leg some die, some are stopped and sent back, the others go on or leave.

    Returns
    -------
    tuple of numpy.ndarray
        Persons who died, were stopped or left Pakistan, by cell; persons who began each leg; int64.
    """
    cells, legs, offers = state.cells, world[LegsState].month, world.params(OffersParams)
    arrived = state.under_way[..., 0].copy()  # at the end of their leg: mode of travel, cell, position on the path
    state.under_way[..., :-1] = state.under_way[..., 1:]
    state.under_way[..., -1] = 0
    path = np.maximum(cells.legs, 0)
    odds_alone = {ALONE: (offers.alone_death, offers.alone_interception), HIRED: (1.0, 1.0)}
    died, stopped = np.zeros_like(arrived), np.zeros_like(arrived)
    for way, (death, interception) in odds_alone.items():
        number = ((cells.identity[:, None] * PLACES + np.arange(path.shape[1])) * 2 + way) * 2
        _draw(world, arrived[way], np.minimum(legs.death[path] * death, 1.0), number, died[way])
        chance = np.minimum(legs.interception[path] * interception, MOST_STOPPED)
        _draw(world, arrived[way] - died[way], chance, number + 1, stopped[way])
    passed = arrived - died - stopped
    began = np.zeros(len(world.leg_facts), np.int64)
    left = np.zeros(cells.stream.size, np.int64)
    for place in range(path.shape[1]):
        last = cells.length == place + 1
        left[last] += passed[:, last, place].sum(axis=0)
        on = np.flatnonzero(cells.length > place + 1)
        _begin(world, state, passed[:, on, place], on, place + 1, began)
    used = cells.legs >= 0
    state.stopped = np.bincount(cells.legs[used], stopped.sum(axis=0)[used], minlength=began.size).astype(np.int64)
    state.stopped_hired = int(stopped[HIRED].sum())
    return died.sum(axis=(0, 2)), stopped.sum(axis=(0, 2)), left, began


def _draw(world: World, persons: np.ndarray, chance: np.ndarray, number: np.ndarray, out: np.ndarray) -> None:
    """Draw the persons affected, for arrays of one shape."""
    found = np.zeros(persons.size, np.int64)
    binomials(persons.ravel(), chance.ravel(), world.key(STREAM_TRANSIT_FATE), number.ravel(), found)
    out[:] = found.reshape(out.shape)


def _set_out(world: World, state: State, arrivals: Arrivals, began: np.ndarray) -> None:
    """Let those who entered begin their first leg."""
    ways = np.stack([arrivals.entered - arrivals.served, arrivals.served])
    _begin(world, state, ways, np.arange(state.cells.stream.size), 0, began)


def _begin(world: World, state: State, persons: np.ndarray, cells: np.ndarray, place: int, began: np.ndarray) -> None:
    """Put persons (modes, cells) at a position of their paths; add them to those who began each leg."""
    if not cells.size:
        return
    leg = state.cells.legs[cells, place]
    slot = world[LegsState].month.months[leg] - 1
    for way in (ALONE, HIRED):
        state.under_way[way, cells, place, slot] += persons[way]
    began += np.bincount(leg, persons.sum(axis=0), began.size).astype(np.int64)


def _spend(world: World, entered: np.ndarray) -> np.ndarray:
    """Book travellers' spending with traders in the district of entry; PKR by district."""
    params = world.params(TransitParams)
    a_day = params.meals * params.meal_price + params.waters * params.water_price
    spent = by_district(world, transit_of(world).cells, entered) * round(params.days * a_day)
    world.ledger.pay("transit_travellers", "sellers", "spending on the way", int(spent.sum()))
    return spent


PLACES = 32
"""Upper bound on the legs of a route."""
