"""How ways are known and reached: referral, distance from home, going alone, guides and officers of finite capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scenes import LEFT, MIDDLE, RIGHT, put_offices, world_of_three
from worlds import small_config

from abm.abroad.diaspora import DiasporaState
from abm.beliefs.beliefs import perceived
from abm.choice.channel import (
    ChannelParams,
    ChannelState,
    confirmation,
    delays_of,
    outlook_of,
    pay_beyond_living,
    ransoms_of,
    referral,
    share_of_stay,
)
from abm.choice.repeat import RepeatParams, _drive
from abm.departure.options import OptionsState
from abm.market.offers import OffersState, alone_risk, local_knowledge
from abm.market.office_entry import where_ways_are_known
from abm.market.referral import ReferralState, open_referral, recruiting_places, remember_arrivals, those_who_went
from abm.market.tables import MarketTables
from abm.model import Model
from abm.places.geography import load_units
from abm.places.options import IRREGULAR_WAY
from abm.places.places import places_of
from abm.routes.home import kilometres_home
from abm.routes.interception import (
    _flow,
    _pay_for_risk,
    _reinforced,
    _relative,
    bribed_share,
    reference_flow,
    usual_corruption,
)
from abm.routes.kernels.journey import interception_probability
from abm.routes.legs import InterceptionParams, LegsState, flow_of_data, usual_odds
from abm.routes.stations import PostsState
from abm.society.drivers import EconomyState
from abm.world.codes import HIDDEN, IRREGULAR, MOST_STOPPED, OFFICE_OPEN, SETTLED, T_AWAY, T_MEMBERS, WORKER
from abm.world.state import World


def goal(world: World, key: str) -> int:
    return [facts.key for facts in world.destination_facts].index(key)


def known_to(world: World, destination: str) -> np.ndarray:
    """Share of each district who know how to go to a destination, by its first route that offices serve."""
    ways = world[ChannelState].ways
    mine = [
        k
        for k in range(ways.first_route, ways.last_route)
        if ways.destination[k] == goal(world, destination) and world.route_bits[ways.route[k]]
    ]
    return np.exp(referral(world)[:, mine[0]])


def with_migrants(
    where: int,
    per_thousand: float,
    destination: str = "greece",
    drivers: Mapping[str, Any] | None = None,
    **channel: float,
) -> World:
    """Three districts of which one has so many who went, per thousand residents; recruiters do not count."""
    plain = {"recruiting": 0.0, "referral_neighbours": 0.0, "network_pooling": 0.0}
    world = world_of_three(1, channel=plain | channel, drivers=drivers or {}, offices={"settled_word": 0.0})
    residents = world.sums[:, T_MEMBERS] - world.sums[:, T_AWAY]
    world[ReferralState].went[:] = 0.0
    world[ReferralState].went[where, goal(world, destination)] = per_thousand * residents[where] / 1000.0
    return world


def test_pay_counts_beyond_the_cost_of_living_abroad():
    """Where workers crowd a place, what is left of their pay falls faster than pay, and never to nothing."""
    world = world_of_three(1, channel={"living": 0.5})
    place, row = world.destinations[goal(world, "greece")], goal(world, "greece")
    place.pay_in_hiding, pays = 40_000.0, perceived(world).pays
    for pay, left in ((60_000.0, 40_000.0), (30_000.0, 10_000.0), (10_000.0, 200.0)):
        pays[row, IRREGULAR] = pay
        assert pay_beyond_living(world, pays)[row, IRREGULAR] == pytest.approx(left)
    np.testing.assert_array_equal(pay_beyond_living(world, pays)[-1], pays[-1])


class TestReferral:
    def test_half_of_the_district_knows_at_the_parameter_and_word_has_to_be_confirmed(self):
        half = with_migrants(LEFT, 6.0, referral=6.0, referral_confirmed=2.0)
        assert known_to(half, "greece")[LEFT] == pytest.approx(0.5)
        few = with_migrants(LEFT, 0.6, referral=6.0, referral_confirmed=2.0)
        assert known_to(few, "greece")[LEFT] == pytest.approx(0.01 / 1.01)

    def test_where_all_the_world_crosses_one_word_is_enough(self):
        """At `referral_news` others beyond the usual, half of the confirmation is needed; nowhere else less."""
        with_news = {"referral": 6.0, "referral_confirmed": 2.0, "referral_news": 50_000.0}
        crossings = {when: 50_000.0 + 3_300.0 for when in ("2009-01", "2009-02")}
        drivers = {"series": {"Eastern Mediterranean Route": {"crossings": crossings}}}
        world = with_migrants(LEFT, 0.6, drivers=drivers, **with_news)
        routes = [route.key for route in world.route_facts]
        crowded = ["turkey_greece" in [leg.key for leg in route.legs] for route in world.route_facts]
        steepness = confirmation(world)
        np.testing.assert_allclose(steepness[crowded], 1.5)
        assert steepness[routes.index("iran_by_taftan")] == 2.0
        k = 0.1**1.5
        assert known_to(world, "greece")[LEFT] == pytest.approx(k / (1.0 + k))

    def test_news_take_nothing_away_where_many_went(self):
        crossings = {when: 1e6 for when in ("2009-01", "2009-02")}
        drivers = {"series": {"Eastern Mediterranean Route": {"crossings": crossings}}}
        plain = {"referral": 6.0, "referral_confirmed": 2.0}
        news, quiet = with_migrants(LEFT, 60.0, drivers=drivers, **plain), with_migrants(LEFT, 60.0, **plain)
        assert known_to(news, "greece")[LEFT] == pytest.approx(known_to(quiet, "greece")[LEFT]) == 100.0 / 101.0

    def test_without_anybody_who_went_the_way_is_hardly_thinkable(self):
        world = with_migrants(LEFT, 6.0)
        assert known_to(world, "greece")[RIGHT] < 1e-6
        assert known_to(world, "spain")[LEFT] < 1e-6

    def test_the_way_is_heard_of_next_door_and_not_beyond(self):
        world = with_migrants(LEFT, 6.0, referral_neighbours=0.3)
        found = known_to(world, "greece")
        assert found[LEFT] > found[MIDDLE] > 1e-3
        assert found[RIGHT] < 1e-6, "it borders on the middle only"

    def test_those_who_went_farther_tell_of_what_lies_on_the_way(self):
        world = with_migrants(LEFT, 6.0, "greece")
        went = those_who_went(world, 0.0)[LEFT]
        assert went[goal(world, "turkey")] == went[goal(world, "greece")] > 0.0
        assert went[goal(world, "italy")] == 0.0

    def test_the_settled_tell_of_some_who_went(self):
        world = with_migrants(LEFT, 0.0)
        world.stock[LEFT, :, SETTLED] = 0
        world.stock[LEFT, goal(world, "greece"), SETTLED] = 50
        there = [goal(world, name) for name in ("greece", "turkey")]
        assert those_who_went(world, 0.0)[LEFT, there].sum() == 0.0
        np.testing.assert_allclose(those_who_went(world, 0.02)[LEFT, there], 1.0)

    def test_as_many_are_known_of_at_the_start_whatever_the_settled_tell(self):
        known = []
        for word in (0.0, 0.02):
            world = world_of_three(0, offices={"settled_word": word})
            open_referral(world, word)
            known.append(those_who_went(world, word)[:, goal(world, "united_kingdom")].sum())
        assert known[1] == pytest.approx(known[0]) and known[0] > 0.0

    def test_who_went_is_in_part_spread_as_the_countrys(self):
        world = with_migrants(LEFT, 6.0, "greece")
        world[ReferralState].went[RIGHT, goal(world, "spain")] = 1_000.0
        own, pooled = those_who_went(world, 0.0), those_who_went(world, 0.0, 1.0)
        beyond = world[ReferralState].beyond
        np.testing.assert_allclose(pooled[:, beyond].sum(axis=1), own[:, beyond].sum(axis=1))
        assert own[LEFT, goal(world, "spain")] == 0.0 < pooled[LEFT, goal(world, "spain")]

    def test_recruiters_make_a_way_known(self):
        without, busy = (with_migrants(LEFT, 0.5, recruiting=weight) for weight in (0.0, 100.0))
        assert known_to(busy, "greece").sum() > known_to(without, "greece").sum()

    def test_recruiters_are_heard_where_they_are_and_not_where_their_office_moved_to(self):
        world = with_migrants(LEFT, 6.0, recruiting=100.0, referral_neighbours=0.0)
        put_offices(world, [MIDDLE])
        before = known_to(world, "greece")[LEFT]
        world[MarketTables].offices.recruits[0] = LEFT
        assert recruiting_places(world).tolist() == [0.0, 10.0, 0.0]
        assert known_to(world, "greece")[LEFT] > before

    def test_recruiters_speak_of_where_their_own_went(self):
        """However many offices send people to Iran, they make no way to Europe known."""
        world = with_migrants(LEFT, 6.0, "iran", recruiting=100.0)
        offices = world[MarketTables].offices
        offices.recruits[offices.state == OFFICE_OPEN] = LEFT
        assert recruiting_places(world)[LEFT] > 0.0
        assert known_to(world, "greece")[LEFT] < 1e-6

    def test_offices_open_where_ways_are_known(self):
        found = where_ways_are_known(with_migrants(LEFT, 6.0, "greece"))
        assert found[LEFT] == pytest.approx(found.sum())

    def test_arrivals_are_remembered_and_fade(self):
        world = with_migrants(LEFT, 6.0, "greece")
        went, there = world[ReferralState].went, goal(world, "greece")
        before = went.copy()
        remember_arrivals(world, np.array([RIGHT]), np.array([there]), np.array([7]), 100.0)
        assert went[LEFT, there] == pytest.approx(0.99 * before[LEFT, there])
        assert went[RIGHT, there] == 7.0


class TestDistanceFromHome:
    def test_only_ways_by_land_to_iran_are_gone_alone(self):
        alone = {route.destination for route in places_of().routes if route.alone}
        assert alone == {"iran"}
        world = world_of_three(1)
        cost = world[OffersState].month.alone.cost
        on_foot = np.array([route.alone for route in world.route_facts])
        assert np.isfinite(cost[:, on_foot]).all()
        assert np.isinf(cost[:, ~on_foot]).all()

    def test_the_border_is_far_from_punjab_and_near_from_kech(self):
        units = load_units("pakistan")
        rows = {str(key): k for k, key in enumerate(units.unit)}
        to_start, beyond = kilometres_home(units, places_of())
        route = [found.key for found in places_of().routes].index("iran_from_kech")
        km = (to_start + beyond)[:, route]
        assert km[rows["kech"]] < 100.0
        assert km[rows["gujrat"]] > 1000.0

    def test_those_from_afar_know_less_and_are_stopped_more(self):
        world = world_of_three(1)
        to_start, beyond = world[OffersState].home_km
        on_foot = np.array([route.alone for route in world.route_facts])
        far = (to_start + beyond)[:, on_foot]
        risk, known = alone_risk(world)[:, on_foot], local_knowledge(world)[:, on_foot]
        order = np.argsort(far.ravel())
        assert risk.max() / risk.min() > 1.01
        assert (np.diff(risk.ravel()[order]) >= 0.0).all()
        assert (np.diff(known.ravel()[order]) <= 0.0).all()
        assert not local_knowledge(world)[:, ~on_foot].any()


class TestCapacity:
    def test_below_their_capacity_officers_find_as_many_of_a_hundred_in_any_traffic(self):
        quiet, usual, crowd = (interception_probability(0.5, 0.5, 0.4, 1.5, 1.0, flow) for flow in (0.01, 1.5, 6.0))
        assert quiet == usual > crowd
        assert interception_probability(0.5, 0.5, 0.4, 1.5, 4.0, 6.0) > usual, "more officers deal with a larger crowd"

    def test_officers_abroad_follow_a_lasting_crowd_and_leave_after_it(self):
        world = world_of_three(1, interception={"reinforcement": 0.5, "reinforcement_memory": 10.0})
        crowd = np.full(len(world.leg_facts), 3.0)  # twice the capacity
        at_home = world.leg_table.country == "PAK"
        found = np.array([_reinforced(world, crowd).copy() for _ in range(60)])
        np.testing.assert_allclose(found[0, ~at_home], 1.0 + 0.05 * np.log(2.0))
        np.testing.assert_allclose(found[-1, ~at_home], 1.0 + 0.5 * np.log(2.0), rtol=1e-2)
        assert (found[:, at_home] == 1.0).all(), "those of Pakistan are moved by `enforcement`"
        found = np.array([_reinforced(world, 0.1 * crowd).copy() for _ in range(60)])
        np.testing.assert_allclose(found[-1], 1.0, rtol=1e-2)

    @pytest.mark.parametrize(("times", "sign"), [(3.0, 1), (0.3, -1)])
    def test_a_surge_makes_guides_dearer_and_a_slump_cheaper_until_they_follow(self, times: float, sign: int):
        world = world_of_three(1)
        state, leg = world[LegsState], int(world.route_legs[0, 0])
        usual = flow_of_data(world) * world.share_abroad
        state.recent[:], state.flow[:] = usual, usual
        relative = _relative(world, usual)
        state.guides[:] = np.minimum(relative ** world.params(InterceptionParams).guide_lasting, relative)
        prices = []
        for _ in range(120):
            world.t += 1
            state.entered[:] = np.rint(times * usual + 1e3 * sign * (times > 1.0))
            prices.append(_flow(world)[1][leg])
        assert sign * (max(prices, key=lambda price: sign * price) - prices[0]) > 0.0, "felt within months"
        assert sign * (prices[12] - prices[-1]) > 0.0, "it wears off as guides come or leave"
        assert sign * (prices[-1] - 1.0) >= -0.2

    def test_in_the_long_run_a_large_flow_stays_dearer_and_a_small_one_is_no_cheaper(self):
        """Not all who would can guide; those without custom do something else."""
        params = InterceptionParams()
        for times in (2.0, 0.4):
            world = world_of_three(1, drivers={"outside_demand": 0.0})
            state, leg = world[LegsState], int(world.route_legs[0, 0])
            for _ in range(240):
                world.t += 1
                state.entered[:] = np.rint(times * reference_flow(world))
                price = _flow(world)[1][leg]
            flow = _relative(world, state.recent)[leg]
            expected = flow ** (params.guide_price * (1.0 - params.guide_lasting)) if times > 1.0 else 1.0
            assert price == pytest.approx(expected, rel=0.01)

    def test_guides_ask_for_the_risk_of_a_stop_and_for_what_they_spend_against_it(self):
        """By hand: at saturation 0.5 a guide spends as much to avoid stops as he expects to lose by them."""
        world = world_of_three(1, interception={"guide_risk": 2.0, "saturation": 0.5})
        usual, posts = usual_odds(world), world[PostsState].posts
        posts.corrupt[:], posts.caution[:] = usual_corruption(world), 0.0
        world[PostsState].guards.effort[:] = world[PostsState].guards.reference
        asked, in_data, corrupt = np.minimum(1.5 * usual, 1.0), bribed_share(world), np.full(usual.size, 0.25)
        posts.corrupt[:] = 0.9  # who takes bribes now is told by the argument alone
        expected = (1.0 + 2.0 * 2.0 * 0.75 * asked) / (1.0 + 2.0 * 2.0 * (1.0 - in_data) * usual)
        np.testing.assert_allclose(_pay_for_risk(world, asked, corrupt), expected)
        np.testing.assert_allclose(_pay_for_risk(world, usual, in_data), 1.0)
        assert (_pay_for_risk(world, usual, 0.5 * in_data) >= 1.0).all()  # more are stopped where fewer take bribes
        free = world_of_three(1, interception={"guide_risk": 0.0})
        np.testing.assert_allclose(_pay_for_risk(free, asked, corrupt), 1.0)


class TestRepeat:
    def test_most_who_try_again_after_a_push_back_do_so_within_three_months(self):
        drive = _drive(RepeatParams())
        pushed = drive.hazard[0, 1:19]
        again = 1.0 - np.cumprod(1.0 - pushed)
        assert again[2] / again[-1] >= 0.75
        assert (np.diff(drive.hazard, axis=1)[:, 1:] < 0.0).all(), "nobody tries for ever"

    def test_those_pushed_back_try_sooner_than_the_deported(self):
        drive = _drive(RepeatParams())
        assert drive.hazard[0, 1] > drive.hazard[1, 1]


class TestStay:
    def test_removals_shorten_what_a_stay_is_worth(self):
        """At a monthly hazard h the months worked of m are (1 - exp(-h m)) / h; nobody is removed from a city."""
        world = world_of_three(1)
        params, there = world.params(ChannelParams), goal(world, "saudi_arabia")
        rate = world[DiasporaState].removal_rate
        rate[:], rate[there, WORKER] = 0.0, 0.05
        found = share_of_stay(world, rate)
        assert found[there, WORKER] == pytest.approx((1 - np.exp(-0.05 * params.stay)) / (0.05 * params.stay))
        assert found[goal(world, "domestic_city")] == pytest.approx(1.0, abs=1e-5)


class TestEmigration:
    def test_men_are_beside_families_where_there_are_more_of_these(self):
        """Of labour migrants at the start, the share who are where families settle rises with the families' share."""
        world = Model(small_config("pakistan", months=1, scale=0.002)).world
        settles = np.array([facts.settles for facts in world.destination_facts])
        without = world.stock[:, :, [IRREGULAR, HIDDEN]].sum(axis=2)
        labour = without.sum(axis=1) + world.stock[:, :, WORKER].sum(axis=1)
        share = without[:, settles].sum(axis=1) / np.maximum(labour, 1)
        some = labour > 2_000
        assert np.corrcoef(share[some], world.units.settled_share[some])[0, 1] > 0.5


def test_a_nest_of_their_own_takes_no_weight_from_a_group_of_routes_that_are_alike():
    """Each of n routes to one destination gains nest (1 - route_nest) log n, which the nest takes away again."""
    nested, plain = (world_of_three(1, channel={"nest": 0.4, "route_nest": nest}) for nest in (0.25, 1.0))
    ways = plain[ChannelState].ways
    with np.errstate(invalid="ignore"):
        gained = nested[OptionsState].attraction - plain[OptionsState].attraction
    routes = np.isfinite(gained) & (ways.route >= 0)
    rivals = np.exp(ways.log_rivals)
    assert routes.any() and (rivals[routes.any(axis=0)] > 1.5).any()
    expected = np.broadcast_to(0.4 * 0.75 * ways.log_rivals, gained.shape)
    np.testing.assert_allclose(gained[routes], expected[routes], atol=1e-9)


def test_ransoms_to_be_expected_are_a_cost_of_the_way():
    """Chance of coming through each leg and being held, times what is asked; other ways have none."""
    world = world_of_three(1, journey={"ransom": 200_000.0})
    found, options, month = ransoms_of(world), world.option_table, world[LegsState].month
    for k, (channel, route) in enumerate(zip(options.channel, options.route, strict=True)):
        legs = world.route_legs[route, : world.route_length[route]] if channel == IRREGULAR_WAY else []
        chance, there = 0.0, 1.0
        for leg in legs:
            there *= (1.0 - month.death[leg]) * (1.0 - min(month.interception[leg], MOST_STOPPED))
            chance += there * world.leg_facts[leg].extortion
        assert found[k] == pytest.approx(chance * 200_000 * world[EconomyState].income_index)
    assert found.max() > 1_000
    without, asked = (world_of_three(1, journey={"ransom": ransom}) for ransom in (0.0, 200_000.0))
    costs = [made[OptionsState].month.cost[0] for made in (without, asked)]
    some = np.isfinite(costs[0])
    np.testing.assert_allclose(costs[1][some] - costs[0][some], found[some], rtol=1e-6)


def test_those_who_go_without_papers_reckon_with_the_pay_of_both_sectors():
    world = world_of_three(1, diaspora={"hidden_share": 1.0})
    ways, believed = world[ChannelState].ways, perceived(world)
    seen = outlook_of(world, np.ones(ways.channel.size, np.bool_), delays_of(world), believed).month.pay
    left = (pay_beyond_living(world, believed.pays) * share_of_stay(world, believed.removal))[ways.destination]
    hidden, mine = world.destination_table.hidden_share[ways.destination], ways.channel == IRREGULAR_WAY
    mixed = (1.0 - hidden) * left[:, IRREGULAR] + hidden * left[:, HIDDEN]
    np.testing.assert_allclose(seen[mine], mixed[mine])
