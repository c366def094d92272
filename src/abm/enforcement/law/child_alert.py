"""Child alert: officers who look for missing children at once, as the act of 2020 has it, beside the police."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcomes, Params, behaviour, outcome, param
from abm.declare.state import Held, State, kept_by_district
from abm.enforcement.kernels.enforcement import PURPOSE, decay
from abm.engine.elementwise import exp, successes
from abm.policy import InForce
from abm.world.codes import STREAM_CHILD_ALERT
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

CHILDREN = ("S11", "S14", "S19")


days = partial(param, unit="day", bounds=(0.0, 90.0), systems=CHILDREN)
share = partial(param, unit="share", bounds=(0.0, 1.0), source="assumed", systems=CHILDREN)


class ChildAlertParams(Params):
    """Reports of missing children, and the chance of finding a child by the days until somebody looks."""

    reporting: float = share(0.5)
    """Share of missing children whom the family reports in the month."""

    findable: float = share(0.6)
    """Share of the reported who are found in the month where somebody looks at once."""

    trace: float = days(5.0, bounds=(0.5, 60.0), source="assumed")
    """Days without a search that halve the chance of finding a child."""

    police_days: float = days(
        25.0, source="calibrated to 2 % found, as of 3,090 missing in Karachi in 2010 (Roshni Helpline, January 2011)"
    )
    """Days until a police station looks for a child."""

    alert_days: float = days(0.5, source="assumed")
    """Days until an officer of the agency looks for a child, with nothing else to do."""

    alerts: float = param(10.0, unit="report an officer", bounds=(0.1, 200.0), source="assumed", systems=CHILDREN)
    """Open reports that double the days until an officer of the agency looks for a child."""

    open_half_life: float = param(3.0, unit="month", bounds=(0.2, 60.0), source="assumed", systems=CHILDREN)
    """Half-life of a report on which the agency still works."""

    hiring: float = param(0.1, unit="1/month", bounds=(0.01, 1.0), source="assumed", systems=CHILDREN)
    """Share of the gap between officers paid for and officers at work that closes in a month."""

    pay: float = param(60_000.0, unit="PKR of 2017 a month", bounds=(1e4, 1e6), source="assumed", systems=CHILDREN)
    """Cost of an officer of the agency."""


ALERT_OFFICERS = behaviour("officers of the child alert", base=0.0, over="district", bounds=(0.0, math.inf))
"""By 1 million residents of 2017."""

CHILD_ALERT = Lever(
    "child_alert", unit="officer per million residents", bounds=(0.0, 20.0), combine="add", moves=(ALERT_OFFICERS,),
    unit_cost=1.0, cost_unit="rupee of pay of the officers", cost_source="by definition, at child_alert.pay",
    cost_counted="booked",
    text="Gives the alert and recovery agency for missing children officers, who look for them at once.",
    systems=CHILDREN, beside=("trafficking",),
)  # fmt: skip


class ChildAlertState(State):
    """Officers of the agency and their open reports."""

    officers: Held[np.ndarray] = kept_by_district(unit="officer", text="Trained officers.")
    open_reports: Held[np.ndarray] = kept_by_district(
        unit="report", text="Reports of earlier months on which the agency still works."
    )


class ChildAlertOutcomes(Outcomes):
    """Missing children reported and found."""

    missing_reported = outcome(unit="person", over="district", text="Missing children reported in the month.")
    missing_recovered = outcome(unit="person", over="district", text="Of these, found within the month.")


class ChildAlert(Mechanism):
    """An agency for missing children hires officers; they look for a child the sooner, the fewer are missing.

    Families report missing minors. The police begin to look for them late, officers of an alert agency at once. The
    longer nobody looks, the smaller is the chance to find a child.
    """

    section = "child_alert"
    Params = ChildAlertParams
    systems = CHILDREN
    on_by_default = False
    outcomes = ChildAlertOutcomes.declared
    levers = (CHILD_ALERT,)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of all officers wanted."""
        officers = float((deviation * world.units.population_2017).sum()) / 1e6
        return officers * world.params(ChildAlertParams).pay * lever.unit_cost

    @staticmethod
    def step(world: World) -> None:
        """Hire officers, slowly, who leave when the money ends; and pay them."""
        if not world.config.enabled(ChildAlert.section):
            return
        state, wanted = world[ChildAlertState], world.now(ALERT_OFFICERS) * world.units.population_2017 / 1e6
        grown = state.officers + world.params(ChildAlertParams).hiring * (wanted - state.officers)
        state.officers = np.minimum(grown, wanted)
        if CHILD_ALERT.name in world[InForce].policy.values:
            pay = world.params(ChildAlertParams).pay * CHILD_ALERT.unit_cost
            world[InForce].policy.book_cost(CHILD_ALERT, state.officers * pay)
        world.figures |= dict.fromkeys(ChildAlertOutcomes.declared, np.zeros(world.district_count, np.int64))


def report_missing(world: World, by_district: np.ndarray) -> np.ndarray:
    """Report children who went missing in the month; return those found within it, int64 by district of their home.

    To be called once a month, after `ChildAlert`, by a phase that keeps `ChildAlertState.officers` and
    `ChildAlertState.open_reports`. Nobody is found where the mechanism is off.
    """
    if not world.config.enabled(ChildAlert.section):
        return np.zeros(world.district_count, np.int64)
    params, state = world.params(ChildAlertParams), world[ChildAlertState]
    key, districts = world.key(STREAM_CHILD_ALERT), np.arange(world.district_count)
    reported = successes(by_district, params.reporting, key, districts)
    days = days_until_search(params, state.officers, state.open_reports + reported)
    found = successes(reported, chance_of_finding(params, days), key, PURPOSE + districts)
    state.open_reports = decay(params.open_half_life) * state.open_reports + reported - found
    world.figures |= {ChildAlertOutcomes.missing_reported: reported, ChildAlertOutcomes.missing_recovered: found}
    return found


def days_until_search(params: ChildAlertParams, officers: np.ndarray, reports: np.ndarray) -> np.ndarray:
    """Days until somebody looks for a child: the agency takes reports in turn, and is never later than the police."""
    load = reports / np.maximum(officers * params.alerts, 1e-9)
    return np.minimum(params.alert_days * (1.0 + load), params.police_days)


def chance_of_finding(params: ChildAlertParams, days: np.ndarray) -> np.ndarray:
    """Chance of finding a reported child in the month, by the days until somebody looks."""
    return params.findable * exp(-math.log(2.0) * days / params.trace)
