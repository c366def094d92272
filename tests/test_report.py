"""``abm report``: what a page holds, that its numbers are those of the tables, and how it behaves in a real browser."""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from altair.utils.schemapi import validate_jsonschema
from altair.vegalite.v6.schema.core import load_schema
from browser import CHROMIUM, Browser
from jsonschema import ValidationError
from toys import make_toy, toy_study
from worlds import small_config

import abm
from abm.analysis.compare import is_clear
from abm.analysis.facts import Estimate, Judged, Trial, frame_of_facts
from abm.analysis.levers import dose, levers_in_words, name_of, when
from abm.analysis.naming import Dated, Names
from abm.analysis.panel import Panel
from abm.analysis.records import read_records
from abm.analysis.sensitivity import Sensitivity, above_one
from abm.analysis.study import compare_study
from abm.calibration.write import RECORDED
from abm.cli import main
from abm.engine.errors import OutputError
from abm.experiments import doctor
from abm.experiments import run as runs
from abm.experiments import sweep as driver
from abm.experiments.engine_settings import SerialEngine
from abm.experiments.fact import Fact
from abm.experiments.plan import Plan
from abm.page.calibration import summary_in_words
from abm.page.cases import Steps
from abm.page.charts import panels
from abm.page.facts import levels_in_words
from abm.page.findings import of_comparison, of_run, of_sensitivity, shown_difference
from abm.page.levels import by_year
from abm.page.levers import opening
from abm.page.looks import CYCLE, looks_of
from abm.page.maps import NONE, map_of_differences
from abm.page.parts import Chart, Grid, Text
from abm.page.past import _in_short, named
from abm.page.render import cell
from abm.page.words import headed, labelled, said
from abm.page.write import write_report
from abm.plots.curves import Period
from abm.plots.maps import TOO_FEW, departure_rates
from abm.plots.style import PALE
from abm.world.lever_use import LeverUse

NASTY = "</script><script>document.title = 'taken over'</script><!-- & 'quoted'"
"""A description that no page may take for code."""

LEVERS = [
    {"lever": "border_patrol", "from": "2009-07", "value": 3.0, "pulse": {"months_on": 2, "months_off": 2}},
    {"lever": "legal_quota", "announced": "2009-03", "from": "2010-01", "ramp_months": 6, "value": 1.5},
    {"lever": "awareness_campaign", "topic": "death", "from": "2009-05", "until": "2010-04", "value": 0.2},
]
EVENTS = [
    {"event": "deaths", "month": "2010-02", "where": ["gujrat"], "way": {"leg": ["turkey_greece"]}, "persons": 40}
]


# ---------------------------------------------------------------------------------------------------------------- pages


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[abm.Result]:
    """Two seeds of the real model, two years of three districts."""
    out = tmp_path_factory.mktemp("runs")
    config = small_config(name="two_seeds", description=NASTY, levers=LEVERS, events=EVENTS)
    return [abm.run(config, seed=seed, out=out, plots=False) for seed in (1, 2)]


def simulate(config: abm.config.Config, *, threads: int = 1, on_month: Any = None, past: Any = None) -> runs.Tables:
    """Stand in for the model: outcomes that know the seed, the factor and the levers."""
    draw = np.random.default_rng([config.seed, int(1e6 * config.labour.job_growth)])
    months = np.datetime64(config.start, "M") + np.arange(config.months)
    since = np.maximum(0, np.arange(config.months) - 5) / config.months
    fewer = 1 - 0.3 * since * bool(config.levers)
    costs = {f"cost_{use.id}": np.full(config.months, 7_000_000, np.int64) for use in config.levers}
    return {
        "national": {
            "month": months,
            "irregular_departures": (draw.integers(800, 900, config.months) * fewer).astype(np.int64),
            "deaths_en_route": draw.integers(0, 9, config.months),
            "fee_median": 2e5 + 1e4 * draw.random(config.months) + 1e6 * config.labour.job_growth,
            "policy_cost": np.sum([*costs.values(), np.zeros(config.months, np.int64)], axis=0),
            "cost_alone": np.full(config.months, 50_000.0),
            **costs,
        }
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, no_compiler: None) -> Path:
    """Three scenarios at eight points with three replicates, over three years."""
    place = tmp_path_factory.mktemp("study")
    more = "window: {from: 2009-03}"
    experiment = toy_study(place, points=8, more=more)
    text = experiment.text.replace("end: 2009-06", "end: 2011-12")
    text = text.replace("[irregular_departures]", "[irregular_departures, deaths_en_route, fee_median, policy_cost]")
    (place / "toy.yaml").write_text(text, encoding="utf-8")
    experiment = abm.load_experiment(place / "toy.yaml")
    driver.sweep([Plan(experiment)], place / "toy", SerialEngine(), make=partial(make_toy, simulate=simulate))
    return place / "toy"


def judged() -> list[Judged]:
    def trial(name: str, value: float, band: tuple[float | None, float | None], off: float | None) -> Trial:
        found = Estimate(value, value - 0.05, value + 0.05)
        gone = None if off is None else Estimate(off, off - 0.02, off + 0.02)
        return Trial(name, "difference", band, 0.0, 0.0, found, gone, 5)

    def fact(number: str, cause: str = "") -> Fact:
        return Fact.model_construct(
            id=number, statement=f"What {number} says.", citation="Author (2001)", grade="B", off="it is off",
            cause=cause, levels=False, asserts=(),
        )  # fmt: skip

    return [
        Judged(fact("F01"), "f01", [trial("fee", 0.2, (0.1, 0.35), 0.0), trial("flow", -0.4, (None, -0.1), None)]),
        Judged(fact("F02", "Nobody told them."), "f02", [trial("far", 2.0, (0.1, 0.35), 0.2)]),
    ]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("facts")
    frame_of_facts(judged()).to_csv(place / "facts.csv", index=False)
    return place


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("calibration")
    table = {"title": "T", "columns": ["parameter", "median"], "rows": [["gain", "0.03"]], "numbers": [1], "notes": []}
    rows = [
        {"target": "BEOE_TOTAL", "place": "", "year": year, "record": 100.0, "low": 80.0, "middle": 95.0 + year - 2009,
         "high": 130.0, "inside": True, "fitted": year < 2011}
        for year in range(2009, 2013)
    ]  # fmt: skip
    content = {
        "name": "fitted", "description": "A calibration.", "asked": "Which values agree with what was counted?",
        "command": "abm calibrate fitted.yaml", "code": "0.1.0+abc", "checksum": "def",
        "summary": [["fitted", "2 parameters"]],
        "parameters": [
            {"name": "labour.job_growth", "unit": "1/year", "prior": [0.0, 0.1], "low": 0.2, "middle": 0.4, "high": 0.5,
             "identified": True},
            {"name": "channel.gain", "unit": "utility", "prior": [0.5, 2.0], "low": 0.05, "middle": 0.5, "high": 0.95,
             "identified": False},
        ],
        "fit": [{"name": "BEOE_TOTAL level", "before": [-9.0, 1.0, 30.0], "after": [-1.0, 0.2, 1.5]}],
        "predicted": rows, "left_out": ["FRX_ENTRY"],
        "tables": {"parameters": table, "targets": table, "misses": {**table, "rows": []}},
    }  # fmt: skip
    (place / RECORDED).write_text(json.dumps(content), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def pages(
    results: list[abm.Result], study: Path, facts: Path, calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("pages")
    folders = {
        "run": results[0].folder, "seeds": results[0].folder.parent, "study": study, "facts": facts,
        "calibration": calibration,
    }  # fmt: skip
    return {kind: write_report(folder, place / f"{kind}.html") for kind, folder in folders.items()}


KINDS = ("run", "seeds", "study", "facts", "calibration")


class Reader(HTMLParser):
    """Reads what a browser would ask for, headings, tables by caption or summary, and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.asked: list[str] = []
        self.headings: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.scripts: dict[str, str] = {}
        self.text: list[str] = []
        self._tag, self._id = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: str(value) for name, value in attrs}
        self._tag, self._id = tag, known.get("id", "")
        self.ids.add(self._id)
        for name in ("src", "srcset", "action", "poster", "data", "xlink:href"):
            if name in known:
                self.asked.append(known[name])
        if tag == "a":
            self.links.append(known["href"])
        elif tag in ("link", "use", "image") and "href" in known:
            self.asked.append(known["href"])

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "script":
            self.scripts[self._id] = data
        elif self._tag != "style":
            self.text.append(data)
        if self._tag in ("h1", "h2"):
            self.headings.append(data)


def read(page: Path) -> Reader:
    return Reader(page.read_text(encoding="utf-8"))


def rows_of(spec: Any) -> list[dict[str, Any]]:
    """All rows of data in a chart."""
    if isinstance(spec, list):
        return [row for part in spec for row in rows_of(part)]
    if not isinstance(spec, dict):
        return []
    found = [row for part in spec.values() for row in rows_of(part)]
    values = spec.get("values")
    return [row for row in values if isinstance(row, dict)] + found if isinstance(values, list) else found


def charts_of(page: Path) -> list[dict[str, Any]]:
    return list(json.loads(read(page).scripts["charts"]).values())


# -------------------------------------------------------------------------------------------------------- what it holds


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_for_nothing_and_is_small(kind: str, pages: dict[str, Path]) -> None:
    found = read(pages[kind])
    assert found.asked == ["data:,"]  # the icon, which browsers ask the site for where a page has none
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    text = pages[kind].read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    style = text.split("<style>")[1].split("</style>")[0]
    assert "@import" not in style and "url(" not in style.replace("url(#disputed)", "")
    assert pages[kind].stat().st_size < 5_000_000


def test_charts_are_valid(pages: dict[str, Path]) -> None:
    """Altair was not asked to check them; one of a kind is enough, as panels often differ in nothing but their data."""

    def bare(spec: Any) -> Any:
        if isinstance(spec, list):
            return [bare(part) for part in spec]
        if not isinstance(spec, dict):
            return spec
        return {key: [] if key == "values" else bare(part) for key, part in spec.items() if key != "datasets"}

    kinds = {
        re.sub(r'[0-9.]+|: "[^"]*"', "", json.dumps(chart)): chart
        for page in pages.values()
        for chart in map(bare, charts_of(page))
    }
    assert len(kinds) > 10
    schema = load_schema()
    for chart in kinds.values():
        validate_jsonschema(chart, schema)
    with pytest.raises(ValidationError):
        validate_jsonschema(chart | {"width": "wide"}, schema)


@pytest.mark.parametrize("kind", KINDS)
def test_it_opens_with_what_was_asked_and_closes_with_how_to_make_it_again(kind: str, pages: dict[str, Path]) -> None:
    found = read(pages[kind])
    sections = found.headings[2:]  # after the title and the table of contents
    assert sections[:2] == ["What was asked", "What was found"]
    assert sections[-1] == "Make it again"
    words = "".join(found.text)
    for command in {"run": "abm run two_seeds.yaml --seed 1", "seeds": "--seed 2", "study": "abm sweep toy.yaml",
                    "facts": "abm facts", "calibration": "abm calibrate fitted.yaml"}[kind], "abm report":  # fmt: skip
        assert command in words.split("Make it again")[-1]


def test_sections_of_a_run_and_of_a_study(pages: dict[str, Path]) -> None:
    run, study = (set(read(pages[kind]).headings) for kind in ("run", "study"))
    assert run >= {
        "Levels by year", "Past performance", "By district", "The smuggling market", "Abroad", "What people believe",
        "Cost of policy", "Parameters and their sources", "Warnings and limits", "Where it comes from",
    }  # fmt: skip
    assert study >= {"Differences from baseline", "Scenarios over time", "Cost of policy", "Sensitivity"}


def test_what_a_user_wrote_is_text(pages: dict[str, Path]) -> None:
    text = pages["run"].read_text(encoding="utf-8")
    assert NASTY not in text
    assert html.escape(NASTY, quote=False).replace("'", "&#39;") in text


def test_cells_break_before_intervals_and_in_code_but_not_in_dates() -> None:
    assert str(cell("−12 [−15, −9]")) == "<span class='whole'>−12</span> <span class='whole'>[−15, −9]</span>"
    assert str(cell("labour.job_growth 0.35")) == "labour.<wbr>job_<wbr>growth 0.35"
    assert str(cell("from 2010-01")) == "from <span class='whole'>2010-01</span>"
    assert str(cell("<b> & [1]")).startswith("<span class='whole'>&lt;b&gt; &amp;")


def test_levers_in_words() -> None:
    patrol, quota, campaign = map(LeverUse.model_validate, LEVERS)
    assert when(patrol) == "from 2009-07; 2 months on, 2 off"
    assert when(quota) == "from 2010-01; announced 2009-03; growing over 6 months"
    others = {"legal_delay": -1.0, "visa_sale": 2e5, "visa_refusal": "15 %"}
    uses = [LeverUse.model_validate({"lever": name, "from": "2010-01", "value": of}) for name, of in others.items()]
    assert [*map(dose, (patrol, campaign, *uses))] == [
        "3 times the level without it", "20 % of the gap a month", "−1 month added", "+200,000 visa a year",
        "+15 percentage points",
    ]  # fmt: skip
    on_route = {"lever": "border_patrol", "from": "2010-01", "value": 2.0, "where": {"route": ["greece_by_taftan"]}}
    ((_, words),) = levers_in_words({"levers": [on_route]})  # the legs of the route that border posts guard
    assert words["where"] == "on Karachi to Taftan (route: To Greece by Karachi and Taftan)"


def test_levers_and_events_on_one_timeline(pages: dict[str, Path]) -> None:
    rows = rows_of(charts_of(pages["run"])[0])
    patrol = sorted({(row["from"], row["to"]) for row in rows if row.get("row") == "Border patrol" and "to" in row})
    assert patrol[:2] == [("2009-07-01", "2009-09-01"), ("2009-11-01", "2010-01-01")]
    quota = [(row["from"], row["to"], row["grown"]) for row in rows if row.get("row") == "Legal quota" and "to" in row]
    assert quota == [("2010-01-01", "2010-06-01", 0.4), ("2010-06-01", "2011-01-01", 1.0)]
    points = {(row["row"], row["from"], row["what"]) for row in rows if "what" in row}
    assert points == {("Legal quota", "2009-03-01", "announced"), ("Deaths", "2010-02-01", "event")}


def test_the_last_month_of_a_lever_or_an_event_is_included() -> None:
    triggered = {"lever": "legal_quota", "until": "2010-06", "when": {"outcome": "offices", "above": 9}, "value": 2.0}
    drought = {"event": "incomes", "id": "drought", "from": "2009-03", "until": "2010-02", "multiple": 0.6}
    resolved = [event | {"id": event["event"], "where": {"unit": event["where"]}} for event in EVENTS]
    config = {"start": "2009-01", "end": "2010-12", "levers": [triggered], "events": [drought, *resolved]}
    assert when(LeverUse.model_validate(triggered)) == "to 2010-06; once offices over 1 month is above 9"
    _, events, chart = opening({"alone": config})
    assert isinstance(events, Grid) and isinstance(chart, Chart) and chart.numbers is not None
    assert [(row[0], row[-1]) for row in events.rows] == [
        ("Incomes: drought", "from 2009-03 to 2010-02"), ("Deaths", "2010-02")
    ]  # fmt: skip
    assert chart.numbers.columns == ["what", "first month", "last month", "dose"]
    assert [row[:3] for row in chart.numbers.rows] == [
        ["Legal quota", "2009-01", "2010-06"],
        ["Incomes: drought", "2009-03", "2010-02"],
        ["Deaths", "2010-02", "2010-02"],
    ]
    bars = {row["row"]: (row["from"], row["to"]) for row in rows_of(chart.spec) if "to" in row}
    assert bars["Incomes: drought"] == ("2009-03-01", "2010-03-01")


# ----------------------------------------------------------------------------------------- numbers are those of tables


def test_levels_by_year_are_those_of_the_tables(pages: dict[str, Path], results: list[abm.Result]) -> None:
    """Means over seeds, and their range; of the one run, its own."""
    by_seed = [
        result.national.groupby(result.national["month"].dt.year)["irregular_departures"].sum() for result in results
    ]
    one, both = (irregular_by_year(pages[kind]) for kind in ("run", "seeds"))
    assert {row["when"]: row["value"] for row in one} == by_seed[0].to_dict()
    whole = pd.concat(by_seed, axis=1)
    for field, expected in (("value", whole.mean(axis=1)), ("low", whole.quantile(0.05, axis=1))):
        assert {row["when"]: row[field] for row in both} == pytest.approx(expected.to_dict(), rel=1e-5)


def irregular_by_year(page: Path) -> list[dict[str, Any]]:
    """Rows of the panel of irregular departures."""
    chart = next(spec for spec in charts_of(page) if '"Irregular departures"' in json.dumps(spec))
    found = next(part for part in chart["concat"] if '"Irregular departures"' in json.dumps(part))
    return [row for row in rows_of(found) if row.get("series")]


def test_maps_are_those_of_the_tables(pages: dict[str, Path], results: list[abm.Result]) -> None:
    first = 2009 * 12
    rates = departure_rates(results[0].district, ["irregular_departures"], Period(first, first + 11, 12))
    chart = next(spec for spec in charts_of(pages["run"]) if "datum.v[year - 2009]" in json.dumps(spec))
    found = {row["unit"]: row["v"][0] for row in rows_of(chart) if "v" in row}
    known = {unit: None if np.isnan(rate) else float(f"{rate:.3g}") for unit, rate in rates.items()}
    assert found == {unit: rate if rate is None else pytest.approx(rate) for unit, rate in known.items()}
    names = {row["unit"]: row["name"] for row in rows_of(chart) if "v" in row}
    assert names["mirpur_ajk"] == "Mirpur (AJK)"
    text = json.dumps(chart)
    assert (
        f'"range": ["{TOO_FEW}", ' in text and f"isValid(datum.value) ? datum.value : {NONE}" in text
    )  # too few: grey
    assert f'"fill": "{PALE}"' in text  # the districts that were not run
    assert chart["projection"]["scale"] > 1  # three districts fill the map


def test_a_map_shows_what_scenarios_change() -> None:
    """Rates of the window above those of the reference; grey where too few leave in the reference."""
    left = {"calm": (100, 40, 10), "fewer": (50, 60, 10), "none": (0, 40, 90)}
    rows = [
        (name, unit, pd.Timestamp(month), count if month == "2010-01" else 0, 12_000.0)
        for name, counts in left.items()
        for unit, count in zip(("gujrat", "sialkot", "lahore"), counts, strict=True)
        for month in ("2009-12", "2010-01", "2010-02")
    ]
    table = pd.DataFrame(rows, columns=["scenario", "unit", "month", "irregular_departures", "population"])
    source: Any = SimpleNamespace(
        experiment=SimpleNamespace(scenarios=dict.fromkeys(left), window=("2010-01", "2010-02")),
        study=SimpleNamespace(columns=lambda name: list(table), table=lambda name, columns: table),
    )
    said, chart = map_of_differences(source)
    assert isinstance(said, Text) and isinstance(chart, Chart) and chart.numbers is not None
    assert chart.numbers.columns == ["district", "Fewer", "None"]
    assert sorted(chart.numbers.rows) == [["Gujrat", "−25.0", "−50.0"], ["Lahore", "–", "–"], ["Sialkot", "10.0", "0"]]
    assert len(chart.legend) == 6 and "fewer than 20 departures in the reference" in chart.legend
    (choice,) = (found for found in chart.spec["params"] if found["name"] == "year")
    assert choice["value"] == 0 and choice["bind"]["labels"] == ["Fewer", "None"]
    table.loc[:, "irregular_departures"] = 100
    _, same = map_of_differences(source)
    assert isinstance(same, Chart) and list(same.legend) == ["0 everywhere"]
    source.study.columns = lambda name: []
    assert map_of_differences(source) == []


def test_differences_are_those_of_the_comparison(pages: dict[str, Path], study: Path) -> None:
    totals = compare_study(study).totals
    chart = next(spec for spec in charts_of(pages["study"]) if "% of baseline" in json.dumps(spec))
    found = {(row["panel"], row["row"]): row["value"] for row in rows_of(chart) if "panel" in row}
    for row in totals[totals["outcome"] == "irregular_departures"].to_dict("records"):
        assert found["Irregular departures", row["scenario"].title()] == pytest.approx(row["percent"], rel=1e-5)
    words = " ".join(read(pages["study"]).text)
    assert ".." not in words.replace("...", "")
    assert "Jobs, 2009-03 to 2011-12, 24 pairs of runs: against baseline, irregular departures" in words
    few = replace(compare_study(study), runs=pd.DataFrame({"scenario": ["jobs", "patrols"], "pairs": [1, 3]}))
    one, three = of_comparison(few)
    assert "1 pair of runs: " in one and "3 pairs of runs, too few for widths of intervals to mean much: " in three
    assert "No clear difference in deaths en route" in words


def test_words_and_charts_call_the_same_difference_clear() -> None:
    """In per cent an interval of few pairs may be too narrow: zero must lie outside both, if there are both."""
    row = {"difference": -9.0, "low": -19.0, "high": 1.0, "percent": -7.1, "percent_low": -13.3, "percent_high": -0.8}
    blank = dict.fromkeys(("percent", "percent_low", "percent_high"), math.nan)
    assert shown_difference(row) == (-7.1, -13.3, -0.8)
    assert shown_difference(row | blank) == (-9.0, -19.0, 1.0)
    assert not is_clear(row) and not is_clear(row | {"high": -1.0, "percent_high": 0.5})
    assert is_clear(row | {"high": -1.0}) and is_clear(row | blank | {"high": -1.0})
    assert not is_clear(row | {"low": math.nan, "high": math.nan})


def test_panels_of_one_scale_have_one_unit() -> None:
    """A scenario that costs billions beside one that costs millions must not be drawn as if it cost nothing."""

    def cell(name: str, value: float) -> tuple[str, str, list[dict[str, Any]]]:
        return name, "PKR", [{"series": "scenario", "when": year, "value": value} for year in (2009, 2010)]

    cells = [cell("little", 8e8), cell("much", 4e9)]
    words = {"panel_name": "scenario", "title": "Costs", "alt_text": "Lines."}
    chart = panels(cells, looks_of(["scenario"]), same_scale=True, **words)
    assert {row["value"] for row in rows_of(chart.spec)} == {0.8, 4.0}
    assert "million" not in json.dumps(chart.spec)
    assert "million" in json.dumps(panels(cells, looks_of(["scenario"]), **words).spec)


def test_no_two_series_look_alike() -> None:
    looks = looks_of(map(str, range(40)))
    assert len(set(looks.values())) == 40 and list(looks.values())[:8] == list(CYCLE)


def test_what_scenarios_set_otherwise_is_reported() -> None:
    configs: dict[str, Any] = {
        "baseline": {"name": "a", "offices": {"opening": 5.0}, "mechanisms": {"ties": {"enabled": True}}},
        "no_offices": {"name": "b", "offices": {"opening": 0.0}, "mechanisms": {"ties": {"enabled": True}}},
        "no_ties": {"name": "c", "offices": {"opening": 5.0}, "mechanisms": {"ties": {"enabled": False}}},
    }
    said, grid = opening(configs)
    assert isinstance(said, Text) and said.text == "There is no lever and no event in any scenario."
    assert isinstance(grid, Grid)
    assert grid.columns == ["scenario", "mechanism or parameter", "in Baseline", "in the scenario"]
    assert grid.rows == [["No offices", "offices.opening", "5", "0"], ["No ties", "ties", "on", "off"]]
    (alone,) = opening({"baseline": configs["baseline"]})
    assert isinstance(alone, Text) and alone.text.endswith("in this configuration: the model is run as it is.")


def test_costs_are_those_of_levers_and_the_price_of_going_alone_is_none(study: Path, pages: dict[str, Path]) -> None:
    chart = next(spec for spec in charts_of(pages["study"]) if "above the reference" in json.dumps(spec))
    names = {row["row"] for row in rows_of(chart)}
    assert names == {"Jobs · all levers", "Jobs · jobs", "Patrols · all levers", "Patrols · patrol"}
    costs = compare_study(study).costs
    assert costs is not None
    assert set(costs.by_lever["lever"]) == {"all", "jobs", "patrol"}


def test_years_that_settle_are_grey_and_not_compared_with() -> None:
    months = np.arange("2009-01", "2014-01", dtype="datetime64[M]")
    counts = np.repeat([10.0, 20.0, 50.0, 60.0, 100.0], 12)
    table = pd.DataFrame({"run_id": "a", "month": months, "irregular_departures": counts})
    design = pd.DataFrame({"run_id": ["a"], "scenario": "x", "point": 0, "replicate": 0})
    steps = Steps.of(Panel.of(design, table, ["irregular_departures"], "x"))
    assert next(of_run(steps)) == "1,200 persons left irregularly in 2013, 100 % more than in 2011 (600)."
    levers = [Dated("Patrols", 12 * 2011 + 6), Dated("Later", 12 * 2014)]
    chart = by_year(steps, {"x": 0}, runs=1, levers=levers)[0]
    assert isinstance(chart, Chart) and {"when": 2008.5, "until": 2010.5} in rows_of(chart.spec)  # years as steps
    assert '"interpolate": "step"' in json.dumps(chart.spec)
    assert [row for row in rows_of(chart.spec) if "begins" in row] == [
        {"when": 2011.0, "begins": "Patrols, from 2011-07"}
    ]
    assert "Dotted: a lever or event begins" in chart.note


def test_scores_say_that_kinds_weigh_the_same() -> None:
    records = pd.DataFrame({"year": [2010, 2012], "within_factor_two": [True, False]})
    overall = {"records": 2.0, "targets": 2.0, "rmsle": math.log(2.0)}
    found: Any = SimpleNamespace(records=records, overall=overall, seeds=(1,))
    assert "0.693, a typical error of a factor of 2.0. It is an average over the kinds, so that" in _in_short(found)


def test_a_record_without_a_counterpart_is_called_by_what_it_is() -> None:
    assert named("ASY_DEU") == "Eurostat first-time asylum applicants"
    codes = {record.target.capitalize().replace("_", " ") for record in read_records()}
    assert not codes & {named(record.target) for record in read_records()}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BEOE_TOTAL level", "Registered for work abroad: level"),
        ("PRICE_PKR iran_land to Turkey level", "Fee in rupees, Iran by land to Turkey: level"),
        ("STOCK_DEST united_arab_emirates level", "Living abroad, by destination, United Arab Emirates: level"),
    ],
)
def test_a_summary_of_records_is_called_by_the_names_of_places(name: str, words: str) -> None:
    assert summary_in_words(name) == words


def test_factors_are_named_by_the_index_of_the_chart_where_it_leaves_zero_out() -> None:
    """An index without the noise of seeds may have an interval from -30 to 35 where that of the means has none."""
    ends = {"total": [0.9, 0.2], "total_low": [0.8, 0.1], "total_high": [1.0, 0.3], "total_expected": [0.5, 1.2],
            "total_expected_low": [-30.0, 0.9], "total_expected_high": [35.0, 1.5]}  # fmt: skip
    indices = pd.DataFrame({"outcome": "offices", "factor": ["one", "other"], "importance": [0.9, 0.2], **ends})
    found: Any = SimpleNamespace(kind="sobol", outcomes=["offices"], indices=indices, top=lambda name, count: indices)
    found.names = Names(factors={"other": "pull"})
    found.sobol_columns = Sensitivity.sobol_columns.fget(found)  # type: ignore[attr-defined]
    assert [*of_sensitivity(found)] == ["For offices in business pull (total index 1.20 [0.90, 1.50]) matters most."]
    assert "an index above 1 is an error of estimation" in above_one(indices)[0]


def test_parameters_say_what_was_changed_and_on_what_they_rest(pages: dict[str, Path]) -> None:
    words = "".join(read(pages["run"]).text)
    assert re.search(r"\d+ parameters of the mechanisms that take part: .* assumed", words)
    assert "Parameters that differ from their defaults" in words
    study = "".join(read(pages["study"]).text)
    assert "Factors that are varied" in study and "0.01 to 0.04" in study


def test_facts_are_counted_and_causes_told(pages: dict[str, Path]) -> None:
    words = "".join(read(pages["facts"]).text)
    assert "2 facts: 1 pass, 0 undecided and 1 fail. 1 passes and is gone" in words
    assert "F02: Nobody told them." in words
    levels = pd.DataFrame(
        {"id": "F03", "low": [1.0, 1.0], "high": [2.0, 2.0], "band_low": [0.0, 1.5], "band_high": 3.0}
    )
    assert levels_in_words(levels) == " F03 compares levels, without a verdict: 1 of 2 intervals lie in their bands."
    assert "abm facts f01 f02" in words
    rows = [row for row in rows_of(charts_of(pages["facts"])) if row.get("series") == "fail"]
    assert rows[0]["value"] == 3.0  # at the edge; the table has its number
    assert "2.000 [1.950, 2.050]" in words or "2.00 [1.95, 2.05]" in words


def test_a_page_is_the_same_again(results: list[abm.Result], pages: dict[str, Path], tmp_path: Path) -> None:
    again = write_report(results[0].folder, tmp_path / "again.html")
    assert again.read_bytes() == pages["run"].read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["again.html"]


# ------------------------------------------------------------------------------------------------------------- messages


def test_the_command_writes_into_the_folder(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(facts)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{facts / 'report.html'}\n"
    assert "MB" in told.err


def test_a_folder_that_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "holds nothing that a report could be made of; give the folder of a run" in capsys.readouterr().err
    with pytest.raises(OutputError, match="is no folder"):
        write_report(tmp_path / "nowhere")


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = doctor.find_spec
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name != "jinja2" else there(name))
    assert main(["report", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "a report needs altair and vl-convert-python: pip install -c constraints.txt '.[report]'" in told


def test_a_folder_of_folders_points_to_one(facts: Path, study: Path) -> None:
    with pytest.raises(OutputError, match=rf"did you mean '{study}'\?"):
        write_report(study.parent)


def test_an_older_calibration_is_reported_to_start_again(tmp_path: Path) -> None:
    (tmp_path / RECORDED).write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="start 'abm calibrate' again"):
        write_report(tmp_path)


# -------------------------------------------------------------------------------------------------- in a real browser

LOOK = """report.done.then(() => ({
  failed: report.failed,
  wide: document.documentElement.scrollWidth,
  title: document.title,
  headings: [...document.querySelectorAll("h1, h2, h3")].map((heading) => Number(heading.tagName[1])),
  landmarks: ["header", "nav", "main", "footer"].map((name) => document.querySelectorAll(name).length),
  figures: [...document.querySelectorAll("figure.chart")].map((figure) => {
    const title = figure.querySelector(".title").textContent;
    const svg = figure.querySelector(".drawing svg");
    if (!svg) return {title, marks: 0};
    const edge = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")]
      .filter((text) => text.textContent.trim() && getComputedStyle(text).opacity !== "0")
      .map((text) => [text.textContent, text.getBoundingClientRect()]);
    const over = [];
    texts.forEach(([one, box], place) => texts.slice(place + 1).forEach(([other, next]) => {
      const wide = Math.min(box.right, next.right) - Math.max(box.left, next.left);
      const high = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
      if (one !== other && wide > 2 && high > 4) over.push(one + " over " + other);
    }));
    return {
      title, over,
      marks: svg.querySelectorAll(".role-mark path, .role-mark line").length,
      outside: texts.filter(([, box]) => box.left < edge.left - 1 || box.right > edge.right + 1
        || box.top < edge.top - 1 || box.bottom > edge.bottom + 1).map(([text]) => text),
      cut: texts.map(([text]) => text).filter((text) => text.includes("…")),
      letters: Math.min(...texts.map(([, box]) => Math.min(box.height, box.width + 9))),
      alt: figure.querySelector(".drawing").getAttribute("aria-label"),
      width: edge.width,
      height: figure.getBoundingClientRect().height,
    };
  }),
}))"""
"""Waits until all is drawn, and measures the charts."""

MARKS = "document.querySelector('figure.chart:has(.legend button)').querySelectorAll('svg .role-mark path').length"
COLOURS = (
    "[...document.querySelector('figure.chart:has(input[type=range])').querySelectorAll('svg .role-mark path')]"
    ".map((path) => path.getAttribute('fill')).join()"
)

with_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")


@with_browser
def test_in_a_browser_nothing_is_asked_for_and_every_chart_is_drawn(pages: dict[str, Path], tmp_path: Path) -> None:
    with Browser(tmp_path) as browser:
        for kind in KINDS:
            browser.open(pages[kind])
            seen = browser.run(LOOK)
            assert browser.told == [] and seen["failed"] == [] and browser.asked == [], kind
            assert len(seen["figures"]) == len(charts_of(pages[kind])) > 0
            for figure in seen["figures"]:
                assert figure["marks"] > 0, f"{figure['title']}: empty"
                assert figure["over"] == [] and figure["outside"] == [] and figure["cut"] == [], figure
                assert figure["letters"] >= 9 and figure["width"] <= 800, figure
                assert len(figure["alt"]) > 20, figure
            assert seen["title"] != "taken over"
            assert seen["landmarks"] == [1, 1, 1, 1]
            levels = seen["headings"]
            assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


@with_browser
def test_in_a_browser_it_works_by_keyboard(pages: dict[str, Path], tmp_path: Path) -> None:
    """The skip link is first, the space bar hides and shows a series, arrows change the year."""
    with Browser(tmp_path) as browser:
        browser.open(pages["run"])
        browser.run("report.done")
        browser.press("Tab", 9)
        assert browser.run("document.activeElement.textContent") == "Skip to the content"
        browser.press("Enter", 13)
        assert browser.run("location.hash") == "#main"
        browser.run("document.querySelector('figure.chart .legend button').focus()")
        before = browser.run(MARKS)
        browser.press(" ", 32)
        assert browser.run("document.activeElement.getAttribute('aria-pressed')") == "false"
        assert browser.run(MARKS) < before
        browser.press(" ", 32)
        assert browser.run(MARKS) == before
        colours = browser.run(COLOURS)
        browser.run("document.querySelector('figure.chart input[type=range]').focus()")
        browser.press("Home", 36)
        assert browser.run("Number(document.activeElement.value)") == 2009
        browser.run("document.querySelector('figure.chart:has(input[type=range])').view.runAsync().then(() => 0)")
        assert browser.run(COLOURS) != colours
        assert browser.asked == []


@with_browser
def test_in_a_browser_pages_fit_a_narrow_window_and_paper(pages: dict[str, Path], tmp_path: Path) -> None:
    with Browser(tmp_path, width=520) as browser:
        browser.open(pages["study"])
        narrow = browser.run(LOOK)
        assert narrow["wide"] <= 520
        assert all(figure["letters"] >= 9 for figure in narrow["figures"])
        browser.send("Emulation.setEmulatedMedia", media="print")
        browser.send("Emulation.setDeviceMetricsOverride", width=680, height=1000, deviceScaleFactor=1, mobile=False)
        paper = browser.run(LOOK)
        assert all(0 < figure["height"] <= 1000 for figure in paper["figures"])  # A4 less its margins
        assert all(figure["width"] <= 680 for figure in paper["figures"])
        assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"


def test_scenarios_and_levers_are_called_by_their_labels():
    use = SimpleNamespace(id="patrol_of_mine", lever="border_patrol", label=None)
    assert headed("more_places") == "More places" and name_of(use) == "Border patrol: of mine"
    with labelled({"more_places": "Half as many visas again"}):
        assert headed("more_places") == "Half as many visas again" and said("offices") == "offices in business"
    assert headed("more_places") == "More places"
    assert name_of(SimpleNamespace(**(vars(use) | {"label": "Patrols"}))) == "Patrols"
