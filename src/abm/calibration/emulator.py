"""Emulators: what a summary would be at parameters that nobody has run, and how uncertain that is.

Stochastic kriging (Ankenman, Nelson and Staum 2010, Operations Research 58:371): the mean over seeds at each point is
observed with a variance that is estimated from replicates. Three forms are tried for every summary, and the one whose
predictions of points left out are best is kept, since no form is best everywhere (Carrella et al. 2020). Their error is
taken from these points too, and not from the form's own idea of it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.special import digamma

from abm.engine.measures import Floats

Form = Literal["linear", "quadratic", "process"]

FORMS: tuple[Form, ...] = ("linear", "quadratic", "process")

FOLDS = 5  # parts into which points are divided for cross-validation

SMALLEST = 1e-8  # variance of a summary that never varies

SIMPLER = 0.95  # share of a simpler form's squared error that a further form has to come below

NORMAL_90 = 1.6448536269514722
"""Half the width of a central 90 % interval of a normal distribution, in standard deviations."""


@dataclass(frozen=True, eq=False)
class Line:
    """A linear function of features: an intercept, and a coefficient each."""

    intercept: float
    slopes: Floats

    def __call__(self, features: Floats) -> Floats:
        """Work it out, one value a row."""
        return self.intercept + features @ self.slopes


@dataclass(frozen=True, eq=False)
class Process:
    """Mean of a Gaussian process about a line: known points, a length for each input, and a weight for each point."""

    known: Floats
    lengths: Floats
    weights: Floats

    def __call__(self, inputs: Floats) -> Floats:
        """Work it out, one value a row."""
        apart = cdist(inputs / self.lengths, self.known, "sqeuclidean")
        return np.exp(-0.5 * apart) @ self.weights


@dataclass(frozen=True, eq=False)
class Mean:
    """What an emulator expects, from inputs in the unit cube."""

    form: Form
    line: Line
    process: Process | None = None

    def __call__(self, inputs: Floats, features: Floats) -> Floats:
        """Predict; `features` are those of the inputs, see `features_of`."""
        found = self.line(features if self.form == "quadratic" else features[:, : inputs.shape[1]])
        return found if self.process is None else found + self.process(inputs)


@dataclass(frozen=True, eq=False)
class Emulator:
    """Predicts one summary."""

    # what it expects of the mean over seeds: ``linear`` or ``quadratic`` Bayesian ridge regression, or a Gaussian
    # ``process`` on top of the linear one
    mean: Mean
    variance: float  # mean squared error of points left out, the seed's variance taken off
    # logarithm of the variance between seeds, a line in the inputs, and the range in which it was seen
    seed_variance: Line
    seed_range: tuple[float, float]
    explained: float  # share of the variance between points that it explains of points left out; at most 1
    coverage: float  # share of points left out that lie in its 90 % intervals

    def seeds(self, inputs: Floats) -> Floats:
        """Variance between seeds at inputs in the unit cube."""
        return np.exp(np.clip(self.seed_variance(inputs), *self.seed_range))


def features_of(inputs: Floats) -> Floats:
    """Inputs about the middle of the cube, their squares, and the products of pairs."""
    centred = 2.0 * inputs - 1.0
    first, second = np.triu_indices(centred.shape[1])
    return np.hstack([centred, centred[:, first] * centred[:, second]])


def fit(inputs: Floats, values: Floats, fold_of: NDArray[np.intp], judged: NDArray[np.bool_] | None = None) -> Emulator:
    """Fit an emulator to runs.

    Inputs are in the unit cube, points × inputs; values are the summary of each run, points × replicates, blank where
    there are fewer; `fold_of` is the part of each point in the cross-validation; `judged` are the points whose errors
    count, those where predictions are needed, by default all.
    """
    judged = np.ones(len(inputs), np.bool_) if judged is None else judged
    line, within = _fit_variance(inputs, values)
    counts = np.isfinite(values).sum(axis=1)
    means = np.nanmean(values, axis=1)
    noise = np.exp(np.clip(line(inputs), *within)) / counts
    # where an input never varied, as the scale in the first wave, its products repeat the other input and would mislead
    # at further values: they are left out
    varied = features_of(np.where(np.ptp(inputs, axis=0) > 0.0, 1.0, 0.5)[None, :])
    features = features_of(inputs) * varied
    best: tuple[float, Mean, Floats] | None = None
    for form in FORMS:
        whole = _fit_form(form, inputs, features, means, noise, None)
        lengths = whole.process.lengths if whole.process else None
        errors = np.empty(len(inputs))
        for fold in np.unique(fold_of):
            out = fold_of == fold
            part = _fit_form(form, inputs[~out], features[~out], means[~out], noise[~out], lengths)
            errors[out] = means[out] - part(inputs[out], features[out])
        squared = float((errors[judged] ** 2).mean())
        if best is None or squared < SIMPLER * best[0]:
            best = squared, whole, errors
    assert best is not None
    squared, mean, errors = best
    seed = float(noise[judged].mean())
    variance = max(squared - seed, SMALLEST)
    spread = max(float(means[judged].var()) - seed, SMALLEST)
    held = np.abs(errors) <= NORMAL_90 * np.sqrt(variance + noise)
    return Emulator(mean, variance, line, within, 1.0 - variance / spread, float(held[judged].mean()))


def _fit_line(inputs: Floats, values: Floats, weights: Floats | None = None) -> Line:
    from sklearn.linear_model import BayesianRidge

    model = BayesianRidge().fit(inputs, values, sample_weight=weights)
    return Line(float(model.intercept_), model.coef_)


def _fit_variance(inputs: Floats, values: Floats) -> tuple[Line, tuple[float, float]]:
    """Regress the logarithm of the variance between seeds on the inputs; its bias at few seeds is taken off."""
    degrees = np.isfinite(values).sum(axis=1) - 1
    several = degrees > 0
    within = np.nanvar(values[several], axis=1, ddof=1)
    if not within.size or within.max() < SMALLEST:
        floor = float(np.log(SMALLEST))
        return Line(floor, np.zeros(inputs.shape[1])), (floor, floor)
    half = degrees[several] / 2.0
    logs = np.log(np.maximum(within, SMALLEST)) - (digamma(half) - np.log(half))
    line = _fit_line(inputs[several], logs)
    fitted = line(inputs[several])
    return line, (float(fitted.min()), float(fitted.max()))


def _fit_form(
    form: Form, inputs: Floats, features: Floats, means: Floats, noise: Floats, lengths: Floats | None
) -> Mean:
    """Fit one form; a process takes the lengths that are given, or looks for them."""
    used = features if form == "quadratic" else features[:, : inputs.shape[1]]
    line = _fit_line(used, means, noise.mean() / noise)
    process = _fit_process(inputs, means - line(used), noise, lengths) if form == "process" else None
    return Mean(form, line, process)


def _fit_process(inputs: Floats, left: Floats, noise: Floats, lengths: Floats | None) -> Process:
    """Fit a Gaussian process with a length for each input to what a line leaves."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    unit = max(float(left.std()), SMALLEST**0.5)
    start = np.full(inputs.shape[1], 2.0) if lengths is None else lengths
    bounds = (0.2, 50.0) if lengths is None else "fixed"
    model = GaussianProcessRegressor(
        ConstantKernel(0.5, (1e-3, 1e2)) * RBF(start, bounds), alpha=noise / unit**2 + 1e-6
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound: an input that does not matter
        model.fit(inputs, left / unit)
    found = np.broadcast_to(model.kernel_.k2.length_scale, inputs.shape[1]).astype(np.float64)
    weights = unit * float(model.kernel_.k1.constant_value) * model.alpha_
    return Process(inputs / found, found, weights)


def folds(count: int, rng: np.random.Generator, parts: int = FOLDS) -> NDArray[np.intp]:
    """Divide points into parts of about one size, at random."""
    return rng.permutation(np.arange(count) % min(parts, count))
