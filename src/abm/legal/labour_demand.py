"""Labour demand abroad: employers hire the workers they want, replace those who leave, and let some go in a slump."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import raised
from abm.legal.contracts import QUOTA, LegalWorkParams
from abm.society import DriversParams, EconomyState, incomes_abroad
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.places.drivers import Series
    from abm.places.place_models import Destination
    from abm.world.state import World

FEWEST = 0.5
"""Fewest hires, in a slump or after more were let in than asked for, relative to those who leave: some trades hire at
all times. Source: assumed."""

RUN_IN = 120
"""Months before the start over which the workforce follows demand, so that it does not depend on the first month."""


class LabourDemandParams(Params):
    """Demand for foreign workers follows the economy of the destination."""

    investment: float = param(
        0.861, unit="elasticity", bounds=(0.0, 4.0), source="calibrated, docs/calibration.md; see docs/drivers.md",
        systems=("S4", "S6"),
    )  # fmt: skip
    """Elasticity of the workers under contract whom employers want to real investment, most of it building."""

    output: float = param(
        0.184, unit="elasticity", bounds=(0.0, 4.0), source="calibrated, docs/calibration.md", systems=("S6",)
    )
    """Elasticity of these to real output."""

    levy: float = param(
        0.3, unit="elasticity", bounds=(0.0, 2.0),
        source="Hamermesh (1993): constant-output elasticity of labour demand", systems=("S6",),
    )  # fmt: skip
    """Elasticity of these to what a worker costs, levies on employers counted in; enters with a minus."""

    lag: float = param(6.0, unit="month", bounds=(0.0, 36.0), source="calibrated with investment", systems=("S6",))
    """Months by which demand follows investment and output."""

    adjustment: float = param(
        2.25, unit="1/year", bounds=(0.1, 12.0), source="calibrated, docs/calibration.md", systems=("S6",)
    )
    """Share of the gap between the workers wanted and those there that employers would close in a year."""

    income: float = param(1.5, unit="elasticity", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S18"))
    """Elasticity of jobs where nobody works under contract, and of those without papers, to real income there."""


class LabourDemandState(State):
    """What employers abroad want."""

    workforce: Held[np.ndarray] = kept(
        unit="multiple of 2015", text="Workers under contract whom employers have, as far as demand alone decides.",
        over=("destination",), start=lambda world: _run_in(world),
    )  # fmt: skip
    missing: Held[np.ndarray] = kept(
        unit="multiple of 2015",
        text="Of these, those whom a quota kept out and who have not come since; below 0, those let in beyond.",
        over=("destination",),
        start=0.0,
    )
    leaving: Held[np.ndarray] = kept(
        unit="1/year", text="Share of workers under contract who leave, not counting those let go.",
        over=("destination",),
        start=lambda world: 1.0 / world.destination_table.contract_years,
    )  # fmt: skip
    hires: Held[np.ndarray] = monthly(
        unit="multiple of the quota", text="Workers whom employers ask for and who can come.", over=("destination",)
    )
    demand: Held[np.ndarray] = monthly(unit="multiple of 2015", text="Demand for workers.", over=("destination",))
    jobs: Held[np.ndarray] = monthly(unit="multiple of 2015", text="Jobs without papers.", over=("destination",))
    let_go: Held[np.ndarray] = monthly(
        unit="1/month", text="Chance that a contract is ended for lack of demand.", over=("destination",)
    )


class LabourDemandOutcomes(Outcomes):
    """What is recorded of demand abroad."""

    workers_asked = outcome(
        unit="worker a year", over="destination", kind="level",
        text="Workers whom employers there ask for, at the rate of the month; a quota set by policy apart.",
    )  # fmt: skip


class LabourDemand(Mechanism):
    r"""Employers abroad decide how many workers to hire, and whose contracts not to renew.

    They replace those who leave, of themselves or by policy, and close part of the gap to the workforce that they
    want. In a slump some contracts are not renewed. Those whom a quota keeps out are hired once it ends.

    Notes
    -----
    The workforce wanted, with investment $I$ and output $Y$ relative to 2015, levy $\tau$ and wage $w$ of the
    destination, is

    $$
    D = I^{\alpha} \, Y^{\beta} \, (1 + \tau / w)^{-\gamma},
    $$

    and the workers asked for in a year, with a workforce $W$ of whom a share $\lambda$ leave,

    $$
    H = \max\left( H_0 + a M, \; 0.5 \, \lambda W \right) c, \qquad
    H_0 = \max\left( \lambda W + a \, (D - W), \; 0.5 \, \lambda W \right),
    $$

    with $c$ the share of days on which borders are open. $\lambda$ is expected from the returns, removals, lapses,
    moves on and deaths of the month before, borders that were closed counted in; in the first two months, and where
    families settle, it is one over contract_years. Contracts are ended at the rate $l = \max(-0.5 \, \lambda - a \,
    (D - W) / W, \; 0)$ a year. With $r$ the share of days on which people may come home, and $q$ the multiple of the
    quota that policy sets,

    $$
    W \leftarrow W + \left( c H_0 - (\lambda + r \, l) \, W \right) / 12, \qquad
    M \leftarrow M + \left( c H_0 - q H - \lambda M \right) / 12 .
    $$

    $W$ is what demand alone would have, and follows $D$ for ten years before the start. $M$ are workers kept out, less
    those let in beyond, not yet made up for; they count only while $q = 1$. $\alpha$, $\beta$, $\gamma$ and $a$ are
    `investment`, `output`, `levy` and `adjustment`.

    References
    ----------
    McKenzie, Theoharides and Yang (2014): demand decides how many workers there are.
    """

    section = "labour_demand"
    Params = LabourDemandParams
    outcomes = LabourDemandOutcomes.declared
    used_when_off = ("income",)
    systems = ("S4", "S6")

    @staticmethod
    def step(world: World) -> None:
        """Set what employers ask for this month."""
        LabourDemand._hire(world)
        quota = world.destination_table.legal_quota * world.multiples("quota") * world.params(LegalWorkParams).quota
        # the last is the city in Pakistan
        world.figures[LabourDemandOutcomes.workers_asked] = (quota * world[LabourDemandState].hires)[:-1]

    @staticmethod
    def _hire(world: World) -> None:
        """Move the workforce towards what is wanted; those who left are replaced as far as there is work."""
        state, params = world[LabourDemandState], world.params(LabourDemandParams)
        # where nobody is hired under contract, relative to 2015
        jobs = raised(incomes_abroad(world), params.income)
        if not world.config.enabled(LabourDemand.section):
            state.demand, state.hires, state.let_go = jobs, world[EconomyState].passable, np.zeros(jobs.size)
            state.jobs = jobs
            return
        contracts = world.destination_table.legal_quota > 0.0
        leaving = state.leaving
        wanted = _wanted(world, world.month)
        asked, let_go = hiring(state.workforce, wanted, leaving, params.adjustment)
        # those who could not come are asked for again when borders open
        came = asked * world[EconomyState].passable
        gone = (leaving + let_go * world[EconomyState].returnable) * state.workforce
        state.demand, state.jobs = np.where(contracts, wanted, jobs), jobs
        # where policy sets how many may come, employers make up for it once they are free again
        allowed = world.now(QUOTA) / max(world.params(LegalWorkParams).quota, 1e-9)
        free = np.isclose(allowed, 1.0) * world[EconomyState].passable
        fewest = FEWEST * leaving * state.workforce * world[EconomyState].passable
        hired = np.where(free > 0.0, np.maximum(came + params.adjustment * state.missing * free, fewest), came)
        state.workforce += (came - gone) / MONTHS_A_YEAR
        state.missing += (came - allowed * hired - leaving * state.missing) / MONTHS_A_YEAR
        state.hires = np.where(contracts, hired * world.destination_table.contract_years, 0.0)
        state.let_go = np.where(contracts, let_go / MONTHS_A_YEAR, 0.0)


def hiring(
    workforce: np.ndarray, wanted: np.ndarray, leaving: np.ndarray, adjustment: float
) -> tuple[np.ndarray, np.ndarray]:
    """Workers asked for, and share of those there who are let go, a year.

    `workforce` and `wanted` are workers there and wanted, relative to 2015; `leaving` is the share who leave in a
    year, of themselves or by policy, those let go not counted, `adjustment` that of the gap that employers would close.
    """
    growth, replaced = adjustment * (wanted - workforce), leaving * workforce
    asked = np.maximum(replaced + growth, FEWEST * replaced)
    return asked, np.maximum(asked - replaced - growth, 0.0) / workforce


def workforce_wanted(
    series: Series, places: tuple[Destination, ...], params: LabourDemandParams, month: int, growth: float = 0.0
) -> np.ndarray:
    """Workers under contract whom employers of destinations want in a month, relative to 2015.

    Investment and output of a year, `lag` months ago; `growth` is theirs, a year, beyond the data. 1 where nobody works
    under contract and where output is unknown.
    """
    countries = tuple(facts.demand_of if facts.legal_quota > 0.0 else None for facts in places)
    invested, output, levy = _economies(series, countries, month, params.lag, growth)
    paid = 1.0 + levy / np.array([facts.wage_usd for facts in places])
    return raised(invested, params.investment) * raised(output, params.output) * raised(paid, -params.levy)


@lru_cache(maxsize=1 << 10)  # other runs of a process need the same
def _economies(
    series: Series, countries: tuple[str | None, ...], month: int, lag: float, growth: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Investment and output of a year, `lag` months ago, and levy of the month; 1, 1 and 0 where they are unknown."""
    months = [month - lag + shift for shift in (-6, -3, 0, 3, 6)]
    known = series.covers("growth")
    found = np.ones((3, len(countries)))
    found[2] = 0.0
    for k, country in enumerate(countries):
        if country and country in known:
            invested, output = zip(*(_economy(series, country, at, growth) for at in months), strict=True)
            found[:, k] = sum(invested) / len(months), sum(output) / len(months), series.levy(country, month)
    return found[0], found[1], found[2]


@lru_cache(maxsize=1 << 13)  # a month is part of five such years
def _economy(series: Series, country: str, month: float, growth: float) -> tuple[float, float]:
    """Investment and output of a month."""
    return series.investment_index(country, month, growth), series.output_index(country, month, growth)


def _wanted(world: World, month: int) -> np.ndarray:
    """Workers under contract wanted at each destination, float64 (destinations,)."""
    params, series = world.params(LabourDemandParams), world[EconomyState].series
    growth = world.params(DriversParams).destination_growth
    return workforce_wanted(series, world.destination_facts, params, month, growth)


def _run_in(world: World) -> np.ndarray:
    """Workforce before the first month."""
    rate = world.params(LabourDemandParams).adjustment / MONTHS_A_YEAR
    workforce = _wanted(world, world.month - RUN_IN)
    for month in range(world.month - RUN_IN, world.month):
        workforce += rate * (_wanted(world, month) - workforce)
    return workforce
