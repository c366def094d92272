"""Payments of the market: how a fee is divided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcome
from abm.engine.sums import sum_by
from abm.market.offers_params import OffersParams
from abm.market.offices_params import OfficesParams
from abm.market.outcomes import OfficesOutcomes
from abm.market.risks import RisksState
from abm.market.tables import MarketTables
from abm.routes.kernels.contract import Rates, Way, alone_rates, attempt_cost, office_rates, sum_legs
from abm.routes.legs import LegsState
from abm.society.drivers import EconomyState

if TYPE_CHECKING:
    from abm.world.state import World


def receive(world: World, payer: str, kind: str, office: np.ndarray, district: np.ndarray, amounts: np.ndarray) -> None:
    """Book receipts of offices, PKR by case, and the share of their associates.

    Parameters
    ----------
    world, payer, kind
        World, account that pays, kind of payment.
    office, district, amounts
        Row of the office, home district of the client, PKR.
    """
    total = int(amounts.sum())
    if total == 0:
        return
    world.ledger.pay(payer, "offices", kind, total)
    associates = (amounts * world.params(OfficesParams).associate_share).astype(np.int64)
    world.ledger.pay("offices", "associates", "share of associates", int(associates.sum()))
    offices = world[MarketTables].offices
    offices.capital[:] += sum_by(office, amounts - associates, offices.capital.size)
    offices.revenue[:] += sum_by(office, amounts, offices.revenue.size)
    offices.spent[:] += sum_by(office, associates, offices.spent.size)
    revenue = _flow(world, OfficesOutcomes.smuggling_revenue)
    revenue += sum_by(district, amounts, revenue.size)


def pay_for_attempts(
    world: World, route: np.ndarray, office: np.ndarray, persons: np.ndarray, alone_paid: np.ndarray
) -> None:
    """Book passage, bribes and documents of attempts that begin.

    Offices pay from their capital, and close if it falls below zero; those who travel alone have paid `alone_paid`.
    """
    passage, bribes, documents = attempt_costs(world, route, office)
    own = office < 0
    # those who travel alone paid in advance: bribes and documents first, the rest is passage
    bribe_total = np.where(own, np.minimum(bribes * persons, alone_paid), bribes * persons)
    document_total = np.where(own, np.minimum(documents * persons, alone_paid - bribe_total), documents * persons)
    passage_total = np.where(own, alone_paid - bribe_total - document_total, passage * persons)
    for payer, mask in (("households", own), ("offices", ~own)):
        book_way(world, payer, bribe_total[mask], document_total[mask], passage_total[mask])
    spend(world, office[~own], (bribe_total + document_total + passage_total)[~own])


def book_way(world: World, payer: str, bribes: np.ndarray, documents: np.ndarray, passage: np.ndarray) -> None:
    """Book bribes, documents and passage of those who set out, PKR by case."""
    world.ledger.pay(payer, "officials", "bribe", int(bribes.sum()))
    world.ledger.pay(payer, "forgers", "documents", int(documents.sum()))
    world.ledger.pay(payer, "transporters", "passage", int(passage.sum()))
    world.figures[OfficesOutcomes.bribes_paid] = world.figures.get(OfficesOutcomes.bribes_paid, 0) + int(bribes.sum())


def spend(world: World, office: np.ndarray, amounts: np.ndarray) -> None:
    """Subtract payments from the capital of offices, PKR by case."""
    offices = world[MarketTables].offices
    offices.capital[:] -= sum_by(office, amounts, offices.capital.size)
    offices.spent[:] += sum_by(office, amounts, offices.spent.size)


def attempt_costs(world: World, route: np.ndarray, office: np.ndarray) -> list[np.ndarray]:
    """Passage, bribes and documents of one person's attempt, whole PKR by case; office -1 means travelling alone."""
    params, offices, price = world.params(OffersParams), world[MarketTables].offices, document_price(world)
    hired = office >= 0
    known = np.maximum(office, 0)
    with_office = office_rates.py_func(params.quality_cost, offices.quality[known], price, offices.forgery[known])
    rates = Rates(*map(partial(np.where, hired), with_office, alone_rates.py_func(params.alone_cost, price)))
    way = way_of(world, world.route_legs)
    return whole_costs(Way(*(values[route] for values in way)), rates)


def way_of(world: World, paths: np.ndarray) -> Way:
    """Sum the month's passage, bribes and documents along paths, which list legs, -1 beyond the end."""
    legs = world[LegsState].month
    return Way(*(sum_legs(paths, values) for values in (legs.cost, legs.bribe, legs.documents)))


def whole_costs(way: Way, rates: Rates) -> list[np.ndarray]:
    """Passage, bribes and documents of one person's attempt, each in whole PKR."""
    return [np.floor(part).astype(np.int64) for part in attempt_cost.py_func(*way, rates)]


def document_price(world: World) -> float:
    """PKR of a document from a forger of average skill, in the month."""
    return float(world.params(OffersParams).document_cost * world[EconomyState].income_index)


def _flow(world: World, which: Outcome) -> np.ndarray:
    """Counter of the month by district, created on first use."""
    found: np.ndarray = world.figures.setdefault(which, np.zeros(world.district_count, np.int64))
    return found


def book_case_bribes(world: World) -> None:
    """Book the bribes of offices to investigators, PKR of the month by office, as far as they can pay."""
    bribes = world[RisksState].bribes
    offices = world[MarketTables].offices
    due = np.minimum(np.maximum(bribes, 0.0), np.maximum(offices.capital, 0)).astype(np.int64)
    due[offices.key < 0] = 0
    world.ledger.pay("offices", "officials", "protection", int(due.sum()))
    offices.capital[:] -= due
    offices.spent[:] += due
    world.figures[OfficesOutcomes.bribes_paid] = world.figures.get(OfficesOutcomes.bribes_paid, 0) + int(due.sum())
