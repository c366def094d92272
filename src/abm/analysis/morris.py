"""Elementary effects of Morris designs, by SALib.

References
----------
Morris (1991), "Factorial sampling plans for preliminary computational experiments", Technometrics 33.
Campolongo, Cariboni and Saltelli (2007), "An effective screening design for sensitivity analysis of large models",
Environmental Modelling & Software 22: the mean of absolute effects, μ*.
"""

from __future__ import annotations

import numpy as np

from abm.analysis.factors import RESAMPLES, SEED, FactorTable, Indices, check_trajectories, made_of, with_ends
from abm.analysis.replicates import mean_of_blocks
from abm.engine.measures import Floats


def morris_effects(values: Floats, table: FactorTable, level: float) -> Indices:
    """Work out elementary effects: mu, mu_star with its interval, sigma, and with replicates noise.

    All are in the outcome's unit, for the whole range of the factor. Outcomes are of shape (points, replicates), not a
    number where missing; intervals cover with probability `level`.
    """
    check_trajectories(table)
    count = len(table.names)
    size = count + 1
    means, known = mean_of_blocks(values, size)
    fit = made_of(known, "trajectories")
    if known.sum() < 2:
        nothing = np.full(count, np.nan)
        return Indices(dict.fromkeys(("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"), nothing), nothing, fit)
    from SALib.analyze import morris
    from scipy.stats import rankdata

    places = table.values.reshape(-1, size, count)
    ranks = rankdata(places[known].reshape(-1, count), "dense", axis=0)  # SALib looks at the direction of a step only
    found = morris.analyze(
        table.problem | {"groups": None}, ranks, means[known].ravel(), num_resamples=RESAMPLES, conf_level=level,
        num_levels=table.levels, seed=SEED,
    )  # fmt: skip
    mu, star, half, sigma = (np.asarray(found[name], float) for name in ("mu", "mu_star", "mu_star_conf", "sigma"))
    columns = {"mu": mu, **with_ends("mu_star", star, half), "sigma": sigma}
    if values.shape[1] > 1:
        columns["noise"] = _noise(values, places, table.levels)
    return Indices(columns, star, fit)


def _noise(values: Floats, places: Floats, levels: int) -> Floats:
    """Standard error of one elementary effect that comes from seeds alone, by factor; the mean over trajectories."""
    blocks = values.reshape(*places.shape[:2], -1)
    steps = np.diff(blocks, axis=1)
    there = np.isfinite(steps)
    pairs = there.sum(2)
    enough = pairs > 1
    mean_step = np.where(there, steps, 0.0).sum(2, keepdims=True) / np.maximum(pairs, 1)[..., None]
    centred = np.where(there, steps - mean_step, 0.0)
    error = (centred**2).sum(2) / np.maximum(pairs - 1, 1) / np.maximum(pairs, 1)
    moved = (np.diff(places, axis=1) != 0) & enough[..., None]
    delta = levels / (2 * (levels - 1))
    mean = (error[..., None] * moved).sum((0, 1)) / np.maximum(moved.sum((0, 1)), 1)
    return np.sqrt(mean) / delta
