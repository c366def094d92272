"""Odds of being stopped on the legs; effort and honesty of those who guard them."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel, making
from abm.routes.kernels.journey import interception_probability


@kernel
def fill_odds(usual, watch, saturation, capacity, effort, flow, odds) -> None:
    """Fill `interception_probability` of each leg."""
    for k in range(odds.size):
        odds[k] = interception_probability(usual[k], watch[k], saturation, capacity, effort[k], flow[k])


@kernel
def deploy(guards, staff, dose, pool_share, movable, by_leg) -> None:
    """Deploy officers; what policy adds wears off with fatigue.

    Parameters
    ----------
    guards, staff
        Columns, of which ``effort`` changes; officers by post.
    dose
        Factor that policy asks for, by pair of post and leg.
    pool_share, movable
        Share of the officers of posts in the national pool who move; officers of the pool.
    by_leg
        Output: officers by leg.
    """
    by_leg[:] = 0.0
    for g in range(dose.size):
        officers = staff[guards.post[g]] * guards.share[g]
        if guards.first_pool[g] > 0.0:
            officers = (1.0 - pool_share) * officers + movable * guards.pool[g]
        wanted = 1.0 + (dose[g] - 1.0) * (1.0 - guards.fatigue[g]) if dose[g] > 1.0 else dose[g]
        guards.effort[g] = officers * wanted
        by_leg[guards.leg[g]] += guards.effort[g]


@making
def fill_corruption(guards, posts, share) -> None:
    """Fill the share of the officers on each leg who let travellers pass for a bribe."""
    officers = np.zeros(share.size)
    share[:] = 0.0
    for g in range(guards.leg.size):
        post, leg = guards.post[g], guards.leg[g]
        share[leg] += guards.effort[g] * (posts.corrupt[post] * (1.0 - posts.caution[post]))
        officers[leg] += guards.effort[g]
    for leg in range(share.size):
        share[leg] /= max(officers[leg], 1e-12)


@making
def press_posts(guards, odds, pressure) -> None:
    """Set the pressure of bribes at each post: the mean of `odds` by leg, by effort; 1 where there is none."""
    effort = np.zeros(pressure.size)
    pressure[:] = 0.0
    for g in range(guards.leg.size):
        pressure[guards.post[g]] += guards.effort[g] * odds[guards.leg[g]]
        effort[guards.post[g]] += guards.effort[g]
    for post in range(pressure.size):
        pressure[post] = pressure[post] / max(effort[post], 1e-12) if effort[post] > 0.0 else 1.0
