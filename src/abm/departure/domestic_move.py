"""Domestic move: a member works in a city of Pakistan and sends money home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, Params, outcome, param
from abm.departure.applications import ApplicationsState, choices_of, leave
from abm.departure.options import Choices
from abm.places.options import DOMESTIC_MOVE
from abm.society import EconomyState
from abm.world.codes import WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class DomesticMoveParams(Params):
    """Work in a city."""

    cost: float = param(15_000.0, unit="PKR of 2017", bounds=(0.0, 300_000.0), source="assumed", systems=("S14",))
    """Cost of moving to a city."""

    return_rate: float = param(0.04, unit="1/month", bounds=(0.0, 0.5), source="assumed", systems=("S14",))
    """Share of those working in a city who come home in a month."""


class DomesticMoveOutcomes(Outcomes):
    """Moves to a city."""

    domestic_moves = outcome(unit="person", over="district", text="Moves to a city of Pakistan for work.")


class DomesticMove(Mechanism):
    """Those who chose a city leave at once; they stay members, and residents, of their home district.

    They send money, and come home after a while.
    """

    section = "domestic_move"
    Params = DomesticMoveParams
    systems = ("S14",)
    outcomes = DomesticMoveOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Let those who chose a city leave."""
        both = choices_of(world, DOMESTIC_MOVE), world[ApplicationsState].to_city
        due = Choices(*map(np.concatenate, zip(*both, strict=True)))
        fees = np.full(due.row.size, city_price(world))
        leave(world, due, DOMESTIC_MOVE, fees, "carriers", "move to a city", WORKER)
        # a row may come twice: once by its first choice, once after a refusal
        np.add.at(world.households.in_city, due.row, due.persons.astype(np.uint16))


def city_price(world: World) -> float:
    """Cost of moving to a city, whole PKR of 2017; it follows income per capita."""
    return float(np.floor(world.params(DomesticMoveParams).cost * world[EconomyState].income_index))
