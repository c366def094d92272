"""How much of the variance of runs lies between draws of a posterior, and how much within, between seeds.

References
----------
Searle, Casella and McCulloch (1992), "Variance Components", 3.6: one-way random effects, unequal numbers, and the
interval of the share by the ratio of mean squares, exact where draws have equally many runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.analysis.panel import Panel
from abm.analysis.replicates import VarianceSplit, split_variance
from abm.declare import Outcome
from abm.engine.measures import Floats, measures_of, unit_of

if TYPE_CHECKING:
    import pandas as pd

RUNS, DIFFERENCE = "runs", "difference"
"""Of what the variance is: single runs, or paired differences from the reference."""


class Shares(NamedTuple):
    """Variance of single runs, and its share between draws with an interval; not a number where it is not known."""

    variance: float
    between: float
    low: float = np.nan
    high: float = np.nan


def one_way(values: Floats, level: float = 0.95) -> Shares:
    """Split the variance of runs whose seeds differ from draw to draw, by a one-way analysis with random effects.

    Values are of shape (draws, replicates), not a number where missing. With one replicate a draw there is no share.
    """
    values = values[np.isfinite(values).any(1)]
    there = np.isfinite(values)
    sizes, draws, runs = there.sum(1), len(values), int(there.sum())
    if draws < 2 or runs == draws:
        return Shares(float(values[there].var(ddof=1)) if runs > 1 else np.nan, np.nan)
    means = np.nanmean(values, axis=1)
    grand = float(values[there].mean())
    within = float(np.nansum((values - means[:, None]) ** 2)) / (runs - draws)
    between = float((sizes * (means - grand) ** 2).sum()) / (draws - 1)
    size = (runs - float((sizes**2).sum()) / runs) / (draws - 1)
    component = max(between - within, 0.0) / size
    total = component + within
    if not total:
        return Shares(0.0, np.nan)
    if not within:
        return Shares(total, 1.0, 1.0, 1.0)
    from scipy.special import fdtri

    ratios = between / within / fdtri(draws - 1, runs - draws, np.array([1 + level, 1 - level]) / 2)
    low, high = np.clip((ratios - 1) / (ratios - 1 + size), 0.0, 1.0)
    return Shares(total, component / total, float(low), float(high))


def split_nested(values: Floats) -> VarianceSplit:
    """Split the variance as `one_way` does; no seed does anything to all points."""
    found = one_way(values)
    if not np.isfinite(found.between):
        return VarianceSplit(found.variance, np.nan, np.nan, np.nan)
    factors, left = found.variance * found.between, found.variance * (1.0 - found.between)
    return VarianceSplit(factors, 0.0, left, left / (left + values.shape[1] * factors))


def crossed(values: Floats) -> Shares:
    """Split the variance of runs whose seeds are the same at all draws; see `split_variance`."""
    split = split_variance(values)
    if not np.isfinite(split.total):
        return Shares(split.factors, np.nan)
    return Shares(split.total, split.factors / split.total if split.total else np.nan)


def shares_of(panel: Panel, outcomes: Mapping[str, Outcome], *, nested: bool, level: float) -> pd.DataFrame:
    """Shares of the variance between draws, of runs of each scenario and of differences from the reference.

    The points of the panel are draws, each with seeds of its own if `nested`; intervals cover with probability `level`.
    """
    import pandas as pd

    rows = []
    for key, outcome in outcomes.items():
        measure = measures_of(outcome)[0]
        by_run = panel.summary(key, measure)
        head = {"outcome": key, "measure": measure, "unit": unit_of(outcome, measure)}
        for place, scenario in enumerate(panel.scenarios):
            looked_at = {RUNS: by_run[place]} | ({DIFFERENCE: by_run[place] - by_run[0]} if place else {})
            for of, values in looked_at.items():
                found = one_way(values, level) if nested else crossed(values)
                there = np.isfinite(values)
                rows.append(
                    {
                        **head,
                        "scenario": scenario,
                        "of": of,
                        "draws": int(there.any(1).sum()),
                        "runs": int(there.sum()),
                        "variance": found.variance,
                        "between": found.between,
                        "between_low": found.low,
                        "between_high": found.high,
                        "within": 1.0 - found.between,
                    }
                )
    return pd.DataFrame(rows)
