"""Plan of household formation and population growth, from the censuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.portable import power
from abm.places.geography import load_units, population_at
from abm.places.series import opening_stock
from abm.society.synthesis import PopulationParams
from abm.world.kernels.opening import sum_asleep

if TYPE_CHECKING:
    from abm.world.population import Population
    from abm.world.state import World

QUARTER = 3


class FormationState(State):
    """The plan of household formation."""

    plan: Held[FormationPlan] = kept(text="Plan of formation and growth.", start=lambda world: FormationPlan(world))


class FormationPlan:
    """Formation and growth implied by the censuses, by district and month.

    Parameters
    ----------
    world
        World at the start.

    Attributes
    ----------
    residents
        Residents at the start of each month on the census path, shape (months + 1, districts).
    growth
        Growth of residents a month, shape (months, districts).
    growth_gap
        Yearly growth of the district's population above the national one over the run, by district.
    reference_emigrants
        Monthly emigration that census growth already contains, by district.
    rows
        Rows of each district that form within the next quarter, shape (months, districts).
    mean_workers, mean_dependants
        Members of a newly formed household, by district.
    free_share
        Share of workers and of dependants who could leave to form a household; updated by `Demography`.
    """

    def __init__(self, world: World) -> None:
        population, params = world.population, world.params(PopulationParams)
        units, months, start = population.units, world.config.months, world.config.start_month
        path = np.array([population_at(units, start + t) for t in range(months + 1)])
        self.residents = path
        self.growth = path[1:] / path[:-1] - 1.0
        nation = load_units("pakistan", params.district_data)
        national = population_at(nation, start + months).sum() / population_at(nation, start).sum()
        years = months / 12
        own = path[-1] / path[0]
        nation_growth = power(float(national), 1 / years)
        self.growth_gap = np.array([power(float(ratio), 1 / years) - nation_growth for ratio in own])
        self.reference_emigrants = np.zeros(len(units))
        if params.opening_stock == "full":
            share = units.persons_abroad_2017 / nation.persons_abroad_2017.sum()
            stock_2017 = share * sum(opening_stock(start).values())
            self.reference_emigrants = stock_2017 * params.reference_emigration / 12
        row_count = np.bincount(population.villages.district, population.villages.rows, len(units))
        shares = population.formation_share
        ahead = np.minimum(np.arange(months) + QUARTER, months)
        self.rows = np.maximum(shares[ahead] - shares[:-1], 0.0) * row_count
        self.mean_workers, self.mean_dependants = _mean_members(population)
        self.free_share = np.full((len(units), 2), 0.7)


def _mean_members(population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Mean workers and dependants of the households still to form."""
    totals = np.zeros((len(population.units), 3), np.int64)
    sum_asleep(population.villages, population.households, totals)
    count = np.maximum(totals[:, 0], 1)
    anybody = totals[:, 0] > 0
    size = population.units.persons_per_household
    workers = np.where(anybody, totals[:, 1] / count, 1.0)
    return workers, np.where(anybody, totals[:, 2] / count, size - 1.0)
