"""From a calibration to a posterior: wave after wave, then draws, then runs that confirm them.

History matching on emulators (Craig et al. 1997; Vernon, Goldstein and Bower 2010, Bayesian Analysis 5:619), and the
posterior of Kennedy and O'Hagan (2001) with a declared discrepancy in place of one that is fitted. Emulators learn from
the runs of all waves; the scale of a run is an input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from abm.analysis.records import Record, read_records
from abm.calibration.emulator import Emulator, fit, folds
from abm.calibration.inference import Matching, at_scale, sample_kept, sample_posterior
from abm.calibration.read import Calibration
from abm.calibration.summaries import Observed, Summary, make_summaries
from abm.calibration.waves import MakeRuns, Wave, make_wave, records_of, study_of
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.experiments.factors import Factor

STEPS, LONG = 1500, 6000  # steps of a chain that spreads a wave, and of that of the posterior


@dataclass(frozen=True, eq=False)
class Posterior:
    """What a calibration came to."""

    # calibration, factors, until: what was fitted, and to records until which year
    calibration: Calibration
    factors: tuple[Factor, ...]
    until: int
    # records, summaries: records that the model has a counterpart of, and the summaries of those until that year
    records: list[Observed]
    summaries: list[Summary]
    left_out: list[str]  # summaries for which there are too few records
    # waves, kept: runs, and after each wave the share of the prior that is not ruled out
    waves: list[Wave]
    kept: list[float]
    matching: Matching  # emulators after the last wave, at the scale of the confirming runs
    draws: Floats  # draws in the unit cube, draws × parameters
    confirm: Wave  # runs at some of the draws


def calibrate(
    calibration: Calibration,
    folder: Path,
    make: MakeRuns,
    *,
    until: int | None = None,
    data: Sequence[Record] | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Posterior:
    """Fit a calibration to records, by default those shipped; `say` receives notes on progress.

    Waves and the confirming runs are kept in the folder: called again, what is there is not made again. `until` is the
    last year of records that are used, if not that of the file; the waves stay those of the whole calibration, and the
    years after it are left to be forecast. Raises AnalysisError if no summary has records, or `until` lies outside the
    years of the calibration.
    """
    settings, last = calibration.settings, until or calibration.settings.until
    if not settings.from_ <= last <= settings.until:
        raise AnalysisError(f"until {last}: the calibration uses records from {settings.from_} to {settings.until}")
    factors, scales = calibration.experiment.factors, scales_of(calibration)
    records = records_of(calibration, read_records() if data is None else data)
    whole, _ = make_summaries(settings.targets, records, settings.until)
    summaries, left_out = make_summaries(settings.targets, records, last)
    if not summaries:
        raise AnalysisError(f"no target has records from {settings.from_} to {last}")
    if left_out:
        say(f"left out, as there are too few records until {last}: {', '.join(left_out)}")
    waves: list[Wave] = []
    kept: list[float] = []
    from scipy.stats import qmc

    rng = np.random.default_rng(settings.seed)
    points = qmc.LatinHypercube(len(factors), rng=rng).random(settings.waves[0].samples)
    for number, wave in enumerate(settings.waves, 1):
        if number > 1:
            say(f"wave {number}: what is not ruled out")
            matching = emulate(waves, whole, wave.scale, scales, settings.seed)
            points, share = sample_kept(
                matching, settings.cutoff, settings.spared, wave.samples, STEPS, settings.seed + number
            )
            kept.append(share)
        # each point has seeds of its own: what one seed does to all points alike, no cross-validation would see
        study = study_of(calibration, f"wave_{number}", points, wave.scale, wave.replicates, SEEDS_A_WAVE * number)
        say(f"wave {number}: {len(points)} points × {wave.replicates} seeds at scale {wave.scale:g}")
        waves.append(make_wave(study, points, wave.scale, folder, records, make))
    say("posterior")
    matching = emulate(waves, summaries, settings.confirm.scale, scales, settings.seed)
    draws = sample_posterior(matching, settings.draws, LONG, settings.seed)
    chosen = np.linspace(0, len(draws) - 1, settings.confirm.draws).astype(np.intp)
    name = "confirm" if last == settings.until else f"confirm_{last}"
    study = study_of(calibration, name, draws[chosen], settings.confirm.scale, CONFIRM_SEEDS, 0)
    say(f"{name}: {len(chosen)} draws × {CONFIRM_SEEDS} seeds at scale {settings.confirm.scale:g}")
    confirm = make_wave(study, draws[chosen], settings.confirm.scale, folder, records, make)
    return Posterior(calibration, factors, last, records, summaries, left_out, waves, kept, matching, draws, confirm)


def without_records(calibration: Calibration) -> list[str]:
    """Name the summaries for which there are too few of the shipped records, so that they are left out."""
    settings = calibration.settings
    return make_summaries(settings.targets, records_of(calibration, read_records()), settings.until)[1]


CONFIRM_SEEDS = 2  # seeds of each draw that is run, other ones for each
SEEDS_A_WAVE = 100_000  # apart: no two points of any wave share a seed


def scales_of(calibration: Calibration) -> tuple[float, float]:
    """Smallest and largest scale of any run."""
    found = [wave.scale for wave in calibration.settings.waves] + [calibration.settings.confirm.scale]
    return min(found), max(found)


def emulate(
    waves: Sequence[Wave], summaries: Sequence[Summary], scale: float, scales: tuple[float, float], seed: int
) -> Matching:
    """Fit an emulator to each summary, from the runs of all waves so far; `scale` is what they will predict.

    Errors are those of the last wave, which lies where the next points and the posterior do.
    """
    inputs = np.concatenate([at_scale(wave.points, unit_scale(wave.scale, scales)) for wave in waves])
    most = max(wave.observed.shape[1] for wave in waves)
    observed = np.full((len(inputs), most, waves[0].observed.shape[2]), np.nan)
    starts = np.cumsum([0, *(len(wave.points) for wave in waves)])
    for start, wave in zip(starts, waves, strict=False):
        observed[start : start + len(wave.points), : wave.observed.shape[1]] = wave.observed
    fold_of = folds(len(inputs), np.random.default_rng(seed))
    latest = np.arange(len(inputs)) >= len(inputs) - len(waves[-1].points)
    emulators = [fit_summary(summary, inputs, observed, fold_of, latest) for summary in summaries]
    return Matching(summaries, emulators, unit_scale(scale, scales), waves[0].points.shape[1])


def fit_summary(
    summary: Summary, inputs: Floats, observed: Floats, fold_of: NDArray[np.intp], judged: NDArray[np.bool_]
) -> Emulator:
    """Fit the emulator of a summary to what runs said of the records; points without a run are left out."""
    values = summary.of(observed)
    there = np.isfinite(values).any(axis=1)
    return fit(inputs[there], values[there], fold_of[there], judged[there])


def unit_scale(scale: float, scales: tuple[float, float]) -> float:
    """Place of the logarithm of a scale between the smallest and the largest."""
    low, high = map(math.log, scales)
    return (math.log(scale) - low) / (high - low) if high > low else 0.5
