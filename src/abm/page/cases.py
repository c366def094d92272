"""What a folder holds, as the page sees it: runs of one configuration, or the scenarios of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.analysis.panel import Panel
from abm.analysis.study import Source
from abm.engine.errors import OutputError
from abm.engine.measures import measures_of, outcome_of_setting
from abm.month import OUTCOMES
from abm.results import Result
from abm.results.tables import KEYS

if TYPE_CHECKING:
    from abm.declare import Outcome

MADE = "model"
"""Name of the only scenario of a folder of runs, where it needs one."""


@dataclass(frozen=True, eq=False)
class Case:
    """One configuration and its runs.

    Attributes
    ----------
    name
        Of the configuration, or of the scenario.
    config
        The complete configuration, as plain data.
    seeds
        Of its runs.
    tables
        Names of the tables that its runs keep.
    """

    name: str
    config: Mapping[str, Any]
    seeds: tuple[int, ...]
    tables: tuple[str, ...]
    _read: Mapping[str, Any]

    def mean(self, table: str) -> pd.DataFrame:
        """Mean over runs of a table, row by row; an OutputError if it was not kept."""
        if table not in self.tables:
            raise OutputError(f"'{self.name}' keeps no table '{table}'")
        return self._means(table)

    def has(self, table: str) -> bool:
        """Whether a table is there, and not empty."""
        return table in self.tables and not self._means(table).empty

    def _means(self, table: str) -> pd.DataFrame:
        if table not in self._read["means"]:
            self._read["means"][table] = mean_of_runs(self._read["frames"](table))
        found: pd.DataFrame = self._read["means"][table]
        return found

    @property
    def national(self) -> pd.DataFrame:
        """Mean over runs of the national table, in the order of months."""
        return self.mean("national")


def mean_of_runs(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean of tables of several runs by their keys; a row that a run does not have counts as none of its events."""
    if len(frames) == 1:
        return frames[0]
    whole = pd.concat(frames, ignore_index=True)
    keys = [name for name in whole if name in KEYS and name not in NUMBERS]
    for name in keys:
        if name != "month":
            whole[name] = whole[name].astype(str)
    if NUMBERS & set(whole):  # a table of events: what is missing is nothing
        found = whole.groupby(keys, sort=True, observed=True).sum(numeric_only=True) / len(frames)
    else:
        found = whole.groupby(keys, sort=True, observed=True).mean(numeric_only=True)
    return found.reset_index()


NUMBERS = {"persons", "fee", "paid", "debt", "attempts", "months"}
"""Columns of `KEYS` that are quantities."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of one configuration in a folder."""

    folder: Path
    results: tuple[Result, ...]

    @property
    def first(self) -> Result:
        """The run with the lowest seed."""
        return self.results[0]

    @cached_property
    def case(self) -> Case:
        """All of them as one case."""
        tables = tuple(self.first.manifest["tables"])
        read = {"means": {}, "frames": lambda table: [result.table(table) for result in self.results]}
        return Case(self.first.name, self.first.config, tuple(run.seed for run in self.results), tables, read)

    def panel(self, outcomes: Iterable[str]) -> Panel:
        """Outcomes of the runs, month by month."""
        frames = [result.national.assign(run_id=result.id) for result in self.results]
        wanted = [name for name in outcomes if all(name in frame for frame in frames)]
        table = pd.concat([frame[["run_id", "month", *wanted]] for frame in frames], ignore_index=True)
        design = pd.DataFrame(
            {
                "run_id": [result.id for result in self.results],
                "scenario": self.first.name,
                "point": 0,
                "replicate": range(len(self.results)),
            }
        )
        return Panel.of(design, table, wanted, self.first.name)


@dataclass(frozen=True, eq=False)
class Scenarios:
    """The scenarios of a study."""

    source: Source

    def panel(self, outcomes: Iterable[str]) -> Panel:
        """Outcomes of all runs, month by month."""
        return self.source.panel(outcomes)

    def case(self, scenario: str) -> Case:
        """One scenario, at all points of the design."""
        study, experiment = self.source.study, self.source.experiment
        design = self.source.design
        mine = design[(design["scenario"] == scenario) & (design["status"] == "done")]
        seeds = tuple(sorted(int(seed) for seed in mine["seed"].unique()))

        def frames(table: str) -> list[pd.DataFrame]:
            whole = study.table(table, scenarios=[scenario])
            drop = [name for name in ("scenario", "point", "replicate") if name in whole]
            return [rows.drop(columns=["run_id", *drop]) for _, rows in whole.groupby("run_id", observed=True)]

        config = experiment.scenarios[scenario]
        return Case(scenario, config, seeds, ("national", *experiment.tables), {"means": {}, "frames": frames})


@dataclass(frozen=True)
class Steps:
    """Outcomes by year, or by month where there are fewer than two whole years.

    Attributes
    ----------
    panel
        Values by scenario, point, replicate and step.
    when
        Each step as the charts take it: a year, or a day.
    per
        ``a year`` or ``a month``.
    """

    panel: Panel
    when: tuple[int | str, ...]
    per: str

    @classmethod
    def of(cls, panel: Panel) -> Steps:
        """Add flows up and average the rest, by whole calendar years if there are two."""
        measures = {name: measures_of(declared(name))[0] for name in panel.values}
        yearly = panel.yearly({name: "total" if found == "total" else "mean" for name, found in measures.items()})
        if yearly is not None:
            years = yearly.months.astype("datetime64[Y]").astype(np.int64) + 1970
            return cls(yearly, tuple(int(year) for year in years), "a year")
        return cls(panel, tuple(f"{month}-01" for month in panel.months), "a month")


def declared(name: str) -> Outcome:
    """Declaration of a national column."""
    found = OUTCOMES.get(name) or outcome_of_setting(name)
    assert found is not None, name
    return found
