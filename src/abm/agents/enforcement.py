"""Enforcement agents: circles that investigate, posts that intercept on legs, and agencies of the provinces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from mesa import Agent

from abm.agents.row import RowAgent
from abm.enforcement import PROVINCE_KEYS, STREAMS, BureausState, CasesState
from abm.places.drivers import HOME_COUNTRY
from abm.places.geography import load_units, unit_index
from abm.places.places import CIRCLE
from abm.routes import HOME_KINDS, KINDS, Posts, PostsState
from abm.world.codes import CASE_INVESTIGATED

if TYPE_CHECKING:
    from mesa import Model

    from abm.world.state import World


class EnforcementAgent(RowAgent, columns=Posts):
    """A field office of an agency, with an attribute for each column of the table of posts, as ``post.staff``.

    Officers in the month (`staff`) are recomputed every month; for a lasting change, set `listed`. `row` counts in all
    arrays of posts.
    """

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model, row)
        stations = model.world[PostsState].stations
        self.key: str = stations.keys[row]
        self.name: str = stations.names[row]
        self._home = _home_of(model.world, row)

    @property
    def label(self) -> str:
        """Name in messages."""
        return self.key

    @property
    def table(self) -> Posts:
        """Columns of all posts."""
        return self.model.world[PostsState].posts

    @property
    def home(self) -> int:
        """Row of its district: the first that a circle covers, or that of the last place in Pakistan on its legs."""
        return self._home

    @property
    def kind(self) -> str:
        """Kind of post, as in the data."""
        return KINDS[int(self.table.kind[self.row])]

    @property
    def district(self) -> str | None:
        """Key of its district; None outside the simulated region."""
        return None if self._home < 0 else str(self.model.world.units.unit[self._home])

    @property
    def corruption(self) -> float:
        """Share of its officers who take bribes this month."""
        return float(self.corrupt * (1.0 - self.caution))

    @property
    def spending(self) -> float:
        """Pay of its officers, PKR of 2017 a month."""
        return float(self.staff * self.budget)


def _home_of(world: World, row: int) -> int:
    """Row of the district of a post, -1 if outside the simulated region."""
    district = int(world[PostsState].posts.district[row])
    if district >= 0 or row >= len(world.post_facts):
        return district
    facts = world.post_facts[row]
    if facts.kind not in HOME_KINDS or facts.kind == CIRCLE:
        return -1
    leg = next(leg for leg in world.leg_facts if leg.key == facts.at[0])
    points = {point.key: point for point in world.places.points}
    start, end = points[leg.start], points[leg.end]
    here = end if end.country == HOME_COUNTRY else start
    units = load_units("pakistan")
    east = (units.lon - here.lon) * math.cos(math.radians(here.lat))
    nearest = str(units.unit[np.argmin(np.hypot(east, units.lat - here.lat))])
    return unit_index(world.units).get(nearest, -1)


class Circle(EnforcementAgent):
    """A circle of the Federal Investigation Agency: follows leads on the offices of its districts."""

    @property
    def districts(self) -> tuple[str, ...]:
        """Districts of the simulated region that it covers."""
        world = self.model.world
        return tuple(str(key) for key in world.units.unit[world[PostsState].stations.covers[self.row]])

    @property
    def investigations(self) -> int:
        """Investigations under way."""
        cases = self.model.world[CasesState].table.rows
        return int(((cases.circle == self.row) & (cases.stage == CASE_INVESTIGATED)).sum())


class Post(EnforcementAgent):
    """Border post, coast guard, airport immigration or the guards of another state: stops travellers on its legs."""

    @property
    def effort(self) -> dict[str, float]:
        """Officers on each of its legs, by the key of the leg."""
        return self._by_leg("effort")

    @property
    def detections(self) -> dict[str, float]:
        """Persons stopped in a month on each of its legs, fading memory."""
        return self._by_leg("detections")

    def _by_leg(self, column: str) -> dict[str, float]:
        legs, guards = self.model.world.leg_facts, self.model.world[PostsState].guards
        mine = np.flatnonzero(guards.post == self.row)
        return {legs[guards.leg[g]].key: float(getattr(guards, column)[g]) for g in mine}


class Agency(Agent):  # type: ignore[misc]
    """A service of one or more provinces; a view on its row in all arrays of bureaus."""

    def __init__(self, model: Model, row: int) -> None:
        super().__init__(model)
        self.row = row
        bureaus = model.world[BureausState].bureaus
        self.key: str = bureaus.keys[row]
        self.name: str = bureaus.names[row]
        self.service: str = bureaus.services[bureaus.service[row]]

    @property
    def staff(self) -> dict[str, float]:
        """Officers by province of the simulated region."""
        staff = self.model.world[BureausState].bureaus.staff[self.row]
        return {key: float(count) for key, count in zip(PROVINCE_KEYS, staff, strict=True) if count > 0.0}

    @property
    def time(self) -> dict[str, float]:
        """Share of the officers' time by stream of crime."""
        return dict(zip(STREAMS, self.model.world[BureausState].bureaus.time[self.row].tolist(), strict=True))
