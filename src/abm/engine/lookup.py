"""Sums by numbers that are far apart, such as rows of households: looked up in a table by hashing, without sorting."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import called_making, inlined, making

_EMPTY = -1
_MULTIPLIER = 2_654_435_761
"""Prime near 2^32 times the golden ratio: products with numbers below 2^31 stay within 63 bits."""
_LOW_BITS = 8
"""Bits of the product that depend on too few of the number."""


@making
def sums_of(numbers: np.ndarray, of: np.ndarray, amounts: np.ndarray, sums: np.ndarray, first: int, last: int) -> None:
    """Sum the amounts that belong to each of the `numbers`, in order, into `sums`.

    Parameters
    ----------
    numbers
        Whole numbers from 0 to 2^31; the same may stand there more than once.
    of, amounts
        Number to which each amount belongs, asked for or not; amounts.
    sums
        Output, as many as there are numbers.
    first, last
        Numbers that are looked at, the last one excluded; the sums of others stay as they are.
    """
    slots = _slots_for(numbers[(numbers >= first) & (numbers < last)])
    totals = np.zeros(slots.size, sums.dtype)
    for k in range(of.size):
        if first <= of[k] < last:
            slot = _slot_of(of[k], slots)
            if slots[slot] != _EMPTY:
                totals[slot] += amounts[k]
    for k in range(numbers.size):
        if first <= numbers[k] < last:
            sums[k] = totals[_slot_of(numbers[k], slots)]


@making
def sums_before(numbers: np.ndarray, amounts: np.ndarray, sums: np.ndarray) -> None:
    """Sum, for each of the `numbers`, the amounts of those before it that are the same number, into `sums`."""
    slots = _slots_for(numbers)
    totals = np.zeros(slots.size, sums.dtype)
    for k in range(numbers.size):
        slot = _slot_of(numbers[k], slots)
        sums[k] = totals[slot]
        totals[slot] += amounts[k]


@making
def mark_among(numbers: np.ndarray, of: np.ndarray, found: np.ndarray) -> None:
    """Mark in `found` which of the numbers `of` are among `numbers`."""
    slots = _slots_for(numbers)
    for k in range(of.size):
        found[k] = slots[_slot_of(of[k], slots)] != _EMPTY


@called_making
def _slots_for(numbers: np.ndarray) -> np.ndarray:
    """Table with a slot for each number, three quarters of it empty or more."""
    size = 16
    while size < 4 * numbers.size:
        size *= 2
    slots = np.full(size, _EMPTY, np.int32)  # half as wide: more of them stay in the nearest caches
    for number in numbers:
        slots[_slot_of(number, slots)] = number
    return slots


@inlined
def _slot_of(number: int, slots: np.ndarray) -> int:
    """Slot in which a number stands, or would stand: the first one from where its hash points that is its own or empty.

    Rows of neighbours are scattered by the multiplier of Fibonacci hashing (Knuth 1998, "The Art of Computer
    Programming" 3, 6.4).
    """
    last = slots.size - 1
    slot = ((number * _MULTIPLIER) >> _LOW_BITS) & last
    while slots[slot] != number and slots[slot] != _EMPTY:
        slot = (slot + 1) & last
    return int(slot)
