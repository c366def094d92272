"""Budgets: what levers may cost in a year, and how doses are cut to stay within it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from abm.engine.calendar import MONTHS_A_YEAR
from abm.world.lever_use import Budget

MEMORY = 0.75
"""Weight that past bills keep, a month later, in the estimate of a lever's cost."""

ROUNDING = 1e-6
"""Tolerance, in rupees, below a whole number: floating-point error."""


class Demand(NamedTuple):
    """What a lever would cost without a budget.

    Attributes
    ----------
    now, later
        PKR in the month, and in those later months of the budget year in which it is known to be in force.
    goes_on
        Whether it is known to be in force in the month after.
    booked
        Whether its cost depends on what happens in the month, and is an estimate.
    """

    now: float
    later: float
    goes_on: bool
    booked: bool


@dataclass
class Purse:
    """Money of a budget year: what is left, and what was paid ahead of bills by lever.

    Attributes
    ----------
    year
        Budget year, by the count of its first month over 12.
    left
        PKR left of the year's budget.
    ahead
        By lever, PKR paid less PKR of bills so far; negative where bills wait.
    billed, estimated
        By lever, past bills and their estimates, PKR; older ones count less.
    """

    year: int | None = None
    left: int = 0
    ahead: dict[str, int] = field(default_factory=dict)
    billed: dict[str, float] = field(default_factory=dict)
    estimated: dict[str, float] = field(default_factory=dict)

    def open_month(self, budget: Budget, month: int, start: int, end: int) -> None:
        """Refill the purse when a budget year begins; a partial year gets a proportional budget."""
        year = (month - budget.first_month) // MONTHS_A_YEAR
        if year != self.year:
            self.year = year
            first = year * MONTHS_A_YEAR + budget.first_month
            months = min(first + MONTHS_A_YEAR - 1, end) - max(first, start) + 1
            self.left = int(budget.per_year * months // MONTHS_A_YEAR)

    def last_month(self, budget: Budget) -> int:
        """Last month of the budget year."""
        assert self.year is not None
        return self.year * MONTHS_A_YEAR + budget.first_month + MONTHS_A_YEAR - 1

    def share(self, demands: Mapping[str, Demand]) -> float:
        """Share of the doses that the remaining money can pay for, constant until the end of the year.

        Outstanding bills come first; money paid ahead counts as far as its lever needs it.
        """
        needed = sum(found.now + found.later for found in demands.values())
        money = self.left + sum(
            min(self.ahead.get(name, 0), found.now + found.later) for name, found in demands.items()
        )
        if needed <= max(money, 0):  # nothing more is wanted, though bills may wait
            return 1.0
        return max(money, 0) / needed

    def ratio(self, lever: str) -> float:
        """Bills of a lever over their estimates; 1 before the first bill."""
        return self.billed[lever] / self.estimated[lever] if self.billed.get(lever) else 1.0

    def learn(self, lever: str, estimate: float, bill: int) -> None:
        """Learn from a bill by how much the estimates, which are upper bounds, are too high."""
        for known, amount in ((self.billed, bill), (self.estimated, estimate)):
            known[lever] = MEMORY * known.get(lever, 0.0) + amount

    def pay(
        self, bills: Mapping[str, int], demands: Mapping[str, Demand], share: float, *, capped: bool
    ) -> dict[str, int]:
        """Pay the bills of the month and outstanding ones, as far as the money goes; return payments by lever.

        Under a binding cap, money that no lever needs this year is paid ahead to those that continue and whose bills
        are not known in advance, at most one monthly bill each.
        """
        due = {name: bill - self.ahead.get(name, 0) for name, bill in bills.items()}
        wanted = {name: max(amount, 0) for name, amount in due.items()}
        paid = dict(wanted)
        if capped and sum(wanted.values()) > self.left:
            paid = share_out(self.left, wanted)
        left = self.left - sum(paid.values())
        if capped and share < 1.0 and left > 0 and not any(found.later for found in demands.values()):
            going_on = {name: bills[name] for name, found in demands.items() if found.booked and found.goes_on}
            for name, amount in share_out(min(left, sum(going_on.values())), going_on).items():
                paid[name] += amount
        for name, amount in paid.items():
            self.ahead[name] = self.ahead.get(name, 0) + amount - bills[name]
        self.left -= sum(paid.values())
        return paid


def share_out(money: int, claims: Mapping[str, int]) -> dict[str, int]:
    """Divide whole rupees in proportion to claims; leftover rupees go to the largest remainders, then in order."""
    total = sum(claims.values())
    if total == 0:
        return dict.fromkeys(claims, 0)
    found = {name: money * claim // total for name, claim in claims.items()}
    odd = money - sum(found.values())
    by_remainder = sorted(claims, key=lambda name: -(money * claims[name] % total))
    for name in by_remainder[:odd]:
        found[name] += 1
    return found
