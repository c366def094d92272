"""What every household does every month: work, earn, consume, save, wish, consider. The hot loop of the model.

A village is advanced as a whole, one concept after the other, on columns short enough for the nearest cache.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.kernels.choice import choose_channels
from abm.kernels.compiled import driver, inlined, kernel
from abm.kernels.income_classes import relative_deprivation
from abm.kernels.labour_turnover import count_at_home, turn_over_jobs
from abm.kernels.members_away import members_away_month
from abm.kernels.random import uniform
from abm.kernels.saving import (
    add_transfer,
    consume_and_save,
    earn,
    fill_lines,
    fill_surplus,
    serve_debt,
    subsidise_interest,
)
from abm.kernels.states import (
    FIXED_POINT,
    INCOME_CLASSES,
    T_ASPIRATION,
    T_ASPIRING,
    T_ASSETS,
    T_AWAY,
    T_CONSIDERING,
    T_CONSUMPTION,
    T_DEBT,
    T_DEMONSTRATION,
    T_DOMESTIC_REMITTANCES,
    T_HOUSE_LEVELS,
    T_HOUSEHOLDS,
    T_IMMOBILE,
    T_INCOME,
    T_INTEREST,
    T_JOBS,
    T_MEMBERS,
    T_REMITTANCES,
    T_REPAYMENT,
    T_SUBSIDY,
    T_TIES,
    T_TRANSFER,
    T_WAGES,
    T_WITH_MIGRANT,
    T_WORKERS,
)
from abm.kernels.systematic import event_space
from abm.kernels.village_quarter import PROCESSES, quarter_of_block
from abm.kernels.wish import classify_incomes, consider, count_aspiring, relax_aspiration

CEILING_FACTOR = 2.0
"""A lender stops adding interest when debt passes this multiple of the credit limit."""

Work = namedtuple(
    "Work",
    [
        "at_home", "members", "earned", "potential", "income", "surplus", "repaid", "consumed",
        "remitted", "remitted_domestic", "classes", "deprivation", "counts", "events", "weights", "lines",
    ],
)  # fmt: skip
"""Work space of one village: what lives only within the month."""


@kernel
def work_space(longest, options):
    """Allocate work space for villages of at most `longest` rows and for so many options."""
    return Work(
        np.empty(longest, np.int32),
        np.empty(longest, np.float32),
        np.empty(longest, np.int32),
        np.empty(longest, np.float32),
        np.empty(longest, np.int32),
        np.empty(longest, np.float32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.zeros(longest, np.int32),
        np.zeros(longest, np.int32),
        np.empty(longest, np.uint8),
        np.zeros(INCOME_CLASSES),
        np.zeros(INCOME_CLASSES, np.uint16),
        event_space(PROCESSES),
        np.zeros((4, max(options, 8))),
        np.empty(longest, np.float32),
    )


@inlined
def add_up_income(village, work, awake, weight, any_away, rate, tally):
    """Put wages, remittances and transfers together; tallies what came from whom."""
    earned, income, members = work.earned[:awake], work.income[:awake], work.members[:awake]
    if any_away:
        remitted, domestic = work.remitted[:awake], work.remitted_domestic[:awake]
        for i in range(awake):
            income[i] = earned[i] + remitted[i] + domestic[i]
        abroad_total = np.int64(0)
        domestic_total = np.int64(0)
        for i in range(awake):
            abroad_total += remitted[i]
            domestic_total += domestic[i]
        for i in range(awake):
            remitted[i] = 0
            domestic[i] = 0
        tally[T_REMITTANCES] += abroad_total * weight
        tally[T_DOMESTIC_REMITTANCES] += domestic_total * weight
    else:
        for i in range(awake):
            income[i] = earned[i]
    if rate.transfer > 0:
        tally[T_TRANSFER] += add_transfer(income, members, rate.subsistence, rate.transfer) * weight
    total = np.int64(0)
    for i in range(awake):
        total += income[i]
    tally[T_INCOME] += total * weight


@inlined
def village_month(village, weight, rate, any_away, villages, households, tables, key, work, chosen, tally):
    """Advance the households of one village by one month.

    Parameters
    ----------
    village, weight
        Village and households that one row stands for.
    rate
        Month's values in the village's district, a record of `abm.world.month_values.DISTRICT_MONTH`.
    any_away
        Whether the village has members away; then `work` holds what they sent.
    villages, households
        Columns, changed in place.
    tables
        Constant look-up tables: ``logistic``, ``income_class``, ``income_value``.
    key
        Key of the stream of considering.
    work
        Work space.
    chosen
        Output: rows of the households that consider sending a member away.
    tally
        Added to.

    Returns
    -------
    int
        Number of rows written to `chosen`.
    """
    first = villages.first_row[village]
    awake = np.int64(villages.awake[village])
    last = first + awake
    relative_deprivation(villages.income_counts[village], tables.income_value, work.deprivation)
    workers, jobs = households.workers[first:last], households.jobs[first:last]
    at_home, members = work.at_home[:awake], work.members[:awake]
    people, force, away, with_migrant = count_at_home(
        workers, households.dependants[first:last], households.away[first:last], households.dead[first:last],
        households.in_city[first:last], weight, at_home, members,
    )  # fmt: skip
    # random starts of the systematic sampling of job loss and job finding
    losing = uniform(key, -2 * village - 1)
    seeking = uniform(key, -2 * village - 2)
    tally[T_JOBS] += turn_over_jobs(jobs, at_home, rate.separation, rate.finding, losing, seeking, work.events) * weight

    earned, potential, income = work.earned[:awake], work.potential[:awake], work.income[:awake]
    tally[T_WAGES] += earn(households.wage[first:last], jobs, workers, rate.wage_index, earned, potential) * weight
    add_up_income(village, work, awake, weight, any_away, rate, tally)
    surplus, repaid, consumed = work.surplus[:awake], work.repaid[:awake], work.consumed[:awake]
    assets, debt = households.assets[first:last], households.debt[first:last]
    fill_surplus(income, members, rate.subsistence, surplus)
    ceiling = CEILING_FACTOR * (rate.credit_months + rate.land_months)
    lines = work.lines[:awake]
    fill_lines(first, rate, lines)
    if rate.credit_line > 0.0:
        subsidy = subsidise_interest(debt, lines, potential, rate.interest_subsidy, ceiling)
        tally[T_SUBSIDY] += subsidy * weight
    interest, repayment, owed = serve_debt(debt, surplus, potential, rate.interest, rate.service_share, ceiling, repaid)
    spent, saved = consume_and_save(
        assets, income, surplus, members, repaid, rate.subsistence, rate.consumed_share, rate.buffer_months,
        rate.drawdown, consumed,
    )  # fmt: skip

    counts = work.counts
    for k in range(INCOME_CLASSES):
        counts[k] = 0
    classes, ties = work.classes[:awake], households.ties[first:last]
    classify_incomes(income, tables.income_class, classes, counts)
    for k in range(INCOME_CLASSES):
        villages.income_counts[village, k] = counts[k]
    aspiration = households.aspiration[first:last]
    field = np.float64(villages.demonstration[village])
    wish = rate.baseline + rate.demonstration * field
    aspiration_total, ties_total = relax_aspiration(
        aspiration, wish, rate, households.taste[first:last], ties, classes, work.deprivation, at_home, jobs, workers,
        tables.logistic,
    )  # fmt: skip
    aspiring, immobile = count_aspiring(
        aspiration, at_home, earned, potential, ties, debt, assets, members, lines, rate
    )
    found = consider(aspiration, at_home, first, rate.consideration, key, chosen)

    villages.migrant_share[village] = np.float32(with_migrant / (weight * max(awake, 1)))
    tally[T_HOUSEHOLDS] += awake * weight
    tally[T_MEMBERS] += people * weight
    tally[T_WORKERS] += force * weight
    tally[T_AWAY] += away
    tally[T_WITH_MIGRANT] += with_migrant
    tally[T_ASPIRATION] += aspiration_total * weight
    tally[T_ASPIRING] += aspiring * weight
    tally[T_IMMOBILE] += immobile * weight
    tally[T_CONSIDERING] += found * weight
    tally[T_TIES] += ties_total * weight
    tally[T_HOUSE_LEVELS] += np.int64(villages.visible[village] * awake * FIXED_POINT) * weight
    tally[T_DEMONSTRATION] += np.int64(field * awake * FIXED_POINT) * weight
    tally[T_ASSETS] += saved * weight
    tally[T_DEBT] += owed * weight
    tally[T_CONSUMPTION] += spent * weight
    tally[T_INTEREST] += interest * weight
    tally[T_REPAYMENT] += repayment * weight
    return found


@driver
def household_month(
    first_block,
    last_block,
    blocks,
    district_month,
    abroad,
    villages,
    households,
    away,
    tables,
    options,
    attraction,
    keys,
    chosen,
    chosen_count,
    choice,
    tally,
    stock,
    events,
    event_count,
    longest,
):
    """Advance a range of blocks by one month; a block is a run of villages of one district.

    Parameters
    ----------
    first_block, last_block
        Range of blocks, the last one excluded.
    blocks
        ``district``, ``first_village``, ``last_village`` of each block.
    district_month
        Month's values by district, record array of dtype `DISTRICT_MONTH`.
    abroad
        Month's values by destination and status, see `members_away_month`.
    villages, households, away, tables
        Columns and tables.
    options, attraction
        Ways to leave and their attraction by district, see `abm.kernels.choice`.
    keys
        ``month``, and the keys ``village``, ``consider``, ``choice``, ``abroad``.
    chosen, chosen_count, choice
        Output: rows that consider, each block's from the first row of the block on; how many; what they chose.
    tally, stock
        Output: shape (blocks, TALLY_COUNT) and (blocks, destinations, statuses); set, not added to.
    events, event_count
        Output: what happened to members abroad, each block's from the segment of its first village on; how many.
    longest
        Rows of the longest village, for work space.
    """
    work = work_space(longest, attraction.shape[1])
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        weight = np.int64(rate.weight)
        for k in range(tally.shape[1]):
            tally[block, k] = 0
        for k in range(stock.shape[1]):
            for status in range(stock.shape[2]):
                stock[block, k, status] = 0
        start = villages.first_row[blocks.first_village[block]]
        found = 0
        first_event = villages.segment_start[blocks.first_village[block]]
        position = first_event
        quarter_of_block(
            blocks.first_village[block], blocks.last_village[block], keys.month, rate, villages, households,
            keys.village, work.events, tally[block],
        )  # fmt: skip
        for village in range(blocks.first_village[block], blocks.last_village[block]):
            any_away = villages.segment_count[village] > 0
            if any_away:
                position = members_away_month(
                    village, weight, abroad.domestic, villages, households, away, abroad, keys.abroad,
                    work.remitted, work.remitted_domestic, tally[block], stock[block], events, position,
                )  # fmt: skip
            found += village_month(
                village, weight, rate, any_away, villages, households, tables, keys.consider, work,
                chosen[start + found :], tally[block],
            )  # fmt: skip
        chosen_count[block] = found
        event_count[block] = position - first_event
        # here, while the columns of the block are in the nearest caches
        choose_channels(
            block, block + 1, blocks, district_month, households, villages, options, attraction, keys.choice,
            chosen, chosen_count, choice, work.weights,
        )  # fmt: skip
