"""Offices and transit: travellers take part of the places and pay; some name the office when stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.random import binomial
from abm.engine.sums import sum_by
from abm.market.kernels.offers import EVERYWHERE, NEIGHBOURS
from abm.market.offers import distance_weight
from abm.market.payments import book_way, document_price, receive, spend, way_of, whole_costs
from abm.market.tables import OFFICE_ROWS, MarketTables
from abm.routes import SECTION, Cells, TransitParams, draw_arrivals, transit_of
from abm.routes.kernels.contract import Rates, Way, alone_rates, office_rates
from abm.world.codes import OFFICE_OPEN, STREAM_TRANSIT_FATE, STREAM_TRANSIT_OFFICE

if TYPE_CHECKING:
    from abm.world.state import World


class TransitClientsState(State):
    """Travellers in transit carried by offices."""

    carried: Held[np.ndarray] = kept(
        unit="person a month",
        text="Travellers in transit carried by each office, fading mean.",
        over=("office",),
        start=lambda world: np.zeros(OFFICE_ROWS),
    )
    carried_key: Held[np.ndarray] = kept(
        unit="id",
        text="Office that carries these travellers.",
        over=("office",),
        start=lambda world: np.full(OFFICE_ROWS, -1, np.int64),
    )


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
    rows = np.flatnonzero(offices.state == OFFICE_OPEN)
    coming = world.rounded(STREAM_TRANSIT_OFFICE, cells.identity, arrivals.seeking * world.region_share)
    coming = np.minimum(coming, arrivals.seeking)
    with_office = office_rates.py_func(0.0, 0.0, document_price(world), offices.forgery[rows])
    costs = costs_in_pakistan(world, cells, with_office)
    cost = sum(costs)
    corridor = (offices.corridors[rows][None, :] & world.route_bits[cells.route][:, None]) != 0
    willing = corridor & (cost <= cells.price[:, None])
    weight = np.where(willing, offices.capacity[rows], 0.0) * _nearness(world, rows)
    asked = _ask(coming, weight, world.draws(STREAM_TRANSIT_OFFICE, OFFICE_STARTS + cells.identity))
    taken = _part_of_places(world, rows, asked.sum(axis=0))
    lots = world.draws(STREAM_TRANSIT_OFFICE, OFFICE_SPLITS + offices.key[rows])
    served = _split(asked, taken, lots)
    offices.asked[rows] += asked.sum(axis=0)
    offices.unused[rows] -= taken
    offices.dispatched[rows] += taken
    _remember(world, rows, taken)
    _pay(world, rows, served, cells.price, *costs)
    here = served.sum(axis=1)
    state.came += (coming.sum() - state.came) / CARRIED_MEMORY
    state.served += (here.sum() - state.served) / CARRIED_MEMORY
    share = state.served / state.came if state.came > 0.0 else 1.0
    away = arrivals.seeking - coming
    elsewhere = world.rounded(STREAM_TRANSIT_OFFICE, ELSEWHERE + cells.identity, away * share)
    arrivals.served = here + np.minimum(elsewhere, away)


def _nearness(world: World, rows: np.ndarray) -> np.ndarray:
    """Weight of each office for travellers of each cell, float64 (cells, offices), as for resident clients.

    An office serves its own district, the neighbouring ones too, or the country.
    """
    district, offices = transit_of(world).cells.district, world[MarketTables].offices
    near, far = distance_weight(world, 1), distance_weight(world, 2)
    # the last row is for cells outside the region, district -1, which have no neighbours
    borders = np.zeros((world.district_count + 1, world.district_count), bool)
    borders[np.repeat(np.arange(world.district_count), np.diff(world.borders.indptr)), world.borders.indices] = True
    home, reach = offices.district[rows].astype(np.int64), offices.reach[rows]
    found = np.where(reach == EVERYWHERE, far, 0.0)[None, :].repeat(district.size, axis=0)
    found = np.where(borders[district][:, home] & (reach >= NEIGHBOURS), near, found)
    return np.where(home == district[:, None], 1.0, found)


def _ask(coming: np.ndarray, weight: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Spread travellers over offices in proportion to a weight, by systematic sampling, int64 (cells, offices)."""
    if not weight.shape[1]:
        return np.zeros(weight.shape, np.int64)
    position = np.cumsum(weight, axis=1)
    total = position[:, -1:]
    # the last office ends exactly at the total
    reached = np.floor(position / np.where(total > 0.0, total, 1.0) * coming[:, None] + start[:, None])
    return np.diff(reached, axis=1, prepend=0.0).astype(np.int64)


def _part_of_places(world: World, rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Places for travellers: as many as ask if an office can take all, else in proportion; halves by lot."""
    offices, clients, count = (
        world[MarketTables].offices,
        world[MarketTables].clients.columns,
        world[MarketTables].clients.count,
    )
    with_office = clients.office[:count] >= 0
    whose, persons = clients.office[:count][with_office], clients.persons[:count][with_office]
    queue = sum_by(whose, persons, offices.key.size)[rows]
    free = np.maximum(offices.unused[rows], 0.0)
    part = free * asked / np.maximum(asked + queue, 1)
    wanted = world.rounded(STREAM_TRANSIT_OFFICE, OFFICE_LOTS + offices.key[rows], part)
    return np.minimum(np.minimum(asked, wanted), np.floor(free).astype(np.int64))


def _split(asked: np.ndarray, taken: np.ndarray, lots: np.ndarray) -> np.ndarray:
    """Divide each office's places among the cells that ask, by systematic sampling, int64 (cells, offices).

    In whole numbers: no traveller is lost, and no cell gets more than it asks for.

    Parameters
    ----------
    asked, taken
        Travellers who ask, by cell and office; places by office.
    lots
        Uniform draw by office, float64.
    """
    total = np.maximum(asked.sum(axis=0), 1)
    start = np.minimum((lots * total).astype(np.int64), total - 1)
    reached = (np.cumsum(asked, axis=0) * taken + start) // total
    return np.diff(reached, axis=0, prepend=np.zeros((1, taken.size), np.int64))


def _remember(world: World, rows: np.ndarray, taken: np.ndarray) -> None:
    """Average the travellers of each office in recent months; a row that serves a new office starts afresh."""
    state, offices = world[TransitClientsState], world[MarketTables].offices
    state.carried[state.carried_key != offices.key] = 0.0
    state.carried_key = offices.key.copy()
    now = np.zeros(state.carried.size)
    now[rows] = taken
    state.carried += (now - state.carried) / CARRIED_MEMORY


def _pay(
    world: World,
    rows: np.ndarray,
    served: np.ndarray,
    price: np.ndarray,
    passage: np.ndarray,
    bribes: np.ndarray,
    documents: np.ndarray,
) -> None:
    """Book travellers' payments to offices, and offices' payments for their passage through Pakistan."""
    offices = world[MarketTables].offices
    income = (served * price[:, None]).sum(axis=0)
    receive(world, "transit_travellers", "smuggling fee", rows, offices.district[rows].astype(np.int64), income)
    book_way(world, "offices", served * bribes, served * documents, served * passage)
    spend(world, rows, (served * (passage + bribes + documents)).sum(axis=0))


def pay_alone(world: World, persons: np.ndarray) -> None:
    """Book the payments of travellers who enter the region and go without an office.

    Parameters
    ----------
    persons
        Persons without an office by cell, int64 (C,).
    """
    cells = transit_of(world).cells
    inside = np.where(cells.district >= 0, persons, 0)
    alone = alone_rates.py_func(1.0, document_price(world))
    passage, bribes, documents = (part[:, 0] for part in costs_in_pakistan(world, cells, alone))
    book_way(world, "transit_travellers", inside * bribes, inside * documents, inside * passage)


def costs_in_pakistan(world: World, cells: Cells, rates: Rates) -> list[np.ndarray]:
    """Passage, bribes and documents on the legs in Pakistan, whole PKR by cell and, where `rates` differ, by office.

    Passage is that of an office of middling service quality, and no dearer alone, so that one price covers the cost of
    a cell with any office or none, forgery apart.
    """
    return whole_costs(Way(*(part[:, None] for part in way_of(world, cells.legs))), rates)


def leads_of_travellers(world: World, cooperation: float, willing: float) -> np.ndarray:
    """Draw the leads on offices given by travellers stopped in the month, by row of the table of offices.

    Parameters
    ----------
    cooperation
        Share of those stopped who talk to the police if none are punished.
    willing
        Share of cooperation that remains under the punishment of migrants.
    """
    found = np.zeros(world[MarketTables].offices.state.size, np.int64)
    if not world.config.enabled(SECTION):
        return found
    state, offices = world[TransitClientsState], world[MarketTables].offices
    chance = world.params(TransitParams).cooperation * cooperation * willing * world.region_share
    number = binomial(transit_of(world).stopped_hired, chance, world.key(STREAM_TRANSIT_FATE), FOR_LEADS)
    named = (offices.state == OFFICE_OPEN) & (state.carried_key == offices.key)
    weight = np.where(named, state.carried * (1.0 - offices.bribed), 0.0)
    if number and weight.sum() > 0.0:
        start = world.draws(STREAM_TRANSIT_FATE, np.array([FOR_LEADS + 1]))
        found += _ask(np.array([number]), weight[None, :], start)[0]
    return found


def by_district(world: World, cells: Cells, persons: np.ndarray) -> np.ndarray:
    """Persons by district of entry; those who enter outside the region are left out."""
    inside = cells.district >= 0
    found = np.zeros(world.district_count, np.int64)
    found += sum_by(cells.district[inside], persons[inside], found.size)
    return found


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

FOR_LEADS = 1 << 50
"""Draws of leads come after those of fates."""
