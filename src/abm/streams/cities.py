"""Cities where people are held: districts with many urban residents, and their attraction by distance."""

from __future__ import annotations

from functools import cache

import numpy as np

from abm.engine.elementwise import exp
from abm.places.geography import Units, distance_km, load_units, unit_index

CITY_RESIDENTS = 500_000.0
"""Urban residents in 2017 from which a district counts as a destination. Source: assumed."""

NEAREST_KM = 20.0
"""Shortest distance to a city; also that within a district. Source: assumed."""


@cache
def cities() -> np.ndarray:
    """Rows of the destination cities among all districts of the country."""
    country = load_units("pakistan")
    return np.flatnonzero(country.urban_share * country.population_2017 >= CITY_RESIDENTS)


@cache
def places_in(units: Units) -> tuple[np.ndarray, np.ndarray]:
    """Destination cities of a region: rows in the region, and their rows among `cities`."""
    row_of = unit_index(units)
    keys = [str(key) for key in load_units("pakistan").unit[cities()]]
    inside = [k for k, key in enumerate(keys) if key in row_of]
    return np.array([row_of[keys[k]] for k in inside], np.int64), np.array(inside, np.int64)


def attraction(units: Units, decay: float) -> np.ndarray:
    """Attraction of each destination city of the country to each district, shape (districts, cities).

    Urban residents of 2017, which fall to 1/e over `decay` kilometres.
    """
    country, rows = load_units("pakistan"), cities()
    fall = exp(-kilometres_to(tuple(cities().tolist()))[rows_in_country(units)] / decay)
    return (country.urban_share * country.population_2017)[rows] * fall


@cache
def rows_in_country(units: Units) -> np.ndarray:
    """Rows of a region's districts among those of the country."""
    row_of = unit_index(load_units("pakistan"))
    return np.array([row_of[str(key)] for key in units.unit], np.int64)


@cache
def kilometres_to(places: tuple[int, ...]) -> np.ndarray:
    """Whole kilometres from each district of the country to some of them (rows), at least `NEAREST_KM`."""
    country, rows = load_units("pakistan"), list(places)
    # in whole kilometres, because the last bits of sine and cosine differ between processors
    lon, lat = country.lon[:, None], country.lat[:, None]
    return np.maximum(np.round(distance_km(lon, lat, country.lon[rows], country.lat[rows])), NEAREST_KM)


def ease_of_reach(units: Units, points: tuple[str, ...], decay: float) -> np.ndarray:
    """Ease with which buyers who are at some districts are reached from each; it falls to 1/e over `decay` kilometres.

    1 within `NEAREST_KM`, and everywhere without points.
    """
    if not points:
        return np.ones(len(units))
    row_of = unit_index(load_units("pakistan"))
    nearest = kilometres_to(tuple(row_of[point] for point in points)).min(axis=1)[rows_in_country(units)]
    return exp((NEAREST_KM - nearest) / decay)
