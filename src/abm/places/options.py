"""Options: every channel with its destination or route, in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from abm.places.place_models import Destination, Route
from abm.places.places import DOMESTIC

CHANNELS = ("legal_work", "sponsorship", "domestic", "irregular", "overstay")
"""Channels out of the village, the nests of the choice, in order."""

LEGAL_WORK, SPONSORSHIP, DOMESTIC_MOVE, IRREGULAR_WAY, OVERSTAY = range(5)


MOST_OPTIONS = 512
"""Options that entities of draws have room for: two for each destination, one for each route, and the city."""


@dataclass(frozen=True)
class Option:
    """One way to leave: channel (index in `CHANNELS`), destination (row) and route (row, or -1).

    Legal work may be under a contract that a recruiter arranges, or on a visa that the destination sells.
    """

    channel: int
    destination: int
    route: int = -1
    is_sold: bool = False

    @property
    def kind(self) -> int:
        """Channel, and whether it is sold, in one number."""
        return 2 * self.channel + self.is_sold


class OptionTable(NamedTuple):
    """Options by column, see `Option`."""

    channel: np.ndarray
    destination: np.ndarray
    route: np.ndarray
    is_sold: np.ndarray
    kind: np.ndarray


def list_options(destinations: tuple[Destination, ...], routes: tuple[Route, ...]) -> tuple[Option, ...]:
    """List what the data of destinations and routes make possible.

    Visas for sale come last: they stay closed until a lever opens them, and the places of all other options, by which
    draws are addressed, do not depend on them.
    """
    row = {facts.key: k for k, facts in enumerate(destinations)}
    legal = [Option(LEGAL_WORK, row[facts.key]) for facts in destinations if facts.legal_quota > 0]
    family = [Option(SPONSORSHIP, row[facts.key]) for facts in destinations if facts.sponsor_openness > 0]
    city = [Option(DOMESTIC_MOVE, row[DOMESTIC])]
    irregular = [Option(IRREGULAR_WAY, row[route.destination], k) for k, route in enumerate(routes) if not route.onward]
    sold = [Option(LEGAL_WORK, row[facts.key], is_sold=True) for facts in destinations if facts.key != DOMESTIC]
    visits = [Option(OVERSTAY, row[facts.key]) for facts in destinations if facts.visits > 0]
    return (*legal, *family, *city, *irregular, *visits, *sold)
