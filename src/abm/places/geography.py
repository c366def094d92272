"""Districts ("units"): their state at the censuses, population by month, neighbours.

Figures come from ``units.csv`` (censuses of 1998, 2017 and 2023; poverty estimates of 2014 and 2018). Three
corrections are made on the way in, and only here: implausible household sizes and counts of persons abroad are
limited, settled families are distinguished from workers by sex and by the register of workers, and blanks are imputed
from near units. ``docs/data.md`` gives the reasons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from abm.engine.calendar import parse_month
from abm.engine.measures import Floats
from abm.places.data_files import read_rows, unknown_name
from abm.places.series import residents_index

PROVINCES = {
    "Punjab": "punjab",
    "Khyber Pakhtunkhwa": "khyber_pakhtunkhwa",
    "Sindh": "sindh",
    "Balochistan": "balochistan",
    "Islamabad Capital Territory": "islamabad",
    "Azad Jammu and Kashmir": "azad_jammu_kashmir",
}
"""Name as printed in the data -> key used in configs and code."""

CENSUS_MONTHS = (parse_month("1998-03"), parse_month("2017-03"), parse_month("2023-03"))
"""Months of the three censuses. Field work of 2017 and 2023 ran into May; March is taken for both."""

HOUSEHOLD_SIZE_BOUNDS = (4.5, 9.5)
"""Plausible range of persons per household in a district; published sizes jump in a few. Source: assumed."""

DOUBTFUL_FEMALE_SHARE = 0.45
"""From this share of women upward the census question has caught something else than emigrants: in most of Sindh
and Balochistan women are about half of those said to live abroad, or more."""

WORKERS_REGISTERED = {"azad_jammu_kashmir": 84_132 / 663_305, "sindh": 14_830 / 100_181, "balochistan": 3_172 / 100_181}
"""Workers registered for work abroad relative to Punjab's, where the census undercounts them. It does not cover
Azad Jammu and Kashmir (2013 to October 2014, S_ARY_2014). In Sindh and Balochistan women are nearly half of those
abroad, and `split_abroad` leaves a third of the workers registered in 2006 (S_BRECORDER_2007)."""

AJK_DONORS = ("punjab", "khyber_pakhtunkhwa", "islamabad")
"""Provinces whose census units stand in for Azad Jammu and Kashmir, which has population only."""

DONOR_COUNT = 5
"""Nearest units that a blank is imputed from. Source: assumed."""

GROWTH_BOUNDS = (-0.01, 0.04)
"""Range of yearly growth of a unit beyond the last census; higher published rates are doubtful. Source: assumed."""

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, eq=False)
class Units:
    """Districts, one row each, in the row order of ``units.csv``; all arrays are read-only.

    Shares and rates are fractions in [0, 1]. Rows with ``imputed`` hold census population only; the rest of the row
    is a weighted mean of near units.
    """

    unit: NDArray[np.str_]
    """Key, for example ``"gujrat"``."""
    name: NDArray[np.str_]
    """Name as printed."""
    province: NDArray[np.str_]
    """Province key, a value of `PROVINCES`."""
    catchment: NDArray[np.str_]
    """``"paper"``, ``"neighbour"`` or ``""``. A label for the region of a run, reports and maps. It was drawn with
    target data: **no mechanism may read it.**"""
    imputed: NDArray[np.bool_]
    """Whether the unit lies in Azad Jammu and Kashmir, where all but population is imputed."""
    lon: Floats
    """Longitude of the centroid, degrees."""
    lat: Floats
    """Latitude of the centroid, degrees."""
    population_1998: Floats
    """Persons at the census of March 1998."""
    population_2017: Floats
    """Persons at the census of March 2017."""
    population_2023: Floats
    """Persons at the census of March 2023; where imputed, extrapolated at the growth of 1998-2017."""
    persons_per_household: Floats
    """Persons per household: mean of 2017 and 2023 weighted by population, limited to `HOUSEHOLD_SIZE_BOUNDS`."""
    urban_share: Floats
    """Share of the population of 2017 in urban places."""
    literacy: Floats
    """Share of those aged 10 and over who can read and write, 2017."""
    labour_force_participation: Floats
    """Share of those aged 10 and over in the labour force, census definition, 2017."""
    unemployment: Floats
    """Share of the labour force without work, census definition, 2017."""
    poverty: Floats
    """Share of persons below the national poverty line: mean of 2014 and 2018 where both are known."""
    persons_abroad_2017: Floats
    """Persons living abroad as reported by their households at the census of 2017, see `split_abroad`."""
    settled_share: Floats
    """Share of persons abroad who belong to settled families, see `split_abroad`; the rest are labour migrants."""

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Neighbours of each unit in compressed rows: those of unit ``i`` are ``indices[indptr[i]:indptr[i + 1]]``."""

    indptr: NDArray[np.int32]
    """Start of each row, and the end of the last."""
    indices: NDArray[np.int32]
    """Rows of the neighbouring units, ascending in each row."""
    weight: Floats
    """Length of the shared border over the sum for the unit; the weights of a unit with neighbours sum to 1."""


DistrictData = Literal["full", "none"]
"""What is known of single districts: all that ``units.csv`` holds, or where they lie and who lived there in 1998."""


def load_units(region: str | Sequence[str] = "pakistan", district_data: DistrictData = "full") -> Units:
    """Districts of a region: ``"pakistan"`` for all 134, ``"catchment"`` for those of the paper and around, or keys.

    Rows keep the order of ``units.csv`` whatever the order of the keys. With the `district_data` ``"none"`` only
    geography and the census of 1998 are known, see `_without_data`. A ValueError says that a name is neither region nor
    unit, or that the list is empty.
    """
    return _select(region if isinstance(region, str) else tuple(region), district_data)


def unit_index(units: Units) -> dict[str, int]:
    """Row of each unit by its key."""
    return {str(key): row for row, key in enumerate(units.unit)}


def population_at(units: Units, month: int) -> Floats:
    """Persons in each unit in a month.

    Growth is exponential between the censuses. Before the first it is that of the country, whose residents are known
    by year. After the last it goes on at the rate of 2017-2023, limited to `GROWTH_BOUNDS` and moved half-way to the
    national rate, because district rates of one census interval hold much noise and changes of bounds.
    """
    first, second, third = CENSUS_MONTHS
    if month < first:
        people = units.population_1998 * residents_index(month)
    elif month <= second:
        people = _grow(units.population_1998, units.population_2017 / units.population_1998, first, month, second)
    elif month <= third:
        people = _grow(units.population_2017, units.population_2023 / units.population_2017, second, month, third)
    else:
        own = _yearly_growth(units.population_2017, units.population_2023)
        rate = (np.clip(own, *GROWTH_BOUNDS) + _national_growth()) / 2
        people = units.population_2023 * np.exp(np.log1p(rate) * ((month - third) / 12))
    # exp and log may differ in the last bit between processors; whole persons are the same on all of them.
    return np.rint(people)


def _grow(people: Floats, ratio: Floats, begin: int, month: int, end: int) -> Floats:
    """Let people grow exponentially to a month, at the rate that makes `ratio` of them between two months."""
    return people * np.exp(np.log(ratio) * ((month - begin) / (end - begin)))


def adjacency(units: Units) -> Adjacency:
    """Neighbours among the units present, weighted by the shared border; a unit may have none."""
    row_of = unit_index(units)
    borders: list[dict[int, float]] = [{} for _ in range(len(units))]
    for (one_key, other_key), length in _shared_borders().items():
        one, other = row_of.get(one_key), row_of.get(other_key)
        if one is not None and other is not None:
            borders[one][other] = borders[other][one] = length
    indptr = np.cumsum([0, *(len(border) for border in borders)], dtype=np.int32)
    indices = np.array([row for border in borders for row in sorted(border)], dtype=np.int32)
    weight = np.array(
        [border[row] / sum(border.values()) for border in borders for row in sorted(border)], dtype=np.float64
    )
    return Adjacency(indptr, indices, weight)


@cache
def _shared_borders() -> dict[tuple[str, str], float]:
    """Length of the border that two units share, km."""
    rows = read_rows("geo/unit_adjacency.csv")
    return {(row["unit_a"], row["unit_b"]): float(row["shared_border_km"]) for row in rows}


@cache
def _select(region: str | tuple[str, ...], district_data: DistrictData) -> Units:
    everything = _read_units() if district_data == "full" else _without_data()
    if region == "pakistan":
        return everything
    if region == "catchment":
        chosen = everything.catchment != ""
    else:
        keys = (region,) if isinstance(region, str) else region
        known = unit_index(everything)
        for key in keys:
            if key not in known:
                raise unknown_name("region or unit", key, ("pakistan", "catchment", *known))
        chosen = np.isin(everything.unit, keys)
    if not chosen.any():
        raise ValueError("a region needs at least one unit; none is named")
    return _frozen({field.name: getattr(everything, field.name)[chosen] for field in fields(Units)})


@cache
def data_on_districts() -> dict[str, dict[str, float]]:
    """Columns of numbers in the data on districts, each by unit; districts without a value are left out."""
    rows = read_rows("tables/units.csv")
    columns = {name: {row["unit"]: row[name] for row in rows if row[name]} for name in rows[0]}
    return {
        name: {unit: float(text) for unit, text in column.items()}
        for name, column in columns.items()
        if column and all(_NUMBER.fullmatch(text) for text in column.values())
    }


_NUMBER = re.compile(r"-?\d+(\.\d*)?")


@cache
def _read_units() -> Units:
    rows = read_rows("tables/units.csv")

    def text(column: str) -> NDArray[np.str_]:
        return np.array([row[column] for row in rows])

    def number(column: str) -> Floats:
        return np.array([float(row[column]) if row[column] else np.nan for row in rows])

    keys, lon, lat = text("unit"), number("lon"), number("lat")
    province = np.array([PROVINCES[row["province"]] for row in rows])
    imputed = text("status") == "ajk_population_only"
    population_1998, population_2017, population_2023 = (number(f"population_{year}") for year in (1998, 2017, 2023))
    first, second, third = CENSUS_MONTHS
    counted, women = number("persons_abroad_2017"), number("persons_abroad_female_2017")
    labour, settled = split_abroad(counted, women, population_2017, province)
    continued = _grow(population_2017, population_2017 / population_1998, first, first + third - second, second)
    population_2023 = np.where(imputed, np.rint(continued), population_2023)
    rates = {
        "persons_per_household": np.clip(
            # Weighted by population, each size being persons over households.
            (population_2017**2 / number("households_2017") + population_2023**2 / number("households_2023"))
            / (population_2017 + population_2023),
            *HOUSEHOLD_SIZE_BOUNDS,
        ),
        "urban_share": number("urban_share_2017"),
        "literacy": number("literacy_10plus_2017"),
        "labour_force_participation": number("labour_force_participation_2017"),
        "unemployment": number("unemployment_2017"),
        "poverty": _mean_of_known(number("poverty_2014"), number("poverty_2018")),
        "labour_rate": labour / population_2017,
        "settled_rate": settled / population_2017,
    }
    rates = {name: impute(values, province, lon, lat) for name, values in rates.items()}
    people = {
        "population_1998": population_1998,
        "population_2017": population_2017,
        "population_2023": population_2023,
    }
    labour_rate, settled_rate = rates.pop("labour_rate"), rates.pop("settled_rate")
    registered_rate = _by_register(labour_rate, population_2017, province)
    abroad_rate = settled_rate + np.where(imputed, registered_rate, labour_rate)
    settled_rate = np.maximum(abroad_rate - registered_rate, 0.0)
    abroad = {
        "persons_abroad_2017": np.rint(abroad_rate * population_2017),
        "settled_share": np.round(settled_rate / np.maximum(abroad_rate, 1e-9), 6),
    }
    names = {"unit": keys, "name": text("name"), "province": province, "catchment": text("catchment")}
    return _frozen(names | {"imputed": imputed, "lon": lon, "lat": lat} | people | abroad | rates)


@cache
def _without_data() -> Units:
    """Districts of which only place, neighbours and the census of 1998 are known.

    All of them have the mean of the country, weighted by residents of 2017, in everything else; they have grown as the
    country has since 1998, and nobody of theirs is known to be abroad.
    """
    units = _read_units()
    counted = ~units.imputed

    def mean(values: Floats) -> Floats:
        # rounded, so that the order of a sum does not reach a run
        return np.full(len(units), round(float(np.average(values[counted], weights=units.population_2017[counted])), 6))

    second, third = (np.rint(units.population_1998 * residents_index(month)) for month in CENSUS_MONTHS[1:])
    averaged = (
        "persons_per_household", "urban_share", "literacy", "labour_force_participation", "unemployment", "poverty",
        "settled_share",
    )  # fmt: skip
    columns = {field.name: getattr(units, field.name) for field in fields(Units)}
    columns |= {name: mean(columns[name]) for name in averaged}
    columns |= {"population_2017": second, "population_2023": third, "persons_abroad_2017": np.zeros(len(units))}
    return _frozen(columns)


def _frozen(columns: dict[str, NDArray[Any]]) -> Units:
    """Make units of arrays that nobody can write to: they are shared by all runs of a process."""
    for column in columns.values():
        column.setflags(write=False)
    return Units(**columns)


def _mean_of_known(one: Floats, other: Floats) -> Floats:
    """Mean of two readings, or the one that is known; blank where neither is."""
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, (one + other) / 2))


def split_abroad(
    persons: Floats, women: Floats, residents: Floats, province: NDArray[np.str_]
) -> tuple[Floats, Floats]:
    """Split persons abroad into labour migrants and settled families.

    A woman abroad stands for a family, half of it women; men beyond these went to work. Where women are
    `DOUBTFUL_FEMALE_SHARE` or more, the question caught something else: there workers are as many per resident as in
    the other units of the province, at most the men, and families stand to them as elsewhere. Both are blank where the
    census is.

    References
    ----------
    Own reading: the census gives sex, not purpose. Recruits for work abroad are men all but a few in a thousand
    (Bureau of Emigration and Overseas Employment).
    """
    labour, settled = np.maximum(persons - 2.0 * women, 0.0), np.minimum(2.0 * women, persons)
    believed = women < DOUBTFUL_FEMALE_SHARE * persons
    usual = settled[believed].sum() / labour[believed].sum()
    for unit in np.flatnonzero(~believed & ~np.isnan(persons)):
        near = believed & (province == province[unit])
        workers = labour[near].sum() / residents[near].sum() * residents[unit]
        labour[unit] = min(workers, persons[unit] - women[unit])
        settled[unit] = min(usual * labour[unit], persons[unit] - labour[unit])
    return labour, settled


def _by_register(labour_rate: Floats, population: Floats, province: NDArray[np.str_]) -> Floats:
    """Scale labour migrants per resident to `WORKERS_REGISTERED` in the provinces named there.

    In Azad Jammu and Kashmir the number abroad changes with it; elsewhere the number stays, and more of it are workers.
    """
    labour = labour_rate * population
    punjab, scaled = float(labour[province == "punjab"].sum()), labour_rate.copy()
    for home, registered in WORKERS_REGISTERED.items():
        there = province == home
        scaled[there] *= registered * punjab / float(labour[there].sum())
    return scaled


def impute(values: Floats, province: NDArray[np.str_], lon: Floats, lat: Floats) -> Floats:
    """Fill blanks with the mean of the nearest known units, weighted by inverse distance.

    Units of Azad Jammu and Kashmir look to Punjab, Khyber Pakhtunkhwa and Islamabad; a blank elsewhere looks to its
    own province, whose other units are nearer in every sense.
    """
    filled = values.copy()
    known = ~np.isnan(values)
    for row in np.flatnonzero(~known):
        home = str(province[row])
        donors = np.flatnonzero(known & np.isin(province, AJK_DONORS if home == "azad_jammu_kashmir" else (home,)))
        distance = distance_km(lon[row], lat[row], lon[donors], lat[donors])
        nearest = np.argsort(distance, kind="stable")[:DONOR_COUNT]
        # Rounded, so that last-bit differences of sine and cosine between processors do not reach a run.
        filled[row] = round(float(np.average(values[donors[nearest]], weights=1 / distance[nearest])), 6)
    return filled


def distance_km(lon_1: Floats | float, lat_1: Floats | float, lon_2: Floats | float, lat_2: Floats | float) -> Floats:
    """Great-circle distance by the haversine formula, kilometres, of points or of arrays of them."""
    north_1, north_2 = np.radians(lat_1), np.radians(lat_2)
    half_north, half_east = (north_2 - north_1) / 2, np.radians(lon_2 - lon_1) / 2
    chord = np.sin(half_north) ** 2 + np.cos(north_1) * np.cos(north_2) * np.sin(half_east) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))


def _yearly_growth(population_2017: Floats, population_2023: Floats) -> Floats:
    """Growth between the last two censuses, as a compound rate per year."""
    years = (CENSUS_MONTHS[2] - CENSUS_MONTHS[1]) / 12
    return np.expm1(np.log(population_2023 / population_2017) / years)


@cache
def _national_growth() -> float:
    """Compound yearly growth 2017-2023 over all census units, also for runs of a smaller region."""
    units = _read_units()
    counted = ~units.imputed
    before = units.population_2017[counted].sum(keepdims=True)
    after = units.population_2023[counted].sum(keepdims=True)
    return float(_yearly_growth(before, after)[0])
