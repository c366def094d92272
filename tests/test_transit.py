"""Transit: who enters, what they add to legs, guards and offices, and what a wall, a season and policy change.

Comparisons are made with paired seeds: the same seeds with and without the change. What is told is the mean of the
relative differences and its 95 % interval (Student's t).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from test_conservation import check_every_month
from worlds import PLAIN, interval, months_of, small_config, unlike

from abm.config import Config
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.market import transit as transit_module
from abm.market.transit import Transit, TransitOutcomes
from abm.model import Model, Tables, simulate
from abm.places.geography import load_units
from abm.places.places import places_of
from abm.routes.transit_flows import HIRED, TransitParams, monthly_rates, transit_of
from abm.society import EconomyState

SEEDS = range(1, 7)
OWN = {outcome.name for outcome in Transit.outcomes}
BORDER = ("killa_abdullah", "chagai", "karachi", "lahore", "khyber", "islamabad")
"""All districts of entry."""
COUNTRY: dict[str, Any] = {"units": "pakistan", "scale": 0.0005, "village_households": 50}
"""All districts, each with four villages of fifty households."""
ALONE = PLAIN | {"transit": {"enabled": True}}
"""What has nothing to do with transit is off where many runs are compared."""
SHARED = ("iran_by_quetta", "turkey_by_quetta", "greece_by_quetta", "iran_by_mashkel", "turkey_by_mashkel")
"""Routes from Quetta that Afghans in transit share with Pakistan's own travellers, with others of their corridors."""
BOOKED = {"bribes_paid", "paid_officials", "paid_transporters", "paid_forgers", "fees_paid_by_travellers"}
"""Outcomes of payments on the way, which count those of travellers in transit too."""


def border(months: int = 24, **values: Any) -> Config:
    """A small world of the districts of entry."""
    return small_config(BORDER, months=months, **{"start": "2012-06", "scale": 0.002, "mechanisms": ALONE} | values)


@cache
def country(seed: int, months: int, traffic: float, hiring: float, level: float) -> Tables:
    """A small country; transit in some strength."""
    transit = {"traffic": traffic, "hiring": hiring, "level": level}
    return simulate(
        small_config(start="2014-01", months=months, seed=seed, transit=transit, mechanisms=ALONE, **COUNTRY)
    )


def of_leg(tables: Tables, leg: str, name: str) -> np.ndarray:
    return tables["leg"][name][tables["leg"]["leg"] == leg]


SECOND: dict[str, dict[str, Any]] = {
    "myanmar": {
        "name": "From Myanmar", "origin": "MMR", "level": 50, "season": [1] * 12, "entries": {"karachi": 1.0},
        "routes": {"iran_by_kech": 1.0}, "hire": 0.5, "price_usd": 900, "source": "assumed",
    },
}  # fmt: skip
"""A stream of a configuration."""

BY_SEA_AND_AIR = {
    "transit": {
        "myanmar": SECOND["myanmar"]
        | {"level": 200, "routes": {"iran_by_sea": 0.4, "iran_by_taftan": 0.2, "air_libya": 0.4}}
    }
}
"""That stream on the routes that the shipped one does not take."""


def of_unit(tables: Tables, unit: str, name: str) -> np.ndarray:
    return tables["district"][name][tables["district"]["unit"] == unit]


def on_routes(tables: Tables, name: str) -> np.ndarray:
    """Values of the shared routes by month, shape (months, routes)."""
    route = tables["route"]
    return np.stack([route[name][route["route"] == key] for key in SHARED], axis=1)


def stream(**changes: Any) -> dict[str, Any]:
    """Section ``places`` that changes the stream from Afghanistan."""
    return {"transit": {"afghanistan": changes}}


class TestData:
    def test_figures_of_the_paper(self):
        by_key = {facts.key: facts for facts in places_of().transit}
        assert dict(by_key["afghanistan"].pushed_to) == {"chagai": 1.0}
        assert 50 < by_key["afghanistan"].price / 350 < 200, "rupees a dollar"

    def test_entries_are_districts_and_every_route_has_a_leg_in_pakistan(self):
        units = {str(unit) for unit in load_units("pakistan").unit}
        routes = {route.key: route for route in places_of().routes}
        for facts in places_of().transit:
            assert {*facts.entries, *facts.pushed_to} <= units
            for name in facts.routes:
                assert routes[name].legs[0].country == "PAK"


class TestArrivals:
    def test_rates_follow_level_season_wall_and_history(self):
        """800 a month enter, 0.15 of 6,000 are pushed from 2013 on, the flow doubles in August 2021."""
        model = Model(border(1))
        model.step()
        state = transit_of(model.world)
        mine = state.cells.stream == 0

        def rate(month: str, **values: float) -> float:
            changed = TransitParams(**values)
            return float(monthly_rates(state.facts, state.cells, parse_month(month), changed)[mine].sum())

        assert rate("2012-05") == pytest.approx(800 * 1.4)
        assert rate("2012-12") == pytest.approx(800 * 0.7)
        assert rate("2013-01") == pytest.approx((800 + 900) * 0.6)
        assert rate("2021-08") == pytest.approx((800 + 900) * 1.0 * 2.0)
        assert rate("2013-01", level=3.0) == pytest.approx(3 * (800 + 900) * 0.6)
        assert rate("2013-01", wall=0.0) == pytest.approx(800 * 0.6)
        assert rate("2013-01", wall=4.0) == pytest.approx((800 + 3_600) * 0.6)
        model.close()

    def test_the_wall_shifts_entries_to_chagai_in_its_month_and_nothing_before(self):
        with_wall, without = simulate(border()), simulate(border(transit={"wall": 0.0}))
        built = parse_month("2013-01") - parse_month("2012-06")
        for name in ("national", "district", "route", "leg"):
            for column, values in with_wall[name].items():
                rows = len(values) // 24
                first, other = (found.reshape(24, rows)[:built] for found in (values, without[name][column]))
                np.testing.assert_array_equal(first, other, f"{name}.{column}")
        more = of_unit(with_wall, "chagai", "transit_entries") - of_unit(without, "chagai", "transit_entries")
        season = np.array(places_of().transit[0].season)[(5 + np.arange(24)) % 12]
        assert (np.abs(more[built:] - 900 * season[built:]) <= 3).all(), "whole persons in three cells"
        for unit in set(BORDER) - {"chagai"}:
            found = (of_unit(tables, unit, "transit_entries") for tables in (with_wall, without))
            np.testing.assert_array_equal(*found)

    def test_a_scenario_moves_the_wall(self):
        later = stream(walls={"2013-01": {"pushed": 0.0}, "2013-09": {"pushed": 0.5}})
        entries = of_unit(simulate(border(places=later)), "chagai", "transit_entries")
        plain = of_unit(simulate(border()), "chagai", "transit_entries")
        built, moved = 7, 15
        np.testing.assert_array_equal(entries[:built], plain[:built])
        assert (entries[built:moved] < plain[built:moved] / 2).all()
        assert (entries[moved:] > 2 * plain[moved:]).all()

    def test_entries_have_the_season_of_the_data(self):
        flat = stream(walls={"2013-01": {"pushed": 0.0}})
        entries = of_unit(simulate(border(places=flat)), "killa_abdullah", "transit_entries")
        season = np.array(places_of().transit[0].season)[(5 + np.arange(24)) % 12]
        np.testing.assert_allclose(entries, 560 * season, atol=3)

    def test_traders_of_the_district_of_entry_sell_in_season(self):
        tables = simulate(border())
        a_head = 3 * (2 * 800 + 3 * 100)
        for unit in BORDER:
            spent, entered = (of_unit(tables, unit, f"transit_{name}") for name in ("spending", "entries"))
            np.testing.assert_array_equal(spent, entered * a_head)
        in_chagai = of_unit(tables, "chagai", "transit_spending")[7:19]
        assert in_chagai.max() > 2 * in_chagai.min()

    def test_another_stream_changes_no_draw_of_the_others(self):
        row = {
            "name": "From somewhere", "origin": "IND", "level": 40, "season": [1] * 12, "entries": {"lahore": 1.0},
            "routes": {"air_libya": 1.0}, "hire": 0.5, "price_usd": 2000, "source": "assumed",
        }  # fmt: skip
        config = border(6, places={"transit": {"a_new_one": row}})
        more, plain = simulate(config), simulate(border(6))
        extra = of_unit(more, "lahore", "transit_entries") - of_unit(plain, "lahore", "transit_entries")
        np.testing.assert_array_equal(extra, 40)
        for unit in set(BORDER) - {"lahore"}:
            found = (of_unit(tables, unit, "transit_entries") for tables in (more, plain))
            np.testing.assert_array_equal(*found)


class TestBeforeTheData:
    """Levels are of 2017: a run that begins before 2000 has to say what they were."""

    STREAMS = ("afghanistan", "myanmar")

    def early(self, *history: tuple[str, float], without: str = "", **values: Any) -> Config:
        """Make a small country of 1978, with one history for all streams but one."""
        told = {"history": {month: {"flow": flow} for month, flow in history}} if history else {}
        streams = {key: SECOND.get(key, {}) | (told if key != without else {}) for key in self.STREAMS}
        population = {"opening_stock": "none"}
        return border(start="1978-01", population=population, places={"transit": streams}, **values)

    def test_without_a_history_it_is_refused(self):
        with pytest.raises(ConfigError, match="'afghanistan' and 'myanmar' have the level of 2017"):
            self.early()
        with pytest.raises(ConfigError, match="'myanmar' has the level of 2017; say what it was"):
            self.early(("1978-01", 0.0), without="myanmar")
        with pytest.raises(ConfigError, match="have the level of 2017"):
            self.early(("1978-02", 0.0))  # the first month is left out
        assert self.early(mechanisms={"transit": {"enabled": False}}).months == 24

    @pytest.mark.parametrize("row", [{"level": 0}, {"growth": 0.02}], ids=["nobody", "growth"])
    def test_a_stream_that_grows_or_has_nobody_needs_none(self, row: dict[str, float]):
        told = {"history": {"1978-01": {"flow": 0}}}
        streams = {"afghanistan": told, "myanmar": SECOND["myanmar"] | row}
        assert border(start="1978-01", population={"opening_stock": "none"}, places={"transit": streams})

    def test_nobody_enters_until_history_says_so(self):
        began = ("1979-01", 1.0)
        world, _ = check_every_month(self.early(("1978-01", 0.0), began))
        national = world.record.national_series()
        assert national["transit_entries"][:12].sum() == 0
        np.testing.assert_allclose(national["transit_entries"][12:].sum(), 12 * (800 + 50), atol=12)
        assert national["transit_exits"][:13].sum() == 0 < national["transit_exits"][-1]


class TestBooks:
    def test_persons_and_money_are_conserved_every_month(self):
        world, audit = check_every_month(border(36, places=BY_SEA_AND_AIR, transit={"level": 3.0}))
        national = world.record.national_series()
        for name in ("interceptions", "deaths", "exits", "with_office", "unserved"):
            assert national[f"transit_{name}"].sum() > 0, name
        kinds = {(payee, kind) for payer, payee, kind in audit.flows if payer == "transit_travellers"}
        assert kinds == {
            ("offices", "smuggling fee"), ("transporters", "passage"), ("officials", "bribe"), ("forgers", "documents"),
            ("sellers", "spending on the way"),
        }  # fmt: skip
        spent = world.ledger.balances["transit_travellers"]
        assert spent == -sum(amount for (payer, *_), amount in audit.flows.items() if payer == "transit_travellers")

    def test_every_cell_is_conserved_inside_and_outside_the_region(self, monkeypatch: pytest.MonkeyPatch):
        """Those who enter outside the region stand in no table by district, but on its legs."""
        seen, balance, hired, stopped, entered = np.zeros(2), 0, 0, 0, 0
        advance, set_out = transit_module._advance, transit_module._set_out

        def advance_and_count(world: Any, state: Any) -> Any:
            nonlocal balance, stopped
            found = advance(world, state)
            balance, stopped = balance - sum(found[:3]), found[1].sum()
            return found

        def set_out_and_count(world: Any, state: Any, arrivals: Any, began: np.ndarray) -> None:
            nonlocal balance, entered
            balance, entered = balance + arrivals.entered, arrivals.entered
            set_out(world, state, arrivals, began)

        monkeypatch.setattr(transit_module, "_advance", advance_and_count)
        monkeypatch.setattr(transit_module, "_set_out", set_out_and_count)
        for world in months_of(Model(small_config(("gujrat", "chagai", "quetta"), start="2014-01", months=36))):
            state = transit_of(world)
            assert (state.under_way >= 0).all()
            np.testing.assert_array_equal(state.under_way.sum(axis=(0, 2, 3)), balance)
            outside = state.cells.district < 0
            seen += balance[outside].sum(), balance[~outside].sum()
            hired += state.under_way[HIRED].sum()
            began = world.figures[TransitOutcomes.transit_travellers]
            setting_out = np.bincount(state.cells.legs[:, 0], entered, began.size)
            later = np.unique(state.cells.legs[:, 1:])
            first_alone = np.setdiff1d(np.arange(began.size), later[later >= 0])
            np.testing.assert_array_equal(began[first_alone], setting_out[first_alone])
            assert (began >= setting_out).all()
            assert world.figures[TransitOutcomes.transit_interceptions.at("leg")].sum() == stopped
        assert (seen > 0).all() and hired > 0

    def test_nobody_in_transit_crosses_a_closed_border(self):
        """Those on their way wait at it, and leave when it opens."""
        shut = {"event": "closure", "where": {"border": "PAK-IRN"}, "from": "2013-01", "until": "2013-06"}
        exits, under_way = (
            np.add.reduceat(found, np.arange(0, found.size, len(BORDER)))
            for found in (
                simulate(border(events=[shut]))["district"][name] for name in ("transit_exits", "transit_under_way")
            )
        )
        first = 7
        assert exits[:first].sum() > 0
        assert exits[first : first + 6].sum() == 0
        assert under_way[first + 5] > 0 and exits[first + 6] >= under_way[first + 5] / 2

    def test_offices_are_paid_the_price_for_everyone_whom_they_take(self):
        """At one price for all; in the whole country, so that all offices are there."""
        (price,) = {facts.price for facts in places_of().transit}
        model = Model(small_config(start="2014-01", months=6, **COUNTRY))
        for world in months_of(model):
            paid = world.ledger.flows["transit_travellers", "offices", "smuggling fee"]
            each = int(round(price) * world[EconomyState].dollar)
            assert paid == int(world.figures[TransitOutcomes.transit_with_office].sum()) * each > 0

    @pytest.mark.parametrize("units", [BORDER, ("gujrat", "chagai")], ids=["six", "two"])
    def test_a_price_below_the_cost_finds_no_office(self, units: tuple[str, ...]):
        """In a small region too, whose offices nobody of many cells comes to in a month."""
        cheap = {"afghanistan": {"price_usd": 1}}
        config = small_config(units, start="2012-06", months=12, scale=0.002, places={"transit": cheap})
        for world in months_of(Model(config)):
            assert world.figures[TransitOutcomes.transit_with_office].sum() == 0 == transit_of(world).stopped_hired
            assert not transit_of(world).under_way[HIRED].any()
        assert (world.record.national_series()["transit_unserved"] > 0).all()

    def test_places_of_an_office_are_split_without_favour(self):
        """Four cells that ask alike for two places of each of many offices: nobody is lost, each gets as many."""
        asked = np.full((4, 4_000), 3)
        lots = (np.arange(4_000) + 0.5) / 4_000
        served = transit_module._split(asked, np.full(4_000, 2), lots)
        np.testing.assert_array_equal(served.sum(axis=0), 2)
        assert ((served >= 0) & (served <= asked)).all()
        np.testing.assert_allclose(served.mean(axis=1), 0.5, atol=0.01)


class TestOff:
    def test_on_without_any_effect_it_leaves_all_else_to_the_bit(self):
        """Nobody counts as traffic, nobody hires an office: only what is paid on the way is more."""
        idle = {"traffic": 0.0, "hiring": 0.0}
        on, off = (
            simulate(border(transit=idle, mechanisms={})),
            simulate(border(mechanisms={"transit": {"enabled": False}})),
        )
        assert on["national"]["transit_entries"].sum() > 0 and "transit_entries" not in off["national"]
        assert unlike(on, off, OWN | BOOKED) == set()

    @pytest.mark.study
    def test_switched_on_at_the_level_of_the_data_detection_stays_about_the_same(self):
        """Flow 1 of a leg includes the usual transit: docs/model/transit.md."""
        ratios = []
        for seed in SEEDS:
            off, on = (
                small_config(start="2009-01", months=24, seed=seed, mechanisms=ALONE | switch, **COUNTRY)
                for switch in ({"transit": {"enabled": False}}, {})
            )
            odds = [
                of_leg(simulate(each), "quetta_taftan", "interception_probability")[12:].mean() for each in (on, off)
            ]
            ratios.append(odds[0] / odds[1])
        low, high = interval(ratios)
        assert low > 0.9 and high < 1.1, (low, high)


class TestCompetition:
    @pytest.mark.study
    def test_threefold_flow_dilutes_guards_and_draws_them(self):
        """Odds on the leg that they share fall by a tenth to nearly a half, though officers follow."""
        odds, effort, elsewhere = [], [], []
        for seed in SEEDS:
            usual, more = (country(seed, 24, 1.0, 0.0, level) for level in (1.0, 3.0))
            for found, leg, name in (
                (odds, "quetta_taftan", "interception_probability"),
                (effort, "quetta_taftan", "effort"),
                (elsewhere, "islamabad_london", "interception_probability"),
            ):
                found.append(of_leg(more, leg, name)[12:].mean() / of_leg(usual, leg, name)[12:].mean() - 1.0)
        low, high = interval(odds)
        assert low > -0.50 and high < -0.10, (low, high)
        low, high = interval(effort)
        assert low > 0.0, (low, high)
        low, high = interval(elsewhere)
        assert low > -0.05 and high < 0.05, "no transit there"

    @pytest.mark.study
    def test_fewer_of_pakistans_own_are_stopped_per_head(self):
        changes = []
        for seed in SEEDS:
            usual, more = (
                of_leg(found, "quetta_taftan", "interceptions")[6:].sum()
                / of_leg(found, "quetta_taftan", "entered")[5:-1].sum()
                for found in (country(seed, 24, 1.0, 0.0, level) for level in (1.0, 3.0))
            )
            changes.append(more / usual - 1.0)
        _, high = interval(changes)
        assert high < -0.05, changes

    def test_those_stopped_with_an_office_give_leads(self):
        few = {"intelligence": 0.09}
        config = {
            "seed": 2,
            "start": "2014-01",
            "months": 18,
            "places": BY_SEA_AND_AIR,
            "enforcement": few,
            "mechanisms": ALONE,
            **COUNTRY,
        }
        many, none = (
            simulate(small_config(**config, transit={"level": 10.0, "hiring": 4.0, "cooperation": share}))["national"]
            for share in (1.0, 0.0)
        )
        np.testing.assert_array_equal(many["leads"][0], none["leads"][0])
        assert many["leads"].sum() > 1.03 * none["leads"].sum()


class TestPolicy:
    @pytest.mark.parametrize(
        ("lever", "leg"),
        [
            ("border_patrol", "quetta_taftan"),
            ("airport_screening", "karachi_dubai"),
            ("coastal_patrol", "karachi_gwadar"),
        ],
    )
    def test_levers_on_legs_stop_travellers_in_transit(self, lever: str, leg: str):
        use = {"lever": lever, "from": "2013-06", "value": 5.0}
        with_lever, without = (
            of_leg(
                simulate(border(levers=levers, places=BY_SEA_AND_AIR, transit={"level": 5.0})),
                leg,
                "transit_interceptions",
            )
            for levers in ([use], [])
        )
        np.testing.assert_array_equal(with_lever[:12], without[:12])
        assert with_lever[12:].sum() > 1.3 * without[12:].sum()

    def test_without_enforcement_pakistan_stops_nobody(self):
        off = {"enforcement": {"enabled": False}}
        national, usual = (simulate(border(12, mechanisms=found))["national"] for found in (off, {}))
        assert usual["transit_interceptions"].sum() > 0
        assert national["transit_interceptions"].sum() == 0 and "leads" not in national


class TestScaleAndRegion:
    def test_flows_do_not_depend_on_the_scale_of_the_population(self):
        small, large = (simulate(border(12, scale=scale)) for scale in (0.002, 0.01))
        for name in ("transit_entries", "transit_spending"):
            np.testing.assert_array_equal(small["national"][name], large["national"][name])
        odds = [of_leg(tables, "quetta_taftan", "interception_probability").mean() for tables in (small, large)]
        assert odds[0] == pytest.approx(odds[1], rel=0.05)

    def test_a_region_has_the_traffic_of_the_country_and_its_part_of_the_rest(self):
        """No district of entry lies in the catchment; its travellers meet transit on the legs all the same."""
        config = {"start": "2014-01", "months": 12, "scale": 0.002, "drivers": {"outside_demand": 0.75}}
        catchment = simulate(small_config("catchment", **config))
        whole = country(1, 12, 1.0, 1.0, 1.0)
        assert catchment["national"]["transit_entries"].sum() == 0
        for leg in ("quetta_taftan", "karachi_dubai", "karachi_lasbela"):
            found = (of_leg(tables, leg, "transit_travellers") for tables in (catchment, whole))
            np.testing.assert_array_equal(*found)
        usual, more = (
            of_leg(
                simulate(small_config("catchment", **config, transit={"level": level})), "quetta_taftan", name
            ).mean()
            for level, name in ((1.0, "interception_probability"), (3.0, "interception_probability"))
        )
        assert -0.50 < more / usual - 1.0 < -0.10, "as in the country"

    def test_offices_of_a_region_get_its_part_of_the_demand(self, monkeypatch: pytest.MonkeyPatch):
        """Persons who come to the offices of the region, and some of them are taken and pay."""
        came: list[int] = []
        ask = transit_module._ask

        def ask_and_count(coming: np.ndarray, weight: np.ndarray, start: np.ndarray) -> np.ndarray:
            came.append(int(coming.sum()))
            return ask(coming, weight, start)

        monkeypatch.setattr(transit_module, "_ask", ask_and_count)
        received = []
        for units, scale in (("catchment", 0.002), ("pakistan", 0.0005)):
            idle = {"hiring": 1.0, "cooperation": 0.0}  # no leads, which are spread over offices in the same way
            model = Model(small_config(units, start="2014-01", months=12, scale=scale, transit=idle))
            came.clear()
            paid = 0
            for world in months_of(model):
                paid += world.ledger.flows.get(("transit_travellers", "offices", "smuggling fee"), 0)
            received.append((sum(came), world.region_share))
            assert paid > 0
        (region, share), (all_of_it, whole) = received
        assert whole == 1.0 and share < 0.2
        assert region / all_of_it == pytest.approx(share, rel=0.1)
