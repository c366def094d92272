"""Enforcement agents: circles that investigate in districts, posts that intercept on legs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesa import Agent
from mesa.agent import AgentSet

from abm.enforcement.case_table import CasesState
from abm.routes.stations import KINDS, PostsState
from abm.world.codes import CASE_INVESTIGATED

if TYPE_CHECKING:
    from mesa import Model


class EnforcementAgent(Agent):  # type: ignore[misc]
    """One agency's office in the field; a view on its row in the columns of posts.

    Parameters
    ----------
    model, row
        Mesa model, and row in all arrays of posts.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.key: str = model.world[PostsState].stations.keys[row]
        self.name: str = model.world[PostsState].stations.names[row]
        self.kind: str = KINDS[int(model.world[PostsState].posts.kind[row])]

    @property
    def _posts(self) -> Any:
        return self.model.world[PostsState].posts

    @property
    def staff(self) -> float:
        """Officers in the month; 0 before it exists."""
        return float(self._posts.staff[self.row])

    @property
    def corruption(self) -> float:
        """Share of its officers who take bribes this month."""
        return float(self._posts.corrupt[self.row] * (1.0 - self._posts.caution[self.row]))

    @property
    def caught(self) -> int:
        """Officers caught taking bribes this month."""
        return int(self._posts.caught[self.row])

    @property
    def spending(self) -> float:
        """Pay of its officers, PKR of 2017 a month."""
        return self.staff * float(self._posts.budget[self.row])


class Circle(EnforcementAgent):
    """A circle of the Federal Investigation Agency: follows leads on the offices of its districts."""

    @property
    def districts(self) -> tuple[str, ...]:
        """Districts of the simulated region that it covers."""
        world = self.model.world
        return tuple(str(key) for key in world.units.unit[world[PostsState].stations.covers[self.row]])

    @property
    def capacity(self) -> float:
        """Investigations that it can run at a time."""
        return float(self._posts.capacity[self.row])

    @property
    def investigations(self) -> int:
        """Investigations that it runs."""
        cases, count = self.model.world[CasesState].table.columns, self.model.world[CasesState].table.count
        mine = (cases.circle[:count] == self.row) & (cases.stage[:count] == CASE_INVESTIGATED)
        return int(mine.sum())


class Post(EnforcementAgent):
    """Border post, coast guard, airport immigration or the guards of another state: stops travellers on its legs."""

    @property
    def effort(self) -> dict[str, float]:
        """Officers on each of its legs, by the key of the leg."""
        return self._by_leg("effort")

    @property
    def detections(self) -> dict[str, float]:
        """Persons whom it stops in a month on each of its legs, fading memory."""
        return self._by_leg("detections")

    def _by_leg(self, column: str) -> dict[str, float]:
        world = self.model.world
        mine = (world[PostsState].guards.post == self.row).nonzero()[0]
        return {
            world.leg_facts[world[PostsState].guards.leg[g]].key: float(getattr(world[PostsState].guards, column)[g])
            for g in mine
        }


class BorderPost(Post):
    """Guards legs on land in Pakistan."""


class CoastGuard(Post):
    """Guards the coast of Pakistan."""


class AirportImmigration(Post):
    """Looks at passengers and papers at the airports of Pakistan."""


class TransitGuard(Post):
    """Guards of a state on the way."""


class DestinationGuard(Post):
    """Guards of a destination state."""


CLASSES: dict[str, type[EnforcementAgent]] = {
    "circle": Circle,
    "border_post": BorderPost,
    "coast_guard": CoastGuard,
    "airport": AirportImmigration,
    "transit": TransitGuard,
    "destination": DestinationGuard,
}
"""Class of each kind of post."""


def build_officers(model: Model) -> AgentSet:
    """Make the agents of all posts, those of circles that policy may add in each district too."""
    posts = model.world[PostsState].posts
    made = [CLASSES[KINDS[int(kind)]](model, row) for row, kind in enumerate(posts.kind)]
    return AgentSet(made, random=model.random)
