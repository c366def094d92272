"""What goes on in the world: demand for workers abroad, the rupee, closed borders, seasons and crowds of others."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scenes import row_of, world_of_three
from worlds import small_config, targets

from abm.abroad import DiasporaState
from abm.beliefs import perceived
from abm.beliefs.belief_news import tell_of_destinations, tell_of_routes
from abm.beliefs.belief_truth import TruthState, remember_weights, truth_of
from abm.beliefs.beliefs import BeliefsState
from abm.beliefs.kernels.beliefs import WAGE
from abm.choice.aspiration import AspirationParams, prospects_of
from abm.engine.calendar import parse_month
from abm.legal.contracts import AdmissionState
from abm.legal.labour_demand import (
    RUN_IN,
    LabourDemand,
    LabourDemandParams,
    LabourDemandState,
    hiring,
    workforce_wanted,
)
from abm.legal.legal_price import LegalPriceParams, contract_terms
from abm.legal.overstay import OverstayState, visit_prices
from abm.legal.sponsorship import SponsorshipParams, SponsorshipState, sponsorship_price
from abm.market import MarketOutcomes
from abm.market.care import reckoning_of
from abm.market.offers import worth_of_boats
from abm.market.transit import price_paid
from abm.model import simulate
from abm.places.drivers import Series, shipped_series
from abm.places.places import places_of
from abm.routes.interception import (
    PATROLS,
    _flow,
    _relative,
    _stake,
    bribed_share,
    crossings_by_others,
    crowds_on_routes,
    foreseen_legs,
    patrols,
    pay_on_legs,
    reference_flow,
)
from abm.routes.kernels.journey import interception_probability
from abm.routes.legs import InterceptionParams, LegsState
from abm.routes.stations import KINDS, PostsState
from abm.routes.transit_flows import transit_of
from abm.society.drivers import EconomyState, income_abroad

# ------------------------------------------------------------------------------------------------------- the series


def middle_of(year: int) -> float:
    """Month, with its fraction, at the middle of a year."""
    return 12 * year + 5.5


def test_yearly_values_stand_at_mid_year_with_growth_before_and_after():
    series = Series({("PAK", "income"): {2016: 90.0, 2017: 100.0, 2018: 120.0}})
    assert series.income_index(parse_month("2016-01")) == 0.9
    june, july = (series.income_index(parse_month(f"2017-0{month}")) for month in (6, 7))
    assert (june, july) == pytest.approx((1.0 - 0.1 / 24, 1.0 + 0.2 / 24))
    later = [series.income_index(parse_month(f"{year}-07"), 0.03) for year in (2019, 2020)]
    assert later[1] / later[0] == pytest.approx(1.03) and later[0] == pytest.approx(1.2 * 1.03, rel=2e-3)
    before = [series.income_index(parse_month(f"{year}-12"), 0.0, 0.02) for year in (2014, 2015)]
    assert before[1] / before[0] == pytest.approx(1.02) and before[1] == pytest.approx(0.9, rel=2e-3)


def test_output_is_chained_from_growth_and_investment_is_a_share_of_it():
    growth = {2014: 10.0, 2015: 20.0, 2016: 50.0}
    series = Series({("SAU", "growth"): growth, ("SAU", "investment"): {2015: 20.0, 2016: 10.0, 2017: 10.0}})
    output = [series.output_index("SAU", middle_of(year)) for year in (2013, 2014, 2015, 2016)]
    assert output == pytest.approx([1 / 1.2 / 1.1, 1 / 1.2, 1.0, 1.5])
    invested = [series.investment_index("SAU", middle_of(year), 0.04) for year in (2015, 2016, 2017)]
    assert invested == pytest.approx([1.0, 0.75, 0.75 * 1.04])


def test_the_dollar_keeps_its_last_value_and_rates_lie_on_lines_between_years():
    series = shipped_series()
    assert series.dollar_index(2060 * 12) == series.dollar_index(2040 * 12) != series.dollar_index(2018 * 12)
    assert series.dollar_index(1900 * 12) == series.dollar_index(1950 * 12)
    rates = Series({("PAK", "rupees_per_dollar"): {2000: 10.0, 2004: 30.0}}).rates
    assert [rates[year] for year in range(2000, 2005)] == [10.0, 15.0, 20.0, 25.0, 30.0]


def test_crossings_are_as_usual_where_none_are_given():
    series = Series({("A Route", "crossings"): {24000: 5.0}})
    assert [series.crossings("A Route", month, 7.0) for month in (23999, 24000, 24001)] == [7.0, 5.0, 7.0]


# ----------------------------------------------------------------------------------------------------- labour demand


def hires_by_year(params: LabourDemandParams, years: range) -> dict[int, float]:
    """Workers asked for a year by all destinations, from drivers alone, as if all stayed for `contract_years`."""
    series, adjust = shipped_series(), params.adjustment
    facts = [found for found in places_of().destinations if found.legal_quota > 0.0]
    leaving = 1.0 / np.array([found.contract_years for found in facts])
    quota = np.array([found.legal_quota for found in facts])
    first = years[0] * 12
    at = {
        month: workforce_wanted(series, tuple(facts), params, month)
        for month in range(first - RUN_IN, years[-1] * 12 + 12)
    }
    workforce = at[first - RUN_IN].copy()
    found = dict.fromkeys(years, 0.0)
    for month, wanted in at.items():
        asked, let_go = hiring(workforce, wanted, leaving, adjust)
        workforce += (asked - (leaving + let_go) * workforce) / 12
        if month >= first:
            found[month // 12] += float((quota * asked / leaving).sum()) / 12
    return found


def registered() -> dict[int, float]:
    """Workers registered for work abroad, by year; 2011 stands for the mean of 2008 to 2011.

    That follows from the sum of January 2008 to September 2013 in ``legal_labour_migration.csv``, less 2012 and three
    quarters of 2013.
    """
    rows = targets("BEOE_TOTAL")
    found = dict(zip(rows.year, rows.value, strict=True))
    return found | {2011: (2_765_789 - found[2012] - 0.75 * found[2013]) / 4}


def of_record(model: dict[int, float]) -> dict[int, float]:
    """Model's years as those of the record: 2009 to 2011 in one."""
    return model | {2011: (model[2009] + model[2010] + model[2011]) / 3}


def log_error(model: dict[int, float], record: dict[int, float], years: list[int]) -> float:
    """Root mean squared error of logs."""
    return float(np.sqrt(np.mean([np.log(model[year] / record[year]) ** 2 for year in years])))


def test_demand_fitted_to_2015_forecasts_the_slump():
    """The elasticity to investment and the level are fitted to 2008-2015; 2016 to 2018 follow from the drivers.

    The last value before, and the mean before, do worse: they know nothing of a slump.
    """
    record, years = registered(), range(2009, 2019)
    known, unknown = [2011, 2012, 2013, 2014, 2015], [2016, 2017, 2018]
    weight = np.array([4, 1, 1, 1, 1])

    def forecast(investment: float) -> dict[int, float]:
        found = of_record(hires_by_year(LabourDemandParams(investment=investment), years))
        level = np.exp(np.average([np.log(record[year] / found[year]) for year in known], weights=weight))
        return {year: value * level for year, value in found.items()}

    models = {a: forecast(a) for a in np.arange(0.0, 2.6, 0.25)}
    best = min(models, key=lambda a: log_error(models[a], record, known))
    error = log_error(models[best], record, unknown)
    assert error < 0.25
    assert error < log_error(dict.fromkeys(unknown, record[2015]), record, unknown) / 2
    mean = float(np.average([record[year] for year in known], weights=weight))
    assert error < log_error(dict.fromkeys(unknown, mean), record, unknown)


def test_the_shipped_elasticities_fit_the_record():
    """Legal departures by year to 2018: the swings, and the level within a fifth."""
    record, years = registered(), list(range(2011, 2019))
    model = of_record(hires_by_year(LabourDemandParams(), range(2009, 2019)))
    assert log_error(model, record, years) < 0.24
    assert np.corrcoef([model[year] for year in years], [record[year] for year in years])[0, 1] > 0.8


def test_employers_replace_those_who_leave_and_close_part_of_the_gap():
    workforce, leaving = np.ones(4), np.full(4, 0.2)
    asked, let_go = hiring(workforce, np.array([1.0, 1.1, 0.95, 0.5]), leaving, 2.0)
    np.testing.assert_allclose(asked, [0.2, 0.4, 0.1, 0.1])
    np.testing.assert_allclose(let_go, [0.0, 0.0, 0.0, 0.9], atol=1e-12)
    np.testing.assert_allclose(asked - (leaving + let_go) * workforce, [0.0, 0.2, -0.1, -1.0], atol=1e-12)


def test_demand_is_that_of_a_year_some_months_ago():
    """Investment doubles in one year, at its middle: twelve months around it have 1.7 times the usual."""
    shares = {year: 20.0 if year == 2010 else 10.0 for year in range(2005, 2017)}
    series = Series({("SAU", "growth"): dict.fromkeys(range(2005, 2017), 0.0), ("SAU", "investment"): shares})
    saudi = next(facts for facts in places_of().destinations if facts.key == "saudi_arabia")
    params = LabourDemandParams(lag=7.5, investment=1.0, output=1.0)
    assert workforce_wanted(series, (saudi,), params, parse_month("2011-02"))[0] == pytest.approx(1.7)
    growing = Series({("SAU", "growth"): dict.fromkeys(range(2005, 2020), 3.0)})
    wanted = [workforce_wanted(growing, (saudi,), params, parse_month(f"{year}-02"))[0] for year in (2015, 2016)]
    assert wanted[1] / wanted[0] == pytest.approx(1.03**2)  # by output, and by investment, a fixed share of it


def test_demand_grows_on_after_the_data_as_output_is_assumed_to():
    slow, fast = (
        world_of_three(1, start="2034-01", drivers={"destination_growth": rate})[LabourDemandState]
        for rate in (0, 0.03)
    )
    assert fast.demand[0] > 1.2 * slow.demand[0] and fast.workforce[0] > 1.2 * slow.workforce[0]


def test_a_levy_on_employers_lowers_what_they_want():
    saudi = next(facts for facts in places_of().destinations if facts.key == "saudi_arabia")
    series, month = shipped_series(), 2018 * 12
    with_levy = workforce_wanted(series, (saudi,), LabourDemandParams(), month)
    without = workforce_wanted(series, (saudi,), LabourDemandParams(levy=0.0), month)
    assert with_levy == pytest.approx(without * (1.0 + 106.7 / saudi.wage_usd) ** -0.3)


def test_a_slump_sends_workers_home():
    """Investment falls to a tenth: nobody is hired but a few, and contracts are ended."""
    slump = {"SAU": {"investment": {str(year): 3.0 for year in range(2008, 2013)}}}
    world = world_of_three(12, drivers={"series": slump})
    row = [facts.key for facts in world.destination_facts].index("saudi_arabia")
    assert world[LabourDemandState].let_go[row] > 0.0
    assert world[LabourDemandState].hires[row] < 0.2
    usual = world_of_three(12)[LabourDemandState]
    assert usual.let_go[row] < 1e-9
    assert usual.hires[row] > 0.8


def test_what_employers_do_closes_part_of_the_gap_in_a_slump_as_ever():
    """Hires, less those who leave and are let go, in a month: a twelfth of what they would close in a year."""
    slump = {"SAU": {"investment": {str(year): 3.0 for year in range(2008, 2013)}}}
    world = world_of_three(12, drivers={"series": slump})
    contracts = np.array([facts.legal_quota > 0.0 for facts in world.destination_facts])
    state = world[LabourDemandState]
    there, leaving = state.workforce.copy(), state.leaving
    LabourDemand.step(world)
    assert state.let_go[row_of(world, "saudi_arabia")] > 0.0
    hires = state.hires / np.array([facts.contract_years for facts in world.destination_facts])
    change = (hires - leaving * there) / 12 - state.let_go * there
    gap = world.config.labour_demand.adjustment * (state.demand - there) / 12
    np.testing.assert_allclose(change[contracts], gap[contracts])
    np.testing.assert_allclose((state.workforce - there)[contracts], gap[contracts])


def test_employers_replace_those_whom_policy_removes_and_make_up_for_a_quota_once_it_ends():
    """At one destination; while the quota holds no more are asked for, as they could not come."""
    there = {"where": {"destination": "saudi_arabia"}, "from": "2009-02"}

    def asked(months: int, **lever: object) -> np.ndarray:
        levers = [{**there, **lever}] if lever else []
        found: np.ndarray = world_of_three(months, levers=levers, scale=0.01)[LabourDemandState].hires
        return found

    usual, removed = asked(15), asked(15, lever="deportation", value=20.0)
    row = row_of(world_of_three(0), "saudi_arabia")
    assert removed[row] > 1.02 * usual[row]
    held = asked(11, lever="legal_quota", value=0.5, until="2009-11")
    assert held[row] < 1.1 * asked(11)[row]
    over = asked(15, lever="legal_quota", value=0.5, until="2009-12")
    assert over[row] > 1.4 * usual[row]  # more by `adjustment` times those missing
    for other in (removed, over):  # crowding elsewhere moves returns a little
        np.testing.assert_allclose(np.delete(other, row), np.delete(usual, row), rtol=0.1)


@pytest.mark.parametrize("missing", [0.01, -0.01])
def test_workers_missing_are_hired_or_would_have_left_by_now(missing: float):
    """A month takes off a twelfth of those hired in addition, or less, and of those who would have left in a year."""
    world = world_of_three(2)
    state, row = world[LabourDemandState], row_of(world, "saudi_arabia")
    state.missing[row] = missing
    leaving = state.leaving[row]
    LabourDemand.step(world)
    adjustment = world.config.labour_demand.adjustment
    assert state.missing[row] == pytest.approx(missing * (1.0 - (adjustment + leaving) / 12))


def test_half_of_those_who_leave_are_replaced_whoever_was_let_in_beyond():
    world = world_of_three(2)
    state, row = world[LabourDemandState], row_of(world, "saudi_arabia")
    state.missing[row] = -10.0
    fewest = 0.5 * state.leaving[row] * state.workforce[row]
    LabourDemand.step(world)
    assert state.hires[row] / world.destination_facts[row].contract_years == pytest.approx(fewest)


def test_the_workforce_does_not_depend_on_the_first_month():
    run, opened = (world_of_three(months, start=start) for months, start in ((13, "2009-01"), (1, "2010-01")))
    np.testing.assert_allclose(opened[LabourDemandState].workforce, run[LabourDemandState].workforce, rtol=1e-6)


def test_where_nobody_works_under_contract_jobs_follow_income():
    world = world_of_three(1, start="2016-01", labour_demand={"income": 2.0})
    row = row_of(world, "turkey")
    income = income_abroad(world, world.destination_facts[row].income_of)
    assert income > 1.01 and world[LabourDemandState].demand[row] == pytest.approx(income**2)


# -------------------------------------------------------------------------------------------------------- the rupee


def test_a_cheap_rupee_makes_pay_abroad_worth_more():
    """The rate doubles from 2009 on, and prices stay: pay abroad doubles, and not in a city of the country."""
    series = shipped_series()
    cheap = {"PAK": {"rupees_per_dollar": {str(y): 2.0 * series.rates[y] for y in (2008, 2009, 2010)}}}
    pays = [
        np.array([place.pay for place in world_of_three(12, drivers=drivers).destinations])
        for drivers in ({}, {"series": cheap}, {"series": cheap, "exchange": 0.0})
    ]
    assert pays[1][:-1] / pays[0][:-1] == pytest.approx(2.0, rel=0.1)  # crowding differs a little
    assert pays[1][-1] == pytest.approx(pays[0][-1], rel=0.05)  # jobs in the country move a little
    fixed = np.array([place.pay for place in world_of_three(12, drivers={"exchange": 0.0}).destinations])
    np.testing.assert_allclose(pays[2], fixed)


def test_what_a_dollar_buys_is_known_at_once_and_a_rise_of_pay_is_not():
    """Believed pay doubles with the dollar, and stays where it was when pay in dollars doubles."""
    world = world_of_three(3)
    before, first = truth_of(world), perceived(world)
    pays = before.pays.copy()
    pays[0] *= 2.0
    pays[-1] *= 3.0  # the city, where all know it
    unknown = perceived(world, before._replace(pays=pays)).pays
    np.testing.assert_array_equal(unknown[:-1], first.pays[:-1])
    np.testing.assert_array_equal(unknown[-1], 3.0 * first.pays[-1])
    known = perceived(world, before._replace(pays=2.0 * before.pays, dollar=2.0 * before.dollar))
    assert known.pays == pytest.approx(2.0 * first.pays)
    np.testing.assert_array_equal(known.pay, first.pay)


def test_reports_of_pay_follow_the_truth_of_each_destination_over_the_memory():
    """A rise at one destination is reported there, a third of it after a month; a cheaper rupee is, everywhere."""
    world = world_of_three(3)
    state, truth = world[BeliefsState].state, truth_of(world)
    state.reported_pays[:], state.truth = truth.pays, truth
    pays = 2.0 * truth.pays
    pays[0] *= 2.0
    tell_of_destinations(world, state, truth._replace(pays=pays, dollar=2.0 * truth.dollar))
    assert state.reported_pays[1:] == pytest.approx(2.0 * truth.pays[1:])
    assert state.reported_pays[0] == pytest.approx((2.0 + 2.0 / 3.0) * truth.pays[0])


def test_a_way_weighs_by_those_of_the_country_who_took_it():
    """The region's travellers stand for its part of those abroad, as the reference flows are those of the country."""
    world = world_of_three(1, beliefs={"traffic_memory": 1.0})
    world.figures[MarketOutcomes.departures] = np.full(len(world.route_facts), 30.0)
    remember_weights(world)
    expected = np.where(world.route_from_home, 30.0 / world.share_abroad, 0.0)
    np.testing.assert_allclose(world[TruthState].traffic, expected)


def test_pay_abroad_is_not_held_to_rise_when_those_go_home_who_earn_least():
    """All come home from the Emirates, and a hundredth of that is noticed in a month."""
    world = world_of_three(1, beliefs={"abroad_memory": 100.0})
    world[TruthState].abroad[:] = world.stock.sum(axis=(0, 2))
    world[TruthState].abroad[-1] = 0.0
    before = truth_of(world)
    world.stock[:, row_of(world, "united_arab_emirates")] = 0
    assert truth_of(world).reference[WAGE] == before.reference[WAGE]
    remember_weights(world)
    now = truth_of(world)
    gone = before.present[row_of(world, "united_arab_emirates")]
    assert gone > 0.05
    assert now.present[row_of(world, "united_arab_emirates")] == pytest.approx(0.99 * gone / (1.0 - 0.01 * gone))


def test_prices_in_foreign_currency_follow_the_dollar_as_pay_abroad_does():
    """At twice the rate whatever is paid abroad costs twice as much, and what is paid at home as much as before."""
    cheap = {"PAK": {"rupees_per_dollar": {str(y): 2.0 * shipped_series().rates[y] for y in (2008, 2009, 2010)}}}
    usual, dear, fixed = (
        world_of_three(1, drivers=drivers, legal_price={"scarcity": 0.0})
        for drivers in ({}, {"series": cheap}, {"series": cheap, "exchange": 0.0})
    )
    for price, close in ((visit_prices, 1e-4), (sponsorship_price, 1e-4), (worth_of_boats, 1e-9)):
        assert np.asarray(price(dear)) == pytest.approx(2.0 * np.asarray(price(usual)), rel=close), price
    paid = [price_paid(world, transit_of(world).cells) for world in (usual, dear)]
    assert paid[0].min() > 0 and paid[1] == pytest.approx(2 * paid[0], abs=1)
    reckoned = [reckoning_of(world) for world in (usual, dear)]
    for name in ("boat_loss", "boats_stake"):
        assert getattr(reckoned[1], name) == pytest.approx(2.0 * getattr(reckoned[0], name))
    by_land = [leg.country == "PAK" and leg.guard != "air" for leg in usual.leg_facts]
    np.testing.assert_allclose(pay_on_legs(dear) / pay_on_legs(usual), np.where(by_land, 1.0, 2.0))
    # beyond what is paid at home, a contract costs as many months of pay there as before, if as many ask for one
    official = usual.params(LegalPriceParams).official_cost
    months = [
        (contract_terms(world).plain[:-1] - official).clip(0.0) / [place.pay for place in world.destinations[:-1]]
        for world in (usual, dear)
    ]
    np.testing.assert_allclose(months[1], months[0])
    assert sponsorship_price(fixed) == usual.params(SponsorshipParams).fee
    np.testing.assert_array_equal(visit_prices(fixed), np.floor([facts.visit_fee for facts in usual.destination_facts]))


def test_fees_of_contracts_follow_the_queue():
    """Four times the applicants for a place double what is paid beyond the official cost, once many have asked."""
    world = world_of_three(1, legal_price={"scarcity": 0.5})
    state, usual = world[AdmissionState], world.destination_table.applicants
    hired = world.destination_table.legal_quota > 0.0
    beyond = []
    for multiple in (1.0, 4.0):
        state.admitted[:] = 1e9
        state.asked[:] = multiple * 1e9 * usual[:, None, None]
        beyond.append(contract_terms(world).plain - world.params(LegalPriceParams).official_cost)
    np.testing.assert_allclose(beyond[1][hired], 2.0 * beyond[0][hired], rtol=1e-4)
    paid = [
        facts.legal_fee * place.pay / facts.wage
        for facts, place in zip(world.destination_facts, world.destinations, strict=True)
    ]
    assert hired.any() and (beyond[0][hired] < np.array(paid)[hired] * 1.01).all()
    state.admitted[:] = state.asked[:] = 0.0  # nobody has asked: the fee of the data
    np.testing.assert_allclose(
        contract_terms(world).plain[hired] - world.params(LegalPriceParams).official_cost, beyond[0][hired], rtol=1e-4
    )


def test_passage_follows_income_where_it_is_paid_and_fares_by_air_the_dollar_alone():
    """In the middle of 2017 all are as in the data; in 2010 a country differs by its income and the dollar."""
    now = world_of_three(1, start="2017-07")
    np.testing.assert_allclose(pay_on_legs(now), 1.0, atol=0.01)
    before, series = world_of_three(1, start="2010-07"), shipped_series()
    level = dict(zip((leg.key for leg in before.leg_facts), pay_on_legs(before), strict=True))
    dollar = series.dollar_index(parse_month("2010-07")) / series.real_rates[2017]
    income = {iso3: series.of(iso3, "income") for iso3 in ("PAK", "TUR", "GBR", "ARE")}
    there = {iso3: found[2010] / found[2017] for iso3, found in income.items()}
    assert level["karachi_dubai"] == pytest.approx(dollar) and level["dubai_libya"] == pytest.approx(dollar)
    assert level["turkey_east_west"] == pytest.approx(dollar * there["TUR"], rel=0.01)
    assert level["quetta_taftan"] == pytest.approx(there["PAK"], rel=0.01)
    assert level["turkey_greece"] == level["turkey_east_west"]  # paid where it begins
    assert level["taftan_zahedan"] == level["zahedan_iran"] != level["quetta_taftan"]  # beyond the border, not before
    both = [income[iso3] for iso3 in ("GBR", "ARE")]
    elsewhere = [sum(found[year] / found[2015] for found in both) for year in (2010, 2017)]
    assert level["libya_italy"] == pytest.approx(dollar * elsewhere[0] / elsewhere[1], rel=0.01)


# ----------------------------------------------------------------------------------------------------- closed borders


@pytest.fixture(scope="module")
def spring() -> dict[str, dict[str, np.ndarray]]:
    """Tables of the months around the closures of 2020, as they were and as if there had been none."""
    return {
        name: simulate(small_config(start="2019-10", months=12, drivers={"closures": share}))
        for name, share in (("closed", 1.0), ("open", 0.0))
    }


def test_when_borders_are_closed_nobody_leaves_by_any_way(spring):
    """In April 2020 nobody came or went on any day; a year without closures has departures in every channel."""
    april = np.datetime64("2020-04", "M")
    for channel, (name, some) in product(
        ("legal_work", "sponsorship", "overstay", "irregular"), (("closed", False), ("open", True))
    ):
        table = spring[name]["flows"]
        mine = (table["month"].astype("datetime64[M]") == april) & (table["channel"] == channel)
        if channel in ("legal_work", "irregular"):
            assert (table["persons"][mine].sum() > 0) == some
        elif not some:
            assert table["persons"][mine].sum() == 0


def test_nobody_is_asked_for_when_nobody_can_come(spring):
    for name, some in (("closed", False), ("open", True)):
        table = spring[name]["destination"]
        april = table["month"].astype("datetime64[M]") == np.datetime64("2020-04", "M")
        assert (table["workers_asked"][april].sum() > 0.0) == some


def test_no_leg_is_begun_across_a_closed_border(spring):
    table = spring["closed"]["leg"]
    april = table["month"].astype("datetime64[M]") == np.datetime64("2020-04", "M")
    country = {point.key: point.country for point in places_of().points}
    sides = {leg.key: {country[leg.start], country[leg.end]} for leg in places_of().legs}
    across = np.isin(table["leg"], [leg for leg, found in sides.items() if len(found) == 2 and "PAK" in found])
    assert table["entered"][april & across].sum() == 0
    assert spring["open"]["leg"]["entered"][april & across].sum() > 0


def test_half_a_month_closed_halves_the_places_of_that_month():
    """Who could not come is asked for again: the workforce is short of them."""
    shut = {"SAU": {"closed": {"2009-02": 0.5}}}
    found = {}
    for name, drivers in (("closed", {"series": shut}), ("open", {})):
        world = world_of_three(2, drivers=drivers)
        row = [facts.key for facts in world.destination_facts].index("saudi_arabia")
        state = world[LabourDemandState]
        found[name] = state.hires[row], state.workforce[row], world.destinations[row].quota
    for what in (0, 2):
        assert found["closed"][what] == pytest.approx(found["open"][what] / 2)
    assert found["closed"][1] < found["open"][1]
    off = world_of_three(2, drivers={"series": shut}, mechanisms={"labour_demand": {"enabled": False}})
    assert off[LabourDemandState].hires[row_of(off, "saudi_arabia")] == 0.5


def test_some_barred_may_not_come_and_all_may_go_home():
    """The bar holds for those from here by its chance; the more closed of two borders decides."""
    shut: dict[str, dict[str, dict[str, float]]] = {
        "SAU": {"barred": {"2009-02": 0.5}}, "ARE": {"closed": {"2009-02": 0.4}}, "OMN": {"closed": {"2009-02": 0.1}},
    }  # fmt: skip
    names = ("saudi_arabia", "united_arab_emirates", "oman", "domestic_city")
    for closures, at_home, come, go in (
        (1.0, 0.0, (0.8, 0.6, 0.9, 1.0), (1.0, 0.6, 0.9, 1.0)),
        (0.5, 0.0, (0.9, 0.8, 0.95, 1.0), (1.0, 0.8, 0.95, 1.0)),
        (1.0, 0.2, (0.64, 0.6, 0.8, 1.0), (0.8, 0.6, 0.8, 1.0)),
    ):
        series = shut | {"PAK": {"closed": {"2009-02": at_home}}}
        world = world_of_three(2, drivers={"series": series, "closures": closures, "barred": 0.4})
        rows, economy = [row_of(world, name) for name in names], world[EconomyState]
        assert economy.passable[rows] == pytest.approx(come) and economy.returnable[rows] == pytest.approx(go)


def test_nobody_is_let_in_or_sent_home_through_a_closed_border():
    """Families and visitors find no place, and members abroad do not come home; of removals as a rule people know."""
    shut = {"PAK": {"closed": {"2009-01": 1.0}}}
    closed, opened = (world_of_three(1, drivers=drivers) for drivers in ({"series": shut}, {}))
    for state in (SponsorshipState, OverstayState):
        assert closed[state].places.unused.sum() == 0.0 < opened[state].places.unused.sum()
    for world, some in ((closed, False), (opened, True)):
        month = world[DiasporaState].month
        events = month.deported + month.regularised + month.switched + month.onward + month.died
        left = month.moving + month.home - events[:, :, None]
        assert (month.deported[:-1].max() > 1e-9) == (left[:-1].max() > 1e-9) == some
        assert left[-1].min() > 0.0  # from a city of the country
    np.testing.assert_allclose(closed[DiasporaState].removal_rate, opened[DiasporaState].removal_rate)
    assert closed[DiasporaState].removal_rate.max() > 0.0


def test_borders_and_weather_shut_legs_and_routes():
    """A border shuts the legs across it and the routes over them, weather a leg, and the routes that begin there."""
    rough = {"taftan_zahedan": 0.25, "zahedan_turkey": 0.5, "turkey_greece": 1.0, "karachi_lasbela": 0.75}
    legs = {leg: {"weather": [1.0, days, *[1.0] * 10]} for leg, days in rough.items()}
    shut = {"TUR": {"closed": {"2009-02": 0.2}}, "GRC": {"closed": {"2009-02": 0.6}}}
    world = world_of_three(2, places={"legs": legs}, drivers={"series": shut})
    state = world[LegsState]
    of_leg = dict(zip((leg.key for leg in world.leg_facts), state.passable, strict=True))
    expected = {
        "karachi_lasbela": 0.75, "taftan_zahedan": 0.25, "zahedan_turkey": 0.4, "iran_turkey": 0.32,
        "turkey_east_west": 1.0, "turkey_greece": 0.4,
    }  # fmt: skip
    assert {leg: of_leg[leg] for leg in expected} == pytest.approx(expected)
    of_route = dict(zip((route.key for route in world.route_facts), state.open_routes, strict=True))
    begun = {"iran_from_taftan": 0.25, "iran_by_kech": 0.75, "turkey_by_taftan": 0.8, "greece_by_taftan": 0.4}
    assert {route: of_route[route] for route in begun} == pytest.approx(begun)


# ------------------------------------------------------------------------------------------------- seasons and crowds


def test_boats_wait_for_weather():
    """In a month in which boats can leave on no day, nobody begins the crossing; in the next one they do."""
    calm = {"legs": {"turkey_greece": {"weather": [1.0] * 12}}}
    rough = {"legs": {"turkey_greece": {"weather": [1.0] * 6 + [0.0] * 2 + [1.0] * 4}}}
    began = {}
    for name, places in (("calm", calm), ("rough", rough)):
        table = simulate(small_config(months=10, scale=0.002, places=places))["leg"]
        began[name] = table["entered"][table["leg"] == "turkey_greece"]
    assert (began["rough"][6:8] == 0).all()
    assert began["calm"][6:8].sum() > 0
    assert began["rough"][8] > began["calm"][8]


def test_guards_stop_no_more_of_a_crowd_than_they_can_search():
    """Persons stopped: the odds times the flow, up to those whom so much search would find one by one."""
    stopped = [flow * interception_probability(0.8, 0.45, 0.4, 1.5, 1.0, flow) for flow in (1.0, 1.5, 15.0, 150.0)]
    most = -1.5 * 0.45 * np.log(0.2)
    assert stopped[1] == pytest.approx(1.5 * stopped[0])
    assert stopped[1] < stopped[2] < stopped[3] < most
    assert stopped[3] == pytest.approx(most, rel=0.01)


def test_a_crowd_of_others_opens_the_crossing_and_its_end_closes_it():
    """Crossings in the Aegean rise to a hundred thousand in the third month, and are as usual in the fourth."""
    crowd = {"Eastern Mediterranean Route": {"crossings": {"2009-03": 100_000.0}}}
    odds, others = {}, {}
    for months in (2, 3, 4):
        world = world_of_three(months, drivers={"series": crowd})
        row = [leg.key for leg in world.leg_facts].index("turkey_greece")
        odds[months] = world[LegsState].month.interception[row]
        now, usual = crossings_by_others(world)
        others[months] = now[row] / usual[row]
    assert others[3] > 20
    assert odds[3] < 0.15 * odds[2]
    assert odds[4] == pytest.approx(odds[2], rel=0.2)


def test_guards_may_count_pakistanis_alone():
    crowd = {"Eastern Mediterranean Route": {"crossings": {"2009-03": 100_000.0}}}
    worlds = [world_of_three(3, drivers={"series": crowd}, interception={"others": share}) for share in (0.0, 1.0)]
    row = [leg.key for leg in worlds[0].leg_facts].index("turkey_greece")
    alone, counted = (world[LegsState].month.interception[row] for world in worlds)
    assert counted < 0.2 * alone


def test_a_crowd_is_seen_on_its_routes_and_makes_its_own_legs_cheaper():
    """Of others, those beyond the usual, where most cross; what people foresee without a change is what there is."""
    crowd = {
        "Eastern Mediterranean Route": {"crossings": {"2009-03": 100_000.0}},
        "Western Balkan Route": {"crossings": {"2009-03": 150_000.0}},
    }
    guides = {"guide_price": 0.0, "guide_risk": 0.0}
    world = world_of_three(3, drivers={"series": crowd}, interception=guides)
    usual = world_of_three(3, interception=guides)
    beyond = {"turkey_greece": 100_000.0 - 3_300.0, "greece_balkans": 150_000.0 - 1_500.0}
    most = [max(beyond.get(leg.key, 0.0) for leg in route.legs) for route in world.route_facts]
    assert sorted(set(most)) == [0.0, *beyond.values()]
    seen, others = crowds_on_routes(world), np.array(most) == 0.0
    np.testing.assert_allclose(seen[~others], np.array(most)[~others])
    np.testing.assert_allclose(seen[others], crowds_on_routes(usual)[others])
    shared = InterceptionParams().others_price
    price = dict.fromkeys([leg.key for leg in world.leg_facts], 1.0)
    price |= {"turkey_greece": (100_000 / 3_300) ** -shared, "greece_balkans": (150_000 / 1_500) ** -shared}
    cheaper = world[LegsState].month.cost / usual[LegsState].month.cost
    np.testing.assert_allclose(cheaper, list(price.values()))
    foreseen = foreseen_legs(world, np.ones(world[PostsState].guards.leg.size)).interception
    np.testing.assert_allclose(foreseen, world[LegsState].month.interception, rtol=0.05)


def test_patrols_foreseen_are_of_the_kind_that_policy_multiplies():
    """The coast guard and a state on the way share a leg by sea: officers of one of them are three times as many."""
    world = world_of_three(1)
    posts, guards, legs = world[PostsState].posts, world[PostsState].guards, len(world.leg_facts)
    lever = next(patrol for patrol in PATROLS if patrol.name == "transit_border_control")
    with world.supposing(lever.moves[0], np.full(legs, 3.0)):
        more = patrols(world)
    theirs = posts.kind[guards.post] == KINDS.index("transit")
    np.testing.assert_array_equal(more, np.where(theirs, 3.0, 1.0))
    shared = [leg.key for leg in world.leg_facts].index("gwadar_iran")
    assert set(theirs[guards.leg == shared]) == {True, False}
    caught = foreseen_legs(world, more).interception / (1.0 - bribed_share(world, more))
    officers = [np.bincount(guards.leg, guards.effort * factor, legs) for factor in (1.0, more)]
    world[LegsState].effort = world[LegsState].effort * officers[1] / officers[0]
    by_hand = foreseen_legs(world, np.ones(more.size)).interception / (1.0 - bribed_share(world))
    np.testing.assert_allclose(caught, by_hand)
    assert 1.0 < officers[1][shared] / officers[0][shared] < 3.0


def test_a_surge_on_a_leg_shared_with_others_is_one_of_all_its_travellers():
    """By hand: three times as many as usual at usual guides, among the usual others and in a crowd."""
    for number in (3_300.0, 100_000.0):
        crowd = {"Eastern Mediterranean Route": {"crossings": {"2009-02": number}}}
        world = world_of_three(1, drivers={"series": crowd}, interception={"others_price": 0.0})
        world.t += 1
        world.month += 1
        state, leg = world[LegsState], [leg.key for leg in world.leg_facts].index("turkey_greece")
        state.recent[:] *= 3.0
        state.entered[:] = np.rint(state.recent)
        surge, others = _relative(world, state.recent)[leg], number / reference_flow(world)[leg]
        expected = ((surge + others) / (state.guides[leg] + others)) ** InterceptionParams().guide_price
        assert _flow(world)[1][leg] == pytest.approx(expected, rel=0.02)


def test_a_leg_of_pakistanis_alone_has_the_price_of_their_own_surge():
    world = world_of_three(1)
    world.t += 1
    state, leg = world[LegsState], [leg.key for leg in world.leg_facts].index("taftan_zahedan")
    state.recent[:] *= 3.0
    state.entered[:] = np.rint(state.recent)
    expected = (_relative(world, state.recent)[leg] / state.guides[leg]) ** InterceptionParams().guide_price
    assert _flow(world)[1][leg] == pytest.approx(expected, rel=0.02)


def test_news_of_a_way_spreads_faster_when_others_crowd_it():
    crowd = {"Eastern Mediterranean Route": {"crossings": {"2009-03": 100_000.0}}}
    learned = []
    for drivers in ({"series": crowd}, {}):
        world = world_of_three(3, drivers=drivers, channel={"irregular_constant": -8.0})
        row = [route.key for route in world.route_facts].index("greece_by_taftan")
        state, truth = world[BeliefsState].state, truth_of(world)
        state.reported_failure[:], state.reported_fatal[:] = 0.9, 0.9
        truth.failure[:], truth.fatal[:] = 0.5, 0.5
        tell_of_routes(world, state, truth)
        learned.append((0.9 - state.reported_failure[row], 0.9 - state.reported_fatal[row]))
    assert all(crowded > 1.5 * quiet > 0.0 for crowded, quiet in zip(*learned, strict=True))


def test_the_dollar_follows_rate_and_prices():
    """Real exchange rate of 2018 against 2015: 121.8 to 102.8 rupees, prices 13.2 % up at home and 5.9 % in dollars."""
    series = shipped_series()
    rate = series.rates[2018] / series.rates[2015]
    home = series.prices[2018] / series.prices[2015]
    assert series.dollar_index(2018 * 12 + 5) == pytest.approx(rate / home * 1.0583, rel=0.01)
    world = world_of_three(1, start="2018-06")
    assert world[EconomyState].dollar == pytest.approx(series.dollar_index(2018 * 12 + 5))


# ------------------------------------------------------------------------------------------ what a stop and pay do


def test_a_bribe_is_a_share_of_the_passage_up_to_the_leg():
    world = world_of_three(1)
    cost = np.arange(1.0, len(world.leg_facts) + 1.0)
    chains = [[leg for leg in route if leg >= 0] for route in world.route_legs.tolist()]
    for leg, stake in enumerate(_stake(world, cost)):
        so_far = [cost[chain[: chain.index(leg) + 1]].sum() for chain in chains if leg in chain]
        assert stake == pytest.approx(np.mean(so_far) if so_far else 0.0)


def test_believed_pay_abroad_moves_aspiration_by_its_logarithm():
    """Pay believed twice as high, in the first month: the logit is higher by `prospects` times log 2."""
    low, high = (
        world_of_three(1, beliefs={"bias_wage": bias, "spread": 0.0}).district_month["baseline"]
        for bias in (-np.log(2.0) / 2, np.log(2.0) / 2)
    )
    np.testing.assert_allclose(high - low, AspirationParams().prospects * np.log(2.0), rtol=0.05)


def test_expected_pay_at_home_holds_aspiration_back():
    """Half the pay with a job, or half the chance of one, adds log 2 (Harris and Todaro 1970)."""
    world = world_of_three(1)
    values, usual = world.district_month, AspirationParams().usual_pay
    before = prospects_of(world, usual)
    for name in ("wage_index", "employment"):
        values[name] /= 2.0
        np.testing.assert_allclose(prospects_of(world, usual) - before, np.log(2.0), rtol=1e-6)
        values[name] *= 2.0


def test_borders_are_those_of_a_place_and_not_of_the_economy_that_it_follows():
    """Demand in the rest of the world follows Malaysia, whose border concerns nobody else."""
    shut = {"MYS": {"closed": {"2009-02": 1.0}, "barred": {"2009-02": 1.0}}}
    world = world_of_three(2, drivers={"series": shut})
    assert world[EconomyState].passable[row_of(world, "rest_of_world")] == 1.0
