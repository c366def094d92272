"""Overstay: leaving on a visit or pilgrim visa and staying without papers, an irregular stay without a smuggler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure import apply, choices_of, destinations_of, leave, refuse, take_due_applications, turn_away
from abm.departure.kernels.departure import ration_by_group
from abm.engine.sums import ascending, sum_by
from abm.legal.contracts import Allowance, share_of_region
from abm.places.options import OVERSTAY
from abm.society import EconomyState
from abm.world.codes import IRREGULAR, PIECE, STREAM_OVERSTAY
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class OverstayState(State):
    """Visit visas by destination."""

    places: Held[Allowance] = kept(
        unit="visa", text="Visit visas.", over=("destination",),
        start=lambda world: Allowance(len(world.destination_facts)),
    )  # fmt: skip


class OverstayParams(Params):
    """Visits that turn into stays."""

    visits: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="assumed", systems=("S6", "S8")
    )
    """Chance of a visa of those who intend to stay, relative to what refusals of the destination data leave."""

    fee: float = param(1.0, unit="multiple of destinations.yaml", bounds=(0.1, 10.0), source="assumed", systems=("S8",))
    """Fare, visa and agent's fee of a visit, relative to the destination data."""

    agent_share: float = param(0.45, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S8",))
    """Part of that cost for the agent and the visa; the rest is the fare."""

    refusal: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="assumed", systems=("S6",)
    )
    """Share of visit applications refused, relative to the destination data; at most all."""

    delay: float = param(2.0, unit="month", bounds=(1.0, 24.0), source="assumed", systems=("S6",))
    """Months between application and departure; of a fraction of a month so many wait one more."""

    memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S6",))
    """Months over which applicants average the share admitted to judge their chance of a visa."""


class OverstayOutcomes(Outcomes):
    """Overstays and their cost."""

    overstays = outcome(
        unit="person",
        over="district",
        text="Legal departures on a visit that turn into stays without papers; not counted as irregular departures.",
    )
    visit_agents_paid = outcome(
        unit="PKR of 2017 a month",
        over="national",
        text="Part of the payments of overstayers for agents and visas, without the fare.",
    )


class Overstay(Mechanism):
    """Visit applications are decided; those granted a visa leave legally by air and do not return in time.

    Dated `visits` of a destination multiply the chance of a visa. Visas are limited too, to many more than are asked
    for; applicants know the share that got one. Those who stay on begin in the open sector without papers. No smuggler
    is paid.
    """

    section = "overstay"
    Params = OverstayParams
    systems = ("S6", "S8")
    outcomes = OverstayOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Take new applications, decide those due within the visas of the month, and let the accepted leave."""
        params = world.params(OverstayParams)
        due = take_due_applications(world, OVERSTAY)
        apply(world, choices_of(world, OVERSTAY))
        asked = due.persons.copy()
        refuse(world, due, visits_refused(world))
        destination = destinations_of(world, due.option)
        unused = _grant_visas(world).unused
        asking = sum_by(destination, due.persons, unused.size)
        ration_by_group(ascending(destination), destination, due.persons, unused, world.key(STREAM_OVERSTAY))
        admitted = sum_by(destination, due.persons, unused.size)
        for row, place in enumerate(world.destinations):
            place.remember_visits(int(admitted[row]), int(asking[row]), params.memory)
        turn_away(world, due, asked)
        paid = leave(
            world, due, OVERSTAY, visit_prices(world)[destination], "carriers", "visit visa and fare", IRREGULAR
        )
        agents = int(int(paid.sum()) * params.agent_share)
        world.ledger.pay("carriers", "recruiters", "visit visa", agents)
        world.figures[OverstayOutcomes.visit_agents_paid] = agents


def visits_refused(world: World) -> np.ndarray:
    """Share of visit applications refused, by destination; policy may add to it.

    Few places would be no limit, as far fewer mean to stay on: fewer visits are more refusals.
    """
    params = world.params(OverstayParams)
    granted = 1.0 - world.destination_table.visit_refusal * params.refusal
    return np.asarray(1.0 - np.clip(granted * params.visits * world.multiples("visits"), 0.0, 1.0))


def visit_prices(world: World) -> np.ndarray:
    """Cost of a visit by destination, whole PKR of 2017: visa, agent and fare."""
    return np.floor(world.destination_table.visit_fee * world.params(OverstayParams).fee * world[EconomyState].dollar)


def _grant_visas(world: World) -> Allowance:
    """Visas of the month for those in the simulated region who intend to stay; unused ones stay open for a quarter."""
    allowance = world[OverstayState].places
    places = world.destination_table.visits / 12.0 * share_of_region(world) * world[EconomyState].passable
    # those who choose together may wait
    limit = np.maximum(VISA_MONTHS * places, min(PIECE, int(world.weight.max()))) + 1.0
    allowance.grant(places, np.where(places > 0.0, limit, 0.0))
    return allowance


VISA_MONTHS = 3.0
"""Months for which an unused visa stays open."""
