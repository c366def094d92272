"""Bonds of households to kilns and mines."""

from __future__ import annotations

from collections import namedtuple

from abm.declare.column import TABLES_OF_COLUMNS, Column, column
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable

BOND_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "district": column("i2", unit="row", text="Home district."),
    "sector": column("u1", unit="code", text="1 brick kiln, 2 mine."),
    "children": column("u1", unit="person", text="Dependants of one household who work the debt off too."),
    "adults": column("u1", unit="person", text="Workers at home of one household in the month."),
    "young": column("u1", unit="person", text="Dependants of one household in the month."),
    "members": column("f4", unit="person", text="Members at home of one household in the month."),
    "savings": column("i4", unit="PKR of 2017", text="Savings of one household when the month began."),
    "owed": column("i4", unit="PKR of 2017", text="Owed to the employer by one household."),
    "pay": column("i4", unit="PKR of 2017", text="Handed over to one household in the month."),
    "ended": column("u1", unit="code", text="0 lasts, 1 repaid, 2 fled, 3 released by a court, 4 debt cancelled."),
}
"""One row a bonded household, in order of household."""

Bonds = namedtuple("Bonds", list(BOND_COLUMNS))  # type: ignore[misc]

TABLES_OF_COLUMNS |= {"bonds": BOND_COLUMNS}


class BondsState(State):
    """Bonded households."""

    table: Held[CohortTable] = kept(
        text="Bonds, in order of household.", start=lambda world: CohortTable(Bonds, BOND_COLUMNS)
    )
