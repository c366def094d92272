"""Smuggler offices as Mesa agents: views on the columns of the table of offices."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from abm.agents.row import Quantity, RowAgent
from abm.declare.column import columns_of
from abm.engine.errors import AbmError
from abm.market import MarketTables, Offices
from abm.places.place_models import corridors_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesa import Model

    from abm.agents.places import District

STATES = ("free", "open", "arrested", "convicted")
"""Words for the codes of `state`."""

REACHES = ("district", "neighbours", "country")
"""Words for the codes of `reach`."""


class Office(RowAgent, columns=Offices):
    """A smuggler office, with an attribute for each column of the table, as ``office.markup``.

    Changes apply from the next month on. Mechanisms overwrite values that they recompute every month. When an office
    closes, its agent leaves all sets and cells, and any access raises an error that says so. `row` counts in
    ``model.world[MarketTables].offices``.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model, row)
        self._key = int(model.world[MarketTables].offices.key[row])

    @property
    def label(self) -> str:
        """Name in messages."""
        return f"office {self._key}"

    @property
    def table(self) -> Offices:
        """Columns of all offices.

        Raises
        ------
        AbmError
            If the office has closed; its row may belong to another by now.
        """
        offices = self.model.world[MarketTables].offices
        if offices.key[self.row] != self._key:
            raise AbmError(f"{self.label} has closed; model.offices holds those in business")
        return offices

    @property
    def home(self) -> int:
        """Row of the home district."""
        return int(self.table.district[self.row])

    @property
    def state(self) -> str:
        """Whether it is open, or its owner arrested or convicted."""
        return STATES[int(self.table.state[self.row])]

    @property
    def capital(self) -> int:
        """Working capital, PKR of 2017; below zero the office closes. Changes are paid in or out by the owners."""
        return int(self.table.capital[self.row])

    @capital.setter
    def capital(self, amount: float) -> None:
        before = self.capital
        _CAPITAL.__set__(self, amount)
        change, ledger = self.capital - before, self.model.world.ledger
        ledger.pay("office_owners", "offices", "capital", max(change, 0))
        ledger.pay("offices", "office_owners", "capital", max(-change, 0))

    @property
    def reach(self) -> str:
        """Area served: its own district, neighbouring ones too, or the whole country."""
        return REACHES[int(self.table.reach[self.row])]

    @reach.setter
    def reach(self, word: str) -> None:
        self.table.reach[self.row] = self._place(word, REACHES, "reach")

    @property
    def corridors(self) -> tuple[str, ...]:
        """Corridors that it sells."""
        bits = int(self.table.corridors[self.row])
        return tuple(name for k, name in enumerate(self._all_corridors) if bits >> k & 1)

    @corridors.setter
    def corridors(self, names: Iterable[str]) -> None:
        known = self._all_corridors
        self.table.corridors[self.row] = sum({1 << self._place(name, known, "corridor") for name in names})

    @property
    def _all_corridors(self) -> tuple[str, ...]:
        return corridors_of(self.model.world.route_facts)

    @property
    def district(self) -> str:
        """Key of the home district; setting another moves the office."""
        return str(self.model.world.units.unit[self.home])

    @district.setter
    def district(self, key: str) -> None:
        self.table.district[self.row] = self._place(key, self.model.world.units.unit.tolist(), "district")
        self.settle(self.cell)

    @property
    def cell(self) -> District | None:
        """Cell of the home district; setting another moves the office."""
        return super().cell

    @cell.setter
    def cell(self, cell: District | None) -> None:
        if cell is None:
            raise AbmError(f"{self.label} is always in a district; its cell cannot be None")
        self.district = cell.key

    def _place(self, name: str, known: Sequence[str], kind: str) -> int:
        """Position of a name among those known."""
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"expected one of {', '.join(known)}"
            raise AbmError(f"{self.label}: no {kind} {name!r}; {hint}")
        return known.index(name)


_CAPITAL = Quantity("capital", columns_of(Offices)["capital"])
