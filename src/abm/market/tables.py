"""Offices, and the clients who wait for them."""

from __future__ import annotations

from collections import namedtuple

from abm.declare.column import TABLES_OF_COLUMNS, Column, column
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable, allocate
from abm.world.codes import OFFICE_FREE

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

Clients = namedtuple("Clients", list(CLIENT_COLUMNS))  # type: ignore[misc]

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

Offices = namedtuple("Offices", list(OFFICE_COLUMNS))  # type: ignore[misc]

TABLES_OF_COLUMNS |= {"clients": CLIENT_COLUMNS, "offices": OFFICE_COLUMNS}


OFFICE_ROWS = 4096
"""Offices that fit at any one time; entry pauses when all rows are taken."""


def _no_offices() -> Offices:
    """Room for offices, all of it free."""
    found = allocate(Offices, OFFICE_COLUMNS, OFFICE_ROWS)
    found.state[:] = OFFICE_FREE
    found.key[:] = -1
    return found


class MarketTables(State):
    """Offices and their clients."""

    offices: Held[Offices] = kept(text="Offices; a closed one frees its row.", start=lambda world: _no_offices())
    clients: Held[CohortTable] = kept(
        text="Cohorts that wait for an office.", start=lambda world: CohortTable(Clients, CLIENT_COLUMNS)
    )
    next_office: Held[int] = kept(unit="id", text="Permanent number of the next office.", start=lambda world: 0)
