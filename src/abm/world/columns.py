"""Columns of the entities of the world, and how they are allocated.

Each table is a named tuple of NumPy arrays: kernels take it whole and read ``households.wage[row]``.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from abm.declare import Column, column
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
    "income_counts": column("u2", unit="household row", text="Households by income class at the last turn."),
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

CLIENT_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household."),
    "persons": column("i4", unit="person", text="Persons who wait."),
    "district": column("i2", unit="row", text="Home district."),
    "route": column("i2", unit="row", text="Route."),
    "office": column("i4", unit="row", text="Office, -1 for who goes alone."),
    "scheme": column("u1", unit="code", text="0 upfront, 1 escrow, 2 credit, 3 alone."),
    "fee": column("i4", unit="PKR of 2017", text="Fee agreed for one person."),
    "advance": column("i4", unit="PKR of 2017", text="Part of the fee due at departure."),
    "attempts": column("u1", unit="attempt", text="Attempts that the fee includes."),
    "due": column("i2", unit="month", text="Month of the run in which the client joined the queue."),
}
"""One row a cohort that waits for an office to send it off."""

CLAIM_COLUMNS: dict[str, Column] = {
    "row": column("i8", unit="row", text="Household that owes."),
    "persons": column("i4", unit="person", text="Persons abroad whose fee it is."),
    "district": column("i2", unit="row", text="Home district."),
    "destination": column("i2", unit="row", text="Where they work."),
    "office": column("i4", unit="row", text="Office that lent."),
    "office_key": column("i8", unit="id", text="Permanent number of that office."),
    "owed": column("i8", unit="PKR of 2017", text="Still owed."),
    "lent": column("i8", unit="PKR of 2017", text="Owed at first."),
    "since": column("i2", unit="month", text="Month of the run in which it became due."),
    "state": column("u1", unit="code", text="0 in the hidden sector, 1 left it, 2 sent home."),
}
"""One row a fee on credit that is being paid off."""

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

OFFICE_COLUMNS: dict[str, Column] = {
    "key": column("i8", unit="id", text="Permanent number."),
    "state": column("u1", unit="code", text="0 free row, 1 open, 2 owner arrested, 3 convicted and closing."),
    "district": column("i2", unit="row", text="Home district."),
    "reach": column("u1", unit="code", text="0 own district, 1 neighbouring districts too, 2 the country."),
    "corridors": column("i8", unit="bits", text="Corridors in the portfolio, one bit each."),
    "capacity": column("f8", unit="person/month", text="Clients that it can send off."),
    "unused": column("f8", unit="person", text="Places of this month and before that are not used yet."),
    "capital": column("i8", unit="PKR of 2017", text="Working capital, deposits of others excluded."),
    "markup": column("f8", unit="share of cost", text="Price over cost."),
    "reputation": column("f8", unit="share", text="What clients believe: share of contracts fulfilled."),
    "integrity": column("f8", unit="share", text="Hidden: how little it is tempted to cheat."),
    "quality": column("f8", unit="share", text="Care in boat, guide and timing: 0 least, 1 best."),
    "forgery": column("f8", unit="share", text="Skill of associated document forgers."),
    "load": column("f8", unit="ratio", text="Clients asking over capacity, averaged."),
    "fulfilled": column("f8", unit="person", text="Contracts fulfilled, fading memory."),
    "ended": column("f8", unit="person", text="Contracts ended, fading memory."),
    "risk": column("f8", unit="1/month", text="Hazard of arrest as the office sees it."),
    "bribed": column("f8", unit="share", text="Protection that bribes to investigators buy."),
    "waiting": column("i8", unit="person", text="Clients waiting."),
    "dispatched": column("i8", unit="person", text="Clients sent off in the month."),
    "asked": column("i8", unit="person", text="Clients who came in the month."),
    "revenue": column("i8", unit="PKR of 2017", text="Received in the month."),
    "spent": column("i8", unit="PKR of 2017", text="Paid in the month."),
    "lean": column("i2", unit="month", text="Months in a row without profit."),
    "until": column("i2", unit="month", text="Month in which an arrest ends without conviction."),
}
"""One row an office; a closed office frees its row."""

POST_COLUMNS: dict[str, Column] = {
    "kind": column(
        "u1", unit="code", text="0 circle, 1 border post, 2 coast guard, 3 airport, 4 transit, 5 destination."
    ),
    "district": column(
        "i2", unit="row", text="District of a circle, the first of those it covers; -1 for a post on legs."
    ),
    "since": column("i4", unit="month", text="First month in service, since January of year 0; 0 if always there."),
    "listed": column("f8", unit="officer", text="Officers by the data, of a circle those for the simulated region."),
    "staff": column("f8", unit="officer", text="Officers in the month, those added by policy included."),
    "budget": column("f8", unit="PKR of 2017 a month", text="Cost of one officer."),
    "integrity": column("f8", unit="share", text="Officers who take no bribe, by the data."),
    "skill": column("f8", unit="share", text="Accused whom the officers of a circle find, by the data."),
    "corrupt": column("f8", unit="share", text="Officers who would take a bribe in the month."),
    "caution": column("f8", unit="share", text="Of these, too afraid after colleagues were caught."),
    "caught": column("i8", unit="officer", text="Officers caught taking bribes in the month."),
    "capacity": column("f8", unit="case", text="Investigations that a circle can run at a time."),
    "pressure": column(
        "f8", unit="ratio", text="Odds that a traveller meets there against those at effort 1: what a bribe is worth."
    ),
}
"""One row an enforcement agent: circles and posts of the data, then a circle that policy may add in each district."""

GUARD_COLUMNS: dict[str, Column] = {
    "post": column("i2", unit="row", text="Post that guards."),
    "leg": column("i2", unit="row", text="Leg that it guards."),
    "first_share": column("f8", unit="share", text="Share of the post's officers on the leg when effort is 1."),
    "share": column("f8", unit="share", text="Share of the post's own officers on the leg now."),
    "first_pool": column(
        "f8", unit="share", text="Share of its country's movable officers on the leg when effort is 1."
    ),
    "pool": column(
        "f8", unit="share", text="Share of its country's movable officers on the leg now; 0 if it has none."
    ),
    "effort": column("f8", unit="officer", text="Officers on the leg in the month, levers included."),
    "reference": column("f8", unit="officer", text="Officers on the leg when effort is 1."),
    "movable": column("f8", unit="officer", text="Of these, those of Pakistan's posts, who may be sent elsewhere."),
    "detections": column("f8", unit="person/month", text="Persons stopped, fading memory."),
    "fatigue": column("f8", unit="share", text="Share of an added effort that is worn off."),
}
"""One row a post and a leg that it guards."""

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
Events = namedtuple("Events", list(EVENT_COLUMNS))  # type: ignore[misc]
Journeys = namedtuple("Journeys", list(JOURNEY_COLUMNS))  # type: ignore[misc]
Applications = namedtuple("Applications", list(APPLICATION_COLUMNS))  # type: ignore[misc]
Clients = namedtuple("Clients", list(CLIENT_COLUMNS))  # type: ignore[misc]
Claims = namedtuple("Claims", list(CLAIM_COLUMNS))  # type: ignore[misc]
Returnees = namedtuple("Returnees", list(RETURNEE_COLUMNS))  # type: ignore[misc]
Bonds = namedtuple("Bonds", list(BOND_COLUMNS))  # type: ignore[misc]
Offices = namedtuple("Offices", list(OFFICE_COLUMNS))  # type: ignore[misc]
Posts = namedtuple("Posts", list(POST_COLUMNS))  # type: ignore[misc]
Guards = namedtuple("Guards", list(GUARD_COLUMNS))  # type: ignore[misc]
Cases = namedtuple("Cases", list(CASE_COLUMNS))  # type: ignore[misc]
Blocks = namedtuple("Blocks", ["district", "first_village", "last_village"])
Tables = namedtuple("Tables", ["logistic", "income_class", "income_value"])

TABLES_OF_COLUMNS: dict[str, dict[str, Column]] = {
    "households": HOUSEHOLD_COLUMNS,
    "villages": VILLAGE_COLUMNS,
    "members away": AWAY_COLUMNS,
    "events abroad": EVENT_COLUMNS,
    "journeys": JOURNEY_COLUMNS,
    "applications": APPLICATION_COLUMNS,
    "clients": CLIENT_COLUMNS,
    "claims": CLAIM_COLUMNS,
    "returnees": RETURNEE_COLUMNS,
    "bonds": BOND_COLUMNS,
    "offices": OFFICE_COLUMNS,
    "posts": POST_COLUMNS,
    "guards": GUARD_COLUMNS,
    "cases": CASE_COLUMNS,
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
