"""Recruiters of kilns and mines: the places they fill, and the households they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.sums import sum_by
from abm.streams.bondage_params import BondageParams
from abm.streams.bonds import CREDITOR, BondageOutcomes, BondsState, bonded_households, count_by_sector
from abm.streams.kernels.bondage import BondTerms, ask_for_money, count_in_want, meet_recruiters
from abm.world.codes import BONDING_SECTORS, STREAM_ADVANCE

if TYPE_CHECKING:
    from abm.world.state import World


COHORTS_CARRIED = 3.0
"""Most weighted rows by which recruiting may lag or run ahead."""

MONTHS_CARRIED = 3.0
"""Months over which unfilled places are carried over."""

VILLAGES_ASKED = 12
"""Approximate number of villages per district from which the share in need is estimated each month."""

MOST_MET = 0.9
"""Largest share of households in need that recruiters meet in a month."""


class RecruitmentState(State):
    """Places that recruiters seek to fill."""

    sought: Held[np.ndarray] = kept(
        unit="household",
        text="Places that recruiters seek to fill, carried over.",
        over=("district", "sector"),
        start=lambda world: np.zeros((world.district_count, BONDING_SECTORS)),
    )


def open_bonds(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Bind the poor households that are bonded at the start."""
    everybody = np.ones(world.district_count, np.int64)
    poor = _share_in_want(world, terms, everybody, opening=True)
    wanted = world.params(BondageParams).opening_share * places
    rows, sectors = _meet(world, wanted, poor, terms, opening=True)
    owed = _ask(world, rows, sectors, terms, opening=True)
    world.ledger.accrue(int(owed.sum()), CREDITOR)


def recruit(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Let recruiters offer free places to households in need, which decide.

    The number sought is carried over, above or below zero: a weighted row fills many places at once, and the number of
    bonded households must not depend on the scale of the sample.
    """
    sought = world[RecruitmentState].sought
    free = world.params(BondageParams).recruiting * (places - bonded_households(world))
    most = np.maximum(MONTHS_CARRIED * np.abs(free), COHORTS_CARRIED * world.weight[:, None])
    sought[:] = np.clip(sought + free, -most, most)
    villages = np.bincount(world.villages.district, minlength=world.district_count)
    in_want = _share_in_want(world, terms, np.maximum(villages // VILLAGES_ASKED, 1), opening=False)
    rows, sectors = _meet(world, np.maximum(sought, 0.0), in_want, terms, opening=False)
    sought -= count_by_sector(world, world.villages.district[world.villages_of(rows)], sectors)
    owed = _ask(world, rows, sectors, terms, opening=False)
    world.ledger.lend(int(owed.sum()), "advance", CREDITOR)


def _share_in_want(world: World, terms: BondTerms, stride: np.ndarray, *, opening: bool) -> np.ndarray:
    """Share of households in need in each district, from one village in `stride`."""
    blocks = world.blocks
    in_want, asked = np.zeros(blocks.district.size, np.int64), np.zeros(blocks.district.size, np.int64)
    world.threads.each(
        lambda first, last: count_in_want(
            first, last, blocks, world.district_month, world.villages, world.households, terms.need_months, opening,
            stride, world.t, in_want, asked,
        ),
        asked.size,
    )  # fmt: skip
    starts = world.block_starts
    return np.add.reduceat(in_want, starts) / np.maximum(np.add.reduceat(asked, starts), 1)


def _meet(
    world: World, wanted: np.ndarray, in_want: np.ndarray, terms: BondTerms, *, opening: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Let this many households in need (by district and sector) meet a recruiter; return their rows and sectors."""
    blocks, villages = world.blocks, world.villages
    households = np.bincount(villages.district, villages.awake, world.district_count) * world.weight
    contact = wanted / np.maximum(in_want * households, 1.0)[:, None]
    contact *= MOST_MET / np.maximum(contact.sum(axis=1, keepdims=True), MOST_MET)
    key, met = _key(world, opening=opening), np.zeros(blocks.district.size, np.int64)
    # the work space of the channel choice is free until the household pass
    world.threads.each(
        lambda first, last: meet_recruiters(
            first, last, blocks, world.district_month, villages, world.households, contact, terms.need_months, opening,
            key, world.chosen, world.choice, met,
        ),
        met.size,
    )  # fmt: skip
    # each block's list starts at its first row
    before = np.cumsum(met) - met
    places = np.repeat(villages.first_row[blocks.first_village] - before, met) + np.arange(met.sum())
    return world.chosen[places].astype(np.int64), world.choice[places].astype(np.int64)


def _ask(world: World, rows: np.ndarray, sectors: np.ndarray, terms: BondTerms, *, opening: bool) -> np.ndarray:
    """Let households take an advance, borrow elsewhere or go without; return PKR owed to employers by case."""
    district = world.villages.district[world.villages_of(rows)].astype(np.int64)
    owed, loan, children = (np.zeros(rows.size, np.int64) for _ in range(3))
    ask_for_money(
        rows, sectors, district, world.district_month, world.households, terms, opening,
        _key(world, opening=opening), owed, loan, children,
    )  # fmt: skip
    weight = world.weight[district]
    bound = owed > 0
    if bound.any():
        world[BondsState].table.append(
            row=rows[bound], district=district[bound], sector=sectors[bound], children=children[bound],
            owed=owed[bound], ended=0,
            # the first month is the next one
            adults=0, young=0, members=0.0, savings=0, pay=0,
        )  # fmt: skip
    world.ledger.lend(int((loan * weight).sum()))
    turned_away = ~bound & (loan == 0)
    for outcome, which in (
        (BondageOutcomes.bondage_entries, bound),
        (BondageOutcomes.bondage_turned_away, turned_away),
    ):
        counted = np.where(which, weight, 0) if not opening else np.zeros_like(weight)
        world.figures[outcome] = sum_by(district, counted, world.district_count)
    return owed * weight


def _key(world: World, *, opening: bool) -> np.uint64:
    """Key of the draws; the opening uses that of the month before the run."""
    return world.key(STREAM_ADVANCE, 1 if opening else 0)
