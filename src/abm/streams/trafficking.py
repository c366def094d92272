"""Trafficking: reach of phones, destination cities, districts named by the source, and counts of the exploited.

Everything is a count or a rate by district; there are no individuals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.calendar import fraction_of_year, parse_month
from abm.engine.portable import exponential, exponentials
from abm.places.data_files import read_rows
from abm.places.geography import Units, distance_km, impute, load_units, unit_index
from abm.world.codes import T_MEMBERS, T_WORKERS

if TYPE_CHECKING:
    from abm.world.state import World

PHONES_SINCE = 2000.0
"""Year before which no one has a mobile phone. Source: assumed; the first survey, of 2004, finds 5 %."""

REFERENCE_MONTH = parse_month("2017-07")
"""Month in which national push and pull have their usual values; before the last survey of phones."""

CITY_RESIDENTS = 500_000.0
"""Urban residents in 2017 from which a district counts as a destination. Source: assumed."""

NEAREST_KM = 20.0
"""Shortest distance to a city; also that within a district. Source: assumed."""

MINORS_AMONG_DEPENDANTS = 0.6
"""Share of members outside the labour force who are minors. Source: assumed; 45 % of residents are below 18."""


class ExploitedState(State):
    """Counts of one stream, int64 but `fear`, by district of origin first.

    Attributes
    ----------
    held
        Persons exploited at the end of the month: by origin, place (the last lies outside the region) and group for
        domestic trafficking, shape (districts, places, groups); by origin and stream abroad, (districts, streams).
    at_risk, freed
        Persons freed who may be trafficked again, by origin and group; persons freed in the last month, by origin.
    fear
        Raids and convictions remembered, per million residents.
    """

    by_stream: Held[dict[str, Exploited]] = kept(
        unit="person", text="Counts of the streams that are on.", start=lambda world: {}
    )


@dataclass
class Exploited:
    """Counts of one stream, by district of origin first.

    Attributes
    ----------
    held
        Persons exploited at the end of the month, int64: by origin, place (the last lies outside the region) and group
        for domestic trafficking, shape (districts, places, groups); by origin and stream abroad, (districts, streams).
    at_risk
        Persons freed who may be trafficked again, int64, by origin and group.
    fear
        Raids and convictions remembered, per million residents, by district.
    freed
        Persons freed in the last month, by origin.
    """

    held: np.ndarray
    at_risk: np.ndarray
    fear: np.ndarray
    freed: np.ndarray


def exploited(world: World) -> dict[str, Exploited]:
    """Counts of the streams that are on, by the stream's name in law."""
    return world[ExploitedState].by_stream


def nobody(origins: int, shape: tuple[int, ...]) -> Exploited:
    """Counts of an empty stream."""
    return Exploited(
        held=np.zeros((origins, *shape), np.int64),
        at_risk=np.zeros((origins, shape[-1]), np.int64),
        fear=np.zeros(origins),
        freed=np.zeros(origins, np.int64),
    )


def held_or_at_risk(world: World) -> np.ndarray:
    """Persons held in any stream, and those at risk, who are recruited separately; by district of origin."""
    found = np.zeros(world.district_count, np.int64)
    for stream in exploited(world).values():
        found += stream.held.reshape(world.district_count, -1).sum(axis=1) + stream.at_risk.sum(axis=1)
    return found


def minors_in(world: World) -> np.ndarray:
    """Minors among the residents, by district, int64."""
    dependants = world.sums[:, T_MEMBERS] - world.sums[:, T_WORKERS]
    return np.floor(MINORS_AMONG_DEPENDANTS * dependants).astype(np.int64)


def phone_reach(units: Units, month: int, closing: float) -> np.ndarray:
    """Share of residents in households with a mobile phone, by district, in a month since January of year 0.

    Linear between surveys, from zero in `PHONES_SINCE`; after the last survey a share `closing` of the gap to full
    coverage closes in a year.
    """
    years, shares = _phone_surveys()
    year, rows = fraction_of_year(month), _rows_of(units)
    if year >= years[-1]:
        return 1.0 - (1.0 - shares[rows, -1]) * exponential(-closing * (year - years[-1]))
    after = int(np.searchsorted(years, year, side="right"))
    if after == 0:
        return np.zeros(len(units))
    weight = (year - years[after - 1]) / (years[after] - years[after - 1])
    return shares[rows, after - 1] * (1.0 - weight) + shares[rows, after] * weight


@cache
def usual_reach() -> float:
    """Share of Pakistan's residents in households with a mobile phone, in 2017."""
    country = load_units("pakistan")
    return float(np.average(phone_reach(country, REFERENCE_MONTH, 0.0), weights=country.population_2017))


def weights_of(stream: str, units: Units) -> np.ndarray:
    """Weight of a district in a stream, poverty and residents apart; 1 where the sources say nothing.

    A row names a unit, a province, or neither (everywhere else); the most specific one applies.
    """
    rows = [row for row in read_rows("tables/trafficking_sources.csv") if row["stream"] == stream]
    found = np.ones(len(units))
    for row in sorted(rows, key=lambda row: (row["unit"] != "", row["province"] != "")):
        place = "unit" if row["unit"] else "province"
        found[(getattr(units, place) == row[place]) | (row[place] == "")] = float(row["weight"])
    return found


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
    fall = np.zeros((len(units), rows.size))
    exponentials((-_distances()[_rows_of(units)] / decay).ravel(), fall.reshape(-1))
    return (country.urban_share * country.population_2017)[rows] * fall


@cache
def _rows_of(units: Units) -> np.ndarray:
    """Rows of a region's districts among those of the country."""
    row_of = unit_index(load_units("pakistan"))
    return np.array([row_of[str(key)] for key in units.unit], np.int64)


@cache
def _distances() -> np.ndarray:
    """Whole kilometres from each district of the country to each destination city, at least `NEAREST_KM`."""
    country = load_units("pakistan")
    # in whole kilometres, because the last bits of sine and cosine differ between processors
    lon, lat = country.lon[:, None], country.lat[:, None]
    kilometres = np.round(distance_km(lon, lat, country.lon[cities()], country.lat[cities()]))
    return np.maximum(kilometres, NEAREST_KM)


@cache
def _phone_surveys() -> tuple[np.ndarray, np.ndarray]:
    """Survey years, with the starting year first, and shares by district of the country and year."""
    country = load_units("pakistan")
    row_of = unit_index(country)
    rows = read_rows("tables/phone_reach.csv")
    years = sorted({int(row["year"]) for row in rows})
    shares = np.full((len(country), len(years)), np.nan)
    for row in rows:
        shares[row_of[row["unit"]], years.index(int(row["year"]))] = float(row["mobile_ownership_pct"]) / 100.0
    filled = [impute(shares[:, k], country.province, country.lon, country.lat) for k in range(len(years))]
    # a survey year runs to its end: its figure stands at mid-year
    points = np.array([PHONES_SINCE, *(year + 0.5 for year in years)])
    return points, np.stack([np.zeros(len(country)), *filled], axis=1)
