"""Columns of the entities of the world, and how they are allocated.

Each table is a named tuple of NumPy arrays: kernels take it whole and read ``households.wage[row]``.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from abm.declare import Column, column
from abm.kernels.states import INCOME_CLASSES

HOUSEHOLD_COLUMNS: dict[str, Column] = {
    "wage": column("f4", unit="PKR of 2017 a month", text="Pay of one worker of the household at the wages of 2017."),
    "aspiration": column("f4", unit="share", text="Wish to send a member abroad."),
    "assets": column("i4", unit="PKR of 2017", text="Savings."),
    "debt": column("i4", unit="PKR of 2017", text="Owed to kin and lenders."),
    "away": column(
        "u2",
        unit="person",
        text="Members away, abroad, in a city or under way, of all households that the row stands for.",
    ),
    "dead": column(
        "u2", unit="person", text="Of these, dead while away and not yet taken off the roll (below one a household)."
    ),
    "taste": column(
        "i1", unit="1/32 of a standard deviation", text="Fixed taste for leaving, standard normal over households."
    ),
    "in_city": column("u2", unit="person", text="Of those away, in a city of Pakistan."),
    "workers": column("u1", unit="person", text="Members of the labour force, at home or away, of one household."),
    "dependants": column("u1", unit="person", text="Other members of one household."),
    "jobs": column("u1", unit="person", text="Workers at home who have a job."),
    "skill": column("u1", unit="level", text="0 low, 1 medium, 2 high."),
    "wealth_group": column("u1", unit="quintile", text="National quintile of permanent income per head, 0 poorest."),
    "experience": column("u1", unit="flag", text="A member has come back from abroad or from the way."),
    "ties": column("u1", unit="tie", text="Acquaintances abroad."),
    "house": column("u1", unit="level", text="Visibility of a house built from migration, 0 to 3."),
}
"""One row a household, sorted by district and village."""

VILLAGE_COLUMNS: dict[str, Column] = {
    "district": column("i2", unit="row", text="District."),
    "urban": column("u1", unit="flag", text="An urban block and no village."),
    "first_row": column("i8", unit="row", text="First household."),
    "rows": column("i4", unit="household row", text="Households until the end of the horizon, those asleep included."),
    "awake": column("i4", unit="household row", text="Households formed so far; they are the first of the slice."),
    "demonstration": column("f4", unit="share", text="Demonstration field."),
    "visible": column("f4", unit="share", text="Visible houses a household, a new house counting 1."),
    "migrant_share": column("f4", unit="share", text="Households with a member abroad or under way."),
    "income_counts": column("u2", unit="household row", text="Households by income class in the month before."),
    "segment_start": column("i8", unit="row", text="First row of its members away."),
    "segment_count": column("i4", unit="row", text="Rows of members away in use."),
    "segment_capacity": column("i4", unit="row", text="Rows of members away that fit."),
}
"""One row a village or urban block of about 200 households."""

AWAY_COLUMNS: dict[str, Column] = {
    "row": column("u2", unit="row", text="Household within the village."),
    "persons": column("u2", unit="person", text="Persons."),
    "destination": column("u1", unit="row", text="Destination."),
    "status": column("u1", unit="code", text="0 worker with papers, 1 settled, 2 without papers."),
}
"""One row for the members of one household at one destination with one status."""

JOURNEY_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "persons": column("i4", unit="person", text="Persons still together."),
    "district": column("i2", unit="row", text="Home district."),
    "route": column("u1", unit="row", text="Route."),
    "leg": column("u1", unit="row", text="Leg of the route."),
    "months_left": column("i2", unit="month", text="Months until the end of the leg."),
    "months_gone": column("i2", unit="month", text="Months since departure."),
    "started": column(
        "i2",
        unit="month",
        text="Month of the run in which the journey began; with the household it is its permanent id.",
    ),
}
"""One row a cohort under way."""

APPLICATION_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "persons": column("i4", unit="person", text="Persons who apply or wait."),
    "district": column("i2", unit="row", text="Home district."),
    "option": column("i2", unit="row", text="Option chosen: channel with its destination or route."),
    "due": column(
        "i2",
        unit="month",
        text="Month of the run: decision of an application, or the month in which a client joined the queue.",
    ),
}
"""One row a cohort that waits for papers, or for an office."""

Households = namedtuple("Households", list(HOUSEHOLD_COLUMNS))  # type: ignore[misc]
Villages = namedtuple("Villages", list(VILLAGE_COLUMNS))  # type: ignore[misc]
Away = namedtuple("Away", list(AWAY_COLUMNS))  # type: ignore[misc]
Journeys = namedtuple("Journeys", list(JOURNEY_COLUMNS))  # type: ignore[misc]
Applications = namedtuple("Applications", list(APPLICATION_COLUMNS))  # type: ignore[misc]
Blocks = namedtuple("Blocks", ["district", "first_village", "last_village"])
Tables = namedtuple("Tables", ["logistic", "income_class", "income_value"])

TABLES_OF_COLUMNS: dict[str, dict[str, Column]] = {
    "households": HOUSEHOLD_COLUMNS,
    "villages": VILLAGE_COLUMNS,
    "members away": AWAY_COLUMNS,
    "journeys": JOURNEY_COLUMNS,
    "applications": APPLICATION_COLUMNS,
}
"""Every declared column, for the documentation."""


def allocate(kind: Any, declared: dict[str, Column], count: int) -> Any:
    """Allocate the arrays of one table.

    Untouched pages cost no memory; whoever allocates fills every row that is read.
    """
    return kind(
        **{
            name: np.zeros((count, INCOME_CLASSES) if name == "income_counts" else count, declared[name].dtype)
            for name in declared
        }
    )
