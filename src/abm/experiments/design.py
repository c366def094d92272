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
    PosteriorDesign,
    SaltelliDesign,
    SampledDesign,
    SobolDesign,
)


def count_points(design: DesignSettings | None, factors: Sequence[Factor]) -> int:
    """Count the points of a design without making them."""
    match design:
        case None:
            count = 1
        case GridDesign():
            count = math.prod(len(factor.on_levels(design.levels)) for factor in factors)
        case ListDesign() | PosteriorDesign():
            count = len(design.points)
        case OneAtATimeDesign():
            count = 1 + sum(len(_away_from_centre(factor, design.levels)) for factor in factors)
        case LhsDesign():
            count = design.samples * design.batches
        case MorrisDesign():
            count = design.samples * (len(factors) + 1)
        case SaltelliDesign():
            count = design.samples * ((2 if design.second_order else 1) * len(factors) + 2)
        case SampledDesign():
            count = design.samples
        case _:
            raise TypeError(design)
    return count


def make_points(design: DesignSettings | None, factors: Sequence[Factor]) -> np.ndarray:
    """Make the points of a design: values, points × factors; whole numbers for factors that take only those.

    A study without factors has no design, and one point without values.
    """
    match design:
        case None:
            return np.empty((1, 0))
        case GridDesign():
            points = np.array(list(product(*(factor.on_levels(design.levels) for factor in factors))), float)
        case ListDesign() | PosteriorDesign():
            points = np.array([[point[factor.name] for factor in factors] for point in design.points], float)
        case OneAtATimeDesign():
            points = _one_at_a_time(design, factors)
        case _:
            unit = _unit_points(design, len(factors))
            points = np.column_stack([factor.of_unit(unit[:, column]) for column, factor in enumerate(factors)])
    return points + 0.0  # no -0.0


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


def _unit_points(design: DesignSettings, dimensions: int) -> np.ndarray:
    """Draw the points of a sampled design in the unit cube, points × factors."""
    from scipy.stats import qmc

    names = [f"x{column}" for column in range(dimensions)]
    problem = {"num_vars": dimensions, "names": names, "bounds": [[0.0, 1.0]] * dimensions}
    match design:
        case LhsDesign():
            rngs = (np.random.default_rng([design.seed, batch]) for batch in range(design.batches))
            return np.concatenate([qmc.LatinHypercube(dimensions, rng=rng).random(design.samples) for rng in rngs])
        case SobolDesign():
            return qmc.Sobol(dimensions, rng=design.seed).random(design.samples)
        case HaltonDesign():
            return qmc.Halton(dimensions, rng=design.seed).random(design.samples)
        case MorrisDesign():
            from SALib.sample import morris

            return morris.sample(problem, design.samples, num_levels=design.levels, seed=design.seed)
        case SaltelliDesign():
            from SALib.sample import sobol

            return sobol.sample(problem, design.samples, calc_second_order=design.second_order, seed=design.seed)
    raise TypeError(design)
