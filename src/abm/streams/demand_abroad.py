"""Demand abroad for trafficked persons: level, season, pressure, and districts of origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import param
from abm.declare.state import Held, State, kept
from abm.engine.calendar import MONTHS_A_YEAR, fraction_of_year
from abm.places.geography import Units, load_units
from abm.streams.trafficking import held_or_at_risk, minors_in, weights_of
from abm.streams.victims import VictimParams, array_power, poverty_of, share
from abm.world.codes import T_AWAY, T_MEMBERS

if TYPE_CHECKING:
    from abm.world.state import World

ABROAD = ("S12",)


class CrossBorderParams(VictimParams):
    """Demand of buyers abroad, the prices they pay, and the return of those taken abroad."""

    children_to_gulf: float = param(
        900.0, unit="person/year", bounds=(100.0, 7_000.0),
        source="paper: over 19,000 by a study of 2013; taken to be those of some twenty years", systems=ABROAD,
    )  # fmt: skip
    """Yearly demand for children in the Gulf, before international pressure."""

    women_to_gulf: float = param(
        1_000.0, unit="person/year", bounds=(0.0, 10_000.0), source="assumed; no count was found", systems=ABROAD
    )
    """Yearly demand for women in the Gulf."""

    women_to_china: float = param(
        760.0, unit="person/year", bounds=(50.0, 5_000.0),
        source="set so that about 600 are taken in 2019, as the paper prints", systems=ABROAD,
    )  # fmt: skip
    """Yearly demand for women in China, before international pressure."""

    china_since: float = param(
        2018.0, unit="year", bounds=(2000.0, 2030.0), source="assumed; press reports begin then", systems=ABROAD
    )
    """When demand in China begins; it reaches its full level a year later."""

    gulf_pressure_since: float = param(
        2005.4, unit="year", bounds=(1990.0, 2030.0), source="paper: mid-2000s; month assumed", systems=ABROAD
    )
    """When international pressure on demand for children in the Gulf begins."""

    gulf_pressure: float = share(0.9, source="assumed", systems=ABROAD)
    """Share of that demand that pressure removes in the end."""

    china_pressure_since: float = param(
        2019.4, unit="year", bounds=(2000.0, 2035.0), source="assumed; arrests of spring 2019", systems=ABROAD
    )
    """When pressure on demand in China begins."""

    china_pressure: float = share(0.95, source="assumed", systems=ABROAD)
    """Share of that demand that pressure removes in the end."""

    pressure_years: float = param(1.5, unit="year", bounds=(0.1, 10.0), source="assumed", systems=ABROAD)
    """Time that pressure takes to reach its full effect."""

    gulf_season: float = share(0.4, source="assumed; the paper says that demand is seasonal", systems=ABROAD)
    """Share by which demand in the Gulf exceeds its mean in January, and falls short of it in July."""

    poverty: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=ABROAD)
    """Elasticity of a district's part to its poverty rate."""

    exit_checks: float = share(0.08, source="assumed", systems=ABROAD)
    """Share of those being taken abroad who are stopped at the exit, at usual effort."""

    children_stay: float = param(48.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=ABROAD)
    """Mean months until children are sent home, if nothing else ends exploitation abroad."""

    women_stay: float = param(60.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=ABROAD)
    """Mean months until women are sent home, if nothing else ends exploitation abroad."""

    gulf_price: float = param(
        150_000.0, unit="PKR of 2017", bounds=(10_000.0, 2_000_000.0), source="assumed", systems=ABROAD
    )
    """Paid by buyers in the Gulf to traffickers for a person."""

    gulf_family: float = share(0.2, source="assumed", systems=ABROAD)
    """Share of that price paid by traffickers to the family."""

    china_price: float = param(
        45_000.0, unit="USD of 2019", bounds=(25_000.0, 65_000.0), source="paper; middle of the range", systems=ABROAD
    )
    """Paid by buyers in China to traffickers for a person."""

    china_family: float = param(
        200_000.0, unit="PKR of 2019", bounds=(0.0, 1_000_000.0), source="paper", systems=ABROAD
    )
    """Paid by traffickers to the family for a person taken to China."""


GROUPS = ("children_to_gulf", "women_to_gulf", "women_to_china")
"""Groups by destination, in the order of all arrays; also the names of their outcomes."""

CHILDREN_TO_GULF, WOMEN_TO_GULF, WOMEN_TO_CHINA = range(3)

ADULT_WOMEN = 0.25
"""Share of women of working age among residents. Source: assumed; about half of the half of working age."""

YEAR_OF_SEASON = (1.0, 0.866, 0.5, 0.0, -0.5, -0.866, -1.0, -0.866, -0.5, 0.0, 0.5, 0.866)
"""Cosine over the months of the year, from January, which sums to zero. The Gulf's cool season is the time of races and
visits. Source: assumed."""


class DemandAbroadState(State):
    """Districts' parts of demand abroad."""

    by_resident: Held[np.ndarray] = kept(
        unit="share",
        text="Part of the country's demand met per resident.",
        over=("district", "group"),
        start=lambda world: _parts(world.units, world.params(CrossBorderParams)),
    )


def demand(params: CrossBorderParams, month: int) -> np.ndarray:
    """Persons demanded by buyers in a month (since January of year 0), in all of Pakistan, by group."""
    year = fraction_of_year(month)

    def risen(since: float, years: float) -> float:
        return min(max((year - since) / years, 0.0), 1.0)

    season = 1.0 + params.gulf_season * YEAR_OF_SEASON[month % MONTHS_A_YEAR]
    gulf = 1.0 - params.gulf_pressure * risen(params.gulf_pressure_since, params.pressure_years)
    china = 1.0 - params.china_pressure * risen(params.china_pressure_since, params.pressure_years)
    children, women = params.children_to_gulf * season * gulf, params.women_to_gulf * season
    to_china = params.women_to_china * risen(params.china_since, 1.0) * china
    return np.array([children, women, to_china]) / MONTHS_A_YEAR


def eligible(world: World) -> np.ndarray:
    """Population at risk of being taken, by district and group, without those held in any stream or recently freed."""
    sums, held = world.sums, held_or_at_risk(world)
    women = np.floor(ADULT_WOMEN * (sums[:, T_MEMBERS] - sums[:, T_AWAY])).astype(np.int64)
    at_home = np.stack([minors_in(world), women, women], axis=1)
    return np.maximum(at_home - held[:, None], 0)


def parts_of_country(world: World) -> np.ndarray:
    """Part of the demand for people from Pakistan met by each district, shape (districts, groups).

    It depends on residents, poverty and the sources' statements; with census poverty and the residents of 2017 the
    parts of all districts add up to one.
    """
    params = world.params(CrossBorderParams)
    poor = array_power(poverty_of(world, params.poverty_response), params.poverty)
    return world[DemandAbroadState].by_resident * (poor * world.residents())[:, None]


def past_demand(params: CrossBorderParams, month: int, leaving: np.ndarray, years: int) -> np.ndarray:
    """Persons still held abroad, of those demanded in so many years before a month, by group.

    `leaving` is the share of the held who leave in a month, by group.
    """
    held = np.zeros(len(GROUPS))
    for before in range(years * MONTHS_A_YEAR, 0, -1):
        held = held * (1.0 - leaving) + demand(params, month - before)
    return held


def _parts(units: Units, params: CrossBorderParams) -> np.ndarray:
    """Part of the country's demand met per resident, poverty apart, by district and group."""
    country = load_units("pakistan")
    exposed = array_power(country.poverty, params.poverty) * country.population_2017
    found = np.zeros((len(units), len(GROUPS)))
    for k, group in enumerate(GROUPS):
        found[:, k] = weights_of(group, units) / (weights_of(group, country) * exposed).sum()
    return found
