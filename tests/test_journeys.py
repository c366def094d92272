"""Journeys of several attempts: who tries again, what becomes of deposits, who is held, and that nothing is lost."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from markets import FROM_HOME_ONLY, busy_config, cohorts_of, legs_of, take_cohorts, world_after
from worlds import months_of

from abm import conservation
from abm.engine.random import stream_key
from abm.engine.tables import allocate
from abm.journeys.homecoming import arrive, die, go_home
from abm.journeys.journey import (
    JourneyOutcomes,
    JourneyParams,
    JourneyState,
    LegKeys,
    Own,
    _ask_ransoms,
    _may_try_again,
)
from abm.market.conduct import Conduct
from abm.market.kernels.payments import cost_of_attempt
from abm.market.offers import OffersParams, OffersState
from abm.market.offices import close
from abm.market.tables import MarketTables
from abm.model import Model, simulate
from abm.places.places import places_of
from abm.routes.kernels.journey import ARRIVED, DIED, JUST_HELD, STOPPED, advance_journeys, wait_at_closed
from abm.routes.legs import LegsMonth, LegsState
from abm.routes.travel import Journeys, TravelState
from abm.world.codes import ALONE, CREDIT, ESCROW, OFFICE_FREE, UPFRONT
from abm.world.state import World

NO_ENTRY = {"entry": 0.0, "speculative_entry": 0.0, "succession": 0.0}
"""No office opens after the start."""


USUAL = Own(np.full((3, 1), 1.5), 1.5, 2.0, 1)
"""Odds of who goes alone against others, and a month of being held."""


class Passed(NamedTuple):
    """What a month on the legs did."""

    onward: Journeys
    kept: int
    ended: Journeys
    done: int
    by_leg: np.ndarray
    by_route: np.ndarray
    entered: np.ndarray


def advance(
    journeys: Journeys,
    legs: LegsMonth,
    *,
    months: int = 1,
    care: float = 1.0,
    boats: float = 1.0,
    exploit: float = 1.0,
    own: Own = USUAL,
    debt: float = 2.0,
) -> Passed:
    """Advance all cohorts by months on the one route over all the legs; ends of all months together."""
    count, length = journeys.id.size, legs.cost.size
    by_leg, by_route, entered = np.zeros((length, 4), np.int64), np.zeros((1, 2), np.int64), np.zeros(length, np.int64)
    all_ended = allocate(Journeys, 100 * count)
    total = 0
    for month in range(months):
        onward = allocate(Journeys, 3 * max(count, 1))
        ended = allocate(Journeys, 3 * max(count, 1))
        keys = LegKeys(*(np.uint64(stream_key(11, stream, month)) for stream in (1, 2, 3)))
        ends = np.zeros(3, np.int64)
        count = advance_journeys(
            journeys, count, np.arange(length)[None, :], np.array([length]), legs,
            Conduct(np.array([care]), np.array([boats]), np.array([exploit])), own, debt, keys, onward, ended,
            ends, by_leg, by_route, entered, np.zeros((4 * count + 1, 3), np.int32),
            np.zeros((2, 4 * count), np.int32),
        )  # fmt: skip
        done = ends[DIED]
        onward.held[:count] = np.minimum(onward.held[:count], 1)  # families have been asked
        for name in Journeys._fields:
            getattr(all_ended, name)[total : total + done] = getattr(ended, name)[:done]
        total += done
        journeys = onward
    return Passed(journeys, count, all_ended, total, by_leg, by_route, entered)


def persons(table: Journeys, count: int, mask: Any = True) -> int:
    """Persons of some rows."""
    return int((table.persons[:count] * mask).sum())


def test_entries_are_reported_by_the_share_that_is_detected_on_their_leg():
    """A half of a half on one route to Europe, none on the others; and all of them."""
    seas = {"turkey_greece": 0.5, "libya_italy": 0.0, "morocco_spain": 0.0}
    few, everybody = (
        simulate(
            busy_config(places={"legs": {leg: {"detected": share} for leg, share in shares.items()}}, journey=more)
        )
        for shares, more in ((seas, {"detection": 0.5}), (dict.fromkeys(seas, 1.0), {"detection": 1.0}))
    )
    some, whole, legs = few["national"], everybody["national"], everybody["leg"]
    assert whole["detected_eastern"].sum() > 50 and whole["detected_central"].sum() > 0
    np.testing.assert_array_equal(whole["europe_detected"], whole["europe_entries"])
    np.testing.assert_array_equal(some["europe_entries"], whole["europe_entries"])
    np.testing.assert_array_equal(some["detected_eastern"], np.round(0.25 * whole["detected_eastern"]))
    np.testing.assert_array_equal(some["europe_detected"], some["detected_eastern"])
    assert not some["detected_central"].any()
    ended = [legs[what][np.isin(legs["leg"], list(seas))].sum() for what in ("entered", "interceptions", "deaths")]
    still = ended[0] - ended[1] - ended[2] - whole["europe_entries"].sum()
    assert 0 <= still < 0.15 * ended[0]


class TestPieces:
    LEGS = legs_of(3, interception=0.3, death=0.05, extortion=0.2)

    def cohorts(self) -> Journeys:
        rng = np.random.default_rng(3)
        number = 300
        money = {name: rng.integers(0, 10**7, number) for name in ("paid", "deposit", "owed")}
        scheme = rng.choice([UPFRONT, ESCROW, CREDIT, ALONE], number)
        return cohorts_of(number, persons=rng.integers(1, 40, number), scheme=scheme, fee=12_345, **money)

    @pytest.mark.parametrize("months", [1, 2, 4, 9])
    def test_they_share_persons_and_money_to_the_last_rupee(self, months: int):
        before = self.cohorts()
        started = {name: getattr(before, name).astype(np.int64) for name in ("persons", "paid", "deposit", "owed")}
        passed = advance(self.cohorts(), self.LEGS, months=months)
        assert passed.done > 100
        for name, expected in started.items():
            found = np.zeros_like(expected)
            for table, count in ((passed.onward, passed.kept), (passed.ended, passed.done)):
                np.add.at(found, table.id[:count], getattr(table, name)[:count])
            np.testing.assert_array_equal(found, expected, name)

    def test_a_share_is_by_heads(self):
        passed = advance(cohorts_of(200, persons=10, paid=1_000, deposit=500, owed=70), self.LEGS)
        for table, count in ((passed.onward, passed.kept), (passed.ended, passed.done)):
            np.testing.assert_array_equal(table.paid[:count], 100 * table.persons[:count])
            np.testing.assert_array_equal(table.deposit[:count], 50 * table.persons[:count])
            np.testing.assert_array_equal(table.owed[:count], 7 * table.persons[:count])

    def test_they_keep_what_was_agreed(self):
        journeys = cohorts_of(50, persons=20, fee=77, attempts=3, attempt=2, wealth=4, experience=1, office_key=9)
        passed = advance(journeys, self.LEGS)
        for table, count in ((passed.onward, passed.kept), (passed.ended, passed.done)):
            assert count > 0
            for name, value in {
                "fee": 77, "attempts": 3, "attempt": 2, "wealth": 4, "experience": 1, "office_key": 9,
            }.items():  # fmt: skip
                assert (getattr(table, name)[:count] == value).all(), name

    def test_counts_by_leg_are_those_of_the_cohorts(self):
        passed = advance(self.cohorts(), self.LEGS, months=9)
        fate = passed.ended.held[: passed.done]
        assert passed.by_leg[:, 0].sum() == persons(passed.ended, passed.done, fate == STOPPED) == passed.by_route[0, 0]
        assert passed.by_leg[:, 1].sum() == persons(passed.ended, passed.done, fate == DIED) == passed.by_route[0, 1]
        assert passed.by_leg[2, 3] == persons(passed.ended, passed.done, fate == ARRIVED)
        np.testing.assert_array_equal(passed.entered[1:], passed.by_leg[:-1, 3])


class TestOdds:
    """Shares of many persons on one leg, within four and a half standard errors."""

    PERSONS = 40_000

    def shares(self, legs: LegsMonth, **values: Any) -> np.ndarray:
        options = {name: values.pop(name) for name in ("care", "own", "debt") if name in values}
        number = self.PERSONS // 40
        passed = advance(cohorts_of(number, persons=40, **values), legs, **options)
        return passed.by_leg[0] / self.PERSONS

    def check(self, found: float, expected: float) -> None:
        assert abs(found - expected) < 4.5 * np.sqrt(expected * (1.0 - expected) / self.PERSONS)

    def test_death_first_then_interception_then_being_held(self):
        found = self.shares(legs_of(2, death=0.05, interception=0.2, extortion=0.1))
        self.check(found[1], 0.05)
        self.check(found[0], 0.95 * 0.2)
        self.check(found[2], 0.95 * 0.8 * 0.1)
        assert found.sum() == pytest.approx(1.0)

    def test_care_protects(self):
        found = self.shares(legs_of(2, death=0.05, interception=0.2), care=0.8)
        self.check(found[1], 0.04)
        self.check(found[0], 0.96 * 0.2 / 1.2)  # four fifths of the odds of a quarter

    def test_no_care_opens_a_border_that_is_shut(self):
        assert self.shares(legs_of(2, death=0.0, interception=0.98), care=0.75)[0] > 0.96

    def test_alone_is_worse(self):
        own = Own(np.full((3, 1), 1.5), 2.0, 3.0, 1)
        found = self.shares(legs_of(2, death=0.05, interception=0.2, extortion=0.1), own=own, scheme=ALONE, office=-1)
        self.check(found[1], 0.10)
        stopped = 0.375 / 1.375  # half as high again as odds of a quarter
        self.check(found[0], 0.90 * stopped)
        self.check(found[2], 0.90 * (1.0 - stopped) * 0.30)

    def test_who_owes_the_fee_is_held_more_often(self):
        legs = legs_of(2, death=0.0, interception=0.0, extortion=0.1)
        self.check(self.shares(legs, scheme=CREDIT, debt=2.5)[2], 0.25)
        self.check(self.shares(legs, scheme=ESCROW, debt=2.5)[2], 0.10)


class TestWayOn:
    def test_legs_take_their_months(self):
        legs = legs_of(3, months=[1, 3, 2], interception=0.0, death=0.0)
        for months, leg in ((1, 1), (3, 1), (4, 2), (5, 2)):
            passed = advance(cohorts_of(5), legs, months=months)
            assert (passed.onward.leg[: passed.kept] == leg).all() and passed.done == 0
        passed = advance(cohorts_of(5), legs, months=6)
        assert passed.kept == 0 and (passed.ended.held[:5] == ARRIVED).all()
        assert (passed.ended.months_gone[:5] == 6).all()

    def test_the_held_stay_a_while_and_then_go_on(self):
        """One draw of being held a leg: the released are not drawn again."""
        legs = legs_of(2, interception=0.0, death=0.0, extortion=0.5)
        own = Own(np.ones((3, 1)), 1.0, 1.0, 3)
        first = advance(cohorts_of(100), legs, own=own)
        held = first.onward.held[: first.kept] == JUST_HELD - 1
        assert 300 < persons(first.onward, first.kept, held) < 700
        assert (first.onward.months_left[: first.kept][held] == 3).all()
        assert (first.onward.leg[: first.kept][held] == 0).all()
        later = advance(cohorts_of(100), legs, own=own, months=4)
        waiting = later.onward.leg[: later.kept] == 0
        assert not waiting.any() and later.by_leg[0, 3] == 1_000


def ways(world: World) -> tuple[Any, int]:
    """Columns of those under way, and rows in use."""
    return world[TravelState].journeys.columns, world[TravelState].journeys.count


def attempt_costs(world: World, *cases: np.ndarray) -> np.ndarray:
    """Passage, bribes and documents of one person's attempt by case: route, first leg and office."""
    prices, offices = world[OffersState].month.prices, world[MarketTables].offices
    return np.array([cost_of_attempt(*case, prices, offices) for case in zip(*cases, strict=True)])


class TestAttempts:
    def test_those_included_are_made_and_then_it_is_the_way_home(self):
        """Rich offices, walls on the way: whoever is sent home has used up the contract."""
        model = Model(
            busy_config(
                months=18,
                **FROM_HOME_ONLY,
                outputs={"journeys": True},
                offices={"founding_capital": 1e8, "lean_months": 120},
                levers=[{"lever": "border_patrol", "from": "2009-01", "value": 10.0}],
            )
        )
        most, again = {UPFRONT: 2, ESCROW: 3, CREDIT: 2, ALONE: 1}, 0
        for world in months_of(model):
            columns, count = ways(world)
            included = np.array([most[int(scheme)] for scheme in columns.scheme[:count]], np.int64)
            np.testing.assert_array_equal(columns.attempts[:count], included)
            assert (columns.attempt[:count] <= columns.attempts[:count]).all()
            again += int(world.figures[JourneyOutcomes.further_attempts].sum())
            assert (world[MarketTables].offices.capital[world[MarketTables].offices.key >= 0] >= 0).all()
        log = model.tables()["journeys"]
        home = np.isin(log["outcome"], ["sent_home", "stranded"])
        by_name = {"upfront": 2, "escrow": 3, "credit": 2, "alone": 1}
        used = np.array([by_name[str(scheme)] for scheme in log["scheme"]])
        assert home.sum() > 20 and again > 20
        np.testing.assert_array_equal(log["attempts"][home], used[home])

    def test_one_attempt_is_one_attempt(self):
        once = {f"attempts_{scheme}": 1 for scheme in ("upfront", "escrow", "credit")}
        stopped = 0
        for world in months_of(Model(busy_config(months=14, offers=once, **FROM_HOME_ONLY))):
            assert world.figures[JourneyOutcomes.further_attempts].sum() == 0
            np.testing.assert_array_equal(
                world.figures[JourneyOutcomes.sent_home] + world.figures[JourneyOutcomes.stranded],
                world.figures[JourneyOutcomes.interceptions],
            )
            stopped += int(world.figures[JourneyOutcomes.interceptions].sum())
        assert stopped > 0

    def test_more_attempts_bring_more_of_the_stopped_there(self):
        def share(attempts: int) -> float:
            offers = {f"attempts_{scheme}": attempts for scheme in ("upfront", "escrow", "credit")}
            model = Model(busy_config(months=24, offers=offers, outputs={"journeys": True}))
            for _ in months_of(model):
                pass
            log = model.tables()["journeys"]
            early = (log["scheme"] != "alone") & (log["month"] < np.datetime64("2009-09"))
            arrived = early & (log["outcome"] == "arrived")
            return float(log["persons"][arrived].sum() / log["persons"][early].sum())

        assert share(4) > share(1) + 0.1

    def test_an_office_pays_for_every_attempt(self):
        """Passage, bribes and documents of departures and of further attempts, to the rupee.

        Care stands still (its speed is 0), no office closes: what an attempt costs is known at the end of the month.
        """
        again = 0
        offices = NO_ENTRY | {"founding_capital": 1e8, "lean_months": 120, "care_speed": 0.0}
        off = {name: {"enabled": False} for name in ("onward", "prosecution", "transit")}
        fair = {"legs": {facts.key: {"weather": [1.0] * 12} for facts in places_of().legs if facts.weather}}
        for world in months_of(Model(busy_config(months=12, offices=offices, mechanisms=off, places=fair))):
            columns, count = ways(world)
            leg = columns.leg[:count].astype(np.int64)
            wait = world[LegsState].month.months[world.route_legs[columns.route[:count], leg]]
            wait = wait + world.config.journey.retry_wait
            theirs = (columns.held[:count] == 0) & (columns.office[:count] >= 0)
            later = theirs & (columns.attempt[:count] > 1) & (columns.months_left[:count] == wait)
            assert persons(columns, count, later) == world.figures[JourneyOutcomes.further_attempts].sum()
            begun = later | ((columns.started[:count] == world.t) & (columns.office[:count] >= 0))
            office = columns.office[:count].astype(np.int64)
            costs = attempt_costs(world, columns.route[:count], leg, office).sum(axis=1) * columns.persons[:count]
            spent = sum(
                amount for (payer, _, kind), amount in world.ledger.flows.items()
                if payer == "offices" and kind in ("passage", "bribe", "documents")
            )  # fmt: skip
            assert spent == costs[begun].sum()
            again += int(later.sum())
        assert again > 0

    def test_alone_it_costs_what_was_said_before(self):
        """What those who go alone compare with the offers is what they then pay for: singly, everything is dearer."""
        world = world_after(1)
        alone = world[OffersState].month.alone.cost[0]
        routes = np.flatnonzero(np.isfinite(alone))
        parts = attempt_costs(world, routes, np.zeros_like(routes), np.full(routes.size, -1))
        assert (parts[:, :2] > 0).any(axis=0).all()
        assert not parts[:, 2].any(), "nobody needs papers by land to Iran"
        fare = world.params(OffersParams).alone_fare * world[OffersState].home_km[0][0, routes]
        np.testing.assert_allclose(parts.sum(axis=1), alone[routes] - fare, atol=3.0)

    def test_none_once_the_office_is_gone(self):
        """All offices close: who is stopped from then on goes home, whatever was agreed."""
        model = Model(busy_config(months=14, offices=NO_ENTRY, **FROM_HOME_ONLY))
        for _ in range(6):
            model.step()
        world = model.world
        assert world.figures[JourneyOutcomes.further_attempts].sum() > 0
        rows = np.flatnonzero(world[MarketTables].offices.state != OFFICE_FREE)
        close(world, rows, np.zeros(rows.size, bool))
        assert conservation.check(world) == []
        columns, count = ways(world)
        could = (columns.attempt[:count] < columns.attempts[:count]).sum()
        assert could > 0 and (columns.office[:count] == -1).all()
        stopped = 0
        for _ in range(6):
            model.step()
            assert conservation.check(world) == []
            assert world.figures[JourneyOutcomes.further_attempts].sum() == 0
            stopped += int(world.figures[JourneyOutcomes.interceptions].sum())
            assert (world[JourneyState].caught.office == -1).all()
        model.close()
        assert stopped > 0


@pytest.fixture
def under_escrow() -> World:
    """A world in which many travel with their fee in escrow."""
    world = world_after(6, offers={"credit_taste": 6.0, "escrow_trust": 1.0})
    columns, count = ways(world)
    assert (columns.deposit[:count] > 0).sum() > 5
    return world


class TestDeposits:
    def test_only_escrow_has_them(self, under_escrow: World):
        columns, count = ways(under_escrow)
        np.testing.assert_array_equal(columns.deposit[:count] > 0, columns.scheme[:count] == ESCROW)

    @pytest.mark.parametrize("end", [go_home, die])
    def test_they_come_back_when_it_fails(self, under_escrow: World, end: Any):
        """Less what the holder keeps, and less what does not divide among the households of a row."""
        world = under_escrow
        columns, count = ways(world)
        fates = take_cohorts(world, columns.deposit[:count] > 0)
        deposit, rows = fates.deposit, fates.row
        weight = world.weight[fates.district]
        due = (deposit - (deposit * world.config.offers.holder_share).astype(np.int64)) // weight
        assets = world.households.assets.astype(np.int64)
        np.add.at(assets, rows, due)
        before = dict(world.ledger.balances)
        world.ledger.open_month()
        end(world, fates)
        np.testing.assert_array_equal(world.households.assets, assets)
        paid = world.ledger.flows["escrow", "households", "deposit returned"]
        assert paid == (due * weight).sum()
        assert world.ledger.flows["escrow", "money_holders", "holding of deposits"] == deposit.sum() - paid
        assert world.ledger.balances["escrow"] == before["escrow"] - deposit.sum() == 0
        assert world.ledger.balances["offices"] == before["offices"]
        assert conservation.check(world) == []

    def test_they_are_released_on_arrival(self, under_escrow: World):
        """To the office, which shares with its associates; nothing comes back to the household."""
        world = under_escrow
        columns, count = ways(world)
        fates = take_cohorts(world, columns.deposit[:count] > 0)
        held, office = fates.deposit, fates.office
        due = held - (held * world.config.offers.holder_share).astype(np.int64)
        share = (due * world.config.offices.associate_share).astype(np.int64)
        capital, assets = world[MarketTables].offices.capital.copy(), world.households.assets.copy()
        here = office >= 0
        np.add.at(capital, office[here], (due - share)[here])
        world.ledger.open_month()
        arrive(world, fates)
        world.settle()
        np.testing.assert_array_equal(world[MarketTables].offices.capital, capital)
        np.testing.assert_array_equal(world.households.assets, assets)
        flows = world.ledger.flows
        assert flows["escrow", "offices", "deposit released"] == due[here].sum()
        assert flows["escrow", "money_holders", "holding of deposits"] == (held - due).sum()
        assert world.ledger.balances["escrow"] == 0
        assert conservation.check(world) == []

    def test_of_an_office_that_is_gone_the_owners_take_them(self, under_escrow: World):
        world = under_escrow
        rows = np.flatnonzero(world[MarketTables].offices.state != OFFICE_FREE)
        close(world, rows, np.zeros(rows.size, bool))
        columns, count = ways(world)
        fates = take_cohorts(world, columns.deposit[:count] > 0)
        held = fates.deposit
        due = held - (held * world.config.offers.holder_share).astype(np.int64)
        world.ledger.open_month()
        arrive(world, fates)
        world.settle()
        assert world.ledger.flows["escrow", "office_owners", "deposit released"] == due.sum()
        assert world[MarketTables].offices.capital.sum() == 0 and conservation.check(world) == []


class TestHeld:
    def test_without_a_ransom_to_pay_all_go_free_soon(self):
        model = Model(busy_config(months=10, journey={"ransom": 0.0}))
        held = 0
        for world in months_of(model):
            columns, count = ways(world)
            mine = columns.held[:count] > 0
            assert (columns.months_left[:count][mine] == 1).all()
            assert world.figures[JourneyOutcomes.ransoms_paid].sum() == 0
            held += int(world.figures[JourneyOutcomes.held_for_exploitation].sum())
        assert held > 0

    def test_ransom_or_months(self):
        """Those held were either paid for, or work for as long as it takes: few, as most can raise half."""
        values = {"ransom": 2_000_000.0, "held_months": 9, "alone_extortion": 10.0}
        ransomed = working = 0
        little_credit = {"credit_months": 6.0, "land_months": 0.0}
        for world in months_of(Model(busy_config(months=10, journey=values, livelihood=little_credit))):
            columns, count = ways(world)
            mine = columns.held[:count] > 0
            left = columns.months_left[:count][mine]
            assert ((left >= 1) & (left <= 9)).all()
            working += int((left == 9).sum())
            fresh = mine & (columns.months_left[:count] == 1) & (columns.months_gone[:count] < 9)
            # 2,000,000 asked per person, at least half of it paid for those who are free next month
            assert (columns.paid[:count][fresh] >= 800_000 * columns.persons[:count][fresh]).all()
            ransomed += int(fresh.sum())
            paid = world.ledger.flows.get(("households", "extortionists", "ransom"), 0)
            assert paid == world.figures[JourneyOutcomes.ransoms_paid].sum()
        assert ransomed > 0 and working > 0


class TestClosedLegs:
    def test_a_further_attempt_waits_for_its_leg(self):
        """Those at their first attempt are on the leg by then, and those held wait for their release."""
        journeys = allocate(Journeys, 4)
        journeys.id[:], journeys.attempt[:], journeys.held[:] = range(4), [2, 1, 2, 2], [0, 0, 0, 1]
        journeys.persons[:] = 7
        for is_open, found, begun in ((0.0, [4, 3, 2, 3], 0), (1.0, [3, 3, 2, 3], 7)):
            journeys.months_left[:], entered = [3, 3, 2, 3], np.zeros(1, np.int64)
            wait_at_closed(
                journeys, 4, np.array([[0]]), np.array([1]), np.array([2]), np.array([is_open]),
                stream_key(1, 1, 1), entered,
            )  # fmt: skip
            assert journeys.months_left.tolist() == found and entered[0] == begun

    def test_a_closed_route_stops_those_who_set_out_and_not_those_pushed_back_to_a_border(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        world = world_after(6)
        monkeypatch.setattr("abm.journeys.journey.can_pay_again", lambda *values: values[-1].fill(True))
        world[LegsState].open_routes[:] = 0.0
        place = world.route_again.max(axis=1)
        route = int(np.flatnonzero(place > 0)[0])
        stopped = Journeys(*np.zeros((len(Journeys._fields), 2), np.int64))
        stopped.route[:] = route
        stopped.leg[:] = [0, int(np.flatnonzero(world.route_again[route] > 0)[0])]
        assert _may_try_again(world, stopped).tolist() == [False, True]


def test_one_family_pays_a_ransom_and_not_all_that_a_row_stands_for():
    """It has 40,000 rupees and no credit: too little for 150,000, however many others there are."""
    no_credit = {"credit_months": 0.0, "land_months": 0.0, "tie_credit": 0.0}
    world = world_after(3, livelihood=no_credit)
    journeys = world[TravelState].journeys
    row, district = 0, int(world.villages.district[0])
    assert world.weight[district] > 10
    journeys.rows.held[:] = 0
    own = {"id": 10**6, "row": row, "persons": 1, "district": district, "office": -1, "office_key": -1, "origin": -1}
    own |= {"held": JUST_HELD, "months_left": 1, "attempt": 1}
    journeys.append(**(dict.fromkeys(Journeys._fields, 0) | own))
    world.households.assets[row], world.households.debt[row] = 40_000, 0
    world.district_month["departure_buffer"] = 0.0
    _ask_ransoms(world)
    held = journeys.rows
    assert held.months_left[-1] == world.params(JourneyParams).held_months
    assert 0 < held.paid[-1] <= 40_000
