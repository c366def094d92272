"""Stock-taking before the first month."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel
from abm.world.codes import T_ASSETS, T_AWAY, T_HOUSEHOLDS, T_JOBS, T_MEMBERS, T_WORKERS


@kernel
def opening_sums(blocks, weights, villages, households, away, tally, stock, groups) -> None:
    """Tally people, jobs, savings and members away of the rows that are awake.

    Parameters
    ----------
    blocks, weights, villages, households, away
        Blocks of villages, weight by district, and columns.
    tally, stock
        Output, as of `abm.households.kernels.household_month.household_month`.
    groups
        Output: households by district and wealth group.
    """
    tally[:] = 0
    stock[:] = 0
    groups[:] = 0
    for block in range(blocks.district.size):
        district = blocks.district[block]
        weight = weights[district]
        for v in range(blocks.first_village[block], blocks.last_village[block]):
            first = villages.first_row[v]
            for row in range(first, first + villages.awake[v]):
                tally[block, T_HOUSEHOLDS] += weight
                tally[block, T_MEMBERS] += weight * (np.int64(households.workers[row]) + households.dependants[row])
                tally[block, T_WORKERS] += weight * households.workers[row]
                tally[block, T_AWAY] += households.away[row]
                tally[block, T_JOBS] += weight * households.jobs[row]
                tally[block, T_ASSETS] += weight * np.int64(households.assets[row])
                groups[district, households.wealth_group[row]] += weight
            for m in range(villages.segment_start[v], villages.segment_start[v] + villages.segment_count[v]):
                stock[block, away.destination[m], away.status[m]] += away.persons[m]


@kernel
def sum_asleep(villages, households, totals):
    """Add up rows, workers and dependants of the households that are still to form, by district, into `totals`."""
    for v in range(villages.district.size):
        district = villages.district[v]
        first = villages.first_row[v]
        for row in range(first + villages.awake[v], first + villages.rows[v]):
            totals[district, 0] += 1
            totals[district, 1] += households.workers[row]
            totals[district, 2] += households.dependants[row]
