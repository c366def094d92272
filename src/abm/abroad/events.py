"""Events abroad in the month, for all mechanisms that use them."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.world.codes import WORKER

if TYPE_CHECKING:
    from abm.world.state import World

MovesMonth = namedtuple(
    "MovesMonth",
    [
        "row", "district", "destination", "status",
        "deported", "returned", "died", "regularised", "lapsed", "hid", "opened", "onward",
    ],
)  # fmt: skip
"""Events abroad in the month, cohort by cohort in order of household: persons deported, returned, died or regularised;
who lost papers, entered or left the hidden sector; who set out for another destination."""


Changes = namedtuple("Changes", ["row", "persons", "destination", "status"])
"""Cohorts who have another status from now on."""


class MovesState(State):
    """Events abroad this month."""

    _room = np.zeros((len(MovesMonth._fields) + 2 * len(Changes._fields), 0), np.int64)

    month: Held[MovesMonth] = monthly(
        unit="person",
        text="Events abroad in the month, cohort by cohort.",
        neutral=lambda world: MovesMonth(*(np.zeros(0, np.int64) for _ in MovesMonth._fields)),
    )

    def make_room(self, events: int) -> tuple[MovesMonth, Changes]:
        """Columns for so many events, and for twice as many changes of status; those of the month before are lost."""
        if self._room.shape[1] < events:  # memory that the month before has touched is faster than new memory
            self._room = np.empty((len(self._room), 2 * events), np.int64)
        columns, count = self._room[:, :events], len(MovesMonth._fields)
        changes = self._room[count:].reshape(len(Changes._fields), -1)
        return MovesMonth(*columns[:count]), Changes(*changes)


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
    return moves.row[some], moves.deported[some], moves.district[some]
