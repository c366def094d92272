"""Cases against offices, from the first lead to the judgment."""

from __future__ import annotations

from collections import namedtuple

from abm.declare.column import TABLES_OF_COLUMNS, Column, column
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable

CASE_COLUMNS: dict[str, Column] = {
    "id": column("i8", unit="id", text="Permanent number."),
    "office": column("i4", unit="row", text="Office."),
    "office_key": column("i8", unit="id", text="Permanent number of that office: its row may serve another by now."),
    "district": column("i2", unit="row", text="Home district of the office."),
    "circle": column("i2", unit="row", text="Circle (post) in charge."),
    "stage": column("u1", unit="code", text="0 lead, 1 under investigation, 2 charged, 3 before a court."),
    "evidence": column("f8", unit="lead", text="Leads that name the office, fading while nobody investigates."),
    "since": column("i2", unit="month", text="Month of the run in which the stage began."),
    "progress": column("f8", unit="month", text="Months of a charge or trial at ordinary speed that have passed."),
    "arrested": column("i4", unit="person", text="Persons arrested in it."),
    "owner": column("u1", unit="flag", text="The owner of the office is among them."),
}
"""One row a case against an office, from the first lead to the judgment."""

Cases = namedtuple("Cases", list(CASE_COLUMNS))  # type: ignore[misc]

TABLES_OF_COLUMNS |= {"cases": CASE_COLUMNS}


class CasesState(State):
    """State of cases."""

    table: Held[CohortTable] = kept(text="Cases against offices.", start=lambda world: CohortTable(Cases, CASE_COLUMNS))
    next_id: Held[int] = kept(unit="id", text="Permanent number of the next case.", start=lambda world: 0)
