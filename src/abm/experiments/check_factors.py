"""Checks of factors: each names a number that every one of its scenarios has, within what is declared."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping

from abm.config import Config
from abm.config.explain import read_part
from abm.config.fields import Declared, keys_of, model_at
from abm.config.finding import Finding
from abm.config.idle import needs_of
from abm.config.load import examine
from abm.config.overrides import Override, apply
from abm.config.wording import (
    are_off,
    described,
    did_you_mean,
    either,
    listing_of,
    nearest,
    number,
    ranged,
    shown,
    switch_on,
)
from abm.config.yaml_source import KeyPath
from abm.engine.errors import MOST_PROBLEMS
from abm.experiments.check import unknown_scenario
from abm.experiments.factors import LEVER_FIELDS, Factor, declared_number, known_factors, value_in_force
from abm.experiments.scenarios import CheckedScenario
from abm.experiments.settings import FactorSettings
from abm.world.lever_use import LeverUse

Scenarios = Mapping[str, CheckedScenario]
Parts = tuple[str, ...]
"""Path of a factor; the second part of a lever's is the id."""


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
    return factors, [*findings, *check_ends(factors, scenarios)]


def _check_factor(name: str, settings: object, scenarios: Scenarios) -> tuple[Factor | None, list[Finding]]:
    here: KeyPath = ("factors", name)
    parts = tuple(name.split("."))
    read, findings = read_part(FactorSettings, {} if settings is None else settings, here)
    chosen, told_of_scenarios = _scenarios_of(settings, here, scenarios)
    declared, wrong = (_lever_factor if parts[0] == "levers" else _parameter_factor)(parts, chosen, scenarios)
    findings += [*told_of_scenarios, *(Finding(here, message) for message in wrong)]
    if read is None or declared is None:
        return None, findings
    findings += _check_range(read, declared, here)
    if findings:
        return None, findings
    values = read.values or ()
    low, high = (min(values), max(values)) if values else _ends(read, declared)
    in_force = value_in_force(next(iter(chosen.values())).resolved, parts) if chosen else None
    centre = in_force if read.centre is None else read.centre
    kept, label = tuple(chosen), read.label or ""
    whole, unit = declared.whole, declared.unit
    return Factor(name, low, high, whole, read.scale, read.levels, values, kept, centre, unit, label), findings


def _scenarios_of(settings: object, here: KeyPath, scenarios: Scenarios) -> tuple[Scenarios, list[Finding]]:
    """Scenarios in which a factor varies, in their own order."""
    wanted = settings.get("in") if isinstance(settings, dict) else None
    if not isinstance(wanted, list):
        return scenarios, []
    findings = [
        unknown_scenario(name, (*here, "in", index), scenarios)
        for index, name in enumerate(wanted)
        if isinstance(name, str) and scenarios and name not in scenarios
    ]
    if not wanted:
        findings.append(Finding((*here, "in"), "the list is empty; leave 'in' out for all scenarios"))
    return {name: found for name, found in scenarios.items() if name in wanted}, findings


def _configs(scenarios: Scenarios) -> dict[str, Config]:
    return {name: found.config for name, found in scenarios.items() if found.config}


def _scenarios(names: list[str]) -> str:
    return f"scenario{'s' if len(names) > 1 else ''} {either(names, 'and')}"


def _vary_in(names: Iterable[str], where: str = "where it is") -> str:
    """Hint at the scenarios in which a factor can vary, if there are any."""
    listed = ", ".join(names)
    return f"; to vary it {where}: in: [{listed}]" if listed else ""


# ----------------------------------------------------------------------------------------------------------- parameters


def _parameter_factor(parts: Parts, chosen: Scenarios, scenarios: Scenarios) -> tuple[Declared | None, list[str]]:
    """Find what is declared about a parameter, and say what is wrong with it in the scenarios in which it varies."""
    if parts == ("seed",):
        return None, ["the seed is no factor; 'replicates' says how many seeds each point is run with"]
    declared = declared_number(parts)
    if declared is None:
        return None, [_unknown(parts, scenarios)]
    wrong = [*_overlap(parts, chosen), *_idle(parts, chosen)]
    if parts[0] == "budget":
        configs = _configs(scenarios)
        without = [name for name in chosen if name in configs and configs[name].budget is None]
        hint = _vary_in(name for name, config in configs.items() if config.budget)
        wrong += [f"there is no budget in {_scenarios(without)}{hint}"] if without else []
    return declared, wrong


def _unknown(parts: Parts, scenarios: Scenarios) -> str:
    name = ".".join(parts)
    known = list(known_factors(sorted({use.id for config in _configs(scenarios).values() for use in config.levers})))
    *above, field = parts
    parent = model_at(tuple(above), Config) if above else None
    if parent and field in keys_of(parent):
        return f"'{shown(name)}' is no number; make a scenario of each of its values"
    known += [".".join((*above, key)) for key in keys_of(parent)] if parent else []
    of_section = [path for path in known if path.startswith(f"{name}.")]
    near = nearest(name, of_section or known) or next(
        (path for path in known if path.rpartition(".")[2] == field), None
    )
    hint = f"; did you mean '{near}'?" if near else ""
    return f"no parameter '{shown(name)}' that is a number{hint}{listing_of('parameters', '' if hint else name)}"


def _overlap(parts: Parts, chosen: Scenarios) -> list[str]:
    """Refuse a factor over what a scenario sets itself: it would undo the difference between scenarios."""
    setting = [name for name, found in chosen.items() if _sets(found, parts)]
    if not setting:
        return []
    hint = _vary_in((name for name in chosen if name not in setting), "elsewhere")
    return [f"{_scenarios(setting)} {'sets' if len(setting) == 1 else 'set'} it already{hint}"]


def _sets(found: CheckedScenario, parts: Parts) -> bool:
    """Whether a scenario changes what stands at a path; levers by id, and the levers and budget it brings apart."""
    path: KeyPath = parts
    if parts[0] == "budget":
        return False
    if parts[0] == "levers" and found.config:
        ids = [use.id for use in found.config.levers]
        path = ("levers", ids.index(parts[1]), *parts[2:])
    return found.scenario.origins.get(path, ("",))[0] == "scenarios"


def _idle(parts: Parts, chosen: Scenarios) -> list[str]:
    configs, needs = _configs(chosen).values(), needs_of(parts, Config.catalogue)
    if not needs or not configs or any(config.enabled(section) for config in configs for section in needs):
        return []
    return [f"it would change nothing: {are_off(needs)}; to switch it on, set {switch_on(needs)}"]


# --------------------------------------------------------------------------------------------------------------- levers


def _lever_factor(parts: Parts, chosen: Scenarios, scenarios: Scenarios) -> tuple[Declared | None, list[str]]:
    """Find what is declared about a number of a lever, and say what is wrong with it where it is to vary."""
    if len(parts) < 3:
        return None, ["expected a number of a lever, by its id, as in levers.ID.value"]
    uses = {name: _use(config, parts[1]) for name, config in _configs(chosen).items()}
    message = _wrong_with_lever(parts, uses, scenarios)
    if message:
        return None, [message]
    names = {use.lever for use in uses.values() if use}
    return (declared_number(parts, names.pop()) if names else None), _overlap(parts, chosen)


def _use(config: Config, wanted: str) -> LeverUse | None:
    return next((use for use in config.levers if use.id == wanted), None)


def _wrong_with_lever(parts: Parts, uses: Mapping[str, LeverUse | None], scenarios: Scenarios) -> str | None:
    """Say what is wrong with a factor on a lever, whose uses are given by scenario."""
    wanted, rest = parts[1], ".".join(parts[2:])
    if rest not in LEVER_FIELDS:
        hint = did_you_mean(rest, LEVER_FIELDS) or f"; numbers of a lever are {either(LEVER_FIELDS, 'and')}"
        return f"'{shown(rest)}' of a lever is no number that may vary{hint}"
    missing = [name for name, use in uses.items() if use is None]
    if missing:
        return _lever_missing(wanted, missing, scenarios)
    there = {name: use for name, use in uses.items() if use}
    names = sorted({use.lever for use in there.values()})
    if len(names) > 1:
        return f"'{wanted}' is another lever in another scenario: {either(names, 'and')}"
    without_pulse = [name for name, use in there.items() if use.pulse is None]
    if parts[2] == "pulse" and without_pulse:
        return f"lever '{wanted}' has no pulse in {_scenarios(without_pulse)}"
    without = [name for name, use in there.items() if getattr(use.when, parts[-1], None) is None]
    if parts[2] == "when" and without:
        return f"lever '{wanted}' has no trigger with '{parts[-1]}' in {_scenarios(without)}"
    return None


def _lever_missing(wanted: str, missing: list[str], scenarios: Scenarios) -> str:
    configs = _configs(scenarios)
    told_of = f"no lever with the id '{shown(wanted)}' in {_scenarios(missing)}"
    hint = _vary_in(name for name, config in configs.items() if _use(config, wanted))
    uses = [use for config in configs.values() for use in config.levers]
    meant = list(dict.fromkeys(use.id for use in uses if use.lever == wanted))
    if not hint and meant:
        hint = f"; the lever '{wanted}' has the id {either(meant)} there: levers.{meant[0]}.…"
    return told_of + (hint or did_you_mean(wanted, [use.id for use in uses]))


# ---------------------------------------------------------------------------------------------------------------- range


def _check_range(read: FactorSettings, declared: Declared, here: KeyPath) -> list[Finding]:
    findings: list[Finding] = []
    given = [((*here, key), getattr(read, key)) for key in ("low", "high", "centre")]
    given += [((*here, "values", index), value) for index, value in enumerate(read.values or ())]
    for path, value in given:
        if value is not None and not declared.low <= value <= declared.high:
            expected = ranged(declared.low, declared.high, declared.unit, whole=declared.whole)
            findings.append(Finding(path, f"expected {expected}; found {described(value)}"))
        elif value is not None and declared.whole and value != int(value):
            findings.append(Finding(path, f"expected a whole number; found {described(value)}"))
    if read.values is not None:
        findings += _check_values(read, here)
    elif not findings:
        low, high = _ends(read, declared)
        if low >= high:
            message = f"there is nothing between low, {number(low)}, and high, {number(high)}"
            findings.append(Finding((*here, "low" if read.low is not None else "high"), message))
        elif read.scale == "log" and low <= 0:
            findings.append(Finding((*here, "scale"), f"a logarithm needs a 'low' above zero; it is {number(low)}"))
    return findings


def _ends(read: FactorSettings, declared: Declared) -> tuple[float, float]:
    return declared.low if read.low is None else read.low, declared.high if read.high is None else read.high


def _check_values(read: FactorSettings, here: KeyPath) -> Iterator[Finding]:
    values = read.values or ()
    if len(set(values)) < 2:
        yield Finding((*here, "values"), f"expected two values or more; found {'one' if values else described([])}")
    elif len(set(values)) < len(values):
        yield Finding((*here, "values"), "a value stands twice")
    for key in ("low", "high", "levels"):
        if getattr(read, key) is not None:
            yield Finding((*here, key), f"'values' says it all; leave '{key}' out")


def check_ends(factors: list[Factor], scenarios: Scenarios) -> Iterator[Finding]:
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
