"""One factor moved at a time: the bars of a tornado; and in any such design, the factors that change nothing.

A tornado, paired by replicate, says what each factor does around the centre and nothing of what they do together
(Saltelli and Annoni 2010, "How to avoid a perfunctory sensitivity analysis", Environmental Modelling & Software 25).
A factor that changes nothing is a sign of a mechanism that is switched off, a wrong name, or a range too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from abm.analysis.factors import FactorTable, Indices, made_of
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.experiments.intervals import mean_interval


def _find_centre(table: FactorTable) -> int:
    """Find the point from which every other differs in one factor at most."""
    for place in range(len(table.values)):
        if ((table.values != table.values[place]).sum(1) <= 1).all():
            return place
    raise AnalysisError("the points of the one_at_a_time design have no centre; was design.parquet changed?")


def effects_of_moves(values: Floats, table: FactorTable, level: float) -> Indices:
    """Difference of every moved point from the centre, with t intervals over replicates.

    Outcomes are of shape (points, replicates), not a number where missing; intervals cover with probability `level`.
    The index is ``swing``, between the highest and the lowest outcome that a factor gives, the centre included; moves
    have one row a factor and value: factor, at, centre, difference (blank where a run is missing), low, high, pairs.
    """
    middle = _find_centre(table)
    centre = table.values[middle]
    rows, ends = [], np.zeros((2, len(table.names)))
    for place, moved in enumerate(table.values != centre):
        if not moved.any():
            continue
        column = int(np.argmax(moved))
        found = mean_interval((values[place] - values[middle])[None], level=level)
        difference = float(found.estimate)
        ends[:, column] = np.fmin(ends[0, column], difference), np.fmax(ends[1, column], difference)
        rows.append(
            {
                "factor": table.names[column],
                "at": table.values[place, column],
                "centre": centre[column],
                "difference": difference,
                "low": float(found.low),
                "high": float(found.high),
                "pairs": int(found.used),
            }
        )
    swing = ends[1] - ends[0]
    return Indices({"swing": swing}, swing, made_of(np.isfinite(values).any(1), "points"), rows)


EXACT = ("saltelli", "morris", "one_at_a_time")
"""Designs with pairs of points that differ in one factor only; since random numbers are common, no effect is none at
all, to the bit."""


def idle_factors(arrays: Iterable[Floats], table: FactorTable) -> NDArray[np.bool_]:
    """Tell which factors were moved alone, and moved nothing.

    Outcomes are of shape (points, replicates, months), the points of one of the designs in `EXACT`.
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
    return np.logical_and(moved, ~changed)


def _steps(table: FactorTable) -> Iterator[tuple[int, int, int]]:
    """Pairs of points that differ in one factor, and which."""
    points, steps = range(len(table.values)), range(len(table.names))
    if table.method == "one_at_a_time":
        middle = _find_centre(table)
        pairs = [(middle, place) for place in points]
    else:
        from_first = table.method == "saltelli"
        firsts = points[:: table.together]
        pairs = [(first if from_first else first + step, first + step + 1) for first in firsts for step in steps]
    for one, other in pairs:
        moved = table.values[one] != table.values[other]
        if moved.any():
            yield one, other, int(np.argmax(moved))
