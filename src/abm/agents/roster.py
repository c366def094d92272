"""The roster: the Mesa agents of a model, made on first use and kept in step with the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.agents.enforcement import Agency, Circle, EnforcementAgent, Post
from abm.agents.office import Office
from abm.agents.places import DestinationAgent
from abm.enforcement import BureausState
from abm.engine.errors import AbmError
from abm.market import MarketTables
from abm.places.places import CIRCLE
from abm.routes import KINDS, PostsState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesa import Agent, Model

SHIPPED: tuple[type[Agent], ...] = (Office, EnforcementAgent, Post, Circle, Agency, DestinationAgent)
"""Classes of the agents; a user's class replaces the one that it extends, and all those extending the same."""


class Roster:
    """Agents of the rows of offices, posts, agencies and destinations.

    A user's `agent_classes` replace the shipped classes that they extend.
    """

    def __init__(self, model: Model, agent_classes: Sequence[type[Agent]]) -> None:
        self._model, self._agent_classes = model, agent_classes
        self._offices: dict[int, Office] = {}
        self._keys = np.full_like(model.world[MarketTables].offices.key, -1)
        self._homes = np.full_like(model.world[MarketTables].offices.district, -1)

    def fill(self) -> None:
        """Make all agents."""
        model, world = self._model, self._model.world
        for row in range(len(world.destinations)):
            self._class_for(DestinationAgent)(model, row)
        for row, code in enumerate(world[PostsState].posts.kind.tolist()):
            post = self._class_for(Circle if KINDS[code] == CIRCLE else Post)(model, row)
            post.settle(post.cell)
        bureaus = world[BureausState].bureaus
        for row in np.flatnonzero(bureaus.post < 0).tolist():
            self._class_for(Agency)(model, row)
        self.follow()

    def follow(self) -> None:
        """Add agents of new offices, remove those of closed ones, and place those that moved."""
        offices, made = self._model.world[MarketTables].offices, self._class_for(Office)
        for row in np.flatnonzero((offices.key != self._keys) | (offices.district != self._homes)).tolist():
            if row in self._offices and offices.key[row] != self._keys[row]:
                self._offices.pop(row).remove()
            if offices.key[row] < 0:
                continue
            if row not in self._offices:
                self._offices[row] = made(self._model, row)
            self._offices[row].settle(self._offices[row].cell)
        self._keys, self._homes = offices.key.copy(), offices.district.copy()

    def _class_for(self, shipped: type[Agent]) -> type[Agent]:
        """Class used for the agents of a shipped class."""
        return next((own for own in self._agent_classes if issubclass(shipped, shipped_base(own))), shipped)


def shipped_base(own: type[Agent]) -> type[Agent]:
    """Class of the package that a user's class extends.

    Raises
    ------
    AbmError
        If there is none.
    """
    bases: list[type[Agent]] = [base for base in own.__mro__ if base in SHIPPED]
    if not bases:
        names = ", ".join(base.__name__ for base in SHIPPED)
        raise AbmError(f"agent_classes: '{own.__name__}' extends none of the model's agents ({names})")
    return bases[0]
