"""Runs as the observation model sees them: their tables by month, and what it makes of these in a year."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.analysis.observation import Facts, Observation, Part
from abm.config import Config, make_config
from abm.config.wording import counted, did_you_mean, listed
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.errors import AnalysisError, ConfigError, OutputError
from abm.experiments.dataset import open_study
from abm.experiments.store import is_study
from abm.places.geography import load_units
from abm.places.places import places_of
from abm.results import Result, read_run
from abm.results.manifest import MANIFEST
from abm.results.tables import Resolved, months_of

MID_YEAR = 6  # month whose end stands for the middle of a year: stocks are counted on 1 July

APART = {"seed", "outputs", "name", "description"}  # settings in which seeds of one configuration may differ


class NotObservedError(Exception):
    """A record that a run cannot be held against, and why."""


@dataclass(frozen=True, eq=False)
class Run:
    """Tables of a run, read when they are needed."""

    seed: int
    facts: Facts  # its places and drivers
    read: Callable[[str], pd.DataFrame]  # reads a table by name; an OutputError if there is none
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    _sums: dict[tuple[Part, str], NDArray[np.float64]] = field(default_factory=dict)

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table; NotObservedError if the run has none."""
        if name not in self._frames:
            try:
                self._frames[name] = self.read(name)
            except OutputError as error:
                raise NotObservedError(f"no table '{name}': {error}") from None
        return self._frames[name]

    @property
    def months(self) -> NDArray[np.int64]:
        """Months of the run since January of year 0."""
        return months_of(self.frame("national"))

    @property
    def span(self) -> str:
        """Whole years that the run covers, in words."""
        months = self.months
        first, last = -(-int(months[0]) // MONTHS_A_YEAR), (int(months[-1]) + 1) // MONTHS_A_YEAR - 1
        if first == last:
            return f"the whole of {first} alone"
        return f"{first} to {last}" if last > first else "no whole year"

    def value(self, of: Observation, key: str, year: int) -> float:
        """Value of a place in a year, in the target's unit; NotObservedError if years, table or column are missing."""
        first = (year - of.years + 1) * MONTHS_A_YEAR
        months = self.months
        at = np.flatnonzero((months >= first) & (months < (year + 1) * MONTHS_A_YEAR))
        if at.size != of.years * MONTHS_A_YEAR:
            raise NotObservedError(f"outside the run, which covers {self.span}")
        found = self._total(of.parts, key, of, at)
        if of.of:
            whole = self._total(of.of, key, of, at)
            if whole <= 0.0:
                raise NotObservedError("nothing to divide by in the run")
            found /= whole
        if of.convert is not None:
            try:
                found = of.convert(found, year, self.facts.series)
            except (KeyError, ValueError):
                raise NotObservedError("no prices or exchange rate of the year among the drivers") from None
        return of.multiple * found

    def _total(self, parts: tuple[Part, ...], key: str, of: Observation, at: NDArray[np.intp]) -> float:
        total = 0.0
        for part in parts:
            if (part, key) not in self._sums:
                self._sums[part, key] = self._by_month(part, key)
            values = self._sums[part, key][at]
            if of.over == "july":
                total += float(values[MID_YEAR - 1])
            else:
                total += float(values.mean() if of.over == "mean" else values.sum())
        return total

    def _by_month(self, part: Part, key: str) -> NDArray[np.float64]:
        frame, months = self.frame(part.table), self.months
        missing = [column for column in (*part.columns, part.weight) if column and column not in frame]
        if missing:
            raise NotObservedError(
                f"table '{part.table}' has no column {listed(missing)}: is its mechanism switched off?"
            )
        chosen = frame[part.rows(frame, self.facts, key)]
        values = chosen[list(part.columns)].to_numpy(np.float64).sum(axis=1)
        if part.weight:
            values = values * chosen[part.weight].to_numpy(np.float64)
        place = months_of(chosen) - months[0]
        return np.multiply(part.share, np.bincount(place, values, minlength=len(months)))


def facts_of(config: Config) -> Facts:
    """Places, drivers and region of a configuration."""
    everywhere, region = (frozenset(map(str, load_units(of).unit)) for of in ("pakistan", config.population.region))
    return Facts(places_of(config.places), config.drivers.known, region if region < everywhere else None)


# -------------------------------------------------------------------------------------------------- finding the runs


@dataclass(frozen=True)
class Runs:
    """Runs of one configuration with several seeds, what to call them, and what of them was never so."""

    name: str
    runs: tuple[Run, ...]
    made_up: tuple[str, ...] = ()


def open_runs(folder: str | os.PathLike[str], scenario: str | None = None, point: int | None = None) -> Runs:
    """Open a run, a folder of runs of one configuration, or the runs of a scenario of a study.

    The scenario of a study is by default the reference; a point is needed if its design has several. Raises OutputError
    if there are no finished runs; AnalysisError if they are of several configurations, or there is no such scenario or
    point.
    """
    place = Path(folder).expanduser().absolute()
    if is_study(place):
        return _open_study(place, scenario, point)
    if scenario is not None or point is not None:
        raise AnalysisError(f"'{place}' is no study; a scenario or point goes with the folder of a study")
    results = read_seeds(place)
    facts = _read_facts(results[0].config)
    runs = tuple(Run(result.seed, facts, result.table) for result in results)
    return Runs(results[0].name, runs, _made_up(results[0].config))


def _made_up(config: Resolved) -> tuple[str, ...]:
    """Kinds of changes of a configuration that are not of the past."""
    return tuple(kind for kind in ("levers", "events") if config.get(kind))


def read_seeds(place: Path) -> list[Result]:
    """Read the run in a folder, or the seeds of one configuration that lie in it, by seed.

    Raises OutputError if there is no finished run; AnalysisError if runs differ in more than the seed, or have the
    same.
    """
    alone = (place / MANIFEST).is_file()
    folders = [place] if alone else sorted(found.parent for found in place.glob(f"*/{MANIFEST}")) or [place]
    results = sorted(map(read_run, folders), key=lambda result: result.seed)  # says of a folder that it holds no run
    first, *others = (settings_of(result.config, APART) for result in results)
    differing = sorted({key for found in others for key in {*found, *first} if found.get(key) != first.get(key)})
    if len({result.manifest["versions"].get("code") for result in results}) > 1:
        differing.append("the version of the code")
    seeds = [result.seed for result in results]
    twice = [f"share seed {seed}" for seed in dict.fromkeys(seeds) if seeds.count(seed) > 1]
    if wrong := [f"differ in {_several(differing)}"] if differing else twice:
        raise AnalysisError(
            f"'{place}' holds runs that {wrong[0]}; give the folder of one run, or keep the seeds "
            "of one configuration in a folder of their own (abm run --out)"
        )
    return results


MOST_NAMED = 4


def _several(names: list[str]) -> str:
    """List names, of many the first and how many more."""
    more = len(names) - MOST_NAMED
    return listed(names if more <= 1 else [*names[:MOST_NAMED], counted(more, "other setting")])


def _open_study(place: Path, scenario: str | None, point: int | None) -> Runs:
    study = open_study(place)
    design, wanted = study.design, scenario or study.experiment.reference
    known = list(study.experiment.scenarios)
    if wanted not in known:
        raise AnalysisError(f"study '{study.name}' has no scenario '{wanted}'{did_you_mean(wanted, known)}")
    mine = design[(design["scenario"] == wanted) & (design["status"] == "done")]
    points = sorted(int(found) for found in mine["point"].unique())
    if points and point is not None and point not in points:
        raise AnalysisError(f"study '{study.name}' has no finished run of point {point} of scenario '{wanted}'")
    if point is None and len(points) > 1:
        raise AnalysisError(
            f"study '{study.name}' has runs at {counted(len(points), 'point')} of its design; choose one: --point "
            f"{points[0]}"
        )
    if not points:
        raise OutputError(f"study '{study.name}' has no finished run of scenario '{wanted}' yet")
    chosen = points[0] if point is None else point
    once = mine[mine["point"] == chosen].drop_duplicates("run_id")
    facts = _read_facts(study.experiment.scenarios[wanted])
    frames: dict[str, dict[str, pd.DataFrame]] = {}

    def read(run_id: str, name: str) -> pd.DataFrame:
        if name not in frames:
            whole = study.table(name, scenarios=[wanted])
            whole = whole[whole["point"] == chosen]
            frames[name] = {str(key): rows for key, rows in whole.groupby("run_id", observed=True)}
        if run_id not in frames[name]:
            raise OutputError(f"run {run_id} has none")
        return frames[name][run_id]

    runs = tuple(
        Run(int(seed), facts, partial(read, str(run_id)))
        for run_id, seed in zip(once["run_id"], once["seed"], strict=True)
    )
    return Runs(f"{study.name}, {wanted}", runs, _made_up(study.experiment.scenarios[wanted]))


def settings_of(config: Resolved, apart: Container[str] = (), above: str = "") -> dict[str, Any]:
    """Settings by their paths, without the parts of the configuration that stand apart."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        if key not in apart:
            path = f"{above}{key}"
            found |= settings_of(value, above=f"{path}.") if isinstance(value, Mapping) else {path: value}
    return found


def _read_facts(config: Resolved) -> Facts:
    """Places, drivers and region of a resolved configuration, whatever else stands in it."""
    try:
        region = {"region": config["population"]["region"]}
        return facts_of(make_config(places=config["places"], drivers=config["drivers"], population=region))
    except (ConfigError, KeyError) as error:
        raise AnalysisError(f"the run was made by a version with other settings: {error}") from error
