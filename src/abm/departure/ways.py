"""Open channels: a channel needs all the mechanisms it passes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP

if TYPE_CHECKING:
    from abm.world.state import World

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
