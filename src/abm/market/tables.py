"""Offices, the clients who wait for them, and the risks that enforcement poses to offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept, kept_by_district, monthly
from abm.engine.tables import CohortTable, allocate
from abm.market.kernels.offices import LEAST_LOAD
from abm.world.codes import OFFICE_FREE

if TYPE_CHECKING:
    from abm.world.state import World


@table_of_columns("clients")
class Clients(NamedTuple):
    """One row a cohort waiting for an office to send it off."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household.")]
    persons: Annotated[np.ndarray, column("i4", unit="person", text="Persons waiting.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    route: Annotated[np.ndarray, column("i2", unit="row", text="Route.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office, -1 for those who travel alone.")]
    scheme: Annotated[np.ndarray, column("u1", unit="code", text="0 upfront, 1 escrow, 2 credit, 3 alone.")]
    fee: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Fee agreed for one person.")]
    advance: Annotated[np.ndarray, column("i4", unit="PKR of 2017", text="Part of the fee due at departure.")]
    attempts: Annotated[np.ndarray, column("u1", unit="attempt", text="Attempts that the fee includes.")]
    due: Annotated[
        np.ndarray, column("i2", unit="month", text="Month of the run in which the client joined the queue.")
    ]


@table_of_columns("offices")
class Offices(NamedTuple):
    """One row an office; a closed office frees its row."""

    key: Annotated[np.ndarray, column("i8", unit="id", text="Permanent number.")]
    state: Annotated[
        np.ndarray, column("u1", unit="code", text="0 free row, 1 open, 2 owner arrested, 3 convicted and closing.")
    ]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    reach: Annotated[
        np.ndarray, column("u1", unit="code", text="0 own district, 1 neighbouring districts too, 2 the country.")
    ]
    recruits: Annotated[
        np.ndarray,
        column("i2", unit="row", text="District of its recruiters: where it stands, or stood before it moved."),
    ]
    corridors: Annotated[np.ndarray, column("i8", unit="bits", text="Corridors in the portfolio, one bit each.")]
    capacity: Annotated[np.ndarray, column("f8", unit="person/month", text="Clients that it can send off.")]
    unused: Annotated[np.ndarray, column("f8", unit="person", text="Unused places of this month and earlier ones.")]
    capital: Annotated[
        np.ndarray, column("i8", unit="PKR of 2017", text="Working capital, deposits of others excluded.")
    ]
    markup: Annotated[np.ndarray, column("f8", unit="share of cost", text="Price over cost.")]
    reputation: Annotated[
        np.ndarray, column("f8", unit="share", text="Reputation: share of contracts fulfilled, as clients believe.")
    ]
    integrity: Annotated[np.ndarray, column("f8", unit="share", text="Hidden: resistance to the temptation to cheat.")]
    ruthlessness: Annotated[
        np.ndarray,
        column("f8", unit="share", text="Hidden: readiness to have clients held for ransom; 0 least, 1 most."),
    ]
    quality: Annotated[
        np.ndarray, column("f8", unit="share", text="Service quality: guides and timing; 0 worst, 1 best.")
    ]
    boats: Annotated[
        np.ndarray, column("f8", unit="share", text="Boats and waiting for weather; 0 worst, 1/2 usual, 1 best.")
    ]
    forgery: Annotated[np.ndarray, column("f8", unit="share", text="Skill of associated document forgers.")]
    load: Annotated[np.ndarray, column("f8", unit="ratio", text="Ratio of clients asking to capacity, averaged.")]
    fulfilled: Annotated[np.ndarray, column("f8", unit="person", text="Contracts fulfilled, fading memory.")]
    ended: Annotated[np.ndarray, column("f8", unit="person", text="Contracts ended, fading memory.")]
    cheated: Annotated[np.ndarray, column("f8", unit="person", text="Clients cheated, fading memory.")]
    exploited: Annotated[
        np.ndarray, column("f8", unit="person", text="Clients held for ransom on the way, fading memory.")
    ]
    risk: Annotated[np.ndarray, column("f8", unit="1/month", text="Hazard of arrest as perceived by the office.")]
    bribed: Annotated[np.ndarray, column("f8", unit="share", text="Protection bought with bribes to investigators.")]
    waiting: Annotated[np.ndarray, column("i8", unit="person", text="Clients waiting.")]
    dispatched: Annotated[np.ndarray, column("i8", unit="person", text="Clients sent off in the month.")]
    asked: Annotated[np.ndarray, column("i8", unit="person", text="Clients who would leave in the month.")]
    revenue: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Received in the month.")]
    spent: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Paid in the month.")]
    lean: Annotated[np.ndarray, column("i2", unit="month", text="Months in a row without profit.")]
    until: Annotated[np.ndarray, column("i2", unit="month", text="Month in which an arrest ends without conviction.")]


OFFICE_ROWS = 4096
"""Most offices at any one time; entry pauses when all rows are taken."""


def _no_offices() -> Offices:
    """Table of offices, all rows free."""
    found = allocate(Offices, OFFICE_ROWS)
    found.state[:] = OFFICE_FREE
    found.key[:] = -1
    return found


class MarketTables(State):
    """Offices and their clients."""

    offices: Held[Offices] = kept(text="Offices; a closed one frees its row.", start=lambda world: _no_offices())
    clients: Held[CohortTable[Clients]] = kept(
        text="Cohorts that wait for an office.", start=lambda world: CohortTable(Clients)
    )
    next_office: Held[int] = kept(unit="id", text="Permanent number of the next office.", start=0)


def clients_expected(offices: Offices, rows: np.ndarray) -> np.ndarray:
    """Clients a month over whom offices spread what arrests and bribes cost them: those who come, up to its places.

    At least one, and no fewer than at the load at which offices stop cutting prices: else an idle office would ask
    ever more.
    """
    load = offices.load[rows].clip(LEAST_LOAD, 1.0)
    return np.asarray(np.maximum(offices.capacity[rows] * load, 1.0))


def in_business(world: World, office: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Whether offices, by row (-1 for none) and permanent number, are in business: a row may serve another by now."""
    return np.asarray((office >= 0) & (world[MarketTables].offices.key[office] == key))


def kept_by_office(*, text: str, unit: str, start: float = 0.0) -> Held[np.ndarray]:
    """Declare a value by row of the table of offices that lasts for the whole run."""
    return kept(
        text=text, unit=unit, over=("office",),
        start=lambda world: np.full(world[MarketTables].offices.key.size, start),
    )  # fmt: skip


class RisksState(State):
    """Expected losses of offices, their bribes to investigators, and seizures."""

    arrest_loss: Held[np.ndarray] = kept_by_office(
        unit="PKR of 2017 a month", text="Expected loss of each office through arrests."
    )
    hazard: Held[np.ndarray] = kept_by_district(
        unit="1/month",
        text="Hazard of arrest that offices of each district perceive, apart from raids on the own house.",
    )
    stake: Held[np.ndarray] = kept_by_office(
        unit="PKR of 2017", text="What each office expects to lose if its owner is arrested."
    )
    months_lost: Held[float] = kept(
        unit="month", text="Months of earnings that an arrest is expected to cost.", start=0.0
    )
    capital_lost: Held[float] = kept(
        unit="share", text="Share of capital that an arrest is expected to cost.", start=0.0
    )
    bribes: Held[np.ndarray] = kept_by_office(
        unit="PKR of 2017 a month", text="Bribes that each office pays to investigators.", start=0
    )
    owner_arrested: Held[np.ndarray] = monthly(
        unit="flag", text="Whether the owner of each office was arrested in the month.", over=("office",),
        neutral=lambda world: np.zeros(0, np.bool_),
    )  # fmt: skip
    seized_share: Held[float] = monthly(unit="share", text="Share of capital seized on conviction.", neutral=0.0)
