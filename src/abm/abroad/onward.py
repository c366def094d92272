"""Onward migration: a first stay finances the next leg, from Iran, Turkey, Greece or the Gulf towards Europe."""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.abroad.events import MovesState
from abm.abroad.kernels.onward import draw_ways, fill_rates
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import log
from abm.engine.sums import sum_by
from abm.engine.tables import widen
from abm.market import begin_journeys, document_price, rest_of, way_of
from abm.routes import LegsState
from abm.routes.kernels.contract import Rates, attempt_cost, cost_of_attempts, odds_of_attempts, room_for_contracts
from abm.world.codes import STATUS_COUNT, STREAM_ONWARD, UPFRONT
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


Ways = namedtuple("Ways", ["route", "here", "there"])
"""Onward ways: route, and destinations at which it begins and ends."""

Terms = namedtuple("Terms", ["rate", "gain", "chance", "harm", "steepest", "papers", "saved_share", "inertia"])
"""Parameters that the kernel takes, see `OnwardParams`."""


class OnwardState(State):
    """Hazards of onward migration, and known odds."""

    rates: Held[np.ndarray] = monthly(
        unit="1/month",
        text="Hazard of setting out on each onward way.",
        over=("way", "destination", "status"),
        neutral=lambda world: np.zeros((0, len(world.destination_facts), STATUS_COUNT)),
    )
    fees: Held[np.ndarray] = monthly(
        unit="PKR of 2017", text="Fee of a smuggler on each route that begins abroad.", over=("route",), neutral=0
    )
    odds: Held[np.ndarray] = kept(
        unit="probability",
        text="Chances of arrival and death on each route, as known to those abroad; not a number before the start.",
        over=("fate", "route"),
        start=lambda world: np.full((2, len(world.route_facts)), np.nan),
    )

    saved: Held[np.ndarray] = kept(
        unit="person",
        text="Those who have saved the fee of each onward way; not a number before the start.",
        over=("way", "status"),
        start=lambda world: np.full((sum(facts.onward for facts in world.route_facts), STATUS_COUNT), np.nan),
    )

    stayers: Held[np.ndarray] = kept(
        unit="person",
        text="Those who no longer mean to go on; not a number before the start.",
        over=("destination", "status"),
        start=np.nan,
    )

    @cached_property
    def ways(self) -> Ways:
        """Routes that begin abroad; they follow from the configuration."""
        world = cast("World", self.world)
        row = {facts.key: k for k, facts in enumerate(world.destination_facts)}
        routes = enumerate(world.route_facts)
        onward = [(k, row[found.start], row[found.destination]) for k, found in routes if found.onward]
        return Ways(*np.array(onward, np.int64).reshape(-1, 3).T.copy())


class OnwardParams(Params):
    """Journeys from a first stay to the next one."""

    rate: float = param(
        0.0343, unit="1/month", bounds=(0.0, 0.5),
        source="calibrated, hardly identified, docs/calibration.md", systems=("S18",),
    )  # fmt: skip
    """Monthly share setting out, of those who have saved the fee, if pay is the same there and nobody is stopped."""

    gain: float = param(2.0, unit="per log point", bounds=(0.0, 4.0), source="assumed", systems=("S18",))
    """Rise of that rate with the log ratio of pay there to pay here."""

    chance: float = param(
        3.35, unit="per log point", bounds=(0.0, 8.0),
        source="calibrated, hardly identified, docs/calibration.md", systems=("S18",),
    )  # fmt: skip
    """Rise of that rate with the log of the chance of arrival in one attempt, as known there."""

    harm: float = param(25.0, unit="per probability", bounds=(0.0, 60.0), source="assumed", systems=("S18",))
    """Fall of that rate with the share of the dead among those who arrive or die, in log points."""

    hopes: float = param(
        2.0, unit="log points", bounds=(0.0, 20.0),
        source="assumed; Kuschminder (2018): those who stay in Greece or go on weigh the chance of papers",
        systems=("S18",),
    )  # fmt: skip
    """Rise of that rate with the chance of papers in a year there above that here."""

    network: float = param(
        0.35, unit="per log point", bounds=(0.0, 2.0), source="assumed; as `channel.network`", systems=("S4", "S18")
    )
    """Rise of that rate with the log ratio of compatriots there to those here."""

    steepest: float = param(3.0, unit="log point", bounds=(0.0, 6.0), source="assumed", systems=("S18",))
    """Largest combined change of the log rate by gain and harm, either way."""

    papers: float = param(0.01, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S18",))
    """Rate of labour migrants with papers, who would give them up, relative to those without."""

    inertia: float = param(
        30.3, unit="month", bounds=(1.0, 1200.0),
        source="calibrated, hardly identified, docs/calibration.md; cumulative inertia: McGinnis (1968)",
        systems=("S18",),
    )  # fmt: skip
    """Months within which those who might go on settle in, where families settle."""

    saved_share: float = param(0.30, unit="share of pay", bounds=(0.01, 1.0), source="assumed", systems=("S18",))
    """Share of pay saved for the next leg; the fee over what is saved a month gives the months of work needed."""

    markup: float = param(1.5, unit="multiple of cost", bounds=(1.0, 5.0), source="assumed", systems=("S18",))
    """Fee of local smugglers relative to the cost of the legs."""

    attempts: int = param(2, unit="attempt", bounds=(1, 5), source="assumed", systems=("S18",))
    """Attempts that the fee includes."""

    memory: float = param(1.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S18",))
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
    r"""Those without papers who have saved the fee move on to better pay, if enough of them get through.

    Those in Iran, Turkey, Greece or the Gulf may go on towards better pay.

    Notes
    -----
    From $i$ to $j$ a person who has saved the fee sets out at the rate

    $$
    \rho \exp\left( \gamma \log \frac{y_j}{y_i} + \eta \log s - h f
    + \pi (p_j - p_i) + \nu \log \frac{1 + N_j}{1 + N_i} \right),
    $$

    with $s$ the odds of arrival in one attempt, $f$ the share of the dead among those who arrive or die, $y$ pay, $p$
    the chance of papers in a year, $N$ compatriots, and $\rho$, $\gamma$, $\eta$, $h$, $\pi$, $\nu$ `rate`, `gain`,
    `chance`, `harm`, `hopes`, `network`; the exponent is limited (`steepest`), and those with papers go at `papers` of
    the rate. If the fee takes $m$ months of saving, one in $m$ of those who lack it has it a month later.
    Where families settle, one in `inertia` of those who might go on settles in each month and goes no more (McGinnis
    1968); at the start as many have settled in, and have saved, as leave. Those who have saved wait where a crossing is
    shut (İçduygu and Yükseker 2012; Kuschminder 2018).
    """

    section = "onward"
    Params = OnwardParams
    systems = ("S18",)
    outcomes = OnwardOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Begin the journeys of those who set out in the household pass, and book their fees."""
        moves, state = world[MovesState].month, world[OnwardState]
        gone = widen(moves, np.flatnonzero(moves.onward))
        cohort, routes = (
            (gone.row * 256 + gone.destination * 4 + gone.status) * len(world.route_facts),
            state.ways.route,
        )
        found = np.empty((3, routes.size * gone.row.size), np.int64)
        number = draw_ways(state.rates, routes, cohort, gone, world.key(STREAM_ONWARD), found)
        which, persons, way = found[:, :number]
        route, district = routes[way], gone.district[which]
        fee = state.fees[route]
        world.ledger.pay("employers_abroad", "transporters", "onward fare", int((fee * persons).sum()))
        begin_journeys(
            world, gone.row[which], persons, district, route, fee=fee, paid=fee * persons,
            attempts=world.params(OnwardParams).attempts, office=-1, office_key=-1, scheme=UPFRONT, deposit=0, owed=0,
            origin=gone.destination[which],
        )  # fmt: skip
        world.figures[OnwardOutcomes.onward_departures] = sum_by(district, persons, world.district_count)
        by_route = sum_by(route, persons, len(world.route_facts))
        world.figures[OnwardOutcomes.onward_departures.at("route")] = by_route


def onward_hazards(world: World, leaving: np.ndarray, papers: np.ndarray) -> np.ndarray:
    """Share of persons who set out for another destination in a month, by destination and status.

    `leaving` holds the monthly hazards of otherwise ending a stay, and `papers` those of getting papers.
    """
    state, params = world[OnwardState], world.params(OnwardParams)
    rates = np.zeros((state.ways.route.size, *leaving.shape))
    if world.config.enabled(Onward.section) and world.config.enabled("journey"):
        _learn_odds(world)
        pays = np.array([destination.pays for destination in world.destinations])
        terms = Terms(*(getattr(params, name) for name in Terms._fields))
        state.fees = onward_fees(world)
        present = world.stock.sum(axis=0).astype(np.float64)
        lure = params.network * log(1.0 + present.sum(axis=1)) + params.hopes * MONTHS_A_YEAR * papers
        passable = world[LegsState].open_routes
        fill_rates(
            state.ways, pays, lure, state.fees, state.odds, leaving, terms, world.destination_table.settles, present,
            passable, state.saved, state.stayers, rates,
        )  # fmt: skip
    state.rates = rates
    return rates.sum(axis=0)


def onward_fees(world: World) -> np.ndarray:
    """Fees of onward smugglers, whole PKR by route: the cost of their attempts at usual rates, plus their markup."""
    usual, params = Rates(1.0, 1.0, document_price(world)), world.params(OnwardParams)
    parts = attempt_cost.py_func(*way_of(world, world.route_legs), usual)
    used = np.empty(world.route_length.size)
    cost_of_attempts(
        world.route_legs, world.route_length, world[LegsState].month, world.route_again, rest_of(world),
        params.attempts, room_for_contracts(world.route_legs), used,
    )  # fmt: skip
    return (sum(parts) * used * params.markup).astype(np.int64)


def _learn_odds(world: World) -> None:
    """Update the odds of every route as known abroad: chance of arrival, and of death on the way."""
    odds = world[OnwardState].odds
    now = np.zeros_like(odds)
    odds_of_attempts(world.route_legs, world.route_length, world[LegsState].month, *now)
    odds[:] = np.where(np.isnan(odds), now, odds + (now - odds) / world.params(OnwardParams).memory)
