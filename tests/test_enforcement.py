"""Enforcement as its text says: it saturates, is corrupted, moves, needs circles and years, costs, can be off."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from enforcement_scene import Scene
from scenes import world_of_three

from abm import conservation
from abm.agents.enforcement import Circle, Post
from abm.config import make_config
from abm.enforcement.cases import Cases, CasesState
from abm.enforcement.circles import CirclesState
from abm.enforcement.enforcement import FearState
from abm.enforcement.kernels.enforcement import judge, reallocate
from abm.enforcement.leads import SanctionsState
from abm.enforcement.prosecution import months_of_closure
from abm.engine.errors import ConfigError
from abm.engine.tables import allocate
from abm.market.tables import MarketTables, Offices, RisksState
from abm.month import LEVERS
from abm.places.drivers import HOME_COUNTRY
from abm.places.geography import load_units, population_at
from abm.places.places import guards_of, places_of
from abm.policy.policy import InForce
from abm.routes.stations import PostsState, station
from abm.routes.travel import TravelState
from abm.world.codes import (
    CASE_INVESTIGATED,
    CASE_LEAD,
    NEWS_SANCTIONED,
    OFFICE_ARRESTED,
    OFFICE_CONVICTED,
    OFFICE_OPEN,
)

CRACKDOWN = "2015-01"
BEFORE, START = 11, 12
"""Last month before the crackdown and its first, counted from January 2014."""

HONEST = {"interception": {"bribe_reach": 0.0}}


def legs_above(effort: np.ndarray) -> set[str]:
    """Legs on which effort is clearly above the usual."""
    return {leg.key for leg, at in zip(places_of().legs, effort, strict=True) if at > 1.01}


def patrol(value: float, lever: str = "border_patrol", leg: str = "karachi_taftan", **more: Any) -> dict[str, Any]:
    return {"lever": lever, "where": {"leg": leg}, "from": CRACKDOWN, "value": value} | more


class TestInterception:
    def test_effort_saturates(self):
        """Each unit of effort adds less than the one before."""
        leg = "karachi_taftan"
        odds = [Scene(levers=[patrol(value)], **HONEST).run(13).on_leg("p", leg)[START] for value in (0, 1, 2, 3, 4, 5)]
        gains = np.diff(odds)
        assert odds[0] == 0.0
        assert (gains > 0).all() and (np.diff(gains) < 0).all()

    def test_a_crowd_dilutes_the_same_effort(self):
        busy = HONEST | {"interception": HONEST.get("interception", {}) | {"capacity": 1.0}}
        crowded = Scene(flow=4.0, **busy).run(36)
        quiet = Scene(flow=1.0, **busy).run(36)
        leg = "lasbela_kech"
        ratio = crowded.on_leg("p", leg)[-1] / quiet.on_leg("p", leg)[-1]
        # in a regional run most travellers come from elsewhere and stay as they are
        assert 0.75 < ratio < 0.95
        assert crowded.on_leg("p", leg)[0] == quiet.on_leg("p", leg)[0]

    def test_effort_on_one_leg_is_felt_there_and_not_elsewhere(self):
        treated, usual = Scene(levers=[patrol(3.0)]).run(13), Scene().run(13)
        changed = treated.months[START]["p"] / usual.months[START]["p"]
        taftan = treated.row("karachi_taftan")
        assert changed[taftan] > 1.05
        assert np.array_equal(np.delete(changed, taftan), np.ones(changed.size - 1))
        assert np.array_equal(treated.months[BEFORE]["p"], usual.months[BEFORE]["p"])

    def test_corruption_halves_the_bite_and_bribes_rise(self):
        """F35: with corruption high the same effort stops fewer, and bribes are a larger part of the cost."""
        leg = "quetta_mashkel"  # half of the officers would take a bribe

        def gain(reach: float) -> tuple[float, float, float]:
            scenes = [
                Scene(levers=[patrol(value, leg=leg)], interception={"bribe_reach": reach}).run(13) for value in (1, 3)
            ]
            odds = [scene.on_leg("p", leg)[START] for scene in scenes]
            bribes = [scene.on_leg("bribe", leg)[START] for scene in scenes]
            return odds[1] - odds[0], bribes[0], bribes[1]

        clean, no_bribe, _ = gain(0.0)
        rotten, bribe, bribe_after = gain(1.0)
        assert no_bribe == 0.0
        assert 0.4 * clean < rotten < 0.62 * clean  # some are careful, after colleagues were caught
        assert bribe_after > 1.1 * bribe > 0.0

    def test_documents_are_found_where_papers_are_used_and_become_dearer(self):
        lever = {"lever": "document_security", "from": CRACKDOWN, "value": 0.5}
        treated, usual = Scene(levers=[lever]).run(13), Scene().run(13)
        papers = np.array([leg.documents > 0 for leg in places_of().legs])
        for name in ("p", "documents"):
            after, without = treated.months[START][name], usual.months[START][name]
            assert (after[papers] > without[papers]).all()
            assert np.array_equal(after[~papers], without[~papers])

    def test_without_enforcement_nobody_looks_at_papers(self):
        lever = {"lever": "document_security", "from": CRACKDOWN, "value": 0.5}
        off = Scene(levers=[lever], mechanisms={"enforcement": {"enabled": False}}).run(13)
        home = np.array([leg.country == "PAK" and leg.documents > 0 for leg in places_of().legs])
        assert home.any() and not off.months[START]["p"][home].any()

    def test_rescue_saves_lives_at_sea_alone(self):
        lever = {"lever": "search_and_rescue", "from": CRACKDOWN, "value": 0.75}
        treated, usual = Scene(levers=[lever]).run(13), Scene().run(13)
        sea = np.array([leg.guard == "sea" for leg in places_of().legs])
        after, without = treated.months[START]["death"], usual.months[START]["death"]
        np.testing.assert_allclose(after[sea], 0.25 * without[sea])
        assert np.array_equal(after[~sea], without[~sea])
        assert np.array_equal(treated.months[START]["p"], usual.months[START]["p"])


class TestCrackdown:
    def test_it_bites_fades_and_leaves_a_residue(self):
        leg = "karachi_taftan"
        treated, usual = Scene(levers=[patrol(3.0)]).run(84), Scene().run(84)
        ratio = treated.on_leg("p", leg) / usual.on_leg("p", leg)
        first, year_later, late = ratio[START], ratio[START + 12], ratio[-12:].mean()
        assert first > 1.05
        assert first > max(year_later, late) and min(year_later, late) > 1.0
        assert (late - 1.0) < 0.75 * (first - 1.0)

    def test_corruption_adapts_to_what_a_bribe_is_worth(self):
        leg = "karachi_taftan"
        stiff = Scene(levers=[patrol(8.0)], enforcement={"fatigue_limit": 0.0}).run(72)
        moral = Scene(levers=[patrol(8.0)], enforcement={"fatigue_limit": 0.0, "temptation": 0.0}).run(72)
        assert stiff.on_leg("p", leg)[START] == pytest.approx(moral.on_leg("p", leg)[START], rel=0.01)
        assert stiff.on_leg("p", leg)[-12:].mean() < 0.985 * moral.on_leg("p", leg)[-12:].mean()

    def test_effort_comes_back_when_the_crackdown_has_ended(self):
        ended = Scene(levers=[patrol(3.0, until="2015-12")]).run(84)
        usual = Scene().run(84)
        ratio = ended.on_leg("p", "karachi_taftan") / usual.on_leg("p", "karachi_taftan")
        assert ratio[-1] == pytest.approx(1.0, abs=0.02)


class TestAllocation:
    def busy(self) -> np.ndarray:
        flow = np.ones(len(places_of().legs))
        flow[[leg.key for leg in places_of().legs].index("karachi_taftan")] = 60.0
        return flow

    def test_officers_move_to_where_they_stop_more_and_the_floor_stays(self):
        scene = Scene(flow=self.busy()).run(96)
        effort = np.array([month["effort"] for month in scene.months])
        busy, other = scene.row("karachi_taftan"), scene.row("quetta_taftan")
        assert effort[0, busy] == pytest.approx(1.0)
        assert effort[-1, busy] > 1.15 and effort[-1, other] < 0.9
        assert (np.diff(effort[6:36, busy]) > 0).all(), "slowly, not at once"
        guards, floor = scene.world[PostsState].guards, scene.world.config.enforcement.allocation_floor
        assert (guards.share >= floor * guards.first_share - 1e-9).all()
        for post in np.unique(guards.post):
            assert guards.share[guards.post == post].sum() == pytest.approx(1.0)
        assert guards.pool.sum() == pytest.approx(1.0)

    def test_posts_elsewhere_send_their_movable_officers(self):
        scene = Scene(flow=self.busy()).run(60)
        rigid = Scene(flow=self.busy(), interception={"pool_share": 0.0}).run(60)
        legs = ("quetta_mashkel", "karachi_taftan")
        at_mashkel, at_taftan = ([found.on_leg("effort", leg)[-1] for found in (scene, rigid)] for leg in legs)
        assert at_mashkel[0] < 1.0 and at_mashkel[1] == pytest.approx(1.0)
        assert at_taftan[0] > at_taftan[1]

    def test_nothing_moves_at_a_full_floor(self):
        still = {"enforcement": {"allocation_floor": 1.0}, "interception": {"reinforcement": 0.0}}
        scene = Scene(flow=self.busy(), **still).run(24)
        np.testing.assert_allclose(scene.months[-1]["effort"], 1.0)

    def test_there_is_no_lock_in(self):
        """Officers who all stand on one leg go back when both are equally busy."""
        world = Scene().run(1).world
        guards = world[PostsState].guards
        mine = np.flatnonzero(guards.post == guards.post[0])
        guards.share[mine] = [0.95, 0.05]
        own = np.ones(len(world.leg_facts))
        for _ in range(200):
            effort = guards.share * world[PostsState].posts.listed[guards.post]
            guards.effort[:] = effort
            on_leg = np.bincount(guards.leg, effort, own.size)
            reallocate(guards, 50.0 * np.sqrt(on_leg), own, 1.0, 0.1, 0.2, 0.5)
        np.testing.assert_allclose(guards.share[mine], guards.first_share[mine], atol=0.1)

    def test_officers_of_pakistan_grow_with_its_residents(self):
        """As many per resident as in the data, of the census of 2017; other states' officers stay."""
        for start, more in (("2017-03", 0), ("2010-01", -1), ("2020-01", 1)):
            world = Scene(start=start, interception={"staffing": 1.0}).run(1).world
            posts, home = world[PostsState].posts, world[PostsState].stations.serves_home
            served = posts.staff > 0.0
            residents = population_at(world.units, world.month).sum() / world.units.population_2017.sum()
            assert np.sign(np.round(residents, 3) - 1.0) == more
            np.testing.assert_allclose(posts.staff[served & home], (residents * posts.listed)[served & home])
            assert np.array_equal(posts.staff[served & ~home], posts.listed[served & ~home])


class TestCorruption:
    def test_it_falls_when_officers_are_caught_and_comes_back(self):
        scene = Scene(enforcement={"watch": 0.0}).run(12)
        posts = scene.world[PostsState].posts
        before = posts.corrupt * (1.0 - posts.caution)
        posts.caution[:] = 0.6  # as after a scandal
        scene.run(1)
        after = scene.on_leg("p", "quetta_mashkel")
        assert after[-1] > 1.2 * after[-2]
        scene.run(60)
        # where a leg was made harder meanwhile a bribe is worth more
        np.testing.assert_allclose(posts.corrupt * (1.0 - posts.caution), before, atol=0.07)

    def test_who_watches_catches_more_and_fewer_take(self):
        lever = {"lever": "anti_corruption", "where": {"leg": "quetta_mashkel"}, "from": CRACKDOWN, "value": 0.8}
        treated, usual = Scene(levers=[lever]).run(60), Scene().run(60)
        assert treated.series("officers_caught")[START:].sum() > usual.series("officers_caught")[START:].sum()
        assert treated.on_leg("p", "quetta_mashkel")[-1] > 1.15 * usual.on_leg("p", "quetta_mashkel")[-1]
        assert treated.on_leg("bribe", "quetta_mashkel")[-1] < 0.5 * usual.on_leg("bribe", "quetta_mashkel")[-1]
        assert (treated.on_leg("p", "turkey_greece") == usual.on_leg("p", "turkey_greece")).all()

    def test_blindness_is_bought_until_somebody_is_caught(self):
        scene = Scene(enforcement={"watch": 0.0}).run(36)
        assert scene.months[-1]["bribed"] > 0.0 and scene.months[-1]["case_bribes"] > 0
        caught = Scene(enforcement={"watch": 0.2}).run(36)
        none = [month["bribed"] for month in caught.months if month["officers_caught"] > 3]
        assert none and min(none) < scene.months[-1]["bribed"]
        arrests = scene.series("arrests").sum()
        assert Scene(interception={"bribe_reach": 0.0}).run(36).series("arrests").sum() > arrests

    def test_an_office_without_capital_cannot_pay(self):
        scene = Scene().run(12)
        scene.world[MarketTables].offices.capital[:30] = 0
        scene.run(1)
        offices, bribes = scene.world[MarketTables].offices, scene.world[RisksState].bribes
        assert (offices.bribed[:30] == 0).all() and (bribes[:30] == 0).all()
        assert (bribes <= np.maximum(offices.capital, 0)).all()


class TestCases:
    def test_leads_need_circles(self):
        """A district that no circle covers loses its leads; a circle there, or nearby, follows them."""
        alone = Scene(units=("badin",)).run(24)
        assert alone.series("leads").sum() > 0
        np.testing.assert_array_equal(alone.series("leads"), alone.series("leads_lost"))
        assert alone.series("arrests").sum() == 0
        lever = {"lever": "fia_circles", "where": ["badin"], "from": "2014-01", "value": 1}
        helped = Scene(units=("badin",), levers=[lever]).run(24)
        assert helped.series("arrests").sum() > 0

    def test_a_client_stopped_at_home_gives_one_lead(self):
        """Those who go home speak with the higher chance of the two; those who try again where they are stopped."""
        chances = {"cooperation": 0.5, "returnee_cooperation": 0.2, "chill": 0.0, "intelligence": 0.0}
        flow = np.array([50.0 * (leg.country == HOME_COUNTRY) for leg in world_of_three(0).leg_facts])
        both, again = (Scene(units=("badin",), flow=flow, home=home, enforcement=chances).run(12) for home in (1, 0))
        alike = Scene(units=("badin",), flow=flow, enforcement=chances | {"returnee_cooperation": 0.0}).run(12)
        assert both.series("leads").sum() == pytest.approx(alike.series("leads").sum(), rel=0.1)
        assert again.series("leads").sum() == pytest.approx(1.4 * both.series("leads").sum(), rel=0.1)

    def test_cases_of_a_circle_that_ends_go_to_the_one_in_charge_now(self):
        here = {"where": ["badin"], "from": "2014-01", "until": "2014-06"}
        levers = [{"lever": "fia_circles", "value": 1} | here, {"lever": "investigative_capacity", "value": 0} | here]
        scene = Scene(units=("badin", "hyderabad"), levers=levers, flow=5.0).run(6)
        found = scene.world[CasesState].table.rows
        waits = (found.district == list(scene.world.units.unit).index("badin")) & (found.stage == CASE_LEAD)
        before, office = np.unique(found.circle[waits]), found.office_key[waits].copy()
        scene.run(1)
        found = scene.world[CasesState].table.rows
        kept = np.isin(found.office_key, office)
        circles, _ = scene.world[CirclesState].in_charge
        assert kept.any() and before.size == 1
        np.testing.assert_array_equal(found.circle[kept], circles[found.district[kept]])
        assert before[0] not in found.circle[kept]

    def test_a_circle_of_policy_takes_no_cases_from_next_door(self):
        """Khanewal lies nearer to Vehari than to Multan, whose circle has officers for it."""
        units = ("multan", "khanewal", "vehari")
        lever = {"lever": "fia_circles", "where": ["vehari"], "from": "2014-01", "value": 1}
        without, added = (Scene(units=units, levers=levers).run(1).world for levers in ([], [lever]))
        before, now = (world[CirclesState].in_charge[0] for world in (without, added))
        there = [str(key) for key in added.units.unit].index("vehari")
        assert now[there] == added[PostsState].stations.listed + there
        np.testing.assert_array_equal(np.delete(now, there), np.delete(before, there))

    def test_officers_who_end_a_case_begin_another_in_the_month(self):
        """With more leads than they can follow: as many cases run at the end of any month as they have capacity for."""
        scene = Scene(enforcement={"caseload": 0.1, "investigation_months": 3}, offices=200).run(12)
        started = scene.series("investigations")
        assert started[3:].sum() == pytest.approx(3 * started[:3].sum(), rel=0.2)

    def test_leads_are_lost_with_distance(self):
        def lost(units: tuple[str, ...]) -> float:
            scene = Scene(units=units).run(24)
            district = list(scene.world.units.unit).index("badin")
            leads = np.array([[month[name][district] for name in ("leads", "leads_lost")] for month in scene.months])
            return leads[:3, 1].sum() / leads[:3, 0].sum()

        assert 0.0 < lost(("badin", "hyderabad")) < 0.98 < lost(("badin", "gujrat"))

    def test_there_are_months_between_lead_arrest_court_and_judgment(self):
        config = {
            "enforcement": {"investigation_months": 5},
            "prosecution": {"charge_months": 3.0, "trial_months": 10.0},
        }
        scene = Scene(**config).run(40)
        first = {name: int(np.flatnonzero(scene.series(name))[0]) for name in ("investigations", "arrests")}
        first |= {name: int(np.flatnonzero(scene.series(name))[0]) for name in ("prosecutions", "convictions")}
        assert first["investigations"] == 0
        assert first["arrests"] == 5
        assert first["prosecutions"] >= 5 + 3
        assert first["convictions"] >= first["prosecutions"] + 10

    def test_a_circle_runs_no_more_cases_than_it_can(self):
        scene = Scene(enforcement={"caseload": 0.1}).run(24)
        circles = scene.model.circles
        running = np.array([circle.investigations for circle in circles])
        assert (running <= np.array([circle.capacity for circle in circles]) + 1).all() and running.sum() > 0
        assert scene.series("arrests").sum() < 0.5 * Scene().run(24).series("arrests").sum()

    def test_investigative_capacity_finds_more(self):
        lever = {"lever": "investigative_capacity", "from": "2014-01", "value": 4}
        assert Scene(levers=[lever]).run(36).series("arrests").sum() > 1.2 * Scene().run(36).series("arrests").sum()

    def test_an_arrest_shuts_an_office_and_bail_opens_it(self):
        scene = Scene(
            enforcement={"owner_share": 1.0, "custody_months": 3.0}, mechanisms={"prosecution": {"enabled": False}}
        )
        scene.run(12)
        shut = np.flatnonzero(scene.world[MarketTables].offices.state == OFFICE_ARRESTED)
        assert shut.size
        until = scene.world[MarketTables].offices.until[shut].copy()
        assert (until > scene.world.t).all() and (until <= scene.world.t + 3).all()
        scene.run(1)
        due = shut[until <= scene.world.t]
        assert (scene.world[MarketTables].offices.state[due] == OFFICE_OPEN).all()

    @pytest.mark.parametrize(
        ("probability", "key", "expected"),
        [(1.0, 7, OFFICE_CONVICTED), (0.0, 7, OFFICE_OPEN), (1.0, 8, OFFICE_ARRESTED)],
        ids=["convicted", "acquitted", "the row serves another office by now"],
    )
    def test_a_judgment_meets_the_office_that_was_charged(self, probability: float, key: int, expected: int):
        cases, offices = allocate(Cases, 1), allocate(Offices, 1)
        cases.office_key[:], cases.owner[:], cases.arrested[:] = 7, 1, 3
        offices.key[:], offices.state[:] = key, OFFICE_ARRESTED
        convicted = np.zeros(1, np.int64)
        judge(cases, np.array([0]), probability, np.uint64(1), offices, convicted)
        assert offices.state[0] == expected
        assert convicted[0] == (3 if probability else 0)

    @pytest.mark.parametrize(("since", "expected"), [(5, OFFICE_ARRESTED), (1, OFFICE_OPEN)])
    def test_an_acquittal_frees_nobody_who_was_arrested_again(self, since: int, expected: int):
        cases, offices = allocate(Cases, 2), allocate(Offices, 1)
        cases.office_key[:], cases.owner[:], cases.since[:] = 7, 1, [3, since]
        offices.key[:], offices.state[:] = 7, OFFICE_ARRESTED
        judge(cases, np.array([0]), 0.0, np.uint64(1), offices, np.zeros(1, np.int64))
        assert offices.state[0] == expected


class TestFear:
    def run(self, lever: str | None = None, value: float = 1.0) -> Scene:
        levers = [{"lever": lever, "from": "2014-01", "value": value}] if lever else []
        return Scene(levers=levers, enforcement={"owner_share": 0.2}).run(36)

    def test_speed_and_certainty_raise_what_offices_fear(self):
        usual = self.run()
        for lever, value in (("prosecution_certainty", 3.0), ("prosecution_speed", 4.0)):
            treated = self.run(lever, value)
            assert treated.series("convictions").sum() > 1.1 * usual.series("convictions").sum(), lever
            assert treated.series("loss")[12:].mean() > 1.05 * usual.series("loss")[12:].mean(), lever

    def test_severity_makes_the_same_arrest_dearer(self):
        """With as many offices left: a longer closure alone would leave fewer to fear anything.

        Closure and seizure double; what a conviction ends, it ends whatever the punishment.
        """
        lever = {"lever": "sanction_severity", "from": "2014-01", "value": 2}
        usual, severe = (Scene(levers=levers).run(6).world for levers in ([], [lever]))
        assert severe[RisksState].seized_share == 2 * usual[RisksState].seized_share
        risks = [world[MarketTables].offices.risk for world in (usual, severe)]
        both = (risks[0] > 0) & (risks[1] > 0)
        losses = [world[RisksState].arrest_loss[both] for world in (usual, severe)]
        for_ever = months_of_closure(usual) * usual[FearState].earning[both]
        dearer, as_usual = losses[1] / risks[1][both] - for_ever, losses[0] / risks[0][both] - for_ever
        np.testing.assert_allclose(dearer, 2 * as_usual)

    def test_a_raid_next_door_is_felt_next_door(self):
        scene = Scene(units=("gujrat", "badin"), enforcement={"owner_share": 1.0}).run(30)
        risk = scene.world[MarketTables].offices.risk
        assert risk[0:60:2].mean() != risk[1:60:2].mean()


class TestSanctions:
    LEVER: ClassVar = {"lever": "migrant_sanction", "from": CRACKDOWN, "value": 0.5}

    def test_they_are_reported_paid_and_booked(self):
        scene = Scene(levers=[self.LEVER]).run(13)
        world = scene.world
        fined = int(scene.series("sanctioned")[START])
        rows, persons, _, _ = world.news.of(NEWS_SANCTIONED)
        assert persons.sum() == fined > 0 and rows.size
        paid = world.ledger.flows["households", "government", "fine"]
        assert 0.8 < paid / (fined * world.config.enforcement.fine) <= 1.0  # some have no more to give or to borrow
        assert conservation.check(world) == []
        assert world[SanctionsState].risk == pytest.approx(0.5 + world.config.enforcement.sanction)
        returned = world[TravelState].returnees
        assert 0 < returned.columns.status[: returned.count].sum() < returned.count

    def test_who_may_be_punished_names_nobody(self):
        """S11: victims as offenders do not report."""
        usual, harsh = Scene().run(36), Scene(levers=[self.LEVER]).run(36)
        assert harsh.series("leads")[START + 1 :].sum() < 0.85 * usual.series("leads")[START + 1 :].sum()


class TestMoney:
    def test_spending_is_booked_from_the_government(self):
        scene = Scene(levers=[patrol(2.0)]).run(13)
        np.testing.assert_array_equal(scene.series("spending"), scene.series("paid") + scene.series("policy"))
        assert scene.months[BEFORE]["policy"] == 0 < scene.months[START]["policy"]
        posts, stations = scene.world[PostsState].posts, scene.world[PostsState].stations
        on_legs = stations.serves_home & (posts.kind > 0)
        expected = (posts.staff * posts.budget)[posts.kind == 0].sum()
        expected += scene.world.region_share * (posts.staff * posts.budget)[on_legs].sum()
        assert scene.months[-1]["paid"] == pytest.approx(expected, abs=1)
        assert conservation.check(scene.world) == []

    def test_a_patrol_costs_the_officers_added(self):
        scene = Scene(levers=[patrol(3.0)]).run(13)
        post = next(post for post in places_of().posts if post.key == "post_taftan")
        guards = scene.world[PostsState].guards
        officers = guards.reference[guards.leg == scene.row("karachi_taftan")].sum()
        lever = LEVERS["border_patrol"]
        cost = scene.months[START]["policy"]
        pay = officers * post.budget * scene.world.region_share
        assert cost == pytest.approx(2.0 * pay * lever.unit_cost, rel=0.05)

    def test_circles_added_are_the_cost_of_the_lever_and_not_counted_twice(self):
        lever = {"lever": "fia_circles", "where": ["gujrat"], "from": CRACKDOWN, "value": 2}
        scene, usual = Scene(levers=[lever]).run(13), Scene().run(13)
        params = scene.world.config.enforcement
        assert scene.months[START]["policy"] == 2 * params.circle_staff * params.circle_budget
        assert scene.months[START]["paid"] == usual.months[START]["paid"]

    def test_capacity_is_paid_where_the_officers_work(self):
        """Those added in Gujrat join its circle, which serves the district next door, and work in Gujrat alone."""
        units = ("gujrat", "mandi_bahauddin")
        added = {"lever": "fia_circles", "where": ["gujrat"], "from": CRACKDOWN, "value": 2}

        def cost(unit: str, *more: dict[str, Any]) -> int:
            lever = {"lever": "investigative_capacity", "where": [unit], "from": CRACKDOWN, "value": 3}
            return int(Scene(units=units, levers=[lever, *more]).run(13).months[START]["policy"])

        params = make_config().enforcement
        circles = 2 * params.circle_staff * params.circle_budget
        assert cost("mandi_bahauddin", added) - cost("mandi_bahauddin") == pytest.approx(circles, abs=2)
        more = 2.0 * circles * LEVERS["investigative_capacity"].unit_cost
        assert cost("gujrat", added) - cost("gujrat") == pytest.approx(circles + more, abs=2)

    def test_a_withdrawal_bears_no_part_of_the_bill(self):
        levers = [patrol(3.0, id="more"), patrol(0.5, id="less")]
        costs = Scene(levers=levers).run(13).world[InForce].policy.costs
        assert costs["less"] == 0 < costs["more"]


class TestOff:
    def test_without_enforcement_there_are_no_leads_and_constant_odds(self):
        off = {"enforcement": {"enabled": False}}
        alone = {"others": 0.0}  # crowds of others come and go, and no history of a leg changes in that time
        scene = Scene(flow=5.0, start="2018-01", mechanisms=off, interception=alone).run(11)
        assert all(scene.series(name).sum() == 0 for name in ("leads", "arrests", "prosecutions", "sanctioned", "paid"))
        odds = np.array([month["p"] for month in scene.months[:6]])
        assert (odds == odds[0]).all() and (odds > 0).any()

    def test_without_prosecution_nobody_is_convicted_and_arrests_go_on(self):
        scene = Scene(mechanisms={"prosecution": {"enabled": False}}).run(60)
        assert scene.series("arrests").sum() > 0
        assert scene.series("prosecutions").sum() == scene.series("convictions").sum() == 0
        assert (scene.world[MarketTables].offices.state != OFFICE_CONVICTED).all()
        assert (scene.world[CasesState].table.columns.stage[: scene.world[CasesState].table.count] < 2).all()


class TestLevers:
    def refuse(self, lever: str, where: dict[str, Any], value: float = 0.5) -> str:
        use = {"lever": lever, "where": where, "from": "2014-01", "value": value}
        with pytest.raises(ConfigError) as caught:
            make_config(start="2014-01", end="2014-12", levers=[use])
        return str(caught.value)

    @pytest.mark.parametrize(
        ("lever", "where", "words"),
        [
            ("border_patrol", {"leg": "turkey_greece"}, "no border post of Pakistan guards"),
            ("border_patrol", {"route": "onward_turkey_greece"}, "none of whose legs is guarded by a border post"),
            ("coastal_patrol", {"leg": "karachi_taftan"}, "use 'border_patrol' there"),
            ("airport_screening", {"leg": "dubai_libya"}, "no airport of Pakistan guards"),
            ("document_security", {"leg": "karachi_taftan"}, "nobody travels on papers"),
            ("search_and_rescue", {"leg": "karachi_taftan"}, "is not travelled by sea"),
            ("transit_border_control", {"leg": "turkey_greece"}, "no transit state guards"),
            ("destination_border_control", {"leg": "kech_iran"}, "no destination state guards"),
            ("anti_corruption", {"destination": "iran"}, "acts on districts of circles and legs of posts"),
        ],
    )
    def test_a_leg_where_it_does_nothing_is_refused(self, lever: str, where: dict[str, Any], words: str):
        assert words in self.refuse(lever, where)

    def test_a_route_means_its_legs_where_the_lever_acts(self):
        use = {"lever": "border_patrol", "where": {"route": "greece_by_taftan"}, "from": "2014-01", "value": 4}
        scene = Scene(levers=[use]).run(1)
        raised = legs_above(scene.months[0]["effort"])
        assert raised == {"karachi_taftan"}

    def test_without_a_place_it_acts_wherever_it_can(self):
        scene = Scene(levers=[{"lever": "coastal_patrol", "from": "2014-01", "value": 2}]).run(1)
        raised = legs_above(scene.months[0]["effort"])
        assert raised == {leg for leg, kinds in guards_of(places_of()).items() if "coast_guard" in kinds}

    def test_districts_and_legs_are_jurisdictions(self):
        for where in (["gujrat"], {"province": "punjab"}, {"leg": "karachi_taftan"}, {"route": "iran_by_kech"}):
            use = {"lever": "anti_corruption", "where": where, "from": "2014-01", "value": 0.9}
            scene, usual = Scene(levers=[use]).run(24), Scene().run(24)
            lower = scene.world[PostsState].posts.corrupt < 0.7 * usual.world[PostsState].posts.corrupt
            kinds = set(scene.world[PostsState].posts.kind[lower])
            assert kinds == ({0} if isinstance(where, list) or "province" in where else {1}), where
            assert scene.months[-1]["policy"] > 0


class TestAgents:
    def test_they_are_views_on_the_columns(self):
        scene = Scene(levers=[{"lever": "fia_circles", "where": ["lahore"], "from": "2014-01", "value": 1}]).run(12)
        officers = {officer.key: officer for officer in (*scene.model.posts, *scene.model.circles)}
        assert len(officers) == scene.world[PostsState].posts.staff.size
        lahore, taftan = officers["circle_lahore"], officers["post_taftan"]
        assert isinstance(lahore, Circle) and lahore.districts == ("lahore",)
        assert isinstance(taftan, Post) and taftan.kind == "border_post"
        assert officers["coast_gwadar"].kind == "coast_guard"
        assert set(taftan.effort) == {"karachi_taftan", "quetta_taftan"}
        assert lahore.staff == pytest.approx(scene.world[PostsState].posts.listed[lahore.row] + 25)
        cases, count = scene.world[CasesState].table.columns, scene.world[CasesState].table.count
        mine = (cases.circle[:count] == lahore.row) & (cases.stage[:count] == CASE_INVESTIGATED)
        assert lahore.investigations == mine.sum() > 0
        assert 0 < taftan.corruption < 0.5 and taftan.spending > 0
        assert set(officers.values()) <= set(scene.model.agents)

    def test_a_circle_that_is_not_founded_yet_has_no_officers(self):
        early, late = Scene(start="2009-06").run(1), Scene(start="2012-06").run(1)
        row = early.world[PostsState].stations.keys.index("circle_gujrat")
        assert early.world[PostsState].posts.staff[row] == 0 < late.world[PostsState].posts.staff[row]

    @pytest.mark.parametrize(
        ("change", "words"),
        [({"at": ("nowhere",)}, "stands at 'nowhere'"), ({"kind": "navy"}, "expected one of circle, border_post")],
    )
    def test_wrong_posts_are_refused(self, change: dict[str, Any], words: str):
        posts = (places_of().posts[0].model_copy(update=change), *places_of().posts[1:])
        with pytest.raises(ValueError, match=words):
            station(posts, places_of().legs, load_units("catchment"))

    def test_every_leg_needs_a_guard(self):
        posts = tuple(post for post in places_of().posts if post.key != "libya_coast")
        with pytest.raises(ValueError, match="no post guards libya_italy"):
            station(posts, places_of().legs, load_units("catchment"))
