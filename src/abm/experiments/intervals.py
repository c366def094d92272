"""How sure a mean of runs is: t and bootstrap intervals over points and replicates, and when to stop replicating.

A study with common random numbers gives each scenario the same replicates (seeds) at the same points of the design, so
that what two scenarios differ by is known pair by pair. The pairs of a study form a table, points by replicates, and
are not independent: those at one point share its parameters, those of one replicate share its random numbers.

References
----------
Law (2015), "Simulation Modeling and Analysis", 5th ed., 9.4 and 11.2: replications, paired t, common random numbers.
Cameron, Gelbach and Miller (2011), "Robust inference with multiway clustering", J. Business & Economic Statistics 29.
Owen (2007), "The pigeonhole bootstrap", Annals of Applied Statistics 1: both ways resampled apart; conservative.
Hesterberg (2015), "What teachers should know about the bootstrap", American Statistician 69: few units.
Stein (1945), "A two-sample test for a linear hypothesis whose power is independent of the variance", Annals of
Mathematical Statistics 16.
Chow and Robbins (1965), "On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals
of Mathematical Statistics 36; Singham and Schruben (2012), "Finite-sample performance of absolute precision stopping
rules", INFORMS J. Computing 24: why stopping as soon as the interval is narrow covers too seldom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Method = Literal["t", "bootstrap"]
METHODS: tuple[Method, ...] = ("t", "bootstrap")

DRAWS = 2000
"""Resamples of a bootstrap."""

AT_ONCE = 4_000_000
"""Numbers that a bootstrap holds at one time."""


class Interval(NamedTuple):
    """A mean (or ratio) with its interval; arrays where there are several quantities.

    Attributes
    ----------
    estimate, low, high
        In the unit of the values. ``low`` and ``high`` are not a number where there are too few values to tell.
    used
        Values that went in.
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
    *,
    level: float = 0.95,
    method: Method = "t",
    points: Literal["random", "fixed"] = "random",
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Mean over points and replicates, each point weighing the same, and its interval.

    Parameters
    ----------
    values
        Of shape (points, replicates, …): one number a run (or pair of runs), not a number where it is missing; further
        axes are quantities that are looked at side by side, such as months.
    level
        Probability that the interval is to cover the true mean.
    method
        ``"t"``, or ``"bootstrap"`` (percentile, expanded for few units).
    points
        ``"random"`` where points are drawn from what is uncertain, and the interval is to hold for all that might have
        been drawn; ``"fixed"`` where they were chosen, and only the replicates are a sample.
    draws, seed
        Resamples of the bootstrap and seed of their random numbers.
    """
    numbers = np.asarray(values, dtype=np.float64)
    sample = _Sample.of(np.isfinite(numbers))
    filled = np.where(sample.there, numbers, 0.0)
    mean = (sample.weight * filled).sum((0, 1))
    mean = np.where(sample.count > 0, mean, np.nan)
    if method == "bootstrap":
        tops, bottoms = _resampled(sample, filled, None, points, draws, seed)
        low, high = _percentiles(_divided(tops, bottoms), sample, points, level)
    else:
        low, high = _t_bounds(mean, np.where(sample.there, numbers - mean, 0.0), sample, points, level)
    return Interval(mean, low, high, sample.count)


def ratio_interval(
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    level: float = 0.95,
    method: Method = "t",
    points: Literal["random", "fixed"] = "random",
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Ratio of two means over the same runs, and its interval.

    The t interval linearises the ratio (delta method: Cochran 1977, "Sampling Techniques", 6.3), which is good while
    the denominator is well away from zero; where it is zero, nothing is told.

    Parameters
    ----------
    numerator, denominator
        Of shape (points, replicates, …), not a number where missing; used are the runs that have both.
    level, method, points, draws, seed
        As in `mean_interval`.
    """
    above, below = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    sample = _Sample.of(np.isfinite(above) & np.isfinite(below))
    above, below = np.where(sample.there, above, 0.0), np.where(sample.there, below, 0.0)
    base = (sample.weight * below).sum((0, 1))
    ratio = _divided((sample.weight * above).sum((0, 1)), np.where(sample.count > 0, base, 0.0))
    if method == "bootstrap":
        low, high = _percentiles(
            _divided(*_resampled(sample, above, below, points, draws, seed)), sample, points, level
        )
    else:
        rest = _divided(above - np.nan_to_num(ratio) * below, base)
        low, high = _t_bounds(ratio, np.where(sample.there, rest, 0.0), sample, points, level)
    return Interval(ratio, low, high, sample.count)


# ------------------------------------------------------------------------------------------------ both ways of clusters


@dataclass(frozen=True)
class _Sample:
    """Which runs there are, and what each weighs: every point the same, shared by its replicates.

    Shapes are (points, replicates, …) for ``there`` and ``weight``, and (…) for the counts.
    """

    there: NDArray[np.bool_]
    weight: Floats
    count: NDArray[np.int64]
    points: NDArray[np.int64]
    replicates: NDArray[np.int64]

    @classmethod
    def of(cls, there: NDArray[np.bool_]) -> _Sample:
        if there.ndim < 2:
            raise ValueError(f"values need the axes points and replicates, and have {there.ndim}")
        of_point = there.sum(1)
        points = (of_point > 0).sum(0)
        share = np.maximum(of_point * np.maximum(points, 1), 1)
        weight = np.where(there, 1.0 / share[:, None], 0.0)
        return cls(there, weight, there.sum((0, 1)), points, (there.sum(0) > 0).sum(0))


def _t_bounds(centre: Floats, rest: Floats, sample: _Sample, points: str, level: float) -> tuple[Floats, Floats]:
    variance, freedom = _variance_of_mean(rest, sample, points)
    half = t_quantile(level, freedom) * np.sqrt(variance)
    return centre - half, centre + half


def _variance_of_mean(rest: Floats, sample: _Sample, points: str) -> tuple[Floats, Floats]:
    """Variance of the weighted mean from its residuals, and Satterthwaite's degrees of freedom.

    With both ways at work it is that of points, plus that of replicates, less that of what is left within, which both
    contain (Cameron, Gelbach and Miller 2011). In a full table this is the variance of the mean in a two-way analysis
    of variance with random effects. It is never less than that of either way alone.
    """
    if points == "fixed":
        own = rest - np.where(sample.there, _mean(rest, sample.there, 1)[:, None], 0.0)
        spread = _of_clusters((sample.weight * own).sum(0), sample.replicates)
        free = sample.replicates - 1.0
        return spread, np.where((sample.points > 0) & (free > 0), free, 0.0)
    of_points = _of_clusters((sample.weight * rest).sum(1), sample.points)
    of_replicates = _of_clusters((sample.weight * rest).sum(0), sample.replicates)
    free_points, free_replicates = sample.points - 1.0, sample.replicates - 1.0
    free_within = sample.count - sample.points - sample.replicates + 1.0
    both = (sample.points > 1) & (sample.replicates > 1) & (free_within > 0)
    within = _within(rest, sample)
    inner = ((sample.weight * within) ** 2).sum((0, 1)) * _divided(sample.count, free_within)
    inner = np.where(both, inner, 0.0)
    total = of_points + of_replicates - inner
    largest = np.maximum(of_points, of_replicates)
    floored = total < largest
    parts = (
        _divided(of_points**2, free_points, 0.0)
        + _divided(of_replicates**2, free_replicates, 0.0)
        + np.where(both, _divided(inner**2, free_within, 0.0), 0.0)
    )
    alone = np.where(of_points >= of_replicates, free_points, free_replicates)
    fewest = np.where(both, np.minimum(free_points, free_replicates), np.maximum(free_points, free_replicates))
    crossed = np.where(floored, alone, np.maximum(_divided(total**2, parts, 0.0), fewest))
    one_way = (sample.points <= 1) | (sample.replicates <= 1)
    variance = np.where(one_way, largest, np.maximum(total, largest))
    freedom = np.where(one_way, np.maximum(free_points, free_replicates), crossed)
    # All pairs the same to the bit: the interval is the point, and its freedom that of the table.
    return variance, np.where(variance > 0, freedom, fewest)


def _of_clusters(sums: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Variance from the sums of weighted residuals by cluster; 0 for a single cluster."""
    factor = np.where(clusters > 1, clusters / np.maximum(clusters - 1.0, 1.0), 0.0)
    return (sums**2).sum(0) * factor


def _within(rest: Floats, sample: _Sample) -> Floats:
    """What is left of residuals beside the effects of points and replicates; exact in a full table in one sweep."""
    left = rest
    for _ in range(1 if sample.there.all() else 12):
        left = left - np.where(sample.there, _mean(left, sample.there, 1)[:, None], 0.0)
        left = left - np.where(sample.there, _mean(left, sample.there, 0)[None], 0.0)
    return left


def _mean(values: Floats, there: NDArray[np.bool_], axis: int) -> Floats:
    return values.sum(axis) / np.maximum(there.sum(axis), 1)


def _divided(top: ArrayLike, bottom: ArrayLike, otherwise: float = np.nan) -> Floats:
    above, below = np.broadcast_arrays(np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64))
    found: Floats = np.divide(above, below, out=np.full(above.shape, otherwise), where=below != 0)
    return found


# ------------------------------------------------------------------------------------------------------------ bootstrap


def _resampled(
    sample: _Sample, above: Floats, below: Floats | None, points: str, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Sums above and below the line in every draw, of shape (draws, …); points and replicates are drawn apart."""
    # Two streams, so that draws do not depend on how many are made at once.
    of_tall, of_wide = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    tall, wide = sample.there.shape[:2]
    tops, bottoms = [], []
    base = sample.weight if below is None else sample.weight * below
    for size in _portions(draws, wide * math.prod(sample.there.shape[2:])):
        of_points = _draw(of_tall, size, tall) if points == "random" and tall > 1 else np.ones((size, tall))
        of_replicates = _draw(of_wide, size, wide) if wide > 1 else np.ones((size, wide))
        tops.append(_sum_draws(sample.weight * above, of_points, of_replicates))
        bottoms.append(_sum_draws(base, of_points, of_replicates))
    return np.concatenate(tops), np.concatenate(bottoms)


def _portions(draws: int, numbers: int) -> Iterator[int]:
    most = max(1, AT_ONCE // max(numbers, 1))
    for start in range(0, draws, most):
        yield min(most, draws - start)


def _draw(rng: np.random.Generator, size: int, units: int) -> Floats:
    """How often each unit is drawn, in each draw."""
    return rng.multinomial(units, np.full(units, 1 / units), size=size).astype(np.float64)


def _sum_draws(weighted: Floats, of_points: Floats, of_replicates: Floats) -> Floats:
    tall, wide = weighted.shape[:2]
    by_replicate = (of_points @ weighted.reshape(tall, -1)).reshape(len(of_points), wide, -1)
    sums: Floats = np.einsum("drm,dr->dm", by_replicate, of_replicates)
    return sums.reshape(len(of_points), *weighted.shape[2:])


def _percentiles(found: Floats, sample: _Sample, points: str, level: float) -> tuple[Floats, Floats]:
    """Percentiles of draws, farther out for few units, as a t interval is wider than a normal one (Hesterberg 2015)."""
    from scipy.special import ndtr

    few = sample.replicates if points == "fixed" else _fewest(sample)
    units = int(few.max(initial=0))
    if units < 2:
        missing = np.full(found.shape[1:], np.nan)
        return missing, missing
    tail = float(ndtr(-math.sqrt(units / (units - 1)) * t_quantile(level, units - 1)))
    low, high = np.quantile(found, [tail, 1 - tail], axis=0)
    return np.where(few > 1, low, np.nan), np.where(few > 1, high, np.nan)


def _fewest(sample: _Sample) -> NDArray[np.int64]:
    """Units of the way that has fewer, where both have more than one."""
    fewer = np.minimum(sample.points, sample.replicates)
    return np.where(fewer > 1, fewer, np.maximum(sample.points, sample.replicates))


# ----------------------------------------------------------------------------------------------------- when to stop


AT_LEAST = 10
"""Replicates before anything is concluded from their spread."""

GROWTH = 1.5
"""Replicates are asked for in portions that grow by this factor at most, once the second stage is done."""


@dataclass(frozen=True)
class Precision:
    """What a stopping rule has found.

    Attributes
    ----------
    wanted
        Replicates that are wanted in all.
    replicates
        Replicates that were looked at, in their order; more may be there.
    failed
        Of these, those in which a run is missing.
    half_width
        Of the ordinary t interval of the paired difference, the widest of all scenarios; infinite before the first
        two replicates.
    reached
        Whether the interval is as narrow as was asked.
    """

    wanted: int
    replicates: int
    failed: int
    half_width: float
    reached: bool

    @property
    def is_done(self) -> bool:
        """Whether no more replicates are wanted."""
        return self.wanted <= self.replicates


@dataclass(frozen=True)
class StoppingRule:
    """Replicate until the half-width of the interval of each paired difference is small enough.

    To stop as soon as the interval is narrow covers too seldom: one stops more often when the spread is underrated by
    chance. So the number is at least that of Stein's two stages (1945), ``ceil((t · s / half_width)²)`` with t and s of
    the first `at_least` replicates alone, and after that replicates go on until the ordinary t interval is as narrow
    as asked, too. Since the mean of normal differences is independent of their spread, any rule that looks at spreads
    only and never stops before Stein's covers at least as often as his: mean ± `half_width` covers the truth with
    probability `level` or more. Differences that are far from normal need a larger `at_least`.

    Attributes
    ----------
    half_width
        In the unit of the differences.
    level
        Probability of covering, for each scenario by itself.
    at_least, at_most
        Fewest and most replicates.
    """

    half_width: float
    level: float = 0.95
    at_least: int = AT_LEAST
    at_most: int = 200

    def __post_init__(self) -> None:
        if not self.half_width > 0:
            raise ValueError(f"half_width is {self.half_width:g}; it must be above 0")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level:g}; it must lie between 0 and 1")
        if not 2 <= self.at_least <= self.at_most:
            raise ValueError(f"at_least is {self.at_least}; it must be 2 or more, and at most {self.at_most} (at_most)")

    def judge(self, differences: ArrayLike) -> Precision:
        """Say how many replicates are wanted, from those that are there.

        The answer depends on the replicates in their order and not on how many were made at once: a study that was
        interrupted, or has more replicates than are wanted, comes to the same number.

        Parameters
        ----------
        differences
            Paired differences of shape (replicates,) or (replicates, scenarios), in the order of replicates, each the
            mean over points where there are several. A replicate with any number missing (a failed run) is passed over,
            and another is wanted instead.
        """
        found = np.asarray(differences, dtype=np.float64)[: self.at_most]
        found = found[:, None] if found.ndim == 1 else found
        there = np.isfinite(found).all(axis=1)
        enough = self._walk(found[there])
        missing = enough - int(there.sum())
        if missing <= 0:
            made = wanted = int(np.searchsorted(np.cumsum(there), enough)) + 1
        else:  # Failed replicates count towards at_most: a scenario that always fails does not go on for ever.
            made, wanted = len(found), min(len(found) + missing, self.at_most)
        used = there[:made]
        width = _widest(found[:made][used], self.level)
        reached = missing <= 0 and width <= self.half_width
        return Precision(wanted, made, int((~used).sum()), width, reached)

    def _walk(self, usable: Floats) -> int:
        """Go from stage to stage until the replicates do not suffice or nothing more is wanted."""
        number = self.at_least
        if len(usable) >= number:
            number = max(number, self._second_stage(usable[:number]))
        while number < self.at_most and len(usable) >= number:
            width = _widest(usable[:number], self.level)
            if width <= self.half_width:
                break
            needed = math.ceil(number * min((width / self.half_width) ** 2, GROWTH))
            number = min(max(needed, number + 1), self.at_most)
        return min(number, self.at_most)

    def _second_stage(self, first: Floats) -> int:
        """Stein's number of replicates, of the scenario that needs most."""
        spread = float(first.std(axis=0, ddof=1).max())
        quantile = float(t_quantile(self.level, len(first) - 1))
        return math.ceil(min((quantile * spread / self.half_width) ** 2, self.at_most))


def _widest(usable: Floats, level: float) -> float:
    if len(usable) < 2:
        return math.inf
    spread = float(usable.std(axis=0, ddof=1).max())
    return float(t_quantile(level, len(usable) - 1)) * spread / math.sqrt(len(usable))
