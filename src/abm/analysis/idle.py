"""Factors that change nothing: a sign of a mechanism that is switched off, a wrong name, or a range too narrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from abm.analysis.factors import FactorTable, saltelli_size
from abm.analysis.one_at_a_time import find_centre
from abm.engine.measures import Floats

EXACT = ("saltelli", "morris", "one_at_a_time")
"""Designs with pairs of points that differ in one factor only; since random numbers are common, no effect is none at
all, to the bit."""


def idle_factors(arrays: Iterable[Floats], table: FactorTable) -> NDArray[np.bool_]:
    """Tell which factors were moved alone, and moved nothing.

    Parameters
    ----------
    arrays
        Outcomes, each of shape (points, replicates, months).
    table
        Factors and their points, of one of the designs in `EXACT`.
    """
    moved, changed = (np.zeros(len(table.names), bool) for _ in range(2))
    steps = np.array(list(_steps(table)), dtype=np.int64).reshape(-1, 3)
    for values in arrays:
        for column in np.unique(steps[:, 2]):
            one, other = steps[steps[:, 2] == column, :2].T
            before, after = values[one], values[other]
            both = np.isfinite(before) & np.isfinite(after)
            moved[column] |= both.any()
            changed[column] |= bool((both & (before != after)).any())
    found: NDArray[np.bool_] = moved & ~changed
    return found


def _steps(table: FactorTable) -> Iterator[tuple[int, int, int]]:
    """Pairs of points that differ in one factor, and which; pairs that do not differ are left out."""
    for one, other, column in _neighbours(table):
        if table.values[one, column] != table.values[other, column]:
            yield one, other, column


def _neighbours(table: FactorTable) -> Iterator[tuple[int, int, int]]:
    count = len(table.names)
    if table.method == "saltelli":
        for first in range(0, len(table.values), saltelli_size(table)):
            yield from ((first, first + 1 + column, column) for column in range(count))
        return
    if table.method == "morris":
        for first in range(0, len(table.values), count + 1):
            for step in range(first, first + count):
                moved = table.values[step] != table.values[step + 1]
                if moved.any():
                    yield step, step + 1, int(np.argmax(moved))
        return
    middle = find_centre(table)
    for place in range(len(table.values)):
        moved = table.values[place] != table.values[middle]
        if moved.any():
            yield middle, place, int(np.argmax(moved))
