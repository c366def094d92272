"""Destinations: monthly demand for workers and pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.abroad.diaspora import DiasporaParams
from abm.places.series import HOME_COUNTRY
from abm.society import DriversParams
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class Destinations(Mechanism):
    """Demand and pay at the destinations follow their economies and the migrants already there."""

    section = "destinations"
    switchable = False
    systems = ("S4", "S6")

    @staticmethod
    def step(world: World) -> None:
        """Set demand and pay of each destination."""
        params, abroad = world.params(DriversParams), world.params(DiasporaParams)
        crowding = (abroad.crowding, abroad.crowding_open, abroad.crowding_hidden)
        multiples = (abroad.open_pay, abroad.hidden_pay)
        for destination in world.destinations:
            growth, before = params.destination_growth, params.early_destination_growth
            if destination.facts.iso3 == HOME_COUNTRY:
                growth, before = params.income_growth, params.early_income_growth
            destination.update(world.month, growth, before, params.demand_elasticity, crowding, multiples)
