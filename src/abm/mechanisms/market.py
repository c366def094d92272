"""Market: smuggler offices take clients at a fixed price, within their capacity, with a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, outcome, param
from abm.kernels.departure import depart, serve_in_order
from abm.kernels.states import T_AWAY, T_MEMBERS
from abm.mechanisms.applications import choices_of
from abm.mechanisms.base import Mechanism
from abm.mechanisms.journey import begin_journeys
from abm.mechanisms.prices import option_costs
from abm.world.options import IRREGULAR_WAY

if TYPE_CHECKING:
    from abm.world.state import World


class MarketParams(Params):
    """Offices, for now one a district with a fixed price."""

    fee: float = param(1.0, unit="multiple of routes.yaml", bounds=(0.1, 10.0), source="assumed", systems=("S7",))
    """Price of a journey against the prices of the route data."""

    capacity: float = param(
        120.0, unit="person/month per million residents", bounds=(0.0, 5_000.0), source="assumed", systems=("S7",)
    )
    """Clients that a district's office can send off in a month."""

    patience: float = param(6.0, unit="month", bounds=(0.0, 36.0), source="assumed", systems=("S7",))
    """Months after which a client who still waits gives up."""


class Market(Mechanism):
    """Clients queue at the office of their district; it sends off as many as it can, first come first served."""

    section = "market"
    Params = MarketParams
    systems = ("S7",)
    outcomes = (
        outcome("irregular_departures", unit="person", over="district", text="Departures on an irregular journey."),
        outcome(
            "waiting_clients", unit="person", over="district", text="Clients who wait for an office to send them off."
        ),
        outcome("smuggling_revenue", unit="PKR of 2017 a month", over="district", text="Fees received by offices."),
        outcome("offices", unit="office", over="district", text="Smuggler offices in business."),
        outcome(
            "fee_median",
            unit="PKR of 2017",
            over="national",
            by_route=True,
            text="Median fee of the journeys begun in the month; blank if none. By route: the price of the route.",
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Take new clients into the queues, and send off as many as the offices can."""
        _join_queues(world)
        clients = world.clients
        columns, count = clients.columns, clients.count
        places = np.zeros(world.district_count, np.int64)
        millions = np.maximum(world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY], 0) / 1e6
        for office in world.offices:
            places[office.district] = office.places(
                world.config.market.capacity * millions[office.district], int(world.weight[office.district])
            )
        served = np.zeros(count, np.int64)
        serve_in_order(columns.district[:count], columns.persons[:count], places, served)
        chosen = served > 0
        due = {name: getattr(columns, name)[:count][chosen].astype(np.int64) for name in ("row", "district", "route")}
        due["option"] = due["route"]
        due["persons"] = served[chosen]
        revenue = _send_off(world, due)
        columns.persons[:count] -= served.astype(np.int32)
        failed = np.zeros(count, bool)
        failed[chosen] = due["persons"] == 0
        impatient = world.t - columns.due[:count] >= _patience(world)[columns.district[:count]]
        clients.take((columns.persons[:count] <= 0) | failed | impatient)
        waiting = np.bincount(
            columns.district[: clients.count], columns.persons[: clients.count], world.district_count
        ).astype(np.int64)
        left = np.bincount(due["district"], due["persons"], world.district_count).astype(np.int64)
        for office in world.offices:
            d = office.district
            office.serve(int(left[d]), int(revenue[d]), int(waiting[d]))
        world.figures |= {
            "irregular_departures": left,
            "waiting_clients": waiting,
            "smuggling_revenue": revenue,
            "offices": np.bincount([office.district for office in world.offices], minlength=world.district_count),
        }


def _patience(world: World) -> np.ndarray:
    """Months that a client waits, by district.

    A weighted household waits as one cohort; the months that an office takes to send off a few of them are none of
    its clients' impatience.
    """
    capacity = np.zeros(world.district_count)
    for office in world.offices:
        capacity[office.district] = office.capacity
    return world.config.market.patience + COHORTS_AHEAD * (world.weight - 1) / np.maximum(capacity, 1e-9)


COHORTS_AHEAD = 3.0
"""Cohorts at a weighted household's office whose dispatch is not counted as waiting."""


def _join_queues(world: World) -> None:
    """Queue those who chose an irregular way this month."""
    rows, districts, picked = choices_of(world, IRREGULAR_WAY)
    if rows.size:
        world.clients.append(row=rows, persons=world.weight[districts], district=districts, due=world.t, route=picked,
            office=-1, scheme=0, fee=0, advance=0, attempts=1)


def _send_off(world: World, due: dict[str, np.ndarray]) -> np.ndarray:
    """Let clients pay and begin their journeys; returns the fees by district, PKR."""
    routes = np.array([option.route for option in world.options])[due["option"]]
    fees = option_costs(world)[due["option"]]
    paid, borrowed = np.zeros(fees.size, np.int64), np.zeros(fees.size, np.int64)
    depart(due["row"], due["persons"], fees, due["district"], world.district_month, world.households, paid, borrowed)
    world.ledger.lend(int(borrowed.sum()))
    world.ledger.pay("households", "offices", "smuggling fee", int(paid.sum()))
    leaves = due["persons"] > 0
    started = {name: values[leaves] for name, values in due.items()}
    destination = np.array([option.destination for option in world.options])[started["option"]]
    world.book_departures(
        started["row"], started["district"], started["persons"], IRREGULAR_WAY, destination, abroad=True
    )
    begin_journeys(world, started["row"], started["district"], started["persons"], routes[leaves])
    world.figures["route_departures"] = np.bincount(routes[leaves], started["persons"], len(world.route_facts)).astype(
        np.int64
    )
    world.figures["fee_median"] = median_fee(fees[leaves], started["persons"])
    revenue = np.zeros(world.district_count, np.int64)
    np.add.at(revenue, due["district"], paid)
    return revenue


def median_fee(fees: np.ndarray, persons: np.ndarray) -> float:
    """Median fee of the persons who leave; not a number if nobody leaves."""
    if fees.size == 0:
        return float("nan")
    order = np.argsort(fees, kind="stable")
    passed = np.cumsum(persons[order])
    return float(fees[order][np.searchsorted(passed, passed[-1] / 2)])
