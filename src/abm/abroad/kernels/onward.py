"""Onward migration: who can pay for the next leg of the way, and which way they take."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined, making
from abm.engine.portable import exponential, logarithm
from abm.engine.random import binomial
from abm.routes.kernels.contract import fatality
from abm.world.codes import IRREGULAR, SETTLED

ROUNDING = 1e-9
"""Share of a rate below which a remainder is rounding error."""

LEAST_PASSING = 1e-6
"""Chance of arrival below which a way is as good as shut. Source: assumed."""


@making
def fill_rates(ways, pays, lure, fees, odds, leaving, terms, settles, present, passable, saved, stayers, rates):
    """Fill the rate of setting out on each way in a month, by current destination and status.

    Of those who have not yet saved the fee of a way, one in as many as it takes months has saved it a month later.
    Those who have it leave by any way that costs no more, by dearer ones as far as they have saved for them too, or
    end their stay otherwise: where a way is shut, their number grows.

    Parameters
    ----------
    ways
        `abm.abroad.onward.Ways`.
    pays, leaving
        Pay a month, and hazard of otherwise ending a stay, by destination and status.
    lure
        By destination: what draws people there but pay, in log points.
    fees, odds
        PKR by route; chances of arrival and of death as known abroad, shape (2, routes).
    terms
        `abm.abroad.onward.Terms`.
    settles
        By destination: whether people settle there.
    present, passable
        Persons by destination and status; share of the days on which each route can be begun.
    saved
        Persons who had saved the fee of a way at the end of last month, shape (ways, statuses), not a number before
        the first; changes to those at the end of this one.
    stayers
        Of those present, persons who no longer mean to go on, see `settle_in`.
    rates
        Output, shape (ways, destinations, statuses), zero before: those elsewhere cannot take the way, and settled
        families do not move on without papers.
    """
    willing = np.zeros(saved.shape)
    settle_in(present, leaving, settles, terms.inertia, stayers)
    for w in range(ways.route.size):
        route, here = ways.route[w], ways.here[w]
        there = logarithm(max(pays[ways.there[w], IRREGULAR], 1.0))
        passing = terms.chance * logarithm(max(odds[0, route], LEAST_PASSING)) - terms.harm * fatality(
            odds[0, route], odds[1, route]
        )
        passing += lure[ways.there[w]] - lure[here]
        for status in range(pays.shape[1]):
            if status != SETTLED:
                pay = max(pays[here, status], 1.0)
                months = fees[route] / (terms.saved_share * pay)
                pull = terms.gain * (there - logarithm(pay)) + passing
                pull = min(max(pull, -terms.steepest), terms.steepest)
                share = 1.0 if status >= IRREGULAR else terms.papers
                willing[w, status] = min(terms.rate * share * exponential(pull), 1.0) * passable[route]
                persons = present[here, status] - stayers[here, status]
                if np.isnan(saved[w, status]):  # as many as leave a month have saved up in it
                    gone = min(willing[w, status] + leaving[here, status], 1.0)
                    saved[w, status] = persons / (1.0 + gone * months)
                else:
                    able = min(saved[w, status], persons)
                    saved[w, status] = able + (persons - able) / max(months, 1.0)
                rates[w, here, status] = willing[w, status] * saved[w, status] / max(present[here, status], 1.0)
    left = saved.copy()
    for w in range(ways.route.size):
        for v in range(ways.route.size):
            if ways.here[v] == ways.here[w]:
                for status in range(pays.shape[1]):
                    left[w, status] -= willing[v, status] * min(saved[v, status], saved[w, status])
        for status in range(pays.shape[1]):
            left[w, status] = max(left[w, status] - leaving[ways.here[w], status] * saved[w, status], 0.0)
    for w in range(ways.route.size):  # no assignment to a slice: the text of its error takes seconds to compile
        for status in range(pays.shape[1]):
            saved[w, status] = left[w, status]


@inlined
def settle_in(present, leaving, settles, inertia, stayers):
    """Let one in `inertia` of those who might go on settle in each month; stayers end their stay as others do.

    Parameters
    ----------
    present, leaving, settles
        As of `fill_rates`.
    inertia
        Months.
    stayers
        Persons by destination and status, not a number before the first month; changes. At the start as many settle in
        as leave.
    """
    for here in range(present.shape[0]):
        share = 1.0 / max(inertia, 1.0) if settles[here] else 0.0
        for status in range(present.shape[1]):
            persons, stayed = present[here, status], stayers[here, status]
            if np.isnan(stayed):
                stayed = persons * share / max(share + leaving[here, status], 1e-9)
            else:
                stayed = min(stayed * (1.0 - leaving[here, status]), persons)
                stayed += (persons - stayed) * share
            stayers[here, status] = stayed


@making
def draw_ways(rates, routes, cohort, gone, key, found):
    """Draw which way those who set out take, one way after the other.

    Parameters
    ----------
    rates, routes
        As filled by `fill_rates`, and the route of each way.
    cohort, gone
        Those who set out: identity in the draws, to which the route is added, and columns `abm.world.columns.Events` as
        whole numbers of 64 bits, of which ``onward`` is used up.
    key
        Key of the month.
    found
        Output, room for every way and cohort: cohort, persons and way of those who set out, in order of way.

    Returns
    -------
    int
        Columns of `found` filled.
    """
    left = np.zeros(rates.shape[1:])
    for w in range(rates.shape[0]):
        left += rates[w]
    number = 0
    for w in range(rates.shape[0]):
        for k in range(cohort.size):
            here, status = gone.destination[k], gone.status[k]
            rate, remaining = rates[w, here, status], left[here, status]
            is_last = rate > 0.0 and rate >= remaining * (1.0 - ROUNDING)
            chance = 1.0 if is_last else rate / max(remaining, 1e-300)
            taken = binomial(gone.onward[k], chance, key, cohort[k] + routes[w])
            if taken > 0:
                gone.onward[k] -= taken
                found[0, number], found[1, number], found[2, number] = k, taken, w
                number += 1
        left -= rates[w]
    return number
