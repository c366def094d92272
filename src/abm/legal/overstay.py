"""Overstay: leaving on a visit or pilgrim visa, and staying on without papers: an irregular stay without a smuggler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure.applications import apply, choices_of, leave, refuse, take_due_applications
from abm.departure.kernels.departure import ration_by_lot
from abm.engine.random import uniform
from abm.engine.sums import places_by_group
from abm.legal.allowance import Allowance, share_of_region
from abm.places.options import OVERSTAY
from abm.world.codes import IRREGULAR, STREAM_OVERSTAY
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class OverstayState(State):
    """State of overstay."""

    places: Held[Allowance] = kept(
        unit="visa",
        text="Visit visas.",
        over=("destination",),
        start=lambda world: Allowance(len(world.destination_facts)),
    )


class OverstayParams(Params):
    """Visits that become stays."""

    visits: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="assumed", systems=("S6", "S8")
    )
    """Visas a year that could be had by people who mean to stay on, against the destination data."""

    fee: float = param(1.0, unit="multiple of destinations.yaml", bounds=(0.1, 10.0), source="assumed", systems=("S8",))
    """Fare, visa and agent of a visit, against the destination data."""

    agent_share: float = param(0.45, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S8",))
    """Part of that cost that goes to the agent and the visa, the rest being the fare."""

    refusal: float = param(0.30, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Share of applications for a visit refused."""

    delay: float = param(2.0, unit="month", bounds=(1.0, 24.0), source="assumed", systems=("S6",))
    """Months between application and departure, rounded to whole months."""

    memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S6",))
    """Months over which applicants judge their chance of a visa from the share admitted."""


class OverstayOutcomes(Outcomes):
    """What Overstay records."""

    overstays = outcome(
        unit="person",
        over="district",
        text="Legal departures on a visit that become stays without papers; they are no irregular departures.",
    )
    visit_agents_paid = outcome(
        unit="PKR of 2017 a month",
        over="national",
        text="Of what those who overstay pay, what goes to agents and for visas, and not for the fare.",
    )


class Overstay(Mechanism):
    """Applications for a visit are decided; who gets one leaves by air, legally, and does not come back in time."""

    section = "overstay"
    Params = OverstayParams
    systems = ("S6", "S8")
    outcomes = OverstayOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Take the new applications, decide those that are due within the visas of the month, and let them leave."""
        params = world.params(OverstayParams)
        due = take_due_applications(world, OVERSTAY)
        rows, districts, picked = choices_of(world, OVERSTAY)
        apply(world, rows, districts, picked, overstay_delay(world))
        refuse(world, due, params.refusal)
        destination = np.array([option.destination for option in world.options])[due["option"]]
        allowance = _grant_visas(world)
        key = world.key(STREAM_OVERSTAY)
        for row, mine in places_by_group(destination):
            applied = due["persons"][mine]
            admitted = np.zeros(applied.size, np.int64)
            ration_by_lot(applied, allowance.unused[row], uniform(key, row), admitted)
            allowance.use(row, int(admitted.sum()))
            world.destinations[row].remember_visits(int(admitted.sum()), int(applied.sum()), params.memory)
            due["persons"][mine] = admitted
        paid = leave(
            world, due, OVERSTAY, visit_prices(world)[destination], "carriers", "visit visa and fare", IRREGULAR
        )
        agents = int(int(paid.sum()) * params.agent_share)
        world.ledger.pay("carriers", "recruiters", "visit visa", agents)
        world.figures[OverstayOutcomes.visit_agents_paid] = agents


def visit_prices(world: World) -> np.ndarray:
    """Cost of a visit by destination, whole PKR of 2017: visa, agent and fare."""
    fees = np.array([facts.visit_fee for facts in world.destination_facts])
    return np.floor(fees * world.params(OverstayParams).fee)


def overstay_delay(world: World) -> int:
    """Whole months between application and departure."""
    return max(round(world.params(OverstayParams).delay), 1)


def _grant_visas(world: World) -> Allowance:
    """Visas of the month for people from the simulated region who mean to stay on; unused ones stay open a quarter."""
    allowance: Allowance = world[OverstayState].places
    places = np.array([facts.visits * facts.multiple("visits", world.month) for facts in world.destination_facts])
    places *= world.params(OverstayParams).visits / 12.0 * share_of_region(world)
    allowance.grant(places, VISA_MONTHS * places)
    return allowance


VISA_MONTHS = 3.0
"""Months for which a visa that nobody took stays open."""
