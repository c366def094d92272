"""Columns of households, villages and members away.

Each table is a named tuple of NumPy arrays: kernels take it whole and read ``households.wage[row]``.
"""

from __future__ import annotations

from collections import namedtuple

from abm.declare.column import TABLES_OF_COLUMNS, Column, column
from abm.world.codes import INCOME_CLASSES

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
    "bond": column("u1", unit="code", text="0 free, 1 bonded at a brick kiln, 2 in a mine."),
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
    "belief_death": column(
        "f4", unit="ratio", text="Believed over true probability of death of the reference journey."
    ),
    "belief_failure": column("f4", unit="ratio", text="The same of not arriving in one attempt."),
    "belief_papers": column("f4", unit="ratio", text="The same of the chance of papers at the end of the journey."),
    "belief_wage": column("f4", unit="ratio", text="Believed over true pay abroad."),
    "belief_sanction": column("f4", unit="ratio", text="The same of being punished on return."),
    "belief_heard": column("f4", unit="person", text="Ended journeys that the village heard of, fading memory."),
    "income_counts": column(
        "u2", width=INCOME_CLASSES, unit="household row", text="Households by income class at the last turn."
    ),
    "segment_start": column("i8", unit="row", text="First row of its members away."),
    "segment_count": column("i4", unit="row", text="Rows of members away in use."),
    "segment_capacity": column("i4", unit="row", text="Rows of members away that fit."),
    "bond_start": column("i8", unit="row", text="First row of its bonds."),
    "bond_count": column("i4", unit="row", text="Bonds of its households."),
}
"""One row a village or urban block of about 200 households."""

AWAY_COLUMNS: dict[str, Column] = {
    "row": column("u2", unit="row", text="Household within the village."),
    "persons": column("u2", unit="person", text="Persons."),
    "destination": column("u1", unit="row", text="Destination."),
    "status": column(
        "u1",
        unit="code",
        text="0 worker with papers, 1 settled, 2 without papers in the open sector, 3 in the hidden one.",
    ),
}
"""One row for the members of one household at one destination with one status."""

EVENT_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "district": column("i2", unit="row", text="Home district; filled where events are gathered."),
    "destination": column("u1", unit="row", text="Destination."),
    "status": column("u1", unit="code", text="Status until then."),
    "deported": column("u2", unit="person", text="Sent home by the destination."),
    "returned": column("u2", unit="person", text="Came home of their own will."),
    "died": column("u2", unit="person", text="Died there."),
    "regularised": column("u2", unit="person", text="Got papers."),
    "switched": column(
        "u2",
        unit="person",
        text="Fell out of papers (of the workers), went into hiding (of the open sector) or came out of it.",
    ),
    "onward": column("u2", unit="person", text="Set out for another destination."),
}
"""One row for what happened in a month to the members of one household at one destination with one status."""

Households = namedtuple("Households", list(HOUSEHOLD_COLUMNS))  # type: ignore[misc]
Villages = namedtuple("Villages", list(VILLAGE_COLUMNS))  # type: ignore[misc]
Away = namedtuple("Away", list(AWAY_COLUMNS))  # type: ignore[misc]
Events = namedtuple("Events", list(EVENT_COLUMNS))  # type: ignore[misc]
Blocks = namedtuple("Blocks", ["district", "first_village", "last_village"])
Tables = namedtuple("Tables", ["logistic", "income_class", "income_value"])

TABLES_OF_COLUMNS |= {
    "households": HOUSEHOLD_COLUMNS,
    "villages": VILLAGE_COLUMNS,
    "members away": AWAY_COLUMNS,
    "events abroad": EVENT_COLUMNS,
}
