"""Trafficking in small runs: persons and money close, streams begin and end, what law and levers change.

The formulas behind are tried in `test_science_recruiters`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import PLAIN, months_of, small_config

from abm import conservation
from abm.config import Config
from abm.enforcement.law.month_law import STREAMS, LawMonth, LawState, take_leads
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.model import Model, simulate
from abm.places.geography import load_units, unit_index
from abm.streams import EXPLOITATION, streams_of
from abm.streams.cities import cities, places_in
from abm.streams.phones import phone_reach
from abm.streams.release import _by_place
from abm.streams.trade import TradeState, demand_of_month
from abm.streams.trafficking import Trafficking
from abm.streams.trafficking_outcomes import TraffickingOutcomes as Out
from abm.streams.victims import FOREIGN, Places, VictimsState
from abm.world.state import World

OWN = {outcome.name for outcome in Trafficking.outcomes}
KEYS = list(EXPLOITATION.shipped["streams"])
UNITS = ("gujrat", "lahore", "swat", "rahim_yar_khan", "quetta", "badin")
"""Three cities, the district where boys were sought for camel racing, and two others."""

APART = PLAIN | {section: {"enabled": True} for section in ("trafficking", "bondage")}
"""No legal regime, which takes leads and says what the law is: tests here say it."""

WAYS_OUT = (Out.trafficking_escapes, Out.trafficking_rescues, Out.trafficking_let_go, Out.trafficking_deaths)

NOBODY_WANTED = {"streams": {key: {"demand": 0.0} for key in KEYS}}


def config(months: int = 24, units: Any = UNITS, start: str = "2015-01", **values: Any) -> Config:
    """Make a small world without a legal regime; values as of `small_config`."""
    return small_config(units, start=start, months=months, **{"mechanisms": APART} | values)


def country(months: int, start: str, **values: Any) -> dict[str, dict[str, np.ndarray]]:
    """Tables of a run of all districts, each of four villages of fifty households."""
    return simulate(config(months, "pakistan", start, scale=0.0005, **values))


def run(**values: Any) -> dict[str, np.ndarray]:
    """National series of a small run."""
    return simulate(config(**values))["national"]


def by_stream(tables: dict[str, dict[str, np.ndarray]], name: str) -> dict[str, np.ndarray]:
    """Series of an outcome by stream of exploitation."""
    found = tables["stream"]
    return {key: found[name][found["stream"] == key] for key in dict.fromkeys(found["stream"].tolist())}


@cache
def usual() -> dict[str, np.ndarray]:
    """National series of the small world with nothing changed."""
    return run()


def stepped(months: int = 1, **values: Any) -> World:
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
            of_law = {"acted": 1.0, "effort": 1.0, "offender": 0.0} | (law or {})
            by_crime = {name: np.full(shape, value) for name, value in of_law.items()}
            model.world[LawState].month = LawMonth(**by_crime, foreign=np.zeros(shape[1]))
            model.world[LawState].convictions = np.full(shape, convicted if month < until else 0.0)
            model.step()
            for stream, found in zip(STREAMS, take_leads(model.world), strict=True):
                leads[stream] += found.sum()
    finally:
        model.close()
    return model.world.record.national_series() | {"leads": leads}


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

    def test_destinations_are_large_cities(self):
        names = set(load_units("pakistan").unit[cities()])
        assert {"karachi", "lahore", "peshawar", "quetta"} <= names and "kech" not in names
        units = load_units(UNITS)
        rows, inside = places_in(units)
        assert [str(units.unit[row]) for row in rows] == [str(load_units("pakistan").unit[cities()][k]) for k in inside]


class TestBooks:
    @pytest.mark.parametrize("seed", range(4))
    def test_persons_and_money_close_whatever_the_configuration(self, seed: int):
        """With all mechanisms, at random numbers of trafficking, streams, districts and sizes of rows."""
        rng = np.random.default_rng(seed)
        units = tuple(rng.choice([str(key) for key in load_units("pakistan").unit], 5, replace=False).tolist())
        params = {
            "relapse": rng.uniform(0.0, 0.3), "escape": rng.uniform(0.0, 0.2), "death": rng.uniform(0.0, 0.05),
            "reluctance": rng.uniform(2.0, 6.0), "exit_checks": rng.uniform(0.0, 1.0), "capital": rng.uniform(0.0, 1e6),
            "runaway": rng.uniform(0.0, 0.01), "review": rng.uniform(0.0, 0.5), "entry": rng.uniform(0.0, 0.5),
        }  # fmt: skip
        streams = {key: {"demand": rng.uniform(0.0, 1e5), "stay": rng.uniform(1.0, 60.0)} for key in KEYS}
        model = Model(
            small_config(
                units, start="2015-01", months=8, scale=float(rng.choice([0.0005, 0.01])), seed=seed,
                trafficking=params, exploitation={"streams": streams},
                levers=[{"lever": "victim_services", "value": 20.0, "from": "2015-03"}],
            )
        )  # fmt: skip
        held = None
        for world in months_of(model):
            assert conservation.check(world) == []
            figures = world.figures
            out = sum(int(figures[way].sum()) for way in WAYS_OUT)
            now = int(figures[Out.stream_held].sum())
            if held is not None:
                assert now == held + int(figures[Out.stream_taken].sum()) - out
            held = now
            parts = ("exploited_domestic", "exploited_abroad", "exploited_foreigners")
            abroad = VictimsState, Places.of(world).abroad
            rows = world[abroad[0]].table.rows
            taken_on = int(rows.persons[(rows.row == FOREIGN) & (rows.place == abroad[1])].sum())
            assert now == sum(int(figures[getattr(Out, part)].sum()) for part in parts) + taken_on
        assert held > 0

    def test_the_price_of_a_person_closes_from_the_buyer_to_the_family(self):
        """Recruiters get the price; brokers, transport, families and their own living come out of it."""
        model = Model(config(30, start="2018-06"))
        for world in months_of(model):
            flows, figures = world.ledger.flows, world.figures
            paid = sum(
                flows.get((buyer, "traffickers", "price of a person"), 0) for buyer in ("buyers", "buyers_abroad")
            )
            handed_on = flows.get(("traffickers", "households", "payment to a family"), 0)
            assert paid == figures[Out.trafficking_revenue].sum() > 0
            assert handed_on == figures[Out.trafficking_to_families].sum()
            brokers = flows.get(("traffickers", "brokers", "share of the price"), 0)
            assert brokers + handed_on < paid
        assert handed_on > 0

    def test_printed_prices_of_brides(self):
        """25,000 to 65,000 USD against 200,000 rupees of 2019 to the family, in rupees of 2017."""
        facts = EXPLOITATION.shipped["streams"]["brides_to_china"]
        assert 25_000 < facts["price"] * 1.16 / 150 < 65_000
        assert facts["family"] * 1.16 == pytest.approx(200_000, rel=0.1)


class TestStreams:
    def test_without_demand_there_are_no_recruiters_and_nobody_is_taken(self):
        tables = simulate(config(12, exploitation=NOBODY_WANTED))
        for name in ("stream_taken", "stream_held", "stream_recruiters"):
            assert not tables["stream"][name].any(), name
        assert tables["national"]["runaways"].all()  # whom nobody looks for

    def test_when_demand_ends_recruiters_turn_to_other_streams_and_the_stream_ends(self):
        ended = {"history": {"2015-06": 1.0, "2015-07": 0.0}}
        # nobody who came free is taken again
        alone = {"trafficking": {"relapse": 0.0}, "exploitation": {"streams": {"domestic_service": ended}}}
        tables = simulate(config(36, **alone))
        taken, there = by_stream(tables, "stream_taken"), by_stream(tables, "stream_recruiters")
        changed = by_stream(tables, "stream_changed")
        assert there["domestic_service"][:6].min() > 10 * there["domestic_service"][-6:].max()
        assert taken["domestic_service"][:6].mean() > 10 * taken["domestic_service"][-6:].mean()
        others = sum(changed[key] for key in KEYS if key != "domestic_service")
        assert others[6:24].sum() > 0.3 * there["domestic_service"][5]

    def test_demand_follows_dates_and_seasons(self):
        """Boys for camel racing are wanted until international pressure, brides to China since 2018."""
        camels, brides = (
            {year: np.array([stream.multiple(12 * year + month) for month in range(12)]) for year in (2004, 2008, 2019)}
            for stream in (streams_of()[KEYS.index(key)] for key in ("camel_racing", "brides_to_china"))
        )
        assert camels[2004].mean() == pytest.approx(1.0) and camels[2008].mean() == pytest.approx(0.1)
        assert camels[2004].argmax() == 0 and camels[2004].argmin() == 6
        assert brides[2004].sum() == 0 and brides[2019].max() == 1.0
        world = stepped()
        trade, wanted = world[TradeState], demand_of_month(world, parse_month("2019-03"))
        share = wanted[KEYS.index("job_traps")] / (35_000 / 12)
        assert share == pytest.approx(world.region_share)
        assert wanted[KEYS.index("from_bangladesh")] == pytest.approx(1_800 / 12 * 0.3 * 0.3)  # enters Lahore only
        assert trade.fixed.ease[:, KEYS.index("from_bangladesh")].sum() == pytest.approx(0.3)

    def test_foreigners_have_no_household_and_some_are_taken_on(self):
        """By the districts of entry; everybody who is brought in is of a stream from a country."""
        brought = {"streams": {"from_central_asia": {"demand": 6_000.0, "onward": 0.2, "entries": {"quetta": 1.0}}}}
        world = stepped(6, exploitation=brought)
        rows = world[VictimsState].table.rows
        of_country = np.isin(rows.stream, [KEYS.index("from_bangladesh"), KEYS.index("from_central_asia")])
        np.testing.assert_array_equal(rows.row == FOREIGN, of_country)
        uzbek = rows.stream == KEYS.index("from_central_asia")
        assert set(world.units.unit[rows.district[uzbek]]) == {"quetta"}
        national = world.record.national_series()
        assert national["taken_onward"].sum() > 0.1 * national["trafficked_in"].sum() > 0
        assert rows.persons[uzbek & (rows.place == Places.of(world).abroad)].sum() > 0

    def test_a_new_stream_and_a_new_group_need_yaml_only(self):
        women = {
            "name": "Women placed in domestic service", "crime": "trafficking_domestic", "origin": "households",
            "group": "women", "way": "placement", "held": "cities", "demand": 30_000.0, "price": 60_000.0,
            "family": 15_000.0, "contacts": 30.0, "stay": 24.0, "source": "assumed",
        }  # fmt: skip
        tables = simulate(config(6, exploitation={"streams": {"women_in_service": women}}))
        taken = by_stream(tables, "stream_taken")
        assert [*taken] == [*KEYS, "women_in_service"] and taken["women_in_service"].sum() > 50

    @pytest.mark.study
    def test_the_sample_does_not_move_the_mean(self):
        """Four seeds a scale; a row stands for 2,000 households, or for 200."""
        names = ("trafficked_domestic", "exploited_domestic", "victims_identified")
        small, large = (
            np.mean(
                [[run(months=4, seed=seed, scale=scale)[name].sum() for name in names] for seed in range(4)], axis=0
            )
            for scale in (0.0005, 0.005)
        )
        np.testing.assert_allclose(small / large, 1.0, atol=0.12)


class TestLaw:
    def test_victims_treated_as_offenders_report_less_and_are_identified_less(self):
        free, charged = steps_under(), steps_under({"offender": 0.8})
        for name in ("trafficking_reports", "victims_identified"):
            assert charged[name].sum() < 0.8 * free[name].sum(), name
        assert free["trafficking_leads"].sum() == sum(free["leads"].values())
        assert 0 < charged["leads"]["trafficking_domestic"] < free["leads"]["trafficking_domestic"]

    def test_the_neutral_law_is_no_law(self):
        found = steps_under()
        for name in OWN & usual().keys():
            np.testing.assert_array_equal(found[name], usual()[name])

    def test_effort_frees_more_and_stops_more(self):
        found = steps_under({"effort": 3.0})
        assert found["trafficking_rescues"].sum() > 1.4 * usual()["trafficking_rescues"].sum()
        assert found["trafficking_stopped"].sum() > 1.5 * usual()["trafficking_stopped"].sum()
        assert found["exploited_domestic"][-1] < usual()["exploited_domestic"][-1]

    def test_convictions_lower_recruiting(self):
        some = steps_under(convicted=2.0)
        for name in ("trafficked_domestic", "recruiters"):
            assert some[name][-12:].sum() < 0.9 * usual()[name][-12:].sum(), name


class TestLevers:
    @staticmethod
    def under(lever: str, value: float, **values: Any) -> dict[str, np.ndarray]:
        return run(levers=[{"lever": lever, "value": value, "from": "2015-03"}] if value else [], **values)

    def test_caseworkers_serve_fewer_for_each_who_is_added(self):
        """Their time is limited at first and those freed in the end; fewer freed people are trafficked again."""
        found = [self.under("victim_services", dose) for dose in (0.0, 5.0, 50.0)]
        served = [series["victims_served"][3:].sum() for series in found]
        assert served[1] - served[0] > 3.0 * (served[2] - served[1]) / 9.0 > 0.0
        assert found[1]["victims_identified"].sum() > 1.2 * found[0]["victims_identified"].sum()
        assert found[2]["retrafficked"][3:].sum() < 0.6 * found[0]["retrafficked"][3:].sum()
        assert found[1]["exploited_domestic"][-1] < found[0]["exploited_domestic"][-1]

    @pytest.mark.study
    def test_moderators_and_warnings_lower_what_they_are_about(self):
        """Seeds are paired: a false offer found is not made, a village warned accepts less."""

        def taken(*lever: tuple[str, float]) -> int:
            levers = [{"lever": name, "value": value, "from": "2015-03"} for name, value in lever]
            runs = [simulate(config(18, seed=seed, levers=levers)) for seed in (1, 2)]
            return sum(int(by_stream(run, "stream_taken")["job_traps"][4:].sum()) for run in runs)

        before = taken()
        for lever in (("online_recruitment_control", 50.0), ("recruitment_warnings", 20.0)):
            assert taken(lever) < 0.9 * before, lever

    def test_staff_is_paid_whoever_comes(self):
        """150,000 rupees a caseworker, by a million residents."""
        world = stepped(3, levers=[{"lever": "victim_services", "value": 4.0, "from": "2015-02"}])
        cost = world.record.national_series()["cost_victim_services"]
        assert cost[0] == 0.0
        assert cost[2] == pytest.approx(4.0 * 150_000.0 * world.residents().sum() / 1e6, rel=0.02)

    def test_where_nobody_is_wanted_they_are_refused(self):
        use = {"lever": "victim_services", "value": 5.0, "from": "2015-03"}
        with pytest.raises(ConfigError, match="no stream of section exploitation has demand"):
            config(levers=[use], exploitation=NOBODY_WANTED)

    def test_elsewhere_a_large_district_counts_for_its_residents(self):
        found = _by_place(np.array([[1.0, 5.0, 1.0]]), np.array([1]), np.array([60.0, 30.0, 10.0]))
        np.testing.assert_allclose(found, [[5.0, 2.2, 1.0]])  # the last is abroad

    def test_a_budget_binds(self):
        full = self.under("victim_services", 20.0)["policy_cost"].reshape(2, 12).sum(axis=1)
        cap = float(full.min() // 2)
        found = self.under("victim_services", 20.0, budget={"per_year": cap, "rule": "cap"})
        yearly = found["policy_cost"].reshape(2, 12).sum(axis=1)
        assert (yearly <= cap).all() and (yearly > 0.9 * cap).all()
