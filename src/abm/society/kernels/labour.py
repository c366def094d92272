"""Labour turnover and vocational training of the households of a village."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver, inlined
from abm.engine.random import mix, uniform
from abm.society.kernels.sampling import pick
from abm.world.kernels.members_away import whole_at_home


@inlined
def count_at_home(workers, dependants, away, dead, in_city, weight, at_home, members):
    """Work out who is at home in a village.

    Fills the whole workers (`at_home`) and all `members` at home of one household; `weight` is the households that one
    row stands for.

    Returns
    -------
    tuple of int
        Members and workers of one household a row, persons away, and households with a member abroad or under way
        in units of persons (at most `weight` a row), summed over the village.
    """
    members_total = workers_total = away_total = with_migrant = np.int32(0)
    share = np.float32(1.0 / weight)
    most = np.int32(weight)
    for i in range(workers.size):
        people = np.int32(np.int32(workers[i]) + np.int32(dependants[i]))
        absent = np.int32(away[i])
        abroad = np.int32(absent - np.int32(dead[i]) - np.int32(in_city[i]))
        at_home[i] = np.uint8(whole_at_home(workers[i], absent, weight))
        members[i] = np.float32(people) - np.float32(absent) * share
        members_total = np.int32(members_total + people)
        workers_total = np.int32(workers_total + np.int32(workers[i]))
        away_total = np.int32(away_total + absent)
        with_migrant = np.int32(with_migrant + (abroad if abroad < most else most))
    return members_total, workers_total, away_total, with_migrant


@inlined
def turn_over_jobs(jobs, at_home, separation, finding, losing, seeking, at_risk, words, picked):
    """Let jobs end and be found, by systematic sampling; returns the jobs of one household a row, summed.

    Parameters
    ----------
    jobs, at_home
        Workers with a job (changed) and workers at home of each household.
    separation, finding
        Probability that a job ends, and that an unemployed worker finds one, in the month.
    losing, seeking
        Random starts in [0, 1).
    at_risk, words, picked
        Work space: two rows of bytes, the same as words, and an element a household; see `pick`.

    References
    ----------
    ODD submodel "Labour"; flows into and out of unemployment as in Pissarides (2000).
    """
    held = idle = np.int32(0)
    employed, free = at_risk[0], at_risk[1]
    for i in range(jobs.size):
        kept = min(jobs[i], at_home[i])
        jobs[i] = kept
        employed[i] = kept
        free[i] = np.uint8(at_home[i] - kept)
        held = np.int32(held + np.int32(kept))
        idle = np.int32(idle + np.int32(free[i]))
    lost = pick(words[0], held, separation, losing, picked)
    for k in range(lost):
        jobs[picked[k]] -= np.uint8(1)
        free[picked[k]] += np.uint8(1)
    found = pick(words[1], idle + lost, finding, seeking, picked)
    for k in range(found):
        jobs[picked[k]] += np.uint8(1)
    return np.int64(held) - lost + found


HIGHEST_SKILL = 2
"""Households with this skill are not trained."""


@driver
def train_blocks(first_block, last_block, blocks, villages, households, weights, terms, key, trained):
    """Train one worker of each household drawn, in a range of blocks; skill, wage and jobs change.

    Parameters
    ----------
    first_block, last_block, blocks, villages, households
        As of `abm.households.kernels.household_month.household_month`.
    weights
        Households that one row stands for, by district. A row is drawn whole, with the probability of one of its
        households, so the expected number of trainees does not depend on the scale.
    terms
        `abm.society.training.TrainingMonth`: ``probability`` of a household in the month (by district), ``completion``,
        ``premium``, ``placement``.
    key, trained
        Key of the stream of training; output: trainees by block.
    """
    for block in range(first_block, last_block):
        trained[block] = 0
        district = blocks.district[block]
        probability = terms.probability[district]
        if probability <= 0.0:
            continue
        weight = np.int64(weights[district])
        for village in range(blocks.first_village[block], blocks.last_village[block]):
            first = villages.first_row[village]
            for row in range(first, first + villages.awake[village]):
                if households.skill[row] >= HIGHEST_SKILL or uniform(key, row) >= probability:
                    continue
                workers = np.int64(households.workers[row])
                at_home = whole_at_home(workers, households.away[row], weight)
                if at_home <= 0:
                    continue
                trained[block] += weight
                outcome = mix(np.uint64(key))
                if uniform(outcome, row) >= terms.completion:
                    continue
                households.skill[row] += np.uint8(1)
                # the wage is that of the average worker at home, and one of them is trained
                households.wage[row] = np.float32(households.wage[row] * (1.0 + terms.premium / at_home))
                if households.jobs[row] < at_home and uniform(mix(outcome), row) < terms.placement:
                    households.jobs[row] += np.uint8(1)
