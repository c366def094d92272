"""Ledger: every rupee has a payer and a payee; the books close every month."""

from __future__ import annotations

ACCOUNTS = (
    "households",
    "employers",
    "sellers",
    "lenders",
    "employers_abroad",
    "employers_city",
    "recruiters",
    "sponsors",
    "carriers",
    "offices",
    "government",
    "government_abroad",
    "administration",
    "endowment",
)
"""Who pays and is paid. `endowment` is the opening stock and what newly formed households bring."""


class Ledger:
    """Double-entry books in whole PKR of 2017.

    Attributes
    ----------
    balances
        PKR held by each account since the start, by name; they always sum to zero.
    claims
        PKR that households owe the lenders.
    flows
        PKR of the month by (payer, payee, kind).
    """

    def __init__(self) -> None:
        self.balances: dict[str, int] = dict.fromkeys(ACCOUNTS, 0)
        self.claims = 0
        self.flows: dict[tuple[str, str, str], int] = {}

    def open_month(self) -> None:
        """Forget the flows of the month before."""
        self.flows = {}

    def pay(self, payer: str, payee: str, kind: str, amount: int) -> None:
        """Book a payment.

        Raises
        ------
        ValueError
            If the amount is negative: money then flows the other way, and should be booked so.
        """
        if amount < 0:
            raise ValueError(f"negative payment of {amount} PKR from {payer} to {payee} ({kind})")
        if amount == 0:
            return
        self.balances[payer] -= amount
        self.balances[payee] += amount
        key = (payer, payee, kind)
        self.flows[key] = self.flows.get(key, 0) + amount

    def lend(self, amount: int, kind: str = "loan") -> None:
        """Book a loan to households: money in hand and a claim on it."""
        self.pay("lenders", "households", kind, amount)
        self.claims += amount

    def accrue(self, amount: int) -> None:
        """Book interest: the claim grows, no money moves."""
        self.claims += amount

    def repay(self, amount: int) -> None:
        """Book a repayment."""
        self.pay("households", "lenders", "repayment", amount)
        self.claims -= amount

    def subsidise(self, amount: int) -> None:
        """Book interest that the government pays to the lenders: the claim on households shrinks."""
        self.pay("government", "lenders", "interest subsidy", amount)
        self.claims -= amount

    def check(self, assets: int, debts: int) -> list[str]:
        """Compare the books with what households hold and owe; returns what does not close, in words."""
        problems = []
        if sum(self.balances.values()) != 0:
            problems.append(f"balances sum to {sum(self.balances.values())} PKR and not to zero")
        if self.balances["households"] != assets:
            problems.append(f"households hold {assets} PKR, the books say {self.balances['households']}")
        if self.claims != debts:
            problems.append(f"households owe {debts} PKR, the books say {self.claims}")
        return problems
