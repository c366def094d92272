"""Ledger: every rupee has a payer and a payee; the books close every month."""

from __future__ import annotations

ACCOUNTS = (
    "households", "employers", "sellers", "lenders", "employers_abroad", "employers_city", "bonding_employers",
    "recruiters", "sponsors", "carriers", "offices", "office_owners", "associates", "forgers", "transporters",
    "officials", "extortionists", "transit_travellers", "escrow", "money_holders", "buyers", "buyers_abroad", "brokers",
    "traffickers", "government", "government_abroad", "administration", "endowment",
)  # fmt: skip
"""Accounts. `endowment` is the opening stock and the money of newly formed households, less what opening debts were
spent on; foreigners in transit bring what they spend."""


class Ledger:
    """Double-entry books in whole PKR of 2017."""

    def __init__(self) -> None:
        # held by each account since the start; they always sum to zero
        self.balances: dict[str, int] = dict.fromkeys(ACCOUNTS, 0)
        # what households owe, by creditor: kin and lenders, smuggler offices, or owners of kilns and mines
        self.claims: dict[str, int] = {"lenders": 0, "offices": 0, "bonding_employers": 0}
        self.flows: dict[tuple[str, str, str], int] = {}  # of the month, by payer, payee and kind

    def open_month(self) -> None:
        """Forget the flows of the month before."""
        self.flows = {}

    def pay(self, payer: str, payee: str, kind: str, amount: int) -> None:
        """Book a payment; a ValueError refuses a negative one, which is to be booked in the other direction."""
        if amount < 0:
            raise ValueError(f"negative payment of {amount} PKR from {payer} to {payee} ({kind})")
        if amount == 0:
            return
        self.balances[payer] -= amount
        self.balances[payee] += amount
        key = (payer, payee, kind)
        self.flows[key] = self.flows.get(key, 0) + amount

    def lend(self, amount: int, kind: str = "loan", creditor: str = "lenders") -> None:
        """Book a loan to households: money in hand and a claim on it."""
        self.pay(creditor, "households", kind, amount)
        self.claims[creditor] += amount

    def accrue(self, amount: int, creditor: str = "lenders") -> None:
        """Book interest, or a fee owed: the claim grows, no money moves."""
        self.claims[creditor] += amount

    def repay(self, amount: int, creditor: str = "lenders", kind: str = "repayment") -> None:
        """Book a repayment."""
        self.pay("households", creditor, kind, amount)
        self.claims[creditor] -= amount

    def subsidise(self, amount: int) -> None:
        """Book interest that the government pays to the lenders: the claim on households shrinks."""
        self.pay("government", "lenders", "interest subsidy", amount)
        self.claims["lenders"] -= amount

    def write_off(self, amount: int, creditor: str) -> None:
        """Book a claim given up: the debtor defaulted or died."""
        self.claims[creditor] -= amount

    def check(self, held: dict[str, int], owed: dict[str, int]) -> list[str]:
        """Compare the books with PKR held by account and owed by households by creditor, as counted from the columns.

        Returns the accounts that do not close, in words.
        """
        problems = []
        if total := sum(self.balances.values()):
            problems.append(f"balances sum to {total} PKR and not to zero")
        for account, amount in held.items():
            if self.balances[account] != amount:
                problems.append(f"{account} hold {amount} PKR, the books say {self.balances[account]}")
        for creditor, amount in owed.items():
            if self.claims[creditor] != amount:
                problems.append(f"households owe {creditor} {amount} PKR, the books say {self.claims[creditor]}")
        return problems
