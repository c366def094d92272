"""Bureaus: officers of the agencies that may follow cases, and their use of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, kept
from abm.enforcement.declarations import share
from abm.enforcement.law.month_law import SMUGGLING, STREAMS, TRAFFICKING_ABROAD, TRAFFICKING_DOMESTIC
from abm.enforcement.law.regime import FIA, RegimeSettings, regime_of
from abm.engine.sums import add_rows
from abm.places.geography import PROVINCES
from abm.routes import CIRCLE_CODE, PostsState

if TYPE_CHECKING:
    from abm.enforcement.law.regime import Regime
    from abm.places.geography import Units
    from abm.routes import Stations

ALL = ("S10", "S11", "S17")


class AgenciesParams(Params):
    """Officers of agencies: their time by stream of crime, their number, and their corruption."""

    circle_share: float = param(0.8, unit="share", bounds=(0.3, 1.0), source="assumed", systems=ALL, at_start=True)
    """Share of circles' time spent on smuggling at the outset, which the officers of posts.yaml represent. The rest is
    split evenly between trafficking across borders and within the country."""

    response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=ALL)
    """Elasticity of the time wanted for a stream to its yearly caseload, relative to the first whole year."""

    speed: float = param(0.5, unit="1/year", bounds=(0.0, 1.0), source="assumed", systems=ALL)
    """Share of the gap between wanted and actual time that one allocation closes."""

    floor: float = share(0.4, source="assumed", systems=ALL)
    """Share of its opening time below which no stream falls."""

    suspension: int = param(12, unit="month", bounds=(0, 60), source="assumed", systems=("S10",))
    """Months for which an officer caught taking bribes is suspended while the case is heard."""

    integrity: float = share(0.7, source="assumed", systems=("S10",), at_start=True)
    """Officers of the agencies of provinces who take no bribes; of circles, see posts.yaml."""

    hiring: float = param(0.1, unit="1/month", bounds=(0.01, 1.0), source="assumed", systems=ALL)
    """Share of the gap between officers paid for and officers at work that closes in a month as a budget grows."""


PROVINCE_KEYS = tuple(PROVINCES.values())
"""Provinces in the order of the arrays below."""


@dataclass(frozen=True, eq=False)
class Bureaus:
    """Circles of the FIA in the order of posts, then the agencies of the provinces."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    services: tuple[str, ...]  # names of services
    service: np.ndarray  # row of each bureau's service
    post: np.ndarray  # row of a circle among the posts, -1 for other agencies
    since: np.ndarray  # first month at work of an agency, since January of year 0; of a circle, that of the post
    # officers by bureau and province, at the outset and with its budget now, shape (bureaus, provinces), for the
    # simulated region: of circles those for smuggling, of other agencies all
    first_staff: np.ndarray
    staff: np.ndarray
    budget: np.ndarray  # PKR of 2017 per officer and month
    # share of time by stream, at the outset and now, shape (bureaus, streams)
    first_time: np.ndarray
    time: np.ndarray
    province: np.ndarray  # row among `PROVINCE_KEYS` of each district, shape (districts,)

    def officers(self, month: int) -> np.ndarray:
        """Officers by service, stream and province, in full time, of the bureaus that exist in a month."""
        there = self.staff * (self.since <= month)[:, None]
        return self.by_service(there[:, None, :] * self.time[:, :, None])

    def by_service(self, values: np.ndarray) -> np.ndarray:
        """Sums of values by bureau over those of each service; bureaus come first."""
        found = np.zeros((len(self.services), *values.shape[1:]))
        add_rows(self.service, values.reshape(len(values), -1), found.reshape(len(found), -1))
        return found

    def by_province(self, values: np.ndarray) -> np.ndarray:
        """Sums of values by district in each province, shape (rows, provinces)."""
        return np.stack([np.bincount(self.province, row, len(PROVINCE_KEYS)) for row in values])


class BureausState(State):
    """Agencies, their officers, and the laws they act under."""

    regime: Held[Regime] = kept(text="Laws and agencies.", start=lambda world: regime_of(world.params(RegimeSettings)))
    bureaus: Held[Bureaus] = kept(
        text="Circles and agencies with their officers and time.",
        start=lambda world: place_bureaus(
            world[BureausState].regime, world.units, world[PostsState].stations,
            world.params(AgenciesParams).circle_share,
        ),
    )  # fmt: skip


def place_bureaus(regime: Regime, units: Units, stations: Stations, circle_share: float) -> Bureaus:
    """Place the bureaus: a circle's officers are spread evenly over its districts, those of agencies by residents.

    `circle_share` is the share of circles' time spent on smuggling at the outset; both trafficking streams share the
    rest.
    """
    posts = stations.posts
    circles = np.flatnonzero(posts.kind[: stations.listed] == CIRCLE_CODE)
    agencies = regime.agencies
    services = tuple(dict.fromkeys([FIA, *(found.service for found in agencies)]))
    count = circles.size + len(agencies)
    province = np.array([PROVINCE_KEYS.index(str(name)) for name in units.province])
    residents = np.bincount(province, units.population_2017, len(PROVINCE_KEYS))
    staff, budget = np.zeros((count, len(PROVINCE_KEYS))), np.zeros(count)
    first_time = np.zeros((count, len(STREAMS)))
    first_time[: circles.size, SMUGGLING] = circle_share
    first_time[: circles.size, [TRAFFICKING_ABROAD, TRAFFICKING_DOMESTIC]] = (1.0 - circle_share) / 2
    for row, post in enumerate(circles):
        mine = stations.cover_post == post
        covered = province[stations.cover_district[mine]]
        spread = np.bincount(covered, stations.cover_share[mine], len(PROVINCE_KEYS))
        staff[row], budget[row] = posts.listed[post] * spread, posts.budget[post]
    for row, facts in enumerate(agencies, start=circles.size):
        serves = np.array([key in facts.provinces for key in PROVINCE_KEYS])
        staff[row] = np.where(serves, facts.staff * residents / 1e6, 0.0)
        budget[row], first_time[row] = facts.budget, facts.time
    return Bureaus(
        (*(stations.keys[post] for post in circles), *(facts.key for facts in agencies)),
        (*(stations.names[post] for post in circles), *(facts.name for facts in agencies)),
        services, np.array([0] * circles.size + [services.index(facts.service) for facts in agencies]),
        np.concatenate([circles, np.full(len(agencies), -1)]),
        np.concatenate([posts.since[circles], [facts.since for facts in agencies]]),
        staff.copy(), staff, budget, first_time, first_time.copy(), province,
    )  # fmt: skip
