"""Who tries again after having been sent home, and which way."""

from __future__ import annotations

import numpy as np

from abm.departure.kernels.choice import (
    TOGETHER,
    fill_up,
    look_at,
    look_at_means_alone,
    weigh_options,
    weighing_space,
)  # fmt: skip
from abm.engine.compiled import driver, inlined
from abm.engine.portable import exponential, exponential_inlined
from abm.engine.random import binomial, members_of, mix, none_succeeds, parties_of, uniform
from abm.places.options import DOMESTIC_MOVE
from abm.society.kernels.livelihood import means_of
from abm.world.codes import MOST_TIES, NEWS_FAILED
from abm.world.kernels.members_away import MIGRANTS_IN_DEBT, share_in_debt

MOST_DEBT = 2.0
"""Years of pay; more debt drives nobody out faster."""

PUT_BACK = 256
"""Those put back draw apart from the rest of their cohort: its number is raised by so much."""

_SOME = 1024
"""Cohorts looked at together: their draws stay in the nearest cache."""


def work_for(cohorts: int, districts: int, options: int) -> tuple:
    """Work space: row, members at home, order, draw and probability of each cohort; `weighing_space`."""
    whole, real = np.empty((2, cohorts), np.int64), np.empty((2, cohorts))
    order = np.empty(cohorts + districts + 1, np.int64)
    return *whole, order, *real, weighing_space(options)


@driver
def draw_repeats(
    returnees, count, terms, t, district_month, households, attraction, options, key, debt_key, work, tries, came,
    by_district,
):  # fmt: skip
    """Draw how many of each cohort try again this month, and which way they take.

    Those sent home from the way go on with an irregular one. Those deported choose among all ways abroad.

    Nobody is left in a cohort that came home too long ago, or in one all of whom try again.

    Parameters
    ----------
    returnees, count, t
        Columns, changed in place, and rows in use; month of the run: those who came home in it rest for the month.
    terms
        `abm.choice.repeat.Drive`.
    district_month, households, attraction, options
        As of `abm.departure.kernels.choice.choose_ways`.
    key, debt_key
        Key of the month, and one that never changes.
    work
        See `work_for`.
    tries, came
        Output, room for every cohort: columns `abm.market.Seekers` of those who try again, the route an option; and
        month, office, kind, status and number of their cohort: when and how they came home, and whether in debt.
    by_district
        Output, shape (3, 2, districts): persons who try again and those who stay; of them the deported; of these, of
        households in debt.

    Returns
    -------
    tuple of int
        Rows of `returnees` that are empty now, and of `tries` filled.

    References
    ----------
    Schuster and Majidi (2013) on debt and shame after deportation.
    """
    candidate, at_home, order, draws, chance, space = work
    # the way has a draw of its own: those who try have a high one for that, which would send them the last ways
    first_part, way_key = mix(np.uint64(key)), mix(np.uint64(key) + np.uint64(2))
    party = district_month.party
    found = list_candidates(returnees, count, party, terms, t, key, first_part, draws, candidate)
    fill_chances(returnees, candidate[:found], terms, t, district_month, households, debt_key, chance)
    found = keep_those_who_try(returnees, candidate[:found], party, draws, chance)
    means = draws
    fill_means(returnees, candidate[:found], district_month, households, means, at_home)
    trying = draw_persons(returnees, candidate[:found], party, key, chance, means, at_home)
    ways = tries.route[:trying]
    draw_ways(returnees, candidate, means, way_key, district_month, households, options, attraction, ways, order, space)
    number = 0
    for n in range(trying):
        k, again = candidate[n], at_home[n]
        if ways[n] < 0:
            continue
        is_loyal = uniform(mix(np.uint64(key) + np.uint64(1)), entity_of(returnees, k)) < terms.loyalty
        tries.row[number] = returnees.row[k]
        tries.district[number] = returnees.district[k]
        tries.persons[number] = again
        tries.route[number] = ways[n]
        tries.office[number] = returnees.office[k] if is_loyal else -1
        came[0, number], came[1, number] = returnees.since[k], returnees.office[k]
        came[2, number], came[3, number] = returnees.kind[k], returnees.status[k]
        came[4, number] = returnees.piece[k]
        came[5, number] = debt_of(returnees, k, district_month, households, debt_key) > 0.0
        number += 1
        count_in(returnees, k, again, district_month, households, debt_key, by_district[:, 0])
        returnees.persons[k] -= again
    left = by_district[:, 1]
    return forget_old(returnees, count, t - terms.window, district_month, households, debt_key, left), number


@inlined
def draw_persons(returnees, candidate, party, key, chance, means, at_home) -> int:
    """Draw how many persons of each candidate try, at most those at home; keep those of whom somebody does.

    Returns how many; `at_home` holds the persons then.
    """
    trying = 0
    for n in range(candidate.size):
        k = candidate[n]
        entity, parties = entity_of(returnees, k), parties_in(returnees, k, party)
        acting = 1 if parties == 1 else binomial(parties, chance[n], key, entity)
        again = members_of(acting, np.int64(returnees.persons[k]), party[returnees.district[k]], key, entity)
        again = min(again, max(at_home[n], 0))
        candidate[trying], means[trying], at_home[trying] = k, means[n], again
        trying += np.int64(again > 0)
    return trying


@inlined
def debt_of(returnees, k, district_month, households, key) -> float:
    """Debt of the household of a cohort, PKR: of a weighted row some of the households owe what all of it does."""
    row, rate = returnees.row[k], district_month[returnees.district[k]]
    debt = np.float64(households.debt[row])
    if debt <= 0.0:
        return 0.0
    pay = np.float32(households.workers[row] * households.wage[row] * rate.wage_index)
    share = np.float64(share_in_debt(debt, pay, np.float32(1.0 / rate.weight)))
    entity = entity_of(returnees, k) & ((PUT_BACK << 44) - 1)  # those put back stay in debt
    return debt / share if uniform(key, entity) < MIGRANTS_IN_DEBT * share else 0.0


@inlined
def count_in(returnees, k, persons, district_month, households, debt_key, into) -> None:
    """Add persons of a cohort by district: to all, to the deported, and to those of them whose household is in debt."""
    district = returnees.district[k]
    into[0, district] += persons
    if persons > 0 and is_deported(returnees, k):
        into[1, district] += persons
        if debt_of(returnees, k, district_month, households, debt_key) > 0.0:
            into[2, district] += persons


@inlined
def is_deported(returnees, k: int) -> bool:
    """Whether a cohort was deported from a destination, and not sent home from the way."""
    return returnees.kind[k] != NEWS_FAILED


@inlined
def parties_in(returnees, k: int, party) -> int:
    """Parties that a cohort forms; `party` is the binary logarithm of the persons in one, by district."""
    return parties_of(np.int64(returnees.persons[k]), party[returnees.district[k]])


@inlined
def entity_of(returnees, k: int) -> int:
    """Identity of a cohort in the draws of the month."""
    piece = np.int64(returnees.piece[k]) * 16 + np.int64(returnees.kind[k])
    return returnees.row[k] * 512 + np.int64(returnees.since[k]) + (piece << 40)


@inlined
def list_candidates(returnees, count, party, terms, t, key, first_part, draws, candidate) -> int:
    """List the cohorts that may try again, and their draws; those settle most, without a look at the household."""
    most = exponential(max(terms.debt, 0.0) * MOST_DEBT + max(terms.ties, 0.0) * MOST_TIES)
    found = 0
    for first in range(0, count, _SOME):
        last = min(first + _SOME, count)
        drawn = draws[found : found + last - first]
        for n in range(drawn.size):  # a loop of its own, which fills vector registers
            k = first + n
            drawn[n] = uniform(key if parties_in(returnees, k, party) == 1 else first_part, entity_of(returnees, k))
        for n in range(drawn.size):
            k = first + n
            since, draw = np.int64(returnees.since[k]), drawn[n]
            candidate[found], draws[found] = k, draw
            recent = (since < t) & (since > t - terms.window)
            highest = most * hazard_of(returnees, k, terms, t) if recent else 0.0
            found += np.int64(recent & (not none_succeeds(parties_in(returnees, k, party), highest, draw)))
    return found


@inlined
def hazard_of(returnees, k: int, terms, t: int) -> float:
    """Monthly chance of a person of a cohort without debt or ties, by how and how long ago they came home."""
    return terms.hazard[1 if is_deported(returnees, k) else 0, t - np.int64(returnees.since[k])]


@inlined
def keep_those_who_try(returnees, candidate, party, draws, chance) -> int:
    """Keep the candidates, and their chances, of whom the draw shows that somebody tries; returns how many."""
    found = 0
    for n in range(candidate.size):
        k, likely, draw = candidate[n], chance[n], draws[n]
        candidate[found], chance[found] = k, likely
        found += np.int64(not none_succeeds(parties_in(returnees, k, party), likely, draw))
    return found


@inlined
def fill_chances(returnees, candidate, terms, t, district_month, households, debt_key, chance) -> None:
    """Fill the probability that a person of each candidate tries again."""
    for n in range(candidate.size):  # a loop of its own: households are read ahead of their turn
        k = candidate[n]
        row = returnees.row[k]
        wages = households.wage[row] * np.float64(households.workers[row])
        pay = max(12.0 * wages * district_month[returnees.district[k]].wage_index, 1.0)
        drive = terms.debt * min(debt_of(returnees, k, district_month, households, debt_key) / pay, MOST_DEBT)
        drive += terms.ties * min(np.int64(households.ties[row]), MOST_TIES) - terms.sanction * returnees.status[k]
        chance[n] = drive
    for n in range(candidate.size):
        chance[n] = hazard_of(returnees, candidate[n], terms, t) * exponential_inlined(chance[n])


@inlined
def fill_means(returnees, candidate, district_month, households, means, at_home) -> None:
    """Fill what the household of each candidate can raise, and how many of its members are at home."""
    for n in range(candidate.size):  # a loop of its own, as above
        row, rate = returnees.row[candidate[n]], district_month[returnees.district[candidate[n]]]
        means[n] = means_of(row, rate, households)
        at_home[n] = np.int64(households.workers[row]) * np.int64(rate.weight) - np.int64(households.away[row])


@inlined
def draw_ways(
    returnees, candidate, means, key, district_month, households, options, attraction, ways, order, space
) -> None:
    """Draw the way of each cohort that tries, among those that it can pay for, into `ways`; -1 if there is none.

    The deported choose among all ways abroad, as in the first choice; those sent home from the way among routes, by
    their attraction and cost alone. Those of a district are weighed side by side.
    """
    ends, districts = order[ways.size :], district_month.size
    for d in range(districts + 1):
        ends[d] = 0
    for n in range(ways.size):
        ends[returnees.district[candidate[n]] + 1] += 1
    for d in range(districts):
        ends[d + 1] += ends[d]
    for n in range(ways.size):
        d = returnees.district[candidate[n]]
        order[ends[d]] = n
        ends[d] += 1  # it ends as the place after the last
    first = 0
    for d in range(districts):
        while first < ends[d]:
            last = min(first + TOGETHER, ends[d])
            for m in range(first, last):
                n = order[m]
                if is_deported(returnees, candidate[n]):
                    row = returnees.row[candidate[n]]
                    look_at(m - first, row, district_month[d], households, options, space.felt)
                else:
                    look_at_means_alone(m - first, means[n], space.felt)
            weigh_options(fill_up(last - first, space.felt), d, district_month[d], options, attraction, space)
            for m in range(first, last):
                k = candidate[order[m]]
                draw = uniform(key, entity_of(returnees, k))
                if is_deported(returnees, k):
                    ways[order[m]] = draw_abroad(m - first, options, draw, space)
                else:
                    ways[order[m]] = draw_route(m - first, options, draw, space)
            first = last


@inlined
def draw_route(j, options, draw, space) -> int:
    """Draw one of the irregular ways weighed for household `j`, by `draw` in [0, 1); -1 if there is none."""
    first, last = options.first_route, min(options.last_route, options.in_use)
    total = 0.0
    for o in range(first, last):
        total += space.option[o, j]
    left, way = draw * total, -1
    for o in range(first, last):
        if space.option[o, j] > 0.0:
            way = o
            left -= space.option[o, j]
            if left < 0.0:
                break
    return way


@inlined
def draw_abroad(j, options, draw, space) -> int:
    """Draw one of the ways abroad weighed for household `j`; -1 if there is none."""
    total = 0.0
    for n in range(options.nest_count):
        total += space.nest[n, j] if n != DOMESTIC_MOVE else 0.0
    if total <= 0.0:
        return -1
    left, way = draw * total, -1
    for o in range(options.in_use):
        n = options.nest[o]
        if n != DOMESTIC_MOVE and space.option[o, j] > 0.0:
            way = o
            left -= space.nest[n, j] * space.option[o, j] / space.in_nest[n, j]
            if left < 0.0:
                break
    return way


@inlined
def forget_old(returnees, count, expired, district_month, households, debt_key, left) -> int:
    """Forget those who came up to `expired`, and add the persons left up by district into `left`; see `count_in`.

    Returns how many rows are empty.
    """
    empty = 0
    for k in range(count):
        if returnees.since[k] <= expired:
            returnees.persons[k] = 0
        count_in(returnees, k, np.int64(returnees.persons[k]), district_month, households, debt_key, left)
        empty += np.int64(returnees.persons[k] == 0)
    return empty
