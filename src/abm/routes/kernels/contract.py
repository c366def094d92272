"""What one attempt costs and how it ends, and what a contract with several is worth."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import driver, inlined, kernel, making
from abm.engine.portable import logarithm
from abm.world.codes import FORGING_ALONE, FORGING_UNSKILLED, MOST_STOPPED

Way = namedtuple("Way", ["passage", "bribes", "documents"])
"""What an attempt takes on each route: PKR of passage and of bribes, and documents that one person needs."""

Rates = namedtuple("Rates", ["passage", "bribes", "documents"])
"""What the way costs with somebody: multiples of passage and bribes, and PKR of one document."""


MOST_ATTEMPTS = 6
"""Upper bound of the attempts of one contract."""


def room_for_contracts(route_legs: np.ndarray) -> np.ndarray:
    """Work space of `odds_of_contract`."""
    return np.zeros((1 + MOST_ATTEMPTS, 3, route_legs.shape[1] + 1))


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
def chance_of_stop(usual, factor):
    """Chance of being stopped on a leg where it is `usual`, and its odds are multiplied by `factor`.

    On odds no care opens a border that is shut, as it would on chances.
    """
    return min(usual * factor / (1.0 - usual + usual * factor), MOST_STOPPED)


@making
def expected_ahead(paths, legs, values):
    """Sum values over the legs that an attempt is expected to begin, from each leg of its path on; (paths, legs).

    Those who die or are stopped on a leg begin none after it; the odds are those of usual care. Paths list legs, -1
    beyond the end, and `legs` has ``interception`` and ``death`` by leg.
    """
    found = np.zeros(paths.shape)
    for r in range(paths.shape[0]):
        ahead = 0.0
        for k in range(paths.shape[1] - 1, -1, -1):
            leg = paths[r, k]
            if leg >= 0:
                passes = (1.0 - min(legs.death[leg], 1.0)) * (1.0 - chance_of_stop(legs.interception[leg], 1.0))
                ahead = values[leg] + passes * ahead
                found[r, k] = ahead
    return found


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
        Multiple of the odds of interception, and of the chance of death, that an office's quality brings; further ones,
        for those who travel alone.
    """
    alive, death, months = 1.0, 0.0, 0.0
    for k in range(length[route]):
        leg = route_legs[route, k]
        here = min(legs.death[leg] * care * death_factor, 1.0)
        death += alive * here
        alive *= (1.0 - here) * (1.0 - chance_of_stop(legs.interception[leg], care * interception_factor))
        months += legs.months[leg]
    return alive, death, months


@inlined
def fatality(arrival, death):
    """Share of the dead among those whose journeys ended there or on the way, as migrants and the media count.

    Those who were stopped and gave up are not in it, so that more officers do not make a way look safer.
    """
    return death / max(arrival + death, 1e-12)


@kernel
def odds_of_attempts(route_legs, length, legs, arrival, death):
    """Probabilities of arrival and death of one attempt on every route with an office of usual care, into the last two.

    The others are as in `odds_of_attempt`.
    """
    for r in range(length.size):
        arrival[r], death[r], _ = odds_of_attempt(route_legs, length, r, legs, 1.0, 1.0, 1.0)


@inlined
def odds_of_contract(route_legs, length, route, legs, again, rest, care, attempts, ahead):
    """Probabilities of arrival and of death within a contract of several attempts, and what these cost.

    Legs are paid for as they are begun, see `expected_ahead`. Those who are stopped try again from where they are sent
    back to.

    Parameters
    ----------
    route_legs, length, route, legs, care
        As in `odds_of_attempt`.
    again, rest
        By route and leg: position from which those stopped there try again, -1 if they do not, and cost of an attempt
        from the leg on, relative to one from the start.
    attempts
        At least 1.
    ahead
        Work space, (1 + `MOST_ATTEMPTS`, 3, legs of the longest route and one more): what is ahead of those at each leg
        by attempts left; so of contracts of fewer attempts too. The first layer holds the odds of each leg.

    Returns
    -------
    tuple of float
        Probabilities of arrival and death; cost of all attempts, relative to that of the first.
    """
    last = length[route]
    for k in range(last):
        leg = route_legs[route, k]
        dies = min(legs.death[leg] * care, 1.0)
        ahead[0, 0, k], ahead[0, 1, k] = dies, (1.0 - dies) * chance_of_stop(legs.interception[leg], care)
    for left in range(1, attempts + 1):
        ahead[left, 0, last], ahead[left, 1, last], ahead[left, 2, last] = 1.0, 0.0, 0.0
        for k in range(last - 1, -1, -1):
            dies, stopped, back = ahead[0, 0, k], ahead[0, 1, k], again[route, k]
            for fate in range(3):
                ahead[left, fate, k] = (1.0 - dies - stopped) * ahead[left, fate, k + 1]
                if left > 1 and back >= 0:
                    ahead[left, fate, k] += stopped * ahead[left - 1, fate, back]
            ahead[left, 1, k] += dies
            ahead[left, 2, k] += stopped * rest[route, back] if left > 1 and back >= 0 else 0.0
    return ahead[attempts, 0, 0], ahead[attempts, 1, 0], 1.0 + ahead[attempts, 2, 0]


@driver
def cost_of_attempts(route_legs, length, legs, again, rest, attempts, ahead, cost):
    """Fill the cost of all attempts of a contract with an office of usual care, relative to the first, by route.

    The others are as in `odds_of_contract`.
    """
    for r in range(length.size):
        _, _, cost[r] = odds_of_contract(route_legs, length, r, legs, again, rest, 1.0, attempts, ahead)


@driver
def contracts_by_care(
    route_legs, length, legs, again, rest, quality_effect, attempts, ahead, success, log_success, used, death, months,
):  # fmt: skip
    """Fates of the contracts of all routes, by steps of an office's care.

    Offices differ in care only, so that a table of steps spares working out every route for every office.

    Parameters
    ----------
    route_legs, length, legs, again, rest, ahead
        As in `odds_of_contract`.
    quality_effect, attempts
        Odds of the least careful above those of the most careful; attempts included, by payment scheme.
    success, log_success, used, death
        Output, shape (routes, steps, schemes): chance of arrival, its logarithm, cost of all attempts relative to the
        first, and `fatality`. The steps go from the least to the best quality; the middle one is the usual.
    months
        Output, by route: months of one attempt.
    """
    steps, most = success.shape[1], 0
    for s in range(attempts.size):
        most = max(most, attempts[s])
    for r in range(length.size):
        months[r] = 0.0
        for k in range(length[r]):
            months[r] += legs.months[route_legs[r, k]]
        for k in range(steps):
            care = 1.0 + quality_effect * (0.5 - k / (steps - 1))
            odds_of_contract(route_legs, length, r, legs, again, rest, care, most, ahead)
            for s in range(attempts.size):
                fates = ahead[attempts[s]]
                success[r, k, s], used[r, k, s] = fates[0, 0], 1.0 + fates[2, 0]
                death[r, k, s] = fatality(fates[0, 0], fates[1, 0])
                log_success[r, k, s] = logarithm(max(success[r, k, s], 1e-6))
