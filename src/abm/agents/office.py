"""Smuggler offices as Mesa agents: views on the columns of the table of offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesa import Agent

from abm.market.tables import MarketTables

if TYPE_CHECKING:
    from mesa import Model


class Office(Agent):  # type: ignore[misc]
    """One smuggler office.

    What it knows and holds stands in columns, so that all offices act in one compiled pass; an agent looks
    into its row.

    Parameters
    ----------
    model, row
        Mesa model, and row in ``model.world[MarketTables].offices``.

    Attributes
    ----------
    key
        Permanent number: a row may serve another office later.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.key = int(model.world[MarketTables].offices.key[row])

    def figure(self, column: str) -> Any:
        """Value of one of the columns of offices, ``office.figure("markup")``.

        Raises
        ------
        AttributeError
            If there is no such column.
        """
        return getattr(self.model.world[MarketTables].offices, column)[self.row]

    @property
    def district(self) -> Any:
        """Cell of the home district."""
        return self.model.districts.cells[int(self.figure("district"))]
