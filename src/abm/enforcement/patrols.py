"""Patrols: officers move to where they intercept more; added effort wears off; some take bribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement.circles import mean_over_districts, pay_by_district
from abm.enforcement.declarations import ANTI_CORRUPTION, CORRUPTION_REMOVED, EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import CorruptionMonth, adapt_corruption, decay, first_yields, reallocate
from abm.journeys import JourneyState
from abm.policy import InForce
from abm.routes import SECTION as TRANSIT
from abm.routes import (
    Guards,
    InterceptionParams,
    LegsState,
    PostsState,
    TransitParams,
    flow_of_data,
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
    params, guards, serves = world.params(EnforcementParams), world[PostsState].guards, serving(world)
    first = _first_yield(world, serves)
    # a post not yet in service knows nothing of its legs
    new = ~serves | (world.t == 0)
    guards.detections[new] = guards.reference[new] * first[guards.leg[new]]
    reallocate(
        guards, _caught_by_leg(world), first, params.allocation_response, params.allocation_speed,
        params.allocation_floor, decay(params.allocation_memory),
    )  # fmt: skip
    tire(guards, world[LegsState].dose, params.fatigue_limit, decay(params.fatigue_half_life))
    _corrupt(world)


def _caught_by_leg(world: World) -> np.ndarray:
    """Persons stopped on each leg in the month, transit included; those from outside the region at the same odds."""
    caught = world[JourneyState].caught
    found = np.bincount(caught.leg, caught.persons, len(world.leg_facts))
    if world.config.enabled(TRANSIT):
        found = world.params(TransitParams).traffic * transit_of(world).stopped + found
    return found + outside_traffic(world) * flow_of_data(world) * world[LegsState].month.interception


def _first_yield(world: World, serves: np.ndarray) -> np.ndarray:
    """Interceptions per officer and month at effort and flow 1 and the corruption in the data, by leg."""
    guards, found = world[PostsState].guards, np.empty(len(world.leg_facts))
    first_yields(
        guards, world[PostsState].posts.integrity, world.params(InterceptionParams).bribe_reach, serves,
        usual_odds(world), reference_flow(world), world[PostsState].stations.reference_effort, found,
    )  # fmt: skip
    return found


def tire(guards: Guards, dose: np.ndarray, limit: float, kept: float) -> None:
    """Let an added effort wear off towards a limit, and come back once it is lifted; `kept` is a month's decay."""
    target = np.where(dose > 1.0, limit, 0.0)
    guards.fatigue[:] = target + (guards.fatigue - target) * kept


def _corrupt(world: World) -> None:
    """Adapt corruption to what a bribe is worth and to who watches; some are caught, others are careful for a while."""
    posts, stations = world[PostsState].posts, world[PostsState].stations
    month = corruption_of_month(world)
    adapt_corruption(posts, stations.identity, corruption_removed(world), month, world.key(STREAM_CASE))
    world.figures[EnforcementOutcomes.officers_caught] = int(posts.caught[stations.serves_home].sum())


def corruption_of_month(world: World) -> CorruptionMonth:
    """Parameters of corruption, one set for all officers."""
    params = world.params(EnforcementParams)
    return CorruptionMonth(
        params.temptation, world.params(InterceptionParams).bribe_reach, decay(params.corruption_half_life),
        params.watch, params.watch_gain, params.fear, decay(params.caution_half_life),
    )  # fmt: skip


def corruption_removed(world: World) -> np.ndarray:
    """Share of corruption removed by policy, by post: the mean over its districts or legs. Books the cost."""
    if ANTI_CORRUPTION.name not in world[InForce].policy.values:
        return np.zeros(world[PostsState].posts.staff.size)
    value = world.now(CORRUPTION_REMOVED)
    districts, legs = value[: world.district_count], value[world.district_count :]
    guards, count = world[PostsState].guards, world[PostsState].posts.staff.size
    removed = mean_over_districts(world, districts)
    home = world[PostsState].stations.serves_home[guards.post]
    weight = np.where(home, guards.effort, 0.0)
    on_legs = np.bincount(guards.post, weight * legs[guards.leg], count)
    removed += on_legs / np.maximum(np.bincount(guards.post, weight, count), 1e-12)
    pay = world.region_share * np.bincount(guards.leg, np.where(home, pay_of_officers(world), 0.0), legs.size)
    cost = np.concatenate([districts * pay_by_district(world), legs * pay]) * ANTI_CORRUPTION.unit_cost
    world[InForce].policy.book_cost(ANTI_CORRUPTION, cost)
    return removed
