"""State of RisksState."""

from __future__ import annotations

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.market.tables import MarketTables


class RisksState(State):
    """State of risks."""

    arrest_loss: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="What each office expects to lose by arrests.",
        over=("office",),
        start=lambda world: np.zeros(world[MarketTables].offices.risk.size),
    )
    bribes: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="What each office pays investigators for not looking.",
        over=("office",),
        start=lambda world: np.zeros(world[MarketTables].offices.risk.size, np.int64),
    )
    seized_share: Held[float] = monthly(
        unit="share", text="Capital that a conviction takes.", neutral=lambda world: 0.0
    )
