"""Money and migrant stocks: printed amounts into rupees of 2017, residents, and persons abroad as first known.

All money in the model is in rupees of 2017; `to_pkr_2017` is the one way in. Prices and exchange rates outside the
data raise rather than guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from abm.engine.calendar import fraction_of_year, parse_month
from abm.places.data_files import read_rows, unknown_name
from abm.places.drivers import HOME_COUNTRY, INDEX_DECIMALS, Series, shipped_series

PRICES, RATE = "consumer prices", "the exchange rate"
"""What is missing where a year lies outside the data."""

STOCK_GROWTH_BOUNDS = (0.0, 0.08)
"""Range of yearly growth at which a migrant stock is carried forward. Source: assumed."""

PARTITION_DESTINATION = "IND"
"""India: its residents born in Pakistan moved at partition, and are no diaspora of this model."""


@cache
def to_pkr_2017(amount: float, currency: str, year: int) -> float:
    """Turn an amount of a year into rupees of 2017: first into rupees of that year, then by consumer prices.

    Exchange rates are of the Penn World Table to 2019, then of the Global Macro Database; prices are chained from the
    inflation of the World Development Indicators. Currencies are ``"PKR"`` and ``"USD"``. ValueError if the year lies
    outside the data.
    """
    if currency not in ("PKR", "USD"):
        raise unknown_name("currency", currency, ("PKR", "USD"))
    found = shipped_series()
    rupees = amount if currency == "PKR" else amount * _in_data(found.rates, year, RATE)
    return rupees / _in_data(found.prices, year, PRICES)


def pkr_2017_to_usd(amount: float, year: int, series: Series | None = None) -> float:
    """Turn rupees of 2017 into dollars of a year, as printed in that year; undoes `to_pkr_2017`.

    By prices and the exchange rate of `series`, by default the shipped ones; ValueError if the year lies outside them.
    """
    found = series or shipped_series()
    prices, rates = (_in_data(of, year, what) for of, what in ((found.prices, PRICES), (found.rates, RATE)))
    return amount * prices / rates


def residents_index(month: int) -> float:
    """Residents of Pakistan relative to those of March 1998, from mid-year estimates of 1950 to 2023.

    Between mid-years growth is exponential; beyond the last year it is that of the last year in the data.
    """
    reference = parse_month("1998-03")
    return round(_residents(month) / _residents(reference), INDEX_DECIMALS)


def opening_stock(month: int) -> dict[str, float]:
    """Persons born in Pakistan by country of residence, as known at the start of a run.

    Only values dated before the first month are used, so that later ones stay free to be compared with. The last two
    five-year points before it are carried on exponentially, growth limited to `STOCK_GROWTH_BOUNDS`; a country with
    one point keeps it. India is left out. Countries are in the order of their codes; a ValueError says that no value is
    dated before the first month of the run.
    """
    points = {year: stock for year, stock in _stocks().items() if _stock_month(year) < month}
    if not points:
        raise ValueError(f"no migrant stock is dated before {month // 12}; the first is of {min(_stocks())}")
    last = max(points)
    previous = max((year for year in points if year < last), default=last)
    gap = last - previous
    years = (month - _stock_month(last)) / 12
    low, high = STOCK_GROWTH_BOUNDS
    stock = {}
    for iso3, persons in sorted(points[last].items()):
        before = points[previous].get(iso3, 0.0)
        growth = (persons / before) ** (1 / gap) - 1 if gap and before > 0 else 0.0
        stock[iso3] = float(round(persons * (1 + min(max(growth, low), high)) ** years))
    return stock


@cache
def countries_with_stock() -> frozenset[str]:
    """Countries for which the UN table has a stock of migrants from Pakistan."""
    return frozenset(iso3 for stock in _stocks().values() for iso3 in stock)


def _in_data(series: Mapping[int, float], year: int, what: str) -> float:
    if year not in series:
        raise ValueError(f"{what}: no value for {year}; the data hold {min(series)} to {max(series)}")
    return series[year]


def _residents(month: int) -> float:
    series = shipped_series().of(HOME_COUNTRY, "residents")
    first, last = min(series), max(series)
    since = fraction_of_year(month) - 0.5
    year = min(max(int(since), first), last - 1)
    return series[year] * float((series[year + 1] / series[year]) ** (since - year))


def _stock_month(year: int) -> int:
    return parse_month(f"{year}-07")  # yearly stocks of UN DESA refer to 1 July


@cache
def _stocks() -> dict[int, dict[str, float]]:
    stocks: dict[int, dict[str, float]] = {}
    for row in read_rows("tables/diaspora_stock_by_destination.csv"):
        if row["stock_total"] and row["destination_iso3"] != PARTITION_DESTINATION:
            stocks.setdefault(int(row["year"]), {})[row["destination_iso3"]] = float(row["stock_total"])
    return stocks
