"""Lure: monthly recruitment within the country by district, and its destinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from abm.declare import behaviour, lever, param
from abm.declare.state import Held, State, kept
from abm.engine.calendar import MONTHS_A_YEAR, fraction_of_year
from abm.engine.portable import power
from abm.places.geography import Units, load_units
from abm.policy import InForce
from abm.streams.trafficking import (
    REFERENCE_MONTH,
    attraction,
    held_or_at_risk,
    minors_in,
    phone_reach,
    places_in,
    usual_reach,
    weights_of,
)
from abm.streams.victims import VictimParams, array_power, poverty_of, share
from abm.world.codes import T_AWAY, T_JOBS, T_WORKERS

if TYPE_CHECKING:
    from abm.world.state import World

DOMESTIC = ("S14",)


class DomesticTraffickingParams(VictimParams):
    """Recruitment within the country: numbers, origins, destinations, and ends of exploitation."""

    reading: Literal["reported", "cited"] = Field("reported")
    """Which of two readings of the sources sets yearly recruitment: `reported`, from the victims recorded by the
    police; `cited`, the contested 300,000 that the source paper attributes to UNODC."""

    reported_victims: float = param(
        21_253.0,
        unit="person/year",
        bounds=(5_000.0, 60_000.0),
        source="S_NEWS_1036529; 2021",
        systems=DOMESTIC,
        at_start=True,
    )
    """Victims of trafficking recorded by Pakistan's police in a year (reading `reported`)."""

    reported_share: float = param(
        0.27,
        unit="share",
        bounds=(0.05, 1.0),
        source="assumed; what the ways out below give",
        systems=DOMESTIC,
        at_start=True,
    )
    """Share of those recruited who are ever recorded by the police (reading `reported`)."""

    cited_victims: float = param(
        300_000.0,
        unit="person/year",
        bounds=(50_000.0, 500_000.0),
        source="paper; contested",
        systems=DOMESTIC,
        at_start=True,
    )
    """Persons trafficked in a year as cited, all taken to be recruited within the country (reading `cited`)."""

    minor_share: float = share(0.3, source="assumed", systems=DOMESTIC, at_start=True)
    """Share of those recruited who are runaway minors; the others are lured by offers of work."""

    caught_share: float = param(0.25, unit="share", bounds=(0.02, 1.0), source="assumed", systems=DOMESTIC)
    """Share of runaway minors caught by exploiters; the others come home within the month."""

    poverty: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=DOMESTIC)
    """Elasticity of recruiting to the district's poverty rate."""

    unemployment: float = param(
        0.5, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=(*DOMESTIC, "S1")
    )
    """Elasticity of luring to unemployment in the district; youth unemployment is assumed to move with it."""

    phone_share: float = share(0.5, source="assumed", systems=DOMESTIC)
    """Share of lures by phone and internet in 2017; they grow with the reach of phones."""

    reach_growth: float = param(0.10, unit="1/year", bounds=(0.0, 0.5), source="assumed", systems=DOMESTIC)
    """Rate at which the gap to full phone coverage closes after the last survey, of 2019."""

    pull: float = param(0.5, unit="dimensionless", bounds=(0.0, 2.0), source="assumed", systems=DOMESTIC, at_start=True)
    """Elasticity of recruiting to the district's proximity to cities, weighted by urban residents."""

    urban_origin: float = share(0.4, source="assumed", systems=DOMESTIC, at_start=True)
    """Recruiting among urban residents, relative to rural ones."""

    urbanisation: float = param(
        0.01, unit="1/year", bounds=(-0.02, 0.05), source="assumed; the urban share rises (paper)", systems=DOMESTIC
    )
    """Yearly growth of the pull of cities, 1 in 2017."""

    decay_km: float = param(300.0, unit="km", bounds=(50.0, 2_000.0), source="assumed", systems=DOMESTIC, at_start=True)
    """Distance over which the attraction of a city falls to 1/e."""

    ageing_out: float = param(0.015, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=DOMESTIC)
    """Hazard that an exploited person becomes too old for exploiters and is let go."""

    opening_share: float = param(
        1.0,
        unit="share",
        bounds=(0.0, 2.0),
        source="assumed; as if rates had long been the same",
        systems=DOMESTIC,
        at_start=True,
    )
    """Persons exploited at the start, relative to the stock that the first month's recruiting sustains."""


LURED, RUNAWAY = 0, 1
GROUPS = 2
"""Groups of the exploited: those lured by offers of work, and minors who had run away."""

LEAST_UNEMPLOYMENT = 0.005
"""Lowest unemployment of a district to which luring responds. Source: assumed."""


class LureState(State):
    """Constants of recruitment."""

    fixed: Held[Fixed] = kept(text="Constants of a run.", start=lambda world: _fixed(world))


@dataclass(frozen=True, eq=False)
class Fixed:
    """Constants of a run.

    Monthly recruits per resident at push and pull of 1, by group; pull of cities on the residents of each district;
    attraction of each destination city of the country to each district, shape (districts, cities).
    """

    rates: np.ndarray
    pull: np.ndarray
    attraction: np.ndarray


def recruits_a_year(params: DomesticTraffickingParams) -> float:
    """Persons recruited within Pakistan in 2017, by the chosen reading, if recruiters feared nothing."""
    if params.reading == "cited":
        return params.cited_victims
    return params.reported_victims / params.reported_share


def eligible(world: World) -> np.ndarray:
    """Population at risk of recruitment, by district and group.

    Members of the labour force at home, and minors among the others, less those held in any stream or
    at risk of being trafficked again, who are recruited apart.
    """
    sums = world.sums
    at_home = np.stack([sums[:, T_WORKERS] - sums[:, T_AWAY], minors_in(world)], axis=1)
    return np.maximum(at_home - held_or_at_risk(world)[:, None], 0)


def expected_recruits(world: World, control: np.ndarray) -> np.ndarray:
    """Expected persons lured and minors caught in the month by recruiters without fear, shape (districts, groups).

    `control` is the share of lures by phone and internet that are prevented, by district.
    """
    params = world.params(DomesticTraffickingParams)
    fixed, sums = world[LureState].fixed, world.sums
    force = np.maximum(sums[:, T_WORKERS] - sums[:, T_AWAY], 1)
    years = fraction_of_year(world.month) - fraction_of_year(REFERENCE_MONTH)
    urbanised = power(1.0 + params.urbanisation, years)
    poverty, unemployment = poverty_of(world, params.poverty_response), 1.0 - sums[:, T_JOBS] / force
    reach = phone_reach(world.units, world.month, params.reach_growth)
    pushed = _pushed(params, poverty, unemployment, reach, control)
    return fixed.rates * pushed * (fixed.pull * urbanised * world.residents())[:, None]


def destinations(world: World, fear: np.ndarray) -> np.ndarray:
    """Share of recruits taken to each place, shape (districts, places); the last is elsewhere.

    Recruiters avoid cities where they fear more.
    """
    rows, inside = places_in(world.units)
    everywhere = world[LureState].fixed.attraction.copy()
    everywhere[:, inside] /= 1.0 + world.params(DomesticTraffickingParams).deterrence * fear[rows]
    here = everywhere[:, inside]
    elsewhere = everywhere.sum(axis=1) - here.sum(axis=1)
    found: np.ndarray = np.column_stack([here, np.maximum(elsewhere, 0.0)])
    found /= found.sum(axis=1)[:, None]
    return found


def residents_reached(world: World) -> np.ndarray:
    """Residents in households with a mobile phone, by district."""
    growth = world.params(DomesticTraffickingParams).reach_growth
    return world.residents() * phone_reach(world.units, world.month, growth)


def online_lures_prevented(world: World) -> np.ndarray:
    """Share of lures by phone and internet prevented by policy, by district; books its cost."""
    dose = world.now(LURES_PREVENTED)
    cost = dose * residents_reached(world) * ONLINE_RECRUITMENT_CONTROL.unit_cost
    world[InForce].policy.book_cost(ONLINE_RECRUITMENT_CONTROL, cost)
    return dose


def _fixed(world: World) -> Fixed:
    """Constants of a run."""
    params = world.params(DomesticTraffickingParams)
    near = attraction(world.units, params.decay_km)
    return Fixed(_rates_of_country(params), _pull(world.units, near, params), near)


def _pushed(
    params: DomesticTraffickingParams, poverty: np.ndarray, unemployment: np.ndarray, reach: np.ndarray,
    control: np.ndarray | float,
) -> np.ndarray:  # fmt: skip
    """Push factors by district and group: poverty, and for lures also unemployment and phones."""
    poor = array_power(poverty, params.poverty)
    idle = array_power(np.maximum(unemployment, LEAST_UNEMPLOYMENT), params.unemployment)
    told = (1.0 - params.phone_share) + params.phone_share * reach / usual_reach() * (1.0 - control)
    return np.stack([poor * idle * told, poor], axis=1)


def _pull(units: Units, attracted: np.ndarray, params: DomesticTraffickingParams) -> np.ndarray:
    """Pull of cities on the residents of each district: their attraction, and the source's statements."""
    rural = (1.0 - units.urban_share) + params.urban_origin * units.urban_share
    near = array_power(attracted.sum(axis=1) / 1e6, params.pull)
    return rural * near * weights_of("domestic", units)


def _rates_of_country(params: DomesticTraffickingParams) -> np.ndarray:
    """Recruits of a month a resident at push and pull of 1, by group: they add up over Pakistan in 2017."""
    country = load_units("pakistan")
    reach = phone_reach(country, REFERENCE_MONTH, params.reach_growth)
    pushed = _pushed(params, country.poverty, country.unemployment, reach, 0.0)
    pull = _pull(country, attraction(country, params.decay_km), params)
    exposed = (pushed * (pull * country.population_2017)[:, None]).sum(axis=0)
    lured, minors = 1.0 - params.minor_share, params.minor_share
    return recruits_a_year(params) / MONTHS_A_YEAR * np.array([lured, minors]) / exposed


LURES_PREVENTED = behaviour("lures by phone and internet prevented", base=0.0, over="district", bounds=(0.0, 1.0))
"""Share by district."""

ONLINE_RECRUITMENT_CONTROL = lever(
    "online_recruitment_control",
    unit="share of lures by phone and internet",
    bounds=(0.0, 1.0),
    combine="add",
    moves=LURES_PREVENTED,
    unit_cost=0.5,
    cost_unit="resident reached by phone, a month, at the lever's top",
    cost_counted="booked",
    text="Prevents lures by phone and internet: false job offers are found and taken down.",
    systems=("S14", "S19"),
)
