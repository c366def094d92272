"""Trafficking within the country and abroad: who is counted where, what raises and lowers it, what policy changes.

The streams are expected counts, rounded up or down by chance, so that most comparisons need one run a side: the draws
are common, and what differs is the effect. Where a lever acts through households, seeds are paired.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import ASKED_FOR, months_of, run_checksums, small_config, unlike

from abm import conservation
from abm.config import Config
from abm.enforcement.law.month_law import STREAMS, LawMonth, LawState, take_leads, tell_convictions
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.model import Model, simulate
from abm.month import OUTCOMES
from abm.places.data_files import read_rows
from abm.places.geography import load_units, unit_index
from abm.society import EconomyState
from abm.streams.cross_border_trafficking import CrossBorderTrafficking
from abm.streams.cross_border_trafficking import CrossBorderTraffickingOutcomes as Abroad
from abm.streams.demand_abroad import CHILDREN_TO_GULF, GROUPS, WOMEN_TO_CHINA, WOMEN_TO_GULF, CrossBorderParams, demand
from abm.streams.domestic_trafficking import DomesticTrafficking
from abm.streams.lure import LURED, RUNAWAY, expected_recruits
from abm.streams.trafficking import cities, exploited, held_or_at_risk, phone_reach, places_in, weights_of
from abm.streams.victims import DomesticTraffickingOutcomes as Domestic
from abm.streams.victims import share_out, ways_out, whole
from abm.world.codes import T_JOBS, T_MEMBERS
from abm.world.state import World

SECTIONS = (DomesticTrafficking.section, CrossBorderTrafficking.section)
OWN = {outcome.name for found in (DomesticTrafficking, CrossBorderTrafficking) for outcome in found.outcomes}
UNITS = ("gujrat", "lahore", "swat", "rahim_yar_khan", "quetta", "badin")
"""Two cities, the two districts that the source names, and two others."""

APART = ASKED_FOR | {section: {"enabled": False} for section in ("law", "agencies", "stream_cases")}
"""Every mechanism but those of the legal regime, which take leads and say what the law is: tests here say it."""

WAYS_OUT = (
    Domestic.trafficking_escapes, Domestic.trafficking_rescues, Domestic.trafficking_let_go, Domestic.trafficking_deaths
)  # fmt: skip


def config(months: int = 24, units: Any = UNITS, start: str = "2015-01", **values: Any) -> Config:
    """Make a small world without a legal regime; values as of `small_config`."""
    return small_config(units, start=start, months=months, **{"mechanisms": APART} | values)


def country(months: int, start: str, **values: Any) -> dict[str, np.ndarray]:
    """National series of a run of all districts, each of four villages of fifty households."""
    return simulate(config(months, "pakistan", start, scale=0.0005, **values))["national"]


def run(**values: Any) -> dict[str, np.ndarray]:
    """National series of a small run."""
    return simulate(config(**values))["national"]


@cache
def usual() -> dict[str, np.ndarray]:
    """National series of the small world with nothing changed."""
    return run()


def stepped(months: int = 3, **values: Any) -> World:
    """World after some months."""
    model = Model(config(months, **values))
    for _ in months_of(model):
        pass
    return model.world


def steps_under(
    law: dict[str, float] | None = None, convicted: float = 0.0, until: int = 99, months: int = 24, **values: Any
) -> dict[str, Any]:
    """National series of a run under a law that is the same everywhere, and the leads that it brought."""
    model, leads = Model(config(months, **values)), dict.fromkeys(STREAMS, 0)
    shape = (len(STREAMS), model.world.district_count)
    try:
        for month in range(months):
            of_law = {"acted": 1.0, "effort": 1.0, "offender": 0.0, "foreign": 0.0} | (law or {})
            model.world[LawState].month = LawMonth(**{name: np.full(shape, v) for name, v in of_law.items()})
            tell_convictions(model.world, np.full(shape, convicted if month < until else 0.0))
            model.step()
            for stream, found in take_leads(model.world).items():
                leads[stream] += found.sum()
    finally:
        model.close()
    return model.world.record.national_series() | {"leads": leads}


class TestCounts:
    def test_rounding_keeps_the_mean(self):
        world = stepped(1)
        expected = np.repeat([0.0, 0.3, 2.7, 40.0], 20_000)
        found = whole(world, 66, 30, expected).reshape(4, -1)
        np.testing.assert_allclose(found.mean(axis=1), [0.0, 0.3, 2.7, 40.0], atol=0.02)
        assert (found.max(axis=1) <= [0, 1, 3, 40]).all()

    def test_nobody_is_lost_among_places_and_shares_hold_in_the_mean(self):
        world = stepped(1)
        counts = np.full((5_000, 2), 3, np.int64)
        shares = np.tile([0.5, 0.0, 0.4, 0.1], (5_000, 1))
        found = share_out(world, 66, 31, counts, shares)
        np.testing.assert_array_equal(found.sum(axis=1), counts)
        assert (found >= 0).all()
        np.testing.assert_allclose(found.mean(axis=(0, 2)), 3 * shares[0], atol=0.05)

    def test_each_way_out_has_its_mean_even_where_one_person_is_held(self):
        world = stepped(1)
        for number in (1, 3):
            held = np.full(40_000, number, np.int64)
            out = ways_out(
                world, 66, number, held, {"one": 0.4, "two": 0.0, "three": 0.2, "four": np.full(40_000, 0.3)}
            )
            for way, hazard in (("one", 0.4), ("two", 0.0), ("three", 0.2), ("four", 0.3)):
                assert out[way].mean() == pytest.approx(number * hazard, abs=0.015), way
            assert held.mean() == pytest.approx(0.1 * number, abs=0.015)

    def test_no_more_leave_than_are_held_whatever_the_hazards(self):
        world, held = stepped(1), np.arange(200, dtype=np.int64)
        before = held.copy()
        out = ways_out(world, 66, 0, held, {"one": np.full(200, 0.9), "other": np.full(200, 0.9)})
        np.testing.assert_array_equal(out["one"] + out["other"] + held, before)
        assert held.min() >= 0 and abs(out["one"].sum() / before.sum() - 0.5) < 0.02


class TestData:
    def test_phones_reach_more_and_more_and_never_more_than_all(self):
        units = load_units("pakistan")
        reach = [phone_reach(units, parse_month(f"{year}-07"), 0.1) for year in (1995, 2004, 2010, 2019, 2028)]
        assert all((found >= 0).all() and (found <= 1).all() for found in reach)
        means = [float(np.average(found, weights=units.population_2017)) for found in reach]
        assert means[0] == 0.0 and means == sorted(means)
        row = unit_index(units)["abbottabad"]
        # July is half a month beyond the middle of the year
        assert reach[1][row] == pytest.approx(0.0878, abs=0.01) and reach[2][row] == pytest.approx(0.9198, abs=0.01)

    def test_a_region_has_the_reach_of_the_country(self):
        units, part = load_units("pakistan"), load_units(UNITS)
        month = parse_month("2013-02")
        rows = [unit_index(units)[str(key)] for key in part.unit]
        np.testing.assert_array_equal(phone_reach(part, month, 0.1), phone_reach(units, month, 0.1)[rows])

    def test_the_districts_that_the_source_names_weigh_more(self):
        units = load_units("pakistan")
        rows = unit_index(units)
        assert weights_of("domestic", units)[rows["swat"]] > 1 == weights_of("domestic", units)[rows["gujrat"]]
        children = weights_of("children_to_gulf", units)
        assert children.argmax() == rows["rahim_yar_khan"] and children[rows["multan"]] > children[rows["gujrat"]]

    def test_every_place_of_the_table_of_sources_is_one(self):
        units = load_units("pakistan")
        rows = read_rows("tables/trafficking_sources.csv")
        assert {row["unit"] for row in rows} <= {"", *map(str, units.unit)}
        assert {row["province"] for row in rows} <= {"", *map(str, units.province)}

    def test_destinations_are_large_cities(self):
        names = set(load_units("pakistan").unit[cities()])
        assert {"karachi", "lahore", "peshawar", "quetta"} <= names and "kech" not in names
        rows, inside = places_in(load_units(UNITS))
        assert [UNITS_IN_ORDER[row] for row in rows] == [str(load_units("pakistan").unit[cities()][k]) for k in inside]


UNITS_IN_ORDER = [str(key) for key in load_units(UNITS).unit]


class TestConservation:
    @pytest.mark.parametrize("units", [UNITS, "catchment", ("badin",)], ids=["six", "catchment", "one without a city"])
    def test_stocks_change_by_what_is_booked(self, units: Any):
        model = Model(config(18, units))
        held = abroad = None
        for world in months_of(model):
            figures, streams = world.figures, exploited(world)
            assert conservation.check(world) == []
            for state in streams.values():
                assert (state.held >= 0).all() and (state.at_risk >= 0).all()
            out = sum(figures[way] for way in WAYS_OUT)
            gone = figures[Abroad.trafficked_returns] + figures[Abroad.trafficked_deaths_abroad]
            if held is not None:
                now = held + figures[Domestic.trafficked_domestic] - out
                np.testing.assert_array_equal(now, figures[Domestic.exploited_domestic])
                now = abroad + figures[Abroad.trafficked_abroad] - gone
                np.testing.assert_array_equal(now, figures[Abroad.exploited_abroad])
            held, abroad = figures[Domestic.exploited_domestic], figures[Abroad.exploited_abroad]
            elsewhere = streams["trafficking_domestic"].held[:, -1].sum()
            assert figures[Domestic.exploited_by_place].sum() + elsewhere == held.sum()
            taken = sum(figures[OUTCOMES[group]] for group in GROUPS)
            np.testing.assert_array_equal(taken, figures[Abroad.trafficked_abroad])
        assert held.sum() > 0 and abroad.sum() > 0

    def test_nobody_in_the_country_is_held_elsewhere(self):
        found = country(3, "2015-01")
        np.testing.assert_array_equal(found["exploited_by_place"], found["exploited_domestic"])

    def test_never_more_than_the_residents_there_are(self):
        """With recruiting far beyond what is possible and no way out but death."""
        ways = dict.fromkeys(("escape", "rescue", "outreach", "ageing_out", "deterrence"), 0.0)
        hungry = {"reading": "reported", "reported_victims": 60_000.0, "reported_share": 0.05, "opening_share": 2.0}
        model = Model(
            config(
                24,
                ("swat", "rahim_yar_khan"),
                domestic_trafficking=hungry | ways | {"pull": 2.0, "death": 0.0001, "poverty": 0.0},
                cross_border_trafficking={"women_to_gulf": 10_000.0, "women_stay": 240.0},
            )
        )
        for world in months_of(model):
            counted = held_or_at_risk(world)
            assert (counted <= world.sums[:, T_MEMBERS]).all()
        assert (counted > 0.3 * world.sums[:, T_MEMBERS]).any()  # the limit is felt

    def test_the_ledger_says_what_buyers_pay_and_families_get(self):
        """In rupees of 2017, of 2019 16 % more: 150,000 in the Gulf, a fifth to the family; in China 45,000 USD of 2019
        at 150 rupees, of which 200,000 to the family. What buyers pay follows the dollar."""
        model = Model(config(30, start="2018-06"))
        to_china = 0
        for world in months_of(model):
            flows, figures = world.ledger.flows, world.figures
            paid = flows.get(("buyers_abroad", "traffickers", "price of a person"), 0)
            handed_on = flows.get(("traffickers", "families_of_trafficked", "payment to a family"), 0)
            assert (paid, handed_on) == tuple(
                figures[OUTCOMES[f"trafficking_{what}"]].sum() for what in ("revenue", "to_families")
            )
            china, all_of_them = figures[Abroad.women_to_china].sum(), figures[Abroad.trafficked_abroad].sum()
            dollar, rates = world[EconomyState].dollar, world[EconomyState].series.real_rates
            gulf, bride = 150_000 * dollar / rates[2017], 45_000 * 150 / 1.16 * dollar / rates[2019]
            assert paid == pytest.approx((all_of_them - china) * gulf + china * bride, rel=0.03)
            assert handed_on == pytest.approx((all_of_them - china) * 0.2 * gulf + china * 200_000 / 1.16, rel=0.03)
            to_china += china
        assert to_china > 0 and world.ledger.balances["buyers_abroad"] < 0

    def test_threads_change_nothing(self):
        assert run_checksums(config(12)) == run_checksums(config(12), threads=2)


class TestOff:
    @pytest.mark.parametrize("off", [SECTIONS, SECTIONS[:1], SECTIONS[1:]], ids=["both", "domestic", "abroad"])
    def test_without_the_streams_all_else_is_the_same_to_the_bit(self, off: tuple[str, ...]):
        switches = APART | {section: {"enabled": False} for section in off}
        on, without = simulate(config(18)), simulate(config(18, mechanisms=switches))
        assert unlike(on, without, OWN) == set()
        series, shared = without["national"], {f"trafficking_{word}" for word in ("reports", "leads")}
        shared |= {"victims_identified", "retrafficked", "freed_at_risk"}
        for found in (DomesticTrafficking, CrossBorderTrafficking):
            for name in {outcome.name for outcome in found.outcomes} - shared - {"women_to_china"}:
                assert (name not in series) if found.section in off else series[name].any(), name
        assert ("victims_identified" in series) == (off != SECTIONS)

    def test_the_streams_do_not_move_each_other(self):
        one = run(mechanisms=APART | {SECTIONS[1]: {"enabled": False}})
        np.testing.assert_array_equal(one["trafficked_domestic"], usual()["trafficked_domestic"])

    def test_they_are_off_unless_asked_for(self):
        assert not any(Config().enabled(section) for section in SECTIONS)


class TestTotals:
    def test_a_run_opens_as_it_goes_on(self):
        """Those held, those at risk and what recruiters fear are of a stream that has long been the same.

        Where nothing that pushes people changes, and nobody is born or dies, four years change them by little.
        """
        steady = {"poverty": 0.0, "unemployment": 0.0, "phone_share": 0.0, "urbanisation": 0.0}
        found = run(
            months=48,
            domestic_trafficking=steady | {"relapse": 0.1, "raid_weight": 0.2},
            cross_border_trafficking={
                "poverty": 0.0,
                "gulf_season": 0.0,
                "women_to_china": 50.0,
                "relapse": 0.1,
                "raid_weight": 1.0,
                "exit_checks": 0.3,
            },
            mechanisms=APART | {"demography": {"enabled": False}},
        )
        first, last = slice(0, 12), slice(36, 48)
        for name, within in (
            ("trafficked_domestic", 0.015),
            ("retrafficked", 0.03),
            ("exploited_domestic", 0.03),
            ("freed_at_risk", 0.03),
            ("trafficked_abroad", 0.02),
            ("exploited_abroad", 0.05),
        ):
            assert found[name][last].mean() == pytest.approx(found[name][first].mean(), rel=within), name


class TestRecruiting:
    def test_poverty_unemployment_and_phones_raise_it(self):
        world = stepped()
        none = np.zeros(world.district_count)
        before = expected_recruits(world, none)
        units, jobs, month = world.units, world.sums[:, T_JOBS].copy(), world.month
        world.units = replace(units, poverty=units.poverty * 1.1)
        np.testing.assert_allclose(expected_recruits(world, none) / before, 1.1)
        world.units = units
        world.sums[:, T_JOBS] -= jobs // 20
        found = expected_recruits(world, none)
        assert (found[:, LURED] > before[:, LURED]).all()
        np.testing.assert_array_equal(found[:, RUNAWAY], before[:, RUNAWAY])
        world.sums[:, T_JOBS] = jobs
        world.month = parse_month("2004-07")
        past = expected_recruits(world, none)
        # all that the years change for runaways is the pull of cities
        pull = past[:, RUNAWAY] / before[:, RUNAWAY]
        assert (past[:, LURED] < 0.75 * before[:, LURED] * pull).all()
        world.month = month

    def test_rural_districts_and_swat_give_more(self):
        world = stepped()
        found = expected_recruits(world, np.zeros(world.district_count)).sum(axis=1)
        rate = dict(zip(UNITS_IN_ORDER, found / world.sums[:, T_MEMBERS] / world.units.poverty, strict=True))
        assert rate["swat"] > rate["gujrat"] > rate["lahore"]

    def test_near_and_large_cities_draw_most(self):
        world = stepped()
        state, (rows, _) = exploited(world)["trafficking_domestic"], places_in(world.units)
        held = state.held.sum(axis=2)
        of_gujrat = held[UNITS_IN_ORDER.index("gujrat"), :-1]
        assert UNITS_IN_ORDER[rows[of_gujrat.argmax()]] == "lahore"
        to_quetta = held[:, [UNITS_IN_ORDER[row] for row in rows].index("quetta")] / held.sum(axis=1)
        assert UNITS_IN_ORDER[to_quetta.argmax()] == "quetta"

    def test_a_region_has_the_rates_of_the_country(self):
        """Cities beyond the region draw its people too, and hold them elsewhere."""
        everywhere = simulate(config(12, "pakistan", scale=0.0005))["district"]
        mask = np.isin(everywhere["unit"], UNITS)
        of_country = everywhere["trafficked_domestic"][mask].sum()
        assert run(months=12)["trafficked_domestic"].sum() == pytest.approx(of_country, rel=0.1)


class TestDemandAbroad:
    def test_season_adds_up_to_nothing_over_a_year(self):
        params = CrossBorderParams()
        of_year = np.array([demand(params, 2015 * 12 + month) for month in range(12)])
        np.testing.assert_allclose(of_year[:, WOMEN_TO_GULF].sum(), params.women_to_gulf)
        assert of_year[:, WOMEN_TO_GULF].argmax() == 0 and of_year[:, WOMEN_TO_GULF].argmin() == 6

    def test_more_are_taken_to_the_gulf_in_winter(self):
        women = usual()["women_to_gulf"].reshape(2, 12).sum(axis=0)
        assert women[[11, 0, 1]].sum() > 1.5 * women[5:8].sum()
        even = run(cross_border_trafficking={"gulf_season": 0.0})["women_to_gulf"].reshape(2, 12).sum(axis=0)
        assert even[[11, 0, 1]].sum() == pytest.approx(even[5:8].sum(), rel=0.15)

    def test_pressure_makes_the_streams_recede(self):
        def of_year(year: int) -> np.ndarray:
            return sum(demand(CrossBorderParams(), year * 12 + month) for month in range(12))

        assert of_year(2008)[CHILDREN_TO_GULF] == pytest.approx(0.1 * of_year(2004)[CHILDREN_TO_GULF])
        assert of_year(2008)[WOMEN_TO_GULF] == pytest.approx(of_year(2004)[WOMEN_TO_GULF])
        assert of_year(2016)[WOMEN_TO_CHINA] == 0.0
        assert of_year(2022)[WOMEN_TO_CHINA] == pytest.approx(0.05 * 760)

    def test_pressure_lowers_the_stream_to_the_gulf(self):
        late = run(start="2009-01", cross_border_trafficking={"gulf_pressure_since": 2029.0})
        now = run(start="2009-01")
        assert now["children_to_gulf"].sum() < 0.2 * late["children_to_gulf"].sum()
        np.testing.assert_array_equal(now["women_to_china"], late["women_to_china"])

    def test_children_come_from_where_the_source_says(self):
        district = simulate(config(start="2009-01"))["district"]
        children = {unit: district["children_to_gulf"][district["unit"] == unit].sum() for unit in UNITS}
        assert children["rahim_yar_khan"] > 0.7 * sum(children.values())

    def test_more_checks_stop_more(self):
        strict = run(cross_border_trafficking={"exit_checks": 0.5})
        assert strict["trafficking_stopped"].sum() > 3 * usual()["trafficking_stopped"].sum()
        assert strict["trafficked_abroad"].sum() < usual()["trafficked_abroad"].sum()


class TestLaw:
    def test_victims_treated_as_offenders_report_less_and_are_identified_less(self):
        free, charged = steps_under(), steps_under({"offender": 0.8})
        for name in ("trafficking_reports", "victims_identified"):
            assert charged[name].sum() < 0.8 * free[name].sum(), name
        assert free["trafficking_leads"].sum() == sum(free["leads"].values())
        for stream in ("trafficking_domestic", "trafficking_abroad"):
            assert 0 < charged["leads"][stream] < free["leads"][stream]

    def test_the_neutral_law_is_no_law(self):
        found = steps_under()
        for name in OWN:
            np.testing.assert_array_equal(found[name], usual()[name])

    def test_effort_frees_more_and_stops_more(self):
        found = steps_under({"effort": 3.0})
        assert found["trafficking_rescues"].sum() > 1.5 * usual()["trafficking_rescues"].sum()
        assert found["trafficking_stopped"].sum() > 2.0 * usual()["trafficking_stopped"].sum()
        assert found["exploited_domestic"][-1] < usual()["exploited_domestic"][-1]

    def test_convictions_lower_recruiting_for_a_time(self):
        weights = {section: {"deterrence": 0.2} for section in SECTIONS}
        none = steps_under(months=60, **weights)
        some = steps_under(convicted=5.0, until=12, months=60, **weights)
        for name in ("trafficked_domestic", "trafficked_abroad"):
            ratio = some[name] / none[name]
            early, late = ratio[9:15].mean(), ratio[-6:].mean()
            assert early < 0.85 and early < late, name
            assert late > 0.5 * (1.0 + early), name


class TestLevers:
    @staticmethod
    def under(lever: str, value: float, months: int = 36, **values: Any) -> dict[str, np.ndarray]:
        levers = [{"lever": lever, "value": value, "from": "2015-03"}] if value else []
        return run(months=months, levers=levers, **values)

    def test_control_of_online_recruiting_lowers_luring_and_not_running_away(self):
        before, after = self.under("online_recruitment_control", 0.0), self.under("online_recruitment_control", 0.8)
        lured = [found["trafficked_domestic"] - found["trafficked_minors"] for found in (before, after)]
        np.testing.assert_array_equal(lured[0][:2], lured[1][:2])
        assert lured[1][2:].sum() < 0.75 * lured[0][2:].sum()
        np.testing.assert_array_equal(before["runaways"], after["runaways"])
        assert after["exploited_domestic"][-1] < before["exploited_domestic"][-1]
        half = self.under("online_recruitment_control", 0.4)
        assert half["cost_online_recruitment_control"].sum() == pytest.approx(after["policy_cost"].sum() / 2, rel=1e-6)

    def test_without_phones_there_is_nothing_to_control(self):
        off = {"domestic_trafficking": {"phone_share": 0.0}}
        before, after = (self.under("online_recruitment_control", value, **off) for value in (0.0, 1.0))
        np.testing.assert_array_equal(before["trafficked_domestic"], after["trafficked_domestic"])

    def test_services_identify_more_and_fewer_are_trafficked_again(self):
        before, after = self.under("victim_services", 0.0), self.under("victim_services", 0.8)
        assert after["victims_identified"][2:].sum() > 1.5 * before["victims_identified"][2:].sum()
        assert after["retrafficked"][-12:].sum() < 0.5 * before["retrafficked"][-12:].sum()
        assert after["freed_at_risk"][-1] < 0.5 * before["freed_at_risk"][-1]
        assert after["exploited_domestic"][-1] < before["exploited_domestic"][-1]
        assert after["exploited_abroad"][-1] < before["exploited_abroad"][-1]

    def test_services_cost_what_each_person_served_costs(self):
        after = self.under("victim_services", 0.8)
        served = after["cost_victim_services"][4:].sum() / 60_000.0
        freed = after["trafficking_escapes"][4:].sum() + after["trafficking_rescues"][4:].sum()
        assert 0.75 < served / freed < 0.95

    def test_services_abroad_need_no_stream_at_home(self):
        only = APART | {SECTIONS[0]: {"enabled": False}}
        before, after = (self.under("victim_services", value, mechanisms=only) for value in (0.0, 0.8))
        assert after["victims_identified"].sum() > before["victims_identified"].sum()
        assert after["policy_cost"].sum() > 0 == before["policy_cost"].sum()

    def test_without_the_streams_they_are_refused(self):
        off = {section: {"enabled": False} for section in SECTIONS}
        use = {"value": 0.5, "from": "2015-03"}
        with pytest.raises(ConfigError, match=r"'victim_services' would do nothing.*domestic_trafficking"):
            config(levers=[{"lever": "victim_services"} | use], mechanisms=off)
        off[SECTIONS[1]] = {"enabled": True}
        with pytest.raises(ConfigError, match="'online_recruitment_control' would do nothing"):
            config(levers=[{"lever": "online_recruitment_control"} | use], mechanisms=off)

    @pytest.mark.parametrize("lever", ["online_recruitment_control", "victim_services"])
    def test_a_budget_binds(self, lever: str):
        full = self.under(lever, 0.8)["policy_cost"].reshape(3, 12).sum(axis=1)
        cap = float(full.min() // 2)
        found = self.under(lever, 0.8, budget={"per_year": cap, "rule": "cap"})["policy_cost"].reshape(3, 12)
        assert (found.sum(axis=1) <= cap).all()
        assert (found.sum(axis=1) > 0.9 * cap).all()
