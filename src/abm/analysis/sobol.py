"""Sobol' indices of Saltelli designs, by SALib, and the same freed from the noise of replicates.

References
----------
Saltelli et al. (2010), "Variance based sensitivity analysis of model output", Computer Physics Communications 181.
Iwanaga, Usher and Herman (2022), "Toward SALib 2.0", Socio-Environmental Systems Modelling 4.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from abm.analysis.factors import RESAMPLES, SEED, FactorTable, Indices, made_of, saltelli_size, with_ends
from abm.analysis.replicates import mean_of_blocks
from abm.engine.measures import Floats


def sobol_indices(values: Floats, table: FactorTable, level: float) -> Indices:
    """Work out first-order and total indices with intervals, and of pairs of factors where the design asks for them.

    Outcomes are of shape (points, replicates), not a number where missing; intervals cover with probability `level`.
    Of the means over replicates they are ``first`` and ``total`` with ``_low`` and ``_high`` (SALib, bootstrap of base
    points); with replicates also ``first_expected`` and ``total_expected``, see `_indices_of_expectation`.
    """
    count, size = len(table.names), saltelli_size(table)
    means, known = mean_of_blocks(values, size)
    fit = made_of(known, "base points")
    few = known.sum() < 2
    if few or np.ptp(means[known]) == 0:
        nothing = np.full(count, np.nan if few else 0.0)
        return Indices(dict.fromkeys(_COLUMNS, nothing), nothing, fit)
    from SALib.analyze import sobol

    second_order = size > count + 2
    found = sobol.analyze(
        table.problem, means[known].ravel(), calc_second_order=second_order, num_resamples=RESAMPLES, conf_level=level,
        seed=SEED,
    )  # fmt: skip
    columns: dict[str, Floats] = {}
    for name, key in (("first", "S1"), ("total", "ST")):
        columns |= with_ends(name, found[key], found[f"{key}_conf"])
    blocks = values.reshape(-1, size, values.shape[1])
    whole = np.isfinite(blocks).all((1, 2))
    if values.shape[1] > 1 and whole.sum() > 1:
        columns |= _indices_of_expectation(blocks[whole], count, level)
    return Indices(columns, columns["total"], fit, _pairs(found, table.names) if second_order else [])


_COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def _pairs(found: dict[str, Floats], names: tuple[str, ...]) -> list[dict[str, object]]:
    rows = []
    for one, other in combinations(range(len(names)), 2):
        index, half = found["S2"][one, other], found["S2_conf"][one, other]
        head = {"factor": names[one], "other": names[other]}
        rows.append(head | {"second": index, "low": index - half, "high": index + half})
    return rows


def _indices_of_expectation(blocks: Floats, count: int, level: float) -> dict[str, Floats]:
    """Indices of the expected outcome at a point: those of infinitely many replicates.

    Every product of two outcomes is taken over two *different* replicates, whose noise is independent whatever the
    points of one replicate share, so that numerators and variance are free of the bias that means over few have.

    Blocks are of shape (base points, points of a block, replicates), complete. Intervals are normal, by a bootstrap of
    base points as in SALib.
    """
    from scipy.special import ndtri

    first, mixed, last = blocks[:, 0], blocks[:, 1 : count + 1], blocks[:, -1]
    centre = np.concatenate([first, last]).mean(0)
    first, mixed, last = first - centre, mixed - centre, last - centre
    step = mixed - first[:, None]
    variance = (_across(first, first) + _across(last, last)) / 2
    main = _across(last[:, None], step)
    full = _across(step, step) / 2
    draws = np.random.default_rng(SEED).multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), RESAMPLES)
    columns: dict[str, Floats] = {}
    for name, parts in (("first_expected", main), ("total_expected", full)):
        base = variance.mean()
        index = parts.mean(0) / base if base > 0 else np.full(count, np.nan)
        bottom = draws @ variance
        drawn = np.where(bottom[:, None] > 0, draws @ parts, np.nan) / np.where(bottom > 0, bottom, 1.0)[:, None]
        half = float(ndtri(0.5 + level / 2)) * np.nanstd(drawn, axis=0, ddof=1) if base > 0 else index
        columns |= with_ends(name, index, half)
    return columns


def _across(one: Floats, other: Floats) -> Floats:
    """Mean product over two different replicates, of the last axis."""
    count = one.shape[-1]
    products: Floats = one.sum(-1) * other.sum(-1) - (one * other).sum(-1)
    return products / (count * (count - 1))
