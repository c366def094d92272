"""Travellers and returnees: cohorts under way, and persons sent home."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable


@table_of_columns("journeys")
class Journeys(NamedTuple):
    """One row a cohort under way."""

    id: Annotated[
        np.ndarray,
        column(
            "i8",
            unit="id",
            text="Permanent number of the contract or independent journey; pieces of a cohort share it.",
        ),
    ]
    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    persons: Annotated[np.ndarray, column("i4", unit="person", text="Persons still together.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    route: Annotated[np.ndarray, column("i2", unit="row", text="Route.")]
    leg: Annotated[np.ndarray, column("u1", unit="row", text="Leg of the route.")]
    months_left: Annotated[
        np.ndarray, column("i2", unit="month", text="Months until the end of the leg, or until release.")
    ]
    months_gone: Annotated[np.ndarray, column("i2", unit="month", text="Months since the first departure.")]
    started: Annotated[np.ndarray, column("i2", unit="month", text="Month of the run in which it began.")]
    held: Annotated[np.ndarray, column("u1", unit="flag", text="Held for ransom or work on the leg.")]
    attempt: Annotated[np.ndarray, column("u1", unit="attempt", text="Attempt under way, the first being 1.")]
    attempts: Annotated[np.ndarray, column("u1", unit="attempt", text="Attempts that the fee includes.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office, -1 without one.")]
    office_key: Annotated[
        np.ndarray, column("i8", unit="id", text="Permanent number of that office: its row may serve another by now.")
    ]
    scheme: Annotated[np.ndarray, column("u1", unit="code", text="0 upfront, 1 escrow, 2 credit, 3 alone.")]
    fee: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Fee agreed for one person.")]
    paid: Annotated[
        np.ndarray, column("i8", unit="PKR of 2017", text="Paid so far by the households, ransoms included.")
    ]
    deposit: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Held in escrow for the persons of the row.")]
    owed: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="To be owed to the office on arrival (credit).")]
    origin: Annotated[
        np.ndarray, column("i2", unit="row", text="Destination from which an onward journey began, -1 from home.")
    ]
    experience: Annotated[
        np.ndarray, column("u1", unit="flag", text="The household had experience when the journey began.")
    ]
    wealth: Annotated[
        np.ndarray,
        column("u1", unit="quintile", text="Quintile of permanent income of the household, 0 (poorest) to 4."),
    ]


@table_of_columns("returnees")
class Returnees(NamedTuple):
    """One row a cohort, intercepted and sent home or deported, which may try again."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    persons: Annotated[np.ndarray, column("i4", unit="person", text="Persons back home.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    since: Annotated[np.ndarray, column("i2", unit="month", text="Month of the run in which they came home.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office that had sent them, -1 if none.")]
    kind: Annotated[
        np.ndarray, column("u1", unit="code", text="How they came: failed, deported (news codes) or removed elsewhere.")
    ]
    status: Annotated[np.ndarray, column("u1", unit="code", text="1 if sanctioned at home.")]
    piece: Annotated[
        np.ndarray, column("u2", unit="number", text="Among cohorts of the household that came home so in that month.")
    ]


class TravelState(State):
    """Cohorts under way, and those who were sent home."""

    journeys: Held[CohortTable[Journeys]] = kept(text="Cohorts under way.", start=lambda world: CohortTable(Journeys))
    returnees: Held[CohortTable[Returnees]] = kept(
        text="Those who were sent home and may try again.", start=lambda world: CohortTable(Returnees)
    )
    next_journey: Held[int] = kept(unit="id", text="Permanent number of the next journey.", start=0)
