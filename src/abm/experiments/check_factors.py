"""Checks of factors: each names a number that every one of its scenarios has, within what is declared."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from abm.config import Config
from abm.config.fields import keys_of, model_at
from abm.config.finding import Finding
from abm.config.idle import needs_of
from abm.config.load import examine
from abm.config.overrides import Override, apply
from abm.config.wording import are_off, described, did_you_mean, either, nearest, number, shown, switch_on
from abm.config.yaml_source import KeyPath
from abm.engine.errors import MOST_PROBLEMS
from abm.experiments.check import unknown_scenario
from abm.experiments.factors import LEVER_FIELDS, Declared, Factor, declared_number, known_factors, value_in_force
from abm.experiments.parts import read_part
from abm.experiments.scenarios import Scenario
from abm.experiments.settings import FactorSettings
from abm.world.lever_use import LeverUse

FORM_OF_LEVER = "levers.ID.value"


@dataclass(frozen=True)
class CheckedScenario:
    """A scenario's data with their places, and its configuration; None if something is wrong with it."""

    scenario: Scenario
    config: Config | None
    resolved: dict[str, object] = field(default_factory=dict)


Scenarios = Mapping[str, CheckedScenario]


def check_factors(raw: object, scenarios: Scenarios) -> tuple[list[Factor], list[Finding]]:
    """Read ``factors``; what comes first are those of which nothing is wrong."""
    factors: list[Factor] = []
    findings: list[Finding] = []
    for name, settings in raw.items() if isinstance(raw, dict) else ():
        factor, found = _check_factor(name, settings, scenarios)
        findings += found
        if factor:
            factors.append(factor)
        if len(findings) > MOST_PROBLEMS:
            return factors, findings
    return factors, [*findings, *_check_ends(factors, scenarios)]


def _check_factor(name: str, settings: object, scenarios: Scenarios) -> tuple[Factor | None, list[Finding]]:
    here: KeyPath = ("factors", name)
    read, findings = read_part(FactorSettings, {} if settings is None else settings, here)
    chosen, told_of_scenarios = _scenarios_of(settings, here, scenarios)
    findings += told_of_scenarios
    declared, unknown = _declared_in(name, here, chosen, scenarios)
    findings += unknown
    if read is None or declared is None:
        return None, findings
    findings += _check_range(read, declared, here)
    if findings:
        return None, findings
    values = read.values or ()
    low = min(values) if values else declared.low if read.low is None else read.low
    high = max(values) if values else declared.high if read.high is None else read.high
    in_force = value_in_force(scenarios[chosen[0]].resolved, tuple(name.split("."))) if chosen else None
    centre = in_force if read.centre is None else read.centre
    factor = Factor(
        name, low, high, declared.whole, read.scale, read.levels, values, tuple(chosen), centre, declared.unit
    )
    return factor, findings


def _scenarios_of(settings: object, here: KeyPath, scenarios: Scenarios) -> tuple[list[str], list[Finding]]:
    """Scenarios in which a factor varies, in their own order."""
    wanted = settings.get("in") if isinstance(settings, dict) else None
    if not isinstance(wanted, list):
        return list(scenarios), []
    findings = [
        unknown_scenario(name, (*here, "in", index), scenarios)
        for index, name in enumerate(wanted)
        if isinstance(name, str) and scenarios and name not in scenarios
    ]
    if not wanted:
        findings.append(Finding((*here, "in"), "the list is empty; leave 'in' out for all scenarios"))
    return [name for name in scenarios if name in wanted], findings


def _declared_in(
    name: str, here: KeyPath, chosen: list[str], scenarios: Scenarios
) -> tuple[Declared | None, list[Finding]]:
    """Find what is declared about a factor, if it is a number in every scenario in which it varies."""
    parts = tuple(name.split("."))
    if parts[0] == "levers":
        return _declared_of_lever(parts, here, chosen, scenarios)
    if parts == ("seed",):
        return None, [Finding(here, "the seed is no factor; 'replicates' says how many seeds each point is run with")]
    declared = declared_number(parts)
    if declared is None:
        return None, [Finding(here, _unknown(name, scenarios))]
    findings = [*_check_overlap(name, here, chosen, scenarios), *_check_enabled(parts, here, chosen, scenarios)]
    return declared, [*findings, *_check_budget(parts, here, chosen, scenarios)]


def _unknown(name: str, scenarios: Scenarios) -> str:
    ids = {use.id for found in scenarios.values() if found.config for use in found.config.levers}
    known = list(known_factors(sorted(ids)))
    *above, field = name.split(".")
    parent = model_at(tuple(above), Config)
    if above and parent and field in keys_of(parent):
        return f"'{shown(name)}' is no number; make a scenario of each of its values"
    known += [".".join((*above, key)) for key in keys_of(parent)] if parent and above else []
    near = nearest(name, known) or next((path for path in known if path.rpartition(".")[2] == field), None)
    hint = f"; did you mean '{near}'?" if near else ""
    return f"no parameter '{shown(name)}' that is a number{hint}  (abm describe parameters)"


def _declared_of_lever(
    parts: tuple[str, ...], here: KeyPath, chosen: list[str], scenarios: Scenarios
) -> tuple[Declared | None, list[Finding]]:
    uses = {name: _use(config, parts[1]) for name in chosen if (config := scenarios[name].config) and len(parts) > 1}
    message = _wrong_with_lever(parts, uses, scenarios)
    if message:
        return None, [Finding(here, message)]
    names = {use.lever for use in uses.values() if use}
    declared = declared_number(parts, names.pop()) if names else None
    return declared, [*_check_overlap(".".join(parts), here, chosen, scenarios)]


def _wrong_with_lever(parts: tuple[str, ...], uses: Mapping[str, LeverUse | None], scenarios: Scenarios) -> str | None:
    """Say what is wrong with a factor on a lever, whose uses are given by scenario."""
    if len(parts) < 3:
        return f"expected a number of a lever, by its id, as in {FORM_OF_LEVER}"
    wanted, rest = parts[1], ".".join(parts[2:])
    missing = [name for name, use in uses.items() if use is None]
    names = sorted({use.lever for use in uses.values() if use})
    if rest not in LEVER_FIELDS:
        hint = did_you_mean(rest, LEVER_FIELDS) or f"; numbers of a lever are {either(LEVER_FIELDS, 'and')}"
        return f"'{shown(rest)}' of a lever is no number that may vary{hint}"
    if missing:
        return _lever_missing(wanted, missing, scenarios)
    if len(names) > 1:
        return f"'{wanted}' is another lever in another scenario: {either(names, 'and')}"
    return _part_missing(parts, uses)


def _part_missing(parts: tuple[str, ...], uses: Mapping[str, LeverUse | None]) -> str | None:
    """Say in which scenarios a lever has no pulse, or no such number in its trigger."""
    without_pulse = [name for name, use in uses.items() if use and use.pulse is None]
    without = [name for name, use in uses.items() if use and getattr(use.when, parts[-1], None) is None]
    if parts[2] == "pulse" and without_pulse:
        return f"lever '{parts[1]}' has no pulse in {_scenarios(without_pulse)}"
    if parts[2] == "when" and without:
        return f"lever '{parts[1]}' has no trigger with '{parts[-1]}' in {_scenarios(without)}"
    return None


def _scenarios(names: list[str]) -> str:
    return f"scenario{'s' if len(names) > 1 else ''} {either(names, 'and')}"


def _use(config: Config | None, wanted: str) -> LeverUse | None:
    return next((use for use in config.levers if use.id == wanted), None) if config else None


def _lever_missing(wanted: str, missing: list[str], scenarios: Scenarios) -> str:
    having = [name for name, found in scenarios.items() if _use(found.config, wanted)]
    told_of = f"no lever with the id '{shown(wanted)}' in {_scenarios(missing)}"
    if having:
        return f"{told_of}; to vary it where it is: in: [{', '.join(having)}]"
    uses = [use for found in scenarios.values() if found.config for use in found.config.levers]
    ids = [use.id for use in uses]
    meant = list(dict.fromkeys(use.id for use in uses if use.lever == wanted))
    if meant:
        return f"{told_of}; the lever '{wanted}' has the id {either(meant)} there: levers.{meant[0]}.…"
    return f"{told_of}{did_you_mean(wanted, ids)}"


def _check_overlap(name: str, here: KeyPath, chosen: list[str], scenarios: Scenarios) -> Iterator[Finding]:
    """Refuse a factor over what a scenario sets itself: it would undo the difference between scenarios."""
    parts = tuple(name.split("."))
    setting = [which for which in chosen if _sets(scenarios[which], parts)]
    if setting:
        others = [which for which in chosen if which not in setting]
        hint = f"; to vary it elsewhere: in: [{', '.join(others)}]" if others else ""
        verb = "sets" if len(setting) == 1 else "set"
        yield Finding(here, f"{_scenarios(setting)} {verb} it already{hint}")


def _sets(found: CheckedScenario, parts: KeyPath) -> bool:
    """Whether a scenario changes what stands at a path; levers by id, and the levers and budget it brings apart."""
    path = parts
    if parts[0] == "budget":
        return False
    if parts[0] == "levers" and found.config:
        ids = [use.id for use in found.config.levers]
        path = ("levers", ids.index(str(parts[1])), *parts[2:])
    return found.scenario.origins.get(path, ("",))[0] == "scenarios"


def _check_enabled(parts: KeyPath, here: KeyPath, chosen: list[str], scenarios: Scenarios) -> Iterator[Finding]:
    configs = [config for which in chosen if (config := scenarios[which].config)]
    needs = needs_of(parts, Config.catalogue)
    if needs and configs and not any(config.enabled(section) for config in configs for section in needs):
        message = f"it would change nothing: {are_off(needs)}; to switch it on, set {switch_on(needs)}"
        yield Finding(here, message)


def _check_budget(parts: KeyPath, here: KeyPath, chosen: list[str], scenarios: Scenarios) -> Iterator[Finding]:
    """Refuse to vary the budget of a scenario that has none."""
    configs = {name: found.config for name, found in scenarios.items() if found.config}
    without = [name for name in chosen if name in configs and configs[name].budget is None]
    if parts[0] == "budget" and without:
        having = [name for name, config in configs.items() if config.budget]
        hint = f"; to vary it where it is: in: [{', '.join(having)}]" if having else ""
        yield Finding(here, f"there is no budget in {_scenarios(without)}{hint}")


def _check_range(read: FactorSettings, declared: Declared, here: KeyPath) -> list[Finding]:
    findings: list[Finding] = []
    given = [((*here, key), getattr(read, key)) for key in ("low", "high", "centre")]
    given += [((*here, "values", index), value) for index, value in enumerate(read.values or ())]
    for path, value in given:
        if value is not None and not declared.low <= value <= declared.high:
            findings.append(Finding(path, f"{expected_number(declared)}; found {described(value)}"))
        elif value is not None and declared.whole and value != int(value):
            findings.append(Finding(path, f"expected a whole number; found {described(value)}"))
    if read.values is not None:
        findings += _check_values(read, here)
    elif not findings:
        low = declared.low if read.low is None else read.low
        high = declared.high if read.high is None else read.high
        if low >= high:
            findings.append(Finding((*here, "low" if read.low is not None else "high"), _no_range(low, high)))
        elif read.scale == "log" and low <= 0:
            findings.append(Finding((*here, "scale"), f"a logarithm needs a 'low' above zero; it is {number(low)}"))
    return findings


def _no_range(low: float, high: float) -> str:
    return f"there is nothing between low, {number(low)}, and high, {number(high)}"


def _check_values(read: FactorSettings, here: KeyPath) -> Iterator[Finding]:
    values = read.values or ()
    if len(set(values)) < 2:
        yield Finding(
            (*here, "values"), f"expected two values or more; found {described(list(values)) if not values else 'one'}"
        )
    elif len(set(values)) < len(values):
        yield Finding((*here, "values"), "a value stands twice")
    for key in ("low", "high", "levels"):
        if getattr(read, key) is not None:
            yield Finding((*here, key), f"'values' says it all; leave '{key}' out")


def expected_number(declared: Declared) -> str:
    """Say which values a factor takes."""
    word = "a whole number" if declared.whole else "a number"
    unit = f" ({declared.unit})" if declared.unit else ""
    return f"expected {word} from {number(declared.low)} to {number(declared.high)}{unit}"


def _check_ends(factors: list[Factor], scenarios: Scenarios) -> Iterator[Finding]:
    """Check each scenario with all its factors at their lower ends, and at their upper ends, as a run would be."""
    seen: set[tuple[KeyPath, str]] = set()
    for name, found in scenarios.items():
        varied = [factor for factor in factors if name in factor.scenarios]
        if found.config is None or not varied:
            continue
        for end in ("low", "high"):
            moved = copy.deepcopy(found.scenario)
            for factor in varied:
                value = getattr(factor, end)
                path = apply(Override("", factor.parts, int(value) if factor.whole else float(value)), moved.data)
                moved.origins[path] = ("factors", factor.name)
                for length in range(1, len(path)):
                    moved.sections.setdefault(path[:length], ("factors", factor.name))
            _, findings = examine(moved.data, Config)
            for finding in findings:
                placed = moved.locate(finding) or Finding(("factors",), str(finding))
                if (placed.path, placed.message) not in seen:
                    seen.add((placed.path, placed.message))
                    yield placed
