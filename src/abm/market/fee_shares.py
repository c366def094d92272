"""Shares of a fee: the month's payments of the market by payee, read from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from abm.engine.record import Figures
from abm.market.outcomes import FeeOutcomes

if TYPE_CHECKING:
    from abm.world.state import World

Flows = Mapping[tuple[str, str, str], int]
"""PKR of the month by (payer, payee, kind), as the ledger keeps them."""

PAYEES = {
    FeeOutcomes.paid_transporters: ("transporters",),
    FeeOutcomes.paid_officials: ("officials",),
    FeeOutcomes.paid_forgers: ("forgers",),
    FeeOutcomes.paid_money_holders: ("money_holders",),
    FeeOutcomes.paid_owners: ("office_owners",),
    FeeOutcomes.paid_extortionists: ("extortionists",),
}
"""Accounts paid only by the market: all their receipts count."""

HOLDERS = ("offices", "escrow")
"""Accounts that a fee passes through on its way to those who keep it."""

TRAVELLERS = ("households", "employers_abroad", "transit_travellers")
"""Accounts that pay fees: families at home, pay earned abroad for onward journeys, foreigners in transit."""

KEEPERS = tuple(account for accounts in PAYEES.values() for account in accounts if account != "extortionists")
"""Accounts that travellers pay directly, besides those in `HOLDERS`."""


def split_fees(flows: Flows) -> Figures:
    """Add up the payments of a month by final recipient.

    Parameters
    ----------
    flows
        Flows of the ledger.

    Returns
    -------
    dict
        PKR by outcome of `FeeOutcomes`, except the stock `held_by_market`.
    """
    found: Figures = {name: _sum(flows, payees=accounts) for name, accounts in PAYEES.items()}
    found |= {
        FeeOutcomes.paid_associates: _sum(flows, payers=("offices",), payees=("associates",), but="overhead"),
        FeeOutcomes.paid_overhead: flows.get(("offices", "associates", "overhead"), 0),
        FeeOutcomes.owners_capital: _sum(flows, payers=("office_owners",), payees=("offices",)),
        FeeOutcomes.seized_from_offices: _sum(flows, payers=("offices",), payees=("government",)),
        FeeOutcomes.fees_paid_by_travellers: _sum(flows, payers=TRAVELLERS, payees=(*HOLDERS, *KEEPERS))
        - _sum(flows, payers=HOLDERS, payees=("households",)),
    }
    return found


def book_shares(world: World) -> None:
    """Record the shares of fees this month; called once all payments of the market are booked."""
    world.figures |= split_fees(world.ledger.flows)
    world.figures[FeeOutcomes.held_by_market] = sum(world.ledger.balances[account] for account in HOLDERS)


def _sum(flows: Flows, *, payers: tuple[str, ...] | None = None, payees: tuple[str, ...], but: str = "") -> int:
    """Sum of the flows between these accounts, of every kind except one."""
    return sum(
        amount
        for (payer, payee, kind), amount in flows.items()
        if (payers is None or payer in payers) and payee in payees and kind != but
    )
