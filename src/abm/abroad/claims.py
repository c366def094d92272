"""Claims: fees lent by offices are repaid from the migrant's pay, lost to default, or called in at home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.abroad.events import MovesState
from abm.abroad.kernels.claims import DEAD, LEFT_HIDDEN, SENT_HOME, draw_defaults, part_claims
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.column import TABLES_OF_COLUMNS, column, columns_of
from abm.declare.state import Held, State, kept
from abm.departure import charge_households
from abm.engine.sums import sum_by
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
    """Debtors abroad pay monthly; they default more once they leave the hidden sector; some owe at home."""

    section = "claims"
    Params = ClaimsParams
    systems = ("S7", "S9", "S18")
    outcomes = ClaimsOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Follow the debtors, collect, let some default, and close claims repaid or written off."""
        params, table = world.params(ClaimsParams), world[ClaimsState].table
        lost = np.zeros(world.district_count, np.int64)
        if not world.config.enabled(Claims.section):
            _write_off(world, table.rows.owed.copy(), lost)
            table.count = 0
            world.figures |= {ClaimsOutcomes.smuggling_debt_lost: lost}
            return
        _follow_debtors(world, lost)
        claims, gone = table.rows, np.zeros(table.count, np.int64)
        hazards = np.array([params.default_hidden, params.default_open, params.default_home, 0.0])  # by state
        draw_defaults(table.columns, table.count, hazards, world.key(STREAM_CLAIM), gone)
        _write_off(world, claims.owed * gone // np.maximum(claims.persons, 1), lost)
        claims.persons[:] -= gone.astype(np.int32)
        repaid = _collect(world, lost)
        _write_off(world, np.where(world.t - claims.since >= params.longest, claims.owed, 0), lost)
        _learn(world)
        table.take((claims.owed <= 0) | (claims.persons <= 0))
        claims = table.rows
        world.figures |= {
            ClaimsOutcomes.smuggling_debt: sum_by(claims.district, claims.owed, world.district_count),
            ClaimsOutcomes.smuggling_debt_repaid: repaid,
            ClaimsOutcomes.smuggling_debt_lost: lost,
        }


def _follow_debtors(world: World, lost: np.ndarray) -> None:
    """Apply the month's exits from the hidden sector to the claims: other sectors, return, death."""
    moves, table = world[MovesState].month, world[ClaimsState].table
    if not table.count:
        return
    codes, states, persons = [], [], []
    for state, number in (
        (LEFT_HIDDEN, moves.opened + moves.regularised + moves.onward),
        (SENT_HOME, moves.deported + moves.returned),
        (DEAD, moves.died),
    ):
        some = (moves.status == HIDDEN) & (number > 0)
        codes.append(moves.row[some] * MOST_DESTINATIONS + moves.destination[some])
        states.append(np.full(codes[-1].size, state))
        persons.append(number[some])
    event = np.concatenate(codes).astype(np.int64)
    if not event.size:
        return
    claims, before = table.rows, table.count
    # those who arrived this month were not there when the others moved
    older = np.flatnonzero(claims.since < world.t)
    code = claims.row[older] * MOST_DESTINATIONS + claims.destination[older]
    order = np.argsort(code, kind="stable")
    # every claim affected and every event add at most one row
    table.reserve(before + before + event.size)
    table.count = part_claims(
        table.columns, before, older[order], code[order], event, np.concatenate(states),
        np.concatenate(persons).astype(np.int64),
    )  # fmt: skip
    _call_in(world, before, lost)


def _call_in(world: World, before: int, lost: np.ndarray) -> None:
    """Write off the debts of the dead, and the unrecoverable part of the debts of those just sent home."""
    claims = world[ClaimsState].table.rows
    lapsed = (claims.owed * (1.0 - world.params(ClaimsParams).recovered_at_home)).astype(np.int64)
    came_home = (np.arange(claims.owed.size) >= before) & (claims.state == SENT_HOME)
    part = np.where(came_home, lapsed, 0)
    part[claims.state == DEAD] = claims.owed[claims.state == DEAD]
    _write_off(world, part, lost)


def _collect(world: World, lost: np.ndarray) -> np.ndarray:
    """Collect the instalments of the month; return them by district."""
    params, claims = world.params(ClaimsParams), world[ClaimsState].table.rows
    district = claims.district.astype(np.int64)
    rows = claims.row.copy()
    pay_abroad = np.array([destination.pays[HIDDEN] for destination in world.destinations])
    pay_home = world.households.wage[rows] * world.district_month["wage_index"][district]
    each = np.where(
        claims.state == SENT_HOME, params.home_instalment * pay_home, params.instalment * pay_abroad[claims.destination]
    )
    asked = np.minimum((each * claims.persons).astype(np.int64), claims.owed)
    paid = charge_households(world, rows, asked, district, on_credit=False)
    claims.owed[:] -= paid
    here = in_business(world, claims.office, claims.office_key)
    receive(world, "households", "instalment", claims.office[here], district[here], paid[here])
    world.ledger.pay("households", "office_owners", "instalment", int(paid[~here].sum()))
    world.ledger.write_off(int(paid.sum()), "offices")
    # last instalments below a rupee per household of a weighted row are written off with the claim
    _write_off(world, np.where(claims.owed < world.weight[district], np.maximum(claims.owed, 0), 0), lost)
    return sum_by(district, paid, world.district_count)


def _write_off(world: World, part: np.ndarray, lost: np.ndarray) -> None:
    """Write off amounts by claim, PKR; add them to those lost by district."""
    if not part.any():
        return
    claims, losses = world[ClaimsState].table.rows, world[ClaimsState].lost
    claims.owed[:] -= part
    world.ledger.write_off(int(part.sum()), "offices")
    lost += sum_by(claims.district, part, lost.size)
    losses += sum_by(claims.destination, part, losses.size)


def _learn(world: World) -> None:
    """Let offices learn the share of loans repaid from the claims that ended, by destination."""
    claims, destinations = world[ClaimsState].table.rows, len(world.destination_facts)
    ended = claims.owed <= 0
    lent = np.bincount(claims.destination[ended], claims.lent[ended], destinations)
    losses = world[ClaimsState].lost
    recovery = world[OffersState].recovery
    for k in range(destinations):
        if lent[k] > 0.0:
            share = min(max(1.0 - losses[k] / lent[k], LEAST_RECOVERY), 1.0)
            recovery[k] += (share - recovery[k]) / world.params(ClaimsParams).memory
            losses[k] = 0.0


MOST_DESTINATIONS = 256
"""Upper bound on destinations: household and destination make one code."""

LEAST_RECOVERY = 0.05
"""Lowest share of loans that offices expect to recover."""
