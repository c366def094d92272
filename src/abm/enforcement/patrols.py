"""Patrols: officers move to where they intercept more; added effort wears off; some take bribes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement.circles import mean_over_districts, pay_by_district
from abm.enforcement.declarations import ANTI_CORRUPTION, CORRUPTION_REMOVED, EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import FOR_OFFICERS, PURPOSE, decay, reallocate, successes
from abm.engine.portable import exponentials, powers
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
    params, guards, first = world.params(EnforcementParams), world[PostsState].guards, _first_yield(world)
    # a post not yet in service knows nothing of its legs
    new = ~serving(world) | (world.t == 0)
    guards.detections[new] = (guards.reference * first[guards.leg])[new]
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


def _first_yield(world: World) -> np.ndarray:
    """Interceptions per officer and month at effort and flow 1 and the corruption in the data, by leg."""
    params, posts, guards = world.params(InterceptionParams), world[PostsState].posts, world[PostsState].guards
    corrupt = (1.0 - posts.integrity[guards.post]) * params.bribe_reach
    count = len(world.leg_facts)
    reference = np.where(serving(world), guards.reference, 0.0)
    officers = np.bincount(guards.leg, reference, count)
    honest = 1.0 - np.bincount(guards.leg, reference * corrupt, count) / np.maximum(officers, 1e-12)
    return usual_odds(world) * honest * reference_flow(world) / world[PostsState].stations.reference_effort


def tire(guards: Guards, dose: np.ndarray, limit: float, kept: float) -> None:
    """Let an added effort wear off towards a limit, and come back once it is lifted; `kept` is a month's decay."""
    target = np.where(dose > 1.0, limit, 0.0)
    guards.fatigue[:] = target + (guards.fatigue - target) * kept


def _corrupt(world: World) -> None:
    """Adapt corruption to what a bribe is worth and to who watches; some are caught, others are careful for a while."""
    params, reach = world.params(EnforcementParams), world.params(InterceptionParams).bribe_reach
    posts, stations, removed = world[PostsState].posts, world[PostsState].stations, corruption_removed(world)
    worth = np.zeros(removed.size)
    powers(posts.pressure, params.temptation, worth)
    worth = np.where(posts.pressure > 0.0, worth, 1.0)
    target = np.minimum((1.0 - posts.integrity) * reach * (1.0 - removed) * worth, 1.0)
    posts.corrupt[:] = target + (posts.corrupt - target) * decay(params.corruption_half_life)
    # draws are addressed by identity, whatever other posts there are
    entity = FOR_OFFICERS * PURPOSE + 2 * stations.identity
    taking = posts.staff * (posts.corrupt * (1.0 - posts.caution))
    takers = np.floor(taking + world.draws(STREAM_CASE, entity)).astype(np.int64)
    hazard = np.minimum(params.watch * (1.0 + params.watch_gain * removed), 1.0)
    posts.caught[:] = successes(takers, hazard, world.key(STREAM_CASE), entity + 1)
    unmoved = np.zeros(removed.size)
    exponentials(-params.fear * (posts.caught / np.maximum(posts.staff, 1e-9)), unmoved)
    posts.caution[:] *= decay(params.caution_half_life)
    posts.caution[:] += (1.0 - posts.caution) * (1.0 - unmoved)
    world.figures[EnforcementOutcomes.officers_caught] = int(posts.caught[stations.serves_home].sum())


def corruption_removed(world: World) -> np.ndarray:
    """Share of corruption removed by policy, by post: the mean over its districts or legs. Books the cost."""
    value = world.now(CORRUPTION_REMOVED)
    districts, legs = value[: world.district_count], value[world.district_count :]
    guards, count = world[PostsState].guards, world[PostsState].posts.staff.size
    removed = mean_over_districts(world, districts)
    home = world[PostsState].stations.serves_home[guards.post]
    weight = np.where(home, guards.effort, 0.0)
    on_legs = np.bincount(guards.post, weight * legs[guards.leg], count)
    removed += on_legs / np.maximum(np.bincount(guards.post, weight, count), 1e-12)
    if ANTI_CORRUPTION.name in {use.lever for use in world.config.levers}:
        pay = np.bincount(guards.leg, np.where(home, pay_of_officers(world), 0.0), legs.size)
        cost = np.concatenate([districts * pay_by_district(world), legs * pay]) * ANTI_CORRUPTION.unit_cost
        world[InForce].policy.book_cost(ANTI_CORRUPTION, cost)
    return removed
