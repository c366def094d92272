"""Who tries again after having been sent home, and which way."""

from __future__ import annotations

import numpy as np

from abm.departure.kernels.choice import CLOSED, DEAREST, IMPOSSIBLE, group_routes
from abm.engine.compiled import kernel
from abm.engine.portable import exponential, exponential_inlined
from abm.engine.random import binomial, mix, surely_none, uniform
from abm.society.kernels.livelihood import means_of
from abm.world.codes import MOST_TIES

MOST_DEBT = 2.0
"""Years of pay; more debt drives nobody out faster."""


@kernel
def draw_repeats(returnees, count, terms, t, district_month, households, attraction, options, key, again, way, loyal):
    """Draw how many of each cohort try again this month, and which of the irregular ways they take.

    Parameters
    ----------
    returnees, count, t
        Columns and rows in use; month of the run: those who came home in it rest for the month.
    terms
        `abm.choice.repeat.Drive`.
    district_month, households, attraction, options
        As of `abm.departure.kernels.choice.choose_option`.
    key
        Key of the month.
    again, way, loyal
        Output by cohort: persons who try again, option that they take, and whether with the office of before.

    References
    ----------
    Schuster and Majidi (2013) on debt and shame after deportation.
    """
    chances = np.zeros((2, options.nest.size))
    first_part = mix(np.uint64(key))
    highest = terms.hazard * exponential(max(terms.debt, 0.0) * MOST_DEBT + max(terms.ties, 0.0) * MOST_TIES)
    for k in range(count):
        again[k] = 0
        row = returnees.row[k]
        district = returnees.district[k]
        rate = district_month[district]
        if returnees.since[k] >= t:
            continue
        weight = np.int64(rate.weight)
        entity = row * 512 + np.int64(returnees.since[k])
        # few try again: most are told by the draw alone, before anything is known of the household
        persons = np.int64(returnees.persons[k])
        if surely_none(persons, highest, key, first_part, entity):
            continue
        pay = max(12.0 * households.wage[row] * rate.wage_index, 1.0)
        drive = terms.debt * min(households.debt[row] / pay, MOST_DEBT)
        drive += terms.ties * min(np.int64(households.ties[row]), MOST_TIES) - terms.sanction * returnees.status[k]
        at_home = np.int64(households.workers[row]) * weight - np.int64(households.away[row])
        number = binomial(persons, terms.hazard * exponential(drive), key, entity)
        number = min(number, max(at_home, 0))
        if number == 0:
            continue
        means = means_of(row, rate, households)
        for o in range(options.first_route, options.last_route):
            cost = options.cost_weight[o] * min(options.cost[district, o] / max(means, 1.0), DEAREST)
            is_open = attraction[district, o] > CLOSED and options.entry[district, o] <= means
            chances[0, o] = (attraction[district, o] - cost) / options.spread[o] if is_open else IMPOSSIBLE
        for o in range(options.first_route, options.last_route):  # a loop of its own fills vector registers
            pull = exponential_inlined(chances[0, o])
            chances[0, o] = pull if chances[0, o] > IMPOSSIBLE else 0.0
        group_routes(chances, 1, options)
        total = 0.0
        for o in range(options.first_route, options.last_route):
            total += chances[0, o]
        if total <= 0.0:
            continue
        draw = uniform(mix(np.uint64(key)), entity) * total
        way[k] = options.first_route
        for o in range(options.first_route, options.last_route):
            if chances[0, o] > 0.0:
                way[k] = o
                draw -= chances[0, o]
                if draw < 0.0:
                    break
        again[k] = number
        loyal[k] = 1 if uniform(mix(np.uint64(key) + np.uint64(1)), entity) < terms.loyalty else 0
