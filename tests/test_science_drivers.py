"""What goes on in the world: demand for workers abroad, the rupee, closed borders, seasons and crowds of others."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scenes import world_of_three
from worlds import small_config

from abm.legal.labour_demand import RUN_IN, LabourDemandParams, LabourDemandState, hiring, workforce_wanted
from abm.model import simulate
from abm.places.drivers import shipped_series
from abm.places.places import places_of
from abm.places.series import targets
from abm.routes.interception import crossings_by_others
from abm.routes.kernels.journey import interception_probability
from abm.routes.legs import LegsState
from abm.society.drivers import EconomyState

SPRING = "2020-03"


# ----------------------------------------------------------------------------------------------------- labour demand


def hires_by_year(params: LabourDemandParams, years: range) -> dict[int, float]:
    """Workers asked for a year by all destinations, from drivers alone."""
    series, adjust = shipped_series(), params.adjustment
    facts = [found for found in places_of().destinations if found.legal_quota > 0.0]
    leaving = 1.0 / np.array([found.contract_years for found in facts])
    quota = np.array([found.legal_quota for found in facts])
    first = years[0] * 12
    at = {
        month: np.array([workforce_wanted(series, found, params, month) for found in facts])
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
    assert log_error(model, record, years) < 0.2
    assert np.corrcoef([model[year] for year in years], [record[year] for year in years])[0, 1] > 0.8


def test_employers_replace_those_who_leave_and_close_part_of_the_gap():
    workforce, leaving = np.ones(4), np.full(4, 0.2)
    asked, let_go = hiring(workforce, np.array([1.0, 1.1, 0.95, 0.5]), leaving, 2.0)
    np.testing.assert_allclose(asked, [0.2, 0.4, 0.1, 0.02])
    np.testing.assert_allclose(let_go, [0.0, 0.0, 0.0, 0.82], atol=1e-12)
    np.testing.assert_allclose(asked - (leaving + let_go) * workforce, [0.0, 0.2, -0.1, -1.0], atol=1e-12)


def test_a_levy_on_employers_lowers_what_they_want():
    saudi = next(facts for facts in places_of().destinations if facts.key == "saudi_arabia")
    series, month = shipped_series(), 2018 * 12
    with_levy = workforce_wanted(series, saudi, LabourDemandParams(), month)
    without = workforce_wanted(series, saudi, LabourDemandParams(levy=0.0), month)
    assert with_levy == pytest.approx(without * (1.0 + 106.7 / saudi.wage_usd) ** -0.3)


def test_a_slump_sends_workers_home():
    """Investment falls to a tenth: nobody is hired but a few, and contracts are ended."""
    slump = {"SAU": {"investment": {str(year): 3.0 for year in range(2008, 2013)}}}
    world = world_of_three(30, drivers={"series": slump})
    row = [facts.key for facts in world.destination_facts].index("saudi_arabia")
    assert world[LabourDemandState].let_go[row] > 0.0
    assert world[LabourDemandState].hires[row] < 0.2
    usual = world_of_three(30)[LabourDemandState]
    assert usual.let_go[row] == 0.0
    assert usual.hires[row] > 0.8


# -------------------------------------------------------------------------------------------------------- the rupee


def test_a_cheap_rupee_makes_pay_abroad_worth_more():
    """The rate doubles from 2009 on, and prices stay: pay abroad doubles, and not in a city of the country."""
    series = shipped_series()
    cheap = {"PAK": {"rupees_per_dollar": {str(y): 2.0 * series.rates[y] for y in (2008, 2009, 2010)}}}
    pays = [
        np.array([place.pay for place in world_of_three(12, drivers=drivers).destinations])
        for drivers in ({}, {"series": cheap}, {"series": cheap, "exchange": 0.0})
    ]
    assert pays[1][:-1] / pays[0][:-1] == pytest.approx(2.0, rel=0.05)  # crowding differs a little
    assert pays[1][-1] == pytest.approx(pays[0][-1])
    fixed = np.array([place.pay for place in world_of_three(12, drivers={"exchange": 0.0}).destinations])
    np.testing.assert_allclose(pays[2], fixed)


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


def test_no_leg_is_begun_across_a_closed_border(spring):
    table = spring["closed"]["leg"]
    april = table["month"].astype("datetime64[M]") == np.datetime64("2020-04", "M")
    across = np.isin(table["leg"], [leg.key for leg in places_of().legs if leg.country == "PAK"])
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
        found[name] = state.hires[row], state.workforce[row]
    assert found["closed"][0] == pytest.approx(found["open"][0] / 2)
    assert found["closed"][1] < found["open"][1]


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
    assert (began["calm"][6:8] > 0).all()
    assert began["rough"][8] > began["calm"][8]


def test_guards_stop_no_more_of_a_crowd_than_they_can_deal_with():
    """Persons stopped: the odds times the flow."""
    stopped = [flow * interception_probability(0.8, 0.45, 0.4, 1.5, 1.0, flow) for flow in (1.0, 1.5, 15.0, 150.0)]
    assert stopped[1] == pytest.approx(1.5 * stopped[0])
    assert stopped[2] == pytest.approx(stopped[1])
    assert stopped[3] == pytest.approx(stopped[1])


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


def test_the_dollar_follows_rate_and_prices():
    """Real exchange rate of 2018 against 2015: 121.8 to 102.8 rupees, prices 13.2 % up at home and 5.9 % in dollars."""
    series = shipped_series()
    rate = series.rates[2018] / series.rates[2015]
    home = series.prices[2018] / series.prices[2015]
    assert series.dollar_index(2018 * 12 + 5) == pytest.approx(rate / home * 1.0583, rel=0.01)
    world = world_of_three(1, start="2018-06")
    assert world[EconomyState].dollar == pytest.approx(series.dollar_index(2018 * 12 + 5))
