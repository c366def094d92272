"""Checks of section ``regime``: laws that name services that there are, in provinces that there are, at sound dates.

They work on laws and agencies as merged with the shipped ones; what is malformed is left out here, and refused by the
types. Each finding stands at what the user wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sized

from abm.config.finding import Finding
from abm.config.raw import sound_entries
from abm.config.wording import did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.enforcement.law.month_law import STREAMS
from abm.enforcement.law.regime import FIA, REGIME_ENTRIES, Agency, Law, RegimeSettings, merge_regime, shipped_regime
from abm.engine.entry import missing_fields
from abm.places.geography import PROVINCES

SECTION = "regime"

SINGULAR = {"laws": "law", "agencies": "agency"}


def check_regime(raw: object, *, law: bool) -> Iterator[Finding]:
    """List what makes no sense in section ``regime``, given as plain data; `law` tells whether laws are simulated."""
    if not isinstance(raw, dict) or not raw:
        return
    given = RegimeSettings.model_construct(**sound_entries(REGIME_ENTRIES, raw))
    rows = merge_regime(given)
    for key, found in given.laws.items():
        here: KeyPath = (SECTION, "laws", key)
        yield from _check_new("laws", key, raw["laws"][key], here)
        yield from _check_names(found.provinces, (*here, "provinces"), tuple(PROVINCES.values()), "province")
        yield from _check_law(found, rows.laws[key], here, rows)
    for key, agency in given.agencies.items():
        here = (SECTION, "agencies", key)
        yield from _check_new("agencies", key, raw["agencies"][key], here)
        yield from _check_names(agency.provinces, (*here, "provinces"), tuple(PROVINCES.values()), "province")
        yield from _check_time(agency, (*here, "time"), raw["agencies"][key].get("time"))
        if law:  # without laws every agency follows what it has time for
            yield from _check_service(agency.service, (*here, "service"), rows)


def _check_new(part: str, key: str, row: dict[str, object], here: KeyPath) -> Iterator[Finding]:
    """Refuse a new entry without all that it needs; perhaps it is a known one, misspelt."""
    known = shipped_regime()[part]
    missing = missing_fields(REGIME_ENTRIES[part], row)
    if key not in known and missing:
        hint = did_you_mean(key, known)
        yield Finding(here, f"a new {SINGULAR[part]} needs {either(missing, 'and')} too{hint}")


def _check_law(given: Law, law: Law, here: KeyPath, rows: RegimeSettings) -> Iterator[Finding]:
    services = {FIA, *(agency.service for agency in rows.agencies.values() if agency.service)}
    yield from _check_names(given.streams, (*here, "streams"), STREAMS, "stream of crime")
    yield from _check_names(given.services, (*here, "services"), services, "service")
    if law.named and law.services is not None and law.named not in law.services:
        at: KeyPath = (*here, "named") if given.named else (*here, "services")
        hint = did_you_mean(law.named, law.services)
        yield Finding(at, f"'{shown(law.named)}' is named and not among the services{hint}")
    yield from _check_names(given.replaces, (*here, "replaces"), rows.laws, "law")
    if here[-1] in (given.replaces or ()):
        yield Finding((*here, "replaces"), "a law cannot replace itself")
    dates = {"pending": (law.awaited, given.awaited), "from": (law.first, given.first), "until": (law.last, given.last)}
    for earlier, later in (("from", "until"), ("pending", "from")):
        (one, one_given), (other, other_given) = dates[earlier], dates[later]
        if one and other and other < one and (one_given or other_given):
            at = (*here, later if other_given else earlier)
            yield Finding(at, f"'{later}', {other}, lies before '{earlier}', {one}")


def _check_service(service: str, here: KeyPath, rows: RegimeSettings) -> Iterator[Finding]:
    """Refuse an agency that is in charge of nothing: it would cost, and follow no case."""
    named = {name for law in rows.laws.values() for name in law.services or ()}
    if service and service not in named:
        hint = did_you_mean(service, sorted(named)) or "; add it to 'services' of a law under regime.laws"
        yield Finding(here, f"no law names the service '{shown(service)}'{hint}  (abm describe laws)")


def _check_time(agency: Agency, here: KeyPath, given: Sized) -> Iterator[Finding]:
    for stream in agency.shares or ():
        if stream not in STREAMS:
            hint = did_you_mean(stream, STREAMS) or f"; there are {either(STREAMS, 'and')}"
            yield Finding((*here, stream), f"no stream of crime '{shown(stream)}'{hint}")
    if agency.shares is not None and len(agency.shares) == len(given) and not any(agency.shares.values()):
        yield Finding(here, "no stream has any time; expected one share above 0 at least")


def _check_names(names: Collection[str] | None, here: KeyPath, known: Collection[str], word: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(names or ()):
        if name not in known:
            hint = did_you_mean(name, sorted(known)) or f"; there are {either(sorted(known), 'and')}"
            yield Finding((*here, index), f"no {word} '{shown(name)}'{hint}")
        elif name in seen:
            yield Finding((*here, index), f"{word} '{name}' is named twice")
        seen.add(name)
