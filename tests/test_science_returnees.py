"""Those sent home: who tries again, and which way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scenes import KEY, crowd, rates, world_of_three

from abm.abroad.events import Deported, MovesState
from abm.beliefs.belief_news import gather_news
from abm.beliefs.belief_truth import truth_of
from abm.beliefs.beliefs import BeliefsState
from abm.beliefs.kernels.beliefs import EXPECTED_SANCTIONS, TOPICS
from abm.choice.kernels.repeat import draw_repeats, work_for
from abm.choice.repeat import Drive, Repeat, RepeatOutcomes
from abm.departure.applications import ApplicationsState
from abm.departure.options import AS_ONE, IN_PIECES, OptionsMonth
from abm.enforcement.leads import sent_home
from abm.engine.tables import allocate
from abm.market.market import MarketState, Seekers
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK
from abm.routes.travel import Returnees, TravelState
from abm.world.codes import NEWS_DEPORTED, NEWS_FAILED, REMOVED_ELSEWHERE

COUNT = 20_000
MONTH = 5


def ways(dear: float) -> OptionsMonth:
    """Two irregular ways that are alike but for their cost; the first is for 10,000 rupees."""
    cost = np.array([[10_000.0, dear]])
    return OptionsMonth(
        in_use=2, nest=np.full(2, IRREGULAR_WAY), entry=cost, due=cost, cost=cost,
        needs_tie=np.zeros(2, bool), abroad=np.ones(2, bool),
        gain=1.0, cost_weight=np.full(2, 1.5), experience=0.0, idle_pay=1.0, nest_dissimilarity=0.6, nest_count=4,
        in_pieces=IN_PIECES, as_one=AS_ONE,
        spread=np.full(2, 0.6), first_route=0, last_route=2, group=np.zeros(2, np.int64), group_count=1, route_nest=1.0,
        own_migrants=0.0, migrant_share=np.ones(1), skill_premium=0.3, slope=np.zeros((1, len(TOPICS), 2)),
        known=np.ones((1, len(TOPICS))), vouched_gain=np.zeros((1, 2)),
        vouched_weight=np.zeros((1, 2)),
    )  # fmt: skip


def legal_and_irregular() -> OptionsMonth:
    """A contract, a move to a city and an irregular way, alike but for their channels."""
    nest = np.array([LEGAL_WORK, DOMESTIC_MOVE, IRREGULAR_WAY])
    return ways(10_000.0)._replace(
        in_use=3, nest=nest, **dict.fromkeys(("entry", "due", "cost"), np.full((1, 3), 10_000.0)),
        needs_tie=np.zeros(3, bool), abroad=nest != DOMESTIC_MOVE, cost_weight=np.full(3, 1.5), spread=np.full(3, 0.6),
        first_route=2, last_route=3, group=np.zeros(3, np.int64), slope=np.zeros((1, len(TOPICS), 3)),
        vouched_gain=np.zeros((1, 3)), vouched_weight=np.zeros((1, 3)),
    )  # fmt: skip


def tries_again(
    since: int = 2, status: int = 0, dear: float = 10_000.0, loyalty: float = 0.4, kind: int = NEWS_FAILED,
    options: OptionsMonth | None = None, persons: int = 1, weight: int = 1, **household: Any,
) -> Seekers:  # fmt: skip
    """Those who try again of so many cohorts of one, all sent by office 7 before."""
    options = options or ways(dear)
    usual = {"workers": 2, "wage": 10_000, "jobs": 2, "assets": 500_000}
    households = crowd(COUNT, **(usual | household))
    returnees = allocate(Returnees, COUNT)
    for name, value in {
        "row": range(COUNT),
        "persons": persons,
        "since": since,
        "status": status,
        "office": 7,
        "kind": kind,
    }.items():
        getattr(returnees, name)[:] = value
    tries, by_district = Seekers(*np.zeros((5, COUNT), np.int64)), np.zeros((3, 2, 1), np.int64)
    work = work_for(COUNT, 1, 5)
    empty, number = draw_repeats(
        returnees, COUNT, Drive(np.full((2, 25), 0.05), 0.8, 0.15, 24, 0.5, loyalty), MONTH,
        rates(credit_months=99.0, weight=weight), households, np.zeros((1, options.in_use)), options, KEY, ~KEY, work,
        tries, np.zeros((6, COUNT), np.int64), by_district,
    )  # fmt: skip
    tries = Seekers(*(column[:number] for column in tries))
    at_home = returnees.row[returnees.persons > 0]
    assert empty == COUNT - at_home.size
    np.testing.assert_array_equal(by_district[0, :, 0], (tries.persons.sum(), returnees.persons.sum()))
    if at_home.size and persons == 1:
        np.testing.assert_array_equal(at_home, np.setdiff1d(range(COUNT), tries.row))
    return tries


def share(**values: Any) -> float:
    return tries_again(**values).persons.sum() / COUNT


class TestDrive:
    """The hazard is 0.05 a month for those without debt, relatives abroad or punishment."""

    @pytest.mark.parametrize(
        ("case", "drive"),
        [
            ({}, 0.0),
            ({"debt": 120_000}, 0.8 * 0.5),
            ({"debt": 240_000}, 0.8),
            ({"debt": 900_000}, 0.8 * 2.0),
            ({"ties": 2}, 0.15 * 2),
            ({"ties": 9}, 0.15 * 4),
            ({"status": 1}, -0.5),
        ],
        ids=["plain", "half a year's pay owed", "a year's", "more than two", "two ties", "nine ties", "punished"],
    )
    def test_debt_and_ties_drive_people_out_again_and_punishment_deters(self, case: dict[str, Any], drive: float):
        """Within four standard errors."""
        expected = 0.05 * np.exp(drive)
        assert share(**case) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / COUNT))

    def test_of_a_row_of_many_some_owe_what_all_of_it_does(self):
        """A quarter of a hundred households, each three months' pay of both workers: half a year's of one."""
        expected = 0.05 * (0.75 + 0.25 * np.exp(0.8 * 0.5))
        found = share(weight=100, debt=15_000)
        assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / COUNT))

    def test_nobody_leaves_in_the_month_of_coming_home(self):
        assert share(since=MONTH) == 0.0

    def test_after_the_window_they_are_like_everyone_else(self):
        assert share(since=MONTH - 24) == 0.0

    def test_nobody_leaves_whose_household_has_nobody_to_send_or_cannot_pay(self):
        assert share(away=2) == 0.0
        assert share(jobs=0, assets=9_000) == 0.0


class TestDeported:
    @pytest.mark.parametrize("kind", [NEWS_DEPORTED, REMOVED_ELSEWHERE])
    def test_the_deported_leave_by_any_way_abroad_and_those_stopped_go_on_irregularly(self, kind: int):
        """The contract and the irregular way are alike: half each; nobody is counted who moves to a city."""
        options = legal_and_irregular()
        taken = np.bincount(tries_again(kind=kind, options=options).route, minlength=3)
        number = taken.sum()
        assert taken[1] == 0 and taken[0] / number == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / number))
        assert (tries_again(kind=NEWS_FAILED, options=options).route == 2).all()

    def test_nobody_leaves_who_can_pay_for_no_way(self):
        assert share(kind=NEWS_DEPORTED, jobs=0, assets=9_000) == 0.0


class TestWay:
    def test_the_cheaper_way_is_taken_more(self):
        taken = np.bincount(tries_again(dear=2_000_000.0).route, minlength=2)
        assert taken[0] > 1.5 * taken[1] > 0

    def test_a_way_beyond_their_means_is_not_taken(self):
        way = tries_again(dear=20_000_000.0).route
        assert way.size > 0 and (way == 0).all()

    @pytest.mark.parametrize("kind", [NEWS_FAILED, NEWS_DEPORTED])
    def test_cohorts_of_several_take_ways_that_are_alike_equally(self, kind: int):
        """Who tries is drawn apart from the way: those who do had a high draw, and would all take the last one."""
        found = tries_again(kind=kind, persons=4, workers=6)
        taken = np.bincount(found.route, minlength=2)
        assert taken.sum() > 1_000
        assert taken[0] / taken.sum() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / taken.sum()))

    def test_the_declared_share_goes_back_to_the_office_of_before(self):
        office = tries_again(loyalty=0.25).office
        number = office.size
        assert set(office) == {7, -1} and (office == 7).mean() == pytest.approx(
            0.25, abs=4 * np.sqrt(0.25 * 0.75 / number)
        )


def test_those_removed_from_elsewhere_are_not_asked_for_an_office_nor_punished():
    world = world_of_three(1)
    table = world[TravelState].returnees
    for kind in (NEWS_FAILED, REMOVED_ELSEWHERE, NEWS_DEPORTED):
        table.append(row=np.arange(2), persons=1, district=0, since=world.t, office=-1, kind=kind, status=0, piece=0)
    # those who could not apply again are put back among the returnees later than they came
    table.append(
        row=np.arange(2), persons=1, district=0, since=world.t - 1, office=-1, kind=NEWS_FAILED, status=0, piece=0
    )
    table.append(row=np.arange(2), persons=1, district=0, since=world.t, office=-1, kind=NEWS_FAILED, status=0, piece=0)
    rows, home = sent_home(world)
    here = table.rows
    assert (
        rows.size == ((here.since == world.t) & (here.kind != REMOVED_ELSEWHERE)).sum()
        and (home.since == world.t).all()
    )
    assert REMOVED_ELSEWHERE not in home.kind and {NEWS_FAILED, NEWS_DEPORTED} <= set(home.kind.tolist())
    assert rows.size == home.row.size


def test_where_nobody_tries_again_deportees_are_still_seen():
    """Enforcement and the law look at them after `repeat`."""
    world = world_of_three(2, mechanisms={"repeat": {"enabled": False}})
    one = np.zeros(1, np.int64)
    world[MovesState].deported = Deported(one, one + 3, one, one + 1)
    Repeat.step(world)
    assert sent_home(world)[1].persons.sum() >= 3


def test_without_smugglers_the_deported_leave_under_contract():
    """A thousand and more came home two months ago; nobody goes without papers."""
    world = world_of_three(3, mechanisms={"market": {"enabled": False}}, repeat={"deported": 0.5, "window": 12})
    rows = np.arange(200)
    table = world[TravelState].returnees
    table.append(
        row=rows, persons=10, district=0, since=world.t - 2, office=-1, kind=NEWS_DEPORTED, status=0, piece=0
    )  # fmt: skip
    before = world[ApplicationsState].table.count
    Repeat.step(world)
    assert world.figures[RepeatOutcomes.repeat_attempts].sum() > 50
    assert world[ApplicationsState].table.count > before
    assert not world[MarketState].again.row.size


@pytest.mark.parametrize(("by_route", "counts"), [(1, True), (0, False)])
def test_only_those_who_may_be_punished_are_evidence_on_punishment(by_route: int, counts: bool):
    world = world_of_three(2)
    one = np.zeros(1, np.int64)
    none = Deported(one[:0], one[:0], one[:0], one[:0])
    expected = []
    for deported in (none, Deported(one, one + 50, one, one * 0 + by_route)):
        world[MovesState].deported = deported
        heard = gather_news(world, world[BeliefsState].state, truth_of(world))
        expected.append(heard.kinds[: heard.count, EXPECTED_SANCTIONS].sum())
    assert (expected[1] > expected[0]) == counts
