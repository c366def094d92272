"""Onward migration: a first stay finances the next leg, from Iran, Turkey, Greece or the Gulf towards Europe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad.events import MovesMonth, MovesState
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.engine.portable import exponential, logarithm
from abm.engine.random import binomials
from abm.engine.sums import sum_by
from abm.market import begin_journeys, document_price, way_of
from abm.routes import LegsState
from abm.routes.kernels.contract import Rates, attempt_cost, odds_of_attempts
from abm.world.codes import IRREGULAR, SETTLED, STATUS_COUNT, STREAM_ONWARD, UPFRONT
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class OnwardState(State):
    """Hazards of onward migration, and known odds."""

    rates: Held[dict[int, np.ndarray]] = monthly(
        unit="1/month",
        text="Hazard of setting out on each onward route.",
        over=("destination", "status"),
        neutral=lambda world: {},
    )
    odds: Held[dict[int, tuple[float, float]]] = kept(
        unit="probability",
        text="Chances of arrival and death on each onward route, as known to those abroad.",
        start=lambda world: {},
    )


class OnwardParams(Params):
    """Journeys from a first stay to the next one."""

    rate: float = param(
        0.003, unit="1/month", bounds=(0.0, 0.5), source="assumed, calibrated by hand", systems=("S18",)
    )
    """Monthly share setting out, of those who can pay for the next leg, if pay there equals pay here."""

    gain: float = param(1.2, unit="per log point", bounds=(0.0, 4.0), source="assumed", systems=("S18",))
    """Rise of that rate with the log ratio of pay there, weighted by the chance of arrival, to pay here."""

    harm: float = param(25.0, unit="per probability", bounds=(0.0, 60.0), source="assumed", systems=("S18",))
    """Fall of that rate with the probability of death on the way, in log points."""

    steepest: float = param(3.0, unit="log point", bounds=(0.0, 6.0), source="assumed", systems=("S18",))
    """Largest combined change of the log rate by gain and harm, either way."""

    papers: float = param(0.01, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S18",))
    """Rate of labour migrants with papers, who would give them up, relative to those without."""

    saved_share: float = param(0.30, unit="share of pay", bounds=(0.01, 1.0), source="assumed", systems=("S18",))
    """Share of pay saved for the next leg; the fee divided by it gives the months of work needed."""

    markup: float = param(1.5, unit="multiple of cost", bounds=(1.0, 5.0), source="assumed", systems=("S18",))
    """Fee of local smugglers relative to the cost of the legs."""

    attempts: int = param(2, unit="attempt", bounds=(1, 5), source="assumed", systems=("S18",))
    """Attempts that the fee includes."""

    memory: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S18",))
    """Months over which those there judge the odds of a route from those who get through and those who come back."""


class OnwardOutcomes(Outcomes):
    """Onward departures."""

    onward_departures = outcome(
        unit="person",
        over="district",
        by_route=True,
        text="Journeys begun from a first stay abroad; not counted as departures from Pakistan.",
    )


class Onward(Mechanism):
    """Those without papers who have saved the fee move on to better pay, if enough of them get through."""

    section = "onward"
    Params = OnwardParams
    systems = ("S18",)
    outcomes = OnwardOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Begin the journeys of those who set out in the household pass, and book their fees."""
        some = np.flatnonzero(world[MovesState].month.onward)
        moves = MovesMonth(*(column[some] for column in world[MovesState].month))
        by_district = np.zeros(world.district_count, np.int64)
        by_route = np.zeros(len(world.route_facts), np.int64)
        left = moves.onward.copy()
        key = world.key(STREAM_ONWARD)
        cohort = (moves.row * 256 + moves.destination * 4 + moves.status) * len(world.route_facts)
        for route, chance in _shares(world).items():
            persons = np.zeros(left.size, np.int64)
            binomials(left, chance[moves.destination, moves.status], key, cohort + route, persons)
            left -= persons
            _begin(world, moves, persons, route)
            by_district += sum_by(moves.district, persons, by_district.size)
            by_route[route] = int(persons.sum())
        world.figures[OnwardOutcomes.onward_departures] = by_district
        world.figures[OnwardOutcomes.onward_departures.at("route")] = by_route


def onward_hazards(world: World, leaving: np.ndarray) -> np.ndarray:
    """Share of persons who set out for another destination in a month, by destination and status.

    `leaving` holds the monthly hazards of otherwise ending a stay. Stays are then exponential: a share
    exp(-months x hazard) of those present has been there for the months needed to save the fee.
    """
    found = np.zeros(leaving.shape)
    rates: dict[int, np.ndarray] = {}
    if world.config.enabled(Onward.section) and world.config.enabled("journey"):
        _learn_odds(world)
        for k, route in enumerate(world.route_facts):
            if route.onward:
                rates[k] = _rates(world, k, leaving)
                found += rates[k]
    world[OnwardState].rates = rates
    return found


def onward_fees(world: World) -> np.ndarray:
    """Fees of onward smugglers, whole PKR by route: the cost of an attempt at the usual rates, plus their markup."""
    usual = Rates(1.0, 1.0, document_price(world))
    parts = attempt_cost.py_func(*way_of(world, world.route_legs), usual)
    found: np.ndarray = (sum(parts) * world.params(OnwardParams).markup).astype(np.int64)
    return found


def _rates(world: World, route: int, leaving: np.ndarray) -> np.ndarray:
    """Rate of setting out on one route in a month, by current destination and status."""
    params = world.params(OnwardParams)
    here, there = _ends(world, route)
    origin, goal = world.destinations[here], world.destinations[there]
    success, death = world[OnwardState].odds[route]
    fee = int(onward_fees(world)[route])
    found = np.zeros(leaving.shape)
    for status in range(STATUS_COUNT):
        if status == SETTLED:
            continue  # families do not move on without papers
        pay = max(float(origin.pays[status]), 1.0)
        months = fee / (params.saved_share * pay)
        gain = logarithm(max(success * float(goal.pays[IRREGULAR]), 1.0)) - logarithm(pay)
        pull = params.gain * gain - params.harm * death
        pull = min(max(pull, -params.steepest), params.steepest)
        able = exponential(-months * leaving[here, status])
        willing = params.rate if status >= IRREGULAR else params.rate * params.papers
        found[here, status] = willing * able * exponential(pull)
    return found


def _learn_odds(world: World) -> None:
    """Update the odds of every onward route as known abroad: chance of arrival, and of death on the way."""
    memory = world.params(OnwardParams).memory
    arrival, fatal = np.zeros((2, len(world.route_facts)))
    odds_of_attempts(world.route_legs, world.route_length, world[LegsState].month, arrival, fatal)
    known: dict[int, tuple[float, float]] = world[OnwardState].odds
    for k, route in enumerate(world.route_facts):
        if not route.onward:
            continue
        alive, death = float(arrival[k]), float(fatal[k])
        before = known.get(k, (alive, death))
        known[k] = (before[0] + (alive - before[0]) / memory, before[1] + (death - before[1]) / memory)


def _shares(world: World) -> dict[int, np.ndarray]:
    """Chance of each route, by destination and status, given that a person sets out and takes none before it."""
    rates: dict[int, np.ndarray] = world[OnwardState].rates
    left = np.zeros((len(world.destination_facts), STATUS_COUNT))
    for found in rates.values():
        left += found
    shares = {}
    for route, found in rates.items():
        last = found >= left * (1.0 - ROUNDING)
        shares[route] = np.where(last & (found > 0.0), 1.0, found / np.maximum(left, 1e-300))
        left = left - found
    return shares


def _begin(world: World, moves: MovesMonth, persons: np.ndarray, route: int) -> None:
    """Let persons pay a local smuggler from their earnings, and begin the first leg of a route."""
    sets_out = persons > 0
    if not sets_out.any():
        return
    fee = int(onward_fees(world)[route])
    rows, persons = moves.row[sets_out], persons[sets_out]
    world.ledger.pay("employers_abroad", "transporters", "onward fare", fee * int(persons.sum()))
    begin_journeys(
        world, rows, persons, moves.district[sets_out], np.full(rows.size, route), fee=fee, paid=fee * persons,
        attempts=world.params(OnwardParams).attempts, office=-1, office_key=-1, scheme=UPFRONT, deposit=0, owed=0,
        origin=moves.destination[sets_out],
    )  # fmt: skip


def _ends(world: World, route: int) -> tuple[int, int]:
    """Rows of the destinations between which an onward route runs."""
    keys = [facts.key for facts in world.destination_facts]
    return keys.index(world.route_facts[route].start), keys.index(world.route_facts[route].destination)


ROUNDING = 1e-9
"""Share of a rate below which a remainder is rounding error."""
