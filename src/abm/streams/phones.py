"""Reach of mobile phones by district and month, from household surveys."""

from __future__ import annotations

from functools import cache

import numpy as np

from abm.engine.calendar import fraction_of_year, parse_month
from abm.engine.portable import exponential
from abm.places.data_files import read_rows
from abm.places.geography import Units, impute, load_units, unit_index
from abm.streams.cities import rows_in_country

PHONES_SINCE = 2000.0
"""Year before which no one has a mobile phone. Source: assumed; the first survey, of 2004, finds 5 %."""

REFERENCE_MONTH = parse_month("2017-07")
"""Month that `usual_reach` refers to."""


def phone_reach(units: Units, month: int, closing: float) -> np.ndarray:
    """Share of residents in households with a mobile phone, by district, in a month since January of year 0.

    Linear between surveys, from zero in `PHONES_SINCE`; after the last survey a share `closing` of the gap to full
    coverage closes in a year.
    """
    years, shares = _phone_surveys()
    year, rows = fraction_of_year(month), rows_in_country(units)
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


@cache
def _phone_surveys() -> tuple[np.ndarray, np.ndarray]:
    """Survey years, with the starting year first, and shares by district of the country and year."""
    country = load_units("pakistan")
    row_of = unit_index(country)
    rows = read_rows("tables/phone_reach.csv")
    years = sorted(int(name) for name in rows[0] if name.isdigit())
    shares = np.full((len(country), len(years)), np.nan)
    for row in rows:
        for k, year in enumerate(years):
            if row[str(year)]:
                shares[row_of[row["unit"]], k] = float(row[str(year)]) / 100.0
    filled = [impute(shares[:, k], country.province, country.lon, country.lat) for k in range(len(years))]
    # a survey year runs to its end: its figure stands at mid-year
    points = np.array([PHONES_SINCE, *(year + 0.5 for year in years)])
    return points, np.stack([np.zeros(len(country)), *filled], axis=1)
