"""Events abroad in the month, for all mechanisms that use them."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.engine.tables import allocate
from abm.world.columns import Events

Changes = namedtuple("Changes", ["row", "persons", "destination", "status"])
"""Cohorts who have another status from now on."""

Deported = namedtuple("Deported", ["row", "persons", "district", "by_route"])
"""Cohorts deported; ``by_route`` is 1 after a stay without papers where an irregular route leads, 0 elsewhere."""


class MovesState(State):
    """Events abroad this month."""

    month: Held[Events] = monthly(
        unit="person",
        text="Events abroad in the month, cohort by cohort in order of household.",
        neutral=lambda world: allocate(Events, 0),
    )

    deported: Held[Deported] = monthly(
        unit="person", text="Deported in the month.", neutral=lambda world: Deported(*np.zeros((4, 0), np.int64))
    )

    _room = allocate(Events, 0)
    _changes = np.zeros((len(Changes._fields), 0), np.int64)
    _lists = np.zeros((2, 4, 0), np.int64)

    def make_room(self, events: int) -> tuple[Events, Changes, np.ndarray]:
        """Columns for so many events, and for twice as many changes of status; those of the month before are lost.

        The last are two lists of at most four numbers an event.
        """
        if self._room.row.size < events:  # memory that the month before has touched is faster than new memory
            self._room = allocate(Events, 2 * events)
            self._changes = np.empty((len(Changes._fields), 4 * events), np.int64)
            self._lists = np.empty((2, 4, 2 * events), np.int64)
        return Events(*(column[:events] for column in self._room)), Changes(*self._changes), self._lists
