"""Journey: cohorts advance leg by leg; some are stopped and try again, some are held, some die, some arrive."""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.abroad import OnwardOutcomes
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept, monthly
from abm.departure import charge_households, means_of_households
from abm.engine.sums import sum_by
from abm.engine.tables import allocate
from abm.journeys.homecoming import arrive, die, go_home, strand
from abm.journeys.journey_log import JourneyLogState
from abm.journeys.wrecks import DEATHS, wrecked
from abm.market import (
    MarketOutcomes,
    MarketTables,
    OffersParams,
    OffersState,
    OfficesParams,
    alone_risk,
    in_business,
    pay_for_attempts,
    receive,
)
from abm.market.kernels.payments import can_pay_again
from abm.places.drivers import HOME_COUNTRY
from abm.routes import InterceptionOutcomes, Journeys, LegsState, TravelState
from abm.routes.kernels.journey import JUST_HELD, STOPPED, advance_journeys, count_under_way, wait_at_closed
from abm.society import EconomyState
from abm.world.codes import NEWS_DEATH, STREAM_LEG_DEATH, STREAM_LEG_EXTORTION, STREAM_LEG_INTERCEPTION, STREAM_PASSAGE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

Own = namedtuple("Own", ["interception", "death", "extortion", "ransom_months"])
"""Factors on the odds for those without an office, of interception by district and route; months held at first."""


LegKeys = namedtuple("LegKeys", ["death", "interception", "extortion"])
"""Keys of the month."""


Caught = namedtuple("Caught", ["office", "persons", "leg", "district", "row", "route", "home"])
"""Those stopped in the month: office (-1 if none), persons, leg, home district, household, route."""


class JourneyState(State):
    """Interceptions of the month, and work space."""

    caught: Held[Caught] = monthly(
        text="Those stopped in the month.",
        neutral=lambda world: Caught(*(np.zeros(0, np.int64) for _ in Caught._fields)),
    )
    spare: Held[Journeys] = kept(text="Table that the next month can fill.", start=lambda world: allocate(Journeys, 0))
    ended: Held[np.ndarray] = kept(
        text="Work space for cohorts that end, by column and row.",
        start=lambda world: np.zeros((len(Journeys._fields), 0), np.int64),
    )

    @cached_property
    def left_at(self) -> np.ndarray:
        """Destination at which those pushed back on a leg stay if they have no attempt left; -1: they go home."""
        world = cast("World", self.world)
        last = world.route_legs[np.arange(world.route_length.size), world.route_length - 1]
        ends = {world.leg_facts[leg].end: place for leg, place in zip(last, world.route_destination, strict=True)}
        return np.array([ends.get(leg.start, -1) if leg.pushed_back else -1 for leg in world.leg_facts])


class JourneyParams(Params):
    """Attempts, ransoms, and detection at the EU border."""

    retry_wait: int = param(1, unit="month", bounds=(0, 12), source="assumed", systems=("S9",))
    """Months between being stopped and the next attempt that the fee includes."""

    ransom: float = param(
        150_000.0, unit="PKR of 2017", bounds=(0.0, 2e6),
        source="assumed; asked may be far more, 2,000,000 in smuggling_prices.csv", systems=("S9",),
    )  # fmt: skip
    """Ransom that a family pays for a member who is held, as far as it can; it follows income at home."""

    alone_extortion: float = param(2.0, unit="multiple", bounds=(0.0, 10.0), source="assumed", systems=("S9",))
    """Odds of being held without an office, relative to a typical office."""

    credit_extortion: float = param(
        2.0, unit="multiple", bounds=(0.0, 10.0), source="assumed; Friebel and Guriev (2006)", systems=("S9",)
    )
    """Odds of being held for those who owe the fee, relative to those who have paid it."""

    held_months: int = param(6, unit="month", bounds=(1, 60), source="assumed", systems=("S9",))
    """Months of forced work for those who cannot be ransomed."""

    detection: float = param(
        1.0, unit="multiple of routes.yaml", bounds=(0.01, 1.0),
        source="assumed; there is no count of undetected crossings", systems=("S8",),
    )  # fmt: skip
    """Share of the entries into the EU that border agencies detect and report, relative to the data of legs."""


persons, national = (partial(outcome, unit="person", over=over) for over in ("district", "national"))


class JourneyOutcomes(Outcomes):
    """Interceptions, deaths, arrivals, ransoms and EU entries."""

    under_way = persons(kind="stock", text="Persons on an irregular journey at the end of the month.")
    interceptions = outcome(
        unit="event", over="district", by_route=True, by_leg=True, text="Interceptions on the way, in any country."
    )
    sent_home = persons(text="Persons stopped on the way and sent home, whose contract includes no further attempt.")
    stranded = persons(text="Persons pushed back who have no attempt left, and stay there without papers.")
    further_attempts = outcome(unit="attempt", over="district", text="Further attempts begun within a contract.")
    deaths_en_route = persons(text="Persons who died on the way.")
    held_for_exploitation = persons(kind="stock", text="Persons held on the way at the end of the month.")
    ransoms_paid = outcome(unit="PKR of 2017 a month", over="district", text="Ransoms paid by families.")
    irregular_arrivals = persons(text="Arrivals at the destination of an irregular route.")
    arrivals = outcome(unit="person", over="route", text="Arrivals at the end of the route.")
    deaths = outcome(unit="person", over="route", by_leg=True, text="Deaths on the route, or on the leg.")
    tries = outcome(unit="attempt", over="route", text="Attempts begun on the route, first attempts included.")
    months_mean = outcome(
        unit="month", over="route", kind="level",
        text="Mean duration of the journeys that arrived in the month; blank if none.",
    )  # fmt: skip
    europe_entries = national(text="Entries into the EU by irregular legs.")
    europe_detected = national(text="Of these, detected and reported by border agencies.")
    detected_eastern = national(text="Detected on the Eastern Mediterranean Route.")
    detected_central = national(text="Detected on the Central Mediterranean Route.")
    stopped_abroad = outcome(unit="event", over="national", text="Interceptions on legs outside Pakistan.")
    stopped_in_iran = outcome(unit="event", over="national", text="Interceptions on legs in Iran.")


class Journey(Mechanism):
    """Cohorts on legs: fates are drawn at the end of a leg; those stopped may try again if the contract says so.

    At the end of each leg a cohort may lose some to death, then some to a stop, then some to extortionists who hold
    them for ransom. Families pay what they can; those ransomed lose a month, the others work for `held_months` months.
    Those stopped are sent home, or pushed back over a border abroad to where the leg begins (`pushed_back` of a leg).
    With attempts left on their contract they try again from there, at the cost of the office, unless they were sent
    home from a way that began abroad. The others stay at home or, without papers, in the country of the way to which
    they were pushed back, if it is a destination. Those who arrive are members abroad without papers, and can tell of
    the way.
    """

    section = "journey"
    Params = JourneyParams
    systems = ("S8", "S9", "S10")
    outcomes = JourneyOutcomes.declared
    events = (DEATHS,)

    @staticmethod
    def step(world: World) -> None:
        """Advance all cohorts by a month, and settle deaths, returns, new attempts and arrivals."""
        lost = wrecked(world) if world.befall(DEATHS) else None
        _wait_at_closed_legs(world)
        ended, by_leg, by_route = _advance(world)
        arrived, stopped, died = (Journeys(*fate) for fate in ended)
        world.news.report(NEWS_DEATH, died.row, died.persons, died.route, died.office)
        if lost:
            died = Journeys(*map(np.concatenate, zip(lost, died, strict=True)))
            by_leg[:, 1] += sum_by(world.route_legs[lost.route, lost.leg], lost.persons, len(by_leg))
            by_route[:, 1] += sum_by(lost.route, lost.persons, len(by_route))
        path = world.route_legs[stopped.route, stopped.leg]
        again, stranded = _may_try_again(world, stopped), world[JourneyState].left_at[path]
        world[JourneyState].caught = Caught(
            stopped.office, stopped.persons, path, stopped.district, stopped.row, stopped.route,
            (~again & (stranded < 0)).astype(np.int64),
        )  # fmt: skip
        _try_again(world, _pick(ended[STOPPED], again))
        _ask_ransoms(world)
        home, stays = (_pick(ended[STOPPED], ~again & there) for there in (stranded < 0, stranded >= 0))
        for end, fates in enumerate((arrived, home, died, stays)):
            world[JourneyLogState].log.write(world.t, end, fates)
        die(world, died)
        go_home(world, home)
        strand(world, stays, stranded[~again & (stranded >= 0)])
        arrive(world, arrived)
        _count(world, died, stopped, home, stays, arrived, by_leg, by_route)


def _pick(cohorts: np.ndarray, mask: np.ndarray) -> Journeys:
    """Copy some of the cohorts, which are given by column and row."""
    return Journeys(*cohorts.take(mask.nonzero()[0], axis=1))


def _wait_at_closed_legs(world: World) -> None:
    """Let those whose next leg, or next attempt at one, cannot be begun wait for a month where they are."""
    legs, table = world[LegsState], world[TravelState].journeys
    wait_at_closed(
        table.columns, table.count, world.route_legs, world.route_length, legs.month.months, legs.passable,
        world.key(STREAM_PASSAGE), legs.entered,
    )  # fmt: skip


def _advance(world: World) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Run the kernel; cohorts still under way replace the table.

    Returns those that arrived, were stopped and died, by column of `Journeys` and row; and counts by leg and route.
    """
    journeys, state = world[TravelState].journeys, world[JourneyState]
    params, offers, legs = world.params(JourneyParams), world.params(OffersParams), world[LegsState]
    count, onward = journeys.count, state.spare
    room = max(3 * count, ROOM)
    if onward.id.size < room:
        onward = allocate(Journeys, 2 * room)
    if state.ended.shape[1] < room:
        state.ended = np.zeros((len(Journeys._fields), 2 * room), np.int64)
    by_leg = np.zeros((len(world.leg_facts), 4), np.int64)
    by_route = np.zeros((len(world.route_facts), 2), np.int64)
    keys = LegKeys(world.key(STREAM_LEG_DEATH), world.key(STREAM_LEG_INTERCEPTION), world.key(STREAM_LEG_EXTORTION))
    own = Own(alone_risk(world), offers.alone_death, params.alone_extortion, 1)
    ends = np.zeros(3, np.int64)
    kept = advance_journeys(
        journeys.columns, count, world.route_legs, world.route_length, legs.month, world[OffersState].conduct, own,
        params.credit_extortion, keys, onward, Journeys(*state.ended), ends, by_leg, by_route, legs.entered,
        # rows are unsigned, so that none is tested for counting from the end
        np.empty((4 * count + 1, 3), np.int32), np.empty((2, 4 * count), np.uint32),
    )  # fmt: skip
    state.spare, journeys.columns, journeys.count = journeys.columns, onward, kept
    ended = [state.ended[:, first:last] for first, last in pairwise([0, *ends.tolist()])]
    return ended, by_leg, by_route


def _may_try_again(world: World, stopped: Journeys) -> np.ndarray:
    """Whether the contract of each stopped cohort includes another attempt that can begin and its office can pay."""
    place = world.route_again[stopped.route, stopped.leg]
    offices, able = world[MarketTables].offices, np.empty(stopped.row.size, np.bool_)
    can_pay_again(
        stopped.attempt, stopped.attempts, stopped.office, stopped.office_key, stopped.origin, stopped.persons,
        stopped.route, place, world[OffersState].month.prices, offices, np.empty(offices.key.size, np.int64), able,
    )  # fmt: skip
    # those sent back to the start set out anew; those pushed back wait there until the leg can be begun
    return able & ((place > 0) | (world[LegsState].open_routes[stopped.route] > 0.0))


def _try_again(world: World, again: Journeys) -> None:
    """Begin the next attempt, from where those stopped are sent back to."""
    if not again.row.size:
        return
    nothing, place = np.zeros(again.row.size, np.int64), world.route_again[again.route, again.leg]
    # the fare of those hired abroad has paid for this one too
    pay_for_attempts(world, again.route, place, again.office, np.where(again.office >= 0, again.persons, 0), nothing)
    first, legs = world.route_legs[again.route, place], world[LegsState]
    wait = world.params(JourneyParams).retry_wait
    months = legs.month.months[first] + wait
    begun = again._replace(leg=place, held=nothing, attempt=again.attempt + 1, months_left=months)
    world[TravelState].journeys.append(**begun._asdict())
    if wait == 0:  # the others are counted when they begin
        legs.entered += sum_by(first, again.persons, legs.entered.size)


def _ask_ransoms(world: World) -> None:
    """Ask the families of those newly held for ransom; those not ransomed are held to work."""
    columns = world[TravelState].journeys.rows
    held = (columns.held == JUST_HELD).nonzero()[0]
    persons, district = columns.persons[held].astype(np.int64), columns.district[held].astype(np.int64)
    each = int(world.params(JourneyParams).ransom * world[EconomyState].income_index)
    # one family pays for one member: the others that a row stands for do not
    able = means_of_households(world, columns.row[held].astype(np.int64), district)
    asked = np.minimum(each, able).astype(np.int64) * persons
    paid = charge_households(world, columns.row[held], asked, persons, district, on_credit=True)
    world.ledger.pay("households", "extortionists", "ransom", int(paid.sum()))
    _share_ransoms(world, columns, held, paid)
    columns.paid[held] += paid
    columns.held[held] = 1
    short = paid < RANSOM_ENOUGH * each * persons
    columns.months_left[held] = np.where(short, world.params(JourneyParams).held_months, columns.months_left[held])
    world.figures[JourneyOutcomes.ransoms_paid] = sum_by(district, paid, world.district_count)


def _share_ransoms(world: World, columns: Journeys, held: np.ndarray, paid: np.ndarray) -> None:
    """Give offices their part of the ransoms of their clients, PKR; the families tell of it."""
    offices, office = world[MarketTables].offices, columns.office[held].astype(np.int64)
    here = in_business(world, office, columns.office_key[held]).nonzero()[0]
    held, office = held[here], office[here]
    offices.exploited[:] += np.bincount(office, columns.persons[held], offices.exploited.size)
    share = world.params(OfficesParams).ransom_share * offices.ruthlessness[office]
    receive(
        world, "extortionists", "share of ransom", office, columns.district[held], (paid[here] * share).astype(np.int64)
    )


def _count(
    world: World, died: Journeys, stopped: Journeys, home: Journeys, stays: Journeys, arrived: Journeys,
    by_leg: np.ndarray, by_route: np.ndarray,
) -> None:  # fmt: skip
    """Record the month."""
    routes, table = len(world.route_facts), world[TravelState].journeys
    under_way, held = np.empty((2, world.district_count), np.int64)
    count_under_way(table.columns, table.count, under_way, held)

    def by_district(cohorts: Journeys) -> np.ndarray:
        return sum_by(cohorts.district, cohorts.persons, world.district_count)

    persons, route = arrived.persons, arrived.route
    weight = sum_by(route, persons, routes)
    months = np.bincount(route, persons * arrived.months_gone, routes)
    sent_home, stranded, interceptions = (by_district(cohorts) for cohorts in (home, stays, stopped))
    tries = sum_by(stopped.route, stopped.persons, routes)
    for given_up in (home, stays):
        tries -= sum_by(given_up.route, given_up.persons, routes)
    detection = world.params(JourneyParams).detection
    entries: dict[str, int] = {}
    reported: dict[str, float] = {}
    for leg, through in zip(world.leg_facts, by_leg[:, 3].tolist(), strict=True):
        if leg.entry:
            entries[leg.entry] = entries.get(leg.entry, 0) + through
            reported[leg.entry] = reported.get(leg.entry, 0.0) + detection * leg.detected * through
    stopped_on, country, nobody = by_leg[:, 0], world.leg_table.country, np.zeros(routes, np.int64)
    begun = world.figures.get(MarketOutcomes.departures, nobody) + world.figures.get(
        OnwardOutcomes.onward_departures.at("route"), nobody
    )
    world.figures |= {
        JourneyOutcomes.deaths_en_route: by_district(died),
        JourneyOutcomes.interceptions: interceptions,
        JourneyOutcomes.sent_home: sent_home,
        JourneyOutcomes.stranded: stranded,
        JourneyOutcomes.further_attempts: interceptions - sent_home - stranded,
        JourneyOutcomes.irregular_arrivals: by_district(arrived),
        MarketOutcomes.departures: begun,
        JourneyOutcomes.deaths: by_route[:, 1],
        JourneyOutcomes.interceptions.at("route"): by_route[:, 0],
        JourneyOutcomes.arrivals: weight,
        JourneyOutcomes.tries: begun + tries,
        JourneyOutcomes.months_mean: np.where(weight > 0, months / np.maximum(weight, 1), np.nan),
        JourneyOutcomes.under_way: under_way,
        JourneyOutcomes.held_for_exploitation: held,
        JourneyOutcomes.interceptions.at("leg"): stopped_on,
        JourneyOutcomes.deaths.at("leg"): by_leg[:, 1],
        InterceptionOutcomes.held: by_leg[:, 2],
        InterceptionOutcomes.entered: world[LegsState].entered.copy(),
        JourneyOutcomes.europe_entries: sum(entries.values()),
        JourneyOutcomes.europe_detected: sum(round(number) for number in reported.values()),
        JourneyOutcomes.detected_eastern: round(reported.get("Eastern Mediterranean Route", 0.0)),
        JourneyOutcomes.detected_central: round(reported.get("Central Mediterranean Route", 0.0)),
        JourneyOutcomes.stopped_abroad: int(stopped_on[country != HOME_COUNTRY].sum()),
        JourneyOutcomes.stopped_in_iran: int(stopped_on[country == "IRN"].sum()),
    }


ROOM = 16
"""Rows of the tables of a month without travellers."""

RANSOM_ENOUGH = 0.5
"""Share of the ransom asked that is enough for release. Source: assumed."""
