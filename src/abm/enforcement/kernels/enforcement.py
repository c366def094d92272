"""Effort on legs and its reallocation, corruption of officers, leads, and what offices fear."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import kernel
from abm.engine.portable import exponential, power
from abm.engine.random import binomial, binomials, uniform
from abm.world.codes import (
    CASE_CHARGED,
    CASE_INVESTIGATED,
    CASE_LEAD,
    MONEY_LIMIT,
    OFFICE_ARRESTED,
    OFFICE_CONVICTED,
    OFFICE_FREE,
    OFFICE_OPEN,
)

RaidMonth = namedtuple("RaidMonth", ["solving", "arrested_each", "owner_share", "disruption", "month"])
"""Odds of a raid: strength of a lead, persons arrested, probability that the owner is one, capacity lost; and when."""

Lost = namedtuple("Lost", ["months", "capital"])
"""What the arrest of its owner is expected to cost an office: months of earnings, and share of capital."""

CorruptionMonth = namedtuple(
    "CorruptionMonth", ["temptation", "reach", "kept", "watch", "watch_gain", "fear", "caution_kept"]
)
"""Parameters of corruption as in `abm.enforcement.declarations.EnforcementParams`; shares that a month leaves of the
gap to its target, and of caution."""

# What a draw of the stream of cases is for: draws for different purposes never share an entity
PURPOSE = np.int64(1) << np.int64(44)
FOR_CAUGHT, FOR_RETURNEE, FOR_CHEATED, FOR_INTELLIGENCE, FOR_HANDOVER, FOR_CAPACITY = 1, 2, 3, 4, 5, 6
FOR_RAID, FOR_OWNER, FOR_AGENTS, FOR_VERDICT, FOR_OFFICERS, FOR_SANCTION, FOR_MARK = 7, 8, 9, 10, 11, 12, 13

MOST_OTHERS = 8
"""Most persons arrested in a raid beside the first."""

_YIELD_BOUNDS = (0.1, 10.0)
"""Detections an officer, against those at the start, that a post believes in."""


def successes(trials: np.ndarray, chance: np.ndarray | float, key: np.uint64, entity: np.ndarray) -> np.ndarray:
    """Draw the successes of each cohort, int64 of any shape; key and entity as in `abm.engine.random.binomial`."""
    found, odds = np.zeros(trials.shape, np.int64), np.empty(trials.shape)
    odds[...] = chance
    binomials(trials.ravel(), odds.ravel(), key, entity, found.ravel())
    return found


@kernel
def begin_cases(waiting, free, offset, province, begun):
    """Fill how many of the cases that wait begin: as many as officers are free for, evenly spread over the districts.

    Parameters
    ----------
    waiting, begun
        Whole cases by service, stream and district; output of the same shape.
    free, offset
        Cases for which officers are free, and uniform draws that round them, by service, stream and province.
    province
        Province of each district.
    """
    total, upto, before = np.zeros(free.shape[2], np.int64), np.zeros(free.shape[2], np.int64), np.zeros(free.shape[2])
    for service in range(waiting.shape[0]):
        for stream in range(waiting.shape[1]):
            total[:], upto[:], before[:] = 0, 0, 0.0
            for d in range(province.size):
                total[province[d]] += waiting[service, stream, d]
            for d in range(province.size):
                p, here = province[d], waiting[service, stream, d]
                upto[p] += here
                share = min(free[service, stream, p] / max(total[p], 1), 1.0)
                reached = np.floor(upto[p] * share + offset[service, stream, p])
                begun[service, stream, d] = min(np.int64(reached - before[p]), here)
                before[p] = reached


@kernel
def decay(half_life: float) -> float:
    """Share of a memory that one month leaves, from its half-life in months."""
    return exponential(-0.6931471805599453 / half_life)


@kernel
def first_yields(guards, integrity, reach, serving, usual, flow, reference_effort, found):
    """Interceptions per officer and month at effort and flow 1 and the corruption in the data.

    Parameters
    ----------
    guards, serving
        Columns; whether the post of each pair is in service.
    integrity, reach
        Officers of each post who take no bribes, in the data; share of the others who are offered one.
    usual, flow, reference_effort
        By leg: odds of a stop at effort 1, travellers at flow 1, officers at effort 1.
    found
        Output by leg.
    """
    officers = np.zeros(found.size)
    found[:] = 0.0
    for g in range(guards.leg.size):
        if serving[g]:
            leg = guards.leg[g]
            officers[leg] += guards.reference[g]
            found[leg] += guards.reference[g] * ((1.0 - integrity[guards.post[g]]) * reach)
    for leg in range(found.size):
        honest = 1.0 - found[leg] / max(officers[leg], 1e-12)
        found[leg] = usual[leg] * honest * flow[leg] / reference_effort[leg]


@kernel
def adapt_corruption(posts, identity, removed, month, key):
    """Move the corruption of each post to what a bribe is worth; some are caught, others are careful for a while.

    Parameters
    ----------
    posts
        Columns; corruption, caution and those caught change.
    identity
        Numbers by which the draws of the posts are addressed, whatever other posts there are.
    removed
        Share of corruption that policy removes, by post.
    month, key
        `CorruptionMonth`; key of the month.
    """
    for p in range(identity.size):
        worth = power(posts.pressure[p], month.temptation) if posts.pressure[p] > 0.0 else 1.0
        target = min((1.0 - posts.integrity[p]) * month.reach * (1.0 - removed[p]) * worth, 1.0)
        posts.corrupt[p] = target + (posts.corrupt[p] - target) * month.kept
        entity = FOR_OFFICERS * PURPOSE + 2 * identity[p]
        taking = posts.staff[p] * (posts.corrupt[p] * (1.0 - posts.caution[p]))
        takers = np.int64(np.floor(taking + uniform(key, entity)))
        hazard = min(month.watch * (1.0 + month.watch_gain * removed[p]), 1.0)
        posts.caught[p] = binomial(takers, hazard, key, entity + 1)
        unmoved = exponential(-month.fear * (posts.caught[p] / max(posts.staff[p], 1e-9)))
        caution = posts.caution[p] * month.caution_kept
        posts.caution[p] = caution + (1.0 - caution) * (1.0 - unmoved)


@kernel
def reallocate(guards, caught, own_yield, response, speed, floor, memory):
    """Move officers slowly to where an officer stops more people than at the start.

    The target of a leg is its first share times (yield / first yield)^response, made to sum to one over the legs of a
    post, and over all legs of the pool; `floor` times the first share always stays. Yields fall with effort, so the
    movement ends at equal yields and does not lock in.

    Parameters
    ----------
    guards
        Columns; detections, shares and pool change.
    caught
        Persons stopped in the month by leg, those from outside the region included.
    own_yield
        Persons stopped by an officer and month when effort and flow are 1, by leg.
    response, speed, floor, memory
        Elasticity, share of the gap closed a month, share that stays, share of the memory that a month leaves.
    """
    pairs = guards.leg.size
    on_leg, posts = np.zeros(caught.size), 0
    for g in range(pairs):
        on_leg[guards.leg[g]] += guards.effort[g]
        posts = max(posts, guards.post[g] + 1)
    weight = np.zeros(pairs)
    of_post = np.zeros(posts)
    of_pool = 0.0
    for g in range(pairs):
        leg = guards.leg[g]
        stopped = caught[leg] * guards.effort[g] / on_leg[leg] if on_leg[leg] > 0.0 else 0.0
        guards.detections[g] = stopped + (guards.detections[g] - stopped) * memory
        ratio = guards.detections[g] / max(guards.effort[g] * own_yield[leg], 1e-9)
        weight[g] = power(min(max(ratio, _YIELD_BOUNDS[0]), _YIELD_BOUNDS[1]), response)
        of_post[guards.post[g]] += guards.first_share[g] * weight[g]
        of_pool += guards.first_pool[g] * weight[g]
    for g in range(pairs):
        first = guards.first_share[g]
        target = floor * first + (1.0 - floor) * first * weight[g] / of_post[guards.post[g]]
        guards.share[g] += speed * (target - guards.share[g])
        first = guards.first_pool[g]
        if first > 0.0:
            target = floor * first + (1.0 - floor) * first * weight[g] / of_pool
            guards.pool[g] += speed * (target - guards.pool[g])


@kernel
def people_name_offices(rows, legs, persons, offices, probability, table, key, purpose, leads):
    """Draw who of those apprehended, sent home or cheated names the office that sent him; add to leads by office.

    Parameters
    ----------
    rows, legs, persons, offices, probability
        Household, leg or place, persons, office (-1 if none) and chance of one person to name it, by cohort.
    table
        Columns of offices: bribes to investigators make them blind.
    key, purpose
        Key of the month, and what the draw is for.
    """
    for k in range(rows.size):
        office = offices[k]
        if office >= 0 and table.state[office] == OFFICE_OPEN:
            heard = probability[k] * (1.0 - table.bribed[office])
            entity = purpose * PURPOSE + rows[k] * 1024 + legs[k] % 1024
            leads[office] += binomial(persons[k], heard, key, entity)


@kernel
def gather_intelligence(table, circle_of, expected, added, key, leads):
    """Draw leads that circles find on their own, and add them by office: the larger an office, the likelier.

    Parameters
    ----------
    table, key
        Columns of offices; key of the month.
    circle_of
        Circle in charge of each district that one covers, -1 elsewhere.
    expected, added
        Leads that a circle expects in the month in all its districts, by post; and those expected by officers who work
        on one district alone, by district.
    """
    size, at_home = np.zeros(expected.size), np.zeros(circle_of.size)
    for o in range(table.state.size):
        circle = circle_of[table.district[o]]
        if table.state[o] == OFFICE_OPEN and circle >= 0:
            size[circle] += 1.0 + table.capacity[o]
            at_home[table.district[o]] += 1.0 + table.capacity[o]
    for o in range(table.state.size):
        d = table.district[o]
        circle = circle_of[d]
        if table.state[o] == OFFICE_OPEN and circle >= 0:
            each = expected[circle] / size[circle] + added[d] / at_home[d]
            hazard = each * (1.0 + table.capacity[o]) * (1.0 - table.bribed[o])
            if uniform(key, FOR_INTELLIGENCE * PURPOSE + table.key[o]) < 1.0 - exponential(-hazard):
                leads[o] += 1


@kernel
def hand_over(leads, district, office_key, reaching, key, lost):
    """Lose leads on their way to those in charge.

    Parameters
    ----------
    leads, district, office_key
        Leads by office, changed to those that arrive; home district and permanent number of the office.
    reaching, key
        Probability by district that a lead arrives; key of the month.
    lost
        Added to: leads lost, by district.
    """
    for o in range(leads.size):
        if leads[o] > 0:
            arrived = binomial(leads[o], reaching[district[o]], key, FOR_HANDOVER * PURPOSE + office_key[o])
            lost[district[o]] += leads[o] - arrived
            leads[o] = arrived


@kernel
def review_cases(cases, count, kept, least, leads, state, office_key, dropped, has_case, lost):
    """Let unused leads fade, drop those on closed offices, and add the month's leads to the cases that go on.

    Parameters
    ----------
    cases, count
        Columns, of which the evidence changes; rows in use.
    kept, least
        Share of the evidence of waiting leads that a month leaves; evidence below which they are dropped.
    leads, state, office_key
        By office: leads of the month, state, and permanent number, which tells whether it is still the one of the case.
    dropped, has_case
        Output: cases that end here; offices against which a case goes on, false before.
    lost
        Added to: leads dropped for want of evidence, by district.
    """
    for k in range(count):
        office, faded = cases.office[k], False
        if cases.stage[k] == CASE_LEAD:
            cases.evidence[k] *= kept
            faded = cases.evidence[k] < least
            lost[cases.district[k]] += faded
        running = cases.stage[k] <= CASE_INVESTIGATED
        closed = office_key[office] != cases.office_key[k] or state[office] == OFFICE_FREE
        dropped[k] = faded or (running and closed)
        if running and not dropped[k]:
            has_case[office] = True
            cases.evidence[k] += leads[office]


@kernel
def begin_investigations(stage, since, district, circle, order, at_home, of_circle, month, begun):
    """Begin investigations: by officers added to the district of a case, else by the others of its circle.

    Parameters
    ----------
    stage, since, district, circle
        Columns of the cases; the first two change.
    order, month
        Rows that wait, in turn; month of the run.
    at_home, of_circle, begun
        Investigations at a time, by district and by circle, of which those left remain; added to, by district.
    """
    for k in range(stage.size):
        if stage[k] == CASE_INVESTIGATED:
            of_circle[circle[k]] -= at_home[district[k]] <= 0
            at_home[district[k]] -= 1
    for left, place in ((at_home, district), (of_circle, circle)):
        for k in order:
            if stage[k] == CASE_LEAD and left[place[k]] > 0:
                left[place[k]] -= 1
                stage[k], since[k] = CASE_INVESTIGATED, month
                begun[district[k]] += 1


@kernel
def raid(cases, due, skill, params, key, until, table, raided, arrests, owners, failed):
    """End investigations: somebody is arrested, perhaps the owner, or the case is closed.

    Parameters
    ----------
    cases, due
        Columns, and rows of the investigations that end; stage, since, arrested and owner change.
    skill
        Share of the accused whom the officers of each post find.
    params, key, until
        `RaidMonth`; key of the month; month of the run in which who is arrested now is out on bail.
    table
        Columns of offices; an arrested owner shuts his, and any raid that finds somebody costs capacity.
    raided, failed
        Output: offices of which somebody was arrested, and rows of cases that end here.
    arrests, owners
        Added to: persons arrested, and owners among them, by district.
    """
    for k in due:
        office, case = cases.office[k], cases.id[k]
        success = (1.0 - exponential(-params.solving * cases.evidence[k])) * (1.0 - table.bribed[office])
        success *= skill[cases.circle[k]]
        if uniform(key, FOR_RAID * PURPOSE + case) >= success:
            failed[k] = True
            continue
        others = binomial(MOST_OTHERS, (params.arrested_each - 1.0) / MOST_OTHERS, key, FOR_AGENTS * PURPOSE + case)
        arrests[cases.district[k]] += 1 + others
        raided[office] = True
        table.capacity[office] *= 1.0 - params.disruption
        if uniform(key, FOR_OWNER * PURPOSE + case) < params.owner_share and table.state[office] == OFFICE_OPEN:
            owners[cases.district[k]] += 1
            table.state[office] = OFFICE_ARRESTED
            table.until[office] = until
            cases.owner[k] = 1
        cases.arrested[k] = 1 + others
        cases.stage[k] = CASE_CHARGED
        cases.since[k] = params.month


@kernel
def judge(cases, judged, probability, key, table, convicted, owners):
    """Convict or acquit; an office whose owner is convicted closes if it is still his, and opens if he is acquitted.

    Parameters
    ----------
    cases, judged, table
        Columns of cases, rows of those that end, and columns of offices, of which the state changes.
    probability, key
        Of a conviction; key of the month.
    convicted, owners
        Added to: persons convicted, and owners whose office closes, by district.
    """
    for k in judged:
        office, district = cases.office[k], cases.district[k]
        guilty = uniform(key, FOR_VERDICT * PURPOSE + cases.id[k]) < probability
        if guilty:
            convicted[district] += cases.arrested[k]
        in_business = table.state[office] == OFFICE_OPEN or table.state[office] == OFFICE_ARRESTED
        if cases.owner[k] == 1 and in_business and table.key[office] == cases.office_key[k]:
            table.state[office] = OFFICE_CONVICTED if guilty else OFFICE_OPEN
            if guilty:
                owners[district] += 1


@kernel
def learn_risk(table, hazard, raided, alarm, memory, lost, own, earning, seen_key, stake, arrest_loss):
    """Set every office's perceived hazard of arrest (column ``risk``), and what it expects to lose by it.

    Parameters
    ----------
    table
        Columns of offices.
    hazard, raided
        Hazard perceived in each district; offices raided now.
    alarm, memory
        What a raid in the own house adds to the month's signal; months over which signals and earnings are averaged.
    lost
        `Lost`.
    own, earning, seen_key
        Hazard that an office perceives beyond that of its district, earnings of a month, averaged, and the office that
        they are of; a row that serves a new office starts anew.
    stake, arrest_loss
        Output: PKR that an arrest is expected to cost, and PKR a month.
    """
    for o in range(table.state.size):
        stake[o], arrest_loss[o] = 0.0, 0.0
        if table.state[o] != OFFICE_OPEN and table.state[o] != OFFICE_ARRESTED:
            continue
        if seen_key[o] != table.key[o]:
            seen_key[o] = table.key[o]
            earning[o], own[o] = 0.0, 0.0
        earning[o] += (np.float64(table.revenue[o] - table.spent[o]) - earning[o]) / memory
        own[o] += (alarm * raided[o] - own[o]) / memory
        table.risk[o] = min(max(hazard[table.district[o]] + own[o], 0.0), 1.0)
        stake[o] = lost.months * max(earning[o], 0.0) + lost.capital * max(np.float64(table.capital[o]), 0.0)
        arrest_loss[o] = table.risk[o] * stake[o]


@kernel
def buy_protection(state, district, capital, bought, price, arrest_loss, bribed, bribes):
    """Let open offices that can afford it bribe the investigators who take bribes, for a share of what they may lose.

    Parameters
    ----------
    state, district, capital
        Columns of offices.
    bought, price, arrest_loss
        Share of investigators who take bribes, by district; PKR for a rupee of expected loss; that loss by office.
    bribed, bribes
        Output by office: share of investigators bought, and PKR due to them in the month.
    """
    for o in range(state.size):
        takers = bought[district[o]]
        due = np.int64(price * takers * arrest_loss[o])
        pays = state[o] == OFFICE_OPEN and takers > 0.0 and capital[o] > 0 and due <= capital[o]
        bribed[o] = takers if pays else 0.0
        bribes[o] = due if pays else 0


@kernel
def draw_sanctions(row, kind, persons, share, key, punished, marked):
    """Draw who of those sent home is punished.

    Parameters
    ----------
    row, kind, persons
        Household, way of coming home, and persons, by cohort.
    share, key
        Probability of one person to be punished; key of the month.
    punished, marked
        Output: persons punished, and whether the cohort is marked for what its household learns of it: as often as one
        of its persons is punished.
    """
    for k in range(row.size):
        entity = row[k] * 1024 + kind[k]
        punished[k] = binomial(persons[k], share, key, FOR_SANCTION * PURPOSE + entity)
        marked[k] = uniform(key, FOR_MARK * PURPOSE + entity) * persons[k] < punished[k]


@kernel
def charge_households(rows, persons, fine, weights, households, paid, borrowed):
    """Charge a fine of PKR a person: savings first, the rest is borrowed; a debt at its limit ends the charge.

    Parameters
    ----------
    rows, persons, weights
        Household, persons fined, and households that the row stands for, by cohort: a row pays a multiple of it.
    households
        Columns; savings and debt change.
    paid, borrowed
        Output: PKR paid, and borrowed for it, by cohort.
    """
    for k in range(rows.size):
        row, weight = rows[k], weights[k]
        due = np.int64(fine * persons[k] / weight)
        own = min(due, max(np.int64(households.assets[row]), 0))
        loan = min(due - own, MONEY_LIMIT - np.int64(households.debt[row]))
        loan = max(loan, 0)
        households.assets[row] -= np.int32(own)
        households.debt[row] += np.int32(loan)
        paid[k] = (own + loan) * weight
        borrowed[k] = loan * weight
