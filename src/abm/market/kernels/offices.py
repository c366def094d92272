"""How offices adapt from month to month, pay, open and close."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import driver, inlined, making
from abm.engine.portable import exponential, logarithm, normal_quantile
from abm.engine.random import uniform
from abm.world.codes import OFFICE_ARRESTED, OFFICE_CONVICTED, OFFICE_FREE, OFFICE_OPEN, UPFRONT

LEAST_MARKUP = 0.02
MOST_MARKUP = 3.0
LEAST_LOAD, MOST_LOAD = 0.2, 5.0
"""Clients over places, beyond which prices respond no more. Source: assumed."""

LEAST_CAPACITY = 1.0
"""Persons a month. Source: assumed."""

OWNERS_PATIENCE = 3
"""Months over which owners take out capital beyond the reserve."""

LEAST_SIZE = 0.25
"""Size of the smallest office relative to the median. Source: assumed."""

USUAL_QUALITY = 0.5
"""Service quality, and that of boats, of a new office. Source: assumed."""

NEAR_FROM, WIDE_FROM = 0.4, 0.95
"""Cumulative shares of offices that serve only their own district, and less than the whole country. Source: assumed."""

THREE_FROM = 0.5
"""Share of offices with no third corridor. Source: assumed."""

Founding = namedtuple("Founding", ["capacity", "spread", "capital", "markup", "reputation"])
"""What new offices have in common: capacity (persons a month) and PKR of one of median size, spread of sizes (log
points), markup, reputation."""

Moving = namedtuple("Moving", ["cost", "horizon", "kept"])
"""Moving next door: months of earnings that it costs; months of business ahead; part of the custom of its recruiters,
and of its record, that an office keeps."""


@driver
def pay_bills(offices, bribes, overhead, usual_capacity):
    """Pay investigators, as far as there is capital, then rent, phones and staff; returns both in all, PKR.

    `bribes` are due by row; `overhead` is that of an office of median size, which grows with the root of capacity.
    """
    protection, fixed = 0, 0
    for o in range(offices.state.size):
        due = 0
        if offices.key[o] >= 0:
            due = min(max(np.int64(bribes[o]), 0), max(offices.capital[o], 0))
        cost = 0
        if offices.state[o] != OFFICE_FREE:
            cost = np.int64(overhead * np.sqrt(offices.capacity[o] / usual_capacity))
        offices.capital[o] -= due + cost
        offices.spent[o] += due + cost
        protection += due
        fixed += cost
    return protection, fixed


@driver
def pay_owners(offices, rows, typical, reserve, founding_capital):
    """Pay owners part of the capital beyond the reserve; returns the sum, PKR.

    `rows` are open offices. `typical` is usual spending by row, PKR a month; it follows the month. An office keeps
    `reserve` months of it, and the founding capital at least.
    """
    profit = 0
    for j in range(rows.size):
        o = rows[j]
        typical[o] += (offices.spent[o] - typical[o]) / max(reserve, 1.0)
        keep = np.int64(max(reserve * typical[o], founding_capital))
        excess = max(offices.capital[o] - keep, 0) // OWNERS_PATIENCE
        offices.capital[o] -= excess
        profit += excess
    return profit


@driver
def find_leaving(offices, key, lean_months, lean_exit, leaving):
    """Find the offices that close, convicted ones first; returns how many are convicted, and how many close in all.

    Those without capital close, unless the owner waits for trial, and of those without profit for `lean_months` or more
    the share `lean_exit` a month. Output: rows.
    """
    convicted, found = 0, 0
    for o in range(offices.state.size):
        if offices.state[o] == OFFICE_CONVICTED and offices.key[o] >= 0:
            leaving[convicted] = o
            convicted += 1
    found = convicted
    for o in range(offices.state.size):
        state = offices.state[o]
        if state in (OFFICE_FREE, OFFICE_CONVICTED) or offices.key[o] < 0:
            continue
        leaves = offices.capital[o] < 0 and state != OFFICE_ARRESTED
        if not leaves and state == OFFICE_OPEN and offices.lean[o] >= lean_months:
            leaves = uniform(key, offices.key[o] * 16) < lean_exit
        if leaves:
            leaving[found] = o
            found += 1
    return convicted, found


@driver
def forget_offices(sent_by, closing):
    """Let travellers forget the office that sent them, -1 for none, if it closes (flag by row)."""
    for k in range(sent_by.size):
        if sent_by[k] >= 0 and closing[sent_by[k]]:
            sent_by[k] = -1


@driver
def hand_over(clients, offices, closing, route_bits, gone):
    """Send clients of closing offices to the most reputable office of their district that serves their route.

    `closing` flags offices by row; `route_bits` is the corridor of each route, as a bit. Output: clients for whom no
    office is left.
    """
    last = offices.state.size  # rows beyond are free
    while last > 0 and offices.state[last - 1] == OFFICE_FREE:
        last -= 1
    for k in range(clients.office.size):
        gone[k] = False
        if clients.office[k] < 0 or not closing[clients.office[k]]:
            continue
        best, highest = -1, -1.0
        for o in range(last):
            if offices.district[o] != clients.district[k] or offices.state[o] != OFFICE_OPEN or closing[o]:
                continue
            if (offices.corridors[o] & route_bits[clients.route[k]]) != 0 and offices.reputation[o] > highest:
                best, highest = o, offices.reputation[o]
        if best >= 0:
            clients.office[k] = best
        else:
            gone[k] = True


@inlined
def draw_portfolio(steps, key, draw):
    """Draw two or three corridors, as bits, with the four random numbers from `draw` on."""
    bits = np.int64(0)
    for n in range(3 if uniform(key, draw + 3) > THREE_FROM else 2):
        picked, found = 0, uniform(key, draw + n)
        while picked < steps.size - 1 and steps[picked] < found:
            picked += 1
        bits |= np.int64(1) << picked
    return bits


@driver
def open_offices(offices, districts, recruits, sizes, drawn, first_key, key, usual, steps, risk, typical):
    """Open offices in free rows, as many as there is room for; returns how many, and their capital, PKR.

    By new office: home, district of recruiters, and size relative to the median, around which it is drawn if `drawn`.
    `first_key` is the permanent number of the first, `key` that of the stream, the same in all months. `usual` is a
    `Founding`, `steps` cumulative shares of the corridors in portfolios, `risk` the perceived hazard of arrest by
    district, and `typical` usual spending by row: a new office has none.
    """
    number, capital, o = 0, 0, -1
    while number < districts.size:
        o += 1
        if o == offices.state.size:
            break
        if offices.state[o] != OFFICE_FREE:
            continue
        size, me = sizes[number], first_key + number
        draw = me * 16  # and so many draws after it are its own
        if drawn:
            size *= exponential(usual.spread * normal_quantile(uniform(key, draw)))
        reach = uniform(key, draw + 1)
        offices.key[o], offices.state[o], offices.district[o] = me, OFFICE_OPEN, districts[number]
        offices.recruits[o] = recruits[number]
        offices.reach[o] = np.int64(reach > NEAR_FROM) + np.int64(reach > WIDE_FROM)
        offices.corridors[o] = draw_portfolio(steps, key, draw + 2)
        offices.integrity[o] = uniform(key, draw + 6)
        offices.quality[o], offices.boats[o] = USUAL_QUALITY, USUAL_QUALITY
        offices.forgery[o], offices.ruthlessness[o] = uniform(key, draw + 7), uniform(key, draw + 8)
        offices.capacity[o] = max(usual.capacity * size, LEAST_CAPACITY)
        offices.capital[o] = np.int64(usual.capital * max(size, LEAST_SIZE))
        offices.markup[o], offices.load[o], offices.risk[o] = usual.markup, 1.0, risk[districts[number]]
        offices.reputation[o], offices.fulfilled[o], offices.ended[o] = usual.reputation, 0.0, 0.0
        offices.cheated[o], offices.exploited[o] = 0.0, 0.0
        offices.unused[o], offices.bribed[o], offices.lean[o], offices.until[o] = 0.0, 0.0, 0, 0
        offices.waiting[o], offices.dispatched[o], offices.asked[o] = 0, 0, 0
        offices.revenue[o], offices.spent[o] = 0, 0
        typical[o] = 0.0
        capital += offices.capital[o]
        number += 1
    return number, capital


@driver
def move_pursued(offices, rows, key, relocation, hazard, stake, pressure, places, gain, terms, indptr, neighbours):
    """Move offices next door where profit net of the losses expected by arrest is higher; returns what it costs, PKR.

    An office that moves leaves its recruiters where they are: it keeps part of their custom, and part of its record.
    What it fears beyond the hazard of its district, after raids on itself, goes with it. It wins some of the clients
    left over next door, and sees who came before it. `relocation` is the monthly chance that one considers to move;
    `hazard` of arrest is by district, `stake` PKR that each office would lose by it. By district, persons a month:
    clients left over (`pressure`), and `places`, which change with those who move. `gain` is PKR earned on a client
    beyond its cost, `terms` is `Moving`.
    """
    paid = 0
    for j in range(rows.size):
        o = rows[j]
        if uniform(key, offices.key[o] * 16 + 1) >= relocation:
            continue
        home, capacity = np.int64(offices.district[o]), offices.capacity[o]
        earns = gain * capacity * min(offices.load[o], 1.0)
        cost = np.int64(terms.cost * earns)
        if offices.capital[o] < cost:
            continue
        now = offices.risk[o]
        own = max(now - hazard[home], 0.0)
        most = earns - now * stake[o] + cost / terms.horizon
        best, least = home, now
        for n in range(indptr[home], indptr[home + 1]):
            d = np.int64(neighbours[n])
            feared = min(hazard[d] + own, 1.0)
            if feared >= now:
                continue
            load = terms.kept * offices.load[o] + pressure[d] / (places[d] + capacity)
            net = gain * capacity * min(load, 1.0) - feared * stake[o]
            if net > most:
                best, most, least = d, net, feared
        if best == home:
            continue
        places[home] -= capacity
        places[best] += capacity
        offices.district[o], offices.recruits[o], offices.risk[o] = best, home, least
        offices.fulfilled[o] *= terms.kept
        offices.ended[o] *= terms.kept
        offices.cheated[o] *= terms.kept
        offices.exploited[o] *= terms.kept
        offices.capital[o] -= cost
        offices.spent[o] += cost
        paid += cost
    return paid


@driver
def adapt(offices, rows, arrest_loss, speed, markup, load_weight, growth, largest, fade, prior, usual, word):
    """Let load, markup, reputation and capacity of the open offices follow the month.

    The load is of those who would leave in the month, sent off or not. `arrest_loss` is PKR a month that each row
    expects to lose through arrests. `speed` is the share of a gap closed in the month, `growth` that of the busy that
    earn, up to capacity `largest`. `markup` is that at load 1, `load_weight` its response to the log of the load. The
    share `fade` of the record is forgotten; the `usual` reputation stands for `prior` contracts. A client cheated or
    held for ransom counts for `word` contracts broken. Clients put down to an office what is beyond the share with all
    offices: some are wronged by any.

    References
    ----------
    ODD submodel "Offices"; reputation as in Tirole (1996).
    """
    wronged, clients = 0.0, 0.0
    for j in range(rows.size):
        wronged += offices.cheated[rows[j]] + offices.exploited[rows[j]]
        clients += offices.ended[rows[j]]
    share = wronged / max(clients, 1.0)
    for j in range(rows.size):
        o = rows[j]
        offices.load[o] += speed * (offices.asked[o] / max(offices.capacity[o], LEAST_CAPACITY) - offices.load[o])
        target = markup * (1.0 + load_weight * logarithm(min(max(offices.load[o], LEAST_LOAD), MOST_LOAD)))
        moved = offices.markup[o] + speed * (target - offices.markup[o])
        offices.markup[o] = min(max(moved, LEAST_MARKUP), MOST_MARKUP)
        offices.fulfilled[o] *= 1.0 - fade
        offices.ended[o] *= 1.0 - fade
        offices.cheated[o] *= 1.0 - fade
        offices.exploited[o] *= 1.0 - fade
        wronged = offices.cheated[o] + offices.exploited[o] - share * offices.ended[o]
        kept = offices.fulfilled[o] - word * wronged
        record = (kept + prior * usual) / max(offices.ended[o] + prior, 1e-9)
        offices.reputation[o] = min(max(record, 0.0), 1.0)
        earns = offices.revenue[o] > offices.spent[o] + arrest_loss[o]
        offices.lean[o] = 0 if earns else offices.lean[o] + 1
        if offices.load[o] > 1.1 and earns and offices.capital[o] > 0:
            offices.capacity[o] = min(offices.capacity[o] * (1.0 + growth), max(largest, offices.capacity[o]))
        elif offices.load[o] < 0.6:
            offices.capacity[o] = max(offices.capacity[o] * (1.0 - growth), LEAST_CAPACITY)


@making
def left_by_route(offices, rows, offer_of, fee, weight, share, lost):
    """What a client who pays upfront leaves, PKR by route, and whether anybody offers the route.

    It is the fee less the agents' share and the cost in it, but for the losses by arrest, which newcomers reckon by
    district. Means over open offices, `rows`, by the weight of their offers and capacity. `offer_of` is the number of
    the offer by route and office, -1 if none; `fee` and `weight` are by offer and way of paying, and `lost` is what
    arrests cost an open office for each client.
    """
    left, total = np.zeros(len(offer_of)), np.zeros(len(offer_of))
    for j in range(rows.size):  # the offers of an office stand together
        o = rows[j]
        markup = 1.0 + offices.markup[o]
        for r in range(left.size):
            n = offer_of[r, j]
            if n >= 0:
                wanted = 0.0
                for way in range(weight.shape[1]):
                    wanted += weight[n, way]
                wanted *= offices.capacity[o]
                total[r] += wanted
                left[r] += wanted * (fee[n, UPFRONT] * (1.0 - share) * (1.0 - 1.0 / markup) + lost[j])
    return left / np.maximum(total, 1e-300), total > 0.0


@driver
def concentration(offices, by_district):
    """Index of concentration of contracts, and means weighted by capacity: markup, reputation, quality, boats, load.

    Not a number where there is no office. `by_district` is the output, open offices: those whose owner is under arrest
    do no business.
    """
    total, squares, weight = 0.0, 0.0, 0.0
    markup, name, care, boats, load = 0.0, 0.0, 0.0, 0.0, 0.0
    by_district[:] = 0
    for o in range(offices.state.size):
        if offices.state[o] != OFFICE_OPEN:
            continue
        by_district[offices.district[o]] += 1
        total += offices.ended[o]
        squares += offices.ended[o] * offices.ended[o]
        weight += offices.capacity[o]
        markup += offices.capacity[o] * offices.markup[o]
        name += offices.capacity[o] * offices.reputation[o]
        care += offices.capacity[o] * offices.quality[o]
        boats += offices.capacity[o] * offices.boats[o]
        load += offices.capacity[o] * offices.load[o]
    index = squares / (total * total) if total > 0.0 else np.nan
    if weight <= 0.0:
        return index, np.nan, np.nan, np.nan, np.nan, np.nan
    return index, markup / weight, name / weight, care / weight, boats / weight, load / weight
