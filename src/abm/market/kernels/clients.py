"""Clients: how cohorts are divided, wait their turn, give up, and what they agreed to."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import slicing
from abm.world.codes import ALONE, OFFICE_OPEN


@slicing
def split_cohorts(cohorts, means, piece, newcomers, most_pieces, pieces, entity, own_means):
    """Divide weighted cohorts into pieces, each with an office of its own.

    Parameters
    ----------
    cohorts, means
        `abm.market.market.Seekers`, and PKR that each household can raise.
    piece, most_pieces
        Persons of a piece; bound on the pieces of a cohort, which with the household address their draws.
    newcomers
        Cohorts that did not try before; they come first. The others have draws of their own.
    pieces, entity, own_means
        Output: `Seekers` by piece, identity of the draw, PKR.
    """
    at = 0
    for c in range(cohorts.row.size):
        persons = cohorts.persons[c]
        number = (persons + piece - 1) // piece
        first = (cohorts.row[c] * 2 + (1 if c >= newcomers else 0)) * most_pieces
        for n in range(number):
            pieces.row[at] = cohorts.row[c]
            pieces.district[at] = cohorts.district[c]
            pieces.persons[at] = persons // number + (1 if n < persons % number else 0)
            pieces.route[at] = cohorts.route[c]
            pieces.office[at] = cohorts.office[c]
            entity[at] = first + n
            own_means[at] = means[c]
            at += 1


@slicing
def grant_places(offices, piece, by_district):
    """Give open offices their places of the month; unused ones are kept for a piece of a cohort.

    Parameters
    ----------
    offices, piece
        Columns: unused places change; persons of a piece.
    by_district
        Output: places of the month.
    """
    by_district[:] = 0.0
    for o in range(offices.state.size):
        if offices.state[o] != OFFICE_OPEN:
            offices.unused[o] = 0.0
            continue
        capacity = offices.capacity[o]
        by_district[offices.district[o]] += capacity
        offices.unused[o] = min(offices.unused[o] + capacity, max(capacity, piece) + 1.0)


@slicing
def close_queues(clients, served, failed, t, patience, offices, gone, unserved, waiting):
    """Take those who were called off the queue, and let clients give up.

    Parameters
    ----------
    clients
        Columns in use; ``persons`` change.
    served, failed
        Persons of each cohort called in the month; whether none of them could leave or pay, so that the others give up.
    t, patience
        Month, and months that clients wait, by district.
    offices
        Columns; ``waiting`` is set.
    gone, unserved, waiting
        Output: cohorts that are no longer in the queue; by district: persons who gave up (added to), and who wait.
    """
    offices.waiting[:] = 0
    waiting[:] = 0
    for k in range(served.size):
        d = clients.district[k]
        persons = np.int64(clients.persons[k]) - served[k]
        gone[k] = persons <= 0 or failed[k] or t - clients.due[k] >= patience[d]
        clients.persons[k] = persons
        if persons > 0 and gone[k]:
            unserved[d] += persons
        elif persons > 0:
            waiting[d] += persons
            if clients.office[k] >= 0:
                offices.waiting[clients.office[k]] += persons


@slicing
def add_up(fee, order, persons, district, route, scheme, by_route, by_scheme, totals, passed, medians):
    """Count those who leave by route, and by scheme and district, and find the median fees.

    Parameters
    ----------
    fee, order
        PKR agreed by cohort, and the cohorts in order of fee.
    persons, district, route, scheme
        By cohort.
    by_route, by_scheme
        Output, persons by route; by scheme and district.
    totals, passed
        Work space, as large as `medians`.
    medians
        Output: median fee of contracts by scheme, of those alone, of all contracts, and of the contracts of each route;
        not a number where nobody leaves.
    """
    schemes = by_scheme.shape[0]
    by_route[:] = 0
    by_scheme[:] = 0
    totals[:] = 0
    passed[:] = 0
    medians[:] = np.nan
    for k in range(order.size):
        s = scheme[k]
        by_route[route[k]] += persons[k]
        by_scheme[s, district[k]] += persons[k]
        totals[s] += persons[k]
        if s != ALONE:
            totals[schemes] += persons[k]
            totals[schemes + 1 + route[k]] += persons[k]
    for k in order:
        count_up_to_median(scheme[k], fee[k], persons[k], totals, passed, medians)
        if scheme[k] != ALONE:
            count_up_to_median(schemes, fee[k], persons[k], totals, passed, medians)
            count_up_to_median(schemes + 1 + route[k], fee[k], persons[k], totals, passed, medians)


@slicing
def count_up_to_median(group, fee, persons, totals, passed, medians):
    """Note the fee of a group when half of its persons have passed, in order of fee."""
    before = passed[group]
    passed[group] += persons
    if 2 * before < totals[group] <= 2 * passed[group]:
        medians[group] = fee
