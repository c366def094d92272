"""Yearly series of Pakistan and of the destinations: prices, exchange rate, incomes, migrant stocks.

All money in the model is in rupees of 2017; `to_pkr_2017` is the one way in. Prices and exchange rates outside the
data raise rather than guess. Incomes and residents go on beyond the last year, and incomes, where a growth is given,
back before the first, because runs do.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from abm.engine.calendar import fraction_of_year, parse_month
from abm.places.data_files import data_file, read_rows, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

BASE_YEAR = 2017
"""Year whose rupees all amounts of the model are in, and in which the income index of Pakistan is 1."""

DESTINATION_BASE_YEAR = 2015
"""Year in which destination income indices are 1: that of the survey of migrants' earnings in the Gulf."""

USD_PER_EUR = 1.20
"""Dollars per euro, one constant; yearly means of 2008-2025 lie between about 1.05 and 1.47. Source: assumed."""

STOCK_GROWTH_BOUNDS = (0.0, 0.08)
"""Range of yearly growth at which a migrant stock is carried forward. Source: assumed."""

INCOME_PER_HEAD = "gdp_per_capita_ppp_constant_2021"
"""Indicator of the incomes of destinations."""

HOME_COUNTRY = "PAK"

PARTITION_DESTINATION = "IND"
"""India: its residents born in Pakistan moved at partition, and are no diaspora of this model."""

STOCK_MONTH = "07"
"""Month that yearly stocks of UN DESA refer to (1 July)."""

INDEX_DECIMALS = 9
"""Indices are rounded, so that last-bit differences of powers between processors do not reach a run."""


def consumer_prices(year: int) -> float:
    """Consumer prices of Pakistan relative to 2017, which is 1; ValueError if the year lies outside the data.

    Chained from the yearly inflation of the World Development Indicators, 1990-2023; the year before the first rate
    is known too.
    """
    return _in_data(_price_levels(), year, "consumer prices")


def pkr_per_usd(year: int) -> float:
    """Rupees per dollar, mean of the year; ValueError if the year lies outside the data.

    Penn World Table to 2019; then the mid-year rates implied in reports; 2022 interpolated.
    """
    return _in_data(_exchange_rates(), year, "the exchange rate")


@cache
def to_pkr_2017(amount: float, currency: str, year: int) -> float:
    """Turn an amount of a year into rupees of 2017: first into rupees of that year, then by consumer prices.

    Parameters
    ----------
    currency
        ``"PKR"``, ``"USD"`` or ``"EUR"``; the euro goes through the dollar at the constant `USD_PER_EUR`.

    Raises
    ------
    ValueError
        If the currency is unknown or the year lies outside the data.
    """
    if currency not in ("PKR", "USD", "EUR"):
        raise unknown_name("currency", currency, ("PKR", "USD", "EUR"))
    if currency == "EUR":
        amount *= USD_PER_EUR
    rupees = amount if currency == "PKR" else amount * pkr_per_usd(year)
    return rupees / consumer_prices(year)


def pkr_2017_to_usd(amount: float, year: int) -> float:
    """Turn rupees of 2017 into dollars of a year, as printed in that year; undoes `to_pkr_2017`."""
    return amount * consumer_prices(year) / pkr_per_usd(year)


def income_index(month: int, growth: float = 0.0, before: float | None = None) -> float:
    """Income per head of Pakistan (GDP at constant PPP) relative to 2017.

    Parameters
    ----------
    month
        Months since January of year 0. The yearly value stands at mid-year, lines lie between; the first half of
        the first year is flat.
    growth
        Yearly growth after the last mid-year in the data (2023).
    before
        Yearly growth until the first year in the data (1990), by which the index is carried back; None for no guess.

    Raises
    ------
    ValueError
        If the month lies before the data and `before` is None.
    """
    series = _macro("gdp_per_capita_ppp")
    return round(_at_month(series, month, growth, before) / series[BASE_YEAR], INDEX_DECIMALS)


def destination_income_index(iso3: str, month: int, growth: float = 0.0, before: float | None = None) -> float:
    """Income per head of a destination (GDP at constant PPP) relative to 2015; else as `income_index`, from 2000.

    Raises
    ------
    ValueError
        If the country is unknown, or the month lies before the data and `before` is None.
    """
    series = _destination(INCOME_PER_HEAD, iso3)
    return round(_at_month(series, month, growth, before) / series[DESTINATION_BASE_YEAR], INDEX_DECIMALS)


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
    one point keeps it. India is left out.

    Parameters
    ----------
    month
        First month of the run, months since January of year 0.

    Returns
    -------
    dict
        Code of the country (ISO 3166, three letters) -> persons, in order of the code.

    Raises
    ------
    ValueError
        If no value is dated before the month.
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
def countries_with_income() -> frozenset[str]:
    """Countries abroad whose income per head is known, from 2000."""
    rows = read_rows("tables/destination_economies.csv")
    return frozenset(row["country_iso3"] for row in rows if row["indicator"] == INCOME_PER_HEAD) - {HOME_COUNTRY}


@cache
def countries_with_stock() -> frozenset[str]:
    """Countries for which the UN table has a stock of migrants from Pakistan."""
    return frozenset(iso3 for stock in _stocks().values() for iso3 in stock)


def targets(target_id: str) -> pd.DataFrame:
    """Rows of one target, for tests and reports; nothing that drives a run may call this.

    Raises
    ------
    ValueError
        If there is no such target.
    """
    import pandas as pd

    with data_file("tables/targets.csv").open(encoding="utf-8") as stream:
        table = pd.read_csv(stream)
    rows = table[table["target_id"] == target_id].reset_index(drop=True)
    if rows.empty:
        raise unknown_name("target", target_id, table["target_id"].unique())
    return rows


def _in_data(series: Mapping[int, float], year: int, what: str) -> float:
    if year not in series:
        raise ValueError(f"{what}: no value for {year}; the data hold {min(series)} to {max(series)}")
    return series[year]


def _residents(month: int) -> float:
    series = _macro("population")
    first, last = min(series), max(series)
    since = fraction_of_year(month) - 0.5
    year = min(max(int(since), first), last - 1)
    return series[year] * float((series[year + 1] / series[year]) ** (since - year))


def _at_month(series: Mapping[int, float], month: int, growth: float, before: float | None) -> float:
    """Value of a yearly series in a month: lines between mid-years, constant growth after and before them."""
    first, last = min(series), max(series)
    if month < first * 12:
        if before is None:
            raise ValueError(f"no value for {month // 12}; the series begins in {first}")
        return series[first] * float((1 + before) ** (fraction_of_year(month) - first))
    since = fraction_of_year(month) - 0.5
    if since <= first:
        return series[first]
    if since >= last:
        return series[last] * float((1 + growth) ** (since - last))
    year = int(since)
    return series[year] + (series[year + 1] - series[year]) * (since - year)


def _stock_month(year: int) -> int:
    return parse_month(f"{year}-{STOCK_MONTH}")


@cache
def _macro(indicator: str) -> dict[int, float]:
    return {
        int(row["year"]): float(row["value"])
        for row in read_rows("tables/macro_annual.csv")
        if row["indicator"] == indicator
    }


@cache
def _destination(indicator: str, iso3: str) -> dict[int, float]:
    rows = [row for row in read_rows("tables/destination_economies.csv") if row["indicator"] == indicator]
    countries = {row["country_iso3"] for row in rows}
    if iso3 not in countries:
        raise unknown_name("destination", iso3, sorted(countries))
    return {int(row["year"]): float(row["value"]) for row in rows if row["country_iso3"] == iso3}


@cache
def _price_levels() -> dict[int, float]:
    inflation = _macro("cpi_inflation")
    first, last = min(inflation), max(inflation)
    level = {first - 1: 1.0}
    for year in range(first, last + 1):
        level[year] = level[year - 1] * (1 + inflation[year] / 100)
    return {year: value / level[BASE_YEAR] for year, value in level.items()}


@cache
def _exchange_rates() -> dict[int, float]:
    rates = _macro("pkr_per_usd_implied_in_report") | _macro("pkr_per_usd_annual_average")
    known = sorted(rates)
    for before, after in pairwise(known):
        for year in range(before + 1, after):
            rates[year] = rates[before] + (rates[after] - rates[before]) * (year - before) / (after - before)
    return rates


@cache
def _stocks() -> dict[int, dict[str, float]]:
    stocks: dict[int, dict[str, float]] = {}
    for row in read_rows("tables/diaspora_stock_by_destination.csv"):
        if row["stock_total"] and row["destination_iso3"] != PARTITION_DESTINATION:
            stocks.setdefault(int(row["year"]), {})[row["destination_iso3"]] = float(row["stock_total"])
    return stocks
