"""Enforcement as people see it: officers at posts, removals from destinations, and raids at home.

What is new is noticed at once and overrated, what stops is remembered for a while. Offices perceive investigators in
the same way, see `abm.enforcement.enforcement`; their alarm is heard of by others in the district.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.beliefs.belief_state import BeliefsParams
from abm.beliefs.kernels.beliefs import FAILURE, LEAST_CHANCE, MOST_CHANCE
from abm.engine.elementwise import exp, log
from abm.engine.portable import power
from abm.places.drivers import HOME_COUNTRY
from abm.routes import LegsState
from abm.routes.kernels.contract import odds_of_attempts
from abm.world.kernels.notice import notice

if TYPE_CHECKING:
    from abm.beliefs.belief_state import BeliefState
    from abm.world.state import World

UNSEEN = 0.05
"""Officers, relative to the reference of a leg, that nobody notices. Source: assumed."""

LEAST_REMOVALS = 1e-6
"""Removals a person and month that nobody notices. Source: assumed."""


def see_enforcement(world: World, state: BeliefState) -> None:
    """See the officers at home and the removals abroad of the month, before anybody chooses."""
    see_officers(world, state)
    see_removals(world, state)


def see_officers(world: World, state: BeliefState) -> None:
    """Let beliefs about each route jump by officers newly seen on its legs in Pakistan, almost at face value.

    What they really stop is learned as ever, and the jump fades like other talk. Who guards the legs abroad is seen by
    nobody at home.
    """
    params, legs, now = world.params(BeliefsParams), world[LegsState].month, world[LegsState].effort
    if not state.effort.size:
        state.effort = now.copy()
    rise = np.empty(now.size)
    notice(now, UNSEEN, 0.0, power(0.5, 1.0 / params.half_life), state.effort, rise)
    # where nobody is ever stopped, officers are no news
    noticed = (rise > 0.0) & (world.leg_table.country == HOME_COUNTRY) & (legs.interception > 0.0)
    if not noticed.any():
        return
    odds = exp(params.sight * rise)
    usual = np.clip(legs.interception, LEAST_CHANCE, MOST_CHANCE)
    odds *= usual / (1.0 - usual)
    feared = legs._replace(interception=np.where(noticed, odds / (1.0 + odds), legs.interception))
    arrival, believed, fatal = np.zeros((3, len(world.route_facts)))
    odds_of_attempts(world.route_legs, world.route_length, legs, arrival, fatal)
    odds_of_attempts(world.route_legs, world.route_length, feared, believed, fatal)
    jump = _log_odds_of(1.0 - believed) - _log_odds_of(1.0 - arrival)
    limit = params.salience_limit
    state.rumour[:, FAILURE] = np.clip(state.rumour[:, FAILURE] + jump, -limit, limit)


def _log_odds_of(chances: np.ndarray) -> np.ndarray:
    """Log odds of probabilities, as `abm.beliefs.kernels.beliefs.log_odds`."""
    kept = np.clip(chances, LEAST_CHANCE, MOST_CHANCE)
    return log(kept / (1.0 - kept))


def see_removals(world: World, state: BeliefState) -> None:
    """Let the perceived rates of removal overrate a rise, and come back to what happens.

    Those sent home tell, and the news reports raids: the country knows by destination.
    """
    params, rate = world.params(BeliefsParams), world[DiasporaState].removal_rate
    kept = power(0.5, 1.0 / params.half_life)
    overrating, perceived = params.removal_overrating, state.removal.reshape(-1)
    notice(rate.ravel(), LEAST_REMOVALS, overrating, kept, perceived, np.empty(rate.size))


def removals_feared(world: World, state: BeliefState) -> np.ndarray:
    """Believed probability of removal a month, by destination and status: perceived and true rate, mixed."""
    rate = world[DiasporaState].removal_rate
    return rate + world.params(BeliefsParams).removal_perceived * (state.removal - rate)
