"""Formulas of trafficking: which households lose members, whom recruiters find, what is paid, how people come free."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest
from test_trafficking import KEYS, stepped
from worlds import small_config

from abm import conservation
from abm.engine.random import uniform
from abm.engine.tables import allocate
from abm.model import Model
from abm.society import dollar_since
from abm.society.kernels.livelihood import room_with_lenders
from abm.streams import release, streams_of, taking
from abm.streams.at_risk import Sample, ask_households, draw_recruits
from abm.streams.cities import ease_of_reach
from abm.streams.kernels.trafficking import (
    ADULT_WOMEN,
    MINORS_AMONG_DEPENDANTS,
    MOST_WORTH,
    USUAL_MIGRANTS,
    count_left,
    draw_convicted,
)
from abm.streams.recruiters import TRAFFICKERS, RecruitersState, convict, count, matched, reconsider
from abm.streams.release import (
    AGAIN,
    ESCAPE,
    OUTREACH,
    RESCUE,
    _hazards,
    _taken_on,
    _tell_agencies,
    let_out,
    spread_word,
)
from abm.streams.taking import _still_held, place_of
from abm.streams.trade import (
    TradeState,
    _ease,
    _pay_families,
    contacts,
    daring,
    demand_of_month,
    ease_of_phones,
    incomes,
    margins,
    persons_found,
    relative_prices,
    sold_again,
    usual_prices,
    usual_recruiters,
)
from abm.streams.trafficking import SOLD_MEMORY, _bring_others
from abm.streams.trafficking_outcomes import TraffickingOutcomes as Out
from abm.streams.trafficking_params import MODERATORS, WARNING_TEAMS, TraffickingParams
from abm.streams.victims import Places, Taken, Victims, VictimsState, come_home, enter, hear, leave, mourn, take
from abm.world.codes import FREE_OF_BOND
from abm.world.state import World

UNITS = ("gujrat", "lahore", "rahim_yar_khan")
JOBS, SERVICE, RUNAWAYS, CAMELS, GULF = (
    KEYS.index(key) for key in ("job_traps", "domestic_service", "runaways", "camel_racing", "women_to_gulf")
)


GAIN = np.ones(len(KEYS))
"""Something is earned by every stream."""


@pytest.fixture
def world() -> World:
    """Three districts after a month."""
    return stepped(units=UNITS)


def ask(world: World) -> Sample:
    """Ask the households of the month again."""
    fixed, state = world[TradeState].fixed, world[VictimsState]
    return ask_households(world, fixed.streams, usual_prices(world)[1], state.heard, np.full(3, 10_000_000))


def make_alike(world: World, rows: np.ndarray, *, poor: bool) -> None:
    """Leave households with nothing, or with work for all and savings of many years."""
    households = world.households
    households.jobs[rows] = 0 if poor else households.workers[rows]
    households.assets[rows] = 0 if poor else 2_000_000
    households.wage[rows] = 30_000
    households.debt[rows] = 0
    households.bond[rows] = FREE_OF_BOND


class TestHouseholds:
    def test_the_answer_is_a_choice_by_want_debt_word_and_gain(self, world: World):
        """Worked out here from the columns, for an offer of work, a placement and runaways."""
        world[VictimsState].heard[:] = np.linspace(0.0, 20.0, world[VictimsState].heard.size)
        sample, params = ask(world), world.params(TraffickingParams)
        households, villages, facts = world.households, world.villages, world[TradeState].fixed.streams
        offered, family = facts[JOBS].promised, usual_prices(world)[1][SERVICE]
        expected = np.zeros((sample.rows.size, 4))
        for k, (row, village) in enumerate(zip(sample.rows, sample.village, strict=True)):
            rate = world.district_month[villages.district[village]]
            away = int(households.away[row]) // int(rate["weight"])
            home, dependants = int(households.workers[row]) - away, int(households.dependants[row])
            jobs = min(int(households.jobs[row]), home)
            if households.bond[row] != FREE_OF_BOND or home + dependants < 2 or households.away[row] % rate["weight"]:
                expected[k] = np.nan if households.bond[row] == FREE_OF_BOND and home + dependants >= 2 else 0.0
                continue
            pay, need = households.wage[row] * rate["wage_index"], rate["subsistence"] * (home + dependants)
            want = households.assets[row] < params.want_months * need and jobs * pay < need
            means = jobs * pay + households.assets[row] + max(room_with_lenders(row, rate, households), 0.0)
            push = (
                params.want * want
                + params.unmet * (want and means < need)
                + params.debt * min(households.debt[row] / (12 * max(pay * home, 1.0)), 1.0)
                - params.warned * world[VictimsState].heard[village]
                - params.reluctance
            )
            usual = max(households.wage[row] * jobs / max(home, 1), 1.0)
            gulf = min(np.log(facts[GULF].promised / usual), MOST_WORTH)
            gain = (
                gulf,
                min(np.log(offered / usual), MOST_WORTH),
                np.log(family / max(max(jobs, 0.1 * home) * pay, 1.0)),
            )
            of_women, *go = [1.0 / (1.0 + np.exp(-push - params.gain * found)) for found in gain]
            idle, urban = max(home - jobs, 0) + params.idle * jobs, 0.4 if villages.urban[village] else 1.0
            minors = 0.5 * MINORS_AMONG_DEPENDANTS * dependants
            runs = params.runaway * (1.0 + params.runaway_want * want)
            women = facts[GULF].share * ADULT_WOMEN * dependants * (facts[GULF].urban if urban < 1.0 else 1.0)
            women *= (1.0 + params.networks * villages.migrant_share[village]) / (
                1.0 + params.networks * USUAL_MIGRANTS
            )
            expected[k] = idle * urban * go[0], minors * urban * go[1], minors * runs, women * of_women
        known = ~np.isnan(expected[:, 0])
        assert known.mean() > 0.5
        found = sample.weight[:, [JOBS, SERVICE, RUNAWAYS, GULF]]
        assert np.ptp(villages.migrant_share[sample.village[known]]) > 0.02
        np.testing.assert_allclose(found[known], expected[known], rtol=1e-6)

    def test_those_in_want_lose_more_members_than_others(self, world: World):
        for poor in (True, False):
            rows = ask(world).rows
            make_alike(world, rows[poor::2], poor=poor)
        for stream in (JOBS, SERVICE, RUNAWAYS):
            sample = ask(world)
            picked, _, _ = draw_recruits(world, sample, np.full((3, 1), 40) * (np.arange(len(KEYS)) == stream))
            assert (picked % 2 == 1).mean() > 0.75, KEYS[stream]

    def test_dearer_food_raises_recruiting_from_those_whom_it_leaves_in_want(self, world: World):
        """Subsistence of a half more: those with savings answer an offer as before."""
        rows = ask(world).rows
        make_alike(world, rows, poor=False)
        world.households.assets[rows[::2]] = 0
        world.households.wage[rows[::2]] = 1
        need = world.district_month["subsistence"].mean()
        near = rows[::2]
        members = world.households.workers[near].astype(int) + world.households.dependants[near]
        world.households.wage[near] = np.maximum(1.2 * need * members / np.maximum(world.households.jobs[near], 1), 1)
        before = ask(world).weight[:, JOBS]
        world.district_month["subsistence"] *= 1.5
        after = ask(world).weight[:, JOBS]
        assert after[::2].sum() > 2.0 * before[::2].sum()
        np.testing.assert_allclose(after[1::2], before[1::2], rtol=1e-9)

    def test_far_from_where_recruiters_are_a_shock_takes_fewer(self, world: World):
        """Boys for camel racing: brokers sit in Rahim Yar Khan."""
        names = [str(key) for key in world.units.unit]
        near, far = names.index("rahim_yar_khan"), names.index("gujrat")
        ease = ease_of_reach(world.units, ("rahim_yar_khan",), 150.0)
        assert ease[near] == 1.0 and ease[far] < 0.05
        before = ask(world)
        make_alike(world, before.rows, poor=True)
        after, one = ask(world), np.ones((3, len(KEYS)), np.int64)
        found = [persons_found(world, sample, one, np.ones(3), GAIN)[:, CAMELS] for sample in (before, after)]
        rise = found[1] - found[0]
        assert rise[near] > 0 and rise[far] < 0.1 * rise[near]


class TestRecruiters:
    def test_the_more_there_are_the_fewer_each_finds(self):
        found = matched(np.array([[0, 1, 4]]), np.array([4_000.0]), 0.5)
        np.testing.assert_allclose(found, [[0.0, 2.0, 4.0]])

    def test_fear_halves_what_they_find(self, world: World):
        sample, trade = ask(world), world[TradeState]
        one = np.ones((3, len(KEYS)), np.int64)
        trade.fear[:] = 0.0
        calm = persons_found(world, sample, one, np.ones(3), GAIN)
        trade.fear[:] = 1.0 / world.params(TraffickingParams).deterrence
        np.testing.assert_allclose(persons_found(world, sample, one, np.ones(3), GAIN), calm / 2.0)

    def test_nobody_brings_people_at_a_loss(self, world: World):
        one = np.ones((3, len(KEYS)), np.int64)
        found = persons_found(world, ask(world), one, np.ones(3), np.where(np.arange(len(KEYS)) == JOBS, -1.0, 1.0))
        assert (found[:, JOBS] == 0.0).all() and found[:, SERVICE].all()

    def test_they_avoid_the_cities_that_they_fear(self, world: World):
        trade, number = world[TradeState], 4_000
        home = np.full(number, [str(key) for key in world.units.unit].index("gujrat"))
        facts = Taken(home, home, home, np.full(number, JOBS), np.ones(number, bool))
        before = np.bincount(place_of(world, facts, np.arange(number)), minlength=3)
        trade.fear[0] = 1e9
        after = np.bincount(place_of(world, facts, np.arange(number)), minlength=3)
        elsewhere = Places.of(world).elsewhere
        assert before[:elsewhere].sum() > 0 == after[:elsewhere].sum() and after[elsewhere] == number

    def test_moderators_find_fewer_offers_each_and_contacts_shift_to_persons(self, world: World):
        recruiters, online = count(world, len(KEYS)), world[TradeState].fixed.online
        ease = []
        for staff in (0.0, 3.0, 6.0):
            world.now(MODERATORS)[:] = staff
            ease.append(ease_of_phones(world, recruiters))
        assert (ease[0] > ease[1]).all() and (ease[1] > ease[2]).all()
        assert (ease[0] - ease[1] > ease[1] - ease[2]).all()
        with_phones, without = (contacts(world, recruiters + 1, phones * np.ones(3)) for phones in (1.0, 0.0))
        np.testing.assert_allclose(without / with_phones, np.tile(np.sqrt(1.0 - online), (3, 1)))

    def test_they_take_up_what_pays_more_and_leave_what_pays_nothing(self, world: World):
        state = world[RecruitersState]
        state.table.rows.capital[:] = 1_000_000
        pays = np.zeros((3, len(KEYS)))
        pays[:, SERVICE] = 40_000.0
        before = count(world, len(KEYS))
        changed = reconsider(world, pays, 30_000.0)
        share = changed[SERVICE] / (before.sum() - before[:, SERVICE].sum())
        assert share == pytest.approx(world.params(TraffickingParams).review, abs=0.06)
        assert changed.sum() == changed[SERVICE]
        assert not reconsider(world, pays * 0.5, 30_000.0).any()  # it would not pay for a living
        state.table.rows.capital[::2] = -1
        left = state.table.rows.key[1::2].copy()
        reconsider(world, np.zeros_like(pays), 30_000.0)
        np.testing.assert_array_equal(state.table.rows.key, left)

    def test_the_convicted_are_of_the_crime_and_lose_what_they_own(self, world: World):
        state, fixed = world[RecruitersState], world[TradeState].fixed
        before = count(world, len(KEYS))
        domestic = before[:, fixed.crime == 0].sum(axis=1)
        convicted = np.minimum(domestic, [3, 0, 10_000_000])
        capital = state.table.rows.capital.sum()
        paid = world.ledger.balances["government"]
        convict(world, np.stack([convicted, 0 * convicted]), fixed.crime)
        np.testing.assert_array_equal((before - count(world, len(KEYS)))[:, fixed.crime == 0].sum(axis=1), convicted)
        np.testing.assert_array_equal((before - count(world, len(KEYS)))[:, fixed.crime == 1], 0)
        assert world.ledger.balances["government"] - paid >= capital - state.table.rows.capital.sum() > 0


class TestTrade:
    def test_the_price_rises_as_less_is_brought(self, world: World):
        """By 2^(1/elasticity) where half is brought; within limits."""
        wanted, trade = np.full(len(KEYS), 100.0), world[TradeState]
        trade.sold = np.full(len(KEYS), 100.0)
        np.testing.assert_allclose(relative_prices(world, wanted), 1.0)
        trade.sold = np.full(len(KEYS), 50.0)
        np.testing.assert_allclose(relative_prices(world, wanted), 2.0, rtol=1e-3)
        trade.sold = np.zeros(len(KEYS))
        assert (relative_prices(world, wanted) == 5.0).all()
        assert (relative_prices(world, np.zeros(len(KEYS))) == 0.1).all()

    def test_what_a_person_leaves_to_the_recruiter(self, world: World):
        """Buyers abroad pay in dollars; the rest follows incomes."""
        found, level, dollar = margins(world, *usual_prices(world)), incomes(world), dollar_since(world, 2017)
        assert found[SERVICE] == pytest.approx(level * (60_000 - 5_000 - 15_000))
        assert found[CAMELS] == pytest.approx(dollar * 150_000 - level * (35_000 + 30_000))
        brides = dollar * 4_550_000 * 0.07 - level * (120_000 + 172_000)
        assert found[KEYS.index("brides_to_china")] == pytest.approx(brides)

    def test_the_family_is_paid_and_has_so_much_more(self, world: World):
        row, weight = int(ask(world).rows[0]), int(world.weight[0])
        facts = Taken(*(np.array([value]) for value in (row, 0, 0, SERVICE, False)))
        world[TradeState].placed = facts, np.array([2])
        family = np.arange(1.0, len(KEYS) + 1.0) * weight * 1_000
        assets = int(world.households.assets[row])
        paid = _pay_families(world, family)
        assert world.households.assets[row] - assets == 2_000 * (SERVICE + 1)
        assert paid[0, SERVICE] == paid.sum() == 2_000 * (SERVICE + 1) * weight
        world.ledger.pay("endowment", TRAFFICKERS, "capital", int(paid.sum()))
        assert conservation.check(world) == []


class TestVictims:
    def one(self, world: World, *, worker: bool, persons: int) -> tuple[int, Taken, np.ndarray]:
        """A household with workers at home and dependants, that loses persons."""
        households, rows = world.households, ask(world).rows
        fit = (households.workers[rows] >= 2) & (households.dependants[rows] >= 2) & (households.away[rows] == 0)
        row = int(rows[fit & (households.bond[rows] == FREE_OF_BOND) & (households.taken[rows] == 0)][0])
        return row, Taken(*(np.array([value]) for value in (row, 0, 0, JOBS, worker))), np.array([persons])

    @pytest.mark.parametrize("worker", [True, False])
    def test_a_member_taken_is_away_and_comes_back(self, world: World, worker: bool):
        weight, state = int(world.weight[0]), world[VictimsState]
        row, facts, number = self.one(world, worker=worker, persons=weight + 1)

        def of_row() -> list[int]:
            return [int(getattr(world.households, name)[row]) for name in ("away", "in_city", "dependants", "taken")]

        before = of_row()
        assert take(world, facts, number).all()
        enter(world, facts, number, Places.of(world).elsewhere)
        gone = [weight + 1, weight + 1, 0, 0] if worker else [0, 0, -1, 1]
        assert of_row() == [was + change for was, change in zip(before, gone, strict=True)]
        assert conservation.check(world) == []
        at = np.array([state.table.rows.key.size - 1])
        heard = state.heard[0]
        state.table.rows.persons[at] -= np.uint16(weight + 1)
        come_home(world, at, number)
        assert of_row() == before and conservation.check(world) == []
        assert state.heard[0] > heard  # and the village has been told

    def test_who_dies_is_missed_for_good(self, world: World):
        state, weight = world[VictimsState], int(world.weight[0])
        row, facts, number = self.one(world, worker=True, persons=weight)
        workers = int(world.households.workers[row])
        assert take(world, facts, number).all()
        enter(world, facts, number, Places.of(world).elsewhere)
        at = np.array([state.table.rows.key.size - 1])
        state.table.rows.persons[at] = 0
        mourn(world, at, number)
        assert world.households.workers[row] == workers - 1 and world.households.in_city[row] == 0
        assert conservation.check(world) == []

    def test_a_household_never_loses_its_last_members(self, world: World):
        row, facts, _ = self.one(world, worker=False, persons=1)
        all_of_them = int(world.households.workers[row] + world.households.dependants[row]) * int(world.weight[0])
        assert not take(world, facts, np.array([all_of_them])).any()

    def test_each_way_out_has_its_mean_even_where_one_person_is_held(self, world: World):
        """A row has its turn once a quarter, with the hazards of three months."""
        hazards = np.zeros((8, len(KEYS), Places.of(world).home + 1))
        hazards[[0, 1, 7], JOBS, 0] = 0.12, 0.06, 0.03
        for number in (1, 3):
            state = world[VictimsState]
            state.table.drop(np.ones(state.table.rows.key.size, bool))
            many = np.full(20_000, -1)
            enter(world, Taken(many, many, many * 0, many * 0 + JOBS, many == 0), number, 0)
            _, left = leave(world, hazards)
            means = left.sum(axis=1) / many.size
            np.testing.assert_allclose(means, np.array([0.12, 0.06, 0, 0, 0, 0, 0, 0.03]) * number, atol=0.01)
            assert state.table.rows.persons.sum() + left.sum() == number * many.size

    def test_relapse_needs_recruiters_and_demand(self, world: World):
        """With a ninth of the usual recruiters a third are trafficked again, as contacts fall."""
        home, usual = Places.of(world).home, world.params(TraffickingParams).relapse
        world[TradeState].sold = demand_of_month(world, world.month)
        number = round(usual_recruiters(world)[JOBS])
        table = world[RecruitersState].table
        for recruiters, share in ((2 * number, 1.0), (number, 1.0), (number // 9, 1.0 / 3.0), (0, 0.0)):
            table.drop(table.rows.stream == JOBS)
            table.append(key=np.arange(recruiters), district=0, stream=JOBS, capital=0)
            for sold in (1.0, 2.0):
                world[TradeState].sold = sold * demand_of_month(world, world.month)
                found = _hazards(world)[AGAIN, JOBS, home]
                np.testing.assert_allclose(found, usual * share / sold, rtol=0.05)

    def test_caseworkers_take_on_what_their_time_allows(self):
        """Nearly all where there is room, nearly the capacity where there is none, never more than either."""
        freed = np.array([1.0, 100.0, 100.0, 100.0])
        found = _taken_on(freed, np.array([100.0, 1.0, 100.0, 200.0]))
        np.testing.assert_allclose(found, [1.0, 1.0, 63.2, 86.5], atol=0.1)

    def test_villages_are_warned_by_teams_and_by_what_families_suspect_and_forget(self, world: World):
        state, params = world[VictimsState], world.params(TraffickingParams)
        state.heard[:], state.held[:] = 1.0, 0
        world.now(WARNING_TEAMS)[:] = 2.0
        spread_word(world)
        np.testing.assert_allclose(state.heard, (1.0 + 2.0 * params.warning) * (1.0 - params.forgetting))
        state.held[:] = 100
        before = state.heard.copy()
        spread_word(world)
        assert (state.heard > before).all()


class TestReading:
    """Under `cited` the trade within the country is larger by `cited_multiple`, and as much of it comes to light."""

    @pytest.fixture
    def worlds(self) -> tuple[World, World]:
        """After a month under each reading, with nobody freed, nothing heard and the same fear."""
        found = tuple(stepped(units=UNITS, trafficking={"reading": reading}) for reading in ("reported", "cited"))
        for world in found:
            world[TradeState].freed[:] = 0
            world[TradeState].fear[:] = 50.0
            world[VictimsState].heard[:] = 0.0
        return found

    def test_of_each_victim_less_comes_to_light(self, worlds: tuple[World, World]):
        multiple = TraffickingParams().cited_multiple
        usual, cited = (_hazards(world)[:, :, 0] for world in worlds)
        for way in (RESCUE, OUTREACH):
            assert cited[way, JOBS] == pytest.approx(usual[way, JOBS] / multiple)
            assert cited[way, CAMELS] == pytest.approx(usual[way, CAMELS])
        np.testing.assert_array_equal(cited[ESCAPE], usual[ESCAPE])
        for world in worlds:
            hear(world, np.ones(world.villages.district.size))
        heard = [world[VictimsState].heard for world in worlds]
        np.testing.assert_allclose(heard[1], heard[0] / multiple)

    def test_of_those_who_escape_fewer_report(self, worlds: tuple[World, World]):
        reports = []
        for world in worlds:
            at = np.flatnonzero(world[VictimsState].table.rows.stream == JOBS)[:10]
            persons = np.zeros((8, at.size), np.int64)
            persons[ESCAPE] = 10_000
            _tell_agencies(world, at, persons)
            reports.append(world.figures[Out.trafficking_reports].sum())
        share = TraffickingParams().reporting
        assert reports[0] == pytest.approx(100_000 * share, abs=len(UNITS))
        assert reports[1] == pytest.approx(reports[0] / TraffickingParams().cited_multiple, abs=2 * len(UNITS))

    def test_more_recruiters_find_as_many_each_and_fear_less(self, worlds: tuple[World, World]):
        multiple = TraffickingParams().cited_multiple
        usual, cited = (
            contacts(world, np.full((3, len(KEYS)), number), np.ones(3))
            for world, number in zip(worlds, (10.0, 10.0 * multiple), strict=True)
        )
        np.testing.assert_allclose(cited[:, JOBS], multiple * usual[:, JOBS])
        usual, cited = (demand_of_month(world, world.month) for world in worlds)
        assert cited[JOBS] == pytest.approx(multiple * usual[JOBS]) and cited[CAMELS] == usual[CAMELS]
        usual, cited = (1.0 / daring(world) - 1.0 for world in worlds)
        np.testing.assert_allclose(cited, usual / np.array([[multiple], [1.0]]))


def test_those_convicted_have_the_lowest_draws_of_their_crime_and_district():
    """As many as courts convict, or all there are; against a sort."""
    rng, count, key = np.random.default_rng(1), 400, np.uint64(7)
    columns = {"key": np.arange(count) * 3, "district": rng.integers(0, 3, count), "stream": rng.integers(0, 4, count)}
    crime, convicted = np.array([0, 1, 0, 1]), np.array([[0, 5, 900], [3, 0, 1]])
    recruiters, out = namedtuple("Recruiters", columns)(**columns), np.zeros(count, np.bool_)  # type: ignore[misc]
    draw_convicted(recruiters, crime, convicted, key, 1 << 40, out)
    draws = np.array([uniform(key, (1 << 40) + k) for k in columns["key"]])
    for (kind, district), number in np.ndenumerate(convicted):
        mine = np.flatnonzero((crime[columns["stream"]] == kind) & (columns["district"] == district))
        assert set(mine[out[mine]]) == set(mine[np.argsort(draws[mine])][:number])


def test_those_trafficked_again_are_sold_at_home_or_where_most_recruiters_are():
    """Two streams in three districts; of the second there is no recruiter anywhere."""
    recruiters = np.array([[0, 0], [2, 0], [5, 0]])
    sold = sold_again(recruiters, np.array([[4, 1], [3, 1], [0, 1]]))
    np.testing.assert_array_equal(sold, [[0, 0], [3, 0], [4, 0]])


def test_foreigners_rescued_abroad_are_met_by_nobody_at_home():
    """A resident and a foreigner rescued in the one city, elsewhere in the country, and abroad, ten times as many."""
    victims = allocate(Victims, 6)
    victims.row[:], victims.place[:] = [1, -1, 1, -1, 1, -1], [0, 0, 1, 1, 2, 2]
    persons = np.array([[1, 10, 100, 1_000, 10_000, 100_000]])
    by_way, (in_cities, elsewhere, foreigners) = np.zeros((1, 1, 1), np.int64), np.zeros((3, 1, 1), np.int64)
    at, zero = np.arange(6), np.zeros(1, np.int64)
    count_left(victims, at, persons, 0, zero, zero, 2, by_way, in_cities, elsewhere, foreigners)
    assert (in_cities[0, 0], elsewhere[0, 0], foreigners[0, 0]) == (11, 11_100, 1_010)


def test_runaways_of_a_region_without_a_city_are_found_everywhere():
    streams = [stream for stream in streams_of(small_config(months=1).exploitation) if stream.way == "runaway"]
    assert streams
    for units, ease in ((("badin",), {"badin": 1.0}), (("badin", "hyderabad"), {"badin": 0.0, "hyderabad": 1.0})):
        world = Model(small_config(units, months=1)).world
        found = _ease(world, streams[0], 100.0)
        assert dict(zip(map(str, world.units.unit), found.tolist(), strict=True)) == ease


def test_buyers_count_those_trafficked_again():
    sold = []
    for number in (0, 1_000):
        world = stepped(units=UNITS)
        world[TradeState].again = np.full_like(world[TradeState].again, number)
        _bring_others(world)
        sold.append(world[TradeState].sold)
    some = count(world, sold[0].size).any(axis=0)
    np.testing.assert_allclose((sold[1] - sold[0])[some], len(UNITS) * 1_000 / SOLD_MEMORY)


def test_those_at_risk_whom_nobody_takes_again_stay_at_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    world = stepped(12, units=UNITS)
    places, rows = Places.of(world), world[VictimsState].table
    only = np.zeros_like(release._hazards(world))
    only[AGAIN, :, places.home] = 0.9
    asked = []
    monkeypatch.setattr(release, "_hazards", lambda world: only)
    monkeypatch.setattr(release, "_take_again", lambda world, facts, number, at: asked.append(number) or 0 * number)
    before = rows.rows.persons[rows.rows.place == places.home].sum()
    let_out(world)
    assert asked[0].sum() > 0
    assert rows.rows.persons[rows.rows.place == places.home].sum() == before


def test_the_opening_holds_those_of_past_years_whom_nothing_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, where buyers took 100 persons a month for 15 years."""
    world = stepped(units=UNITS)
    params, fixed = world.params(TraffickingParams), world[TradeState].fixed
    monkeypatch.setattr(taking, "demand_of_month", lambda world, month: np.full(len(fixed.streams), 100.0))
    agencies = (params.rescue + params.outreach) / params.multiples()[fixed.crime]
    leaving = params.escape + agencies + params.death + 1.0 / fixed.stay + fixed.onward
    np.testing.assert_allclose(_still_held(world), 100.0 * (1.0 - (1.0 - leaving) ** 180) / leaving)


def test_a_transfer_that_covers_needs_keeps_the_poor_from_going() -> None:
    world = stepped(units=UNITS)
    make_alike(world, ask(world).rows, poor=True)
    world.district_month["transfer"] = 0.0
    without = ask(world).mean
    world.district_month["transfer"] = 1e7
    assert (ask(world).mean[without > 0.0] < 0.9 * without[without > 0.0]).any()
