"""Households on whom a rare event falls, each with the same probability: those on whom it does not are skipped over.

The length of a gap between two of them is geometric, so that there is a draw an event and none a household.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.engine.portable import logarithm
from abm.engine.random import mix, uniform

_GAPS = np.uint64(0xA0761D6478BD642F)
"""Tells the draws of gaps from the others."""

_LONGEST_GAP = 1e9


@inlined
def gap_key(key):
    """Key of the draws of gaps, from that of the stream and month."""
    return mix(np.uint64(key) ^ _GAPS)


@inlined
def skip_over(key, spared, villages, village, end, row, left):
    """Skip over the households on whom the event does not fall.

    Parameters
    ----------
    key
        As of `gap_key`.
    spared
        Logarithm of the probability that it does not fall on a household, below zero.
    villages, village, end
        Columns; village in which one stands, and the one after the last.
    row, left
        Household from which one looks on, and how many of its village there are from it on.

    Returns
    -------
    tuple of int
        Village, household and those left of its village from it on; the village is `end` if the event falls on nobody.
    """
    gap = np.int64(min(logarithm(1.0 - uniform(key, row)) / spared, _LONGEST_GAP))
    while gap >= left and village < end:
        gap -= left
        village += 1
        if village < end:
            row, left = villages.first_row[village], np.int64(villages.awake[village])
    return village, row + gap, left - gap
