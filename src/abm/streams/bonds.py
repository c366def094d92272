"""Bonds of households to kilns and mines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare import Outcomes, national_level, outcome
from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept, monthly
from abm.enforcement import LawState
from abm.engine.sums import sum_by
from abm.engine.tables import CohortTable
from abm.streams.kernels.bondage import BondTally
from abm.world.codes import BOND_CANCELLED, BOND_COURT, BOND_FLED, BOND_REPAID, BONDING_SECTORS, KILN, MINE

if TYPE_CHECKING:
    from abm.world.state import World


@table_of_columns("bonds")
class Bonds(NamedTuple):
    """One row a bonded household, in order of household."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    sector: Annotated[np.ndarray, column("u1", unit="code", text="1 brick kiln, 2 mine.")]
    children: Annotated[np.ndarray, column("u1", unit="person", text="Dependants who also work off the debt.")]
    fallback: Annotated[np.ndarray, column("u1", unit="hundredth", text="Subsistence covered without the advance.")]
    owed: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Owed to the employer by one household.")]
    pay: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Paid out to one household in the month.")]
    ended: Annotated[
        np.ndarray,
        column("u1", unit="code", text="0 lasts, 1 repaid, 2 fled, 3 released by a court, 4 debt cancelled."),
    ]


class BondsState(State):
    """Bonded households."""

    table: Held[CohortTable[Bonds]] = kept(text="Bonds, in order of household.", start=lambda world: CohortTable(Bonds))
    adults: Held[np.ndarray] = monthly(
        unit="person", text="Adults working off a debt in the month.", over=("district",)
    )


households_a_month = partial(outcome, unit="household a month", over="district")
national_share = partial(national_level, unit="share")
pkr_a_month = partial(outcome, unit="PKR of 2017 a month", over="district")
households, persons = (partial(outcome, unit=unit, over="district", kind="stock") for unit in ("household", "person"))


class BondageOutcomes(Outcomes):
    """Bonded households, their pay and debts, entries and releases."""

    bonded_households = households(text="Households bonded at kilns or in mines.")
    bonded_kiln = households(text="Of these, at brick kilns.")
    bonded_mine = households(text="Of these, in mines.")
    bonded_workers = persons(text="Persons who work off a debt: adults who did so in the month, and children.")
    bonded_children = persons(text="Of these, children.")
    bonded_debt = outcome(unit="PKR of 2017", over="district", kind="stock", text="Owed to owners of kilns and mines.")
    bondage_places = households(text="Places for households at kilns and mines.")
    bondage_entries = households_a_month(text="Households that became bonded.")
    bondage_releases = households_a_month(text="Bonded households that went free.")
    bondage_repaid = households_a_month(text="Of these, by repaying the debt, from their own means or with a loan.")
    bondage_flights = households_a_month(text="Of these, by flight.")
    bondage_court = households_a_month(text="Of these, by a court after inspection.")
    bondage_cancelled = households_a_month(text="Of these, because the debt was cancelled.")
    bondage_lent_elsewhere = households_a_month(
        text="Households in need that met a recruiter and borrowed elsewhere, by choice or for want of an advance."
    )
    bondage_turned_away = households_a_month(
        text="Households in need that met a recruiter and got money neither from the employer nor elsewhere."
    )
    bonded_minorities = households(text="Of those at kilns, religious minorities, by the largest share printed.")
    labour_visits = outcome(unit="visit a month", over="district", text="Visits of labour inspectors, bribed or not.")
    lawful_kilns = national_share(text="Kilns that pay by the law on wages.")
    registered_kilns = national_share(text="Kilns on the register.")
    bondage_heard = national_share(text="Bonded households that have heard of one set free.")
    bonded_pay = pkr_a_month(text="Pay received by bonded households.")
    bonded_withheld = pkr_a_month(text="Pay of bonded households that was withheld and not credited against the debt.")
    bonded_shortfall = pkr_a_month(text="Unmet needs of bonded households, after savings, advances and loans.")


CREDITOR = "bonding_employers"
"""Account of the owners of kilns and mines, as payers and creditors."""

ENDS = {
    BondageOutcomes.bondage_repaid: BOND_REPAID,
    BondageOutcomes.bondage_flights: BOND_FLED,
    BondageOutcomes.bondage_court: BOND_COURT,
    BondageOutcomes.bondage_cancelled: BOND_CANCELLED,
}


def book_month(world: World, sums: np.ndarray) -> None:
    """Book the month's payments of bonded households, from the tallies by district (districts, tallies)."""
    ledger, by_district = world.ledger, BondTally(*sums.T)
    total = BondTally(*(int(amount) for amount in sums.sum(axis=0)))
    # the whole promised pay is due; the withheld part flows back at once, some of it against the debt
    ledger.pay(CREDITOR, "households", "kiln and mine pay", total.handed_over + total.withheld + total.credited)
    ledger.pay("households", CREDITOR, "pay withheld", total.withheld)
    ledger.accrue(total.interest, CREDITOR)
    ledger.repay(total.credited, CREDITOR, "pay withheld for the debt")
    ledger.repay(total.instalment, CREDITOR, "bond repayment")
    ledger.lend(total.advance, "advance", CREDITOR)
    ledger.lend(total.loan + total.refinanced)
    ledger.repay(total.refinanced, CREDITOR, "bond repayment")
    world[BondsState].adults = by_district.adults
    world.figures |= {
        BondageOutcomes.bonded_pay: by_district.handed_over,
        BondageOutcomes.bonded_withheld: by_district.withheld,
        BondageOutcomes.bonded_shortfall: by_district.short,
    }


def close_bonds(world: World, ended: Bonds) -> np.ndarray:
    """Write off the remaining debt of bonds that ended; return the households whose debt was cancelled, by district."""
    district, count = ended.district, world.district_count
    weight = world.weight[district]
    world.ledger.write_off(int((ended.owed * weight).sum()), CREDITOR)
    place = ended.ended.astype(np.int64) * count + district
    by_end = sum_by(place, weight, (BOND_CANCELLED + 1) * count).reshape(-1, count)
    world.figures[BondageOutcomes.bondage_releases] = by_end.sum(axis=0)
    world.figures |= {way: by_end[how] for way, how in ENDS.items()}
    world[LawState].freed_by_courts = world.figures[BondageOutcomes.bondage_court]
    return world.figures[BondageOutcomes.bondage_cancelled]


def bonded_households(world: World) -> np.ndarray:
    """Households bonded now, shape (districts, sectors)."""
    bonds = world[BondsState].table.rows
    place = bonds.district.astype(np.int64) * BONDING_SECTORS + bonds.sector - 1
    found = sum_by(place, world.weight[bonds.district], world.district_count * BONDING_SECTORS)
    return found.reshape(-1, BONDING_SECTORS)


def record_stock(world: World, bonded: np.ndarray, places: np.ndarray, minorities: np.ndarray) -> None:
    """Record the `bonded` at the end of the step and their debts; `minorities` is their share at kilns, by district."""
    bonds, count = world[BondsState].table.rows, world.district_count
    weight = world.weight[bonds.district]
    children = sum_by(bonds.district, bonds.children * weight, count)
    world.figures |= {
        BondageOutcomes.bonded_households: bonded.sum(axis=1),
        BondageOutcomes.bonded_kiln: bonded[:, KILN - 1],
        BondageOutcomes.bonded_mine: bonded[:, MINE - 1],
        BondageOutcomes.bonded_minorities: np.round(bonded[:, KILN - 1] * minorities).astype(np.int64),
        BondageOutcomes.bonded_workers: world[BondsState].adults + children,
        BondageOutcomes.bonded_children: children,
        BondageOutcomes.bonded_debt: sum_by(bonds.district, bonds.owed * weight, count),
        BondageOutcomes.bondage_places: np.round(places.sum(axis=1)).astype(np.int64),
    }
