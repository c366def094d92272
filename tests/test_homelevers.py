"""Levers at home and on the legal channel: training, microcredit, regulated fees and visas for sale."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import PLAIN, branch, interval, months_of, run_checksums, small_config, unlike

from abm import conservation
from abm.config import Config, make_config
from abm.departure.applications import ApplicationsState, collect
from abm.departure.kernels.choice import (
    choose_again,
    choose_ways,
    fill_up,
    lean_to_villages,
    listen_to,
    look_at,
    weigh_options,
    weighing_space,
)  # fmt: skip
from abm.departure.kernels.departure import serve_by_lot
from abm.departure.options import OptionsState
from abm.engine.errors import ConfigError
from abm.legal.legal_price import LegalPriceState
from abm.legal.visa_sale import close_sale
from abm.market.offices import OfficesState
from abm.model import Model, Tables, simulate
from abm.month import MONTH, OUTCOMES
from abm.places import options
from abm.policy.policy import InForce
from abm.society import livelihood
from abm.society.kernels.livelihood import credit_line
from abm.society.training import TrainingOutcomes
from abm.world import codes as states
from abm.world import state
from abm.world.columns import made_for
from abm.world.kernels.members_away import whole_at_home

UNITS = ("gujrat", "gujranwala", "multan")
SEEDS = (1, 2, 3, 4)
EUROPE = {"destination": ["greece", "italy", "spain", "germany", "united_kingdom"]}
START = "2010-01"
MONTHS = 36


def lever(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"lever": name, "from": START, "value": value, **more}


TRAINING = lever("vocational_training", 0.2)
MICROCREDIT = lever("microcredit", 150_000.0)
REGULATION = lever("recruitment_fee_regulation", 1.0)
VISAS = lever("visa_sale", 60_000.0, where=EUROPE)
ALL = [TRAINING, MICROCREDIT, REGULATION, VISAS]
INELASTIC = {"legal_price": {"supply_elasticity": 0.0}}
HIGH_PRICE = {"legal_price": {"visa_price": 1.5}}


def run(seed: int, levers: list[dict[str, Any]], **change: Any) -> Tables:
    return run_once(seed, json.dumps({"levers": levers} | change))


@cache
def run_once(seed: int, values: str) -> Tables:
    """A run with these values, which several tests read; it goes on from the first year, which all of a seed share."""
    model = branch(first_year(seed), config_of(seed, values))
    *_, _ = months_of(model, MONTHS - 12)
    return model.tables()


def config_of(seed: int, values: str = "{}") -> Config:
    population = {"region": list(UNITS), "scale": 0.04, "village_households": 50, "min_villages": 8}
    known = {"referral": 3.0, "cost": 1.3}  # more leave on irregular ways, and more on credit: what changes is seen
    return make_config(
        end="2011-12", seed=seed, population=population, channel=known, mechanisms=PLAIN, **json.loads(values)
    )


@cache
def first_year(seed: int) -> Model:
    """A run before any lever is in force."""
    model = Model(config_of(seed))
    *_, _ = months_of(model, 12)
    return model


def unchanged(seed: int) -> Tables:
    return run(seed, [])


def measure(tables: Tables, name: str) -> float:
    """Sum or mean of the last of three years."""
    values = tables["national"][name][24:]
    return float(np.nanmean(values) if name in MEANS else values.sum())


MEANS = {"fee_median", "markup_mean"}

CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], dict[str, tuple[float, float]]]] = {
    # bounds of the whole 95 % interval of the paired difference, in per cent
    "training": ([TRAINING], {}, {"income_mean": (0.5, 8), "legal_departures": (-3, 3)}),
    "microcredit": (
        [MICROCREDIT],
        {},
        {"involuntary_immobility": (-60, -1), "migration_debt": (0, 15), "departures_wealth_1": (2, 80)},
    ),
    "fees regulated, recruiters answer": (
        [REGULATION],
        {},
        {"legal_departures": (-40, -20), "migration_debt": (-50, -2), "markup_mean": (-40, -8)},
    ),
    "fees regulated, recruiters do not answer": (
        [REGULATION],
        INELASTIC,
        {"legal_departures": (-8, 8), "migration_debt": (-60, -2), "irregular_departures": (-80, -1)},
    ),
    "visas below the smugglers' price": ([VISAS], {}, {"legal_departures": (8, 80)}),  # irregular ones: make study
    "visas above the smugglers' price": ([VISAS], HIGH_PRICE, {"legal_departures": (8, 80)}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.study
def test_a_lever_acts_in_direction_and_size(case: str):
    levers, change, expected = CASES[case]
    treated = {seed: run(seed, levers, **change) for seed in SEEDS}
    for name, (low, high) in expected.items():
        reference = {seed: measure(unchanged(seed), name) for seed in SEEDS}
        effects = [100.0 * (measure(treated[seed], name) / reference[seed] - 1.0) for seed in SEEDS]
        found = interval(effects)
        assert low <= found[0] and found[1] <= high, f"{name}: {found[0]:+.2f} to {found[1]:+.2f} %"


def test_before_their_start_levers_change_nothing():
    """A whole run with all of them has the year before that runs without them have."""
    assert not unlike(simulate(config_of(1, json.dumps({"levers": ALL}))), run(1, ALL))


def test_visas_that_nobody_sells_leave_all_results_the_same(monkeypatch: pytest.MonkeyPatch):
    """The options are in the list, closed; with other levers in force too."""
    uses = [
        {"lever": "legal_quota", "from": "2009-04", "value": 0.5},
        {"lever": "legal_delay", "from": "2009-01", "value": -3.0},
        {"lever": "visa_refusal", "from": "2009-08", "value": 0.3},
    ]
    config = small_config(months=24, scale=0.004, levers=uses)
    expected = run_checksums(config)
    monkeypatch.setattr(
        state, "list_options", lambda *data: tuple(o for o in options.list_options(*data) if not o.is_sold)
    )
    assert run_checksums(config) == expected


@pytest.mark.parametrize("section", ["training", "legal_price"])
def test_without_a_lever_the_mechanism_does_nothing(section: str):
    own = {outcome.name for mechanism in MONTH if mechanism.section == section for outcome in mechanism.outcomes}
    on, off = (
        simulate(small_config(months=12, mechanisms={section: {"enabled": enabled}})) for enabled in (True, False)
    )
    assert own and unlike(on, off, own) == set() and not any(on["national"][name].any() for name in own)


def test_a_regulated_destination_without_contracts_is_refused():
    with pytest.raises(ConfigError, match="does nothing at 'italy'"):
        small_config(months=24, levers=[lever("recruitment_fee_regulation", 1.0, where={"destination": "italy"})])


class TestBooks:
    """Money and people under all four levers at once."""

    @pytest.fixture(scope="class")
    @classmethod
    def months(cls) -> list[dict[str, Any]]:
        model = Model(small_config(UNITS, months=36, scale=0.01, levers=ALL))
        return [
            {
                "problems": conservation.check(world),
                "flows": dict(world.ledger.flows),
                "figures": {name: int(np.sum(world.figures.get(OUTCOMES[name], 0))) for name in FIGURES},
                "costs": dict(world[InForce].policy.costs),
            }
            for world in months_of(model)
        ]

    def test_they_close_every_month(self, months: list[dict[str, Any]]):
        assert [month["problems"] for month in months] == [[]] * 36

    def test_what_is_paid_for_visas_goes_to_governments_abroad(self, months: list[dict[str, Any]]):
        for month in months:
            paid = month["flows"].get(("households", "government_abroad", "visa sale"), 0)
            assert paid == month["figures"]["visa_revenue"]
            assert (paid > 0) == (month["figures"]["visas_sold"] > 0)
        assert sum(month["figures"]["visas_sold"] for month in months) > 0

    def test_part_of_the_fee_goes_under_the_table(self, months: list[dict[str, Any]]):
        """Its share of what a worker pays: what is hidden of the excess, against the official cost and that."""
        hidden = sum(m["flows"].get(("households", "recruiters", "fee under the table"), 0) for m in months)
        openly = sum(m["flows"].get(("households", "recruiters", "legal fee"), 0) for m in months[16:])
        assert hidden == sum(month["figures"]["fees_under_table"] for month in months) > 0
        late = sum(m["flows"].get(("households", "recruiters", "fee under the table"), 0) for m in months[16:])
        assert 0.3 < late / (late + openly) < 0.8

    def test_costs_are_booked_as_declared(self, months: list[dict[str, Any]]):
        for month in months:
            assert month["costs"]["vocational_training"] == 60_000 * month["figures"]["trained"]
            assert month["costs"]["visa_sale"] == 20_000 * month["figures"]["visas_sold"]
            subsidy = month["flows"].get(("government", "lenders", "interest subsidy"), 0)
            assert month["costs"]["microcredit"] == subsidy
        assert months[-1]["costs"]["microcredit"] > 0 and months[-1]["costs"]["vocational_training"] > 0

    def test_the_government_pays_each_cost_once(self, months: list[dict[str, Any]]):
        """Subsidies go to lenders and all else to administration."""
        for month in months:
            paid = month["flows"].get(("government", "administration", "policy"), 0)
            assert paid == sum(month["costs"].values()) - month["costs"]["microcredit"]


FIGURES = ("visas_sold", "visa_revenue", "fees_under_table", "trained")


def test_results_do_not_depend_on_threads():
    config = small_config(UNITS, months=20, scale=0.01, levers=ALL)
    assert run_checksums(config) == run_checksums(config, threads=3)


class TestTraining:
    def test_a_graduate_has_one_level_of_skill_more_and_better_pay(self):
        config = small_config(
            ("gujrat",), months=13, scale=0.01, levers=[lever("vocational_training", 0.5)],
            mechanisms={"demography": {"enabled": False}}, training={"completion": 1.0},
        )  # fmt: skip
        model = Model(config)
        for _ in range(12):
            model.step()
        world = model.world
        awake = np.flatnonzero(world.households.workers > 0)
        skill, wage, away = (
            column.copy() for column in (world.households.skill, world.households.wage, world.households.away)
        )
        model.step()
        raised = awake[world.households.skill[awake] > skill[awake]]
        same = np.setdiff1d(awake, raised)
        model.close()
        np.testing.assert_array_equal(world.households.skill[raised], skill[raised] + 1)
        households = world.households
        at_home = [
            whole_at_home.py_func(np.int64(households.workers[row]), away[row], world.weight[0]) for row in raised
        ]
        premium = 1.0 + config.training.home_premium / np.array(at_home)
        np.testing.assert_allclose(world.households.wage[raised], wage[raised] * premium, rtol=1e-6)
        np.testing.assert_array_equal(world.households.wage[same], wage[same])
        assert raised.size * world.weight[0] == world.figures[TrainingOutcomes.trained].sum() > 0

    def test_trainees_are_the_share_of_the_households_that_may_be_trained(self):
        tables = run(1, [lever("vocational_training", 0.1)])["national"]
        first_year = tables["trained"][12:24].sum() / tables["households"][12]
        assert 0.06 < first_year < 0.1  # a tenth of those of low or medium skill with a worker at home

    def test_placement_gives_work_and_moves_unemployment_little(self):
        """Who is placed takes a vacancy from others."""
        use = [lever("vocational_training", 0.5)]
        placed, none = (run(1, use, training={"placement": share})["national"] for share in (1.0, 0.0))
        gap = placed["unemployment_rate"][24:].mean() - none["unemployment_rate"][24:].mean()
        assert -0.02 < gap < 0.0


class TestMicrocredit:
    @pytest.fixture(scope="class")
    @classmethod
    def world(cls) -> Any:
        model = Model(small_config(("gujrat",), start="2010-01", months=2, scale=0.01, levers=[MICROCREDIT]))
        model.step()
        yield model.world
        model.close()

    def test_the_declared_share_takes_it_up(self, world: Any):
        rate = world.district_month[0]
        lines = np.array([credit_line(row, rate) for row in range(4_000)])
        assert set(np.unique(lines)) == {0.0, 150_000.0}
        assert abs((lines > 0).mean() - 0.25) < 0.03

    def test_who_takes_it_up_is_the_same_every_month_and_another_with_another_seed(self, world: Any):
        key = int(world.district_month["take_up_key"][0])
        later = Model(small_config(("gujrat",), start="2012-05", months=1, levers=[MICROCREDIT | {"from": "2012-05"}]))
        other = Model(small_config(("gujrat",), start="2010-01", months=1, seed=9, levers=[MICROCREDIT]))
        for model in (later, other):
            model.step()
            model.close()
        assert int(later.world.district_month["take_up_key"][0]) == key
        assert int(other.world.district_month["take_up_key"][0]) != key

    def test_without_takers_it_changes_nothing(self):
        treated = run(1, [MICROCREDIT], livelihood={"microcredit_take_up": 0.0})["national"]
        for name, values in unchanged(1)["national"].items():
            np.testing.assert_array_equal(values, treated[name], err_msg=name)

    def test_without_it_its_draws_decide_nothing(self, monkeypatch: pytest.MonkeyPatch):
        """They once decided too which rows of several households build a house."""
        config = small_config(("gujrat",), months=12, scale=0.002)
        before = run_checksums(config)
        monkeypatch.setattr(livelihood, "STREAM_TAKE_UP", states.STREAM_PERMIT)
        assert run_checksums(config) == before

    def test_a_dearer_line_than_the_ordinary_rate_is_not_subsidised(self):
        dear = run(1, [MICROCREDIT], livelihood={"microcredit_interest": 0.05})["national"]
        assert dear["cost_microcredit"].sum() == 0
        assert dear["involuntary_immobility"][24:].sum() < unchanged(1)["national"]["involuntary_immobility"][24:].sum()


def national(world: Any, name: str) -> np.ndarray:
    destinations = tuple(facts.key for facts in world.destination_facts)
    found: np.ndarray = world.record.tables(options.CHANNELS, destinations)["national"][name]
    return found


def test_lenders_lend_on_a_cash_transfer_within_the_month():
    """The transfer itself, not yet saved, brings the cheapest way within few people's reach; the pledge does."""

    def immobile(credit_months: float, *levers: dict[str, Any]) -> int:
        config = small_config(
            "pakistan", months=1, scale=0.002, livelihood={"credit_months": credit_months}, levers=list(levers)
        )
        return int(simulate(config)["national"]["involuntary_immobility"][0])

    transfer = {"lever": "cash_transfer", "from": "2009-01", "value": 3_000}
    for credit_months, low, high in ((8.0, 0.0, 0.5), (0.01, 0.9, 1.0)):
        assert low <= immobile(credit_months, transfer) / immobile(credit_months) < high


class TestSaleOfVisas:
    def worlds(self, *, months: int, **change: Any) -> Any:
        model = Model(small_config(UNITS, start="2010-01", months=months, scale=0.01, **change))
        for _ in range(months):
            model.step()
        model.close()
        return model.world

    def test_it_opens_the_only_legal_way_to_europe_at_a_price_below_the_smugglers(self):
        world = self.worlds(months=1, levers=[VISAS])
        row = {facts.key: k for k, facts in enumerate(world.destination_facts)}
        price = world[LegalPriceState].visas.price
        closed = self.worlds(months=1)
        assert np.isinf(closed[LegalPriceState].visas.price[row["italy"]])
        assert closed[OfficesState].legal_price_index == 1.0
        known = world[LegalPriceState].smuggler_prices
        assert price[row["italy"]] == 0.9 * known[row["italy"]]
        assert world[OfficesState].legal_price_index < 1.0

    def test_who_finds_none_chooses_as_if_there_were_none(self):
        """Over many draws, first choices and second ones of those not served add up to the choices without a sale."""
        world = self.worlds(months=1, levers=[VISAS])
        options_month, attraction = world[OptionsState].month, world[OptionsState].attraction
        closed = close_sale(world, attraction)
        space = weighing_space(len(world.options))
        sold = np.array([option.is_sold for option in world.options])
        chosen = collect(world)
        buyer = int(np.flatnonzero(sold[chosen.option])[0])
        row, district = int(chosen.row[buyer]), int(chosen.district[buyer])
        home = int(world.villages_of(np.array([row]))[0])
        rate, draws = world.district_month[district], 20_000

        made = made_for(1)  # of one household all ways but one are -1

        def first_choices(attraction: np.ndarray) -> np.ndarray:
            look_at(0, row, rate, world.households, options_month, space.felt)
            listen_to(0, home, world.villages, space.felt)
            wide = fill_up(1, space.felt)
            lean_to_villages(wide, district, options_month, space.felt)
            weigh_options(wide, district, rate, options_month, attraction, space)
            found = np.empty(draws, np.int64)
            for k in range(draws):
                choose_ways(0, 1, 0, options_month, space, False, np.uint64(k), row, 0, made)
                found[k] = made.option[0].max()
            return found

        with_sale, without = first_choices(attraction), first_choices(closed)
        unserved = np.flatnonzero((with_sale >= 0) & sold[with_sale])
        for k in unserved:
            who = np.array([row]), np.array([district]), np.array([home]), np.array([-1]), np.array([1])
            columns = world.district_month, world.households, world.villages, options_month
            choose_again(0, 1, *who, *columns, attraction, closed, np.uint64(k + draws), made, space)
            with_sale[k] = made.option[0].max()
        assert unserved.size > 500
        channel = np.array([option.channel for option in world.options] + [-1])  # the last is staying
        for found in range(-1, len(options.CHANNELS)):
            here, there = (channel[choice] == found for choice in (with_sale, without))
            spread = math.sqrt((here.var() + there.var()) / draws)
            assert abs(here.mean() - there.mean()) <= 4 * spread + 1e-9, found

    def test_a_sale_in_which_hardly_anybody_is_served_changes_hardly_anything(self):
        use = lever("visa_sale", 1e-6, where=EUROPE)
        effects = [
            measure(run(seed, [use]), "legal_departures") / measure(unchanged(seed), "legal_departures")
            for seed in SEEDS[:2]
        ]
        assert 0.98 < np.mean(effects) < 1.02

    def test_no_more_are_sold_than_are_for_sale(self):
        use = lever("visa_sale", 12_000.0, where={"destination": "italy"})
        world = self.worlds(months=24, levers=[use])
        share = world.share_abroad
        sold = national(world, "visas_sold").sum()
        assert 0.7 * 22 * 1_000 * share < sold <= 24 * 1_000 * share + world.weight.max()

    def test_when_the_sale_ends_who_waits_pays_nothing(self):
        use = lever("visa_sale", 60_000.0, where=EUROPE, until="2010-06")
        world = self.worlds(months=10, levers=[use], legal_price={"visa_delay": 3.0})
        sold = national(world, "visas_sold")
        assert sold[3:6].sum() > 0 and sold[6:].sum() == 0
        pending = world[ApplicationsState].table.columns.option[: world[ApplicationsState].table.count]
        assert not any(world.options[option].is_sold for option in pending)
        assert conservation.check(world) == []


class TestLot:
    def test_cohorts_are_served_whole_until_no_place_is_left(self):
        rows, persons = np.arange(50), np.full(50, 10)
        served = np.zeros(50, np.int64)
        left = serve_by_lot(rows, persons, 95.0, np.uint64(7), 500, served)
        assert served.sum() == 10 and left == 95.0 - 100

    def test_what_is_owed_is_served_to_nobody(self):
        served = np.zeros(3, np.int64)
        assert serve_by_lot(np.arange(3), np.full(3, 10), -5.0, np.uint64(7), 500, served) == -5.0
        assert not served.any()

    def test_every_lot_is_drawn_anew(self):
        drawn = []
        for lot in (500, 501):
            served = np.zeros(200, np.int64)
            serve_by_lot(np.arange(200), np.ones(200, np.int64), 40.0, np.uint64(7), lot, served)
            drawn.append(served)
        assert drawn[0].sum() == drawn[1].sum() == 40
        assert not np.array_equal(*drawn)
