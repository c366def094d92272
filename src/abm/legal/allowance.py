"""Places granted month by month that may be used a little later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.society import DriversParams

if TYPE_CHECKING:
    from abm.world.state import World


class Allowance:
    """Places by row; unused ones are carried over up to a limit.

    A weighted household sends all its members at once: without carry-over, few large cohorts would leave more places
    unused than many small ones, and results would drift with the scale of the sample.

    Parameters
    ----------
    shape
        Shape of the rows.
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        self.unused = np.zeros(shape)

    def grant(self, places: np.ndarray, limit: np.ndarray) -> None:
        """Add the places of a month; no more than `limit` stay unused."""
        self.unused = np.minimum(self.unused + places, limit)

    def use(self, row: int | tuple[int, ...], persons: int) -> None:
        """Take places off."""
        self.unused[row] = max(self.unused[row] - persons, 0.0)


def share_of_region(world: World) -> float:
    """Share of every destination's places for the simulated region; the rest of the country takes its own."""
    outside = (1.0 - world.region_share) * world.params(DriversParams).outside_demand
    return world.region_share / (world.region_share + outside)
