"""What replicates do to an outcome apart from what factors, or draws of a posterior, do: parts of its variance.

References
----------
Searle, Casella and McCulloch (1992), "Variance Components", 3.6: one-way random effects, unequal numbers, and the
interval of the share by the ratio of mean squares, exact where draws have equally many runs; 4.2: two ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.analysis.panel import Panel
from abm.declare import Outcome
from abm.engine.measures import Floats, measures_of, unit_of

RUNS, DIFFERENCE = "runs", "difference"
"""Of what the variance is: single runs, or paired differences from the reference."""


@dataclass(frozen=True)
class VarianceSplit:
    """Variance of single runs, by the law of total variance, estimated without bias.

    Var(y) = Var(E[y | point]) + Var(seed effect that all points share) + what is left, an effect of the seed that
    differs from point to point. Estimated from the mean squares of a two-way table (points × replicates) with random
    effects (Searle, Casella and McCulloch 1992, 4.2), from the points that have all replicates.
    By hand, as SciPy has no two-way analysis of variance.
    """

    # factors, seeds, left: variance components, not below 0; not a number where there are too few runs to tell
    factors: float
    seeds: float
    left: float
    # share of the variance of the means over replicates, which indices are made of, that is left noise; not a number
    # with one replicate. What all points share is not in it.
    noise_share: float

    @property
    def total(self) -> float:
        """Variance of a single run."""
        return self.factors + self.seeds + self.left


def split_variance(values: Floats) -> VarianceSplit:
    """Split the variance of runs; values are of shape (points, replicates), not a number where missing."""
    full = values[np.isfinite(values).all(1)]
    points, replicates = full.shape
    if points < 2 or replicates < 2:
        total = float(full.var(ddof=1)) if full.size > 1 else np.nan
        return VarianceSplit(total if replicates == 1 else np.nan, np.nan, np.nan, np.nan)
    by_point, by_replicate = full.mean(1), full.mean(0)
    rest = full - by_point[:, None] - by_replicate + full.mean()
    within = float((rest**2).sum()) / ((points - 1) * (replicates - 1))
    of_points = replicates * float(by_point.var(ddof=1))
    of_replicates = points * float(by_replicate.var(ddof=1))
    return VarianceSplit(
        factors=max(of_points - within, 0.0) / replicates,
        seeds=max(of_replicates - within, 0.0) / points,
        left=within,
        noise_share=min(within / of_points, 1.0) if of_points > 0 else 0.0,
    )


def mean_of_blocks(values: Floats, size: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Means of blocks of points that belong together, over the replicates that all of them have.

    Where replicates are missing, what a seed does to all points is taken out first, so that a point is not high because
    its low seed failed. From values of shape (points, replicates), not a number where missing, come means of shape
    (blocks, size), and whether a block has a replicate in which it is complete.
    """
    there = np.isfinite(values)
    full = values[there.all(1)]
    missing = not there.all()
    seeds = full.mean(0) - full.mean() if missing and len(full) else np.zeros(values.shape[1])
    blocks = (values - seeds).reshape(-1, size, values.shape[1])
    whole = np.isfinite(blocks).all(1)
    sums = np.where(whole[:, None], blocks, 0.0).sum(2)
    return sums / np.maximum(whole.sum(1), 1)[:, None], whole.any(1)


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
