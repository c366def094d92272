"""Scores of runs against records: the observation model, made-up results whose answers are known, and a real run."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.analysis.observation import OBSERVATIONS, OVER_THE_BORDER, Facts
from abm.analysis.observed import Run, Runs, facts_of, open_runs
from abm.analysis.records import Record, read_records
from abm.analysis.score import Score, score_runs
from abm.cli import main
from abm.config import make_config
from abm.engine.errors import AnalysisError, ConfigError, OutputError
from abm.month import OUTCOMES
from abm.page.write import page_of
from abm.places.data_files import read_rows
from abm.places.drivers import shipped_series
from abm.places.places import places_of
from abm.plots.score import draw_score
from abm.results import run_id, stage_run, to_arrow
from abm.results.tables import KEYS

FACTS = Facts(places_of(), shipped_series())
FIRST, YEARS = 2012, 4


def months() -> np.ndarray:
    return np.arange(12 * YEARS) + np.datetime64(f"{FIRST}-01", "M")


def made_up(factor: float = 1.0) -> dict[str, dict[str, np.ndarray]]:
    """Tables in which every month of year k (1, 2 …) has k times some number, by place."""
    month, level = months(), factor * np.repeat(np.arange(1, YEARS + 1), 12)
    everywhere = {
        "remittances": 1e9, "legal_departures": 100.0, "persons_abroad": 7.0, "deportations": 5.0,
        "stopped_in_iran": 3.0, "detected_eastern": 2.0, "detected_central": 0.0, "deaths_en_route": 10.0,
    }  # fmt: skip

    def table(label: str, places: dict[str, float], *columns: str) -> dict[str, np.ndarray]:
        found = {"month": np.repeat(month, len(places)), label: np.tile(np.array(list(places)), len(month))}
        values = np.outer(level, list(places.values())).ravel()
        return found | {column: values for column in columns}

    stays = {"saudi_arabia": 4.0, "iran": 6.0, "turkey": 1.0, "greece": 2.0, "united_kingdom": 8.0}
    stays |= {"italy": 0.5, "spain": 0.25, "germany": 0.125}
    legs = {
        "karachi_taftan": 1.0,
        "karachi_dubai": 7.0,
        "iran_turkey": 10.0,
        "turkey_east_west": 20.0,
        "turkey_greece": 1000.0,
    }
    gone = table("destination", {"saudi_arabia": 50.0, "united_arab_emirates": 40.0}, "persons")
    rows = len(gone["month"])
    gone |= {"origin": np.full(rows, "gujrat"), "channel": np.full(rows, "legal_work")}
    begun = {"greece_by_quetta": 30.0, "turkey_by_quetta": 10.0, "air_uk": 0.0}
    fees = table("route", begun, "departures")
    fees["fee_median"] = np.tile([300_000.0, 100_000.0, np.nan], len(month))
    shares = {"unit": np.tile(["gujrat", "sialkot", "kasur"], len(month)), "month": np.repeat(month, 3)}
    shares["households_with_migrant_share"] = np.tile([0.3, 0.2, 0.02], len(month))
    return {
        "national": {"month": month} | {name: value * level for name, value in everywhere.items()},
        "destination": table("destination", stays, "deportations"),
        "leg": table("leg", legs, "interceptions"),
        "route": fees,
        "flows": gone,
        "district": shares,
    }


def run(seed: int = 1, factor: float = 1.0, *, without: str = "", **changed: dict[str, np.ndarray]) -> Run:
    tables = made_up(factor) | changed
    tables.pop(without, None)

    def read(name: str) -> pd.DataFrame:
        if name not in tables:
            raise OutputError("it was not written")
        return pd.DataFrame(tables[name])

    return Run(seed, FACTS, read)


def record(target: str, year: int = FIRST, value: float = 1.0, geography: str = "Pakistan", route: str = "") -> Record:
    return Record(target, geography, route, year, value, "", "S")


def scored(*records: Record, runs: tuple[Run, ...] = ()) -> Score:
    return score_runs(Runs("made up", runs or (run(),)), records)


def model(*records: Record) -> list[float]:
    return scored(*records).records["model"].tolist()


# -------------------------------------------------------------------------------------------------- observation model


def test_every_observation_is_of_a_target_and_of_columns_that_there_are():
    shipped = {found.target for found in read_records()}
    assert set(OBSERVATIONS) <= shipped
    assert len(read_records()) == len(read_rows("tables/targets.csv")), "each row is a record"
    for target, observation in OBSERVATIONS.items():
        for part in (*observation.parts, *observation.of):
            assert 0.0 < part.share <= 1.0, target
            for column in (*part.columns, *([part.weight] if part.weight else [])):
                outcome = OUTCOMES.get(column)
                of_district = outcome and outcome.over == "district" and part.table in ("national", "district")
                assert column in KEYS or of_district or (outcome and outcome.kept_by(part.table)), (target, column)
        assert observation.text.endswith(".")
        assert observation.source or all(part.share == 1.0 for part in observation.parts), target


def test_flows_are_added_up_over_the_year():
    assert model(record("BEOE_TOTAL"), record("BEOE_TOTAL", FIRST + 2)) == [1200.0, 3600.0]
    assert model(record("FRX_EMED")) == [24.0]


def test_stocks_of_the_first_of_july_are_those_of_the_end_of_june():
    national = made_up()["national"]
    national["persons_abroad"] = np.tile(np.arange(1.0, 13.0), YEARS)
    found = scored(record("STOCK_TOTAL", FIRST + 1), runs=(run(national=national),))
    assert found.records["model"].tolist() == [6.0]


def test_a_destination_with_whom_others_are_counted_has_no_record_of_its_own():
    """Bahrain is counted with Oman."""
    for target in ("STOCK_DEST", "BEOE_DEST", "BEOE_DEST_SHARE"):
        known = {name: OBSERVATIONS[target].place(name, "", FACTS) for name in ("OMN", "SAU")}
        assert known == {"OMN": None, "SAU": "saudi_arabia"}


def test_places_are_found_by_their_names():
    found = [("Saudi Arabia", 600.0), ("United Arab Emirates", 480.0), ("Qatar", 0.0)]
    assert model(*(record("BEOE_DEST", geography=name) for name, _ in found)) == [value for _, value in found]
    assert model(record("BEOE_PROV", geography="Punjab"), record("BEOE_PROV", geography="Sindh")) == [1080.0, 0.0]
    assert model(record("MICS14_OVERSEAS_HH", geography="Gujrat")) == [pytest.approx(30.0)]
    for other in ("saudi_arabia", "SAU", "saudi arabia"):
        assert model(record("BEOE_DEST", geography=other)) == [600.0]
    assert model(record("BEOE_PROV", geography="punjab")) == [1080.0]
    assert model(record("BEOE_PROV", geography="Pakistan")) == [1080.0]
    assert model(record("MICS14_OVERSEAS_HH", geography="gujrat")) == [pytest.approx(30.0)]


def test_a_share_of_five_years_needs_all_of_them():
    five = record("BEOE_DEST_SHARE", FIRST + YEARS - 1, geography="Saudi Arabia")
    with pytest.raises(AnalysisError, match="outside the run, which covers 2012 to 2015"):
        scored(five)


def test_the_share_of_five_years_is_in_percent_of_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "YEARS", 5)
    assert model(record("BEOE_DEST_SHARE", FIRST + 4, geography="Saudi Arabia")) == [pytest.approx(50.0)]


def test_of_deaths_a_tenth_is_recorded():
    assert model(record("DEATHS_IOM")) == [pytest.approx(12.0)]


def test_removals_by_country_and_handovers_at_the_border():
    assert model(record("DEP_SAU"), record("UK_ENFORCED_RETURN"), record("DEP_EUROPE")) == [48.0, 96.0, 130.5]
    assert model(record("DEP_IRAN_LAND")) == [12 * (3.0 + 6.0)]
    # those stopped between Iran and Turkey, and within Turkey, are sent home; those at the Aegean are pushed back
    assert model(record("DEP_TOTAL")) == [12 * (5.0 + 10.0 + 20.0)]


def test_those_held_in_turkey_are_of_its_legs_its_eastern_border_and_its_removals():
    assert model(record("TUR_APPREHENDED")) == [12 * (20.0 + OVER_THE_BORDER * 10.0 + 1.0)]
    assert model(record("FIA_INTERCEPT")) == [12.0]  # airports apart


def test_fees_are_weighted_and_in_money_of_the_year():
    way, series = "iran_turkey_land", FACTS.series
    found = model(record("PRICE_PKR", route=way), record("PRICE_USD", FIRST + 1, route=way))
    assert found[0] == pytest.approx(300_000 * series.prices[FIRST])
    assert found[1] == pytest.approx(300_000 * series.prices[FIRST + 1] / series.rates[FIRST + 1])
    with pytest.raises(AnalysisError, match="nothing to divide by"):
        scored(record("PRICE_USD", route="air with documents"))


def test_remittances_are_in_dollars_of_the_year_by_the_drivers_of_the_run():
    found = model(record("REMIT_USD"))[0]
    assert found == pytest.approx(12e9 * FACTS.series.prices[FIRST] / FACTS.series.rates[FIRST] / 1e6)


# ----------------------------------------------------------------------------------------------------------- measures


def test_errors_are_of_logarithms_and_seeds_are_averaged():
    runs = (run(1, 1.0), run(2, 3.0))
    found = scored(record("BEOE_TOTAL", value=1200.0), record("BEOE_TOTAL", FIRST + 1, 9600.0), runs=runs)
    assert found.seeds == (1, 2)
    rows = found.records
    assert rows["model"].tolist() == [2400.0, 4800.0]
    assert rows["low"].tolist() == [1200.0, 2400.0] and rows["high"].tolist() == [3600.0, 7200.0]
    assert rows["standard_deviation"].tolist() == pytest.approx([1200 * math.sqrt(2), 2400 * math.sqrt(2)])
    assert rows["log_ratio"].tolist() == pytest.approx([math.log(2), -math.log(2)])
    assert rows["within_factor_two"].all()
    target = found.targets.iloc[0]
    assert (target["ratio"], target["rmsle"]) == (pytest.approx(1.0), pytest.approx(math.log(2)))


def test_correlations_are_of_logarithms_by_place_and_totals_are_no_places():
    grows = [record("FRX_EMED", FIRST + year, 10.0 * 1.5**year) for year in range(YEARS)]
    two = [
        record("BEOE_DEST", FIRST + year, 100.0 * factor**year, place)
        for place, factor in (("Qatar", 2.0), ("Saudi Arabia", 2.0), ("United Arab Emirates", 0.5))
        for year in range(YEARS)
    ]
    all_of_them = [("Punjab", 1.0), ("Sindh", 2.0), ("Khyber Pakhtunkhwa", 3.0), ("Pakistan", 90.0)]
    places = [record("BEOE_PROV", FIRST, value, name) for name, value in all_of_them]
    found = scored(*grows, *two, *places).targets.set_index("target")
    expected = np.corrcoef(np.log([1.0, 2.0, 3.0, 4.0]), range(4))[0, 1]
    assert found["correlation"]["FRX_EMED"] == pytest.approx(expected)
    assert found["correlation"]["BEOE_DEST"] == pytest.approx(0.0)  # nobody goes to Qatar: one up, one down
    assert found["rank_correlation"]["BEOE_PROV"] == pytest.approx(-math.sqrt(0.75))
    assert np.isnan([found["correlation"]["BEOE_PROV"], found["rank_correlation"]["FRX_EMED"]]).all()


def test_large_errors_weigh_more_and_more_than_twice_is_beyond():
    found = scored(record("FRX_EMED", value=24.0), record("FRX_EMED", FIRST + 1, 48.0 * 2.5))
    assert found.targets["rmsle"].item() == pytest.approx(math.log(2.5) / math.sqrt(2))
    assert found.records["within_factor_two"].tolist() == [True, False]


def test_nothing_counts_as_the_least():
    """A model of zero against twelve is off by a factor of twelve, and against zero by none."""
    found = scored(record("FRX_CMED", value=12.0), record("FRX_CMED", FIRST + 1, 0.0)).records
    assert found["log_ratio"].tolist() == pytest.approx([-math.log(12), 0.0])


def test_each_target_counts_the_same_in_all():
    found = scored(
        *(record("FRX_EMED", FIRST + year, 24.0 * (year + 1)) for year in range(3)), record("DEP_SAU", value=480.0)
    )
    assert found.overall["within_factor_two"] == 0.5
    assert found.overall["rmsle"] == pytest.approx(math.log(10) / math.sqrt(2))
    assert found.overall["rmsle_records"] == pytest.approx(math.log(10) / 2)


# ---------------------------------------------------------------------------------------------------- what is left out


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (record("ASY_GRC"), "no counterpart in the model"),
        (record("FRX_EMD"), "no such target; did you mean 'FRX_EMED'?"),
        (record("FRX_EMED", 2031), "outside the run, which covers 2012 to 2015"),
        (record("BEOE_DEST", geography="Bahrain"), "a place that the model does not have"),
        (record("PRICE_USD", route="by rocket"), "a place that the model does not have"),
        (record("FIA_CASES", geography="Punjab"), "has no column cases_registered: is its mechanism switched off?"),
    ],
)
def test_what_is_left_out_is_reported_with_its_reason(one: Record, reason: str):
    found = scored(record("BEOE_TOTAL"), one)
    assert [(left.target, left.records) for left in found.left_out] == [(one.target, 1)]
    assert reason in found.left_out[0].reason and reason in found.table().text()


def test_a_missing_table_is_reported():
    found = scored(record("BEOE_TOTAL"), record("FIA_INTERCEPT"), runs=(run(without="leg"),))
    assert found.left_out[0].reason == "no table 'leg': it was not written"


def test_a_year_that_is_not_whole_is_outside():
    tables = {"national": {name: column[:-1] for name, column in made_up()["national"].items()}}
    found = scored(record("BEOE_TOTAL"), record("BEOE_TOTAL", FIRST + YEARS - 1), runs=(run(**tables),))
    assert found.left_out[0].reason == "outside the run, which covers 2012 to 2014"
    short = run(national={name: column[:15] for name, column in made_up()["national"].items()})
    assert scored(record("BEOE_TOTAL"), record("BEOE_TOTAL", 2013), runs=(short,)).left_out[0].reason == (
        "outside the run, which covers the whole of 2012 alone"
    )


def test_a_run_of_a_region_is_held_against_records_of_its_districts_alone():
    tables = made_up()
    facts = facts_of(make_config(population={"region": ["gujrat", "kasur"]}))
    part = Run(1, facts, lambda name: pd.DataFrame(tables[name]))
    districts = [record("MICS14_OVERSEAS_HH", geography=name) for name in ("Gujrat", "Kasur", "Sialkot")]
    others = [record("BEOE_TOTAL"), record("DEP_SAU"), record("BEOE_PROV", geography="Punjab")]
    found = scored(*districts, *others, runs=(part,))
    assert found.records["place"].tolist() == ["Gujrat", "Kasur"]
    assert {one.target for one in found.left_out} == {"MICS14_OVERSEAS_HH", "BEOE_TOTAL", "DEP_SAU", "BEOE_PROV"}
    assert {one.reason for one in found.left_out} == {"not of a district of the region that was run"}
    assert facts_of(make_config()).region is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("FRX_EMED,,,soon,3", "year: expected a year as a whole number; found the text 'soon'"),
        ("FRX_EMED,,,2015.5,3", "year: expected a year as a whole number"),
        ("FRX_EMED,,,2015,", "value: expected a number that is not negative"),
        ("FRX_EMED,,,2015,-1", "value: expected a number that is not negative; found the text '-1'"),
        ("FRX_EMED,,,2015,nan", "value: expected a number that is not negative"),
        (",,,2015,3", "no target_id"),
    ],
)
def test_wrong_rows_are_reported_by_file_and_line(tmp_path: Path, row: str, message: str):
    path = tmp_path / "counted.csv"
    path.write_text(f"target_id,geography,route,year,value\nFRX_EMED,,,2014,271\n{row}\n")
    with pytest.raises(ConfigError) as error:
        read_records(path)
    assert f"{path}:3:1" in str(error.value) and message in str(error.value)


def test_files_that_are_no_records(tmp_path: Path):
    path = tmp_path / "counted.csv"
    path.write_text("target,year,value\nFRX_EMED,2014,271\n")
    with pytest.raises(ConfigError, match=r"counted\.csv:1:1: no column target_id and geography"):
        read_records(path)
    with pytest.raises(OutputError, match="cannot be read: No such file"):
        read_records(tmp_path / "none.csv")
    path.write_bytes(b"\xff\xfe\x00target_id")
    with pytest.raises(OutputError, match="cannot be read as CSV"):
        read_records(path)


def test_blanks_in_optional_columns_and_the_mark_of_spreadsheets(tmp_path: Path):
    path = tmp_path / "counted.csv"
    path.write_text("\ufefftarget_id,geography,year,value,remark\nFRX_EMED,EU,2014,271,x\n", "utf-8")
    assert read_records(path) == (Record("FRX_EMED", "EU", "", 2014, 271.0, "", ""),)


# ---------------------------------------------------------------------------------------------------------- on the disk


def write_run(folder: Path, seed: int, *, factor: float = 1.0, code: str = "0", **settings: object) -> Path:
    """A finished run of made-up tables."""
    config = make_config(name="made_up", start=f"{FIRST}-01", end=f"{FIRST + YEARS - 1}-12", seed=seed, **settings)
    resolved = config.resolved()
    made_by = {"abm": "0", "code": code}
    identity = run_id(resolved, seed, f"0+{code}")
    with stage_run(folder / identity) as staged:
        for name, columns in made_up(factor).items():
            staged.write_table(name, to_arrow(columns, OUTCOMES))
        staged.commit({"id": identity, "name": "made_up", "config": resolved, "seed": seed, "versions": made_by})
    return folder / identity


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    for seed, factor in ((2, 3.0), (1, 1.0)):
        write_run(tmp_path / "made_up", seed, factor=factor)
    return tmp_path / "made_up"


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    path = tmp_path / "counted.csv"
    rows = ["BEOE_TOTAL,Pakistan,,2012,1200", "BEOE_TOTAL,Pakistan,,2013,9600", "DEP_SAU,Saudi Arabia,,2012,96"]
    path.write_text("\n".join(["target_id,geography,route,year,value", *rows, "ASY_GRC,Greece,,2012,5", ""]))
    return path


def test_a_folder_of_seeds_and_one_of_them(seeds: Path, counted: Path):
    both = abm.score(seeds, counted)
    assert both.seeds == (1, 2) and both.records["model"].tolist() == [2400.0, 4800.0, 96.0]
    one = abm.score(next(path for path in seeds.iterdir() if abm.read_run(path).seed == 1), counted)
    assert one.records["model"].tolist() == [1200.0, 2400.0, 48.0]


def test_runs_of_several_configurations_are_not_mixed(seeds: Path):
    write_run(seeds, 1, drivers={"income_growth": 0.03})
    with pytest.raises(
        AnalysisError, match=r"holds runs that differ in drivers\.income_growth; give the folder of one run"
    ):
        open_runs(seeds)
    with pytest.raises(AnalysisError, match=r"differ in drivers\.income_growth"):
        page_of(seeds, "results/x")


def test_runs_with_levers_are_said_to_be_no_past(tmp_path: Path, counted: Path):
    folder = write_run(tmp_path, 1, levers=[{"lever": "legal_quota", "from": "2012-01", "value": 2.0}])
    assert abm.score(folder, counted).notes()[0] == "with levers: not the past that was counted"


def test_a_seed_counts_once(seeds: Path):
    shutil.copytree(next(seeds.iterdir()), seeds / "copy")
    with pytest.raises(AnalysisError, match="holds runs that share seed"):
        open_runs(seeds)


def test_runs_of_several_versions_are_not_mixed(seeds: Path):
    write_run(seeds, 1, code="1")
    with pytest.raises(AnalysisError, match="holds runs that differ in the version of the code"):
        open_runs(seeds)


def test_the_region_of_a_finished_run_is_known(tmp_path: Path):
    folder = write_run(tmp_path, 1, population={"region": ["gujrat"]})
    assert open_runs(folder).runs[0].facts.region == {"gujrat"}


def test_folders_without_runs(tmp_path: Path):
    with pytest.raises(OutputError, match="there is no folder"):
        open_runs(tmp_path / "none")
    with pytest.raises(OutputError, match="holds no finished run"):
        open_runs(tmp_path)


def test_the_command_prints_scores_and_says_what_is_left_out(
    seeds: Path, counted: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["score", str(seeds), "--data", str(counted), "--records"]) == 0
    told = capsys.readouterr()
    assert "BEOE_TOTAL" in told.out and "made_up, 2 seeds" in told.out and "1,200 to 3,600" in told.out
    assert "no counterpart in the model, or what a run starts from  (ASY_GRC 1)" in told.err
    assert main(["score", str(seeds), "--data", str(counted), "--format", "json", "--until", "2012"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["year"] for row in found["records"]] == [2012, 2012]
    assert found["overall"]["records"] == 2.0 and found["targets"][0]["correlation"] is None
    assert found["left_out"] == [{"target": "ASY_GRC", "records": 1, "reason": found["left_out"][0]["reason"]}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2030"], "no record of these years; the data hold 2012 to 2013"),
        (["--from", "2015", "--until", "2012"], "from 2015 until 2012 there is no year"),
        (["--target", "BEOE_TOTL"], "no record of target 'BEOE_TOTL'; did you mean 'BEOE_TOTAL'?"),
        (["--scenario", "x"], "is no study; a scenario or point goes with the folder of a study"),
        (["--format", "jsn"], "no format 'jsn'; did you mean 'json'?"),
        (["--target", "ASY_GRC"], "no record could be scored"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(
    seeds: Path, counted: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["score", str(seeds), "--data", str(counted), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_real_study_of_two_seeds_is_scored(tmp_path: Path):
    """Two scenarios at a thousandth: every observation but those of mechanisms that are off finds its columns."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "name: tiny\nset: {start: 2012-01, end: 2012-12, population.scale: 0.001}\n"
        "scenarios: {reference: {}, other: {drivers.income_growth: 0.02}}\nreplicates: 2\nengine: {kind: serial}\n"
        "tables: [district, destination, leg, route, flows]\n"
    )
    study = abm.sweep(path, out=tmp_path)
    rows = [
        f"{target},{geography},iran_turkey_land,2012,100"
        for target in OBSERVATIONS
        for geography in ("Pakistan", "Saudi Arabia", "SAU", "Punjab", "Gujrat")
    ]
    counted = tmp_path / "counted.csv"
    counted.write_text("\n".join(["target_id,geography,route,year,value", *rows, ""]))
    found = abm.score(study.folder, counted, scenario="other")
    assert found.name == "tiny, other" and len(found.seeds) == 2
    off = {"FIA_CASES", "FIA_CASE_ARRESTS"}
    assert set(OBSERVATIONS) - set(found.targets["target"]) <= off | {"BEOE_DEST_SHARE", "PRICE_PKR", "PRICE_USD"}
    reasons = {left.reason for left in found.left_out if left.target not in off}
    assert all("place" in reason or "outside" in reason or "nothing to divide" in reason for reason in reasons)
    with pytest.raises(AnalysisError, match="no scenario 'othr'; did you mean 'other'"):
        abm.score(study.folder, counted, scenario="othr")


def test_the_figure_shows_every_record_once(
    seeds: Path, counted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    found = abm.score(seeds, counted)
    figure = draw_score(found)
    dots = sum(len(line.get_xdata()) for axes in figure.axes for line in axes.lines if line.get_marker() == "o")
    series = found.records.groupby(["target", "key"]).size()
    assert dots == 2 * int(series[series > 1].sum()) + int((series == 1).sum())  # model and record; a ratio
    assert main(["score", str(seeds), "--data", str(counted), "--figure", str(tmp_path / "score.png")]) == 0
    assert (tmp_path / "score.png").stat().st_size > 10_000
    assert main(["score", str(seeds), "--data", str(counted), "--figure", "score.txt"]) == 2
    assert "expected a file that ends in '.png', '.svg' or '.pdf'" in capsys.readouterr().err
