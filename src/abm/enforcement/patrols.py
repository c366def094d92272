"""Patrols: officers move to where they intercept more; added effort wears off; some take bribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement.circles import mean_over_districts, pay_by_district
from abm.enforcement.declarations import ANTI_CORRUPTION, CORRUPTION_REMOVED, EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import corrupt_officers, decay, reallocate, tire
from abm.journeys import JourneyState
from abm.policy import InForce
from abm.routes import SECTION as TRANSIT
from abm.routes import (
    InterceptionParams,
    LegsState,
    PostsState,
    TransitParams,
    outside_traffic,
    pay_of_officers,
    reference_flow,
    serving,
    transit_of,
    usual_odds,
)
from abm.world.codes import STREAM_CASE

if TYPE_CHECKING:
    from abm.world.state import World


def adapt_patrols(world: World) -> None:
    """Learn from interceptions, move officers, and let effort and honesty erode."""
    params, guards = world.params(EnforcementParams), world[PostsState].guards
    caught = _caught_by_leg(world)
    first = _first_yield(world)
    # a post not yet in service knows nothing of its legs
    new = ~serving(world) | (world.t == 0)
    guards.detections[new] = (guards.reference * first[guards.leg])[new]
    reallocate(
        guards,
        caught,
        first,
        params.allocation_response,
        params.allocation_speed,
        params.allocation_floor,
        decay(params.allocation_memory),
    )
    tire(guards, world[LegsState].dose, params.fatigue_limit, decay(params.fatigue_half_life))
    _corrupt(world)


def _caught_by_leg(world: World) -> np.ndarray:
    """Persons stopped on each leg in the month, transit included; those from outside the region at the same odds."""
    count = len(world.leg_facts)
    found = np.zeros(count)
    if world.config.enabled(TRANSIT):
        found += world.params(TransitParams).traffic * transit_of(world).stopped
    caught = world[JourneyState].caught
    if caught.row.size:
        found += np.bincount(caught.leg, caught.persons, count)
    reference = np.array([leg.flow for leg in world.leg_facts])
    return found + outside_traffic(world) * reference * world[LegsState].month.interception


def _first_yield(world: World) -> np.ndarray:
    """Interceptions per officer and month at effort and flow 1 and the corruption in the data, by leg."""
    params, posts, guards = world.params(InterceptionParams), world[PostsState].posts, world[PostsState].guards
    corrupt = (1.0 - posts.integrity[guards.post]) * params.bribe_reach
    count = len(world.leg_facts)
    reference = np.where(serving(world), guards.reference, 0.0)
    officers = np.bincount(guards.leg, reference, count)
    honest = 1.0 - np.bincount(guards.leg, reference * corrupt, count) / np.maximum(officers, 1e-12)
    return usual_odds(world) * honest * reference_flow(world) / world[PostsState].stations.reference_effort


def _corrupt(world: World) -> None:
    """Update the share of officers who take bribes; some are caught."""
    params, posts = world.params(EnforcementParams), world[PostsState].posts
    corrupt_officers(
        posts,
        world[PostsState].stations.identity,
        corruption_removed(world),
        world.params(InterceptionParams).bribe_reach,
        params.temptation,
        decay(params.corruption_half_life),
        params.watch,
        params.watch_gain,
        params.fear,
        decay(params.caution_half_life),
        world.key(STREAM_CASE),
    )
    world.figures[EnforcementOutcomes.officers_caught] = int(posts.caught[world[PostsState].stations.serves_home].sum())


def corruption_removed(world: World) -> np.ndarray:
    """Share of corruption removed by policy, by post: the mean over its districts or legs. Books the cost."""
    lever = ANTI_CORRUPTION
    value = world.now(CORRUPTION_REMOVED)
    districts, legs = value[: world.district_count], value[world.district_count :]
    guards, count = world[PostsState].guards, world[PostsState].posts.staff.size
    removed = mean_over_districts(world, districts)
    home = world[PostsState].stations.serves_home[guards.post]
    weight = np.where(home, guards.effort, 0.0)
    on_legs = np.bincount(guards.post, weight * legs[guards.leg], count)
    removed += on_legs / np.maximum(np.bincount(guards.post, weight, count), 1e-12)
    if lever.name in {use.lever for use in world.config.levers}:
        pay = np.bincount(guards.leg, np.where(home, pay_of_officers(world), 0.0), legs.size)
        world[InForce].policy.book_cost(
            lever, np.concatenate([districts * pay_by_district(world), legs * pay]) * lever.unit_cost
        )
    return removed
