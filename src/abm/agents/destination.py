"""Destinations: a labour market and its immigration control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

from abm.kernels.portable import power
from abm.world.series import destination_income_index

if TYPE_CHECKING:
    from mesa import Model

    from abm.world.places_abroad import DestinationFacts


LEAST_ADMISSION = 0.02
"""Chance of a place that applicants give themselves however few got one, so that a reopened quota is found."""


class Destination(Agent):  # type: ignore[misc]
    """One destination.

    Parameters
    ----------
    model, facts, row
        Mesa model, its data, and its row in all destination arrays.
    opening_stock
        Persons from Pakistan there at the start.

    Attributes
    ----------
    pay
        Monthly pay of a low-skilled worker with papers, PKR of 2017.
    quota
        Workers admitted in the month.
    admission
        Share of unrefused applicants who get a place, as applicants know it.
    stock
        Persons from the simulated region there at the end of the month.
    """

    def __init__(self, model: Model, facts: DestinationFacts, row: int, opening_stock: float) -> None:
        super().__init__(model)
        self.facts = facts
        self.row = row
        self.opening_stock = opening_stock
        self.stock = opening_stock
        self.pay = facts.wage
        self.demand = 1.0
        self.quota = 0.0
        self.admission = 1.0
        self._opening_demand: float | None = None

    def remember_admission(self, admitted: int, applied: int, memory: float) -> None:
        """Let the known chance of getting a place follow the month's share of applicants admitted."""
        if applied > 0:
            self.admission += (max(admitted / applied, LEAST_ADMISSION) - self.admission) / memory

    def update(self, month: int, growth: float, demand_elasticity: float, crowding: float) -> None:
        """Set demand and pay of the month.

        Pay follows real income per head of the country (or of that which its data name), and falls where the stock grows faster than demand.

        Parameters
        ----------
        month
            Months since January of year 0.
        growth
            Yearly growth of income beyond the data.
        demand_elasticity, crowding
            Elasticities of demand to income and of pay to crowding.
        """
        index = (
            destination_income_index(self.facts.income_of, month, growth)
            if self.facts.income_of
            else _rest_index(month, growth)
        )
        self.demand = power(index, demand_elasticity)
        if self._opening_demand is None:
            self._opening_demand = self.demand
        crowd = 1.0
        if self.opening_stock > 0:
            crowd = max(self.stock, 1.0) / self.opening_stock * self._opening_demand / self.demand
        self.pay = self.facts.wage * index * power(max(crowd, 0.1), crowding)


def _rest_index(month: int, growth: float) -> float:
    """Income index of the rest of the world: the United Kingdom and the Emirates, halves."""
    return 0.5 * (destination_income_index("GBR", month, growth) + destination_income_index("ARE", month, growth))
