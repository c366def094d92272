"""Legs: odds, costs, bribes, officers and traffic on each."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.declare.state import Held, State, kept, monthly

LegsMonth = namedtuple("LegsMonth", ["months", "interception", "death", "extortion", "cost", "bribe", "documents"])
"""Month's values by leg: months, probabilities of interception, death and being held, and PKR of 2017 a traveller:
cost of passage and bribes to its guards; share of travellers who need a document, times the rise in its price.
See `abm.routes.interception`."""


class LegsState(State):
    """Monthly values, effort and traffic of every leg."""

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
        text="Persons who have begun each leg since its odds were last set.",
        over=("leg",),
        start=lambda world: np.zeros(len(world.leg_facts), np.int64),
    )
    dose: Held[np.ndarray] = monthly(
        unit="multiple", text="Effort that policy asks for at each pair of post and leg.", over=("post and leg",)
    )
