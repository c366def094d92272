"""Prices asked by smugglers, as seen by others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.departure import is_open
from abm.market.offers import OffersOutcomes
from abm.places.options import IRREGULAR_WAY

if TYPE_CHECKING:
    from abm.world.state import World


def smuggler_prices(world: World) -> np.ndarray:
    """Mean fee quoted for the cheapest route to each destination, PKR of 2017; infinite without offers."""
    prices = np.full(len(world.destination_facts), np.inf)
    if is_open(world, IRREGULAR_WAY):
        quoted = world.figures[OffersOutcomes.fee_quoted]
        for option in world.options:
            if option.channel == IRREGULAR_WAY and np.isfinite(quoted[option.route]):
                prices[option.destination] = min(prices[option.destination], float(quoted[option.route]))
    return prices
