"""Indices for designs that fill the space (lhs, sobol, halton, grid, list): regression, ranks, and PAWN.

References
----------
Saltelli et al. (2008), "Global Sensitivity Analysis: The Primer", 1.2.5: standardised regression coefficients.
Marino et al. (2008), "A methodology for performing global uncertainty and sensitivity analysis in systems biology",
J. Theoretical Biology 254: partial rank correlation.
Pianosi and Wagener (2018), "Distribution-based sensitivity analysis from a generic input-output sample",
Environmental Modelling & Software 108: PAWN, and a dummy factor as its measure of nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.analysis.factors import FactorTable
from abm.analysis.replicates import mean_of_replicates
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats

RESAMPLES = 1000
DUMMIES = 100
SEED = 1
SLICES, POINTS_A_SLICE = (2, 4, 5, 8, 10), 15
"""Numbers of slices in use, and points that a slice has at least; SALib divides without rest by these numbers only."""


class RegressionIndices(NamedTuple):
    """Indices of one outcome.

    Attributes
    ----------
    columns
        By name of column, one number a factor: src (with its interval), prcc (with its interval), pawn.
    r_squared, rank_r_squared
        Share of the variance, and of that of ranks, which the two regressions explain.
    pawn_dummy
        PAWN index that a factor without any effect stays below with the probability of the level.
    points, lost
        Points used, and left out for want of a run.
    """

    columns: dict[str, Floats]
    r_squared: float
    rank_r_squared: float
    pawn_dummy: float
    points: int
    lost: int


def regression_indices(
    values: Floats, table: FactorTable, varying: NDArray[np.bool_], level: float
) -> RegressionIndices:
    """Work out regression coefficients, partial rank correlations and PAWN indices.

    Parameters
    ----------
    values
        Outcome, of shape (points, replicates), not a number where missing.
    table
        Factors and their points.
    varying
        Factors that vary in the scenario; the others get no index.
    level
        Probability that an interval covers.

    Raises
    ------
    AnalysisError
        If there are too few points for so many factors.
    """
    mean, known = mean_of_replicates(values)
    outcome, factors = mean[known], table.values[known]
    moves = varying & (np.ptp(factors, axis=0) > 0 if len(factors) else False)
    count = int(moves.sum())
    if len(outcome) < count + 3:
        raise AnalysisError(
            f"{len(outcome):,} finished points are too few for a regression on {count} factors, which needs "
            f"{count + 3} at least and ten a factor to be of use; raise `samples` of the design and start 'abm sweep' "
            "again"
        )
    lost = int((~known).sum())
    if np.ptp(outcome) == 0 or not count:
        zero = np.where(moves, 0.0, np.nan)
        return RegressionIndices(dict.fromkeys(_COLUMNS, zero), np.nan, np.nan, np.nan, len(outcome), lost)
    of_values = _regress(factors[:, moves], outcome, level)
    of_ranks = _regress(_ranks(factors[:, moves]), _ranks(outcome[:, None])[:, 0], level)
    pawn, dummy = _pawn(factors[:, moves], outcome, level)
    short = {
        "src": of_values.coefficient, "src_low": of_values.coefficient_low, "src_high": of_values.coefficient_high,
        "prcc": of_ranks.partial, "prcc_low": of_ranks.partial_low, "prcc_high": of_ranks.partial_high,
        "pawn": pawn,
    }  # fmt: skip
    columns = {name: _spread(found, moves) for name, found in short.items()}
    return RegressionIndices(columns, of_values.r_squared, of_ranks.r_squared, dummy, len(outcome), lost)


_COLUMNS = ("src", "src_low", "src_high", "prcc", "prcc_low", "prcc_high", "pawn")


def _spread(found: Floats, moves: NDArray[np.bool_]) -> Floats:
    """Put numbers of the factors that move in their places among all."""
    wide = np.full(len(moves), np.nan)
    wide[moves] = found
    return wide


class _Regression(NamedTuple):
    coefficient: Floats
    coefficient_low: Floats
    coefficient_high: Floats
    partial: Floats
    partial_low: Floats
    partial_high: Floats
    r_squared: float


def _regress(factors: Floats, outcome: Floats, level: float) -> _Regression:
    """Standardised coefficients and partial correlations, both from correlations; intervals by bootstrap of points."""
    together = np.column_stack([factors, outcome])
    together = (together - together.mean(0)) / together.std(0)
    count = len(together)
    coefficient, partial, r_squared = _from_correlations(_correlations(np.full((1, count), 1 / count), together))
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES) / count
    drawn = np.array(_from_correlations(_correlations(draws, together))[:2])
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return _Regression(coefficient[0], low[0], high[0], partial[0], low[1], high[1], float(r_squared[0]))


def _correlations(weights: Floats, columns: Floats) -> Floats:
    """Correlations of all columns under each row of weights, of shape (rows, columns, columns)."""
    width = columns.shape[1]
    products = (columns[:, :, None] * columns[:, None, :]).reshape(len(columns), -1)
    mean = weights @ columns
    covariance = (weights @ products).reshape(-1, width, width) - mean[:, :, None] * mean[:, None, :]
    spread = np.sqrt(np.maximum(np.einsum("dii->di", covariance), 0.0))
    scale = spread[:, :, None] * spread[:, None, :]
    return np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)


def _from_correlations(matrices: Floats) -> tuple[Floats, Floats, Floats]:
    """Standardised coefficients of the last variable on the others, partial correlations, and R², by matrix."""
    inverse = np.linalg.pinv(matrices[:, :-1, :-1], hermitian=True)
    simple = matrices[:, :-1, -1]
    coefficient = np.einsum("dij,dj->di", inverse, simple)
    r_squared = np.clip((coefficient * simple).sum(1), 0.0, 1.0)
    rest = (1.0 - r_squared)[:, None] * np.maximum(np.einsum("dii->di", inverse), 0.0)
    length = np.sqrt(coefficient**2 + rest)
    partial = np.divide(coefficient, length, out=np.zeros_like(length), where=length > 0)
    return coefficient, partial, r_squared


def _ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    found: Floats = rankdata(values, axis=0)
    return found


def _pawn(factors: Floats, outcome: Floats, level: float) -> tuple[Floats, float]:
    """PAWN indices (median over slices), and the bound that a factor of pure chance stays below."""
    from SALib.analyze import pawn

    slices = max((count for count in SLICES if count * POINTS_A_SLICE <= len(outcome)), default=SLICES[0])

    def index(columns: Floats) -> Floats:
        count = columns.shape[1]
        problem = {"num_vars": count, "names": [f"x{k}" for k in range(count)], "bounds": [[0.0, 1.0]] * count}
        found = pawn.analyze(problem | {"groups": None}, columns, outcome, S=slices)
        return np.asarray(found["median"], float)

    rng = np.random.default_rng(SEED)
    dummies = index(rng.random((len(outcome), DUMMIES)))
    return index(factors), float(np.quantile(dummies, level))
