"""Offers: every open office quotes its routes by payment scheme; each district sees the offers that reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, behaviour, lever, outcome
from abm.declare.state import Held, State, kept, monthly
from abm.engine.portable import exponential
from abm.market.kernels.offers import fill_reach, go_alone, mean_fees, number_offers, quote, summarise
from abm.market.month_market import Alone, ContractOdds, Offered, Summary, Terms
from abm.market.offers_params import OffersParams
from abm.market.office_entry import open_first
from abm.market.payments import document_price, way_of
from abm.market.risks import RisksState
from abm.market.tables import MarketTables
from abm.routes.kernels.contract import Way, contracts_by_care
from abm.routes.legs import LegsState
from abm.society.drivers import EconomyState
from abm.world.codes import OFFICE_OPEN
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class OffersState(State):
    """Terms and offers of the month."""

    terms: Held[Terms] = monthly(text="Terms of the month.")
    month: Held[Offered] = monthly(text="All offers of the month.")
    care: Held[np.ndarray] = monthly(
        unit="multiple", text="Effect of each office's service quality on the odds on the way.", over=("office",)
    )
    recovery: Held[np.ndarray] = kept(
        unit="share",
        text="Share of fees on credit that offices expect to recover.",
        over=("destination",),
        start=lambda world: np.full(len(world.destination_facts), FIRST_RECOVERY),
    )


class OffersOutcomes(Outcomes):
    """Fees quoted."""

    fee_quoted = outcome(
        unit="PKR of 2017",
        over="route",
        kind="level",
        text="Mean fee quoted for the route, weighted by clients' choice probabilities; blank without offers.",
    )


DEPOSITS_HINDERED = behaviour("third parties that can hold deposits, closed", base=0.0)
"""Share closed by control of informal finance."""


class Offers(Mechanism):
    """Offices quote upfront, escrow and credit; each district sees offers that reach it, and the cost without them."""

    section = "offers"
    Params = OffersParams
    switchable = False
    systems = ("S7", "S8", "S9")
    outcomes = OffersOutcomes.declared
    levers = (
        lever(
            "informal_finance_control",
            unit="share of escrow closed",
            bounds=(0.0, 1.0),
            combine="add",
            moves=DEPOSITS_HINDERED,
            unit_cost=4.0e7,
            cost_unit="100 % of escrow closed, a month",
            text="Supervises money dealers, so that third parties who hold deposits for smugglers are harder to find.",
            systems=("S7", "S19"),
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Quote, and summarise the offers that reach each district."""
        if world.t == 0:
            open_first(world)
        params = world.params(OffersParams)
        offices = world[MarketTables].offices
        rows = np.flatnonzero(offices.state == OFFICE_OPEN)
        way = way_of(world, world.route_legs)
        terms = world[OffersState].terms = _terms(world)
        care = 1.0 + params.quality_effect * (0.5 - offices.quality)
        routes = world.route_length.size
        offer_of = np.zeros((rows.size, routes), np.int32)
        office_of, route_of = np.zeros(offer_of.size, np.int32), np.zeros(offer_of.size, np.int32)
        number = number_offers(offices.corridors[rows], world.route_bits, offer_of, office_of, route_of)
        office_of, route_of = office_of[:number], route_of[:number]
        fee, advance, weight, pooled = (np.empty((number, width)) for width in (3, 3, 3, 6))
        recovery = world[OffersState].recovery
        odds = contract_odds(world, terms)
        quote(
            offices, rows, office_of, route_of, way, terms,
            recovery[world.route_destination], _overhead(world), odds, fee, advance, weight, pooled,
        )  # fmt: skip
        success, death = odds.success[:, CARE_STEPS // 2].copy(), odds.death[:, CARE_STEPS // 2].copy()
        alone = _alone(world, way, terms)
        serving, start, nearness = reach_of(world, rows)
        first = np.searchsorted(office_of, np.arange(rows.size + 1))
        summary = Summary(*(np.zeros((world.district_count, routes)) for _ in Summary._fields))
        summarise(
            serving, start, nearness, offices.reach[rows], distance_weight(world, 2), first, route_of, pooled,
            odds.months, alone, summary,
        )  # fmt: skip
        world[OffersState].month = Offered(
            rows, serving, start, nearness, offer_of, fee, advance, weight, success, death, alone, summary
        )
        world[OffersState].care = care
        world.figures[OffersOutcomes.fee_quoted] = np.zeros(routes)
        mean_fees(pooled, route_of, world.figures[OffersOutcomes.fee_quoted])


def contract_odds(world: World, terms: Terms) -> ContractOdds:
    """Work out the outcomes of contracts by route, step of service quality and scheme."""
    shape = (world.route_length.size, CARE_STEPS, terms.attempts.size)
    success, log_success, used, death = (np.zeros(shape) for _ in range(4))
    odds = ContractOdds(success, log_success, used, death, np.zeros(world.route_length.size))
    contracts_by_care(
        world.route_legs, world.route_length, world[LegsState].month, world.params(OffersParams).quality_effect,
        terms.attempts, *odds,
    )  # fmt: skip
    return odds


def reach_of(world: World, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Open offices (positions in `rows`) that serve each district, as compressed rows, and their distance weights."""
    offices, borders = world[MarketTables].offices, world.borders
    home, reach = offices.district[rows].astype(np.int64), offices.reach[rows]
    near, far = distance_weight(world, 1), distance_weight(world, 2)
    start = np.zeros(world.district_count + 1, np.int64)
    nobody, nothing = np.zeros(0, np.int64), np.zeros(0)
    neighbours = borders.indptr, borders.indices
    number = fill_reach(home, reach, *neighbours, near, far, start, nobody, nothing)
    serving, nearness = np.zeros(number, np.int64), np.zeros(number)
    if number:
        fill_reach(home, reach, *neighbours, near, far, start, serving, nearness)
    return serving, start, nearness


def distance_weight(world: World, distance: int) -> float:
    """Part of an office's weight that remains in a neighbouring district (1), and farther away (2)."""
    return float(exponential(-world.params(OffersParams).distance_taste)) ** distance


def _terms(world: World) -> Terms:
    params = world.params(OffersParams)
    control = float(world.now(DEPOSITS_HINDERED)[0])
    return Terms(
        attempts=np.array([params.attempts_upfront, params.attempts_escrow, params.attempts_credit]),
        quality_cost=params.quality_cost,
        document_cost=document_price(world),
        holder_share=params.holder_share,
        advance_share=params.advance_share,
        credit_premium=params.credit_premium,
        credit_reserve=params.credit_reserve,
        capital_cost=params.capital_cost,
        escrow_open=params.escrow * min(max(1.0 - control, 0.0), 1.0),
        distrust=params.distrust,
        escrow_trust=params.escrow_trust,
        credit_trust=params.credit_trust,
        success_weight=params.success_weight,
        cost_weight=params.cost_weight,
        cost_scale=params.cost_scale * world[EconomyState].income_index,
        credit_taste=params.credit_taste,
        wait_weight=params.wait_weight,
    )


def _overhead(world: World) -> np.ndarray:
    """Mean cost of arrest and protection to an office, PKR per client, by row."""
    loss = world[RisksState].arrest_loss
    bribes = world[RisksState].bribes
    return (loss + bribes) / np.maximum(world[MarketTables].offices.capacity, 1.0)


def _alone(world: World, way: Way, terms: Terms) -> Alone:
    """Work out travel without an office, by route from home; other routes cannot begin at home."""
    params, length = world.params(OffersParams), world.route_length
    cost = np.full(length.size, np.inf)
    success, death, weight = (np.zeros(length.size) for _ in range(3))
    onward = np.array([route.onward for route in world.route_facts])
    factors = np.array([params.alone_cost, params.alone_interception, params.alone_death])
    go_alone(
        world.route_legs, length, onward, world[LegsState].month, way, terms, factors, params.alone_taste,
        cost, success, death, weight,
    )  # fmt: skip
    return Alone(cost, success, death, weight)


CARE_STEPS = 33
"""Steps of service quality for which the odds of contracts are worked out."""

FIRST_RECOVERY = 0.7
"""Share of fees on credit that offices expect to recover at the start. Source: assumed."""

INFORMAL_FINANCE_CONTROL = Offers.levers[0]
