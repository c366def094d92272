"""Cases: from leads to an investigation and a raid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.enforcement.circles import CirclesState, skill_of_posts
from abm.enforcement.declarations import EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import (
    FOR_CAPACITY,
    PURPOSE,
    RaidMonth,
    begin_investigations,
    decay,
    raid,
    review_cases,
)
from abm.engine.tables import CohortTable
from abm.market import MarketTables, RisksState
from abm.routes import PostsState
from abm.world.codes import CASE_INVESTIGATED, CASE_LEAD, OFFICE_ARRESTED, OFFICE_OPEN, STREAM_CASE

if TYPE_CHECKING:
    from abm.world.state import World


@table_of_columns("cases")
class Cases(NamedTuple):
    """One row a case against an office, from the first lead to the judgment."""

    id: Annotated[np.ndarray, column("i8", unit="id", text="Permanent number.")]
    office: Annotated[np.ndarray, column("i4", unit="row", text="Office.")]
    office_key: Annotated[
        np.ndarray,
        column("i8", unit="id", text="Permanent number of that office; its row may belong to another by now."),
    ]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district of the office.")]
    circle: Annotated[np.ndarray, column("i2", unit="row", text="Circle (post) in charge.")]
    stage: Annotated[
        np.ndarray, column("u1", unit="code", text="0 lead, 1 under investigation, 2 charged, 3 before a court.")
    ]
    evidence: Annotated[
        np.ndarray, column("f8", unit="lead", text="Leads that name the office, fading until it is investigated.")
    ]
    since: Annotated[
        np.ndarray, column("i2", unit="month", text="Month of the run of the first lead, the start, or the arrest.")
    ]
    progress: Annotated[
        np.ndarray, column("f8", unit="month", text="Months of charge or trial so far, at ordinary speed.")
    ]
    arrested: Annotated[np.ndarray, column("i4", unit="person", text="Persons arrested in it.")]
    owner: Annotated[np.ndarray, column("u1", unit="flag", text="The owner of the office is among them.")]


class CasesState(State):
    """Cases against offices."""

    table: Held[CohortTable[Cases]] = kept(text="Cases against offices.", start=lambda world: CohortTable(Cases))
    next_id: Held[int] = kept(unit="id", text="Permanent number of the next case.", start=0)


def cases_of(world: World) -> Cases:
    """Columns of the cases against offices, without the room for more."""
    return world[CasesState].table.rows


def investigations_by_circle(world: World) -> np.ndarray:
    """Investigations under way, by post."""
    cases = cases_of(world)
    running = cases.stage == CASE_INVESTIGATED
    return np.bincount(cases.circle[running], minlength=world[PostsState].posts.staff.size)


def follow_leads(world: World, leads: np.ndarray) -> np.ndarray:
    """Open cases, raid, and begin investigations with the officers who are free; return whether each was raided."""
    _collect(world, leads)
    raided = _raid(world)
    _begin(world)
    return raided


def _collect(world: World, leads: np.ndarray) -> None:
    """Drop cases that lead nowhere, and add the month's leads to the case against each office, or open one."""
    table, offices = world[CasesState].table, world[MarketTables].offices
    dropped, has_case = np.empty(table.count, np.bool_), np.zeros(leads.size, np.bool_)
    review_cases(
        table.columns, table.count, decay(world.params(EnforcementParams).lead_life), LEAST_EVIDENCE, leads,
        offices.state, offices.key, dropped, has_case, world.figures[EnforcementOutcomes.leads_lost],
    )  # fmt: skip
    table.drop(dropped)
    new = (leads > 0).nonzero()[0]
    new = new[~has_case[new] & (offices.state[new] == OFFICE_OPEN)]
    if not new.size:
        return
    circle, _ = world[CirclesState].in_charge
    first, district = world[CasesState].next_id, offices.district[new]
    world[CasesState].next_id = first + new.size
    table.append(
        id=first + np.arange(new.size), office=new, office_key=offices.key[new], district=district,
        circle=circle[district], stage=CASE_LEAD, evidence=leads[new].astype(np.float64), since=world.t, progress=0.0,
        arrested=0, owner=0,
    )  # fmt: skip


def _begin(world: World) -> None:
    """Begin investigations as officers have capacity, those with most evidence first.

    Officers whom policy added to a district take cases from there; the others of the circle take what is left.
    """
    cases, begun = cases_of(world), np.zeros(world.district_count, np.int64)
    at_home, of_circle = _capacity_of_month(world)
    waiting = (cases.stage == CASE_LEAD).nonzero()[0]
    _hand_on(world, cases, waiting)
    order = waiting[np.argsort(-cases.evidence[waiting], kind="stable")]  # rows are in the order of numbers
    begin_investigations(
        cases.stage, cases.since, cases.district, cases.circle, order, at_home, of_circle, world.t, begun
    )
    world.figures[EnforcementOutcomes.investigations] = begun


def _hand_on(world: World, cases: Cases, waiting: np.ndarray) -> None:
    """Hand waiting cases of a circle that is gone, as one of policy may be, to the one in charge now."""
    circle, _ = world[CirclesState].in_charge
    now = circle[cases.district[waiting]]
    gone = (world[PostsState].posts.staff[cases.circle[waiting]] <= 0.0) & (now >= 0)
    cases.circle[waiting[gone]] = now[gone]


def _capacity_of_month(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Whole cases at a time: of the officers added to each district, and of the others by circle.

    Half a case extra is one more case in half of the months.
    """
    added, first = world[CirclesState].added_capacity, FOR_CAPACITY * PURPOSE
    others = world[PostsState].posts.capacity - world[CirclesState].added_by_post
    at_home = world.rounded(STREAM_CASE, first + ADDED + np.arange(added.size), added)
    return at_home, world.rounded(STREAM_CASE, first + np.arange(others.size), others)


def _raid(world: World) -> np.ndarray:
    """End the investigations that are due, with arrests (perhaps of the owner) or a closed case."""
    params, offices, cases = world.params(EnforcementParams), world[MarketTables].offices, cases_of(world)
    long = world.t - cases.since >= params.investigation_months
    rows = ((cases.stage == CASE_INVESTIGATED) & long).nonzero()[0]
    raided, ends = np.zeros(offices.state.size, np.bool_), np.zeros(cases.id.size, np.bool_)
    arrests, owners = np.zeros((2, world.district_count), np.int64)
    odds = RaidMonth(params.solving, params.arrested_each, params.owner_share, params.disruption, world.t)
    until, open_before = world.t + custody_months(world), offices.state == OFFICE_OPEN
    raid(
        cases, rows, skill_of_posts(world), odds, world.key(STREAM_CASE), until, offices, raided, arrests, owners, ends
    )
    world[RisksState].owner_arrested = open_before & (offices.state == OFFICE_ARRESTED)
    if not world.config.enabled("prosecution"):
        ends[rows] = True
    world[CasesState].table.drop(ends)
    world.figures |= {EnforcementOutcomes.arrests: arrests, EnforcementOutcomes.owners_arrested: owners}
    return raided


def custody_months(world: World) -> int:
    """Whole months for which an arrest shuts an office, at least one."""
    return max(round(world.params(EnforcementParams).custody_months), 1)


ADDED = 1 << 20
"""Draws of the officers added to districts are addressed from here on, beyond those of posts."""

LEAST_EVIDENCE = 0.5
"""Evidence, in fresh leads, below which a case is dropped: a single lead lasts one half-life."""
