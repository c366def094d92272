"""Which parameters are not ruled out, and the posterior: history matching and Markov chains on emulators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.calibration.emulator import Emulator, features_of
from abm.calibration.summaries import Summary
from abm.engine.measures import Floats

WALKERS = 2  # walkers of a chain for each parameter

PULL = 8.0  # log likelihood that a mode loses by squared distance from the mean of the draws, in ranges of the priors

TRIED = 4096  # points of the prior among which a chain looks for its start


@dataclass(frozen=True, eq=False)
class Matching:
    """Summaries, their emulators at one scale, and their records."""

    # summaries, emulators: one each
    summaries: Sequence[Summary]
    emulators: Sequence[Emulator]
    scale: float  # last input of the emulators: the scale of the runs that are predicted, in the unit interval
    dimensions: int  # number of parameters

    def predict(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Mean, its variance, and the seed's variance of every summary at points of the unit cube."""
        inputs = at_scale(points, self.scale)
        features = features_of(inputs)
        means = np.column_stack([emulator.mean(inputs, features) for emulator in self.emulators])
        variances = np.broadcast_to([emulator.variance for emulator in self.emulators], means.shape)
        return means, variances, np.column_stack([emulator.seeds(inputs) for emulator in self.emulators])

    @property
    def records(self) -> Floats:
        """Summaries of the records."""
        return np.array([summary.record for summary in self.summaries])

    @property
    def declared(self) -> Floats:
        """Variances of record and discrepancy."""
        return np.array([summary.variance for summary in self.summaries])

    def implausibility(self, points: Floats) -> Floats:
        """Distances of records from predictions in standard deviations, points × summaries."""
        mean, variance, seed = self.predict(points)
        return np.abs(self.records - mean) / np.sqrt(variance + seed + self.declared)

    def log_likelihood(self, points: Floats, records: Floats | None = None) -> Floats:
        """Logarithm of the density of the records at points, by default of those there are."""
        mean, variance, seed = self.predict(points)
        total = variance + seed + self.declared
        apart = (self.records if records is None else records) - mean
        return -0.5 * (apart**2 / total + np.log(total)).sum(axis=1)


def at_scale(points: Floats, scale: float) -> Floats:
    """Inputs of emulators: points, and the scale of their runs in the unit interval."""
    return np.column_stack([points, np.full(len(points), scale)])


def sample_posterior(matching: Matching, count: int, steps: int, seed: int, records: Floats | None = None) -> Floats:
    """Draw from the posterior, uniform in the unit cube before; draws × parameters."""
    return _sample(lambda points: matching.log_likelihood(points, records), matching.dimensions, count, steps, seed)


def sample_kept(
    matching: Matching, cutoff: float, spared: int, count: int, steps: int, seed: int
) -> tuple[Floats, float]:
    """Spread points over what is not ruled out; with the share of the prior that is not.

    Beyond the cutoff the density falls off steeply instead of vanishing, so that a chain finds its way in.
    """

    def density(points: Floats) -> Floats:
        over = np.sort(matching.implausibility(points), axis=1)[:, -1 - spared] - cutoff
        return -20.0 * np.maximum(over, 0.0)

    share = float((density(first_points(matching.dimensions, seed)) == 0.0).mean())
    found = _sample(density, matching.dimensions, 20 * count, steps, seed)
    inside = found[density(found) == 0.0]
    return spread_out(inside if len(inside) >= count else found, count), share


def first_points(dimensions: int, seed: int) -> Floats:
    """Points all over the unit cube."""
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, rng=np.random.default_rng(seed)).random(TRIED)


def _sample(density: Callable[[Floats], Floats], dimensions: int, count: int, steps: int, seed: int) -> Floats:
    """Run an ensemble of chains (Goodman and Weare 2010) from the best of many points; the first half is left."""
    import emcee

    walkers = WALKERS * (dimensions + dimensions % 2)
    points = first_points(dimensions, seed)
    best = points[np.argsort(-density(points), kind="stable")[:walkers]]

    def inside(some: Floats) -> Floats:
        found = np.full(len(some), -np.inf)
        valid = ((some >= 0.0) & (some <= 1.0)).all(axis=1)
        if valid.any():
            found[valid] = density(some[valid])
        return found

    moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.DESnookerMove(), 0.1), (emcee.moves.StretchMove(), 0.2)]
    sampler = emcee.EnsembleSampler(walkers, dimensions, inside, moves=moves, vectorize=True)
    state = emcee.State(best, random_state=np.random.RandomState(seed).get_state())
    sampler.run_mcmc(state, steps, progress=False)
    chain: Floats = sampler.get_chain(discard=steps // 2, flat=True)
    return chain[np.linspace(0, len(chain) - 1, count).astype(np.intp)]


def mode_near(matching: Matching, draws: Floats) -> Floats:
    """Find the likeliest point near the mean of the draws, in the unit cube; emulators are to be trusted there."""
    from scipy.optimize import minimize

    mean, step = draws.mean(axis=0), 1e-4 * np.eye(draws.shape[1])

    def cost(points: Floats) -> Floats:
        return PULL * ((points - mean) ** 2).sum(axis=1) - matching.log_likelihood(points)

    def both(point: Floats) -> tuple[float, Floats]:
        """Cost and its slopes, by central differences."""
        ahead, behind = np.split(cost(np.vstack([point + step, point - step])), 2)
        return float(cost(point[None, :])[0]), (ahead - behind) / 2e-4

    return minimize(both, mean, jac=True, bounds=[(0.0, 1.0)] * mean.size, method="L-BFGS-B").x


def spread_out(points: Floats, count: int) -> Floats:
    """Choose points far from each other: each next one is the farthest from those chosen (Kennard and Stone 1969)."""
    chosen = [0]
    nearest = ((points - points[0]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]
