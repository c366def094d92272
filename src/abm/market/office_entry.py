"""Opening, breaking up and moving of offices; parameters of offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, kept, kept_by_district, monthly
from abm.engine.portable import exponential
from abm.engine.random import uniform
from abm.market.kernels.offices import LEAST_CAPACITY, Founding, Moving, move_pursued, open_offices
from abm.market.referral import ReferralState, those_who_went
from abm.market.tables import MarketTables, RisksState, kept_by_office
from abm.society import EconomyState
from abm.society.kernels.diffusion import lowest_neighbour
from abm.world.codes import OFFICE_OPEN, STREAM_OFFICE

if TYPE_CHECKING:
    from abm.world.state import World


OVERHEAD = "offices", "associates", "overhead"
"""Payment of rent and staff: payer, payee and kind."""


class OfficesParams(Params):
    """Conduct, entry and exit of smuggler offices."""

    opening: float = param(
        5.0, unit="office per million residents", bounds=(0.0, 100.0),
        source="assumed; over 1,000 networks in the country in 2013, S_DAWN_1164732", systems=("S7",), at_start=True,
    )  # fmt: skip
    """Offices at the start, in the whole region; they stand where those who went irregularly come from."""

    capacity: float = param(6.0, unit="person/month", bounds=(0.5, 200.0), source="assumed", systems=("S7",))
    """Clients that a new office of median size can send off."""

    capacity_spread: float = param(0.8, unit="log points", bounds=(0.0, 2.0), source="assumed", systems=("S7",))
    """Spread of the size of new offices."""

    founding_capital: float = param(
        2_000_000.0, unit="PKR of 2017", bounds=(0.0, 1e8), source="assumed", systems=("S7",)
    )
    """Owners' capital of an office of median size; it follows income at home."""

    payback: float = param(60.0, unit="month", bounds=(1.0, 600.0), source="assumed", systems=("S7",))
    """Months in which an office has to earn its founding capital for another to open."""

    settled_word: float = param(
        0.015, unit="person each", bounds=(0.0, 1.0),
        source="assumed, with the districts around the dam in sight; migrants help others to come, whatever their own "
        "papers: Massey and Garcia Espana (1987)",
        systems=("S3", "S4", "S7"),
    )  # fmt: skip
    """Persons who went without papers of whom a migrant settled at a destination knows and tells."""

    overhead: float = param(60_000.0, unit="PKR of 2017 a month", bounds=(0.0, 2e6), source="assumed", systems=("S7",))
    """Fixed cost of an office of median size; it follows income at home."""

    associate_share: float = param(
        0.15, unit="share of receipts", bounds=(0.0, 0.9),
        source="assumed; half of a fee goes to others in all, S_WHYPAYS_2008", systems=("S7", "S9"),
    )  # fmt: skip
    """Part of every receipt that goes to the agents and recruiters who brought the client."""

    markup: float = param(
        0.176, unit="share of cost", bounds=(0.0, 5.0), source="calibrated, hardly identified, docs/calibration.md",
        systems=("S7",),
    )  # fmt: skip
    """Markup of an office at normal load, at the initial legal price, over all costs, the agents' share included."""

    markup_load: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S7",))
    """Response of the markup to the load, the ratio of clients asking to capacity."""

    markup_legal: float = param(
        0.3, unit="elasticity", bounds=(0.0, 2.0), source="assumed; Auriol and Mesnard (2016)", systems=("S6", "S7")
    )
    """Elasticity of the markup to the price of the legal way, relative to the start."""

    speed: float = param(0.15, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of the gap that prices and known load close in a month."""

    care_speed: float = param(0.15, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S8"))
    """Share of the gap to the care that pays which guides and boats close in a month; 0: care is not chosen."""

    conscience: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Part of a client's loss that an office of full integrity counts as its own when it chooses guides and boats."""

    boat_loss: float = param(150_000.0, unit="PKR of 2017", bounds=(0.0, 1e7), source="assumed", systems=("S7", "S8"))
    """Boat, engine and guide lost for each passenger who dies at sea, as offices reckon; it follows the dollar."""

    boats_stake: float = param(
        310_000.0, unit="PKR of 2017", bounds=(1e4, 1e7),
        source="assumed; set by hand so that boats are the usual ones in the baseline", systems=("S7", "S8"),
    )  # fmt: skip
    """What a death at sea costs an office that finds the usual boats best, at the danger of the route data.

    It follows the dollar.
    """

    growth: float = param(0.04, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S7",))
    """Growth of the capacity of a profitable office with more clients than places; idle offices shrink as fast."""

    largest: float = param(150.0, unit="person/month", bounds=(1.0, 5_000.0), source="assumed", systems=("S7",))
    """Capacity beyond which no office grows, because its members must trust each other."""

    reputation_memory: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months over which the record of an office fades."""

    reputation_prior: float = param(20.0, unit="contract", bounds=(0.0, 500.0), source="assumed", systems=("S7",))
    """Weight, in contracts, of the usual reputation before an office has one of its own."""

    usual_reputation: float = param(0.6, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Share of contracts that a newcomer is believed to fulfil."""

    ruthless_effect: float = param(
        0.8, unit="multiple added", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9")
    )
    """Rise in the odds of being held on the way with the most ruthless office; with the least they fall as much."""

    ransom_share: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Part of the ransoms of its clients that the most ruthless office gets; the least ruthless gets none."""

    wronged_word: float = param(2.0, unit="contract", bounds=(0.0, 10.0), source="assumed", systems=("S7", "S9"))
    """Contracts broken that a client cheated or held for ransom adds to an office's record, beyond the usual share."""

    types_visible: float = param(
        0.0, unit="share", bounds=(0.0, 1.0), source="assumed; a thought experiment", systems=("S7", "S9")
    )
    """How far clients tell offices apart by their true types (1) instead of their reputation (0)."""

    reserve: float = param(12.0, unit="month of cost", bounds=(0.0, 120.0), source="assumed", systems=("S7",))
    """Capital that an office keeps; any excess goes to its owners."""

    entry: float = param(0.7, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Monthly chance that an office opens where another would find clients and earn twice its overhead."""

    speculative_entry: float = param(
        0.02, unit="office/month per million residents", bounds=(0.0, 1.0), source="assumed", systems=("S7",)
    )
    """Offices opened speculatively in the whole region, in proportion to those who know a way that offices lead."""

    lean_months: int = param(9, unit="month", bounds=(1, 120), source="assumed", systems=("S7",))
    """Months without profit after which an office may give up."""

    lean_exit: float = param(0.10, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7",))
    """Monthly chance that it does."""

    succession: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Share of owners arrested whose associates set up on their own, with half of the agents."""

    relocation: float = param(0.02, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Monthly chance that an office moves whose profit, net of the losses expected by arrest, is higher next door."""

    moving_cost: float = param(
        3.0, unit="month of earnings", bounds=(0.0, 24.0),
        source="assumed; set by hand so that few offices move while enforcement stays as it is", systems=("S7", "S10"),
    )  # fmt: skip
    """What moving next door costs an office: premises, agents, and custom lost meanwhile."""

    recruiters_kept: float = param(
        0.9, unit="share", bounds=(0.0, 1.0),
        source="assumed; crime is displaced in part (Guerette and Bowers 2009)", systems=("S7", "S10"),
    )  # fmt: skip
    """Part of its weight in the district left, and of its record, that an office that moves keeps by its recruiters."""


class OfficeEntryState(State):
    """Unserved demand, earnings, and the offices that closed."""

    unserved: Held[np.ndarray] = kept_by_district(
        unit="person a month", text="Clients who found no office, fading mean."
    )
    found_none: Held[np.ndarray] = monthly(
        unit="person", text="Clients of the month who found no office.", over=("district",), neutral=0
    )
    hired: Held[np.ndarray] = monthly(
        unit="person", text="Persons who left home with an office in the month.", over=("route",), neutral=0
    )
    patience: Held[float] = monthly(unit="month", text="Months that clients wait.", neutral=lambda world: np.inf)
    gain: Held[float] = kept(
        unit="PKR of 2017", text="What a client leaves an office at the prices of the month.", start=0.0
    )
    typical_spending: Held[np.ndarray] = kept_by_office(
        unit="PKR of 2017 a month", text="Usual spending of each office."
    )
    closed_convicted: Held[np.ndarray] = monthly(
        unit="flag", text="Whether an office that closed was convicted.", over=("closed office",)
    )
    closed_home: Held[np.ndarray] = monthly(
        unit="row", text="District of each office that closed.", over=("closed office",)
    )


def open_first(world: World) -> None:
    """Open the initial offices where ways are known."""
    expected = world.params(OfficesParams).opening * where_ways_are_known(world) / 1e6
    key = world.key(STREAM_OFFICE, 1)
    start = np.array([uniform(key, d) for d in range(world.district_count)])
    districts = np.repeat(np.arange(world.district_count), np.floor(expected + start).astype(np.int64))
    found(world, districts, np.ones(districts.size), capital=OPENING_CAPITAL)


def enter(world: World) -> np.ndarray:
    """Open offices where demand is unserved and another would earn, and a few anywhere; return entries.

    Of those who would open in a district, some give up for fear of arrest; of these, some open next door.
    """
    params = world.params(OfficesParams)
    pressure = beyond_places(world)
    cost = params.overhead * world[EconomyState].income_index + founding_capital(world) / params.payback
    gross = max(world[OfficeEntryState].gain * params.capacity, 0.0)
    worth = min(gross / max(cost, 1.0) / WORTH_IT, 1.0)
    mean_capacity = params.capacity * exponential(0.5 * params.capacity_spread**2)
    expected = params.entry * worth * pressure / mean_capacity
    expected += params.speculative_entry * where_ways_are_known(world) / 1e6
    expected = np.minimum(expected, MOST_ENTRIES)
    lost = _fears(world, gross)
    safer, gained = _safest_next_door(world, lost)
    bold, districts = expected * (1.0 - lost), np.arange(world.district_count)
    here = world.rounded(STREAM_OFFICE, -1 - districts, bold)
    there = world.rounded(STREAM_OFFICE, NEXT_DOOR - districts, expected * gained * params.recruiters_kept)
    number = np.concatenate([here, there])
    homes, recruits = (np.repeat(np.concatenate([districts, next_to]), number) for next_to in (safer, districts))
    return found(world, homes, np.ones(homes.size), recruits=recruits)


def founding_capital(world: World) -> float:
    """Owners' capital of an office of median size, PKR of 2017: it follows income at home."""
    return float(world.params(OfficesParams).founding_capital * world[EconomyState].income_index)


def _fears(world: World, gross: float) -> np.ndarray:
    """Share of a newcomer's earnings, PKR a month, that it expects to lose by arrest in each district; at most all."""
    risks = world[RisksState]
    stake = risks.months_lost * gross + risks.capital_lost * founding_capital(world)
    return np.minimum(risks.hazard * stake / max(gross, 1.0), 1.0)


def _safest_next_door(world: World, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbour of each district where the smallest share of earnings is lost, and how much less than at home."""
    best = np.empty(lost.size, np.int64)
    lowest_neighbour(lost, world.borders.indptr, world.borders.indices, best)
    return best, np.maximum(lost - lost[best], 0.0)


def split(world: World) -> np.ndarray:
    """Let associates of owners arrested in the month set up on their own with half of the agents; return entries.

    References
    ----------
    Calderón et al. (2015), "The beheading of criminal organizations": groups without their head break up.
    """
    params, offices = world.params(OfficesParams), world[MarketTables].offices
    headless = world[RisksState].owner_arrested.nonzero()[0]
    headless = headless[SUCCESSOR_SIZE * offices.capacity[headless] >= LEAST_CAPACITY]  # others have too few agents
    left = headless[world.draws(STREAM_OFFICE, -1_000 - headless) < params.succession]
    taken = SUCCESSOR_SIZE * offices.capacity[left]
    offices.capacity[left] -= taken
    return found(world, offices.district[left].astype(np.int64), taken / params.capacity, drawn=False)


def move_house(world: World, horizon: float) -> None:
    """Move some offices that would earn more next door, net of expected losses by arrest, within `horizon` months."""
    offices, params, risks = world[MarketTables].offices, world.params(OfficesParams), world[RisksState]
    rows = (offices.state == OFFICE_OPEN).nonzero()[0]
    places = np.bincount(offices.district[rows], offices.capacity[rows], world.district_count)
    terms = Moving(params.moving_cost, horizon, params.recruiters_kept)
    paid = move_pursued(
        offices, rows, world.key(STREAM_OFFICE), params.relocation, risks.hazard, risks.stake,
        beyond_places(world), places, max(world[OfficeEntryState].gain, 0.0), terms,
        world.borders.indptr, world.borders.indices,
    )  # fmt: skip
    world.ledger.pay(*OVERHEAD, paid)


def found(
    world: World, districts: np.ndarray, sizes: np.ndarray, *, drawn: bool = True, recruits: np.ndarray | None = None,
    capital: float = 1.0,
) -> np.ndarray:  # fmt: skip
    """Open as many offices as the table has room for; return entries by district.

    `districts` are their homes, `recruits` those of their recruiters if elsewhere; `sizes` are relative to the median,
    and drawn around these values if `drawn`; owners' capital is in proportion, times `capital`.
    """
    if not districts.size:
        return np.zeros(world.district_count, np.int64)
    tables, params = world[MarketTables], world.params(OfficesParams)
    usual = Founding(
        params.capacity, params.capacity_spread, capital * founding_capital(world), params.markup,
        params.usual_reputation,
    )  # fmt: skip
    number, paid_in = open_offices(
        tables.offices, districts, districts if recruits is None else recruits, sizes, drawn, tables.next_office,
        world.fixed_key(STREAM_OFFICE), usual,
        _shares_of_corridors(world), world[RisksState].hazard, world[OfficeEntryState].typical_spending,
    )  # fmt: skip
    tables.next_office += number
    world.ledger.pay("office_owners", "offices", "capital", paid_in)
    return np.bincount(districts[:number], minlength=world.district_count)


def _shares_of_corridors(world: World) -> np.ndarray:
    """Cumulative shares of the corridors in the portfolios of new offices: those that clients take are more likely."""
    from_home = np.flatnonzero(world.route_bits)
    corridor = np.frexp(world.route_bits[from_home])[1] - 1  # place of the one bit
    chance = world.region_share + np.bincount(corridor, world[OfficeEntryState].hired[from_home])
    return np.cumsum(chance / chance.sum())


def beyond_places(world: World) -> np.ndarray:
    """Clients a month whom open offices will not send off before they give up, and those who found none, by district.

    Those beyond the places of a month give up in the end, or keep others waiting until they do. A queue that grows
    counts too, so that it is more than give up in the month.
    """
    offices, entry = world[MarketTables].offices, world[OfficeEntryState]
    rows = (offices.state == OFFICE_OPEN).nonzero()[0]
    places = np.bincount(offices.district[rows], offices.capacity[rows], world.district_count)
    asked = np.bincount(offices.district[rows], offices.load[rows] * offices.capacity[rows], world.district_count)
    return np.maximum(asked - places, 0.0) / entry.patience + entry.unserved


def where_ways_are_known(world: World) -> np.ndarray:
    """Residents of the region, shared out over districts by those of theirs who went where only offices lead."""
    went = those_who_went(world, world.params(OfficesParams).settled_word)[:, world[ReferralState].beyond].sum(axis=1)
    people = world.residents().astype(np.float64)
    return people if went.sum() == 0.0 else np.asarray(people.sum() * went / went.sum())


OPENING_CAPITAL = 3.0
"""Capital of the offices of the start relative to that of a newcomer: they have contracts under way to be paid for.
Source: assumed, so that their number neither falls nor rises by itself."""

WORTH_IT = 2.0
"""Expected earnings, relative to overhead, at which a new office is sure to pay. Source: assumed."""

MOST_ENTRIES = 20.0
"""Most offices that open in a district in a month."""

NEXT_DOOR = -10_000
"""Draws of the offices that open next door are addressed downwards from here, beyond those of rows of the table."""

SUCCESSOR_SIZE = 0.5
"""Part of an office that leaves with an associate once its owner is arrested. Source: assumed."""
