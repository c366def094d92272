"""Journeys: cohorts advance along the legs of their route, and split where fates part."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined, kernel
from abm.engine.portable import exponential, power
from abm.engine.random import binomial, uniform
from abm.world.codes import ALONE, CREDIT, MOST_STOPPED
from abm.world.kernels.members_away import bury

ARRIVED, STOPPED, DIED = range(3)
"""Fate of a cohort that ends or is stopped."""

JUST_HELD = 2
"""Flag of a cohort held since this month: its family is still to be asked for money."""


@kernel
def interception_probability(
    ceiling: float, efficiency: float, saturation: float, effort: float, relative_flow: float
) -> float:
    """Probability that a person is intercepted on a leg: ceiling (1 - exp(-efficiency (effort / flow)^saturation)).

    Effort and flow are relative to the reference of the leg; at least 0.01 of the flow counts, so that an empty leg has
    a risk. `ceiling` is the largest probability, however large the effort.

    References
    ----------
    DESIGN of the ODD, submodel "Journey": a declining return to effort as in the economics of crime (Ehrlich 1973).
    """
    if effort <= 0.0:
        return 0.0
    return ceiling * (1.0 - exponential(-efficiency * power(effort / max(relative_flow, 0.01), saturation)))


@inlined
def copy_row(source, k, target, at, persons):
    """Write `persons` of row `k` of a table of journeys as row `at` of another, with their part of the money.

    The part is taken off the source: whoever is written last takes what is left, to the rupee.
    """
    whole = np.int64(source.persons[k])
    target.id[at] = source.id[k]
    target.row[at] = source.row[k]
    target.persons[at] = persons
    target.district[at] = source.district[k]
    target.route[at] = source.route[k]
    target.leg[at] = source.leg[k]
    target.months_left[at] = source.months_left[k]
    target.months_gone[at] = source.months_gone[k]
    target.started[at] = source.started[k]
    target.held[at] = source.held[k]
    target.attempt[at] = source.attempt[k]
    target.attempts[at] = source.attempts[k]
    target.office[at] = source.office[k]
    target.office_key[at] = source.office_key[k]
    target.scheme[at] = source.scheme[k]
    target.fee[at] = source.fee[k]
    target.origin[at] = source.origin[k]
    target.experience[at] = source.experience[k]
    target.wealth[at] = source.wealth[k]
    paid = source.paid[k] * persons // whole
    deposit = source.deposit[k] * persons // whole
    owed = source.owed[k] * persons // whole
    target.paid[at] = paid
    target.deposit[at] = deposit
    target.owed[at] = owed
    source.paid[k] -= paid
    source.deposit[k] -= deposit
    source.owed[k] -= owed
    source.persons[k] -= persons


@kernel
def advance_journeys(
    journeys, count, route_legs, route_length, legs, care, own, debt, keys, onward, ended, by_leg, by_route, entered
):
    """Advance all cohorts by one month; at the end of a leg some die, some are stopped, some are held, the rest go on.

    Parameters
    ----------
    journeys, count
        Columns and how many are in use; used up.
    route_legs, route_length
        Rows of the legs of each route, shape (routes, legs of the longest), and how many it has.
    legs, care
        Month's values by leg, `abm.routes.legs.LegsMonth`; multiple of the odds of interception and death by office.
    own, debt
        ``interception``, ``death``, ``extortion``: multiples for who travels without an office; ``ransom_months``.
        Multiple of the odds of being held for who owes the fee.
    keys
        ``death``, ``interception``, ``extortion``: keys of the month.
    onward, ended
        Output, columns with room for 3 x `count` rows: cohorts under way after the month, and those that ended or were
        stopped, with the fate in column ``held`` (`ARRIVED`, `STOPPED`, `DIED`).
    by_leg, by_route, entered
        Added to: persons stopped, dead, held, and who came through (legs, 4); stopped and dead (routes, 2); persons who
        begin a leg.

    Returns
    -------
    tuple of int
        Cohorts written to `onward` and to `ended`.
    """
    kept = 0
    done = 0
    for k in range(count):
        route = np.int64(journeys.route[k])
        place = np.int64(journeys.leg[k])
        leg = route_legs[route, place]
        journeys.months_left[k] -= 1
        journeys.months_gone[k] += 1
        if journeys.months_left[k] > 0:
            copy_row(journeys, k, onward, kept, np.int64(journeys.persons[k]))
            kept += 1
            continue
        entity = journeys.id[k] * 4096 + place * 64 + np.int64(journeys.attempt[k]) * 2 + journeys.held[k]
        if journeys.held[k] == 0:
            alone = journeys.scheme[k] == ALONE
            office = np.int64(journeys.office[k])
            own_care = 1.0 if office < 0 else care[office]
            persons = np.int64(journeys.persons[k])
            chance = min(legs.death[leg] * own_care * (own.death if alone else 1.0), 1.0)
            died = binomial(persons, chance, keys.death, entity)
            if died > 0:
                copy_row(journeys, k, ended, done, died)
                ended.held[done] = DIED
                done += 1
                by_leg[leg, 1] += died
                by_route[route, 1] += died
            chance = min(legs.interception[leg] * own_care * (own.interception if alone else 1.0), MOST_STOPPED)
            stopped = binomial(persons - died, chance, keys.interception, entity)
            if stopped > 0:
                copy_row(journeys, k, ended, done, stopped)
                ended.held[done] = STOPPED
                done += 1
                by_leg[leg, 0] += stopped
                by_route[route, 0] += stopped
            left = persons - died - stopped
            burden = own.extortion if alone else debt if journeys.scheme[k] == CREDIT else 1.0
            chance = min(legs.extortion[leg] * burden, 1.0)
            held = binomial(left, chance, keys.extortion, entity)
            if held > 0:
                copy_row(journeys, k, onward, kept, held)
                onward.held[kept] = JUST_HELD
                onward.months_left[kept] = own.ransom_months
                kept += 1
                by_leg[leg, 2] += held
        persons = np.int64(journeys.persons[k])
        if persons == 0:
            continue
        by_leg[leg, 3] += persons
        if place + 1 == route_length[route]:
            copy_row(journeys, k, ended, done, persons)
            ended.held[done] = ARRIVED
            done += 1
        else:
            copy_row(journeys, k, onward, kept, persons)
            onward.held[kept] = 0
            onward.leg[kept] = place + 1
            following = route_legs[route, place + 1]
            onward.months_left[kept] = legs.months[following]
            entered[following] += persons
            kept += 1
    return kept, done


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
