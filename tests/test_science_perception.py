"""Enforcement is perceived before it is known: noticed at once, overrated, and remembered when it stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenes import world_of_three
from worlds import months_of, small_config

from abm.abroad import DiasporaState
from abm.beliefs.belief_enforcement import removals_feared
from abm.beliefs.belief_salience import scare
from abm.beliefs.belief_truth import truth_of
from abm.beliefs.beliefs import BeliefsState, look_around, perceived
from abm.beliefs.kernels.beliefs import FAILURE
from abm.enforcement import FearState
from abm.model import Model, simulate
from abm.routes import LegsState
from abm.routes.kernels.contract import odds_of_attempts
from abm.world.codes import IRREGULAR, NEWS_WRECK, WORKER
from abm.world.kernels.notice import notice
from abm.world.state import World

KEPT = 0.5 ** (1 / 4)


def noticed(activity: list[float], overrating: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Perceived over true activity, in logs, and surprise, by month; what is first is what people are used to."""
    perceived, surprise, found = np.array(activity[:1]), np.zeros(1), []
    for now in activity:
        notice(np.array([now]), 0.0, overrating, KEPT, perceived, surprise)
        found.append((np.log(perceived[0] / now), surprise[0]))
    excess, surprises = np.array(found).T
    return excess, surprises


class TestNotice:
    def test_a_rise_is_overrated_and_what_is_perceived_comes_back_to_the_truth(self):
        excess, surprise = noticed([1.0, 1.0, 4.0, *[4.0] * 12])
        assert excess[1] == 0.0 == surprise[1]
        assert surprise[2] == pytest.approx(np.log(4.0)) and (surprise[3:] == 0.0).all()
        np.testing.assert_allclose(excess[2:], 0.5 * np.log(4.0) * KEPT ** np.arange(13), atol=1e-12)

    def test_where_nothing_changes_the_truth_is_seen_though_little_is_unseen(self):
        perceived = np.array([0.2, 0.0])
        notice(perceived.copy(), 0.05, 0.5, KEPT, perceived, np.zeros(2))
        np.testing.assert_allclose(perceived, [0.2, 0.0], atol=1e-12)

    def test_what_stops_is_remembered_for_a_while(self):
        excess, surprise = noticed([4.0, *[1.0] * 9], overrating=0.0)
        np.testing.assert_allclose(excess[1:], np.log(4.0) * KEPT ** np.arange(1, 10), atol=1e-12)
        assert not surprise.any()

    def test_what_comes_and_goes_surprises_less_and_less(self):
        _, surprise = noticed([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], overrating=0.0)
        assert surprise[1] == pytest.approx(np.log(2.0))
        assert 0.0 < surprise[3] < 0.2 * surprise[1] and surprise[5] <= surprise[3] + 1e-12


class TestOfficers:
    LEGS = ("quetta_taftan", "zahedan_turkey")

    def seen(self, months: int = 1, **beliefs: float) -> tuple[World, np.ndarray]:
        """Rumours of failure by route after officers on a leg here and one abroad were trebled."""
        world = world_of_three(2, beliefs=beliefs)
        state, legs = world[BeliefsState].state, [leg.key for leg in world.leg_facts]
        state.rumour[:] = 0.0
        world[LegsState].effort[[legs.index(leg) for leg in self.LEGS]] = 3.0
        state.effort[:] = world[LegsState].effort
        state.effort[[legs.index(leg) for leg in self.LEGS]] = 1.0
        for _ in range(months):
            look_around(world)
        return world, state.rumour[:, FAILURE].copy()

    def test_those_here_raise_the_feared_odds_of_their_leg_at_once_and_those_abroad_are_not_seen(self):
        world, jump = self.seen(sight=0.5)
        over = np.array([any(leg.key == "quetta_taftan" for leg in route.legs) for route in world.route_facts])
        assert (jump[over] > 0.0).all() and not jump[~over].any()
        month, leg = world[LegsState].month, [facts.key for facts in world.leg_facts].index("quetta_taftan")
        odds = month.interception[leg] / (1.0 - month.interception[leg]) * (3.05 / 1.05) ** 0.5
        arrival, fatal = np.zeros((2, len(world.route_facts)))
        odds_of_attempts(world.route_legs, world.route_length, month, arrival, fatal)
        feared = arrival / (1.0 + odds) / (1.0 - month.interception[leg])
        expected = np.log((1.0 - feared) / feared) - np.log((1.0 - arrival) / arrival)
        np.testing.assert_allclose(jump[over], expected[over])

    def test_they_are_news_once(self):
        np.testing.assert_allclose(self.seen(3)[1], self.seen(1)[1])
        assert self.seen(1)[1].any() and not self.seen(1, sight=0.0)[1].any()


CRACKDOWN: dict[str, Any] = {"lever": "deportation", "value": 3.0, "from": "2010-01", "until": "2010-12"}


class TestRemovals:
    def feared(self, **beliefs: float) -> np.ndarray:
        """Believed over true rate of removal of those without papers, by month, in the Gulf without dated campaigns."""
        found = []
        for world in months_of(Model(small_config(months=40, levers=[CRACKDOWN], beliefs=beliefs))):
            rate = world[DiasporaState].removal_rate[:, IRREGULAR]
            there = np.isin(
                [place.facts.key for place in world.destinations], ("united_arab_emirates", "oman", "qatar")
            )
            believed = removals_feared(world, world[BeliefsState].state)[:, IRREGULAR]
            found.append(np.mean(believed[there] / rate[there]))
        return np.array(found)

    def test_they_are_overrated_at_first_revised_and_remembered(self):
        ratio = self.feared()
        assert ratio[11] == pytest.approx(1.0, abs=0.05)
        assert ratio[12] == pytest.approx(3.0**0.5, rel=0.05)
        assert (np.diff(ratio[12:24]) < 0.0).all() and ratio[23] < 1.15
        assert ratio[24] > 2.0  # the law is milder, and few believe it yet
        assert (np.diff(ratio[24:36]) < 0.0).all() and ratio[36] < 1.25

    def test_without_weight_everybody_knows_the_rate_of_the_month(self):
        np.testing.assert_array_equal(self.feared(removal_perceived=0.0), 1.0)

    def test_they_shorten_the_stay_that_is_hoped_for(self):
        """A way that people fear to be sent home from attracts less; legal ways are as they were."""
        world = world_of_three(1)
        state = world[BeliefsState].state
        assert perceived(world).removal[:, IRREGULAR].max() == pytest.approx(state.removal[:, IRREGULAR].max())
        state.removal[:, IRREGULAR] *= 2.0
        rate = world[DiasporaState].removal_rate
        believed = perceived(world).removal
        np.testing.assert_allclose(believed[:, IRREGULAR], 2.0 * rate[:, IRREGULAR], rtol=0.1)
        np.testing.assert_allclose(believed[:, WORKER], rate[:, WORKER], rtol=0.1)


def test_the_alarm_of_offices_is_heard_of_in_their_district():
    world = world_of_three(1, beliefs={"raids_heard": 0.5})
    before = perceived(world).failure
    world[FearState].alarm[0] += 0.8
    more = perceived(world).failure - before
    np.testing.assert_allclose(more[0], 0.4)
    assert not more[1:].any()


class TestScare:
    def felt(self, *boats: int, **beliefs: float) -> np.ndarray:
        """Scare by district after wrecks of so many people of the first."""
        world = world_of_three(1, beliefs=beliefs)
        world.news.forget()
        for boat, dead in enumerate(boats):
            one = np.ones(1, np.int64)
            world.news.report(NEWS_WRECK, 0 * one, dead * one, 0 * one, boat * one)
        return scare(world)

    def test_it_is_that_of_the_dead_at_home_next_door_and_in_all(self):
        home, *rest = self.felt(60, shock=1.0, shock_wreck=20.0, neighbour_shock=0.4, media_shock=0.2)
        assert home == pytest.approx(0.75 * 1.2)
        assert {round(other, 6) for other in rest} <= {round(0.75 * 0.6, 6), round(0.75 * 0.2, 6)}

    def test_boats_are_felt_one_by_one_and_none_without_wrecks(self):
        np.testing.assert_allclose(self.felt(60, 60), 2.0 * self.felt(60))
        assert (self.felt(60, 60) > self.felt(120)).all()
        assert not self.felt().any() and not self.felt(60, shock=0.0).any()


def test_a_change_of_pay_is_not_known_before_anybody_has_written_of_it():
    world = world_of_three(3)
    truth, before = truth_of(world), perceived(world)
    now = perceived(world, truth._replace(pays=2.0 * truth.pays))
    np.testing.assert_array_equal(now.pays[:-1], before.pays[:-1])
    np.testing.assert_array_equal(now.pay, before.pay)


def test_aspiration_opens_where_it_tends_to_and_stays_there_if_it_is_switched_off():
    off = {"aspiration": {"enabled": False}}
    changing, fixed = (
        simulate(small_config("catchment", months=12, scale=0.01, mechanisms=mechanisms))["national"]["aspiration_mean"]
        for mechanisms in ({}, off)
    )
    np.testing.assert_allclose(fixed[:3], changing[:3], rtol=1e-3)
    assert fixed[0] == pytest.approx(fixed[2], rel=0.02)
    assert fixed[-1] == pytest.approx(fixed[2], rel=0.02)
