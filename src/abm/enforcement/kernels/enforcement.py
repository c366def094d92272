"""Effort on legs and its reallocation, corruption of officers, leads, and what offices fear."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import inlined, kernel, making
from abm.engine.elementwise import apart
from abm.engine.portable import exponential, power
from abm.engine.random import binomial, uniform
from abm.world.codes import (
    CASE_CHARGED,
    CASE_INVESTIGATED,
    CASE_LEAD,
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
_OFFICE = np.int64(1) << np.int64(50)
FOR_CAUGHT, FOR_RETURNEE, FOR_CHEATED, FOR_INTELLIGENCE, FOR_HANDOVER, FOR_CAPACITY = 1, 2, 3, 4, 5, 6
FOR_RAID, FOR_OWNER, FOR_AGENTS, FOR_VERDICT, FOR_OFFICERS, FOR_SANCTION, FOR_MARK = 7, 8, 9, 10, 11, 12, 13

MOST_OTHERS = 8
"""Most persons arrested in a raid beside the first."""

_YIELD_BOUNDS = (0.1, 10.0)
"""Detections an officer, against those at the start, that a post believes in."""


@making
def begin_cases(waiting, free, offset, province, begun):
    """Fill how many of the cases that wait begin: as many as officers are free for, evenly spread over the districts.

    `waiting` and `begun` are whole cases by service, stream and district. `free` are cases for which officers are free
    and `offset` uniform draws that round them, by service, stream and province; `province` is that of each district.
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


@making
def first_yields(guards, integrity, reach, serving, usual, flow, reference_effort, found):
    """Fill interceptions per officer and month, by leg, at effort and flow 1 and the corruption in the data.

    `integrity` is the share of officers of each post who take no bribes, `reach` that of the others who are offered
    one; `serving` tells which pairs of `guards` are in service. By leg: `usual` odds of a stop at effort 1, `flow` of
    travellers at flow 1, officers at effort 1.
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

    `identity` addresses the draws of a post, whatever other posts there are. `removed` is the share of corruption that
    policy removes, by post; `month` is a `CorruptionMonth`, `key` that of the month.

    References
    ----------
    Andvig and Moene (1990), "How corruption may corrupt": honest colleagues find out the others, so that the more take
    bribes, the fewer are caught.
    """
    for p in range(identity.size):
        worth = power(posts.pressure[p], month.temptation) if posts.pressure[p] > 0.0 else 1.0
        target = min((1.0 - posts.integrity[p]) * month.reach * (1.0 - removed[p]) * worth, 1.0)
        posts.corrupt[p] = target + (posts.corrupt[p] - target) * month.kept
        entity = FOR_OFFICERS * PURPOSE + 2 * identity[p]
        taking = posts.staff[p] * (posts.corrupt[p] * (1.0 - posts.caution[p]))
        takers = np.int64(np.floor(taking + uniform(key, entity)))
        honest = 1.0 - posts.corrupt[p]  # those who take bribes report nobody
        hazard = min(month.watch * (honest + month.watch_gain * removed[p]), 1.0)
        posts.caught[p] = binomial(takers, hazard, key, entity + 1)
        unmoved = exponential(-month.fear * (posts.caught[p] / max(posts.staff[p], 1e-9)))
        caution = posts.caution[p] * month.caution_kept
        posts.caution[p] = caution + (1.0 - caution) * (1.0 - unmoved)


@making
def reallocate(guards, caught, own_yield, response, speed, floor, memory):
    """Move officers slowly to where an officer stops more people than at the start.

    The target of a leg is its first share times (yield / first yield)^response, made to sum to one over the legs of a
    post, and over all legs of the pool; `floor` times the first share always stays. Yields fall with effort, so the
    movement ends at equal yields and does not lock in.

    `caught` are persons stopped in the month by leg, those from outside the region included; `own_yield` is what an
    officer stops in a month at effort and flow 1. `speed` is the share of the gap closed in a month, `memory` what a
    month leaves of the memory of detections.
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


def witnesses(rows: np.ndarray, places: np.ndarray, offices: np.ndarray) -> np.ndarray:
    """Identity of each cohort in the draws of the month: its household, leg, place or way home, and office."""
    return apart(rows * 1024 + places % 1024 + (offices + 1) * _OFFICE)


@kernel
def people_name_offices(entity, persons, offices, probability, table, key, purpose, leads):
    """Draw who of those apprehended, sent home or cheated names the office that sent him; add to leads by office.

    By cohort: identity in the draws, persons, office (-1 if none), `probability` that one person names it. Bribes make
    investigators blind. `key` is that of the month, `purpose` what the draw is for.
    """
    for k in range(entity.size):
        office = offices[k]
        if office >= 0 and table.state[office] == OFFICE_OPEN:
            heard = probability[k] * (1.0 - table.bribed[office])
            leads[office] += binomial(persons[k], heard, key, purpose * PURPOSE + entity[k])


@making
def gather_intelligence(table, circle_of, expected, added, key, leads):
    """Draw leads that circles find on their own, and add them by office: the larger an office, the likelier.

    `circle_of` is the circle in charge of each district that one covers, -1 elsewhere. `expected` are leads a month of
    a circle in all its districts, by post; `added` those of officers who work on one district alone, by district.
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
    """Lose leads, by office, on their way to those in charge; adds those lost to `lost`, by district.

    `reaching` is the probability by district that a lead arrives; `office_key` addresses the draws.
    """
    for o in range(leads.size):
        if leads[o] > 0:
            arrived = binomial(leads[o], reaching[district[o]], key, FOR_HANDOVER * PURPOSE + office_key[o])
            lost[district[o]] += leads[o] - arrived
            leads[o] = arrived


@kernel
def review_cases(cases, count, kept, least, leads, state, office_key, dropped, has_case, lost):
    """Let unused leads fade, drop those on closed offices, and add the month's leads to the cases that go on.

    The first `count` rows are in use. A month leaves the share `kept` of the evidence of waiting leads; below `least`
    they are dropped and added to `lost`, by district. By office: leads of the month, state, and permanent number, which
    tells whether it is still the one of the case. Output: cases `dropped`, and offices that a case goes on against
    (`has_case`, false before).
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

    The first four are columns of the cases, of which `stage` and `since` change; `order` are rows that wait, in turn.
    `at_home` (by district) and `of_circle` are investigations at a time, of which those left remain; those `begun` are
    added up by district.
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
    """End investigations that are `due`: somebody is arrested, perhaps the owner, or the case is closed.

    `skill` is the share of the accused whom officers of each post find, `params` a `RaidMonth`, `until` the month of
    the run in which who is arrested now is out on bail. An arrested owner shuts his office, a row of `table`, and any
    raid that finds somebody costs capacity. Output: offices `raided`, and cases that have `failed`; persons arrested
    and owners among them are added up by district.
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


@inlined
def held_in_another(cases, k):
    """Whether the owner charged in a case has been arrested in a later one."""
    found = False
    for other in range(cases.office.size):
        same = cases.owner[other] == 1 and cases.office_key[other] == cases.office_key[k]
        found = found or (same and cases.since[other] > cases.since[k])
    return found


@kernel
def judge(cases, judged, probability, key, table, convicted):
    """Convict or acquit; an office whose owner is convicted closes if it is still his, and opens if he is acquitted.

    `judged` are rows of the cases that end, `probability` is that of a conviction. Persons convicted are
    added up by district.
    """
    for k in judged:
        office, district = cases.office[k], cases.district[k]
        guilty = uniform(key, FOR_VERDICT * PURPOSE + cases.id[k]) < probability
        if guilty:
            convicted[district] += cases.arrested[k]
        in_business = table.state[office] == OFFICE_OPEN or table.state[office] == OFFICE_ARRESTED
        if cases.owner[k] == 1 and in_business and table.key[office] == cases.office_key[k]:
            if guilty:
                table.state[office] = OFFICE_CONVICTED
            elif not held_in_another(cases, k):
                table.state[office] = OFFICE_OPEN


@kernel
def learn_risk(table, hazard, raided, alarm, memory, lost, own, earning, seen_key, stake, arrest_loss):
    """Set every office's perceived hazard of arrest (column ``risk``), and what it expects to lose by it.

    `hazard` is what is perceived in each district. A raid on the own house adds `alarm` to the month's signal; signals
    and earnings are averaged over `memory` months; `lost` is a `Lost`. Kept by row: hazard beyond that of the district
    (`own`), mean earnings of a month, and the office that both are of (`seen_key`); a row that serves a new office
    starts anew. Output: PKR that an arrest is expected to cost (`stake`), and PKR a month.
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

    `bought` is the share of investigators who take bribes, by district; `price` is PKR for a rupee of expected loss.
    Output by office: share of investigators bought, and PKR due to them in the month.
    """
    for o in range(state.size):
        takers = bought[district[o]]
        due = np.int64(price * takers * arrest_loss[o])
        pays = state[o] == OFFICE_OPEN and takers > 0.0 and capital[o] > 0 and due <= capital[o]
        bribed[o] = takers if pays else 0.0
        bribes[o] = due if pays else 0


@kernel
def draw_sanctions(entity, persons, share, key, punished, marked):
    """Draw who of those sent home is punished.

    By cohort: identity in the draws, persons. `share` is the probability of one person. Output: persons punished, and
    whether the cohort is marked for what its household learns of it: as often as one of its persons is punished.
    """
    for k in range(entity.size):
        punished[k] = binomial(persons[k], share, key, FOR_SANCTION * PURPOSE + entity[k])
        marked[k] = uniform(key, FOR_MARK * PURPOSE + entity[k]) * persons[k] < punished[k]
