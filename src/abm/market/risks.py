"""Risks that enforcement poses to offices."""

from __future__ import annotations

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.market.tables import MarketTables


class RisksState(State):
    """Expected losses of offices, their bribes to investigators, and seizures."""

    arrest_loss: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="Expected loss of each office through arrests.",
        over=("office",),
        start=lambda world: np.zeros(world[MarketTables].offices.risk.size),
    )
    bribes: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="Bribes that each office pays to investigators.",
        over=("office",),
        start=lambda world: np.zeros(world[MarketTables].offices.risk.size, np.int64),
    )
    seized_share: Held[float] = monthly(
        unit="share", text="Share of capital seized on conviction.", neutral=lambda world: 0.0
    )
