"""Systematic sampling of events along the households of a village (Madow 1949).

The members at risk are counted along the rows; an event falls on whoever is at each multiple of 1 / probability,
from a random start. Every member has exactly its own probability, and the number of events in a village stays within
one of its expectation: turnover and vital events add almost no noise of their own to what is studied.
"""

from __future__ import annotations

import numpy as np

from abm.kernels.compiled import inlined

_NEVER = 1e-17
"""Smaller probabilities count as this, whose events stand beyond any count and within 64 bits."""

_STRETCH = 16

_FIRST = np.uint64(0)
_ONE = np.uint64(1)


@inlined
def pick(at_risk: np.ndarray, total: int, probability: float, start: float, picked: np.ndarray) -> int:
    """List the households on which an event falls, at most one each.

    Parameters
    ----------
    at_risk
        Members at risk by household; an event beyond the first on the same household falls on the next with somebody.
    total
        Sum of `at_risk`.
    probability
        Of one event per member at risk.
    start
        Uniform draw in [0, 1).
    picked
        Output: rows, ascending; room for as many as there are households.

    Returns
    -------
    int
        Number of rows written to `picked`.
    """
    found = 0
    step = 1.0 / max(probability, _NEVER)
    position = (1.0 - start) * step
    due = max(np.int64(np.ceil(position)), np.int64(1))
    passed = np.int64(0)
    # an index without a sign: one with a sign may count from the end, and a test for that keeps loops out of registers
    row, size, stretch = _FIRST, np.uint64(at_risk.size), np.uint64(_STRETCH)
    while due <= total and row < size:
        # a stretch on which no event falls is added up in vector registers
        while row + stretch <= size:
            here = np.int32(0)
            for k in range(_STRETCH):
                here = np.int32(here + np.int32(at_risk[row + np.uint64(k)]))
            if passed + here >= due:
                break
            passed += here
            row += stretch
        while row < size:
            passed += np.int64(at_risk[row])
            row += _ONE
            if passed >= due:
                picked[found] = np.int32(row - _ONE)
                found += 1
                position += step
                due = max(np.int64(np.ceil(position)), passed + 1)
                break
    return found
