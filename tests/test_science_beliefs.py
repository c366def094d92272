"""What villages learn from whom, and how what they believe enters the choice of a way."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scenes import world_of_three
from worlds import months_of, small_config

from abm.beliefs import perceived
from abm.beliefs.kernels.beliefs import (
    DEATH,
    EXPECTED_DEATHS,
    EXPECTED_FAILURES,
    EXPECTED_SANCTIONS,
    FAILURE,
    HEARD_DEATHS,
    HEARD_ENDED,
    HEARD_FAILURES,
    HEARD_SANCTIONS,
    NEWS_COUNT,
    PAPERS,
    SANCTION,
    TELLS_ARRIVAL,
    TELLS_DEATH,
    TELLS_FAILURE,
    TELLS_SANCTION,
    TELLS_SENT_HOME,
    TOPICS,
    WAGE,
    fill_hopes,
    fill_levels,
    fill_route_shifts,
    learn_from_abroad,
    log_odds,
    papers_chances,
    persons_by_district,
    sum_news,
    tilt,
)
from abm.choice.channel import Believed, ChannelState, Terms, Ways, WaysMonth, known_diaspora
from abm.choice.kernels.channel import attract
from abm.departure.options import OptionsState
from abm.model import Model
from abm.places.options import LEGAL_WORK


class TestLetters:
    def learned(self, migrant_share: list[float], letters: float = 0.0, first: float = 2.0) -> np.ndarray:
        """Believed over true pay abroad, `first` to begin with, in villages of a hundred households after a month."""
        ratio = np.full(len(migrant_share), first, np.float32)
        share, size = np.array(migrant_share, np.float32), np.full(len(migrant_share), 100, np.int32)
        learn_from_abroad(ratio, share, size, 0.5, letters, 50.0, 12.0, 1.0, 1.0, 0.0, 9.0)
        return ratio

    @pytest.mark.parametrize("first", [0.5, 2.0])
    def test_villages_with_more_people_abroad_know_better_how_it_is(self, first: float):
        none, some, many = self.learned([0.0, 0.1, 0.5], first=first)
        assert none == first
        assert abs(many - 1.0) < abs(some - 1.0) < abs(none - 1.0)
        assert np.sign(many - 1.0) == np.sign(first - 1.0)

    def test_letters_of_other_villages_count_as_those_of_their_own(self):
        np.testing.assert_allclose(self.learned([0.0], letters=30.0), self.learned([0.3]), rtol=1e-6)

    def test_they_count_beside_what_was_believed_first(self):
        """Fifteen journeys told a month, kept for a year, beside fifty: 2 - 15 / (50 + 12 x 15 + 15)."""
        np.testing.assert_allclose(self.learned([0.3]), 2.0 - 15.0 / 245.0, rtol=1e-6)


def test_news_is_counted_against_what_was_to_be_expected_on_its_route():
    """Persons by what is told of them; of those sent home a tenth was to be expected to be punished."""
    kinds = [TELLS_ARRIVAL, TELLS_DEATH, TELLS_FAILURE, TELLS_SENT_HOME, TELLS_SANCTION]
    told = np.array(kinds)
    fatal, failed = np.array([0.01, 0.05]), np.array([0.3, 0.6])
    found, heard, of_district = np.zeros(5, np.int64), np.zeros((5, NEWS_COUNT)), np.zeros((NEWS_COUNT, 1))
    first_row, household = np.arange(0, 80, 10), np.array([75, 73, 71, 79, 70])
    count = sum_news(
        household, np.argsort(household), told, np.array([10, 2, 4, 4, 1]), np.array([0, 1, 1, -1, -1]), fatal, failed,
        0.1, np.array([2]), first_row, np.zeros(8, np.int64), found, heard, of_district,
    )  # fmt: skip
    assert count == 1 and found[0] == 7
    np.testing.assert_allclose(of_district[:, 0], 2.0 * heard[0])
    expected = {
        HEARD_ENDED: 16, HEARD_DEATHS: 2, HEARD_FAILURES: 6, HEARD_SANCTIONS: 1,
        EXPECTED_DEATHS: 10 * 0.01 + 6 * 0.05, EXPECTED_FAILURES: 10 * 0.3 + 6 * 0.6, EXPECTED_SANCTIONS: 0.4,
    }  # fmt: skip
    for kind, persons in expected.items():
        assert heard[0, kind] == pytest.approx(persons / 2), "a row stands for two households"


def test_persons_are_counted_in_the_district_of_their_household_whatever_their_order():
    first_row, district, rows = np.array([0, 4, 9]), np.array([0, 0, 1]), np.array([8, 9, 0, 12, 4, 3])
    found = np.zeros(2)
    persons_by_district(rows, np.array([1, 2, 4, 8, 16, 32]), first_row, district, found)
    assert found.tolist() == [53, 10]


def test_papers_are_hoped_for_at_the_mean_rate_of_those_without():
    """Three in the open sector and one in hiding; where nobody is without papers, the open sector counts."""
    rate, chances = np.array([[0.0, 0.0, 0.02, 0.1], [0.0, 0.0, 0.03, 0.5], [0.0, 0.0, 0.0, 0.1]]), np.zeros(3)
    papers_chances(rate, np.array([[9, 9, 3, 1], [5, 5, 0, 0], [0, 0, 7, 0]]), 60.0, chances)
    np.testing.assert_allclose(chances, [1.0 - 0.96**60, 1.0 - 0.97**60, 0.0], rtol=1e-9)


class TestHopesOfPapers:
    """A district hopes at each destination for what is reported from there, tilted by optimism and salience."""

    def hoped(self, reported: list[float], optimism: float = 1.0, salience: float = 0.0) -> np.ndarray:
        """Hopes of a district at these destinations and in a city; ratios are held against the mean reported."""
        told, reference = np.array([*reported, 0.9]), np.full(len(TOPICS), 0.2)
        reference[PAPERS] = told[:-1].mean()
        mean, shock = np.ones((1, len(TOPICS))), np.zeros((1, len(TOPICS)))
        mean[:, PAPERS], shock[:, PAPERS] = optimism, salience
        level = np.zeros((1, len(TOPICS)))
        fill_levels(mean, shock, reference, level)
        papers = np.empty((1, told.size))
        fill_hopes(level, reference, told, papers, np.empty(1))
        return papers[0]

    def test_what_is_reported_is_hoped_for(self):
        np.testing.assert_allclose(self.hoped([0.05, 0.4]), [0.05, 0.4, 0.0], rtol=1e-9)

    def test_places_differ_as_reported(self):
        """The same factor on the odds of all: those who cross to one country do not hope for as much as elsewhere."""
        few, many = (found / (1.0 - found) for found in self.hoped([0.05, 0.4], optimism=1.5)[:2])
        assert many / few == pytest.approx((0.4 / 0.6) / (0.05 / 0.95))
        assert few > 0.05 / 0.95

    @pytest.mark.parametrize("salience", [-1.0, 0.0, 2.0])
    def test_nobody_hopes_where_none_are_given_and_hardly_anybody_where_next_to_none_are(self, salience: float):
        assert self.hoped([0.0, 0.0], 1.5, salience).tolist() == [0.0, 0.0, 0.0]
        falling = [self.hoped([chance / 6, chance], 1.5, salience).max() for chance in (0.3, 0.1, 1e-2, 1e-4, 1e-6)]
        assert falling == sorted(falling, reverse=True)
        assert falling[-1] < 1e-4


def test_hopes_follow_what_is_granted_within_years():
    """Without papers from the fourth month on hopes fall month by month everywhere, and none rises first."""
    ends = {"event": "parameter", "id": "none", "parameter": "diaspora.regularised", "from": "2009-04", "value": 0}
    model = Model(small_config(("gujrat", "mandi_bahauddin", "sialkot"), months=27, min_villages=2, events=[ends]))
    hopes = [perceived(world).papers.mean(axis=0) for world in months_of(model)][2:]
    assert all((after <= before).all() for before, after in pairwise(hopes[1:]))
    assert (hopes[-1] < 0.35 * hopes[0] + 1e-12).all() and hopes[0].max() > 0.1


class TestRoutes:
    def believed(self, level: float, rumour: float = 0.0, truth: float = 0.5) -> np.ndarray:
        """What a district believes of two routes that the country puts at 0.1 and 0.3, and that are equally bad."""
        told, shift = np.array([0.1, 0.3]), np.zeros((1, 2))
        fill_route_shifts(np.array([level]), told, 0.2, np.array([rumour, 0.0]), np.full(2, truth), shift)
        return np.array([tilt(truth, moved) for moved in shift[0]])

    def test_a_route_is_held_to_be_what_the_country_tells_of_it(self):
        """Whatever is true of it, until somebody comes home with news; an alarmed district fears all routes more."""
        for truth in (0.05, 0.5):
            np.testing.assert_allclose(self.believed(log_odds(0.2), truth=truth), [0.1, 0.3], rtol=1e-9)
        assert (self.believed(log_odds(0.4)) > [0.15, 0.45]).all()

    def test_a_rumour_is_about_its_route(self):
        feared, other = self.believed(log_odds(0.2), rumour=1.0)
        assert feared > 0.2 and other == pytest.approx(0.3)


class TestUtility:
    TERMS = Terms(gain=1.0, discount=0.02, harm=25.0, papers=0.6, sanction=2.0, network=0.35, community=0.2)

    def found(self, **changes: float) -> tuple[np.ndarray, np.ndarray]:
        """Utility of one route to one destination, and its slope in each belief."""
        odds = {"death": 0.02, "success": 0.5, "pay": 50_000.0, "known": 20.0, "papers": 0.3, "sanction": 0.1}
        odds |= {"heard": -0.7} | changes
        value = {name: np.array([[number]]) for name, number in odds.items()}
        here, one = np.zeros(1, np.int64), np.ones(1)
        ways = Ways(here, here, here, here > 0, here == 0, here, one, one, 0, 1, here, 1)
        month = WaysMonth(
            here == 0, -one, one[None], here, value["pay"][0], 0.25 * one, 0.0 * one, value["heard"], np.array([1.5])
        )
        believed = Believed(
            value["success"], value["death"], np.array([[10.0]]), value["papers"], value["sanction"][0], one
        )
        attraction, slope = np.zeros((1, 1)), np.zeros((1, len(TOPICS), 1))
        attract(ways, month, self.TERMS, believed, value["known"], np.array([10_000]), attraction, slope)
        return attraction, slope[0, :, 0]

    def utility(self, **changes: float) -> float:
        return float(self.found(**changes)[0][0, 0])

    def test_formula(self):
        odds = 0.6 * 0.3 - 2.0 * 0.5 * 0.1 - 25.0 * 0.02
        expected = (
            -1.0 + 0.25 - 0.7 - 0.02 * 10.0 + odds + np.log(0.5 * 50_000.0) + 0.35 * (np.log(21.0) - 1.5) + 0.2 * 1.5
        )
        assert self.utility() == pytest.approx(expected)

    def test_the_chance_of_an_application_and_who_knows_the_way_are_those_of_the_district(self):
        """Three districts; an application for work abroad, and a route of which all else is equal everywhere."""
        chance, heard = (
            np.array([[0.2, 1.0], [0.8, 1.0], [0.4, 1.0]]),
            np.array([[0.0, -3.0], [0.0, -1.0], [0.0, -2.0]]),
        )
        zeros, ones, same = np.zeros(2, np.int64), np.ones(2), np.ones((3, 1))
        ways = Ways(zeros, zeros, np.array([-1, 0]), zeros > 0, zeros == 0, zeros, ones, ones, 1, 2, zeros, 1)
        month = WaysMonth(zeros == 0, -ones, chance, zeros, 50_000.0 * ones, 0.25 * ones, 0.0 * ones, heard, ones)
        believed = Believed(0.5 * same, 0.02 * same, 10.0 * same, 0.3 * same, same[:, 0], same[:, 0])
        attraction = np.zeros((3, 2))
        residents = np.full(3, 10_000)
        attract(ways, month, self.TERMS, believed, 20.0 * same, residents, attraction, np.zeros((3, len(TOPICS), 2)))
        np.testing.assert_allclose(attraction[:, 0] - attraction[0, 0], np.log(chance[:, 0] / 0.2))
        np.testing.assert_allclose(attraction[:, 1] - attraction[0, 1], [0.0, 2.0, 1.0])

    def test_slopes_are_those_of_the_formula(self):
        """By finite differences in the log odds of the topic; all pay is at stake with failure, and punishment."""
        _, slope = self.found()
        for topic, name, share in ((DEATH, "death", 0.02), (PAPERS, "papers", 0.3), (SANCTION, "sanction", 0.1)):
            step = self.utility(**{name: tilt(share, 1e-6)}) - self.utility(**{name: tilt(share, -1e-6)})
            assert slope[topic] == pytest.approx(step / 2e-6, rel=1e-4)
        assert slope[FAILURE] == pytest.approx(-0.5 - 2.0 * 0.1 * 0.5 * 0.5) and slope[WAGE] == 1.0

    def test_pay_and_people_known_there_attract_and_danger_repels(self):
        assert self.utility(pay=60_000.0) > self.utility() < self.utility(known=40.0)
        assert self.utility(death=0.03) < self.utility()

    def test_what_lies_further_ahead_is_worth_less(self):
        """Two years more to wait for legal work, at 2 % a month."""

        def legal(delay: float) -> np.ndarray:
            world = world_of_three(1, legal_work={"delay": delay}, channel={"gain": 1.5, "discount": 0.02})
            ways = [option.channel == LEGAL_WORK and not option.is_sold for option in world.options]
            return world[OptionsState].attraction[:, ways]

        soon, late = legal(2.0), legal(26.0)
        is_open = np.isfinite(soon)
        assert is_open.any()
        np.testing.assert_allclose((soon - late)[is_open], 1.5 * 0.02 * 24.0)

    def test_the_community_of_the_start_is_that_of_the_whole_country(self):
        world: Any = world_of_three(0, channel={"network_pooling": 0.0})
        world.stock[:] = 0
        world.stock[0, 0, 0], world.stock[1, 1, 0] = 300, 100
        expected = np.log(1.0 + np.array([300.0, 100.0, 0.0]) / world.residents().sum() * 10_000.0)
        np.testing.assert_allclose(world[ChannelState].community[:3], expected)

    def test_people_know_those_of_their_district_and_in_part_those_of_the_country(self):
        def known(pooling: float) -> np.ndarray:
            world: Any = world_of_three(0, channel={"network_pooling": pooling})
            world.stock[:] = 0
            world.stock[0, 0, 0], world.stock[1, 1, 0] = 300, 100
            return known_diaspora(world)[:2, :2]

        np.testing.assert_allclose(known(0.0), [[300, 0], [0, 100]])
        np.testing.assert_allclose(known(1.0), [[225, 75], [75, 25]])
        np.testing.assert_allclose(known(0.5), [[262.5, 37.5], [37.5, 62.5]])
