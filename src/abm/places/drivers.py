"""Drivers as data: series by entity and indicator of what goes on in the world, whatever migrants do.

``tables/drivers.csv`` is shipped; section ``drivers`` of a configuration replaces its values or adds later ones.
Incomes, output, investment and the dollar go on beyond the last year, because runs do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from types import MappingProxyType

from abm.engine.calendar import MONTHS_A_YEAR, fraction_of_year, parse_month
from abm.engine.entry import FrozenDict
from abm.places.data_files import read_rows, unknown_name

BASE_YEAR = 2017
"""Year whose rupees all amounts of the model are in, and in which the income index of Pakistan is 1."""

DESTINATION_BASE_YEAR = 2015
"""Year in which destination indices are 1: that of the survey of migrants' earnings in the Gulf."""

HOME_COUNTRY = "PAK"

DOLLAR_COUNTRY = "USA"

INDEX_DECIMALS = 9
"""Indices are rounded, so that last-bit differences of powers between processors do not reach a run."""


@dataclass(frozen=True)
class Indicator:
    """What a series is of: its unit and bounds, whether it has a value a month or a year, and of what."""

    unit: str
    low: float
    high: float
    text: str
    monthly: bool = False
    over_countries: bool = True


INDICATORS = {
    "residents": Indicator("person", 1.0, 1e10, "Residents at mid-year; of Pakistan."),
    "income": Indicator("international dollars of 2021", 1.0, 1e6, "Income per capita, at constant prices."),
    "inflation": Indicator("percent a year", -30.0, 200.0, "Rise in consumer prices; of Pakistan and of the dollar."),
    "rupees_per_dollar": Indicator("PKR per USD", 0.1, 1e5, "Exchange rate, mean of the year."),
    "growth": Indicator("percent a year", -90.0, 200.0, "Growth of real output."),
    "investment": Indicator("percent of output", 0.1, 100.0, "Investment: building sites, plant and housing."),
    "levy": Indicator(
        "USD a month", 0.0, 10_000.0, "Levy on an employer for a foreign worker, until the next value.", monthly=True
    ),
    "crossings": Indicator(
        "person a month",
        0.0,
        1e7,
        "Crossings by others than Pakistanis on a Frontex route; as usual where not given.",
        monthly=True,
        over_countries=False,
    ),
    "closed": Indicator(
        "share of days", 0.0, 1.0, "Borders closed to all travellers; 0 where not given.", monthly=True
    ),
    "barred": Indicator(
        "share of days",
        0.0,
        1.0,
        "Entry barred to travellers from some countries, the borders not closed; 0 where not given.",
        monthly=True,
    ),
}
"""Indicator -> what it is."""


@dataclass(frozen=True, eq=False)
class Series:
    """Series by entity (a country, three capitals) and indicator; see `INDICATORS`."""

    values: Mapping[tuple[str, str], Mapping[int, float]]
    """Read-only: all runs of a process share it."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "values", MappingProxyType({key: MappingProxyType(found) for key, found in self.values.items()})
        )

    def of(self, entity: str, indicator: str) -> Mapping[int, float]:
        """Values of a series; ValueError if there is none."""
        if (entity, indicator) not in self.values:
            raise unknown_name(f"series of {indicator} for", entity, self.covers(indicator))
        return self.values[entity, indicator]

    def income_index(self, month: int, growth: float = 0.0, before: float | None = None) -> float:
        """Income per capita of Pakistan (at constant PPP) relative to 2017.

        The yearly value stands at mid-year, lines lie between; the first half of the first year is flat. It grows by
        `growth` a year after the data and by `before` until them: None for no guess, a ValueError.
        """
        found = self.of(HOME_COUNTRY, "income")
        return round(_at(found, month, growth, before) / found[BASE_YEAR], INDEX_DECIMALS)

    def destination_income_index(
        self, iso3: str, month: int, growth: float = 0.0, before: float | None = None
    ) -> float:
        """Income per capita of a destination relative to 2015; else as `income_index`."""
        found = self.of(iso3, "income")
        return round(_at(found, month, growth, before) / found[DESTINATION_BASE_YEAR], INDEX_DECIMALS)

    def output_index(self, iso3: str, month: float, growth: float = 0.0) -> float:
        """Real output of a country relative to 2015; the first value holds before the data."""
        return _at(_output(self, iso3), month, growth, 0.0)

    def investment_index(self, iso3: str, month: float, growth: float = 0.0) -> float:
        """Real investment of a country relative to 2015: its share of output times output; output where unknown."""
        return _at(_invested(self, iso3, growth), month, growth, 0.0)

    def dollar_index(self, month: int) -> float:
        """What a dollar buys at home relative to 2015, the prices of what it buys abroad apart (real exchange rate).

        Rupees per dollar, times dollar prices, by prices at home; the last value holds after the data, the first
        before them.
        """
        return _at(self.real_rates, month, 0.0, 0.0)

    def levy(self, iso3: str, month: int) -> float:
        """Levy on an employer for a foreign worker, USD a month; 0 where there is none."""
        known = [when for when in self.values.get((iso3, "levy"), ()) if when <= month]
        return self.values[iso3, "levy"][max(known)] if known else 0.0

    def closed(self, iso3: str, month: int) -> float:
        """Share of the month's days on which the borders of a country are closed to all travellers."""
        return self.values.get((iso3, "closed"), {}).get(month, 0.0)

    def barred(self, iso3: str, month: int) -> float:
        """Share of the month's days on which travellers from some countries, if not all, are barred."""
        return self.values.get((iso3, "barred"), {}).get(month, 0.0)

    def crossings(self, route: str, month: int, otherwise: float) -> float:
        """Crossings by others on a Frontex route in a month."""
        return self.values.get((route, "crossings"), {}).get(month, otherwise)

    def covers(self, indicator: str) -> frozenset[str]:
        """Entities with a series of an indicator."""
        return frozenset(entity for entity, found in self.values if found == indicator)

    @cached_property
    def real_rates(self) -> Mapping[int, float]:
        """What a dollar buys at home by year, relative to 2015: years in which rate and both prices are known."""
        rates, prices, abroad = self.rates, self.prices, self.levels(DOLLAR_COUNTRY, "inflation", BASE_YEAR)
        found = {
            year: rates[year] * abroad[year] / prices[year]
            for year in sorted(rates)
            if year in prices and year in abroad
        }
        base = DESTINATION_BASE_YEAR
        usual = [shipped_series().levels(iso3, "inflation", BASE_YEAR)[base] for iso3 in (DOLLAR_COUNTRY, HOME_COUNTRY)]
        in_base = rates[base] * usual[0] / usual[1]
        return MappingProxyType({year: value / in_base for year, value in found.items()})

    @cached_property
    def prices(self) -> Mapping[int, float]:
        """Consumer prices of Pakistan relative to 2017, chained from inflation; the year before the first too."""
        return MappingProxyType(self.levels(HOME_COUNTRY, "inflation", BASE_YEAR))

    def levels(self, iso3: str, indicator: str, base: int) -> dict[int, float]:
        """Chain yearly rates in percent into levels; the year before the first rate is known too.

        They are 1 in a base year with the shipped rates, so that another rate moves the years from its own on and none
        before; with their own where none are shipped.
        """
        found, shipped = _chained(self.of(iso3, indicator)), shipped_series().values.get((iso3, indicator))
        usual = _chained(shipped) if shipped else found
        first = min(usual)
        in_base = usual[base] * found[first] if first in found else found[base]
        return {year: value / in_base for year, value in found.items()}

    @cached_property
    def rates(self) -> Mapping[int, float]:
        """Rupees per dollar, mean of the year; lines between years that are known."""
        rates = dict(self.of(HOME_COUNTRY, "rupees_per_dollar"))
        for before, after in pairwise(sorted(rates)):
            for year in range(before + 1, after):
                rates[year] = rates[before] + (rates[after] - rates[before]) * (year - before) / (after - before)
        return MappingProxyType(rates)


@cache
def _output(series: Series, iso3: str) -> dict[int, float]:
    """Real output by year, relative to 2015."""
    return series.levels(iso3, "growth", DESTINATION_BASE_YEAR)


@cache
def _invested(series: Series, iso3: str, growth: float) -> dict[int, float]:
    """Investment by year; where shares are known for longer than output, output grows on."""
    output, shares = _output(series, iso3), series.values.get((iso3, "investment"))
    if shares is None:
        return output
    base, last = shares[DESTINATION_BASE_YEAR], max(output)
    longer = {year: output[last] * (1.0 + growth) ** (year - last) for year in shares if year > last}
    return {year: made * shares[year] / base for year, made in (output | longer).items() if year in shares}


@cache
def shipped_series() -> Series:
    """Series of ``tables/drivers.csv``."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for row in read_rows("tables/drivers.csv"):
        when = int(row["year"]) * 12 + int(row["month"]) - 1 if row["month"] else int(row["year"])
        found.setdefault((row["entity"], row["indicator"]), {})[when] = float(row["value"])
    return Series(found)


def series_of(given: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Series:
    """Shipped series with the values that a configuration gives by entity, indicator and year or month; all frozen."""
    return _merged(given) if given else shipped_series()


@cache
def _merged(given: FrozenDict[str, FrozenDict[str, FrozenDict[str, float]]]) -> Series:
    found = {key: dict(values) for key, values in shipped_series().values.items()}
    for entity, indicators in given.items():
        for indicator, values in indicators.items():
            monthly = INDICATORS[indicator].monthly
            new = {parse_month(when) if monthly else int(when): value for when, value in values.items()}
            found[entity, indicator] = dict(sorted((found.get((entity, indicator), {}) | new).items()))
    return Series(found)


def _chained(rates: Mapping[int, float]) -> dict[int, float]:
    """Levels that follow from yearly rates in percent, 1 in the year before the first."""
    first, last = min(rates), max(rates)
    level = {first - 1: 1.0}
    for year in range(first, last + 1):
        level[year] = level[year - 1] * (1.0 + rates[year] / 100.0)
    return level


def _at(series: Mapping[int, float], month: float, growth: float, before: float | None) -> float:
    """Value of a yearly series in a month: lines between mid-years, constant growth after and before them."""
    first, last = min(series), max(series)
    if month < first * MONTHS_A_YEAR:
        if before is None:
            raise ValueError(f"no value for {int(month) // MONTHS_A_YEAR}; the series begins in {first}")
        return series[first] * float((1 + before) ** (fraction_of_year(month) - first))
    since = fraction_of_year(month) - 0.5
    if since <= first:
        return series[first]
    if since >= last:
        return series[last] * float((1 + growth) ** (since - last))
    year = int(since)
    return series[year] + (series[year + 1] - series[year]) * (since - year)
