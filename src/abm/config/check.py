"""What is well formed and makes no sense: dates in the wrong order, unknown names, levers that cannot act.

The checks work on plain data, of which any part may be missing or malformed: they pass over such parts, which the types
refuse on their own. So one misspelt key does not hide an unknown district.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from abm.config.compose import Catalogue, ConfigBase
from abm.config.names import Names, PlaceKind, load_names, region_units
from abm.config.wording import did_you_mean, either, number, shown, told
from abm.core.calendar import format_month, parse_month
from abm.core.yaml_source import KeyPath, dotted
from abm.declare import Lever
from abm.declare.lever import Target

FIRST_MONTH = parse_month("2000-01")
"""Incomes of the destinations are known from 2000, the stocks abroad before it."""

LAST_MONTH = parse_month("2060-12")
"""Beyond it no projection of the population is worth the name."""

REGIONS = ("pakistan", "catchment")
"""Named regions; else a region is a list of districts."""

KINDS: dict[Target, tuple[PlaceKind, ...]] = {
    "district": ("unit", "province"),
    "destination": ("destination",),
    "leg": ("leg", "route"),
    "national": (),
}
"""Kinds of place that ``where`` may name, by what a lever acts on."""

WORDS: dict[PlaceKind, tuple[str, str]] = {
    "unit": ("district", "districts"),
    "province": ("province", "districts"),
    "destination": ("destination", "destinations"),
    "leg": ("leg", "routes"),
    "route": ("route", "routes"),
}
"""A kind of place in words, and the topic of ``abm describe`` that lists it."""


@dataclass(frozen=True)
class Finding:
    """One thing that makes no sense, at `path`; `related` are the other places it depends on."""

    path: KeyPath
    message: str
    related: tuple[KeyPath, ...] = ()

    def __str__(self) -> str:
        return f"{dotted(self.path)}: {self.message}"


def check(raw: dict[str, Any], catalogue: Catalogue) -> list[Finding]:
    """List what makes no sense in a configuration.

    Parameters
    ----------
    raw
        Plain data as in YAML; malformed parts are passed over.
    catalogue
        Mechanisms and levers that there are.
    """
    names = load_names()
    known = _Places(names, _sound_region(raw, names))
    findings = [*_check_horizon(raw), *_check_switches(raw, catalogue), *_check_region(raw, names)]
    levers = raw.get("levers")
    listed = list(levers) if isinstance(levers, list | tuple) else []
    uses = [(index, use) for index, use in enumerate(listed) if isinstance(use, dict)]
    for index, use in uses:
        path: KeyPath = ("levers", index)
        findings += _check_dates(use, path, raw)
        lever = catalogue.levers.get(use["lever"]) if isinstance(use.get("lever"), str) else None
        findings += _check_where(use, path, lever, known)
        if lever:
            findings += [*_check_value(use, path, lever), *_check_enabled(path, lever, raw, catalogue)]
        elif isinstance(use.get("lever"), str):
            hint = did_you_mean(use["lever"], catalogue.levers)
            findings.append(Finding((*path, "lever"), f"no lever '{shown(use['lever'])}'{hint}  (abm describe levers)"))
    return [*findings, *_check_ids(uses)]


def _check_horizon(raw: dict[str, Any]) -> Iterator[Finding]:
    start, end = _horizon(raw)
    span = f"the data allow {format_month(FIRST_MONTH)} to {format_month(LAST_MONTH)}"
    for key, month in (("start", start), ("end", end)):
        if month is not None and not FIRST_MONTH <= month <= LAST_MONTH:
            yield Finding((key,), f"{format_month(month)} is out of reach; {span}")
    if start is not None and end is not None and end < start:
        yield Finding(("end",), f"{format_month(end)} lies before the start, {format_month(start)}", (("start",),))


def _check_switches(raw: dict[str, Any], catalogue: Catalogue) -> Iterator[Finding]:
    for section, found in catalogue.mechanisms.items():
        if not found.switchable and not _enabled(raw, section):
            yield Finding(("mechanisms", section, "enabled"), f"'{section}' cannot be switched off; the model needs it")


def _check_region(raw: dict[str, Any], names: Names) -> Iterator[Finding]:
    population = raw.get("population")
    if not isinstance(population, dict) or "region" not in population:
        return
    path, region = ("population", "region"), population["region"]
    expected = "expected 'pakistan', 'catchment', a district or a list of districts"
    if isinstance(region, str):
        known = (*REGIONS, *names.province_of)
        if region not in known:
            hint = did_you_mean(region, known) or f"; {expected}"
            yield Finding(path, f"no region or district '{shown(region)}'{hint}  (abm describe districts)")
    elif _is_list(region):
        if not region:
            yield Finding(path, f"the list is empty; {expected}")
        yield from _check_names(region, path, "unit", names)
    else:
        yield Finding(path, f"{expected}; found {told(region)}")


def _check_dates(use: dict[str, Any], path: KeyPath, raw: dict[str, Any]) -> Iterator[Finding]:
    start, end = _horizon(raw)
    first, last = _month(use.get("from")), _month(use.get("until"))
    if start is not None and end is not None and start <= end:
        for key, month in (("from", first), ("until", last)):
            if month is not None and not start <= month <= end:
                run = f"{format_month(start)} to {format_month(end)}"
                message = f"{format_month(month)} lies outside the run, {run}"
                yield Finding((*path, key), message, (("start",), ("end",)))
    if first is not None and last is not None and last < first:
        message = f"{format_month(last)} lies before 'from', {format_month(first)}"
        yield Finding((*path, "until"), message, ((*path, "from"),))


def _check_value(use: dict[str, Any], path: KeyPath, lever: Lever) -> Iterator[Finding]:
    value = use.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return
    low, high = lever.bounds
    if math.isfinite(value) and not low <= value <= high:
        yield Finding((*path, "value"), f"{expected_value(lever)}; found {told(value)}", ((*path, "lever"),))


def expected_value(lever: Lever) -> str:
    """Say which values a lever takes."""
    low, high = lever.bounds
    return f"expected a number from {number(low)} to {number(high)} ({lever.unit})"


def _check_enabled(path: KeyPath, lever: Lever, raw: dict[str, Any], catalogue: Catalogue) -> Iterator[Finding]:
    moved = catalogue.sections_moved(lever.name)
    if not any(_enabled(raw, section) for section in moved):
        message = f"'{lever.name}' would do nothing: mechanism {either(moved, 'and')} is switched off"
        yield Finding((*path, "lever"), message, tuple(("mechanisms", section, "enabled") for section in moved))


def _check_ids(uses: list[tuple[int, dict[str, Any]]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, use in uses:
        name = use.get("id", use.get("lever"))
        if not isinstance(name, str):
            continue
        if name in first:
            key = "id" if "id" in use else "lever"
            message = f"levers[{first[name]}] has the id '{name}' already; give this one an 'id' of its own"
            yield Finding(("levers", index, key), message)
        first.setdefault(name, index)


@dataclass(frozen=True)
class _Places:
    """Names of places that there are, and the districts simulated: None where all are, or the region is malformed."""

    names: Names
    region: tuple[str, ...] | None


def _check_where(use: dict[str, Any], path: KeyPath, lever: Lever | None, known: _Places) -> Iterator[Finding]:
    where, here = use.get("where"), (*path, "where")
    if where is None:
        return
    kinds: tuple[PlaceKind, ...] = KINDS[lever.over] if lever else tuple(WORDS)
    if not kinds and lever:
        yield Finding(here, f"'{lever.name}' acts on the whole country; leave 'where' out", ((*path, "lever"),))
    elif _is_list(where) and "unit" in kinds:
        yield from _check_places(where, here, "unit", known)
    elif isinstance(where, dict):
        yield from _check_mapping(where, here, lever, kinds, known)
    else:
        yield Finding(here, f"expected {_forms(kinds)}; found {told(where)}")


def _check_mapping(
    where: dict[str, Any], here: KeyPath, lever: Lever | None, kinds: tuple[PlaceKind, ...], known: _Places
) -> Iterator[Finding]:
    if len(where) != 1:
        yield Finding(here, f"expected {_forms(kinds)}; found {len(where)} keys")
        return
    for kind, places in where.items():
        if kind not in WORDS:
            hint = did_you_mean(kind, kinds) or f"; expected {_forms(kinds)}"
            yield Finding((*here, kind), f"no kind of place '{shown(kind)}'{hint}")
        elif kind not in kinds and lever:
            message = f"'{lever.name}' acts on {_acts_on(lever)}; expected {_forms(kinds)}"
            yield Finding((*here, kind), message)
        else:
            listed = [places] if isinstance(places, str) else places
            at = (*here, kind)
            if not _is_list(listed):
                yield Finding(at, f"expected a name or a list of names; found {told(places)}")
            else:
                yield from _check_places(listed, at, kind, known, single=isinstance(places, str))


def _check_places(
    places: Any, path: KeyPath, kind: PlaceKind, known: _Places, *, single: bool = False
) -> Iterator[Finding]:
    names, region = known.names, known.region
    if not places:
        yield Finding(path, "the list is empty; leave 'where' out to act everywhere")
    yield from _check_names(places, path, kind, names, single=single)
    if region is None or kind not in ("unit", "province"):
        return
    related: tuple[KeyPath, ...] = (("population", "region"),)
    for index, name in enumerate(places):
        at = path if single else (*path, index)
        if not isinstance(name, str):
            continue
        if kind == "unit" and name in names.province_of and name not in region:
            yield Finding(at, f"district '{name}' does not lie in population.region", related)
        elif kind == "province" and name in set(names.provinces) - {names.province_of[unit] for unit in region}:
            yield Finding(at, f"no district of '{name}' lies in population.region", related)


def _check_names(
    places: Any, path: KeyPath, kind: PlaceKind, names: Names, *, single: bool = False
) -> Iterator[Finding]:
    word, topic = WORDS[kind]
    seen: set[str] = set()
    for index, name in enumerate(places):
        at = path if single else (*path, index)
        if not isinstance(name, str):
            yield Finding(at, f"expected the name of a {word}; found {told(name)}")
            continue
        if name in seen:
            yield Finding(at, f"{word} '{name}' is named twice")
        elif name not in names.of(kind):
            other = names.kind_of(name)
            if other and path[-1] != "region":
                hint = f"; it is a {WORDS[other][0]}: {{{other}: {name}}}"
            else:
                hint = did_you_mean(name, names.of(kind))
            yield Finding(at, f"no {word} '{shown(name)}'{hint}  (abm describe {topic})")
        seen.add(name)


def _sound_region(raw: dict[str, Any], names: Names) -> tuple[str, ...] | None:
    """Units simulated, or None where the region is malformed or covers all."""
    population = raw.get("population")
    region = population.get("region") if isinstance(population, dict) else None
    if isinstance(region, str) and (region == "catchment" or region in names.province_of):
        return region_units(region)
    if _is_list(region) and region and all(isinstance(unit, str) and unit in names.province_of for unit in region):
        return tuple(region)
    return None


def _horizon(raw: dict[str, Any]) -> tuple[int | None, int | None]:
    """First and last month of the run, None where malformed."""
    fields = ConfigBase.model_fields
    return _month(raw.get("start", fields["start"].default)), _month(raw.get("end", fields["end"].default))


def _enabled(raw: dict[str, Any], section: str) -> bool:
    switches = raw.get("mechanisms")
    switch = switches.get(section) if isinstance(switches, dict) else None
    return not (isinstance(switch, dict) and switch.get("enabled") is False)


def _forms(kinds: tuple[PlaceKind, ...]) -> str:
    forms = ["a list of districts"] if "unit" in kinds else []
    forms += [f"{{{kind}: …}}" for kind in kinds]
    return " or ".join([", ".join(forms[:-1]), forms[-1]] if len(forms) > 1 else forms)


def _acts_on(lever: Lever) -> str:
    return {"leg": "legs of routes", "district": "districts", "destination": "destinations"}.get(lever.over, lever.over)


def _month(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_month(value)
    except ValueError:
        return None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
