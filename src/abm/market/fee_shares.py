"""Who gets what of a fee: the month's payments of the market by payee, read from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from abm.declare import outcome

if TYPE_CHECKING:
    from abm.world.state import World

Flows = Mapping[tuple[str, str, str], int]
"""PKR of the month by (payer, payee, kind), as the ledger keeps them."""

UNIT = "PKR of 2017 a month"

SHARE_OUTCOMES = (
    outcome(
        "fees_paid_by_travellers", unit=UNIT, over="national",
        text="Paid for irregular journeys by travellers and their households, to offices, into escrow or on their own "
        "way, less deposits given back; ransoms are not in it.",
    ),
    outcome("paid_transporters", unit=UNIT, over="national", text="To transporters, for passage."),
    outcome("paid_officials", unit=UNIT, over="national", text="To officials: bribes on the way and for protection."),
    outcome("paid_forgers", unit=UNIT, over="national", text="To forgers, for documents."),
    outcome("paid_associates", unit=UNIT, over="national", text="To associates, their share of receipts."),
    outcome("paid_overhead", unit=UNIT, over="national", text="For rent, phones and people of offices."),
    outcome("paid_money_holders", unit=UNIT, over="national", text="Kept by third parties who hold deposits."),
    outcome(
        "paid_owners", unit=UNIT, over="national",
        text="To owners of offices: profit, capital taken out at closing, and what clients still pay to those who have "
        "closed; what owners bring in is in `owners_capital`.",
    ),
    outcome("owners_capital", unit=UNIT, over="national", text="Brought into offices by their owners."),
    outcome("seized_from_offices", unit=UNIT, over="national", text="Capital of convicted offices that courts seize."),
    outcome(
        "paid_extortionists", unit=UNIT, over="national", text="Ransoms of travellers who are held; no part of a fee."
    ),
    outcome(
        "held_by_market", unit="PKR of 2017", over="national",
        text="Capital of offices and deposits in escrow at the end of the month.",
    ),
)  # fmt: skip
"""Columns that close: fees and owners' capital of a month are what was paid out and seized and what stays held."""

PAYEES = {
    "paid_transporters": ("transporters",),
    "paid_officials": ("officials",),
    "paid_forgers": ("forgers",),
    "paid_money_holders": ("money_holders",),
    "paid_owners": ("office_owners",),
    "paid_extortionists": ("extortionists",),
}
"""Accounts that are paid by the market alone: all that they receive counts."""

HOLDERS = ("offices", "escrow")
"""Accounts through which a fee goes on its way to those who keep it."""

TRAVELLERS = ("households", "employers_abroad", "transit_travellers")
"""Accounts that fees come from: families at home, pay earned abroad for the onward journey, foreigners in transit."""

KEEPERS = tuple(account for accounts in PAYEES.values() for account in accounts if account != "extortionists")
"""Accounts that travellers pay directly, beside those in `HOLDERS`."""


def split_fees(flows: Flows) -> dict[str, int]:
    """Add up the payments of a month by who keeps them.

    Parameters
    ----------
    flows
        Flows of the ledger.

    Returns
    -------
    dict
        PKR by outcome of `SHARE_OUTCOMES`, but for the stock `held_by_market`.
    """
    found = {name: _sum(flows, payees=accounts) for name, accounts in PAYEES.items()}
    found |= {
        "paid_associates": _sum(flows, payers=("offices",), payees=("associates",), but="overhead"),
        "paid_overhead": flows.get(("offices", "associates", "overhead"), 0),
        "owners_capital": _sum(flows, payers=("office_owners",), payees=("offices",)),
        "seized_from_offices": _sum(flows, payers=("offices",), payees=("government",)),
        "fees_paid_by_travellers": _sum(flows, payers=TRAVELLERS, payees=(*HOLDERS, *KEEPERS))
        - _sum(flows, payers=HOLDERS, payees=("households",)),
    }
    return found


def book_shares(world: World) -> None:
    """Record who got what this month; to be called when all payments of the market are booked."""
    world.figures |= split_fees(world.ledger.flows)
    world.figures["held_by_market"] = sum(world.ledger.balances[account] for account in HOLDERS)


def _sum(flows: Flows, *, payers: tuple[str, ...] | None = None, payees: tuple[str, ...], but: str = "") -> int:
    """Sum of the flows between these accounts, of every kind except one."""
    return sum(
        amount
        for (payer, payee, kind), amount in flows.items()
        if (payers is None or payer in payers) and payee in payees and kind != but
    )
