"""Checks of an experiment beside its scenarios and factors: design, replicates, outcomes, the window, the engine."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from abm.config import Config
from abm.config.explain import read_part
from abm.config.finding import Finding
from abm.config.wording import counted, described, did_you_mean, either, is_number, no_such, number, ranged
from abm.config.yaml_source import LARGEST_WHOLE, KeyPath
from abm.declare import Params
from abm.engine.errors import MOST_PROBLEMS
from abm.engine.measures import outcome_of_setting
from abm.experiments.design import count_points
from abm.experiments.engine_settings import ENGINES, ClusterEngine, DaskEngine, EngineSettings, LocalEngine
from abm.experiments.factors import Factor
from abm.experiments.settings import (
    DESIGNS,
    FORM_OF_HALF_WIDTH,
    FORM_OF_REPLICATES,
    MOST_REPLICATES,
    DesignSettings,
    GridDesign,
    MorrisDesign,
    OneAtATimeDesign,
    SaltelliDesign,
    SequentialReplicates,
    SobolDesign,
    Window,
)
from abm.experiments.spec import Replicates, StopRule
from abm.month import OUTCOMES
from abm.recording import columns_of_settings

Configs = Mapping[str, Config | None]  # configurations of the scenarios by name, None where something is wrong with one

MOST_ROWS = 1_000_000  # runs of a study

USUAL = ("irregular_departures", "deaths_en_route", "legal_departures", "persons_abroad", "fee_basket")
"""Outcomes that are looked at where neither the user nor the experiment names any."""


def choose_part[P: Params](
    kinds: Mapping[str, type[P]], key: str, noun: str, data: object, here: KeyPath
) -> tuple[P | None, list[Finding]]:
    """Read settings whose set of fields is named by one of them: ``method: lhs``, ``kind: slurm``."""
    if not isinstance(data, dict):  # reported where the whole file is read
        return None, []
    if key not in data:
        return None, [Finding(here, f"'{key}' is missing; expected {either(kinds)}")]
    name, listing = data[key], f"; there are {either(kinds, 'and')}"
    if not isinstance(name, str):
        return None, [Finding((*here, key), f"expected a {noun}; found {described(name)}{listing}")]
    if name not in kinds:
        return None, [Finding((*here, key), no_such(noun, name, kinds, otherwise=listing))]
    return read_part(kinds[name], data, here)


# --------------------------------------------------------------------------------------------------------------- design

DESIGN: KeyPath = ("design",)


def check_design(raw: object, factors: Sequence[Factor], given: object) -> tuple[DesignSettings | None, list[Finding]]:
    """Read the block ``design``, given factors of which nothing is wrong, and the block ``factors`` as plain data."""
    listed = given if isinstance(given, dict) else {}
    if raw is None:
        message = "factors need a 'design', for example {method: lhs, samples: 100}"
        return None, [Finding(("factors",), message)] if listed else []
    read, findings = choose_part(DESIGNS, "method", "design", raw, DESIGN)
    if not listed:
        findings.append(Finding(DESIGN, "a design needs 'factors'; leave it out in a study of scenarios alone"))
    if isinstance(raw, dict) and raw.get("method") == "list" and listed:
        findings += islice(_check_points(raw.get("points"), factors, listed), MOST_PROBLEMS + 1)
    if read is None:
        return None, findings
    if isinstance(read, SobolDesign | SaltelliDesign) and read.samples & (read.samples - 1):
        below = 1 << (read.samples.bit_length() - 1)
        message = f"expected a power of two, {below} or {2 * below}; found {described(read.samples)}"
        findings.append(Finding((*DESIGN, "samples"), message))
    if isinstance(read, MorrisDesign) and read.levels % 2:
        findings.append(Finding((*DESIGN, "levels"), f"expected an even number; found {described(read.levels)}"))
    return read, [*findings, *_check_factors(read, factors)]


def few_points(points: int, factors: int) -> str:
    """Say that a sampled design has too few points to tell its factors apart; nothing if it has as many."""
    if points >= factors:
        return ""
    return (
        f"{counted(points, 'point')} cannot tell {counted(factors, 'factor')} apart; ten points a factor are usual, "
        "a few more than factors the least"
    )


def check_size(
    design: DesignSettings | None, factors: Sequence[Factor], scenarios: int, replicates: int
) -> list[Finding]:
    """Refuse a study of more runs than anybody makes."""
    points = count_points(design, factors)
    rows = points * scenarios * replicates
    if rows <= MOST_ROWS:
        return []
    parts = f"{scenarios:,} scenarios × {points:,} points × {replicates:,} replicates"
    here = DESIGN if design else ("replicates",)
    return [Finding(here, f"{rows:,} runs ({parts}) are more than a study may have, {MOST_ROWS:,}")]


def _check_factors(read: DesignSettings, factors: Sequence[Factor]) -> Iterator[Finding]:
    for factor in factors:
        here: KeyPath = ("factors", factor.name)
        if factor.levels is not None and not isinstance(read, GridDesign | OneAtATimeDesign):
            with_levels = either(("grid", "one_at_a_time"), "and")
            yield Finding((*here, "levels"), f"'levels' goes with {with_levels}; leave it out with '{read.method}'")
        elif isinstance(read, GridDesign) and not (factor.levels or factor.values or read.levels):
            yield Finding(here, "a grid needs 'levels' or 'values' here, or 'levels' for all under 'design'")
        elif not isinstance(read, OneAtATimeDesign):
            continue
        elif factor.centre is None:
            yield Finding(here, "no value is in force; give a 'centre'")
        elif not factor.low <= factor.centre <= factor.high:
            now, span = number(factor.centre), f"{number(factor.low)} to {number(factor.high)}"
            yield Finding(here, f"the value in force, {now}, lies outside {span}; give a 'centre'")


def _check_points(points: object, factors: Sequence[Factor], given: dict[str, object]) -> Iterator[Finding]:
    """Check points that are written out; what is no point is refused elsewhere."""
    known = {factor.name: factor for factor in factors}
    for index, point in enumerate(points) if isinstance(points, list) else ():
        if not isinstance(point, dict):
            continue
        here: KeyPath = (*DESIGN, "points", index)
        missing = [name for name in given if name not in point]
        if missing:
            yield Finding(here, f"{either(missing, 'and')} {'is' if len(missing) == 1 else 'are'} missing")
        for name, value in point.items():
            if name not in given:
                yield Finding((*here, name), no_such("factor", name, given, otherwise="; name it under 'factors'"))
            elif name in known and isinstance(value, int | float):
                factor, wanted = known[name], ""
                if not factor.low <= value <= factor.high:
                    wanted = ranged(factor.low, factor.high)
                elif factor.whole and value != int(value):
                    wanted = "a whole number"
                if wanted:
                    yield Finding((*here, name), f"expected {wanted}; found {described(value)}")


# ----------------------------------------------------------------------------------------------------------- replicates


def read_replicates(raw: object, configs: Configs) -> tuple[Replicates | None, list[Finding]]:
    """Read ``replicates``: a number, or a rule by which to stop."""
    here: KeyPath = ("replicates",)
    if isinstance(raw, dict):
        found, findings = _read_sequential(raw, configs)
    elif isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= MOST_REPLICATES:
        found, findings = Replicates(raw, raw), []
    else:
        found, findings = None, [Finding(here, f"expected {FORM_OF_REPLICATES}; found {described(raw)}")]
    if found and any(config and config.seed > LARGEST_WHOLE - found.at_most for config in configs.values()):
        findings.append(Finding(here, "the seeds of so many replicates are too large; lower the 'seed' of the base"))
    return found, findings


def _read_sequential(raw: dict[str, object], configs: Configs) -> tuple[Replicates | None, list[Finding]]:
    read, findings = read_part(SequentialReplicates, raw, ("replicates",))
    until = raw.get("until")
    if isinstance(until, dict):
        findings += _check_until(until, configs)
    if read is None:
        return None, findings
    at_least = min(read.at_least, read.at_most) if "at_least" not in raw else read.at_least
    if at_least > read.at_most:
        message = f"{read.at_least} is more than 'at_most', {read.at_most}"
        findings.append(Finding(("replicates", "at_least"), message))
    rule = read.until
    size = _read_half_width(rule.half_width)
    if size is None:
        return None, findings
    return Replicates(at_least, read.at_most, StopRule(rule.outcome, *size, rule.scenario, rule.confidence)), findings


def _check_until(until: dict[str, object], configs: Configs) -> Iterator[Finding]:
    here: KeyPath = ("replicates", "until")
    outcome = until.get("outcome")
    if isinstance(outcome, str):
        yield from _check_outcome(outcome, (*here, "outcome"), configs)
    half_width = until.get("half_width")
    if "half_width" in until and _read_half_width(half_width) is None:
        yield Finding((*here, "half_width"), f"expected {FORM_OF_HALF_WIDTH}; found {described(half_width)}")
    scenario, names = until.get("scenario"), list(configs)
    if not names:
        return
    if isinstance(scenario, str) and scenario not in names:
        yield unknown_scenario(scenario, (*here, "scenario"), names)
    elif scenario == names[0]:
        yield Finding((*here, "scenario"), f"'{scenario}' is the reference; name a scenario that is compared with it")
    elif len(names) == 1:
        yield Finding(here, "a difference needs a second scenario to compare with the reference")


def _read_half_width(given: object) -> tuple[float, bool] | None:
    """Read a half-width: its size, and whether it is a share of the reference's mean; None if it is none."""
    share = re.match(r"^\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*$", given) if isinstance(given, str) else None
    if share:
        size = float(share[1]) / 100
    elif is_number(given):
        size = float(given)
    else:
        return None
    return (size, share is not None) if 0 < size < math.inf else None


def unknown_scenario(name: str, path: KeyPath, known: Collection[str]) -> Finding:
    """Refuse the name of a scenario that is not there."""
    return Finding(path, no_such("scenario", name, known, otherwise=there_are(known)))


def there_are(known: Collection[str]) -> str:
    """Say which names there are; nothing of none."""
    return f"; there {'is' if len(known) == 1 else 'are'} {either(known, 'and')}" if known else ""


# --------------------------------------------------------------------------------------- outcomes, window, engine


def check_outcomes(raw: object, configs: Configs) -> Iterator[Finding]:
    """Check ``outcomes``: each is a column of the table `national`, and stands once."""
    listed = raw if isinstance(raw, list) else []
    for index, name in enumerate(listed):
        if not isinstance(name, str):
            continue
        if name in listed[:index]:
            yield Finding(("outcomes", index), f"'{name}' stands in the list already")
        else:
            yield from _check_outcome(name, ("outcomes", index), configs)


def national_outcomes(configs: Iterable[Config] = ()) -> list[str]:
    """Columns of the table `national`: those of every run, and those of the levers and budgets of configurations."""
    national = [key for key, found in OUTCOMES.items() if found.over in ("district", "national")]
    return [*national, *sorted({name for config in configs for name in columns_of_settings(config)})]


def _check_outcome(name: str, path: KeyPath, configs: Configs) -> Iterator[Finding]:
    national = list(dict.fromkeys((*USUAL, *national_outcomes(config for config in configs.values() if config))))
    if name in national:
        return
    if elsewhere := OUTCOMES.get(name):
        tables = [table for table in ("route", "leg", "destination", "stream") if elsewhere.kept_by(table)]
        there = f"it stands in the table by {either(tables)}{did_you_mean(name, national)}"
        yield Finding(path, f"'{name}' is no outcome of the whole country; {there}")
    elif not outcome_of_setting(name) or None not in configs.values():  # else its lever may stand in what is not read
        yield Finding(path, no_such("outcome", name, national, topic="outcomes"))


def read_window(raw: object, configs: Configs) -> tuple[tuple[str, str] | None, list[Finding]]:
    """Read ``window``; by default the run of the reference scenario."""
    reference = next(iter(configs.values()), None)
    if raw is None:
        return ((reference.start, reference.end) if reference else None), []
    read, findings = read_part(Window, raw, ("window",))
    if read is None or reference is None:
        return None, findings
    given = raw if isinstance(raw, dict) else {}
    months = (read.from_ or reference.start, read.until or reference.end)
    for key, month in zip(("from", "until"), months, strict=True):
        for name, config in configs.items():
            if config and key in given and not config.start <= month <= config.end:
                message = f"{month} lies outside the run of scenario '{name}', {config.start} to {config.end}"
                findings.append(Finding(("window", key), message))
                break
    if months[1] < months[0]:
        findings.append(Finding(("window",), f"it ends in {months[1]}, before it begins in {months[0]}"))
    return months, findings


def read_engine(raw: object) -> tuple[EngineSettings | None, list[Finding]]:
    """Read ``engine``; by default processes on this machine."""
    here: KeyPath = ("engine",)
    data = {"kind": "local", **raw} if isinstance(raw, dict) else raw
    read, findings = choose_part(ENGINES, "kind", "engine", data, here)
    if isinstance(read, DaskEngine) and (read.address is None) == (read.scheduler_file is None):
        findings.append(Finding(here, "'dask' needs either an 'address' or a 'scheduler_file' of a running scheduler"))
    if isinstance(read, ClusterEngine) and (read.processes or 1) * read.threads > read.cores:
        asked = f"{read.processes or 1} processes of {number(read.threads)} threads"
        findings.append(Finding((*here, "cores"), f"a job of {read.cores} cores has no room for {asked}"))
    return (None if findings else read or LocalEngine()), findings
