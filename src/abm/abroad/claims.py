"""Claims: fees lent by offices are repaid from the migrant's pay, lost to default, or called in at home."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.abroad.events import MovesState
from abm.abroad.kernels.claims import ask_debtors, close_claims, part_claims
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.departure import charge_households
from abm.engine.elementwise import apart
from abm.engine.tables import CohortTable
from abm.market import FIRST_RECOVERY, OffersState, in_business, receive
from abm.world.codes import HIDDEN, STREAM_CLAIM
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


@table_of_columns("claims")
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


Terms = namedtuple("Terms", ["hazards", "instalment", "home_instalment"])
"""Hazards of default by state, and shares of pay, see `ClaimsParams`."""


class ClaimsState(State):
    """Claims of offices, and defaults."""

    table: Held[CohortTable[ClaimRows]] = kept(
        text="Fees lent by offices and not yet repaid.", start=lambda world: CohortTable(ClaimRows)
    )
    lent: Held[np.ndarray] = kept(
        unit="PKR of 2017",
        text="Lent at first of the loans that have ended, fading sum.",
        over=("destination",),
        start=lambda world: np.full(len(world.destination_facts), FIRST_LOANS),
    )
    lost: Held[np.ndarray] = kept(
        unit="PKR of 2017",
        text="Credit written off, fading sum.",
        over=("destination",),
        start=lambda world: np.full(len(world.destination_facts), (1.0 - FIRST_RECOVERY) * FIRST_LOANS),
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

    Debtors begin in the hidden sector, where the office's people collect. Each month after that of arrival `instalment`
    of the pay there falls due, also for those who have left the sector and not defaulted. It is paid from the savings
    of the household alone, as far as they go. Those who come home from the sector keep `recovered_at_home` of the debt,
    and pay `home_instalment`. Debts bear no interest. They are written off at death in the sector, at default
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
            _close(world, np.zeros(table.count, np.int64), world.t, lost, np.zeros(len(world.destination_facts)))
            world.figures |= {ClaimsOutcomes.smuggling_debt_lost: lost}
            return
        ended = np.zeros(len(world.destination_facts))
        _fade(world)
        _follow_debtors(world, lost, ended)
        paid = _collect(world, lost, ended)
        owed, repaid = _close(world, paid, world.t - world.params(ClaimsParams).longest, lost, ended)
        _learn(world, ended)
        world.figures |= {
            ClaimsOutcomes.smuggling_debt: owed,
            ClaimsOutcomes.smuggling_debt_repaid: repaid,
            ClaimsOutcomes.smuggling_debt_lost: lost,
        }


def _follow_debtors(world: World, lost: np.ndarray, ended: np.ndarray) -> None:
    """Apply the month's exits from the hidden sector to the claims: other sectors, return, death."""
    moves, state = world[MovesState].month, world[ClaimsState]
    table, before = state.table, state.table.count
    if not before:
        return
    # every claim affected and every event, of three kinds, add at most one row
    table.reserve(2 * before + 3 * int(np.count_nonzero(moves.status == HIDDEN)))
    work = np.empty(1 << before.bit_length(), np.int64), np.empty(before, np.int64), np.empty(moves.row.size, np.int64)
    recovered, key = world.params(ClaimsParams).recovered_at_home, world.key(STREAM_CLAIM) ^ LEAVING
    table.count = part_claims(table.columns, before, world.t, moves, recovered, key, work, lost, state.lost, ended)


LEAVING = np.uint64(0x6A09E667F3BCC909)
"""Keeps the draws of debtors who leave the hidden sector apart from those of default."""


def _collect(world: World, lost: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Let some default, and collect the instalments of the others; returns what was paid, by claim."""
    params, state = world.params(ClaimsParams), world[ClaimsState]
    table, claims = state.table, state.table.rows
    hazards = np.array([params.default_hidden, params.default_open, params.default_home, 0.0])  # by state
    pay_abroad = np.array([destination.pays[HIDDEN] for destination in world.destinations])
    asked = np.empty(table.count, np.int64)
    # offices decide each for itself, and on each piece of a weighted cohort
    entity = apart((claims.row * 1024 + claims.since) * 4 + claims.state + (claims.office_key.astype(np.int64) << 40))
    ask_debtors(
        table.columns, table.count, world.t, Terms(hazards, params.instalment, params.home_instalment),
        world.key(STREAM_CLAIM), entity, pay_abroad, world.households.wage, world.district_month["wage_index"], asked,
        lost, state.lost, ended,
    )  # fmt: skip
    district = claims.district.astype(np.int64)
    paid = charge_households(world, claims.row, asked, claims.persons, district, on_credit=False)
    here = in_business(world, claims.office, claims.office_key)
    receive(world, "households", "instalment", claims.office[here], district[here], paid[here])
    world.ledger.pay("households", "office_owners", "instalment", int(paid[~here].sum()))
    return paid


def _close(world: World, paid: np.ndarray, expired: int, lost: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Close the claims that are repaid, or due since the month `expired` or before; book what left the claims.

    Adds what was lent at first on those that ended to `ended`, by destination. Returns PKR still owed and paid, shape
    (2, districts).
    """
    state = world[ClaimsState]
    sums = np.zeros((2, world.district_count), np.int64)
    claims = state.table.rows
    close_claims(claims, paid, world.weight, expired, sums, lost, state.lost, ended)
    state.table.drop((claims.owed <= 0) | (claims.persons == 0))
    world.ledger.write_off(int(lost.sum() + paid.sum()), "offices")
    return sums


def _fade(world: World) -> None:
    """Let offices forget a part of what came back and what did not, for what they thought at first."""
    state, forgotten = world[ClaimsState], 1.0 / world.params(ClaimsParams).memory
    state.lent += (FIRST_LOANS - state.lent) * forgotten
    state.lost += ((1.0 - FIRST_RECOVERY) * FIRST_LOANS - state.lost) * forgotten


def _learn(world: World, ended: np.ndarray) -> None:
    """Let offices learn the share of loans repaid, of rupees lent, from the claims that `ended`, by destination."""
    state, some = world[ClaimsState], np.flatnonzero(ended)
    state.lent += ended
    share = 1.0 - state.lost[some] / state.lent[some]
    world[OffersState].recovery[some] = np.clip(share, LEAST_RECOVERY, 1.0)


FIRST_LOANS = 3.0e7
"""PKR of 2017 of loans at each destination that offices know of at first: some hundred fees. Source: assumed."""


LEAST_RECOVERY = 0.05
"""Lowest share of loans that offices expect to recover."""
