"""Who takes an advance from a kiln or mine and is bonded by it."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from numba import njit
from scenes import KEY, crowd, rates, villages_with

from abm.streams.kernels.bondage import (
    FALLBACK_STEPS,
    TALLIES,
    BondTerms,
    ask_for_money,
    fallback_of,
    leave_by_paying,
    meet_recruiters,
)
from abm.world.codes import BOND_REPAID, FREE_OF_BOND, KILN, MINE
from abm.world.columns import Blocks

TERMS = {
    "promised": np.full((1, 2), 8_000.0), "full": np.array([[10_000.0, 20_000.0]]), "best": np.array([1.0, 4.0]),
    "withheld": np.zeros((1, 2)), "credited": np.zeros((1, 2)), "legal": np.zeros((1, 2)), "minimum": np.zeros((1, 2)),
    "enforced": np.zeros((1, 2)), "banned": np.zeros((1, 2)), "court": np.zeros((1, 2)), "cancelled": np.zeros((1, 2)),
    "child_effort": np.full(2, 0.25), "child_share": np.full(2, 0.5), "interest": 0.0, "ceiling_months": 24.0,
    "need_share": 1.0, "instalment": 0.5, "joining": 0.1, "flight": 0.0, "flight_push": 0.0, "refinancing": 0.0,
    "outside_share": 0.0, "outside_first": 0.0, "advance_months": 3.0, "need_months": 2.0, "opening_growth": 0.0,
    "outside_key": np.uint64(5), "law_key": np.uint64(6),
}  # fmt: skip
"""Recruiters offer an advance of three months' pay to whoever asks; nobody else lends."""


class TestAdvances:
    def in_want(self, opening: bool = False, rate: dict[str, float] | None = None, **households: Any) -> int:
        """How many of some households take an advance; savings should cover two months of subsistence.

        All are approached: the probability is next to one. `rate` is of the district.
        """
        count = len(next(iter(households.values())))
        usual = {"workers": 2, "dependants": 2, "jobs": 1, "wage": 3_000, "assets": 7_999, "bond": FREE_OF_BOND}
        rows, sectors, found = np.zeros(count, np.int32), np.zeros(count, np.uint8), np.zeros(1, np.int64)
        meet_recruiters(
            0, 1, Blocks(np.array([0]), np.array([0]), np.array([1])), rates(subsistence=1_000.0, **(rate or {})),
            villages_with([count]), crowd(count, **(usual | households)), np.array([[1.0 - 1e-12, 0.0]]), 2.0, opening,
            KEY, rows, sectors, found,
        )  # fmt: skip
        assert set(sectors[: found[0]]) <= {KILN}
        return int(found[0])

    @pytest.mark.parametrize(
        ("household", "wants"),
        [
            ({}, True),
            ({"assets": 8_000}, False),
            ({"wage": 4_000}, False),
            ({"jobs": 2}, False),
            ({"jobs": 0, "wage": 40_000}, True),
            ({"bond": KILN}, False),
            ({"away": 2, "wage": 0}, False),
        ],
        ids=["poor", "savings", "a better wage", "two jobs", "out of work", "bonded", "nobody to work"],
    )
    def test_those_who_earn_less_than_they_need_and_whose_savings_do_not_last(
        self, household: dict[str, int], wants: bool
    ):
        assert self.in_want(**{name: [value] for name, value in ({"house": 0} | household).items()}) == wants

    def test_a_transfer_counts_and_debts_have_to_be_served(self):
        """A household that lacks 1,000 of 4,000 is helped by 1,000; one that earns 4,000 owes 400 at 1 % a month."""
        assert [self.in_want(rate={"transfer": paid}, wage=[3_000]) for paid in (999, 1_000)] == [1, 0]
        lend = {"interest": 0.01, "least_service": 0.0}
        assert [self.in_want(rate=lend, wage=[4_000], debt=[owed]) for owed in (0, 40_000)] == [0, 1]
        assert self.in_want(rate=lend, wage=[4_400], debt=[40_000]) == 0

    def test_at_the_start_wealth_stands_for_savings(self):
        assert self.in_want(opening=True, wealth_group=[0, 1, 2, 4], assets=900_000) == 2

    def ask(self, jobs: int = 0, **terms: float) -> tuple[Any, np.ndarray, np.ndarray]:
        """Four households meet a recruiter: three of a kiln and one of a mine. The last but one has no credit left."""
        households = crowd(
            4, workers=2, jobs=jobs, wage=20_000, bond=FREE_OF_BOND, debt=[0, 0, 239_000, 0], wealth_group=2
        )
        owed, loan, children, fallback = (np.zeros(4, np.int64) for _ in range(4))
        values = TERMS | {name: np.full((1, 2), value) if name == "banned" else value for name, value in terms.items()}
        ask_for_money(
            np.arange(4), np.array([KILN, KILN, KILN, MINE]), np.zeros(4, np.int64),
            rates(land_months=6.0, subsistence=40_000.0), households, BondTerms(**values), False, KEY, owed, loan,
            children, fallback,
        )  # fmt: skip
        # one job brings a quarter of the subsistence of two
        assert (fallback == jobs * FALLBACK_STEPS / 4).all()
        np.testing.assert_array_equal(households.assets, owed + loan)
        return households, owed, loan

    def test_without_other_credit_an_advance_binds(self):
        """Three months' pay of both workers."""
        households, owed, loan = self.ask()
        assert owed.tolist() == [60_000, 60_000, 60_000, 120_000] and not loan.any()
        assert households.bond.tolist() == [KILN, KILN, KILN, MINE]

    def test_those_whom_others_lend_to_take_that_first_and_are_free(self):
        households, owed, loan = self.ask(outside_share=1.0, outside_first=1.0)
        assert loan.tolist() == [60_000, 60_000, 0, 120_000] and owed.tolist() == [0, 0, 60_000, 0]
        assert households.bond.tolist() == [FREE_OF_BOND, FREE_OF_BOND, KILN, FREE_OF_BOND]
        assert households.debt.tolist() == [60_000, 60_000, 239_000, 120_000]

    def test_where_advances_are_banned_others_lend_or_nobody(self):
        households, owed, loan = self.ask(banned=1.0, outside_share=1.0)
        assert loan.tolist() == [60_000, 60_000, 0, 120_000] and not owed.any()
        assert (households.bond == FREE_OF_BOND).all()
        assert not self.ask(banned=1.0)[2].any()

    def test_a_miner_with_a_fallback_obtains_a_better_rate_and_with_it_a_larger_advance(self):
        """A quarter of the way from the worst rate to the best, which is four times the worst."""
        assert self.ask(jobs=1)[1].tolist() == [60_000, 60_000, 60_000, 210_000]


Rows = namedtuple("Rows", ["owed", "pay", "ended"])


@njit
def _all_leave(count, rate, households, bonds, terms, key, tally):
    for k in range(count):
        leave_by_paying(k, k, rate, households, bonds, terms, key, tally)


def test_savings_are_a_fallback_as_pay_is():
    """A household that needs 80,000 a month, and has 20,000: a quarter, by either."""
    rate = rates(subsistence=40_000.0)[0]
    households = crowd(3, workers=2, jobs=[0, 1, 1], wage=20_000, assets=[20_000, 0, 100_000])
    assert [fallback_of(row, rate, households) for row in range(3)] == [0.25, 0.25, 1.0]


def test_a_tenth_of_those_whom_lenders_serve_find_one_who_takes_the_debt_over():
    count = 2_000
    households = crowd(count, workers=2, jobs=2, wage=20_000, bond=KILN, wealth_group=2)
    bonds = Rows(owed=np.full(count, 10_000), pay=np.zeros(count, np.int64), ended=np.zeros(count, np.uint8))
    terms, rate = BondTerms(**TERMS | {"refinancing": 0.1, "outside_share": 1.0}), rates(land_months=6.0)[0]
    tally = np.zeros(TALLIES + 10, np.int64)
    _all_leave(count, rate, households, bonds, terms, KEY, tally)
    free = households.bond == FREE_OF_BOND
    assert 0.07 < free.mean() < 0.13
    assert (bonds.ended[free] == BOND_REPAID).all() and (households.debt[free] == 10_000).all()
