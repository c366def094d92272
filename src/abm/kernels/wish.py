"""Aspiration of the households of one village, considering to leave, and involuntary immobility."""

from __future__ import annotations

import numpy as np

from abm.kernels.compiled import driver, inlined
from abm.kernels.random import uniform
from abm.kernels.states import FIXED_POINT, INCOME_STEP_BITS, INCOME_STEPS, MOST_TIES

LOGISTIC_SPAN = 8.0
LOGISTIC_STEPS_A_UNIT = 64.0
_ZERO = np.float32(0.0)


@inlined
def look_up_logistic(x: float, table: np.ndarray) -> float:
    """Logistic function from a table of steps of 1/64 on [-8, 8] (error below 0.002)."""
    return table[int((min(max(x, -LOGISTIC_SPAN), LOGISTIC_SPAN) + LOGISTIC_SPAN) * LOGISTIC_STEPS_A_UNIT + 0.5)]


@inlined
def classify_incomes(income, table, classes, counts):
    """Fill each household's income class and count the households of each class."""
    for i in range(income.size):
        found = table[min(income[i] >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
        classes[i] = found
        counts[found] += 1


@inlined
def relax_aspiration(aspiration, wish, rate, taste, ties, classes, deprivation, at_home, jobs, workers, logistic):
    """Move aspiration towards its target.

    Parameters
    ----------
    aspiration
        Wish to leave, in [0, 1]; changed.
    wish
        Logit common to the village: baseline and demonstration field.
    rate
        Weights ``taste``, ``deprivation``, ``surplus``, ``ties``, and speed ``adjustment`` (1/month).
    taste, ties, classes, at_home, jobs, workers
        Columns of the village.
    deprivation
        Relative deprivation by income class.
    logistic
        Look-up table.

    Returns
    -------
    tuple of int
        Sum of aspiration in units of 1 / 65,536, and sum of ties.

    References
    ----------
    Carling (2002), "Migration in the age of involuntary immobility"; ODD submodel "Aspiration".
    """
    taste_weight, surplus_weight, ties_weight = rate.taste, rate.surplus, rate.ties
    deprivation_weight, speed = rate.deprivation, rate.adjustment
    total = np.int64(0)
    ties_total = np.int64(0)
    for i in range(aspiration.size):
        known = np.int64(ties[i])
        force = max(np.int64(workers[i]), 1)
        target = look_up_logistic(
            wish
            + taste_weight * taste[i]
            + deprivation_weight * deprivation[classes[i]]
            + surplus_weight * (at_home[i] - np.int64(jobs[i])) / force
            + ties_weight * min(known, MOST_TIES),
            logistic,
        )
        level = np.float64(aspiration[i])
        level += speed * (target - level)
        aspiration[i] = np.float32(level)
        total += np.int64(level * FIXED_POINT)
        ties_total += known
    return total, ties_total


@inlined
def count_aspiring(aspiration, at_home, earned, potential, ties, debt, assets, members, lines, rate):
    """Count the households that aspire, and those of them who cannot pay for the cheapest way abroad.

    Parameters
    ----------
    aspiration, at_home, earned, potential, ties, debt, assets, members, lines
        Columns of the village; `lines` are subsidised credit lines, PKR.
    rate
        ``threshold``, ``cheapest`` and what bounds credit, see `abm.kernels.choice.means_of`.
    """
    threshold = np.float32(rate.threshold)
    buffer = np.float32(rate.buffer_months * rate.subsistence)
    credit_months = np.float32(rate.credit_months)
    land_months = np.float32(rate.land_months)
    tie_credit = np.float32(rate.tie_credit)
    cheapest = np.float32(rate.cheapest)
    aspiring = np.int32(0)
    immobile = np.int32(0)
    for i in range(aspiration.size):
        wishes = (aspiration[i] > threshold) & (at_home[i] > 0)
        known = np.float32(min(np.int32(ties[i]), np.int32(MOST_TIES)))
        credit = credit_months * np.float32(earned[i]) + land_months * potential[i] + tie_credit * known
        credit -= np.float32(debt[i])
        credit += lines[i]
        spare = np.float32(assets[i]) - buffer * members[i]
        means = (spare if spare > _ZERO else _ZERO) + (credit if credit > _ZERO else _ZERO)
        aspiring += np.int32(wishes)
        immobile += np.int32(wishes & (means < cheapest))
    return aspiring, immobile


@driver
def consider_blocks(first_block, last_block, blocks, district_month, villages, households, key, chosen, chosen_count):
    """List who considers leaving in a range of blocks, outside the household pass.

    Parameters
    ----------
    first_block, last_block, blocks, district_month, villages, households, chosen, chosen_count
        As of `abm.kernels.household_month.household_month`.
    key
        Key of the stream of considering.
    """
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        weight = np.int64(rate.weight)
        start = villages.first_row[blocks.first_village[block]]
        found = 0
        for village in range(blocks.first_village[block], blocks.last_village[block]):
            first = villages.first_row[village]
            for row in range(first, first + villages.awake[village]):
                free = np.int64(households.workers[row]) * weight - households.away[row] >= weight
                if free and uniform(key, row) < rate.consideration * households.aspiration[row]:
                    chosen[start + found] = row
                    found += 1
        chosen_count[block] = found


@inlined
def consider(aspiration, at_home, first_row, hazard, key, chosen):
    """List the households that consider sending a member away this month; returns how many."""
    found = 0
    for i in range(aspiration.size):
        if uniform(key, first_row + i) < hazard * aspiration[i] and at_home[i] > 0:
            chosen[found] = first_row + i
            found += 1
    return found
