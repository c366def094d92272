"""Who tries again after having been sent home, and which way."""

from __future__ import annotations

import numpy as np

from abm.departure.kernels.choice import CLOSED, DEAREST, IMPOSSIBLE, group_routes
from abm.engine.compiled import inlined, slicing
from abm.engine.portable import exponential, exponential_inlined
from abm.engine.random import few_of, mix, surely_none, uniform
from abm.society.kernels.livelihood import means_of
from abm.world.codes import MOST_TIES

MOST_DEBT = 2.0
"""Years of pay; more debt drives nobody out faster."""


@slicing
def draw_repeats(
    returnees, count, terms, t, district_month, households, attraction, options, key, work, tries, by_district
):
    """Draw how many of each cohort try again this month, and which of the irregular ways they take.

    Nobody is left in a cohort that came home too long ago, or in one all of whom try again: its row is removed.

    Parameters
    ----------
    returnees, count, t
        Columns, changed in place, and rows in use; month of the run: those who came home in it rest for the month.
    terms
        `abm.choice.repeat.Drive`.
    district_month, households, attraction, options
        As of `abm.departure.kernels.choice.choose_option`.
    key
        Key of the month.
    work
        Work space: row and probability of each cohort that may try again, and a pair of numbers by option.
    tries
        Output, room for every cohort: columns `abm.market.Seekers` of those who try again; the route is an option.
    by_district
        Output, shape (2, districts): persons who try again, and those who stay.

    Returns
    -------
    tuple of int
        Rows of `returnees` in use from now on, and of `tries` filled.

    References
    ----------
    Schuster and Majidi (2013) on debt and shame after deportation.
    """
    candidate, chance, weights = work
    first_part = mix(np.uint64(key))
    found = list_candidates(returnees, count, terms, t, key, first_part, candidate)
    fill_chances(returnees, candidate[:found], terms, district_month, households, chance)
    number = 0
    for n in range(found):
        k = candidate[n]
        row, district = returnees.row[k], np.int64(returnees.district[k])
        entity = entity_of(returnees, k)
        again = few_of(np.int64(returnees.persons[k]), chance[n], key, first_part, entity)
        if again == 0:
            continue
        rate = district_month[district]
        at_home = np.int64(households.workers[row]) * np.int64(rate.weight) - np.int64(households.away[row])
        again = min(again, max(at_home, 0))
        if again == 0:
            continue
        way = draw_way(row, district, rate, households, attraction, options, uniform(first_part, entity), weights)
        if way < 0:
            continue
        is_loyal = uniform(mix(np.uint64(key) + np.uint64(1)), entity) < terms.loyalty
        tries.row[number] = row
        tries.district[number] = district
        tries.persons[number] = again
        tries.route[number] = way
        tries.office[number] = returnees.office[k] if is_loyal else -1
        number += 1
        by_district[0, district] += again
        returnees.persons[k] -= again
    return keep_recent(returnees, count, t - terms.window, by_district[1]), number


@inlined
def entity_of(returnees, k: int) -> int:
    """Identity of a cohort in the draws of the month."""
    return returnees.row[k] * 512 + np.int64(returnees.since[k])


@inlined
def list_candidates(returnees, count, terms, t, key, first_part, candidate) -> int:
    """List the cohorts that may try again; most are told by the draw alone, without a look at the household."""
    highest = terms.hazard * exponential(max(terms.debt, 0.0) * MOST_DEBT + max(terms.ties, 0.0) * MOST_TIES)
    found = 0
    for k in range(count):
        since = np.int64(returnees.since[k])
        none = surely_none(np.int64(returnees.persons[k]), highest, key, first_part, entity_of(returnees, k))
        candidate[found] = k
        found += np.int64((not none) & (since < t) & (since > t - terms.window))
    return found


@inlined
def fill_chances(returnees, candidate, terms, district_month, households, chance) -> None:
    """Fill the probability that a person of each candidate tries again."""
    for n in range(candidate.size):  # a loop of its own: households are read ahead of their turn
        k = candidate[n]
        row = returnees.row[k]
        pay = max(12.0 * households.wage[row] * district_month[returnees.district[k]].wage_index, 1.0)
        drive = terms.debt * min(households.debt[row] / pay, MOST_DEBT)
        drive += terms.ties * min(np.int64(households.ties[row]), MOST_TIES) - terms.sanction * returnees.status[k]
        chance[n] = terms.hazard * exponential_inlined(drive)


@inlined
def draw_way(row, district, rate, households, attraction, options, draw, weights) -> int:
    """Draw one of the irregular ways that a household can pay for, by `draw` in [0, 1); -1 if there is none."""
    means = means_of(row, rate, households)
    first, last = options.first_route, options.last_route
    # slices begin at 0, which loops that fill vector registers need
    pull, weight, spread = weights[0, first:last], options.cost_weight[first:last], options.spread[first:last]
    cost, entry = options.cost[district, first:last], options.entry[district, first:last]
    attracted = attraction[district, first:last]
    for o in range(pull.size):
        dear = weight[o] * min(cost[o] / max(means, 1.0), DEAREST)
        is_open = (attracted[o] > CLOSED) & (entry[o] <= means)
        pull[o] = (attracted[o] - dear) / spread[o] if is_open else IMPOSSIBLE
    for o in range(pull.size):
        power = exponential_inlined(pull[o])
        pull[o] = power if pull[o] > IMPOSSIBLE else 0.0
    group_routes(weights, 1, options)
    total = 0.0
    for o in range(pull.size):
        total += pull[o]
    if total <= 0.0:
        return -1
    left, way = draw * total, first
    for o in range(pull.size):
        if pull[o] > 0.0:
            way = first + o
            left -= pull[o]
            if left < 0.0:
                break
    return way


@inlined
def keep_recent(returnees, count, expired, left) -> int:
    """Keep the rows of those at home who came after `expired`; add their persons up by district into `left`."""
    kept = 0
    for k in range(count):
        if returnees.since[k] > expired and returnees.persons[k] > 0:
            returnees.row[kept] = returnees.row[k]
            returnees.persons[kept] = returnees.persons[k]
            returnees.district[kept] = returnees.district[k]
            returnees.since[kept] = returnees.since[k]
            returnees.office[kept] = returnees.office[k]
            returnees.kind[kept] = returnees.kind[k]
            returnees.status[kept] = returnees.status[k]
            left[returnees.district[k]] += returnees.persons[k]
            kept += 1
    return kept
