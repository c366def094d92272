"""Labour surplus: workers and jobs grow at their own rates; the gap is unemployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event, Lever, Outcomes, Params, effective, outcome, param
from abm.declare.state import Held, State, kept, kept_by_district
from abm.engine.elementwise import raised
from abm.engine.portable import power
from abm.policy import InForce
from abm.society.demography import FormationState
from abm.society.drivers import EconomyState, income_cycle
from abm.world.codes import T_BONDED, T_JOBS
from abm.world.mechanism import Mechanism
from abm.world.named import districts_named

if TYPE_CHECKING:
    from abm.world.state import World


class LabourState(State):
    """Jobs by district, and positions created by policy."""

    jobs: Held[np.ndarray] = kept(
        unit="job",
        text="Jobs offered by employers.",
        over=("district",),
        start=lambda world: world.sums[:, T_JOBS].astype(np.float64),
    )
    created: Held[np.ndarray] = kept_by_district(unit="job", text="Positions created by policy that it still pays for.")
    usual_wage: Held[np.ndarray] = kept_by_district(
        unit="multiple of 2017", text="Wages that families are used to: fading mean of the wage index."
    )


class LabourParams(Params):
    """Jobs, turnover and the wage curve of a district."""

    job_growth: float = param(
        0.030, unit="1/year", bounds=(0.0, 0.06), source="paper", systems=("S1",), over="district"
    )
    """National growth of jobs; growth in a district differs with its census growth."""

    okun: float = param(
        0.2,
        unit="elasticity",
        bounds=(0.0, 1.0),
        source="assumed; Ball, Furceri, Leigh and Loungani (2019) on Okun's law in developing economies",
        systems=("S1", "S5"),
    )
    """Growth of jobs with each point by which real income grows faster than in the five years before."""

    absorption: float = param(
        0.4,
        unit="1/year",
        bounds=(0.0, 2.0),
        source="assumed, so that wages answer to the labour force as in Mishra (2007); own-account work: Fields (1975)",
        systems=("S1",),
    )
    """Growth of jobs in a district for each point by which its unemployment exceeds that of the start of the run."""

    separation_rate: float = param(0.012, unit="1/month", bounds=(0.0, 0.10), source="assumed", systems=("S1",))
    """Share of jobs that end in a month and are filled again: turnover. In a slump there are fewer (`job_growth`)."""

    job_finding_ceiling: float = param(0.30, unit="1/month", bounds=(0.01, 1.0), source="assumed", systems=("S1",))
    """Largest share of a district's unemployed who find a job in a month, however many vacancies there are."""

    vacancy_mobility: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S1",))
    """Share of vacancies beyond normal turnover that moves in a month to districts with more unemployed."""

    wage_curve: float = param(
        -0.10,
        unit="dimensionless",
        bounds=(-0.5, 0.0),
        source="Blanchflower and Oswald (1994), The Wage Curve",
        systems=("S1",),
    )
    """Elasticity of a district's wage to its unemployment rate relative to the start of the run."""

    wage_memory: float = param(36.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S1", "S4"))
    """Months over which families get used to other wages: until then members abroad make up for a part of a fall."""


class LabourOutcomes(Outcomes):
    """Labour force, employment and unemployment."""

    labour_force = outcome(unit="person", over="district", kind="stock", text="Members of the labour force at home.")
    employed = outcome(
        unit="person", over="district", kind="stock", text="Members of the labour force at home who have a job."
    )
    unemployment_rate = outcome(
        unit="share", over="district", mean_of="labour_force", text="Share of the labour force at home without a job."
    )


JOB_GROWTH = effective(LabourParams, "job_growth", over="district")
"""Growth of jobs a year, by district."""


INCOMES = Event(
    "incomes",
    text="What people earn in the districts named is multiplied, as in a drought, a flood, a good harvest or a boom. "
    "Fewer come home to a place where pay is low, so that fewer are hired in their stead, from all districts.",
    needs=("multiple",),
    places=("unit", "province"),
    lasts=True,
    systems=("S1", "S5"),
)


class Labour(Mechanism):
    r"""Works out vacancies, the chance to find a job, and the wage of each district.

    Vacancies beyond the usual turnover move to the unemployed of other districts.

    Notes
    -----
    Positions $J_d$ grow by $(g + g_d + \omega c + \alpha (u_d - u^0_d)) / 12$ a month, with $g$ `job_growth`, $g_d$ the
    growth of the district's population above the nation's, $c$ the growth of income beyond that of the five years
    before, $\omega$ `okun`, $u_d$ unemployment now and $u^0_d$ at the start, $\alpha$ `absorption`. With employed $E_d$
    and unemployed $U_d$, the bonded left out, the chance of those who seek work to find it and the wage index are

    $$
    \min\left( \frac{\max(J_d - E_d (1 - s), 0)}{U_d + s E_d}, \; \bar f \right), \qquad
    y \, (u_d / u^0_d)^{\epsilon},
    $$

    with $y$ income relative to 2017, times what events of incomes say, and $s$, $\bar f$, $\epsilon$ `separation_rate`,
    `job_finding_ceiling`, `wage_curve`.
    """

    section = "labour"
    Params = LabourParams
    systems = ("S1",)
    outcomes = LabourOutcomes.declared
    events = (INCOMES,)
    levers = (
        Lever(
            "job_creation",
            unit="share of jobs added a year",
            bounds=(-0.05, 0.10),
            combine="add",
            moves=(JOB_GROWTH,),
            unit_cost=25_000.0,
            cost_unit="job created and kept, a month",
            cost_counted="booked",
            text="Adds to the growth of jobs in the districts named, for as long as it is in force.",
            systems=("S1", "S19"),
        ),
    )

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the cost of positions where the lever acts: those created so far and this month's."""
        jobs = world[LabourState].jobs
        created = world[LabourState].created
        kept, added = created[deviation > 0.0].sum(), (jobs * np.maximum(deviation, 0.0)).sum() / 12.0
        return lever.unit_cost * float(kept + added)

    @staticmethod
    def step(world: World) -> None:
        """Let jobs grow, and work out job finding and wages by district."""
        params = world.params(LabourParams)
        values = world.district_month
        employed, force = _on_the_market(world)
        values["employment"] = np.clip(employed / force, 0.05, 1.0)
        if not world.config.enabled(Labour.section):
            # as large a share has a job as at the start: whoever comes of age or comes home finds one
            values["employment"] = 1.0 - world.population.opening_unemployment
            missing = np.maximum(values["employment"] * force - employed, 0.0)
            values["separation"], values["finding"] = 0.0, missing / np.maximum(force - employed, 1.0)
            usual = np.full(world.district_count, world[EconomyState].income_index)
            _set_wages(world, usual, usual)
            return
        jobs = world[LabourState].jobs
        growth = world.now(JOB_GROWTH)
        unemployment, opening = np.clip((1.0 - employed / force, world.population.opening_unemployment), 0.005, 0.95)
        absorbed = params.absorption * (unemployment - opening)
        cycle = params.okun * income_cycle(world)
        jobs *= 1.0 + (growth + world[FormationState].plan.growth_gap + cycle + absorbed) / 12.0
        created = world[LabourState].created
        paid_for = world[InForce].policy.kept_share(JOB_CREATION)
        in_force = (growth > params.job_growth) | (paid_for == 0.0)
        jobs -= created * (1.0 - paid_for) * in_force  # those of a lever that has ended stay
        created *= paid_for * in_force
        created += jobs * np.maximum(growth - params.job_growth, 0.0) / 12.0
        world[InForce].policy.book_cost(JOB_CREATION, created * JOB_CREATION.unit_cost)
        unemployed = np.maximum(force - employed, 1.0)
        unfilled = np.maximum(jobs - employed * (1.0 + params.separation_rate), 0.0) * params.vacancy_mobility
        jobs += unfilled.sum() * unemployed / unemployed.sum() - unfilled
        vacancies = np.maximum(jobs - employed * (1.0 - params.separation_rate), 0.0)
        values["separation"] = params.separation_rate
        seekers = unemployed + employed * params.separation_rate  # those who lose a job in the month look for one
        values["finding"] = np.minimum(vacancies / seekers, params.job_finding_ceiling)
        usual = world[EconomyState].income_index * raised(unemployment / opening, params.wage_curve)
        wages = usual.copy()
        for use in world.befall(INCOMES):
            wages[districts_named(world, use.where)] *= use.multiple
        _set_wages(world, wages, usual)


def _on_the_market(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Employed and labour force by district without the bonded, who take no job of others and look for none."""
    bonded = world.sums[:, T_BONDED]
    return (world.sums[:, T_JOBS] - bonded).astype(np.float64), np.maximum(world.workers_at_home() - bonded, 1.0)


def _set_wages(world: World, index: np.ndarray, before_events: np.ndarray) -> None:
    """Set the wage index of each district, and the one that families are used to: what they had of late, if more."""
    state, values = world[LabourState], world.district_month
    if world.t == 0:
        state.usual_wage[:] = before_events
    state.usual_wage += (index - state.usual_wage) / world.params(LabourParams).wage_memory
    values["wage_index"], values["usual_wage"] = index, np.maximum(index, state.usual_wage)


def state_of_jobs(world: World) -> float:
    """Pay times the chance of a job in the country, by its unemployment, relative to the start of the run."""
    if not world.config.enabled(Labour.section):
        return 1.0
    employed, force = _on_the_market(world)
    idle = force - employed, force * world.population.opening_unemployment
    now, opening = (min(max(float(part.sum() / force.sum()), 0.005), 0.95) for part in idle)
    return (1.0 - now) / (1.0 - opening) * power(now / opening, world.params(LabourParams).wage_curve)


JOB_CREATION = Labour.levers[0]
