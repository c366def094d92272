"""Vocational training of the households of one block of villages."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import driver
from abm.engine.random import mix, uniform

HIGHEST_SKILL = 2
"""Households with this skill are not trained."""


@driver
def train_blocks(first_block, last_block, blocks, villages, households, weights, terms, key, trained):
    """Train one worker of each household drawn, in a range of blocks.

    Parameters
    ----------
    first_block, last_block, blocks, villages, households
        As of `abm.households.kernels.household_month.household_month`; skill, wage and jobs change.
    weights
        Households that one row stands for, by district. A row is drawn whole, with the probability of one of its
        households, so the expected number of trainees does not depend on the scale.
    terms
        ``probability`` of a household in the month (by district), ``completion``, ``premium``, ``placement``.
    key
        Key of the stream of training.
    trained
        Output by block: trainees.
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
                at_home = (workers * weight - households.away[row]) // weight
                if at_home <= 0:
                    continue
                trained[block] += weight
                outcome = mix(np.uint64(key))
                if uniform(outcome, row) >= terms.completion:
                    continue
                households.skill[row] += np.uint8(1)
                # the wage is that of the household's average worker, and one of them is trained
                households.wage[row] = np.float32(households.wage[row] * (1.0 + terms.premium / workers))
                if households.jobs[row] < at_home and uniform(mix(outcome), row) < terms.placement:
                    households.jobs[row] += np.uint8(1)
