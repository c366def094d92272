"""Choice of channel: a nested logit over the options that are open and affordable.

Households of one district are weighed side by side, `TOGETHER` at most, so that every loop over options, groups and
nests fills vector registers with households. What is weighed stands in a `Weighing`, by option or nest and household.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.engine.compiled import called, driver, inlined, kernel, making
from abm.engine.portable import exponential_inlined, logarithm_inlined, power_inlined
from abm.engine.random import few_by_party, mix, uniform
from abm.places.options import CHANNELS, MOST_OPTIONS
from abm.society.kernels.livelihood import credit_line, means_of, spare_savings
from abm.society.kernels.village_quarter import abroad_of
from abm.world.codes import PIECE_DOUBLINGS
from abm.world.kernels.members_away import whole_at_home

STAY = -1

CLOSED = -600.0
"""Attraction below which a way is closed to a whole district."""

IMPOSSIBLE = -1e6
"""Marks what a household cannot choose; no utility comes near."""

DEAREST = 2.0
"""Of what the household can raise: a way on credit may cost more in the end, and is not felt beyond this."""

MONTHS_OWED = 12.0
"""Months for which what is borrowed for a journey is owed on average, as it is repaid within two years. Source: Koser
(2008)."""

TOGETHER = 64
"""Households weighed side by side: their numbers by option stay in the nearest caches."""

ABREAST = 8
"""Households that fill the largest vector register. What is left over would be done one by one, which takes as long as
all the rest: the last household stands in the places that are left."""

ENOUGH = 1e300
"""Savings out of which any way is paid without a loan."""

FARTHEST = 3.0
"""Deviation of a village's belief from its district's that is felt at most: a slope holds near the mean only."""

MEANS, IN_HAND, OWN_MONEY, LINE, SKILL, OWN, EXTRA, HAS_TIE, SHARE, KNOWN_HERE = range(10)
FELT_BY_TOPIC, TOPICS, NESTS = 10, 5, len(CHANNELS)
"""Rows of `Weighing.felt`: what is a household's own. PKR that it can raise, and one over it; savings; subsidised line;
premium of its skill; pay at home, then utility of leaving; utility of going abroad; whether it has a tie; share of the
households of its row with a member abroad; what migrants of the village add to routes; and beliefs by topic, relative
to the truth, then by how much that deviates from the district."""

Weighing = namedtuple("Weighing", ["felt", "option", "group", "in_nest", "nest", "total", "gained", "stays"])
"""Work space, see `weighing_space`; of households side by side, the last dimension of each."""


@making
def weighing_space(options: int) -> Weighing:
    """Allocate what `weigh_options` fills, for so many options.

    ``felt``: shape (`FELT_BY_TOPIC` + `TOPICS`, `TOGETHER`). ``option``: weight of each option within its nest;
    ``group``: work space; ``in_nest`` and ``nest``: sum of these weights, and weight, of each nest; ``total``: sum of
    all nests and of staying, 1; ``gained`` and ``stays``: for a second choice.
    """
    return Weighing(
        np.zeros((FELT_BY_TOPIC + TOPICS, TOGETHER)), np.zeros((options, TOGETHER)), np.zeros((options, TOGETHER)),
        np.zeros((NESTS, TOGETHER)), np.zeros((NESTS, TOGETHER)), np.zeros(TOGETHER), np.zeros((NESTS, TOGETHER)),
        np.zeros(TOGETHER),
    )  # fmt: skip


@inlined
def look_at(j: int, row: int, rate, households, options, felt: np.ndarray) -> None:
    """Note what household `j` brings to the choice; its village apart, see `listen_to`."""
    means = means_of(row, rate, households)
    # whoever has no job gives up less by leaving
    idle = whole_at_home(households.workers[row], households.away[row], rate.weight) > households.jobs[row]
    employed = min(options.idle_pay, rate.employment) if idle else rate.employment
    felt[MEANS, j], felt[OWN_MONEY, j] = means, spare_savings(row, rate, households)
    felt[LINE, j] = credit_line(row, rate)
    felt[SKILL, j] = 1.0 + options.skill_premium * households.skill[row]
    felt[OWN, j] = max(households.wage[row] * rate.wage_index * employed, 1.0)
    felt[EXTRA, j] = options.experience if households.experience[row] > 0 else 0.0
    felt[HAS_TIE, j] = 1.0 if households.ties[row] > 0 else 0.0
    felt[SHARE, j] = min(abroad_of(row, households) / rate.weight, 1.0)


@inlined
def look_at_means_alone(j: int, means: float, felt: np.ndarray) -> None:
    """Note of household `j` what it can raise, and nothing else that bears on the choice."""
    felt[MEANS, j], felt[OWN_MONEY, j], felt[LINE, j] = means, ENOUGH, 0.0
    felt[SKILL, j] = felt[OWN, j] = felt[HAS_TIE, j] = 1.0
    felt[EXTRA, j] = felt[SHARE, j] = 0.0


@inlined
def listen_to(j: int, village: int, villages, felt: np.ndarray) -> None:
    """Note what household `j` hears in its village: beliefs, and the share of households with a member away."""
    felt[FELT_BY_TOPIC, j] = villages.belief_death[village]
    felt[FELT_BY_TOPIC + 1, j] = villages.belief_failure[village]
    felt[FELT_BY_TOPIC + 2, j] = villages.belief_papers[village]
    felt[FELT_BY_TOPIC + 3, j] = villages.belief_wage[village]
    felt[FELT_BY_TOPIC + 4, j] = villages.belief_sanction[village]
    felt[KNOWN_HERE, j] = villages.migrant_share[village]


@inlined
def lean_to_villages(wide: int, district: int, options, felt: np.ndarray) -> None:
    """Make of what was heard in villages how far they deviate from the district.

    By topic it is the relative deviation from ``known``, the mean ratio of the district, at most `FARTHEST`; and for
    routes, with the weight ``own_migrants``, how far the share of households with a member away exceeds the district's
    ``migrant_share``.
    """
    for topic in range(TOPICS):
        heard, usual = felt[FELT_BY_TOPIC + topic], options.known[district, topic]
        for j in range(wide):
            heard[j] = min(heard[j] / usual - 1.0, FARTHEST)
    known, usual = felt[KNOWN_HERE], options.migrant_share[district]
    weight = options.own_migrants if usual > 0.0 else 0.0  # where nobody has left no village differs
    for j in range(wide):
        known[j] = logarithm_inlined(1.0 + weight * (known[j] / max(usual, 1e-9) - 1.0))


@inlined
def whole_registers(number: int) -> int:
    """Round a number up to whole vector registers."""
    return (number + ABREAST - 1) // ABREAST * ABREAST


@inlined
def fill_up(number: int, felt: np.ndarray) -> int:
    """Fill up with the last household to whole vector registers; returns how many stand there."""
    wide = whole_registers(number)  # not above `TOGETHER`, a multiple of it
    for k in range(felt.shape[0]):
        for j in range(number, wide):
            felt[k, j] = felt[k, number - 1]
    return wide


@called
def weigh_options(wide: int, district: int, rate, options, attraction, space) -> None:
    """Weigh staying (utility 0) and the options open to each of `wide` households of a district; fills `space`.

    Fields of `options`, by district and option: ``entry`` (PKR that must be raised), ``due`` (PKR due by the end of the
    way, on average), ``cost`` (PKR expected in the end), ``vouched_weight`` (by how much a member abroad raises the
    weight of a contract within its nest, less 1), and by topic ``slope`` (what a deviation of the village adds). By
    option: ``nest``, ``cost_weight``, ``needs_tie``, ``abroad`` (outside the country), ``spread`` (what utility is
    divided by: the dissimilarity of the nest, for a route times ``route_nest``), and ``group`` of routes, which stand
    from ``first_route`` to before ``last_route``. Options from ``in_use`` on are closed everywhere. `attraction` is the
    utility of each option by district before what is the household's own; -inf where closed.

    References
    ----------
    McFadden (1978), "Modelling the choice of residential location"; ODD submodel "Channel".
    """
    felt = space.felt
    means, in_hand, own_money, line = felt[MEANS], felt[IN_HAND], felt[OWN_MONEY], felt[LINE]
    skill, own, extra, has_tie, share = felt[SKILL], felt[OWN], felt[EXTRA], felt[HAS_TIE], felt[SHARE]
    known_here, topic = felt[KNOWN_HERE], felt[FELT_BY_TOPIC:]
    death, failure, papers, wage, sanction = topic[0], topic[1], topic[2], topic[3], topic[4]
    interest, subsidy = MONTHS_OWED * rate.interest, MONTHS_OWED * rate.interest_subsidy
    for j in range(wide):
        own[j] = options.gain * (logarithm_inlined(skill[j]) - logarithm_inlined(own[j]))
        in_hand[j] = 1.0 / max(means[j], 1.0)
    for o in range(options.in_use):
        drawn, asked = attraction[district, o], options.cost[district, o]
        raised, due = options.entry[district, o], options.due[district, o]
        heavy, scale, vouched = options.cost_weight[o], 1.0 / options.spread[o], options.vouched_weight[district, o]
        is_open = drawn >= CLOSED
        on_route = 1.0 if options.first_route <= o < options.last_route else 0.0
        goes_abroad, needs_tie = (1.0 if options.abroad[o] else 0.0), (1.0 if options.needs_tie[o] else 0.0)
        slope = options.slope[district, :, o]
        by_death, by_failure, by_papers, by_wage, by_sanction = slope[0], slope[1], slope[2], slope[3], slope[4]
        weight = space.option[o]
        for j in range(wide):
            owed = max(due - own_money[j], 0.0)
            burden = (asked + interest * owed - subsidy * min(owed, line[j])) * in_hand[j]
            burden = burden if burden < DEAREST else DEAREST
            lean = by_death * death[j] + by_failure * failure[j] + by_papers * papers[j] + by_wage * wage[j]
            lean = lean + by_sanction * sanction[j] + on_route * known_here[j]
            utility = drawn + lean + own[j] - heavy * burden + goes_abroad * extra[j]
            feasible = is_open & (raised <= means[j]) & (has_tie[j] >= needs_tie)
            utility = utility * scale if feasible else IMPOSSIBLE
            # of the households of a row a share have a member abroad
            found = exponential_inlined(utility) * (1.0 + share[j] * vouched)
            weight[j] = found if utility > IMPOSSIBLE else 0.0
    group_routes(wide, options, space)
    weigh_nests(wide, options, space)


@inlined
def group_routes(wide: int, options, space) -> None:
    """Put routes of one group, which are closer substitutes, into a nest of their own within their channel.

    ``option`` of the `space` holds exponentials of utility over ``spread``; on return, of routes, their weight within
    the channel: the sum over the group to the power of ``route_nest``, shared out within the group.
    """
    first, last = options.first_route, min(options.last_route, options.in_use)
    for g in range(options.group_count):
        total = space.group[g]
        for j in range(wide):
            total[j] = 0.0
    for o in range(first, last):
        total, weight = space.group[options.group[o]], space.option[o]
        for j in range(wide):
            total[j] += weight[j]
    for g in range(options.group_count):
        total = space.group[g]
        for j in range(wide):
            total[j] = power_inlined(total[j], options.route_nest) / (total[j] if total[j] > 0.0 else 1.0)
    for o in range(first, last):
        total, weight = space.group[options.group[o]], space.option[o]
        for j in range(wide):
            weight[j] *= total[j]


@inlined
def weigh_nests(wide: int, options, space) -> None:
    """Weigh the nests by the options within them, and add up all, and staying; see `weigh_options`."""
    for n in range(options.nest_count):
        summed = space.in_nest[n]
        for j in range(wide):
            summed[j] = 0.0
    for o in range(options.in_use):
        summed, weight = space.in_nest[options.nest[o]], space.option[o]
        for j in range(wide):
            summed[j] += weight[j]
    total = space.total
    for j in range(wide):
        total[j] = 1.0
    for n in range(options.nest_count):
        summed, weight = space.in_nest[n], space.nest[n]
        for j in range(wide):
            weight[j] = power_inlined(summed[j], options.nest_dissimilarity)
            total[j] += weight[j]


@inlined
def weight_of(n: int, j: int, space, again: bool) -> float:
    """Weight of nest `n` for household `j`: in its first choice; or, `again`, by what it gains; see `choose_again`."""
    return space.gained[n, j] * space.in_nest[n, j] if again else space.nest[n, j]


@inlined
def pick_within(n: int, j: int, options, space, draw: float) -> int:
    """Pick one of the options of nest `n` by their weights; `draw` is uniform in [0, 1)."""
    picked, within = STAY, draw * space.in_nest[n, j]
    for o in range(options.in_use):
        if options.nest[o] == n and space.option[o, j] > 0.0:
            picked = o
            within -= space.option[o, j]
            if within < 0.0:
                break
    return picked


@called
def choose_ways(j: int, persons: int, party: int, options, space, again: bool, key: int, entity: int, k: int, made):
    """Let `persons` of the households of a row, weighed as `j`, choose among staying and all ways; fills place `k`.

    Ways `in_pieces` are chosen by each piece of them with the probability of one household, whatever the others of the
    row do, but that all pieces that go take the same option; the rest choose as one. `key` and `entity` address the
    draws; `again` is as in `weight_of`.
    """
    stays, left = space.stays[j] if again else 1.0, persons
    total = stays
    for n in range(options.nest_count):
        total += weight_of(n, j, space, again)
    for p in range(options.in_pieces.size):
        made.option[k, p] = STAY
        n = options.in_pieces[p]
        weight, own = weight_of(n, j, space, again), mix(np.uint64(key) + np.uint64(p + 1))
        going = few_by_party(left, weight / total, min(party, PIECE_DOUBLINGS), own, mix(own), entity)
        if going > 0:
            made.option[k, p] = pick_within(n, j, options, space, uniform(~own, entity))
            made.persons[k, p] = going
            left -= going
        total -= weight
    last = options.in_pieces.size
    made.option[k, last], made.persons[k, last] = STAY, left
    position = uniform(key, entity) * total - stays
    if position >= 0.0 and left > 0:
        for n in options.as_one:
            weight = weight_of(n, j, space, again)
            if 0.0 <= position < weight:
                made.option[k, last] = pick_within(n, j, options, space, position / weight)
            position -= weight


@inlined
def without_the_lost(wide: int, district: int, options, closed, lost, space) -> None:
    """Weigh again without what is gone: closed to all, or lost by the one household; fills ``gained`` and ``stays``.

    ``gained`` is what an option of each nest gains by it, for its weight within the nest, and ``stays`` what staying
    gains. A household that could not have taken it by now, so that nothing gains, chooses anew among the rest.
    """
    for n in range(options.nest_count):  # probability of an option, by its weight within the nest
        gained, weight, summed, total = space.gained[n], space.nest[n], space.in_nest[n], space.total
        for j in range(wide):
            gained[j] = weight[j] / (total[j] * summed[j]) if summed[j] > 0.0 else 0.0
    for j in range(wide):
        space.stays[j] = 1.0 / space.total[j]
    for o in range(options.in_use):
        if not closed[district, o] >= CLOSED:
            weight = space.option[o]
            for j in range(wide):
                weight[j] = 0.0
    for j in range(lost.size):
        if lost[j] >= 0:
            space.option[lost[j], j] = 0.0
    weigh_nests(wide, options, space)
    for j in range(wide):
        anew = 1.0 / space.total[j] - space.stays[j] <= 0.0
        for n in range(options.nest_count):
            summed = space.in_nest[n, j]
            here = space.nest[n, j] / (space.total[j] * summed) if summed > 0.0 else 0.0
            space.gained[n, j] = here if anew else max(here - space.gained[n, j], 0.0)
        space.stays[j] = 1.0 / space.total[j] - (0.0 if anew else space.stays[j])


@kernel
def homes_in_order(rows: np.ndarray, first_row: np.ndarray, homes: np.ndarray) -> None:
    """Fill the village of each household, given in order; `first_row` is the first household of each village."""
    v = 0
    for k in range(rows.size):
        while v + 1 < first_row.size and first_row[v + 1] <= rows[k]:
            v += 1
        homes[k] = v


@driver
def choose_again(
    first, last, rows, districts, homes, lost, persons, district_month, households, villages, options, attraction,
    closed, key, made, space,
):  # fmt: skip
    """Choose once more for `persons` of households `first` to before `last`, whose first choice is gone; fills `made`.

    In a random utility model what the unserved turn to is what each other way would gain if the lost one were not
    there: they are drawn by the difference of its probability without and with it. So a sale in which nobody is served
    leaves everybody's choice distributed as without it.

    `homes` are villages; `lost` is the option that refused each, no route, -1 if none, which it does not choose again;
    others of its nest keep their weight. It addresses the draw too, as a household may have been refused by several.
    `closed` is `attraction` with -inf for what is sold out. What staying and the options of a nest gain is counted for
    all of a nest in proportion to their weight in it.
    """
    while first < last:
        d, end = districts[first], first
        while end < min(last, first + TOGETHER) and districts[end] == d:
            look_at(end - first, rows[end], district_month[d], households, options, space.felt)
            listen_to(end - first, homes[end], villages, space.felt)
            end += 1
        wide = fill_up(end - first, space.felt)
        lean_to_villages(wide, d, options, space.felt)
        weigh_options(wide, d, district_month[d], options, attraction, space)
        without_the_lost(wide, d, options, closed, lost[first:end], space)
        party = district_month[d].party
        for k in range(first, end):
            entity = rows[k] * MOST_OPTIONS + lost[k]
            choose_ways(k - first, persons[k], party, options, space, True, key, entity, k, made)
        first = end


@driver
def choose_channels(
    first_block, last_block, blocks, district_month, households, villages, options, attraction, key, chosen,
    chosen_count, made, space,
):  # fmt: skip
    """Choose for every household of a range of blocks that considers leaving; fills `made` (`Made`) beside `chosen`.

    `space` is work space of `weighing_space`.
    """
    felt = space.felt
    for block in range(first_block, last_block):
        district = blocks.district[block]
        rate = district_month[district]
        village = blocks.first_village[block]
        first = villages.first_row[village]
        beyond, end = first, first + chosen_count[block]  # rows are in order: the village of each is found by going on
        while first < end:
            last = min(first + TOGETHER, end)
            for k in range(first, last):
                j = k - first
                while chosen[k] >= beyond:
                    beyond = villages.first_row[village] + villages.rows[village]
                    village += 1
                look_at(j, chosen[k], rate, households, options, felt)
                listen_to(j, village - 1, villages, felt)
            wide = fill_up(last - first, felt)
            lean_to_villages(wide, district, options, felt)
            weigh_options(wide, district, rate, options, attraction, space)
            for k in range(first, last):
                choose_ways(k - first, rate.weight, rate.party, options, space, False, key, chosen[k], k, made)
            first = last


@driver
def count_choices(first_block, last_block, blocks, villages, chosen_count, made, counts):
    """Count the choices of those who do not stay, by block, of a range of blocks."""
    for block in range(first_block, last_block):
        start, found = villages.first_row[blocks.first_village[block]], 0
        for k in range(start, start + chosen_count[block]):
            for n in range(made.option.shape[1]):
                found += np.int64(made.option[k, n] != STAY)
        counts[block] = found


@driver
def collect_choices(first_block, last_block, blocks, villages, chosen, chosen_count, made, ends, choices):
    """Gather those who do not stay, in order of household, of a range of blocks; `ends` is where each block's end.

    Output: `choices`, columns of `abm.departure.options.Choices`.
    """
    for block in range(first_block, last_block):
        start, at = villages.first_row[blocks.first_village[block]], ends[block - 1] if block > 0 else 0
        for k in range(start, start + chosen_count[block]):
            for n in range(made.option.shape[1]):
                if made.option[k, n] != STAY:
                    choices.row[at], choices.district[at] = chosen[k], blocks.district[block]
                    choices.option[at], choices.persons[at] = made.option[k, n], made.persons[k, n]
                    at += 1
