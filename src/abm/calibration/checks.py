"""Whether a posterior can be trusted: synthetic truths, a second method, weights of the confirming runs, forecasts."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.calibration.calibrate import Posterior, fit_summary, scales_of, unit_scale
from abm.calibration.emulator import folds
from abm.calibration.inference import Matching, at_scale, sample_posterior
from abm.calibration.summaries import Observed, Summary
from abm.engine.measures import Floats

TREES = 300
SHORT = 900
"""Trees of a forest, and steps of a chain for a synthetic truth."""

SPAN = (0.05, 0.5, 0.95)  # quantiles: a central 90 % interval, with the median

TRUTH_PARTS = 8
"""Parts into which the first wave is divided; truths of a part are met by emulators that have not seen it."""


@dataclass(frozen=True, eq=False)
class Recovery:
    """Synthetic truths and what the method makes of them."""

    ranks: Floats  # share of the draws below the truth, truths × parameters; uniform if the method is calibrated

    @property
    def coverage(self) -> float:
        """Share of the central 90 % intervals that hold the truth; 0.9 if the method is calibrated."""
        return float(((self.ranks >= 0.05) & (self.ranks <= 0.95)).mean())


def recover(posterior: Posterior, truths: int) -> Recovery:
    """Draw truths from the prior, observe one run of each with the declared errors, and fit them.

    The truths are points of the first wave; emulators are fitted to the other points of that wave, without them.
    """
    wave, settings = posterior.waves[0], posterior.calibration.settings
    rng = np.random.default_rng([settings.seed, 40])
    part_of = folds(len(wave.points), rng, TRUTH_PARTS)
    whole = np.isfinite(wave.observed).all(axis=(1, 2))
    chosen = rng.permutation(np.flatnonzero(whole))[:truths]
    scale = unit_scale(wave.scale, scales_of(posterior.calibration))
    inputs = at_scale(wave.points, scale)
    ranks = []
    for part in np.unique(part_of[chosen]):
        rest = part_of != part
        inner = folds(int(rest.sum()), rng)
        emulators = [
            fit_summary(summary, inputs[rest], wave.observed[rest], inner, inner >= 0)
            for summary in posterior.summaries
        ]
        matching = Matching(posterior.summaries, emulators, scale, wave.points.shape[1])
        for truth in chosen[part_of[chosen] == part]:
            seen = summarise(posterior.summaries, wave.observed[truth, 0])
            seen = seen + rng.normal(size=seen.shape) * np.sqrt(matching.declared)
            draws = sample_posterior(matching, 400, SHORT, int(truth), records=seen)
            ranks.append((draws < wave.points[truth]).mean(axis=0))
    return Recovery(np.array(ranks))


def summarise(summaries: Sequence[Summary], observed: Floats) -> Floats:
    """All summaries of runs, … × summaries."""
    return np.stack([summary.of(observed) for summary in summaries], axis=-1)


@dataclass(frozen=True, eq=False)
class Forest:
    """What a random forest makes of the same runs: mean of each parameter in the unit interval, and its skill."""

    mean: Floats  # of each parameter at the records
    # share of the parameter's variance that it explains of runs that a tree has not seen; what lies near zero is not
    # identified
    skill: Floats


def cross_check(posterior: Posterior) -> Forest:
    """Regress each parameter on the summaries of the first wave (Raynal et al. 2019, Bioinformatics 35:1720).

    Declared errors are added to the summaries, so that the forest sees what the likelihood does.
    """
    from sklearn.ensemble import RandomForestRegressor

    wave, rng = posterior.waves[0], np.random.default_rng([posterior.calibration.settings.seed, 41])
    seen = summarise(posterior.summaries, wave.observed)
    points = np.repeat(wave.points[:, None, :], seen.shape[1], axis=1)
    seen, points = seen.reshape(-1, seen.shape[-1]), points.reshape(-1, points.shape[-1])
    whole = np.isfinite(seen).all(axis=1)
    declared, records = posterior.matching.declared, posterior.matching.records
    noisy = seen[whole] + rng.normal(size=seen[whole].shape) * np.sqrt(declared)
    mean, skill = [], []
    for column in range(points.shape[1]):
        forest = RandomForestRegressor(TREES, min_samples_leaf=5, max_features=0.4, oob_score=True, random_state=1)
        forest.fit(noisy, points[whole, column])
        mean.append(float(forest.predict(records[None, :])[0]))
        skill.append(float(forest.oob_score_))
    return Forest(np.array(mean), np.array(skill))


@dataclass(frozen=True, eq=False)
class Confirmed:
    """What the confirming runs say."""

    # of each draw and seed, draws × seeds, adding up to 1: the density of the records at what the run says, over that
    # at what the emulators say of the draw. They turn draws and seeds into a posterior of trajectories.
    weights: Floats
    effective: float  # effective number of runs
    # mean squared distance of runs from their prediction in its standard deviations; 1 if emulators are right
    surprise: float


def confirm(posterior: Posterior) -> Confirmed:
    """Weigh the confirming runs."""
    runs, matching = posterior.confirm, posterior.matching
    said = summarise(posterior.summaries, runs.observed)
    mean, variance, seed = matching.predict(runs.points)
    apart = (matching.records - said) ** 2 / matching.declared
    at_run = -0.5 * (apart + np.log(matching.declared)).sum(axis=-1)
    logs = np.where(np.isfinite(at_run), at_run - matching.log_likelihood(runs.points)[:, None], -np.inf)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    surprise = (said - mean[:, None, :]) ** 2 / (variance + seed)[:, None, :]
    return Confirmed(weights, float(1.0 / (weights**2).sum()), float(np.nanmean(surprise)))


@dataclass(frozen=True)
class Predicted:
    """A record beside what the confirming runs predict."""

    seen: Observed
    # middle, low, high: median and central 90 % interval of the prediction, record error and discrepancy included, in
    # the record's unit
    middle: float
    low: float
    high: float
    fitted: bool  # whether the record was used

    @property
    def inside(self) -> bool:
        """Whether the interval holds the record."""
        return self.low <= math.exp(self.seen.log) <= self.high


def predictions(posterior: Posterior) -> list[Predicted]:
    """Predict every record from the confirming runs, also those of years that were not fitted."""
    settings = posterior.calibration.settings
    runs = posterior.confirm.observed
    runs = runs.reshape(-1, runs.shape[-1])
    rng = np.random.default_rng([settings.seed, 42])
    found = []
    for place, seen in enumerate(posterior.records):
        mine = [target for target in settings.targets if target.target == seen.record.target]
        # those of a trend or contrast say nothing of single years
        target = next((target for target in mine if target.summary == "level"), mine[0])
        logs = runs[np.isfinite(runs[:, place]), place]
        noise = rng.normal(size=(50, len(logs))) * math.hypot(target.error, target.discrepancy)
        low, middle, high = np.exp(np.quantile(logs + noise, SPAN))
        fitted = seen.record.year <= posterior.until
        found.append(Predicted(seen, float(middle), float(low), float(high), fitted))
    return found


@dataclass(frozen=True)
class Skill:
    """Root mean squared log errors of a series after the last year that was fitted, beside simple forecasts."""

    series: str
    years: int
    errors: dict[str, float]  # of the ``model``, and of each of `RIVALS`


RIVALS = ("last_value", "mean", "trend", "smoothing", "arima")
"""Simple forecasts: the log-linear trend, simple exponential smoothing and an ARIMA(1, 0, 0) of logs among them."""


def forecasts(predicted: Sequence[Predicted], until: int) -> list[Skill]:
    """Score the years after `until`, series by series, beside the simple forecasts `RIVALS`."""
    series: dict[str, list[Predicted]] = {}
    for found in predicted:
        series.setdefault(f"{found.seen.record.target} {found.seen.key}".strip(), []).append(found)
    scores = []
    for name, rows in series.items():
        before = [row for row in rows if row.seen.record.year <= until]
        after = [row for row in rows if row.seen.record.year > until]
        if len(before) < 2 or not after:
            continue
        years = np.array([row.seen.record.year for row in before], np.float64)
        logs = np.array([row.seen.log for row in before])
        actual = np.array([row.seen.log for row in after])
        line = np.polyfit(years, logs, 1) if len(before) > 2 else np.array([0.0, logs.mean()])
        guesses = {
            "model": np.log([row.middle for row in after]),
            "last_value": np.full(len(after), logs[years.argmax()]),
            "mean": np.full(len(after), logs.mean()),
            "trend": np.polyval(line, [row.seen.record.year for row in after]),
        }
        at = [row.seen.record.year - until - 1 for row in after]
        guesses |= {key: found[at] for key, found in fitted_series(years, logs, until, max(at) + 1).items()}
        errors = {key: math.sqrt(float(((guess - actual) ** 2).mean())) for key, guess in guesses.items()}
        scores.append(Skill(name, len(after), errors))
    return scores


def fitted_series(years: Floats, logs: Floats, until: int, ahead: int) -> dict[str, Floats]:
    """Forecast a series of logarithms for the years after `until` by exponential smoothing and by ARIMA(1, 0, 0).

    Years without a record are filled in between those with one, and behind the last with its value; what has too few
    records for a fit is forecast by its mean.
    """
    from statsmodels.tsa.api import ARIMA, SimpleExpSmoothing

    filled = np.interp(np.arange(years.min(), until + 1), np.sort(years), logs[years.argsort()])
    found = {key: np.full(ahead, filled.mean()) for key in ("smoothing", "arima")}
    with warnings.catch_warnings():  # of few years, whose fit the optimiser is not sure of
        warnings.simplefilter("ignore")
        if filled.size > 2:
            found["smoothing"] = SimpleExpSmoothing(filled, initialization_method="estimated").fit().forecast(ahead)
        if filled.size > 3:
            found["arima"] = ARIMA(filled, order=(1, 0, 0)).fit().forecast(ahead)
    return found
