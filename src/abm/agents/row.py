"""Mesa agents as views on the row of a table: attributes read from and write to its columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent

from abm.declare.column import columns_of
from abm.engine.errors import AbmError

if TYPE_CHECKING:
    from mesa import Model

    from abm.agents.places import District
    from abm.declare.column import Column

FIXED_UNITS = ("id", "row", "code", "bits")
"""Units of columns that are not quantities and cannot be set through an agent."""


class Quantity:
    """An attribute that is a column of the agent's row, with the column's name and declaration."""

    def __init__(self, name: str, column: Column) -> None:
        self.name, self.column = name, column
        self.__doc__ = f"{column.text} Unit: {column.unit}."

    def __get__(self, agent: RowAgent | None, owner: type | None = None) -> object:
        """Value in the agent's row; accessed on the class, the attribute itself."""
        return self if agent is None else getattr(agent.table, self.name)[agent.row].item()

    def __set__(self, agent: RowAgent, value: float) -> None:
        """Write the value to the agent's row; in integer columns it is rounded.

        Raises
        ------
        AbmError
            If the column is not a quantity, or cannot hold the value.
        """
        column = getattr(agent.table, self.name)
        if self.column.unit in FIXED_UNITS:
            raise AbmError(f"{agent.label}: '{self.name}' ({self.column.unit}) is read only")
        column[agent.row] = self._checked(agent, value)

    def _checked(self, agent: RowAgent, value: float) -> float:
        unit, dtype = self.column.unit, self.column.dtype
        low, high = -math.inf if unit.startswith("PKR") else 0.0, 1.0 if unit == "share" else math.inf
        if dtype.kind in "iu":
            low, high = max(low, np.iinfo(dtype).min), min(high, np.iinfo(dtype).max)
        if not isinstance(value, int | float | np.number) or not math.isfinite(value) or not low <= value <= high:
            bounds = "" if math.isinf(low) else f" from {low:g}" + ("" if math.isinf(high) else f" to {high:g}")
            raise AbmError(f"{agent.label}: {self.name} = {value!r}; expected a number{bounds} ({unit})")
        return round(value) if dtype.kind in "iu" else float(value)


class RowAgent(CellAgent):  # type: ignore[misc]
    """An agent whose state is a row of a table, so that all act in one compiled pass.

    A subclass names its table, ``class Office(RowAgent, columns=Offices)``, and gets an attribute for each column that
    it does not define itself. One with a rule of its own defines `step`, which runs at the end of every month. `row`
    counts in `table`.
    """

    def __init_subclass__(cls, columns: type | None = None, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        for name, column in columns_of(columns).items() if columns else ():
            if name not in cls.__dict__:
                setattr(cls, name, Quantity(name, column))

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}>"

    @property
    def table(self) -> object:
        """Columns of the table that holds the agent's row."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """Name in messages."""
        raise NotImplementedError

    @property
    def home(self) -> int:
        """Row of its district, -1 if outside the simulated region."""
        raise NotImplementedError

    @property
    def cell(self) -> District | None:
        """Cell of its district; None if it is outside the simulated region."""
        home = self.home
        return None if home < 0 else self.model.districts[home]

    @cell.setter
    def cell(self, cell: District | None) -> None:
        raise AbmError(f"{self.label} stays where it is")

    def settle(self, cell: District | None) -> None:
        """Move to a cell's list of agents."""
        if cell is not self._mesa_cell:
            CellAgent.cell.__set__(self, cell)

    def remove(self) -> None:
        """Remove the agent from Mesa's sets; its row is unchanged."""
        super(CellAgent, self).remove()
        self.settle(None)
