"""Districts as cells of a Mesa network: who is adjacent to whom, and a view on the district's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx
from mesa.discrete_space import Cell, Network

from abm.places.geography import Units, adjacency

if TYPE_CHECKING:
    import random
    from collections.abc import Callable


class District(Cell):  # type: ignore[misc]
    """One district; `coordinate` is its row in all district arrays."""

    def attach(self, units: Units, latest: Callable[[], dict[str, Any]]) -> None:
        """Give the cell its name and the figures that it looks into."""
        self.key = str(units.unit[self.coordinate])
        self.name = str(units.name[self.coordinate])
        self.province = str(units.province[self.coordinate])
        self._latest = latest

    def figure(self, outcome: str) -> float:
        """Latest value of an outcome in this district.

        Raises
        ------
        KeyError
            If no such outcome is recorded by district.
        """
        return float(self._latest()[outcome][self.coordinate])


def build_network(units: Units, latest: Callable[[], dict[str, Any]], random: random.Random) -> Network:
    """Build the network of districts, laid out by longitude and latitude."""
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(units)))
    borders = adjacency(units)
    for d in range(len(units)):
        for j in range(borders.indptr[d], borders.indptr[d + 1]):
            graph.add_edge(d, int(borders.indices[j]), weight=float(borders.weight[j]))
    positions = {d: (float(units.lon[d]), float(units.lat[d])) for d in range(len(units))}
    network = Network(graph, layout=positions, cell_klass=District, random=random)
    for cell in network.all_cells:
        cell.attach(units, latest)
    return network
