"""Those on the way and those who are back: cohorts under way, and persons sent home."""

from __future__ import annotations

from collections import namedtuple

from abm.declare.column import TABLES_OF_COLUMNS, Column, column
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable

JOURNEY_COLUMNS: dict[str, Column] = {
    "id": column("i8", unit="id", text="Permanent number of the contract or own venture; pieces of a cohort share it."),
    "row": column("i8", unit="row", text="Household."),
    "persons": column("i4", unit="person", text="Persons still together."),
    "district": column("i2", unit="row", text="Home district."),
    "route": column("i2", unit="row", text="Route."),
    "leg": column("u1", unit="row", text="Leg of the route."),
    "months_left": column("i2", unit="month", text="Months until the end of the leg, or of being held."),
    "months_gone": column("i2", unit="month", text="Months since the first departure."),
    "started": column("i2", unit="month", text="Month of the run in which it began."),
    "held": column("u1", unit="flag", text="Held for ransom or work on the leg."),
    "attempt": column("u1", unit="attempt", text="Attempt under way, the first being 1."),
    "attempts": column("u1", unit="attempt", text="Attempts that the fee includes."),
    "office": column("i4", unit="row", text="Office, -1 without one."),
    "office_key": column("i8", unit="id", text="Permanent number of that office: its row may serve another by now."),
    "scheme": column("u1", unit="code", text="0 upfront, 1 escrow, 2 credit, 3 alone."),
    "fee": column("i4", unit="PKR of 2017", text="Fee agreed for one person."),
    "paid": column("i8", unit="PKR of 2017", text="Paid so far by the households, ransoms included."),
    "deposit": column("i8", unit="PKR of 2017", text="Held in escrow for the persons of the row."),
    "owed": column("i8", unit="PKR of 2017", text="To be owed to the office on arrival (credit)."),
    "origin": column("i2", unit="row", text="Destination from which an onward journey began, -1 from home."),
    "experience": column("u1", unit="flag", text="The household had experience when the journey began."),
    "wealth": column("u1", unit="quintile", text="Quintile of permanent income of the household, 0 poorest."),
}
"""One row a cohort under way."""

Journeys = namedtuple("Journeys", list(JOURNEY_COLUMNS))  # type: ignore[misc]

RETURNEE_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "persons": column("i4", unit="person", text="Persons at home again."),
    "district": column("i2", unit="row", text="Home district."),
    "since": column("i2", unit="month", text="Month of the run in which they came."),
    "office": column("i4", unit="row", text="Office that had sent them, -1 if none."),
    "kind": column("u1", unit="code", text="How they came: news code of failed or deported."),
    "status": column("u1", unit="code", text="1 if sanctioned at home."),
}
"""One row a cohort sent home from the way or deported, which may try again."""

Returnees = namedtuple("Returnees", list(RETURNEE_COLUMNS))  # type: ignore[misc]

TABLES_OF_COLUMNS |= {"journeys": JOURNEY_COLUMNS, "returnees": RETURNEE_COLUMNS}


class TravelState(State):
    """Cohorts under way, and those who were sent home."""

    journeys: Held[CohortTable] = kept(
        text="Cohorts under way.", start=lambda world: CohortTable(Journeys, JOURNEY_COLUMNS)
    )
    returnees: Held[CohortTable] = kept(
        text="Those who were sent home and may try again.", start=lambda world: CohortTable(Returnees, RETURNEE_COLUMNS)
    )
    next_journey: Held[int] = kept(unit="id", text="Permanent number of the next journey.", start=lambda world: 0)
