"""Facts: each estimator on numbers worked out by hand, each verdict, messages about a bad section, and the shipped files."""

# ruff: noqa: E501 (cases in one line each)

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from abm.analysis.facts import (
    Estimate,
    Judged,
    Parts,
    Tables,
    Trial,
    frame_of_facts,
    jackknife,
    judge,
    table_of_facts,
    try_out,
)
from abm.cli.app import app
from abm.config import load_config
from abm.engine.errors import AnalysisError, ConfigError
from abm.experiments.fact import ESTIMATORS, Assert, Fact
from abm.experiments.intervals import mean_interval
from abm.experiments.read import load_experiment
from abm.places.places import places_of
from abm.plots.facts import draw_facts
from abm.plots.style import drawing

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "experiments/facts").glob("*.yaml"))
MONTHS = pd.date_range("2018-01-01", periods=2, freq="MS")


class MadeUp:
    """A study of two months: tables by name, each made by a function of scenario and seed."""

    name = "made_up"

    def __init__(self, seeds: int, **tables: Any) -> None:
        self._tables = tables
        self.experiment = type("E", (), {"window": ("2018-01", "2018-02")})()
        rows = [(s, 0, r, f"{s}{r}", "done") for r in range(seeds) for s in ("a", "b", "c")]
        self.design = pd.DataFrame(rows, columns=["scenario", "point", "replicate", "run_id", "status"])

    def table(self, name: str, columns: Any = None, scenarios: Any = None) -> pd.DataFrame:
        parts = []
        for row in self.design.to_dict("records"):
            if scenarios is None or row["scenario"] in scenarios:
                made = pd.DataFrame(self._tables[name](row["scenario"], row["replicate"]))
                parts.append(made.assign(scenario=row["scenario"], replicate=row["replicate"]))
        return pd.concat(parts, ignore_index=True)


def estimate(study: MadeUp, **settings: Any) -> Trial:
    fields = {"name": "t", "band": (0.0, 1.0), "scenarios": ("a", "b"), "off": ()} | settings
    return try_out(Assert.model_validate(fields), Tables(study))  # type: ignore[arg-type]


def national(
    values: dict[str, list[float]], outcome: str = "irregular_departures", **more: dict[str, list[float]]
) -> Any:
    """Table `national` with the same value in both months, by scenario and seed."""

    def make(scenario: str, seed: int) -> dict[str, Any]:
        found = {"month": MONTHS, outcome: [values[scenario][seed]] * 2}
        return found | {name: [by[scenario][seed]] * 2 for name, by in more.items()}

    return make


FLOWS = {"a": [100.0, 200.0], "b": [90.0, 160.0], "c": [50.0, 100.0]}
STUDY = MadeUp(2, national=national(FLOWS, deaths_en_route={"a": [1, 2], "b": [1, 1], "c": [2, 2]}, offices=FLOWS))


class TestEstimators:
    """Flows are sums of two months: 200 and 400 in a, 180 and 320 in b, 100 and 200 in c."""

    @pytest.mark.parametrize(
        ("settings", "value"),
        [
            ({"estimator": "level", "scenarios": ("a",)}, 300.0),
            ({"estimator": "level", "scenarios": ("a",), "times": 0.5}, 150.0),
            ({"estimator": "level", "scenarios": ("a",), "window": {"from": "2018-02"}}, 150.0),
            ({"estimator": "level", "scenarios": ("a",), "outcome": "offices"}, 150.0),
            ({"estimator": "level", "scenarios": ("a",), "per": "deaths_en_route"}, 100.0),
            ({"estimator": "level", "scenarios": ("a",), "minus": "deaths_en_route"}, 297.0),
            ({"estimator": "level", "scenarios": ("a",), "outcome": {"outcome": "offices", "per": "deaths_en_route"}}, 50.0),
            ({"estimator": "difference"}, -50.0),
            ({"estimator": "relative_difference"}, -50 / 300),
            ({"estimator": "relative_difference", "less": {"outcome": "deaths_en_route"}}, -1 / 6 - (2 / 3 - 1)),
            ({"estimator": "relative_difference", "over": {"scenarios": ("a", "c")}}, 1 / 3),
            ({"estimator": "ratio", "scenarios": ("a",), "than": {"outcome": "deaths_en_route"}}, 100.0),
            ({"estimator": "elasticity", "dose": 0.5, "scenarios": ("a", "c")}, 1.0),
            ({"estimator": "elasticity", "against": "offices"}, 1.0),
            ({"estimator": "slope", "scenarios": ("a", "b", "c"), "doses": (0.0, 5.0, 10.0)}, -150 / (700 / 3)),
            ({"estimator": "curvature", "scenarios": ("a", "b", "c"), "doses": (1.0, 2.0, 3.0)}, -100 / (700 / 3)),
        ],
    )  # fmt: skip
    def test_of_the_country(self, settings: dict[str, Any], value: float):
        assert estimate(STUDY, **{"outcome": "irregular_departures"} | settings).found.value == pytest.approx(value)

    @pytest.mark.parametrize(
        ("settings", "value"),
        [
            # a: 10, 30, 60 in both seeds; b: 10, 10, 20 and 10, 10, 0
            ({"estimator": "relative_difference", "where": {"unit": ["jhelum"]}}, 10 / 30 - 1),
            ({"estimator": "relative_difference", "where": {"unit": {"highest": 0.34, "of": "irregular_departures"}}}, 10 / 60 - 1),
            ({"estimator": "relative_difference", "where": {"unit": {"lowest": 0.34, "of": "irregular_departures"}}}, 0.0),
            ({"estimator": "relative_difference", "where": {"unit": {"middle": 0.34, "of": "irregular_departures"}}}, 10 / 30 - 1),
            ({"estimator": "breadth", "across": "unit"}, 3.0 / (1 / (0.01 + 0.09 + 0.36)) - 1),
            ({"estimator": "active", "across": "unit"}, 2.5 / 3 - 1),
            ({"estimator": "correlation_across", "across": "unit", "x": "population", "scenarios": ("a",)}, 1.0),
            ({"estimator": "slope_across", "across": "unit", "x": "population", "scenarios": ("a",)}, math.sqrt(3800 / 9) / (100 / 3)),
            ({"estimator": "level", "scenarios": ("a",), "outcome": "aspiration_mean"}, (0.1 * 1 + 0.3 * 3 + 0.6 * 6) / 10),
            ({"estimator": "relative_difference", "across": "unit", "outcome": "aspiration_mean", "weights": "population"}, 0.0),
        ],
    )  # fmt: skip
    def test_of_groups(self, settings: dict[str, Any], value: float):
        units = ["gujrat", "jhelum", "sialkot"]

        def make(scenario: str, seed: int) -> dict[str, Any]:
            flow = [5.0, 15.0, 30.0] if scenario == "a" else [5.0, 5.0, 10.0 - 10.0 * seed]
            rows = {"month": np.repeat(MONTHS, 3), "unit": units * 2, "irregular_departures": flow * 2}
            return rows | {
                "population": [1.0, 3.0, 6.0] * 2,
                "households": [1, 3, 6] * 2,
                "aspiration_mean": [0.1, 0.3, 0.6] * 2,
            }

        study = MadeUp(2, district=make)
        found = estimate(study, **{"outcome": "irregular_departures", "table": "district"} | settings).found
        assert found.value == pytest.approx(value)

    def test_curvature_across_groups_has_the_sign_of_the_bend(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            x = np.arange(1.0, 6.0)
            y = np.sqrt(x) if scenario == "a" else x**2
            return {
                "month": np.repeat(MONTHS[:1], 5),
                "unit": list("vwxyz"),
                "population": x,
                "irregular_departures": y,
            }

        settings = {"estimator": "curvature_across", "table": "district", "across": "unit", "x": "population"}
        of = [
            estimate(MadeUp(2, district=make), outcome="irregular_departures", scenarios=(s,), **settings) for s in "ab"
        ]
        assert of[0].found.value < 0 < of[1].found.value
        x = np.arange(1.0, 6.0)
        assert of[1].found.value == pytest.approx(x.var() / (x**2).mean())

    def test_spread_is_the_log_ratio_of_variances_of_shares(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            share = 0.5 + (0.1 if scenario == "a" else 0.2) * (1 if seed else -1)
            return {"month": MONTHS[[0, 0]], "route": ["x", "y"], "departures": [100 * share, 100 * (1 - share)]}

        found = estimate(MadeUp(2, route=make), estimator="spread", table="route", across="route", outcome="departures")
        assert found.found.value == pytest.approx(math.log(4))

    def test_journeys_are_means_over_persons(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            return {"month": MONTHS, "persons": [1, 3], "attempts": [1, 2], "scheme": ["escrow", "alone"]}

        study = MadeUp(2, journeys=make)
        settings = {"estimator": "level", "table": "journeys", "scenarios": ("a",)}
        assert estimate(study, outcome="attempts", **settings).found.value == pytest.approx(7 / 4)
        assert estimate(study, outcome="persons", where={"scheme": "alone"}, **settings).found.value == 3

    def test_a_ratio_is_one_of_means_over_seeds(self):
        study = MadeUp(2, national=national(FLOWS, deaths_en_route={"a": [1, 4], "b": [1, 1], "c": [2, 2]}))
        found = estimate(
            study, estimator="level", scenarios=("a",), outcome="irregular_departures", per="deaths_en_route"
        )
        assert found.found.value == pytest.approx(300 / 5)  # and not the mean of 100 and 50

    def test_with_the_mechanism_off_it_is_the_same_of_other_scenarios(self):
        settings: dict[str, Any] = {"estimator": "relative_difference", "outcome": "irregular_departures"}
        found = estimate(STUDY, **settings, off=("a", "c"))
        assert found.off is not None
        assert (found.found.value, found.off.value) == (pytest.approx(-1 / 6), pytest.approx(-1 / 2))
        assert (found.nothing, found.off_verdict) == (0.0, "gone")
        less = estimate(STUDY, **settings, off=("a", "c"), less={"scenarios": ("c", "a"), "off": ("b", "a")})
        assert less.off is not None
        assert (less.found.value, less.off.value) == (pytest.approx(-1 / 6 - 1), pytest.approx(-1 / 2 - 1 / 5))

    @pytest.mark.parametrize("changed", [{"off": ("a", "a")}, {"off": ("a", "c"), "over": {"off": ("a", "c")}}])
    def test_runs_compared_with_themselves_show_nothing_of_a_mechanism(self, changed: dict[str, Any]):
        found = estimate(STUDY, estimator="relative_difference", outcome="irregular_departures", **changed)
        assert (found.off, found.off_verdict) == (None, "–")

    def test_a_place_that_no_run_has_is_refused(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            return {"month": MONTHS, "route": ["air_uk", "uk_by_land"], "departures": [1, 2]}

        settings = {"estimator": "level", "table": "route", "outcome": "departures", "scenarios": ("a",)}
        assert estimate(MadeUp(2, route=make), where={"route": ["air_uk"]}, **settings).found.value == 1
        with pytest.raises(AnalysisError, match="counts no route 'air_ku'; did you mean 'air_uk'"):
            estimate(MadeUp(2, route=make), where={"route": ["air_uk", "air_ku"]}, **settings)

    def test_a_level_is_weighed_over_rows_that_have_one(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            rows = {"month": MONTHS[[0, 0, 1]], "unit": ["x", "y", "y"], "households": [1, 3, 5]}
            return rows | {"aspiration_mean": [0.2, 0.6, math.nan]}

        settings = {"estimator": "level", "scenarios": ("a",), "table": "district", "outcome": "aspiration_mean"}
        assert estimate(MadeUp(2, district=make), **settings).found.value == pytest.approx((0.2 + 3 * 0.6) / 4)

    def test_groups_of_one_table_are_found_in_another_by_name(self):
        ones = np.ones((1, 2))
        found = Parts(np.array([[1.0, 2.0]]), ones, ("x", "y")).like(Parts(ones, ones, ("y", "w", "x")))
        assert found.groups == ("y", "w", "x")
        assert found.above[0] == pytest.approx([2.0, math.nan, 1.0], nan_ok=True)

    def test_a_ratio_says_nothing_at_one(self):
        ratio = {"estimator": "ratio", "scenarios": ("a",), "than": {"outcome": "offices"}}
        over = {"estimator": "relative_difference", "over": {"scenarios": ("a", "c")}}
        for settings, nothing in ((ratio, 1.0), (over, 1.0), (ratio | {"nothing": 2.0}, 2.0)):
            assert estimate(STUDY, outcome="irregular_departures", **settings).nothing == nothing

    def test_groups_are_ranked_and_weighted_by_the_first_scenario(self):
        def make(scenario: str, seed: int) -> dict[str, Any]:
            a = scenario == "a"
            rows = {"month": np.repeat(MONTHS[:1], 3), "unit": ["x", "y", "z"], "households": [1, 1, 1]}
            flow, people = ([1.0, 2.0, 9.0], [1.0, 1.0, 2.0]) if a else ([6.0, 4.0, 3.0], [7.0, 1.0, 1.0])
            return rows | {"irregular_departures": flow, "population": people}

        settings = {"estimator": "relative_difference", "table": "district", "outcome": "irregular_departures"}
        study = MadeUp(2, district=make)
        highest = {"unit": {"highest": 0.34, "of": "irregular_departures"}}
        assert estimate(study, **settings, where=highest).found.value == pytest.approx(3 / 9 - 1)
        of_ranked = {"estimator": "level", "scenarios": ("b",), "where": highest}
        assert estimate(study, **settings | of_ranked).found.value == pytest.approx(6.0)
        found = estimate(study, **settings, across="unit", weights="population").found
        assert found.value == pytest.approx((6 + 4 + 2 * 3) / (1 + 2 + 2 * 9) - 1)
        of_logs = settings | {"estimator": "elasticity", "dose": math.e}
        found = estimate(study, **of_logs, across="unit", weights="population").found
        assert found.value == pytest.approx(math.log((6 + 4 + 2 * 3) / (1 + 2 + 2 * 9)))

    def test_groups_are_ranked_by_the_data_and_left_out_without_any(self):
        units = ["badin", "rawalpindi", "gujrat", "rajanpur"]  # HDI of 2015: none, 0.871, 0.795, none

        def make(scenario: str, seed: int) -> dict[str, Any]:
            return {"month": np.repeat(MONTHS[:1], 4), "unit": units, "irregular_departures": [1.0, 2.0, 4.0, 8.0]}

        settings = {"estimator": "level", "scenarios": ("a",), "table": "district", "outcome": "irregular_departures"}
        for part, value in (("highest", 2.0), ("lowest", 4.0)):
            where = {"unit": {part: 0.5, "data": "hdi_2015"}}
            assert estimate(MadeUp(2, district=make), **settings, where=where).found.value == value

    def test_every_estimator_is_tried(self):
        tried = {"level", "difference", "relative_difference", "ratio", "elasticity", "slope", "curvature", "breadth"}
        tried |= {"active", "correlation_across", "slope_across", "curvature_across", "spread"}
        assert tried == set(ESTIMATORS)

    def test_the_interval_of_a_mean_is_the_t_interval(self):
        values = np.array([1.0, 4.0, 2.0, 7.0])
        found, usual = jackknife(lambda rows: values[rows].mean(), np.arange(4)), mean_interval(values[None, :])
        assert found == pytest.approx((3.5, float(usual.low), float(usual.high)))

    def test_one_seed_has_no_interval(self):
        assert math.isnan(jackknife(lambda rows: 1.0, np.arange(1)).low)

    def test_pairs_with_a_run_missing_are_left_out(self):
        study = MadeUp(3, national=national({s: [*v, 1e9] for s, v in FLOWS.items()}))
        gone = (study.design["scenario"] == "b") & (study.design["replicate"] == 2)
        study.design.loc[gone, "status"] = "failed"
        found = estimate(study, estimator="difference", outcome="irregular_departures")
        assert (found.found.value, found.seeds) == (pytest.approx(-50.0), 2)


class TestVerdicts:
    @pytest.mark.parametrize(
        ("interval", "band", "verdict"),
        [
            ((0.2, 0.3), (0.1, 0.35), "pass"),
            ((0.1, 0.35), (0.1, 0.35), "pass"),
            ((0.05, 0.3), (0.1, 0.35), "undecided"),
            ((0.0, 0.5), (0.1, 0.35), "undecided"),
            ((0.0, 0.18), (0.1, 0.35), "undecided"),
            ((0.36, 0.4), (0.1, 0.35), "fail"),
            ((-0.4, 0.0), (0.1, None), "fail"),
            ((5.0, 6.0), (0.1, None), "pass"),
            ((-5.0, -1.0), (None, 0.0), "pass"),
            ((math.nan, math.nan), (0.0, 1.0), "–"),
        ],
    )
    def test_inside_across_outside(self, interval: tuple[float, float], band: Any, verdict: str):
        assert judge(Estimate(sum(interval) / 2, *interval), band) == verdict

    @pytest.mark.parametrize(
        ("off", "nothing", "verdict"),
        [
            (Estimate(0.0, 0.0, 0.0), 0.0, "gone"),
            (Estimate(-0.2, -0.3, -0.1), 0.0, "gone"),
            (Estimate(0.2, 0.1, 0.3), 0.0, "survives"),
            (Estimate(0.1, -0.1, 0.3), 0.0, "undecided"),
            (Estimate(0.04, -0.1, 0.3), 0.0, "undecided"),
            (Estimate(0.04, 0.02, 0.07), 0.0, "gone"),
            (Estimate(1.0, 1.0, 1.0), 1.0, "gone"),
            (Estimate(math.nan, math.nan, math.nan), 0.0, "gone"),
            (None, 0.0, "–"),
        ],
    )
    def test_with_the_mechanism_off(self, off: Estimate | None, nothing: float, verdict: str):
        test = Trial("t", "difference", (0.0, 1.0), nothing, 1e-9, Estimate(0.5, 0.4, 0.6), off, 4)
        assert test.off_verdict == verdict

    def test_what_is_within_the_tolerance_is_gone(self):
        off = Estimate(0.2, 0.1, 0.3)
        for tolerance, verdict in ((0.19, "survives"), (0.21, "gone")):
            test = Trial("t", "difference", (0.0, 1.0), 0.0, tolerance, Estimate(0.5, 0.4, 0.6), off, 4)
            assert test.off_verdict == verdict

    def test_sound_are_facts_that_pass_and_are_gone_with_the_mechanism_off(self):
        found, wrong = Estimate(0.5, 0.4, 0.6), Estimate(2.0, 2.0, 2.0)
        cases = [(found, wrong), (found, found), (wrong, wrong), (wrong, found)]
        judged = [
            Judged(Fact.model_validate(FACT), "made_up", [Trial("t", "level", (0.0, 1.0), 0.0, 0.0, *both, 4)])
            for both in cases
        ]
        assert "4 facts: 2 pass, 0 undecided, 2 fail; 1 passes and is gone" in table_of_facts(judged).text()

    def test_a_fact_is_as_good_as_its_worst_test(self):
        fact = Fact.model_validate(FACT)
        sure = Trial("t", "level", (0.0, 1.0), 0.0, 0.0, Estimate(0.5, 0.4, 0.6), Estimate(2.0, 2.0, 2.0), 4)
        unsure = Trial("u", "level", (0.0, 0.5), 0.0, 0.0, Estimate(0.5, 0.4, 0.6), Estimate(0.2, 0.1, 0.3), 4)
        both = Judged(fact, "made_up", [sure, unsure])
        assert (both.verdict, both.off_verdict) == ("undecided", "survives")
        assert (Judged(fact, "made_up", [sure]).verdict, Judged(fact, "made_up", [sure]).off_verdict) == (
            "pass",
            "gone",
        )
        table = table_of_facts([both]).text()
        assert "undecided" in table and "1 fact: 0 pass, 1 undecided, 0 fail" in table
        assert list(frame_of_facts([both])["verdict"]) == ["pass", "undecided"]
        with drawing():
            assert draw_facts([both]).axes


FACT: dict[str, Any] = {
    "id": "X1", "statement": "One.", "citation": "Two (2020)",
    "asserts": ({"name": "t", "estimator": "level", "outcome": "deaths_en_route", "band": (0.0, 1.0)},),
}  # fmt: skip

HEAD = """name: study
set: {end: 2009-12}
scenarios:
  reference: {}
  treated: {labour.job_growth: 0.02}
tables: [district]
fact:
  id: X1
  statement: One.
  citation: Two (2020)
  asserts:
"""


class TestReading:
    @pytest.mark.parametrize(
        ("test", "told"),
        [
            ("{estimator: level, outcome: deaths_en_rout, band: [0, 1]}", "no outcome 'deaths_en_rout'; did you mean 'deaths_en_route'?  (abm describe outcomes)"),
            ("{estimator: levvel, outcome: deaths_en_route, band: [0, 1]}", "did you mean 'level'?"),
            ("{estimator: level, outcome: deaths_en_route}", "'band' is missing"),
            ("{estimator: level, outcome: deaths_en_route, band: [2, 1]}", "the low end is above the high one"),
            ("{estimator: level, outcome: deaths_en_route, band: [null, null]}", "nothing could fail"),
            ("{estimator: difference, outcome: deaths_en_route, scenarios: [reference, treatd], band: [0, 1]}", "no scenario 'treatd'; did you mean 'treated'?"),
            ("{estimator: difference, outcome: deaths_en_route, scenarios: [reference], band: [0, 1]}", "'difference' needs 2 scenarios; found 1"),
            ("{estimator: slope, outcome: deaths_en_route, band: [0, 1]}", "'slope' needs 'doses'"),
            ("{estimator: level, outcome: deaths_en_route, doses: [1, 2], band: [0, 1]}", "goes with 'slope' or 'curvature', not with 'level'"),
            ("{estimator: breadth, outcome: departures, table: route, across: route, band: [0, 1]}", "the runs keep no table 'route'; name it under 'tables'"),
            ("{estimator: breadth, outcome: offices, table: district, across: units, band: [0, 1]}", "no column 'units'; did you mean 'unit'?"),
            ("{estimator: level, outcome: offices, table: district, where: {unt: [gujrat]}, band: [0, 1]}", "no column 'unt'; did you mean 'unit'?"),
            ("{estimator: level, outcome: offices, table: district, where: {unit: {highest: 0.2, data: hdi_2014}}, band: [0, 1]}", "no column 'hdi_2014'; did you mean 'hdi_2015'?"),
            ("{estimator: level, outcome: offices, table: district, where: {unit: {highest: 0.2}}, band: [0, 1]}", "expected either 'of', a quantity, or 'data'"),
            ("{estimator: level, outcome: offices, window: {from: 2030-01}, band: [0, 1]}", "lies outside the run"),
            ("{estimator: level, outcome: offices, less: {window: {from: 2030-01}}, band: [0, 1]}", "lies outside the run"),
            ("{estimator: level, outcome: offices, table: district, where: {unit: [gujrt]}, band: [0, 1]}", "no district 'gujrt'; did you mean 'gujrat'?"),
            ("{estimator: ratio, outcome: offices, than: {scenarios: [treated]}, band: [0, 1]}", "is of the scenario of the test; leave it out"),
            ("{estimator: level, outcome: offices, over: {scenarios: [treated]}, band: [0, 1]}", "needs those with the mechanism off too"),
            ("{estimator: difference, outcome: offices, over: {scenarios: [treated], off: [treated]}, band: [0, 1]}", "as many scenarios as the test has, 2; found 1"),
            ("{estimator: elasticity, outcome: offices, band: [0, 1]}", "'elasticity' needs either 'dose' or 'against'"),
            ("{estimator: level, outcome: offices, bnd: [0, 1], band: [0, 1]}", "did you mean 'band'?"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_reported_with_its_place(self, tmp_path: Path, test: str, told: str):
        file = tmp_path / "study.yaml"
        file.write_text(HEAD + f"    - {{name: t, {test[1:]}\n")
        with pytest.raises(ConfigError) as error:
            load_experiment(file)
        assert told in str(error.value)
        assert f"{file}:12:" in str(error.value) and "fact.asserts[0]" in str(error.value)

    def test_usual_scenarios_and_those_with_the_mechanism_off(self, tmp_path: Path):
        file = tmp_path / "study.yaml"
        two = "    - {name: t, estimator: difference, outcome: offices, band: [0, 1]}\n"
        one = "    - {name: u, estimator: level, outcome: offices, band: [0, 1]}\n"
        file.write_text((HEAD + two + one).replace("tables:", "  reference_off: {}\n  treated_off: {}\ntables:"))
        fact = load_experiment(file).fact
        assert fact is not None
        assert [test.scenarios for test in fact.asserts] == [("reference", "treated"), ("reference",)]
        assert [test.off for test in fact.asserts] == [("reference_off", "treated_off"), ("reference_off",)]

    def test_an_experiment_keeps_its_fact_on_the_disk(self):
        experiment = load_experiment(SHIPPED[0])
        assert type(experiment).restore(json.loads(experiment.to_json())).fact == experiment.fact


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_facts_are_valid(file: Path):
    fact = load_experiment(file).fact
    assert fact is not None
    assert fact.id.lower() == file.stem.split("_")[0]
    assert fact.levels or any(test.off for test in fact.asserts), "a fact needs a run with its mechanism off"


def test_there_are_the_twenty_facts_and_the_theory():
    ids = {load_experiment(file).fact.id for file in SHIPPED}  # type: ignore[union-attr]
    listed = {f"F{n:02}" for n in (1, 4, 6, 12, 13, 14, 15, 16, 17, 19, 20, 22, 24, 26, 27, 29, 30, 35, 36, 37)}
    assert ids >= listed | {"T1", "T2", "T3", "T4"}


class TestCommand:
    def test_list(self):
        found = CliRunner().invoke(app, ["facts", "--list", "--folder", str(ROOT / "experiments/facts")])
        assert found.exit_code == 0
        assert "F01" in found.output and "f24_pay_and_risk" in found.output

    def test_an_unknown_name(self):
        found = CliRunner().invoke(app, ["facts", "f01_price", "--folder", str(ROOT / "experiments/facts")])
        assert found.exit_code == 2
        assert "did you mean 'f01_price_of_enforcement'?" in " ".join(found.output.split())

    def test_a_file_that_is_no_fact(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "README.md").write_text("Read me.")
        found = CliRunner().invoke(app, ["facts", "README.md", "--folder", str(ROOT / "experiments/facts")])
        assert found.exit_code == 2
        assert "'README.md' is no YAML file; a fact is an experiment" in " ".join(found.output.split())

    def test_a_folder_without_facts(self, tmp_path: Path):
        (tmp_path / "run.yaml").write_text("end: 2010-12\n")
        found = CliRunner().invoke(app, ["facts", "--list", "--folder", str(tmp_path)])
        assert found.exit_code == 2
        assert "none of its YAML files is an experiment with a section 'fact'" in " ".join(found.output.split())


def test_what_is_sent_home_in_f12_follows_the_defaults():
    """The file writes out a share that follows from parameters: it was left behind when their defaults moved."""
    config = load_config(ROOT / "configs/baseline.yaml")
    britain = next(place for place in places_of(None).destinations if place.key == "united_kingdom")
    hidden = britain.hidden_share * config.diaspora.hidden_share
    sent = britain.remitted_share * config.diaspora.remitted_share
    expected = sent * (1.0 - hidden * (1.0 - britain.hidden.pay / britain.open.pay))
    fact = yaml.safe_load((ROOT / "experiments/facts/f12_escrow.yaml").read_text())["fact"]
    payback = next(test for test in fact["asserts"] if test["name"] == "payback_months")
    assert payback["per"]["times"] == pytest.approx(expected, abs=0.0005)
