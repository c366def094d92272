"""Means of a household: what it can spend on a departure, or borrow."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.engine.random import uniform
from abm.world.codes import MOST_TIES


@inlined
def spare_savings(row: int, rate, households) -> float:
    """Savings above the buffer of the members at home, PKR."""
    members = np.float64(np.int64(households.workers[row]) + households.dependants[row])
    members -= households.away[row] / rate.weight
    return max(households.assets[row] - rate.buffer_months * rate.subsistence * members, 0.0)


@inlined
def credit_line(row: int, rate) -> float:
    """Subsidised credit line of a household, PKR; 0 for those who do not take it up.

    Who takes it up is drawn once and for all, by a key that does not change with the month.
    """
    if rate.credit_line <= 0.0 or uniform(rate.take_up_key, row) >= rate.take_up:
        return 0.0
    return rate.credit_line


@inlined
def means_of(row: int, rate, households) -> float:
    """Money that a household can raise for a departure, PKR: savings above the buffer, and credit not yet used.

    Lenders look at wages, at land and at relatives abroad; a subsidised line, where policy offers one, comes on top.
    See `abm.society.livelihood`.
    """
    pay = households.wage[row] * rate.wage_index
    months = rate.credit_months * households.jobs[row] + rate.land_months * households.workers[row]
    credit = months * pay + rate.tie_credit * min(np.int64(households.ties[row]), MOST_TIES) - households.debt[row]
    credit += credit_line(row, rate)
    return spare_savings(row, rate, households) + max(credit, 0.0)
