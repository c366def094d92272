"""Destinations as Mesa agents: views on the world's destinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

if TYPE_CHECKING:
    import numpy as np
    from mesa import Model

    from abm.world.destination import Destination


class DestinationAgent(Agent):  # type: ignore[misc]
    """A labour market with three sectors, and its immigration control.

    Parameters
    ----------
    model, row
        Mesa model, and row in ``model.world.destinations``.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.key: str = self._state.facts.key
        self.name: str = self._state.facts.name

    @property
    def _state(self) -> Destination:
        return self.model.world.destinations[self.row]

    @property
    def pay(self) -> float:
        """Monthly pay of a low-skilled worker with papers, PKR of 2017."""
        return float(self._state.pay)

    @property
    def pays(self) -> np.ndarray:
        """Monthly pay by status, PKR of 2017."""
        return self._state.pays.copy()

    @property
    def stock(self) -> float:
        """Persons from the simulated region there, whatever their status."""
        return float(self._state.stock)

    @property
    def stocks(self) -> np.ndarray:
        """Persons from the simulated region there, by status."""
        return self._state.stocks.copy()

    @property
    def quota(self) -> float:
        """Workers admitted in the month."""
        return float(self._state.quota)

    @property
    def admission(self) -> float:
        """Share of unrefused applicants who get a place for legal work, as known to applicants."""
        return float(self._state.admission)

    @property
    def visit_admission(self) -> float:
        """Share of unrefused applicants who get a visit visa, as known to applicants."""
        return float(self._state.visit_admission)
