"""Aspiration of the households of one village, considering to leave, and involuntary immobility."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined
from abm.engine.portable import logarithm
from abm.engine.random import uniform
from abm.society.kernels.sampling import gap_key, skip_over
from abm.world.codes import FREE_OF_BOND, INCOME_STEP_BITS, INCOME_STEPS, MOST_TIES
from abm.world.kernels.members_away import whole_at_home

LOGISTIC_SPAN = np.float32(8.0)
LOGISTIC_STEPS_A_UNIT = np.float32(64.0)
_HALF = np.float32(0.5)
_ONE = np.int32(1)
_ZERO = np.float32(0.0)
_ONE_REAL = np.float32(1.0)


@inlined
def logistic_step(x: float) -> int:
    """Place of `x` in the table of the logistic function: steps of 1/64 on [-8, 8] (error below 0.002)."""
    x = np.float32(x)
    x = x if x > -LOGISTIC_SPAN else -LOGISTIC_SPAN
    x = x if x < LOGISTIC_SPAN else LOGISTIC_SPAN
    return np.int32((x + LOGISTIC_SPAN) * LOGISTIC_STEPS_A_UNIT + _HALF)


@inlined
def classify_incomes(income, table, deprivation, counts, lacking):
    """Count the households of each income class, and fill each one's relative deprivation by its class."""
    for i in range(income.size):
        found = table[min(income[i] >> INCOME_STEP_BITS, INCOME_STEPS - 1)]
        counts[found] += 1
        lacking[i] = np.float32(deprivation[found])


@driver
def raise_odds(villages, factor, aspiration):
    """Multiply the odds of the aspiration of every household by the factor of its district."""
    for v in range(villages.rows.size):
        more = np.float32(factor[villages.district[v]] - 1.0)
        for row in range(villages.first_row[v], villages.first_row[v] + villages.rows[v]):
            aspiration[row] *= (_ONE_REAL + more) / (_ONE_REAL + aspiration[row] * more)


@inlined
def relax_aspiration(aspiration, wish, rate, taste, ties, lacking, at_home, jobs, workers, logistic, steps):
    """Move aspiration, in [0, 1], towards its target, once a quarter.

    Parameters
    ----------
    aspiration, wish
        Column to change; logit common to the village, of baseline and demonstration field.
    rate
        Weights ``taste``, ``deprivation``, ``surplus``, ``ties``, and speed ``adjustment`` (a turn).
    taste, ties, lacking, at_home, jobs, workers
        Columns of the village; `lacking` is relative deprivation.
    logistic, steps
        Look-up table and work space.

    References
    ----------
    Carling (2002), "Migration in the age of involuntary immobility"; ODD submodel "Aspiration".
    """
    common, taste_weight, ties_weight = np.float32(wish), np.float32(rate.taste), np.float32(rate.ties)
    surplus_weight, deprivation_weight = np.float32(rate.surplus), np.float32(rate.deprivation)
    speed, most_ties = np.float32(rate.adjustment), np.int32(MOST_TIES)
    for i in range(aspiration.size):
        force, known = np.int32(workers[i]), np.int32(ties[i])
        idle = np.float32(np.int32(np.int32(at_home[i]) - np.int32(jobs[i])))
        steps[i] = logistic_step(
            common
            + taste_weight * np.float32(taste[i])
            + deprivation_weight * lacking[i]
            + surplus_weight * idle / np.float32(force if force > _ONE else _ONE)
            + ties_weight * np.float32(known if known < most_ties else most_ties)
        )
    for i in range(aspiration.size):  # a loop of its own: looking up fills no vector registers
        aspiration[i] += speed * (np.float32(logistic[steps[i]]) - aspiration[i])


@inlined
def money_within_reach(spare, earned, owned, known, debt, line, credit_months, tie_credit):
    """Money that a household can raise for a departure, PKR; `means_of` (society) in single precision.

    Parameters
    ----------
    spare, earned, owned
        Savings that a departure may use up, below zero where they fall short; usual pay of those with a job, and the
        cash transfer; credit on land.
    known, debt, line
        Ties, debt and subsidised credit line.
    credit_months, tie_credit
        See `abm.society.livelihood.LivelihoodParams`.
    """
    credit = credit_months * np.float32(earned) + owned + tie_credit * known - np.float32(debt)
    credit += line
    return (spare if spare > _ZERO else _ZERO) + (credit if credit > _ZERO else _ZERO)


@driver
def consider_blocks(first_block, last_block, blocks, district_month, villages, households, key, chosen, chosen_count):
    """List those who consider leaving in a range of blocks.

    Each household that is not bonded and has a worker at home does with probability ``consideration`` x aspiration,
    independently of all others. Those on whom the hazard ``consideration`` falls are found by skipping over the others
    (the length of a gap is geometric), and they consider with a probability of their aspiration. Parameters as of
    `abm.households.kernels.household_month.household_month`; `key` is that of the stream of considering.
    """
    gaps = gap_key(key)
    for block in range(first_block, last_block):
        rate = district_month[blocks.district[block]]
        village, end = blocks.first_village[block], blocks.last_village[block]
        start = villages.first_row[village]
        spared = logarithm(1.0 - rate.consideration)
        row, left, found = start, np.int64(villages.awake[village]), 0
        while spared < 0.0:
            village, row, left = skip_over(gaps, spared, villages, village, end, row, left)
            if village == end:
                break
            free = whole_at_home(households.workers[row], households.away[row], rate.weight) > 0
            free = free and households.bond[row] == FREE_OF_BOND
            if free and uniform(key, row) < households.aspiration[row]:
                chosen[start + found] = row
                found += 1
            row += 1
            left -= 1
        chosen_count[block] = found
