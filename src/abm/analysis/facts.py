"""Facts of the literature against the runs of their experiments: estimates, verdicts, and the mechanism switched off.

Every estimate is a function of means over seeds, so that pairs of scenarios share their seeds and what both have in
common drops out. Its interval is that of the jackknife over seeds with Student's t (Efron and Tibshirani 1993, "An
Introduction to the Bootstrap", ch. 11): for a mean the paired t interval, for a ratio nearly that of the delta method.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from abm.analysis.tables import TextTable
from abm.analysis.wording import MINUS, estimate, plain
from abm.config.wording import counted, no_such
from abm.engine.calendar import parse_month
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.experiments.dataset import Study
from abm.experiments.ema_results import is_inside
from abm.experiments.fact import ACROSS, PERSONS, Assert, Fact, Quantity, Ranked, Variant
from abm.experiments.intervals import t_quantile
from abm.experiments.settings import Window
from abm.month import outcome_named
from abm.places.geography import data_on_districts

Rows = np.ndarray  # places of the seeds that an estimate is made of

Verdict = Literal["pass", "undecided", "fail", "–"]
OffVerdict = Literal["gone", "undecided", "survives", "–"]

_WITHOUT: Mapping[Verdict, OffVerdict] = {"pass": "survives", "fail": "gone", "undecided": "undecided", "–": "–"}
"""What a verdict on the estimate with the mechanism off means for the fact."""

LEVEL = 0.95

REMNANT = 0.15
"""Share of an effect that may be left with the mechanism off, interval and all: hardly any of it."""


class Estimate(NamedTuple):
    """An estimate with its interval, which is not a number where there are too few seeds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Trial:
    """One test of a fact, tried."""

    # name, estimator, band, nothing, tolerance: as in the file
    name: str
    estimator: str
    band: tuple[float | None, float | None]
    nothing: float
    tolerance: float
    # found, off: the estimate, and that with the mechanism off; None where there is no such run
    found: Estimate
    off: Estimate | None
    seeds: int  # seeds that all its scenarios have

    @property
    def verdict(self) -> Verdict:
        """`pass` if the whole interval lies in the band, `fail` if all of it lies outside, else `undecided`."""
        return judge(self.found, self.band)

    @property
    def off_verdict(self) -> OffVerdict:
        """`gone` if the estimate with the mechanism off lies outside the band or says nothing; `survives` if inside."""
        if self.off is None:
            return "–"
        left, *ends = (abs(value - self.nothing) for value in self.off)
        if not left > self.tolerance or max(ends) <= REMNANT * abs(self.found.value - self.nothing):
            return "gone"  # there is none of it, or hardly any
        return _WITHOUT[judge(self.off, self.band)]


@dataclass(frozen=True)
class Judged:
    """A fact and its tests; its verdicts are the worst of theirs."""

    fact: Fact
    name: str
    tests: Sequence[Trial] = field(default=())

    @property
    def verdict(self) -> str:
        """Worst verdict; `levels` where the fact is no test."""
        if self.fact.levels:
            return "levels"
        return worst([test.verdict for test in self.tests], ("fail", "undecided", "–", "pass"))

    @property
    def off_verdict(self) -> str:
        """Worst verdict with the mechanism off, of the tests that have one."""
        return worst(
            [test.off_verdict for test in self.tests if test.off is not None], ("survives", "undecided", "gone")
        )


def worst(found: Sequence[str], order: Sequence[str]) -> str:
    """First of `order` that was found; a dash where nothing was."""
    return next((verdict for verdict in order if verdict in found), "–")


def judge(found: Estimate, band: tuple[float | None, float | None]) -> Verdict:
    """Tell whether an interval lies in a band, outside it, or across an edge; an open end has none."""
    low, high = (-math.inf if band[0] is None else band[0]), (math.inf if band[1] is None else band[1])
    if not math.isfinite(found.low + found.high):
        return "–"
    if low <= found.low and found.high <= high:
        return "pass"
    return "fail" if found.high < low or found.low > high else "undecided"


def judge_study(study: Study) -> Judged:
    """Put the runs of a study to the tests of its fact; an AnalysisError says what is missing."""
    fact = study.experiment.fact
    if fact is None:
        raise AnalysisError(f"the study '{study.name}' has no section 'fact'")
    tables = Tables(study)
    return Judged(fact, study.name, [try_out(one, tables) for one in fact.asserts])


def try_out(one: Assert, tables: Tables) -> Trial:
    """Make the estimate of a test, with the mechanism on and off."""
    found, seeds = _estimate(one, one.scenarios, tables, off=False)
    off = _estimate(one, one.off, tables, off=True)[0] if one.off and not compares_itself(one) else None
    usual = 1.0 if one.estimator == "ratio" or one.over is not None else 0.0
    nothing = usual if one.nothing is None else one.nothing
    return Trial(one.name, one.estimator, one.band, nothing, one.tolerance, found, off, seeds)


def compares_itself(one: Assert) -> bool:
    """Whether the test with the mechanism off compares scenarios with themselves, and could find nothing else."""
    alike = len(one.off or ()) > 1 and len(set(one.off or ())) == 1
    return alike or any(
        changed is not None and changed.off == one.off and override(one, changed) == one
        for changed in (one.less, one.over)
    )


# ------------------------------------------------------------------------------------------------------------ estimates

Statistic = Callable[[Rows], float]


def _estimate(one: Assert, scenarios: Sequence[str], tables: Tables, *, off: bool) -> tuple[Estimate, int]:
    main = statistic_of(one, scenarios, tables)
    used = set(scenarios)
    parts = []
    for changed in (one.less, one.over):
        if changed is not None:
            others = (changed.off if off else changed.scenarios) or scenarios
            used |= set(others)
            parts.append((changed, statistic_of(override(one, changed), others, tables)))
    rows = tables.seeds_of(used)

    def whole(chosen: Rows) -> float:
        value = main(chosen)
        for changed, part in parts:
            value = value - part(chosen) if changed is one.less else value / part(chosen)
        return value

    return jackknife(whole, rows), rows.size


def jackknife(statistic: Statistic, rows: Rows) -> Estimate:
    """Estimate with its 95 % interval from all seeds and from all but each."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = float(statistic(rows))
        count = rows.size
        if count < 2 or not math.isfinite(value):
            return Estimate(value, math.nan, math.nan)
        without = np.array([statistic(np.delete(rows, place)) for place in range(count)])
    spread = math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    half = float(t_quantile(LEVEL, count - 1)) * spread
    return Estimate(value, value - half, value + half)


def override(one: Assert, changed: Variant) -> Assert:
    """Make the test of something else: only what differs is replaced; of a table of their own rows are chosen anew."""
    same = Variant().model_dump()
    fields = ("outcome", "table", "where", "window", "per", "minus", "weight", "times", "x")
    return one.model_copy(
        update={key: value for key in fields if (value := getattr(changed, key)) not in (None, same[key])}
    )


def statistic_of(one: Assert, scenarios: Sequence[str], tables: Tables) -> Statistic:
    """Make the function that gives the estimate from chosen seeds; groups are ranked in the test's first scenario."""
    kind = one.estimator
    across = one.across if kind in ACROSS or one.weights is not None else None

    def of(quantity: Quantity, scenario: str) -> Parts:
        return tables.parts(quantity, scenario, across, one.scenarios[0])

    main = [of(one, scenario) for scenario in scenarios]
    if kind in ("level", "ratio"):
        below = of(override(one, one.than), scenarios[0]) if one.than else None
        return lambda rows: main[0].mean(rows) / (below.mean(rows) if below else 1.0)
    if kind == "elasticity":
        return _elasticity(one, main, scenarios, of)
    if kind in ("slope", "curvature"):
        term = 1 if kind == "slope" else 2
        return lambda rows: fit(np.array(one.doses), np.array([part.mean(rows) for part in main]), term)
    if kind in ("slope_across", "curvature_across", "correlation_across"):
        x = of(inside(one, one.x), scenarios[0]).like(main[0])
        return lambda rows: across_groups(kind, x.mean(rows), main[0].mean(rows))
    first, second = main[0], main[1].like(main[0])
    if one.weights is not None:
        weights = of(inside(one, one.weights), scenarios[0]).like(first)
        return lambda rows: index(first.mean(rows), second.mean(rows), weights.mean(rows))
    return lambda rows: _PAIRED[kind](first, second, rows)


_PAIRED: Mapping[str, Callable[[Parts, Parts, Rows], float]] = {
    "difference": lambda first, second, rows: second.mean(rows) - first.mean(rows),
    "relative_difference": lambda first, second, rows: second.mean(rows) / first.mean(rows) - 1.0,
    "spread": lambda first, second, rows: math.log(variance(second, rows) / variance(first, rows)),
    "breadth": lambda first, second, rows: equal_groups(second.mean(rows)) / equal_groups(first.mean(rows)) - 1.0,
    "active": lambda first, second, rows: active(second, rows) / active(first, rows) - 1.0,
}


def _elasticity(
    one: Assert, main: Sequence[Parts], scenarios: Sequence[str], of: Callable[[Quantity, str], Parts]
) -> Statistic:
    weights = of(inside(one, one.weights), scenarios[0]).like(main[0]) if one.weights is not None else None

    def change(parts: Sequence[Parts], rows: Rows) -> float:
        first, second = parts[0].mean(rows), parts[1].like(parts[0]).mean(rows)
        return math.log1p(index(first, second, weights.mean(rows))) if weights else math.log(second / first)

    if one.dose is not None:
        below = math.log(one.dose)
        return lambda rows: change(main, rows) / below
    driver = [of(inside(one, one.against), scenario) for scenario in scenarios]
    return lambda rows: change(main, rows) / (change(driver, rows) or 1.0)


def index(first: Floats, second: Floats, weights: Floats) -> float:
    """Relative difference of a mean over groups whose weights are those of the first scenario (Laspeyres)."""
    both = np.isfinite(first) & np.isfinite(second)
    load = np.where(both, np.nan_to_num(weights), 0.0)
    return float((load * np.nan_to_num(second)).sum() / (load * np.nan_to_num(first)).sum()) - 1.0


def fit(x: Floats, y: Floats, term: int) -> float:
    """Slope (1) or second-order term (2) of y over its mean, over x from 0 at its lowest to 1 at its highest."""
    scaled = (x - x.min()) / (x.max() - x.min())
    return float(np.polyfit(scaled, y / y.mean(), term)[0])


def across_groups(kind: str, x: Floats, y: Floats) -> float:
    """Slope or second-order term of y over its mean, over standardised x; or their correlation."""
    there = np.isfinite(x) & np.isfinite(y)
    x, y = x[there], y[there]
    if kind == "correlation_across":
        return float(np.corrcoef(x, y)[0, 1])
    scaled = (x - x.mean()) / x.std()
    return float(np.polyfit(scaled, y / y.mean(), 1 if kind == "slope_across" else 2)[0])


def shares(values: Floats) -> Floats:
    """Shares of groups, the last axis, in their sum."""
    known = np.nan_to_num(values)
    return known / known.sum(-1, keepdims=True)


def variance(parts: Parts, rows: Rows) -> float:
    """Variance across seeds of the shares of the groups, added up."""
    return float(shares(parts.above[rows]).var(0, ddof=1).sum())


def equal_groups(values: Floats) -> float:
    """Number of equal groups that would be as concentrated: inverse of the Herfindahl index."""
    return float(1.0 / (shares(values) ** 2).sum())


def active(parts: Parts, rows: Rows) -> float:
    """Mean number of groups with any."""
    return float((np.nan_to_num(parts.above[rows]) > 0).sum(-1).mean())


# --------------------------------------------------------------------------------------------------------------- tables


@dataclass(frozen=True)
class Parts:
    """A quantity by seed, and by group where it has groups: what stands above and below the line."""

    # above, below: of shape (seeds,) or (seeds, groups); not a number where there is no run or nothing to measure
    above: Floats
    below: Floats
    groups: tuple[str, ...] = ()  # names of the groups, in order

    def mean(self, rows: Rows) -> Any:
        """Ratio of the means over seeds: a number, or one a group."""
        both = np.isfinite(self.above) & np.isfinite(self.below)
        above, below = (np.where(both, part, np.nan)[rows] for part in (self.above, self.below))
        with np.errstate(all="ignore"):
            return np.nanmean(above, 0) / np.nanmean(below, 0)

    def like(self, other: Parts) -> Parts:
        """The same with the groups of another, blank where it does not have one."""
        if self.groups == other.groups:
            return self
        places = {name: place for place, name in enumerate(self.groups)}
        take = [places.get(name, -1) for name in other.groups]
        missing = np.array(take) < 0
        above, below = (np.where(missing, np.nan, part[:, take]) for part in (self.above, self.below))
        return Parts(above, below, other.groups)


def inside(outer: Quantity, value: object) -> Quantity:
    """Read a quantity that stands in another, whose table, rows and window it has unless it says otherwise."""
    given = Quantity(outcome=value) if isinstance(value, str) else Quantity.model_validate(value)
    same_table = given.table is None or given.table == outer.table
    return given.model_copy(
        update={
            "table": given.table or outer.table,
            "where": given.where if given.where is not None or not same_table else outer.where,
            "window": given.window or outer.window,
        }
    )


class Tables:
    """Quantities of a study, each read once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        design = study.design
        self.seeds = np.unique(design["replicate"].to_numpy(np.int64))
        done = design[design["status"] == "done"]
        self._there = {
            str(name): np.isin(self.seeds, rows["replicate"].to_numpy(np.int64))
            for name, rows in done.groupby("scenario")
        }
        self._frames: dict[tuple[str, str, tuple[str, ...]], pd.DataFrame] = {}
        self._groups: dict[str, tuple[str, ...]] = {}

    def seeds_of(self, scenarios: set[str]) -> Rows:
        """Places of the seeds that all these scenarios have; an AnalysisError says that there are none."""
        there = np.ones(self.seeds.size, bool)
        for name in scenarios:
            there &= self._there.get(name, np.zeros(self.seeds.size, bool))
        if not there.any():
            raise AnalysisError(f"no seed of '{self.study.name}' has finished runs of {', '.join(sorted(scenarios))}")
        return np.flatnonzero(there)

    def parts(self, quantity: Quantity, scenario: str, across: str | None, ranked_by: str) -> Parts:
        """Measure a quantity in a scenario, seed by seed, and group by group if it is to be compared across them."""
        if isinstance(quantity.outcome, str):
            found = self._sum(quantity, scenario, across, ranked_by)
        else:  # a quantity that is written out stands in the table, rows and months of this one
            bare = quantity.model_copy(update={"per": None, "minus": None})
            inner = self.parts(inside(bare, quantity.outcome), scenario, across, ranked_by)
            found = Parts(quantity.times * inner.above, inner.below, inner.groups)
        if quantity.minus is not None:
            off = self.parts(inside(quantity, quantity.minus), scenario, across, ranked_by).like(found)
            found = Parts(found.above / found.below - off.above / off.below, np.ones_like(found.above), found.groups)
        if quantity.per is None:
            return found
        per = self.parts(inside(quantity, quantity.per), scenario, across, ranked_by).like(found)
        return Parts(found.above / found.below, per.above / per.below, found.groups)

    def _sum(self, quantity: Quantity, scenario: str, across: str | None, ranked_by: str) -> Parts:
        """Add rows and months up: flows as they are, stocks as a mean of months, levels by their weights."""
        name, table = str(quantity.outcome), quantity.table or "national"
        kind, weight = _kind_of(name, table, quantity.weight)
        frame = self._frame(table, scenario, tuple(dict.fromkeys((name, *([weight] if weight else [])))))
        frame = self._rows(frame, quantity, ranked_by)
        own, whole = quantity.window or Window(), self.study.experiment.window
        first, last = own.from_ or whole[0], own.until or whole[1]
        months = parse_month(last) - parse_month(first) + 1
        frame = frame[is_inside(frame["month"], (first, last))]
        value = frame[name].to_numpy(np.float64)
        if kind == "level":
            load = frame[weight].to_numpy(np.float64) if weight else np.ones(value.size)
            load = np.where(np.isfinite(value), load, 0.0)
            value = np.nan_to_num(value) * load
        else:
            load = np.zeros(value.size)
        seed = np.searchsorted(self.seeds, frame["replicate"].to_numpy(np.int64))
        groups: tuple[str, ...] = ()
        shape: tuple[int, ...] = (self.seeds.size,)
        place: Any = seed
        across = _COLUMN.get((table, across or ""), across)
        if across is not None and across in frame:
            groups = self._names(table, across)
            shape = (*shape, len(groups))
            labels = pd.Categorical(frame[across])
            codes = np.array([groups.index(str(group)) for group in labels.categories], np.int64)
            place = (seed, codes[labels.codes])
        above, below = np.zeros(shape), np.zeros(shape)
        np.add.at(above, place, value)
        np.add.at(below, place, load)
        if kind == "level":
            if not weight:  # a price by month: its mean over months is one number a seed
                above, below = above / np.where(below > 0, below, np.nan), np.ones(shape)
            else:
                below = np.where(below > 0, below, np.nan)
        else:
            above, below = above / (months if kind == "stock" else 1), np.ones(shape)
        missing = ~self._there.get(scenario, np.zeros(self.seeds.size, bool))
        above[missing] = np.nan
        return Parts(quantity.times * above, below, groups)

    def _frame(self, table: str, scenario: str, columns: tuple[str, ...]) -> pd.DataFrame:
        key = (table, scenario, columns)
        if key not in self._frames:
            frame = self.study.table(table, columns=columns, scenarios=[scenario])
            self._frames[key] = frame.drop(columns=[name for name in UNUSED if name in frame])
        return self._frames[key]

    def _names(self, table: str, across: str) -> tuple[str, ...]:
        """Names of the groups of a column, in all scenarios, one after the other: a table of journeys is long."""
        key = f"{table}/{across}"
        if key not in self._groups:
            found: set[str] = set()
            for scenario in self._there:
                found.update(map(str, self.study.table(table, columns=[], scenarios=[scenario])[across].unique()))
            self._groups[key] = tuple(sorted(found))
        return self._groups[key]

    def _rows(self, frame: pd.DataFrame, quantity: Quantity, ranked_by: str) -> pd.DataFrame:
        for key, wanted in (quantity.where or {}).items():
            if isinstance(wanted, Mapping):
                chosen = self._ranked(key, Ranked.model_validate(wanted), quantity, ranked_by)
            else:
                chosen = {str(one) for one in (wanted if isinstance(wanted, list | tuple) else [wanted])}
                self._know(key, chosen, quantity.table or "national")
            frame = frame[frame[key].isin([one for one in frame[key].unique() if str(one) in chosen])]
        return frame

    def _know(self, key: str, chosen: set[str], table: str) -> None:
        """Refuse names that no run has, in the tables that list every place: nothing would be counted for them."""
        if table in PLACES:
            known = self._names(table, key)
            for name in sorted(chosen - set(known)):
                raise AnalysisError(f"a test of '{self.study.name}' counts {no_such(key, name, known)}")

    def _ranked(self, key: str, ranked: Ranked, quantity: Quantity, ranked_by: str) -> set[str]:
        """Choose groups by the data, or by what they had in the first scenario over the months of the quantity."""
        everyone = self._names(quantity.table or "national", key)
        if ranked.data is not None:
            values = data_on_districts()[ranked.data]
            order = sorted((name for name in everyone if name in values), key=lambda name: (values[name], name))
            return share_of(order, ranked)
        bare = quantity.model_copy(update={"where": None, "per": None, "minus": None})
        parts = self.parts(inside(bare, ranked.of), ranked_by, key, ranked_by)
        value = parts.mean(self.seeds_of({ranked_by}))
        order = [name for _, name in sorted(zip(np.nan_to_num(value).tolist(), parts.groups, strict=True))]
        order = [name for name in everyone if name not in order] + [name for name in order if name in everyone]
        return share_of(order, ranked)


def share_of(order: Sequence[str], ranked: Ranked) -> set[str]:
    """Choose the highest, lowest or middle share of groups in rising order."""
    if ranked.highest is not None:
        return set(order[len(order) - round(ranked.highest * len(order)) :])
    if ranked.lowest is not None:
        return set(order[: round(ranked.lowest * len(order))])
    assert ranked.middle is not None
    left = round((1 - ranked.middle) / 2 * len(order))
    return set(order[left : len(order) - left])


PLACES = ("district", "route", "leg", "destination", "stream")
"""Tables with a row for every place and month."""

UNUSED = ("run_id", "scenario", "point", "journey", "ended")  # columns of tables that no test looks at

_COLUMN = {("flows", "unit"): "origin", ("journeys", "unit"): "origin", ("district", "origin"): "unit"}
"""What the column of districts is called in a table, where a test groups by the one of another table."""


def _kind_of(name: str, table: str, weight: str | None) -> tuple[str, str | None]:
    """Kind of a column, and the column by which it is weighted over rows."""
    if table in ("flows", "journeys"):
        return ("flow", None) if name == PERSONS else ("level", weight or PERSONS)
    outcome = outcome_named(name)
    kind = outcome.kind if outcome else "flow"
    return kind, (weight or (outcome.mean_of if outcome else None)) if kind == "level" and table != "national" else None


# --------------------------------------------------------------------------------------------------------------- tables

COLUMNS = (
    "id", "name", "test", "estimator", "estimate", "low", "high", "band_low", "band_high", "verdict",
    "off_estimate", "off_low", "off_high", "off_verdict", "seeds",
    "fact", "fact_off", "statement", "citation", "grade", "off", "cause",
)  # fmt: skip
"""Columns of facts.csv: of the test, and, from `fact` on, of its fact, the verdicts first."""

DIGITS = 6


def frame_of_facts(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row a test."""
    rows = []
    for one in judged:
        fact = one.fact
        for test in one.tests:
            off = test.off or Estimate(math.nan, math.nan, math.nan)
            numbers = [*test.found, *(math.nan if end is None else end for end in test.band)]
            rows.append(
                (
                    fact.id, one.name, test.name, test.estimator, *(float(f"{x:.{DIGITS}g}") for x in numbers),
                    "levels" if fact.levels else test.verdict,
                    *(float(f"{x:.{DIGITS}g}") for x in off), test.off_verdict, test.seeds,
                    one.verdict, one.off_verdict, fact.statement, fact.citation, fact.grade, fact.off, fact.cause,
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def are_gone(count: int) -> str:
    """Words behind the number of facts that pass, and do not with their mechanism off."""
    return "passes and is gone" if count == 1 else "pass and are gone"


def count_verdicts(facts: Collection[tuple[str, str]]) -> tuple[list[str], int]:
    """Count facts, of which there is the verdict with and without the mechanism.

    Returns how many pass, are undecided and fail, in words, and the number of those that pass and are gone without.
    """
    words = [f"{sum(found == word for found, _ in facts)} {word}" for word in ("pass", "undecided", "fail")]
    return words, sum(found == ("pass", "gone") for found in facts)


def table_of_facts(judged: Sequence[Judged]) -> TextTable:
    """Table of all tests, and below it how many facts pass."""
    rows = [
        [
            f"{one.fact.id} {plain(test.name)}",
            estimate(*test.found),
            band_in_words(test.band),
            "levels" if one.fact.levels else test.verdict,
            "–" if test.off is None else estimate(*test.off),
            test.off_verdict,
        ]
        for one in judged
        for test in one.tests
    ]
    tests = [(one.verdict, one.off_verdict) for one in judged if not one.fact.levels]
    counts, sound = count_verdicts(tests)
    notes = [
        f"{counted(len(tests), 'fact')}: {', '.join(counts)}; {sound} {are_gone(sound)} with the mechanism off",
        *(f"{one.fact.id}: {one.fact.cause}" for one in judged if one.fact.cause and one.verdict != "pass"),
    ]
    columns = ("fact", "estimate [95 %]", "band", "verdict", "mechanism off [95 %]", "off")
    return TextTable("Facts", columns, rows, (1, 4), notes)


def band_in_words(band: tuple[float | None, float | None]) -> str:
    """Write a band: ``0.1 to 0.35``, ``above 0``, ``below 1``."""
    low, high = (
        None
        if end is None or math.isnan(end)
        else (f"{end:,.0f}" if abs(end) >= 1000 else f"{end:.4g}").replace("-", MINUS)
        for end in band
    )
    if low is None:
        return f"below {high}"
    return f"above {low}" if high is None else f"{low} to {high}"
