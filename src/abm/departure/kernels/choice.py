"""Choice of channel: a nested logit over the options that are open and affordable."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined, kernel
from abm.engine.portable import exponential_inlined, logarithm, power_inlined
from abm.engine.random import mix, uniform
from abm.places.options import MOST_OPTIONS
from abm.society.kernels.livelihood import credit_line, means_of, spare_savings
from abm.society.kernels.village_quarter import abroad_of
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

_LANES = 8
"""Numbers that fill the largest vector register. What is left over by whole registers is done one by one, which takes
as long as all the rest: options and nests are gone through up to a multiple of this, where nothing stands open."""

FARTHEST = 3.0
"""Deviation of a village's belief from its district's that is felt at most: a slope holds near the mean only."""


@inlined
def lean_to_village(village: int, district: int, villages, options, lean: np.ndarray) -> None:
    """Fill `lean`, by option: what the beliefs and migrants of a village add, where they differ from its district's.

    It is the sum over topics of ``slope`` (district, topic, option) x relative deviation from ``known``, the mean ratio
    of the district, at most `FARTHEST`; and for routes, with the weight ``own_migrants``, how far the share of
    households with a member away exceeds the district's ``migrant_share``.
    """
    slope = options.slope
    # no function hands out these columns: whether it counts references depends on who had it compiled first
    beliefs = (
        villages.belief_death, villages.belief_failure, villages.belief_papers, villages.belief_wage,
        villages.belief_sanction,
    )  # fmt: skip
    for o in range(options.in_use):
        lean[o] = 0.0
    for topic in range(len(beliefs)):
        deviation = min(np.float64(beliefs[topic][village]) / options.known[district, topic] - 1.0, FARTHEST)
        for o in range(options.in_use):
            lean[o] += slope[district, topic, o] * deviation
    usual = max(options.migrant_share[district], 1e-9)
    heard = logarithm(1.0 + options.own_migrants * (np.float64(villages.migrant_share[village]) / usual - 1.0))
    for o in range(options.first_route, min(options.last_route, options.in_use)):
        lean[o] += heard


@inlined
def whole_registers(count: int, room: int) -> int:
    """Round a number of elements up to whole vector registers, as far as there is room."""
    return min((count + _LANES - 1) // _LANES * _LANES, room)


@inlined
def group_routes(weights, work, options) -> None:
    """Put routes of one group, which are closer substitutes, into a nest of their own within their channel.

    The first row of `weights` holds exponentials of utility over ``spread``; on return, of routes, their weight within
    the channel: the sum over the group to the power of ``route_nest``, shared out within the group. Row `work` is work
    space.
    """
    group = options.group
    last = min(options.last_route, options.in_use)
    groups = whole_registers(options.group_count, weights.shape[1])
    for g in range(groups):
        weights[work, g] = 0.0
    for o in range(options.first_route, last):
        weights[work, group[o]] += weights[0, o]
    route_nest = options.route_nest
    for g in range(groups):
        total = weights[work, g]
        weights[work, g] = power_inlined(total, route_nest) / (total if total > 0.0 else 1.0)
    for o in range(options.first_route, last):
        weights[0, o] *= weights[work, group[o]]


@inlined
def weigh_options(row: int, district: int, rate, households, options, attraction, weights) -> float:
    """Weigh staying (utility 0) and the options open to one household; returns the sum of all nests and of staying, 1.

    Fields of `options`, by district and option: ``entry`` (PKR that must be raised), ``cost`` (PKR expected in the
    end), ``vouched_weight`` (by how much a member abroad raises the weight of a contract or a sponsor within its nest,
    less 1). By option: ``nest``, ``cost_weight``, ``needs_tie``, ``abroad`` (outside the country), ``spread`` (what
    utility is divided by: the dissimilarity of the nest, for a route times ``route_nest``), and ``group`` of routes,
    which stand from ``first_route`` to before ``last_route``. Options from ``in_use`` on are closed everywhere.
    `attraction` is the utility of each option by district before what is the household's own; -inf where closed.
    `weights` has shape (5, options): the fourth row holds what the village's beliefs add; output in the first three are
    the weight of each option within its nest, their sum by nest, and the weight of each nest.

    References
    ----------
    McFadden (1978), "Modelling the choice of residential location"; ODD submodel "Channel".
    """
    means = means_of(row, rate, households)
    # whoever has no job gives up less by leaving
    idle = whole_at_home(households.workers[row], households.away[row], rate.weight) > households.jobs[row]
    employed = min(options.idle_pay, rate.employment) if idle else rate.employment
    home_pay = max(households.wage[row] * rate.wage_index * employed, 1.0)
    own = options.gain * (logarithm(1.0 + options.skill_premium * households.skill[row]) - logarithm(home_pay))
    entry, cost, cost_weight, spread = options.entry, options.cost, options.cost_weight, options.spread
    abroad, needs_tie = options.abroad, options.needs_tie
    has_tie = households.ties[row] > 0
    extra = options.experience if households.experience[row] > 0 else 0.0
    in_hand = max(means, 1.0)
    own_money, line = spare_savings(row, rate, households), credit_line(row, rate)
    interest, subsidy = MONTHS_OWED * rate.interest, MONTHS_OWED * rate.interest_subsidy
    wide = whole_registers(options.in_use, spread.size)
    for o in range(wide):  # these two loops fill vector registers
        owed = max(cost[district, o] - own_money, 0.0)
        burden = (cost[district, o] + interest * owed - subsidy * min(owed, line)) / in_hand
        burden = burden if burden < DEAREST else DEAREST
        utility = attraction[district, o] + weights[3, o] + own - cost_weight[o] * burden
        utility += extra if abroad[o] else 0.0
        feasible = (attraction[district, o] >= CLOSED) & (entry[district, o] <= means) & (has_tie | (not needs_tie[o]))
        weights[0, o] = utility / spread[o] if feasible else IMPOSSIBLE
    # of the households of a row this share have a member abroad
    share, vouched = min(abroad_of(row, households) / rate.weight, 1.0), options.vouched_weight
    for o in range(wide):
        weight = exponential_inlined(weights[0, o]) * (1.0 + share * vouched[district, o])
        weights[0, o] = weight if weights[0, o] > IMPOSSIBLE else 0.0
    group_routes(weights, 4, options)
    return weigh_nests(options, weights)


@inlined
def weigh_nests(options, weights) -> float:
    """Weigh the nests by the options within them, and add up all, and staying; see `weigh_options`."""
    nest = options.nest
    nests = whole_registers(options.nest_count, weights.shape[1])
    for n in range(nests):
        weights[1, n] = 0.0
    current, sum_here = nest[0], 0.0
    for o in range(options.in_use):  # options of one nest stand together, but for a few
        if nest[o] != current:
            weights[1, current] = sum_here
            current = nest[o]
            sum_here = weights[1, current]
        sum_here += weights[0, o]
    weights[1, current] = sum_here
    dissimilarity = options.nest_dissimilarity
    for n in range(nests):
        weights[2, n] = power_inlined(weights[1, n], dissimilarity)
    total = 1.0
    for n in range(options.nest_count):
        total += weights[2, n]
    return total


@inlined
def choose_option(row: int, district: int, rate, households, options, attraction, weights, key: int) -> int:
    """Choose among staying and the options open to one household: index of the option, or `STAY`.

    Parameters as of `weigh_options`; `key` is that of the stream of choice.
    """
    total = weigh_options(row, district, rate, households, options, attraction, weights)
    draw = uniform(key, row) * total - 1.0
    picked = STAY
    n = 0
    while draw >= 0.0 and n < options.nest_count:
        draw -= weights[2, n]
        if draw < 0.0:
            within = uniform(mix(np.uint64(key)), row) * weights[1, n]
            for o in range(options.in_use):
                if options.nest[o] == n and weights[0, o] > 0.0:
                    picked = o
                    within -= weights[0, o]
                    if within < 0.0:
                        break
        n += 1
    return picked


@inlined
def second_choice(row, district, rate, households, options, attraction, closed, draw, weights) -> int:
    """Draw what a household turns to whose first choice is gone: index of the option, or `STAY`.

    Each way, and staying, counts by what it gains when the first choice is taken out: all options of a nest in
    proportion to their weight in it. A household that could not have taken it by now, so that nothing gains, chooses
    anew among the rest. `closed` is `attraction` with -inf for what is gone, which is no route: others of its nest keep
    their weight. `draw` is uniform in [0, 1).
    """
    nest = options.nest
    with_it = weigh_options(row, district, rate, households, options, attraction, weights)
    for n in range(options.nest_count):  # probability of an option, by its weight within the nest
        weights[4, n] = weights[2, n] / (with_it * weights[1, n]) if weights[1, n] > 0.0 else 0.0
    for o in range(options.in_use):
        weights[0, o] = weights[0, o] if closed[district, o] >= CLOSED else 0.0
    without = weigh_nests(options, weights)
    stays = 1.0 / without - 1.0 / with_it
    anew = stays <= 0.0
    stays = 1.0 / without if anew else stays
    gained = stays
    for n in range(options.nest_count):
        here = weights[2, n] / (without * weights[1, n]) if weights[1, n] > 0.0 else 0.0
        weights[4, n] = here if anew else max(here - weights[4, n], 0.0)
        gained += weights[4, n] * weights[1, n]
    left = draw * gained - stays
    picked = STAY
    for n in range(options.nest_count):
        if left < 0.0:
            break
        within = left
        left -= weights[4, n] * weights[1, n]
        if weights[4, n] > 0.0:
            for o in range(options.in_use):
                if nest[o] == n and weights[0, o] > 0.0:
                    picked = o
                    within -= weights[4, n] * weights[0, o]
                    if within < 0.0:
                        break
    return picked


@driver
def choose_again(
    first,
    last,
    rows,
    districts,
    homes,
    lost,
    district_month,
    households,
    villages,
    options,
    attraction,
    closed,
    key,
    picked,
    weights,
):
    """Choose once more for households `first` to before `last`, whose first choice is gone; fills `picked`.

    In a random utility model what the unserved turn to is what each other way would gain if the lost one were not
    there: they are drawn by the difference of its probability without and with it. So a sale in which nobody is served
    leaves everybody's choice distributed as without it.

    `homes` are villages; `lost` is the option that refused each, -1 if none, which it does not choose again; it
    addresses the draw too, as a household may have been refused by several. `closed` is `attraction` with -inf for what
    is sold out. `picked` is the option of each household, or `STAY`.
    """
    shut = closed.copy()
    for k in range(first, last):
        d, way = districts[k], lost[k]
        lean_to_village(homes[k], d, villages, options, weights[3])
        draw = uniform(key, rows[k] * MOST_OPTIONS + way)
        if way >= 0:
            shut[d, way] = -np.inf
        picked[k] = second_choice(rows[k], d, district_month[d], households, options, attraction, shut, draw, weights)
        if way >= 0:
            shut[d, way] = closed[d, way]


@driver
def choose_channels(
    first_block, last_block, blocks, district_month, households, villages, options, attraction, key, chosen,
    chosen_count, choice, weights,
):  # fmt: skip
    """Choose for every household of a range of blocks that considers leaving; fills `choice` beside `chosen`.

    `weights` is work space of shape (5, at least as many as there are options, and as there are nests).
    """
    for block in range(first_block, last_block):
        district = blocks.district[block]
        rate = district_month[district]
        village = blocks.first_village[block]
        start = villages.first_row[village]
        beyond = start  # the rows are in order: the village of each is found by going on
        for k in range(start, start + chosen_count[block]):
            if chosen[k] >= beyond:
                while chosen[k] >= villages.first_row[village] + villages.rows[village]:
                    village += 1
                beyond = villages.first_row[village] + villages.rows[village]
                lean_to_village(village, district, villages, options, weights[3])
            choice[k] = choose_option(chosen[k], district, rate, households, options, attraction, weights, key)


@kernel
def collect_choices(blocks, villages, chosen, chosen_count, choice, rows, districts, picked):
    """Gather those who do not stay, in order of household; returns how many."""
    found = 0
    for block in range(chosen_count.size):
        start = villages.first_row[blocks.first_village[block]]
        for k in range(start, start + chosen_count[block]):
            if choice[k] != STAY:
                rows[found] = chosen[k]
                districts[found] = blocks.district[block]
                picked[found] = choice[k]
                found += 1
    return found
