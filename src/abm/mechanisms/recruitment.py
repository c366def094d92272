"""Recruiters of kilns and mines: for which places they look, and whom they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.core.sums import sum_by
from abm.kernels.bondage import BondTerms, ask_for_money, meet_recruiters
from abm.kernels.states import BONDING_SECTORS, STREAM_ADVANCE
from abm.kernels.village_quarter import QUARTER
from abm.mechanisms.bonded_books import CREDITOR

if TYPE_CHECKING:
    from abm.world.state import World


def open_bonds(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Bind as many poor households as have long been bonded when a run opens."""
    nobody = np.zeros_like(places)
    _, _, poor = _meet(world, nobody, terms, opening=True)
    wanted = world.config.bondage.opening_share * places
    rows, sectors, _ = _meet(world, wanted / np.maximum(poor, 1)[:, None], terms, opening=True)
    owed = _ask(world, rows, sectors, terms, opening=True)
    world.ledger.accrue(int(owed.sum()), CREDITOR)


def recruit(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Let recruiters look for households in want to fill free places, and let these decide.

    What recruiters look for is carried on, above or below zero: a weighted row fills many places at once, and the
    number of bonded households must not depend on the scale of the sample.
    """
    values = world.month_values
    sought = values.setdefault("bondage_sought", np.zeros_like(places))
    in_want = values.setdefault("bondage_in_want", np.zeros((QUARTER, world.district_count)))
    free = world.config.bondage.recruiting * (places - _taken(world))
    cohort = world.weight[:, None].astype(np.float64)
    sought[:] = np.clip(sought + free, -cohort, np.maximum(QUARTER * free, 2.0 * cohort))
    usual = in_want.mean(axis=0)[:, None]
    contact = np.where(usual > 0.0, np.maximum(sought, 0.0) / np.maximum(usual, 1.0), 0.0)
    contact *= MOST_MET / np.maximum(contact.sum(axis=1, keepdims=True), MOST_MET)
    rows, sectors, wanting = _meet(world, contact, terms, opening=False)
    sought -= contact * wanting[:, None]
    in_want[world.t % QUARTER] = wanting
    owed = _ask(world, rows, sectors, terms, opening=False)
    world.ledger.lend(int(owed.sum()), "advance", CREDITOR)


def _taken(world: World) -> np.ndarray:
    """Households bonded now, shape (districts, sectors)."""
    bonds, count = world.bonds.columns, world.bonds.count
    district = bonds.district[:count].astype(np.int64)
    code = district * BONDING_SECTORS + bonds.sector[:count] - 1
    taken = np.zeros(world.district_count * BONDING_SECTORS, np.int64)
    taken += sum_by(code, world.weight[district], taken.size)
    return taken.reshape(-1, BONDING_SECTORS)


def _meet(
    world: World, contact: np.ndarray, terms: BondTerms, *, opening: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List whom recruiters meet; rows, sectors, and households in want by district."""
    blocks = world.blocks
    in_want, met = np.zeros(blocks.district.size, np.int64), np.zeros(blocks.district.size, np.int64)
    key = world.key(STREAM_ADVANCE)
    # the lists of the choice of channel are free until the household pass
    world.threads.each(
        lambda first, last: meet_recruiters(
            first, last, blocks, world.district_month, world.villages, world.households, contact, terms.want_months,
            opening, key, world.t, world.chosen, world.choice, met, in_want,
        ),
        met.size,
    )  # fmt: skip
    start = world.villages.first_row[blocks.first_village]
    some = np.flatnonzero(met)
    places = np.concatenate([np.arange(start[b], start[b] + met[b]) for b in some] or [np.zeros(0, np.int64)])
    found = world.chosen[places].astype(np.int64), world.choice[places].astype(np.int64)
    return *found, np.add.reduceat(in_want, world.block_starts)


def _ask(world: World, rows: np.ndarray, sectors: np.ndarray, terms: BondTerms, *, opening: bool) -> np.ndarray:
    """Let households take an advance, borrow elsewhere or go without; returns PKR owed to employers by case."""
    district = world.villages.district[world.villages_of(rows)].astype(np.int64)
    owed, loan, children = (np.zeros(rows.size, np.int64) for _ in range(3))
    ask_for_money(
        rows, sectors, district, world.district_month, world.households, terms, opening, world.key(STREAM_ADVANCE),
        owed, loan, children,
    )  # fmt: skip
    weight = world.weight[district]
    bound = owed > 0
    if bound.any():
        world.bonds.append(
            row=rows[bound], district=district[bound], sector=sectors[bound], children=children[bound],
            owed=owed[bound], lent=owed[bound], pay=0, since=-1 if opening else world.t, ended=0,
        )  # fmt: skip
    world.ledger.lend(int((loan * weight).sum()))
    for name, which in (("bondage_entries", bound), ("bondage_turned_away", ~bound & (loan == 0))):
        world.figures[name] = np.zeros(world.district_count, np.int64)
        if not opening:
            world.figures[name] += sum_by(district, np.where(which, weight, 0), world.district_count)
    return owed * weight


MOST_MET = 0.9
"""Largest share of the households in want of whom recruiters meet some, in a month."""
