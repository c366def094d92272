"""Names and numbers in words, as a reader who does not know the code expects them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from abm.analysis.wording import plain, title_of
from abm.config.wording import listed
from abm.places.geography import PROVINCES, load_units
from abm.places.places import Places

PlaceNames = Mapping[str, Mapping[str, str]]  # names of places by kind and key

MOST_NAMES = 6  # places that are named one by one; of more, the number is said

NAMES = {
    "fee_basket": "Fee, mix of routes unchanged",
    "fee_median": "Median fee",
    "cheated": "Travellers cheated",
    "europe_entries": "Entries into Europe",
    "aspiration_mean": "Aspiration",
    "europe_detected": "Detected entries into Europe",
    "sent_home": "Travellers sent home",
    "stranded": "Travellers stranded on the way",
    "repeat_attempts": "Trying to leave again after a return",
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
    first, *_ = text.split(" ")
    return ACRONYMS.get(first, first) + text.removeprefix(first)


def said(name: str) -> str:
    """The same inside a sentence."""
    return lowered(headed(name))


def lowered(text: str) -> str:
    """A heading inside a sentence: names and acronyms keep their capitals."""
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def prose(text: str) -> str:
    """Text of a declaration without the marks of code."""
    return " ".join(text.replace("`", "").split())


def place_names(places: Places) -> PlaceNames:
    """Names of places as people write them."""
    units = load_units()
    points = {point.key: point.name for point in places.points}
    return {
        "unit": dict(zip(map(str, units.unit), map(str, units.name), strict=True)),
        "province": {key: name for name, key in PROVINCES.items()},
        "destination": {found.key: found.name for found in places.destinations},
        "leg": {leg.key: f"{points[leg.start]} to {points[leg.end]}" for leg in places.legs},
        "route": {route.key: route.name for route in places.routes},
    }


def where_in_words(where: Mapping[str, list[str]] | None, names: PlaceNames) -> str:
    """Write the places of a lever or an event."""
    if not where:
        return "everywhere it applies"
    (kind, keys), *_ = where.items()
    known = names.get(kind, {})
    words = [known.get(key) or (key if key.isupper() else plain(key).title()) for key in keys]  # a border: PAK-IRN
    of_kind = {"unit": "districts", "leg": "legs", "route": "routes", "destination": "destinations"}
    if len(words) > MOST_NAMES:
        return f"{len(words)} {of_kind.get(kind, f'{kind}s')}: {', '.join(words[:MOST_NAMES])} and others"
    return f"on {'; '.join(words)}" if kind in ("leg", "route") else listed(words)
