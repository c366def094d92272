"""Parameters of queues and cheating."""

from __future__ import annotations

from abm.declare import Params, param


class MarketParams(Params):
    """Queues and cheating."""

    patience: float = param(6.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S7",))
    """Months after which a waiting client gives up."""

    cheating: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S9"))
    """Share of upfront payers cheated by an office without integrity, reputation or future."""

    horizon: float = param(24.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S7",))
    """Months of expected business that give an office too much to lose by cheating."""
