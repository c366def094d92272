"""Announcements: an expected loss brings departures forward and leaves a hole, an expected gain holds them back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import busy_config, world_after
from worlds import APART, PLAIN, interval, small_config

from abm.choice.announcements import (
    MONTHS_AHEAD,
    AnnouncementsState,
    _honest_legs,
    _risk_in_price,
    _screened,
    _weight_of_months,
)
from abm.choice.channel import ChannelState
from abm.choice.kernels.timing import move_plans, spread_change, worth_of_dates
from abm.choice.timing import Timing, TimingState, _remember
from abm.departure import Choices, OptionsState
from abm.enforcement import PUNISHED_IN_ADDITION, spared_share
from abm.engine.calendar import parse_month
from abm.market import MarketTables, RisksState
from abm.model import Model, simulate
from abm.month import LEVERS
from abm.places.options import CHANNELS, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY
from abm.places.places import places_of
from abm.policy import InForce
from abm.routes import LegsState, PostsState
from abm.world.state import World

KEEN = np.exp(-0.2)


def worth(value: Any, channel: Any, share: Any, channel_share: Any, dissimilarity: float = 0.6) -> np.ndarray:
    """Worth of one other month in one district."""
    given = np.asarray(value, float)[None, None]
    found = np.full_like(given, np.nan)
    worth_of_dates(given, np.asarray(channel), np.asarray(share), np.asarray(channel_share), dissimilarity, found)
    return found[0, 0]


def plans_after(gains: Any, before: Any = None, placed: float = 1.0) -> np.ndarray:
    """Plans of one way after a month in which leaving in each month is worth `gains`."""
    gains = np.asarray(gains, float)
    plans = np.ones(gains.size) if before is None else np.array(before, float)
    plans = plans[:, None, None].copy()
    move_plans(gains[:, None, None], KEEN, np.full((1, 1), placed), plans)
    return plans[:, 0, 0]


class TestWorthOfDates:
    def test_the_mean_change_is_that_of_the_log_of_the_sum(self):
        rng = np.random.default_rng(1)
        for sign in (-1.0, 1.0):
            change, share, felt = sign * rng.random(5), rng.dirichlet(np.ones(5)), np.zeros(5)
            change[1:] *= (sign < 0.0, 0.0, 0.0, 0.0)  # one gains, or some lose
            mean = spread_change(change, share, np.zeros(5, np.int64), 0, 0.6, felt)
            assert mean == pytest.approx(0.6 * np.log((share * np.exp(change / 0.6)).sum()))
            assert (felt * share).sum() == pytest.approx(mean)

    def test_a_small_loss_is_borne_in_full_and_a_closure_costs_what_the_next_best_is_worse(self):
        felt, one = np.zeros(2), np.zeros(2, np.int64)
        spread_change(np.array([-1e-6, 0.0]), np.array([0.3, 0.7]), one, 0, 1.0, felt)
        assert felt == pytest.approx([-1e-6, 0.0], rel=1e-5)
        spread_change(np.array([-50.0, 0.0]), np.array([0.3, 0.7]), one, 0, 1.0, felt)
        assert felt == pytest.approx([np.log(0.7) / 0.3, 0.0])

    def test_a_way_that_worsens_alone_loses_less_than_all_ways_that_worsen(self):
        alone = worth([-1.0, 0.0, 0.0], [0, 0, 1], [0.5, 0.5, 1.0], [0.4, 0.1])
        both = worth([-1.0, -1.0, 0.0], [0, 0, 1], [0.5, 0.5, 1.0], [0.4, 0.1])
        assert both[0] < alone[0] < 0.0
        assert alone[1] == alone[2] == both[2] == 0.0  # what they prefer is as it was

    def test_a_way_that_opens_is_worth_waiting_for_to_others_too(self):
        found = worth([1.0, 0.0, 0.0], [0, 0, 1], [0.5, 0.5, 1.0], [0.4, 0.1])
        assert found[0] == 1.0
        assert 0.0 < found[2] < found[1] < 1.0  # of another channel fewer would come over


class TestPlans:
    def test_nobody_moves_where_all_months_are_alike(self):
        assert plans_after(np.full(6, -0.7)).tolist() == [1.0] * 6

    def test_weights_are_those_of_the_logit_over_dates(self):
        after = plans_after([0.0, 0.0, -0.5])
        first, second = (np.exp(0.5) - 1.0) * np.exp(-0.4), (np.exp(0.5) - 1.0) * np.exp(-0.2)
        assert after[0] - 1.0 == pytest.approx(first / (1.0 + first + second))
        assert after[2] == pytest.approx(1.0 - first / (1.0 + first + second))

    def test_who_has_come_forward_is_not_put_off_in_the_same_month(self):
        gains = [0.0, -0.5, 0.5]
        waits = (np.exp(0.5) - 1.0) * np.exp(-0.4)
        comes = (np.exp(0.5) - 1.0) * np.exp(-0.2)
        after = plans_after(gains)
        assert after[0] == pytest.approx(1.0 - waits / (1.0 + waits) + comes / (1.0 + comes))

    @pytest.mark.parametrize("change", [-0.6, 0.6])
    def test_plans_are_moved_and_not_lost(self, change: float):
        rng = np.random.default_rng(2)
        before = rng.random(10)
        assert plans_after([0.0] * 4 + [change] * 6, before).sum() == pytest.approx(before.sum())

    def test_those_who_would_get_no_place_keep_their_plans(self):
        gains = [0.0] * 4 + [-1.0] * 6
        assert plans_after(gains, placed=0.0).tolist() == [1.0] * 10
        assert 1.0 < plans_after(gains, placed=0.3)[0] < plans_after(gains)[0]

    @staticmethod
    def departures(change: float, months: int = 12, total: int = 40) -> np.ndarray:
        """Departures by month around a change after `months`."""
        plans, left = np.ones(MONTHS_AHEAD), []
        for t in range(total):
            if t < months:
                ahead = np.where(np.arange(MONTHS_AHEAD) >= months - t, change, 0.0)
                plans = plans_after(ahead, plans)
            left.append(plans[0])
            plans = np.append(plans[1:], 1.0)
        return np.array(left)

    def test_a_loss_to_come_brings_a_rush_that_grows_and_a_hole_of_its_size(self):
        left = self.departures(-0.8)
        assert (np.diff(left[:12]) > 0.0).all() and left[0] > 1.0
        assert (np.diff(left[12:]) > 0.0).all() and left[12] < 1.0
        assert left.sum() == pytest.approx(left.size, abs=0.1)

    def test_a_gain_to_come_holds_back_and_those_held_back_come(self):
        left = self.departures(0.8)
        assert (np.diff(left[:12]) < 0.0).all() and left[0] < 1.0
        assert (left[12:] > 1.0 - 1e-12).all() and left[12] == left.max()
        assert left.sum() == pytest.approx(left.size, abs=0.1)

    def test_a_closure_moves_the_departures_of_more_than_a_year(self):
        """Net arrivals from Pakistan in Britain before the Act of 1962 were several times those of the year before."""
        left = self.departures(-1.8, months=8)
        assert 12.0 < (left[:8] - 1.0).sum() < 20.0
        assert 2.0 < left[:8].mean() < 5.0


def use(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"lever": name, "value": value, "announced": "2009-03", "from": "2010-01"} | more


def expectations(*levers: dict[str, Any], **values: Any) -> tuple[Model, np.ndarray]:
    """A world three months after the announcement, and the mean change of each way by month ahead."""
    mechanisms = APART | values.pop("mechanisms", {})
    model = Model(small_config(months=20, levers=list(levers), mechanisms=mechanisms, **({"scale": 0.002} | values)))
    for _ in range(6):
        model.step()
    model.close()
    ahead = model.world[AnnouncementsState].ahead
    assert ahead is not None
    return model, ahead.mean(axis=1)


BY_AIR_AND_SEA = [
    number for number, route in enumerate(places_of().routes) if {"air", "sea"} <= {leg.guard for leg in route.legs}
]
"""Routes by air that go on by sea."""

OF = {"legal": LEGAL_WORK, "irregular": IRREGULAR_WAY, "visit": OVERSTAY}

SIGNS = [
    ("legal_quota", 0.5, "legal", -1), ("legal_quota", 2.0, "legal", 1), ("legal_fee", 2.0, "legal", -1),
    ("legal_fee", 0.5, "legal", 1), ("legal_delay", 3.0, "legal", -1), ("visa_refusal", 0.3, "legal", -1),
    ("visa_refusal", 0.3, "visit", -1), ("recruitment_fee_regulation", 0.8, "legal", 1),
    ("border_patrol", 3.0, "irregular", -1), ("border_patrol", 0.3, "irregular", 1),
    ("coastal_patrol", 3.0, "irregular", -1), ("airport_screening", 3.0, "irregular", -1),
    ("destination_border_control", 3.0, "irregular", -1), ("transit_border_control", 3.0, "irregular", -1),
    ("document_security", 0.5, "irregular", -1), ("search_and_rescue", 0.5, "irregular", 1),
    ("deportation", 3.0, "irregular", -1), ("deportation", 3.0, "visit", -1), ("deportation", 0.3, "irregular", 1),
    ("worksite_enforcement", 3.0, "irregular", -1), ("regularisation", 0.3, "irregular", 1),
    ("regularisation", 0.3, "visit", 1),
    ("migrant_sanction", 0.5, "irregular", -1), ("victim_non_criminalisation", 1.0, "irregular", 1),
    ("investigative_capacity", 5.0, "irregular", -1), ("fia_circles", 2.0, "irregular", -1),
    ("anti_corruption", 0.8, "irregular", -1), ("prosecution_certainty", 3.0, "irregular", -1),
    ("prosecution_speed", 3.0, "irregular", -1), ("sanction_severity", 3.0, "irregular", -1),
    ("jurisdiction_clarity", 1.0, "irregular", -1),
]  # fmt: skip
"""Lever, value, channel, and the sign of what it does to the value of its ways."""


class TestWhatIsExpected:
    @pytest.mark.parametrize(("name", "value", "ways", "sign"), SIGNS)
    def test_the_sign_follows_from_what_the_lever_does(self, name: str, value: float, ways: str, sign: int):
        law = (
            {"mechanisms": {"law": {"enabled": True}}}
            if name in ("jurisdiction_clarity", "victim_non_criminalisation")
            else {}
        )
        model, ahead = expectations(use(name, value), **law)
        channel = model.world.option_table.channel
        later = ahead[24]
        concerned = channel == OF[ways]
        if name in (
            "document_security",
            "airport_screening",
        ):  # those stopped at an airport do not drown: a way that goes on by sea may gain
            concerned &= ~np.isin(model.world.option_table.route, BY_AIR_AND_SEA)
        # a way on which nothing changes may lose a little by what others gain
        assert sign * later[concerned].min() >= -0.03 or sign * later[concerned].max() <= 0.03
        assert sign * later[concerned].sum() > 0.0
        others = ~np.isin(channel, list(OF.values()))
        assert (later[others] == 0.0).all() or name in ("deportation", "visa_refusal")

    def test_every_lever_that_can_be_announced_is_tried_here(self):
        assert {name for name, *_ in SIGNS} == {lever.name for lever in LEVERS.values() if lever.felt}

    def test_what_is_met_at_the_start_does_not_touch_those_who_leave_before_and_what_meets_a_stay_does(self):
        model, ahead = expectations(use("legal_quota", 0.5))
        legal = model.world.option_table.channel == LEGAL_WORK
        assert (ahead[:3][:, legal] == 0.0).all()  # applications take four months, and six are left
        assert (ahead[3:][:, legal].min(axis=1) < 0.0).all()
        model, ahead = expectations(use("deportation", 3.0))
        irregular = model.world.option_table.channel == IRREGULAR_WAY
        assert (np.diff(ahead[:7, irregular].sum(axis=1)) < 0.0).all() and ahead[0, irregular].sum() < 0.0

    def test_announced_honesty_is_that_of_officers_of_pakistan(self):
        world = world_after(2)
        legs = world[LegsState].month.interception
        more = _honest_legs(world, np.full(legs.size, 0.8)).interception > legs + 1e-6
        posts = world[PostsState]
        at_home = posts.guards.leg[posts.stations.serves_home[posts.guards.post]]
        assert more.any() and set(np.flatnonzero(more)) <= set(at_home)

    def test_a_lever_that_ends_is_expected_to_end(self):
        _, ahead = expectations(use("legal_quota", 0.5, until="2010-03"))
        assert ahead[4].min() < -1e-3 < -1e-12 < ahead[6].min()  # months of the decision, four after the application

    def test_credibility_scales_it(self):
        (_, half), (_, whole) = (
            expectations(use("legal_quota", 0.5), beliefs={"anticipation": trust}) for trust in (0.5, 1.0)
        )
        np.testing.assert_allclose(2.0 * half, whole, atol=1e-12)

    def test_travellers_meet_it_where_they_come_to_the_first_leg_that_it_touches(self):
        model, ahead = expectations(use("transit_border_control", 3.0))
        world = model.world
        touched, months = world[InForce].policy.announced[0].deviation != 0.0, world[LegsState].month.months
        until = parse_month("2010-01") - world.month
        lags = set()
        for option in np.flatnonzero(world.option_table.channel == IRREGULAR_WAY):
            legs = world.route_legs[world.option_table.route[option]]
            legs = legs[legs >= 0]
            if ahead[24, option] == 0.0:
                continue
            lag = int(months[legs][: int(np.argmax(touched[legs]))].sum())
            lags.add(lag)
            assert int(np.argmax(ahead[:, option] != 0.0)) == until - lag
        assert len(lags) > 1 and max(lags) > 1

    def test_months_of_a_stay_count_less_the_later_they_are(self):
        model, _ = expectations(use("deportation", 3.0))
        world = model.world
        weight = _weight_of_months(world, world[InForce].policy.announced[0])
        np.testing.assert_allclose(weight.sum(axis=1), 1.0)
        ways, discount = world[ChannelState].ways, world.config.channel.discount
        legal, irregular = (np.flatnonzero(ways.channel == channel)[-1] for channel in (LEGAL_WORK, IRREGULAR_WAY))
        kept = weight[:, 1:] / weight[:, :-1]
        assert (kept[[legal, irregular]] <= np.exp(-discount) + 1e-12).all()
        assert kept[irregular].max() < np.exp(-discount) - 1e-4

    def test_what_a_dearer_contract_is_worth_is_its_burden(self):
        half, whole = (expectations(use("legal_fee", 2.0), announcements={"burden": b})[1] for b in (0.5, 1.0))
        np.testing.assert_allclose(2.0 * half, whole, rtol=1e-9, atol=1e-12)
        assert half.min() < 0.0

    def test_honest_officers_stop_more_and_offices_charge_what_arrests_and_bribes_cost(self):
        """Without weight of the price officers who take no bribes are feared; the price holds losses and bribes."""
        _, ahead = expectations(use("anti_corruption", 0.8), announcements={"burden": 0.0})
        assert ahead[24].min() < 0.0
        world = expectations(use("fia_circles", 2.0))[0].world
        risks, policy, charged = world[RisksState], world[InForce].policy.announced[0], []
        for loss, bribe in ((0.0, 0.0), (900.0, 0.0), (0.0, 900.0)):
            risks.arrest_loss[:], risks.bribes[:] = loss, bribe
            charged.append(_risk_in_price(world, policy).sum())
        assert charged[2] == pytest.approx(charged[1]) and charged[1] > charged[0] == 0.0

    def test_a_rise_of_what_arrests_cost_is_priced_as_the_cost_is(self):
        """With the markup and the agents' share, over the clients who come: by hand."""
        world = expectations(use("fia_circles", 2.0))[0].world
        offices, policy, charged = world[MarketTables].offices, world[InForce].policy.announced[0], []
        world[RisksState].arrest_loss[:], world[RisksState].bribes[:] = 900.0, 0
        offices.capacity[:] = 10.0
        for markup, load in ((0.0, 1.0), (0.5, 1.0), (0.5, 0.5)):
            offices.markup[:], offices.load[:] = markup, load
            rise, cost = _risk_in_price(world, policy), np.maximum(world[OptionsState].month.cost, 1.0)
            known = np.isfinite(cost)
            charged.append((rise[known] * cost[known]).max() / policy.deviation.max())
        kept = 1.0 - world.config.offices.associate_share
        assert charged == pytest.approx([90.0 / kept, 135.0 / kept, 270.0 / kept])

    def test_announced_screening_spares_what_screening_spares_and_nothing_beyond_the_law(self):
        law = {"law": {"enabled": True}, "agencies": {"enabled": True}}
        world = expectations(use("victim_non_criminalisation", 0.5), mechanisms=law)[0].world
        people = world.units.population_2017
        spared = float((spared_share(world, 0.5) * people).sum() / people.sum())
        assert spared > 0.0
        assert _screened(world, 0.3, 0.5) == pytest.approx(0.3 * (1.0 - spared))
        with world.supposing(PUNISHED_IN_ADDITION, np.array([0.2])):
            assert _screened(world, 0.3, 0.5) == pytest.approx(0.2 + 0.1 * (1.0 - spared))

    def test_those_who_set_out_now_mind_what_they_will_meet(self):
        late = use("deportation", 3.0, announced="2009-06")
        told, _ = expectations(late)
        plain = Model(
            small_config(months=20, scale=0.002, levers=[late], beliefs={"anticipation": 0.0}, mechanisms=APART)
        )
        for _ in range(6):
            plain.step()
        plain.close()
        more = told.world[AnnouncementsState].ahead[0]
        assert more.min() < 0.0
        usual, minded = (world[OptionsState].attraction for world in (plain.world, told.world))
        known = np.isfinite(usual) & (usual > -1e6)
        np.testing.assert_allclose((minded - usual)[known], more[known], atol=1e-9)

    def test_a_little_more_of_what_is_in_force_is_little(self):
        strong = {"lever": "border_patrol", "value": 3.0, "from": "2009-02"}
        (_, little), (_, much) = (
            expectations(strong, use("border_patrol", value, id="more")) for value in (1.001, 3.0)
        )
        assert 0.0 < -little[24].min() < 0.01 * -much[24].min()


class TestStep:
    """The step of the mechanism, with plans and expectations made by hand."""

    @staticmethod
    def after(due: float) -> tuple[World, int]:
        world = world_after(6)
        before = world[OptionsState].choices[0].size
        plans = np.ones((MONTHS_AHEAD, *world[OptionsState].attraction.shape))
        plans[0], plans[1] = due, 7.0
        world[TimingState].plans = plans
        Timing.step(world)
        return world, before

    def test_plans_due_are_carried_out_and_the_others_come_nearer(self):
        world, before = self.after(0.0)
        assert before > 50 and not world[OptionsState].choices[0].size
        plans = world[TimingState].plans
        assert (plans[0] == 7.0).all() and (plans[1:] == 1.0).all()

    def test_those_brought_forward_are_like_those_of_the_month(self):
        for due, low, high in ((1.0, 1.0, 1.0), (1.5, 1.2, 1.8), (0.5, 0.3, 0.7)):
            world, before = self.after(due)
            assert low * before <= world[OptionsState].choices[0].size <= high * before

    def test_no_household_leaves_twice(self):
        world, before = self.after(20.0)
        rows = world[OptionsState].choices[0]
        choices = world[OptionsState].choices
        assert rows.size > 3 * before and (np.diff(rows) >= 0).all()
        leaving = np.bincount(rows, choices.persons)
        assert (leaving[rows] <= world.weight[choices.district]).all()

    def test_who_takes_which_way_is_averaged(self):
        world = world_after(2)
        taken = world[TimingState].taken
        before, now = taken.copy(), np.zeros(taken.size)
        world.weight[:2] = 10, 40
        considered = (world.chosen_count * world.weight[world.blocks.district]).sum()
        now[[0, 3, -1]] = 50.0, 10.0, considered - 60.0
        _remember(world, Choices(np.arange(3), np.array([0, 1, 0]), np.array([0, 0, 3]), np.array([10, 40, 10])))
        np.testing.assert_allclose(taken, before + (now - before) / (world.t + 1.0))
        assert np.abs(now - before).sum() > 10.0, "the month differs"

    def test_plans_move_by_what_dates_are_worth_to_those_who_take_a_way_now(self):
        world = world_after(6, timing={"haste": 0.3})
        ways, state = world[ChannelState].ways, world[TimingState]
        for level in (0.0, -0.5):
            ahead = np.full((MONTHS_AHEAD, *world[OptionsState].attraction.shape), level)
            ahead[8:, :, np.flatnonzero(ways.channel == LEGAL_WORK)[:2]] -= 0.8
            world[AnnouncementsState].ahead, state.plans = ahead, None
            taken = state.taken.copy()
            choices = world[OptionsState].choices
            taken += (self.counted(world, taken.size) - taken) / (world.t + 1)
            Timing.step(world)
            world[OptionsState].choices = choices
            by_channel = np.array([taken[:-1][ways.channel == c].sum() for c in range(len(CHANNELS))])
            share = taken[:-1] / np.maximum(by_channel[ways.channel], 1e-9)
            worth = np.empty_like(ahead)
            nest = world.config.channel.nest
            worth_of_dates(ahead - level, ways.channel, share, by_channel / taken.sum(), nest, worth)
            expected = np.ones_like(ahead)
            move_plans(worth, np.exp(-0.3), world[OptionsState].chance, expected)
            assert expected[0].max() > 1.03 and expected[8:].min() < 0.995
            np.testing.assert_allclose(state.plans[:-1], expected[1:], rtol=1e-6)
            state.taken = taken

    @staticmethod
    def counted(world: World, size: int) -> np.ndarray:
        choices = world[OptionsState].choices
        now = np.bincount(choices.option, choices.persons, size)
        now[-1] = (world.chosen_count * world.weight[world.blocks.district]).sum() - now.sum()
        return now


def run(**values: Any) -> dict[str, np.ndarray]:
    return simulate(busy_config(**values))["national"]


class TestInTheWorld:
    def test_nothing_is_different_before_it_is_announced_or_where_nobody_believes_it(self):
        levers = [use("transit_border_control", 5.0), use("legal_quota", 0.5)]
        unannounced = [{key: value for key, value in lever.items() if key != "announced"} for lever in levers]
        plain, told = run(levers=unannounced), run(levers=levers)
        disbelieved = run(levers=levers, beliefs={"anticipation": 0.0})
        for name in plain:
            np.testing.assert_array_equal(told[name][:2], plain[name][:2], err_msg=name)
            np.testing.assert_array_equal(disbelieved[name], plain[name], err_msg=name)
        assert (told["legal_applications"] != plain["legal_applications"]).any()

    def test_plans_are_forgotten_once_all_are_as_usual(self):
        model = Model(busy_config(months=60, scale=0.001, levers=[use("legal_quota", 0.5, **{"from": "2009-06"})]))
        for _ in range(5):
            model.step()
        assert model.world[TimingState].plans is not None
        for _ in range(50):
            model.step()
        model.close()
        assert model.world[TimingState].plans is None


@pytest.mark.study
@pytest.mark.parametrize(
    ("levers", "outcome", "meets", "sign", "pairs"),
    [
        ([use("legal_quota", 0.3)], "legal_applications", 8, 1, 3),
        ([use("legal_quota", 3.0)], "legal_applications", 8, -1, 3),
        # they wait for a place with an office before they set out
        ([use("border_patrol", 10.0), use("transit_border_control", 10.0)], "irregular_departures", 13, 1, 4),
    ],
    ids=["quotas to be cut", "quotas to be raised", "a border that will be guarded"],
)
def test_a_rush_comes_before_a_loss_and_a_hole_after_it(
    levers: list[dict[str, Any]], outcome: str, meets: int, sign: int, pairs: int
):
    """Announced less unannounced, pair by pair: in the months before those that meet the change, and after them.

    The scene is large, which costs little, so that few pairs are enough.
    """
    early, late, large = [], [], {"months": meets + 9, "scale": 0.08, "mechanisms": PLAIN}
    for seed in range(1, pairs + 1):
        unannounced = [{k: v for k, v in one.items() if k != "announced"} for one in levers]
        told, plain = (run(levers=uses, seed=seed, **large)[outcome] for uses in (levers, unannounced))
        early.append(sign * (told - plain)[meets - 6 : meets].sum())
        late.append(sign * (told - plain)[meets + 3 : meets + 9].sum())
    assert interval(early)[0] > 0.0 > interval(late)[1], (interval(early), interval(late))
