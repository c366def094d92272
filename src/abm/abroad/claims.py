"""Claims: fees lent by offices are repaid from the migrant's pay, lost to default, or called in at home."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.abroad.events import MovesState
from abm.abroad.kernels.claims import ask_debtors, close_claims, part_claims
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.column import TABLES_OF_COLUMNS, column, columns_of
from abm.declare.state import Held, State, kept
from abm.departure import charge_households
from abm.engine.tables import CohortTable
from abm.market import OffersState, in_business, receive
from abm.world.codes import HIDDEN, STREAM_CLAIM
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class ClaimRows(NamedTuple):
    """One row a fee on credit being repaid."""

    row: Annotated[np.ndarray, column("i8", unit="row", text="Household that owes.")]
    persons: Annotated[np.ndarray, column("i4", unit="person", text="Persons abroad whose fee it is.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district.")]
    destination: Annotated[np.ndarray, column("i2", unit="row", text="Where they work.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office that lent.")]
    office_key: Annotated[np.ndarray, column("i8", unit="id", text="Permanent number of that office.")]
    owed: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Still owed.")]
    lent: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Owed at first.")]
    since: Annotated[np.ndarray, column("i2", unit="month", text="Month of the run in which it became due.")]
    state: Annotated[np.ndarray, column("u1", unit="code", text="0 in the hidden sector, 1 left it, 2 sent home.")]


CLAIM_COLUMNS = columns_of(ClaimRows)


TABLES_OF_COLUMNS |= {"claims": CLAIM_COLUMNS}


Terms = namedtuple("Terms", ["hazards", "instalment", "home_instalment"])
"""Hazards of default by state, and shares of pay, see `ClaimsParams`."""


class ClaimsState(State):
    """Claims of offices, and defaults."""

    table: Held[CohortTable[ClaimRows]] = kept(
        text="Fees lent by offices and not yet repaid.", start=lambda world: CohortTable(ClaimRows, CLAIM_COLUMNS)
    )
    lost: Held[np.ndarray] = kept(
        unit="PKR of 2017",
        text="Credit written off since a loan last ended there.",
        over=("destination",),
        start=lambda world: np.zeros(len(world.destination_facts)),
    )


class ClaimsParams(Params):
    """Collection and default."""

    instalment: float = param(0.5, unit="share of pay", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Share of pay in the hidden sector that goes to the lender until the debt is repaid."""

    default_hidden: float = param(
        0.006, unit="1/month", bounds=(0.0, 1.0), source="assumed; Friebel and Guriev (2006)", systems=("S7", "S9")
    )
    """Hazard of default of those who work within the lender's reach."""

    default_open: float = param(
        0.12, unit="1/month", bounds=(0.0, 1.0), source="assumed; Friebel and Guriev (2006)", systems=("S7", "S9")
    )
    """Hazard of default of those who have left the hidden sector, with papers or into the open one."""

    recovered_at_home: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S18"))
    """Part of the debt of those sent home that the office can still recover; the rest is written off."""

    default_home: float = param(0.03, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S18"))
    """Hazard a month that an office gives up on a debtor at home."""

    home_instalment: float = param(0.2, unit="share of pay", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S18"))
    """Share of a worker's pay at home that a debtor sent home pays a month."""

    longest: int = param(60, unit="month", bounds=(1, 240), source="assumed", systems=("S7",))
    """Months after which remaining debt is written off."""

    memory: float = param(24.0, unit="month", bounds=(1.0, 120.0), source="assumed", systems=("S7",))
    """Months over which offices average the share of loans repaid, by destination."""


class ClaimsOutcomes(Outcomes):
    """Debts to offices, their repayment and default."""

    smuggling_debt = outcome(unit="PKR of 2017", over="district", kind="stock", text="Fees on credit owed to offices.")
    smuggling_debt_repaid = outcome(unit="PKR of 2017 a month", over="district", text="Of these, paid in the month.")
    smuggling_debt_lost = outcome(
        unit="PKR of 2017 a month",
        over="district",
        text="Of these, written off in the month: default, death, loss at home.",
    )


class Claims(Mechanism):
    """Debtors abroad pay monthly; they default more once they leave the hidden sector; some owe at home.

    Debtors begin in the hidden sector, where the office's people collect. Each month `instalment` of the pay there
    falls due, also for those who have left the sector and not defaulted. It is paid from the savings of the household
    alone, as far as they go. Those who come home from the sector keep `recovered_at_home` of the debt, and pay
    `home_instalment`. Debts bear no interest. They are written off at death in the sector, at default
    (`default_hidden`, `default_open` and `default_home` a month) and after `longest` months. Offices learn from what
    comes back, by destination, how much to lend there.
    """

    section = "claims"
    Params = ClaimsParams
    systems = ("S7", "S9", "S18")
    outcomes = ClaimsOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Follow the debtors, let some default, collect, close claims repaid or written off, and learn from them."""
        table, lost = world[ClaimsState].table, np.zeros(world.district_count, np.int64)
        if not world.config.enabled(Claims.section):
            _close(world, np.zeros(table.count, np.int64), world.t, lost)
            world.figures |= {ClaimsOutcomes.smuggling_debt_lost: lost}
            return
        _follow_debtors(world, lost)
        paid = _collect(world, lost)
        (owed, repaid), ended = _close(world, paid, world.t - world.params(ClaimsParams).longest, lost)
        _learn(world, ended)
        world.figures |= {
            ClaimsOutcomes.smuggling_debt: owed,
            ClaimsOutcomes.smuggling_debt_repaid: repaid,
            ClaimsOutcomes.smuggling_debt_lost: lost,
        }


def _follow_debtors(world: World, lost: np.ndarray) -> None:
    """Apply the month's exits from the hidden sector to the claims: other sectors, return, death."""
    moves, state = world[MovesState].month, world[ClaimsState]
    table, before = state.table, state.table.count
    if not before:
        return
    # every claim affected and every event, of three kinds, add at most one row
    table.reserve(2 * before + 3 * int(np.count_nonzero(moves.status == HIDDEN)))
    work = np.empty(1 << before.bit_length(), np.int64), np.empty(before, np.int64), np.empty(moves.row.size, np.int64)
    recovered = world.params(ClaimsParams).recovered_at_home
    table.count = part_claims(table.columns, before, world.t, moves, recovered, work, lost, state.lost)


def _collect(world: World, lost: np.ndarray) -> np.ndarray:
    """Let some default, and collect the instalments of the others; returns what was paid, by claim."""
    params, state = world.params(ClaimsParams), world[ClaimsState]
    table, claims = state.table, state.table.rows
    hazards = np.array([params.default_hidden, params.default_open, params.default_home, 0.0])  # by state
    pay_abroad = np.array([destination.pays[HIDDEN] for destination in world.destinations])
    asked = np.empty(table.count, np.int64)
    ask_debtors(
        table.columns, table.count, Terms(hazards, params.instalment, params.home_instalment), world.key(STREAM_CLAIM),
        pay_abroad, world.households.wage, world.district_month["wage_index"], asked, lost, state.lost,
    )  # fmt: skip
    district = claims.district.astype(np.int64)
    paid = charge_households(world, claims.row, asked, district, on_credit=False)
    here = in_business(world, claims.office, claims.office_key)
    receive(world, "households", "instalment", claims.office[here], district[here], paid[here])
    world.ledger.pay("households", "office_owners", "instalment", int(paid[~here].sum()))
    return paid


def _close(world: World, paid: np.ndarray, expired: int, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Close the claims that are repaid, or due since the month `expired` or before; book what left the claims.

    Returns
    -------
    tuple of numpy.ndarray
        PKR still owed and paid, shape (2, districts); PKR lent at first of the claims that ended, by destination.
    """
    state = world[ClaimsState]
    sums, ended = np.zeros((2, world.district_count), np.int64), np.zeros(state.lost.size)
    claims = state.table.rows
    close_claims(claims, paid, world.weight, expired, sums, lost, state.lost, ended)
    state.table.drop((claims.owed <= 0) | (claims.persons == 0))
    world.ledger.write_off(int(lost.sum() + paid.sum()), "offices")
    return sums, ended


def _learn(world: World, lent: np.ndarray) -> None:
    """Let offices learn the share of loans repaid from the claims that ended, by destination."""
    losses, recovery = world[ClaimsState].lost, world[OffersState].recovery
    for k in np.flatnonzero(lent):
        share = min(max(1.0 - losses[k] / lent[k], LEAST_RECOVERY), 1.0)
        recovery[k] += (share - recovery[k]) / world.params(ClaimsParams).memory
        losses[k] = 0.0


LEAST_RECOVERY = 0.05
"""Lowest share of loans that offices expect to recover."""
