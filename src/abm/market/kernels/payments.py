"""Payments of offices: what attempts cost, and what is received."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import driver, inlined
from abm.routes.kernels.contract import alone_rates, attempt_cost, boat_cost, office_rates

Prices = namedtuple(
    "Prices", ["quality_cost", "alone_cost", "document", "rest", "boats", "passage", "bribes", "documents"]
)
"""What attempts cost in a month: passage with the best office above that with the worst, multiple for those who go
alone, PKR of a document; cost of an attempt from each leg of a route on, relative to one from the start; and by route
what usual boats are worth, see `abm.routes.kernels.contract.boat_cost`, and passage, bribes and documents, see `Way`
there."""


@inlined
def cost_of_attempt(route, leg, office, prices, offices):
    """Passage, bribes and documents of one person's attempt from a leg on, whole PKR; office -1: travelling alone."""
    rates = alone_rates(prices.alone_cost, prices.document)
    if office >= 0:
        rates = office_rates(prices.quality_cost, offices.quality[office], prices.document, offices.forgery[office])
    passage, bribes, documents = attempt_cost(
        prices.passage[route], prices.bribes[route], prices.documents[route], rates
    )
    if office >= 0:
        passage = max(passage + boat_cost(prices.boats[route], offices.boats[office]), 0.0)
    rest = prices.rest[route, leg]
    return np.int64(np.floor(passage * rest)), np.int64(np.floor(bribes * rest)), np.int64(np.floor(documents * rest))


@driver
def pay_attempts(route, leg, office, persons, alone_paid, prices, offices, booked):
    """Let offices pay for the attempts that begin, from their capital.

    By cohort: route, leg from which the attempt begins, office (-1: travelling alone), persons, and PKR that those
    alone have paid in advance: bribes and documents first, the rest is passage. Output, (2, 3): PKR of passage, bribes
    and documents, of those alone and of offices.
    """
    booked[:] = 0
    for k in range(route.size):
        o = office[k]
        passage, bribes, documents = cost_of_attempt(route[k], leg[k], o, prices, offices)
        passage, bribes, documents = passage * persons[k], bribes * persons[k], documents * persons[k]
        if o < 0:
            bribes = min(bribes, alone_paid[k])
            documents = min(documents, alone_paid[k] - bribes)
            passage = alone_paid[k] - bribes - documents
        else:
            offices.capital[o] -= passage + bribes + documents
            offices.spent[o] += passage + bribes + documents
        payer = 0 if o < 0 else 1
        booked[payer, 0] += passage
        booked[payer, 1] += bribes
        booked[payer, 2] += documents


@driver
def can_pay_again(attempt, attempts, office, office_key, origin, persons, route, leg, prices, offices, asked, able):
    """Find the stopped cohorts whose contract includes another attempt for which their office can still pay.

    An onward fare includes its attempts: those hired abroad have no office, and an origin. Columns are those of
    `abm.routes.travel.Journeys`, but `leg` is the one from which they would try again, -1 if there is none. Output: PKR
    asked of each office, and by cohort. An office that cannot pay for all who ask pays for nobody.
    """
    asked[:] = 0
    for k in range(office.size):
        o = office[k]
        able[k] = attempt[k] < attempts[k] and leg[k] >= 0
        if able[k] and o >= 0 and offices.key[o] == office_key[k]:
            passage, bribes, documents = cost_of_attempt(route[k], leg[k], o, prices, offices)
            asked[o] += (passage + bribes + documents) * persons[k]
    for k in range(office.size):
        o = office[k]
        if able[k] and o >= 0:
            able[k] = offices.key[o] == office_key[k] and asked[o] <= max(offices.capital[o], 0)
        elif able[k]:
            able[k] = origin[k] >= 0


@driver
def receive_payments(office, district, amounts, associate_share, offices, revenue):
    """Pay amounts to offices, and from them the share of their associates; returns both in all, whole PKR.

    `district` is the home of the client; PKR by district are added to `revenue`.
    """
    total, shared = 0, 0
    for k in range(office.size):
        o, amount = office[k], amounts[k]
        share = np.int64(amount * associate_share)
        total += amount
        shared += share
        offices.capital[o] += amount - share
        offices.revenue[o] += amount
        offices.spent[o] += share
        revenue[district[k]] += amount
    return total, shared


@driver
def end_contracts(office, office_key, persons, fulfilled, offices, ended):
    """Count contracts that ended, by cohort, in the record of their offices, those `fulfilled` as such.

    A row with another key than `office_key` serves another office by now. `ended` is the output, persons by office.
    """
    ended[:] = 0
    for k in range(office.size):
        if office[k] >= 0 and offices.key[office[k]] == office_key[k]:
            ended[office[k]] += persons[k]
    for o in range(ended.size):
        if ended[o] > 0:
            offices.ended[o] += ended[o]
            if fulfilled:
                offices.fulfilled[o] += ended[o]
