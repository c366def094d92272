"""Money that falls to some households of a village."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel
from abm.engine.random import uniform
from abm.society.kernels.village_quarter import need_of
from abm.world.codes import MONEY_LIMIT


@kernel
def give(
    there, share, amount, poorer_than, fifths, key, remitted, district_month, villages, households, away, received
) -> int:
    """Give an amount to a share of the households that qualify.

    Parameters
    ----------
    there, share, amount
        Whether it falls on each district; share of the households, and PKR of one.
    poorer_than, fifths
        Only those whose income lies below this multiple of the subsistence of members at home, and of so many of the
        lowest fifths of permanent income. Income is what workers with a job earn and members away send in the month.
    key
        Key of the event in the month.
    remitted
        PKR that one person away sends, by destination, status and skill.
    district_month, villages, households, away
        Month's values by district, and columns; savings change.
    received
        Work space by row of the longest village.

    Returns
    -------
    int
        PKR paid to all households.
    """
    total = np.int64(0)
    for v in range(villages.district.size):
        d = villages.district[v]
        if not there[d]:
            continue
        rate = district_month[d]
        first, awake = villages.first_row[v], np.int64(villages.awake[v])
        received[:awake] = 0.0
        for m in range(villages.segment_start[v], villages.segment_start[v] + villages.segment_count[v]):
            local = away.row[m]
            sent = remitted[away.destination[m], away.status[m], households.skill[first + local]]
            received[local] += away.persons[m] * sent / rate.weight
        for i in range(awake):
            row = first + i
            if uniform(key, row) >= share or households.wealth_group[row] >= fifths:
                continue
            income = households.jobs[row] * households.wage[row] * rate.wage_index + received[i]
            if income >= poorer_than * need_of(row, rate.weight, rate, households):
                continue
            paid = max(min(np.int64(amount), MONEY_LIMIT - np.int64(households.assets[row])), 0)
            households.assets[row] += np.int32(paid)
            total += paid * rate.weight
    return total
