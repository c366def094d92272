"""Journeys: cohorts advance along the legs of their route, and split where fates part."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called, driver, inlined, kernel
from abm.engine.portable import power
from abm.engine.random import few_of, mix, uniform
from abm.routes.kernels.contract import chance_of_stop
from abm.world.codes import ALONE, CREDIT
from abm.world.kernels.members_away import bury

ARRIVED, STOPPED, DIED = range(3)
"""Fate of a cohort that ends or is stopped."""

_WAITS, _HELD, _PASSES = range(3, 6)
"""Fate of one that goes on: still on its leg, held there, or on the next."""

JUST_HELD = 2
"""Flag of a cohort held since this month: its family is still to be asked for money."""


@kernel
def interception_probability(
    usual: float, watch: float, saturation: float, capacity: float, effort: float, relative_flow: float
) -> float:
    """Probability that a person meets an officer on a leg: 1 - (1 - usual)^(watch effort^saturation / crowd).

    Officers search at random: each finds a share of those whom the others miss. `usual` is the probability at
    effort 1 and the reference flow, `watch` what multiplies the search whatever the effort. Effort and flow are
    relative to the reference of the leg. Officers at effort 1 can deal with `capacity` times the reference flow. Among
    a larger crowd each traveller is looked for less; a smaller one leaves the odds as they are.

    References
    ----------
    Koopman (1956), "The theory of search II": the chance of detection under random search is one less the exponential
    of effort per area. A declining return to officers as in the economics of crime (Ehrlich 1973), and resources that
    swamped guards share out (Sah 1991).
    """
    if effort <= 0.0:
        return 0.0
    crowd = max(relative_flow / (capacity * effort), 1.0)
    return 1.0 - power(1.0 - usual, watch * power(effort, saturation) / crowd)


@driver
def wait_at_closed(journeys, count, route_legs, route_length, months, passable, key, entered):
    """Let cohorts wait for a month at the end of their leg where they cannot begin the next one.

    So do those who would begin another attempt at a leg; those who do are added to `entered`. `months` is what a leg
    takes, `passable` the share of days on which it can be begun, `key` that of the month; see `advance_journeys`.
    """
    for k in range(count):
        route, following = np.int64(journeys.route[k]), np.int64(journeys.leg[k]) + 1
        leg = route_legs[route, following - 1]
        if journeys.attempt[k] > 1 and journeys.held[k] == 0 and journeys.months_left[k] == months[leg] + 1:
            if passable[leg] < 1.0 and uniform(key, journeys.id[k]) >= passable[leg]:
                journeys.months_left[k] += 1
            else:
                entered[leg] += journeys.persons[k]
            continue
        if journeys.months_left[k] <= 1 and following < route_length[route]:
            open_share = passable[route_legs[route, following]]
            if open_share < 1.0 and uniform(key, journeys.id[k]) >= open_share:
                journeys.months_left[k] = 2


@called
def pick(column, rows, count, out):
    """Write the values of a column at the first `count` of these rows."""
    for k in range(count):
        out[k] = column[rows[k]]


@inlined
def pick_terms(journeys, rows, count, out):
    """Copy what all pieces of a cohort share, from these rows."""
    pick(journeys.id, rows, count, out.id)
    pick(journeys.row, rows, count, out.row)
    pick(journeys.district, rows, count, out.district)
    pick(journeys.route, rows, count, out.route)
    pick(journeys.months_gone, rows, count, out.months_gone)
    pick(journeys.started, rows, count, out.started)
    pick(journeys.attempt, rows, count, out.attempt)
    pick(journeys.attempts, rows, count, out.attempts)
    pick(journeys.office, rows, count, out.office)
    pick(journeys.office_key, rows, count, out.office_key)
    pick(journeys.scheme, rows, count, out.scheme)
    pick(journeys.fee, rows, count, out.fee)
    pick(journeys.origin, rows, count, out.origin)
    pick(journeys.experience, rows, count, out.experience)
    pick(journeys.wealth, rows, count, out.wealth)


@inlined
def part_with(journeys, k, persons, out, at):
    """Move `persons` of cohort `k`, with their part of its money, to row `at` of another table.

    Who is moved last takes what is left, to the rupee.
    """
    whole = np.int64(journeys.persons[k])
    paid, deposit, owed = journeys.paid[k], journeys.deposit[k], journeys.owed[k]
    if persons < whole:
        paid, deposit, owed = paid * persons // whole, deposit * persons // whole, owed * persons // whole
        journeys.persons[k] -= persons
        journeys.paid[k] -= paid
        journeys.deposit[k] -= deposit
        journeys.owed[k] -= owed
    out.persons[at], out.paid[at], out.deposit[at], out.owed[at] = persons, paid, deposit, owed


@inlined
def add_piece(pieces, found, row, persons, fate):
    """Add a piece of a cohort to the list if there is anybody in it; returns how many pieces there are."""
    pieces[found, 0], pieces[found, 1], pieces[found, 2] = row, persons, fate
    return found + 1 if persons > 0 else found


@called
def draw_fates(journeys, count, route_legs, route_length, legs, conduct, own, debt, keys, pieces):
    """Let a month pass and split the cohorts at the end of a leg by their fates; see `advance_journeys`.

    `pieces` is the output, (pieces, 3): row, persons and fate, in order of row; returns how many there are.
    """
    first_death, first_stop, first_held = mix(keys.death), mix(keys.interception), mix(keys.extortion)
    found = 0
    for k in range(count):
        journeys.months_left[k] -= 1
        journeys.months_gone[k] += 1
    for k in range(count):
        if journeys.months_left[k] > 0:
            pieces[found, 0], pieces[found, 1], pieces[found, 2] = k, journeys.persons[k], _WAITS
            found += 1
            continue
        route, place, left = np.int64(journeys.route[k]), np.int64(journeys.leg[k]), np.int64(journeys.persons[k])
        if journeys.held[k] == 0:
            leg = route_legs[route, place]
            entity = journeys.id[k] * 4096 + place * 64 + np.int64(journeys.attempt[k]) * 2
            scheme, office = journeys.scheme[k], np.int64(journeys.office[k])
            alone = scheme == ALONE
            own_care = 1.0 if office < 0 else conduct.care[office]
            vessel = 1.0 if office < 0 or not legs.by_sea[leg] else conduct.boats[office]
            chance = min(legs.death[leg] * own_care * vessel * (own.death if alone else 1.0), 1.0)
            died = few_of(left, chance, keys.death, first_death, entity)
            alone_factor = own.interception[journeys.district[k], route] if alone else 1.0
            chance = chance_of_stop(legs.interception[leg], own_care * alone_factor)
            stopped = few_of(left - died, chance, keys.interception, first_stop, entity)
            left -= died + stopped
            burden = own.extortion if alone else debt if scheme == CREDIT else 1.0
            burden *= 1.0 if office < 0 else conduct.exploit[office]
            chance = min(legs.extortion[leg] * burden, 1.0)
            held = few_of(left, chance, keys.extortion, first_held, entity)
            left -= held
            found = add_piece(pieces, found, k, died, DIED)
            found = add_piece(pieces, found, k, stopped, STOPPED)
            found = add_piece(pieces, found, k, held, _HELD)
        found = add_piece(pieces, found, k, left, ARRIVED if place + 1 == route_length[route] else _PASSES)
    return found


@driver
def advance_journeys(
    journeys, count, route_legs, route_length, legs, conduct, own, debt, keys, onward, ended, ends, by_leg, by_route,
    entered, pieces, sources,
):  # fmt: skip
    """Advance all cohorts by one month; at the end of a leg some die, some are stopped, some are held, the rest go on.

    Most cohorts only wait. So the fates are drawn first, and the columns are then copied one by one.

    Parameters
    ----------
    journeys, count
        Columns and how many are in use; used up.
    route_legs, route_length
        Rows of the legs of each route, shape (routes, legs of the longest), and how many it has.
    legs, conduct
        Month's values by leg, `abm.routes.legs.LegsMonth`; by office, ``care``, multiple of the odds of interception
        and death, ``boats``, that of the odds of death at sea, and ``exploit``, that of the odds of being held.
    own, debt
        Multiples for those travelling without an office: ``interception`` by district and route, ``death``,
        ``extortion``; ``ransom_months``.
        Multiple of the odds of being held for who owes the fee.
    keys
        ``death``, ``interception``, ``extortion``: keys of the month.
    onward, ended, ends
        Output, columns with room for 3 x `count` rows: cohorts under way after the month, and those that ended or were
        stopped, by fate (`ARRIVED`, `STOPPED`, `DIED`); where those of each fate end.
    by_leg, by_route, entered
        Added to: persons stopped, dead, held, and who came through (legs, 4); stopped and dead (routes, 2); persons who
        begin a leg.
    pieces, sources
        Work space for 4 x `count` pieces and one more: row, persons and fate; rows of those who go on and who end.

    Returns
    -------
    int
        Cohorts written to `onward`.
    """
    number = draw_fates(journeys, count, route_legs, route_length, legs, conduct, own, debt, keys, pieces)
    stay, end = sources[0], sources[1]
    ends[:] = 0
    for p in range(number):
        if pieces[p, 2] < DIED:  # those who arrived come before the stopped, and those before the dead
            ends[pieces[p, 2] + 1] += 1
    ends[DIED] += ends[STOPPED]
    kept = 0
    for p in range(number):
        k, persons, fate = pieces[p, 0], np.int64(pieces[p, 1]), pieces[p, 2]
        route, place = np.int64(journeys.route[k]), np.int64(journeys.leg[k])
        leg = route_legs[route, place]
        if fate <= DIED:
            part_with(journeys, k, persons, ended, ends[fate])
            end[ends[fate]] = k
            ended.held[ends[fate]] = fate
            ends[fate] += 1
            if fate == ARRIVED:
                by_leg[leg, 3] += persons
            else:
                by_leg[leg, fate - STOPPED] += persons
                by_route[route, fate - STOPPED] += persons
            continue
        part_with(journeys, k, persons, onward, kept)
        stay[kept] = k
        held, months = journeys.held[k], np.int64(journeys.months_left[k])
        if fate == _HELD:
            held, months = JUST_HELD, own.ransom_months
            by_leg[leg, 2] += persons
        elif fate == _PASSES:
            by_leg[leg, 3] += persons
            place += 1
            following = route_legs[route, place]
            held, months = 0, legs.months[following]
            entered[following] += persons
        onward.held[kept], onward.leg[kept], onward.months_left[kept] = held, place, months
        kept += 1
    pick_terms(journeys, stay, kept, onward)
    pick_terms(journeys, end, ends[DIED], ended)
    pick(journeys.leg, end, ends[DIED], ended.leg)
    pick(journeys.months_left, end, ends[DIED], ended.months_left)
    return kept


@driver
def count_under_way(journeys, count, under_way, held):
    """Add up the persons under way, and of these the held, by home district, into the last two."""
    under_way[:] = 0
    held[:] = 0
    for k in range(count):
        under_way[journeys.district[k]] += journeys.persons[k]
        if journeys.held[k] > 0:
            held[journeys.district[k]] += journeys.persons[k]


@kernel
def bury_all(rows, persons, weights, households):
    """Book the deaths of cohorts on the way; see `abm.world.kernels.members_away.bury`."""
    for k in range(rows.size):
        bury(rows[k], persons[k], weights[k], households)


@kernel
def come_home(rows, persons, weights, shame, key, entity, households):
    """Bring cohorts home from the way: they are members at home again, experienced, and ashamed.

    Parameters
    ----------
    rows, persons, weights, entity
        Household, persons, households that the row stands for, and identity of the draw, by cohort.
    shame, key
        Fall of aspiration of a household whose member comes home; key of the month.
    households
        Columns; members away, experience and aspiration change.
    """
    for k in range(rows.size):
        row = rows[k]
        households.away[row] -= np.uint16(persons[k])
        if uniform(key, entity[k]) * weights[k] < persons[k]:
            households.experience[row] = 1  # as likely as for one of the households that the row stands for
        households.aspiration[row] *= 1.0 - shame * min(persons[k] / weights[k], 1.0)
