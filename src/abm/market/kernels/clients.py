"""Clients: how cohorts are divided, what they agree to, how they wait their turn, leave or give up."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import called, driver
from abm.world.codes import ALONE, CREDIT, ESCROW, OFFICE_OPEN

NO_OFFER = -2
"""Position of an office, of those who find nothing within reach; -1 stands for travelling alone."""

Contracts = namedtuple(
    "Contracts",
    [
        "row", "persons", "district", "route", "attempts", "office", "office_key", "scheme", "fee", "paid", "deposit",
        "owed",
    ],
)  # fmt: skip
"""Contracts begun, columns as of `abm.routes.travel.Journeys`."""


@driver
def split_cohorts(cohorts, means, piece, newcomers, most_pieces, pieces, entity, own_means):
    """Divide weighted cohorts into pieces of `piece` persons, each with an office of its own.

    `cohorts` are `abm.market.market.Seekers`, those who did not try before first (`newcomers`); the others have draws
    of their own. `means` are PKR that each household can raise. Household and piece, of at most `most_pieces`, address
    the draws. Output: `Seekers` by piece, identity of the draw, PKR.
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


@driver
def agree_terms(pieces, office, scheme, t, offers, attempts, clients, unserved):
    """Write down what clients agreed to; returns how many there are.

    By piece: position of the office among the open ones, -1 for going alone or `NO_OFFER`, and payment scheme. `offers`
    are `abm.market.offers.Offered`, `attempts` those included, by scheme.
    Output: columns of the queue; persons by district who found nothing.
    """
    found = 0
    for k in range(office.size):
        j, r, s, persons = office[k], pieces.route[k], scheme[k], pieces.persons[k]
        if j == NO_OFFER:
            unserved[pieces.district[k]] += persons
            continue
        o, fee = np.int64(-1), offers.alone.cost[pieces.district[k], r]
        advance = fee
        if j >= 0:
            offer = offers.offer_of[r, j]
            o, fee, advance = offers.rows[j], offers.fee[offer, s], offers.advance[offer, s]
        clients.row[found], clients.persons[found] = pieces.row[k], persons
        clients.district[found], clients.route[found] = pieces.district[k], r
        clients.office[found], clients.scheme[found], clients.due[found] = o, s, t
        clients.fee[found], clients.advance[found] = np.int64(fee), np.int64(advance)
        clients.attempts[found] = 1 if s == ALONE else attempts[s]
        found += 1
    return found


@driver
def begin_contracts(called, paid, offices, contracts):
    """Write the contracts of those who leave (output, `Contracts`); returns how many there are.

    `called` are columns of the queue, with the persons who leave; `paid` is PKR. ``dispatched`` of `offices` changes.
    """
    found = 0
    for k in range(called.row.size):
        persons, o, s = called.persons[k], called.office[k], called.scheme[k]
        if persons <= 0:
            continue
        contracts.row[found], contracts.persons[found] = called.row[k], persons
        contracts.district[found], contracts.route[found] = called.district[k], called.route[k]
        contracts.attempts[found], contracts.scheme[found] = called.attempts[k], s
        contracts.office[found], contracts.office_key[found] = o, offices.key[o] if o >= 0 else -1
        contracts.fee[found], contracts.paid[found] = called.fee[k], paid[k]
        contracts.deposit[found] = paid[k] if s == ESCROW else 0
        contracts.owed[found] = (called.fee[k] - called.advance[k]) * persons if s == CREDIT else 0
        if o >= 0:
            offices.dispatched[o] += persons
        found += 1
    return found


@driver
def grant_places(offices, piece):
    """Give open offices their places of the month; unused ones are kept for a piece of a cohort."""
    for o in range(offices.state.size):
        if offices.state[o] != OFFICE_OPEN:
            offices.unused[o] = 0.0
            continue
        capacity = offices.capacity[o]
        offices.unused[o] = min(offices.unused[o] + capacity, max(capacity, piece) + 1.0)


@driver
def close_queues(clients, served, failed, t, patience, offices, gone, unserved, waiting):
    """Take those who were called off the queue, and let clients give up.

    `clients` are the columns in use, of which ``persons`` change. By cohort: persons `served` in the month, and whether
    none of those called could leave or pay, so that the others give up. `patience` is months. Column ``waiting`` of
    `offices` is set. Output: cohorts that are no longer in the queue; by district, persons who gave up (added to), and
    who wait.
    """
    offices.waiting[:] = 0
    waiting[:] = 0
    for k in range(served.size):
        d = clients.district[k]
        persons = np.int64(clients.persons[k]) - served[k]
        gone[k] = persons <= 0 or failed[k] or t - clients.due[k] >= patience
        clients.persons[k] = persons
        if persons > 0 and gone[k]:
            unserved[d] += persons
        elif persons > 0:
            waiting[d] += persons
            if clients.office[k] >= 0:
                offices.waiting[clients.office[k]] += persons


@driver
def add_up(fee, order, persons, district, route, scheme, by_route, by_scheme, totals, passed, medians):
    """Count those who leave by route, and by scheme and district, and find the median fees.

    `fee` is PKR agreed by cohort, `order` cohorts in order of fee; `totals` and `passed` are work space as large as
    `medians`. Output: persons; median fee of contracts by scheme, of those alone, of all contracts, and of the
    contracts of each route; not a number where nobody leaves.
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


@called
def count_up_to_median(group, fee, persons, totals, passed, medians):
    """Note the fee of a group when half of its persons have passed, in order of fee."""
    before = passed[group]
    passed[group] += persons
    if 2 * before < totals[group] <= 2 * passed[group]:
        medians[group] = fee
