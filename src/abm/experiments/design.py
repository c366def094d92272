"""Design points: from factors and a method to a table of values, the same for the same seed, always.

Samplers are those of `scipy.stats.qmc` and SALib. All but grids, lists and one-at-a-time designs are drawn in the unit
cube and then stretched to the factors' ranges. More samples of the same design keep the points there were: sequences go
on, trajectories and Latin hypercubes come on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from abm.experiments.factors import Factor
from abm.experiments.settings import (
    DesignSettings,
    GridDesign,
    HaltonDesign,
    LhsDesign,
    ListDesign,
    MorrisDesign,
    OneAtATimeDesign,
    SaltelliDesign,
    SampledDesign,
    SobolDesign,
)


def count_points(design: DesignSettings | None, factors: Sequence[Factor]) -> int:
    """Count the points of a design without making them."""
    if design is None:
        return 1
    match design:
        case GridDesign():
            return math.prod(len(factor.on_levels(design.levels)) for factor in factors)
        case ListDesign():
            return len(design.points)
        case OneAtATimeDesign():
            return 1 + sum(len(_away_from_centre(factor, design.levels)) for factor in factors)
        case SampledDesign():
            return design.samples * _points_a_sample(design, len(factors))
    raise TypeError(design)


def _points_a_sample(design: SampledDesign, dimensions: int) -> int:
    match design:
        case LhsDesign():
            return design.batches
        case MorrisDesign():
            return dimensions + 1
        case SaltelliDesign():
            return 2 * dimensions + 2 if design.second_order else dimensions + 2
    return 1


def make_points(design: DesignSettings | None, factors: Sequence[Factor]) -> np.ndarray:
    """Make the points of a design.

    Parameters
    ----------
    design
        Settings of the method; None for a study without factors, which has one point without values.
    factors
        What varies.

    Returns
    -------
    ndarray
        Values, points × factors; whole numbers for factors that take only those.
    """
    if design is None:
        return np.empty((1, 0))
    match design:
        case GridDesign():
            return _grid(design, factors) + 0.0  # no -0.0
        case ListDesign():
            return _list(design, factors) + 0.0
        case OneAtATimeDesign():
            return _one_at_a_time(design, factors) + 0.0
    unit = unit_points(design, len(factors))
    return np.column_stack([factor.of_unit(unit[:, column]) for column, factor in enumerate(factors)]) + 0.0


def unit_points(design: DesignSettings, dimensions: int) -> np.ndarray:
    """Draw the points of a sampled design in the unit cube, points × factors."""
    match design:
        case LhsDesign():
            return _lhs(design, dimensions)
        case SobolDesign():
            return _sobol(design, dimensions)
        case HaltonDesign():
            return _halton(design, dimensions)
        case MorrisDesign():
            return _morris(design, dimensions)
        case SaltelliDesign():
            return _saltelli(design, dimensions)
    raise TypeError(design)


def _grid(design: GridDesign, factors: Sequence[Factor]) -> np.ndarray:
    return np.array(list(product(*(factor.on_levels(design.levels) for factor in factors))), float)


def _list(design: ListDesign, factors: Sequence[Factor]) -> np.ndarray:
    return np.array([[point[factor.name] for factor in factors] for point in design.points], float)


def _one_at_a_time(design: OneAtATimeDesign, factors: Sequence[Factor]) -> np.ndarray:
    centre = [float(factor.centre or 0.0) for factor in factors]
    moved = [
        [*centre[:column], value, *centre[column + 1 :]]
        for column, factor in enumerate(factors)
        for value in _away_from_centre(factor, design.levels)
    ]
    return np.array([centre, *moved], float)


def _away_from_centre(factor: Factor, levels: int) -> np.ndarray:
    found = factor.on_levels(levels)
    return found[found != factor.centre]


def _lhs(design: LhsDesign, dimensions: int) -> np.ndarray:
    from scipy.stats import qmc

    batches = [
        qmc.LatinHypercube(dimensions, rng=np.random.default_rng([design.seed, batch])).random(design.samples)
        for batch in range(design.batches)
    ]
    return np.concatenate(batches)


def _sobol(design: SobolDesign, dimensions: int) -> np.ndarray:
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, rng=design.seed).random(design.samples)


def _halton(design: HaltonDesign, dimensions: int) -> np.ndarray:
    from scipy.stats import qmc

    return qmc.Halton(dimensions, rng=design.seed).random(design.samples)


def _morris(design: MorrisDesign, dimensions: int) -> np.ndarray:
    from SALib.sample import morris

    problem = _unit_problem(dimensions)
    return morris.sample(problem, design.samples, num_levels=design.levels, seed=design.seed)


def _saltelli(design: SaltelliDesign, dimensions: int) -> np.ndarray:
    from SALib.sample import sobol

    problem = _unit_problem(dimensions)
    return sobol.sample(problem, design.samples, calc_second_order=design.second_order, seed=design.seed)


def _unit_problem(dimensions: int) -> dict[str, object]:
    names = [f"x{column}" for column in range(dimensions)]
    return {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}
