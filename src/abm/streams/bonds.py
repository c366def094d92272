"""Bonds of households to kilns and mines."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from abm.declare.column import TABLES_OF_COLUMNS, column, columns_of
from abm.declare.state import Held, State, kept, monthly
from abm.engine.tables import CohortTable


class Bonds(NamedTuple):
    """One row a bonded household, in order of household."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    sector: Annotated[np.ndarray, column("u1", unit="code", text="1 brick kiln, 2 mine.")]
    children: Annotated[
        np.ndarray, column("u1", unit="person", text="Dependants of one household who also work off the debt.")
    ]
    adults: Annotated[np.ndarray, column("u1", unit="person", text="Workers at home of one household in the month.")]
    young: Annotated[np.ndarray, column("u1", unit="person", text="Dependants of one household in the month.")]
    members: Annotated[np.ndarray, column("f4", unit="person", text="Members at home of one household in the month.")]
    savings: Annotated[
        np.ndarray, column("i4", unit="PKR of 2017", text="Savings of one household when the month began.")
    ]
    owed: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Owed to the employer by one household.")]
    pay: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Paid out to one household in the month.")]
    ended: Annotated[
        np.ndarray,
        column("u1", unit="code", text="0 lasts, 1 repaid, 2 fled, 3 released by a court, 4 debt cancelled."),
    ]


BOND_COLUMNS = columns_of(Bonds)


TABLES_OF_COLUMNS |= {"bonds": BOND_COLUMNS}


class BondsState(State):
    """Bonded households."""

    table: Held[CohortTable[Bonds]] = kept(
        text="Bonds, in order of household.", start=lambda world: CohortTable(Bonds, BOND_COLUMNS)
    )
    adults: Held[np.ndarray] = monthly(
        unit="person", text="Adults working off a debt in the month.", over=("district",)
    )
