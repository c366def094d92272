"""How sure a mean of runs is: t intervals over points and replicates.

A study with common random numbers gives each scenario the same replicates (seeds) at the same points of the design, so
that what two scenarios differ by is known pair by pair. The pairs of a study form a table, points by replicates, and
are not independent: those at one point share its parameters, those of one replicate share its random numbers.

References
----------
Law (2015), "Simulation Modeling and Analysis", 5th ed., 9.4 and 11.2: replications, paired t, common random numbers.
Cameron, Gelbach and Miller (2011), "Robust inference with multiway clustering", J. Business & Economic Statistics 29.
Imbens and Kolesár (2016), "Robust standard errors in small samples", Review of Economics and Statistics 98.
Kish (1965), "Survey Sampling", 8.2: the number of equal units that unequal ones are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from abm.engine.measures import Floats

Points = Literal["random", "fixed", "nested"]


class Interval(NamedTuple):
    """A mean (or ratio) with its interval, and the values that went in; arrays where there are several quantities.

    ``low`` and ``high`` are not a number where there are too few values to tell.
    """

    estimate: Floats
    low: Floats
    high: Floats
    used: NDArray[np.int64]

    @property
    def half_width(self) -> Floats:
        """Half of the length of the interval."""
        return (self.high - self.low) / 2


def t_quantile(level: float, freedom: ArrayLike) -> Floats:
    """Quantile of Student's t that leaves ``(1 - level) / 2`` on either side; not a number without any freedom."""
    from scipy.special import stdtrit

    degrees = np.asarray(freedom, dtype=np.float64)
    return np.where(degrees > 0, stdtrit(np.maximum(degrees, 1e-9), 0.5 + level / 2), np.nan)


def mean_interval(
    values: ArrayLike,
    per: ArrayLike = 1.0,
    *,
    level: float = 0.95,
    points: Points = "random",
    clusters: Sequence[int] = (),
    seeds: Sequence[Sequence[int]] = (),
) -> Interval:
    """Mean over points and replicates, or its ratio to that of `per` over the same runs, and its interval.

    It covers the true mean, or ratio, with probability `level`. Each point weighs the same. Values are of shape
    (points, replicates, …): one number a run (or pair of runs), not a number where it is missing; used are the runs
    that have both. Further axes are quantities that are looked at side by side, such as months.

    The t interval linearises the ratio (delta method: Cochran 1977, "Sampling Techniques", 6.3), which is good while
    the denominator is well away from zero; where it is zero, there is none.

    Points are ``"random"`` where they are drawn from what is uncertain, and the interval is to hold for all that might
    have been drawn; ``"fixed"`` where they were chosen, and only the replicates are a sample; ``"nested"`` where they
    are drawn, and each has replicates of its own that share no seed with those of others: clusters one way.

    `clusters` has the number of the cluster of each point, where points that are not independent stand apart: the same
    draw with other seeds, or several times for its weight. `seeds` has, of nested points, the seed of each run, points
    × replicates: runs of different draws that share one are not independent either. By default all differ.
    """
    above, below = np.asarray(values, dtype=np.float64), np.asarray(per, dtype=np.float64)
    sample = _Sample.of(np.isfinite(above) & np.isfinite(below))
    above, below = np.where(sample.there, above, 0.0), np.where(sample.there, below, 0.0)
    base = sample.mean(below)
    ratio = _divided(sample.mean(above), base)
    rest = _divided(above - np.nan_to_num(ratio) * below, base)
    ways = _Ways.of(clusters, seeds)
    variance, freedom = _variance_of_mean(np.where(sample.there, rest, 0.0), sample, points, ways)
    half = t_quantile(level, freedom) * np.sqrt(variance)
    return Interval(ratio, ratio - half, ratio + half, sample.count)


# ------------------------------------------------------------------------------------------------ both ways of clusters


@dataclass(frozen=True)
class _Sample:
    """Which runs there are, and what each weighs: every point the same, shared by its replicates.

    Both are of shape (points, replicates, …); the count is of shape (…).
    """

    there: NDArray[np.bool_]
    weight: Floats
    count: NDArray[np.int64]

    @classmethod
    def of(cls, there: NDArray[np.bool_]) -> _Sample:
        share = np.maximum(there.sum(1) * there.any(1).sum(0), 1)
        return cls(there, np.where(there, 1.0 / share[:, None], 0.0), there.sum((0, 1)))

    def mean(self, values: Floats) -> Floats:
        """Weighted mean, exact where all values are one whole number; 0 where there are none."""
        of_point = values.sum(1) / np.maximum(self.there.sum(1), 1)
        return of_point.sum(0) / np.maximum(self.there.any(1).sum(0), 1)


@dataclass(frozen=True)
class _Ways:
    """Ways in which points and runs are alike, by numbers from 0; None where each is one of its own."""

    draw: NDArray[np.int64] | None  # number of the draw of each point
    # seed, run: number of the seed of each run, and of what has the same draw and seed, point by point; None unless
    # draws share seeds
    seed: NDArray[np.int64] | None
    run: NDArray[np.int64] | None

    @classmethod
    def of(cls, clusters: Sequence[int], seeds: Sequence[Sequence[int]]) -> _Ways:
        draw = _numbered(clusters) if len(set(clusters)) < len(clusters) else None
        if not len(seeds):
            return cls(draw, None, None)
        seed = _numbered(seeds)
        of_draw = np.arange(len(seed)) if draw is None else draw
        run = _numbered(seed * (int(of_draw.max()) + 1) + of_draw[:, None])
        return cls(draw, seed.ravel(), run.ravel()) if seed.max() < run.max() else cls(draw, None, None)


def _numbered(values: ArrayLike) -> NDArray[np.int64]:
    return np.unique(values, return_inverse=True)[1]


def _variance_of_mean(rest: Floats, sample: _Sample, points: str, ways: _Ways) -> tuple[Floats, Floats]:
    """Variance of the weighted mean from its residuals, and its degrees of freedom.

    With both ways at work it is the variance of points, plus that of replicates, less that of what is left within,
    which both contain (Cameron, Gelbach and Miller 2011); in a full table, that of a two-way analysis of variance with
    random effects. It is never less than the larger of the two. The freedom is Satterthwaite's, except that what all
    three have in common is as well known as the better known of points and replicates. So nothing jumps where one way
    comes to exceed the other, or where a replicate begins.
    """
    if points == "nested":
        of_points = rest.sum(1) / np.maximum(sample.there.sum(1), 1)
        by_draw, free_draws, _ = _of_clusters(*_gathered(of_points, sample.weight.sum(1), ways.draw))
        if ways.seed is None:
            return by_draw, free_draws
        runs, weight = (found.reshape(-1, *rest.shape[2:]) for found in (rest, sample.weight))
        by_seed, free_seeds, _ = _of_clusters(*_gathered(runs, weight, ways.seed))
        by_run, _, _ = _of_clusters(*_gathered(runs, weight, ways.run))
        return _together(by_draw, free_draws, by_seed, free_seeds, by_run)
    of_points, of_replicates, left = _effects(rest, sample)
    by_replicate, free_replicates, replicates = _of_clusters(of_replicates, sample.weight.sum(0))
    if points == "fixed":
        return by_replicate, free_replicates
    by_point, free_points, _ = _of_clusters(*_gathered(of_points, sample.weight.sum(1), ways.draw))
    # One replicate says nothing of what seeds do to all points alike; a second tells as far as it is there.
    by_replicate = by_replicate * np.clip(replicates - 1, 0, 1) ** 2
    free = sample.count + 1.0 - sum(sample.there.any(axis).sum(0) for axis in (0, 1))
    within = (sample.weight**2).sum((0, 1)) * _divided((left**2).sum((0, 1)), np.maximum(free, 0.0), 0.0)
    if ways.draw is not None:  # points that are alike tell nothing of what is left within: too wide, if at all
        within = np.zeros_like(within)
    return _together(by_point, free_points, by_replicate, free_replicates, within)


def _together(
    one: Floats, free_one: Floats, other: Floats, free_other: Floats, within: Floats
) -> tuple[Floats, Floats]:
    """Variance of two ways of clusters, of which both contain what is within, and its degrees of freedom."""
    common = np.minimum(np.minimum(one, other), within)
    best = np.maximum(free_one, free_other)
    variance = one + other - common
    parts = (
        _divided(one**2 - common**2, free_one, 0.0)
        + _divided(other**2 - common**2, free_other, 0.0)
        + _divided(common**2, best, 0.0)
    )
    return variance, _divided(variance**2, parts, best)


def _gathered(effects: Floats, weight: Floats, numbers: NDArray[np.int64] | None) -> tuple[Floats, Floats]:
    """Effects and weights of clusters of points, or of runs, given the number of the cluster of each."""
    if numbers is None:
        return effects, weight
    shape = (int(numbers.max()) + 1, *weight.shape[1:])
    sums, weights = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, numbers, weight * effects)
    np.add.at(weights, numbers, weight)
    return _divided(sums, weights, 0.0), weights


def _effects(rest: Floats, sample: _Sample) -> tuple[Floats, Floats, Floats]:
    """Effects of points and of replicates, and what they leave, by least squares; exact in a full table in one sweep.

    By hand, since the tables of all months are done at once, and each may miss other runs.
    """
    effects, left = [np.zeros(()), np.zeros(())], rest
    for _ in range(1 if sample.there.all() else 12):
        for way, axis in enumerate((1, 0)):
            step = left.sum(axis) / np.maximum(sample.there.sum(axis), 1)
            effects[way] = effects[way] + step
            left = np.where(sample.there, left - np.expand_dims(step, axis), 0.0)
    return effects[0], effects[1], left


def _of_clusters(effects: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Variance of a weighted mean from the effects of its clusters, its degrees of freedom, and how many they are.

    The number is Kish's (1965), of equal clusters that would tell as much: one that has just begun hardly counts. The
    freedom is one less, but 1 of any two. The variance is free of bias where clusters are alike (Imbens and Kolesár
    2016). A single cluster has neither.
    """
    square = (weight**2).sum(0)
    several = (weight > 0).sum(0) > 1
    number = np.where(several, _divided(1, square), 1.0)
    expected = square - 2 * (weight**3).sum(0) + square**2
    found = (weight**2 * (effects - (weight * effects).sum(0)) ** 2).sum(0) * _divided(square, expected, 0.0)
    return np.where(several, found, 0.0), np.where(several, np.maximum(number - 1, 1.0), 0.0), number


def _divided(top: ArrayLike, bottom: ArrayLike, otherwise: ArrayLike = np.nan) -> Floats:
    above, below, default = np.broadcast_arrays(*(np.asarray(found, np.float64) for found in (top, bottom, otherwise)))
    return np.divide(above, below, out=default.copy(), where=below != 0)
