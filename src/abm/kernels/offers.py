"""What offices ask for a journey, by route and payment scheme, and which of the offers a client takes."""

from __future__ import annotations

import numpy as np

from abm.kernels.compiled import kernel
from abm.kernels.portable import exponential, logarithm
from abm.kernels.random import mix, uniform
from abm.kernels.states import ALONE, CREDIT, ESCROW, MONEY_LIMIT, UPFRONT

LONGEST_WAIT = 12.0
"""Months of waiting beyond which a client sees no difference."""

LEAST_PAID = 0.05
"""Share of a fee that offices reckon with at least, however few arrive or pay: no price grows without end."""


@kernel
def quote(
    offices,
    rows,
    serves,
    route_legs,
    length,
    legs,
    terms,
    recovery,
    overhead,
    odds,
    fee,
    advance,
    weight,
    trusted,
):
    """Quote every route in the portfolio of every open office, by payment scheme.

    Cost of a contract is passage, bribes and documents of the attempts that it takes on average, and the office's
    expected loss by arrest; the price adds the markup. Escrow is released on arrival only, so its price is what gives
    the same expected income; credit asks an advance, and for the rest what makes up for those who never pay.

    Parameters
    ----------
    offices, rows
        Columns of offices, and rows of the open ones.
    serves
        By open office and route: whether the route is in the portfolio.
    route_legs, length, legs
        Legs of the routes and their month's values.
    terms
        ``attempts`` by scheme and the other terms of the month, see `abm.mechanisms.offers.Terms`.
    recovery
        Share of a fee on credit that is paid in the end, by route.
    overhead
        PKR a client that arrest and protection cost the office on average, by row.
    odds
        ``success``, ``log_success``, ``used`` by route, step of care and scheme, and ``months`` by route; see
        `abm.kernels.contract.contracts_by_care`.
    fee, advance, weight
        Output, shape (open offices, routes, 3): fee and part due at departure (PKR of one person), and weight in a
        client's choice (exponential of its utility), 0 where not offered.
    trusted
        Output, same shape: chance that clients give the office to keep its word.

    References
    ----------
    ODD submodel "Offers"; Gathmann (2008) on prices and enforcement; Koser (2008) on escrow; Friebel and Guriev (2006)
    on debt-financed migration.
    """
    steps = odds.success.shape[1]
    passage_of, bribe_of, documents_of = np.zeros(length.size), np.zeros(length.size), np.zeros(length.size)
    for r in range(length.size):
        for k in range(length[r]):
            leg = route_legs[r, k]
            passage_of[r] += legs.cost[leg]
            bribe_of[r] += legs.bribe[leg]
            documents_of[r] += legs.documents[leg]
    trust, taste = np.zeros(3), np.zeros(3)
    for j in range(rows.size):
        o = rows[j]
        quality_cost = 1.0 + terms.care_cost * (offices.quality[o] - 0.5)
        document_cost = terms.document_cost * (1.5 - offices.forgery[o])
        markup = 1.0 + offices.markup[o]
        step = np.int64(offices.quality[o] * (steps - 1) + 0.5)
        distrust = terms.distrust * (1.0 - offices.reputation[o])
        trust[UPFRONT] = 1.0 - distrust
        trust[ESCROW] = 1.0 - distrust * (1.0 - terms.escrow_trust)
        trust[CREDIT] = 1.0 - distrust * terms.credit_trust
        wait = min(offices.waiting[o] / max(offices.capacity[o], 0.1), LONGEST_WAIT)
        for s in range(3):
            taste[s] = terms.success_weight * logarithm(max(trust[s], 1e-6)) - terms.wait_weight * wait
        taste[ESCROW] += logarithm(terms.escrow_open)
        taste[CREDIT] -= terms.credit_taste
        for r in range(length.size):
            for s in range(3):
                weight[j, r, s] = 0.0
                advance[j, r, s] = np.inf
            if not serves[j, r]:
                continue
            passage = passage_of[r] * quality_cost + bribe_of[r] + documents_of[r] * document_cost
            for s in range(3):
                success, used = odds.success[r, step, s], odds.used[r, step, s]
                cost = passage * used + overhead[o]
                if s == UPFRONT:
                    price = cost * markup
                    due = price
                    expected = price
                elif s == ESCROW:
                    if not terms.escrow_open > 0.0:
                        continue
                    tied = 1.0 + terms.capital_cost * odds.months[r] * used
                    price = cost * tied * markup / max(success, LEAST_PAID) * (1.0 + terms.holder_share)
                    due = price
                    expected = price * (success + (1.0 - success) * terms.holder_share)
                else:
                    if offices.capital[o] < cost * terms.credit_reserve * max(offices.capacity[o], 1.0):
                        continue  # too poor to lend
                    paid = terms.advance_share + (1.0 - terms.advance_share) * success * recovery[r]
                    price = cost * (markup + terms.credit_premium) / max(paid, LEAST_PAID)
                    due = price * terms.advance_share
                    expected = due + (price - due) * success
                if price > MONEY_LIMIT:
                    continue  # nobody can pay it, nor would it fit the column of fees
                fee[j, r, s] = np.floor(price)
                advance[j, r, s] = np.floor(due)
                trusted[j, r, s] = trust[s]
                utility = taste[s] + terms.success_weight * odds.log_success[r, step, s]
                weight[j, r, s] = exponential(utility - terms.cost_weight * expected / terms.cost_scale)


@kernel
def pool_schemes(weight, fee, advance, trusted, success, death, pooled):
    """Put the payment schemes of each office and route together.

    Parameters
    ----------
    weight, fee, advance, trusted
        Offers, shape (open offices, routes, 3).
    success, death
        Of the contract of a usual office, by route and scheme.
    pooled
        Output, shape (open offices, routes, 6): sums over schemes of weight, and of weight times expected cost, chance
        of arrival, of death and fee; least advance. Set where the first is above zero.
    """
    for j in range(weight.shape[0]):
        for r in range(weight.shape[1]):
            for k in range(5):
                pooled[j, r, k] = 0.0
            pooled[j, r, 5] = np.inf
            for s in range(3):
                w = weight[j, r, s]
                if w == 0.0:
                    continue
                expected = fee[j, r, s]
                if s == ESCROW:
                    expected *= success[r, s]
                elif s == CREDIT:
                    expected = advance[j, r, s] + (expected - advance[j, r, s]) * success[r, s]
                pooled[j, r, 0] += w
                pooled[j, r, 1] += w * expected
                pooled[j, r, 2] += w * success[r, s] * trusted[j, r, s]
                pooled[j, r, 3] += w * death[r, s]
                pooled[j, r, 4] += w * fee[j, r, s]
                pooled[j, r, 5] = min(pooled[j, r, 5], advance[j, r, s])


@kernel
def summarise(serving, start, nearness, pooled, months, alone, out):
    """Sum up the offers that reach each district, by route: what it takes to enter, what it costs, how it ends.

    Parameters
    ----------
    serving, start, nearness
        Open offices (positions) that serve each district in compressed rows, and what distance leaves of their weight.
    pooled
        Offers by office and route, see `pool_schemes`.
    months
        Months of the way, by route.
    alone
        By route: ``cost``, ``success``, ``death``, ``weight`` of going without an office.
    out
        Output, arrays of shape (districts, routes): ``entry`` (PKR of the cheapest way in), ``cost`` (expected PKR),
        ``success``, ``death``, ``months``, ``served`` (weight of offices against going alone), ``fee`` (mean of
        offices).
    """
    districts, routes = out.entry.shape
    for d in range(districts):
        entry, cost, success = out.entry[d], out.cost[d], out.success[d]
        death, served, fee = out.death[d], out.served[d], out.fee[d]
        for r in range(routes):
            entry[r] = alone.cost[r]
            cost[r] = success[r] = death[r] = served[r] = fee[r] = 0.0
            if alone.weight[r] > 0.0:
                cost[r] = alone.weight[r] * alone.cost[r]
                success[r] = alone.weight[r] * alone.success[r]
                death[r] = alone.weight[r] * alone.death[r]
        for n in range(start[d], start[d + 1]):
            offers, near = pooled[serving[n]], nearness[n]
            for r in range(routes):
                if offers[r, 0] > 0.0:
                    served[r] += near * offers[r, 0]
                    cost[r] += near * offers[r, 1]
                    success[r] += near * offers[r, 2]
                    death[r] += near * offers[r, 3]
                    fee[r] += near * offers[r, 4]
                    entry[r] = min(entry[r], offers[r, 5])
        for r in range(routes):
            total = alone.weight[r] + served[r]
            out.months[d, r] = months[r]
            fee[r] = fee[r] / served[r] if served[r] > 0.0 else np.nan
            if total > 0.0:
                cost[r] /= total
                success[r] /= total
                death[r] /= total
                served[r] /= total
            else:
                cost[r] = np.inf


@kernel
def take_offers(
    district,
    route,
    means,
    entity,
    key,
    serving,
    start,
    nearness,
    weight,
    advance,
    alone,
    loyal,
    positions,
    office,
    scheme,
):
    """Let clients take one of the offers that they can pay.

    Parameters
    ----------
    district, route, means, entity
        By client: where, which way, PKR that the household can raise, identity of the draw.
    key
        Key of the month.
    serving, start, nearness, weight, advance, alone
        As in `summarise`.
    loyal, positions
        By client: row of an office to go back to, -1 if none; by row of the table of offices: position among the open
        ones, -1 if it is not open.
    office, scheme
        Output: position of the office among the open ones, -1 for going alone; payment scheme. -2 if nothing is
        within reach.
    """
    for k in range(district.size):
        d, r = district[k], route[k]
        if loyal[k] >= 0 and positions[loyal[k]] >= 0:
            j = positions[loyal[k]]
            best = 0.0
            for s in range(3):
                if weight[j, r, s] > best and advance[j, r, s] <= means[k]:
                    best = weight[j, r, s]
                    office[k] = j
                    scheme[k] = s
            if best > 0.0:
                continue
        total = alone.weight[r] if alone.cost[r] <= means[k] else 0.0
        for n in range(start[d], start[d + 1]):
            for s in range(3):
                if advance[serving[n], r, s] <= means[k]:
                    total += weight[serving[n], r, s] * nearness[n]
        office[k] = -2
        scheme[k] = ALONE
        if total <= 0.0:
            continue
        draw = uniform(mix(np.uint64(key)), entity[k]) * total
        if alone.cost[r] <= means[k]:
            office[k] = -1
            draw -= alone.weight[r]
        n = start[d]
        while draw >= 0.0 and n < start[d + 1]:
            for s in range(3):
                if weight[serving[n], r, s] > 0.0 and advance[serving[n], r, s] <= means[k]:
                    draw -= weight[serving[n], r, s] * nearness[n]
                    office[k] = serving[n]  # the last one stays if rounding leaves a rest
                    scheme[k] = s
                    if draw < 0.0:
                        break
            n += 1


@kernel
def mean_fees(pooled, mean):
    """Fill the mean fee of each route over offices and schemes, by weight; not a number where nothing is offered."""
    for r in range(mean.size):
        total, fees = 0.0, 0.0
        for j in range(pooled.shape[0]):
            total += pooled[j, r, 0]
            fees += pooled[j, r, 4]
        mean[r] = fees / total if total > 0.0 else np.nan


@kernel
def fill_reach(home, reach, indptr, neighbours, near, far, start, serving, nearness):
    """List the open offices that serve each district.

    Parameters
    ----------
    home, reach
        By open office: home district; 0 serves it alone, 1 the neighbouring ones too, 2 the whole country.
    indptr, neighbours
        Neighbours of each district in compressed rows.
    near, far
        Part of an office's weight that is left in a neighbouring district, and farther away.
    start
        Output, one more than there are districts: where the offices of each begin in the two below.
    serving, nearness
        Output: office and what distance leaves, in order of district and office; pass arrays of size 0 to count first.

    Returns
    -------
    int
        Entries in all.
    """
    districts = start.size - 1
    start[:] = 0
    for j in range(home.size):
        if reach[j] >= 2:
            start[1:] += 1
            continue
        start[home[j] + 1] += 1
        if reach[j] == 1:
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                start[neighbours[n] + 1] += 1
    for d in range(districts):
        start[d + 1] += start[d]
    if serving.size == 0:
        return start[districts]
    position = start[:-1].copy()
    for j in range(home.size):
        if reach[j] >= 2:
            for d in range(districts):
                serving[position[d]] = j
                nearness[position[d]] = far
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                nearness[position[neighbours[n]]] = near
            nearness[position[home[j]]] = 1.0
            position += 1
            continue
        serving[position[home[j]]] = j
        nearness[position[home[j]]] = 1.0
        position[home[j]] += 1
        if reach[j] == 1:
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                d = neighbours[n]
                serving[position[d]] = j
                nearness[position[d]] = near
                position[d] += 1
    return start[districts]
