"""Cases against offices, from the first lead to the judgment."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from abm.declare.column import TABLES_OF_COLUMNS, column, columns_of
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable


class Cases(NamedTuple):
    """One row a case against an office, from the first lead to the judgment."""

    id: Annotated[np.ndarray, column("i8", unit="id", text="Permanent number.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office.")]
    office_key: Annotated[
        np.ndarray,
        column("i8", unit="id", text="Permanent number of that office; its row may belong to another by now."),
    ]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district of the office.")]
    circle: Annotated[np.ndarray, column("i2", unit="row", text="Circle (post) in charge.")]
    stage: Annotated[
        np.ndarray, column("u1", unit="code", text="0 lead, 1 under investigation, 2 charged, 3 before a court.")
    ]
    evidence: Annotated[
        np.ndarray, column("f8", unit="lead", text="Leads that name the office, fading until it is investigated.")
    ]
    since: Annotated[np.ndarray, column("i2", unit="month", text="Month of the run in which the stage began.")]
    progress: Annotated[
        np.ndarray, column("f8", unit="month", text="Months of charge or trial so far, at ordinary speed.")
    ]
    arrested: Annotated[np.ndarray, column("i4", unit="person", text="Persons arrested in it.")]
    owner: Annotated[np.ndarray, column("u1", unit="flag", text="The owner of the office is among them.")]


CASE_COLUMNS = columns_of(Cases)


TABLES_OF_COLUMNS |= {"cases": CASE_COLUMNS}


class CasesState(State):
    """Cases against offices."""

    table: Held[CohortTable[Cases]] = kept(
        text="Cases against offices.", start=lambda world: CohortTable(Cases, CASE_COLUMNS)
    )
    next_id: Held[int] = kept(unit="id", text="Permanent number of the next case.", start=lambda world: 0)
