"""Rationing, payment and departure of cohorts."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called_making, driver, inlined, kernel, making
from abm.engine.portable import power_inlined
from abm.engine.random import binomial, mix, uniform
from abm.society.kernels.livelihood import means_of, spare_savings
from abm.society.kernels.village_quarter import abroad_of
from abm.world.codes import FREE_OF_BOND, MONEY_LIMIT

_FIRST_GROUP = 1_000
"""Draws of groups come after those of destinations."""


@inlined
def _kin_left(persons: int, vouched: float, admitted: int) -> float:
    """Persons of a cohort vouched for who have no direct place: all those admitted to one are vouched for."""
    return max(persons * vouched - admitted, 0.0)


@called_making
def ration_along_ties(persons, district, vouched, direct, promoted, nearness, kin, start, admitted, fared) -> float:
    """Admit applicants to places that their district's migrants know of, then to those of promoters.

    By cohort: persons, home district, and the share with a member abroad to vouch for them. `direct` are places by
    district for those vouched for (those used are taken off), `promoted` those of promoters, who take an applicant with
    a chance in proportion to the `nearness` of the district, and to `kin` for those vouched for against 1 for others.
    `start` is a uniform draw in [0, 1). Output: persons of each cohort admitted, by systematic sampling; persons
    expected to be admitted, of those not vouched for and those vouched for, by district (`fared`). Returns places of
    promoters left, below zero if part of a place is owed.
    """
    asking, alone, kindred = np.zeros(direct.size), np.zeros(direct.size), np.zeros(direct.size)
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
        kin_left = _kin_left(persons[k], vouched[k], admitted[k])
        alone[d] += persons[k] - admitted[k] - kin_left
        kindred[d] += kin_left
    for d in range(direct.size):
        direct[d] = max(direct[d] - asking[d], 0.0)
    chance = chance_at_promoters(alone, kindred, promoted, nearness, kin)
    position, before = 0.0, np.int64(np.floor(start))
    for k in range(persons.size):
        waiting, d = persons[k] - admitted[k], district[k]
        kin_left = _kin_left(persons[k], vouched[k], admitted[k])
        unaided = (waiting - kin_left) * min(chance * nearness[d], 1.0)
        helped = kin_left * min(chance * nearness[d] * kin, 1.0)
        position += unaided + helped
        fared[0, d] += unaided
        fared[1, d] += helped
        after = np.int64(np.floor(position + start))
        taken = min(after - before, waiting)
        before = after
        admitted[k] += taken
        promoted -= taken
    return promoted


@making
def ration_each_along_ties(order, rows, persons, district, vouched, direct, promoted, nearness, kin, key, asked, fared):
    """Admit the applicants of each destination to its places, as `ration_along_ties` does, and take the places off.

    `order` are cohorts in order of destination, `rows` the destination of each. `persons` are set to those admitted.
    `direct`, `promoted` and `fared` are by destination; so is the output `asked`, persons who ask, laid out as `fared`.
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
        for k in range(mine.size):
            persons[mine[k]] = admitted[k]
        first = last


@inlined
def chance_at_promoters(alone, kindred, promoted: float, nearness: np.ndarray, kin: float) -> float:
    """Chance of an applicant at nearness 1, so that places and admissions agree; as many as ask, if there is room.

    By district: applicants whom nobody vouches for (`alone`), and those with `kin` times the chance (`kindred`).
    """
    low, high = 0.0, 1e6
    for _ in range(60):
        chance = 0.5 * (low + high)
        taken = 0.0
        for d in range(alone.size):
            taken += alone[d] * min(chance * nearness[d], 1.0) + kindred[d] * min(chance * nearness[d] * kin, 1.0)
        if taken > promoted:
            high = chance
        else:
            low = chance
    return low


@kernel
def ration_by_group(
    order: np.ndarray, group: np.ndarray, persons: np.ndarray, unused: np.ndarray, key: int
) -> None:  # fmt: skip
    """Ration each group of cohorts by its own places, all if there are enough, by systematic sampling.

    `order` are cohorts in order of `group`. `persons` are set to those admitted, within one of the places of their
    group, and taken off `unused`, places by group: part of a place that one had too many is owed.
    """
    first = 0
    while first < order.size:
        code, last = group[order[first]], first
        total = 0
        while last < order.size and group[order[last]] == code:
            total += persons[order[last]]
            last += 1
        share = min(max(unused[code], 0.0) / max(total, 1), 1.0)
        start, position, before = uniform(key, _FIRST_GROUP + code), 0, 0
        for k in order[first:last]:
            position += persons[k]
            after = int(np.floor(share * position + start))
            persons[k] = after - before
            unused[code] -= persons[k]
            before = after
        first = last


@making
def serve_by_lot(rows: np.ndarray, persons: np.ndarray, places: float, key: int, lot: int, served: np.ndarray) -> float:
    """Serve whole cohorts in an order drawn by lot, as long as a place is left; returns the places left over.

    The last cohort served may take more than are left; places are then below zero, owed to those who come later. A
    household has another draw in each `lot`. Output: 1 for the cohorts served.
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
def pay_and_leave(k, rows, persons, fees, districts, district_month, households, able, paid, borrowed):
    """Let cohort `k` pay, from savings above the buffer, then on credit, and leave, as far as it can; see `depart`.

    `able` says whether a household must be able to raise the whole fee of a person, and not only what is due of it.
    """
    paid[k] = borrowed[k] = 0
    if persons[k] == 0:  # not admitted
        return
    row, rate = rows[k], district_month[districts[k]]
    weight = np.int64(rate.weight)
    persons[k] = free_to_leave(row, persons[k], weight, households)
    due = np.floor(fees[k] * persons[k] / weight)
    means, spare = means_of(row, rate, households), spare_savings(row, rate, households)
    if persons[k] == 0 or means < (fees[k] if able else due):
        persons[k] = 0
        return
    # those who leave have their own savings, and not those of the others of the row; lenders give what they can
    own = np.int64(min(due, spare, max(spare * persons[k] / weight, due - (means - spare))))
    loan = np.int64(due) - own
    households.assets[row] -= np.int32(own)
    households.debt[row] += np.int32(loan)
    households.away[row] += np.uint16(persons[k])
    paid[k], borrowed[k] = np.int64(due) * weight, loan * weight


@driver
def depart(first_row, last_row, rows, persons, fees, districts, district_month, households, fee_paid, borrowed):
    """Pay and leave, from savings above the buffer, then on credit.

    Those who cannot pay, are bonded or have nobody left stay. No more of a cohort leave than are at home: of the
    households that a row stands for some have nobody left, and do not keep the others back. Cohorts of households
    outside `first_row` to before `last_row` are left alone. `persons` are set to those who leave; `fees` are PKR a
    person. Output: PKR paid and borrowed, by cohort, for all households that the row stands for.
    """
    for k in range(rows.size):
        if first_row <= rows[k] < last_row:
            pay_and_leave(k, rows, persons, fees, districts, district_month, households, True, fee_paid, borrowed)


@kernel
def serve_in_order(offices, persons, unused, asked, served):
    """Give the places of each office to its clients in the order in which they joined.

    Cohorts with office -1 go alone and wait for nobody. `unused` are places by office; those used are taken off.
    `persons` are those ready to leave; they are added to those who `asked`, by office. Output: persons of each cohort
    who can leave now.
    """
    for k in range(persons.size):
        if offices[k] < 0:
            served[k] = persons[k]
            continue
        asked[offices[k]] += persons[k]
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
        pay_and_leave(k, rows, persons, dues, districts, district_month, households, False, paid, borrowed)


@driver
def vouch(first, last, rows, districts, options, households, weights, through_ties, gains, exponent, vouched):
    """Fill the share with a member abroad or under way, of cohorts of applicants `first` to before `last`.

    Of the households of a row, `weights` by district, these apply more often: `gains` of chance by district and option,
    raised as the utility of pay is. Nobody's member counts unless work is heard of `through_ties`.
    """
    for k in range(first, last):
        row, district = rows[k], districts[k]
        abroad = abroad_of(row, households)
        vouched[k] = 0.0
        if abroad > 0 and through_ties:
            share = min(abroad / weights[district], 1.0)
            weight = share * power_inlined(1.0 + gains[district, options[k]], exponent)
            vouched[k] = weight / (1.0 - share + weight)


@driver
def fill_room(first, last, rows, weights, households, waiting, room):
    """Fill how many persons of the households of each row may join a queue, of cohorts `first` to before `last`.

    They are at home, not bonded, and of households that do not wait: `waiting` of the `weights`, by cohort, that the
    row stands for do.
    """
    for k in range(first, last):
        room[k] = free_to_leave(rows[k], weights[k] - waiting[k], weights[k], households)


@driver
def charge(
    first_row, last_row, rows, amounts, persons, districts, district_month, households, on_credit, paid, borrowed
):
    """Take money from households: savings first, then, if `on_credit`, loans as far as lenders give them.

    Only the households from `first_row` to before `last_row` are charged. `amounts` are PKR asked of all `persons` of a
    cohort. Each is of a household of its own, as far as the row stands for so many: the others neither pay nor vouch.
    Output: PKR paid and borrowed, a multiple of the households that the row stands for.
    """
    for k in range(rows.size):
        row = rows[k]
        if row < first_row or row >= last_row:
            continue
        rate = district_month[districts[k]]
        weight = np.int64(rate.weight)
        asked, payers = amounts[k] // weight, min(np.int64(persons[k]), weight)
        own = min(asked, max(np.int64(households.assets[row]), 0) * payers // weight)
        loan = np.int64(0)
        if on_credit and own < asked:
            able = means_of(row, rate, households) - spare_savings(row, rate, households)
            loan = min(asked - own, np.int64(max(able, 0.0)) * payers // weight)
        households.assets[row] -= np.int32(own)
        households.debt[row] += np.int32(loan)
        paid[k] = (own + loan) * weight
        borrowed[k] = loan * weight


@kernel
def refund(rows, amounts, weights, households, paid):
    """Give money back to households; what does not divide among those that a row stands for stays with the payer.

    `amounts` are PKR, `weights` households that each row stands for. Savings grow up to `MONEY_LIMIT`. Output: PKR
    paid.
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
