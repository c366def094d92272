"""Agencies: services besides the circles, the allocation of officers' time, and suspensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State, kept, monthly
from abm.enforcement.law.bureaus import AgenciesParams, BureausState
from abm.enforcement.law.law import PowersState
from abm.enforcement.law.month_law import SMUGGLING, LawState, law_of, take_caseload
from abm.engine.portable import power
from abm.routes import PostsState
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class AgenciesState(State):
    """Officers at work, suspensions and the allocation of time."""

    pay: Held[int] = monthly(unit="PKR of 2017", text="Pay of officers not booked elsewhere.", neutral=lambda world: 0)
    present: Held[np.ndarray] = monthly(
        unit="share", text="Officers at work.", over=("bureau",), neutral=lambda world: _open_bureaus(world)
    )
    suspended: Held[list[np.ndarray]] = kept(
        unit="officer", text="Officers caught in each recent month.", over=("post",), start=lambda world: []
    )
    first_caseload: Held[np.ndarray | None] = kept(
        unit="lead", text="Caseload when time was first allocated.", over=("bureau", "stream"), start=lambda world: None
    )


class AgenciesOutcomes(Outcomes):
    """Officers suspended, and officers at work on smuggling."""

    officers_suspended = outcome(
        unit="officer", over="national", kind="stock", text="Circle officers suspended over a case against themselves."
    )
    smuggling_time = outcome(
        unit="officer", over="national", kind="level", text="Circle officers who work on smuggling, in full time."
    )


class Agencies(Mechanism):
    """Circles, police, social welfare and labour inspection allocate their officers' time once a year."""

    section = "agencies"
    Params = AgenciesParams
    systems = ("S10", "S11", "S17")
    on_by_default = False
    outcomes = AgenciesOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Suspend officers, allocate time in January, and set effort by stream and district."""
        if not world.config.enabled(Agencies.section):
            return
        suspended = _suspend(world)
        if world.month % 12 == 0 and world.t > 0:
            _allocate(world)
        present = world[AgenciesState].present = _present(world, suspended)
        _tell_circles(world, present)
        world[LawState].month = law_of(world)._replace(effort=_effort(world, present))
        _spend(world)


def officers_by_bureau(world: World, time: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Officers, in full time, whom the law empowers, shape (bureaus, streams, provinces).

    `time` is the share of their time by bureau and stream, `present` the share at work by bureau.
    """
    bureaus = world[BureausState].bureaus
    allowed = world[PowersState].powers.competent[bureaus.service] if world.config.enabled("law") else 1.0
    officers = (bureaus.staff * (full_time(world) * present)[:, None])[:, None, :] * time[:, :, None]
    return officers * allowed


def full_time(world: World) -> np.ndarray:
    """Ratio of officers for all streams to those listed: circles list only those for smuggling."""
    bureaus = world[BureausState].bureaus
    return np.where(bureaus.post >= 0, 1.0 / world.params(AgenciesParams).circle_share, 1.0)


def _open_bureaus(world: World) -> np.ndarray:
    """Whether each bureau exists in the month, 1.0 or 0.0: circles open at a date, other agencies always exist."""
    row = world[BureausState].bureaus.post
    return np.where((row < 0) | (world.month >= world[PostsState].posts.since[row]), 1.0, 0.0)


def _suspend(world: World) -> np.ndarray:
    """Track circle officers caught last month; return those suspended, by post."""
    posts, months = world[PostsState].posts, world.params(AgenciesParams).suspension
    queue: list[np.ndarray] = world[AgenciesState].suspended
    queue.append(posts.caught.copy())
    del queue[: max(len(queue) - months, 0)]
    suspended = sum(queue, np.zeros(posts.staff.size, np.int64))
    circles = world[BureausState].bureaus.post
    world.figures[AgenciesOutcomes.officers_suspended] = int(suspended[circles[circles >= 0]].sum())
    return suspended


def _present(world: World, suspended: np.ndarray) -> np.ndarray:
    """Share of officers at work, by bureau: circles that exist, less those suspended.

    Officers added to a circle by policy may also be caught, so the base includes them, as of the month before.
    """
    posts, row = world[PostsState].posts, world[BureausState].bureaus.post
    staff = np.maximum(posts.listed, posts.staff)[row] / world.params(AgenciesParams).circle_share
    at_work = np.maximum(1.0 - suspended[row] / np.maximum(staff, 1e-9), 0.0)
    return np.where(row >= 0, at_work, 1.0) * _open_bureaus(world)


def _tell_circles(world: World, present: np.ndarray) -> None:
    """Set the time for smuggling left to the circles, by post.

    Officers added to a circle of the data lose time as it does; circles created by policy have all of it.
    """
    bureaus, circles = world[BureausState].bureaus, world[BureausState].bureaus.post >= 0
    left = np.ones(world[PostsState].posts.staff.size)
    now = present * bureaus.time[:, SMUGGLING] / np.maximum(bureaus.first_time[:, SMUGGLING], 1e-9)
    left[bureaus.post[circles]] = now[circles]
    world[LawState].circle_time = left
    officers = bureaus.staff.sum(axis=1) * full_time(world) * present * bureaus.time[:, SMUGGLING]
    world.figures[AgenciesOutcomes.smuggling_time] = float(officers[circles].sum())


def _effort(world: World, present: np.ndarray) -> np.ndarray:
    """Officers in charge relative to the opening allocation with nobody missing, by stream and district.

    Both count those empowered by this month's law; a law that empowers others acts through clarity and case capacity.
    """
    bureaus = world[BureausState].bureaus
    now = officers_by_bureau(world, bureaus.time, present).sum(axis=0)
    usual = officers_by_bureau(world, bureaus.first_time, np.ones(present.size)).sum(axis=0)
    return np.where(usual > 0.0, now / np.maximum(usual, 1e-12), 0.0)[:, bureaus.province]


def _allocate(world: World) -> None:
    """Move time towards streams with growing caseloads, from the second January after a whole year."""
    bureaus, params = world[BureausState].bureaus, world.params(AgenciesParams)
    counted = take_caseload(world)
    if world.t < 12:  # less than a year
        return
    weight = bureaus.staff / np.maximum(bureaus.staff.sum(axis=1, keepdims=True), 1e-12)
    load = (weight[:, None, :] * bureaus.by_province(counted)[None, :, :]).sum(axis=2)
    state = world[AgenciesState]
    base = state.first_caseload = load if state.first_caseload is None else state.first_caseload
    growth = (load + 1.0) / (base + 1.0)
    wanted = bureaus.first_time * np.array(
        [[power(float(min(max(g, 0.1), 10.0)), params.response) for g in row] for row in growth]
    )
    wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
    target = params.floor * bureaus.first_time + (1.0 - params.floor) * wanted
    bureaus.time[:] += params.speed * (target - bureaus.time)


def _spend(world: World) -> None:
    """Pay the officers not booked elsewhere; `enforcement` adds it to its spending."""
    bureaus = world[BureausState].bureaus
    staff = bureaus.staff.sum(axis=1) * np.where(bureaus.post >= 0, full_time(world) - 1.0, 1.0)
    amount = round(float((staff * bureaus.budget * _open_bureaus(world)).sum()))
    world.ledger.pay("government", "administration", "agencies", amount)
    world[AgenciesState].pay = amount
