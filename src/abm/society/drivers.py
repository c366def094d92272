"""Drivers: the economies at home and abroad follow the data, and assumptions beyond them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import AfterValidator, Field

from abm.declare import Params, param
from abm.declare.state import Held, State, monthly
from abm.engine.entry import FrozenDict
from abm.places.drivers import INDICATORS, Series, series_of
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class EconomyState(State):
    """Real income at home this month."""

    income_index: Held[float] = monthly(unit="multiple of 2017", text="Real income per capita at home.")
    dollar: Held[float] = monthly(
        unit="multiple of 2015", text="What a dollar earned abroad buys at home: the real exchange rate."
    )

    @cached_property
    def series(self) -> Series:
        """Drivers of the run; they follow from the configuration."""
        return series_of(cast("World", self.world).params(DriversParams).series)


def check_series(
    given: dict[str, dict[str, dict[str, float]]],
) -> FrozenDict[str, FrozenDict[str, FrozenDict[str, float]]]:
    """Freeze series; ValueError on an unknown indicator, on a year where a month belongs, and on a value out of bounds."""
    for entity, indicators in given.items():
        for indicator, values in indicators.items():
            if indicator not in INDICATORS:
                raise ValueError(f"no indicator '{indicator}' ({entity}); there are {', '.join(INDICATORS)}")
            facts = INDICATORS[indicator]
            form, what = (MONTH_FORM, "a month, YYYY-MM") if facts.monthly else (YEAR_FORM, "a year, YYYY")
            for when, value in values.items():
                if not form.fullmatch(when):
                    raise ValueError(f"{indicator} of {entity} has a value for {what}; found '{when}'")
                if not facts.low <= value <= facts.high:
                    raise ValueError(
                        f"{indicator} of {entity} in {when} is {value:g}; it lies between {facts.low:g} and "
                        f"{facts.high:g} {facts.unit}"
                    )
    return FrozenDict(
        (entity, FrozenDict((name, FrozenDict(values)) for name, values in indicators.items()))
        for entity, indicators in given.items()
    )


YEAR_FORM, MONTH_FORM = re.compile(r"\d{4}"), re.compile(r"\d{4}-(0[1-9]|1[0-2])")

EntitySeries = Annotated[
    dict[str, dict[str, dict[str, float]]],
    AfterValidator(check_series),
    Field(
        json_schema_extra={"expected": "values by entity, indicator and year or month, 'SAU: {investment: {2026: 27}}'"}
    ),
]


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
        1.0, unit="share", bounds=(0.0, 1.0), source="choice: pay abroad is in dollars", systems=("S4", "S5", "S6")
    )
    """How far amounts in dollars follow the real exchange rate of the rupee; at 0 they are fixed in rupees of 2017."""

    series: EntitySeries = Field(FrozenDict())
    """Values of drivers in place of those shipped, or beyond them: entity, indicator, and year or month."""

    outside_demand: float = param(1.0, unit="multiple", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S8"))
    """Per capita demand on quotas and legs from the part of the country that a regional run leaves out.

    At 1 it takes its share, by residents, of every quota and of the reference flow of every leg; at 0 none.
    """


class Drivers(Mechanism):
    """Real income at home, and assumed growth elsewhere."""

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
        state.dollar = 1.0 + params.exchange * (state.series.dollar_index(world.month) - 1.0)
