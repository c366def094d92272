"""Comparison and sensitivity of a study on the disk: which outcomes, which months, how points were drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from abm.analysis.compare import Comparison, compare_panel, is_cost, totals_of
from abm.analysis.factors import FactorTable
from abm.analysis.naming import Names
from abm.analysis.panel import Draws, IntervalChoice, Panel, Window, WindowLike, as_window
from abm.analysis.sensitivity import Sensitivity, analyse_panel
from abm.analysis.wording import Note
from abm.config import Config
from abm.config.names import load_names
from abm.config.wording import did_you_mean, either
from abm.declare import Outcome
from abm.engine.errors import AnalysisError
from abm.engine.measures import IN_FORCE_PREFIX
from abm.experiments.check import USUAL
from abm.experiments.dataset import Study, open_study
from abm.experiments.intervals import Points
from abm.experiments.settings import PosteriorDesign
from abm.experiments.spec import Experiment
from abm.month import OUTCOMES, outcome_named
from abm.results.headlines import readings_of

NATIONAL, DISTRICT = "national", "district"

By = Literal["district", "province"]
"""Places by which a comparison is made, beside the whole."""

DRAWN = ("lhs", "sobol", "halton", "saltelli", "morris", "posterior")
"""Designs whose points are a sample of what is uncertain, and not chosen."""

CORRELATED = 0.3  # correlation of two factors from which on it is reported


NO_DISTRICTS = (
    "the study '{}' keeps no table of districts; add `tables: [district]` to its YAML and start 'abm sweep' again"
)


@dataclass(frozen=True)
class Source:
    """A study as analyses see it."""

    study: Study
    # one row a planned run, as the files tell now; of a study that stops by a rule, the replicates begun
    design: pd.DataFrame
    units: tuple[str, ...] = ()  # districts that are looked at; the nation if there are none

    @classmethod
    def open(cls, study: str | os.PathLike[str] | Study, where: Sequence[str] = ()) -> Source:
        """Open a study, as a whole or for the districts and provinces named.

        An OutputError says that the folder holds none; an AnalysisError, that there is no such place, or no table of
        districts.
        """
        found = study if isinstance(study, Study) else open_study(study)
        design = found.design
        if found.experiment.replicates.until is not None:  # replicates without any run may never be wanted
            made = design.loc[design["status"] != "planned", "replicate"]
            design = design[design["replicate"] <= (made.max() if len(made) else -1)].reset_index(drop=True)
        source = cls(found, design, districts_of(where))
        if source.units and not source.columns:
            raise AnalysisError(NO_DISTRICTS.format(found.name))
        return source

    @property
    def experiment(self) -> Experiment:
        """What is studied."""
        return self.study.experiment

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that is looked at."""
        return tuple(self.study.columns(self.table))

    @property
    def table(self) -> str:
        """Name of the table that is looked at."""
        return DISTRICT if self.units else NATIONAL

    def window(self, given: WindowLike) -> Window:
        """The user's window, else the experiment's."""
        return as_window(given if given is not None else self.experiment.window)

    def outcomes(self, wanted: Sequence[str]) -> dict[str, Outcome]:
        """Look outcomes up: the user's (AnalysisError if one is not there), the experiment's, or the usual ones."""
        wanted = (wanted,) if isinstance(wanted, str) else wanted  # one name is a sequence of letters
        known = [name for name in self.columns if outcome_named(name)]
        problems = [self._unknown(name, known) for name in dict.fromkeys(wanted) if name not in known]
        if problems:
            raise AnalysisError("\n".join(problems))
        chosen = wanted or [name for name in self.experiment.outcomes or USUAL if name in known]
        found = {name: outcome_named(name) for name in chosen}
        return {name: outcome for name, outcome in found.items() if outcome}

    def _unknown(self, name: str, known: Iterable[str]) -> str:
        here = f"the study '{self.experiment.name}'"
        if name in OUTCOMES:
            why = f"it is kept by {OUTCOMES[name].over}, or its mechanism is switched off"
            return f"{here} does not hold outcome '{name}' in its table '{self.table}': {why}"
        return f"{here} holds no outcome '{name}'{did_you_mean(name, known)}  (abm describe outcomes)"

    def panel(self, outcomes: Iterable[str], *, costs: bool = False) -> Panel:
        """Read outcomes of all runs, and what policies cost if that is wanted and recorded.

        Of districts counts are added up, and means weighted as those of the nation are.
        """
        if self.units:
            table, weights = self._of_districts(tuple(outcomes))
            return self._panel_of(table, weights)
        wanted = list(dict.fromkeys([*outcomes, *(name for name in self.columns if costs and is_cost(name))]))
        table = self.study.table(NATIONAL, columns=wanted)
        # a run without a lever has no column of it, nor cost
        of_levers = [name for name in wanted if is_cost(name) or name.startswith(IN_FORCE_PREFIX)]
        table[of_levers] = table[of_levers].fillna(0)
        return Panel.of(self.design, table, wanted, self.experiment.reference)

    def of_districts(self, outcomes: Iterable[str]) -> tuple[str, ...]:
        """Those of the outcomes that the study keeps by district; an AnalysisError says that it keeps none."""
        there = self.study.columns(DISTRICT)
        if not there:
            raise AnalysisError(NO_DISTRICTS.format(self.study.name))
        here = tuple(name for name in outcomes if name in there)
        if not here:
            known = either([name for name in there if outcome_named(name)][:MOST_NAMED], "and")
            raise AnalysisError(
                f"the study '{self.study.name}' keeps none of these outcomes by district; it has {known} …"
            )
        return here

    def panels(self, outcomes: Iterable[str], by: By) -> Iterator[tuple[str, Panel]]:
        """Panels of each district or province looked at, in order; of the outcomes that districts have."""
        here = self.of_districts(outcomes)
        table, weights = self._of_districts(here)
        places = table["unit"].astype(str)
        for place, rows in table.groupby(places if by == DISTRICT else places.map(load_names().province_of)):
            yield str(place), self._panel_of(rows, weights)

    def _of_districts(self, outcomes: tuple[str, ...]) -> tuple[pd.DataFrame, dict[str, str | None]]:
        """Rows of the districts looked at, and what each outcome is a mean of, None if it is a count."""
        weights = {name: OUTCOMES[name].mean_of for name in outcomes}
        columns = list(dict.fromkeys([*outcomes, *filter(None, weights.values())]))
        table = self.study.table(DISTRICT, columns=columns, once=True)
        if not self.units:
            return table, weights
        simulated = table["unit"].astype(str).unique().tolist()
        if simulated and not set(self.units) & set(simulated):
            where = either(simulated[:MOST_NAMED], "and") + (" …" if len(simulated) > MOST_NAMED else "")
            raise AnalysisError(f"no district that was asked for is simulated; the study has {where}")
        return table[table["unit"].isin(self.units)], weights

    def _panel_of(self, table: pd.DataFrame, weights: Mapping[str, str | None]) -> Panel:
        """Panel of districts together: counts are added up, and means weighted as those of the nation are."""
        means = {name: weight for name, weight in weights.items() if weight}
        table = table.assign(**{name: table[name] * table[weight] for name, weight in means.items()})
        columns = list(dict.fromkeys([*weights, *means.values()]))
        table = table.groupby(["run_id", "month"], observed=True)[columns].sum(min_count=1).reset_index()
        for name, weight in means.items():
            table[name] /= table[weight]
        return Panel.of(self.design, table, tuple(weights), self.experiment.reference)

    def draws(self) -> Draws | None:
        """Tell which points are the same draw of a posterior, and the same run; None where they are no draws."""
        if not isinstance(self.experiment.design, PosteriorDesign):
            return None
        numbers = np.unique(self.factors().values, axis=0, return_inverse=True)[1]
        runs = self.design.drop_duplicates(["point", "replicate"])
        seeds = runs.pivot(index="point", columns="replicate", values="seed").to_numpy(np.int64)
        return Draws(tuple(numbers.ravel().tolist()), seeds)

    def factors(self) -> FactorTable:
        """Factors and their values at the points, in their order; an AnalysisError says that there are none."""
        experiment = self.experiment
        if experiment.design is None or not experiment.factors:
            raise AnalysisError(
                f"the study '{experiment.name}' has no factors, so that there is nothing that its outcomes could be "
                "sensitive to; add `factors` and a `design` to its YAML"
            )
        names = tuple(factor.name for factor in experiment.factors)
        # A factor is blank in the rows of scenarios in which it does not vary.
        by_point = self.design.groupby("point", sort=True)[list(names)].first()
        return FactorTable(
            names=names,
            values=by_point.to_numpy(np.float64),
            method=str(experiment.method),
            levels=int(getattr(experiment.design, "levels", None) or 4),
            nested=isinstance(experiment.design, PosteriorDesign) and bool(experiment.design.seeds),
            varies_in={factor.name: factor.scenarios for factor in experiment.factors},
        )


MOST_NAMED = 8
"""Districts that a message names at most."""


def districts_of(where: Sequence[str]) -> tuple[str, ...]:
    """Districts named, by themselves or by their provinces; an AnalysisError says which place there is none of."""
    province_of = load_names().province_of
    known = dict.fromkeys([*province_of, *province_of.values()])
    unknown = [
        f"there is no district or province '{name}'{did_you_mean(name, known)}" for name in where if name not in known
    ]
    if unknown:
        raise AnalysisError("\n".join(unknown))
    return tuple(dict.fromkeys(unit for name in where for unit, own in province_of.items() if name in (unit, own)))


def compare_study(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    where: Sequence[str] = (),
    by: By | None = None,
    level: float = 0.95,
) -> Comparison:
    """Compare the scenarios of a study with its reference; see `abm.compare`."""
    source = Source.open(study, where)
    found = source.outcomes(outcomes)
    by_place = source.of_districts(found) if by else ()
    how, draws = IntervalChoice(level), source.draws()
    if source.experiment.design is not None:
        factors = source.factors()
        points: Points = "nested" if factors.nested else "random" if factors.method in DRAWN else "fixed"
        how = replace(how, points=points, together=factors.together)
    if draws:
        how = replace(how, clusters=draws.numbers, seeds=tuple(map(tuple, draws.seeds.tolist())))
    panel, name = source.panel(found, costs=True), source.experiment.name
    comparison = compare_panel(panel, found, name=name, window=source.window(window), intervals=how, draws=draws)
    made = len(comparison.panel.replicates)
    notes = (*_levels_in_words(source, found), *_confounded(source), *_rule_in_words(source, made))
    if where:
        notes = (Note(f"of {either(where, 'and')} alone; costs are not recorded by district"), *notes)
    places = None
    if by:
        if lacking := [name for name in found if name not in by_place]:
            notes = (*notes, Note(f"not by {by}: {either(lacking, 'and')}, which districts do not have"))
        chosen = source.window(window)
        totals = {place: totals_of(here.within(chosen), found, how) for place, here in source.panels(found, by)}
        places = pd.concat(totals, names=[by]).reset_index(by)
    names = Names.of(source.experiment)
    return replace(comparison, notes=(*comparison.notes, *notes), names=names, places=places)


def _levels_in_words(source: Source, outcomes: Iterable[str]) -> Iterator[Note]:
    """Say of streams beside the smuggling of migrants what their levels rest on, and of which nothing is simulated."""
    catalogue, scenarios = Config.catalogue, source.experiment.scenarios.values()
    by_stream: dict[str, list[str]] = {}
    for name in outcomes:
        section = catalogue.section_of_outcome.get(name)
        if section and not catalogue.mechanisms[section].on_by_default:
            by_stream.setdefault(section, []).append(name)
    for section, names in by_stream.items():
        if not any(catalogue.is_on(section, config) for config in scenarios):
            text = f"{either(names, 'and')}: not simulated, as mechanism '{section}' is off in all scenarios"
            yield Note(text, outcomes=names)
            continue
        readings = {found[section] for config in scenarios if section in (found := readings_of(config))}
        if readings:
            named = sorted(readings - {""})
            read = f", reading {either(named, 'and')}" if named else ""
            yield Note(f"{either(names, 'and')}: levels are assumed{read}", outcomes=names)


def _confounded(source: Source) -> Iterator[Note]:
    """Name parameters that vary on one side of a difference only: their effect is in it."""
    names = tuple(source.experiment.scenarios)
    for factor in source.experiment.factors:
        if factor.name.startswith("levers."):
            continue
        varies = [name in factor.scenarios for name in names]
        apart = [name for name, there in zip(names[1:], varies[1:], strict=True) if there != varies[0]]
        if apart:
            here, there = either(names[:1]), either(apart, "and")
            if not varies[0]:
                here, there = there, here
            text = f"{factor.name} varies in {here} and not in {there}: the difference holds its effect too"
            yield Note(text, "differences")


def _rule_in_words(source: Source, made: int) -> Iterator[Note]:
    rule = source.experiment.replicates.until
    if rule is None:
        return
    width = f"{100 * rule.half_width:g} % of the reference" if rule.relative else f"{rule.half_width:,g}"
    who = f" of {rule.scenario}" if rule.scenario else ""
    limit = ", the most that were allowed" if made == source.experiment.replicates.at_most else ""
    text = (
        f"{made:,} replicates{limit}; the aim was to know the difference in {rule.outcome}{who} to within ±{width} at "
        f"{100 * rule.confidence:g} %"
    )
    yield Note(text, "differences")


def analyse_study(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    scenario: str | None = None,
    difference: bool = False,
    level: float = 0.95,
) -> Sensitivity:
    """Explain the outcomes of a study by its factors; see `abm.sensitivity`."""
    source = Source.open(study)
    factors, draws = source.factors(), source.draws()
    found = source.outcomes(outcomes)
    panel = source.panel(found)
    if draws:  # a draw that stands there twice tells no more than once
        panel = panel.distinct(draws)
        factors = replace(factors, values=np.unique(factors.values, axis=0))
    name, months = source.experiment.name, source.window(window)
    sensitivity = analyse_panel(
        panel, factors, found, name=name, window=months, scenario=scenario, difference=difference, level=level
    )
    notes = (*sensitivity.notes, *_correlated(factors))
    return replace(sensitivity, notes=notes, names=Names.of(source.experiment))


def _correlated(factors: FactorTable) -> Iterator[Note]:
    """Name the two factors of draws of a posterior that go together most, if they do."""
    count = len(factors.names)
    if factors.method != "posterior" or count < 2 or (np.ptp(factors.values, axis=0) == 0).any():
        return
    found = np.triu(np.corrcoef(factors.values.T), 1)
    one, other = np.unravel_index(np.argmax(np.abs(found)), found.shape)
    if abs(found[one, other]) > CORRELATED:
        pair = either((factors.names[one], factors.names[other]), "and")
        text = (
            f"draws of a posterior are not independent: {pair} have a correlation of {found[one, other]:.2f}, and the "
            "index of one may hold what the other does"
        )
        yield Note(text, "indices")
