"""Books of bonded labour: pay, withheld pay, debts, and the figures of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import LawState
from abm.engine.sums import sum_by
from abm.streams.bonds import Bonds, BondsState
from abm.streams.kernels.bondage import (
    B_ADULTS,
    B_ADVANCE,
    B_CREDITED,
    B_HANDED_OVER,
    B_INSTALMENT,
    B_INTEREST,
    B_LOAN,
    B_REFINANCED,
    B_SHORT,
    B_WITHHELD,
)
from abm.streams.outcomes import BondageOutcomes
from abm.world.codes import BOND_CANCELLED, BOND_COURT, BOND_FLED, BOND_REPAID, KILN, MINE

if TYPE_CHECKING:
    from abm.world.state import World

CREDITOR = "bonding_employers"
"""Account of the owners of kilns and mines, as payers and creditors."""

ENDS = {
    BondageOutcomes.bondage_repaid: BOND_REPAID,
    BondageOutcomes.bondage_flights: BOND_FLED,
    BondageOutcomes.bondage_court: BOND_COURT,
    BondageOutcomes.bondage_cancelled: BOND_CANCELLED,
}


def book_month(world: World, sums: np.ndarray) -> None:
    """Book the month's payments of bonded households.

    Parameters
    ----------
    sums
        Tallies by district, shape (districts, BOND_TALLY_COUNT).
    """
    ledger = world.ledger
    total = [int(amount) for amount in sums.sum(axis=0)]
    # the whole promised pay is due; the withheld part flows back at once, some of it against the debt
    due = total[B_HANDED_OVER] + total[B_WITHHELD] + total[B_CREDITED]
    ledger.pay(CREDITOR, "households", "kiln and mine pay", due)
    ledger.pay("households", CREDITOR, "pay withheld", total[B_WITHHELD])
    ledger.accrue(total[B_INTEREST], CREDITOR)
    ledger.repay(total[B_CREDITED], CREDITOR, "pay withheld for the debt")
    ledger.repay(total[B_INSTALMENT], CREDITOR, "bond repayment")
    ledger.lend(total[B_ADVANCE], "advance", CREDITOR)
    ledger.lend(total[B_LOAN] + total[B_REFINANCED])
    ledger.repay(total[B_REFINANCED], CREDITOR, "bond repayment")
    world[BondsState].adults = sums[:, B_ADULTS]
    world.figures |= {
        BondageOutcomes.bonded_pay: sums[:, B_HANDED_OVER],
        BondageOutcomes.bonded_withheld: sums[:, B_WITHHELD],
        BondageOutcomes.bonded_shortfall: sums[:, B_SHORT],
    }


def close_bonds(world: World, ended: Bonds) -> np.ndarray:
    """Write off the remaining debt of bonds that ended; return the households freed by cancellation, by district."""
    district = ended.district.astype(np.int64)
    weight = world.weight[district]
    world.ledger.write_off(int((ended.owed.astype(np.int64) * weight).sum()), CREDITOR)
    world.figures[BondageOutcomes.bondage_releases] = _by_district(world, district, weight)
    for outcome, how in ENDS.items():
        world.figures[outcome] = _by_district(world, district, np.where(ended.ended == how, weight, 0))
    world[LawState].freed_by_courts = world.figures[BondageOutcomes.bondage_court]
    freed: np.ndarray = world.figures[BondageOutcomes.bondage_cancelled]
    return freed


def record_stock(world: World, places: np.ndarray) -> None:
    """Record the bonded at the end of the step, and their debts."""
    bonds, count = world[BondsState].table.columns, world[BondsState].table.count
    district = bonds.district[:count].astype(np.int64)
    weight = world.weight[district]
    children = bonds.children[:count] * weight
    world.figures |= {
        BondageOutcomes.bonded_households: _by_district(world, district, weight),
        BondageOutcomes.bonded_kiln: _by_district(world, district, np.where(bonds.sector[:count] == KILN, weight, 0)),
        BondageOutcomes.bonded_mine: _by_district(world, district, np.where(bonds.sector[:count] == MINE, weight, 0)),
        BondageOutcomes.bonded_workers: world[BondsState].adults + _by_district(world, district, children),
        BondageOutcomes.bonded_children: _by_district(world, district, children),
        BondageOutcomes.bonded_debt: _by_district(world, district, bonds.owed[:count].astype(np.int64) * weight),
        BondageOutcomes.bondage_places: np.round(places.sum(axis=1)).astype(np.int64),
    }


def _by_district(world: World, district: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    found = np.zeros(world.district_count, np.int64)
    found += sum_by(district, amounts, found.size)
    return found
