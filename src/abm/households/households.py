"""Households: one fused pass over all villages for the monthly steps of every household."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.departure import OptionsState, collect
from abm.households.kernels.household_month import household_month, work_space
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


class Households(Mechanism):
    """Runs demography, turnover, livelihood, houses, ties, aspiration, members abroad and choice in one kernel."""

    section = "households"
    switchable = False

    @staticmethod
    def step(world: World) -> None:
        """Run the household pass, add up its tallies by district and book its money."""
        keys = Keys(
            world.t,
            world.key(STREAM_VILLAGE),
            world.key(STREAM_CONSIDER),
            world.key(STREAM_CHOICE),
            world.key(STREAM_ABROAD),
        )
        options, attraction = world[OptionsState].month, world[OptionsState].attraction
        abroad = world[DiasporaState].month
        world.threads.each(
            lambda first, last: household_month(
                first,
                last,
                world.blocks,
                world.district_month,
                abroad,
                world.villages,
                world.households,
                world.away,
                world[BondsState].table.columns,
                world.tables,
                options,
                attraction,
                keys,
                world.chosen,
                world.chosen_count,
                world.choice,
                world.block_tally,
                world.block_stock,
                world.events,
                world.event_count,
                work_space(world.longest_village, attraction.shape[1]),
            ),
            world.chosen_count.size,
        )
        world.sums = np.add.reduceat(world.block_tally, world.block_starts, axis=0)
        world.stock = np.add.reduceat(world.block_stock, world.block_starts, axis=0)
        world.pool[:, 0] += world.sums[:, T_TO_POOL_WORKERS]
        world.pool[:, 1] += world.sums[:, T_TO_POOL_DEPENDANTS]
        world[OptionsState].choices = collect(world)
        _book(world)


def _book(world: World) -> None:
    """Book the payments of the household pass."""
    total = {kind: int(world.sums[:, kind].sum()) for kind in MONEY}
    ledger = world.ledger
    ledger.pay("employers", "households", "wages", total[T_WAGES])
    ledger.pay("employers_abroad", "households", "remittances", total[T_REMITTANCES])
    ledger.pay("employers_city", "households", "domestic remittances", total[T_DOMESTIC_REMITTANCES])
    ledger.pay("government", "households", "cash transfer", total[T_TRANSFER])
    ledger.pay("households", "sellers", "consumption", total[T_CONSUMPTION])
    ledger.pay("households", "sellers", "expense shocks", total[T_SHOCK])
    ledger.pay("households", "sellers", "houses", total[T_HOUSE_BUILDING])
    ledger.lend(total[T_LOAN])
    ledger.accrue(total[T_INTEREST])
    ledger.subsidise(total[T_SUBSIDY])
    ledger.repay(total[T_REPAYMENT])
    world[InForce].policy.book_cost(
        CASH_TRANSFER, world.sums[:, T_TRANSFER] * CASH_TRANSFER.unit_cost, paid_to_households=True
    )
    # paid to the lenders above on behalf of households: none of it is administration
    world[InForce].policy.book_cost(
        MICROCREDIT, world.sums[:, T_SUBSIDY] * MICROCREDIT.unit_cost, paid_to_households=True
    )


MONEY = (
    T_WAGES,
    T_REMITTANCES,
    T_DOMESTIC_REMITTANCES,
    T_TRANSFER,
    T_CONSUMPTION,
    T_SHOCK,
    T_HOUSE_BUILDING,
    T_LOAN,
    T_INTEREST,
    T_REPAYMENT,
    T_SUBSIDY,
)
