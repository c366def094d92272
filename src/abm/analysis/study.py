"""Comparison and sensitivity of a study on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from abm.analysis.compare import Comparison, compare_panel
from abm.analysis.interval_choice import IntervalChoice, Points
from abm.analysis.sensitivity import Sensitivity, analyse_panel
from abm.analysis.source import Source
from abm.analysis.window import WindowLike
from abm.analysis.wording import Note
from abm.config import Config
from abm.config.wording import either
from abm.experiments.intervals import Method
from abm.results.readings import readings_of

if TYPE_CHECKING:
    from abm.experiments.dataset import Study


def compare_study(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    interval: Method | str = "t",
    level: float = 0.95,
) -> Comparison:
    """Compare the scenarios of a study with its reference; see `abm.compare`."""
    source = Source.open(study)
    found = source.outcomes(outcomes)
    points: Points = "random"
    together = 1
    if source.experiment.design is not None:
        factors = source.factors()
        points = "random" if factors.are_drawn else "fixed"
        together = factors.together
    comparison = compare_panel(
        source.panel(found, costs=True),
        found,
        name=source.experiment.name,
        window=source.window(window),
        intervals=IntervalChoice(level, interval, points, together),
    )
    notes = (
        *_levels_in_words(source, found),
        *_confounded(source),
        *_rule_in_words(source, len(comparison.panel.replicates)),
    )
    return replace(comparison, notes=(*comparison.notes, *notes))


def _levels_in_words(source: Source, outcomes: Iterable[str]) -> list[Note]:
    """Say of streams beside the smuggling of migrants what their levels rest on, and of which nothing is simulated."""
    catalogue, scenarios = Config.catalogue, source.experiment.scenarios.values()
    by_stream: dict[str, list[str]] = {}
    for name in outcomes:
        section = catalogue.recorder.get(name)
        if section and not catalogue.mechanisms[section].on_by_default:
            by_stream.setdefault(section, []).append(name)
    notes = []
    for section, names in by_stream.items():
        if not any(catalogue.is_on(section, config) for config in scenarios):
            text = f"{either(names, 'and')}: not simulated, as mechanism '{section}' is off in all scenarios"
            notes.append(Note(text, outcomes=names))
            continue
        readings = {found[section] for config in scenarios if section in (found := readings_of(config))}
        if readings:
            named = sorted(readings - {""})
            read = f", reading {either(named, 'and')}" if named else ""
            notes.append(Note(f"{either(names, 'and')}: levels are assumed{read}", outcomes=names))
    return notes


def _confounded(source: Source) -> list[Note]:
    """Name parameters that vary on one side of a difference only: their effect is in it."""
    names = tuple(source.experiment.scenarios)
    notes = []
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
            notes.append(Note(text, "differences"))
    return notes


def _rule_in_words(source: Source, made: int) -> list[Note]:
    """Say by what rule replicates were made, if by one."""
    replicates = source.experiment.replicates
    if replicates.until is None:
        return []
    rule = replicates.until
    width = f"{100 * rule.half_width:g} % of the reference" if rule.relative else f"{rule.half_width:,g}"
    who = f" of {rule.scenario}" if rule.scenario else ""
    limit = ", the most that were allowed" if made == replicates.at_most else ""
    text = (
        f"{made:,} replicates{limit}: made until {rule.outcome}{who} differed from the reference within ±{width} at "
        f"{100 * rule.confidence:g} %"
    )
    return [Note(text, "differences")]


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
    factors = source.factors()
    found = source.outcomes(outcomes)
    return analyse_panel(
        source.panel(found),
        factors,
        found,
        name=source.experiment.name,
        window=source.window(window),
        scenario=scenario,
        difference=difference,
        level=level,
    )
