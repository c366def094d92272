"""What offices ask for a journey, by route and payment scheme, and which of the offers a client takes."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined, making
from abm.engine.portable import exponential, exponential_inlined, logarithm
from abm.engine.random import mix, uniform
from abm.routes.kernels.contract import alone_rates, attempt_cost, boat_cost, fatality, odds_of_attempt, office_rates
from abm.world.codes import ALONE, CREDIT, ESCROW, MONEY_LIMIT, UPFRONT

NEIGHBOURS, EVERYWHERE = 1, 2
"""Codes of the reach of an office: neighbouring districts too, the whole country; 0 is its own district alone."""

LONGEST_WAIT = 12.0
"""Months of waiting beyond which a client sees no difference."""

_NOT_OFFERED = -1e6
"""Marks a scheme that is not offered; no utility comes near."""

LEAST_PAID = 0.05
"""Share of a fee that offices reckon with at least, however few arrive or pay: no price grows without end."""


@inlined
def pool_schemes(n, j, weight, fee, advance, trust, success, death, holder_share, r, step, pooled):
    """Put the payment schemes of offer `n` of office `j` together; see `quote`.

    Odds are picked by index (route `r`, step of care): Numba counts the references to every slice, which took most of
    the time here.
    """
    for k in range(6):
        pooled[n, k] = 0.0
    pooled[n, 6] = np.inf
    for s in range(3):
        w = weight[3 * n + s]
        if w == 0.0:
            continue
        arrives = success[r, step, s]
        expected = fee[n, s]
        if s == ESCROW:
            expected *= arrives + (1.0 - arrives) * holder_share
        elif s == CREDIT:
            expected = advance[n, s] + (expected - advance[n, s]) * arrives
        pooled[n, 0] += w
        pooled[n, 1] += w * expected
        pooled[n, 2] += w * arrives * trust[j, s]
        pooled[n, 3] += w * death[r, step, s]
        pooled[n, 4] += w * fee[n, s]
        pooled[n, 5] += w * advance[n, s]
        pooled[n, 6] = min(pooled[n, 6], advance[n, s])


@driver
def number_offers(corridors, route_bits, offer_of, office_of, route_of, first):
    """Number the offers of all open offices: every route in the portfolio of each, in order of office and route.

    `corridors` are those that each open office knows, and `route_bits` those of each route, as bits. Output: number of
    the offer (routes, open offices), -1 where the route is not in the portfolio; by offer, with room for all, office
    and route; first offer of each open office, one more than there are offices. Returns offers in all.
    """
    found = 0
    for j in range(corridors.size):
        first[j] = found
        for r in range(route_bits.size):
            known = (corridors[j] & route_bits[r]) != 0
            offer_of[r, j] = found if known else -1
            office_of[found] = j
            route_of[found] = r
            found += known
    first[corridors.size] = found
    return found


@driver
def quote(
    offices, rows, doubts, office_of, route_of, way, terms, recovery, overhead, odds, fee, advance, weight, pooled,
    trust,
):  # fmt: skip
    """Quote every route in the portfolio of every open office, by payment scheme, and put the schemes together.

    Cost of a contract is passage, bribes and documents of the attempts that it takes on average, the expected loss by
    arrest, and the agents' share of the price that covers these; the price adds the markup. Escrow is released on
    arrival only: its price gives the same expected income. Credit asks an advance, and the rest makes up for those who
    never pay.

    Parameters
    ----------
    rows, doubts, overhead
        Rows of the open offices; by open office distrust of clients, and PKR per client for arrest and protection.
    office_of, route_of
        Office (its position among the open ones) and route of each offer, in order of office.
    way, terms, recovery, odds
        `abm.routes.kernels.contract.Way` by route; `abm.market.offers.Terms`; share of a fee on credit that is paid in
        the end, by route; `abm.market.offers.ContractOdds`.
    fee, advance, weight
        Output, (offers, 3): fee and part due at departure, PKR (0 and infinite where not offered); weight in a client's
        choice, the exponential of its utility (0 where not offered), offer after offer in one row.
    pooled
        Output, (offers, 7): sums over schemes of weight, and of weight times expected cost, chance that the office
        keeps its word and the client arrives, chance of death, fee, and advance; least advance. Arrival and death are
        those of a contract of usual care.
    trust
        Work space, (open offices + 1, 3): trust of clients by scheme; the last row is for tastes.

    References
    ----------
    ODD submodel "Offers"; Gathmann (2008) on prices and enforcement; Koser (2008) on escrow; Friebel and Guriev (2006)
    on debt-financed migration.
    """
    steps = odds.success.shape[1]
    usual = steps // 2
    taste = trust[rows.size]
    ease = logarithm(terms.escrow_open)
    rates, markup = alone_rates(1.0, 1.0), 1.0
    step, last = 0, -1
    for n in range(route_of.size):
        j, r = np.int64(office_of[n]), np.int64(route_of[n])
        o = rows[j]
        if j != last:
            last = j
            rates = office_rates(terms.quality_cost, offices.quality[o], terms.document_cost, offices.forgery[o])
            markup = 1.0 + offices.markup[o]
            step = np.int64(offices.quality[o] * (steps - 1) + 0.5)
            distrust = doubts[j]
            trust[j, UPFRONT] = 1.0 - distrust
            trust[j, ESCROW] = 1.0 - distrust * (1.0 - terms.escrow_trust)
            trust[j, CREDIT] = 1.0 - distrust * terms.credit_trust
            wait = min(offices.waiting[o] / max(offices.capacity[o], 0.1), LONGEST_WAIT)
            for s in range(3):
                taste[s] = terms.success_weight * logarithm(max(trust[j, s], 1e-6)) - terms.wait_weight * wait
            taste[ESCROW] += ease
            taste[CREDIT] -= terms.credit_taste
        passage, bribes, documents = attempt_cost(way.passage[r], way.bribes[r], way.documents[r], rates)
        attempt = max(passage + boat_cost(terms.boats[r], offices.boats[o]), 0.0) + bribes + documents
        for s in range(3):
            fee[n, s], weight[3 * n + s] = 0.0, _NOT_OFFERED
            advance[n, s] = np.inf
            success, used = odds.success[r, step, s], odds.used[r, step, s]
            cost = (attempt * used + overhead[j]) / terms.kept
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
                if offices.capital[o] < cost * terms.kept * terms.credit_reserve * max(offices.capacity[o], 1.0):
                    continue  # too poor to lend
                paid = terms.advance_share + (1.0 - terms.advance_share) * success * recovery[r]
                price = cost * (markup + terms.credit_premium) / max(paid, LEAST_PAID)
                due = price * terms.advance_share
                expected = due + (price - due) * success
            if price > MONEY_LIMIT:
                continue  # nobody can pay it, nor would it fit the column of fees
            fee[n, s] = np.floor(price)
            advance[n, s] = np.floor(due)
            utility = taste[s] + terms.success_weight * odds.log_success[r, step, s]
            weight[3 * n + s] = utility - terms.cost_weight * expected / terms.cost_scale
    for k in range(weight.size):  # a loop of its own, which fills vector registers
        found = exponential_inlined(weight[k])
        weight[k] = found if weight[k] > _NOT_OFFERED else 0.0
    for n in range(route_of.size):
        r = route_of[n]
        pool_schemes(
            n, office_of[n], weight, fee, advance, trust, odds.success, odds.death, terms.holder_share, r, usual, pooled
        )


@driver
def summarise(serving, start, nearness, reach, far, first, route_of, pooled, months, alone, sums, out):
    """Sum up the offers that reach each district, by route: what it takes to enter, what it costs, how it ends.

    Offices that serve the whole country are summed up once, at the distance of most districts (`far` of their weight is
    left there); what is nearer adds the rest. `serving` and `nearness` are as of `list_reach`, `reach` is by open
    office, `first` and `pooled` are as of `number_offers` and `quote`, `months` are those of the way by route, `sums`
    is work space, (2, routes, 7). Output, `abm.market.offers.Summary` by district and route: ``entry`` (PKR of the
    cheapest way in), ``due`` (mean PKR at departure), ``cost`` (expected PKR), ``served`` (weight of offices against
    going alone), ``fee`` (mean of offices), and odds.
    """
    districts, routes = out.entry.shape
    everywhere, sums = sums[0], sums[1]
    everywhere[:] = 0.0
    everywhere[:, 6] = np.inf
    for j in range(reach.size):
        if reach[j] == EVERYWHERE:
            add_offers(everywhere, first[j], first[j + 1], far, route_of, pooled)
    for d in range(districts):
        for r in range(routes):
            for k in range(7):
                sums[r, k] = everywhere[r, k]
        for n in range(start[d], start[d + 1]):
            j, near = serving[n], nearness[n]
            if reach[j] == EVERYWHERE:
                near -= far
            if near > 0.0:
                add_offers(sums, first[j], first[j + 1], near, route_of, pooled)
        for r in range(routes):
            own = alone.weight[d, r]
            total, served = own + sums[r, 0], sums[r, 0]
            out.months[d, r] = months[r]
            out.entry[d, r] = min(alone.cost[d, r], sums[r, 6])
            out.fee[d, r] = sums[r, 4] / served if served > 0.0 else np.nan
            out.due[d, r] = out.cost[d, r] = np.inf
            if total > 0.0:
                walked = own * alone.cost[d, r] if own > 0.0 else 0.0
                out.cost[d, r] = (walked + sums[r, 1]) / total
                out.due[d, r] = (walked + sums[r, 5]) / total
                out.success[d, r] = (own * alone.success[d, r] + sums[r, 2]) / total
                out.death[d, r] = (own * alone.death[d, r] + sums[r, 3]) / total
                out.served[d, r] = served / total


@inlined
def add_offers(sums, begin, end, near, route_of, pooled):
    """Add the offers of one office to the sums by route, with what distance leaves of their weight."""
    for n in range(begin, end):
        if pooled[n, 0] > 0.0:
            r = route_of[n]
            # all are read before any is written, so that they fill vector registers
            total, cost, success = sums[r, 0], sums[r, 1], sums[r, 2]
            death, fee, advance, entry = sums[r, 3], sums[r, 4], sums[r, 5], sums[r, 6]
            total += near * pooled[n, 0]
            cost += near * pooled[n, 1]
            success += near * pooled[n, 2]
            death += near * pooled[n, 3]
            fee += near * pooled[n, 4]
            advance += near * pooled[n, 5]
            sums[r, 6] = min(entry, pooled[n, 6])
            sums[r, 0], sums[r, 1], sums[r, 2], sums[r, 3], sums[r, 4] = total, cost, success, death, fee
            sums[r, 5] = advance


@inlined
def list_known(begin, end, route, serving, nearness, offer_of, weight, advance, wanted, due, place, knowing) -> int:
    """List what the offices from `begin` to `end` in `serving` offer for a route; returns how many offers there are.

    There are no branches: which office knows the way is anybody's guess. Row numbers are unsigned, so that none is
    tested for counting from the end. Output: weight, less what distance takes (`wanted`); PKR due at departure; 3 times
    the position in `serving` plus the payment scheme. `knowing` is work space.
    """
    able, found, r = np.uint64(0), np.uint64(0), np.uint64(route)
    for n in range(begin, end):
        knowing[able] = n
        able += np.uint64(offer_of[r, np.uint64(serving[n])] >= 0)
    for m in range(able):
        n = knowing[m]
        o, near = np.uint64(offer_of[r, np.uint64(serving[n])]), nearness[n]
        for s in range(3):
            wanted[found] = weight[o, s] * near
            due[found] = advance[o, s]
            place[found] = 3 * n + s
            found += np.uint64(weight[o, s] > 0.0)
    return np.int64(found)


@inlined
def add_within_means(wanted, due, means, total, passed) -> int:
    """Fill the running sums, from `total`, of the offers that a household can pay; returns the last of these, or -1."""
    last = -1
    for m in range(passed.size):
        total += wanted[m] if due[m] <= means else 0.0
        passed[m] = total
    for m in range(passed.size - 1, -1, -1):
        if due[m] <= means:
            last = m
            break
    return last


@driver
def take_offers(
    district, route, means, entity, key, serving, start, nearness, offer_of, weight, advance, alone, loyal, positions,
    office, scheme, heads, after, wanted, due, passed, place, knowing,
):  # fmt: skip
    """Let clients take one of the offers that they can pay.

    By client: district, route, PKR that the household can raise, identity of the draw, and the office to go back to
    (`loyal`, a row; -1 if none). `positions` is the position among the open offices by row of their table, -1 if not
    open. Output: position of the office, -1 for going alone, -2 if nothing is within reach; payment scheme. Work space:
    `heads` and `after`, the first client by district and route, and the next one by client; the last five are one
    longer than the schemes of all offices that serve a district.
    """
    first_part, routes = mix(np.uint64(key)), offer_of.shape[0]
    heads[:] = -1
    for k in range(district.size - 1, -1, -1):
        office[k], scheme[k] = -2, ALONE
        if loyal[k] < 0 or not go_back(k, route, means, offer_of, weight, advance, positions[loyal[k]], office, scheme):
            here = district[k] * routes + route[k]
            after[k] = heads[here]
            heads[here] = k
    for here in range(heads.size):
        k = heads[here]
        if k < 0:
            continue
        d, r = here // routes, here % routes
        known = list_known(
            start[d], start[d + 1], r, serving, nearness, offer_of, weight, advance, wanted, due, place, knowing
        )
        sums, last, before = passed[:known], -1, -1
        while k >= 0:
            alone_here = alone.cost[d, r] <= means[k]
            if before < 0 or means[before] != means[k]:  # the pieces of a cohort choose among the same offers
                before = k
                last = add_within_means(wanted, due, means[k], alone.weight[d, r] if alone_here else 0.0, sums)
            total = sums[last] if last >= 0 else (alone.weight[d, r] if alone_here else 0.0)
            draw = uniform(first_part, entity[k]) * total
            if total > 0.0 and alone_here:
                office[k] = -1
            if total > 0.0 and last >= 0 and not (alone_here and draw < alone.weight[d, r]):
                m, beyond = 0, last
                while m < beyond:  # sums never fall; the last one takes what rounding leaves
                    half = (m + beyond) >> 1
                    if sums[half] <= draw:
                        m = half + 1
                    else:
                        beyond = half
                office[k], scheme[k] = serving[place[m] // 3], place[m] % 3
            k = after[k]


@inlined
def go_back(k, route, means, offer_of, weight, advance, j, office, scheme) -> bool:
    """Let a client take the best offer of the office of before, at position `j`, if it is open and there is one."""
    best, o = 0.0, np.int64(offer_of[route[k], j]) if j >= 0 else -1
    for s in range(3 if o >= 0 else 0):
        if weight[o, s] > best and advance[o, s] <= means[k]:
            best = weight[o, s]
            office[k] = j
            scheme[k] = s
    return best > 0.0


@driver
def mean_fees(pooled, route_of, total, mean):
    """Fill the mean fee of each route over offices and schemes, by weight; not a number where nothing is offered.

    `total` is filled with the weight of each route.
    """
    total[:] = 0.0
    mean[:] = 0.0
    for n in range(route_of.size):
        total[route_of[n]] += pooled[n, 0]
        mean[route_of[n]] += pooled[n, 4]
    for r in range(mean.size):
        mean[r] = mean[r] / total[r] if total[r] > 0.0 else np.nan


@driver
def go_alone(route_legs, length, on_foot, way, legs, terms, factors, home, out):
    """Work out what going without an office takes, by district and route, where people go `on_foot`.

    `factors` are `abm.market.offers.AloneFactors`, `home` an `abm.market.offers.HomeWay`; the output, an
    `abm.market.offers.Alone`, is left as it is elsewhere.
    """
    rates = alone_rates(factors.cost, terms.document_cost)
    for r in range(length.size):
        if not on_foot[r]:
            continue
        passage, bribes, documents = attempt_cost(way.passage[r], way.bribes[r], way.documents[r], rates)
        for d in range(out.cost.shape[0]):
            out.cost[d, r] = np.floor(passage + bribes + documents + factors.fare * home.km[d, r])
            arrival, death, _ = odds_of_attempt(route_legs, length, r, legs, 1.0, home.risk[d, r], factors.death)
            out.success[d, r], out.death[d, r] = arrival, fatality(arrival, death)
            utility = terms.success_weight * logarithm(max(out.success[d, r], 1e-6)) - factors.taste
            out.weight[d, r] = exponential(utility - terms.cost_weight * out.cost[d, r] / terms.cost_scale)


@making
def list_reach(home, reach, recruits, indptr, neighbours, near, far, kept):
    """List the open offices that serve each district, in order of district and office, and what distance leaves.

    By open office: home district, `reach` (`EVERYWHERE`, `NEIGHBOURS`, or its own district alone), district of its
    recruiters. Of its weight are left `near` in a neighbouring district, `far` farther away, and `kept` in the district
    of its recruiters once it has moved next door. Returns offices; where each district begins, one more than there are
    districts; and what is left of the weight.
    """
    districts, everywhere = indptr.size - 1, 0
    start = np.zeros(indptr.size, np.int64)
    for j in range(home.size):
        if reach[j] == EVERYWHERE:
            everywhere += 1
            continue
        start[home[j] + 1] += 1
        if reach[j] == NEIGHBOURS:
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                start[neighbours[n] + 1] += 1
        elif recruits[j] != home[j]:
            start[recruits[j] + 1] += 1
    for d in range(districts):
        start[d + 1] += start[d] + everywhere
    serving, nearness = np.empty(start[districts], np.int64), np.empty(start[districts])
    position = start[:-1].copy()
    for j in range(home.size):
        if reach[j] == EVERYWHERE:
            for d in range(districts):
                serving[position[d]] = j
                nearness[position[d]] = far
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                nearness[position[neighbours[n]]] = near
            nearness[position[recruits[j]]] = kept
            nearness[position[home[j]]] = 1.0
            position += 1
            continue
        serving[position[home[j]]] = j
        nearness[position[home[j]]] = 1.0
        position[home[j]] += 1
        if reach[j] == NEIGHBOURS:
            for n in range(indptr[home[j]], indptr[home[j] + 1]):
                d = neighbours[n]
                serving[position[d]] = j
                nearness[position[d]] = kept if d == recruits[j] else near
                position[d] += 1
        elif recruits[j] != home[j]:
            d = recruits[j]
            serving[position[d]] = j
            nearness[position[d]] = kept
            position[d] += 1
    return serving, start, nearness
