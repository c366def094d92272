"""Interception: what the month holds on every leg, from effort, traffic and history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, lever, param
from abm.kernels.journey import interception_probability
from abm.mechanisms.base import Mechanism
from abm.world.month_values import LegsMonth

if TYPE_CHECKING:
    from abm.world.state import World


class InterceptionParams(Params):
    """Interception on a leg: p = ceiling (1 - exp(-efficiency (effort / flow)^saturation))."""

    efficiency: float = param(1.2, unit="dimensionless", bounds=(0.0, 10.0), source="assumed", systems=("S8", "S10"))
    """Interception at effort 1 and the reference flow of the leg."""

    saturation: float = param(0.3, unit="dimensionless", bounds=(0.0, 1.0), source="assumed", systems=("S8", "S10"))
    """Exponent of effort over flow: a larger flow dilutes the same effort."""

    flow_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which the flow on a leg is averaged."""

    danger: float = param(1.0, unit="multiple of routes.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S8",))
    """Probability of death on every leg, against the route data."""


class Interception(Mechanism):
    """Works out the odds and costs of every leg before anybody asks for a price."""

    section = "interception"
    Params = InterceptionParams
    switchable = False
    systems = ("S8", "S10")
    levers = (
        lever(
            "border_patrol",
            unit="multiple of effort",
            bounds=(0.0, 10.0),
            over="leg",
            combine="multiply",
            moves=("effort on legs",),
            unit_cost=4.0e7,
            cost_unit="leg and 100 % of effort added, a month",
            text="Multiplies the interception effort on the legs named.",
            systems=("S8", "S10", "S19"),
            signals=(("failure", 0.4),),
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Average the flows and set the month's values of every leg."""
        params = world.config.interception
        facts = world.leg_facts
        reference = np.array([leg.flow for leg in facts])
        flow = world.month_values.setdefault("flow", reference * world.region_share)
        entered = world.month_values.setdefault("entered", np.zeros(len(facts), np.int64))
        if world.t > 0:
            flow += (entered - flow) / params.flow_memory
            entered[:] = 0
        outside = (1.0 - world.region_share) * world.config.drivers.outside_demand
        effort = world.policy.value(BORDER_PATROL)
        history = np.array([leg.multiples(world.month) for leg in facts])
        ceiling = np.minimum(np.array([leg.interception for leg in facts]) * history[:, 0], 0.95)
        home = world.month_values["income_index"]
        world.month_values["legs"] = LegsMonth(
            months=np.array([leg.months for leg in facts]),
            interception=np.array(
                [
                    interception_probability(
                        ceiling[k],
                        params.efficiency,
                        params.saturation,
                        float(effort[k]),
                        flow[k] / reference[k] + outside,
                    )
                    for k in range(len(facts))
                ]
            ),
            death=np.minimum(np.array([leg.death for leg in facts]) * history[:, 2] * params.danger, 1.0),
            extortion=np.array([leg.extortion for leg in facts]),
            cost=np.array([leg.cost for leg in facts]) * history[:, 1] * home,
            bribe=np.zeros(len(facts)),
            documents=np.array([leg.documents for leg in facts]),
        )


BORDER_PATROL = Interception.levers[0]
