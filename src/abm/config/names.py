"""Names that a configuration may use for places: districts, provinces, destinations, routes and their legs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from abm.config.catalogue import Catalogue
from abm.config.raw import mapping_in, sound_entries
from abm.config.wording import with_word
from abm.declare.lever import Target
from abm.places.data_files import read_rows
from abm.places.geography import PROVINCES, load_units
from abm.places.places import DOMESTIC, PLACES, Places, PlaceSettings
from abm.world.lever_use import PlaceKind
from abm.world.named import borders_of

REGIONS = ("pakistan", "catchment")  # named regions; else a region is a list of districts

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
    "border": ("border", "routes"),
}
"""A kind of place in words, and the topic of ``abm describe`` that lists it."""


@dataclass(frozen=True)
class Names:
    """Valid names of places."""

    province_of: dict[str, str]  # unit -> province, in the order of units.csv
    legs: dict[str, tuple[str, ...]]  # leg -> its routes
    # kind of place -> all names: of destinations those abroad, of borders those that a leg of a route crosses,
    # ``FROM-TO``; with what a configuration adds
    of: dict[PlaceKind, tuple[str, ...]]


@cache
def load_names() -> Names:
    """Read the names of the shipped data."""
    return _names_in(PLACES.merged())


def _names_in(rows: PlaceSettings) -> Names:
    """Gather the names in rows of places; parts of a row may be missing."""
    units = load_units()
    legs: dict[str, tuple[str, ...]] = {}
    for key, route in rows.routes.items():
        for leg in route.path or ():
            legs[leg] = (*legs.get(leg, ()), key)
    province_of = {str(unit): str(province) for unit, province in zip(units.unit, units.province, strict=True)}
    names: dict[PlaceKind, tuple[str, ...]] = {
        "unit": tuple(province_of),
        "province": tuple(PROVINCES.values()),
        # No policy on destinations reaches the city inside the country.
        "destination": tuple(key for key in rows.destinations if key != DOMESTIC),
        "leg": tuple(legs),
        "route": tuple(rows.routes),
        "border": tuple(borders_of((rows.legs[leg] for leg in legs if leg in rows.legs), rows.points)),
    }
    return Names(province_of, legs, names)


def census_hint(name: str) -> str:
    """Say which district of the model a place of the censuses and surveys lies in; nothing if nobody has such a place.

    A province, or a word of its name, is reported as such.

    Districts were divided, merged and renamed: what `unit_crosswalk.csv` says of those whose name is no guide comes
    before likeness of spelling.
    """
    wanted = name.strip().lower().replace("_", " ")
    units = {row["name"].lower(): row["unit"] for row in read_rows("tables/unit_crosswalk.csv")}
    if wanted not in units:
        return _province_hint(wanted)
    return f"; did you mean '{units[wanted]}'?" if units[wanted] else "; Gilgit-Baltistan is not in the model"


def _province_hint(name: str) -> str:
    """Say that a place is a province, or a part of its name."""
    found = with_word(name, PROVINCES.values())
    return f"; '{found[0]}' is a province: list its districts" if found else ""


@dataclass(frozen=True)
class Known:
    """What there is in a configuration."""

    raw: dict[str, object]  # plain data, of which any part may be malformed
    catalogue: Catalogue
    rows: PlaceSettings  # places shipped and of the configuration; parts of these may be missing
    names: Names
    region: tuple[str, ...] | None  # districts simulated; None where all are, or the region is malformed
    places: Places | None = None  # the rows as facts; None where something is wrong with section ``places``

    def is_on(self, *sections: str) -> bool:
        """Whether one of these mechanisms takes part."""
        return any(self.catalogue.is_on(section, self.raw) for section in sections)


def known_in(raw: dict[str, object], catalogue: Catalogue) -> Known:
    """Gather the places of plain data, their names, and the districts of the region."""
    rows = PLACES.merged(sound_entries(PLACES, raw.get("places")))
    names = _names_in(rows) if raw.get("places") else load_names()
    return Known(raw, catalogue, rows, names, _region_of(raw, names))


def _region_of(raw: dict[str, object], names: Names) -> tuple[str, ...] | None:
    region = mapping_in(raw.get("population")).get("region")
    if isinstance(region, str) and (region == "catchment" or region in names.province_of):
        return tuple(str(unit) for unit in load_units(region).unit)
    listed = tuple(region) if isinstance(region, list | tuple) else ()
    return listed if listed and all(isinstance(unit, str) and unit in names.province_of for unit in listed) else None
