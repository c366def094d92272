"""Circles: their officers and districts, and the circle in charge of a district without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.enforcement.declarations import (
    CIRCLE_CAPACITY,
    CIRCLES_ADDED,
    FIA_CIRCLES,
    INVESTIGATIVE_CAPACITY,
    EnforcementParams,
)
from abm.enforcement.law.month_law import LawState
from abm.engine.elementwise import exp
from abm.policy import InForce
from abm.routes import CIRCLE_CODE, PostsState, officers_listed

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World


class CirclesState(State):
    """Reach, expected leads and responsibilities of circles."""

    expected_leads: Held[np.ndarray] = monthly(
        unit="lead a month", text="Leads that each circle expects to find itself, in all its districts.", over=("post",)
    )
    added: Held[np.ndarray] = monthly(
        unit="officer", text="Officers added by policy, who investigate in their district alone.", over=("district",)
    )
    seen: Held[np.ndarray] = monthly(
        unit="officer", text="Investigators whom each district sees, those added included.", over=("district",)
    )
    added_leads: Held[np.ndarray] = monthly(
        unit="lead a month", text="Leads that officers added expect to find.", over=("district",)
    )
    added_by_post: Held[np.ndarray] = monthly(
        unit="case", text="The same by circle that the officers joined.", over=("post",)
    )
    added_capacity: Held[np.ndarray] = monthly(
        unit="case", text="Investigations that officers added can run at a time.", over=("district",)
    )
    in_charge: Held[tuple[np.ndarray, np.ndarray]] = kept(
        text="Nearest circle (-1 if none), and the share of leads that reach it.", over=("district",)
    )


def staff_circles(world: World) -> None:
    """Set the officers and case capacity of every circle; book the cost of officers added by policy.

    Officers added by policy in a covered district join the circle in charge there, and work on that district alone.
    """
    posts, stations = world[PostsState].posts, world[PostsState].stations
    params, policy = world.params(EnforcementParams), world[InForce].policy
    circles = posts.kind == CIRCLE_CODE
    posts.staff[circles] = (officers_listed(world) * in_service(world))[circles]
    posts.budget[stations.listed :] = params.circle_budget
    state, own = world[CirclesState], posts.staff * circles
    capacity, time = world.now(CIRCLE_CAPACITY), world[LawState].circle_time
    state.added = state.added_leads = state.added_capacity = np.zeros(world.district_count)
    state.added_by_post = np.zeros(own.size)
    if FIA_CIRCLES.name in policy.values:
        joins, state.added = _joined(world), world.now(CIRCLES_ADDED) * params.circle_staff
        np.add.at(posts.staff, joins, state.added)
        policy.book_cost(FIA_CIRCLES, state.added * params.circle_budget * FIA_CIRCLES.unit_cost)
        here = state.added * capacity * time[joins]
        state.added_leads, state.added_capacity = here * params.intelligence, here * params.caseload
        state.added_by_post = np.bincount(joins, state.added_capacity, own.size)
    factor = mean_over_districts(world, capacity) * time
    posts.capacity[:] = own * params.caseload * factor + state.added_by_post
    state.expected_leads = own * params.intelligence * factor
    if INVESTIGATIVE_CAPACITY.name in policy.values:
        pay = _by_district(world, own * posts.budget) + state.added * params.circle_budget
        cost = np.maximum(capacity - 1.0, 0.0) * pay * INVESTIGATIVE_CAPACITY.unit_cost
        policy.book_cost(INVESTIGATIVE_CAPACITY, cost)
    _set_in_charge(world)
    state.seen = _officers_seen(world, own)


def skill_of_posts(world: World) -> np.ndarray:
    """Share of the accused whom officers find, by post: that in the data if `agencies` is on, else all.

    Without agencies the market stays as fitted before skill was added.
    """
    skill = world[PostsState].posts.skill
    return skill if world.config.enabled("agencies") else np.ones(skill.size)


def expected_cost_of_officers(world: World, lever: Lever, added: np.ndarray) -> float:
    """Advance estimate of the month's cost of a lever on circles or honest officers, PKR.

    `added` is its deviation from the neutral value, by district, and for jurisdictions then by leg.
    """
    posts, guards, districts = world[PostsState].posts, world[PostsState].guards, world.district_count
    params = world.params(EnforcementParams)
    if lever.name == FIA_CIRCLES.name:
        return lever.unit_cost * float(added.sum()) * params.circle_staff * params.circle_budget
    pay = _by_district(
        world, np.maximum(np.where(in_service(world), officers_listed(world), 0.0), posts.staff) * posts.budget
    )
    total = float((added[:districts] * pay).sum())
    on_legs = added[districts:]
    if on_legs.size:
        own = np.where(
            world[PostsState].stations.serves_home[guards.post], officers_listed(world)[guards.post] * guards.share, 0.0
        )
        total += world.region_share * float((on_legs[guards.leg] * own * posts.budget[guards.post]).sum())
    return lever.unit_cost * total


def _joined(world: World) -> np.ndarray:
    """Circle that officers added by policy in each district join: that in charge there, or one of their own."""
    posts, stations = world[PostsState].posts, world[PostsState].stations
    joins = stations.listed + np.arange(world.district_count)
    working = posts.staff[stations.cover_post] > 0.0
    # circles of the data come first; if two cover a district, the last gets the officers
    joins[stations.cover_district[working]] = stations.cover_post[working]
    return joins


def _officers_seen(world: World, own: np.ndarray) -> np.ndarray:
    """Officers that each district sees: its part of the `own` of the circle in charge, if near, and those added."""
    stations, (circle, kept) = world[PostsState].stations, world[CirclesState].in_charge
    each = own / np.maximum(np.bincount(stations.cover_post, minlength=own.size), 1)
    return np.where(circle >= 0, each[circle] * kept, 0.0) + world[CirclesState].added


def mean_over_districts(world: World, value: np.ndarray) -> np.ndarray:
    """Mean of a value by district over the districts that each circle covers; 0 for posts on legs."""
    stations = world[PostsState].stations
    parts = value[stations.cover_district] * stations.cover_share
    return np.bincount(stations.cover_post, parts, world[PostsState].posts.staff.size)


def in_service(world: World) -> np.ndarray:
    """Whether a post is a circle of the data that exists in the month."""
    posts = world[PostsState].posts
    found: np.ndarray = (posts.kind == CIRCLE_CODE) & (world.month >= posts.since)
    found[world[PostsState].stations.listed :] = False
    return found


def pay_by_district(world: World) -> np.ndarray:
    """PKR a month for the officers of circles, by district."""
    posts = world[PostsState].posts
    return _by_district(world, posts.staff * posts.budget)


def _by_district(world: World, amounts: np.ndarray) -> np.ndarray:
    """Amounts by post, of circles alone, shared evenly among the districts that each covers."""
    stations = world[PostsState].stations
    parts = amounts[stations.cover_post] * stations.cover_share
    return np.bincount(stations.cover_district, parts, world.district_count)


def _set_in_charge(world: World) -> None:
    """Find the nearest circle of each district (-1 if none), and the share of leads that survive the handover.

    One that policy added has officers for its own district alone.
    """
    posts, stations = world[PostsState].posts, world[PostsState].stations
    working = (posts.kind == CIRCLE_CODE) & (posts.staff > 0.0)
    reached = working & ((np.arange(working.size) < stations.listed) | stations.covers.T)
    distance = np.where(reached, stations.distance, np.inf)
    circle = distance.argmin(axis=1)
    far = distance[np.arange(circle.size), circle]
    reach = world.params(EnforcementParams).handover_distance
    kept = np.where(np.isfinite(far), exp(-far / reach), 0.0)
    world[CirclesState].in_charge = np.where(np.isfinite(far), circle, -1), kept


def takers_in_charge(world: World) -> np.ndarray:
    """Share of the investigators in charge who take bribes, by district; 0 in a month in which one is caught."""
    posts, (circle, _) = world[PostsState].posts, world[CirclesState].in_charge
    takers = np.where(posts.caught > 0, 0.0, posts.corrupt * (1.0 - posts.caution))
    return np.where(circle >= 0, takers[circle], 0.0)
