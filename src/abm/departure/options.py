"""Options of the month."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from abm.declare.state import Held, State, monthly

OptionsMonth = namedtuple(
    "OptionsMonth",
    [
        "in_use",
        "nest",
        "entry",
        "cost",
        "needs_tie",
        "abroad",
        "gain",
        "cost_weight",
        "experience",
        "nest_dissimilarity",
        "nest_count",
        "spread",
        "first_route",
        "last_route",
        "group",
        "group_count",
        "route_nest",
        "skill_premium",
        "slope",
        "known",
    ],
)
"""Options of the month for the choice of channel, see `abm.departure.kernels.choice`; entry and cost by district and
option."""


class OptionsState(State):
    """Options, their attraction, and the choices made."""

    month: Held[OptionsMonth] = monthly(text="Options of the month: entry, cost, gain.")
    attraction: Held[np.ndarray] = monthly(
        unit="utility",
        text="Utility of each option by district, household terms apart.",
        over=("district", "option"),
    )
    choices: Held[tuple[np.ndarray, np.ndarray, np.ndarray]] = monthly(
        unit="row", text="Households that do not stay, their districts and options."
    )
