"""How offices adapt from month to month."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import kernel
from abm.engine.portable import logarithm

LEAST_MARKUP = 0.02
MOST_MARKUP = 3.0
LEAST_CAPACITY = 1.0


@kernel
def adapt(offices, rows, speed, markup, load_weight, growth, largest, fade, prior, usual, horizon):
    """Let load, markup, reputation, service quality and capacity of the open offices follow the month.

    Parameters
    ----------
    offices, rows
        Columns, and rows of the open offices.
    speed, growth, largest
        Share of a gap closed in the month; growth of the busy that earn; capacity beyond which nobody grows.
    markup, load_weight
        Markup at load 1, and its response to the log of the load.
    fade, prior, usual
        Part of the record forgotten in the month; contracts that the usual reputation stands for; that reputation.
    horizon
        Months of business ahead that make care worth its cost.

    References
    ----------
    ODD submodel "Offices"; reputation as in Tirole (1996), care and horizon as in Shapiro (1983).
    """
    for j in range(rows.size):
        o = rows[j]
        load = offices.asked[o] + offices.waiting[o]
        offices.load[o] += speed * (load / max(offices.capacity[o], LEAST_CAPACITY) - offices.load[o])
        target = markup * (1.0 + load_weight * logarithm(min(max(offices.load[o], 0.2), 5.0)))
        moved = offices.markup[o] + speed * (target - offices.markup[o])
        offices.markup[o] = min(max(moved, LEAST_MARKUP), MOST_MARKUP)
        offices.fulfilled[o] *= 1.0 - fade
        offices.ended[o] *= 1.0 - fade
        offices.reputation[o] = (offices.fulfilled[o] + prior * usual) / max(offices.ended[o] + prior, 1e-9)
        ahead = 1.0 / (offices.risk[o] + 1.0 / horizon) / horizon
        care = (0.25 + 0.5 * offices.integrity[o] + 0.25 * offices.reputation[o]) * min(ahead, 1.0)
        offices.quality[o] += speed * (care - offices.quality[o])
        earns = offices.revenue[o] > offices.spent[o]
        offices.lean[o] = 0 if earns else offices.lean[o] + 1
        if offices.load[o] > 1.1 and earns and offices.capital[o] > 0:
            offices.capacity[o] = min(offices.capacity[o] * (1.0 + growth), max(largest, offices.capacity[o]))
        elif offices.load[o] < 0.6:
            offices.capacity[o] = max(offices.capacity[o] * (1.0 - growth), LEAST_CAPACITY)


@kernel
def concentration(offices, rows):
    """Index of concentration of contracts, and means of markup, reputation, quality and load, weighted by capacity.

    Not a number where there is no office.
    """
    total, squares, weight = 0.0, 0.0, 0.0
    markup, name, care, load = 0.0, 0.0, 0.0, 0.0
    for j in range(rows.size):
        o = rows[j]
        total += offices.ended[o]
        squares += offices.ended[o] * offices.ended[o]
        weight += offices.capacity[o]
        markup += offices.capacity[o] * offices.markup[o]
        name += offices.capacity[o] * offices.reputation[o]
        care += offices.capacity[o] * offices.quality[o]
        load += offices.capacity[o] * offices.load[o]
    index = squares / (total * total) if total > 0.0 else np.nan
    if weight <= 0.0:
        return index, np.nan, np.nan, np.nan, np.nan
    return index, markup / weight, name / weight, care / weight, load / weight
