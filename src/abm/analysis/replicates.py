"""What replicates do to an outcome, apart from what factors do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.engine.measures import Floats


@dataclass(frozen=True)
class VarianceSplit:
    """Variance of single runs, by the law of total variance, estimated without bias.

    Var(y) = Var(E[y | point]) + Var(seed effect that all points share) + what is left, an effect of the seed that
    differs from point to point. Estimated from the mean squares of a two-way table (points × replicates) with random
    effects (Searle, Casella and McCulloch 1992, "Variance Components", 4.2), from the points that have all replicates.
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


def mean_of_replicates(values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Mean of each point over its replicates, and whether it has any.

    Values are of shape (points, replicates), not a number where missing; see `mean_of_blocks`.
    """
    means, known = mean_of_blocks(values, 1)
    return np.where(known, means[:, 0], np.nan), known


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
