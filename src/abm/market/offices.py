"""Offices adapt: they learn, price, invest, build or lose reputation, open, move and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.engine.portable import power
from abm.engine.sums import sum_by
from abm.market.care import take_care
from abm.market.conduct import MarketParams
from abm.market.kernels.offices import (
    adapt,
    concentration,
    find_leaving,
    forget_offices,
    hand_over,
    left_by_route,
    pay_bills,
    pay_owners,
)
from abm.market.offers import OffersState
from abm.market.office_entry import (
    OVERHEAD,
    OfficeEntryState,
    OfficesParams,
    enter,
    founding_capital,
    move_house,
    split,
)
from abm.market.outcomes import MarketOutcomes, OfficesOutcomes
from abm.market.payments import FeeOutcomes, book_bribes, book_shares
from abm.market.tables import MarketTables, RisksState, clients_expected
from abm.routes import TravelState
from abm.society import EconomyState
from abm.world.codes import OFFICE_FREE, OFFICE_OPEN, STREAM_OFFICE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

UNSERVED_MONTHS = 12.0
"""Months over which unserved clients are averaged. Source: assumed."""


class OfficesState(State):
    """The legal price that offices respond to."""

    legal_price_index: Held[float] = monthly(
        unit="multiple", text="Price of the legal way as perceived by offices.", neutral=1.0
    )


class Offices(Mechanism):
    r"""Offices learn, price, invest, maintain reputation and pay owners; some open, move, close or break up.

    Busy and profitable offices grow, idle ones shrink; those without money, convicted, or long without profit close.
    Where clients find no office a new one may open; some move next door. Where an owner is arrested, associates set up
    on their own with half of the agents, in the share `succession` of cases.

    Notes
    -----
    In a month an office quotes, gives places to transit, then to clients in order of arrival, cheats some, and pays for
    the way of the others. Now it pays for protection, as far as capital goes, and overhead; load, markup, record and
    capacity follow, then guides and boats; owners take capital beyond the reserve. Then offices split, close, open and
    move, in this order.

    With clients who would leave in the month, sent off or not, over places, the load $l$, smoothed, and the price of
    legal ways relative to the usual $L$, the markup closes `speed` of the gap to

    $$
    m_0 \, L^{\mu} \, (1 + \beta \log l), \qquad 0.2 \le l \le 5,
    $$

    within 0.02 and 3, with $m_0$, $\mu$, $\beta$ `markup`, `markup_legal`, `markup_load`. Reputation is the record of
    $n_f$ contracts fulfilled of $n$, fading over `reputation_memory` months, with a prior of $p$ contracts
    (`reputation_prior`):

    $$
    \rho = \frac{n_f + p \, \rho_0 - \omega (x - \bar x n)}{n + p},
    $$

    within 0 and 1, where $\rho_0$ is `usual_reputation`, $x$ clients cheated or held for ransom, $\bar x$ the usual
    share of them, $\omega$ `wronged_word`. Guides $q$ and boats $b$ close `care_speed` of the gap to

    $$
    q^* = \frac{\sum D \left[ (A_1 - A_0) \Lambda + (u_0 - u_1) k \right]}{2 \kappa \sum D P u}, \qquad
    b^* = \frac{\sum D u f (\Lambda + l_b)}{2 \sum D u \bar f \bar l},
    $$

    at most 1: sums over routes and ways of paying, with $A$, $u$, $k$, $P$, $\kappa$, $\bar f$, $\bar l$ of "Offers"
    (index 0 at the worst guides, 1 at the best, none at the usual), demand $D$ (those who left on the route with an
    office and the region's part of one person, times the share of the offer in the weight of all on the route), deaths
    at sea $f$ and $l_b$ `boat_loss`. $\Lambda$ is what a broken contract costs the office: what would be paid on
    arrival less the agents' share, `conscience` times its integrity of what the client loses, and custom lost through
    its record.

    In a district where $Q$ clients a month find no office, or give up waiting (those beyond the places of the month,
    over the months of their patience),

    $$
    \left[ \eta \, \min\left( \frac{G}{2 (O + K / m)}, 1 \right) \frac{Q}{\bar c} + \xi N \right] (1 - r), \qquad
    r = \min\left( h \left( T + Z / G \right), 1 \right),
    $$

    offices open: $G$ earnings a month at the prices of today and $O$ overhead of an office of usual capacity $c$ (its
    mean with the spread of sizes $\bar c$), $K$ its founding capital, to be earned in $m$ months, $N$ millions of
    residents of the region, shared out over districts by those of theirs who went where nobody gets alone; $r$ is the
    share of earnings that arrest, at the perceived hazard $h$, would cost: $T$ months of them and capital $Z$. Where
    $r$ is lower next door, by $\Delta$, `recruiters_kept` times $\Delta$ of them open there. $\eta$, $\xi$,
    $c$ are `entry`, `speculative_entry`, `capacity`, $m$ is `payback`.
    """

    section = "offices"
    Params = OfficesParams
    switchable = False
    systems = ("S7", "S9", "S10")
    outcomes = (*OfficesOutcomes.declared, *FeeOutcomes.declared)

    @staticmethod
    def step(world: World) -> None:
        """Close the month of every office, and let offices open, move and close."""
        rows = (world[MarketTables].offices.state == OFFICE_OPEN).nonzero()[0]
        world[OfficeEntryState].gain = expected_gain(world)
        _pay_bills(world)
        _adapt(world, rows)
        _pay_owners(world, rows)
        entries = split(world)
        _leave(world)
        entries += enter(world)
        move_house(world, world.params(MarketParams).horizon)
        _count(world, entries)
        book_shares(world)
        _clear_month(world)


def _pay_bills(world: World) -> None:
    """Pay bribes to investigators, as far as there is capital, then rent, phones and staff."""
    offices, params = world[MarketTables].offices, world.params(OfficesParams)
    overhead = params.overhead * world[EconomyState].income_index
    bribes, fixed = pay_bills(offices, world[RisksState].bribes, overhead, params.capacity)
    book_bribes(world, "offices", "protection", bribes)
    world.ledger.pay(*OVERHEAD, fixed)


def _adapt(world: World, rows: np.ndarray) -> None:
    """Update known load, markup, reputation, service quality and capacity of open offices."""
    params = world.params(OfficesParams)
    legal = world[OfficesState].legal_price_index
    adapt(
        world[MarketTables].offices, rows, world[RisksState].arrest_loss, params.speed,
        params.markup * power(legal, params.markup_legal), params.markup_load, params.growth, params.largest,
        1.0 / params.reputation_memory, params.reputation_prior, params.usual_reputation,
        params.wronged_word,
    )  # fmt: skip
    take_care(world, rows)


def _pay_owners(world: World, rows: np.ndarray) -> None:
    """Pay owners of open offices the capital beyond the reserve; an arrested owner waits."""
    params, typical = world.params(OfficesParams), world[OfficeEntryState].typical_spending
    profit = pay_owners(world[MarketTables].offices, rows, typical, params.reserve, founding_capital(world))
    world.ledger.pay("offices", "office_owners", "profit", profit)


def _leave(world: World) -> None:
    """Close bankrupt and convicted offices and some idle ones."""
    offices, params, state = world[MarketTables].offices, world.params(OfficesParams), world[OfficeEntryState]
    rows = np.empty(offices.key.size, np.int64)
    convicted, number = find_leaving(offices, world.key(STREAM_OFFICE), params.lean_months, params.lean_exit, rows)
    rows = rows[:number]
    state.closed_convicted = np.arange(number) < convicted
    state.closed_home = offices.district[rows].astype(np.int64)
    close(world, rows, state.closed_convicted)


def close(world: World, rows: np.ndarray, convicted: np.ndarray) -> None:
    """Close offices: the court seizes part of a convicted office's capital; owners take the rest or pay its debts.

    Contracts under way lose their office: escrow deposits stay until the journey ends, no further attempt is paid for,
    and queued clients go to another office of the district or give up. Travellers and returnees forget the row, which
    may soon serve another office.
    """
    offices = world[MarketTables].offices
    if not rows.size:
        return
    closing = np.zeros(offices.state.size, np.bool_)
    closing[rows] = True
    for table in (world[TravelState].journeys, world[TravelState].returnees):
        forget_offices(table.rows.office, closing)
    capital = offices.capital[rows]
    share = world[RisksState].seized_share  # without courts nobody is convicted
    seized = np.where(convicted, (np.maximum(capital, 0) * share).astype(np.int64), 0)
    world.ledger.pay("offices", "government", "seizure", int(seized.sum()))
    rest = capital - seized
    world.ledger.pay("offices", "office_owners", "capital", int(np.maximum(rest, 0).sum()))
    world.ledger.pay("office_owners", "offices", "capital", int(np.maximum(-rest, 0).sum()))
    _hand_over_clients(world, closing)
    offices.capital[rows] = 0
    offices.state[rows] = OFFICE_FREE
    offices.key[rows] = -1
    offices.capacity[rows] = 0.0
    # the next office in the row has risks of its own
    risks = world[RisksState]
    risks.arrest_loss[rows] = risks.stake[rows] = 0.0
    risks.bribes[rows] = 0


def _hand_over_clients(world: World, closing: np.ndarray) -> None:
    """Send waiting clients of closed offices to the most reputable office of their district that serves their route."""
    clients, offices = world[MarketTables].clients.rows, world[MarketTables].offices
    gone = np.empty(clients.office.size, np.bool_)
    hand_over(clients, offices, closing, world.route_bits, gone)
    if not gone.any():
        return
    unserved = world.figures.setdefault(MarketOutcomes.clients_unserved, np.zeros(world.district_count, np.int64))
    unserved += sum_by(clients.district[gone], clients.persons[gone], unserved.size)
    world[MarketTables].clients.drop(gone)


def _count(world: World, entries: np.ndarray) -> None:
    """Record the month."""
    home, convicted = world[OfficeEntryState].closed_home, world[OfficeEntryState].closed_convicted
    districts = world.district_count
    by_district = np.empty(districts, np.int64)
    index, markup, name, care, boats, load = concentration(world[MarketTables].offices, by_district)
    flows = world.ledger.flows
    received = sum(amount for (_, payee, kind), amount in flows.items() if payee == "offices" and kind != "capital")
    paid = sum(
        amount
        for (payer, _, kind), amount in flows.items()
        if payer == "offices" and kind not in ("profit", "capital", "seizure")
    )
    world.figures |= {
        OfficesOutcomes.offices: by_district,
        OfficesOutcomes.office_entries: entries,
        OfficesOutcomes.office_exits: np.bincount(home, minlength=districts),
        OfficesOutcomes.office_convictions: np.bincount(home[convicted], minlength=districts),
        OfficesOutcomes.smuggling_profit: received - paid,
        OfficesOutcomes.concentration_hhi: index,
        OfficesOutcomes.markup_mean: markup,
        OfficesOutcomes.reputation_mean: name,
        OfficesOutcomes.quality_mean: care,
        OfficesOutcomes.boats_mean: boats,
        OfficesOutcomes.office_load: load,
    }
    world.figures.setdefault(OfficesOutcomes.bribes_paid, 0)
    world.figures.setdefault(OfficesOutcomes.smuggling_revenue, np.zeros(districts, np.int64))
    entry = world[OfficeEntryState]
    entry.unserved += (entry.found_none - entry.unserved) / UNSERVED_MONTHS


def expected_gain(world: World) -> float:
    """PKR that a client leaves an office at the prices of the month, before rent, staff and losses by arrest.

    A newcomer has no past: it reckons with the fees that are asked now, paid upfront, on the routes that clients
    take, less the cost of passage, bribes and what agents get. It stays what it was while no office offers any route,
    or nobody can hire one.

    References
    ----------
    Hopenhayn (1992), "Entry, exit, and firm dynamics in long run equilibrium".
    """
    offered, offices = world[OffersState].month, world[MarketTables].offices
    lost = world[RisksState].arrest_loss[offered.rows] / clients_expected(offices, offered.rows)
    left, open_routes = left_by_route(
        offices, offered.rows, offered.offer_of, offered.fee, offered.weight,
        world.params(OfficesParams).associate_share, lost,
    )  # fmt: skip
    if not open_routes.any() or not world.config.enabled("market"):
        return world[OfficeEntryState].gain
    taken = np.where(open_routes, world.region_share + world[OfficeEntryState].hired, 0.0)
    return float((taken * left).sum() / taken.sum())


def _clear_month(world: World) -> None:
    """Reset the counters of the month."""
    offices = world[MarketTables].offices
    for column in (offices.dispatched, offices.asked, offices.revenue, offices.spent):
        column[:] = 0
