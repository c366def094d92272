"""Drivers of a configuration: files of them, errors by line, scenarios, the list and the figure of what drove a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from matplotlib.dates import num2date
from worlds import run_checksums, small_config

from abm.cli import main
from abm.config import Config, load_config, make_config
from abm.config.posterior import SHIPPED, read_posterior
from abm.engine.calendar import parse_month
from abm.engine.errors import ConfigError
from abm.experiments.read import load_experiment
from abm.places.drivers import INDICATORS, series_of, shipped_series
from abm.plots.drivers import draw_drivers
from abm.plots.style import About, drawing
from abm.report.drivers import drivers
from abm.report.schema import config_schema
from abm.society import DriversParams

ROOT = Path(__file__).parents[1]

HEAD = "entity,indicator,year,month,value\n"
ROWS = "SAU,investment,2024,,31.5\nSAU,investment,2025,,28\nARE,closed,2027,3,0.5\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + ROWS)
    return path


def told(**settings: object) -> list[str]:
    """What is said about settings that are refused."""
    with pytest.raises(ConfigError) as error:
        make_config(**settings)
    return str(error.value).splitlines()


# ---------------------------------------------------------------------------------------------------------------- files


def test_a_file_replaces_values_and_goes_on_with_series(file: Path):
    for given in (str(file), {"file": str(file)}):
        found = series_of(make_config(drivers=given).drivers.series)
        shipped = shipped_series()
        assert found.of("SAU", "investment")[2024] == 31.5 != shipped.of("SAU", "investment")[2024]
        assert list(found.of("SAU", "investment"))[-1] == 2025
        assert found.of("SAU", "investment")[2023] == shipped.of("SAU", "investment")[2023]
        assert found.closed("ARE", parse_month("2027-03")) == 0.5
        assert found.of("OMN", "growth") == shipped.of("OMN", "growth")


def test_a_configuration_holds_what_its_file_said(file: Path, tmp_path: Path):
    """The file may go: a run can be made again from its manifest."""
    (tmp_path / "scenario.yaml").write_text("name: scenario\ndrivers: mine.csv\n")
    config = load_config(tmp_path / "scenario.yaml")
    file.unlink()
    assert make_config(**config.resolved()) == config
    assert config.drivers.series["ARE"]["closed"]["2027-03"] == 0.5


def test_the_command_line_changes_single_values_of_a_file(file: Path, tmp_path: Path):
    (tmp_path / "scenario.yaml").write_text("name: scenario\ndrivers: mine.csv\n")
    config = load_config(
        tmp_path / "scenario.yaml", ["drivers.series.SAU.investment.2025=20", "drivers.income_growth=0.03"]
    )
    assert config.drivers.series["SAU"]["investment"] == {"2024": 31.5, "2025": 20.0}
    assert config.drivers.income_growth == 0.03


def test_years_are_keys_in_yaml(tmp_path: Path):
    (tmp_path / "scenario.yaml").write_text("drivers: {series: {SAU: {investment: {2025: 20, '2026': 21}}}}\n")
    assert load_config(tmp_path / "scenario.yaml").drivers.series["SAU"]["investment"] == {"2025": 20.0, "2026": 21.0}


def test_the_file_holds_where_both_give_a_value(file: Path):
    beside = {"SAU": {"investment": {"2025": 10, "2026": 11}}}
    found = make_config(drivers={"file": str(file), "series": beside}).drivers.series
    assert found["SAU"]["investment"] == {"2024": 31.5, "2025": 28.0, "2026": 11.0}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("SAU,invest,2025,,27", "no indicator 'invest'; did you mean 'investment'?"),
        ("Saudi Arabia,growth,2025,,2", "'growth' is of a country as three capitals (ISO 3166); found 'Saudi Arabia'"),
        ("SAU,crossings,2025,3,2", "'crossings' is of a Frontex route; found 'SAU'"),
        ("SAU,growth,2025,3,2", "'growth' has a value for a year, YYYY; found '2025-03'"),
        ("SAU,closed,2025,,1", "'closed' has a value for a month, YYYY-MM; found '2025'"),
        ("SAU,closed,2025,13,1", "'closed' has a value for a month, YYYY-MM; found '2025-13'"),
        ("SAU,growth,2025,,2000", "expected a number from -90 to 200 (percent a year); found the number 2000"),
        ("SAU,growth,2025,,nan", "expected a number from -90 to 200 (percent a year); found not a number (.nan)"),
        ("SAU,growth,soon,,2", "expected a year and a value as numbers, and a month or nothing"),
        ("SAU,growth,2025", "expected a year and a value as numbers, and a month or nothing"),
        ("SAU,growth,2026,,2,5", "more values than columns; a decimal is written with a point"),
        ("SAU,growth,2025,,2", "'growth' of SAU in 2025 is given twice; first on line 2"),
        ("Balkan Route,crossings,2025,3,2", "no Frontex route 'Balkan Route'; did you mean 'Western Balkan Route'?"),
    ],
)
def test_a_wrong_row_is_reported_by_file_and_line(tmp_path: Path, row: str, message: str):
    path = tmp_path / "wrong.csv"
    path.write_text(HEAD + "SAU,growth,2025,,1\n" + row + "\n")
    assert any(f"{path}, line 3: {message}" in line for line in told(drivers=str(path)))


def test_files_that_cannot_be_read(tmp_path: Path):
    assert "cannot be read: No such file" in told(drivers=str(tmp_path / "none.csv"))[0]
    assert "cannot be read: Is a directory" in told(drivers={"file": str(tmp_path)})[0]
    assert "expected the path of a CSV file; found the number 3" in told(drivers={"file": 3})[0]
    (tmp_path / "other.csv").write_text("country,value\n")
    message = told(drivers=str(tmp_path / "other.csv"))[0]
    assert "no column 'entity', 'indicator' and 'year'; expected 'entity'" in message
    (tmp_path / "semicolons.csv").write_text("entity;indicator;year;value\nSAU;growth;2025;2\n")
    assert "columns are separated by commas" in told(drivers=str(tmp_path / "semicolons.csv"))[0]


def test_a_file_from_a_spreadsheet_is_read(tmp_path: Path):
    """With a mark before the first column, and blanks after the commas."""
    path = tmp_path / "saved.csv"
    path.write_text("\ufeffentity, indicator, year, month, value\nSAU, growth, 2025, , 2\n", encoding="utf-8")
    assert make_config(drivers=str(path)).drivers.known.of("SAU", "growth")[2025] == 2.0


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ({"SAU": {"growth": {"2027": 2}}}, "no value for 2025 and 2026; give every year from 1990 to 2027"),
        ({"KWT": {"investment": {"2020": 20}}}, "no value for 2015, to which the others are put in relation"),
        ({"KWT": {"growth": {"2015": 2, "2017": 2}}}, "no value for 2016; give every year from 2015 to 2017"),
        ({"SAU": {"growth": {"2029": 2}}}, "no value for 2025 to 2028; give every year from 1990 to 2029"),
    ],
)
def test_yearly_series_have_no_gaps(series: dict[str, object], message: str):
    assert any(message in line for line in told(drivers={"series": series}))


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ({"PAK": {"residents": {"2024": 3e8}}}, "residents cannot be changed here"),
        ({"USA": {"rupees_per_dollar": {"2017": 1}}}, "it does nothing: only that of PAK is read"),
        ({"PAK": {"rupees_per_dollar": {"2025": 300}}}, "a dollar buys in 2025 needs 'inflation' of PAK and USA"),
        ({"KWT": {"investment": {"2015": 20}}}, "it does nothing without 'growth' of KWT"),
    ],
)
def test_values_that_would_do_nothing_are_refused(series: dict[str, object], message: str):
    assert any(message in line for line in told(drivers={"series": series}))
    beside = {"PAK": {"inflation": {"2025": 5}}, "USA": {"inflation": {"2025": 2}}, "KWT": {"growth": {"2015": 1}}}
    if "needs" in message or "without" in message:
        both = {entity: beside.get(entity, {}) | series.get(entity, {}) for entity in {*beside, *series}}
        assert make_config(drivers={"series": both}).drivers.series


def test_investment_may_be_known_for_longer_than_output():
    """Output grows on at the rate assumed, and the share of it that is invested is the one given."""
    shares = {str(year): 15.0 for year in (2025, 2026)}
    given = make_config(drivers={"series": {"SAU": {"investment": shares}}}).drivers.known
    shipped, month = shipped_series(), parse_month("2026-07")
    before = shipped.of("SAU", "investment")
    ratio = given.investment_index("SAU", month, 0.02) / shipped.investment_index("SAU", month, 0.02)
    assert ratio == pytest.approx(15.0 / before[max(before)], rel=1e-3)


def test_malformed_series_are_refused_without_a_traceback(file: Path):
    for series in ({"SAU": 3}, {"SAU": {"investment": 3}}, {"SAU": {"investment": {"2030": "much"}}}, 3, [3]):
        assert told(drivers={"series": series})
        assert told(drivers={"file": str(file), "series": series})


def test_a_scenario_of_an_experiment_has_drivers_of_its_own(file: Path, tmp_path: Path):
    """By its path, in the folder of the experiment; a scenario that names another file has both, its own first."""
    (tmp_path / "other.csv").write_text(HEAD + "SAU,investment,2025,,40\n")
    path = tmp_path / "study.yaml"
    path.write_text(
        "name: study\nset: {drivers.file: mine.csv}\n"
        "scenarios:\n  reference: {}\n  boom: {drivers.file: other.csv}\n  slow: {drivers.destination_growth: 0.0}\n"
    )
    scenarios = load_experiment(path).scenarios
    assert scenarios["reference"]["drivers"]["series"]["SAU"]["investment"]["2025"] == 28.0
    assert scenarios["boom"]["drivers"]["series"]["SAU"]["investment"]["2025"] == 40.0
    assert scenarios["slow"]["drivers"]["destination_growth"] == 0.0
    path.write_text(path.read_text().replace("other.csv", "othr.csv"))
    with pytest.raises(ConfigError, match=r"study\.yaml:.*othr\.csv cannot be read"):
        load_experiment(path)


def test_growth_after_the_data_is_a_parameter():
    """Constant, growing or falling: by the growth parameters, from the last mid-year on."""
    series, month = shipped_series(), parse_month("2035-07")
    flat, up = (series.income_index(month, growth) for growth in (0.0, 0.02))
    last = max(series.of("PAK", "income"))
    assert up / flat == pytest.approx(1.02 ** (2035 - last), rel=2e-3)  # the middle of July


def test_editors_accept_files_and_values():
    jsonschema = pytest.importorskip("jsonschema")
    valid = jsonschema.Draft202012Validator(config_schema()).is_valid
    accepted = ["mine.csv", {"file": "mine.csv"}, {"series": {"SAU": {"investment": {"2026": 20}}}}]
    refused = [3, {"series": {"SAU": {"invest": {"2026": 20}}}}, {"series": {"SAU": {"closed": {"2026": 1}}}}]
    assert all(valid({"name": "x", "drivers": given}) for given in accepted)
    assert not any(valid({"name": "x", "drivers": given}) for given in refused)


def test_the_hindcast_sets_no_parameter_of_its_own():
    """Dates, seed, scale and region: what it says follows from drivers, and from parameters fitted to 2018."""
    data = yaml.safe_load((ROOT / "configs" / "hindcast.yaml").read_text("utf-8"))
    assert read_posterior(SHIPPED, Config).until == 2018
    same = {key: data[key] for key in ("start", "end")}
    usual = make_config(name="hindcast", population={"scale": 0.01}, **same)
    config = load_config(ROOT / "configs" / "hindcast.yaml")
    assert config.resolved() | {"description": "", "outputs": None} == usual.resolved() | {
        "description": "",
        "outputs": None,
    }


# ----------------------------------------------------------------------------------------------------------- describing


def test_every_series_is_listed_with_unit_span_source_and_text():
    rows = drivers()
    assert {(row["entity"], row["indicator"]) for row in rows} == set(shipped_series().values)
    assert {row["indicator"] for row in rows} == set(INDICATORS)
    assert all(row["unit"] and row["source"] and row["text"] and row["first"] <= row["last"] for row in rows)
    assert not any(row["given"] for row in rows)


def test_values_of_an_entity_or_an_indicator(capsys: pytest.CaptureFixture[str]):
    assert main(["describe", "drivers", "SAU", "--format", "json"]) == 0
    of_country = json.loads(capsys.readouterr().out)
    assert {row["indicator"] for row in of_country} >= {"growth", "investment", "levy", "closed"}
    levy = next(row for row in of_country if row["indicator"] == "levy")
    assert levy["values"][0] == "2012-11 53.3"
    assert main(["describe", "drivers", "crossings", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 4
    assert main(["describe", "drivers", "crosings"]) == 2
    assert "did you mean 'crossings'?" in capsys.readouterr().err


def test_series_that_all_runs_of_a_process_share_are_read_only():
    for series in (
        shipped_series(),
        series_of(make_config(drivers={"series": {"SAU": {"growth": {"2025": 2.0}}}}).drivers.series),
    ):
        with pytest.raises(TypeError):
            series.values["SAU", "growth"] = {}
        with pytest.raises(TypeError):
            series.values["SAU", "growth"][2025] = 9.0
        for made in (series.rates, series.real_rates, series.prices):
            with pytest.raises(TypeError):
                made[2025] = 9.0


def test_what_a_configuration_gives_comes_first(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "scenario.yaml").write_text("name: scenario\ndrivers: {file: mine.csv}\n")
    assert main(["describe", "drivers", "--config", str(tmp_path / "scenario.yaml"), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["entity"], row["indicator"]) for row in rows[:2]] == [("ARE", "closed"), ("SAU", "investment")]
    assert rows[1]["given"] == ["2024 31.5", "2025 28"] and rows[1]["last"] == "2025"
    assert rows[1]["source"][-1] == "configuration" and not rows[2]["given"]


LATER: dict[str, Any] = {
    "SAU": {"income": {2012: 12_000}, "growth": {2012: -10, 2013: -10}, "investment": {2012: 12}},
    "ARE": {"growth": {2012: -10}, "levy": {"2012-06": 200}, "closed": {"2012-06": 1}},
    "PAK": {"income": {2012: 3_000}, "inflation": {2012: 40}, "rupees_per_dollar": {2012: 150, 2013: 160}},
    "USA": {"inflation": {2012: 20}},
}  # fmt: skip


def test_another_value_moves_no_year_before_its_own():
    own = {"drivers": {"series": LATER}}
    assert run_checksums(small_config(months=6, **own)) == run_checksums(small_config(months=6))
    later = {"start": "2012-06", "months": 1}
    assert run_checksums(small_config(**later, **own)) != run_checksums(small_config(**later))
    known, shipped = series_of(make_config(**own).drivers.series), shipped_series()
    for year, moved in ((2009, False), (2012, True), (2015, True)):  # what was lost is not made up for
        month = parse_month(f"{year}-07")
        assert (known.output_index("SAU", month) != shipped.output_index("SAU", month)) is moved
        assert (known.dollar_index(month) != shipped.dollar_index(month)) is moved


# --------------------------------------------------------------------------------------------------------------- figure


def national(start: str, months: int) -> pd.DataFrame:
    return pd.DataFrame({"month": pd.date_range(start, periods=months, freq="MS")})


def panels(frames: dict[str, pd.DataFrame], given: DriversParams | None = None) -> dict[str, list[str]]:
    """Words of each panel by its title."""
    with drawing():
        figure = draw_drivers(frames, About("run", where="Pakistan", drivers=given or DriversParams()))
    assert figure is not None
    return {axes.get_title(loc="left"): [text.get_text() for text in axes.texts] for axes in figure.axes}


def test_the_figure_shows_what_drove_the_run():
    months = national("2018-01-01", 60)
    asked = {"saudi_arabia": 300e3, "oman": 60e3, "qatar": 10e3, "united_arab_emirates": 200e3, "rest_of_world": 9e3}
    table = pd.concat(months.assign(destination=key, workers_asked=value) for key, value in asked.items())
    found = panels({"national": months, "destination": table})
    assert set(found["Workers asked for abroad"]) == {"Saudi\nArabia", "United Arab\nEmirates", "Oman", "Others"}
    assert set(found["Investment abroad"]) == {"Saudi\nArabia", "United Arab\nEmirates", "Oman"}
    assert "closed to all" in found["Borders closed"]
    assert "Eastern\nMed." in found["Crossings by others into the EU"]


def test_panels_without_data_say_so():
    found = panels({"national": national("2012-01-01", 5)})
    assert found["Workers asked for abroad"] == ["not recorded in this run"]
    assert found["Borders closed"] == ["none in these months"]
    later = panels({"national": national("2040-01-01", 24)})
    assert later["Crossings by others"] == ["no series in these months"]


@pytest.mark.parametrize(
    ("start", "series", "grey"),
    [
        ("1985-01", {}, ("1985-01", "1990-06")),
        ("2020-01", {}, ("2024-08", "2030-12")),
        ("2020-01", {"SAU": {"investment": {"2025": 20, "2026": 20, "2027": 20}}}, ("2024-08", "2030-12")),
    ],
)
def test_months_in_which_a_line_has_no_value_are_grey(start: str, series: dict[str, object], grey: tuple[str, str]):
    months = national(f"{start}-01", 132)
    asked = {"saudi_arabia": 300e3, "oman": 60e3, "united_arab_emirates": 200e3}
    table = pd.concat(months.assign(destination=key, workers_asked=value) for key, value in asked.items())
    with drawing():
        about = About("run", where="Pakistan", drivers=make_config(drivers={"series": series}).drivers)
        figure = draw_drivers({"national": months, "destination": table}, about)
    assert figure is not None
    (shade,) = next(axes for axes in figure.axes if axes.get_title(loc="left") == "Investment abroad").patches
    days = [num2date(day) for day in (shade.get_x(), shade.get_x() + shade.get_width() - 1)]
    assert tuple(f"{day:%Y-%m}" for day in days) == grey


def test_drivers_of_the_configuration_are_drawn():
    closed = make_config(drivers={"series": {"SAU": {"closed": {"2012-02": 1}}}}).drivers
    assert "closed to all" in panels({"national": national("2012-01-01", 5)}, closed)["Borders closed"]


def test_a_destination_may_follow_a_country_whose_series_are_given():
    """By its income, and by what employers there want."""
    given = {"KWT": {"income": {"2015": 5e4}, "growth": {"2015": 2.0}}}
    followed = {"destinations": {"italy": {"income_of": "KWT", "demand_of": "KWT"}}}
    assert make_config(drivers={"series": given}, places=followed).drivers.series
    wrong = told(places=followed)
    assert any("no incomes are known for 'KWT'" in line for line in wrong)
    assert any("no output is known for 'KWT'" in line for line in wrong)
