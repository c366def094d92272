"""On which households of a village events fall.

`pick` is systematic sampling (Madow 1949): the members at risk are counted along the rows; an event falls on the member
at each multiple of 1 / probability, from a random start. Every member has exactly its own probability, and the number
of events in a village stays within one of its expectation: turnover and vital events add almost no noise of their own.

`skip_over` finds the households on whom a rare event falls, each with the same probability. The length of a gap between
two of them is geometric, so that there is a draw an event and none a household.
"""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.engine.portable import logarithm
from abm.engine.random import mix, uniform

_NEVER = 1e-17  # smaller probabilities count as this, whose events stand beyond any count and within 64 bits
WORD = 8  # households whose members at risk stand in one word, a byte each
_EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
_LOWEST_PART = np.uint64(0xFFFF)
_BYTE = np.uint64(255)
_BITS = np.uint64(8)
_QUARTER_OF_IT = np.uint64(16)
_HALF_OF_IT = np.uint64(32)
_FIRST = np.uint64(0)
_NEXT = np.uint64(1)


@inlined
def pick(words: np.ndarray, total: int, probability: float, start: float, picked: np.ndarray) -> int:
    """List the households on which an event falls, at most one each.

    Parameters
    ----------
    words
        Members at risk by household, a byte each, eight to a word, the first in the lowest byte; a further event on the
        same household falls on the next with a member at risk. Bytes after the last household are not read as long as
        `total` is right.
    total, probability
        Sum of the members at risk, and probability of one event for each of them.
    start
        Uniform draw in [0, 1).
    picked
        Output: rows, ascending; room for as many as there are households. How many were written is returned.
    """
    found = 0
    step = 1.0 / max(probability, _NEVER)
    position = (1.0 - start) * step
    due = max(np.int64(np.ceil(position)), np.int64(1))
    passed = np.int64(0)
    k = _FIRST  # without a sign: an index with one may count from the end, which would be looked into each time
    while due <= total:
        word = words[k]
        here = sum_of_bytes(word)
        while passed + here < due:
            passed += here
            k += _NEXT
            word = words[k]
            here = sum_of_bytes(word)
        # which of the eight: all are gone through, since a jump out of the loop would be guessed wrong
        upto, before, byte = passed, passed, np.int64(0)
        for b in range(WORD - 1):
            upto += byte_of(word, b)
            less = upto < due
            byte += np.int64(less)
            before = upto if less else before
        picked[found] = np.int32(np.int64(k) * WORD + byte)
        found += 1
        position += step
        due = max(np.int64(np.ceil(position)), before + byte_of(word, byte) + 1)
    return found


@inlined
def sum_of_bytes(word: int) -> int:
    """Sum of the eight bytes of a word: two and two in 16 bits each, these in 32 bits, and those."""
    pairs = (word & _EVEN_BYTES) + ((word >> _BITS) & _EVEN_BYTES)
    pairs += pairs >> _HALF_OF_IT
    return np.int64((pairs + (pairs >> _QUARTER_OF_IT)) & _LOWEST_PART)


@inlined
def byte_of(word: int, place: int) -> int:
    """One byte of a word."""
    return np.int64((word >> (_BITS * np.uint64(place))) & _BYTE)


_GAPS = np.uint64(0xA0761D6478BD642F)  # tells the draws of gaps from the others
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
    key, spared
        As of `gap_key`; logarithm of the probability that it does not fall on a household, below zero.
    villages, village, end
        Columns; village in which one stands, and the one after the last.
    row, left
        Household from which one looks on, and how many of its village there are from it on.

    Returns
    -------
    tuple of int
        The new `village`, `row` and `left`; the village is `end` if the event falls on nobody.
    """
    gap = np.int64(min(logarithm(1.0 - uniform(key, row)) / spared, _LONGEST_GAP))
    while gap >= left and village < end:
        gap -= left
        village += 1
        if village < end:
            row, left = villages.first_row[village], np.int64(villages.awake[village])
    return village, row + gap, left - gap
