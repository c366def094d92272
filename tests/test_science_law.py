"""How cases find offices, and what offices fear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from markets import offices_of
from scenes import KEY, world_of_three

from abm.enforcement.cases import Cases
from abm.enforcement.kernels.enforcement import (
    CorruptionMonth,
    Lost,
    RaidMonth,
    adapt_corruption,
    draw_sanctions,
    gather_intelligence,
    learn_risk,
    people_name_offices,
    raid,
    witnesses,
)
from abm.enforcement.patrols import tire
from abm.enforcement.prosecution import loss_of_capital
from abm.engine.tables import allocate
from abm.routes.stations import Guards, Posts
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN

COUNT = 4_000


def within(share: float, expected: float, number: int) -> bool:
    """Whether a share lies within four standard errors of what is expected."""
    return abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / number)


class TestLeads:
    def test_circles_find_large_offices_sooner(self):
        """By their places and one. Those who bribe are overlooked, and so are all where no circle is in charge."""
        capacity, bribed = np.tile([1.0, 19.0, 19.0, 19.0], COUNT // 4), np.tile([0.0, 0.0, 0.5, 0.0], COUNT // 4)
        offices = offices_of(COUNT, capacity=capacity, bribed=bribed, district=np.tile([0, 0, 0, 1], COUNT // 4))
        leads = np.zeros(COUNT, np.int64)
        expected = 400.0
        gather_intelligence(offices, np.array([0, -1]), np.array([expected]), np.zeros(2), KEY, leads)
        found = leads.reshape(-1, 4).mean(axis=0)
        hazard = expected * np.array([2.0, 20.0, 10.0]) / ((2.0 + 20.0 + 20.0) * COUNT / 4)
        for share, chance in zip(found, 1.0 - np.exp(-hazard), strict=False):
            assert within(share, chance, COUNT // 4)
        assert found[3] == 0.0

    def test_investigators_who_were_bought_do_not_hear(self):
        offices, leads = (
            offices_of(3, bribed=[0.0, 0.8, 0.0], state=[OFFICE_OPEN, OFFICE_OPEN, OFFICE_ARRESTED]),
            np.zeros(3, np.int64),
        )
        rows = np.arange(3 * COUNT)
        people_name_offices(
            rows, np.ones(rows.size, np.int64), rows % 3, np.full(rows.size, 0.25), offices, KEY, 1, leads
        )
        assert within(leads[0] / COUNT, 0.25, COUNT) and within(leads[1] / COUNT, 0.05, COUNT) and leads[2] == 0

    def test_clients_of_several_offices_speak_apart(self):
        """Pieces of one cohort, of one household and leg: else all offices would be named or none."""
        offices, leads, pieces = offices_of(COUNT), np.zeros(COUNT, np.int64), np.arange(COUNT)
        known, one = witnesses(pieces * 0, pieces * 0, pieces), np.ones(COUNT, np.int64)
        people_name_offices(known, one, pieces, np.full(COUNT, 0.25), offices, KEY, 1, leads)
        assert within(leads.mean(), 0.25, COUNT)
        punished, marked = np.zeros(COUNT, np.int64), np.zeros(COUNT, bool)
        draw_sanctions(witnesses(pieces * 0, pieces * 0, pieces * 0), one, 0.25, KEY, punished, marked)
        assert within(punished.mean(), 0.25, COUNT)


class TestRaids:
    def arrests(self, **values: Any) -> float:
        """Share of cases that end with an arrest."""
        terms = {"evidence": 1.0, "skill": 1.0, "bribed": 0.0, "owner_share": 0.0} | values
        cases, offices = allocate(Cases, COUNT), offices_of(COUNT, bribed=terms["bribed"])
        cases.office[:] = cases.id[:] = np.arange(COUNT)
        cases.evidence[:] = terms["evidence"]
        self.offices, self.cases = offices, cases
        failed, raided, counts = np.zeros(COUNT, bool), np.zeros(COUNT, bool), np.zeros((2, 1), np.int64)
        raid(
            cases, np.arange(COUNT), np.array([terms["skill"]]), RaidMonth(0.5, 3.0, terms["owner_share"], 0.2, 7), KEY,
            10, offices, raided, counts[0], counts[1], failed,
        )  # fmt: skip
        assert (raided != failed).all()
        return float(raided.mean())

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({}, 1.0 - np.exp(-0.5)),
            ({"evidence": 3.0}, 1.0 - np.exp(-1.5)),
            ({"bribed": 0.8}, 0.2 * (1.0 - np.exp(-0.5))),
            ({"skill": 0.5}, 0.5 * (1.0 - np.exp(-0.5))),
        ],
        ids=["one lead", "three leads", "bought", "unskilled"],
    )
    def test_evidence_and_skill_solve_cases_and_bribes_do_not(self, values: dict[str, float], expected: float):
        assert within(self.arrests(**values), expected, COUNT)

    def test_a_raid_costs_capacity_and_shuts_the_office_whose_owner_is_taken(self):
        """Of ten places; others keep theirs. Three persons are arrested in the mean, and one in four is the owner."""
        share = self.arrests(owner_share=0.25)
        hit = self.cases.arrested > 0
        np.testing.assert_allclose(self.offices.capacity, np.where(hit, 8.0, 10.0))
        assert self.cases.arrested[hit].mean() == pytest.approx(3.0, abs=0.2)
        shut = self.offices.state == OFFICE_ARRESTED
        assert within(shut[hit].mean(), 0.25, int(share * COUNT)) and not shut[~hit].any()
        assert (self.offices.until[shut] == 10).all()


def test_the_more_officers_take_bribes_the_fewer_of_them_are_caught():
    """Those who are honest find them out; nobody is left to do so where all take them."""
    posts = allocate(Posts, 3)
    posts.staff[:], posts.pressure[:], posts.corrupt[:] = 10**7, 1.0, [0.2, 0.8, 1.0]
    posts.integrity[:] = 1.0 - posts.corrupt
    terms = CorruptionMonth(1.0, 1.0, 0.5, 0.01, 10.0, 0.0, 1.0)
    adapt_corruption(posts, np.arange(3), np.zeros(3), terms, KEY)
    np.testing.assert_allclose(posts.caught / (posts.corrupt * posts.staff), [0.008, 0.002, 0.0], rtol=0.05)


class TestFear:
    def learn(self, months: int = 1, **values: Any) -> tuple[np.ndarray, np.ndarray]:
        """Fear and expected loss of four offices: quiet, in a district of arrests, raided, and richer."""
        offices = offices_of(
            4, district=[0, 1, 0, 0], risk=0.01, revenue=500_000, spent=400_000, capital=[10**6, 10**6, 10**6, 10**7]
        )
        loss, stake, own, earning = np.zeros((4, 4))
        seen, lost = np.full(4, -1), Lost(6.0, 0.1)
        raided = np.array([False, False, True, False])
        for _ in range(months):
            learn_risk(
                offices, np.array([0.01, 0.05]), raided, 0.1, 12.0, lost, own, earning, seen, stake, loss
            )  # fmt: skip
        return offices.risk, loss

    def test_arrests_in_the_district_are_feared_and_a_raid_on_themselves_more(self):
        risk, _ = self.learn()
        np.testing.assert_allclose(risk, [0.01, 0.05, 0.01 + 0.1 / 12, 0.01])

    def test_those_with_more_to_lose_lose_more(self):
        """A share of the capital, and months of what they earn."""
        risk, loss = self.learn(200)
        np.testing.assert_allclose(loss, risk * (6.0 * 100_000.0 + 0.1 * np.array([1e6, 1e6, 1e6, 1e7])), rtol=1e-3)

    def test_a_judgment_far_ahead_deters_less(self):
        usual, swift = (
            loss_of_capital(
                world_of_three(1, levers=[{"lever": "prosecution_speed", "from": "2009-01", "value": value}])
            )
            for value in (1.0, 4.0)
        )
        # 28 months of charge and trial become seven
        assert swift / usual == pytest.approx(np.exp(0.03 * 21.0), rel=1e-6)


def test_an_added_effort_tires_towards_its_limit_and_recovers():
    guards = allocate(Guards, 2)
    guards.fatigue[:] = [0.0, 0.4]
    levels = []
    for _ in range(3):
        tire(guards, np.array([3.0, 1.0]), 0.6, 0.5)
        levels.append(guards.fatigue.copy())
    np.testing.assert_allclose(levels, [[0.3, 0.2], [0.45, 0.1], [0.525, 0.05]])
