"""Summaries of records: what a run is held against, and the same of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.analysis.observation import OBSERVATIONS
from abm.analysis.observed import NotObservedError, Run
from abm.analysis.records import Record
from abm.calibration.settings import TargetSettings
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.measures import Floats

FEWEST = {"level": 1, "trend": 3, "contrast": 2, "pattern": 5}  # records that a summary needs


@dataclass(frozen=True)
class Summary:
    """A weighted sum of logarithms of records, and the same of the model's values."""

    label: str  # what it is called, ``"FRX_EMED trend"``
    settings: TargetSettings  # as in the YAML
    places: NDArray[np.intp]  # positions of its records among all that are observed
    weights: Floats
    record: float  # the sum over the records

    @property
    def variance(self) -> float:
        """Variance of record and discrepancy together."""
        return self.settings.error**2 + self.settings.discrepancy**2

    def of(self, observed: Floats) -> Floats:
        """Work it out from logarithms, … × records."""
        return observed[..., self.places] @ self.weights


@dataclass(frozen=True)
class Observed:
    """A record, its place in the model, and its logarithm."""

    record: Record
    key: str

    @property
    def log(self) -> float:
        """Logarithm of the record."""
        return math.log(max(self.record.value, OBSERVATIONS[self.record.target].least))

    @property
    def begins(self) -> int:
        """First month that it is about; some records are of several years."""
        return (self.record.year - OBSERVATIONS[self.record.target].years + 1) * MONTHS_A_YEAR

    @property
    def label(self) -> str:
        """Name of the record's column: target, place and year."""
        return f"{self.record.target} {self.key or '-'} {self.record.year}"


def observe(run: Run, records: Sequence[Observed]) -> Floats:
    """Logarithms of what a run says of each record; blank where it says nothing, as of a fee that nobody paid."""
    found = np.full(len(records), np.nan)
    for place, seen in enumerate(records):
        observation = OBSERVATIONS[seen.record.target]
        with suppress(NotObservedError):
            value = run.value(observation, seen.key, seen.record.year)
            found[place] = math.log(max(value, observation.least)) if math.isfinite(value) else np.nan
    return found


def make_summaries(
    targets: Sequence[TargetSettings], records: Sequence[Observed], last: int
) -> tuple[list[Summary], list[str]]:
    """Make the summaries of records until a year; those with too few records come back by name."""
    found: list[Summary] = []
    without: list[str] = []
    for target in targets:
        groups: dict[str, list[int]] = {} if target.each else {"": []}
        for place, seen in enumerate(records):
            if seen.record.target == target.target and seen.record.year <= last:
                groups.setdefault(seen.key if target.each else "", []).append(place)
        for key, places in groups.items():
            label = " ".join(filter(None, (target.target, key, target.summary)))
            weights = _weights(target, [records[place] for place in places])
            if weights is None:
                without.append(label)
                continue
            logs = np.array([records[place].log for place in places])
            found.append(Summary(label, target, np.array(places, np.intp), weights, float(logs @ weights)))
    return found, without


def _weights(target: TargetSettings, records: Sequence[Observed]) -> Floats | None:
    """Weights by which logarithms make the summary; None if there are too few records for it."""
    if len(records) < FEWEST[target.summary]:
        return None
    years = np.array([seen.record.year for seen in records], np.float64)
    logs = np.array([seen.log for seen in records])
    match target.summary:
        case "level":
            return np.full(len(records), 1.0 / len(records))
        case "trend":
            return _slope(years)
        case "pattern":
            return _slope(logs)
        case "contrast":
            inside = np.isin(years, target.years)
            if inside.all() or not inside.any():
                return None
            return np.where(inside, 1.0 / inside.sum(), -1.0 / (~inside).sum())


def _slope(over: Floats) -> Floats | None:
    """Weights of the least-squares slope; None if all are alike."""
    apart = over - over.mean()
    total = float(apart @ apart)
    return apart / total if total > 0.0 else None
