"""What a contract with several attempts is worth: chance of arrival, attempts used, deaths."""

from __future__ import annotations

from abm.engine.compiled import kernel
from abm.engine.portable import logarithm
from abm.world.codes import MOST_STOPPED


@kernel
def odds_of_attempt(route_legs, length, route, legs, care, interception_factor, death_factor):
    """Fates of one attempt on a route.

    Parameters
    ----------
    route_legs, length, route
        Legs of the routes, how many each has, and which route.
    legs
        ``interception``, ``death`` and ``months`` by leg.
    care
        Multiple of interception and death that an office's quality brings.
    interception_factor, death_factor
        Further multiples, for who travels alone.

    Returns
    -------
    tuple of float
        Probabilities of arrival and of death; months of the way.
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
    """Fates of one attempt on every route with an office of usual care.

    Parameters
    ----------
    route_legs, length, legs
        As in `odds_of_attempt`.
    arrival, death
        Output, by route: probabilities.
    """
    for r in range(length.size):
        arrival[r], death[r], _ = odds_of_attempt(route_legs, length, r, legs, 1.0, 1.0, 1.0)


@kernel
def odds_of_contract(arrival, death, attempts):
    """Fates of a contract that includes several attempts; who is stopped tries again.

    Parameters
    ----------
    arrival, death
        Probabilities of one attempt.
    attempts
        Attempts included, at least 1.

    Returns
    -------
    tuple of float
        Probabilities of arrival and of death within the contract, and attempts used on average.
    """
    stopped = max(1.0 - arrival - death, 0.0)
    used, again = 0.0, 1.0
    for _ in range(attempts):
        used += again
        again *= stopped
    return arrival * used, death * used, used


@kernel
def contracts_by_care(route_legs, length, legs, care_effect, attempts, success, log_success, used, death, months):
    """Fates of the contracts of all routes, by steps of an office's care.

    Offices differ in care only, so that a table of steps spares working out every route for every office.

    Parameters
    ----------
    route_legs, length, legs
        As in `odds_of_attempt`.
    care_effect
        Odds of the least careful above those of the most careful.
    attempts
        Attempts included, by payment scheme.
    success, log_success, used, death
        Output, shape (routes, steps, schemes): chance of arrival, its logarithm, attempts used on average, and chance
        of death. The steps go from the least to the best quality; the middle one is the usual.
    months
        Output, by route: months of one attempt.
    """
    steps = success.shape[1]
    for r in range(length.size):
        for k in range(steps):
            care = 1.0 + care_effect * (0.5 - k / (steps - 1))
            arrival, fatal, months[r] = odds_of_attempt(route_legs, length, r, legs, care, 1.0, 1.0)
            for s in range(attempts.size):
                success[r, k, s], death[r, k, s], used[r, k, s] = odds_of_contract(arrival, fatal, attempts[s])
                log_success[r, k, s] = logarithm(max(success[r, k, s], 1e-6))
