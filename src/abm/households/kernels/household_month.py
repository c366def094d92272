"""What every household does every month: work, earn, consume, save, wish, consider. The hot loop of the model.

A village is advanced as a whole, on columns short enough for the nearest cache. What concerns all of its households
every month is one loop that reads each column once and fills vector registers: its formulas stand in `livelihood` and
`wish`. Events are picked along the village, and what is slow has its turn once a quarter.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.choice.kernels.wish import classify_incomes, consider_blocks, money_within_reach, relax_aspiration
from abm.departure.kernels.choice import choose_channels, weighing_space
from abm.engine.compiled import called, driver, inlined, making
from abm.engine.random import uniform
from abm.society.kernels.labour import count_at_home, turn_over_jobs
from abm.society.kernels.livelihood import (
    consumption_of,
    fill_lines,
    interest_on,
    land_share,
    pay_of,
    relative_deprivation,
    repayment_of,
    subsidy_on,
    transfer_to,
)
from abm.society.kernels.sampling import WORD
from abm.society.kernels.village_quarter import COUNTS, EACH, PROCESSES, QUARTER, RISKS, quarter_of_village
from abm.streams.kernels.bonded_pay import deliver_bonded_pay
from abm.world.codes import (
    FIXED_POINT,
    INCOME_CLASSES,
    MOST_TIES,
    T_ASPIRATION,
    T_ASPIRING,
    T_ASSETS,
    T_AWAY,
    T_BONDED,
    T_CONSIDERING,
    T_CONSUMPTION,
    T_DEBT,
    T_DEMONSTRATION,
    T_HOUSE_LEVELS,
    T_HOUSEHOLDS,
    T_IMMOBILE,
    T_INCOME,
    T_INTEREST,
    T_JOBS,
    T_MEMBERS,
    T_REPAYMENT,
    T_SUBSIDY,
    T_TIES,
    T_TRANSFER,
    T_WAGES,
    T_WITH_MIGRANT,
    T_WORKERS,
)
from abm.world.kernels.members_away import members_away_month, share_in_debt

CEILING_FACTOR = 2.0
"""A lender stops adding interest when debt passes this multiple of the credit limit on pay and land."""

_ONE = np.int32(1)
_ZERO = np.float32(0.0)
_NOBODY = np.int32(0)
_LOW_BITS = np.int32(0xFFFF)
_UPPER = 65536
"""Rupees are summed by their lower and upper 16 bits: sums stay within 32 bits, of which twice as many fill a register
as of 64."""

Work = namedtuple(
    "Work", ["at_home", "members", "received", "earned", "income", "picked", "lacking", "deprivation", "counts",
             "extra", "at_risk", "words", "total", "probability", "happened", "weighing", "lines"],
)  # fmt: skip
"""Work space of one village: what lives only within the month."""


@making
def work_space(longest, options):
    """Allocate work space for villages of at most `longest` rows, and for so many options."""
    words = np.zeros((RISKS, longest // WORD + 1), np.uint64)
    at_risk = words.view(np.uint8)
    at_risk[EACH] = 1
    return Work(
        np.empty(longest, np.uint8),
        np.empty(longest, np.float32),
        np.zeros(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.float32),
        np.zeros(INCOME_CLASSES),
        np.zeros(INCOME_CLASSES, np.uint16),
        np.empty(longest),
        at_risk,
        words,
        np.zeros(COUNTS, np.int64),
        np.zeros(PROCESSES),
        np.zeros(PROCESSES, np.int64),
        weighing_space(options),
        np.zeros(longest, np.float32),
    )


@inlined
def add_halves(low, high, amount):
    """Add an amount to its two sums, of the lower and the upper 16 bits."""
    return np.int32(low + (amount & _LOW_BITS)), np.int32(high + np.int32(amount >> 16))


@inlined
def sum_of_halves(low, high):
    """Sum of the amounts that were added, PKR."""
    return np.int64(low) + np.int64(high) * _UPPER


@inlined
def add_up_income(wage, jobs, received, members, rate, earned, income):
    """Fill what households earn and what comes in with remittances and transfers.

    Returns
    -------
    tuple of int
        Wages and transfers, PKR of one household a row, summed over the village.
    """
    index = np.float32(rate.wage_index)
    subsistence = np.float32(rate.subsistence)
    transfer = np.int32(rate.transfer)
    low = high = poor = np.int32(0)
    for i in range(wage.size):
        paid = pay_of(jobs[i], wage[i] * index)
        before = np.int32(paid + received[i])
        added = transfer_to(before, subsistence * members[i], transfer)
        earned[i] = paid
        income[i] = np.int32(before + added)
        low, high = add_halves(low, high, paid)
        poor = np.int32(poor + (_ONE if added > _NOBODY else _NOBODY))
    return sum_of_halves(low, high), np.int64(poor) * rate.transfer


@inlined
def spend_and_save(households, first, last, work, rate, weight, tally):
    """Serve debt, consume and save; count who aspires, and who of them cannot pay for the cheapest way abroad."""
    size = last - first
    wage, workers, ties = households.wage[first:last], households.workers[first:last], households.ties[first:last]
    assets, debt = households.assets[first:last], households.debt[first:last]
    aspiration = households.aspiration[first:last]
    at_home, members, earned, income = work.at_home[:size], work.members[:size], work.earned[:size], work.income[:size]
    index, subsistence = np.float32(rate.wage_index), np.float32(rate.subsistence)
    usual = np.float32(rate.usual_wage / rate.wage_index)  # pay by which lenders go
    interest_rate = np.float32(rate.interest)
    service_share, least_service = np.float32(rate.service_share), np.float32(rate.least_service)
    one = np.float32(1.0 / weight)
    ceiling = np.float32(CEILING_FACTOR * (rate.credit_months + rate.land_months))
    share, buffer, drawdown = np.float32(rate.consumed_share), np.float32(rate.buffer_months), np.float32(rate.drawdown)
    credit_months, land_months = np.float32(rate.credit_months), np.float32(rate.land_months)
    kept, group = np.float32(rate.departure_buffer), households.wealth_group[first:last]
    tie_credit, cheapest, threshold = np.float32(rate.tie_credit), np.float32(rate.cheapest), np.float32(rate.threshold)
    fixed_point, most_ties = np.float32(FIXED_POINT), np.int32(MOST_TIES)
    subsidised, transfer = rate.credit_line > 0.0, np.int32(rate.transfer)
    line_subsidy = np.float32(rate.interest_subsidy)
    lines = work.lines[:size]
    if subsidised:
        fill_lines(first, rate, lines)
    subsidy_sum = np.int32(0)
    interest_low = interest_high = repaid_low = repaid_high = spent_low = spent_high = np.int32(0)
    assets_low = assets_high = debt_low = debt_high = np.int32(0)
    aspiring = immobile = wish = known = np.int32(0)
    for i in range(size):
        potential = np.float32(workers[i]) * (wage[i] * index)
        need = subsistence * members[i]
        margin = np.float32(income[i]) - need
        subsidy = subsidy_on(debt[i], lines[i], potential, line_subsidy, ceiling)
        interest = interest_on(np.int32(debt[i] - subsidy), potential, interest_rate, ceiling)
        owed = np.int32(np.int32(debt[i] - subsidy) + interest)
        owing = share_in_debt(owed, potential, one)
        repaid = repayment_of(owed, margin, income[i], service_share, least_service, owing)
        owed = np.int32(owed - repaid)
        in_hand = np.int32(np.int32(assets[i] + income[i]) - repaid)
        spent = consumption_of(assets[i], in_hand, margin, need, repaid, share, buffer, drawdown)
        saved = np.int32(in_hand - spent)
        debt[i] = owed
        assets[i] = saved
        ties_here = np.int32(ties[i])
        means = money_within_reach(
            np.float32(saved) - kept * need, earned[i] * usual + transfer_to(earned[i], need, transfer),
            land_months * land_share(group[i]) * potential * usual,
            np.float32(ties_here if ties_here < most_ties else most_ties), owed, lines[i], credit_months, tie_credit,
        )  # fmt: skip
        aspires = (aspiration[i] > threshold) & (at_home[i] > 0)
        aspiring = np.int32(aspiring + (_ONE if aspires else _NOBODY))
        immobile = np.int32(immobile + (_ONE if aspires & (means < cheapest) else _NOBODY))
        wish = np.int32(wish + np.int32(aspiration[i] * fixed_point))
        known = np.int32(known + ties_here)
        subsidy_sum = np.int32(subsidy_sum + subsidy)
        interest_low, interest_high = add_halves(interest_low, interest_high, interest)
        repaid_low, repaid_high = add_halves(repaid_low, repaid_high, repaid)
        spent_low, spent_high = add_halves(spent_low, spent_high, spent)
        assets_low, assets_high = add_halves(assets_low, assets_high, saved)
        debt_low, debt_high = add_halves(debt_low, debt_high, owed)
    if subsidised:
        lines[:] = _ZERO
    tally[T_SUBSIDY] += np.int64(subsidy_sum) * weight
    tally[T_INTEREST] += sum_of_halves(interest_low, interest_high) * weight
    tally[T_REPAYMENT] += sum_of_halves(repaid_low, repaid_high) * weight
    tally[T_CONSUMPTION] += sum_of_halves(spent_low, spent_high) * weight
    tally[T_ASSETS] += sum_of_halves(assets_low, assets_high) * weight
    tally[T_DEBT] += sum_of_halves(debt_low, debt_high) * weight
    tally[T_ASPIRING] += aspiring * weight
    tally[T_IMMOBILE] += immobile * weight
    tally[T_ASPIRATION] += wish * weight
    tally[T_TIES] += known * weight


@called
def village_month(village, weight, rate, turn, sent, villages, households, bonds, tables, key, work, tally):
    """Advance the households of one village by one month.

    Parameters
    ----------
    village, weight
        Village and households that one row stands for.
    rate
        Month's values in the village's district, a record of `abm.world.columns.DISTRICT_MONTH`.
    turn
        Whether aspiration, which moves once a quarter, has its turn.
    sent
        What the members away of the village sent, PKR of one household a row, summed; `work` holds who received it.
    villages, households, bonds, tables
        Columns, changed in place, and look-up tables.
    key
        Key of the stream of considering, of which turnover takes the draws below zero.
    work, tally
        Work space; tallies of the block, added to.
    """
    first = villages.first_row[village]
    awake = np.int64(villages.awake[village])
    last = first + awake
    workers, jobs = households.workers[first:last], households.jobs[first:last]
    at_home, members = work.at_home[:awake], work.members[:awake]
    people, force, away, with_migrant = count_at_home(
        workers, households.dependants[first:last], households.away[first:last], households.dead[first:last],
        households.in_city[first:last], weight, at_home, members,
    )  # fmt: skip
    # random starts of the systematic sampling of job loss and job finding
    losing = uniform(key, -2 * village - 1)
    seeking = uniform(key, -2 * village - 2)
    held = turn_over_jobs(
        jobs, at_home, rate.separation, rate.finding, losing, seeking, work.at_risk[:, :awake], work.words,
        work.picked,
    )  # fmt: skip
    received, income = work.received[:awake], work.income[:awake]
    wages, transfers = add_up_income(
        households.wage[first:last], jobs, received, members, rate, work.earned[:awake], income
    )  # fmt: skip
    bonded_pay = np.int64(0)
    if villages.bond_count[village] > 0:
        bound_jobs, bound_wages, bound_transfers, bonded_pay, bonded = deliver_bonded_pay(
            villages.bond_start[village], villages.bond_count[village], first, bonds, rate, at_home, members, received,
            jobs, work.earned[:awake], income,
        )  # fmt: skip
        held += bound_jobs
        wages += bound_wages
        transfers += bound_transfers
        tally[T_BONDED] += bonded * weight
    if sent > 0:
        for i in range(awake):
            received[i] = 0
    aspiration = households.aspiration[first:last]
    field = np.float64(villages.demonstration[village])
    if turn:
        counts, lacking = work.counts, work.lacking[:awake]
        relative_deprivation(villages.income_counts[village], tables.income_value, work.deprivation)
        for k in range(INCOME_CLASSES):
            counts[k] = 0
        classify_incomes(income, tables.income_class, work.deprivation, counts, lacking)
        for k in range(INCOME_CLASSES):
            villages.income_counts[village, k] = counts[k]
        relax_aspiration(
            aspiration, rate.baseline + rate.demonstration * field, rate, households.taste[first:last],
            households.ties[first:last], lacking, at_home, jobs, workers, tables.logistic, work.picked[:awake],
        )  # fmt: skip
    spend_and_save(households, first, last, work, rate, weight, tally)

    villages.migrant_share[village] = np.float32(with_migrant / (weight * max(awake, 1)))
    tally[T_HOUSEHOLDS] += awake * weight
    tally[T_MEMBERS] += people * weight
    tally[T_WORKERS] += force * weight
    tally[T_AWAY] += away
    tally[T_WITH_MIGRANT] += with_migrant
    tally[T_JOBS] += held * weight
    tally[T_WAGES] += wages * weight
    tally[T_TRANSFER] += transfers * weight
    tally[T_INCOME] += (wages + bonded_pay + sent + transfers) * weight
    tally[T_HOUSE_LEVELS] += np.int64(villages.visible[village] * awake * FIXED_POINT) * weight
    tally[T_DEMONSTRATION] += np.int64(field * awake * FIXED_POINT) * weight


@driver
def household_month(
    first_block, last_block, blocks, district_month, abroad, villages, households, away, bonds, tables, options,
    attraction, keys, chosen, chosen_count, made, tally, stock, events, event_count, work,
):  # fmt: skip
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
    villages, households, away, bonds, tables
        Columns and tables.
    options, attraction
        Ways to leave and their attraction by district, see `abm.departure.kernels.choice`.
    keys
        ``month``, and the keys ``village``, ``consider``, ``choice``, ``abroad``.
    chosen, chosen_count, made
        Output: rows that consider, each block's from the first row of the block on; how many; what they chose (`Made`).
    tally, stock
        Output: shape (blocks, TALLY_COUNT) and (blocks, destinations, STOCK_COLUMNS); set, not added to.
    events, event_count
        Output: what happened to members abroad, each block's from the segment of its first village on; how many.
    work
        Work space, see `work_space`; each thread has its own.
    """
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        weight = np.int64(rate.weight)
        for k in range(tally.shape[1]):
            tally[block, k] = 0
        for k in range(stock.shape[1]):
            for status in range(stock.shape[2]):
                stock[block, k, status] = 0
        first_event = villages.segment_start[blocks.first_village[block]]
        position = first_event
        for village in range(blocks.first_village[block], blocks.last_village[block]):
            turn = (village + keys.month) % QUARTER == 0
            if turn:
                quarter_of_village(village, weight, rate, villages, households, keys.village, work, tally[block])
            received = np.int64(0)
            if villages.segment_count[village] > 0:
                position, received = members_away_month(
                    village, weight, rate.party, abroad.domestic, rate.wage_index, rate.usual_wage,
                    rate.homeward, villages, households, away, abroad, keys.abroad, work.received, work.extra,
                    tally[block], stock[block], events, position,
                )  # fmt: skip
            village_month(
                village, weight, rate, turn, received, villages, households, bonds, tables, keys.consider, work,
                tally[block],
            )  # fmt: skip
        event_count[block] = position - first_event
        # these two here, while the columns of the block are in the nearest caches
        consider_blocks(
            block, block + 1, blocks, district_month, villages, households, keys.consider, chosen, chosen_count
        )
        tally[block, T_CONSIDERING] += chosen_count[block] * weight
        choose_channels(
            block, block + 1, blocks, district_month, households, villages, options, attraction, keys.choice,
            chosen, chosen_count, made, work.weighing,
        )  # fmt: skip
