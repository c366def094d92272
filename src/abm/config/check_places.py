"""Checks of places: the region of a run, and where a lever acts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from pydantic import ValidationError

from abm.config.check_abroad import check_abroad
from abm.config.finding import Finding
from abm.config.names import Names, load_names, names_in, region_units
from abm.config.raw import sound_entries
from abm.config.wording import did_you_mean, shown, told
from abm.config.yaml_source import KeyPath
from abm.declare import Lever
from abm.declare.effective import Over as Target
from abm.engine.entry import freeze
from abm.places.places import DOMESTIC, ENTRIES, Places, PlaceSettings, guards_of, merge_rows, places_of
from abm.world.lever_use import PlaceKind

REGIONS = ("pakistan", "catchment")
"""Named regions; else a region is a list of districts."""

KINDS: dict[Target, tuple[PlaceKind, ...]] = {
    "district": ("unit", "province"),
    "destination": ("destination",),
    "leg": ("leg", "route"),
    "jurisdiction": ("unit", "province", "leg", "route"),
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
class Known:
    """What there is.

    Attributes
    ----------
    rows
        Points, destinations, legs, routes and posts, shipped and of the configuration; parts of these may be missing.
    places
        The same as facts; None where something is wrong with section ``places``.
    names
        Names of places.
    region
        Districts simulated; None where all are, or the region is malformed.
    """

    rows: PlaceSettings
    places: Places | None
    names: Names
    region: tuple[str, ...] | None


def known_places(raw: dict[str, object]) -> Known:
    """Gather the places of `raw`, their names, and the districts of its region."""
    rows = merge_rows(PlaceSettings.model_construct(**sound_entries(ENTRIES, raw.get("places"))))
    names = names_in(rows) if raw.get("places") else load_names()
    return Known(rows, _sound_places(raw.get("places"), rows, names), names, _sound_region(raw, names))


def check_region(raw: dict[str, object], known: Known) -> Iterator[Finding]:
    """Check ``population.region``."""
    population = raw.get("population")
    if not isinstance(population, dict) or "region" not in population:
        return
    path, region = ("population", "region"), population["region"]
    expected = "expected 'pakistan', 'catchment', a district or a list of districts"
    if isinstance(region, str):
        regions = (*REGIONS, *known.names.province_of)
        if region not in regions:
            hint = did_you_mean(region, regions) or f"; {expected}"
            yield Finding(path, f"no region or district '{shown(region)}'{hint}  (abm describe districts)")
    elif _is_list(region):
        if not region:
            yield Finding(path, f"the list is empty; {expected}")
        yield from _check_names(region, path, "unit", known.names)
    else:
        yield Finding(path, f"{expected}; found {told(region)}")


def check_where(use: dict[str, object], path: KeyPath, lever: Lever | None, known: Known) -> Iterator[Finding]:
    """Check ``where`` of the lever use at `path`; an unknown lever (None) may name any kind of place."""
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


def check_watched(where: object, here: KeyPath, known: Known) -> Iterator[Finding]:
    """Check the districts or provinces whose outcome a trigger watches."""
    kinds = KINDS["district"]
    if where is None:
        return
    if _is_list(where):
        yield from _check_places(where, here, "unit", known)
    elif isinstance(where, dict):
        yield from _check_mapping(where, here, None, kinds, known)
    else:
        yield Finding(here, f"expected {_forms(kinds)}; found {told(where)}")


def _check_mapping(
    where: dict[str, object], here: KeyPath, lever: Lever | None, kinds: tuple[PlaceKind, ...], known: Known
) -> Iterator[Finding]:
    if len(where) != 1:
        yield Finding(here, f"expected {_forms(kinds)}; found {len(where)} keys")
        return
    for kind, places in where.items():
        if kind not in WORDS:
            hint = did_you_mean(kind, kinds) or f"; expected {_forms(kinds)}"
            yield Finding((*here, kind), f"no kind of place '{shown(kind)}'{hint}")
        elif kind not in kinds:
            what = f"'{lever.name}' acts on {_acts_on(lever)}" if lever else "outcomes are watched by district"
            message = f"{what}; expected {_forms(kinds)}"
            yield Finding((*here, kind), message)
        else:
            listed = [places] if isinstance(places, str) else places
            at = (*here, kind)
            if not _is_list(listed):
                yield Finding(at, f"expected a name or a list of names; found {told(places)}")
            else:
                yield from _check_places(listed, at, kind, known, single=isinstance(places, str))
                yield from _check_effect(listed, at, lever, kind, known, single=isinstance(places, str))


def _check_effect(
    places: Collection[object], path: KeyPath, lever: Lever | None, kind: PlaceKind, known: Known, *, single: bool
) -> Iterator[Finding]:
    """Refuse a destination, leg or route where the lever would do nothing, and yet cost."""
    if lever is None or known.places is None:
        return
    for index, name in enumerate(places):
        at = path if single else (*path, index)
        if isinstance(name, str) and kind == "destination" and name in _idle_destinations(lever, known.places):
            yield Finding(at, f"'{lever.name}' does nothing at '{name}', which admits nobody for legal work")
        elif isinstance(name, str) and kind in ("leg", "route") and name in known.names.of(kind):
            yield from _check_leg_or_route(name, at, lever, kind, known.names, known.places)


def _idle_destinations(lever: Lever, places: Places) -> set[str]:
    return {facts.key for facts in places.destinations if facts.key != DOMESTIC and not lever.acts_at(facts)}


def _check_leg_or_route(
    name: str, path: KeyPath, lever: Lever, kind: PlaceKind, names: Names, places: Places
) -> Iterator[Finding]:
    """Refuse a leg where the lever does nothing, and a route all of whose legs are such."""
    guards = guards_of(places)
    active = tuple(leg.key for leg in places.legs if lever.acts_at(leg, guards[leg.key]))
    useful = active if kind == "leg" else tuple(dict.fromkeys(r for leg in active for r in names.legs.get(leg, ())))
    if name not in useful:
        where = _where_it_acts(lever)
        what = f"which {where[0]}" if kind == "leg" else f"none of whose legs {where[1]}"
        others = ", …" if len(useful) > SHOWN else ""
        near = did_you_mean(name, useful) or f"; it acts on {', '.join(useful[:SHOWN])}{others}"
        yield Finding(path, f"'{lever.name}' does nothing on '{name}', {what}{near}")


def _where_it_acts(lever: Lever) -> tuple[str, str]:
    """Say why a leg, or a route, is out of a lever's reach."""
    if lever.guards:
        who = _any_of([GUARD_WORDS[kind] for kind in lever.guards])
        return f"no {who} guards", f"is guarded by {'an' if who[0] in 'aeiou' else 'a'} {who}"
    return LEG_NEEDS[lever.needs]


def _any_of(words: list[str]) -> str:
    """Join words with commas and "or"; an ending that all share is said once."""
    shared = OF_PAKISTAN if all(word.endswith(OF_PAKISTAN) for word in words) else ""
    *first, last = [word.removesuffix(shared) for word in words]
    return f"{', '.join(first)} or {last}{shared}" if first else f"{last}{shared}"


OF_PAKISTAN = " of Pakistan"
"""Ending that the posts of the country share in words."""

SHOWN = 5
"""Names of places that a message lists at most."""

GUARD_WORDS = {
    "border_post": f"border post{OF_PAKISTAN}",
    "coast_guard": f"coast guard{OF_PAKISTAN}",
    "airport": f"airport{OF_PAKISTAN}",
    "transit": "transit state",
    "destination": "destination state",
    "circle": "circle",
}
"""Kinds of post in words."""

LEG_NEEDS = {
    "by_sea": ("is not travelled by sea", "is travelled by sea"),
    "documents": ("nobody travels on papers", "is travelled on papers"),
}
"""What a lever may need of a leg, as a reason for its doing nothing there."""


def _check_places(
    places: Collection[object], path: KeyPath, kind: PlaceKind, known: Known, *, single: bool = False
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
    places: Collection[object], path: KeyPath, kind: PlaceKind, names: Names, *, single: bool = False
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


def _sound_places(raw: object, rows: PlaceSettings, names: Names) -> Places | None:
    """Facts of all places, or None where section ``places`` is malformed, which is reported elsewhere."""
    if not raw:
        return places_of()
    if any(check_abroad(raw, rows, names)):
        return None
    try:
        return places_of(PlaceSettings.model_validate(freeze(raw)))
    except ValidationError:
        return None


def _sound_region(raw: dict[str, object], names: Names) -> tuple[str, ...] | None:
    """Units simulated, or None where the region is malformed or covers all."""
    population = raw.get("population")
    region = population.get("region") if isinstance(population, dict) else None
    if isinstance(region, str) and (region == "catchment" or region in names.province_of):
        return region_units(region)
    if not _is_list(region) or not region:
        return None
    units = tuple(unit for unit in region if isinstance(unit, str) and unit in names.province_of)
    return units if len(units) == len(region) else None


def _forms(kinds: tuple[PlaceKind, ...]) -> str:
    forms = ["a list of districts"] if "unit" in kinds else []
    forms += [f"{{{kind}: …}}" for kind in kinds]
    return " or ".join([", ".join(forms[:-1]), forms[-1]] if len(forms) > 1 else forms)


def _acts_on(lever: Lever) -> str:
    return {
        "leg": "legs of routes",
        "district": "districts",
        "destination": "destinations",
        "jurisdiction": "districts of circles and legs of posts",
    }.get(lever.over, lever.over)


def _is_list(value: object) -> TypeGuard[Collection[object]]:
    return isinstance(value, list | tuple)
