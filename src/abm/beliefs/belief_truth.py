"""The truth, in a month, about the things that people hold beliefs about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.beliefs.belief_state import BeliefsParams, BeliefState, Truth
from abm.beliefs.kernels.beliefs import (
    CHANCES,
    DEATH,
    FAILURE,
    MOST_CHANCE,
    PAPERS,
    SANCTION,
    TOPICS,
    WAGE,
    papers_chances,
    within,
)
from abm.declare.state import Held, State, kept
from abm.enforcement import sanction_risk
from abm.market import MarketOutcomes
from abm.routes import LegsState
from abm.routes.kernels.contract import odds_of_attempts
from abm.society import EconomyState
from abm.world.codes import HIDDEN, IRREGULAR, WORKER

if TYPE_CHECKING:
    from abm.world.state import World

LARGEST_PAY_RATIO = 20.0
"""Largest believed pay abroad, relative to reported pay."""


class TruthState(State):
    """Traffic that weights the routes, and people abroad who weight the destinations."""

    traffic: Held[np.ndarray] = kept(
        unit="person a month",
        text="Departures from the country, fading mean.",
        over=("route",),
        start=lambda world: _opening_traffic(world),
    )
    abroad: Held[np.ndarray] = kept(
        unit="person",
        text="Persons abroad, fading mean.",
        over=("destination",),
        start=lambda world: _persons_abroad(world),
    )


def truth_of(world: World) -> Truth:
    """Gather the truth at current odds."""
    arrival, fatal = np.zeros((2, len(world.route_facts)))
    odds_of_attempts(world.route_legs, world.route_length, world[LegsState].month, arrival, fatal)
    papers, without = np.zeros(len(world.destinations)), world.stock.sum(axis=0)
    papers_chances(world[DiasporaState].papers_rate, without, world.params(BeliefsParams).papers_horizon, papers)
    pays = np.array([destination.pays for destination in world.destinations])
    without[-1] = 0  # the city in Pakistan
    irregular = (without[:, IRREGULAR] + without[:, HIDDEN]).astype(np.float64)
    traffic, present = world[TruthState].traffic, world[TruthState].abroad
    known = Truth(
        1.0 - arrival, fatal, papers, pays, _shares(traffic, traffic.size), _shares(irregular, irregular.size - 1),
        _shares(present, present.size - 1),
        world[EconomyState].dollar, np.zeros(0),
    )  # fmt: skip
    return known._replace(reference=reference_of(known, known, sanction_risk(world)))


def reference_of(values: Truth, weights: Truth, sanction: float) -> np.ndarray:
    """Values of the reference journey by topic: means over routes, those without papers, and those abroad."""
    found = np.zeros(len(TOPICS))
    found[DEATH] = (values.fatal * weights.traffic).sum()
    found[FAILURE] = (values.failure * weights.traffic).sum()
    found[PAPERS] = (values.papers * weights.irregular).sum()
    found[WAGE] = (values.pays[:, WORKER] * weights.present).sum()
    found[SANCTION] = sanction
    return found


def held_against(truth: Truth, state: BeliefState) -> np.ndarray:
    """Values by topic that ratios are held against: the truth; of papers and pay what is reported of destinations.

    Pay is reported in dollars, and everybody knows what a dollar buys at home.
    """
    found: np.ndarray = truth.reference.copy()
    found[PAPERS] = (state.reported_papers * truth.irregular).sum()
    found[WAGE] = (state.reported_pays[:, WORKER] * truth.present).sum() * truth.dollar / state.truth.dollar
    return found


def drift_of(before: Truth, now: Truth) -> np.ndarray:
    """Factor by topic that keeps beliefs where they were while the truth moves, at today's weights.

    Those of papers and pay are not held against the truth, and stay.
    """
    past = reference_of(before, now, float(before.reference[SANCTION]))
    factor = np.ones(len(TOPICS))
    for k in CHANCES:
        if k != PAPERS:
            factor[k] = within(past[k]) / within(now.reference[k])
    return factor


def largest_ratios(truth: Truth) -> np.ndarray:
    """Largest ratio of perceived to true value by topic."""
    found = np.full(len(TOPICS), LARGEST_PAY_RATIO)
    for k in CHANCES:
        found[k] = MOST_CHANCE / within(truth.reference[k])
    return found


def remember_weights(world: World) -> None:
    """Average the departures by route and, over longer, the persons abroad by destination.

    So pay abroad is not held to rise when a slump sends home those of the places where it is low.
    """
    abroad = world[TruthState].abroad
    abroad += (_persons_abroad(world) - abroad) / world.params(BeliefsParams).abroad_memory
    traffic = world[TruthState].traffic
    left = world.figures.get(MarketOutcomes.departures, np.zeros(traffic.size)) / world.share_abroad
    traffic += (np.where(world.route_from_home, left, 0.0) - traffic) / world.params(BeliefsParams).traffic_memory


def _persons_abroad(world: World) -> np.ndarray:
    """Persons now abroad by destination, nobody in the city in Pakistan."""
    persons = world.stock.sum(axis=0).sum(axis=1).astype(np.float64)
    persons[-1] = 0.0
    return persons


def _opening_traffic(world: World) -> np.ndarray:
    """Departures a month on each route from home before the start, whole country.

    The reference flow of the narrowest leg, shared among the routes from home that use it.
    """
    flow = world.leg_table.flow
    home = world.route_from_home
    used = world.route_legs[home]
    users = np.bincount(used[used >= 0], minlength=flow.size)
    share = np.append(flow / np.maximum(users, 1), np.inf)  # the last entry is for -1
    return np.where(home, share[world.route_legs].min(axis=1), 0.0)


def _shares(weight: np.ndarray, places: int) -> np.ndarray:
    """Weights that sum to 1; equal over the first `places` if there is nobody yet."""
    total = weight.sum()
    return weight / total if total > 0 else (np.arange(weight.size) < places) / places
