"""Rationing, payment and departure of cohorts."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined, kernel
from abm.engine.random import binomial, mix, uniform
from abm.society.kernels.livelihood import means_of, spare_savings
from abm.world.codes import FREE_OF_BOND, MONEY_LIMIT

_FIRST_GROUP = 1_000
"""Draws of groups come after those of destinations."""


@inlined
def sum_of(persons: np.ndarray) -> int:
    """Sum of an array; what Numba has for it takes long to compile, and loads SciPy."""
    total = 0
    for k in range(persons.size):
        total += persons[k]
    return total


@kernel
def ration_by_lot(persons: np.ndarray, places: float, start: float, admitted: np.ndarray) -> None:
    """Admit as many persons as there are places, by systematic sampling from a random start.

    Parameters
    ----------
    persons, places
        Persons of each cohort, and places for all of them; all are admitted if there are enough.
    start
        Uniform draw in [0, 1).
    admitted
        Output: persons of each cohort admitted; their sum is `places` within one person.
    """
    total = sum_of(persons)
    if total <= places:
        admitted[:] = persons
        return
    share = max(places, 0.0) / total
    position = 0
    before = int(np.floor(start))
    for k in range(persons.size):
        position += persons[k]
        after = int(np.floor(share * position + start))
        admitted[k] = after - before
        before = after


@kernel
def ration_along_ties(persons, district, vouched, direct, promoted, nearness, kin, start, admitted, fared) -> float:
    """Admit applicants to places that their district's migrants know of, then to those of promoters.

    Parameters
    ----------
    persons, district, vouched
        Persons and home district of each cohort, and the share of them with a member abroad to vouch for them.
    direct, promoted
        Places by district for those vouched for, those used are taken off; places of promoters.
    nearness, kin
        By district: how well promoters reach it. They take each applicant with a chance in proportion to it, and to
        `kin` for those vouched for against 1 for others.
    start
        Uniform draw in [0, 1).
    admitted
        Output: persons of each cohort admitted, by systematic sampling.
    fared
        Output: persons expected to be admitted, of those not vouched for and those vouched for, by district.

    Returns
    -------
    float
        Places of promoters left, not below zero.
    """
    asking, left = np.zeros(direct.size), np.zeros(direct.size)
    for k in range(persons.size):
        asking[district[k]] += persons[k] * vouched[k]
    position, before = 0.0, np.int64(np.floor(start))
    for k in range(persons.size):
        d = district[k]
        if asking[d] > 0.0:
            placed = persons[k] * vouched[k] * min(direct[d] / asking[d], 1.0)
            position += placed
            fared[1, d] += placed
        after = np.int64(np.floor(position + start))
        admitted[k] = min(after - before, persons[k])
        before = after
        left[d] += (persons[k] - admitted[k]) * (1.0 + (kin - 1.0) * vouched[k])
    for d in range(direct.size):
        direct[d] = max(direct[d] - asking[d], 0.0)
    chance = chance_at_promoters(left, promoted, nearness)
    position, before = 0.0, np.int64(np.floor(start))
    for k in range(persons.size):
        waiting, d = persons[k] - admitted[k], district[k]
        placed = waiting * min(chance * nearness[d] * (1.0 + (kin - 1.0) * vouched[k]), 1.0)
        position += placed
        helped = placed * kin * vouched[k] / (1.0 + (kin - 1.0) * vouched[k])
        fared[0, d] += placed - helped
        fared[1, d] += helped
        after = np.int64(np.floor(position + start))
        taken = min(after - before, waiting)
        before = after
        admitted[k] += taken
        promoted -= taken
    return max(promoted, 0.0)


@kernel
def ration_each_along_ties(order, rows, persons, district, vouched, direct, promoted, nearness, kin, key, asked, fared):
    """Admit the applicants of each destination to its places, as `ration_along_ties` does, and take the places off.

    Parameters
    ----------
    order, rows
        Cohorts in order of destination, and the destination of each.
    persons, district, vouched, nearness, kin
        As there; `persons` are set to those admitted.
    direct, promoted, fared
        As there, by destination.
    key
        Key of the stream.
    asked
        Output: persons who ask, laid out as those who `fared`.
    """
    for k in order:
        asked[rows[k], 0, district[k]] += persons[k] * (1.0 - vouched[k])
        asked[rows[k], 1, district[k]] += persons[k] * vouched[k]
    first = 0
    while first < order.size:
        row, last = rows[order[first]], first
        while last < order.size and rows[order[last]] == row:
            last += 1
        mine = order[first:last]
        asking, start = persons[mine], uniform(key, row)
        admitted = np.zeros_like(asking)
        promoted[row] = ration_along_ties(
            asking, district[mine], vouched[mine], direct[row], promoted[row], nearness, kin, start, admitted,
            fared[row],
        )  # fmt: skip
        persons[mine] = admitted
        first = last


@inlined
def chance_at_promoters(left: np.ndarray, promoted: float, nearness: np.ndarray) -> float:
    """Chance of an applicant at nearness 1, so that places and admissions agree; as many as ask, if there is room.

    `left` are applicants by district, weighted.
    """
    low, high = 0.0, 1e6
    for _ in range(60):
        chance = 0.5 * (low + high)
        taken = 0.0
        for d in range(left.size):
            taken += left[d] * min(chance * nearness[d], 1.0)
        if taken > promoted:
            high = chance
        else:
            low = chance
    return low


@kernel
def ration_by_group(order: np.ndarray, group: np.ndarray, persons: np.ndarray, unused: np.ndarray, key: int) -> None:
    """Ration each group of cohorts by its own places, as `ration_by_lot` does; takes the places off.

    Parameters
    ----------
    order, group
        Cohorts in order of group, and the group of each cohort.
    persons, unused
        Persons of each cohort, set to those admitted; places by group, not below zero afterwards.
    key
        Key of the stream.
    """
    first = 0
    while first < order.size:
        code = group[order[first]]
        last = first
        while last < order.size and group[order[last]] == code:
            last += 1
        asking = persons[order[first:last]]
        admitted = np.empty_like(asking)
        ration_by_lot(asking, unused[code], uniform(key, _FIRST_GROUP + code), admitted)
        persons[order[first:last]] = admitted
        unused[code] = max(unused[code] - sum_of(admitted), 0.0)
        first = last


@kernel
def serve_by_lot(rows: np.ndarray, persons: np.ndarray, places: float, key: int, lot: int, served: np.ndarray) -> float:
    """Serve whole cohorts in an order drawn by lot, as long as a place is left.

    Parameters
    ----------
    rows, persons
        Household and persons of each cohort.
    places
        Places left. The last cohort served may take more than are left; it then owes them to those who come later.
    key, lot
        Key of the stream, and number of the lot: a household has another draw in each.
    served
        Output: 1 for the cohorts served.

    Returns
    -------
    float
        Places left afterwards, below zero if owed.
    """
    own_key = mix(np.uint64(key) ^ np.uint64(lot))
    draws = np.empty(rows.size)
    for k in range(rows.size):
        draws[k] = uniform(own_key, rows[k])
    for k in np.argsort(draws, kind="mergesort"):
        served[k] = 1 if places > 0.0 else 0
        places -= served[k] * persons[k]
    return places


@kernel
def keep_unrefused(persons: np.ndarray, refusal: np.ndarray, key: int, entity: np.ndarray) -> None:
    """Draw refusals; `persons` keeps those not refused."""
    for k in range(persons.size):
        persons[k] -= binomial(persons[k], refusal[k], key, entity[k])


@inlined
def free_to_leave(row, persons, weight, households) -> int:
    """How many of so many persons are at home, in all households that the row stands for, and not bonded."""
    if households.bond[row] != FREE_OF_BOND:
        return 0
    at_home = np.int64(households.workers[row]) * weight - np.int64(households.away[row])
    return max(min(np.int64(persons), at_home), 0)


@inlined
def pay_and_leave(row, due, number, rate, households):
    """Take the PKR due from savings above the buffer, then from credit, and let persons leave; returns the loan."""
    own = min(due, np.int64(spare_savings(row, rate, households)))
    loan = due - own
    households.assets[row] -= np.int32(own)
    households.debt[row] += np.int32(loan)
    households.away[row] += np.uint16(number)
    return loan


@driver
def depart(first_row, last_row, rows, persons, fees, districts, district_month, households, fee_paid, borrowed):
    """Pay and leave, from savings above the buffer, then on credit.

    Those who cannot pay, are bonded or have nobody left stay. No more of a cohort leave than are at home: of the
    households that a row stands for some have nobody left, and do not keep the others back.

    Parameters
    ----------
    first_row, last_row
        Range of households, the last one excluded; cohorts of others are left alone.
    rows, persons, fees, districts
        Household, persons (set to those who leave), fee a person (PKR) and district of each cohort.
    district_month, households
        Month's values and columns; savings, debt and members away change.
    fee_paid, borrowed
        Output: PKR paid and borrowed, by cohort, for all households that the row stands for.
    """
    for k in range(rows.size):
        row = rows[k]
        if row < first_row or row >= last_row:
            continue
        fee_paid[k] = 0
        borrowed[k] = 0
        rate = district_month[districts[k]]
        weight = np.int64(rate.weight)
        persons[k] = free_to_leave(row, persons[k], weight, households)
        if persons[k] == 0 or means_of(row, rate, households) < fees[k]:
            persons[k] = 0
            continue
        fee = np.int64(fees[k] * persons[k] / weight)
        fee_paid[k] = fee * weight
        borrowed[k] = pay_and_leave(row, fee, persons[k], rate, households) * weight


@kernel
def serve_in_order(offices, persons, unused, served):
    """Give the places of each office to its clients in the order in which they joined.

    Parameters
    ----------
    offices, persons
        Office and persons of each client cohort, first come first; -1 for those who go alone and wait for nobody.
    unused
        Places by office; those used are taken off.
    served
        Output: persons of each cohort who can leave now.
    """
    for k in range(persons.size):
        if offices[k] < 0:
            served[k] = persons[k]
            continue
        number = min(np.int64(persons[k]), np.int64(np.floor(unused[offices[k]])))
        served[k] = number
        unused[offices[k]] -= number


@kernel
def set_off(rows, persons, dues, districts, district_month, households, paid, borrowed):
    """Let clients pay what is due and leave, as far as they still can, are not bonded and have somebody to send.

    Unlike in `depart` only what is due from the household must be there: that it can raise the whole fee was seen when
    the client joined the queue, and a weighted row pays for few of its households at a time. `dues` is PKR due of a
    person; all else as in `depart`.
    """
    for k in range(rows.size):
        paid[k] = 0
        borrowed[k] = 0
        row = rows[k]
        rate = district_month[districts[k]]
        weight = np.int64(rate.weight)
        persons[k] = free_to_leave(row, persons[k], weight, households)
        due = np.int64(dues[k] * persons[k] / weight)
        if persons[k] == 0 or means_of(row, rate, households) < due:
            persons[k] = 0
            continue
        paid[k] = due * weight
        borrowed[k] = pay_and_leave(row, due, persons[k], rate, households) * weight


@kernel
def charge(rows, amounts, districts, district_month, households, on_credit, paid, borrowed):
    """Take money from households: savings first, then, if `on_credit`, loans as far as lenders give them.

    Parameters
    ----------
    rows, amounts, districts
        Household, PKR asked of all the households that it stands for, and district, by case.
    district_month, households
        Month's values and columns; savings and debt change.
    on_credit
        Whether the household borrows what its savings do not cover.
    paid, borrowed
        Output: PKR paid and borrowed, a multiple of the households that the row stands for.
    """
    for k in range(rows.size):
        row = rows[k]
        rate = district_month[districts[k]]
        weight = np.int64(rate.weight)
        asked = amounts[k] // weight
        own = min(asked, np.int64(households.assets[row]))
        loan = np.int64(0)
        if on_credit and own < asked:
            able = means_of(row, rate, households) - spare_savings(row, rate, households)
            loan = min(asked - own, np.int64(max(able, 0.0)))
        households.assets[row] -= np.int32(own)
        households.debt[row] += np.int32(loan)
        paid[k] = (own + loan) * weight
        borrowed[k] = loan * weight


@kernel
def refund(rows, amounts, weights, households, paid):
    """Give money back to households; what does not divide among those that a row stands for stays with the payer.

    Parameters
    ----------
    rows, amounts, weights
        Household, PKR due to it, and households that the row stands for, by case.
    households, paid
        Columns, whose savings change, up to `MONEY_LIMIT`; output: PKR paid, by case.
    """
    for k in range(rows.size):
        room = np.int64(MONEY_LIMIT) - np.int64(households.assets[rows[k]])
        each = min(amounts[k] // weights[k], max(room, 0))
        households.assets[rows[k]] += np.int32(each)
        paid[k] = each * weights[k]


@kernel
def means_of_rows(rows, districts, district_month, households, means):
    """Fill the PKR that each household can raise, see `abm.departure.kernels.choice.means_of`."""
    for k in range(rows.size):
        means[k] = means_of(rows[k], district_month[districts[k]], households)
