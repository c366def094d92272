"""Checks of section ``regime``: laws that name services that there are, in provinces that there are, at sound dates.

They work on the rows as merged with the shipped ones, of which any part may be malformed: such parts are passed over
here, and refused by the types. Each finding stands at what the user wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from abm.config.finding import Finding
from abm.config.places import missing_fields
from abm.config.raw import month_of, texts_of
from abm.config.regime import REGIME_ENTRIES
from abm.config.wording import did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.enforcement.law.month_law import STREAMS
from abm.enforcement.law.regime import FIA, RegimeRows, merge_regime, shipped_regime
from abm.places.geography import PROVINCES

SECTION = "regime"

SINGULAR = {"laws": "law", "agencies": "agency"}


def check_regime(raw: Any, *, law: bool) -> Iterator[Finding]:
    """List what makes no sense in section ``regime``, given as plain data; `law` tells whether laws are simulated."""
    if not isinstance(raw, dict) or not raw:
        return
    rows = merge_regime(raw)
    for part in REGIME_ENTRIES:
        given = raw.get(part)
        for key, row in given.items() if isinstance(given, dict) else ():
            if not isinstance(row, dict):
                continue
            here: KeyPath = (SECTION, part, key)
            yield from _check_new(part, key, row, here)
            yield from _check_names(row, here, "provinces", tuple(PROVINCES.values()), "province")
            if part == "laws":
                yield from _check_law(row, rows["laws"][key], here, rows)
                continue
            yield from _check_time(row, here)
            if law:  # without laws every agency follows what it has time for
                yield from _check_service(row, here, rows)


def _check_new(part: str, key: str, row: dict[str, Any], here: KeyPath) -> Iterator[Finding]:
    """Refuse a new entry without all that it needs; perhaps it is a known one, misspelt."""
    known = shipped_regime()[part]
    missing = missing_fields(REGIME_ENTRIES[part], row)
    if key not in known and missing:
        hint = did_you_mean(key, known)
        yield Finding(here, f"a new {SINGULAR[part]} needs {either(missing, 'and')} too{hint}")


def _check_law(given: dict[str, Any], row: dict[str, Any], here: KeyPath, rows: RegimeRows) -> Iterator[Finding]:
    services = {
        FIA,
        *(found["service"] for found in rows["agencies"].values() if isinstance(found.get("service"), str)),
    }
    yield from _check_names(given, here, "streams", STREAMS, "stream of crime")
    yield from _check_names(given, here, "services", services, "service")
    named, listed = row.get("named"), row.get("services")
    if isinstance(named, str) and isinstance(listed, list | tuple) and named not in listed:
        at: KeyPath = (*here, "named") if "named" in given else (*here, "services")
        yield Finding(
            at, f"'{shown(named)}' is named and not among the services{did_you_mean(named, texts_of(listed))}"
        )
    yield from _check_names(given, here, "replaces", rows["laws"], "law")
    if here[-1] in texts_of(given.get("replaces")):
        yield Finding((*here, "replaces"), "a law cannot replace itself")
    for earlier, later in (("from", "until"), ("pending", "from")):
        one, other = month_of(row.get(earlier)), month_of(row.get(later))
        if one is not None and other is not None and other < one and {earlier, later} & set(given):
            key = later if later in given else earlier
            yield Finding((*here, key), f"'{later}', {row[later]}, lies before '{earlier}', {row[earlier]}")


def _check_service(given: dict[str, Any], here: KeyPath, rows: RegimeRows) -> Iterator[Finding]:
    """Refuse an agency that is in charge of nothing: it would cost, and follow no case."""
    service = given.get("service")
    named = {name for row in rows["laws"].values() for name in texts_of(row.get("services"))}
    if isinstance(service, str) and service not in named:
        hint = did_you_mean(service, sorted(named)) or "; add it to 'services' of a law under regime.laws"
        yield Finding((*here, "service"), f"no law names the service '{shown(service)}'{hint}  (abm describe laws)")


def _check_time(given: dict[str, Any], here: KeyPath) -> Iterator[Finding]:
    time = given.get("time")
    for stream in time if isinstance(time, dict) else ():
        if stream not in STREAMS:
            hint = did_you_mean(stream, STREAMS) or f"; there are {either(STREAMS, 'and')}"
            yield Finding((*here, "time", stream), f"no stream of crime '{shown(stream)}'{hint}")
    if isinstance(time, dict) and all(isinstance(share, int | float) and share == 0 for share in time.values()):
        yield Finding((*here, "time"), "no stream has any time; expected one share above 0 at least")


def _check_names(
    given: dict[str, Any], here: KeyPath, field: str, known: Collection[str], word: str
) -> Iterator[Finding]:
    names = texts_of(given.get(field))
    for index, name in enumerate(names):
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or f"; there are {either(sorted(known), 'and')}"
            yield Finding((*here, field, index), f"no {word} '{shown(name)}'{hint}")
        elif name in names[:index]:
            yield Finding((*here, field, index), f"{word} '{name}' is named twice")
