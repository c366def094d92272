"""Bonded labour: advances bind households to kilns and mines until the debt is paid or cancelled, or they flee."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import behaviour, lever
from abm.policy import InForce
from abm.streams.bondage_params import BOTH, KILNS, BondageParams
from abm.streams.bonded_work import ALL_KILNS, places, shares_of_country, terms_of_month
from abm.streams.bonds import (
    BondageOutcomes,
    BondsState,
    bonded_households,
    bonds_of,
    book_month,
    close_bonds,
    record_stock,
)
from abm.streams.kernels.bondage import BOND_TALLY_COUNT, BondTerms, bond_month, index_bonds
from abm.streams.recruitment import open_bonds, recruit
from abm.world.codes import BOND_LASTS, STREAM_BOND
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World

PAY_ENFORCED, ADVANCES_BANNED, DEBTS_CANCELLED, KILNS_REGISTERED = (
    behaviour(name, base=0.0, over="district", bounds=(0.0, 1.0))
    for name in (
        "gap to lawful pay at kilns that is closed",
        "advances of kilns and mines prevented",
        "bonds cancelled in a month",
        "unregistered kilns that are registered",
    )
)
"""Shares by district."""

booked_lever = partial(lever, combine="add", cost_counted="booked")

WAGE_ENFORCEMENT = booked_lever(
    "wage_enforcement_kilns",
    unit="share of the gap to lawful pay",
    bounds=(0.0, 1.0),
    moves=PAY_ENFORCED,
    unit_cost=4_000.0,
    cost_unit="kiln a month, at the lever's top",
    text="Closes the gap between pay at kilns and the lawful rate or minimum wage, whichever is higher.",
    source="assumed; a visit of an inspector a month",
    systems=("S15", "S19"),
)

ADVANCE_BAN = booked_lever(
    "advance_ban",
    unit="share of advances",
    bounds=(0.0, 1.0),
    moves=ADVANCES_BANNED,
    unit_cost=100.0,
    cost_unit="place of a household at a kiln or mine a month, at the lever's top",
    text="Prevents advances, at kilns and in mines alike; households in need borrow elsewhere or go without.",
    source="assumed; the Bonded Labour System (Abolition) Act 1992 forbids advances that bind",
    systems=("S15", "S16", "S19"),
)

DEBT_CANCELLATION = booked_lever(
    "debt_cancellation",
    unit="share of bonded households a month",
    bounds=(0.0, 0.5),
    moves=DEBTS_CANCELLED,
    unit_cost=30_000.0,
    cost_unit="household set free",
    text="Declares the debts of bonded households void and frees them; employers are not compensated.",
    source="assumed; legal aid and shelter for some months",
    systems=("S15", "S16", "S19"),
)

KILN_REGISTRATION = booked_lever(
    "kiln_registration",
    unit="share of unregistered kilns",
    bounds=(0.0, 1.0),
    moves=KILNS_REGISTERED,
    unit_cost=1_500.0,
    cost_unit="kiln brought on the register, a month",
    text="Registers kilns, so that they keep books and labour inspectors visit them.",
    source="assumed; survey and upkeep of the register",
    systems=(*KILNS, "S19"),
)


class Bondage(Mechanism):
    """Kilns and mines advance money to households in need, withhold pay, and hold them through growing debts."""

    section = "bondage"
    Params = BondageParams
    systems = BOTH
    on_by_default = False
    outcomes = BondageOutcomes.declared
    levers = (WAGE_ENFORCEMENT, ADVANCE_BAN, DEBT_CANCELLATION, KILN_REGISTRATION)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost of a lever from the kilns and places of the month and the households already bonded."""
        if not world.config.enabled(Bondage.section):
            return 0.0
        acted_on = _acted_on(world, places(world), lever)
        return lever.unit_cost * float((np.clip(deviation, 0.0, 1.0) * acted_on).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let the bonded work and some go free; then let recruiters meet households in need."""
        if not world.config.enabled(Bondage.section):
            return
        found_places = places(world)
        terms = _terms(world, found_places)
        if world.t == 0:
            open_bonds(world, terms, found_places)
            _index(world)
        tally = np.zeros((world.blocks.district.size, BOND_TALLY_COUNT), np.int64)
        _work(world, terms, tally)
        book_month(world, np.add.reduceat(tally, world.block_starts, axis=0))
        freed = close_bonds(world, world[BondsState].table.take(bonds_of(world).ended != BOND_LASTS))
        world[InForce].policy.book_cost(DEBT_CANCELLATION, freed * DEBT_CANCELLATION.unit_cost)
        recruit(world, terms, found_places)
        _index(world)
        record_stock(world, found_places)


def _terms(world: World, found_places: np.ndarray) -> BondTerms:
    """Terms of the month under the levers in force; books their cost."""
    registered = world.params(BondageParams).registered_share
    enforced, banned, added = (world.now(which) for which in (PAY_ENFORCED, ADVANCES_BANNED, KILNS_REGISTERED))
    for which, dose in ((WAGE_ENFORCEMENT, enforced), (ADVANCE_BAN, banned), (KILN_REGISTRATION, added)):
        world[InForce].policy.book_cost(which, dose * _acted_on(world, found_places, which) * which.unit_cost)
    return terms_of_month(
        world,
        enforced=enforced,
        offered=1.0 - banned,
        cancelled=world.now(DEBTS_CANCELLED),
        registered=registered + (1.0 - registered) * added,
    )


def _acted_on(world: World, found_places: np.ndarray, lever: Lever) -> np.ndarray:
    """Kilns, places or bonded households by district that a lever acts on at full strength."""
    if lever == DEBT_CANCELLATION:
        return bonded_households(world).sum(axis=1)
    if lever == ADVANCE_BAN:
        return found_places.sum(axis=1)
    kilns = shares_of_country(world.units)[0] * ALL_KILNS
    return kilns if lever == WAGE_ENFORCEMENT else (1.0 - world.params(BondageParams).registered_share) * kilns


def _work(world: World, terms: BondTerms, tally: np.ndarray) -> None:
    """Run the month of the bonded households."""
    key = world.key(STREAM_BOND)
    bonds = world[BondsState].table.columns
    world.threads.each(
        lambda first, last: bond_month(
            first, last, world.blocks, world.district_month, world.villages, world.households, bonds, terms, key, tally
        ),
        world.blocks.district.size,
    )


def _index(world: World) -> None:
    """Sort the bonds by household, and set the position of each village's bonds."""
    table = world[BondsState].table
    table.order_by("row")
    index_bonds(world.villages, table.columns.row, table.count)
