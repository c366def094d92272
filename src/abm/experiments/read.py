"""From the YAML of an experiment to a checked `Experiment`, or to a list of everything that is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from abm.config import Config
from abm.config.check_drivers import changed_bases, take_up_drivers
from abm.config.check_levers import partly_acting
from abm.config.explain import read_part
from abm.config.fields import keys_of
from abm.config.finding import Finding
from abm.config.idle import neutral_levers, settings_of, tell
from abm.config.load import NO_BASE, examine, is_experiment, is_extension, refuse_mixture
from abm.config.packages import KEY, Expansion, fold, put_in
from abm.config.posterior import KEY as PARAMETERS
from abm.config.posterior import Drawn, take_up_posterior
from abm.config.wording import described
from abm.config.yaml_source import YamlSource, read_yaml
from abm.engine.errors import MOST_PROBLEMS, ConfigError, Problem, by_place
from abm.experiments.check import (
    check_design,
    check_outcomes,
    check_size,
    few_points,
    read_engine,
    read_replicates,
    read_window,
)
from abm.experiments.check_fact import read_fact
from abm.experiments.check_factors import check_factors
from abm.experiments.design import count_points
from abm.experiments.draws import read_draws, set_in_base
from abm.experiments.factors import Factor
from abm.experiments.scenarios import ALL_ALIKE, NOT_HERE, CheckedScenario, Scenario, make_scenario
from abm.experiments.settings import TABLES, DesignSettings, ExperimentSettings, HaltonDesign, LhsDesign, SobolDesign
from abm.experiments.spec import Experiment
from abm.month import LEVERS
from abm.places.places import places_of
from abm.results.manifest import canonical_json

NO_POINTS = "a fact is tested on scenarios alone; leave its 'design' or 'parameters' out"
CALIBRATION = "calibration"  # key that makes an experiment a calibration (`abm.calibration`)


@dataclass
class _Problems:
    """Everything that is wrong so far, each thing once."""

    source: YamlSource
    found: list[Problem] = field(default_factory=list)

    def tell(self, findings: Iterable[Finding], source: YamlSource | None = None) -> None:
        """Add findings about a file, by default the experiment's; none about what stands in for an unreadable value."""
        source = source or self.source
        for finding in findings:
            if not any(finding.path[:length] in source.unread for length in range(1, len(finding.path) + 1)):
                self.add(source.problem(finding.message, finding.path))

    def take[T](self, read: tuple[T, Iterable[Finding]]) -> T:
        """Give what was read, and add the findings about it."""
        self.tell(read[1])
        return read[0]

    def add(self, problem: Problem) -> None:
        """Add a problem; a ConfigError ends reading when there are more than anybody reads."""
        if problem not in self.found:
            self.found.append(problem)
        if len(self.found) > MOST_PROBLEMS:
            raise self.error()

    def error(self) -> ConfigError:
        """All of them, in the order of the file; those of the base come first, since others may follow from them."""
        here = self.source.file
        return ConfigError(sorted(self.found, key=lambda found: (found.file == here, by_place(found))))


@dataclass(frozen=True)
class _Base:
    """The base of all scenarios, with its packages and its draw put in, and its file if there is one."""

    put: Expansion
    source: YamlSource | None = None
    drawn: Drawn = field(default_factory=Drawn)


def load_experiment(path: str | Path) -> Experiment:
    """Read an experiment from a YAML file.

    A ConfigError has everything that is wrong in the file, in its base, and in the configuration of every scenario:
    place, path, what was expected, the nearest valid name. A SettingNote warns of each setting that has no effect in
    any scenario, as its mechanism is switched off in all of them.
    """
    source = read_yaml(path)
    if isinstance(source.data, dict) and CALIBRATION in source.data:
        message = "this is a calibration; 'abm calibrate' fits it, and 'abm sweep' makes the runs of an experiment"
        raise ConfigError([source.problem(message, (CALIBRATION,))])
    return read_experiment(source, path)


def as_experiment(given: str | os.PathLike[str] | Experiment) -> Experiment:
    """Take an experiment, or read it from its file."""
    return given if isinstance(given, Experiment) else load_experiment(Path(given))


def read_experiment(source: YamlSource, path: str | Path) -> Experiment:
    """Read an experiment from YAML that was parsed; see `load_experiment`."""
    raw = source.data
    if not isinstance(raw, dict):
        message = f"expected settings (key: value); found {described(raw)}"
        raise ConfigError([Problem(message, file=source.file, line=1, column=1)])
    if is_extension(raw):
        raise ConfigError([source.problem(NO_BASE, ("base",))])
    if raw and not is_experiment(raw) and set(raw) <= {*keys_of(Config), KEY}:
        message = "this is a configuration; 'abm run' makes its run, and 'abm sweep' those of an experiment"
        raise ConfigError([Problem(message, file=source.file)])
    refuse_mixture(source, Config)
    problems = _Problems(source, list(source.problems))
    head, findings = read_part(ExperimentSettings, raw, ())
    problems.tell(_worded(findings))
    base = _read_base(raw, problems)
    scenarios = _read_scenarios(raw, base, problems)
    configs = {name: found.config for name, found in scenarios.items()}
    if raw.get(PARAMETERS) is None:
        factors = problems.take(check_factors(raw.get("factors"), scenarios))
        design = problems.take(check_design(raw.get("design"), factors, raw.get("factors")))
    else:
        design, factors = problems.take(read_draws(raw, os.path.dirname(source.file), scenarios))
        if base and base.source and not base.drawn.findings:
            problems.tell(set_in_base(factors, base.put.data, base.drawn.paths), base.source)
    replicates = problems.take(read_replicates(raw.get("replicates", 1), configs))
    problems.tell(check_outcomes(raw.get("outcomes"), configs))
    window = problems.take(read_window(raw.get("window"), configs))
    engine = problems.take(read_engine(raw.get("engine", {})))
    fact = problems.take(read_fact(raw.get("fact"), configs, head.tables if head else ()))
    if fact and design:
        problems.tell([Finding(("fact",), NO_POINTS)])
    if not problems.found and replicates:
        problems.tell(check_size(design, factors, len(scenarios), replicates.at_most))
    if problems.found or not (head and replicates and window and engine):
        raise problems.error()
    notes = _idle_settings(scenarios, source, base or _Base(Expansion({})))
    notes |= set(_notes_on_design(design, factors, source))
    notes |= set(_neutral_levers(scenarios, factors, source))
    notes |= set(_same_scenarios(scenarios, factors, source))
    notes |= set(_of_scenarios(scenarios, source))
    tell(notes)
    return Experiment(
        name=head.name,
        description=head.description,
        scenarios={name: found.resolved for name, found in scenarios.items()},
        design=design,
        factors=tuple(factors),
        replicates=replicates,
        outcomes=head.outcomes,
        tables=head.tables,
        window=window,
        engine=engine,
        text=source.text,
        source=Path(path),
        fact=fact,
        labels={name: found.scenario.label for name, found in scenarios.items() if found.scenario.label},
    )


def _worded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Say of settings of a configuration where they belong in an experiment."""
    for finding in findings:
        key = finding.path[0]
        if len(finding.path) == 1 and key in keys_of(Config) and "no setting" in finding.message:
            message = f"'{key}' is a setting of a configuration; put it under 'set', or into a scenario"
            yield Finding(finding.path, message)
        else:
            yield finding


def _read_base(raw: dict[str, object], problems: _Problems) -> _Base | None:
    """Read the base; None if it cannot be read."""
    name = raw.get("base")
    if not isinstance(name, str):
        return _Base(Expansion({})) if name is None else None
    file = os.path.normpath(os.path.join(os.path.dirname(problems.source.file), os.path.expanduser(name)))
    try:
        source = read_yaml(file)
    except ConfigError as error:
        for problem in error.problems:
            if problem.line:
                problems.add(problem)
            else:
                problems.tell([Finding(("base",), str(problem))])
        return None
    if not isinstance(source.data, dict) or is_experiment(source.data):
        what = "an experiment" if isinstance(source.data, dict) else "no configuration"
        problems.tell([Finding(("base",), f"{file} is {what}; give a configuration")])
        return None
    put = put_in(source.data, os.path.dirname(file), LEVERS)
    drawn = take_up_posterior(put.data, os.path.dirname(file), Config)
    of_file = take_up_drivers(put.data, os.path.dirname(file))
    _, findings = examine(put.data, Config)
    findings = [*drawn.findings, *of_file, *drawn.place(findings)]
    told_of = put.problems_of(findings, lambda found: source.problem(found.message, found.path))
    for problem in (*source.problems, *told_of):
        problems.add(problem)
    return _Base(put, source, drawn)


def _read_scenarios(raw: dict[str, object], base: _Base | None, problems: _Problems) -> dict[str, CheckedScenario]:
    given = raw.get("scenarios")
    if isinstance(given, dict) and not given:
        problems.tell([Finding(("scenarios",), "there is none; the first one is the reference: 'baseline: {}'")])
    if not isinstance(given, dict) or base is None:
        return {}
    tables = raw.get("tables")
    kept = tuple(table for table in tables if table in TABLES) if isinstance(tables, list) else ()
    return {
        name: _read_scenario(name, changes, raw.get("set"), kept, base, problems) for name, changes in given.items()
    }


def _read_scenario(
    name: str, changes: object, for_all: object, tables: tuple[str, ...], base: _Base, problems: _Problems
) -> CheckedScenario:
    scenario = make_scenario(base.put, tables, os.path.dirname(problems.source.file))
    refused: list[Finding] = []
    if isinstance(for_all, dict):
        refused += islice(scenario.change(for_all, ("set",), NOT_HERE), MOST_PROBLEMS)
    if isinstance(changes, dict):
        refused += islice(scenario.change(changes, ("scenarios", name), NOT_HERE | ALL_ALIKE), MOST_PROBLEMS)
    else:
        message = f"expected settings (key: value), {{}} for none; found {described(changes)}"
        refused.append(Finding(("scenarios", name), message))
    problems.tell(refused)
    for problem in scenario.problems:
        problems.add(problem)
    of_file = take_up_drivers(scenario.data, scenario.folder)
    config, findings = examine(scenario.data, Config)
    findings = [*of_file, *base.drawn.place(findings, scenario.origins)]
    _tell_of_packages(findings, scenario, base, problems)
    for finding in findings:
        if scenario.package_of(finding):
            continue
        placed = scenario.locate(finding)
        if placed:
            problems.tell([placed])
        elif base.source:
            problems.tell([finding], base.source)
        else:
            problems.tell([Finding(("scenarios", name), str(finding))])
    if config is None or findings or refused or scenario.problems:
        return CheckedScenario(scenario, None)
    return CheckedScenario(scenario, config, config.resolved())


def _tell_of_packages(findings: Iterable[Finding], scenario: Scenario, base: _Base, problems: _Problems) -> None:
    """Tell findings about levers of packages: at their cause in the experiment, in their file, or where it is named."""
    here: list[Finding] = []
    in_base: list[Finding] = []
    for finding in findings:
        packaged = scenario.package_of(finding)
        if packaged is None:
            continue
        placed, cause = packaged.place(finding), scenario.cause_of(finding)
        if cause:
            here.append(packaged.moved_to(finding, cause))
        elif isinstance(placed, Problem):
            problems.add(placed)
        else:
            (in_base if packaged.of_base else here).append(placed)
    problems.tell(fold(here))
    if base.source:
        problems.tell(fold(in_base), base.source)


def _notes_on_design(design: DesignSettings | None, factors: Sequence[Factor], source: YamlSource) -> Iterator[Problem]:
    """Say that a sampled design is too small; for a calibration, which has waves instead, `load_calibration` does."""
    here = ("design", "samples")
    sampled = isinstance(design, LhsDesign | SobolDesign | HaltonDesign) and source.place(here)
    if sampled and (note := few_points(count_points(design, factors), len(factors))):
        yield source.problem(note, here)


def _neutral_levers(
    scenarios: Mapping[str, CheckedScenario], factors: Sequence[Factor], source: YamlSource
) -> Iterator[Problem]:
    """Say of levers of scenarios that they change nothing, unless a factor or another scenario gives another value."""
    used = [(use.id, use.value) for found in scenarios.values() if found.config for use in found.config.levers]
    varied = {name for name, value in used if (name, value) != next(pair for pair in used if pair[0] == name)}
    varied |= {factor.parts[1] for factor in factors if factor.parts[0] == "levers" and factor.parts[2] == "value"}
    for scenario in scenarios.values():
        uses = scenario.config.levers if scenario.config else ()
        for note in neutral_levers(scenario.scenario.data, Config.catalogue):
            placed = scenario.scenario.locate(note)
            if placed and uses[int(note.path[1])].id not in varied:
                yield source.problem(placed.message, placed.path)


def _of_scenarios(scenarios: Mapping[str, CheckedScenario], source: YamlSource) -> Iterator[Problem]:
    """Say of scenarios what is said of a configuration: shocks in a base year, levers on a part of a route."""
    for scenario in scenarios.values():
        if scenario.config is None:
            continue
        data, places = scenario.scenario.data, places_of(scenario.config.places)
        for note in (*changed_bases(data), *partly_acting(data, LEVERS, places)):
            if placed := scenario.scenario.locate(note):
                yield source.problem(placed.message, placed.path)


def _same_scenarios(
    scenarios: Mapping[str, CheckedScenario], factors: Sequence[Factor], source: YamlSource
) -> Iterator[Problem]:
    """Say of scenarios that are the same as one before, in which the same factors vary: no difference can show."""
    first: dict[str, str] = {}
    for name, found in scenarios.items():
        varied = [factor.name for factor in factors if name in factor.scenarios]
        alike = first.setdefault(canonical_json([found.resolved, varied]), name)
        if alike != name:
            yield source.problem(f"the same as '{alike}': there will be no difference", ("scenarios", name))


def _idle_settings(scenarios: Mapping[str, CheckedScenario], source: YamlSource, base: _Base) -> set[Problem]:
    """Find the settings that have no effect in any scenario, as their mechanism is switched off in all that have them.

    They stand in the file of the experiment, or in that of its base if there is one.
    """
    places: dict[bool, set[Problem]] = {True: set(), False: set()}
    for scenario in scenarios.values():
        for setting in settings_of(scenario.scenario.data, Config.catalogue):
            note = setting.note()
            placed = scenario.scenario.locate(note)
            if placed:
                places[setting.idle].add(source.problem(placed.message, placed.path))
            elif base.source and setting.path not in base.drawn.paths:
                places[setting.idle].add(base.source.problem(note.message, note.path))
    return places[True] - places[False]
