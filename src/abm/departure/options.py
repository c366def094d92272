"""Options of the month, and the channels that are open: a channel needs all the mechanisms it passes through."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.places.options import CHANNELS, DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP

if TYPE_CHECKING:
    from abm.world.state import World


OptionsMonth = namedtuple(
    "OptionsMonth",
    "in_use nest entry due cost needs_tie abroad gain cost_weight experience idle_pay nest_dissimilarity nest_count "
    "in_pieces as_one spread first_route last_route group group_count route_nest own_migrants migrant_share "
    "skill_premium slope known vouched_gain vouched_weight",
)
"""Options of the month for the choice of channel, see `abm.departure.kernels.choice`; what is asked by district and
option."""


IN_PIECES = np.array([IRREGULAR_WAY, OVERSTAY])
"""Channels that few take. Of the households of a weighted row each piece chooses them by itself: were all to choose as
one, most months of a small sample would have nobody, and some would flood the offices of a district."""

AS_ONE = np.setdiff1d(np.arange(len(CHANNELS)), IN_PIECES)
"""The other channels, among which the rest choose as one."""


class Choices(NamedTuple):
    """Cohorts who have chosen a way to leave: household, its district, option, and persons; int64."""

    row: np.ndarray
    district: np.ndarray
    option: np.ndarray
    persons: np.ndarray


class OptionsState(State):
    """Options, their attraction, and the choices made."""

    month: Held[OptionsMonth] = monthly(text="Options of the month: what they ask, and gain.")
    attraction: Held[np.ndarray] = monthly(
        unit="utility", text="Utility of each option by district, household terms apart.", over=("district", "option")
    )
    chance: Held[np.ndarray] = monthly(
        unit="share",
        text="Chance of an application as known in the district, for those with nobody abroad.",
        over=("district", "option"),
    )
    delay: Held[np.ndarray] = monthly(
        unit="month", text="Months for which an application is pending; 0 for ways without.", over=("option",)
    )
    choices: Held[Choices] = monthly(text="Those who do not stay, in order of household.")


SECTIONS = {
    LEGAL_WORK: ("legal_work",),
    SPONSORSHIP: ("sponsorship",),
    DOMESTIC_MOVE: ("domestic_move",),
    IRREGULAR_WAY: ("market", "journey"),
    OVERSTAY: ("overstay",),
}
"""Mechanisms needed by each channel."""


def is_open(world: World, channel: int) -> bool:
    """Whether all mechanisms of a channel are on."""
    return world.config.enabled("channel") and all(world.config.enabled(section) for section in SECTIONS[channel])


def destinations_of(world: World, options: np.ndarray) -> np.ndarray:
    """Destination of each of these options."""
    return np.asarray(world.option_table.destination[options])
