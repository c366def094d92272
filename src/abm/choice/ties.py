"""Ties: acquaintances abroad, which open channels and fade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Outcomes, Params, outcome, param
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class TiesParams(Params):
    """How ties form and decay."""

    formation_rate: float = param(0.03, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S4",))
    """New ties per household and month if every household of the village has a member abroad; else in proportion."""

    decay_rate: float = param(0.010, unit="1/month and tie", bounds=(0.0, 0.1), source="assumed", systems=("S4",))
    """Rate at which a tie is lost; a household with a member abroad keeps at least one."""


class TiesOutcomes(Outcomes):
    """Ties of households."""

    ties_mean = outcome(
        unit="tie", over="district", mean_of="households", text="Mean number of ties of a household to people abroad."
    )


class Ties(Mechanism):
    """Households get to know people abroad through neighbours' and own migrants, and lose touch with them.

    A household gains a tie with a chance of `formation_rate` times the share of the village's households with a
    migrant, and loses each with chance `decay_rate`. With a migrant of its own it has at least one.
    """

    section = "ties"
    Params = TiesParams
    systems = ("S4",)
    outcomes = TiesOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Set the rates; if switched off, ties are fixed."""
        enabled = world.config.enabled(Ties.section)
        world.district_month["tie_formation"] = world.params(TiesParams).formation_rate if enabled else 0.0
        world.district_month["tie_decay"] = world.params(TiesParams).decay_rate if enabled else 0.0
