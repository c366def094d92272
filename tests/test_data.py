"""The shipped data and what the model reads from them."""

from __future__ import annotations

import csv
import json
from importlib.resources import files

import numpy as np
import pytest

from abm.engine.calendar import parse_month
from abm.places import series
from abm.places.drivers import shipped_series
from abm.places.geography import PROVINCES, adjacency, load_units, population_at, split_abroad, unit_index

DATA = files("abm.data")
SHIPPED = sorted(
    f"{folder}/{file.name}"
    for folder in ("tables", "geo")
    for file in DATA.joinpath(folder).iterdir()
    if file.is_file()
)
NATIONAL_TOTALS = {"1998-03": 132_352_279, "2017-03": 207_684_626, "2023-03": 241_499_431}
CATCHMENT = {"gujrat", "gujranwala", "jhelum", "mandi_bahauddin", "mirpur_ajk"}
NEIGHBOURS = {"sialkot", "rawalpindi", "chakwal", "narowal", "attock", "bhimber", "kotli"}


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of a shipped table, read apart from the code under test."""
    return list(csv.DictReader(DATA.joinpath(name).read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_file_has_provenance_and_a_role(name: str) -> None:
    assert f"`{name}`" in DATA.joinpath("PROVENANCE.md").read_text(encoding="utf-8")
    roles = {row["file"] for row in rows_of("tables/roles.csv")}
    assert name == "tables/roles.csv" or name.removeprefix("tables/") in roles


def test_every_cited_source_is_listed() -> None:
    known = {row["source_id"] for row in rows_of("tables/sources.csv")}
    for name in SHIPPED:
        if name.startswith("tables/") and name != "tables/sources.csv":
            cited = {part.strip() for row in rows_of(name) for part in row.get("source_id", "").split(";")} - {""}
            assert cited <= known, name


def test_no_series_is_both_input_and_target() -> None:
    roles = rows_of("tables/roles.csv")
    keys = [(row["file"], row["series_or_column"]) for row in roles]
    assert len(keys) == len(set(keys))


def test_units_are_the_outlines() -> None:
    units = load_units()
    features = json.loads(DATA.joinpath("geo/units.geojson").read_text(encoding="utf-8"))["features"]
    assert len(units) == 134
    assert [feature["properties"]["unit"] for feature in features] == list(units.unit)
    assert set(units.province) == set(PROVINCES.values())


def test_regions_keep_the_order_of_the_table() -> None:
    catchment = load_units("catchment")
    assert set(catchment.unit) == CATCHMENT | NEIGHBOURS
    assert set(catchment.unit[catchment.catchment == "paper"]) == CATCHMENT
    assert list(load_units(["jhelum", "attock"]).unit) == ["attock", "jhelum"]


@pytest.mark.parametrize(
    ("region", "message"),
    [("gujrt", "did you mean 'gujrat'"), (["gujrat", "catchmnt"], "did you mean 'catchment'"), ([], "at least one")],
)
def test_unknown_region_names_the_nearest(region: str | list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_units(region)


def test_shares_are_fractions_and_nothing_is_blank() -> None:
    units = load_units()
    for column in ("urban_share", "literacy", "labour_force_participation", "unemployment", "poverty", "settled_share"):
        values = getattr(units, column)
        assert ((values >= 0) & (values <= 1)).all(), column
        assert not values.flags.writeable, column
    assert np.isfinite(units.persons_abroad_2017).all()
    assert (units.persons_abroad_2017 >= 0).all()
    assert (units.persons_abroad_2017[~np.isin(units.province, ("sindh", "balochistan"))] > 0).all()
    assert (units.persons_abroad_2017 < units.population_2017 / 5).all()
    assert (units.persons_per_household >= 4.5).all()
    assert (units.persons_per_household <= 9.5).all()


def test_only_azad_jammu_and_kashmir_is_imputed() -> None:
    units = load_units()
    assert (units.imputed == (units.province == "azad_jammu_kashmir")).all()
    assert units.imputed.sum() == 10
    donors = np.isin(units.province, ("punjab", "khyber_pakhtunkhwa", "islamabad"))
    for column in ("literacy", "unemployment", "poverty", "persons_per_household"):
        values = getattr(units, column)
        assert values[units.imputed].min() >= values[donors].min(), column
        assert values[units.imputed].max() <= values[donors].max(), column


def census_abroad() -> tuple[np.ndarray, np.ndarray]:
    """Persons and women abroad at the census of 2017 as published, blank in Azad Jammu and Kashmir."""
    columns = ("persons_abroad_2017", "persons_abroad_female_2017")
    published = [[float(row[column] or "nan") for column in columns] for row in rows_of("tables/units.csv")]
    persons, women = np.array(published).T
    return persons, women


def test_counts_abroad_are_those_of_the_census_where_women_are_few() -> None:
    """Two of every woman abroad are of settled families; men beyond these went to work."""
    units = load_units()
    persons, women = census_abroad()
    few = women < 0.45 * persons
    assert 80 <= few.sum() <= 0.7 * len(units)
    assert (units.persons_abroad_2017[few] == persons[few]).all()
    by_sex = few & ~np.isin(units.province, ("sindh", "balochistan"))
    np.testing.assert_allclose(units.settled_share[by_sex], 2 * women[by_sex] / persons[by_sex], atol=1e-6)
    assert units.settled_share[unit_index(units)["gujrat"]] == pytest.approx(2 * 53_723 / 287_543, abs=1e-6)


def test_implausible_counts_abroad_give_way_to_the_rate_of_the_province() -> None:
    """Rural Sindh and Balochistan: workers as in the other units, of which the register has some more, and families."""
    units = load_units()
    persons, women = census_abroad()
    few, many = women < 0.45 * persons, women >= 0.45 * persons
    assert set(units.province[many]) <= {"sindh", "balochistan", "punjab"}
    families = (2 * women[few]).sum() / (persons - 2 * women)[few].sum()
    for home in ("sindh", "balochistan"):
        near, there = few & (units.province == home), many & (units.province == home)
        rate = (persons - 2 * women)[near].sum() / units.population_2017[near].sum()
        usual = np.minimum(rate * units.population_2017, persons - women)[there]
        expected = usual + np.minimum(families * usual, persons[there] - usual)
        np.testing.assert_allclose(units.persons_abroad_2017[there], expected, atol=0.5)
    bhakkar = unit_index(units)["bhakkar"]
    assert units.persons_abroad_2017[bhakkar] < persons[bhakkar]


def test_families_of_azad_jammu_and_kashmir_are_a_part() -> None:
    units = load_units()
    families = units.settled_share[units.imputed]
    assert ((families > 0.05) & (families < 0.95)).all()


def test_workers_of_karachi_are_no_more_than_its_men() -> None:
    units = load_units()
    karachi = unit_index(units)["karachi"]
    workers = units.persons_abroad_2017[karachi] * (1 - units.settled_share[karachi])
    assert 389_872 - 2 * 165_257 < workers < 389_872 - 165_257, "more than the men beyond the women, fewer than all men"


def test_persons_abroad_are_split_by_sex() -> None:
    """A place as elsewhere, one without women, two of women, one of few men; one of another province; a blank."""
    persons = np.array([100.0, 50.0, 30.0, 400.0, 50.0, np.nan])
    women = np.array([30.0, 0.0, 20.0, 300.0, 10.0, np.nan])
    residents, province = np.array([1e3, 2e3, 1e3, 2e3, 1e3, 1e3]), np.array(["a", "a", "a", "a", "b", "a"])
    labour, settled = split_abroad(persons, women, residents, province)
    usual = (60.0 + 0.0 + 20.0) / (40.0 + 50.0 + 30.0)
    np.testing.assert_allclose(labour, [40.0, 50.0, 10.0, 60.0, 30.0, np.nan])  # at most the ten men; 90 in 3,000
    np.testing.assert_allclose(settled, [60.0, 0.0, usual * 10.0, usual * 60.0, 20.0, np.nan])


def test_no_district_is_without_workers_abroad() -> None:
    """Where the census is not believed it says nothing on workers, and not that there are none."""
    units = load_units()
    workers = units.persons_abroad_2017 * (1 - units.settled_share) / units.population_2017
    assert workers.min() > 0.0005
    sindh = (units.province == "sindh") & (units.population_2017 < 3e6)
    assert workers[sindh].max() < 2.0 * workers[sindh].min()


@pytest.mark.parametrize("month", NATIONAL_TOTALS)
def test_growth_path_passes_through_the_censuses(month: str) -> None:
    units = load_units()
    people = population_at(units, parse_month(month))
    assert people[~units.imputed].sum() == NATIONAL_TOTALS[month]
    assert (people == getattr(units, f"population_{month[:4]}")).all()


def test_growth_beyond_the_last_census_is_moderate() -> None:
    """The census prints up to 9.5 % a year; afterwards no unit leaves -1 % to 4 %, whatever the region of the run."""
    units = load_units()
    before, after = (population_at(units, parse_month(f"{year}-03")) for year in (2023, 2028))
    rate = (after / before) ** (1 / 5) - 1
    assert rate.min() > -0.01
    assert rate.max() < 0.04
    gujrat = load_units(["gujrat"])
    assert population_at(gujrat, parse_month("2028-03"))[0] == after[unit_index(units)["gujrat"]]


def test_population_grows_every_month_nationally() -> None:
    units = load_units()
    totals = [population_at(units, month).sum() for month in range(parse_month("1972-01"), parse_month("2040-12"))]
    assert (np.diff(totals) > 0).all()


def test_households_are_near_those_of_the_census() -> None:
    units = load_units()
    households = (population_at(units, parse_month("2017-03")) / units.persons_per_household)[~units.imputed].sum()
    assert households == pytest.approx(31_915_884, rel=0.03)


@pytest.mark.parametrize("region", ["pakistan", "catchment"])
def test_neighbours_are_mutual_and_weights_sum_to_one(region: str) -> None:
    units = load_units(region)
    near = adjacency(units)
    rows = np.repeat(np.arange(len(units)), np.diff(near.indptr))
    pairs = set(zip(rows.tolist(), near.indices.tolist(), strict=True))
    assert pairs == {(other, one) for one, other in pairs}
    assert not any(one == other for one, other in pairs)
    assert np.bincount(rows, near.weight, len(units)) == pytest.approx(np.ones(len(units)))
    if region == "pakistan":
        assert len(pairs) == 2 * 347


def test_a_lone_unit_has_no_neighbours() -> None:
    near = adjacency(load_units(["karachi"]))
    assert near.indptr.tolist() == [0, 0]
    assert near.indices.size == near.weight.size == 0


def test_gulf_pay_of_2015_in_rupees_of_2017() -> None:
    """480 USD at 102.769 rupees, raised by the inflation of 2016 (3.765 %) and 2017 (4.085 %)."""
    assert series.to_pkr_2017(480, "USD", 2015) == pytest.approx(480 * 102.769 * 1.0376512 * 1.0408537, rel=1e-6)
    assert series.to_pkr_2017(100, "PKR", 2017) == 100


@pytest.mark.parametrize("year", [1990, 2009, 2017, 2022, 2023])
def test_dollars_return_unchanged(year: int) -> None:
    assert series.pkr_2017_to_usd(series.to_pkr_2017(123.0, "USD", year), year) == pytest.approx(123.0)


@pytest.mark.parametrize("year", [1980, 2025])
def test_years_outside_the_data_are_reported(year: int) -> None:
    with pytest.raises(ValueError, match="the data hold 1989 to 2024"):
        series.to_pkr_2017(1, "PKR", year)


def test_unknown_names_are_reported() -> None:
    with pytest.raises(ValueError, match="did you mean 'USD'"):
        series.to_pkr_2017(1, "US", 2017)
    with pytest.raises(ValueError, match="no series of income for 'XXX'"):
        shipped_series().destination_income_index("XXX", parse_month("2009-01"))


def test_income_runs_through_mid_years_and_on_at_the_given_growth() -> None:
    income_index = shipped_series().income_index
    june, july = parse_month("2017-06"), parse_month("2017-07")
    assert (income_index(june) + income_index(july)) / 2 == pytest.approx(1, abs=0.002)
    assert income_index(parse_month("2026-01")) == income_index(parse_month("2030-01"))
    year = income_index(parse_month("2027-01"), growth=0.03) / income_index(parse_month("2026-01"), growth=0.03)
    assert year == pytest.approx(1.03)
    with pytest.raises(ValueError, match="the series begins in 1990"):
        income_index(parse_month("1989-12"))


@pytest.mark.parametrize("iso3", ["SAU", "ARE", "OMN", "QAT", "GBR", "ITA", "ESP", "GRC", "DEU", "IRN", "TUR"])
def test_every_destination_has_an_income(iso3: str) -> None:
    for year in (2000, 2009, 2023, 2040):
        month = parse_month(f"{year}-01")
        assert 0.3 < shipped_series().destination_income_index(iso3, month) < 3


def test_opening_stock_uses_only_earlier_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run from 2009 must not know the stock of 2010, which it is compared with."""
    opening = series.opening_stock(parse_month("2009-01"))
    known = series._stocks()
    monkeypatch.setattr(series, "_stocks", lambda: {year: stock for year, stock in known.items() if year <= 2005})
    assert series.opening_stock(parse_month("2009-01")) == opening
    assert series.opening_stock(parse_month("2005-08")).keys() == known[2005].keys()


def test_opening_stock_grows_within_limits() -> None:
    at_2005, at_2009 = (series.opening_stock(parse_month(month)) for month in ("2005-08", "2009-01"))
    assert "IND" not in at_2009
    for iso3, persons in at_2009.items():
        assert at_2005[iso3] - 1 <= persons <= at_2005[iso3] * 1.08**4 + 1, iso3
    with pytest.raises(ValueError, match="the first is of 1990"):
        series.opening_stock(parse_month("1990-07"))
