"""Enforcement at home bites where it is: officers find more where they work, offices fear it at once, and move on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from enforcement_scene import Scene
from markets import world_after
from worlds import PLAIN, small_config

from abm.enforcement.cases import cases_of
from abm.enforcement.circles import CirclesState, _set_in_charge
from abm.enforcement.declarations import EnforcementOutcomes
from abm.enforcement.enforcement import FearState, _perceive, felt
from abm.market.tables import MarketTables, RisksState
from abm.model import Model
from abm.month import OUTCOMES
from abm.routes import CIRCLE_CODE, PostsState
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN

UNITS = ("gujrat", "mandi_bahauddin", "sialkot")
MIDDLE, LEFT, RIGHT = range(3)
SINCE = 12
"""Month in which circles are added, counted from January 2014."""


def circles(value: float = 3.0, unit: str = "gujrat") -> list[dict[str, Any]]:
    """Circles added in one district."""
    return [{"lever": "fia_circles", "value": value, "from": "2015-01", "where": {"unit": [unit]}}]


def by_district(scene: Scene, name: str, first: int = SINCE) -> np.ndarray:
    """Sum of an outcome by district, from a month on."""
    found: np.ndarray = np.sum([month[name] for month in scene.months[first:]], axis=0)
    return found


class TestOfficers:
    def test_those_added_find_more_in_their_district_and_not_next_door(self):
        """Mandi Bahauddin shares the circle of Gujrat."""
        few = {"enforcement": {"cooperation": 0.0, "returnee_cooperation": 0.0}}
        usual, treated = (Scene(units=UNITS, offices=150, levers=levers, **few).run(48) for levers in ([], circles()))
        ratio = by_district(treated, "leads") / by_district(usual, "leads")
        assert ratio[MIDDLE] > 2.0 and ratio[LEFT] < 1.1 and ratio[RIGHT] < 1.1
        more = by_district(treated, "investigations") / by_district(usual, "investigations")
        assert more[MIDDLE] > 1.5 and more[LEFT] < 1.2

    def test_they_take_no_cases_from_next_door(self):
        """The circle has no time for any case: all that is investigated is where officers were added."""
        without = {
            "lever": "investigative_capacity",
            "value": 0.0,
            "from": "2014-01",
            "where": {"unit": list(UNITS[1:])},
        }
        scene = Scene(units=UNITS, offices=150, levers=[*circles(), without], flow=3.0).run(30)
        usual = Scene(units=UNITS, offices=150, levers=circles(), flow=3.0).run(30)
        assert by_district(scene, "investigations")[RIGHT] < 0.2 * by_district(usual, "investigations")[RIGHT]
        assert by_district(scene, "investigations")[MIDDLE] > 0.8 * by_district(usual, "investigations")[MIDDLE]


class TestFear:
    def perceived(self, levers: list[dict[str, Any]], months: int = 60, **values: Any) -> np.ndarray:
        """Perceived over experienced hazard, by month and district."""
        scene = Scene(units=UNITS, offices=150, levers=levers, **values)
        found = []
        for _ in range(months):
            scene.run(1)
            found.append(np.exp(scene.world[FearState].alarm))
        return np.array(found)

    def test_a_new_circle_is_feared_at_once_and_less_later(self):
        """The jump is at most threefold, and is felt next door in part; years later the record counts alone."""
        calm = {"enforcement": {"overrating": 0.0, "alarm_nearby": 0.3}}
        usual, treated = (self.perceived(levers, **calm) for levers in ([], circles()))
        ratio = treated / usual
        np.testing.assert_array_equal(ratio[:SINCE], 1.0)
        assert 1.5 < ratio[SINCE, MIDDLE] <= 3.0 and 1.0 < ratio[SINCE, LEFT] < ratio[SINCE, MIDDLE]
        assert (np.diff(ratio[SINCE:, MIDDLE]) < 0.0).all() and ratio[-1, MIDDLE] < 1.01
        half = np.log(ratio[SINCE + 4, MIDDLE]) / np.log(ratio[SINCE, MIDDLE])
        assert half == pytest.approx(0.5, abs=1e-6), "half-life of four months"

    def test_officers_seen_are_overrated(self):
        """Perceived hazards rise by more at first than the experienced one does in the end."""
        jump = self.perceived(circles(), SINCE + 1)[SINCE, MIDDLE]
        learned = []
        for seed in (1, 2, 3):
            scenes = (Scene(units=UNITS, offices=150, seed=seed, levers=levers).run(60) for levers in ([], circles()))
            usual, treated = (scene.world[FearState].experienced[MIDDLE] for scene in scenes)
            learned.append(treated / usual)
        assert jump > np.mean(learned) > 1.0

    def test_raids_beyond_the_usual_alarm_and_usual_ones_do_not(self):
        rise = felt(np.array([0, 7, 8, 15, 1000, 1]), np.array([5.0, 5.0, 5.0, 5.0, 5.0, 0.1]), 0.6)
        assert (rise[:2] == 0.0).all() and (np.diff(rise[1:5]) > 0.0).all() and rise[4] == pytest.approx(0.6, abs=0.01)
        assert 0.0 < rise[5] < 0.3, "one raid where there are few"

    def test_arrests_are_counted_over_the_offices_that_were_open(self):
        """Of four offices one is shut before an owner is arrested; where all are shut nobody learns."""
        world = Scene(units=UNITS, offices=12).run(1).world
        offices, known = world[MarketTables].offices, world[FearState]
        here = np.flatnonzero(offices.district[:12] == MIDDLE)
        arrested = np.zeros(offices.state.size, np.bool_)
        arrested[here[0]] = True
        offices.state[here[:2]] = OFFICE_ARRESTED
        world[RisksState].owner_arrested = arrested
        world.figures[EnforcementOutcomes.owners_arrested] = np.array([1, 0, 0])
        known.experienced[:] = 0.5
        speed, nobody = 1.0 / world.config.enforcement.risk_memory, np.zeros(offices.state.size, np.bool_)
        _perceive(world, nobody)
        learned = 0.5 + speed * (1.0 / 3.0 - 0.5)
        np.testing.assert_allclose(known.experienced, [learned, 0.5 * (1.0 - speed), 0.5 * (1.0 - speed)])
        offices.state[here], world[RisksState].owner_arrested = OFFICE_ARRESTED, nobody
        _perceive(world, nobody)
        assert known.experienced[MIDDLE] == pytest.approx(learned)

    def test_what_offices_see_is_what_they_fear(self):
        """The hazard is the experienced one times the alarm; that of an office adds raids on itself."""
        scene = Scene(units=UNITS, offices=150, levers=circles()).run(30)
        world = scene.world
        hazard = world[FearState].experienced * np.exp(world[FearState].alarm)
        np.testing.assert_allclose(world[RisksState].hazard, hazard)
        table = world[MarketTables].offices
        here = np.flatnonzero(table.state == OFFICE_OPEN)
        assert (table.risk[here] >= hazard[table.district[here]] - 1e-12).all()


class TestMarket:
    def offices(self, levers: list[dict[str, Any]], seed: int, **values: Any) -> np.ndarray:
        """Offices by district after four years of a busy world, three of them with circles."""
        config = {"units": UNITS, "start": "2014-01", "scale": 0.08, "mechanisms": PLAIN} | values
        world = world_after(48, seed=seed, levers=levers, **config)
        table = world[MarketTables].offices
        return np.bincount(table.district[table.state == OFFICE_OPEN], minlength=3)

    @pytest.mark.study
    def test_circles_lower_offices_there_and_raise_those_next_door(self):
        pairs = [[self.offices(levers, seed) for levers in ([], circles(6.0))] for seed in (1, 2)]
        usual, treated = np.sum(pairs, axis=0)
        assert treated[MIDDLE] < 0.95 * usual[MIDDLE]
        assert treated[LEFT] + treated[RIGHT] > usual[LEFT] + usual[RIGHT]

    def test_without_enforcement_there_are_no_cases_and_nothing_is_feared(self):
        world = world_after(24, units=UNITS, start="2014-01", mechanisms={"enforcement": {"enabled": False}})
        assert cases_of(world).id.size == 0 and not world[RisksState].hazard.any()
        assert not world[MarketTables].offices.risk.any()
        assert OUTCOMES["leads"] not in world.figures


def test_the_handover_follows_its_parameter_in_the_month():
    model = Model(small_config(("lahore", "gujrat", "sialkot"), months=1))
    model.step()
    world = model.world
    _, near = world[CirclesState].in_charge
    world.amend({"enforcement.handover_distance": 20.0})
    world.move({})
    _set_in_charge(world)
    _, far = world[CirclesState].in_charge
    assert (far <= near).all() and (far < near).any()


def test_officers_added_have_the_skill_of_the_circles_of_their_province():
    world = Model(small_config("pakistan", months=1, scale=0.0005)).world
    posts, stations = world[PostsState].posts, world[PostsState].stations
    circles = np.flatnonzero((posts.kind[: stations.listed] == CIRCLE_CODE) & (posts.district[: stations.listed] >= 0))
    province = world.units.province[posts.district[circles]]
    for unit in ("badin", "vehari"):
        there = [str(key) for key in world.units.unit].index(unit)
        mine = circles[province == world.units.province[there]]
        mean = np.average(posts.skill[mine], weights=posts.listed[mine])
        assert posts.skill[stations.listed + there] == pytest.approx(mean)
