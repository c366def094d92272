"""Market: clients choose an office and a payment scheme, wait their turn, pay and leave; some are cheated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, monthly
from abm.departure.applications import choices_of
from abm.departure.kernels.departure import charge, means_of_rows, serve_in_order, set_off
from abm.engine.random import binomials
from abm.engine.record import Figures
from abm.engine.sums import sum_by
from abm.market.kernels.offers import take_offers
from abm.market.offers import OffersState
from abm.market.outcomes import MarketOutcomes
from abm.market.payments import pay_for_attempts, receive
from abm.market.tables import MarketTables
from abm.market.transit_offices import serve_travellers
from abm.places.options import IRREGULAR_WAY
from abm.routes.legs import LegsState
from abm.routes.travel import TravelState
from abm.world.codes import (
    ALONE,
    CREDIT,
    ESCROW,
    NEWS_CHEATED,
    OFFICE_OPEN,
    STREAM_CHEAT,
    STREAM_OFFER,
    UPFRONT,
)
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class Repeats(NamedTuple):
    """Cohorts that try again: household, its district, persons, route, and the office of before (-1 for any)."""

    row: np.ndarray
    district: np.ndarray
    persons: np.ndarray
    route: np.ndarray
    office: np.ndarray


class MarketState(State):
    """Returnees who try again this month."""

    again: Held[Repeats] = monthly(
        text="Those sent home who try again this month.",
        neutral=lambda world: Repeats(*(np.zeros(0, np.int64) for _ in Repeats._fields)),
    )


class MarketParams(Params):
    """Queues and cheating."""

    patience: float = param(6.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S7",))
    """Months after which a waiting client gives up."""

    cheating: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Share of upfront payers cheated by an office without integrity, reputation or future."""

    horizon: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months of expected business that give an office too much to lose by cheating."""


class Market(Mechanism):
    """Clients take one of the offers that reach them; offices send off as many as they can, in order of arrival."""

    section = "market"
    Params = MarketParams
    systems = ("S7", "S9")
    used_when_off = ("horizon",)
    outcomes = MarketOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Queue new clients, and send off as many as the offices can."""
        unserved = _join_queues(world)
        clients = world[MarketTables].clients
        columns, count = clients.columns, clients.count
        offices = world[MarketTables].offices
        _grant_places(world)
        serve_travellers(world)
        served = np.zeros(count, np.int64)
        serve_in_order(columns.office[:count], columns.persons[:count], offices.unused, served)
        chosen = served > 0
        due = {name: getattr(columns, name)[:count][chosen].astype(np.int64) for name in DUE}
        due["persons"] = served[chosen]
        cheated = _cheat(world, due)
        asked = due["persons"].copy()
        _send_off(world, due)
        columns.persons[:count] -= served.astype(np.int32)
        failed = np.zeros(count, bool)
        failed[chosen] = (due["persons"] == 0) & (asked > 0)
        impatient = world.t - columns.due[:count] >= world.params(MarketParams).patience + in_turn(
            world, columns.district[:count]
        )
        # those who cannot pay or leave at their turn, and those tired of waiting
        unserved += sum_by(due["district"], asked - due["persons"], unserved.size)
        left_over = (columns.persons[:count] > 0) & (failed | impatient)
        unserved += sum_by(columns.district[:count][left_over], columns.persons[:count][left_over], unserved.size)
        clients.take((columns.persons[:count] <= 0) | failed | impatient)
        columns, count = clients.columns, clients.count
        offices.waiting[:] = 0
        with_office = columns.office[:count] >= 0
        offices.waiting[:] += sum_by(
            columns.office[:count][with_office], columns.persons[:count][with_office], offices.waiting.size
        )
        world.figures |= {
            MarketOutcomes.waiting_clients: _by_district(world, columns.district[:count], columns.persons[:count]),
            MarketOutcomes.clients_unserved: unserved,
            MarketOutcomes.cheated: cheated,
        }


def _join_queues(world: World) -> np.ndarray:
    """Queue those who chose an irregular way this month or try again; return those not served, by district.

    A weighted cohort is split into pieces, each with an office of its own, so that a few large cohorts fill small
    offices as many small cohorts would.
    """
    rows, districts, picked = choices_of(world, IRREGULAR_WAY)
    routes = np.array([option.route for option in world.options])[picked]
    persons = world.weight[districts]
    loyal = np.full(rows.size, -1, np.int64)
    newcomers = rows.size
    again = world[MarketState].again
    if again.row.size:
        rows, districts = np.concatenate([rows, again.row]), np.concatenate([districts, again.district])
        routes, persons = np.concatenate([routes, again.route]), np.concatenate([persons, again.persons])
        loyal = np.concatenate([loyal, again.office])
    unserved = np.zeros(world.district_count, np.int64)
    if not rows.size:
        return unserved
    pieces = -(-persons // PIECE)
    which = np.repeat(np.arange(rows.size), pieces)
    number = np.arange(which.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    entity = (rows[which] * 2 + (which >= newcomers)) * MOST_PIECES + number
    size = persons[which] // pieces[which] + (number < persons[which] % pieces[which])
    rows, districts, routes, loyal = rows[which], districts[which], routes[which], loyal[which]
    means = np.zeros(rows.size)
    means_of_rows(rows, districts, world.district_month, world.households, means)
    offers = world[OffersState].month
    office, scheme = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.int64)
    take_offers(
        districts, routes, means, entity, world.key(STREAM_OFFER), offers.serving, offers.start,
        offers.nearness, offers.offer_of, offers.weight, offers.advance, offers.alone, loyal, _positions(world),
        office, scheme,
    )  # fmt: skip
    none = office == -2
    unserved += sum_by(districts[none], size[none], unserved.size)
    some = ~none
    _append(world, rows[some], size[some], districts[some], routes[some], office[some], scheme[some])
    return unserved


def _positions(world: World) -> np.ndarray:
    """Position of each row of the table of offices among the open ones, -1 if not open."""
    found = np.full(world[MarketTables].offices.state.size, -1, np.int64)
    rows = world[OffersState].month.rows
    found[rows] = np.arange(rows.size)
    return found


def _append(
    world: World,
    rows: np.ndarray,
    size: np.ndarray,
    districts: np.ndarray,
    routes: np.ndarray,
    office: np.ndarray,
    scheme: np.ndarray,
) -> None:
    """Add new clients to the queue with their agreed terms."""
    offers = world[OffersState].month
    alone = office < 0
    position, kind = np.maximum(office, 0), np.minimum(scheme, CREDIT)
    if offers.fee.size:
        offer = np.maximum(offers.offer_of[position, routes], 0)
        fee = np.where(alone, offers.alone.cost[routes], offers.fee[offer, kind])
        advance = np.where(alone, offers.alone.cost[routes], offers.advance[offer, kind])
        office_row = np.where(alone, -1, offers.rows[position])
    else:
        fee = advance = offers.alone.cost[routes]
        office_row = np.full(rows.size, -1)
    included = np.append(world[OffersState].terms.attempts, 1)
    world[MarketTables].clients.append(
        row=rows, persons=size, district=districts, route=routes, office=office_row, scheme=scheme, fee=fee,
        advance=advance, attempts=included[scheme], due=world.t,
    )  # fmt: skip
    world[MarketTables].offices.asked[:] += sum_by(
        office_row[~alone], size[~alone], world[MarketTables].offices.asked.size
    )


def _grant_places(world: World) -> None:
    """Give every open office its places for the month; unused places are kept for a piece of a cohort."""
    offices = world[MarketTables].offices
    is_open = offices.state == OFFICE_OPEN
    offices.unused[is_open] = np.minimum(
        offices.unused[is_open] + offices.capacity[is_open], np.maximum(offices.capacity[is_open], PIECE) + 1.0
    )
    offices.unused[~is_open] = 0.0


def in_turn(world: World, districts: np.ndarray) -> np.ndarray:
    """Months that the offices of a district need to send off the households behind one row, by clients' district.

    Those households would have come one after another, not all in one month; the last of them may wait that much
    longer than a single household's patience.
    """
    offices = world[MarketTables].offices
    is_open = offices.state == OFFICE_OPEN
    capacity = np.bincount(offices.district[is_open], offices.capacity[is_open], world.district_count)
    return np.minimum((world.weight - 1) / np.maximum(capacity, 1e-6), LONGEST_TURN)[districts]


def _cheat(world: World, due: dict[str, np.ndarray]) -> np.ndarray:
    """Let offices cheat some of those who pay upfront; return the cheated by district.

    The temptation grows with less integrity, a worse reputation and a shorter horizon.
    """
    offices, params = world[MarketTables].offices, world.params(MarketParams)
    cheated = np.zeros(world.district_count, np.int64)
    ahead = np.minimum(1.0 / (offices.risk + 1.0 / params.horizon) / params.horizon, 1.0)
    tempted = params.cheating * (1.0 - offices.integrity) * (1.0 - offices.reputation * ahead)
    with_office = (due["office"] >= 0) & (due["scheme"] == UPFRONT)
    place = np.flatnonzero(with_office)
    if not place.size:
        return cheated
    taken = np.zeros(place.size, np.int64)
    binomials(
        due["persons"][place], tempted[due["office"][place]], world.key(STREAM_CHEAT),
        due["row"][place] * offices.state.size + due["office"][place], taken,
    )  # fmt: skip
    place, taken = place[taken > 0], taken[taken > 0]
    if not place.size:
        return cheated
    rows, district, office = due["row"][place], due["district"][place], due["office"][place]
    paid, borrowed = np.zeros(place.size, np.int64), np.zeros(place.size, np.int64)
    charge(rows, due["fee"][place] * taken, district, world.district_month, world.households, True, paid, borrowed)
    world.ledger.lend(int(borrowed.sum()))
    receive(world, "households", "smuggling fee", office, district, paid)
    due["persons"][place] -= taken
    world.news.tell(NEWS_CHEATED, rows, taken, due["route"][place], office)
    cheated += sum_by(district, taken, cheated.size)
    offices.ended[:] += sum_by(office, taken, offices.ended.size)
    return cheated


def _send_off(world: World, due: dict[str, np.ndarray]) -> None:
    """Let clients pay the amounts due and begin their journeys."""
    paid, borrowed = np.zeros(due["row"].size, np.int64), np.zeros(due["row"].size, np.int64)
    set_off(
        due["row"],
        due["persons"],
        due["advance"],
        due["district"],
        world.district_month,
        world.households,
        paid,
        borrowed,
    )
    world.ledger.lend(int(borrowed.sum()))
    leaves = due["persons"] > 0
    went = {name: values[leaves] for name, values in due.items()}
    paid = paid[leaves]
    scheme, office, district, persons = went["scheme"], went["office"], went["district"], went["persons"]
    to_office, held = (scheme == UPFRONT) | (scheme == CREDIT), scheme == ESCROW
    receive(world, "households", "smuggling fee", office[to_office], district[to_office], paid[to_office])
    world.ledger.pay("households", "escrow", "deposit", int(paid[held].sum()))
    pay_for_attempts(world, went["route"], office, persons, paid)
    world[MarketTables].offices.dispatched[:] += sum_by(
        office[office >= 0], persons[office >= 0], world[MarketTables].offices.dispatched.size
    )
    owed = np.where(scheme == CREDIT, (went["fee"] - went["advance"]) * persons, 0)
    _begin(world, went, paid, np.where(held, paid, 0), owed)
    destination = world.route_destination[went["route"]]
    world.book_departures(went["row"], district, persons, IRREGULAR_WAY, destination, abroad=True)
    _count(world, went)


def _begin(world: World, went: dict[str, np.ndarray], paid: np.ndarray, deposit: np.ndarray, owed: np.ndarray) -> None:
    """Begin the journeys of those who left."""
    number = went["row"].size
    if not number:
        return
    offices = world[MarketTables].offices
    first = world.route_legs[went["route"], 0]
    months = world[LegsState].month.months
    with_office = went["office"] >= 0
    key = np.where(with_office, offices.key[np.maximum(went["office"], 0)], -1)
    world[TravelState].journeys.append(
        id=world[TravelState].next_journey + np.arange(number),
        row=went["row"], persons=went["persons"], district=went["district"], route=went["route"], leg=0,
        # the pass of the same month subtracts one month: the month of departure does not count as travelled
        months_left=months[first] + 1, months_gone=-1, started=world.t, held=0, attempt=1,
        attempts=went["attempts"], office=went["office"], office_key=key, scheme=went["scheme"], fee=went["fee"],
        paid=paid, deposit=deposit, owed=owed, origin=-1,
        experience=world.households.experience[went["row"]], wealth=world.households.wealth_group[went["row"]],
    )  # fmt: skip
    world[TravelState].next_journey += number
    world[LegsState].entered += sum_by(first, went["persons"], world[LegsState].entered.size)


def _count(world: World, went: dict[str, np.ndarray]) -> None:
    """Record departures by district and route, fees and schemes."""
    persons, route, scheme = went["persons"], went["route"], went["scheme"]
    routes = len(world.route_facts)
    contract = scheme != ALONE
    contracts = int(persons[contract].sum())
    shares: Figures = {
        which: float(persons[scheme == code].sum()) / contracts if contracts else float("nan")
        for which, code in ((MarketOutcomes.escrow_share, ESCROW), (MarketOutcomes.credit_share, CREDIT))
    }
    fees: Figures = {
        which: median_fee(went["fee"][scheme == code], persons[scheme == code])
        for which, code in (
            (MarketOutcomes.fee_upfront, UPFRONT), (MarketOutcomes.fee_escrow, ESCROW), (MarketOutcomes.fee_credit,
            CREDIT), (MarketOutcomes.cost_alone, ALONE),
        )
    }  # fmt: skip
    by_route = np.full(routes, np.nan)
    for r in np.unique(route[contract]):
        mine = contract & (route == r)
        by_route[r] = median_fee(went["fee"][mine], persons[mine])
    world.figures |= {
        MarketOutcomes.irregular_departures: _by_district(world, went["district"], persons),
        MarketOutcomes.departures_alone: _by_district(world, went["district"], np.where(scheme == ALONE, persons, 0)),
        MarketOutcomes.departures_escrow: _by_district(world, went["district"], np.where(scheme == ESCROW, persons, 0)),
        MarketOutcomes.departures_credit: _by_district(world, went["district"], np.where(scheme == CREDIT, persons, 0)),
        MarketOutcomes.departures: np.bincount(route, persons, routes).astype(np.int64),
        MarketOutcomes.fee_median: median_fee(went["fee"][contract], persons[contract]),
        MarketOutcomes.fee_median.at("route"): by_route,
        **fees,
        **shares,
    }


def _by_district(world: World, district: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    found = np.zeros(world.district_count, np.int64)
    found += sum_by(district, amounts, found.size)
    return found


def median_fee(fees: np.ndarray, persons: np.ndarray) -> float:
    """Median fee of those who leave; not a number if none do."""
    if fees.size == 0:
        return float("nan")
    order = np.argsort(fees, kind="stable")
    passed = np.cumsum(persons[order])
    return float(fees[order][np.searchsorted(passed, passed[-1] / 2)])


MOST_PIECES = 8192
"""Upper bound on the pieces of a cohort; household and piece together address the draws."""

PIECE = 8
"""Persons of a weighted cohort who use the same office."""

DUE = ("row", "district", "route", "office", "scheme", "fee", "advance", "attempts")
"""Columns of clients needed for a departure."""

LONGEST_TURN = 36.0
"""Longest time, in months, over which the households of a weighted row count as coming one after another."""
