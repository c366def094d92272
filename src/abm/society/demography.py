"""Demography: households form as the censuses show; members are born, come of age and die."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.engine.portable import power
from abm.places.geography import load_units, population_at
from abm.places.series import opening_stock
from abm.society.drivers import DriversParams, EconomyState
from abm.society.kernels.synthesis import sum_asleep, wake_rows
from abm.society.kernels.village_quarter import QUARTER
from abm.society.synthesis import PopulationParams, rows_awake
from abm.world.codes import (
    T_AWAY,
    T_DEPENDANTS_AT_RISK,
    T_DEPENDANTS_FREE,
    T_MEMBERS,
    T_WORKERS,
    T_WORKERS_AT_RISK,
    T_WORKERS_FREE,
)
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.columns import Population
    from abm.world.state import World


class FormationState(State):
    """The plan of household formation."""

    plan: Held[FormationPlan] = kept(text="Plan of formation and growth.", start=lambda world: FormationPlan(world))


class FormationPlan:
    """Formation and growth implied by the censuses, by district and month, from the world at the start.

    Attributes
    ----------
    residents
        Residents at the start of each month on the census path, shape (months + 1, districts).
    growth_gap
        Yearly growth of the district's population above the national one over the run, by district.
    abroad
        Members abroad at the start of each month if as many leave in net terms as the census stock implies, shape
        (months + 1, districts): whoever leaves, births and coming of age follow those who live anywhere.
    rows
        Rows of each district that form within the next quarter, shape (months, districts).
    labour_force
        Members of the labour force at home and in cities at the start, by district.
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
        nation = load_units("pakistan", params.district_data)
        national = population_at(nation, start + months).sum() / population_at(nation, start).sum()
        years = months / 12
        own = path[-1] / path[0]
        nation_growth = power(float(national), 1 / years)
        self.growth_gap = np.array([power(float(ratio), 1 / years) - nation_growth for ratio in own])
        emigrants = np.zeros(len(units))
        if params.opening_stock == "full":
            share = units.persons_abroad_2017 / nation.persons_abroad_2017.sum()
            emigrants = share * sum(opening_stock(start).values()) * params.reference_emigration / 12
        self.abroad = gone(world) + emigrants * np.arange(months + 1)[:, None]
        row_count = np.bincount(population.villages.district, population.villages.rows, len(units))
        shares = population.formation_share
        ahead = np.minimum(np.arange(months) + QUARTER, months)
        self.rows = np.maximum(shares[ahead] - shares[:-1], 0.0) * row_count
        self.mean_workers, self.mean_dependants = _mean_members(population)
        self.free_share = np.full((len(units), 2), 0.7)
        self.labour_force = earners(world)


def gone(world: World) -> np.ndarray:
    """Members abroad, by district, float64."""
    return np.einsum("ijk->i", world.stock[:, :-1]).astype(np.float64)


def earners(world: World) -> np.ndarray:
    """Members of the labour force at home or in a city, by district, float64."""
    return np.asarray(world.workers_at_home() + world.stock[:, -1].sum(axis=1))


def _mean_members(population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Mean workers and dependants of the households still to form."""
    totals = np.zeros((len(population.units), 3), np.int64)
    sum_asleep(population.villages, population.households, totals)
    count = np.maximum(totals[:, 0], 1)
    anybody = totals[:, 0] > 0
    size = population.units.persons_per_household
    workers = np.where(anybody, totals[:, 1] / count, 1.0)
    return workers, np.where(anybody, totals[:, 2] / count, size - 1.0)


class DemographyParams(Params):
    """Vital rates, on top of census growth."""

    worker_mortality: float = param(
        0.0035,
        unit="1/year",
        bounds=(0.0, 0.02),
        source="assumed; about the adult mortality of UN World Population Prospects",
    )
    """Deaths a year per member away, abroad or in a city."""

    mortality: float = param(
        0.0077, unit="1/year", bounds=(0.0, 0.04), source="assumed; about 7 deaths a year per 1,000 residents"
    )
    """Deaths a year per member at home."""

    labour_force_premium: float = param(
        0.009,
        unit="1/year",
        bounds=(-0.01, 0.03),
        source="paper: labour force 3.3 % less population growth 2.4 %",
        systems=("S1",),
    )
    """Growth of the labour force beyond that of the population, as more come of age."""

    census_anchor: float = param(0.25, unit="1/year", bounds=(0.0, 1.0), source="assumed")
    """Share of the gap to the path of members, at home and abroad, that births close in a year; so too coming of age,
    in the labour force."""


class DemographyOutcomes(Outcomes):
    """Number of residents."""

    population = outcome(
        unit="person",
        over="district",
        kind="stock",
        text="Residents: household members who are neither abroad nor under way.",
    )
    households = outcome(unit="household", over="district", kind="stock", text="Households.")


class Demography(Mechanism):
    r"""Births, coming of age and deaths; new households form out of others.

    A death at home takes a dependant away, as one takes the place of a worker who dies; nobody retires otherwise.
    Dependants beyond two for each worker come of age.

    Births and coming of age keep the members of each district, at home and abroad, on a path: residents of the
    censuses, and those abroad at the usual net emigration. So emigration beyond the usual leaves fewer at home, and
    those who return are more. New households take their members from others of the district; they know as many people
    abroad as another household of the village, and their savings have grown with incomes since the start.

    Notes
    -----
    With residents $N$, members abroad $X$, the labour force $W$ at home and in cities, all deaths $D$ and those abroad
    $D_X$, births and those who come of age in a month are

    $$
    \tfrac{\alpha}{12} (N^* + X^* - N - X) + \Delta N^* + \Delta X^* + D, \qquad
    \tfrac{\alpha}{12} (W^* + X^* - W - X) + \Delta W^* + \Delta X^* + D_X
    $$

    (not below 0, and of age at most 5 % of dependants); $\alpha$ is `census_anchor`, a star marks the path, and $W^* /
    N^*$ grows from that of the start by `labour_force_premium`. Rows of new households, made at the start, form on the
    census path. Their workers come from a pool of those who leave others, at the rate $(n-P)/(3m)$ a month: $n$ workers
    of the rows that form within three months, $P$ in the pool, $m$ at home where there are several; so do dependants.
    """

    section = "demography"
    Params = DemographyParams
    outcomes = DemographyOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Wake the households that form this month, and work out vital rates by district."""
        values = world.district_month
        enabled = world.config.enabled(Demography.section)
        values["demography_on"] = int(enabled)
        if not enabled:
            return
        _form_households(world)
        params = world.params(DemographyParams)
        workers = world.workers_at_home()
        dependants = np.maximum(world.sums[:, T_MEMBERS] - world.sums[:, T_WORKERS], 1).astype(np.float64)
        residents = workers + dependants
        plan = world[FormationState].plan
        abroad, expected = gone(world), plan.abroad[world.t]
        emigrants = plan.abroad[world.t + 1] - expected
        dead_abroad = params.worker_mortality / 12 * abroad
        values["death"] = params.mortality / 12
        now, then = plan.residents[world.t : world.t + 2]
        anchor, premium = params.census_anchor / 12, 1.0 + params.labour_force_premium / 12
        missing = anchor * (now + expected - _residents(world) - abroad)
        deaths = params.mortality / 12 * residents + dead_abroad
        values["birth"] = np.maximum((missing + then - now + emigrants + deaths) / residents, 0.0)
        share = plan.labour_force / plan.residents[0] * power(premium, world.t)
        missing = anchor * (share * now + expected - earners(world) - abroad)
        grown = share * (then * premium - now) + emigrants
        values["coming_of_age"] = np.clip((missing + grown + dead_abroad) / dependants, 0.0, 0.05)
        _leave_for_new_households(world, workers, dependants)


def _residents(world: World) -> np.ndarray:
    """Residents by district: members at home, in a city or between households."""
    sums = world.sums
    return np.maximum(sums[:, T_MEMBERS] - sums[:, T_AWAY] + world.stock[:, -1].sum(axis=1) + world.pool.sum(axis=1), 1)


def _form_households(world: World) -> None:
    """Wake rows; their members come from the pool of those who left to form a household."""
    economy, params = world[EconomyState], world.params(DriversParams)
    opening = economy.series.income_index(world.config.start_month, params.income_growth, params.early_income_growth)
    members = np.zeros((2, world.district_count), np.int64)
    endowment = np.zeros(world.district_count, np.int64)
    wake_rows(
        world.villages, rows_awake(world.population, world.t), world.households, world.weight,
        economy.income_index / opening, *members, endowment, world.wealth_households,
    )  # fmt: skip
    world.pool -= members.T
    world.ledger.pay("endowment", "households", "endowment", int(endowment.sum()))


def _leave_for_new_households(world: World, workers: np.ndarray, dependants: np.ndarray) -> None:
    """Set how many leave, so that the pool is full again when the next households form."""
    values = world.district_month
    plan = world[FormationState].plan
    rows = plan.rows[world.t] * world.weight
    for column, (rate, stock, mean, at_risk, could_leave) in enumerate(
        (
            ("leaving_worker", workers, plan.mean_workers, T_WORKERS_AT_RISK, T_WORKERS_FREE),
            ("leaving_dependant", dependants, plan.mean_dependants, T_DEPENDANTS_AT_RISK, T_DEPENDANTS_FREE),
        )
    ):
        seen, free = world.sums[:, at_risk], plan.free_share[:, column]
        free[:] = np.where(seen > 0, world.sums[:, could_leave] / np.maximum(seen, 1), free)
        wanted = rows * mean - world.pool[:, column]
        share = wanted / (QUARTER * stock * np.maximum(free, 0.05))
        values[rate] = np.clip(share, 0.0, 0.2)
