"""Interception: monthly odds and costs of every leg, from effort, corruption, traffic and history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.policy import InForce
from abm.routes.interception_levers import (
    AIRPORT_SCREENING,
    BORDER_PATROL,
    COASTAL_PATROL,
    DESTINATION_BORDER_CONTROL,
    DOCUMENT_SECURITY,
    FORGERIES_FOUND,
    PATROLS,
    RESCUED,
    SEARCH_AND_RESCUE,
    TRANSIT_BORDER_CONTROL,
)
from abm.routes.interception_params import InterceptionParams
from abm.routes.kernels.effort import place_effort
from abm.routes.kernels.journey import interception_probability
from abm.routes.legs import LegsMonth, LegsState
from abm.routes.stations import CIRCLE_CODE, KINDS, PostsState
from abm.routes.transit_flows import reference_traffic, traffic
from abm.society import DriversParams, EconomyState
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
    from abm.world.state import World


class InterceptionOutcomes(Outcomes):
    """Traffic, odds, officers and bribes on legs."""

    entered = outcome(unit="person", over="leg", text="Persons who began the leg.")
    held = outcome(unit="person", over="leg", text="Persons held for ransom or work on the leg.")
    interception_probability = outcome(
        unit="probability", over="leg", kind="level", text="Probability that a traveller on the leg is stopped."
    )
    effort = outcome(
        unit="multiple of the reference", over="leg", kind="level", text="Officers on the leg, levers included."
    )
    bribes = outcome(unit="PKR of 2017 a month", over="leg", text="Bribes paid to the guards of the leg.")


class Interception(Mechanism):
    """Works out the odds and costs of every leg before offices quote."""

    section = "interception"
    Params = InterceptionParams
    switchable = False
    systems = ("S8", "S10")
    outcomes = InterceptionOutcomes.declared
    levers = (
        BORDER_PATROL,
        COASTAL_PATROL,
        AIRPORT_SCREENING,
        DOCUMENT_SECURITY,
        DESTINATION_BORDER_CONTROL,
        TRANSIT_BORDER_CONTROL,
        SEARCH_AND_RESCUE,
    )

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of added officers as if each post kept its officers on the legs of the data."""
        posts, guards = world[PostsState].posts, world[PostsState].guards
        officers = np.where(serving(world), posts.listed[guards.post] * guards.share, 0.0)
        mine = posts.kind[guards.post] == KINDS.index(lever.guards[0])
        pay = np.where(mine, officers * posts.budget[guards.post], 0.0)
        return lever.unit_cost * float((np.maximum(deviation[guards.leg], 0.0) * pay).sum())

    @staticmethod
    def step(world: World) -> None:
        """Average the flows, deploy the officers, and set the month's values of every leg."""
        if world.t == 0:
            _open(world)
        relative_flow = _flow(world)
        effort = _effort(world)
        facts, params = world.leg_facts, world.params(InterceptionParams)
        history = np.array([leg.multiples(world.month) for leg in facts])
        stopped, usual = odds_on_legs(world, effort, relative_flow), usual_odds(world)
        stopped, usual = (np.minimum(odds * history[:, 0], HIGHEST_ODDS) for odds in (stopped, usual))
        corrupt = corruption_on_legs(world)
        cost = np.array([leg.cost for leg in facts]) * history[:, 1] * world[EconomyState].income_index
        documents = np.array([leg.documents for leg in facts])
        security = world.now(FORGERIES_FOUND)
        asked = _officers_look_at_papers(stopped, documents * security)
        rescued = world.now(RESCUED)
        death = np.array([leg.death for leg in facts]) * history[:, 2] * params.danger * (1.0 - rescued)
        world[LegsState].month = LegsMonth(
            months=np.array([leg.months for leg in facts]),
            interception=(1.0 - corrupt) * asked,
            death=np.minimum(death, 1.0),
            extortion=np.array([leg.extortion for leg in facts]),
            cost=cost,
            bribe=corrupt * asked * params.bribe_share * _stake(world, cost),
            documents=documents * (1.0 + params.forgery_rise * security),
        )
        world[LegsState].effort = effort
        _press(world, asked / np.maximum(usual, 1e-12))


def odds_on_legs(world: World, effort: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Odds of being stopped on each leg at an effort and flow, relative to the reference; without its history."""
    params = world.params(InterceptionParams)
    return np.array(
        [
            interception_probability(leg.interception, params.efficiency, params.saturation, float(at), float(against))
            for leg, at, against in zip(world.leg_facts, effort, flow, strict=True)
        ]
    )


def usual_odds(world: World) -> np.ndarray:
    """Odds of being stopped on each leg at effort 1, the reference flow and no history."""
    usual = np.ones(len(world.leg_facts))
    return odds_on_legs(world, usual, usual)


def corruption_on_legs(world: World) -> np.ndarray:
    """Share of the officers on each leg who let travellers pass for a bribe."""
    guards, posts = world[PostsState].guards, world[PostsState].posts
    takers = (posts.corrupt * (1.0 - posts.caution))[guards.post]
    count = len(world.leg_facts)
    total = np.bincount(guards.leg, guards.effort, count)
    return np.bincount(guards.leg, guards.effort * takers, count) / np.maximum(total, 1e-12)


def pay_of_officers(world: World) -> np.ndarray:
    """PKR a month for the officers of each pair of post and leg, before any lever."""
    return _officers(world) * world[PostsState].posts.budget[world[PostsState].guards.post]


def _open(world: World) -> None:
    """Set the memory before the first month: reference flows and the corruption of the data."""
    posts = world[PostsState].posts
    posts.staff[:] = 0.0
    posts.corrupt[:] = (1.0 - posts.integrity) * world.params(InterceptionParams).bribe_reach
    posts.pressure[:] = 1.0


def _flow(world: World) -> np.ndarray:
    """Averaged traffic on each leg relative to the reference, from outside the region and in transit included.

    Without adaptive enforcement agents there is no dilution: the odds stay those of the reference flow.
    """
    reference = _flow_of_data(world)
    flow, entered = world[LegsState].flow, world[LegsState].entered
    if world.t > 0:
        flow += (entered - flow) / world.params(InterceptionParams).flow_memory
        entered[:] = 0
    if not world.config.enabled("enforcement"):
        return np.ones(reference.size)
    usual = reference_flow(world)
    return (flow + traffic(world)) / usual + outside_traffic(world) * (reference / usual)


def reference_flow(world: World) -> np.ndarray:
    """Travellers a month on each leg at flow 1: those in the data, plus normal transit if transit is on."""
    return _flow_of_data(world) + reference_traffic(world)


def _flow_of_data(world: World) -> np.ndarray:
    """Pakistani travellers a month on each leg in the data, float64 (legs,)."""
    return np.array([leg.flow for leg in world.leg_facts])


def outside_traffic(world: World) -> float:
    """Pakistani travellers from outside the simulated region, relative to the reference flow on any leg."""
    return (1.0 - world.region_share) * world.params(DriversParams).outside_demand


def _effort(world: World) -> np.ndarray:
    """Deploy the officers of the month; return effort on each leg relative to the reference."""
    posts, guards = world[PostsState].posts, world[PostsState].guards
    on_legs = posts.kind != CIRCLE_CODE
    posts.staff[on_legs] = np.where(world.month >= posts.since, posts.listed, 0.0)[on_legs]
    dose = world[LegsState].dose = _dose(world)
    _share_pool(world)
    place_effort(guards, _officers(world), dose)
    _book(world)
    return np.bincount(guards.leg, guards.effort, len(world.leg_facts)) / world[PostsState].stations.reference_effort


def _share_pool(world: World) -> None:
    """Distribute the national pool over the legs of the posts in service; a post that opens takes its first share."""
    guards = world[PostsState].guards
    movable = np.where(serving(world), guards.movable, 0.0)
    first = movable / max(movable.sum(), 1e-9)
    opens = (first > 0.0) & (guards.first_pool == 0.0)
    guards.pool[:] = np.where(opens, first, guards.pool * (1.0 - first[opens].sum()))
    guards.first_pool[:] = first


def serving(world: World) -> np.ndarray:
    """Whether the post of each pair of post and leg is in service."""
    found: np.ndarray = world.month >= world[PostsState].posts.since[world[PostsState].guards.post]
    return found


def _dose(world: World) -> np.ndarray:
    """Factor on effort that policy asks for, by pair of post and leg."""
    guards, posts = world[PostsState].guards, world[PostsState].posts
    dose = np.ones(guards.leg.size)
    for lever in PATROLS:
        value = world.now(lever.moves[0])
        mine = posts.kind[guards.post] == KINDS.index(lever.guards[0])
        dose[mine] *= value[guards.leg[mine]]
    return dose


def _movable(world: World) -> float:
    """Officers in the national pool."""
    of_legs = world[PostsState].stations.serves_home & (world[PostsState].posts.kind != CIRCLE_CODE)
    return float(world.params(InterceptionParams).pool_share * world[PostsState].posts.staff[of_legs].sum())


def _officers(world: World) -> np.ndarray:
    """Officers of each pair of post and leg, before any lever."""
    guards, share = world[PostsState].guards, world.params(InterceptionParams).pool_share
    own = world[PostsState].posts.staff[guards.post] * guards.share
    return np.where(guards.first_pool > 0.0, (1.0 - share) * own + _movable(world) * guards.pool, own)


def _book(world: World) -> None:
    """Book the pay and equipment of officers added by policy; removing officers saves nothing."""
    if not world.config.levers:
        return
    pay, count = pay_of_officers(world), len(world.leg_facts)
    for lever in PATROLS:
        value = world.now(lever.moves[0])[world[PostsState].guards.leg]
        mine = world[PostsState].posts.kind[world[PostsState].guards.post] == KINDS.index(lever.guards[0])
        added = np.where(mine, np.maximum(value - 1.0, 0.0) * pay * lever.unit_cost, 0.0)
        world[InForce].policy.book_cost(lever, np.bincount(world[PostsState].guards.leg, added, count))


def _officers_look_at_papers(stopped: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Combine the odds of being stopped and of a forged document being found, which are independent."""
    return 1.0 - (1.0 - stopped) * (1.0 - found)


def _stake(world: World, cost: np.ndarray) -> np.ndarray:
    """Loss of a traveller stopped on each leg, PKR: the mean cost of passage of the routes that use it."""
    used = world.route_legs >= 0
    of_route = np.where(used, cost[world.route_legs], 0.0).sum(axis=1)
    legs = world.route_legs[used]
    total = np.bincount(legs, np.repeat(of_route, used.sum(axis=1)), cost.size)
    return total / np.maximum(np.bincount(legs, minlength=cost.size), 1)


def _press(world: World, odds: np.ndarray) -> None:
    """Set the pressure of bribes at each post: the odds of a stop there relative to effort and flow 1."""
    guards, posts = world[PostsState].guards, world[PostsState].posts
    weight = np.bincount(guards.post, guards.effort, posts.staff.size)
    mean = np.bincount(guards.post, guards.effort * odds[guards.leg], posts.staff.size) / np.maximum(weight, 1e-12)
    posts.pressure[:] = np.where(weight > 0.0, mean, 1.0)


HIGHEST_ODDS = 0.95
"""However much history adds to the odds of a leg, some get through."""
