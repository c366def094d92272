"""Bonded labour: advances bind households to kilns and mines until the debt is paid or cancelled, or they flee."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Effective, Lever, behaviour
from abm.policy import InForce
from abm.streams.bondage_params import BOTH, BondageParams
from abm.streams.bonded_work import ALL_KILNS, families_by_sector, find_places, sites_of, terms_of_month
from abm.streams.bonds import BondageOutcomes, BondsState, bonded_households, book_month, close_bonds, record_stock
from abm.streams.kernels.bondage import TALLIES, BondTerms, bond_month, index_bonds
from abm.streams.labour_inspection import Enforced, InspectionState, Visit, inspect, known_share, pass_on, take_up
from abm.streams.recruitment import open_bonds, recruit
from abm.world.codes import BOND_LASTS, KILN, STREAM_BOND
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


def ordered(name: str, top: float = 1.0) -> Effective:
    """Declare what policy orders, by district."""
    return behaviour(name, base=0.0, over="district", bounds=(0.0, top))


booked_lever = partial(Lever, combine="add", cost_counted="booked")
of_visits = partial(booked_lever, unit_cost=1_500.0, cost_unit="visit made")

WAGE_ENFORCEMENT = of_visits(
    "wage_enforcement_kilns", unit="share of registered kilns visited a month", bounds=(0.0, 1.0),
    moves=(ordered("registered kilns to be visited about pay in a month"),), systems=("S15", "S19"),
    text="Sends inspectors to registered kilns to have the lawful rate or the minimum wage paid, whichever is higher.",
)  # fmt: skip

MINE_RATE = of_visits(
    "mine_rate_regulation", unit="PKR of 2017 a ton", bounds=(0.0, 800.0),
    moves=(ordered("regulated rate of mines a ton", 800.0),), systems=("S16", "S19"),
    text="Sets a lowest rate a ton, handed over in full, and sends inspectors once a month to mines that pay less.",
)  # fmt: skip

ADVANCE_BAN = of_visits(
    "advance_ban", unit="share of known places visited a month", bounds=(0.0, 1.0),
    moves=(ordered("registered kilns and mines to be visited about advances in a month"),),
    systems=("S15", "S16", "S19"),
    text="Sends inspectors to registered kilns and mines to stop advances; others lend to those refused, or nobody.",
    source="assumed; the Bonded Labour System (Abolition) Act 1992 forbids advances that bind",
)  # fmt: skip

DEBT_CANCELLATION = booked_lever(
    "debt_cancellation", unit="share of bonded households a month", bounds=(0.0, 0.5), unit_cost=30_000.0,
    cost_unit="household set free", cost_source="assumed; legal aid and shelter for some months",
    moves=(ordered("bonded households to be offered a case in a month", 0.5),), systems=("S15", "S16", "S19"),
    text="Offers bonded households a case that voids the debt; an inspector visits each who dares to bring one.",
)  # fmt: skip

KILN_REGISTRATION = of_visits(
    "kiln_registration", unit="share of unregistered kilns visited a month", bounds=(0.0, 1.0),
    moves=(ordered("unregistered kilns to be found in a month"),), systems=("S15", "S19"),
    text="Sends inspectors to find kilns, so that they keep books and are visited like those on the register.",
)  # fmt: skip

INSPECTORS = booked_lever(
    "labour_inspectors", unit="inspector per million residents", bounds=(0.0, 100.0), unit_cost=55_000.0,
    cost_unit="inspector a month", cost_source="pay as in agencies.yaml",
    moves=(ordered("labour inspectors added a million residents", 100.0),), systems=("S15", "S16", "S19"),
    text="Adds labour inspectors for kilns and mines, who make the visits that other levers order.",
)  # fmt: skip

VISITS = (WAGE_ENFORCEMENT, MINE_RATE, ADVANCE_BAN, KILN_REGISTRATION)
PURPOSES = dict(zip(VISITS, (Visit.PAY, Visit.PAY, Visit.ADVANCES, Visit.SURVEY), strict=True))
PURPOSES[DEBT_CANCELLATION] = Visit.CASES
"""What the visits that each lever orders are for; those of cases are paid for by the case."""


class Bondage(Mechanism):
    r"""Kilns and mines advance money to households in need, withhold pay, and hold them through growing debts.

    Recruiters approach households as there are free places. Those in want may take an advance and work it off at a
    brick kiln or a mine. They leave when the debt is paid; some are freed by courts or flee; inspectors' visits make
    places keep to the law. A bonded household does not migrate.

    Notes
    -----
    With gross pay $g$, share withheld $\omega$, need $n$, and a debt $B$ below its ceiling,

    $$
    B \leftarrow B (1 + i) - \chi \, \omega g - \min(\sigma \max((1 - \omega) g - n, 0), B) + \text{advance},
    $$

    where the advance is what pay and savings lack to $n$. Here $i$ is `interest`, $\sigma$ `instalment_share`, and
    $\chi$ `credited_share` (`credited_registered` at registered kilns), the part of what is withheld that is taken off
    the debt. The ceiling is `ceiling_months` of gross pay in season.

    Families wanted at kilns of a district are its share of the country's kilns, times

    $$
    \frac{Q}{q \mu} \frac{N}{N_0} y \, \pi z^{-\epsilon} \bar z^{-\eta}, \qquad
    z = 1 + \lambda e \max\left( \frac{\max(r_l, 2 w / b)}{r (1 - \omega)} - 1, 0 \right),
    $$

    with the `minimum_wage` $w$, thousand bricks of a family in a month of the season $b$, $Q$ `bricks`, those of a
    family in a year $q$, $\mu$ `moulding_share`, residents $N$ ($N_0$ in 2017), income $y$ relative to 2017, the price
    of bricks $z$ where a share $e$ of kilns pays by the law, its mean in the province $\bar z$, and $\pi$ such that
    $\pi z^{-\epsilon}$ shifts bricks only within the province. $\epsilon$, $\eta$, $\lambda$, $r_l$, $r$ are
    `brick_substitution`, `brick_elasticity`, `labour_part`, `legal_rate`, `kiln_rate`. Mines have their share of
    miners' families, times bricks of the region relative to 2017.
    """

    section = "bondage"
    Params = BondageParams
    systems = BOTH
    on_by_default = False
    outcomes = BondageOutcomes.declared
    levers = (WAGE_ENFORCEMENT, MINE_RATE, ADVANCE_BAN, DEBT_CANCELLATION, KILN_REGISTRATION, INSPECTORS)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost of a lever as if all that it orders were done."""
        if not world.config.enabled(Bondage.section):
            return 0.0
        sites, bonded = _count_sites(world), bonded_households(world)
        return lever.unit_cost * float(_order(world, lever, np.maximum(deviation, 0.0), sites, bonded).sum())

    @staticmethod
    def step(world: World) -> None:
        """Let the bonded work and some go free; then let recruiters meet households in need."""
        if not world.config.enabled(Bondage.section):
            return
        before = bonded_households(world)
        enforced = _enforce(world, before)
        found_places = find_places(world, enforced.pay[:, KILN - 1])
        terms = terms_of_month(world, enforced, world.now(MINE_RATE.moves[0]))
        if world.t == 0:
            open_bonds(world, terms, found_places)
            _index(world)
            before = bonded_households(world)
        tally = np.zeros((world.blocks.district.size, TALLIES), np.int64)
        _work(world, terms, tally)
        book_month(world, np.add.reduceat(tally, world.block_starts, axis=0))
        table = world[BondsState].table
        cancelled = close_bonds(world, table.take(table.rows.ended != BOND_LASTS))
        world[InForce].policy.book_cost(DEBT_CANCELLATION, cancelled * DEBT_CANCELLATION.unit_cost)
        freed, params = cancelled + world.figures[BondageOutcomes.bondage_court], world.params(BondageParams)
        heard = pass_on(world[InspectionState].heard, freed, before.sum(axis=1), params.telling, params.forgetting)
        world[InspectionState].heard = heard
        recruit(world, terms, found_places)
        _index(world)
        bonded = bonded_households(world)
        record_stock(world, bonded, found_places, sites_of(world.units)[2])
        _record_inspection(world, enforced, bonded.sum(axis=1))


def _count_sites(world: World) -> np.ndarray:
    """Kilns, and mines with as many families as a kiln; shape (districts, sectors)."""
    (kilns, mines, _), families = sites_of(world.units), families_by_sector(world.params(BondageParams))
    return ALL_KILNS * np.stack([kilns, mines * families[1] / families[0]], axis=1)


def _order(world: World, lever: Lever, dose: np.ndarray, sites: np.ndarray, bonded: np.ndarray) -> np.ndarray:
    """Units that a lever orders at a dose by district: visits, inspectors, or households to be offered a case."""
    if lever == INSPECTORS:
        return dose * world.units.population_2017 / 1e6
    if lever == DEBT_CANCELLATION:
        return (dose * take_up(world))[:, None] * bonded
    if lever == KILN_REGISTRATION:
        return dose[:, None] * sites * (1.0 - known_share(world))
    if lever == MINE_RATE:
        dose = _share_below(world.params(BondageParams), dose)
    return dose[:, None] * sites * known_share(world) * [lever != MINE_RATE, lever != WAGE_ENFORCEMENT]


def _share_below(params: BondageParams, rate: np.ndarray) -> np.ndarray:
    """Share of mines that hand over less than a rate a ton, as if pay were spread evenly from the worst to the best."""
    worst, best = (1.0 - params.mine_withheld) * np.array([params.mine_rate_worst, params.mine_rate_best])
    return np.clip((rate - worst) / max(best - worst, 1e-9), 0.0, 1.0)


def _enforce(world: World, bonded: np.ndarray) -> Enforced:
    """Send inspectors where the levers in force order visits; books what visits and inspectors cost."""
    sites, policy = _count_sites(world), world[InForce].policy
    doses = {which: world.now(which.moves[0]) for which in Bondage.levers}
    orders = {which: _order(world, which, dose, sites, bonded) for which, dose in doses.items() if dose.any()}
    visits, added = np.zeros((len(Visit), *sites.shape)), orders.pop(INSPECTORS, np.zeros(len(sites)))
    for which, order in orders.items():
        visits[PURPOSES[which]] += order
    enforced = inspect(world, visits, added, sites, bonded)
    policy.book_cost(INSPECTORS, added * INSPECTORS.unit_cost)
    for which in [which for which in VISITS if which in orders]:
        done = enforced.made[PURPOSES[which]] / np.maximum(visits[PURPOSES[which]], 1e-9)
        policy.book_cost(which, (orders[which] * done).sum(axis=1) * which.unit_cost)
    return enforced


def _record_inspection(world: World, enforced: Enforced, bonded: np.ndarray) -> None:
    """Record visits, and what is known of them: shares of the country's kilns and households, `bonded` by district."""
    kilns = sites_of(world.units)[0]
    world.figures[BondageOutcomes.labour_visits] = np.round(enforced.made.sum(axis=(0, 2))).astype(np.int64)
    for outcome, values, weights in (
        (BondageOutcomes.lawful_kilns, enforced.pay[:, KILN - 1], kilns),
        (BondageOutcomes.registered_kilns, enforced.registered, kilns),
        (BondageOutcomes.bondage_heard, world[InspectionState].heard, bonded),
    ):
        world.figures[outcome] = float((values * weights).sum() / max(weights.sum(), 1e-9))


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
    table, rows = world[BondsState].table, world[BondsState].table.rows.row
    if (rows[1:] < rows[:-1]).any():
        table.order_by("row")
    index_bonds(world.villages, table.columns.row, table.count)
