"""How offices answer: prices, care, growth, and where they open and move."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from markets import offices_of
from scenes import LEFT, MIDDLE, RIGHT, put_offices, world_of_three

from abm.choice.announcements import _odds
from abm.market.care import care_that_pays, reckoning_of
from abm.market.kernels.offices import adapt, concentration
from abm.market.offers import Offers, OffersState, _alone, distance_weight, priced_danger, reach_of, way_of
from abm.market.office_entry import (
    OfficeEntryState,
    OfficesParams,
    _fears,
    _shares_of_corridors,
    beyond_places,
    enter,
    found,
    move_house,
    open_first,
    split,
)
from abm.market.offices import UNSERVED_MONTHS, Offices, _count, _pay_owners, close, expected_gain
from abm.market.outcomes import MarketOutcomes, OfficesOutcomes
from abm.market.referral import ReferralState
from abm.market.tables import MarketTables, RisksState, clients_expected
from abm.routes import LegsState, usual_stops
from abm.society.drivers import EconomyState
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN, T_AWAY, T_MEMBERS, UPFRONT
from abm.world.state import World


def adapted(
    count: int,
    *,
    speed: float = 1.0,
    loss: float = 0.0,
    legal: float = 1.0,
    fade: float = 0.0,
    word: float = 2.0,
    **values: Any,
) -> Any:
    """Offices of ten places after a month in which they close the whole of every gap; `values` by office."""
    offices = offices_of(count, **({"asked": 10, "revenue": 2, "spent": 1} | values))
    adapt(
        offices, np.arange(count), np.full(count, loss), speed, 0.45 * legal, 0.35, 0.04, 150.0, fade, 20.0, 0.6, word
    )
    return offices


class TestConduct:
    def test_the_markup_rises_with_the_load(self):
        """By its logarithm, within a fifth and five times the places."""
        offices = adapted(5, asked=[0, 5, 10, 30, 900])
        load = np.array([0.2, 0.5, 1.0, 3.0, 5.0])
        np.testing.assert_allclose(offices.markup, 0.45 * (1.0 + 0.35 * np.log(load)))
        assert (np.diff(offices.markup) > 0.0).all()

    def test_reputation_is_the_record_beside_what_newcomers_are_credited_with(self):
        offices = adapted(4, fulfilled=[0.0, 80.0, 0.0, 8_000.0], ended=[0.0, 80.0, 80.0, 8_000.0])
        np.testing.assert_allclose(offices.reputation, [0.6, 92 / 100, 12 / 100, 8_012 / 8_020])

    def test_a_record_fades(self):
        """So that an old office, too, lives from what it did lately."""
        fresh, faded = (adapted(1, ended=80.0, fulfilled=80.0, fade=fade).reputation[0] for fade in (0.0, 0.5))
        assert fresh > faded == pytest.approx(52 / 60)

    def test_only_those_busy_that_earn_grow_and_the_idle_shrink(self):
        offices = adapted(
            6, asked=[20, 20, 20, 10, 2, 400], revenue=[2, 1, 2, 2, 2, 2], spent=[1, 2, 1, 1, 1, 1],
            capital=[1, 1, -1, 1, 1, 1], capacity=[10, 10, 10, 10, 10, 150],
        )  # fmt: skip
        np.testing.assert_allclose(offices.capacity, [10.4, 10, 10, 10, 9.6, 150])

    def test_earnings_below_what_arrests_are_feared_to_cost_are_none(self):
        """An office that expects to lose more than it earns does not grow, and counts a month without profit."""
        usual, feared = (adapted(1, asked=20, loss=loss) for loss in (0.0, 2.0))
        assert (usual.lean[0], feared.lean[0]) == (0, 1) and usual.capacity[0] > feared.capacity[0] == 10.0

    def test_a_dearer_legal_way_lets_offices_ask_more(self):
        """Paired: the same world with contracts at three times their fee from the second month on; nobody opens."""
        closed = {"offices": {"entry": 0.0, "speculative_entry": 0.0}}
        lever = {"lever": "legal_fee", "from": "2009-02", "value": 3.0}
        usual, dear = (
            world_of_three(7, levers=levers, **closed).figures[OfficesOutcomes.markup_mean] for levers in ([], [lever])
        )
        assert dear > 1.1 * usual


def test_those_who_find_no_office_attract_others_and_those_who_gave_up_counted_when_they_came():
    world = world_of_three(1)
    entry = world[OfficeEntryState]
    before = entry.unserved.copy()
    entry.found_none = np.array([1_200, 0, 0])
    world.figures[MarketOutcomes.clients_unserved] = np.array([1_200, 50_000, 0])
    _count(world, np.zeros(3, np.int64))
    np.testing.assert_allclose(entry.unserved, before + ([1_200, 0, 0] - before) / UNSERVED_MONTHS)


def unserved(world: World, busy: int, idle: int) -> None:
    """Three times as many ask as there are places in one district, a third in another; in the last as many."""
    load = {busy: 3.0, idle: 1.0 / 3.0}
    put_offices(world, [MIDDLE, LEFT, RIGHT], load=[load.get(district, 1.0) for district in range(3)])
    world[OfficeEntryState].patience = 1.0


class TestEntry:
    ENTRY: ClassVar[dict[str, Any]] = {"offices": {"entry": 1.0, "speculative_entry": 0.0, "capacity_spread": 0.0}}

    def test_demand_is_left_where_more_ask_than_there_are_places(self):
        world = world_of_three(0)
        unserved(world, busy=LEFT, idle=RIGHT)
        np.testing.assert_allclose(beyond_places(world), [0.0, 20.0, 0.0])
        world[OfficeEntryState].patience = 5.0  # of those who wait a fifth gives up in a month
        np.testing.assert_allclose(beyond_places(world), [0.0, 4.0, 0.0])

    @pytest.mark.parametrize(("busy", "idle"), [(LEFT, RIGHT), (RIGHT, LEFT), (MIDDLE, LEFT)])
    def test_offices_open_where_clients_are_left_over_and_none_where_places_are_idle(self, busy: int, idle: int):
        world = world_of_three(1, **self.ENTRY)
        world[OfficeEntryState].gain, world[OfficeEntryState].unserved = 1e6, np.zeros(3)
        unserved(world, busy, idle)
        entries = enter(world)
        assert entries[busy] == entries.sum() >= 3
        assert (world[MarketTables].offices.state == OFFICE_OPEN).sum() == 3 + entries.sum()

    def test_offices_of_any_spread_of_size_open_as_many_places(self):
        """The larger they are on average the fewer open; how many is rounded at random."""
        for spread, opened in ((0.0, 10.0), (0.8, 10.0 / np.exp(0.32)), (1.5, 10.0 / np.exp(1.125))):
            world = world_of_three(1, offices=self.ENTRY["offices"] | {"capacity_spread": spread, "capacity": 6.0})
            put_offices(world, [MIDDLE])
            world[OfficeEntryState].gain, world[OfficeEntryState].unserved = 1e6, np.array([60.0, 0.0, 0.0])
            assert enter(world).sum() == pytest.approx(opened, abs=1.0)

    def test_those_of_the_start_have_three_times_the_capital_of_a_newcomer(self):
        """They have contracts under way to be paid for."""
        world = world_of_three(0, offices={"opening": 1e-9, "capacity_spread": 0.0})
        world[EconomyState].income_index = 1.0
        offices = world[MarketTables].offices
        assert found(world, np.zeros(1, np.int64), np.ones(1)).tolist() == [1, 0, 0]
        newcomer = int(offices.capital[offices.state == OFFICE_OPEN].item())
        assert newcomer == world.config.offices.founding_capital
        world = world_of_three(0, offices={"opening": 100.0, "capacity_spread": 0.0})
        world[EconomyState].income_index = 1.0
        open_first(world)
        offices = world[MarketTables].offices
        first = offices.capital[offices.state == OFFICE_OPEN]
        assert first.size > 10 and (first == 3 * newcomer).all()

    def test_none_opens_where_one_more_would_not_earn(self):
        world = world_of_three(1, **self.ENTRY)
        for gain, some in ((1e6, True), (0.0, False), (-1e6, False)):
            world[OfficeEntryState].gain, world[OfficeEntryState].unserved = gain, np.zeros(3)
            unserved(world, busy=LEFT, idle=RIGHT)
            assert bool(enter(world).sum()) == some

    def test_fewer_open_where_the_founding_capital_has_to_be_earned_soon(self):
        """Earnings of three overheads pay for an office, but not for its capital of 33 overheads within a month."""
        opened = []
        for payback in (600.0, 1.0):
            offices = {
                "entry": 1.0,
                "speculative_entry": 0.0,
                "payback": payback,
                "capacity": 6.0,
                "capacity_spread": 0.0,
                "overhead": 60_000.0,
            }
            world = world_of_three(1, offices=offices)
            world[OfficeEntryState].gain, world[OfficeEntryState].unserved = 30_000.0, np.zeros(3)
            unserved(world, busy=LEFT, idle=RIGHT)
            opened.append(int(enter(world).sum()))
        assert opened[0] >= 3 > opened[1]

    def test_their_capital_follows_income_at_home(self):
        """What owners pay in and keep, what a newcomer has to earn, and what it fears to lose."""
        at_the_start, kept, feared, opened = [], [], [], []
        for income in (1.0, 2.0):
            world = world_of_three(1, offices=self.ENTRY["offices"] | {"overhead": 0.0, "payback": 1.0})
            world[EconomyState].income_index = income
            offices, entry, risks = world[MarketTables].offices, world[OfficeEntryState], world[RisksState]
            risks.hazard[:], risks.months_lost, risks.capital_lost = 0.01, 0.0, 1.0
            feared.append(_fears(world, 1e6)[0])
            risks.hazard[:] = 0.0
            put_offices(world, [MIDDLE], capital=50_000_000)
            for _ in range(60):
                _pay_owners(world, np.zeros(1, np.int64))
            kept.append(offices.capital[0])
            put_offices(world, [MIDDLE])
            found(world, np.zeros(1, np.int64), np.ones(1))
            at_the_start.append(offices.capital[1])
            put_offices(world, [MIDDLE])
            entry.gain, entry.unserved = 200_000.0, np.array([240.0, 0.0, 0.0])
            opened.append(enter(world).sum())
        for two in (at_the_start, kept, feared, opened[::-1]):
            assert two[1] == pytest.approx(2.0 * two[0], rel=0.1) and two[0] > 0

    @pytest.mark.parametrize(
        ("europe", "iran", "expected"),
        [
            ((0, 200, 400), (0, 0, 0), (0, 100, 200)),
            ((100, 200, 0), (9_000, 0, 9_000), (100, 200, 0)),
            ((0, 0, 0), (0, 0, 9_000), (100, 100, 100)),
        ],
    )
    def test_at_the_start_they_stand_where_those_who_went_without_papers_come_from(
        self, europe: tuple[int, ...], iran: tuple[int, ...], expected: tuple[int, ...]
    ):
        """Beyond Iran, where people go alone; as many in all, and everywhere alike where nobody went.

        How many are abroad with papers makes no difference.
        """
        world = world_of_three(0, offices={"opening": 100.0})
        world[EconomyState].income_index = 1.0
        world.sums[:, T_MEMBERS], world.sums[:, T_AWAY] = 1_000_000, 0
        world.stock[:] = 0
        world.stock[[LEFT, RIGHT], 0, 0] = [20_000, 40_000]
        row = {facts.key: k for k, facts in enumerate(world.destination_facts)}
        went = world[ReferralState].went
        went[:] = 0.0
        went[:, row["germany"]], went[:, row["iran"]] = europe, iran
        put_offices(world, [])
        open_first(world)
        counts = np.bincount(
            world[MarketTables].offices.district[world[MarketTables].offices.state == OFFICE_OPEN], minlength=3
        )
        assert np.abs(counts - expected).max() <= 1


class TestPursued:
    def moved(
        self, load: float = 1.2, *, feared: float = 0.05, left: float = 0.01, own: float = 0.0, **values: Any
    ) -> Any:
        """An office in the middle after a month in which it weighs moving; hazards in the middle and on the left.

        It fears `own` more than its district, after raids on itself.
        """
        world = world_of_three(0, offices={"relocation": 1.0, "moving_cost": 2.0, "recruiters_kept": 0.9})
        put_offices(world, [MIDDLE, LEFT, RIGHT], load=[load, 1.0, 1.0], risk=[feared + own, left, 0.2], **values)
        risks = world[RisksState]
        risks.hazard[:] = feared, left, 0.2
        risks.stake[0] = 10e6
        world[OfficeEntryState].gain, world[OfficeEntryState].unserved = 1e5, np.zeros(3)
        move_house(world, 24.0)
        self.paid = world.ledger.flows.get(("offices", "associates", "overhead"), 0)
        return world[MarketTables].offices

    def test_they_move_next_door_where_less_is_feared(self):
        """An office of ten places that earns a million saves 400,000 a month, for two million once; others stay."""
        offices = self.moved()
        assert offices.district[:3].tolist() == [LEFT, LEFT, RIGHT]
        assert offices.recruits[0] == MIDDLE and offices.risk[0] == 0.01
        assert self.paid == offices.spent[0] == 2_000_000

    def test_what_they_fear_for_themselves_alone_goes_with_them(self):
        offices = self.moved(own=0.02)
        assert offices.district[0] == LEFT and offices.risk[0] == pytest.approx(0.03)

    def test_they_keep_part_of_their_record(self):
        offices = self.moved(fulfilled=10.0, ended=20.0)
        np.testing.assert_allclose([offices.fulfilled[0], offices.ended[0]], [9.0, 18.0])

    @pytest.mark.parametrize(
        "why",
        [
            {"left": 0.05},
            {"feared": 0.018},
            {"feared": 0.018, "own": 0.05},
            {"load": 0.6, "feared": 0.02},
            {"capital": 1_000_000},
        ],
    )
    def test_they_stay(self, why: dict[str, Any]):
        """Where as much is feared; where the difference does not pay the cost, or custom; without the money.

        What an office fears for itself alone is feared next door too.
        """
        assert self.moved(**why).district[0] == MIDDLE and self.paid == 0

    def test_an_office_that_moved_is_still_near_where_its_recruiters_are(self):
        """Also one that serves its own district alone; one from next door is farther."""
        world = world_of_three(0, offices={"recruiters_kept": 0.9})
        put_offices(world, [LEFT, LEFT, LEFT, LEFT], reach=[0, 1, 1, 2])
        world[MarketTables].offices.recruits[:4] = MIDDLE, MIDDLE, LEFT, MIDDLE
        serving, start, nearness = reach_of(world, np.arange(4))
        parts = [slice(start[d], start[d + 1]) for d in range(3)]
        seen = [dict(zip(serving[part], nearness[part], strict=True)) for part in parts]
        near = distance_weight(world, 1)
        assert seen[MIDDLE] == {0: 0.9, 1: 0.9, 2: near, 3: 0.9}
        assert seen[LEFT] == dict.fromkeys(range(4), 1.0) and list(seen[RIGHT]) == [3]

    def test_of_those_who_would_open_some_give_up_and_some_go_next_door(self):
        """At a hazard that takes half of what a newcomer earns; neighbours on both sides fear nothing."""
        world = world_of_three(1, offices=TestEntry.ENTRY["offices"] | {"recruiters_kept": 0.8})
        risks, entry = world[RisksState], world[OfficeEntryState]
        risks.months_lost, risks.capital_lost, entry.gain = 10.0, 0.0, 1e6
        opened = []
        for hazard in (0.0, 0.05):
            put_offices(world, [MIDDLE])
            risks.hazard[:] = hazard, 0.0, 0.0
            entry.unserved = np.array([60.0, 0.0, 0.0])
            opened.append(enter(world))
        assert opened[0].tolist() == [10, 0, 0]
        assert opened[1][MIDDLE] == pytest.approx(5, abs=1) and opened[1].sum() == pytest.approx(9, abs=1)
        table = world[MarketTables].offices
        elsewhere = (table.state == OFFICE_OPEN) & (table.district != MIDDLE)
        assert elsewhere.any() and (table.recruits[elsewhere] == MIDDLE).all()

    def test_offices_of_few_agents_do_not_break_up(self):
        world = world_of_three(1, offices={"entry": 0.0, "speculative_entry": 0.0, "succession": 1.0})
        put_offices(world, [LEFT], state=OFFICE_ARRESTED, capacity=[1.9])
        world[RisksState].owner_arrested = world[MarketTables].offices.state == OFFICE_ARRESTED
        assert not split(world).any() and world[MarketTables].offices.capacity.sum() == 1.9

    @pytest.mark.parametrize(("succession", "left"), [(1.0, [5.0]), (0.0, [])])
    def test_where_an_owner_is_arrested_an_associate_sets_up_with_half_of_the_agents(
        self, succession: float, left: list[float]
    ):
        none = {"entry": 0.0, "speculative_entry": 0.0, "lean_exit": 0.0}
        world = world_of_three(1, offices=none | {"succession": succession})
        put_offices(world, [LEFT], state=OFFICE_ARRESTED)
        world[RisksState].owner_arrested = world[MarketTables].offices.state == OFFICE_ARRESTED
        Offices.step(world)
        offices = world[MarketTables].offices
        here = offices.state == OFFICE_OPEN
        assert offices.capacity[here].tolist() == left
        assert offices.capacity[offices.state == OFFICE_ARRESTED].tolist() == [10.0 - sum(left)]
        assert (world[MarketTables].offices.district[here] == LEFT).all()


@pytest.mark.parametrize(("busy", "idle"), [(LEFT, RIGHT), (RIGHT, LEFT)])
def test_of_two_neighbours_equally_safe_the_pursued_choose_the_one_with_clients_left_over(busy: int, idle: int):
    world = world_of_three(0, offices={"relocation": 1.0, "moving_cost": 2.0, "recruiters_kept": 0.9})
    put_offices(world, [MIDDLE, LEFT, RIGHT], load=[0.5, 1.0, 1.0], risk=[0.05, 0.01, 0.01])
    risks, entry = world[RisksState], world[OfficeEntryState]
    risks.hazard[:] = 0.05, 0.01, 0.01
    risks.stake[0] = 10e6
    entry.gain, entry.unserved = 1e5, np.zeros(3)
    entry.unserved[busy] = 8.0
    move_house(world, 24.0)
    assert world[MarketTables].offices.district[0] == busy


def test_what_arrests_cost_is_asked_of_the_clients_who_come():
    """Of those who come, up to the places; an idle office reckons with a fifth of them, and with one at least."""
    offices = offices_of(5, load=[3.0, 1.0, 0.5, 0.0, 0.5], capacity=[10.0, 10.0, 10.0, 10.0, 1.0])
    np.testing.assert_allclose(clients_expected(offices, np.arange(5)), [10.0, 10.0, 5.0, 2.0, 1.0])
    world = world_of_three(1)
    put_offices(world, [MIDDLE], corridors=-1)
    table, risks, fees = world[MarketTables].offices, world[RisksState], []
    world.t, risks.bribes[:] = 1, 0
    for loss, load in ((0.0, 1.0), (1e5, 1.0), (1e5, 0.5)):
        risks.arrest_loss[:], table.load[:] = loss, load
        Offers.step(world)
        fees.append(world[OffersState].month.fee[:, UPFRONT])
    np.testing.assert_allclose(fees[2] - fees[0], 2.0 * (fees[1] - fees[0]), atol=3.0)
    assert (fees[1] > fees[0]).all()


def test_a_newcomer_reckons_with_the_prices_of_the_month():
    """What a fee leaves beyond the agents' share and the cost in it, but for losses by arrest, where people go."""
    world = world_of_three(1)
    offered, offices = world[OffersState].month, world[MarketTables].offices
    share, loss = world.params(OfficesParams).associate_share, world[RisksState].arrest_loss
    open_routes = (offered.offer_of >= 0).any(axis=1).nonzero()[0]
    for route in open_routes[[0, -1]]:
        world[OfficeEntryState].hired = np.where(np.arange(world.route_length.size) == route, 10**9, 0)
        gain = expected_gain(world)
        place = (offered.offer_of[route] >= 0).nonzero()[0]
        row, fee = offered.rows[place], offered.fee[offered.offer_of[route, place], UPFRONT]
        received = fee * (1.0 - share)
        cost = received / (1.0 + offices.markup[row]) - loss[row] / clients_expected(offices, row)
        each = received - cost
        assert each.min() * (1.0 - 1e-6) <= gain <= each.max() * (1.0 + 1e-6)
    # what offices earned before does not enter
    offices.revenue[:] = offices.spent[:] = 10**9
    assert expected_gain(world) == gain
    loss[offered.rows] += 1_000.0 * clients_expected(offices, offered.rows)
    assert expected_gain(world) == pytest.approx(gain + 1_000.0)
    offered.offer_of[:] = -1
    world[OfficeEntryState].gain = 5.0
    assert expected_gain(world) == 5.0, "while nobody offers anything it stays what it was"


def test_those_who_go_alone_are_no_demand_for_offices():
    """They enter neither the prices nor the care that offices reckon with, nor the corridors that newcomers sell."""
    world, found = world_of_three(1), []
    for alone in (0, 10**6):
        world.figures[MarketOutcomes.departures] = world.figures[MarketOutcomes.departures] + alone * world.route_alone
        found.append(np.hstack([expected_gain(world), reckoning_of(world).demand, _shares_of_corridors(world)]))
    np.testing.assert_array_equal(*found)
    world[OfficeEntryState].hired = world[OfficeEntryState].hired + 10**6 * world.route_alone
    assert not np.array_equal(_shares_of_corridors(world), found[0][-_shares_of_corridors(world).size :])


def test_offices_whose_owner_is_under_arrest_are_not_in_business():
    world = world_of_three(1)
    put_offices(world, [LEFT, MIDDLE, MIDDLE])
    world[MarketTables].offices.state[1] = OFFICE_ARRESTED
    by_district = np.empty(3, np.int64)
    concentration(world[MarketTables].offices, by_district)
    assert by_district[LEFT] == 1 and by_district[MIDDLE] == 1


def test_where_more_boats_are_stopped_better_ones_pay_less():
    """Boats are lost when stopped, and wear out: with all stopped they cost 1.2 over 0.2 and the usual stops."""
    world = world_of_three(1)
    rows = (world[MarketTables].offices.state == OFFICE_OPEN).nonzero()[0]
    sea, legs = world.leg_table.by_sea, world[LegsState].month
    found = []
    for stopped in (usual_stops(world), np.ones(sea.size)):
        world[LegsState].month = legs._replace(interception=stopped)
        found.append((priced_danger(world), care_that_pays(world)[1][rows]))
    (usual, boats), (dear, worse) = found
    np.testing.assert_allclose(usual, np.where(sea, world.leg_table.death, 0.0))
    np.testing.assert_allclose(dear[sea], (usual * 1.2 / (0.2 + usual_stops(world)))[sea])
    assert (worse <= boats).all() and worse.mean() < 0.9 * boats.mean()


def test_where_more_are_stopped_no_way_looks_safer_alone_or_announced():
    world = world_of_three(1)
    legs, way, terms = world[LegsState].month, way_of(world, world.route_legs), world[OffersState].terms
    alone, announced = [], []
    for times in (1.0, 3.0):
        world[LegsState].month = legs._replace(interception=np.minimum(times * legs.interception, 0.9))
        alone.append(_alone(world, way, terms).death)
        announced.append(_odds(world, world[LegsState].month)[1])
    assert alone[0].any() and announced[0].any()
    assert (alone[1] >= 0.99 * alone[0]).all() and (announced[1] >= 0.99 * announced[0]).all()


def test_the_next_office_in_a_row_has_no_risks_of_the_one_before():
    world = world_of_three(2)
    put_offices(world, [0, 1])
    risks = world[RisksState]
    risks.arrest_loss[:2], risks.stake[:2], risks.bribes[:2] = 5_000.0, 90_000.0, 700
    close(world, np.array([0]), np.zeros(1, bool))
    assert risks.arrest_loss[0] == risks.stake[0] == risks.bribes[0] == 0
    assert risks.arrest_loss[1] == 5_000.0 and risks.stake[1] == 90_000.0 and risks.bribes[1] == 700
