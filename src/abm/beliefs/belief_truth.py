"""The truth, in a month, about the things that people hold beliefs about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.beliefs.belief_state import BeliefsParams, Truth
from abm.beliefs.kernels.beliefs import CHANCES, DEATH, FAILURE, MOST_CHANCE, PAPERS, SANCTION, TOPICS, WAGE, within
from abm.declare.state import Held, State, kept
from abm.enforcement import sanction_risk
from abm.engine.portable import power
from abm.market import MarketOutcomes
from abm.routes import LegsState
from abm.routes.kernels.contract import odds_of_attempts
from abm.world.codes import HIDDEN, IRREGULAR

if TYPE_CHECKING:
    from abm.world.state import World

LARGEST_PAY_RATIO = 20.0
"""Largest believed pay abroad, relative to true pay."""


class TruthState(State):
    """Traffic that weights the routes."""

    traffic: Held[np.ndarray] = kept(
        unit="person a month",
        text="Departures from the country, fading mean.",
        over=("route",),
        start=lambda world: _opening_traffic(world),
    )


def truth_of(world: World) -> Truth:
    """Gather the truth at current odds."""
    arrival, fatal = np.zeros((2, len(world.route_facts)))
    odds_of_attempts(world.route_legs, world.route_length, world[LegsState].month, arrival, fatal)
    horizon = world.params(BeliefsParams).papers_horizon
    rate = mean_papers_rate(world)
    papers = np.array([1.0 - power(1.0 - min(float(hazard), 1.0), horizon) if hazard > 0 else 0.0 for hazard in rate])
    pay = np.array([destination.pay for destination in world.destinations])
    abroad = world.stock[:, :-1].sum(axis=0)
    irregular = np.append(abroad[:, IRREGULAR] + abroad[:, HIDDEN], 0).astype(np.float64)
    present = np.append(abroad.sum(axis=1), 0).astype(np.float64)
    traffic = world[TruthState].traffic
    known = Truth(
        1.0 - arrival, fatal, papers, pay, _shares(traffic), _shares(irregular), _shares(present), np.zeros(0)
    )
    return known._replace(reference=reference_of(known, known, sanction_risk(world)))


def mean_papers_rate(world: World) -> np.ndarray:
    """Monthly probability of regularisation by destination: mean over those without papers.

    That of the open sector if there are none yet.
    """
    rate, without = world[DiasporaState].papers_rate, world.stock.sum(axis=0)
    given = without[:, IRREGULAR] * rate[:, IRREGULAR] + without[:, HIDDEN] * rate[:, HIDDEN]
    present = without[:, IRREGULAR] + without[:, HIDDEN]
    return np.where(present > 0, given / np.maximum(present, 1), rate[:, IRREGULAR])


def reference_of(values: Truth, weights: Truth, sanction: float) -> np.ndarray:
    """Values of the reference journey by topic: means over routes, those without papers, and those abroad."""
    found = np.zeros(len(TOPICS))
    found[DEATH] = (values.fatal * weights.traffic).sum()
    found[FAILURE] = (values.failure * weights.traffic).sum()
    found[PAPERS] = (values.papers * weights.irregular).sum()
    found[WAGE] = (values.pay * weights.present).sum()
    found[SANCTION] = sanction
    return found


def drift_of(before: Truth, now: Truth) -> np.ndarray:
    """Factor by topic that keeps beliefs where they were while the truth moves, at today's weights."""
    past = reference_of(before, now, float(before.reference[SANCTION]))
    factor = np.ones(len(TOPICS))
    for k in CHANCES:
        factor[k] = within(past[k]) / within(now.reference[k])
    factor[WAGE] = past[WAGE] / now.reference[WAGE]
    return factor


def largest_ratios(truth: Truth) -> np.ndarray:
    """Largest ratio of perceived to true value by topic."""
    found = np.full(len(TOPICS), LARGEST_PAY_RATIO)
    for k in CHANCES:
        found[k] = MOST_CHANCE / within(truth.reference[k])
    return found


def remember_traffic(world: World) -> None:
    """Average the departures by route."""
    traffic = world[TruthState].traffic
    left = world.figures.get(MarketOutcomes.departures, np.zeros(traffic.size)) / world.region_share
    home = np.array([not route.onward for route in world.route_facts])
    traffic += (np.where(home, left, 0.0) - traffic) / world.params(BeliefsParams).traffic_memory


def _opening_traffic(world: World) -> np.ndarray:
    """Departures a month on each route from home before the start, whole country.

    The reference flow of the narrowest leg, shared among the routes from home that use it.
    """
    flow = np.array([leg.flow for leg in world.leg_facts])
    home = np.array([not route.onward for route in world.route_facts])
    used = world.route_legs[home]
    users = np.bincount(used[used >= 0], minlength=flow.size)
    share = np.append(flow / np.maximum(users, 1), np.inf)  # the last entry is for -1
    return np.where(home, share[world.route_legs].min(axis=1), 0.0)


def _shares(weight: np.ndarray) -> np.ndarray:
    """Weights that sum to 1; equal if there is nobody yet."""
    total = weight.sum()
    return weight / total if total > 0 else np.full(weight.size, 1.0 / weight.size)
