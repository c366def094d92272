"""Demand abroad for trafficked persons: level, season, pressure, and districts of origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.calendar import MONTHS_A_YEAR, fraction_of_year
from abm.places.geography import Units, load_units
from abm.streams.cross_border_params import CrossBorderParams
from abm.streams.trafficking import held_or_at_risk, minors_in, weights_of
from abm.streams.victims import array_power, poverty_of, residents_of
from abm.world.codes import T_AWAY, T_MEMBERS

if TYPE_CHECKING:
    from abm.world.state import World

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
    """Persons demanded by buyers in a month, in all of Pakistan, by group.

    Parameters
    ----------
    month
        Months since January of year 0.
    """
    year = fraction_of_year(month)

    def risen(since: float, years: float) -> float:
        return min(max((year - since) / years, 0.0), 1.0)

    season = 1.0 + params.gulf_season * YEAR_OF_SEASON[month % MONTHS_A_YEAR]
    gulf = 1.0 - params.gulf_pressure * risen(params.gulf_pressure_since, params.pressure_years)
    china = 1.0 - params.china_pressure * risen(params.china_pressure_since, params.pressure_years)
    return (
        np.array(
            [
                params.children_to_gulf * season * gulf,
                params.women_to_gulf * season,
                params.women_to_china * risen(params.china_since, 1.0) * china,
            ]
        )
        / MONTHS_A_YEAR
    )


def eligible(world: World) -> np.ndarray:
    """Population at risk of being taken, by district and group, without those held in any stream or recently freed."""
    sums, held = world.sums, held_or_at_risk(world)
    women = np.floor(ADULT_WOMEN * (sums[:, T_MEMBERS] - sums[:, T_AWAY])).astype(np.int64)
    at_home = np.stack([minors_in(world), women, women], axis=1)
    found: np.ndarray = np.maximum(at_home - held[:, None], 0)
    return found


def parts_of_country(world: World) -> np.ndarray:
    """Part of the demand for people from Pakistan met by each district, shape (districts, groups).

    It depends on residents, poverty and the sources' statements; with census poverty and the residents of 2017 the
    parts of all districts add up to one.
    """
    params: CrossBorderParams = world.params(CrossBorderParams)
    a_resident = world[DemandAbroadState].by_resident
    poor = array_power(poverty_of(world, params.poverty_response), params.poverty)
    found: np.ndarray = a_resident * (poor * residents_of(world))[:, None]
    return found


def past_demand(params: CrossBorderParams, month: int, leaving: np.ndarray, years: int) -> np.ndarray:
    """Persons still held abroad, of those demanded in the years before a month, by group.

    Parameters
    ----------
    leaving
        Share of the held who leave in a month, by group.
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
