"""The counter of the market: who takes which offer, who waits, who is cheated, who is paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from markets import FROM_HOME_ONLY, busy_config, offices_of, world_after
from scenes import world_of_three
from worlds import months_of

from abm import conservation
from abm.departure.applications import choices_of
from abm.departure.kernels.departure import serve_in_order, set_off
from abm.engine.random import stream_key
from abm.engine.tables import allocate
from abm.journeys.journey import JourneyOutcomes
from abm.market.kernels.clients import Contracts, add_up
from abm.market.kernels.offers import take_offers
from abm.market.kernels.offices import hand_over
from abm.market.market import Market, MarketState, _count, _price_of_basket
from abm.market.offers import CARE_STEPS, Alone, OffersOutcomes, OffersParams, OffersState, local_knowledge
from abm.market.office_entry import OfficeEntryState
from abm.market.outcomes import MarketOutcomes
from abm.market.tables import Clients, MarketTables, Offices
from abm.model import Model, simulate
from abm.month import OUTCOMES
from abm.places.options import IRREGULAR_WAY
from abm.routes.travel import TravelState
from abm.world.codes import ALONE, CREDIT, ESCROW, NEWS_CHEATED, OFFICE_OPEN, PIECE, STREAM_OFFER, UPFRONT
from abm.world.state import World

STEP = Market.step


ALONE_ONLY = {"opening": 0.0, "entry": 0.0, "speculative_entry": 0.0}
"""No office ever opens."""


def choices(
    weight: Any,
    advance: Any,
    *,
    clients: int = 20_000,
    means: float = 1e6,
    alone: tuple[float, float] = (np.inf, 0.0),
    nearness: Any = None,
    loyal: int = -1,
    gone: tuple[int, ...] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Offices and schemes that clients of one district and route take; offers by office and scheme."""
    weight, advance = np.asarray(weight, float), np.asarray(advance, float)
    number = weight.shape[0]
    office, scheme = np.zeros(clients, np.int64), np.zeros(clients, np.int64)
    nobody, somebody = np.zeros(clients, np.int64), np.arange(clients)
    going = Alone(*(np.array([[value]]) for value in (alone[0], 1.0, 0.0, alone[1])))
    positions = np.arange(number)
    positions[list(gone)] = -1
    take_offers(
        nobody, nobody, np.full(clients, means), somebody, np.uint64(stream_key(5, STREAM_OFFER, 3)),
        np.arange(number), np.array([0, number]), np.ones(number) if nearness is None else np.asarray(nearness, float),
        np.arange(number)[None, :], weight, advance, going, np.full(clients, loyal), positions, office, scheme,
        np.zeros(1, np.int64), np.zeros(clients, np.int64), *np.zeros((3, 3 * number + 1)),
        *np.zeros((2, 3 * number + 1), np.int64),
    )  # fmt: skip
    return office, scheme


class TestOffersTaken:
    def test_they_follow_the_weights(self):
        """Shares of all offices, schemes and of going alone, within four and a half standard errors."""
        weight = np.array([[1.0, 2.0, 0.5], [4.0, 0.0, 1.5]])
        office, scheme = choices(weight, np.ones((2, 3)), alone=(5.0, 1.0), nearness=[1.0, 0.5])
        total = 1.0 + weight[0].sum() + 0.5 * weight[1].sum()
        for j in range(2):
            for s in range(3):
                expected = weight[j, s] * (1.0, 0.5)[j] / total
                found = ((office == j) & (scheme == s)).mean()
                assert abs(found - expected) < 4.5 * np.sqrt(expected * (1 - expected) / office.size) + 1e-9
        own = (office == -1).mean()
        assert abs(own - 1.0 / total) < 4.5 * np.sqrt(own * (1 - own) / office.size)
        assert (scheme[office == -1] == ALONE).all()

    def test_going_alone_is_that_of_their_district_and_route(self):
        """Without offices: two districts, two routes, of which one each is within means or open at all."""
        district, route = (np.tile(np.array(rows), 50) for rows in ([0, 0, 1, 1], [0, 1, 0, 1]))
        number = district.size
        office, scheme = np.zeros(number, np.int64), np.zeros(number, np.int64)
        cost, weight = np.array([[4.0, 6.0], [np.inf, 5.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
        nothing, nobody = np.zeros((0, 3)), np.zeros(0, np.int64)
        take_offers(
            district, route, np.full(number, 5.0), np.arange(number), np.uint64(stream_key(5, STREAM_OFFER, 3)),
            nobody, np.zeros(3, np.int64), np.zeros(0), np.zeros((2, 0), np.int64), nothing, nothing,
            Alone(cost, np.ones((2, 2)), np.zeros((2, 2)), weight), np.full(number, -1), nobody, office, scheme,
            np.zeros(4, np.int64), np.zeros(number, np.int64), *np.zeros((3, 1)), *np.zeros((2, 1), np.int64),
        )  # fmt: skip
        assert (office == np.where(cost[district, route] <= 5.0, -1, -2)).all()
        assert (scheme[office == -1] == ALONE).all()

    def test_what_is_beyond_their_means_is_not_taken(self):
        office, scheme = choices(np.ones((2, 3)), [[9.0, 9.0, 3.0], [9.0, 5.0, 9.0]], means=5.0, alone=(6.0, 1.0))
        assert set(zip(office.tolist(), scheme.tolist(), strict=True)) == {(0, CREDIT), (1, ESCROW)}

    def test_who_can_pay_nothing_finds_nothing(self):
        office, _ = choices(np.ones((2, 3)), np.full((2, 3), 9.0), means=8.0, alone=(9.0, 1.0))
        assert (office == -2).all()

    def test_the_loyal_go_back_and_take_what_they_like_best_there(self):
        office, scheme = choices([[1.0, 1.0, 3.0], [9.0, 9.0, 9.0]], np.ones((2, 3)), loyal=0)
        assert (office == 0).all() and (scheme == CREDIT).all()

    def test_the_loyal_go_elsewhere_when_their_office_is_gone_or_too_dear(self):
        offers = [[1.0, 1.0, 3.0], [9.0, 9.0, 9.0]]
        gone, _ = choices(offers, np.ones((2, 3)), loyal=0, gone=(0,))
        free, _ = choices(offers, np.ones((2, 3)))
        np.testing.assert_array_equal(gone, free)
        dear, _ = choices(offers, [[9.0, 9.0, 9.0], [1.0, 1.0, 1.0]], means=5.0, loyal=0)
        assert (dear == 1).all()


class TestQueues:
    def serve(self, offices: list[int], persons: list[int], unused: list[float]) -> tuple[list[int], list[float]]:
        served, left, asked = np.zeros(len(offices), np.int64), np.array(unused), np.zeros(len(unused), np.int64)
        serve_in_order(np.array(offices), np.array(persons), left, asked, served)
        assert asked.sum() == sum(n for n, office in zip(persons, offices, strict=True) if office >= 0)
        return served.tolist(), left.tolist()

    def test_first_come_first_served(self):
        assert self.serve([0, 1, 0, 0], [4, 2, 3, 5], [6.0, 10.0]) == ([4, 2, 2, 0], [0.0, 8.0])

    def test_half_a_place_is_none(self):
        assert self.serve([0, 0], [1, 1], [1.75]) == ([1, 0], [0.75])

    def test_who_goes_alone_waits_for_nobody(self):
        assert self.serve([-1, 0], [50, 1], [0.0]) == ([50, 0], [0.0])

    def test_no_office_sends_off_more_than_it_can(self, monkeypatch: pytest.MonkeyPatch):
        """In a month its places and those of a piece of a cohort; since it opened, what its capacity adds up to."""
        sent, places = np.zeros(10_000), np.zeros(10_000)
        busiest = 0.0

        def market(world: World) -> None:
            nonlocal busiest
            offices = world[MarketTables].offices
            rows = np.flatnonzero(offices.state == OFFICE_OPEN)
            capacity = offices.capacity[rows].copy()
            STEP(world)
            went = offices.dispatched[rows]
            assert (went <= np.maximum(capacity, PIECE) + 1.0).all()
            places[offices.key[rows]] += capacity
            sent[offices.key[rows]] += went
            assert (sent <= places + 1e-6).all()
            busiest = max(busiest, float((went / capacity).max()))

        monkeypatch.setattr(Market, "step", staticmethod(market))
        world = world_after(24)
        assert sent.sum() > 0
        assert busiest > 0.9, "no office was near its limit: the test shows nothing"
        assert world.figures[MarketOutcomes.waiting_clients].sum() > 0

    def test_larger_offices_send_off_more(self):
        """Capacity binds: with four times the places more leave where few would go without an office."""
        few, many = (
            simulate(busy_config(offices={"capacity": size, "entry": 0.0, "growth": 0.0}, offers={"alone_taste": 6.0}))
            for size in (2.0, 8.0)
        )
        left, right = few["national"], many["national"]
        assert right["irregular_departures"].sum() > 1.5 * left["irregular_departures"].sum()

    @pytest.mark.parametrize("patience", [0.0, 2.0, 8.0])
    def test_nobody_waits_longer_than_patience_lasts(self, patience: float):
        gave_up = 0
        for world in months_of(Model(busy_config(months=14, market={"patience": patience}))):
            columns, count = world[MarketTables].clients.columns, world[MarketTables].clients.count
            assert (world.t - columns.due[:count] < patience).all()
            gave_up += int(world.figures[MarketOutcomes.clients_unserved].sum())
        assert gave_up > 0

    def test_the_queue_stays_in_order_of_arrival(self):
        for world in months_of(Model(busy_config(months=10))):
            due = world[MarketTables].clients.columns.due[: world[MarketTables].clients.count]
            assert (np.diff(due) >= 0).all()
        assert due.size > 10


def test_medians_are_those_of_the_persons_and_not_of_the_cohorts():
    """Fees of every group, a person each and in order: the one at which half of them have passed."""
    rng = np.random.default_rng(8)
    number, routes = 400, 5
    fee, persons, district = (rng.integers(1, most, number) for most in (300, 9, 3))
    route, scheme = rng.integers(0, routes - 1, number), rng.integers(0, 4, number)
    by_route, by_scheme, medians = np.zeros(routes, np.int64), np.zeros((4, 3), np.int64), np.zeros(5 + routes)
    work = np.zeros((2, medians.size), np.int64)
    add_up(fee, np.argsort(fee), persons, district, route, scheme, by_route, by_scheme, *work, medians)
    hired = scheme != ALONE
    groups = [*(scheme == s for s in range(4)), hired, *(hired & (route == r) for r in range(routes))]
    for found, mine in zip(medians, groups, strict=True):
        each = np.sort(np.repeat(fee[mine], persons[mine]))
        np.testing.assert_equal(found, each[(each.size - 1) // 2] if each.size else np.nan)
    np.testing.assert_array_equal(by_route, np.bincount(route, persons, routes))
    assert by_scheme[ESCROW, 1] == persons[(scheme == ESCROW) & (district == 1)].sum()


def test_clients_of_a_closing_office_go_to_the_most_reputable_one_of_their_district_and_route():
    offices = offices_of(5, district=[0, 0, 0, 1, 0], corridors=[3, 1, 3, 3, 2], reputation=[0.9, 0.8, 0.5, 1.0, 0.7])
    clients = allocate(Clients, 5)
    clients.office[:], clients.district[:], clients.route[:] = [0, 0, 2, -1, 0], [0, 0, 0, 0, 2], [0, 1, 0, 0, 0]
    closing, gone = np.arange(5) == 0, np.zeros(5, bool)
    hand_over(clients, offices, closing, np.array([1, 2]), gone)
    assert clients.office.tolist() == [1, 4, 2, -1, 0]
    assert gone.tolist() == [False, False, False, False, True]


class TestCheating:
    @staticmethod
    def record(monkeypatch: pytest.MonkeyPatch, months: int = 18, **fixed: float) -> Callable[..., dict[str, int]]:
        """A run whose offices all have the same integrity or reputation when clients come; persons by what happened."""

        def run(**values: Any) -> dict[str, int]:
            def market(world: World) -> None:
                for name, value in (fixed | {k: values[k] for k in values if k in Offices._fields}).items():
                    getattr(world[MarketTables].offices, name)[:] = value
                STEP(world)

            monkeypatch.setattr(Market, "step", staticmethod(market))
            found = dict.fromkeys(("cheated", "upfront", "others"), 0)
            config = {name: value for name, value in values.items() if name not in Offices._fields}
            for world in months_of(Model(busy_config(months=months, **config))):
                figures = world.figures
                others = sum(
                    int(figures[OUTCOMES[f"departures_{name}"]].sum()) for name in ("alone", "escrow", "credit")
                )
                found["cheated"] += int(figures[MarketOutcomes.cheated].sum())
                found["others"] += others
                found["upfront"] += int(figures[MarketOutcomes.irregular_departures].sum()) - others
                _, persons, _, office = world.news.of(NEWS_CHEATED)
                assert persons.sum() == figures[MarketOutcomes.cheated].sum() and (office >= 0).all()
            return found

        return run

    @staticmethod
    def share(found: dict[str, int]) -> float:
        return found["cheated"] / (found["cheated"] + found["upfront"])

    def test_more_with_little_integrity(self, monkeypatch: pytest.MonkeyPatch):
        run = self.record(monkeypatch, reputation=0.6)
        shares = [self.share(run(integrity=integrity)) for integrity in (0.0, 0.7, 1.0)]
        assert shares[0] > 2.0 * shares[1] > 0.0 == shares[2]

    def test_more_with_a_bad_name(self, monkeypatch: pytest.MonkeyPatch):
        run = self.record(monkeypatch, integrity=0.3)
        bad, good = (self.share(run(reputation=name)) for name in (0.0, 0.9))
        assert bad > 2.0 * good > 0.0

    def test_more_where_the_future_is_short(self, monkeypatch: pytest.MonkeyPatch):
        """Who reckons with arrest within months has no name to lose."""
        run = self.record(monkeypatch, integrity=0.3, reputation=0.9)
        short, long = (self.share(run(risk=risk)) for risk in (0.5, 0.0))
        assert short > 2.0 * long > 0.0

    def test_none_under_escrow_on_credit_or_alone(self, monkeypatch: pytest.MonkeyPatch):
        """Where everybody who pays upfront is cheated, all who left paid otherwise."""
        run = self.record(monkeypatch, integrity=0.0, reputation=0.0)
        found = run(market={"cheating": 1.0})
        assert found["cheated"] > 0 and found["others"] > 0
        assert found["upfront"] == 0

    def test_none_where_nobody_cheats(self, monkeypatch: pytest.MonkeyPatch):
        assert self.record(monkeypatch, integrity=0.0)(market={"cheating": 0.0})["cheated"] == 0

    def test_the_money_of_the_cheated_is_gone_and_they_are_still_at_home(self):
        """Offices receive more in fees than those who left have paid, in the months in which they cheat."""
        some = False
        for world in months_of(Model(busy_config(months=12, market={"cheating": 1.0}))):
            assert conservation.check(world) == []
            paid = world.ledger.flows.get(("households", "offices", "smuggling fee"), 0)
            columns, count = world[TravelState].journeys.columns, world[TravelState].journeys.count
            fresh = (columns.started[:count] == world.t) & np.isin(columns.scheme[:count], (UPFRONT, CREDIT))
            fresh &= columns.origin[:count] < 0  # those who go on from abroad pay there
            cheated = world.figures[MarketOutcomes.cheated].sum() > 0
            assert (paid > columns.paid[:count][fresh].sum()) == cheated
            some |= cheated
        assert some


class TestGoingAlone:
    def test_what_left_the_household_reached_the_transporters_officials_and_forgers(self):
        """To the rupee, every month, where nobody has an office to go to."""
        total = 0
        kinds = {("transporters", "passage"), ("officials", "bribe"), ("forgers", "documents")}
        units = ("gwadar", "quetta", "gujrat")
        for world in months_of(Model(busy_config(units=units, months=10, offices=ALONE_ONLY, **FROM_HOME_ONLY))):
            flows = world.ledger.flows
            reached = sum(flows.get(("households", *end), 0) for end in kinds)
            columns, count = world[TravelState].journeys.columns, world[TravelState].journeys.count
            fresh = columns.started[:count] == world.t
            assert (columns.scheme[:count] == ALONE).all() and (columns.office[:count] == -1).all()
            assert reached == columns.paid[:count][fresh].sum()
            assert not any("offices" in (payer, payee) for payer, payee, _ in flows)
            assert np.isnan(world.figures[MarketOutcomes.fee_median])
            assert np.isnan(world.figures[MarketOutcomes.escrow_share])
            total += reached
        assert total > 0

    def test_it_is_more_dangerous_and_worse_sold(self):
        world = world_after(2)
        alone, odds = world[OffersState].month.alone, world[OffersState].odds
        on_foot = np.array([route.alone for route in world.route_facts])
        assert 3 <= on_foot.sum() < on_foot.size
        assert (alone.success[:, on_foot] < odds.success[on_foot, CARE_STEPS // 2, UPFRONT]).all()
        assert (alone.weight[:, on_foot] > 0.0).all() and np.isfinite(alone.cost[:, on_foot]).all()
        assert (alone.weight[:, ~on_foot] == 0.0).all(), "nobody crosses the sea alone, or begins at home what does not"
        assert np.isinf(alone.cost[:, ~on_foot]).all()

    def test_the_farther_from_home_the_dearer_and_the_more_dangerous_it_is(self):
        """The fare to the route, and the odds of being stopped on a border far from home."""
        world = world_after(1, units=("gwadar", "quetta", "gujrat"))
        alone, row = world[OffersState].month.alone, [str(unit) for unit in world.units.unit]
        near, far = row.index("gwadar"), row.index("gujrat")
        to_start = world[OffersState].home_km[0]
        some = 0
        for r, route in enumerate(world.route_facts):
            if route.alone and to_start[near, r] < to_start[far, r]:
                fare = OffersParams().alone_fare * (to_start[far, r] - to_start[near, r])
                assert alone.cost[far, r] - alone.cost[near, r] == pytest.approx(fare, abs=1.0)
                assert alone.success[far, r] < alone.success[near, r]
                assert alone.weight[far, r] < alone.weight[near, r]
                some += 1
        assert some >= 3
        assert (local_knowledge(world)[near] >= local_knowledge(world)[far]).all()
        assert local_knowledge(world)[near].max() > 100.0 * local_knowledge(world)[far].max()

    def test_no_second_attempt_is_included(self):
        units = ("gwadar", "quetta", "gujrat")
        for world in months_of(Model(busy_config(units=units, months=14, offices=ALONE_ONLY, **FROM_HOME_ONLY))):
            assert world.figures[JourneyOutcomes.further_attempts].sum() == 0
            np.testing.assert_array_equal(
                world.figures[JourneyOutcomes.interceptions],
                world.figures[JourneyOutcomes.sent_home] + world.figures[JourneyOutcomes.stranded],
            )
        assert (world.record.national_series()["interceptions"] > 0).any()


class TestSettingOff:
    def test_a_part_of_a_cohort_leaves_if_not_all_can(self):
        """Nobody is sent who is not at home; what the household pays is a multiple of those it stands for."""
        world = world_after(1)
        households, month = world.households, world.district_month
        row = int(world.villages.first_row[0])
        weight = int(world.weight[world.villages.district[0]])
        households.away[row] = int(households.workers[row]) * weight - 3
        households.assets[row] = 10_000_000
        before, persons = int(households.assets[row]), np.array([8])
        paid, borrowed = np.zeros(1, np.int64), np.zeros(1, np.int64)
        set_off(
            np.array([row]), persons, np.array([100_000]), np.array([world.villages.district[0]]), month, households,
            paid, borrowed,
        )  # fmt: skip
        assert persons[0] == 3 and borrowed[0] == 0
        assert households.away[row] == int(households.workers[row]) * weight
        assert paid[0] == 100_000 * 3 // weight * weight == (before - int(households.assets[row])) * weight


def test_every_client_leaves_is_cheated_gives_up_or_waits():
    """Nobody who joins a queue is lost: those who cannot pay at their turn count as unserved."""
    model = Model(busy_config())
    waiting = joined_ever = 0
    while model.running:
        model.step()
        world = model.world
        joined = int(choices_of(world, IRREGULAR_WAY).persons.sum())
        joined += int(world[MarketState].again.persons.sum())
        ends = (MarketOutcomes.irregular_departures, MarketOutcomes.cheated, MarketOutcomes.clients_unserved)
        now = int(world[MarketTables].clients.columns.persons[: world[MarketTables].clients.count].sum())
        assert now - waiting == joined - sum(int(world.figures[end].sum()) for end in ends)
        waiting, joined_ever = now, joined_ever + joined
    assert joined_ever > 1000 and waiting > 0


def test_fees_of_the_routes_lie_in_the_order_of_their_length():
    """Europe is dearer than Turkey, Turkey than Iran, papers by air dearest."""
    world = world_after(1)
    fees = {route.key: world.figures[OffersOutcomes.fee_quoted][r] for r, route in enumerate(world.route_facts)}
    assert fees["iran_by_taftan"] < fees["turkey_by_taftan"] < fees["greece_by_taftan"] < fees["italy_by_land"]
    assert fees["germany_by_land"] < fees["air_germany"]


def test_those_who_hire_an_office_are_all_who_leave_but_those_alone():
    """Also on a route that both take."""
    columns = {"persons": [3, 4, 5], "route": [1, 1, 2], "scheme": [ALONE, UPFRONT, CREDIT]}
    world, nothing = world_of_three(0), Contracts(*np.zeros((len(Contracts._fields), 3), np.int64))
    _count(world, nothing._replace(**{name: np.array(values) for name, values in columns.items()}))
    assert world[OfficeEntryState].hired[:4].tolist() == [0, 4, 5, 0]
    assert world.figures[MarketOutcomes.departures][:4].tolist() == [0, 7, 5, 0]


def test_the_basket_of_fees_keeps_the_routes_of_the_first_year():
    """It holds contracts with offices alone; a route that nobody takes any more keeps its price."""
    hired, first = 0, np.zeros(0)
    for world in months_of(Model(busy_config(months=15))):
        state, figures = world[MarketState], world.figures
        agreed, known = figures[MarketOutcomes.fee_median.at("route")], ~np.isnan(state.agreed)
        mean = np.average(state.agreed[known], weights=state.basket[known])
        assert figures[MarketOutcomes.fee_basket] == pytest.approx(mean)
        now = ~np.isnan(agreed)
        assert (state.agreed[now] == agreed[now]).all()
        if world.t < 12:
            alone = figures[MarketOutcomes.departures_alone].sum()
            hired += int(figures[MarketOutcomes.irregular_departures].sum() - alone)
            first = state.basket.copy()
    assert (state.basket == first).all() and first.sum() == hired > 0
    before = figures[MarketOutcomes.fee_basket]
    dearer = np.where(np.arange(agreed.size) == first.argmax(), np.nan, 2.0 * state.agreed)
    assert before < _price_of_basket(world, dearer) < 2.0 * before
