"""What one attempt costs and how it ends, and what a contract with several is worth."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import inlined, kernel, slicing
from abm.engine.portable import logarithm
from abm.world.codes import FORGING_ALONE, FORGING_UNSKILLED, MOST_STOPPED

Way = namedtuple("Way", ["passage", "bribes", "documents"])
"""Sums over the legs of each route: PKR of passage and of bribes, and documents that one person needs."""

Rates = namedtuple("Rates", ["passage", "bribes", "documents"])
"""What the way costs with somebody: multiples of passage and bribes, and PKR of one document."""


@kernel
def sum_legs(paths, values):
    """Sum values of legs along each path; paths list legs, -1 beyond the end."""
    found = np.zeros(paths.shape[0])
    for r in range(paths.shape[0]):
        for k in range(paths.shape[1]):
            if paths[r, k] >= 0:
                found[r] += values[paths[r, k]]
    return found


@inlined
def office_rates(quality_cost, quality, price, forgery):
    """Rates of an office: passage rises with the square of its quality, and documents fall with its skill in forging.

    The better the guides, the dearer are still better ones.
    """
    return Rates(1.0 + quality_cost * (quality * quality - 0.25), 1.0, price * (FORGING_UNSKILLED - forgery))


@inlined
def boat_cost(worth, boats):
    """PKR of an attempt for boats and waiting for weather beyond the usual; `worth` is what usual ones must be worth.

    The cost is quadratic, and such that usual boats, 1/2, cost at the margin what they are worth there.
    """
    return worth * (boats * boats - 0.25)


@inlined
def alone_rates(alone_cost, price):
    """Rates of those who go alone, and buy everything singly."""
    return Rates(alone_cost, alone_cost, price * FORGING_ALONE)


@inlined
def attempt_cost(passage, bribes, documents, rates):
    """PKR of passage, bribes and documents of one person's attempt, from those of the way (`Way`) and `Rates`."""
    return passage * rates.passage, bribes * rates.bribes, documents * rates.documents


@inlined
def odds_of_attempt(route_legs, length, route, legs, care, interception_factor, death_factor):
    """Fates of one attempt on a route: probabilities of arrival and of death, and months of the way.

    Parameters
    ----------
    route_legs, length, route
        Legs of the routes, how many each has, and which route.
    legs
        ``interception``, ``death`` and ``months`` by leg.
    care, interception_factor, death_factor
        Multiple of interception and death that an office's quality brings; further multiples, for who travels alone.
    """
    alive, death, months = 1.0, 0.0, 0.0
    for k in range(length[route]):
        leg = route_legs[route, k]
        here = min(legs.death[leg] * care * death_factor, 1.0)
        death += alive * here
        alive *= (1.0 - here) * (1.0 - min(legs.interception[leg] * care * interception_factor, MOST_STOPPED))
        months += legs.months[leg]
    return alive, death, months


@kernel
def odds_of_attempts(route_legs, length, legs, arrival, death):
    """Probabilities of arrival and death of one attempt on every route with an office of usual care, into the last two.

    The others are as in `odds_of_attempt`.
    """
    for r in range(length.size):
        arrival[r], death[r], _ = odds_of_attempt(route_legs, length, r, legs, 1.0, 1.0, 1.0)


@inlined
def odds_of_contract(arrival, death, attempts):
    """Probabilities of arrival and of death within a contract of several attempts, and attempts used on average.

    Those who are stopped try again; `arrival` and `death` are those of one attempt, of which there is at least 1.
    """
    stopped = max(1.0 - arrival - death, 0.0)
    used, again = 0.0, 1.0
    for _ in range(attempts):
        used += again
        again *= stopped
    return arrival * used, death * used, used


@slicing
def contracts_by_care(route_legs, length, legs, quality_effect, attempts, success, log_success, used, death, months):
    """Fates of the contracts of all routes, by steps of an office's care.

    Offices differ in care only, so that a table of steps spares working out every route for every office.

    Parameters
    ----------
    route_legs, length, legs
        As in `odds_of_attempt`.
    quality_effect, attempts
        Odds of the least careful above those of the most careful; attempts included, by payment scheme.
    success, log_success, used, death
        Output, shape (routes, steps, schemes): chance of arrival, its logarithm, attempts used on average, and chance
        of death. The steps go from the least to the best quality; the middle one is the usual.
    months
        Output, by route: months of one attempt.
    """
    steps = success.shape[1]
    for r in range(length.size):
        for k in range(steps):
            care = 1.0 + quality_effect * (0.5 - k / (steps - 1))
            arrival, fatal, months[r] = odds_of_attempt(route_legs, length, r, legs, care, 1.0, 1.0)
            for s in range(attempts.size):
                success[r, k, s], death[r, k, s], used[r, k, s] = odds_of_contract(arrival, fatal, attempts[s])
                log_success[r, k, s] = logarithm(max(success[r, k, s], 1e-6))
