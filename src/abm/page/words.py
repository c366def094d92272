"""Names and numbers in words, as a reader who does not know the code expects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from abm.analysis.wording import plain, written
from abm.declare import Outcome
from abm.engine.measures import is_flow
from abm.places.geography import PROVINCES, load_units
from abm.places.places import Places
from abm.plots.sheet import title_of

MOST_NAMES = 6
"""Places that are named one by one; of more, the number is said."""

NAMES = {
    "fee_median": "Median fee",
    "cheated": "Travellers cheated",
    "europe_detected": "Detected entries into Europe",
    "sent_home": "Travellers sent home",
    "repeat_attempts": "Attempts after a return",
    "trafficked_domestic": "Trafficked within the country",
    "offices": "Offices in business",
    "arrests": "Owners and agents arrested",
}
"""Outcomes whose name would not be understood alone."""

ACRONYMS = {"Fia": "FIA", "Eu": "EU", "Uk": "UK", "Hhi": "HHI"}


_LABELS: ContextVar[Mapping[str, str]] = ContextVar("labels", default=MappingProxyType({}))


@contextmanager
def labelled(labels: Mapping[str, str]) -> Iterator[None]:
    """Call scenarios and uses of levers of the page that is made by the labels of its study."""
    before = _LABELS.set(labels)
    try:
        yield
    finally:
        _LABELS.reset(before)


def headed(name: str) -> str:
    """Name of an outcome, lever or scenario, with a capital; its label, if the study gives one."""
    if label := _LABELS.get().get(name):
        return label
    text = NAMES.get(name) or title_of(name)
    for wrong, right in ACRONYMS.items():
        text = f"{right}{text[len(wrong) :]}" if text.split(" ")[0] == wrong else text
    return text


def said(name: str) -> str:
    """The same inside a sentence."""
    text = headed(name)
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def units(unit: str) -> str:
    """Unit of a number of several: ``persons``."""
    return f"{unit}s" if unit in COUNTED else unit


def unit_in_words(outcome: Outcome, per: str) -> str:
    """Unit of an outcome by step: ``persons a year``, ``PKR of 2017``, ``share``."""
    unit = outcome.unit.removesuffix(" a month") if is_flow(outcome) else outcome.unit
    return f"{units(unit)} {per}" if is_flow(outcome) else units(unit)


COUNTED = ("person", "household", "event", "case", "lead", "office", "attempt", "officer", "application", "house")
"""Units that take an s."""


def some(value: float) -> str:
    """Write a number of persons as one would say it: 33,400 · 820 · 7."""
    if abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return written(value, -digits)
    return written(value, 0 if abs(value) >= 10 else 1)


def prose(text: str) -> str:
    """Text of a declaration without the marks of code."""
    return " ".join(text.replace("`", "").split())


def listed(names: Iterable[str], word: str = "and") -> str:
    """List names: ``a, b and c``; nothing for none."""
    found = list(names)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {word} {found[-1]}"


def place_names(places: Places) -> dict[str, dict[str, str]]:
    """Names of places by kind and key, as people write them."""
    units = load_units()
    points = {point.key: point.name for point in places.points}
    legs = {leg.key: f"{points.get(leg.start, leg.start)} to {points.get(leg.end, leg.end)}" for leg in places.legs}
    return {
        "unit": dict(zip(map(str, units.unit), map(str, units.name), strict=True)),
        "province": {key: name for name, key in PROVINCES.items()},
        "destination": {found.key: found.name for found in places.destinations},
        "leg": legs,
        "route": {route.key: route.name for route in places.routes},
        "border": {},
    }


def where_in_words(where: Mapping[str, list[str]] | None, names: Mapping[str, Mapping[str, str]]) -> str:
    """Write the places of a lever or an event."""
    if not where:
        return "everywhere it applies"
    (kind, keys), *_ = where.items()
    known = names.get(kind, {})
    words = [known.get(key) or plain(key).title() for key in keys]
    of_kind = {"unit": "districts", "leg": "legs", "route": "routes", "destination": "destinations"}
    if len(words) > MOST_NAMES:
        return f"{len(words)} {of_kind.get(kind, f'{kind}s')}: {', '.join(words[:MOST_NAMES])} and others"
    return f"on {'; '.join(words)}" if kind in ("leg", "route") else listed(words)
