"""What a folder holds, as the page sees it: runs of one configuration, or the scenarios of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.analysis.panel import Panel
from abm.analysis.study import Source
from abm.engine.measures import measures_of
from abm.month import outcome_named
from abm.plots.panels import SETTLING
from abm.results import Result
from abm.results.tables import KEYS, QUANTITIES, Resolved

if TYPE_CHECKING:
    from abm.declare import Outcome


@dataclass(frozen=True, eq=False)
class Case:
    """One configuration, or scenario of a study, complete as plain data, and the names of the tables of its runs."""

    name: str
    config: Resolved
    tables: Sequence[str]
    mean: Callable[[str], pd.DataFrame]  # reads a table: its mean over runs, row by row

    def has(self, table: str) -> bool:
        """Whether a table is there, and not empty."""
        return table in self.tables and not self.mean(table).empty

    @property
    def national(self) -> pd.DataFrame:
        """Mean over runs of the national table, in the order of months."""
        return self.mean("national")


def mean_of_runs(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean of tables of several runs by their keys; a row that a run does not have counts as none of its events."""
    if len(frames) == 1:
        return frames[0]
    whole = pd.concat(frames, ignore_index=True)
    keys = [name for name in whole if name in KEYS and name not in QUANTITIES]
    for name in keys:
        if name != "month":
            whole[name] = whole[name].astype(str)
    groups = whole.groupby(keys, sort=True, observed=True)
    if QUANTITIES & set(whole):  # a table of events: what is missing is nothing
        return (groups.sum(numeric_only=True) / len(frames)).reset_index()
    return groups.mean(numeric_only=True).reset_index()


def case_of_runs(results: Sequence[Result]) -> Case:
    """All runs of one configuration."""

    @cache
    def mean(table: str) -> pd.DataFrame:
        return mean_of_runs([result.table(table) for result in results])

    first = results[0]
    return Case(first.name, first.config, tuple(first.manifest["tables"]), mean)


def panel_of_runs(results: Sequence[Result], outcomes: Iterable[str]) -> Panel:
    """Outcomes of runs of one configuration, month by month."""
    name = results[0].name
    frames = [result.national.assign(run_id=result.id) for result in results]
    wanted = [name for name in outcomes if all(name in frame for frame in frames)]
    table = pd.concat([frame[["run_id", "month", *wanted]] for frame in frames], ignore_index=True)
    ids = [result.id for result in results]
    design = pd.DataFrame({"run_id": ids, "scenario": name, "point": 0, "replicate": range(len(ids))})
    return Panel.of(design, table, wanted, name)


def case_of_scenario(source: Source, scenario: str) -> Case:
    """One scenario of a study, at all points of the design."""

    @cache
    def mean(table: str) -> pd.DataFrame:
        whole = source.study.table(table, scenarios=[scenario], once=True)
        plain = whole.drop(columns=["scenario", "point", "replicate"], errors="ignore")
        return mean_of_runs([rows.drop(columns="run_id") for _, rows in plain.groupby("run_id", observed=True)])

    experiment = source.experiment
    return Case(scenario, experiment.scenarios[scenario], ("national", *experiment.tables), mean)


@dataclass(frozen=True)
class Steps:
    """Outcomes by year, or by month where there are fewer than two whole years."""

    panel: Panel  # values by scenario, point, replicate and step
    when: tuple[int | str, ...]  # each step as the charts take it: a year, or a day
    per: str  # ``a year`` or ``a month``
    settled: int
    """Place of the first step after the months in which a run settles; the number of steps where there is none."""

    @classmethod
    def of(cls, panel: Panel) -> Steps:
        """Add flows up and average the rest, by whole calendar years if there are two."""
        measures = {name: measures_of(declared(name))[0] for name in panel.values}
        yearly = panel.yearly({name: "total" if found == "total" else "mean" for name, found in measures.items()})
        if yearly is not None:
            years = yearly.months.astype("datetime64[Y]").astype(np.int64) + 1970
            settled = int((12 * (years - 1970) < panel.months[0].astype(np.int64) + SETTLING).sum())
            return cls(yearly, tuple(int(year) for year in years), "a year", settled)
        days = tuple(f"{month}-01" for month in panel.months)
        return cls(panel, days, "a month", min(SETTLING, len(days)))


def declared(name: str) -> Outcome:
    """Declaration of a national column."""
    found = outcome_named(name)
    assert found is not None, name
    return found
