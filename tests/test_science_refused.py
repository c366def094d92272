"""Those refused a legal way: what it costs them, and what they choose next; those who wait do not go irregularly."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scenes import world_of_three
from worlds import APART, months_of, small_config, visas_times

from abm import conservation
from abm.abroad import MovesState
from abm.choice.refused import Refused, RefusedOutcomes, RefusedParams, chance_of, free_of, patience_of
from abm.choice.repeat import Repeat, RepeatOutcomes
from abm.config import make_config
from abm.config.compose import ConfigBase
from abm.departure import Choices
from abm.departure.applications import KIND_OF_CHANNEL, REFUSALS_ADDED, Applications, ApplicationsState, apply
from abm.departure.kernels.choice import choose_again, weighing_space
from abm.departure.options import OptionsState
from abm.engine.errors import ConfigError
from abm.legal import VisaSaleState, choose_another
from abm.market.market import MarketState
from abm.market.tables import MarketTables
from abm.model import Model, simulate
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.routes import TravelState
from abm.world.codes import FREE_OF_BOND, PIECE, REMOVED_ELSEWHERE, STREAM_REFUSED
from abm.world.columns import made_for
from abm.world.state import World

NOBODY = Choices(*np.zeros((4, 0), np.int64))


def refused_at(world: World, rows: np.ndarray, option: int, persons: int | None = None) -> Applications:
    """Applications of these households for one way, all turned away; by default of all whom a row stands for."""
    districts = world.villages.district[world.villages_of(rows)].astype(np.int64)
    number = world.weight[districts] if persons is None else np.full(rows.size, persons)
    return Applications(rows, number.astype(np.int64), districts, np.full(rows.size, option), np.zeros(rows.size, int))


def scene(**values: Any) -> tuple[World, np.ndarray]:
    """World in which nobody waits, and its rich, free households with all workers at home."""
    world = world_of_three(2, channel={"irregular_constant": 2.0, "referral": 0.3}, scale=0.01, **values)
    world[ApplicationsState].table.count = world[MarketTables].clients.count = 0
    world[ApplicationsState].refused = ()
    world[OptionsState].choices = NOBODY
    villages = world.villages
    rows = np.concatenate([np.arange(f, f + n) for f, n in zip(villages.first_row, villages.awake, strict=True)])
    home = world.households
    free = (home.away[rows] == 0) & (home.workers[rows] > 0) & (home.bond[rows] == FREE_OF_BOND)
    return world, rows[free]


def asking(refused: Applications) -> Choices:
    """The same cohorts, as they ask for something else."""
    return Choices(refused.row, refused.district, refused.option, refused.persons)


def way(world: World, channel: int) -> int:
    """First option of a channel that is open."""
    table, is_open = world.option_table, np.isfinite(world[OptionsState].attraction).all(axis=0)
    return int(np.flatnonzero((table.channel == channel) & is_open & ~table.is_sold)[0])


def run_refusal(world: World, refused: Applications) -> None:
    """Let the month's refused be these."""
    world[ApplicationsState].refused = (refused,)
    Refused.step(world)


class TestChoosingAgain:
    @pytest.mark.parametrize("channel", [LEGAL_WORK, OVERSTAY])
    def test_the_refused_choose_at_once_and_never_the_way_that_refused_them(self, channel: int):
        world, rows = scene(refused={"again": 1.0})
        lost, before = way(world, channel), world[MarketState].again.row.size
        run_refusal(world, refused_at(world, rows, lost))
        table = world[ApplicationsState].table
        assert table.count > 0, "some apply elsewhere"
        assert world[MarketState].again.row.size > before, "some look for an office in the same month"
        assert world[ApplicationsState].to_city.row.size > 0, "some go to a city"
        assert lost not in table.rows.option
        assert (table.rows.due > world.t).all(), "what they apply for is decided later"

    def test_each_is_in_one_queue_only(self):
        """Filed, sent to an office or to the city: never more of a row than were refused, and households in all."""
        world, rows = scene(refused={"again": 1.0})
        returnees = world[MarketState].again.row.size
        run_refusal(world, refused_at(world, rows, way(world, LEGAL_WORK), persons=3))
        again, city = world[MarketState].again, world[ApplicationsState].to_city
        queues = [world[ApplicationsState].table.rows.row, again.row[returnees:], city.row]
        everybody = np.concatenate(queues)
        assert np.unique(everybody).size == everybody.size > 0
        sent = world[ApplicationsState].table.rows.persons, again.persons[returnees:], city.persons
        assert set(np.concatenate(sent).tolist()) == {3}

    def test_no_more_of_a_row_choose_again_than_were_refused(self):
        """Pieces of a row go their own ways."""
        world, rows = scene()
        refused = refused_at(world, rows, way(world, LEGAL_WORK))
        second = choose_another(world, asking(refused), world[OptionsState].attraction, STREAM_REFUSED)
        assert (np.bincount(second.row, second.persons, rows.max() + 1)[rows] <= refused.persons).all()
        irregular = world.option_table.channel[second.option] == IRREGULAR_WAY
        assert 0 < second.persons[irregular].min() <= PIECE < world.weight.min()

    def test_those_who_wait_elsewhere_choose_nothing_more(self):
        world, rows = scene(refused={"again": 1.0})
        refused = refused_at(world, rows, way(world, LEGAL_WORK), persons=3)
        waiting = world.weight[refused.district] - 2
        apply(world, asking(refused)._replace(persons=waiting), 5)
        np.testing.assert_array_equal(free_of(world, asking(refused)), np.full(rows.size, 2))
        twice = Applications(*(np.concatenate([column, column]) for column in refused))
        free = free_of(world, asking(twice)).reshape(2, -1)
        np.testing.assert_array_equal(free.sum(axis=0), np.full(rows.size, 2))

    def test_the_bonded_and_those_with_nobody_at_home_choose_nothing_more(self):
        world, rows = scene()
        one = asking(refused_at(world, rows, way(world, LEGAL_WORK), persons=1))
        everybody = world.households.workers[rows].astype(np.int64) * world.weight[one.district]
        world.households.bond[rows[0]], world.households.away[rows[1]] = FREE_OF_BOND + 1, everybody[1]
        assert free_of(world, one).tolist() == [0, 0] + [1] * (rows.size - 2)

    def test_deportees_whose_household_waits_file_nothing_and_stay(self):
        world, rows = scene(repeat={"deported": 0.4})
        districts = world.villages.district[world.villages_of(rows)].astype(np.int64)
        home = world[TravelState].returnees
        home.count = 0
        home.append(
            row=rows,
            persons=2,
            district=districts,
            since=world.t - 1,
            office=-1,
            kind=REMOVED_ELSEWHERE,
            status=0,
            piece=0,
        )
        option = np.full(rows.size, way(world, LEGAL_WORK))
        apply(world, Choices(rows, districts, option, world.weight[districts]), 5)
        pending = world[ApplicationsState].table.count
        Repeat.step(world)
        assert world[ApplicationsState].table.count == pending
        again, stay = world[MarketState].again.persons.sum(), home.rows.persons.sum()
        assert again + stay == 2 * rows.size + world[MovesState].deported.persons.sum() > 0 < again
        assert world.figures[RepeatOutcomes.repeat_attempts].sum() == again
        assert world.figures[RepeatOutcomes.recent_returnees].sum() == stay
        assert world.figures[RepeatOutcomes.deported_recent] == stay
        assert set(home.rows.since.tolist()) <= {world.t - 1, world.t}

    def test_nobody_does_where_the_share_is_zero(self):
        world, rows = scene(refused={"again": 0.0})
        run_refusal(world, refused_at(world, rows, way(world, LEGAL_WORK)))
        assert world[ApplicationsState].table.count == 0
        assert world.figures[RefusedOutcomes.applications_refused].sum() > 0

    def test_those_who_can_no_longer_afford_the_lost_way_choose_among_the_rest(self):
        """It gains nothing from a way that it could not take; it is not kept at home by that."""
        world, rows = scene()
        month, lost = world[OptionsState].month, way(world, LEGAL_WORK)
        entry = month.entry.copy()
        entry[:, lost] = 1e12
        refused = refused_at(world, rows, lost)
        made = made_for(rows.size)
        choose_again(
            0, rows.size, rows, refused.district, world.villages_of(rows), refused.option, refused.persons,
            world.district_month, world.households, world.villages, month._replace(entry=entry),
            world[OptionsState].attraction, world[OptionsState].attraction, np.uint64(7), made,
            weighing_space(len(world.options)),
        )  # fmt: skip
        assert (made.option >= 0).sum() > 10
        assert lost not in made.option


class TestCost:
    def test_a_refusal_costs_a_share_of_the_price(self):
        world, rows = scene(refused={"again": 0.0, "cost": 0.1})
        world.ledger.flows.clear()
        world.households.assets[rows] = 10_000_000
        refused = refused_at(world, rows, way(world, LEGAL_WORK))
        before = world.households.assets[rows].astype(np.int64)
        run_refusal(world, refused)
        paid = before - world.households.assets[rows]
        assert (paid > 0).all()
        booked = world.ledger.flows["households", "recruiters", "application refused"]
        assert booked == (paid * world.weight[refused.district]).sum()
        assert booked == world.figures[RefusedOutcomes.refusals_paid].sum()

    def test_the_books_close_every_month(self):
        config = small_config(months=30, scale=0.005, refused={"again": 1.0, "cost": 0.3}, legal_work={"refusal": 0.5})
        paid = 0
        for world in months_of(Model(config)):
            assert conservation.check(world) == []
            paid += int(world.figures[RefusedOutcomes.refusals_paid].sum())
        assert paid > 0


class TestWaiting:
    @staticmethod
    def left_over(world: World, rows: np.ndarray, chance: float, persons: int | None = None) -> np.ndarray:
        """Households that still go irregularly if all have an application pending with this chance."""
        filed = refused_at(world, rows, way(world, LEGAL_WORK), persons)
        apply(world, asking(filed), 5)
        world[OptionsState].chance[:] = chance
        route = way(world, IRREGULAR_WAY)
        city = way(world, DOMESTIC_MOVE)
        picked = np.where(np.arange(rows.size) % 2, route, city)
        world[OptionsState].choices = Choices(rows, filed.district, picked, filed.persons)
        Refused.step(world)
        kept, _, options, _ = world[OptionsState].choices
        np.testing.assert_array_equal(kept[options == city], rows[picked == city])
        return kept[options == route]

    def test_nobody_with_a_fair_chance_goes_irregularly(self):
        world, rows = scene()
        assert self.left_over(world, rows, chance=RefusedParams().fair_chance).size == 0
        assert world.figures[RefusedOutcomes.waits_for_legal_way].sum() > 0

    def test_hopeless_applications_keep_nobody(self):
        world, rows = scene()
        assert self.left_over(world, rows, chance=0.0).size == rows.size // 2

    @pytest.mark.parametrize("of_sale", [False, True])
    def test_those_of_a_row_who_apply_in_the_month_keep_none_of_the_others(self, of_sale: bool):
        """Buyers of visas are gone from the choices of the month."""
        world, rows = scene()
        legal, route = way(world, LEGAL_WORK), way(world, IRREGULAR_WAY)
        districts = world.villages.district[world.villages_of(rows)].astype(np.int64)
        some = np.full(rows.size, 8)
        filed = Choices(rows, districts, np.full(rows.size, legal), world.weight[districts] - some)
        apply(world, filed, 5)
        world[OptionsState].chance[:] = 1.0
        others = filed._replace(option=np.full(rows.size, route), persons=some)
        if of_sale:
            world[VisaSaleState].bought, world[OptionsState].choices = filed, others
        else:
            world[OptionsState].choices = Choices(*map(np.concatenate, zip(filed, others, strict=True)))
        Refused.step(world)
        assert (world[OptionsState].choices.option == route).sum() == rows.size

    def test_below_a_fair_chance_proportionally_fewer_wait(self):
        world, rows = scene()
        share = self.left_over(world, rows, chance=0.4 * RefusedParams().fair_chance).size / (rows.size // 2)
        assert 0.4 < share < 0.8

    def test_a_wait_three_times_as_long_keeps_a_third(self):
        world, rows = scene(legal_work={"delay": 3 * RefusedParams().patience})
        share = self.left_over(world, rows, chance=1.0).size / (rows.size // 2)
        assert share == pytest.approx(2 / 3, abs=0.15)
        option = way(world, LEGAL_WORK), way(world, SPONSORSHIP)
        np.testing.assert_allclose(patience_of(world)[list(option)], (1 / 3, 1.0))

    def test_as_many_wait_as_have_applied(self):
        """Of the households that a row stands for."""
        world, rows = scene()
        few = int(world.weight.min()) // 2
        share = self.left_over(world, rows, chance=1.0, persons=few).size / (rows.size // 2)
        assert 0.3 < share < 0.7

    def test_a_member_abroad_makes_the_chance_fair(self):
        world, rows = scene()
        filed = refused_at(world, rows, way(world, SPONSORSHIP))
        world[OptionsState].chance[:] = 0.02
        world[OptionsState].month.vouched_gain[:] = 9.0
        alone = chance_of(world, filed)
        world.households.away[rows] = world.weight[filed.district]
        assert (chance_of(world, filed) > 5 * alone).all()
        world.households.away[rows] = world.weight[filed.district] // 2  # these apply more often than their neighbours
        assert (chance_of(world, filed) > 7 * alone).all()


class TestMoreRefusals:
    """Over two years, all else equal: the same seed, places in plenty, so that a refusal is a departure less."""

    @staticmethod
    @cache
    def outcomes(kind: str, value: float) -> dict[str, float]:
        levers = [{"lever": "visa_refusal", "from": "2009-03", "value": value, "kinds": [kind]}] if value else []
        run = simulate(
            small_config(
                "pakistan", months=24, scale=0.002, village_households=100, levers=levers, refused={"again": 1.0},
                legal_work={"quota": 10.0}, places=visas_times(10.0), channel={"overstay_constant": -3.0},
                mechanisms=APART,
            )
        )["national"]  # fmt: skip
        return {
            name: float(run[name].sum())
            for name in ("irregular_departures", "overstays", "legal_departures", "refused_turn_irregular")
        }

    @pytest.mark.study
    def test_of_contracts_raise_irregular_departures(self):
        base, more = self.outcomes("contract", 0.0), self.outcomes("contract", 0.6)
        assert more["legal_departures"] < 0.8 * base["legal_departures"]
        assert more["irregular_departures"] > 1.1 * base["irregular_departures"]
        assert more["refused_turn_irregular"] > base["refused_turn_irregular"]

    @pytest.mark.study
    def test_of_visits_lower_overstays_and_leave_contracts_alone(self):
        base, more = self.outcomes("contract", 0.0), self.outcomes("visit", 0.6)
        assert more["overstays"] < 0.6 * base["overstays"]
        assert more["legal_departures"] == pytest.approx(base["legal_departures"], rel=0.05)


class TestKinds:
    @staticmethod
    def use(**more: Any) -> dict[str, Any]:
        return {"lever": "visa_refusal", "from": "2009-01", "value": 0.2, **more}

    @pytest.mark.parametrize(
        ("more", "reached"),
        [
            ({}, {LEGAL_WORK, SPONSORSHIP, OVERSTAY}),
            ({"kinds": ["visit", "contract"]}, {LEGAL_WORK, OVERSTAY}),
            ({"kinds": "sponsorship"}, {SPONSORSHIP}),
        ],
    )
    def test_a_lever_reaches_the_kinds_named(self, more: dict[str, Any], reached: set[int]):
        added = world_of_three(1, levers=[self.use(**more)]).now(REFUSALS_ADDED)[:-1]
        for channel in (LEGAL_WORK, SPONSORSHIP, OVERSTAY):
            np.testing.assert_allclose(added[:, KIND_OF_CHANNEL[channel]], 0.2 if channel in reached else 0.0)

    @pytest.mark.parametrize("text", ["20 %", "20%", "+20 %", " 20.0 % "])
    def test_a_share_may_be_given_in_per_cent(self, text: str):
        assert make_config(levers=[self.use(value=text)]) == make_config(levers=[self.use()])

    def test_per_cent_fall_too(self):
        assert made_value(make_config(levers=[self.use(value="-5 %")])) == -0.05

    @pytest.mark.parametrize(
        ("use", "message"),
        [
            ({"kinds": ["visitt"]}, "no kind of application 'visitt'; did you mean 'visit'?"),
            ({"kinds": ["xyz"]}, "there are 'contract', 'sponsorship' and 'visit'"),
            ({"kinds": []}, "the list is empty; leave 'kinds' out to reach all"),
            ({"kinds": 3}, "expected a list of kinds of application"),
            ({"sectors": "open"}, "'visa_refusal' does not tell sectors apart; leave 'sectors' out"),
            ({"value": "120 %"}, "expected a number from -1 to 1"),
            ({"value": "twenty"}, "or in per cent, for example '20 %'; found the text 'twenty'"),
            ({"lever": "legal_quota", "value": "50 %"}, "'legal_quota' takes no per cent"),
            ({"lever": "legal_quota", "value": "50 %"}, "in force); write 0.5; 1 changes nothing"),
            ({"lever": "legal_quota", "value": "+50%"}, "in force); write 1.5; 1 changes nothing"),
            ({"lever": "legal_quota", "value": "-50 %"}, "in force); write 0.5; 1 changes nothing"),
            ({"lever": "legal_quota", "value": "-150 %"}, "in force); 1 changes nothing"),
            ({"lever": "legal_quota", "kinds": ["visit"]}, "does not tell kinds of application apart"),
            ({"lever": "worksite_enforcement", "kinds": ["visit"]}, "does not tell kinds of application apart"),
        ],
    )
    def test_what_makes_no_sense_is_refused_in_words(self, use: dict[str, Any], message: str):
        with pytest.raises(ConfigError) as refused:
            make_config(levers=[self.use(**use)])
        assert message in str(refused.value)


def made_value(config: ConfigBase) -> float:
    """Value of the first lever of a configuration."""
    return float(config.resolved()["levers"][0]["value"])


def test_switched_off_nobody_is_charged_and_nobody_chooses_again():
    world, rows = scene(mechanisms={"refused": {"enabled": False}})
    run_refusal(world, refused_at(world, rows, way(world, LEGAL_WORK)))
    assert world[ApplicationsState].table.count == 0
    assert RefusedOutcomes.applications_refused not in world.figures
