"""From a study on the disk to tables and figures: ``abm compare`` and ``abm sensitivity``, and what they say when not.

The model is a toy; what is tested is the way from files to answers.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import sobol as salib_sobol
from SALib.test_functions import Ishigami
from toys import make_toy, toy_study
from toys import simulate as toy

import abm
from abm.analysis.study import Source, _levels_in_words
from abm.cli import main
from abm.config import Config
from abm.engine.errors import AnalysisError
from abm.experiments import compact
from abm.experiments import sweep as driver
from abm.experiments.dataset import Study, open_study
from abm.experiments.engine_settings import SerialEngine
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.spec import Experiment
from abm.month import OUTCOMES

pytestmark = pytest.mark.usefixtures("no_compiler")


def make(experiment: Experiment, folder: Path, maker=make_toy, replicates: int | None = None) -> Study:
    driver.sweep([Plan(experiment, replicates)], folder, SerialEngine(), make=maker)
    return open_study(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three scenarios, two points, three replicates; numbers by chance."""
    place = tmp_path_factory.mktemp("study")
    make(toy_study(place, points=4), place / "toy")
    return place / "toy"


# ---------------------------------------------------------------------------------------------------------- compare


def test_totals_are_those_of_the_dataset(folder):
    """By pandas alone, from the study's table."""
    table = open_study(folder).table("national")
    sums = (
        table.groupby(["scenario", "point", "replicate"], observed=True)["irregular_departures"]
        .sum()
        .unstack("scenario")
    )
    found = abm.compare(folder).totals.set_index("scenario")
    assert list(found.index) == ["jobs", "patrols"]
    for scenario in found.index:
        assert found.loc[scenario, "difference"] == pytest.approx((sums[scenario] - sums["baseline"]).mean())
        assert found.loc[scenario, "pairs"] == 12
    assert (found["low"] < found["difference"]).all()


def test_costs_of_levers_come_along(folder):
    """The toy writes what each lever costs, and no sum of them."""
    assert set(Source.open(folder).columns) >= {"cost_jobs", "cost_patrol"}
    found = abm.compare(folder, outcomes=["cost_jobs"]).totals.set_index("scenario")
    assert found.loc["jobs", "unit"] == "PKR of 2017"
    assert found.loc["jobs", ["reference", "value", "difference", "pairs"]].tolist() == [0, 42, 42, 12]
    assert found.loc["patrols", "difference"] == 0
    assert abm.compare(folder).costs is None


def with_districts(config: Config, **how: object) -> dict:
    """The toy, with two districts of Punjab and one of Sindh."""
    tables, months, draw = toy(config, **how), 3 * config.months, np.random.default_rng(config.seed)
    tables["district"] = {
        "month": np.repeat(tables["national"]["month"], 3),
        "unit": np.tile(np.array(["gujrat", "jhelum", "karachi"]), config.months),
        "irregular_departures": draw.integers(0, 90, months) + len(config.levers),
        "population": draw.integers(1, 9, months),
        "households": draw.integers(1, 9, months),
        "income_mean": draw.random(months) * (1 + len(config.levers)),
    }
    return tables


@pytest.mark.parametrize("moved", ["", ", in: [baseline, patrols]", ", in: [jobs]"])
def test_a_comparison_of_districts_adds_counts_up_and_weights_means(tmp_path, moved):
    """By pandas alone; a province is its districts, costs belong to none, and one run may stand for all points."""
    maker = partial(make_toy, simulate=with_districts)
    text = toy_study(tmp_path, more="tables: [district]").text.replace("high: 0.04", f"high: 0.04{moved}")
    (tmp_path / "toy.yaml").write_text(text, encoding="utf-8")
    study = make(load_experiment(tmp_path / "toy.yaml"), tmp_path / "toy", maker)
    wanted = ["irregular_departures", "income_mean"]
    view = abm.compare(study, outcomes=wanted, where=["punjab"])
    table = study.table("district")
    table = table[table["unit"].isin(["gujrat", "jhelum"])]
    table["weighted"] = table["income_mean"] * table[OUTCOMES["income_mean"].mean_of]
    by_month = table.groupby(["scenario", "point", "replicate", "month"], observed=True).sum(numeric_only=True)
    by_month["income_mean"] = by_month["weighted"] / by_month[OUTCOMES["income_mean"].mean_of]
    by_run = by_month.groupby(["scenario", "point", "replicate"], observed=True)[wanted].agg(
        {"irregular_departures": "sum", "income_mean": "mean"}
    )
    found = view.totals[view.totals["measure"] != "end"].set_index(["outcome", "scenario"])["difference"]
    for name in wanted:
        expected = (by_run.loc["jobs", name] - by_run.loc["baseline", name]).mean()
        assert found[name, "jobs"] == pytest.approx(expected)
    assert view.costs is None and "of 'punjab' alone" in " ".join(view.notes)
    apart, together = (abm.compare(study, where=[*names]).totals for names in (["jhelum", "gujrat"], ["punjab"]))
    pd.testing.assert_frame_equal(apart, together)
    by_province = abm.compare(study, by="province").places.set_index("province")
    pd.testing.assert_frame_equal(by_province.loc["punjab"].reset_index(drop=True), together)
    with pytest.raises(AnalysisError, match="none of these outcomes by district; it has 'irregular_departures'"):
        abm.compare(study, outcomes=["unemployment_rate"], by="district")
    some = abm.compare(study, outcomes=["irregular_departures", "unemployment_rate"], by="district")
    assert "not by district: 'unemployment_rate'" in " ".join(some.notes)
    by_district = abm.compare(study, where=["punjab"], by="district").places
    assert by_district["district"].unique().tolist() == ["gujrat", "jhelum"]
    alone = abm.compare(study, where=["jhelum"]).totals
    pd.testing.assert_frame_equal(by_district[by_district["district"] == "jhelum"].drop(columns="district"), alone)
    with pytest.raises(AnalysisError, match="no district that was asked for is simulated; the study has "):
        abm.compare(study, where=["lahore", "quetta"])


def test_a_place_that_is_not_there_and_a_study_without_districts(folder):
    with pytest.raises(AnalysisError, match="no district or province 'gujratt'; did you mean 'gujrat'"):
        abm.compare(folder, where=["gujratt"])
    with pytest.raises(AnalysisError, match="keeps no table of districts; add `tables: "):
        abm.compare(folder, where=["gujrat"])
    with pytest.raises(AnalysisError, match="keeps no table of districts; add `tables: "):
        abm.compare(folder, by="district")


def test_compacted_studies_compare_as_loose_ones(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(compact, "PART_RUNS", 5)
    study = make(toy_study(tmp_path, points=4), tmp_path / "toy")
    compact.compact_study(tmp_path / "toy", print)
    assert list((tmp_path / "toy" / "parts").rglob("*.parquet"))
    pd.testing.assert_frame_equal(abm.compare(study).totals, abm.compare(folder).totals)
    assert set(study.columns()) == set(open_study(folder).columns())


def test_files_of_a_comparison(folder, tmp_path):
    files = abm.compare(folder).save(tmp_path / "out")
    names = {path.name for path in files}
    assert names == {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {
        "contents.json", "totals.csv", "monthly.csv", "runs.csv", "comparison.md", "comparison.tex", "forest.png",
        "fan_irregular_departures.svg",
    }  # fmt: skip
    totals = pd.read_csv(tmp_path / "out" / "totals.csv")
    pd.testing.assert_frame_equal(totals, abm.compare(folder).totals, check_exact=False, check_dtype=False)
    contents = json.loads((tmp_path / "out" / "contents.json").read_text())
    assert contents["study"] == "toy"
    assert contents["files"] == sorted(names - {"contents.json"})


def test_files_of_an_earlier_comparison_do_not_stay_and_others_do(folder, tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    abm.compare(folder, outcomes=["unemployment_rate"]).save(tmp_path)
    assert (tmp_path / "fan_unemployment_rate.png").exists()
    abm.compare(folder).save(tmp_path)
    assert not (tmp_path / "fan_unemployment_rate.png").exists()
    assert (tmp_path / "fan_irregular_departures.png").exists()
    assert (tmp_path / "mine.txt").read_text() == "kept"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_list_of_files_that_was_tampered_with_removes_nothing_elsewhere(folder, tmp_path):
    (tmp_path / "precious.txt").write_text("kept")
    out = tmp_path / "out"
    out.mkdir()
    (out / "contents.json").write_text(json.dumps({"files": ["../precious.txt", 3]}))
    abm.compare(folder).save(out)
    assert (tmp_path / "precious.txt").exists()


def test_notebook_shows_table_and_figure(folder):
    html = abm.compare(folder)._repr_html_()
    assert "<caption>toy: differences from baseline" in html
    assert "data:image/png;base64," in html
    assert "irregular departures, total (person)" in repr(abm.compare(folder))


def test_command_prints_the_table_and_writes_files(folder, tmp_path, capsys):
    assert main(["compare", str(folder), "--level", "0.9", "--out", str(tmp_path)]) == 0
    output = capsys.readouterr()
    assert output.out.startswith("toy: differences from baseline, 2009-01 to 2009-06\noutcome ")
    assert "90 % t intervals of paired differences from 'baseline'" in output.err
    assert "3 figures (PNG and SVG)" in output.err
    assert main(["compare", str(folder), "--quiet", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path)


def test_files_go_to_the_study_by_default(folder, capsys):
    assert main(["compare", str(folder), "--quiet"]) == 0
    assert (folder / "comparison" / "comparison.md").is_file()
    assert capsys.readouterr().out.strip() == str(folder / "comparison")
    assert main(["compare", str(folder), "--quiet", "--outcome", "irregular_departures", "--window", "2009-02:"]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "comparison_irregular_departures_from_2009-02")
    assert len(open_study(folder).table("national")) == 36 * 6  # the study is still a study


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--outcome", "iregular_departures"],
            "holds no outcome 'iregular_departures'; did you mean 'irregular_departures'?",
        ),
        (["--outcome", "remittances"], "does not hold outcome 'remittances' in its table 'national'"),
        (["--window", "2009"], "the window '2009' is not of the form FROM:UNTIL"),
        (["--window", "2030-01:"], "has no month of the study, which runs from 2009-01 to 2009-06"),
        (["--level", "95"], "the level of an interval is 95"),
    ],
)
@pytest.mark.parametrize("command", ["compare", "sensitivity"])
def test_errors_are_reported_in_words(folder, capsys, command, options, words):
    assert main([command, str(folder), *options]) == 2
    assert words in capsys.readouterr().err


def test_all_unknown_outcomes_are_reported_at_once(folder, capsys):
    assert main(["compare", str(folder), "--outcome", "deths", "--outcome", "irregular"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


@pytest.mark.parametrize("command", ["compare", "sensitivity"])
def test_folder_that_is_no_study(tmp_path, capsys, command):
    assert main([command, str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
    assert main([command, str(tmp_path / "nowhere")]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(folder, tmp_path, capsys):
    tmp_path.chmod(0o500)
    assert main(["compare", str(folder), "--out", str(tmp_path / "out")]) == 2
    assert "cannot write tables and figures" in capsys.readouterr().err


def test_a_file_in_the_way(folder, tmp_path, capsys):
    (tmp_path / "out").write_text("")
    assert main(["compare", str(folder), "--out", str(tmp_path / "out")]) == 2
    assert "a file of that name is in the way" in capsys.readouterr().err


def test_a_growing_study_is_compared_as_far_as_it_is(tmp_path):
    """A run has failed, a replicate is not made yet: pairs are counted."""
    experiment = toy_study(tmp_path, points=1, replicates=4, description=f"fails {tmp_path}/never")
    make(experiment, tmp_path / "toy", replicates=3)
    found = abm.compare(tmp_path / "toy")
    failed = found.runs.set_index("scenario")["failed"]
    assert (failed["patrols"], failed["baseline"]) == (1, 0)
    assert "patrols: 1 failed of 3 runs; their pairs are left out" in found.notes
    assert found.totals.set_index("scenario").loc["patrols", "pairs"] == 2


def test_replicates_that_a_rule_never_asked_for_are_not_missing(tmp_path):
    experiment = toy_study(
        tmp_path, points=1,
        replicates="{until: {outcome: irregular_departures, half_width: 1e6}, at_least: 2, at_most: 50}",
    )  # fmt: skip
    study = make(experiment, tmp_path / "toy", replicates=2)
    found = abm.compare(study)
    assert found.runs["planned"].tolist() == [2, 2, 2]
    assert found.runs["missing"].tolist() == [0, 0, 0]
    words = "2 replicates; the aim was to know the difference in irregular_departures to within ±1e+06 at 95 %"
    assert words in found.notes


# ------------------------------------------------------------------------------------------------------ sensitivity


ISHIGAMI = """
name: ishigami
set: {{start: 2009-01, end: 2009-02}}
scenarios:
  baseline: {{}}
design: {{method: {method}, samples: {samples}}}
factors:
  labour.job_growth: {{low: 0, high: 0.05}}
  channel.cost: {{low: 1, high: 4, scale: log}}
  channel.harm: {{low: 10, high: 50}}
replicates: 1
outcomes: [fee_median]
"""


def ishigami(config: Config) -> float:
    """Ishigami function of where three parameters stand in their ranges."""
    shares = (config.labour.job_growth / 0.05, np.log(config.channel.cost) / np.log(4), (config.channel.harm - 10) / 40)
    return float(Ishigami.evaluate(np.pi * (2 * np.array([shares]) - 1))[0])


def simulate(config: Config, *, threads: int = 1, on_month=None, past=None):
    months = np.datetime64(config.start, "M") + np.arange(config.months)
    return {"national": {"month": months, "fee_median": np.full(config.months, ishigami(config))}}


def make_function(folder: Path, method: str, samples: int) -> Study:
    path = folder / "ishigami.yaml"
    path.write_text(ISHIGAMI.format(method=method, samples=samples), encoding="utf-8")
    return make(load_experiment(path), folder / "ishigami", partial(make_toy, simulate=simulate))


def test_sobol_indices_through_yaml_sweep_and_dataset(tmp_path):
    """An analytic function in the model's place: the indices are those of SALib, and near the truth."""
    study = make_function(tmp_path, "saltelli", 64)
    found = abm.sensitivity(study)
    design = study.design.sort_values("point")
    outcome = study.table("national").groupby("run_id", observed=True)["fee_median"].first()
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    by_hand = salib_sobol.analyze(
        problem, design["run_id"].map(outcome).to_numpy(float), calc_second_order=False, seed=1
    )
    indices = found.indices.set_index("factor").loc[["labour.job_growth", "channel.cost", "channel.harm"]]
    assert indices["total"].to_numpy() == pytest.approx(by_hand["ST"])
    assert indices["first"].to_numpy() == pytest.approx(by_hand["S1"])
    assert indices["total"].to_numpy() == pytest.approx([0.558, 0.442, 0.244], abs=0.15)


def test_sensitivity_command(tmp_path, capsys):
    make_function(tmp_path, "morris", 10)
    assert main(["sensitivity", str(tmp_path / "ishigami")]) == 0
    output = capsys.readouterr()
    assert "μ*" in output.out
    assert "there is one replicate" in output.err
    names = {path.name for path in (tmp_path / "ishigami" / "sensitivity").iterdir()}
    assert names >= {
        "indices.csv",
        "fit.csv",
        "sensitivity.md",
        "sensitivity.tex",
        "morris_fee_median.png",
        "contents.json",
    }


def test_sensitivity_in_a_notebook(tmp_path):
    found = abm.sensitivity(make_function(tmp_path, "lhs", 40))
    assert "data:image/png;base64," in found._repr_html_()
    assert "SRC" in repr(found)
    assert list(found.figures) == ["regression_fee_median"]


def test_sensitivity_of_another_scenario_and_of_a_difference(folder):
    assert abm.sensitivity(folder, scenario="jobs").scenario == "jobs"
    assert abm.sensitivity(folder, scenario="jobs", difference=True).runs["scenario"].tolist() == ["baseline", "jobs"]
    with pytest.raises(AnalysisError, match="say which scenario's difference is meant: 'jobs' or 'patrols'"):
        abm.sensitivity(folder, difference=True)


def test_study_without_factors(tmp_path, capsys):
    path = tmp_path / "plain.yaml"
    path.write_text("name: plain\nset: {start: 2009-01, end: 2009-06}\nscenarios: {baseline: {}}\n", encoding="utf-8")
    make(load_experiment(path), tmp_path / "plain")
    assert main(["sensitivity", str(tmp_path / "plain")]) == 2
    assert "the study 'plain' has no factors" in capsys.readouterr().err
    assert main(["compare", str(tmp_path / "plain")]) == 2
    assert "has one scenario, 'baseline', and nothing to compare it with" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------- the model


MODEL = """
name: model
set:
  start: 2009-01
  end: 2010-03
  population: {region: [gujrat, lahore, mirpur_ajk], scale: 0.001, village_households: 50}
scenarios:
  baseline: {}
  announced:
    levers:
      - {lever: legal_quota, id: quota, announced: 2009-07, from: 2010-01, value: 5}
  places:
    levers:
      - {lever: legal_quota, from: 2010-01, value: 3}
  idle:
    levers:
      - {lever: legal_quota, from: 2010-01, value: 1}
replicates: 2
outcomes: [irregular_departures, legal_departures, perceived_failure, policy_cost]
"""


def test_scenarios_of_the_model_equal_the_reference_to_the_bit_before_their_levers(tmp_path):
    """In all columns of `national`, not only those that the experiment names."""
    path = tmp_path / "model.yaml"
    path.write_text(MODEL, encoding="utf-8")
    study = abm.sweep(path, out=tmp_path, engine="serial")
    every = [name for name in study.columns() if name != "month"]
    found = abm.compare(study, outcomes=every)
    assert found.apart == {"announced": "2009-07", "places": "2010-01", "idle": None}
    assert found.runs["finished"].tolist() == [2, 2, 2, 2]
    places = found.totals.query("outcome == 'legal_departures' and scenario == 'places'").iloc[0]
    assert places["difference"] > 0
    assert found.costs.by_lever.query("lever == 'all'")["scenario"].tolist() == ["announced", "places"]


def test_one_outcome_may_be_given_by_its_name(folder):
    assert list(abm.compare(folder, outcomes="irregular_departures").outcomes) == ["irregular_departures"]
    with pytest.raises(AnalysisError, match="no outcome 'irregular_departure'; did you mean"):
        abm.compare(folder, outcomes="irregular_departure")


def test_a_parameter_that_varies_on_one_side_only_is_said(tmp_path):
    text = toy_study(tmp_path, points=2, replicates=2).text
    text = text.replace("high: 0.04}", "high: 0.04, in: [baseline, patrols]}")
    (tmp_path / "apart.yaml").write_text(text.replace("name: toy", "name: apart"), encoding="utf-8")
    make(load_experiment(tmp_path / "apart.yaml"), tmp_path / "apart")
    notes = abm.compare(tmp_path / "apart").notes
    assert "labour.job_growth varies in 'baseline' and not in 'jobs': the difference holds its effect too" in notes


def test_levels_that_are_assumed_and_streams_that_are_off_are_said(tmp_path):
    """Of the scenarios of a study one may have a stream; where none has it, its outcomes are zero for want of it."""
    wanted = ["bonded_households", "transit_entries", "irregular_departures"]
    experiment = toy_study(tmp_path, replicates=2)
    source = Source(SimpleNamespace(experiment=experiment), experiment)
    assert list(_levels_in_words(source, wanted)) == [
        "'bonded_households': not simulated, as mechanism 'bondage' is off in all scenarios",
        "'transit_entries': not simulated, as mechanism 'transit' is off in all scenarios",
    ]
    for config in experiment.scenarios.values():
        config["mechanisms"]["bondage"] = {"enabled": True}
        config["mechanisms"]["transit"] = {"enabled": True}
    next(iter(experiment.scenarios.values()))["bondage"]["reading"] = "printed"
    assert list(_levels_in_words(source, wanted)) == [
        "'bonded_households': levels are assumed, reading 'output' and 'printed'",
        "'transit_entries': levels are assumed",
    ]


def test_few_points_are_said_and_prove_nothing(tmp_path):
    make(toy_study(tmp_path, points=6, replicates=2), tmp_path / "few")
    found = abm.sensitivity(tmp_path / "few", scenario="baseline")
    assert found.unseen == ()
    assert any(note.startswith("6 points are too few for 1 factor:") for note in found.notes)
