"""Market: clients choose an office and a payment scheme, wait their turn, pay and leave; some are cheated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from abm.declare.state import Held, State, kept, monthly
from abm.departure import charge_households, choices_of, means_of_households
from abm.departure.kernels.departure import serve_in_order, set_off
from abm.engine.elementwise import apart, successes
from abm.engine.sums import ascending, sum_by
from abm.engine.tables import widen
from abm.market.conduct import MarketParams, tempted
from abm.market.kernels.clients import (
    Contracts,
    add_up,
    agree_terms,
    begin_contracts,
    close_queues,
    grant_places,
    split_cohorts,
)
from abm.market.kernels.offers import take_offers
from abm.market.offers import OffersState
from abm.market.office_entry import OfficeEntryState
from abm.market.outcomes import MarketOutcomes
from abm.market.payments import pay_for_attempts, receive
from abm.market.tables import Clients, MarketTables
from abm.market.transit import serve_travellers
from abm.places.options import IRREGULAR_WAY
from abm.routes import LegsState, TravelState
from abm.world.codes import (
    ALONE,
    CREDIT,
    ESCROW,
    NEWS_CHEATED,
    PIECE,
    STREAM_CHEAT,
    STREAM_OFFER,
    STREAM_SETTING_OUT,
    UPFRONT,
)
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class Seekers(NamedTuple):
    """Cohorts who look for an office: household, district, persons, route, and the office of before (-1 for any)."""

    row: np.ndarray
    district: np.ndarray
    persons: np.ndarray
    route: np.ndarray
    office: np.ndarray


class MarketState(State):
    """Those who look for an office beside the first choices of the month, and the basket of journeys that is priced."""

    again: Held[Seekers] = monthly(
        text="Those sent home who try again this month, and those refused a legal way who turn to an irregular one.",
        neutral=lambda world: Seekers(*(np.zeros(0, np.int64) for _ in Seekers._fields)),
    )
    basket: Held[np.ndarray] = kept(
        unit="person", text="Contracts begun in the first year of the run.", over=("route",), start=0.0
    )
    agreed: Held[np.ndarray] = kept(
        unit="PKR of 2017", text="Median fee last agreed; blank if never.", over=("route",), start=np.nan
    )


class Market(Mechanism):
    r"""Clients take one of the offers that reach them; offices send off as many as they can, in order of arrival.

    A client chooses among the offers that reach its district and that it can pay, with the weights of "Offers". It
    joins the queue of the office, and leaves when its turn comes, if it can still pay; after `patience` months it gives
    up.

    Notes
    -----
    An office sends off as many as its capacity allows. Of those who pay upfront it cheats the share

    $$
    \chi (1 - \iota) \left( 1 - \frac{\rho}{1 + \mu T} \right),
    $$

    with integrity $\iota$, reputation $\rho$, hazard of arrest $\mu$, $\chi$ `cheating` and $T$ `horizon`.
    """

    section = "market"
    Params = MarketParams
    systems = ("S7", "S9")
    used_when_off = ("horizon",)
    outcomes = MarketOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Queue new clients, and send off as many as the offices can."""
        unserved = _join_queues(world)
        world[OfficeEntryState].found_none = unserved.copy()
        table, offices = world[MarketTables].clients, world[MarketTables].offices
        clients = table.rows
        grant_places(offices, PIECE)
        serve_travellers(world)
        served = np.zeros(table.count, np.int64)
        serve_in_order(clients.office, _ready(world, clients), offices.unused, offices.asked, served)
        chosen = served.nonzero()[0]
        called = widen(clients, chosen)._replace(persons=served[chosen])
        cheated = _cheat(world, called)
        asked = called.persons.copy()
        _send_off(world, called)
        # those who cannot pay or leave at their turn, and those tired of waiting
        unserved += sum_by(called.district, asked - called.persons, world.district_count)
        failed, gone = np.zeros((2, table.count), np.bool_)
        failed[chosen] = (called.persons == 0) & (asked > 0)
        waiting = np.zeros(world.district_count, np.int64)
        patience = world.params(MarketParams).patience
        world[OfficeEntryState].patience = max(patience, 1.0)
        close_queues(clients, served, failed, world.t, patience, offices, gone, unserved, waiting)
        table.drop(gone)
        world.figures |= {
            MarketOutcomes.waiting_clients: waiting,
            MarketOutcomes.clients_unserved: unserved,
            MarketOutcomes.cheated: cheated,
        }


def _ready(world: World, clients: Clients) -> np.ndarray:
    """Persons of each cohort who can set out; those booked on a closed route wait, as long as patience lasts."""
    ready, share = clients.persons.copy(), world[LegsState].open_routes
    some = (share < 1.0)[clients.route].nonzero()[0]
    waits = world.draws(STREAM_SETTING_OUT, clients.row[some]) >= share[clients.route[some]]
    ready[some[waits]] = 0
    return ready


def _join_queues(world: World) -> np.ndarray:
    """Queue those who chose an irregular way this month or try again; return those not served, by district.

    A weighted cohort is split into pieces, each with an office of its own, so that a few large cohorts fill small
    offices as many small cohorts would.
    """
    rows, districts, picked, persons = choices_of(world, IRREGULAR_WAY)
    newcomers = Seekers(rows, districts, persons, world.option_table.route[picked], np.full(rows.size, -1))
    seekers = Seekers(*map(np.concatenate, zip(newcomers, world[MarketState].again, strict=True)))
    if not seekers.row.size:
        return np.zeros(world.district_count, np.int64)
    means = means_of_households(world, seekers.row, seekers.district)
    number = int((-(-seekers.persons // PIECE)).sum())
    pieces = Seekers(*np.empty((len(Seekers._fields), number), np.int64))
    entity, own_means = np.empty(number, np.int64), np.empty(number)
    split_cohorts(seekers, means, PIECE, rows.size, MOST_PIECES, pieces, entity, own_means)
    entity = apart(entity)  # a household from which several cohorts try again
    offers = world[OffersState].month
    office, scheme = np.zeros((2, number), np.int64)
    take_offers(
        pieces.district, pieces.route, own_means, entity, world.key(STREAM_OFFER), offers.serving, offers.start,
        offers.nearness, offers.offer_of, offers.weight, offers.advance, offers.alone, pieces.office,
        _positions(world), office, scheme, np.empty(offers.start.size * len(world.route_facts), np.int64),
        np.empty(number, np.int64), *_room_for_offers(offers.start),
    )  # fmt: skip
    clients, unserved = np.empty((len(Clients._fields), number), np.int64), np.zeros(world.district_count, np.int64)
    joined = agree_terms(
        pieces, office, scheme, world.t, offers, world[OffersState].terms.attempts, Clients(*clients), unserved
    )  # fmt: skip
    world[MarketTables].clients.append(**Clients(*clients[:, :joined])._asdict())
    return unserved


def _room_for_offers(start: np.ndarray) -> tuple[np.ndarray, ...]:
    """Work space of `take_offers`: one more than the schemes of all offices that serve a district."""
    room = 3 * int(np.diff(start).max()) + 1
    return *np.empty((3, room)), *np.empty((2, room), np.int64)


def _positions(world: World) -> np.ndarray:
    """Position of each row of the table of offices among the open ones, -1 if not open."""
    found = np.full(world[MarketTables].offices.state.size, -1, np.int64)
    rows = world[OffersState].month.rows
    found[rows] = np.arange(rows.size)
    return found


def _cheat(world: World, called: Clients) -> np.ndarray:
    """Let offices cheat some of those who pay upfront; return the cheated by district."""
    offices = world[MarketTables].offices
    place = ((called.office >= 0) & (called.scheme == UPFRONT)).nonzero()[0]
    asked = called.office[place]
    entity = apart(called.row[place] * offices.state.size + asked)
    taken = successes(called.persons[place], tempted(world, asked), world.key(STREAM_CHEAT), entity)
    some = taken.nonzero()[0]
    place, taken = place[some], taken[some]
    rows, district, office = called.row[place], called.district[place], called.office[place]
    paid = charge_households(world, rows, called.fee[place] * taken, taken, district, on_credit=True)
    receive(world, "households", "smuggling fee", office, district, paid)
    called.persons[place] -= taken
    world.news.report(NEWS_CHEATED, rows, taken, called.route[place], office)
    wronged = sum_by(office, taken, offices.key.size)
    offices.ended[:] += wronged
    offices.cheated[:] += wronged
    return sum_by(district, taken, world.district_count)


def _send_off(world: World, called: Clients) -> None:
    """Let clients pay the amounts due and begin their journeys; ``persons`` keeps those who leave."""
    paid, borrowed = np.zeros((2, called.row.size), np.int64)
    set_off(
        called.row, called.persons, called.advance, called.district, world.district_month, world.households, paid,
        borrowed,
    )  # fmt: skip
    world.ledger.lend(int(borrowed.sum()))
    contracts = np.empty((len(Contracts._fields), paid.size), np.int64)
    number = begin_contracts(called, paid, world[MarketTables].offices, Contracts(*contracts))
    went = Contracts(*contracts[:, :number])
    here = ((went.scheme == UPFRONT) | (went.scheme == CREDIT)).nonzero()[0]
    receive(world, "households", "smuggling fee", went.office[here], went.district[here], went.paid[here])
    world.ledger.pay("households", "escrow", "deposit", int(went.deposit.sum()))
    pay_for_attempts(world, went.route, np.zeros_like(went.route), went.office, went.persons, went.paid)
    terms = dict(zip(Contracts._fields[4:], went[4:], strict=True))
    begin_journeys(world, went.row, went.persons, went.district, went.route, origin=-1, **terms)
    destination = world.route_destination[went.route]
    world.book_departures(went.row, went.district, went.persons, IRREGULAR_WAY, destination, abroad=True)
    _count(world, went)


def begin_journeys(
    world: World, rows: np.ndarray, persons: np.ndarray, districts: np.ndarray, routes: np.ndarray, **terms: ArrayLike
) -> None:
    """Put cohorts on the first leg of their routes; `terms` are the columns of contract, payments and origin."""
    if not rows.size:
        return
    travel, legs = world[TravelState], world[LegsState]
    first = world.route_legs[routes, 0]
    travel.journeys.append(
        id=travel.next_journey + np.arange(rows.size), row=rows, persons=persons, district=districts, route=routes,
        # the pass of the same month subtracts one month: the month of departure does not count as travelled
        leg=0, months_left=legs.month.months[first] + 1, months_gone=-1, started=world.t, held=0, attempt=1,
        experience=world.households.experience[rows], wealth=world.households.wealth_group[rows], **terms,
    )  # fmt: skip
    travel.next_journey += rows.size
    legs.entered += sum_by(first, persons, legs.entered.size)


def _count(world: World, went: Contracts) -> None:
    """Record departures by district and route, fees and schemes."""
    routes = len(world.route_facts)
    by_route, medians = np.zeros(routes, np.int64), np.zeros(SCHEMES + 1 + routes)
    by_scheme = np.zeros((SCHEMES, world.district_count), np.int64)
    add_up(
        went.fee, ascending(went.fee), went.persons, went.district, went.route, went.scheme, by_route, by_scheme,
        *np.empty((2, medians.size), np.int64), medians,
    )  # fmt: skip
    world[OfficeEntryState].hired = sum_by(went.route, np.where(went.scheme == ALONE, 0, went.persons), routes)
    persons = by_scheme.sum(axis=1)
    contracts = persons.sum() - persons[ALONE]
    share = persons / contracts if contracts else np.full(SCHEMES, np.nan)
    world.figures |= {
        MarketOutcomes.irregular_departures: by_scheme.sum(axis=0),
        MarketOutcomes.departures_alone: by_scheme[ALONE],
        MarketOutcomes.departures_escrow: by_scheme[ESCROW],
        MarketOutcomes.departures_credit: by_scheme[CREDIT],
        MarketOutcomes.departures: by_route,
        MarketOutcomes.fee_basket: _price_of_basket(world, medians[SCHEMES + 1 :]),
        MarketOutcomes.fee_median: medians[SCHEMES],
        MarketOutcomes.fee_median.at("route"): medians[SCHEMES + 1 :],
        MarketOutcomes.fee_upfront: medians[UPFRONT],
        MarketOutcomes.fee_escrow: medians[ESCROW],
        MarketOutcomes.fee_credit: medians[CREDIT],
        MarketOutcomes.cost_alone: medians[ALONE],
        MarketOutcomes.escrow_share: share[ESCROW],
        MarketOutcomes.credit_share: share[CREDIT],
    }


def _price_of_basket(world: World, agreed: np.ndarray) -> float:
    """Fee agreed for the contracts of the first year, PKR (Laspeyres); `agreed` is by route, nan keeps the last."""
    state = world[MarketState]
    if world.t < BASKET_MONTHS:
        state.basket += world[OfficeEntryState].hired
    state.agreed[:] = np.where(np.isnan(agreed), state.agreed, agreed)
    known = ~np.isnan(state.agreed)
    total = np.where(known, state.basket, 0.0).sum()
    return float(np.where(known, state.basket * state.agreed, 0.0).sum() / total) if total else np.nan


BASKET_MONTHS = 12
"""Months whose contracts make up the basket."""

SCHEMES = 4
"""Payment schemes, going alone included."""

MOST_PIECES = 8192
"""Upper bound on the pieces of a cohort; household and piece together address the draws."""
