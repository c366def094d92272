"""Journey: cohorts advance leg by leg; some are intercepted, some die, some arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, outcome, param
from abm.kernels.journey import advance_journeys, interception_probability
from abm.kernels.states import IRREGULAR, STREAM_LEG_DEATH, STREAM_LEG_INTERCEPTION
from abm.mechanisms.base import Mechanism
from abm.world.month_values import Arrived, LegsMonth

if TYPE_CHECKING:
    from abm.world.state import World


class JourneyParams(Params):
    """Interception on a leg: p = ceiling (1 - exp(-efficiency (effort / flow)^saturation))."""

    efficiency: float = param(0.8, unit="dimensionless", bounds=(0.0, 10.0), source="assumed", systems=("S8", "S10"))
    """Interception at effort 1 and the reference flow of the leg."""

    saturation: float = param(0.3, unit="dimensionless", bounds=(0.0, 1.0), source="assumed", systems=("S8", "S10"))
    """Exponent of effort over flow: a larger flow dilutes the same effort."""

    flow_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which the flow on a leg is averaged."""

    danger: float = param(1.0, unit="multiple of routes.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S8",))
    """Probability of death on every leg, against the route data."""


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
            by_leg=True,
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
        outcome("deaths", unit="person", over="route", by_leg=True, text="Deaths on the route, or on the leg."),
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
        entered = world.month_values.setdefault("entered", np.zeros(legs.months.shape, np.int64))
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
        _remember_flow(world, entered)
        number = int(arrived.count[0])
        destination = np.array([_destination(world, k) for k in range(len(world.route_facts))])
        rows, persons, routes = arrived.row[:number], arrived.persons[:number], arrived.route[:number]
        world.enter_away(rows, persons, destination[routes], np.full(number, IRREGULAR))
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
    )
    entered = world.month_values.setdefault("entered", np.zeros(_shape(world), np.int64))
    np.add.at(entered[:, 0], routes, persons)


def odds_of_route(world: World, route: int) -> tuple[float, float, float]:
    """Chance of arrival, probability of death, and months of a route, at the odds of the moment."""
    legs = _legs(world)
    alive, death, months = 1.0, 0.0, 0.0
    for k in range(int(legs.length[route])):
        death += alive * legs.death[route, k]
        alive *= (1.0 - legs.death[route, k]) * (1.0 - legs.interception[route, k])
        months += legs.months[route, k]
    return alive, death, months


def _legs(world: World) -> LegsMonth:
    """Work out the month's odds of every leg; kept for the month."""
    if world.month_values.get("legs_month") == world.t:
        found: LegsMonth = world.month_values["legs"]
        return found
    params = world.config.journey
    shape = _shape(world)
    effort = np.ones(len(world.leg_facts))
    flow = world.month_values.setdefault("flow", _opening_flow(world))
    outside = (1.0 - world.region_share) * world.config.drivers.outside_demand
    legs = LegsMonth(
        np.array([len(route.legs) for route in world.route_facts]),
        np.zeros(shape, np.int64),
        np.zeros(shape),
        np.zeros(shape),
    )
    place = 0
    for r, route in enumerate(world.route_facts):
        for k, leg in enumerate(route.legs):
            legs.months[r, k] = leg.months
            legs.death[r, k] = min(leg.death * params.danger, 1.0)
            relative = flow[r, k] / leg.reference_flow + outside
            legs.interception[r, k] = interception_probability(
                leg.interception_ceiling, params.efficiency, params.saturation, float(effort[place]), relative
            )
            place += 1
    world.month_values["legs"], world.month_values["legs_month"] = legs, world.t
    return legs


def _opening_flow(world: World) -> np.ndarray:
    """Flow on each leg before the start: the reference flow, by the region's share of the country's residents."""
    flow = np.zeros(_shape(world))
    for r, route in enumerate(world.route_facts):
        flow[r, : len(route.legs)] = [world.region_share * leg.reference_flow for leg in route.legs]
    return flow


def _remember_flow(world: World, entered: np.ndarray) -> None:
    """Average the flow on each leg over the months remembered."""
    flow = world.month_values["flow"]
    flow += (entered - flow) / world.config.journey.flow_memory
    entered[:] = 0


def _shape(world: World) -> tuple[int, int]:
    return len(world.route_facts), max(len(route.legs) for route in world.route_facts)


def _destination(world: World, route: int) -> int:
    keys = [facts.key for facts in world.destination_facts]
    return keys.index(world.route_facts[route].destination)
