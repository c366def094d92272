"""Who reads and writes which state in a month: taken down in tests, to hold the table of phases to the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.declare.state import Held


class Trace:
    """Reads and writes by phase, and which values were read before anybody wrote them in the month.

    Attributes
    ----------
    phase
        Name of the phase under way.
    reads, writes
        Fields by phase.
    early
        Fields read in a month before they were written in it.
    """

    def __init__(self) -> None:
        self.phase = ""
        self.reads: dict[str, set[Held[object]]] = {}
        self.writes: dict[str, set[Held[object]]] = {}
        self.early: set[Held[object]] = set()
        self._written: set[Held[object]] = set()

    def open_month(self) -> None:
        """Begin a month: nothing is written yet."""
        self._written = set()

    def read(self, field: Held[object], *, is_there: bool) -> None:
        """Take down that a field is read in the phase."""
        self.reads.setdefault(self.phase, set()).add(field)
        if is_there and field not in self._written:
            self.early.add(field)

    def written(self, field: Held[object]) -> None:
        """Take down that a field is written in the phase."""
        self.writes.setdefault(self.phase, set()).add(field)
        self._written.add(field)
