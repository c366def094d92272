"""What bonded households earn, in the household pass: all who work do so for one employer, whatever they would earn."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.society.kernels.livelihood import transfer_to


@inlined
def deliver_bonded_pay(start, count, first, bonds, rate, at_home, members, received, jobs, earned, income):
    """Put the pay of the bonded in the place of what they would earn on the labour market.

    `start` and `count` are the first bond and the bonds of the village, `first` is its first household. By household of
    the village: workers `at_home` and `members` at home, what members away sent (`received`), and `jobs`, `earned` and
    `income` as of free households, changed for the bonded: every worker at home has work. Returns jobs, wages of the
    labour market and transfers to be added (or, below zero, taken off), and pay and workers of the bonded, one
    household a row, summed over the village.
    """
    subsistence = np.float32(rate.subsistence)
    transfer = np.int32(rate.transfer)
    new_jobs = wages = transfers = paid = working = np.int64(0)
    for k in range(start, start + count):
        i = bonds.row[k] - first
        before = np.int32(bonds.pay[k] + received[i])
        added = transfer_to(before, subsistence * members[i], transfer)
        new_jobs += np.int64(at_home[i]) - np.int64(jobs[i])
        wages -= np.int64(earned[i])
        transfers += np.int64(added) - (np.int64(income[i]) - np.int64(earned[i]) - np.int64(received[i]))
        paid += np.int64(bonds.pay[k])
        working += np.int64(at_home[i])
        jobs[i] = at_home[i]
        earned[i] = bonds.pay[k]
        income[i] = np.int32(before + added)
    return new_jobs, wages, transfers, paid, working
