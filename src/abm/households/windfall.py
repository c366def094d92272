"""Windfalls: money that falls to households once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaState
from abm.households.kernels.windfall import give
from abm.society import WINDFALL
from abm.world.codes import STREAM_EVENT
from abm.world.named import districts_named

if TYPE_CHECKING:
    from abm.world.state import World


def give_windfalls(world: World) -> None:
    """Pay out the windfalls of the month, and book them."""
    for use in world.befall(WINDFALL):
        paid = give(
            districts_named(world, use.where), use.share or 0.0, use.amount or 0,
            np.inf if use.poorer_than is None else use.poorer_than, use.lowest_fifths or FIFTHS,
            world.key_of(STREAM_EVENT, use.id), world[DiasporaState].month.amount, world.district_month,
            world.villages, world.households, world.away, np.zeros(world.longest_village),
        )  # fmt: skip
        world.ledger.pay("endowment", "households", WINDFALL.name, int(paid))


FIFTHS = 5
"""Fifths of permanent income."""
