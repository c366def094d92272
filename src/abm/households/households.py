"""Households: one fused pass over all villages for the monthly steps of every household."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.departure import OptionsState, collect
from abm.households.kernels.household_month import household_month, work_space
from abm.households.windfall import give_windfalls
from abm.policy import InForce
from abm.society import CASH_TRANSFER, MICROCREDIT
from abm.streams import BondsState
from abm.world.codes import (
    STREAM_ABROAD,
    STREAM_CHOICE,
    STREAM_CONSIDER,
    STREAM_VILLAGE,
    T_CONSUMPTION,
    T_DOMESTIC_REMITTANCES,
    T_HOUSE_BUILDING,
    T_INTEREST,
    T_LOAN,
    T_REMITTANCES,
    T_REPAYMENT,
    T_SHOCK,
    T_SUBSIDY,
    T_TO_POOL_DEPENDANTS,
    T_TO_POOL_WORKERS,
    T_TRANSFER,
    T_WAGES,
)
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


Keys = namedtuple("Keys", ["month", "village", "consider", "choice", "abroad"])
"""Month of the run and the keys of its streams."""

PAYMENTS = (
    ("employers", "households", "wages", T_WAGES),
    ("employers_abroad", "households", "remittances", T_REMITTANCES),
    ("employers_city", "households", "domestic remittances", T_DOMESTIC_REMITTANCES),
    ("government", "households", "cash transfer", T_TRANSFER),
    ("households", "sellers", "consumption", T_CONSUMPTION),
    ("households", "sellers", "expense shocks", T_SHOCK),
    ("households", "sellers", "houses", T_HOUSE_BUILDING),
)
"""Payer, payee, kind and tally of the payments of the household pass."""


class Households(Mechanism):
    """Takes all households through the month: life at home, members abroad, aspiration, the choice to leave.

    Its stages stand in section 3.
    """

    section = "households"
    switchable = False

    @staticmethod
    def step(world: World) -> None:
        """Run the household pass, add up its tallies by district and book its money."""
        give_windfalls(world)
        streams = (STREAM_VILLAGE, STREAM_CONSIDER, STREAM_CHOICE, STREAM_ABROAD)
        keys = Keys(world.t, *(world.key(stream) for stream in streams))
        options, attraction = world[OptionsState].month, world[OptionsState].attraction
        abroad, bonds = world[DiasporaState].month, world[BondsState].table.columns
        world.threads.each(
            lambda first, last: household_month(
                first, last, world.blocks, world.district_month, abroad, world.villages, world.households, world.away,
                bonds, world.tables, options, attraction, keys, world.chosen, world.chosen_count, world.made,
                world.block_tally, world.block_stock, world.events, world.event_count,
                work_space(world.longest_village, attraction.shape[1]),
            ),
            world.chosen_count.size,
        )  # fmt: skip
        world.sums = np.add.reduceat(world.block_tally, world.block_starts, axis=0)
        world.add_up_stock()
        world.pool[:, 0] += world.sums[:, T_TO_POOL_WORKERS]
        world.pool[:, 1] += world.sums[:, T_TO_POOL_DEPENDANTS]
        world[OptionsState].choices = collect(world)
        _book(world)


def _book(world: World) -> None:
    """Book the payments and the credit of the household pass."""
    sums, ledger, policy = world.sums, world.ledger, world[InForce].policy
    totals = sums.sum(axis=0).tolist()
    for payer, payee, kind, tally in PAYMENTS:
        ledger.pay(payer, payee, kind, totals[tally])
    ledger.lend(totals[T_LOAN])
    ledger.accrue(totals[T_INTEREST])
    ledger.subsidise(totals[T_SUBSIDY])
    ledger.repay(totals[T_REPAYMENT])
    policy.book_cost(CASH_TRANSFER, sums[:, T_TRANSFER] * CASH_TRANSFER.unit_cost, paid_to_households=True)
    # paid to the lenders above on behalf of households: none of it is administration
    policy.book_cost(MICROCREDIT, sums[:, T_SUBSIDY] * MICROCREDIT.unit_cost, paid_to_households=True)
