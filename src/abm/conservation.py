"""Conservation: no person and no rupee is lost in any month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import ClaimsState
from abm.market import MarketTables
from abm.routes import TravelState
from abm.streams import BondsState, RecruitersState, check_persons
from abm.world.codes import FREE_OF_BOND

if TYPE_CHECKING:
    from abm.world.state import World


def check(world: World) -> list[str]:
    """Check the conservation of people and money; return what does not balance, in words."""
    households, villages = world.households, world.villages
    weight = np.repeat(world.weight[villages.district], villages.awake)
    rows = np.concatenate([np.arange(f, f + a) for f, a in zip(villages.first_row, villages.awake, strict=True)])
    problems = world.ledger.check(*_count_money(world, rows, weight))
    absent = int(households.away[rows].sum(dtype=np.int64))
    dead = int(households.dead[rows].sum(dtype=np.int64))
    used = np.concatenate(
        [np.arange(s, s + c) for s, c in zip(villages.segment_start, villages.segment_count, strict=True)]
    )
    placed = int(world.away.persons[used].sum(dtype=np.int64))
    travelling = int(world[TravelState].journeys.rows.persons.sum())
    exploited, found = check_persons(world)
    problems += found
    if absent != placed + travelling + dead + exploited:
        problems.append(
            f"{absent} persons are away, but {placed} at destinations + {travelling} under way + {dead} dead "
            f"+ {exploited} held by exploiters"
        )
    if (households.workers[rows].astype(np.int64) * weight < households.away[rows]).any():
        problems.append("a household has more members away than workers")
    bonds = world[BondsState].table.rows.row
    if not np.array_equal(bonds, rows[households.bond[rows] != FREE_OF_BOND]):
        problems.append(f"{bonds.size} bonds are not those of the households marked as bonded, in their order")
    return problems


def _count_money(world: World, rows: np.ndarray, weight: np.ndarray) -> tuple[dict[str, int], dict[str, int]]:
    """Count the holdings of accounts and the debts of households, from the columns."""
    households, bonds = world.households, world[BondsState].table.rows
    held = {
        "households": int((households.assets[rows].astype(np.int64) * weight).sum()),
        "offices": int(world[MarketTables].offices.capital.sum()),
        "traffickers": int(world[RecruitersState].table.rows.capital.sum()),
        "escrow": int(world[TravelState].journeys.rows.deposit.sum()),
    }
    owed = {
        "lenders": int((households.debt[rows].astype(np.int64) * weight).sum()),
        "offices": int(world[ClaimsState].table.rows.owed.sum()),
        "bonding_employers": int((bonds.owed.astype(np.int64) * world.weight[bonds.district]).sum()),
    }
    return held, owed
