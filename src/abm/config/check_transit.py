"""Checks of ``places.transit``: streams that enter somewhere, travel something, and whose shares add up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from abm.config.finding import Finding
from abm.config.names import Names
from abm.config.raw import Entries
from abm.config.wording import did_you_mean, either, is_number, number, shown
from abm.config.yaml_source import KeyPath
from abm.engine.calendar import MONTHS_A_YEAR, format_month
from abm.places.places import PlaceSettings
from abm.places.series import HOME_COUNTRY
from abm.places.transit_streams import Stream

NEAR_ENOUGH = 1e-6
"""How far shares, or the mean of a season, may be from 1."""


def check_stream(key: str, entries: Entries, rows: PlaceSettings, names: Names) -> Iterator[Finding]:
    """List what makes no sense in a stream that is given, or whose routes are.

    Parameters
    ----------
    key, entries, rows, names
        Stream, section ``places`` as given, all rows merged, names of places.
    """
    stream, given = rows.transit[key], entries.get("transit", {}).get(key)
    here: KeyPath = ("places", "transit", key)
    yield from _check_legs(here, entries, stream, rows)
    if given is None:
        return
    if stream.origin == HOME_COUNTRY and "origin" in given:
        yield Finding((*here, "origin"), "transit comes from abroad, not from Pakistan")
    for field, shares in (("entries", stream.entries), ("pushed_to", stream.pushed_to)):
        yield from _check_shares((*here, field), given.get(field), shares, names.province_of, "district", "districts")
    yield from _check_shares((*here, "routes"), given.get("routes"), stream.routes, rows.routes, "route", "routes")
    yield from _check_ways((*here, "routes"), given.get("routes"), rows)
    if "season" in given and stream.season:
        mean = sum(stream.season) / MONTHS_A_YEAR
        if abs(mean - 1.0) > NEAR_ENOUGH:
            yield Finding((*here, "season"), f"the twelve multiples have the mean {number(round(mean, 6))} and not 1")
    yield from _check_walls(here, given, stream)


def check_early_start(start: int, rows: PlaceSettings) -> Iterator[Finding]:
    """Refuse streams at the level of 2017 in a run that begins before the data, unless somebody says what they were.

    Parameters
    ----------
    start
        First month of the run.
    rows
        All rows, those of the configuration merged into the shipped ones.
    """
    silent = [key for key, stream in rows.transit.items() if not _says_what_was(stream, start)]
    if silent:
        several = len(silent) > 1
        subject = f"transit streams {either(silent, 'and')} have" if several else f"transit stream '{silent[0]}' has"
        was = f"{{history: {{{format_month(start)}: {{flow: 0}}}}}}"
        example = f"'places: {{transit: {{{', '.join(f'{key}: {was}' for key in silent)}}}}}'"
        message = (
            f"{subject} the level of 2017; say what it was when the run begins, by 'history' or by a yearly 'growth'"
            f"{' of each' if several else ''}, for example {example}  (docs/model/transit.md#before-the-data)"
        )
        yield Finding(("mechanisms", "transit", "enabled"), message, (("start",),))


def _says_what_was(stream: Stream, start: int) -> bool:
    """Whether a stream has a multiple in a month, a growth, or nobody in it."""
    said = any(month <= format_month(start) for month in stream.history or ())
    return said or bool(stream.growth) or not (stream.level or stream.direct)


def _check_shares(
    here: KeyPath, given: object, shares: Mapping[str, float] | None, known: Collection[str], word: str, topic: str
) -> Iterator[Finding]:
    """Names that there are, and shares that add up to 1; a mapping is merged, so the sum is that of the whole."""
    if not isinstance(given, Mapping):
        return
    for name in given:
        if name not in known:
            hint = did_you_mean(str(name), known)
            yield Finding((*here, name), f"no {word} '{shown(name)}'{hint}  (abm describe {topic})")
    sound = all(is_number(share) and 0 <= share <= 1 for share in given.values())
    if shares is None or not sound or not set(given) <= set(known):
        return
    total = sum(shares.values())
    if abs(total - 1.0) > NEAR_ENOUGH:
        named = ", ".join(f"{name} {number(share)}" for name, share in shares.items())
        message = f"the shares add up to {number(round(total, 6))} and not to 1: {named}; give 0 to who has none"
        yield Finding(here, message)


def _check_ways(here: KeyPath, given: object, rows: PlaceSettings) -> Iterator[Finding]:
    """Routes that begin in Pakistan."""
    for name in given if isinstance(given, Mapping) else ():
        route = rows.routes.get(name)
        if route and route.start in rows.destinations:
            start = shown(route.start)
            message = f"route '{shown(name)}' begins in '{start}'; transit needs one that begins in Pakistan"
            yield Finding((*here, name), message)


def _check_legs(here: KeyPath, entries: Entries, stream: Stream, rows: PlaceSettings) -> Iterator[Finding]:
    """Routes with a leg in Pakistan: who takes another one would be in no table."""
    for name, share in (stream.routes or {}).items():
        route = rows.routes.get(name)
        if not share or not route or not route.path or route.start in rows.destinations:
            continue
        countries = {rows.legs[leg].country if leg in rows.legs else None for leg in route.path}
        at = _where_said(here, name, route.path, entries)
        if at and not countries & {HOME_COUNTRY, None}:
            message = f"route '{shown(name)}' of the transit stream '{here[-1]}' has no leg in Pakistan (country PAK)"
            yield Finding(at, message)


def _where_said(here: KeyPath, route: str, legs: Collection[str], entries: Entries) -> KeyPath | None:
    """Where a configuration puts a stream on a route, or else changes the route, or a leg of it."""
    stream = entries.get("transit", {}).get(str(here[-1]), {})
    listed = stream.get("routes")
    if isinstance(listed, Mapping) and route in listed:
        return (*here, "routes", route)
    if route in entries.get("routes", {}):
        return ("places", "routes", route)
    changed = [leg for leg in legs if "country" in entries.get("legs", {}).get(leg, {})]
    return ("places", "legs", changed[0], "country") if changed else None


def _check_walls(here: KeyPath, given: dict[str, object], stream: Stream) -> Iterator[Finding]:
    """A wall pushes those who go a direct way, somewhere."""
    if "walls" not in given and "direct" not in given and "pushed_to" not in given:
        return
    at = (*here, next(field for field in ("walls", "direct", "pushed_to") if field in given))
    walls, direct = stream.walls or given.get("walls"), stream.direct or given.get("direct")
    pushed_to = stream.pushed_to or given.get("pushed_to")
    if walls and not direct and "walls" in given:
        yield Finding(at, "a wall pushes those who go a direct way; give 'direct', persons a month")
    if walls and not pushed_to:
        yield Finding(at, "give 'pushed_to', the districts that those whom a wall pushes enter")
    if (direct or pushed_to) and not walls:
        yield Finding(at, f"'{at[-1]}' does nothing without 'walls'")
