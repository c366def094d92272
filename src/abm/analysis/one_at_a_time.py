"""One factor moved at a time from a centre: the bars of a tornado, paired by replicate.

Says what each factor does around the centre and nothing of what they do together (Saltelli and Annoni 2010, "How to
avoid a perfunctory sensitivity analysis", Environmental Modelling & Software 25).
"""

from __future__ import annotations

import numpy as np

from abm.analysis.factors import FactorTable, Indices
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


def effects_of_moves(values: Floats, table: FactorTable, level: float) -> Indices:
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
    Indices
        ``swing``, between the highest and the lowest outcome that a factor gives, the centre included; in moves, one
        row a factor and value: factor, at, centre, difference, low, high, pairs; difference blank where a run is
        missing.
    """
    middle = find_centre(table)
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
    used = int(np.isfinite(values).any(1).sum())
    return Indices({"swing": swing}, swing, {"used": used, "lost": len(values) - used, "of": "points"}, rows)
