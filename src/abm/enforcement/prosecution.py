"""Prosecution: those arrested are charged and tried, with years between; convicted offices close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, Params, behaviour, effective, outcome, param
from abm.enforcement.cases import CasesState, cases_of
from abm.enforcement.declarations import EnforcementParams, share
from abm.enforcement.kernels.enforcement import judge
from abm.engine.portable import exponential
from abm.engine.sums import sum_by
from abm.market import MarketParams, MarketTables, RisksState
from abm.world.codes import CASE_CHARGED, CASE_IN_COURT, STREAM_CASE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class ProsecutionParams(Params):
    """Courts, and the penalties of a conviction."""

    charge_months: float = param(4.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S11", "S17"))
    """Months from an arrest until the case comes to court."""

    trial_months: float = param(
        24.0, unit="month", bounds=(1.0, 120.0), source="assumed; five to eight years where contested (F35)",
        systems=("S11", "S17"),
    )  # fmt: skip
    """Months in court until judgment."""

    conviction: float = share(0.3, source="F35: conviction rate of about 30 %", systems=("S11", "S17"))
    """Probability that a case ends with a conviction."""

    seizure: float = share(0.5, source="assumed", systems=("S11",))
    """Share of a convicted owner's working capital seized by the government."""

    discount: float = param(
        0.03, unit="1/month", bounds=(0.0, 0.2), source="assumed; swift punishment deters more", systems=("S7", "S11")
    )
    """Rate at which offices discount a future judgment."""


class ProsecutionOutcomes(Outcomes):
    """Prosecutions and convictions."""

    prosecutions = outcome(unit="case", over="district", text="Cases against offices brought to court.")
    convictions = outcome(unit="person", over="district", text="Owners and agents of offices convicted.")


TRIAL_SPEED = behaviour("speed of charges and trials", base=1.0)
"""Months of an ordinary trial that pass in one month."""


class Prosecution(Mechanism):
    """Cases pass from charge to judgment at the speed of the courts; convicted owners lose their office.

    A convicted owner loses the office and part of its capital.
    """

    section = "prosecution"
    Params = ProsecutionParams
    systems = ("S10", "S11", "S17", "S19")
    outcomes = ProsecutionOutcomes.declared
    levers = (
        Lever(
            "prosecution_certainty", unit="multiple of the probability of conviction", bounds=(0.0, 5.0),
            combine="multiply", moves=(effective(ProsecutionParams, "conviction", bounds=(0.0, 1.0)),), unit_cost=3.0e7,
            cost_unit="100 % of probability added, a month",
            text="Multiplies the probability that a case ends with a conviction, up to one.",
            systems=("S11", "S17", "S19"), felt="offices",
        ),
        Lever(
            "prosecution_speed", unit="multiple of speed", bounds=(0.1, 10.0), combine="multiply", moves=(TRIAL_SPEED,),
            unit_cost=2.0e7, cost_unit="100 % of speed added, a month",
            text="Multiplies the speed at which charges are prepared and cases tried.", systems=("S11", "S17", "S19"),
            felt="offices",
        ),
        Lever(
            "sanction_severity", unit="multiple of the punishment", bounds=(0.0, 5.0), combine="multiply", moves=(
                effective(ProsecutionParams, "seizure", bounds=(0.0, 1.0)),
                effective(EnforcementParams, "custody_months"),
            ),
            unit_cost=5.0e6, cost_unit="100 % of punishment added, a month",
            text="Multiplies the months for which an arrest shuts an office, and the capital seized on conviction.",
            systems=("S11", "S19"), felt="offices",
        ),
    )  # fmt: skip

    @staticmethod
    def step(world: World) -> None:
        """Charge, try and judge."""
        world[RisksState].seized_share = world.params(ProsecutionParams).seizure
        if not world.config.enabled(Prosecution.section):
            return
        params, cases = world.params(ProsecutionParams), cases_of(world)
        in_court = cases.stage == CASE_IN_COURT
        # those arrested this month wait for the charge from the next month on
        moving = in_court | ((cases.stage == CASE_CHARGED) & (cases.since < world.t))
        cases.progress[moving] += speed(world)
        ready, judged = due_in_court(params, in_court, cases.progress)
        charged = ready & moving
        cases.stage[charged] = CASE_IN_COURT
        cases.progress[charged] = 0.0
        world.figures[ProsecutionOutcomes.prosecutions] = sum_by(cases.district[charged], 1, world.district_count)
        _judge(world, judged)


def due_in_court(
    params: ProsecutionParams, in_court: np.ndarray | bool, progress: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether a case comes to court now, and whether it is judged.

    `in_court` says whether it is there, `progress` for how many months at ordinary speed, or since the arrest.
    """
    charge = np.logical_not(in_court) & (progress >= params.charge_months)
    return charge, np.logical_and(in_court, progress >= params.trial_months)


def speed(world: World) -> float:
    """Months of an ordinary trial that pass in one month."""
    return float(world.now(TRIAL_SPEED)[0])


def conviction_probability(world: World) -> float:
    """Probability that a case ends with a conviction; 0 without courts."""
    if not world.config.enabled(Prosecution.section):
        return 0.0
    return world.params(ProsecutionParams).conviction


def loss_of_capital(world: World) -> float:
    """Share of its capital that an office expects to lose through an arrest, with the judgment discounted."""
    return _weight_of_conviction(world) * world.params(ProsecutionParams).seizure


def months_of_closure(world: World) -> float:
    """Months of earnings that an office expects to lose through an arrest because a conviction ends its business."""
    return _weight_of_conviction(world) * world.params(MarketParams).horizon


def _weight_of_conviction(world: World) -> float:
    """Probability that who is arrested is convicted, discounted by the months to the judgment."""
    params = world.params(ProsecutionParams)
    months = (params.charge_months + params.trial_months) / max(speed(world), 1e-9)
    return conviction_probability(world) * exponential(-params.discount * months)


def _judge(world: World, judged: np.ndarray) -> None:
    """Convict or acquit in the cases whose trial ends."""
    convicted = np.zeros(world.district_count, np.int64)
    judge(
        cases_of(world), np.flatnonzero(judged), conviction_probability(world), world.key(STREAM_CASE),
        world[MarketTables].offices, convicted,
    )  # fmt: skip
    world[CasesState].table.drop(judged)
    world.figures[ProsecutionOutcomes.convictions] = convicted
