"""Diaspora: members abroad earn and remit, return, are deported, or die abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, lever, outcome, param
from abm.kernels.states import STATUS_COUNT
from abm.mechanisms.base import Mechanism
from abm.world.month_values import AbroadMonth

if TYPE_CHECKING:
    from abm.world.state import World


class DiasporaParams(Params):
    """Life abroad."""

    remitted_share: float = param(
        1.0,
        unit="multiple of destinations.yaml",
        bounds=(0.0, 2.0),
        source="assumed, calibrated by hand",
        systems=("S4",),
    )
    """Share of pay that is sent home, against the destination data."""

    settled_remitted_share: float = param(0.35, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S4",))
    """Remittances of settled families against those of labour migrants at the same destination."""

    irregular_pay: float = param(0.75, unit="share", bounds=(0.1, 1.0), source="assumed", systems=("S18",))
    """Pay without papers against pay with papers at the same destination."""

    skill_premium: float = param(0.30, unit="share a skill level", bounds=(0.0, 1.0), source="assumed", systems=("S5",))
    """Pay added by each skill level above the lowest, abroad as in a city."""

    crowding: float = param(-0.15, unit="dimensionless", bounds=(-1.0, 0.0), source="assumed", systems=("S4",))
    """Elasticity of a destination's pay to the growth of its Pakistani stock beyond that of its demand."""

    return_rate_worker: float = param(
        0.0075, unit="1/month", bounds=(0.0, 0.1), source="assumed, calibrated by hand", systems=("S4",)
    )
    """Voluntary returns of labour migrants."""

    return_rate_settled: float = param(0.0010, unit="1/month", bounds=(0.0, 0.05), source="assumed", systems=("S4",))
    """Voluntary returns of settled migrants."""

    return_rate_irregular: float = param(0.0050, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=("S18",))
    """Voluntary returns of migrants without papers."""

    deportation: float = param(
        1.0, unit="multiple of destinations.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S18",)
    )
    """Removals against the rates of the destination data."""

    deportation_shame: float = param(
        0.15,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; Schuster and Majidi (2013) find both shame and renewed attempts",
        systems=("S18",),
    )
    """Fall of the aspiration of a household whose member is deported or intercepted, at once; it relaxes back."""


class Diaspora(Mechanism):
    """Pay and hazards abroad by destination and status; arrivals join their household's members away."""

    section = "diaspora"
    Params = DiasporaParams
    systems = ("S4", "S18")
    outcomes = (
        outcome("persons_abroad", unit="person", over="district", text="Members of households living abroad."),
        outcome("diaspora_legal", unit="person", over="district", text="Of them, with papers."),
        outcome("diaspora_irregular", unit="person", over="district", text="Of them, without papers."),
        outcome("remittances", unit="PKR of 2017 a month", over="district", text="Money sent home from abroad."),
        outcome("returns", unit="person", over="district", text="Voluntary returns from abroad."),
        outcome("deportations", unit="person", over="district", text="Deportations to Pakistan from destinations."),
        outcome("deaths_abroad", unit="person", over="district", text="Natural deaths of members abroad."),
    )
    levers = (
        lever(
            "deportation",
            unit="multiple of removals",
            bounds=(0.0, 20.0),
            over="destination",
            combine="multiply",
            moves=("diaspora.deportation",),
            unit_cost=3.0e7,
            cost_unit="destination and 100 % of removals added, a month",
            text="Multiplies removals from the destinations named.",
            systems=("S18",),
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Work out pay and hazards abroad by destination and status for the household pass."""
        params = world.config.diaspora
        count = len(world.destination_facts)
        amount = np.zeros((count, STATUS_COUNT, SKILL_LEVELS))
        leaving = np.zeros((count, STATUS_COUNT))
        deported = np.zeros((count, STATUS_COUNT))
        died = np.zeros((count, STATUS_COUNT))
        if world.config.enabled(Diaspora.section):
            removals = world.policy.value(DEPORTATION)
            death = world.config.demography.worker_mortality / 12 if world.config.enabled("demography") else 0.0
            for destination in world.destinations:
                row, facts = destination.row, destination.facts
                share = params.remitted_share * facts.remitted_share
                sent = np.array([1.0, params.settled_remitted_share, params.irregular_pay, params.irregular_pay]) * destination.pay * share
                amount[row] = sent[:, None] * (1.0 + params.skill_premium * np.arange(SKILL_LEVELS))
                home = _return_rates(world, row == count - 1)
                removal = (
                    np.array([facts.deport_legal, 0.0, facts.deport_irregular, facts.deport_irregular])
                    / 12
                    * params.deportation
                    * removals[row]
                )
                leaving[row] = np.minimum(home + removal + death, 1.0)
                anything = np.maximum(home + removal + death, 1e-12)
                deported[row] = removal / anything
                died[row] = death / anything
        world.month_values["abroad"] = AbroadMonth(amount, leaving, deported, died, params.deportation_shame, count - 1)


def _return_rates(world: World, is_domestic: bool) -> np.ndarray:
    """Voluntary returns a month by status."""
    params = world.config.diaspora
    if is_domestic:
        return np.full(STATUS_COUNT, world.config.domestic_move.return_rate)
    return np.array(
        [
            params.return_rate_worker,
            params.return_rate_settled,
            params.return_rate_irregular,
            params.return_rate_irregular,
        ]
    )


SKILL_LEVELS = 3
DEPORTATION = Diaspora.levers[0]
