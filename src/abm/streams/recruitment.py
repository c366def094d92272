"""Recruiters of kilns and mines: the places they fill, and the households they approach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.random import uniforms
from abm.engine.sums import sum_by
from abm.society import LabourState
from abm.streams.bondage_params import BondageParams
from abm.streams.bonds import CREDITOR, BondageOutcomes, BondsState, bonded_households
from abm.streams.kernels.bondage import BondTerms, ask_for_money, meet_recruiters
from abm.streams.recruiters import households_of
from abm.world.codes import BONDING_SECTORS, STREAM_ADVANCE

if TYPE_CHECKING:
    from abm.world.state import World

MOST_OWED = 3.0
"""Months of places overfilled, or weighted rows, by which recruiting may run ahead."""

MOST_MET = 0.9
"""Largest share of households that recruiters approach in a month."""


ASKED = (BondageOutcomes.bondage_entries, BondageOutcomes.bondage_lent_elsewhere, BondageOutcomes.bondage_turned_away)
"""Outcomes by what households in need get: an advance, money from others, or nothing."""


class RecruitmentState(State):
    """Approaches that recruiters have still to make."""

    sought: Held[np.ndarray] = kept(
        unit="household", text="Places to be filled, carried over; below zero where more are filled than there are.",
        over=("district", "sector"), start=lambda world: np.zeros((world.district_count, BONDING_SECTORS)),
    )  # fmt: skip


def open_bonds(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Bind the poor households that are bonded at the start: as many as there are places to be taken.

    The jobs that they hold by the data on work are those of their bond, and no positions of the labour market.
    """
    wanted = world.params(BondageParams).opening_share * places
    share = wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1.0)
    rows, sectors = _meet(world, share * MOST_MET, terms, opening=True)
    district = world.villages.district[world.villages_of(rows)]
    poor = np.bincount(district, world.weight[district], world.district_count)
    draw = np.zeros(rows.size)
    uniforms(world.key(STREAM_ADVANCE, 2), rows, draw)
    taken = draw * poor[district] < wanted.sum(axis=1)[district]
    held = world.households.jobs[rows[taken]] * world.weight[district[taken]]
    world[LabourState].jobs -= sum_by(district[taken], held, world.district_count)
    world.ledger.accrue(int(_ask(world, rows[taken], sectors[taken], terms, opening=True).sum()), CREDITOR)


def recruit(world: World, terms: BondTerms, places: np.ndarray) -> None:
    """Let recruiters approach households for each free place; those in need decide.

    The more households are in need, the more of those approached take an advance. Places are carried over, above or
    below zero: a weighted row fills many at once, and the number of bonded households must not depend on the scale of
    the sample.
    """
    params, sought = world.params(BondageParams), world[RecruitmentState].sought
    free = places - bonded_households(world)
    sought[:] = np.maximum(sought + free, -np.maximum(MOST_OWED * np.abs(free), MOST_OWED * world.weight[:, None]))
    contact = params.recruiting * np.maximum(sought, 0.0) / np.maximum(households_of(world), 1.0)[:, None]
    contact *= MOST_MET / np.maximum(contact.sum(axis=1, keepdims=True), MOST_MET)
    sought[:] = np.minimum(sought, 0.0)
    rows, sectors = _meet(world, contact, terms, opening=False)
    owed = _ask(world, rows, sectors, terms, opening=False)
    world.ledger.lend(int(owed.sum()), "advance", CREDITOR)


def _meet(world: World, contact: np.ndarray, terms: BondTerms, *, opening: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows in need that are approached, and sectors; `contact` is the probability by district and sector."""
    blocks, villages = world.blocks, world.villages
    # the opening uses the draws of the month before the run
    key, met = world.key(STREAM_ADVANCE, int(opening)), np.zeros(blocks.district.size, np.int64)
    # the work space of the channel choice is free until the household pass
    world.threads.each(
        lambda first, last: meet_recruiters(
            first, last, blocks, world.district_month, villages, world.households, contact, terms.need_months, opening,
            key, world.chosen, world.made.option[:, 0], met,
        ),
        met.size,
    )  # fmt: skip
    # each block's list starts at its first row
    before = np.cumsum(met) - met
    places = np.repeat(villages.first_row[blocks.first_village] - before, met) + np.arange(met.sum())
    return world.chosen[places].astype(np.int64), world.made.option[places, 0].astype(np.int64)


def _ask(world: World, rows: np.ndarray, sectors: np.ndarray, terms: BondTerms, *, opening: bool) -> np.ndarray:
    """Let households take an advance, borrow elsewhere or go without; return PKR owed to employers by case."""
    if not rows.size:
        world.figures |= dict.fromkeys(ASKED, np.zeros(world.district_count, np.int64))
        return np.zeros(0, np.int64)
    district = world.villages.district[world.villages_of(rows)].astype(np.int64)
    owed, loan, children, fallback = (np.zeros(rows.size, np.int64) for _ in range(4))
    ask_for_money(
        rows, sectors, district, world.district_month, world.households, terms, opening,
        world.key(STREAM_ADVANCE, int(opening)), owed, loan, children, fallback,
    )  # fmt: skip
    weight = world.weight[district]
    bound = owed > 0
    if bound.any():
        # the first month of work is the next one
        world[BondsState].table.append(
            row=rows[bound], district=district[bound], sector=sectors[bound], children=children[bound],
            fallback=fallback[bound], owed=owed[bound], pay=0, ended=0,
        )  # fmt: skip
    world.ledger.lend(int((loan * weight).sum()))
    for outcome, which in zip(ASKED, (bound, loan > 0, ~bound & (loan == 0)), strict=True):
        counted = np.where(which & (not opening), weight, 0)
        world.figures[outcome] = sum_by(district, counted, world.district_count)
    return owed * weight
