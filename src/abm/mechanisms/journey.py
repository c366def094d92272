"""Journey: cohorts advance leg by leg; some are intercepted, some die, some arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, outcome, param
from abm.kernels.journey import advance_journeys
from abm.kernels.states import IRREGULAR, STREAM_LEG_DEATH, STREAM_LEG_INTERCEPTION
from abm.mechanisms.moves import settle_without_papers
from abm.mechanisms.base import Mechanism
from abm.world.month_values import Arrived

if TYPE_CHECKING:
    from abm.world.state import World


class JourneyParams(Params):
    """Scaffold."""


class Journey(Mechanism):
    """Cohorts on legs: at the end of a leg deaths and interceptions are drawn; survivors go on or arrive."""

    section = "journey"
    Params = JourneyParams
    systems = ("S8", "S9", "S10")
    outcomes = (
        outcome(
            "under_way", unit="person", over="district", text="Persons on an irregular journey at the end of the month."
        ),
        outcome(
            "interceptions",
            unit="person",
            over="district",
            by_route=True,
            text="Persons intercepted on the way and sent home.",
        ),
        outcome("deaths_en_route", unit="person", over="district", text="Persons who died on the way."),
        outcome(
            "irregular_arrivals",
            unit="person",
            over="district",
            text="Arrivals at the destination of an irregular route.",
        ),
        outcome("departures", unit="person", over="route", text="Journeys begun on the route."),
        outcome("arrivals", unit="person", over="route", text="Arrivals at the end of the route."),
        outcome("deaths", unit="person", over="route", text="Deaths on the route."),
        outcome(
            "months_mean",
            unit="month",
            over="route",
            text="Mean duration of the journeys that arrived in the month; blank if none.",
        ),
    )
    @staticmethod
    def step(world: World) -> None:
        """Advance all cohorts by a month and enter those who arrive at their destination."""
        legs = _legs(world)
        journeys, count = world.journeys.columns, world.journeys.count
        by_district = np.zeros((world.district_count, 3), np.int64)
        by_route = np.zeros((len(world.route_facts), 3), np.int64)
        space = np.zeros((5, max(count, 1)), np.int64)
        arrived = Arrived(space[0], space[1], space[2], space[3], space[4], np.zeros(1, np.int64))
        entered = np.zeros(legs.months.shape, np.int64)
        world.journeys.count = advance_journeys(
            journeys,
            count,
            legs,
            world.weight,
            world.config.diaspora.deportation_shame,
            world.households,
            world.key(STREAM_LEG_DEATH),
            world.key(STREAM_LEG_INTERCEPTION),
            by_district,
            by_route,
            entered,
            arrived,
        )
        for r in range(entered.shape[0]):
            for k in range(int(legs.length[r])):
                world.month_values["entered"][world.route_legs[r, k]] += entered[r, k]
        number = int(arrived.count[0])
        destination = np.array([_destination(world, k) for k in range(len(world.route_facts))])
        rows, persons, routes = arrived.row[:number], arrived.persons[:number], arrived.route[:number]
        settle_without_papers(world, rows, persons, destination[routes])
        weight = np.bincount(routes, persons, len(world.route_facts))
        months = np.bincount(routes, persons * arrived.months[:number], len(world.route_facts))
        world.figures |= {
            "deaths_en_route": by_district[:, 0],
            "interceptions": by_district[:, 1],
            "irregular_arrivals": by_district[:, 2],
            "route_deaths": by_route[:, 0],
            "route_interceptions": by_route[:, 1],
            "route_arrivals": by_route[:, 2],
            "months_mean": np.where(weight > 0, months / np.maximum(weight, 1), np.nan),
            "under_way": np.bincount(
                world.journeys.columns.district[: world.journeys.count],
                world.journeys.columns.persons[: world.journeys.count],
                world.district_count,
            ).astype(np.int64),
        }


def begin_journeys(
    world: World, rows: np.ndarray, districts: np.ndarray, persons: np.ndarray, routes: np.ndarray
) -> None:
    """Begin the journeys of cohorts on the first leg of their route."""
    if rows.size == 0:
        return
    first = np.array([route.legs[0].months for route in world.route_facts])
    # the pass of the same month takes one month off: the month of departure does not count as travelled
    world.journeys.append(
        row=rows,
        persons=persons,
        district=districts,
        route=routes,
        leg=0,
        months_left=first[routes] + 1,
        months_gone=-1,
        started=world.t,
        id=0, held=0, attempt=1, attempts=1, office=-1, office_key=0, scheme=0, fee=0, paid=0, deposit=0, owed=0,
        origin=-1, experience=0, wealth=0,
    )
    np.add.at(world.month_values["entered"], world.route_legs[routes, 0], persons)


def odds_of_route(world: World, route: int) -> tuple[float, float, float]:
    """Chance of arrival, probability of death, and months of a route, at the odds of the moment."""
    legs = _legs(world)
    alive, death, months = 1.0, 0.0, 0.0
    for k in range(int(legs.length[route])):
        death += alive * legs.death[route, k]
        alive *= (1.0 - legs.death[route, k]) * (1.0 - legs.interception[route, k])
        months += legs.months[route, k]
    return alive, death, months


def _legs(world: World):
    """Scaffold."""
    from collections import namedtuple
    L = namedtuple("L", ["length", "months", "death", "interception"])
    facts = world.month_values["legs"]
    on = world.route_legs >= 0
    take = lambda v: np.where(on, v[world.route_legs], 0)
    return L(on.sum(axis=1), take(facts.months), take(facts.death).astype(float), take(facts.interception).astype(float))


def _shape(world: World) -> tuple[int, int]:
    return len(world.route_facts), max(len(route.legs) for route in world.route_facts)


def _destination(world: World, route: int) -> int:
    keys = [facts.key for facts in world.destination_facts]
    return keys.index(world.route_facts[route].destination)

