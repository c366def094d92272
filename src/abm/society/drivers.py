"""Drivers: the economies at home and abroad follow the data, and assumptions beyond them."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Annotated, cast

import numpy as np
from pydantic import AfterValidator, Field

from abm.declare import Params, param
from abm.declare.state import Held, State, monthly
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.entry import FrozenDict
from abm.engine.portable import power
from abm.places.drivers import DESTINATION_BASE_YEAR, HOME_COUNTRY, Series, series_of, shipped_series
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

REST_OF_WORLD = ("GBR", "ARE")
"""Countries whose mean income stands for that of a place whose own is not known."""

HIRED_EVERY = 6
"""Months between those of a contract's years whose incomes are averaged."""


class EconomyState(State):
    """Real income at home, the dollar and the borders this month."""

    income_index: Held[float] = monthly(unit="multiple of 2017", text="Real income per capita at home.")
    dollar: Held[float] = monthly(unit="multiple of 2015", text="What a dollar buys at home: the real exchange rate.")

    passable: Held[np.ndarray] = monthly(
        unit="share of days",
        text="Days on which people may come legally, borders open at home and there.",
        over=("destination",),
    )
    returnable: Held[np.ndarray] = monthly(
        unit="share of days", text="Days on which people may come home from there.", over=("destination",)
    )

    @cached_property
    def series(self) -> Series:
        """Drivers of the run; they follow from the configuration."""
        return cast("World", self.world).params(DriversParams).known


def _freeze(given: dict[str, dict[str, dict[str, float]]]) -> FrozenDict[str, FrozenDict[str, FrozenDict[str, float]]]:
    return FrozenDict(
        (entity, FrozenDict((name, FrozenDict(values)) for name, values in indicators.items()))
        for entity, indicators in given.items()
    )


EntitySeries = Annotated[
    dict[str, dict[str, dict[str, float]]],
    AfterValidator(_freeze),
    Field(json_schema_extra={"expected": "values by entity, indicator and time, 'SAU: {investment: {2026: 27}}'"}),
]
"""Values by entity, indicator, and year or month; checked by `abm.config.check_drivers`."""


class DriversParams(Params):
    """Series of what drives the run, and growth before and after the data."""

    income_growth: float = param(
        0.015, unit="1/year", bounds=(-0.05, 0.08), source="assumed; about the mean of 2000 to 2023", systems=("S5",)
    )
    """Growth of real income per capita in Pakistan after the last year of data."""

    destination_growth: float = param(0.01, unit="1/year", bounds=(-0.05, 0.06), source="assumed", systems=("S4",))
    """Growth of real income per capita at the destinations after the last year of data."""

    early_income_growth: float = param(
        0.025, unit="1/year", bounds=(-0.02, 0.08), source="assumed; for runs that begin before 1990", systems=("S5",)
    )
    """Growth of real income per capita in Pakistan before the first year of data (1990)."""

    early_destination_growth: float = param(
        0.015, unit="1/year", bounds=(-0.02, 0.08), source="assumed; for runs that begin before 2000", systems=("S4",)
    )
    """Growth of real income per capita at the destinations before the first year of data (2000)."""

    exchange: float = param(
        1.0,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed: pay and prices abroad are in dollars",
        systems=("S4", "S5", "S6"),
    )
    """How far pay and prices abroad follow the real exchange rate of the rupee; at 0 they do not."""

    closures: float = param(
        1.0, unit="share", bounds=(0.0, 1.0), source="assumed: borders close as the index says", systems=("S6", "S8")
    )
    """How far closed borders and bars on entry in the data hold; at 0 there are none."""

    barred: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Chance that those from Pakistan are among those barred where entry is barred from some countries."""

    series: EntitySeries = Field({})
    """Values of drivers in place of those shipped, or beyond them: entity, indicator, and year or month."""

    @property
    def known(self) -> Series:
        """Series of the run: those shipped, with its own values."""
        return series_of(cast("FrozenDict[str, FrozenDict[str, FrozenDict[str, float]]]", self.series))

    outside_demand: float = param(1.0, unit="multiple", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S8"))
    """Demand on quotas and legs from the part of the country that a regional run leaves out.

    At 1 it takes its share, by persons abroad in 2017, of every quota and of the reference flow of every leg; at 0
    none. Where nothing is known of districts (`population.district_data: none`) its share is that of residents.
    """


class Drivers(Mechanism):
    r"""Incomes, exchange rates and closed borders of the month: data, and after them assumed growth.

    Nothing in the model acts back on them. Wages and prices at home follow income at home. Pay and prices abroad are in
    dollars.

    Notes
    -----
    What a dollar buys at home, relative to 2015, follows the real exchange rate $q$: $1 + \epsilon (q - 1)$, with
    $\epsilon$ `exchange`.
    """

    section = "drivers"
    Params = DriversParams
    switchable = False
    systems = ("S4", "S5", "S6")

    @staticmethod
    def step(world: World) -> None:
        """Set the income index of the month."""
        params = world.params(DriversParams)
        state = world[EconomyState]
        state.income_index = state.series.income_index(world.month, params.income_growth, params.early_income_growth)
        countries = [place.iso3 for place in world.destination_facts]
        # people pass between home and a country on some days only; within the country on all
        shut = [0.0 if country == HOME_COUNTRY else closed(world, HOME_COUNTRY, country) for country in countries]
        barred = [state.series.barred(country, world.month) for country in countries]
        state.returnable = 1.0 - np.array(shut)
        state.passable = state.returnable * (1.0 - params.closures * params.barred * np.array(barred))
        state.dollar = what_a_dollar_buys(params, state.series.dollar_index(world.month))


def what_a_dollar_buys(params: DriversParams, index: float) -> float:
    """What a dollar buys at home relative to 2015, as far as the real exchange rate (`index`) counts."""
    return 1.0 + params.exchange * (index - 1.0)


def dollar_since(world: World, year: int) -> float:
    """What a dollar buys at home this month relative to a year.

    Every price paid in foreign currency goes through it: its rupees of 2017 are those of that year times this.
    """
    state = world[EconomyState]
    return state.dollar / what_a_dollar_buys(world.params(DriversParams), shipped_series().real_rates[year])


def income_cycle(world: World) -> float:
    """Growth of real income at home over a year, beyond its growth a year over the five years before."""
    params, series, month = world.params(DriversParams), world[EconomyState].series, world.month
    now, last, before = (
        series.income_index(at, params.income_growth, params.early_income_growth)
        for at in (month, month - 12, month - 72)
    )
    return now / last - power(last / before, 1.0 / 5.0)


def income_abroad(world: World, country: str | None, month: int | None = None) -> float:
    """Real income per capita in a country relative to 2015, this month or in another.

    Where none is known it is the mean of `REST_OF_WORLD`.
    """
    params, month = world.params(DriversParams), world.month if month is None else month
    growth, before = params.destination_growth, params.early_destination_growth
    return _income_abroad(world[EconomyState].series, country, month, growth, before)


@lru_cache(maxsize=1 << 13)  # asked for by several phases, and by other runs of a process
def _income_abroad(series: Series, country: str | None, month: int, growth: float, before: float) -> float:
    countries = (country,) if country and (country, "income") in series.values else REST_OF_WORLD
    found = [series.destination_income_index(iso3, month, growth, before) for iso3 in countries]
    return sum(found) / len(found)


def incomes_abroad(world: World) -> np.ndarray:
    """`income_abroad` of this month, by destination."""
    return np.array([income_abroad(world, facts.income_of) for facts in world.destination_facts])


def incomes_since_hired(world: World) -> np.ndarray:
    """Incomes that pay follows, by destination: of the month or, where there are contracts, the mean of their years.

    What an employer pays is fixed by a contract; the number hired answers to a slump at once, pay only over years.

    References
    ----------
    McKenzie, Theoharides and Yang (2014), "Distortions in the international migrant labor market".
    """
    found, params, series = incomes_abroad(world), world.params(DriversParams), world[EconomyState].series
    growth = params.destination_growth, params.early_destination_growth
    own = series.values.keys() - shipped_series().values.keys()
    base = DESTINATION_BASE_YEAR * MONTHS_A_YEAR + MONTHS_A_YEAR // 2
    for k, facts in enumerate(world.destination_facts):
        if facts.legal_quota > 0.0:
            # pay in the data is that under the shipped incomes: others move no year before their own
            shipped = series if (facts.income_of, "income") in own else shipped_series()
            now, then = (
                _sum_since_hired(of, facts.income_of, month, facts.contract_years, *growth)
                for of, month in ((series, world.month), (shipped, base))
            )
            found[k] = now / then
    return found


@lru_cache(maxsize=1 << 12)
def _sum_since_hired(
    series: Series, country: str | None, month: int, contract_years: float, growth: float, before: float
) -> float:
    """Sum of `income_abroad` over months in which those there under contract in a month were hired."""
    past = range(0, int(MONTHS_A_YEAR * contract_years) + 1, HIRED_EVERY)
    return sum(_income_abroad(series, country, month - ago, growth, before) for ago in past)


def closed(world: World, *countries: str) -> float:
    """Share of the month's days on which no traveller passes between some countries: the most closed one decides."""
    series, month = world[EconomyState].series, world.month
    return world.params(DriversParams).closures * max(series.closed(country, month) for country in countries)
