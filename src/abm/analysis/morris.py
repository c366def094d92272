"""Elementary effects of Morris designs, by SALib.

References
----------
Morris (1991), "Factorial sampling plans for preliminary computational experiments", Technometrics 33.
Campolongo, Cariboni and Saltelli (2007), "An effective screening design for sensitivity analysis of large models",
Environmental Modelling & Software 22: the mean of absolute effects, μ*.
"""

from __future__ import annotations

import numpy as np

from abm.analysis.factors import FactorTable, Indices, check_trajectories
from abm.analysis.replicates import mean_of_blocks
from abm.engine.measures import Floats

RESAMPLES = 1000
SEED = 1


def morris_effects(values: Floats, table: FactorTable, level: float) -> Indices:
    """Work out elementary effects: mu, mu_star with its interval, sigma, and with replicates noise.

    All are in the outcome's unit, for the whole range of the factor.

    Parameters
    ----------
    values
        Outcome, of shape (points, replicates), not a number where missing.
    table
        Factors and their points.
    level
        Probability that the interval of μ* covers.
    """
    check_trajectories(table)
    count = len(table.names)
    size = count + 1
    means, known = mean_of_blocks(values, size)
    used = int(known.sum())
    fit = {"used": used, "lost": len(known) - used, "of": "trajectories"}
    if used < 2:
        nothing = np.full(count, np.nan)
        return Indices(dict.fromkeys(("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"), nothing), nothing, fit)
    from SALib.analyze import morris

    places = table.values.reshape(-1, size, count)
    problem = {"num_vars": count, "names": list(table.names), "bounds": [[0.0, 1.0]] * count}
    found = morris.analyze(
        problem | {"groups": None},
        _in_ranks(places[known].reshape(-1, count)),
        means[known].ravel(),
        num_resamples=RESAMPLES,
        conf_level=level,
        num_levels=table.levels,
        seed=SEED,
    )
    star, half = np.asarray(found["mu_star"], float), np.asarray(found["mu_star_conf"], float)
    columns = {
        "mu": np.asarray(found["mu"], float),
        "mu_star": star,
        "mu_star_low": star - half,
        "mu_star_high": star + half,
        "sigma": np.asarray(found["sigma"], float),
    }
    if values.shape[1] > 1:
        columns["noise"] = _noise(values, places, table.levels)
    return Indices(columns, star, fit)


def _in_ranks(values: Floats) -> Floats:
    """Values in the order of their size; SALib looks at the direction of a step only."""
    return np.column_stack([np.unique(column, return_inverse=True)[1] for column in values.T]).astype(np.float64)


def _noise(values: Floats, places: Floats, levels: int) -> Floats:
    """Standard error of one elementary effect that comes from seeds alone, by factor; the mean over trajectories."""
    blocks = values.reshape(*places.shape[:2], -1)
    steps = np.diff(blocks, axis=1)
    pairs = np.isfinite(steps).sum(2)
    enough = pairs > 1
    centred = np.where(np.isfinite(steps), steps - _mean(steps, pairs), 0.0)
    error = (centred**2).sum(2) / np.maximum(pairs - 1, 1) / np.maximum(pairs, 1)
    moved = (np.diff(places, axis=1) != 0) & enough[..., None]
    delta = levels / (2 * (levels - 1))
    mean = (error[..., None] * moved).sum((0, 1)) / np.maximum(moved.sum((0, 1)), 1)
    found: Floats = np.sqrt(mean) / delta
    return found


def _mean(steps: Floats, pairs: np.ndarray) -> Floats:
    return np.where(np.isfinite(steps), steps, 0.0).sum(2, keepdims=True) / np.maximum(pairs, 1)[..., None]
