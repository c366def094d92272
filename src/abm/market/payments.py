"""Payments of the market: how a fee is divided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcome, Outcomes, outcome
from abm.engine.record import Figures
from abm.engine.sums import sum_by
from abm.market.kernels.payments import pay_attempts, receive_payments
from abm.market.offers import OffersState
from abm.market.office_entry import OfficesParams
from abm.market.outcomes import OfficesOutcomes
from abm.market.tables import MarketTables

if TYPE_CHECKING:
    from abm.world.state import World


a_month = partial(outcome, unit="PKR of 2017 a month", over="national")


class FeeOutcomes(Outcomes):
    """Shares of fees by recipient; the columns balance.

    Fees, owners' capital and ransoms passed on of a month equal payments, seizures and the change in holdings.
    """

    fees_paid_by_travellers = a_month(
        text="Paid for irregular journeys by travellers and their households, to offices, into escrow or "
        "directly, less deposits returned; without ransoms."
    )
    paid_transporters = a_month(text="To transporters, for passage.")
    paid_officials = a_month(text="To officials: bribes on the way and for protection.")
    paid_forgers = a_month(text="To forgers, for documents.")
    paid_associates = a_month(text="To associates: their share of receipts.")
    paid_overhead = a_month(text="For rent, phones and staff of offices.")
    paid_money_holders = a_month(text="Kept by third parties who hold deposits.")
    paid_owners = a_month(
        text="To owners of offices: profit, capital taken out at closing, and what clients still pay to those who have "
        "closed."
    )
    owners_capital = a_month(text="Brought into offices by their owners.")
    seized_from_offices = a_month(text="Capital of convicted offices that courts seize.")
    paid_extortionists = a_month(text="Ransoms of travellers held on the way; not part of a fee.")
    ransoms_to_offices = a_month(text="Of these, passed on to the offices of those held; not part of a fee.")
    held_by_market = outcome(
        kind="stock", unit="PKR of 2017", over="national",
        text="Capital of offices and deposits in escrow at the end of the month.",
    )  # fmt: skip


def receive(world: World, payer: str, kind: str, office: np.ndarray, district: np.ndarray, amounts: np.ndarray) -> None:
    """Book receipts of offices, PKR by case, and the share of their associates.

    `payer` and `kind` are those of the ledger; `office` is a row, `district` the home of the client.
    """
    if not amounts.any():
        return
    revenue = world.figures.setdefault(OfficesOutcomes.smuggling_revenue, np.zeros(world.district_count, np.int64))
    office, district, amounts = (np.asarray(column, np.int64) for column in (office, district, amounts))
    share = world.params(OfficesParams).associate_share
    total, shared = receive_payments(office, district, amounts, share, world[MarketTables].offices, revenue)
    world.ledger.pay(payer, "offices", kind, total)
    world.ledger.pay("offices", "associates", "share of associates", shared)


def pay_for_attempts(
    world: World, route: np.ndarray, leg: np.ndarray, office: np.ndarray, persons: np.ndarray, alone_paid: np.ndarray
) -> None:
    """Book passage, bribes and documents of attempts that begin, each from a leg of its route.

    Offices pay from their capital, and close if it falls below zero; those who travel alone have paid `alone_paid`.
    """
    booked = np.zeros((2, 3), np.int64)
    prices = world[OffersState].month.prices
    pay_attempts(route, leg, office, persons, alone_paid, prices, world[MarketTables].offices, booked)
    for payer, (passage, bribes, documents) in zip(("households", "offices"), booked.tolist(), strict=True):
        book_way(world, payer, bribes, documents, passage)


def book_way(world: World, payer: str, bribes: int, documents: int, passage: int) -> None:
    """Book bribes, documents and passage of those who set out, PKR."""
    book_bribes(world, payer, "bribe", bribes)
    world.ledger.pay(payer, "forgers", "documents", documents)
    world.ledger.pay(payer, "transporters", "passage", passage)


def spend(world: World, office: np.ndarray, amounts: np.ndarray) -> None:
    """Subtract payments from the capital of offices, PKR by case."""
    offices = world[MarketTables].offices
    paid = sum_by(office, amounts, offices.capital.size)
    offices.capital[:] -= paid
    offices.spent[:] += paid


def book_bribes(world: World, payer: str, kind: str, amount: int) -> None:
    """Book bribes to officials, PKR."""
    world.ledger.pay(payer, "officials", kind, amount)
    world.figures[OfficesOutcomes.bribes_paid] = world.figures.get(OfficesOutcomes.bribes_paid, 0) + amount


def split_fees(flows: Mapping[tuple[str, str, str], int]) -> Figures:
    """Add up the payments of a month by final recipient: PKR by outcome of `FeeOutcomes`, `held_by_market` apart.

    `flows` is PKR by payer, payee and kind, as the ledger keeps them.
    """
    found: Figures = dict.fromkeys(FeeOutcomes.declared, 0)
    del found[FeeOutcomes.held_by_market]
    for (payer, payee, kind), amount in flows.items():
        if name := PAYEES.get(payee) or _by_both(payer, payee, kind):
            found[name] += amount
        if payer in TRAVELLERS and (payee in HOLDERS or payee in KEEPERS):
            found[FeeOutcomes.fees_paid_by_travellers] += amount
        elif payer in HOLDERS and payee == "households":
            found[FeeOutcomes.fees_paid_by_travellers] -= amount
    return found


def _by_both(payer: str, payee: str, kind: str) -> Outcome | None:
    """Outcome of payments whose payee is not paid by the market alone."""
    if payer == "offices" and payee == "associates":
        return FeeOutcomes.paid_overhead if kind == "overhead" else FeeOutcomes.paid_associates
    if payer == "office_owners" and payee == "offices":
        return FeeOutcomes.owners_capital
    if payer == "offices" and payee == "government":
        return FeeOutcomes.seized_from_offices
    if payer == "extortionists" and payee == "offices":
        return FeeOutcomes.ransoms_to_offices
    return None


def book_shares(world: World) -> None:
    """Record the shares of fees this month; called once all payments of the market are booked."""
    world.figures |= split_fees(world.ledger.flows)
    world.figures[FeeOutcomes.held_by_market] = sum(world.ledger.balances[account] for account in HOLDERS)


PAYEES = {
    "transporters": FeeOutcomes.paid_transporters,
    "officials": FeeOutcomes.paid_officials,
    "forgers": FeeOutcomes.paid_forgers,
    "money_holders": FeeOutcomes.paid_money_holders,
    "office_owners": FeeOutcomes.paid_owners,
    "extortionists": FeeOutcomes.paid_extortionists,
}
"""Accounts paid only by the market: all their receipts count."""

HOLDERS = ("offices", "escrow")
"""Accounts that a fee passes through on its way to those who keep it."""

TRAVELLERS = ("households", "employers_abroad", "transit_travellers")
"""Accounts that pay fees: families at home, pay earned abroad for onward journeys, foreigners in transit."""

KEEPERS = tuple(account for account in PAYEES if account != "extortionists")
"""Accounts that travellers pay directly, besides those in `HOLDERS`."""
