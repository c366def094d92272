"""State of LegsState."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.declare.state import Held, State, kept, monthly

LegsMonth = namedtuple("LegsMonth", ["months", "interception", "death", "extortion", "cost", "bribe", "documents"])
"""Month's values by leg: months, probabilities of interception, death and being held, and PKR of 2017 a traveller:
cost of passage, bribes to who guards it; share of travellers who need a document, times how much dearer it has become.
See `abm.routes.interception`."""


class LegsState(State):
    """State of legs."""

    month: Held[LegsMonth] = monthly(text="Odds, costs and bribes of every leg.", over=("leg",))
    effort: Held[np.ndarray] = monthly(
        unit="multiple of the reference", text="Officers on each leg, levers included.", over=("leg",)
    )
    flow: Held[np.ndarray] = kept(
        unit="person a month",
        text="Pakistani travellers from the simulated region, fading mean.",
        over=("leg",),
        start=lambda world: np.array([leg.flow for leg in world.leg_facts]) * world.region_share,
    )
    entered: Held[np.ndarray] = kept(
        unit="person",
        text="Persons who began each leg since its odds were last set.",
        over=("leg",),
        start=lambda world: np.zeros(len(world.leg_facts), np.int64),
    )
    dose: Held[np.ndarray] = monthly(
        unit="multiple", text="Effort that policy asks of each pair of post and leg.", over=("post and leg",)
    )
