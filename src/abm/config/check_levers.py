"""Checks of the levers in use: dates, values, places, messages, triggers, and mechanisms that take part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from abm.config.explain import as_share, expected_value
from abm.config.finding import Alike, Finding, check_names
from abm.config.names import KINDS, WORDS, Known, census_hint
from abm.config.raw import Use, Uses, horizon_of, month_of, uses_of
from abm.config.wording import are_off, described, did_you_mean, either, is_number, listed, nearest, no_such, on_request
from abm.config.yaml_source import KeyPath
from abm.declare import Lever
from abm.engine.calendar import format_month
from abm.places.place_models import Leg
from abm.places.places import Places, guards_of
from abm.world.lever_use import PlaceKind, read_kinds, read_share

SHOWN = 5  # names of places that a message lists at most

OF_PAKISTAN = " of Pakistan"  # ending that the posts of the country share in words

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

TARGET_WORDS = {
    "leg": "legs of routes",
    "district": "districts",
    "destination": "destinations",
    "jurisdiction": "districts of circles and legs of posts",
}
"""What a lever acts on, in words."""

OF_LEVERS: tuple[PlaceKind, ...] = tuple(kind for kind in WORDS if any(kind in kinds for kinds in KINDS.values()))
"""Kinds of place that a lever may act on."""

Named = list[tuple[KeyPath, object]]  # names of places, each with its path


def check_levers(known: Known) -> Iterator[Finding]:
    """List what makes no sense in section ``levers``; malformed parts are passed over."""
    uses = uses_of(known.raw, "levers")
    for path, use in uses:
        yield from _check_use(use, path, known)
        if f"cost_{use.get('id')}" in known.catalogue.outcomes:
            yield Finding((*path, "id"), f"there is an outcome 'cost_{use['id']}'; give this one another 'id'")
    yield from check_ids(uses)


def check_ids(uses: Uses) -> Iterator[Finding]:
    """Refuse two levers, or two events, of one id."""
    first: dict[str, int] = {}
    for (part, index), use in uses:
        kind = part.removesuffix("s")
        name = use.get("id", use.get(kind))
        if isinstance(name, str) and first.setdefault(name, index) != index:
            message = f"{part}[{first[name]}] has the id '{name}' already; give this one an 'id' of its own"
            yield Finding((part, index, "id" if "id" in use else kind), message)


def _check_use(use: Use, path: KeyPath, known: Known) -> Iterator[Finding]:
    name, levers = use.get("lever"), known.catalogue.levers
    lever = levers.get(name) if isinstance(name, str) else None
    yield from _check_dates(use, path, known.raw)
    if isinstance(use.get("when"), dict):
        yield from _check_trigger(use, path, known)
    yield from check_where(use.get("where"), (*path, "where"), KINDS[lever.over] if lever else OF_LEVERS, lever, known)
    if lever:
        yield from _check_value(use, path, lever)
        yield from _check_enabled(path, lever, known)
        yield from _check_message(use, path, lever)
    elif isinstance(name, str):
        yield Finding((*path, "lever"), no_such("lever", name, levers, topic="levers"))


def _check_dates(use: Use, path: KeyPath, raw: dict[str, object]) -> Iterator[Finding]:
    first, announced = month_of(use.get("from")), month_of(use.get("announced"))
    if use.get("from") is None and use.get("when") is None:
        expected = "expected a month as YYYY-MM, for example 2018-01"
        message = f"{expected}; found nothing" if "from" in use else f"'from' is missing; {expected}"
        yield Finding((*path, "from"), message)
    yield from check_span(use, path, raw, ("announced", "from", "until"))
    if first is not None and announced is not None and announced >= first:
        message = f"{format_month(announced)} does not lie before 'from', {format_month(first)}"
        yield Finding((*path, "announced"), message, ((*path, "from"),))


def check_span(use: Use, path: KeyPath, raw: dict[str, object], keys: tuple[str, ...]) -> Iterator[Finding]:
    """Refuse dates outside the run, and an end before the beginning."""
    start, end = horizon_of(raw)
    if start is not None and end is not None and start <= end:
        run = f"{format_month(start)} to {format_month(end)}"
        for key in keys:
            month = month_of(use.get(key))
            if month is not None and not start <= month <= end:
                said = format_month(month)
                alike = Alike(said, f"{{}} lie outside the run, {run}", movable_to=format_month(start))
                yield Finding((*path, key), f"{said} lies outside the run, {run}", (("start",), ("end",)), alike)
    first, last = month_of(use.get("from")), month_of(use.get("until"))
    if first is not None and last is not None and last < first:
        message = f"{format_month(last)} lies before 'from', {format_month(first)}"
        yield Finding((*path, "until"), message, ((*path, "from"),))


def _check_value(use: Use, path: KeyPath, lever: Lever) -> Iterator[Finding]:
    """Check ``value``, ``sectors`` and ``kinds``."""
    value, related = read_share(use.get("value")), ((*path, "lever"),)
    low, high = lever.bounds
    if value is not use.get("value") and not lever.is_share:
        message = f"'{lever.name}' takes no per cent; {expected_value(lever)}{_as_value(str(use['value']), lever)}"
        yield Finding((*path, "value"), message, related)
        return
    if is_number(value) and math.isfinite(value) and not low <= value <= high:
        expected = expected_value(lever)
        message = f"{expected}; found {described(value)}{as_share(value, expected, low, high)}"
        yield Finding((*path, "value"), message, related)
    for field, what in (("sectors", "sectors"), ("kinds", "kinds of application")):
        if use.get(field) is not None and not (lever.split and lever.split_by == field):
            message = f"'{lever.name}' does not tell {what} apart; leave '{field}' out"
            yield Finding((*path, field), message, related)
    if lever.split_by == "kinds":
        yield from _check_kinds(use.get("kinds"), (*path, "kinds"), lever)


def _as_value(text: str, lever: Lever) -> str:
    """Say how a number in per cent is written as a multiple; with a sign it is a change."""
    share = read_share(text)
    if not is_number(share) or lever.neutral != 1.0:
        return ""
    value = share + 1.0 if text.strip()[0] in "+-" else share
    write = f"; write {value:g}" if lever.bounds[0] <= value <= lever.bounds[1] else ""
    return f"{write}; 1 changes nothing"


def _check_kinds(given: object, here: KeyPath, lever: Lever) -> Iterator[Finding]:
    """Refuse kinds of application that there are not, and an empty list."""
    kinds = read_kinds(given)
    if kinds == ():
        yield Finding(here, "the list is empty; leave 'kinds' out to reach all")
    for index, kind in enumerate(kinds if isinstance(kinds, tuple) else ()):
        if isinstance(kind, str) and kind not in lever.split:
            there_are = f"; there are {either(lever.split, 'and')}"
            at = here if isinstance(given, str) else (*here, index)
            yield Finding(at, no_such("kind of application", kind, lever.split, otherwise=there_are))


def _check_enabled(path: KeyPath, lever: Lever, known: Known) -> Iterator[Finding]:
    moved = known.catalogue.sections_moved(lever.name)
    missing = [section for section in lever.beside if not known.is_on(section)]
    if missing or not known.is_on(*moved):
        moved = missing or moved
        by_default = any(known.catalogue.mechanisms[section].on_by_default for section in moved)
        why = f"would do nothing: {are_off(moved) if by_default else on_request(moved)}"
        switches = tuple(("mechanisms", section, "enabled") for section in moved)
        yield Finding((*path, "lever"), f"'{lever.name}' {why}", switches, Alike(f"'{lever.name}'", f"{{}} {why}"))


def _check_message(use: Use, path: KeyPath, lever: Lever) -> Iterator[Finding]:
    """Check what a campaign says, and refuse announcements of what nobody weighs who considers leaving."""
    topic, related = use.get("topic"), ((*path, "lever"),)
    if not lever.topics:
        for key in ("topic", "claimed"):
            if use.get(key) is not None:
                yield Finding((*path, key), f"'{lever.name}' has no message; leave '{key}' out", related)
    elif topic is None:
        message = f"'{lever.name}' needs a 'topic': {either(lever.topics)}"
        yield Finding((*path, "topic") if "topic" in use else (*path, "lever"), message)
    elif isinstance(topic, str) and topic not in lever.topics:
        there_are = f"; there are {either(lever.topics, 'and')}"
        yield Finding((*path, "topic"), no_such("topic", topic, lever.topics, otherwise=there_are), related)
    # with a trigger no announcement is possible, whatever the lever
    if use.get("when") is None and use.get("announced") is not None and not lever.felt:
        message = (
            f"an announcement of '{lever.name}' would do nothing: those who consider leaving do not look ahead to it; "
            "leave 'announced' out"
        )
        if lever.topics:
            message = "a campaign cannot be announced: it speaks while it is in force; leave 'announced' out"
        yield Finding((*path, "announced"), message, related)


# ------------------------------------------------------------------------------------------------------------- triggers


def _check_trigger(use: Use, path: KeyPath, known: Known) -> Iterator[Finding]:
    """Check ``when``: an outcome that is there, one threshold, places that are watched."""
    when, here = use["when"], (*path, "when")
    assert isinstance(when, dict)
    if use.get("announced") is not None:
        message = "a lever with a trigger cannot be announced, as nobody knows when it fires; leave 'announced' out"
        yield Finding((*path, "announced"), message, (here,))
    given = [key for key in ("above", "below") if when.get(key) is not None]
    if len(given) == 2:
        message = "either 'above' or 'below', not both; two levers can have a trigger each"
        yield Finding((*here, "below"), message, ((*here, "above"),))
    elif not given and not any(nearest(key, ("above", "below")) for key in when):
        yield Finding(here, "a trigger needs a threshold, 'above' or 'below'")
    name = when.get("outcome")
    if isinstance(name, str):
        yield from _check_outcome(name, (*here, "outcome"), known)
    outcome = known.catalogue.outcomes.get(name) if isinstance(name, str) else None
    if outcome and outcome.over != "district" and when.get("where") is not None:
        message = f"'{outcome.name}' is recorded for the whole country only; leave 'where' out"
        yield Finding((*here, "where"), message, ((*here, "outcome"),))
    else:
        yield from check_where(when.get("where"), (*here, "where"), KINDS["district"], None, known)


def _check_outcome(name: str, here: KeyPath, known: Known) -> Iterator[Finding]:
    """Refuse an outcome that is unknown, of other places, or of a mechanism that nobody asked for: it has no column.

    Where a mechanism on by default is switched off, others may still record its outcomes.
    """
    watched, catalogue = ("district", "national"), known.catalogue
    outcome = catalogue.outcomes.get(name)
    there_are = [name for name, found in catalogue.outcomes.items() if found.over in watched]
    if outcome is None:
        yield Finding(here, no_such("outcome", name, there_are, topic="outcomes"))
        return
    if outcome.over not in watched:
        near = did_you_mean(name, there_are)
        yield Finding(here, f"'{name}' is no outcome of the whole country or of districts, but by {outcome.over}{near}")
    section = catalogue.section_of_outcome[name]
    if not catalogue.mechanisms[section].on_by_default and not known.is_on(section):
        message = f"nothing is recorded in '{name}': {on_request((section,))}"
        yield Finding(here, message, (("mechanisms", section, "enabled"),))


# --------------------------------------------------------------------------------------------------------------- places


def check_where(
    where: object,
    here: KeyPath,
    kinds: tuple[PlaceKind, ...],
    lever: Lever | None,
    known: Known,
    acts: str = "outcomes are watched by district",
) -> Iterator[Finding]:
    """Check the places in which a lever acts, a trigger watches an outcome, or an event befalls.

    `kinds` may be named. Without a lever, the places are watched, or an event befalls there: `acts` says so.
    """
    if where is None:
        return
    if lever and not kinds:
        message = f"'{lever.name}' acts on the whole country; leave 'where' out"
        yield Finding(here, message, ((*here[:-1], "lever"),))
        return
    if isinstance(where, list | tuple) and "unit" in kinds:
        yield from _check_places(_with_paths(where, here), here, "unit", known)
        return
    forms = [*(["a list of districts"] if "unit" in kinds else ()), *(f"{{{kind}: …}}" for kind in kinds)]
    expected = f"expected {listed(forms, 'or')}"
    if not isinstance(where, dict) or len(where) != 1:
        found = f"{len(where)} keys" if isinstance(where, dict) else described(where)
        yield Finding(here, f"{expected}; found {found}")
        return
    ((kind, places),) = where.items()
    here = (*here, kind)
    if kind not in WORDS:
        yield Finding(here, no_such("kind of place", kind, kinds, otherwise=f"; {expected}"))
    elif kind not in kinds:
        what = f"'{lever.name}' acts on {TARGET_WORDS.get(lever.over, lever.over)}" if lever else acts
        yield Finding(here, f"{what}; {expected}")
    elif not isinstance(places, str | list | tuple):
        yield Finding(here, f"expected a name or a list of names; found {described(places)}")
    else:
        named: Named = [(here, places)] if isinstance(places, str) else _with_paths(places, here)
        yield from _check_places(named, here, kind, known)
        if lever and known.places:
            yield from _check_effect(named, lever, kind, known, known.places)


def _with_paths(places: list[object] | tuple[object, ...], here: KeyPath) -> Named:
    return [((*here, index), name) for index, name in enumerate(places)]


def _check_places(named: Named, here: KeyPath, kind: PlaceKind, known: Known) -> Iterator[Finding]:
    """Refuse names of places that are not there, or out of the region."""
    if not named:
        yield Finding(here, "the list is empty; leave 'where' out to act everywhere")
    word, topic = WORDS[kind]
    for at, name in named:
        if not isinstance(name, str):
            yield Finding(at, f"expected the name of a {word}; found {described(name)}")
    names = known.names

    def other_kind(name: str) -> str:
        other = next((place for place in WORDS if name in names.of[place]), None)
        if other:
            return f"; it is a {WORDS[other][0]}: {{{other}: {name}}}"
        return census_hint(name) if kind == "unit" else ""

    texts = [(at, name) for at, name in named if isinstance(name, str)]
    there_are = f"; there are {listed(names.of[kind])}" if kind == "border" else ""
    yield from check_names(texts, names.of[kind], word, hint=other_kind, otherwise=there_are, topic=topic)
    if known.region is None:
        return
    provinces = {names.province_of[unit] for unit in known.region}
    related: tuple[KeyPath, ...] = (("population", "region"),)
    for at, name in texts:
        if kind == "unit" and name in names.province_of and name not in known.region:
            yield Finding(at, f"district '{name}' does not lie in population.region", related)
        elif kind == "province" and name in names.of["province"] and name not in provinces:
            yield Finding(at, f"no district of '{name}' lies in population.region", related)


def _check_effect(named: Named, lever: Lever, kind: PlaceKind, known: Known, places: Places) -> Iterator[Finding]:
    """Refuse a destination, leg, or route of such legs, where the lever would do nothing, and yet cost."""
    guards, names = guards_of(places), known.names
    active = [leg.key for leg in places.legs if kind in ("leg", "route") and lever.acts_at(leg, guards[leg.key])]
    useful = active if kind == "leg" else list(dict.fromkeys(r for leg in active for r in names.legs.get(leg, ())))
    admitting = [facts.key for facts in places.destinations if kind == "destination" and lever.acts_at(facts)]
    for at, name in named:
        if not isinstance(name, str) or name not in names.of[kind]:
            continue
        if kind in ("leg", "route") and name not in useful:
            where = _where_it_acts(lever)
            what = f"which {where[0]}" if kind == "leg" else f"none of whose legs {where[1]}"
            legs = [leg for leg in places.legs if name in (leg.key, *names.legs.get(leg.key, ()))]
            there = _of_the_same_kind(lever, legs, guards, known.catalogue.levers)
            others = ", …" if len(useful) > SHOWN else ""
            acts = f"; it acts on {', '.join(useful[:SHOWN])}{others}" if useful else ""
            instead = f"; use {either(there)} there" if there else acts
            yield Finding(at, f"'{lever.name}' does nothing on '{name}', {what}{instead}")
        elif kind == "destination" and name not in admitting:
            yield Finding(at, f"'{lever.name}' does nothing at '{name}', which admits nobody for legal work")


def levers_on(leg: Leg, guarded_by: Iterable[str], levers: Iterable[Lever]) -> list[Lever]:
    """Levers that act on a leg which posts of these kinds guard."""
    kinds = tuple(guarded_by)
    return [lever for lever in levers if lever.over in ("leg", "jurisdiction") and lever.acts_at(leg, kinds)]


def _of_the_same_kind(
    lever: Lever, legs: Iterable[Leg], guards: Mapping[str, tuple[str, ...]], levers: Mapping[str, Lever]
) -> list[str]:
    """Name the levers on guards of other kinds that act on these legs, if the lever is on guards of some kind."""
    if not lever.guards or lever.over != "leg":
        return []
    found = [other for leg in legs for other in levers_on(leg, guards[leg.key], levers.values())]
    return list(dict.fromkeys(other.name for other in found if other.guards and other.over == "leg" and other != lever))


def partly_acting(raw: dict[str, object], levers: Mapping[str, Lever], places: Places) -> Iterator[Finding]:
    """Say of levers of a valid configuration that act on some legs of a route only, and what is for the others."""
    guards = guards_of(places)
    for path, use in uses_of(raw, "levers"):
        lever, where = levers[str(use["lever"])], use.get("where")
        named = where.get("route") if isinstance(where, dict) else None
        wanted = [named] if isinstance(named, str) else named or ()
        legs = list({leg.key: leg for route in places.routes if route.key in wanted for leg in route.legs}.values())
        within = [leg.key for leg in legs if lever.acts_at(leg, guards[leg.key])]
        others = [leg for leg in legs if leg.key not in within]
        if for_others := _of_the_same_kind(lever, others, guards, levers):
            only = f"{'leg' if len(within) == 1 else 'legs'} {listed(within)} only"
            rest = "other leg is" if len(others) == 1 else f"{len(others)} other legs are"
            message = f"'{lever.name}' acts on {only}; the {rest} for {either(for_others, 'and')}"
            yield Finding((*path, "where"), message)


def _where_it_acts(lever: Lever) -> tuple[str, str]:
    """Say why a leg, or a route, is out of a lever's reach."""
    if not lever.guards:
        return LEG_NEEDS[lever.needs]
    words = [GUARD_WORDS[kind] for kind in lever.guards]
    shared = OF_PAKISTAN if all(word.endswith(OF_PAKISTAN) for word in words) else ""  # said once
    who = listed([word.removesuffix(shared) for word in words], "or") + shared
    return f"no {who} guards", f"is guarded by {'an' if who[0] in 'aeiou' else 'a'} {who}"
