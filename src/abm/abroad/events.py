"""What happened to members abroad in the month, for all who learn of it."""

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
"""What happened abroad in the month, cohort by cohort in order of household: persons who were deported, returned, died,
got papers; fell out of papers, went into the hidden sector, came out of it; set out for another destination."""


class MovesState(State):
    """State of moves."""

    month: Held[MovesMonth] = monthly(
        unit="person",
        text="What happened abroad in the month, cohort by cohort.",
        neutral=lambda world: MovesMonth(*(np.zeros(0, np.int64) for _ in MovesMonth._fields)),
    )


def deported_from_routes(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, persons and districts of those deported this month who had stayed without papers.

    Only from where irregular routes lead: who was deported from elsewhere, as from the Gulf, is like everybody at home.
    """
    moves = world[MovesState].month
    reached = np.isin(moves.destination, world.route_destination)
    chosen = (moves.deported > 0) & (moves.status != WORKER) & reached
    return moves.row[chosen], moves.deported[chosen], moves.district[chosen]
