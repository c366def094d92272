"""Places for Mesa: districts as cells of a network, with views on their figures, and destinations as agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx
from mesa import Agent
from mesa.discrete_space import Cell, Network

from abm.places.geography import Units, adjacency

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    import numpy as np
    from mesa import Model
    from mesa.discrete_space import CellAgent

    from abm.world.destination import Destination


class District(Cell):  # type: ignore[misc]
    """One district; `coordinate` is its row in all district arrays."""

    def attach(self, units: Units, latest: Callable[[], dict[str, np.ndarray]], look: Callable[[], None]) -> None:
        """Give the cell its name, access to the latest figures, and the function that makes the agents."""
        self.key = str(units.unit[self.coordinate])
        self.name = str(units.name[self.coordinate])
        self.province = str(units.province[self.coordinate])
        self._latest, self._look = latest, look

    @property
    def _agents(self) -> list[CellAgent]:
        """Mesa's list of the agents here, which are made on first use."""
        if hasattr(self, "_look"):
            self._look()
        return self._present

    @_agents.setter
    def _agents(self, agents: list[CellAgent]) -> None:
        self._present = agents

    def __repr__(self) -> str:
        return f"<District {self.key}>"

    def figure(self, outcome: str) -> float:
        """Latest value of an outcome in this district.

        Raises
        ------
        KeyError
            If no such outcome is recorded by district.
        """
        return float(self._latest()[outcome][self.coordinate])


def build_network(
    units: Units, latest: Callable[[], dict[str, np.ndarray]], look: Callable[[], None], random: random.Random
) -> Network:
    """Build the network of districts, laid out by longitude and latitude."""
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(units)))
    borders = adjacency(units)
    for d in range(len(units)):
        for j in range(borders.indptr[d], borders.indptr[d + 1]):
            graph.add_edge(d, int(borders.indices[j]), weight=float(borders.weight[j]))
    positions = {d: (float(units.lon[d]), float(units.lat[d])) for d in range(len(units))}
    network = Network(graph, layout=positions, cell_klass=District, random=random)
    for cell in network:
        cell.attach(units, latest, look)
    vars(network).pop("all_cells", None)  # it was cached before the cells could make their agents
    return network


class DestinationAgent(Agent):  # type: ignore[misc]
    """A labour market with three sectors, and its immigration control; `row` counts in ``model.world.destinations``."""

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
    def visit_admission(self) -> float:
        """Share of unrefused applicants who get a visit visa, as known to applicants."""
        return float(self._state.visit_admission)
