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


class MovesState(State):
    """Events abroad this month."""

    month: Held[MovesMonth] = monthly(
        unit="person",
        text="Events abroad in the month, cohort by cohort.",
        neutral=lambda world: MovesMonth(*(np.zeros(0, np.int64) for _ in MovesMonth._fields)),
    )


def deported_from_routes(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, persons and districts of those deported this month after a stay without papers.

    Only from destinations of irregular routes; those deported from elsewhere, such as the Gulf, are like anyone at
    home.
    """
    moves = world[MovesState].month
    reached = np.isin(moves.destination, world.route_destination)
    chosen = (moves.deported > 0) & (moves.status != WORKER) & reached
    return moves.row[chosen], moves.deported[chosen], moves.district[chosen]
