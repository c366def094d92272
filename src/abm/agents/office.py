"""Smuggler offices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mesa.discrete_space import FixedAgent

if TYPE_CHECKING:
    from mesa import Model

    from abm.agents.district import District


class Office(FixedAgent):  # type: ignore[misc]
    """A smuggler office that serves its home district at a fixed price.

    Parameters
    ----------
    model, cell
        Mesa model and home district.

    Attributes
    ----------
    capacity
        Persons that it can send off in a month.
    waiting
        Persons who wait for it at the end of the month.
    revenue
        PKR of 2017 received since the start.
    """

    def __init__(self, model: Model, cell: District) -> None:
        super().__init__(model)
        self.cell = cell
        self.capacity = 0.0
        self.waiting = 0
        self.revenue = 0
        self._unused = 0.0

    @property
    def district(self) -> int:
        """Row of the home district."""
        return int(self.cell.coordinate)

    def places(self, persons_a_month: float, cohort: int) -> int:
        """Persons that can leave this month.

        What is not used is carried on up to two cohorts, so that few large cohorts find as many places as many small
        ones (see `abm.world.allowance.Allowance`).
        """
        self.capacity = persons_a_month
        self._unused = min(self._unused + persons_a_month, max(persons_a_month, 2 * cohort) + 1.0)
        return math.floor(self._unused)

    def serve(self, persons: int, fees: int, waiting: int) -> None:
        """Book the clients of the month."""
        self._unused = max(self._unused - persons, 0.0)
        self.revenue += fees
        self.waiting = waiting
