"""Checks of section ``regime``: laws that name services that there are, in provinces that there are, at sound dates.

They work on laws and agencies as merged with the shipped ones; what is malformed is left out here, and refused by the
types. Each finding stands at what the user wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized

from abm.config.finding import Finding, check_names, check_new
from abm.config.raw import sound_entries
from abm.config.wording import did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.enforcement import FIA, REGIME, STREAMS, Agency, Law, RegimeSettings
from abm.places.geography import PROVINCES


def check_regime(raw: object, *, law: bool) -> Iterator[Finding]:
    """List what makes no sense in section ``regime``, given as plain data; `law` tells whether laws are simulated."""
    if not isinstance(raw, dict) or not raw:
        return
    given = sound_entries(REGIME, raw)
    rows = REGIME.merged(given)
    for part, entries in (("laws", given.laws), ("agencies", given.agencies)):
        for key, found in entries.items():
            here: KeyPath = ("regime", part, key)
            yield from check_new(here, raw[part][key], REGIME.kinds[part], REGIME.shipped[part])
            yield from _check_list(found.provinces, (*here, "provinces"), PROVINCES.values(), "province")
            if isinstance(found, Law):
                yield from _check_law(found, rows.laws[key], here, rows)
            else:
                yield from _check_time(found, (*here, "time"), raw[part][key].get("time"))
                if law:  # without laws every agency follows what it has time for
                    yield from _check_service(found.service, (*here, "service"), rows)


def _check_law(given: Law, law: Law, here: KeyPath, rows: RegimeSettings) -> Iterator[Finding]:
    services = {FIA, *(agency.service for agency in rows.agencies.values() if agency.service)}
    yield from _check_list(given.streams, (*here, "streams"), STREAMS, "stream of crime")
    yield from _check_list(given.services, (*here, "services"), services, "service")
    if law.named and law.services is not None and law.named not in law.services:
        at: KeyPath = (*here, "named") if given.named else (*here, "services")
        hint = did_you_mean(law.named, law.services)
        yield Finding(at, f"'{shown(law.named)}' is named and not among the services{hint}")
    yield from _check_list(given.replaces, (*here, "replaces"), rows.laws, "law")
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
    named = [((*here, stream), stream) for stream in agency.shares or ()]
    yield from check_names(named, STREAMS, "stream of crime", otherwise=f"; there are {either(STREAMS, 'and')}")
    if agency.shares is not None and len(agency.shares) == len(given) and not any(agency.shares.values()):
        yield Finding(here, "no stream has any time; expected one share above 0 at least")


def _check_list(names: Iterable[str] | None, here: KeyPath, known: Iterable[str], word: str) -> Iterator[Finding]:
    named = (((*here, index), name) for index, name in enumerate(names or ()))
    there = sorted(known)
    yield from check_names(named, there, word, otherwise=f"; there are {either(there, 'and')}")
