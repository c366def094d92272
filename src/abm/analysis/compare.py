"""Scenarios against the reference, pair by pair (same point of the design, same replicate), and what policies cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.naming import Names
from abm.analysis.panel import Draws, IntervalChoice, Panel, Window
from abm.analysis.replicates import DIFFERENCE, shares_of
from abm.analysis.wording import Note
from abm.config.wording import counted
from abm.declare import Outcome
from abm.engine.errors import AnalysisError
from abm.engine.measures import COST_PREFIX, Floats, measures_of, unit_of
from abm.experiments.intervals import Interval
from abm.month import OUTCOMES

FEW_REPLICATES = 5  # below this number the variance between seeds is hardly known

WHEN_CLEAR = "zero lies outside the intervals in units and in per cent"
"""When a difference is called clear, in words, figures and charts; see `is_clear`."""

POLICY_COST = "policy_cost"
MILLION = 1e6


@dataclass(frozen=True)
class CostEffectiveness:
    """Costs of scenarios above the reference's, and change an outcome per cost."""

    # one row a scenario and lever, and one for all: mean cost above the reference's over the window, with its interval,
    # in PKR of 2017, not discounted
    by_lever: pd.DataFrame
    # one row a scenario and flow: change for a million rupees, with its interval
    effects: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Comparison:
    """Differences of scenarios from the reference."""

    name: str  # of the study
    panel: Panel  # all its runs, month by month
    outcomes: Mapping[str, Outcome]
    window: Window  # months over which `totals` are made
    intervals: IntervalChoice  # how intervals are made
    # one row an outcome, measure and scenario: means of reference and scenario over their pairs, the difference with
    # its interval, and the same in per cent of the reference
    totals: pd.DataFrame
    # the same by month, and by calendar year (None in studies of fewer than two): flows added up, else means
    monthly: pd.DataFrame
    yearly: pd.DataFrame | None
    runs: pd.DataFrame  # one row a scenario: runs planned, finished, failed, missing, and pairs with the reference
    costs: CostEffectiveness | None  # what policies cost and what a rupee changes; None where no costs are recorded
    apart: Mapping[str, str | None]  # first month in which a scenario differs from the reference; None if it never does
    notes: tuple[str, ...] = ()  # what a reader must know about runs that are missing and intervals that are
    # where points are draws of a posterior: one row an outcome and scenario, for its runs and for its differences from
    # the reference, with the share of the variance between draws and within, between seeds
    variance: pd.DataFrame | None = None
    places: pd.DataFrame | None = None  # `totals` of each district or province, if asked for
    names: Names = field(default_factory=Names)  # what scenarios and levers are called in figures and tables

    @property
    def reference(self) -> str:
        """Scenario that the others are compared with."""
        return self.panel.reference

    def shares(self, outcome: str, scenario: str, of: str = DIFFERENCE) -> pd.Series | None:
        """Row of `variance` on the differences of a scenario, or its ``runs``; None if there is none."""
        rows = self.variance
        if rows is None:
            return None
        rows = rows[(rows["outcome"] == outcome) & (rows["scenario"] == scenario) & (rows["of"] == of)]
        return rows.iloc[0] if len(rows) else None

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The others."""
        return self.panel.scenarios[1:]


def compare_panel(
    panel: Panel,
    outcomes: Mapping[str, Outcome],
    *,
    name: str = "",
    window: Window | None = None,
    intervals: IntervalChoice | None = None,
    draws: Draws | None = None,
) -> Comparison:
    """Compare the scenarios of a panel with its first; totals are made over a window, by default all months.

    The panel may hold ``policy_cost`` and ``cost_<lever>`` beside the outcomes; `draws` says which points are which
    draw of a posterior. Raises AnalysisError if there is one scenario only, no pair, or no month in the window.
    """
    if len(panel.scenarios) < 2:
        raise AnalysisError(
            f"the study has one scenario, '{panel.reference}', and nothing to compare it with; "
            "add a scenario to its YAML and start 'abm sweep' again"
        )
    if not panel.pairs[1:].any():
        raise AnalysisError(
            f"no run of a scenario has its counterpart of the reference '{panel.reference}' yet (same point, same "
            "replicate); start 'abm sweep' again to go on with the study"
        )
    how = intervals or IntervalChoice()
    chosen = panel.within(window or Window())
    years = panel.yearly({key: measures_of(outcome)[0] for key, outcome in outcomes.items()})
    runs = count_runs(panel)
    apart = {name: _first_month_apart(panel, place) for place, name in _others(panel) if panel.pairs[place].any()}
    nested = how.points == "nested"
    variance = shares_of(chosen.distinct(draws), outcomes, nested=nested, level=how.level) if draws else None
    return Comparison(
        name=name,
        panel=panel,
        outcomes=outcomes,
        window=chosen.span,
        intervals=how,
        totals=totals_of(chosen, outcomes, how),
        monthly=_over_time(panel, outcomes, how),
        yearly=None if years is None else _over_time(years, outcomes, how),
        runs=runs,
        costs=_cost_effectiveness(chosen, outcomes, how),
        apart=apart,
        notes=tuple(_notes(panel, outcomes, runs, how)),
        variance=variance,
    )


def count_runs(panel: Panel) -> pd.DataFrame:
    """Count the runs of each scenario: planned, finished, failed, missing, and pairs with the reference."""
    counted = {"planned": panel.planned, "finished": panel.there, "failed": panel.failed, "pairs": panel.pairs}
    runs = pd.DataFrame({name: found.sum((1, 2)) for name, found in counted.items()})
    runs.insert(0, "scenario", panel.scenarios)
    runs.insert(4, "missing", runs["planned"] - runs["finished"] - runs["failed"])
    return runs


def _others(panel: Panel) -> list[tuple[int, str]]:
    return list(enumerate(panel.scenarios))[1:]


def totals_of(panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice) -> pd.DataFrame:
    """Compare each scenario with the reference over all months of a panel, by those of the outcomes that it has."""
    rows = []
    for key, outcome in outcomes.items():
        if key not in panel.values:
            continue
        for measure in measures_of(outcome):
            by_run = panel.summary(key, measure)
            for place, scenario in _others(panel):
                found = _difference(by_run[place], by_run[0], how)
                head = {"outcome": key, "measure": measure, "unit": unit_of(outcome, measure), "scenario": scenario}
                rows.append(head | {column: values[()] for column, values in found.items()})
    return pd.DataFrame(rows)


def _over_time(panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice) -> pd.DataFrame:
    parts, months = [], panel.months.astype("datetime64[s]")
    for key, outcome in outcomes.items():
        for place, scenario in _others(panel):
            found = _difference(panel.values[key][place], panel.values[key][0], how)
            head = {"outcome": key, "unit": outcome.unit, "scenario": scenario, "month": months}
            parts.append(pd.DataFrame(head | found))
    return pd.concat(parts, ignore_index=True)


def _difference(value: Floats, reference: Floats, how: IntervalChoice) -> dict[str, Floats]:
    """Compare runs of shape (points, replicates, …) pair by pair; gives columns of shape (…)."""
    difference = value - reference
    paired = np.isfinite(difference)
    base, changed = (how.mean(np.where(paired, found, np.nan)).estimate for found in (reference, value))
    absolute = how.mean(difference)
    relative = how.mean(difference, np.where(paired, reference, np.nan))
    return {
        "reference": base,
        "value": changed,
        "difference": absolute.estimate,
        "low": absolute.low,
        "high": absolute.high,
        "percent": 100 * relative.estimate,
        "percent_low": 100 * np.fmin(relative.low, relative.high),
        "percent_high": 100 * np.fmax(relative.low, relative.high),
        "pairs": paired.sum((0, 1)),
    }


def _cost_effectiveness(panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice) -> CostEffectiveness | None:
    """Relate changes to costs where the runs record any, and some scenario costs something; else None.

    The ratio is that of mean change to mean cost, pair by pair (incremental cost-effectiveness; Drummond et al. 2015,
    "Methods for the Economic Evaluation of Health Care Programmes", 4th ed.), its interval by the delta method.
    """
    if POLICY_COST not in panel.values:
        return None
    costs = {name: panel.summary(name, "total") for name in panel.values if is_cost(name)}
    by_lever, effects, any_clear = [], [], False
    for place, scenario in _others(panel):
        for name, by_run in costs.items():
            # A lever of one scenario only has no column in the reference, where it costs nothing.
            extra = np.nan_to_num(by_run[place]) - np.nan_to_num(by_run[0])
            extra = np.where(panel.pairs[place], extra, np.nan)
            found = how.mean(extra)
            if not found.estimate:
                continue
            lever = "all" if name == POLICY_COST else name.removeprefix(COST_PREFIX)
            by_lever.append({"scenario": scenario, "lever": lever, "cost": found.estimate[()], **_ends(found)})
            if name == POLICY_COST and (not np.isfinite(found.low) or found.low * found.high > 0):
                any_clear = True
                effects += _effects(panel, outcomes, how, place, extra)
    if not any_clear:
        return None
    return CostEffectiveness(pd.DataFrame(by_lever), pd.DataFrame(effects))


def is_clear(row: Mapping[Any, Any] | pd.Series) -> bool:
    """Whether a difference of `totals` is clear: zero lies outside of its interval in units, and of that in per cent.

    The former is the t test. The latter may be far too narrow if pairs are few, and is not there without a base.
    """
    ends = [(row[f"{head}low"], row[f"{head}high"]) for head in ("", "percent_")]
    return ends[0][0] * ends[0][1] > 0 and not (np.isfinite(row["percent"]) and not ends[1][0] * ends[1][1] > 0)


def is_cost(column: str) -> bool:
    """Whether a column is what policy costs, all of it or one lever; an outcome may begin with the same word."""
    return column == POLICY_COST or (column.startswith(COST_PREFIX) and column not in OUTCOMES)


def _effects(
    panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice, place: int, cost: Floats
) -> list[dict[str, object]]:
    rows = []
    for key, outcome in outcomes.items():
        measure = measures_of(outcome)[0]
        if key == POLICY_COST or measure != "total":  # a million costs a million, and buys no level, mean or price
            continue
        by_run = panel.summary(key, measure)
        found = how.mean(by_run[place] - by_run[0], cost / MILLION)
        rows.append(
            {
                "scenario": panel.scenarios[place],
                "outcome": key,
                "measure": measure,
                "unit": f"{unit_of(outcome, measure)} per million PKR of 2017",
                "per_million": found.estimate[()],
                **_ends(found),
                "pairs": found.used[()],
            }
        )
    return rows


def _ends(found: Interval) -> dict[str, object]:
    return {"low": np.fmin(found.low, found.high)[()], "high": np.fmax(found.low, found.high)[()]}


def _first_month_apart(panel: Panel, place: int) -> str | None:
    """First month in which any pair differs in anything; blank months of both are no difference."""
    apart = np.zeros(len(panel.months), bool)
    for values in panel.values.values():
        one, other = values[place], values[0]
        differs = (one != other) & ~(np.isnan(one) & np.isnan(other))
        apart |= (differs & panel.pairs[place][..., None]).any((0, 1))
    return str(panel.months[np.argmax(apart)]) if apart.any() else None


def _notes(panel: Panel, outcomes: Iterable[str], runs: pd.DataFrame, how: IntervalChoice) -> Iterator[str]:
    yield from (f"{lost}; their pairs are left out" for lost in lost_runs(runs))
    if panel.dropped:
        span = panel.dropped[0] if len(panel.dropped) == 1 else f"{panel.dropped[0]} to {panel.dropped[-1]}"
        yield f"{len(panel.dropped):,} months ({span}) are not in all runs, and are left out"
    yield from (Note(text, "differences") for text in _on_intervals(panel, how))
    for key in outcomes:
        known = [name for name, values in zip(panel.scenarios, panel.values[key], strict=True) if has_values(values)]
        if known and panel.reference not in known:
            yield Note(f"'{key}' is in no run of {panel.reference}: nothing to compare it with", outcomes=[key])


def lost_runs(runs: pd.DataFrame) -> Iterator[str]:
    """Name the runs that each scenario lacks, of those counted by `count_runs`."""
    for row in runs.to_dict("records"):
        lost = [f"{row[word]:,} {word}" for word in ("failed", "missing") if row[word]]
        if lost:
            yield f"{row['scenario']}: {' and '.join(lost)} of {row['planned']:,} runs"


def _on_intervals(panel: Panel, how: IntervalChoice) -> Iterator[str]:
    points, replicates = len(panel.points), len(panel.replicates)
    if how.points == "nested":
        draws = len(set(how.clusters)) or points
        yield (
            f"intervals are over {draws:,} different draws with seeds of their own: the uncertainty of parameters and "
            "of seeds is in them"
            if draws > 1
            else "there is one draw, so that no interval can be given"
        )
        seeds = len({seed for row in how.seeds for seed in row})
        if 0 < seeds < draws * replicates:
            alike = "it does to all of them alike is not" if seeds == 1 else "one does to several of them alike is"
            yield f"draws share {counted(seeds, 'seed')}: what {alike} in the intervals"
        if draws == points > 1 and replicates == 1:
            yield "there is one replicate a draw: what parameters do is not separated from what seeds do"
        return
    of_replicate = panel.pairs[1:].any(0).sum(0)
    of_replicate = of_replicate[of_replicate > 0]
    replicates = len(of_replicate)  # that have begun
    if replicates == 2 and points > 1 and how.points == "random" and of_replicate.min() < 0.9 * of_replicate.max():
        yield "of two replicates one has just begun: what seeds do to all points alike is in the intervals in part only"
    elif 1 < replicates < FEW_REPLICATES and not (points > 1 and how.points == "fixed"):
        little = f"{replicates} replicates say little about what seeds do"
        yield f"{little}: even the widths of intervals are chance; add replicates"
    if points > 1 and how.points == "fixed":
        yield f"{points:,} points were chosen and are averaged; intervals are about replicates only"
        if replicates == 1:
            yield "there is one replicate, so that no interval can be given"
    elif points * replicates == 1:
        yield "there is one pair of runs, so that no interval can be given; add replicates to the study"
    elif points == 1:
        yield (
            f"intervals are about seeds only, {replicates} pairs; parameters are as set, and most of them assumed; "
            f"one interval in {1 / (1 - how.level):.0f} leaves out zero by chance"
        )
    else:
        over = "points" if replicates == 1 else "points and replicates"
        yield f"intervals are over {over}: the uncertainty of the factors is in them"
        if replicates == 1:
            yield "there is one replicate: what its seed does to all points alike is not in the intervals"


def has_values(values: Floats) -> bool:
    """Whether any run has a value in any month."""
    return bool(np.isfinite(values).any())
