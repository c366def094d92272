"""Payments of the market: who receives what of a fee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.core.sums import sum_by
from abm.kernels.states import FORGING_ALONE, FORGING_UNSKILLED

if TYPE_CHECKING:
    from abm.world.state import World


def receive(world: World, payer: str, kind: str, office: np.ndarray, district: np.ndarray, amounts: np.ndarray) -> None:
    """Book receipts of offices, PKR by case, and what their associates get of them.

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
    associates = (amounts * world.config.offices.associate_share).astype(np.int64)
    world.ledger.pay("offices", "associates", "share of associates", int(associates.sum()))
    offices = world.offices
    offices.capital[:] += sum_by(office, amounts - associates, offices.capital.size)
    offices.revenue[:] += sum_by(office, amounts, offices.revenue.size)
    offices.spent[:] += sum_by(office, associates, offices.spent.size)
    revenue = _flow(world, "smuggling_revenue")
    revenue += sum_by(district, amounts, revenue.size)


def pay_for_attempts(
    world: World, route: np.ndarray, office: np.ndarray, persons: np.ndarray, alone_paid: np.ndarray
) -> None:
    """Book passage, bribes and documents of attempts that begin.

    Offices pay from their capital, which may fall below zero and so end them; who goes alone has paid `alone_paid`.
    """
    bribes, documents, passage = attempt_costs(world, route, office)
    own = office < 0
    # who goes alone paid in advance: bribes and documents first, the rest is passage
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
    world.figures["bribes_paid"] = world.figures.get("bribes_paid", 0) + int(bribes.sum())


def spend(world: World, office: np.ndarray, amounts: np.ndarray) -> None:
    """Take what offices have paid from their capital, PKR by case."""
    offices = world.offices
    offices.capital[:] -= sum_by(office, amounts, offices.capital.size)
    offices.spent[:] += sum_by(office, amounts, offices.spent.size)


def along(paths: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of values of legs along each path; paths list legs, -1 beyond the end."""
    found: np.ndarray = np.where(paths >= 0, values[paths], 0.0).sum(axis=1)
    return found


def attempt_costs(world: World, route: np.ndarray, office: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """PKR of bribes, documents and passage of one person's attempt, by case."""
    legs, params = world.month_values["legs"], world.config.offers
    paths = world.route_legs
    price = params.document_cost * world.month_values["income_index"]
    offices = world.offices
    known = np.maximum(office, 0)
    care = np.where(office < 0, params.alone_cost, 1.0 + params.care_cost * (offices.quality[known] - 0.5))
    singly = np.where(office < 0, params.alone_cost, 1.0)
    forging = np.where(office < 0, FORGING_ALONE, FORGING_UNSKILLED - offices.forgery[known])
    bribes = np.floor(along(paths, legs.bribe)[route] * singly)
    documents = np.floor(along(paths, legs.documents)[route] * price * forging)
    passage = np.floor(along(paths, legs.cost)[route] * care)
    return bribes.astype(np.int64), documents.astype(np.int64), passage.astype(np.int64)


def _flow(world: World, name: str) -> np.ndarray:
    """Counter of the month by district, made when first asked for."""
    found: np.ndarray = world.figures.setdefault(name, np.zeros(world.district_count, np.int64))
    return found


def book_case_bribes(world: World) -> None:
    """Book what offices pay investigators for not looking, PKR of the month by office, as far as they can."""
    bribes = world.month_values.get("case_bribes")
    if bribes is None:
        return
    offices = world.offices
    due = np.minimum(np.maximum(bribes, 0.0), np.maximum(offices.capital, 0)).astype(np.int64)
    due[offices.key < 0] = 0
    world.ledger.pay("offices", "officials", "protection", int(due.sum()))
    offices.capital[:] -= due
    offices.spent[:] += due
    world.figures["bribes_paid"] = world.figures.get("bribes_paid", 0) + int(due.sum())
