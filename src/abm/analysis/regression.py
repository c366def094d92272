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

import numpy as np
from numpy.typing import NDArray

from abm.analysis.factors import RESAMPLES, SEED, FactorTable, Indices, made_of
from abm.analysis.replicates import mean_of_blocks
from abm.config.wording import counted
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats

DUMMIES = 100
SLICES, POINTS_A_SLICE = (2, 4, 5, 8, 10), 15
"""Numbers of slices in use, and points that a slice has at least; SALib divides without rest by these numbers only."""


def regression_indices(values: Floats, table: FactorTable, varying: NDArray[np.bool_], level: float) -> Indices:
    """Work out regression coefficients (src), partial rank correlations (prcc) and PAWN indices.

    The fit has the share of the variance, and of that of ranks, which the two regressions explain, and as `pawn_dummy`
    the PAWN index that a factor without any effect stays below with probability `level`. Outcomes are of shape (points,
    replicates), not a number where missing; intervals cover with probability `level`. Factors that do not vary in the
    scenario get no index. An AnalysisError says that there are too few points for so many factors.
    """
    means, known = mean_of_blocks(values, 1)
    outcome, factors = means[known, 0], table.values[known]
    moves = varying & (np.ptp(factors, axis=0) > 0 if len(factors) else False)
    count = int(moves.sum())
    if len(outcome) < count + 3:
        raise AnalysisError(
            f"{len(outcome):,} finished points are too few for a regression on {counted(count, 'factor')} ({count + 3} "
            "needed, ten a factor useful); raise samples, or draws, and start 'abm sweep' again"
        )
    fit = made_of(known, "points")
    if np.ptp(outcome) == 0 or not count:
        zero = np.where(moves, 0.0, np.nan)
        fit |= dict.fromkeys(("r_squared", "rank_r_squared", "pawn_dummy"), np.nan)
        return Indices(dict.fromkeys(_COLUMNS, zero), zero, fit)
    from scipy.stats import rankdata

    of_values = _regress(factors[:, moves], outcome, level)
    of_ranks = _regress(rankdata(factors[:, moves], axis=0), rankdata(outcome), level)
    pawn, dummy = _pawn(factors[:, moves], outcome, level)
    found = (*(ends[0] for ends in of_values[:3]), *(ends[1] for ends in of_ranks[:3]), pawn)
    columns = {name: np.full(len(moves), np.nan) for name in _COLUMNS}
    for column, index in zip(columns.values(), found, strict=True):
        column[moves] = index
    fit |= {"r_squared": of_values[3], "rank_r_squared": of_ranks[3], "pawn_dummy": dummy}
    return Indices(columns, np.abs(columns["src"]), fit)


_COLUMNS = ("src", "src_low", "src_high", "prcc", "prcc_low", "prcc_high", "pawn")


def _regress(factors: Floats, outcome: Floats, level: float) -> tuple[Floats, Floats, Floats, float]:
    """Standardised coefficients and partial correlations, the ends of their intervals (by bootstrap of points), and R².

    The first three are of shape (2, factors). By hand, of correlations: of a thousand resamples at once.
    """
    from scipy.stats import bootstrap

    def indices(*columns: Floats, axis: int = -1) -> Floats:
        coefficient, partial, _ = _from_correlations(_correlations(np.stack(columns, axis - 1)))
        return np.moveaxis(np.stack([coefficient, partial]), -1, 1)

    columns = np.vstack([factors.T, outcome])
    coefficient, partial, r_squared = _from_correlations(_correlations(columns))
    ends = bootstrap(
        columns, indices, paired=True, confidence_level=level, n_resamples=RESAMPLES, batch=100, method="percentile",
        rng=SEED,
    ).confidence_interval  # fmt: skip
    return np.stack([coefficient, partial]), ends.low, ends.high, float(r_squared)


def _correlations(columns: Floats) -> Floats:
    """Correlations of variables, of shape (…, variables, points); 0 with one that does not vary."""
    centred = columns - columns.mean(-1, keepdims=True)
    length = np.sqrt((centred**2).sum(-1, keepdims=True))
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return unit @ unit.swapaxes(-1, -2)


def _from_correlations(matrices: Floats) -> tuple[Floats, Floats, Floats]:
    """Standardised coefficients of the last variable on the others, partial correlations, and R², by matrix."""
    inverse = np.linalg.pinv(matrices[..., :-1, :-1], hermitian=True)
    simple = matrices[..., :-1, -1]
    coefficient = np.einsum("...ij,...j->...i", inverse, simple)
    r_squared = np.clip((coefficient * simple).sum(-1), 0.0, 1.0)
    rest = (1.0 - r_squared)[..., None] * np.maximum(np.einsum("...ii->...i", inverse), 0.0)
    length = np.sqrt(coefficient**2 + rest)
    partial = np.divide(coefficient, length, out=np.zeros_like(length), where=length > 0)
    return coefficient, partial, r_squared


def _pawn(factors: Floats, outcome: Floats, level: float) -> tuple[Floats, float]:
    """PAWN indices (median over slices), and the bound that a factor of pure chance stays below."""
    from SALib.analyze import pawn

    slices = max((count for count in SLICES if count * POINTS_A_SLICE <= len(outcome)), default=SLICES[0])

    def index(columns: Floats) -> Floats:
        count = columns.shape[1]
        problem = {"num_vars": count, "names": range(count), "bounds": [[0.0, 1.0]] * count, "groups": None}
        found = pawn.analyze(problem, columns, outcome, S=slices)
        return np.asarray(found["median"], float)

    rng = np.random.default_rng(SEED)
    dummies = index(rng.random((len(outcome), DUMMIES)))
    return index(factors), float(np.quantile(dummies, level))
