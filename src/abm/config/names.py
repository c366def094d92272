"""Names that a configuration may use for places: districts, provinces, destinations, routes and their legs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from abm.places.geography import PROVINCES, load_units
from abm.places.places import DOMESTIC, PlaceSettings, merge_rows
from abm.world.lever_use import PlaceKind


@dataclass(frozen=True)
class Names:
    """Valid names by kind of place.

    Attributes
    ----------
    province_of
        Unit -> province, in the order of ``units.csv``.
    destinations, routes
        Keys of ``destinations.yaml`` (those abroad) and ``routes.yaml``, and of what a configuration adds.
    legs
        Leg -> its routes.
    """

    province_of: dict[str, str]
    provinces: tuple[str, ...]
    destinations: tuple[str, ...]
    routes: tuple[str, ...]
    legs: dict[str, tuple[str, ...]]

    def of(self, kind: PlaceKind) -> tuple[str, ...]:
        """All names of a kind."""
        return {
            "unit": tuple(self.province_of),
            "province": self.provinces,
            "destination": self.destinations,
            "leg": tuple(self.legs),
            "route": self.routes,
        }[kind]

    def kind_of(self, name: str) -> PlaceKind | None:
        """Kind of place that bears a name."""
        kinds: tuple[PlaceKind, ...] = ("unit", "province", "destination", "leg", "route")
        return next((kind for kind in kinds if name in self.of(kind)), None)


@cache
def load_names() -> Names:
    """Read the names of the shipped data."""
    return names_in(merge_rows(PlaceSettings()))


def names_in(rows: PlaceSettings) -> Names:
    """Gather the names in rows of places; parts of a row may be missing."""
    units = load_units()
    legs: dict[str, tuple[str, ...]] = {}
    for key, route in rows.routes.items():
        for leg in route.path or ():
            legs[leg] = (*legs.get(leg, ()), key)
    return Names(
        province_of={str(unit): str(province) for unit, province in zip(units.unit, units.province, strict=True)},
        provinces=tuple(PROVINCES.values()),
        # No policy on destinations reaches the city inside the country.
        destinations=tuple(key for key in rows.destinations if key != DOMESTIC),
        routes=tuple(rows.routes),
        legs=legs,
    )


@cache
def region_units(region: str | tuple[str, ...]) -> tuple[str, ...]:
    """Units of a region that is known to be valid."""
    return tuple(str(unit) for unit in load_units(region).unit)
