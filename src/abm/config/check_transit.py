"""Checks of ``places.transit``: streams that enter somewhere, travel something, and whose shares add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abm.config.finding import Finding
from abm.config.names import Names
from abm.config.raw import month_of
from abm.config.wording import did_you_mean, either, is_number, number, shown
from abm.config.yaml_source import KeyPath
from abm.engine.calendar import MONTHS_A_YEAR, format_month
from abm.places.places import Rows
from abm.places.series import HOME_COUNTRY

NEAR_ENOUGH = 1e-6
"""How far shares, or the mean of a season, may be from 1."""


def check_stream(key: str, entries: dict[str, Any], rows: Rows, names: Names) -> Iterator[Finding]:
    """List what makes no sense in a stream that is given, or whose routes are.

    Parameters
    ----------
    key, entries, rows, names
        Stream, section ``places`` as given, all rows merged, names of places.
    """
    row, given = rows["transit"][key], entries.get("transit", {}).get(key)
    here: KeyPath = ("places", "transit", key)
    yield from _check_legs(here, entries, row, rows)
    if given is None:
        return
    if row.get("origin") == HOME_COUNTRY and "origin" in given:
        yield Finding((*here, "origin"), "transit comes from abroad, not from Pakistan")
    for field in ("entries", "pushed_to"):
        yield from _check_shares((*here, field), given, row, field, names.province_of, "district", "districts")
    yield from _check_shares((*here, "routes"), given, row, "routes", rows["routes"], "route", "routes")
    yield from _check_ways(here, given, row, rows)
    yield from _check_season(here, given)
    yield from _check_walls(here, given, row)


def check_early_start(start: int, rows: Rows) -> Iterator[Finding]:
    """Refuse streams at the level of 2017 in a run that begins before the data, unless somebody says what they were.

    Parameters
    ----------
    start
        First month of the run.
    rows
        All rows, those of the configuration merged into the shipped ones.
    """
    silent = [key for key, row in rows["transit"].items() if not _says_what_was(row, start)]
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


def _says_what_was(row: dict[str, Any], start: int) -> bool:
    """Whether a stream has a multiple in a month, a growth, or nobody in it."""
    history = row.get("history")
    months = [month_of(month) for month in history] if isinstance(history, Mapping) else []
    said = any(month is not None and month <= start for month in months)
    return said or bool(row.get("growth")) or not (row.get("level") or row.get("direct"))


def _check_shares(
    here: KeyPath, given: dict[str, Any], row: dict[str, Any], field: str, known: Any, word: str, topic: str
) -> Iterator[Finding]:
    """Names that there are, and shares that add up to 1; a mapping is merged, so the sum is that of the whole."""
    if field not in given or not isinstance(given[field], Mapping):
        return
    for name in given[field]:
        if name not in known:
            hint = did_you_mean(str(name), known)
            yield Finding((*here, name), f"no {word} '{shown(name)}'{hint}  (abm describe {topic})")
    shares = row[field].values()
    if not set(given[field]) <= set(known) or not all(is_number(share) and 0 <= share <= 1 for share in shares):
        return
    total = sum(shares)
    if abs(total - 1.0) > NEAR_ENOUGH:
        named = ", ".join(f"{name} {number(share)}" for name, share in row[field].items())
        message = f"the shares add up to {number(round(total, 6))} and not to 1: {named}; give 0 to who has none"
        yield Finding(here, message)


def _check_ways(here: KeyPath, given: dict[str, Any], row: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    """Routes that begin in Pakistan."""
    listed = given.get("routes")
    for route in listed if isinstance(listed, Mapping) else ():
        start = rows["routes"].get(route, {}).get("from")
        if start in rows["destinations"]:
            message = f"route '{shown(route)}' begins in '{shown(start)}'; transit needs one that begins in Pakistan"
            yield Finding((*here, "routes", route), message)


def _check_legs(here: KeyPath, entries: dict[str, Any], row: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    """Routes with a leg in Pakistan: who takes another one would be in no table."""
    shares = row.get("routes")
    for route, share in shares.items() if isinstance(shares, Mapping) else ():
        known = rows["routes"].get(route, {})
        legs = known.get("legs") if known.get("from") not in rows["destinations"] else None
        if share == 0 or not legs or not isinstance(legs, list | tuple) or not all(leg in rows["legs"] for leg in legs):
            continue
        if any(rows["legs"][leg].get("country") in {HOME_COUNTRY, None} for leg in legs):
            continue
        at = _where_said(here, route, legs, entries)
        if at:
            message = f"route '{shown(route)}' of the transit stream '{here[-1]}' has no leg in Pakistan (country PAK)"
            yield Finding(at, message)


def _where_said(here: KeyPath, route: str, legs: Sequence[str], entries: dict[str, Any]) -> KeyPath | None:
    """Where a configuration puts a stream on a route, or else changes the route, or a leg of it."""
    stream = entries.get("transit", {}).get(here[-1], {})
    if isinstance(stream.get("routes"), Mapping) and route in stream["routes"]:
        return (*here, "routes", route)
    if route in entries.get("routes", {}):
        return ("places", "routes", route)
    changed = [leg for leg in legs if "country" in entries.get("legs", {}).get(leg, {})]
    return ("places", "legs", changed[0], "country") if changed else None


def _check_season(here: KeyPath, given: dict[str, Any]) -> Iterator[Finding]:
    season = given.get("season")
    if (
        not isinstance(season, list | tuple)
        or len(season) != MONTHS_A_YEAR
        or not all(is_number(value) for value in season)
    ):
        return
    mean = sum(season) / MONTHS_A_YEAR
    if abs(mean - 1.0) > NEAR_ENOUGH:
        yield Finding((*here, "season"), f"the twelve multiples have the mean {number(round(mean, 6))} and not 1")


def _check_walls(here: KeyPath, given: dict[str, Any], row: dict[str, Any]) -> Iterator[Finding]:
    """A wall pushes who goes a direct way, somewhere."""
    if "walls" not in given and "direct" not in given and "pushed_to" not in given:
        return
    at = (*here, next(field for field in ("walls", "direct", "pushed_to") if field in given))
    if row.get("walls") and not row.get("direct") and "walls" in given:
        yield Finding(at, "a wall pushes those who go a direct way; give 'direct', persons a month")
    if row.get("walls") and not row.get("pushed_to"):
        yield Finding(at, "give 'pushed_to', the districts that those whom a wall pushes enter")
    if (row.get("direct") or row.get("pushed_to")) and not row.get("walls"):
        yield Finding(at, f"'{at[-1]}' does nothing without 'walls'")
