"""Bonded labour: who is bound, what they are paid, how debts grow, pass on and end, and what policy changes.

Comparisons are made with paired seeds: the same seeds with and without the policy. What is told is the mean of the
differences and its 95 % interval (Student's t).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pytest
from test_conservation import check_every_month
from worlds import checksums, interval, months_of, only, small_config, unlike

from abm.config import Config
from abm.departure.applications import ApplicationsState
from abm.enforcement.law.month_law import STREAMS, LawMonth, LawState
from abm.market.tables import MarketTables
from abm.model import Model, simulate
from abm.month import OUTCOMES
from abm.places.data_files import read_rows
from abm.places.geography import load_units
from abm.places.series import to_pkr_2017
from abm.routes.travel import TravelState
from abm.society import LabourState
from abm.streams import bondage, labour_inspection
from abm.streams.bondage import MINE_RATE, Bondage, _order
from abm.streams.bondage_params import BondageParams
from abm.streams.bonded_work import (
    ALL_KILNS,
    activity,
    families_by_sector,
    feasts,
    find_places,
    sites_of,
    terms_of_month,
)
from abm.streams.bonds import BondageOutcomes, BondsState
from abm.streams.kernels.bondage import advance_the_debt, bargained, end_of_bond, pay_for_work
from abm.streams.labour_inspection import Enforced, InspectionState, Visit, inspect, learn, pass_on, share_served
from abm.world.codes import BOND_CANCELLED, BOND_COURT, BOND_FLED, BOND_LASTS, FREE_OF_BOND, KILN, MINE

SEEDS = range(1, 6)
OWN = {outcome.name for outcome in Bondage.outcomes}
COUNTRY: dict[str, Any] = {"units": "pakistan", "scale": 0.0005, "village_households": 50}
"""All districts, each with four villages of fifty households."""

STRICT: dict[str, Any] = {
    "inspectors": 100.0, "registered_share": 1.0, "bribed": 0.0, "compliance_months": 60.0, "inspection_release": 0.0,
}  # fmt: skip
"""So many honest inspectors that whatever policy orders is done nearly everywhere; courts release nobody."""

ALONE = only("policy", "labour_demand", "labour", "demography", "livelihood", "aspiration", "bondage")
"""What bondage meets at home; all else is off, so that a month takes a third of the time."""


def country(months: int, start: str = "2012-01", seed: int = 1, levers: Any = (), **bondage: Any) -> Config:
    """Make a small country; `bondage` are parameters of the mechanism."""
    return small_config(
        start=start, months=months, seed=seed, levers=list(levers), bondage=bondage, mechanisms=ALONE, **COUNTRY
    )


def run(config: Config) -> dict[str, np.ndarray]:
    """National series of a run, with the consumption of all households as ``consumption``."""
    model, consumption = Model(config), []
    for world in months_of(model):
        consumption.append(world.ledger.flows["households", "sellers", "consumption"])
    return model.world.record.national_series() | {"consumption": np.array(consumption)}


@cache
def one_of_a_pair(months: int, seed: int, lever: str, value: float, **bondage: Any) -> dict[str, np.ndarray]:
    """A run with a lever from the third month on, or with none."""
    levers = [{"lever": lever, "value": value, "from": "2012-03"}] if lever else []
    return run(country(months, seed=seed, levers=levers, **bondage))


def pairs(
    months: int, lever: str, value: float, seeds: Iterable[int] = SEEDS, **bondage: Any
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Runs without and with a lever, seed by seed."""
    return [
        (one_of_a_pair(months, seed, "", 0.0, **bondage), one_of_a_pair(months, seed, lever, value, **bondage))
        for seed in seeds
    ]


def debt_of_one(series: dict[str, np.ndarray]) -> np.ndarray:
    """Debt of a bonded household, PKR."""
    return series["bonded_debt"] / series["bonded_households"]


class TestFormulas:
    def test_half_is_handed_over_and_half_withheld(self):
        assert pay_for_work.py_func(2, 2.5, 8_000.0, 0.5, 9_000.0, 11_500.0, False) == (10_000, 10_000)

    def test_a_lawful_kiln_pays_the_larger_of_rate_and_minimum_wage(self):
        assert pay_for_work.py_func(2, 2.5, 8_000.0, 0.5, 9_000.0, 11_500.0, True) == (23_000, 0)
        assert pay_for_work.py_func(1, 3.0, 8_000.0, 0.5, 9_000.0, 11_500.0, True) == (27_000, 0)

    def test_miners_bargain_between_the_worst_rate_and_the_best(self):
        best = BondageParams().mine_rate_best / BondageParams().mine_rate_worst
        assert [bargained.py_func(share, best) for share in (0.0, 0.5, 1.0)] == pytest.approx([1, (1 + best) / 2, best])

    def test_who_pays_more_than_the_law_asks_is_left_alone(self):
        assert pay_for_work.py_func(1, 1.0, 8_000.0, 0.0, 4_000.0, 3_000.0, True) == (8_000, 0)

    def test_the_register_asks_for_books_so_that_more_is_credited_at_kilns_and_not_in_mines(self):
        (world,) = months_of(Model(country(1)))
        none, half = np.zeros(world.district_count), np.full(world.district_count, 0.5)
        by_sector = np.zeros((world.district_count, 2))
        terms = terms_of_month(world, Enforced(by_sector, *[by_sector] * 4, registered=half), none)
        params = world.params(BondageParams)
        mean = 0.5 * (params.credited_share + params.credited_registered)
        np.testing.assert_allclose(terms.credited, np.tile([mean, params.credited_share], (none.size, 1)))

    def test_other_kilns_keep_to_the_law_after_the_months_for_which_a_visit_works(self):
        """As many in each period: a household that works for a lawful one does not do so for good."""
        (world,) = months_of(Model(country(1)))
        by_sector = np.zeros((world.district_count, 2))
        enforced, keys = Enforced(by_sector, *[by_sector] * 4, registered=by_sector[:, 0]), []
        first = world.month - world.month % 6
        for month in range(first, first + 12):
            world.month = month
            keys.append(terms_of_month(world, enforced, by_sector[:, 0]).law_key)
        assert keys[:6] == [keys[0]] * 6 and keys[6:] == [keys[6]] * 6 and keys[0] != keys[6]

    def test_without_a_surplus_only_what_is_credited_works_against_interest(self):
        interest, credited, instalment = advance_the_debt.py_func(100_000, 7_000, -5_000.0, 10**6, 0.1, 0.02, 0.5)
        assert (interest, credited, instalment) == (2_000, 700, 0)

    def test_a_surplus_pays_and_never_more_than_is_owed(self):
        assert advance_the_debt.py_func(100_000, 0, 8_000.0, 10**6, 0.1, 0.02, 0.5) == (2_000, 0, 4_000)
        assert advance_the_debt.py_func(1_000, 0, 8_000.0, 10**6, 0.1, 0.0, 0.5) == (0, 0, 1_000)

    def test_beyond_the_ceiling_nothing_more_is_written(self):
        assert advance_the_debt.py_func(100_000, 0, -1.0, 90_000, 0.1, 0.02, 0.5) == (0, 0, 0)

    def test_one_draw_tells_three_ways_out(self):
        ends = [end_of_bond.py_func(draw, 0.2, 0.1, 0.3) for draw in (0.05, 0.15, 0.35, 0.65)]
        assert ends == [BOND_CANCELLED, BOND_COURT, BOND_FLED, BOND_LASTS]


class TestData:
    def test_rates_are_those_of_the_tables(self):
        rows = read_rows("tables/bonded_labour_trafficking.csv") + read_rows("tables/costs_wages_incomes.csv")
        defaults = BondageParams()

        def printed(measure: str, year: int, place: str) -> float:
            (value,) = {
                float(row["value"])
                for row in rows
                if (row["measure"], row["year"], row["geography"]) == (measure, str(year), place)
            }
            return value

        def of_2017(*where: Any) -> float:
            return to_pkr_2017(printed(*where), "PKR", where[1])

        assert defaults.kiln_rate == pytest.approx(of_2017("promised per 1000 bricks", 2019, "Lahore"), rel=0.01)
        legal = of_2017("minimum rate per 1000 bricks, moulder", 2012, "Punjab")
        assert defaults.legal_rate == pytest.approx(legal, rel=0.01)
        wage = of_2017("minimum wage, unskilled, brick industry", 2012, "Punjab")
        assert defaults.minimum_wage == pytest.approx(wage, rel=0.01)
        low, high = (of_2017(f"mining piece rate, {end}", 2020, "Pakistan") for end in ("low", "high"))
        assert (defaults.mine_rate_worst, defaults.mine_rate_best) == pytest.approx((low, high), rel=0.01)
        handed_over = printed("share of promised rate handed over", 2019, "Pakistan")
        assert defaults.kiln_withheld == 1.0 - handed_over / 100
        assert defaults.family_bricks == printed("bricks per family per day", 2012, "Pakistan")
        assert defaults.bricks == printed("bricks produced", 2017, "Pakistan") * 1e9
        assert defaults.stated_workers == printed("brick kiln workers", 2019, "Pakistan") * 1e6
        assert printed("brick kilns", 2017, "Pakistan") == ALL_KILNS
        registered = printed("brick kilns registered with the labour department", 2013, "Punjab")
        counted = printed("functional brick kilns", 2017, "Punjab")
        assert defaults.registered_share == pytest.approx(registered / counted, abs=0.005)

    def test_kilns_of_punjab_are_those_of_the_census(self):
        units = load_units("pakistan")
        kilns, mines, minorities = sites_of(units)
        assert kilns.sum() == pytest.approx(1.0) and mines.sum() == pytest.approx(1.0)
        assert kilns[units.province == "punjab"].sum() == pytest.approx(7_966 / 18_000)
        assert mines[units.province == "balochistan"].sum() == pytest.approx(0.45)
        assert {"harnai", "jhelum", "hangu"} <= set(units.unit[mines > 0]) and (mines > 0).sum() == 17
        assert set(units.province[minorities > 0]) == {"punjab", "sindh"}

    def test_the_readings_differ_by_almost_an_order_of_magnitude(self):
        output, printed = (families_by_sector(BondageParams(reading=name))[0] for name in ("output", "printed"))
        # a thousand bricks a day, 24 days a month, 8.95 months a year; moulders are 65 % of the families
        assert output == pytest.approx(45e9 / (1_000 * 24 * 8.95) / 0.65)
        assert printed == pytest.approx(4.5e6 / 2.5)
        assert 5 < printed / output < 10

    def test_there_is_little_work_in_the_monsoon_and_less_at_the_height_of_winter(self):
        kilns, mines = np.array([activity(BondageParams(), 2017 * 12 + month) for month in range(12)]).T
        assert kilns.tolist() == [0.6, 1, 1, 1, 1, 1, 0.25, 0.25, 0.25, 1, 1, 0.6]
        # the Eids of 2017 fell in June and September
        assert mines == pytest.approx([0.8, 0.8, 1, 1, 1, 2 / 3, 1, 1, 2 / 3, 1, 1, 0.8])

    def test_there_are_33_lunar_years_in_32_of_the_calendar(self):
        assert sum(feasts(2000 * 12 + month) for month in range(32 * 12)) == pytest.approx(2 * 33, abs=1)
        assert feasts(2012 * 12 + 7) == feasts(2012 * 12 + 9) == 1, "19 August and 26 October 2012"

    def test_tons_dug_are_those_reported_and_workers_as_stated_would_dig_several_times_as_much(self):
        params = BondageParams()
        days = params.working_days * sum(activity(params, 2017 * 12 + month)[1] for month in range(12))

        def tons(reading: str) -> float:
            families = families_by_sector(params.model_copy(update={"reading": reading}))[1]
            return float(families * params.mine_family_workers * params.hewing_share * params.mine_tons * days)

        assert tons("output") == pytest.approx(5.6e6)
        assert 2.0 < tons("printed") / 5.6e6 < 4.0
        # at the best rate all tons cost less than a hundredth of the 344,832 million rupees of the sector
        assert tons("output") * params.mine_rate_best < 0.01 * 344_832e6


class TestTotals:
    @pytest.mark.parametrize("reading", ["output", "printed"])
    def test_the_bonded_of_2018_are_those_of_the_reading_within_a_factor_of_two(self, reading: str):
        found = run(country(36, start="2016-01", reading=reading))
        families = 45e9 / (1_000 * 24 * 8.95) / 0.65 if reading == "output" else 4.5e6 / 2.5
        assert 0.5 < found["bonded_kiln"][-12:].mean() / families < 2.0
        workers = families * 2.5 + (35_000 if reading == "output" else 100_000)
        assert 0.5 < found["bonded_workers"][-12:].mean() / workers < 2.0

    def test_kilns_and_mines_and_ways_out_add_up(self):
        found = run(country(24))
        np.testing.assert_array_equal(found["bonded_kiln"] + found["bonded_mine"], found["bonded_households"])
        ways = sum(found[f"bondage_{way}"] for way in ("repaid", "flights", "court", "cancelled"))
        np.testing.assert_array_equal(ways, found["bondage_releases"])
        change = found["bondage_entries"] - found["bondage_releases"]
        np.testing.assert_array_equal(np.diff(found["bonded_households"]), change[1:])


class TestDebts:
    @pytest.mark.study
    def test_debts_as_deep_as_they_become_stay_with_half_of_the_pay_and_fall_with_the_lawful_wage(self):
        """Opened at 1.7 times the debts as shipped, where these settle: what is seen is not the opening."""
        both = pairs(36, "wage_enforcement_kilns", 1.0, opening_growth=4.0, **STRICT)
        low, high = interval(debt_of_one(without)[-1] / debt_of_one(without)[1] - 1.0 for without, _ in both)
        assert low > -0.12 and high < 0.05, (low, high)
        _, high = interval(debt_of_one(paid)[-1] / debt_of_one(without)[-1] for without, paid in both)
        assert high < 0.8, high

    @pytest.mark.study
    def test_with_half_of_the_pay_withheld_debts_do_not_fall_and_few_are_repaid(self):
        """Net pay is below what a family needs to live on; debts open lower than they settle."""
        found = [without for without, _ in pairs(36, "wage_enforcement_kilns", 1.0, **STRICT)]
        low, _ = interval(debt_of_one(series)[-1] / debt_of_one(series)[1] - 1.0 for series in found)
        assert low > 0.0
        _, high = interval(series["bondage_repaid"].sum() / series["bonded_households"].mean() / 3 for series in found)
        assert high < 0.05, "a year, of the bonded households"

    @pytest.mark.study
    def test_with_the_lawful_wage_debts_fall_and_are_repaid(self):
        both = pairs(24, "wage_enforcement_kilns", 1.0, **STRICT)
        _, high = interval(debt_of_one(paid)[-1] / debt_of_one(paid)[1] - 1.0 for _, paid in both)
        assert high < 0.0
        low, _ = interval(paid["bondage_repaid"].sum() / without["bondage_repaid"].sum() for without, paid in both)
        assert low > 1.5
        _, high = interval(paid["bonded_children"][-1] / without["bonded_children"][-1] for without, paid in both)
        assert high < 0.8

    def test_debts_pass_to_the_next_generation(self):
        """All grown-ups of the bonded grow old: what is owed stays, and children work it off."""
        model = Model(country(12))
        for _ in range(3):
            model.step()
        world = model.world
        bonds = world[BondsState].table
        bonds.columns.children[: bonds.count] = 0
        rows, owed = bonds.columns.row[: bonds.count].copy(), bonds.columns.owed[: bonds.count].copy()
        households = world.households
        retire = (households.away[rows] == 0) & (households.workers[rows] + households.dependants[rows] < 30)
        rows, owed = rows[retire], owed[retire]
        households.dependants[rows] += households.workers[rows]
        households.workers[rows] = 0
        households.jobs[rows] = 0
        for _ in range(9):
            model.step()
        model.close()
        now = bonds.columns.row[: bonds.count]
        still = np.isin(rows, now)
        place = np.searchsorted(now, rows[still])
        assert still.mean() > 0.9
        assert bonds.columns.owed[place].sum() > 0.9 * owed[still].sum()
        of_kilns = bonds.columns.sector[place] == KILN
        assert bonds.columns.children[place][of_kilns].sum() > 0.2 * of_kilns.sum()

    def test_no_child_works_in_a_mine_if_none_may_before_it_counts_as_a_worker(self):
        def children(age: float) -> int:
            model = Model(country(3, mine_age=age, mine_output=6e7))
            *_, world = months_of(model)
            bonds = world[BondsState].table
            return int(bonds.columns.children[: bonds.count][bonds.columns.sector[: bonds.count] == MINE].sum())

        assert children(15.0) == 0 < children(9.0)

    def test_pay_is_less_in_the_monsoon(self):
        found = run(country(12))
        assert found["bonded_pay"][6:9].max() < 0.5 * found["bonded_pay"][3:6].min()


class TestAdvanceBan:
    """With kilns as large as printed, so that what happens to the bonded shows in the consumption of all."""

    PRINTED: ClassVar[dict[str, Any]] = {"reading": "printed"} | STRICT

    def difference(self, name: str, months: slice, outside: float) -> tuple[float, float]:
        both = pairs(26, "advance_ban", 1.0, outside_credit=outside, **self.PRINTED)
        return interval(float((banned[name] - free[name])[months].mean()) for free, banned in both)

    @pytest.mark.study
    def test_with_credit_elsewhere_it_lowers_bondage_and_raises_consumption(self):
        assert self.difference("bonded_households", slice(-1, None), 1.0)[1] < 0.0
        assert self.difference("consumption", slice(2, None), 1.0)[0] > 0.0

    @pytest.mark.study
    def test_without_credit_it_lowers_consumption_in_bad_months(self):
        """In the half year after the ban, monsoon included, nobody lends what pay does not cover."""
        assert self.difference("bonded_households", slice(-1, None), 0.0)[1] < 0.0
        assert self.difference("consumption", slice(2, 8), 0.0)[1] < 0.0
        assert self.difference("bonded_shortfall", slice(2, 8), 0.0)[0] > 0.0

    def test_most_are_turned_away(self):
        for free, banned in pairs(12, "advance_ban", 1.0, SEEDS[:2], outside_credit=0.0, **self.PRINTED):
            assert banned["bondage_entries"][4:].sum() < 0.1 * free["bondage_entries"][4:].sum()
            assert banned["bondage_turned_away"][2:].sum() > 0 == free["bondage_turned_away"].sum()


MANY: dict[str, Any] = {"inspectors": 20.0}


class TestLevers:
    def effect(self, lever: str, value: float, name: str) -> tuple[float, float]:
        both = pairs(9, lever, value, **MANY)
        return interval(float((moved[name] - free[name])[-1]) for free, moved in both)

    def test_cancellation_sets_free_and_costs_what_it_says(self):
        assert self.effect("debt_cancellation", 0.05, "bonded_households")[1] < 0.0
        for _, moved in pairs(9, "debt_cancellation", 0.05, **MANY):
            np.testing.assert_allclose(moved["policy_cost"], moved["bondage_cancelled"] * 30_000.0, atol=1.0)

    def test_registration_lets_debts_grow_less(self):
        assert self.effect("kiln_registration", 1.0, "bonded_debt")[1] < 0.0

    def test_credit_of_others_competes(self):
        """A subsidised line: fewer take an advance, and some let a lender take their debt over."""
        assert self.effect("microcredit", 150_000.0, "bonded_households")[1] < 0.0

    def test_costs_of_enforcement_go_by_the_visit(self):
        ((_, moved),) = pairs(12, "wage_enforcement_kilns", 1.0, SEEDS[:1], **STRICT)
        assert moved["policy_cost"][2:] == pytest.approx(np.full(10, 18_000 * 1_500.0), rel=1e-3)


class TestInspection:
    def test_what_cannot_be_done_is_shared(self):
        served = share_served(np.array([100.0, 100.0, 0.0]), np.array([50.0, 200.0, 10.0]))
        assert served[:, 0].tolist() == [0.5, 1.0, 1.0]

    def test_compliance_saturates_in_visits(self):
        """With v visits a month, each good for m months, v / (v + 1/m) of the places comply in the long run."""

        def settled(visits: float) -> float:
            lawful = np.zeros(1)
            for _ in range(500):
                lawful = learn(lawful, np.array([visits]), 6.0)
            return float(lawful[0])

        assert settled(0.1) == pytest.approx(0.1 / (0.1 + 1 / 6))
        assert settled(0.2) < 1.7 * settled(0.1)

    def test_those_set_free_tell_others_and_news_fades(self):
        one = np.ones(1)
        assert pass_on(0.0 * one, 10 * one, 1_000 * one, 5.0, 0.1) == pytest.approx(0.05)
        assert pass_on(0.5 * one, 0 * one, 1_000 * one, 5.0, 0.1) == pytest.approx(0.45)

    def scene(self, **bondage: Any) -> tuple[Any, np.ndarray, np.ndarray]:
        """A world, its kilns and mines, and no orders."""
        model = Model(country(1, **bondage))
        model.step()
        model.close()
        sites = np.full((model.world.district_count, 2), 10.0)
        return model.world, sites, np.zeros((len(Visit), *sites.shape))

    def inspect(self, dose: float, purpose: int = Visit.PAY, heard: float = 0.0, **bondage: Any) -> Any:
        """A month in which a visit to this share of the places is ordered."""
        world, sites, ordered = self.scene(**bondage)
        ordered[purpose] = dose * sites
        world[InspectionState].heard = np.full(world.district_count, heard)
        return inspect(world, ordered, np.zeros(world.district_count), sites, 50.0 * sites)

    def test_no_more_visits_are_made_than_inspectors_can_make(self):
        few, many = self.inspect(0.5, inspectors=0.1), self.inspect(1.0, inspectors=0.1)
        assert many.made.sum() == pytest.approx(few.made.sum())
        assert many.made[Visit.PAY].sum() < 1.6 * few.made[Visit.PAY].sum(), "twice the dose"
        assert many.made[Visit.ROUNDS].sum() < few.made[Visit.ROUNDS].sum(), "rounds are crowded out"

    def test_mines_are_visited_about_a_rate_that_they_do_not_pay(self):
        """Those in which a ton brings less in hand: none at the worst, half between the two, all at the best."""
        world, sites, _ = self.scene()
        params = BondageParams()
        worst, best = 0.5 * params.mine_rate_worst, 0.5 * params.mine_rate_best
        for rate, share in ((worst, 0.0), ((worst + best) / 2.0, 0.5), (best, 1.0), (800.0, 1.0)):
            visits = _order(world, MINE_RATE, np.full(len(sites), rate), sites, 50.0 * sites)
            np.testing.assert_allclose(visits, share * sites * [0, 1])

    def test_staff_not_orders_bind_where_staff_is_short(self):
        pay = [self.inspect(1.0, inspectors=staff).pay.sum() for staff in (0.1, 0.2, 100.0)]
        assert pay[1] == pytest.approx(2 * pay[0]) and pay[2] > pay[1]

    def test_the_effort_of_agencies_does_not_multiply_inspectors_whom_policy_pays_for(self, monkeypatch):
        """Twice the effort is twice the inspectors of the start."""
        made = {}
        for effort in (1.0, 2.0):
            for added in (0.0, 1e-3):
                world, sites, ordered = self.scene(inspectors=0.1)
                ordered[Visit.PAY] = sites
                everywhere = np.ones(world.district_count)
                found = effort * everywhere, everywhere
                monkeypatch.setattr(labour_inspection, "inspection_effort", lambda _, found=found: found)
                made[effort, added] = inspect(world, ordered, added * everywhere, sites, 50.0 * sites).made.sum()
        assert made[2.0, 0.0] == pytest.approx(2.0 * made[1.0, 0.0])
        assert made[2.0, 1e-3] - made[2.0, 0.0] == pytest.approx(made[1.0, 1e-3] - made[1.0, 0.0])

    def test_bribed_visits_bring_about_nothing(self):
        clean, bribed = self.inspect(1.0, bribed=0.0), self.inspect(1.0, bribed=1.0)
        assert clean.pay.sum() > 0 == bribed.pay.sum() and bribed.court.sum() == 0
        assert bribed.made.sum() == clean.made.sum()

    def test_courts_free_more_where_one_set_free_is_known(self):
        unknown, known = self.inspect(0.0), self.inspect(0.0, heard=1.0)
        # 0.2 of the bonded would come forward alone
        assert known.court.sum() == pytest.approx(5 * unknown.court.sum())

    def test_kilns_found_come_under_inspection(self):
        found = self.inspect(0.1, Visit.SURVEY, inspectors=100.0, bribed=0.0)
        assert found.registered == pytest.approx(0.79 + 0.1)
        assert self.inspect(1.0, Visit.SURVEY, inspectors=100.0, bribed=0.0).registered.max() == 1.0

    def test_effort_of_agencies_raises_releases_by_courts(self):
        """The place where labour inspectors, police and social welfare enter."""

        def releases(effort: float) -> int:
            apart = {"law": {"enabled": False}, "agencies": {"enabled": False}}
            config = small_config(
                start="2012-01", months=12, bondage={"reading": "printed"}, mechanisms=apart, **COUNTRY
            )
            model = Model(config)
            shape = (len(STREAMS), model.world.district_count)
            law = LawMonth(np.full(shape, 0.5), np.full(shape, 2.0 * effort), np.zeros(shape), np.zeros(shape[1]))
            model.world[LawState].month = law
            return int(sum(world.figures[BondageOutcomes.bondage_court].sum() for world in months_of(model)))

        assert releases(5.0) > 2 * releases(1.0) and releases(0.0) == 0


class TestMigration:
    BUSY: ClassVar[dict[str, Any]] = {
        "months": 36,
        "scale": 0.004,
        "aspiration": {"consideration": 0.2},
        "channel": {"irregular_constant": 1.0},
        "bondage": {"reading": "printed", "recruiting": 3.0},
        "onward": {"rate": 0.05},
    }

    def test_a_bonded_household_never_departs(self):
        """By no channel: nobody of theirs goes away in a month in which they are bonded."""
        model = Model(small_config(**self.BUSY))
        world, households = model.world, model.world.households
        left = waited = 0
        before = households.away.copy()
        for _ in months_of(model):
            bonded = households.bond != FREE_OF_BOND
            assert (households.away[bonded] <= before[bonded]).all()
            left += int((households.away > before).sum())
            for queue in (world[MarketTables].clients, world[ApplicationsState].table, world[TravelState].returnees):
                waited += int(bonded[queue.columns.row[: queue.count]].sum())
            before = households.away.copy()
        assert left > 100, "others do"
        assert waited > 0, "some had asked for papers or for an office before they were bonded"

    def test_who_flees_has_a_reason_to_leave(self):
        """Fled households wish to leave more than they did as bonded ones."""
        model = Model(country(2, flight=0.1, flight_push=0.3))
        model.step()
        world = model.world
        rows = world[BondsState].table.columns.row[: world[BondsState].table.count].copy()
        wish = world.households.aspiration[rows].copy()
        model.step()
        model.close()
        free = world.households.bond[rows] == FREE_OF_BOND
        assert free.any()
        gained = world.households.aspiration[rows] - wish
        assert gained[free].mean() > gained[~free].mean() + 0.15


class TestDemand:
    def places(self, **enforced: float) -> tuple[Any, np.ndarray]:
        """Places at kilns and mines of a run in 2017, where this share of the kilns of a district pays by the law."""
        model = Model(country(1, start="2017-07"))
        model.step()
        model.close()
        share = np.array([enforced.get(str(key), 0.0) for key in model.world.units.unit])
        return model.world.units, find_places(model.world, share)

    def test_in_2017_they_are_those_of_the_bricks_made(self):
        _, places = self.places()
        assert places.sum(axis=0) == pytest.approx(families_by_sector(BondageParams()), rel=0.02)

    def test_bricks_are_bought_elsewhere_in_the_province_and_fewer_of_them(self):
        units, free = self.places()
        _, held = self.places(faisalabad=1.0)
        there, punjab = units.unit == "faisalabad", units.province == "punjab"
        assert held[there, 0] < 0.7 * free[there, 0]
        others = punjab & ~there & (free[:, 0] > 0.0)
        assert (held[others, 0] > free[others, 0]).all()
        np.testing.assert_allclose(held[~punjab, 0], free[~punjab, 0])
        assert 0.98 < held.sum(axis=0)[1] / free.sum(axis=0)[1] < 1.0, "mines dig the kilns' coal"


class TestShock:
    @pytest.mark.study
    def test_a_shock_to_households_binds_more_of_them_where_recruiters_are(self):
        """Illness and lost harvests ten times as frequent for a season."""
        shock = {"event": "parameter", "parameter": "livelihood.shock_rate", "value": 0.15, "until": "2012-09"}

        def entries(seed: int, events: list[dict[str, Any]], **bondage: Any) -> int:
            config = small_config(
                start="2012-01", months=12, seed=seed, events=events, bondage=bondage, mechanisms=ALONE, **COUNTRY
            )
            return int(run(config)["bondage_entries"][5:].sum())

        events = [shock | {"from": "2012-06"}]
        low, _ = interval(entries(seed, events) / entries(seed, []) - 1.0 for seed in SEEDS)
        assert low > 0.0
        assert entries(1, events, recruiting=0.0) == 0


class TestBooks:
    @pytest.mark.parametrize(
        "bondage",
        [
            {"reading": "printed", "recruiting": 5.0, "flight": 0.1, "inspectors": 100.0},
            {"interest": 0.1, "ceiling_months": 60.0, "need_share": 1.0, "joining": 1.0},
            {"kiln_withheld": 0.0, "credited_share": 1.0, "refinancing": 0.5, "outside_credit": 1.0},
        ],
        ids=["many come and go", "debts grow", "debts are paid"],
    )
    def test_people_and_rupees_are_conserved(self, bondage: dict[str, Any]):
        levers = [
            {"lever": "wage_enforcement_kilns", "value": 0.7, "from": "2009-06"},
            {"lever": "advance_ban", "value": 0.5, "from": "2009-09", "until": "2010-06"},
            {"lever": "debt_cancellation", "value": 0.1, "from": "2010-03", "until": "2010-09"},
            {"lever": "cash_transfer", "value": 2_000.0, "from": "2009-03"},
            {"lever": "mine_rate_regulation", "value": 300.0, "from": "2009-08"},
            {"lever": "kiln_registration", "value": 0.5, "from": "2009-08"},
            {"lever": "labour_inspectors", "value": 20.0, "from": "2010-01"},
        ]
        config = small_config(("gujrat", "lahore", "quetta"), months=30, scale=0.004, bondage=bondage, levers=levers)
        world, audit = check_every_month(config)
        paid = {kind for payer, payee, kind in audit.flows if "bonding_employers" in (payer, payee)}
        assert paid >= {"kiln and mine pay", "advance"}
        assert world.ledger.claims["bonding_employers"] > 0

    def test_what_is_owed_grows_by_advances_and_interest_and_shrinks_by_payments_and_releases(self):
        model = Model(country(18))
        owed = None
        for world in months_of(model):
            flows = world.ledger.flows
            paid = sum(
                amount
                for (_, payee, kind), amount in flows.items()
                if payee == "bonding_employers" and kind in ("bond repayment", "pay withheld for the debt")
            )
            lent = flows.get(("bonding_employers", "households", "advance"), 0)
            now = int(world.figures[BondageOutcomes.bonded_debt].sum())
            assert now == world.ledger.claims["bonding_employers"]
            if owed is not None and world.figures[BondageOutcomes.bondage_releases].sum() == 0:
                assert now >= owed + lent - paid  # the rest is interest
            owed = now

    def test_the_unpaid_half_has_a_payer_and_a_payee(self):
        """Pay due less what comes back is what households got in hand."""
        model = Model(country(3))
        for world in months_of(model):
            flows = world.ledger.flows
            due = flows["bonding_employers", "households", "kiln and mine pay"]
            kept = flows["households", "bonding_employers", "pay withheld"]
            credited = flows["households", "bonding_employers", "pay withheld for the debt"]
            assert due - kept - credited == world.figures[BondageOutcomes.bonded_pay].sum()
            assert kept == world.figures[BondageOutcomes.bonded_withheld].sum()

    def test_all_who_work_for_a_debt_have_work_and_no_other_pay(self):
        model = Model(country(2))
        *_, world = months_of(model)
        bonds, count = world[BondsState].table.columns, world[BondsState].table.count
        rows = bonds.row[:count]
        everybody_home = world.households.away[rows] == 0
        np.testing.assert_array_equal(
            world.households.jobs[rows][everybody_home], world.households.workers[rows][everybody_home]
        )
        assert set(np.unique(bonds.sector[:count])) == {KILN, MINE}


class TestSwitch:
    OFF: ClassVar[dict[str, Any]] = {"mechanisms": {"bondage": {"enabled": False}}}

    def test_off_it_leaves_no_trace(self):
        model = Model(small_config(months=24, **self.OFF))
        for world in months_of(model):
            assert "bonding_employers" not in {name for flow in world.ledger.flows for name in flow}
            assert not world.households.bond.any() and world[BondsState].table.count == 0
        series = model.world.record.national_series()
        assert not OWN & set(series)

    def test_off_its_parameters_change_no_bit(self):
        plain = checksums(simulate(small_config(**self.OFF)))
        assert plain == checksums(simulate(small_config(bondage={"reading": "printed", "flight": 0.1}, **self.OFF)))

    def test_with_nobody_bound_the_rest_is_to_the_bit_what_it_is_without_it(self):
        nobody = {"opening_share": 0.0, "recruiting": 0.0}
        off, empty = (
            simulate(small_config(months=18, aspiration={"consideration": 0.03}, **values))
            for values in (self.OFF, {"bondage": nobody})
        )
        assert unlike(off, empty, OWN) == set()
        assert set(OUTCOMES) >= OWN


def test_jobs_of_a_bond_are_no_positions_of_the_labour_market(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, opened = [], bondage.open_bonds

    def watched(world, terms, places):
        jobs, households = world[LabourState].jobs.copy(), world.households
        opened(world, terms, places)
        rows = np.flatnonzero(households.bond != FREE_OF_BOND)
        district = world.villages.district[world.villages_of(rows)]
        held = np.bincount(district, households.jobs[rows] * world.weight[district], world.district_count)
        seen.append((jobs - world[LabourState].jobs, held))

    monkeypatch.setattr(bondage, "open_bonds", watched)
    Model(country(1)).step()
    ((taken_off, held),) = seen
    assert held.sum() > 0
    np.testing.assert_allclose(taken_off, held)
