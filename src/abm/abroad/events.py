"""Events abroad in the month, for all mechanisms that use them."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.engine.tables import allocate
from abm.world.codes import WORKER
from abm.world.columns import EVENT_COLUMNS, Events

if TYPE_CHECKING:
    from abm.world.state import World

Changes = namedtuple("Changes", ["row", "persons", "destination", "status"])
"""Cohorts who have another status from now on."""


class MovesState(State):
    """Events abroad this month."""

    month: Held[Events] = monthly(
        unit="person",
        text="Events abroad in the month, cohort by cohort in order of household.",
        neutral=lambda world: allocate(Events, EVENT_COLUMNS, 0),
    )

    _room = allocate(Events, EVENT_COLUMNS, 0)
    _changes = np.zeros((len(Changes._fields), 0), np.int64)

    def make_room(self, events: int) -> tuple[Events, Changes]:
        """Columns for so many events, and for twice as many changes of status; those of the month before are lost."""
        if self._room.row.size < events:  # memory that the month before has touched is faster than new memory
            self._room = allocate(Events, EVENT_COLUMNS, 2 * events)
            self._changes = np.empty((len(Changes._fields), 4 * events), np.int64)
        return Events(*(column[:events] for column in self._room)), Changes(*self._changes)


def deported_from_routes(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, persons and districts of those deported this month after a stay without papers.

    Only from destinations of irregular routes; those deported from elsewhere, such as the Gulf, are like anyone at
    home.
    """
    moves = world[MovesState].month
    some = np.flatnonzero(moves.deported)
    reached = np.zeros(len(world.destination_facts), np.bool_)
    reached[world.route_destination] = True
    some = some[(moves.status[some] != WORKER) & reached[moves.destination[some]]]
    return moves.row[some], moves.deported[some].astype(np.int64), moves.district[some].astype(np.int64)
