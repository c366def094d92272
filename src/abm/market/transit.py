"""Transit: foreigners enter at border districts, use Pakistan's legs and offices, meet its guards, and leave again.

Travellers take part of the places of offices and pay; some name the office when stopped.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State
from abm.engine.elementwise import successes
from abm.engine.random import binomial
from abm.engine.sums import sum_by
from abm.market.kernels.offers import EVERYWHERE, NEIGHBOURS
from abm.market.offers import OffersParams, distance_weight, document_price, way_of
from abm.market.office_entry import OfficesParams
from abm.market.payments import book_way, receive, spend
from abm.market.tables import MarketTables, kept_by_office
from abm.routes import (
    ALONE,
    HIRED,
    SECTION,
    Arrivals,
    Cells,
    InterceptionParams,
    LegsState,
    TransitParams,
    draw_arrivals,
    transit_of,
)
from abm.routes import Transit as TransitTravellers
from abm.routes.kernels.contract import Rates, Way, alone_rates, attempt_cost, office_rates
from abm.society import EconomyState
from abm.world.codes import MOST_STOPPED, OFFICE_OPEN, STREAM_TRANSIT_FATE, STREAM_TRANSIT_OFFICE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

BY_ENTRY = "by district of entry"

persons_a_month = partial(outcome, unit="person a month", over="district")


class TransitClientsState(State):
    """Travellers in transit carried by offices."""

    carried: Held[np.ndarray] = kept_by_office(
        unit="person a month", text="Travellers in transit carried by each office, fading mean."
    )
    carried_key: Held[np.ndarray] = kept_by_office(unit="id", text="Office that carries these travellers.", start=-1)


class TransitOutcomes(Outcomes):
    """Travellers in transit: entries, services, fates and spending."""

    transit_entries = persons_a_month(text="Travellers in transit who entered there.")
    transit_with_office = persons_a_month(text=f"Of these, those taken on by an office, {BY_ENTRY}.")
    transit_unserved = persons_a_month(
        text=f"Of these, those who looked for an office in vain and travelled alone, {BY_ENTRY}."
    )
    transit_interceptions = persons_a_month(
        by_leg=True, text=f"Travellers in transit stopped on legs in Pakistan and sent back, {BY_ENTRY}."
    )
    transit_deaths = persons_a_month(text=f"Travellers in transit who died on legs in Pakistan, {BY_ENTRY}.")
    transit_exits = persons_a_month(text=f"Travellers in transit who left Pakistan for the next country, {BY_ENTRY}.")
    transit_under_way = outcome(
        unit="person", over="district", kind="stock",
        text=f"Travellers in transit on legs in Pakistan at the end of the month, {BY_ENTRY}.",
    )  # fmt: skip
    transit_spending = outcome(
        unit="PKR of 2017 a month", over="district",
        text="Spending of travellers in transit with traders in the district of entry.",
    )  # fmt: skip
    transit_travellers = outcome(unit="person a month", over="leg", text="Travellers who began the leg.")


class Transit(Mechanism):
    r"""Foreigners, by default from Afghanistan, enter, travel through Pakistan and leave it.

    They are counts by month and take no decisions. They take places of offices, pay them, and dilute the guards.

    Notes
    -----
    By district of entry and route, with shares $q$, $q'$ and $p$ of the data, there enter in a month

    $$
    \lambda \, g \, p \left( E q + \min(\omega z, 1) D q' \right)
    $$

    persons, times the share of days on which the route is open: $E$ in any case, and of $D$ who would pass by the share
    $z$ that a wall pushes in; $g$ is growth, history and season, $\lambda$ `level`, $\omega$ `wall`. A share (`hiring`
    times the data) asks offices with the corridor whose cost is within the price of the data, in proportion to capacity
    and nearness as in "Offers". Of $f$ free places an office with a queue of $c$ gives $f a / (a+c)$ to the $a$ who
    ask. The others go alone. At the end of a leg some die, then some are stopped and sent back.
    """

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


def _advance(world: World, state: TransitTravellers) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Advance by a month; at the end of a leg some die, some are stopped and sent back, the others go on or leave.

    Those whose next leg is shut wait at the end of theirs.

    Returns, int64: persons who died, were stopped or left Pakistan, by cell; persons who began each leg.
    """
    cells, legs, offers = state.cells, world[LegsState].month, world.params(OffersParams)
    arrived = state.under_way[..., 0].copy()  # at the end of their leg: mode of travel, cell, position on the path
    state.under_way[..., :-1] = state.under_way[..., 1:]
    state.under_way[..., -1] = 0
    path = np.maximum(cells.legs, 0)
    way = np.array([ALONE, HIRED])[:, None, None]
    number = ((cells.identity[:, None] * PLACES + np.arange(path.shape[1])) * 2 + way) * 2
    key = world.key(STREAM_TRANSIT_FATE)
    shut = 1.0 - world[LegsState].passable[next_legs(world, cells)]
    if shut.any():
        waits = successes(arrived, np.broadcast_to(shut, arrived.shape), key, FOR_WAITING + number)
        arrived -= waits
        state.under_way[..., 0] += waits
    death, stop = (np.where(way == ALONE, odds, 1.0) for odds in (offers.alone_death, offers.alone_interception))
    died = successes(arrived, np.minimum(legs.death[path] * death, 1.0), key, number)
    usual = legs.interception[path]
    chance = np.minimum(usual * stop / (1.0 - usual + usual * stop), MOST_STOPPED)
    stopped = successes(arrived - died, chance, key, number + 1)
    passed = arrived - died - stopped
    began = np.zeros(len(world.leg_facts), np.int64)
    left = passed[:, np.arange(cells.length.size), cells.length - 1].sum(axis=0)
    for place in range(1, path.shape[1]):
        on = (cells.length > place).nonzero()[0]
        _begin(world, state, passed[:, on, place - 1], on, place, began)
    used = cells.legs >= 0
    state.stopped = sum_by(cells.legs[used], stopped.sum(axis=0)[used], began.size)
    state.stopped_hired = int(stopped[HIRED].sum())
    return died.sum(axis=(0, 2)), stopped.sum(axis=(0, 2)), left, began


def next_legs(world: World, cells: Cells) -> np.ndarray:
    """Leg after each of a cell's legs, the first abroad after the last; int64 (cells, places), any beyond the end."""
    rows, last = np.arange(cells.length.size), cells.length - 1
    route = world.route_legs[cells.route]
    at = (route == cells.legs[rows, last][:, None]).argmax(axis=1)
    found = np.roll(cells.legs, -1, axis=1)
    found[rows, last] = route[rows, np.minimum(at + 1, world.route_length[cells.route] - 1)]
    return found


def _set_out(world: World, state: TransitTravellers, arrivals: Arrivals, began: np.ndarray) -> None:
    """Let those who entered begin their first leg."""
    ways = np.stack([arrivals.entered - arrivals.served, arrivals.served])
    _begin(world, state, ways, np.arange(state.cells.stream.size), 0, began)


def _begin(
    world: World, state: TransitTravellers, persons: np.ndarray, cells: np.ndarray, place: int, began: np.ndarray
) -> None:
    """Put persons (modes, cells) at a position of their paths; add them to those who began each leg."""
    if not cells.size:
        return
    leg = state.cells.legs[cells, place]
    state.under_way[:, cells, place, world[LegsState].month.months[leg] - 1] += persons
    began += sum_by(leg, persons.sum(axis=0), began.size)


def _spend(world: World, entered: np.ndarray) -> np.ndarray:
    """Book travellers' spending with traders in the district of entry; PKR by district."""
    params = world.params(TransitParams)
    a_day = params.meals * params.meal_price + params.waters * params.water_price
    spent = by_district(world, transit_of(world).cells, entered) * round(params.days * a_day)
    world.ledger.pay("transit_travellers", "sellers", "spending on the way", int(spent.sum()))
    return spent


def serve_travellers(world: World) -> None:
    """Give travellers in transit their part of the month's places, as if they had arrived mixed with the clients.

    Called after offices get their places and before clients take them. In a regional run the region's part of those who
    look for an office comes to its offices. Elsewhere the same share is served, averaged over some months because few
    come to a small region; until anyone has come, all are served.
    """
    if not world.config.enabled(SECTION):
        return
    arrivals, state = draw_arrivals(world), transit_of(world)
    cells, offices = state.cells, world[MarketTables].offices
    bits = world.route_bits[cells.route]
    rows = (offices.state == OFFICE_OPEN).nonzero()[0]
    rows = rows[(offices.corridors[rows] & np.bitwise_or.reduce(bits)) != 0]
    coming = world.rounded(STREAM_TRANSIT_OFFICE, cells.identity, arrivals.seeking * world.region_share)
    coming = np.minimum(coming, arrivals.seeking)
    with_office = office_rates.py_func(0.0, 0.0, document_price(world), offices.forgery[rows])
    costs = costs_in_pakistan(world, cells, with_office)
    price = price_paid(world, cells)
    corridor = (offices.corridors[rows] & bits[:, None]) != 0
    kept = 1.0 - world.params(OfficesParams).associate_share
    willing = corridor & (sum(costs) <= kept * price[:, None])
    weight = np.where(willing, offices.capacity[rows], 0.0) * _nearness(world, rows)
    asked = _ask(coming, weight, world.draws(STREAM_TRANSIT_OFFICE, OFFICE_STARTS + cells.identity))
    of_office = asked.sum(axis=0)
    taken = _part_of_places(world, rows, of_office)
    lots = world.draws(STREAM_TRANSIT_OFFICE, OFFICE_SPLITS + offices.key[rows])
    served = _split(asked, taken, lots)
    offices.asked[rows] += of_office
    offices.unused[rows] -= taken
    offices.dispatched[rows] += taken
    _remember(world, rows, taken)
    _pay(world, rows, served, price, costs)
    here = served.sum(axis=1)
    state.came += (coming.sum() - state.came) / CARRIED_MEMORY
    state.served += (here.sum() - state.served) / CARRIED_MEMORY
    share = state.served / state.came if state.came > 0.0 else 1.0
    away = arrivals.seeking - coming
    elsewhere = world.rounded(STREAM_TRANSIT_OFFICE, ELSEWHERE + cells.identity, away * share)
    arrivals.served = here + np.minimum(elsewhere, away)


def price_paid(world: World, cells: Cells) -> np.ndarray:
    """Paid to the office for one traveller by cell, whole PKR of 2017; travellers have dollars."""
    return np.floor(cells.price * world[EconomyState].dollar).astype(np.int64)


def _nearness(world: World, rows: np.ndarray) -> np.ndarray:
    """Weight of each office for travellers of each cell, float64 (cells, offices), as for resident clients.

    An office serves its own district, the neighbouring ones too, or the country.
    """
    district, offices = transit_of(world).cells.district, world[MarketTables].offices
    near, far = distance_weight(world, 1), distance_weight(world, 2)
    # the last row is for cells outside the region, district -1, which have no neighbours
    borders = np.zeros((world.district_count + 1, world.district_count), bool)
    borders[np.repeat(np.arange(world.district_count), np.diff(world.borders.indptr)), world.borders.indices] = True
    home, reach = offices.district[rows], offices.reach[rows]
    next_door = borders[district[:, None], home] & (reach >= NEIGHBOURS)
    found = np.where(next_door, near, np.where(reach == EVERYWHERE, far, 0.0))
    return np.where(home == district[:, None], 1.0, found)


def _ask(coming: np.ndarray, weight: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Spread travellers over offices in proportion to a weight, by systematic sampling, int64 (cells, offices)."""
    if not weight.shape[1]:
        return np.zeros(weight.shape, np.int64)
    position = weight.cumsum(axis=1)
    total = position[:, -1:]
    # the last office ends exactly at the total
    reached = np.floor(position / np.where(total > 0.0, total, 1.0) * coming[:, None] + start[:, None])
    reached[:, 1:] -= reached[:, :-1]
    return reached.astype(np.int64)


def _part_of_places(world: World, rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Places for travellers: as many as ask if an office can take all, else in proportion; halves by lot."""
    offices, clients = world[MarketTables].offices, world[MarketTables].clients.rows
    queue = sum_by(clients.office + 1, clients.persons, offices.key.size + 1)[1:][rows]  # the first is for -1
    free = np.maximum(offices.unused[rows], 0.0)
    part = free * asked / np.maximum(asked + queue, 1)
    wanted = world.rounded(STREAM_TRANSIT_OFFICE, OFFICE_LOTS + offices.key[rows], part)
    return np.minimum(np.minimum(asked, wanted), np.floor(free).astype(np.int64))


def _split(asked: np.ndarray, taken: np.ndarray, lots: np.ndarray) -> np.ndarray:
    """Divide each office's places (`taken`) among the cells that ask, by systematic sampling, int64 (cells, offices).

    In whole numbers: no traveller is lost, and no cell gets more than it asks for. `lots` is a uniform draw by office.
    """
    total = np.maximum(asked.sum(axis=0), 1)
    start = np.minimum((lots * total).astype(np.int64), total - 1)
    reached: np.ndarray = (asked.cumsum(axis=0) * taken + start) // total
    reached[1:] -= reached[:-1]
    return reached


def _remember(world: World, rows: np.ndarray, taken: np.ndarray) -> None:
    """Average the travellers of each office in recent months; a row that serves a new office starts afresh."""
    state, offices = world[TransitClientsState], world[MarketTables].offices
    state.carried[state.carried_key != offices.key] = 0.0
    state.carried_key[:] = offices.key
    now = np.zeros(state.carried.size)
    now[rows] = taken
    state.carried += (now - state.carried) / CARRIED_MEMORY


def _pay(world: World, rows: np.ndarray, served: np.ndarray, price: np.ndarray, costs: list[np.ndarray]) -> None:
    """Book travellers' payments to offices, and offices' payments for their passage through Pakistan."""
    offices = world[MarketTables].offices
    income = (served * price[:, None]).sum(axis=0)
    receive(world, "transit_travellers", "smuggling fee", rows, offices.district[rows].astype(np.int64), income)
    passage, bribes, documents = ((served * part).sum(axis=0) for part in costs)
    book_way(world, "offices", int(bribes.sum()), int(documents.sum()), int(passage.sum()))
    spend(world, rows, passage + bribes + documents)


def pay_alone(world: World, persons: np.ndarray) -> None:
    """Book the payments of travellers who enter the region and go without an office; `persons` by cell."""
    cells = transit_of(world).cells
    inside = np.where(cells.district >= 0, persons, 0)
    alone = alone_rates.py_func(1.0, document_price(world))
    passage, bribes, documents = (int((inside * part[:, 0]).sum()) for part in costs_in_pakistan(world, cells, alone))
    book_way(world, "transit_travellers", bribes, documents, passage)


def costs_in_pakistan(world: World, cells: Cells, rates: Rates) -> list[np.ndarray]:
    """Passage, bribes and documents on the legs in Pakistan, whole PKR by cell and, where `rates` differ, by office.

    Passage is that of an office of middling service quality, and no dearer alone, so that one price covers the cost of
    a cell with any office or none, forgery apart.
    """
    way = Way(*(part[:, None] for part in way_of(world, cells.legs)))
    return [np.floor(part).astype(np.int64) for part in attempt_cost.py_func(*way, rates)]


def leads_of_travellers(world: World, cooperation: float, willing: float) -> np.ndarray:
    """Draw the leads on offices given by travellers stopped in the month, by row of the table of offices.

    `cooperation` is the share who talk to the police if none are punished; `willing` is the part of it that remains
    under the punishment of migrants.
    """
    found = np.zeros(world[MarketTables].offices.state.size, np.int64)
    if not world.config.enabled(SECTION):
        return found
    state, offices = world[TransitClientsState], world[MarketTables].offices
    chance = world.params(TransitParams).cooperation * cooperation * willing * world.region_share
    known = np.where(state.carried_key == offices.key, state.carried, 0.0)
    weight = np.where(offices.state == OFFICE_OPEN, known * (1.0 - offices.bribed), 0.0)
    if not weight.any():
        return found
    chance *= weight.sum() / known.sum()  # nobody looks for those protected or shut
    number = binomial(transit_of(world).stopped_hired, chance, world.key(STREAM_TRANSIT_FATE), FOR_LEADS)
    if not number:
        return found
    start = world.draws(STREAM_TRANSIT_FATE, np.array([FOR_LEADS + 1]))
    return found + _ask(np.array([number]), weight[None, :], start)[0]


def by_district(world: World, cells: Cells, persons: np.ndarray) -> np.ndarray:
    """Persons by district of entry; those who enter outside the region are left out."""
    return sum_by(cells.district + 1, persons, world.district_count + 1)[1:]  # the first is for -1


PLACES = 32
"""Upper bound on the legs of a route."""

CARRIED_MEMORY = 3.0
"""Months over which an office's travellers are averaged: those stopped now set out a month or two ago."""

OFFICE_STARTS = 1 << 49
"""Draws of where cells start among the offices come after those of cells."""

OFFICE_LOTS = 1 << 50
"""Draws of places of offices come after those."""

OFFICE_SPLITS = 1 << 51
"""Draws of where offices start among the cells come after those."""

ELSEWHERE = 1 << 52
"""Draws of cells for those served elsewhere come after those."""

FOR_WAITING = 1 << 49
"""Draws of those who wait for a leg to open come after those of fates."""

FOR_LEADS = 1 << 50
"""Draws of leads come after those of fates."""
