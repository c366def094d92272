"""One factor moved at a time from a centre: the bars of a tornado, paired by replicate.

Says what each factor does around the centre and nothing of what they do together (Saltelli and Annoni 2010, "How to
avoid a perfunctory sensitivity analysis", Environmental Modelling & Software 25).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.analysis.factors import FactorTable
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.experiments.intervals import mean_interval


def find_centre(table: FactorTable) -> int:
    """Find the point from which every other differs in one factor at most.

    Raises
    ------
    AnalysisError
        If there is none.
    """
    for place in range(len(table.values)):
        if ((table.values != table.values[place]).sum(1) <= 1).all():
            return place
    raise AnalysisError("the points of the one_at_a_time design have no centre; was design.parquet changed?")


def effects_of_moves(values: Floats, table: FactorTable, level: float) -> list[dict[str, Any]]:
    """Difference of every moved point from the centre, with t intervals over replicates.

    Parameters
    ----------
    values
        Outcome, of shape (points, replicates), not a number where missing.
    table
        Factors and their points.
    level
        Probability that an interval covers.

    Returns
    -------
    list of dict
        One row a factor and value: factor, at, centre, difference, low, high, pairs; difference blank where a run is
        missing.
    """
    middle = find_centre(table)
    rows = []
    for place in range(len(table.values)):
        moved = table.values[place] != table.values[middle]
        if place == middle or not moved.any():
            continue
        column = int(np.argmax(moved))
        found = mean_interval((values[place] - values[middle])[None], level=level)
        rows.append(
            {
                "factor": table.names[column],
                "at": table.values[place, column],
                "centre": table.values[middle, column],
                "difference": float(found.estimate),
                "low": float(found.low),
                "high": float(found.high),
                "pairs": int(found.used),
            }
        )
    return rows


def swings(rows: list[dict[str, Any]], names: tuple[str, ...]) -> Floats:
    """Distance between the highest and the lowest outcome that each factor gives, the centre included."""
    found = {name: [0.0] for name in names}
    for row in rows:
        if np.isfinite(row["difference"]):
            found[row["factor"]].append(row["difference"])
    return np.array([max(values) - min(values) for values in found.values()])
