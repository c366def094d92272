"""From the dam to the census: runs that begin in 1960, households that are displaced, and what spreads from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from spread import (
    abroad_per_capita,
    catchment_ratio,
    correlation_interval,
    fisher_interval,
    partial_rank_correlation,
    ratio_of_groups,
)
from test_conservation import check_every_month
from worlds import months_of, small_config, take_census, unlike

from abm.choice.displacement import DisplacementOutcomes
from abm.choice.kernels.displacement import displace
from abm.config import Config, load_config
from abm.config.check import NEED_DISTRICTS
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.model import Model, simulate
from abm.places.drivers import shipped_series
from abm.places.geography import load_units, population_at
from abm.world.codes import SETTLED, WORKER

CONFIG = Path(__file__).parents[1] / "configs" / "mangla_1960.yaml"
TRIO = ("gujrat", "lahore", "mirpur_ajk")
MIRPUR = TRIO.index("mirpur_ajk")
NOBODY = {"district_data": "none", "opening_stock": "none"}
DAM = {"persons": {"mirpur_ajk": 60_000}, "begins": "1961-01", "months": 12, "permit_months": 12, "passage": 20_000.0}


def early(months: int = 48, *, dam: dict[str, Any] | None = None, **values: Any) -> Config:
    """Make a small country of 1960, with a dam unless `dam` is empty."""
    population = NOBODY | values.pop("population", {})
    displacement = DAM if dam is None else dam
    off = (*NEED_DISTRICTS, "transit")
    mechanisms = {section: {"enabled": False} for section in off} | values.pop("mechanisms", {})
    return small_config(
        TRIO,
        start="1960-01",
        months=months,
        population=population,
        displacement=displacement,
        mechanisms=mechanisms,
        **values,
    )


class TestRunsFrom1960:
    def test_nothing_is_known_of_districts_but_place_and_residents_of_1998(self):
        known, blank = load_units(), load_units("pakistan", "none")
        for name in ("unit", "province", "lon", "lat", "population_1998"):
            np.testing.assert_array_equal(getattr(known, name), getattr(blank, name))
        for name in (
            *("persons_per_household", "urban_share", "literacy", "labour_force_participation", "unemployment"),
            *("poverty", "settled_share", "persons_abroad_2017"),
        ):
            assert np.unique(getattr(blank, name)).size == 1, name
        growth = blank.population_2017 / blank.population_1998
        assert np.ptp(growth) < 1e-4

    @pytest.mark.parametrize(("month", "counted"), [("1961-01", 42.88e6), ("1972-09", 65.31e6), ("1981-03", 84.25e6)])
    def test_residents_before_the_data_are_near_those_of_the_censuses(self, month: str, counted: float):
        """Totals of the censuses, which no run reads; they leave out Azad Jammu and Kashmir, which the units hold.

        The mid-year estimates that runs take have 9 % less than the census of 1972.
        """
        assert population_at(load_units(), parse_month(month)).sum() == pytest.approx(counted, rel=0.12)

    def test_all_districts_grow_alike_before_the_data(self):
        units = load_units()
        early, late = (population_at(units, parse_month(month)) for month in ("1960-01", "1990-01"))
        assert np.ptp(late / early) < 1e-3 * (late / early).mean()

    def test_incomes_are_carried_back_and_join_the_data(self):
        first = 1990 * 12
        joined = [shipped_series().income_index(first + k, before=0.03) for k in (-1, 0)]
        assert joined[0] == pytest.approx(joined[1], rel=0.003)
        assert shipped_series().income_index(1970 * 12, before=0.03) == pytest.approx(joined[1] * 1.03**-20, rel=0.003)
        with pytest.raises(ValueError, match="no value for 1989"):
            shipped_series().income_index(first - 1)

    def test_nobody_is_abroad_at_the_start(self):
        model = Model(early(1, dam={}))
        assert model.world.stock.sum() == 0
        assert take_census(model.world).abroad.sum() == 0
        assert model.households.away.sum() == 0 and model.households.ties.sum() == 0
        model.close()

    def test_mechanisms_that_need_districts_are_refused(self):
        for section in NEED_DISTRICTS:
            with pytest.raises(ConfigError, match=f"'{section}' needs the data of districts"):
                early(mechanisms={section: {"enabled": True}})

    def test_a_series_of_quotas_opens_and_closes_legal_work(self):
        history = {"1960-01": {"quota": 0.0}, "1962-01": {"quota": 1.0}, "1964-01": {"quota": 0.0}}
        closed = {"legal_quota": 0.0}
        places: dict[str, Any] = {
            key: closed for key in ("united_arab_emirates", "oman", "qatar", "rest_of_world", "united_kingdom")
        }
        places["saudi_arabia"] = {"history": history}
        often, poor = {"consideration": 0.2}, {"subsistence": 1000.0}
        tables = simulate(early(60, dam={}, places={"destinations": places}, livelihood=poor, aspiration=often))
        left = tables["national"]["legal_departures"].reshape(5, 12).sum(axis=1)
        # places that nobody took stay open for a quarter
        assert left[0] == left[1] == 0 and left[2] > 0 and left[3] > 0
        assert tables["national"]["legal_departures"][52:].sum() == 0

    def test_holders_of_vouchers_count_as_settled(self):
        model = Model(
            early(
                30,
                dam={},
                places={"destinations": {"united_kingdom": {"legal_quota": 200_000, "workers_settle": True}}},
                livelihood={"subsistence": 1000.0},
            )
        )
        world = [*months_of(model)][-1]
        kingdom = [facts.key for facts in world.destination_facts].index("united_kingdom")
        assert world.stock[:, kingdom, SETTLED].sum() > 0
        assert world.stock[:, kingdom, 0].sum() == 0


class TestDisplacement:
    def test_one_household_loses_and_is_paid(self):
        from abm.engine.tables import allocate
        from abm.world.columns import Households

        households = allocate(Households, 3)
        households.assets[:] = (1001, 0, 1_499_999_990)
        households.jobs[:] = 2
        lost, paid = displace(np.array([0, 2]), 0.5, 1.0, 1000, np.uint64(1), households)
        assert households.assets.tolist() == [1501, 0, 750_000_995]
        assert (lost, paid) == (500 + 749_999_995, 2000)
        assert households.jobs.tolist() == [0, 2, 0]

    def test_people_and_money_are_conserved(self):
        check_every_month(early(36))

    def test_as_many_are_displaced_as_the_dam_asks_for_and_only_there(self):
        model = Model(early(30))
        world = [*months_of(model)][-1]
        displaced = world.record.by_district["displaced_persons"][:30]
        assert displaced[:, [0, 1]].sum() == 0
        assert displaced[:12].sum() == displaced[24:].sum() == 0
        largest = 60 * world.weight[MIRPUR]  # a row is displaced as a whole
        assert abs(displaced.sum() - 60_000) <= largest
        households = displaced.sum() / load_units("pakistan", "none").persons_per_household[0]
        paid = world.record.by_district["compensation_paid"][:30].sum()
        assert paid == pytest.approx(200_000 * households, rel=0.25)

    def test_the_ledger_knows_who_paid(self):
        model, kinds = Model(early(30)), {}
        for world in months_of(model):
            for (payer, payee, kind), amount in world.ledger.flows.items():
                kinds[payer, payee, kind] = kinds.get((payer, payee, kind), 0) + amount
        assert kinds["government", "households", "compensation"] == (
            world.record.by_district["compensation_paid"][:30].sum()
        )
        assert kinds["households", "government", "taken for the reservoir"] > 0
        left = world.record.by_district["permit_departures"][:30].sum()
        assert kinds["households", "carriers", "passage"] == pytest.approx(20_000 * left, rel=1e-5)

    def test_permits_are_legal_departures_to_one_place_and_lapse(self):
        tables = simulate(early(48, dam=DAM | {"permits_end": "1961-09", "permit_share": 1.0}))
        national, flows = tables["national"], tables["flows"]
        permits = national["permit_departures"]
        assert permits[:21].sum() > 0 and permits[21:].sum() == 0
        assert (national["legal_departures"] >= permits).all()
        there = (flows["destination"] == "united_kingdom") & (flows["channel"] == "legal_work")
        assert flows["persons"][there & (flows["origin"] == "mirpur_ajk")].sum() == permits.sum()

    def test_who_gets_a_permit_settles_where_families_do_and_works_elsewhere(self):
        """So those with one for the Gulf tell of places, like all others on a contract."""
        for place, status in (("united_kingdom", SETTLED), ("saudi_arabia", WORKER)):
            dam = DAM | {"permit_destination": place, "permit_share": 1.0, "permit_months": 1}
            world = [*months_of(Model(early(16, dam=dam)))][-1]
            there = [facts.key for facts in world.destination_facts].index(place)
            stock = world.stock[MIRPUR, there]
            assert stock[status] > 0 and stock[[WORKER, SETTLED]].sum() == stock[status]

    def test_switched_off_or_with_nobody_it_changes_nothing(self):
        nobody, *off = (
            simulate(early(18, dam=dam, mechanisms={"displacement": {"enabled": on}}))
            for dam, on in (({}, True), (DAM, False), (DAM | {"begins": "1961-06"}, False))
        )
        own = {outcome.name for outcome in DisplacementOutcomes.declared}
        assert not any(nobody["national"][name].any() for name in own)
        assert unlike(*off) == unlike(nobody, off[0], own) == set()
        assert "national.permit_departures" in unlike(simulate(early(18)), nobody)

    def test_nothing_happens_before_it_begins(self):
        with_dam, without = simulate(early(18)), simulate(early(18, dam={}))
        for name, values in with_dam["national"].items():
            np.testing.assert_array_equal(values[:12], without["national"][name][:12], err_msg=name)

    def test_permits_make_ties_houses_and_sponsors_where_the_dam_is(self):
        expected = {"ties_mean", "visible_house_share", "demonstration_mean", "remittances"}
        assert made_by_the_dam(seed=1, months=72) == expected

    def test_months_that_are_not_given_are_checked_too(self):
        with pytest.raises(ConfigError, match="1961-06 lies before the start of the run, 2009-01"):
            small_config(TRIO, displacement={"persons": {"mirpur_ajk": 60_000}})
        with pytest.raises(ConfigError, match="1971-12 lies before 'begins', 1972-01"):
            early(14, dam=DAM | {"begins": "1972-01"})


def made_by_the_dam(seed: int, months: int = 120) -> set[str]:
    """What there is more of where the dam is than in the same world without it, years on."""
    settings: dict[str, Any] = {
        "seed": seed,
        "livelihood": {"subsistence": 1800.0},
        "diaspora": {"settled_remitted_share": 1.0},
    }
    with_dam, without = (
        simulate(early(months, dam=dam, **settings))["district"] for dam in (DAM | {"permit_share": 0.9}, {})
    )
    return {
        name
        for name in ("ties_mean", "visible_house_share", "demonstration_mean", "remittances")
        if with_dam[name].reshape(-1, 3)[-1][MIRPUR] > without[name].reshape(-1, 3)[-1][MIRPUR]
    }


class TestAnalysis:
    def test_ratio_of_groups(self):
        abroad, residents = np.array([30.0, 10.0, 10.0, 5.0]), np.array([100.0, 100.0, 200.0, 50.0])
        near = np.array([True, True, False, False])
        assert ratio_of_groups(abroad, residents, near, ~near) == pytest.approx((40 / 200) / (15 / 250))
        assert np.isnan(ratio_of_groups(abroad * near, residents, near, ~near))

    def test_the_ratio_of_a_month_takes_the_groups_from_the_units(self):
        units = load_units()
        keys = [str(unit) for unit in units.unit]
        near, punjab = units.catchment != "", units.province == "punjab"
        table = pd.DataFrame(
            {
                "month": np.repeat(np.array(["2010-12", "2017-12"], "datetime64[M]"), len(keys)),
                "unit": keys * 2,
                "persons_abroad": [*[5] * len(keys), *np.where(near, 30, np.where(punjab, 20, 7))],
                "population": 1000,
            }
        ).sample(frac=1, random_state=1)  # in whatever order
        assert catchment_ratio(table, "2017-12", units) == pytest.approx(1.5)
        assert catchment_ratio(table, "2010-12", units) == pytest.approx(1.0)
        assert abroad_per_capita(table, "2017-12")["karachi"] == pytest.approx(0.007)

    def test_partial_correlation_takes_off_what_is_given(self):
        rng = np.random.default_rng(3)
        common = rng.normal(size=400)
        one, other = common + rng.normal(size=400), common + rng.normal(size=400)
        assert spearmanr(one, other)[0] > 0.35
        assert abs(partial_rank_correlation(one, other, [common])) < 0.12
        low, high = correlation_interval(one, other, [common])
        assert low < partial_rank_correlation(one, other, [common]) < high
        assert partial_rank_correlation(one, one, []) == pytest.approx(1.0)

    def test_without_a_tie_it_is_that_of_three_variables(self):
        rng = np.random.default_rng(5)
        one, other, third = rng.normal(size=(3, 60))
        r = [[spearmanr(a, b)[0] for b in (one, other, third)] for a in (one, other, third)]
        expected = (r[0][1] - r[0][2] * r[1][2]) / np.sqrt((1 - r[0][2] ** 2) * (1 - r[1][2] ** 2))
        assert partial_rank_correlation(one, other, [third]) == pytest.approx(expected)

    def test_two_intervals_agree_where_districts_are_many_and_alone(self):
        rng = np.random.default_rng(11)
        one = rng.normal(size=200)
        other = one + rng.normal(size=200)
        found = partial_rank_correlation(one, other, [])
        np.testing.assert_allclose(correlation_interval(one, other, []), fisher_interval(found, one.size, 0), atol=0.04)

    def test_the_interval_is_the_same_each_time(self):
        rng = np.random.default_rng(7)
        one, other = rng.normal(size=(2, 36))
        found = correlation_interval(one, other, [])
        assert correlation_interval(one, other, []) == found


def test_only_the_dam_names_districts():
    """Nothing in the configuration but the displacement tells one district from another."""
    config = load_config(CONFIG)
    resolved = config.resolved()
    named = set(resolved["displacement"].pop("persons"))
    text = str({key: value for key, value in resolved.items() if key not in ("places", "description", "name")})
    assert named == {"mirpur_ajk", "kotli", "bhimber"}
    assert not [unit for unit in load_units().unit if f"'{unit}'" in text]
    assert [part for part, rows in resolved["places"].items() if rows] == ["destinations"]
    assert config.levers == ()
