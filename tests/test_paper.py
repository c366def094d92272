"""Figures and tables for papers: names, marks, captions, sizes, and what made each; results in Python."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_frames import make_frames
from matplotlib.patches import Rectangle
from PIL import Image
from test_compare import FLOW, study
from test_study_figures import texts
from toys import toy_study

import abm
from abm.analysis.naming import Dated, Names, Set, dated_changes
from abm.analysis.observation import OBSERVATIONS, to_million_usd
from abm.analysis.records import read_records, recorded, recorded_at
from abm.analysis.tables import table_of_comparison, table_of_levers, table_of_parameters, tex
from abm.cli import main
from abm.engine.errors import AbmError, ConfigError
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.places.places import places_of
from abm.plots import corridors, maps, ways
from abm.plots.comparison import draw_difference, draw_fan
from abm.plots.curves import months_of, whole_years
from abm.plots.flows import COLUMNS, _of_journeys, _of_margins
from abm.plots.panels import SETTLES, SETTLING
from abm.plots.score import title_of_record
from abm.plots.sheet import Sheet
from abm.plots.source import as_metadata, read_source
from abm.plots.standard import Figures, about_run, draw_one, draw_standard_plots
from abm.plots.style import COLUMN, PAGE, PAPER_DPI, About, drawing, save
from abm.plots.views import figures_of_comparison
from abm.results import run_id
from abm.society import DriversParams

ROOT = Path(__file__).parent.parent
LEVERS = (Dated("Patrols", 2009 * 12 + 5), Dated("Campaign", 2009 * 12 + 6, 2010 * 12 + 5))
NAMES = Names(
    {"policy": "More places"}, {"labour.job_growth": "Growth of jobs"},
    {"policy": (Dated("Legal places", 2018 * 12 + 12),)}, whole=True, start=2018 * 12,
)  # fmt: skip


@pytest.fixture(scope="module")
def frames():
    return make_frames(months=36)


# --------------------------------------------------------------------------------------------------------------- names


def labelled(folder: Path, label: str = "Campaign on deaths", lever: str = "Spots", factor: str = "Growth") -> Path:
    file = folder / "labelled.yaml"
    file.write_text(f"""
name: labelled
set: {{end: 2009-06, population: {{region: catchment, scale: 0.001}}}}
scenarios:
  baseline: {{}}
  campaign:
    label: {label}
    levers: [{{lever: awareness_campaign, topic: death, from: 2009-02, value: 0.1, label: {lever}}}]
factors: {{labour.job_growth: {{low: 0.01, high: 0.03, label: {factor}}}}}
design: {{method: grid, levels: 2}}
outcomes: [irregular_departures]
""")
    return file


def test_labels_are_read_and_kept_with_the_study(tmp_path):
    experiment = load_experiment(labelled(tmp_path))
    again = type(experiment).restore(experiment.resolved())
    for found in (Names.of(experiment), Names.of(again)):
        assert found.scenario("campaign") == "Campaign on deaths"
        assert found.scenario("baseline") == "baseline"
        assert found.factor("labour.job_growth") == "Growth"
        assert [lever.words for lever in found.dated["campaign"]] == ["Spots, from 2009-02"]
        assert not found.whole


def test_labels_make_no_run_anew(tmp_path):
    """Ids of runs leave labels out, in a plan as in a single run."""
    one, other = (Plan(load_experiment(labelled(tmp_path, *words))) for words in (("A", "B", "C"), ("D", "E", "F")))
    assert [run.run_id for run in one] == [run.run_id for run in other]
    assert [run.run_id for run in one] == [run_id(one.config(run).resolved(), run.seed) for run in one]
    use = {"lever": "border_patrol", "from": "2012-01", "value": 2}
    plain, named = (abm.make_config(levers=[{**use, **more}]) for more in ({}, {"label": "Patrols"}))
    assert run_id(plain.resolved(), 1) == run_id(named.resolved(), 1)
    assert run_id(plain.resolved(), 1) != run_id(abm.make_config(levers=[{**use, "value": 3}]).resolved(), 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [("label: [a]", "expected words for figures and tables"), (f"label: {'x' * 61}", "60 letters at most")],
)
def test_labels_that_are_none_are_refused(tmp_path, change, words):
    file = tmp_path / "bad.yaml"
    file.write_text(f"name: bad\nscenarios:\n  one: {{}}\n  two: {{{change}}}\n")
    with pytest.raises(ConfigError, match=words):
        load_experiment(file)
    file.write_text("name: bad\nset: {label: All}\nscenarios:\n  one: {}\n")
    with pytest.raises(ConfigError, match="belongs to one scenario"):
        load_experiment(file)


def test_figures_and_tables_call_things_by_their_labels():
    found = replace(study(), names=NAMES)
    table = table_of_comparison(found)
    assert "More places" in table.text() and "policy" not in table.text()
    for figure in figures_of_comparison(found).values():
        assert "More places" in texts(figure)
        assert "policy" not in texts(figure)


def test_large_numbers_are_in_millions_in_all_rows_of_an_outcome():
    found = study()
    totals = found.totals
    totals.loc[totals["outcome"] == FLOW, ["reference", "value", "difference", "low", "high"]] *= 1e6
    text = table_of_comparison(found).text()
    assert f"({'billion' if 'billion' in text else 'million'} person)" in text


def test_the_appendix_lists_what_varies_and_what_is_set(tmp_path):
    names = Names.of(load_experiment(labelled(tmp_path)))
    rows = {row.label: row for row in names.parameters}
    assert set(rows) == {"Growth", "population.scale"}
    assert (rows["Growth"].low, rows["Growth"].high) == (0.01, 0.03)
    assert rows["Growth"].source
    latex = table_of_parameters(names, "labelled").latex("parameters")
    assert "Growth" in latex and "0.01 to 0.03" in latex and r"\begin{table*}" in latex
    assert table_of_parameters(Names(), "none") is None
    (row,) = table_of_levers(names, "labelled").rows
    assert row[:3] == ("Campaign on deaths", "Spots (about death)", "10 % of the gap a month")
    assert table_of_levers(Names(), "none") is None


def test_latex_has_no_letter_that_it_does_not_know():
    """A light check where there is no LaTeX: braces and environments close, and letters are those of Latin 1."""
    strange = Set("a_b", 1.0, None, None, (0.0, 1.0), "‰ ± ² ≤ × – “x” …", "é & 50 %")
    text = table_of_parameters(Names(parameters=(strange,)), "x").latex("p")
    assert all(sign.isascii() or unicodedata.name(sign).startswith("LATIN") for sign in text)
    assert text.count("{") == text.count("}")
    assert re.findall(r"\\begin\{(\w+\*?)\}", text)[::-1] == re.findall(r"\\end\{(\w+\*?)\}", text)
    for line in text.splitlines():
        if line.endswith(r"\\") and " & " in line:
            assert not re.search(r"(?<!\\)[%#_]", line)
    assert tex("50 % & a_b") == r"50 \% \& a\_b"


# --------------------------------------------------------------------------------------------------------------- marks


def test_levers_and_the_opening_are_marked_on_panels_over_time(frames):
    about = about_run(frames, About("test", levers=LEVERS))
    with drawing():
        figure = draw_one("channels", frames, about)
        other = draw_one("drivers", frames, about)
    axes = figure.axes[0]
    assert {"AB"} <= {text.get_text() for text in axes.texts}  # too near to stand apart
    ends = {round(line.get_xdata()[0]) for line in axes.get_lines() if line.get_linestyle() not in ("-", "None")}
    assert len(ends) == 3  # two begin, one ends
    (grey,) = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert round(grey.get_width()) == (np.datetime64("2011-01", "D") - np.datetime64("2009-01", "D")).astype(int)
    assert SETTLING == 24 and SETTLES in figure.caption
    assert any("A Patrols, from 2009-06; B Campaign, from 2009-07 to 2010-06." in part for part in figure.caption)
    assert not any("Patrols" in part for part in other.caption)


def test_levers_on_triggers_have_no_date_and_events_have():
    config = abm.make_config(
        events=[
            {"event": "deaths", "month": "2014-05", "where": ["gujrat"], "way": {"leg": "libya_italy"}, "persons": 9},
            {"event": "incomes", "id": "bad_year", "from": "2012-01", "until": "2012-12", "multiple": 0.9},
        ],
        levers=[
            {"lever": "border_patrol", "from": "2013-01", "value": 2, "label": "Patrols"},
            {"lever": "search_and_rescue", "value": 0.4, "when": {"outcome": "deaths_en_route", "above": 50}},
        ],
    )
    slump, patrols, wreck = dated_changes(config.resolved())
    assert patrols == Dated("Patrols", 2013 * 12)
    assert (slump.words, wreck.words) == ("Bad year, from 2012-01 to 2012-12", "Deaths, 2014-05")


def test_what_a_caption_says_of_grey_is_drawn():
    found = replace(study(), names=NAMES)
    for comparison, fan, difference in (
        (replace(found, apart={"policy": "2019-01"}), True, True),
        (replace(found, names=Names(), apart={"policy": str(found.panel.months[0])}), False, False),
    ):
        with drawing():
            drawn = {True: draw_fan(comparison, FLOW), False: draw_difference(comparison, FLOW)}
        for is_fan, expected in ((True, fan), (False, difference)):
            grey = [patch for axes in drawn[is_fan].axes for patch in axes.patches if isinstance(patch, Rectangle)]
            assert bool(grey) == expected == ("Grey" in " ".join(drawn[is_fan].caption).replace("Grey line", ""))


def test_records_are_those_of_the_whole_outcome_in_its_unit():
    series = DriversParams().known
    workers = {record.year: record.value for record in read_records() if record.target == "BEOE_TOTAL"}
    assert recorded("legal_departures", series) == workers
    money = recorded("remittances", series)
    year, amount = next(iter(money.items()))
    assert 1e3 < to_million_usd(amount, year, series) < 1e5
    for outcome in ("deaths_en_route", "deportations", "irregular_departures"):  # counted in part, or with others
        assert not recorded(outcome, series)
    stock = recorded_at("STOCK_DEST", "saudi_arabia", places_of(), series)
    assert stock and not recorded_at("STOCK_DEST", "iran", places_of(), series).get(1990)


def test_records_of_the_country_stand_beside_runs_of_all_districts_only(frames):
    def circles(about) -> int:
        with drawing():
            axes = draw_one("channels", frames, about).axes[0]
        return sum(line.get_marker() == "o" for line in axes.get_lines())

    about = about_run(frames, About("test"))
    assert about.whole and circles(replace(about, whole=False)) == 0
    assert circles(about) == bool({2009, 2010, 2011} & set(recorded("legal_departures", about.series)))


def test_every_target_has_a_name_for_panels():
    for target in OBSERVATIONS:
        title = title_of_record(target, "Italy")
        assert title[0].isupper() and target not in title
        assert not title_of_record(target).endswith((" to", " from", " in", ","))


# ---------------------------------------------------------------------------------------------------------------- maps


def test_bounds_of_classes_have_one_number_of_decimals():
    rng = np.random.default_rng(1)
    for size in (1e-4, 0.3, 7.0, 900.0):
        norm, _ = maps.classify(rng.lognormal(0, 1.5, 134) * size, "OrRd")
        words = maps.bounds_in_words(norm.boundaries.tolist())
        assert len({len(word.partition(".")[2]) for word in words}) == 1
        assert [float(word.replace(",", "")) for word in words] == pytest.approx(norm.boundaries)


def test_a_map_by_year_and_its_animation(frames, tmp_path):
    about = about_run(frames, About("test"))
    with drawing():
        figure = draw_one("departures_by_year", frames, about)
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["2009", "2010", "2011"]
    few = {"district": make_frames(months=24, units=("gujrat", "jhelum"))["district"]}
    with Image.open(maps.animate_years(few, about, tmp_path / "years.gif")) as image:
        assert image.n_frames == 2
    assert maps.animate_years({"district": few["district"].iloc[:4]}, about, tmp_path / "no.gif") is None


def test_places_that_are_added_widen_the_map_and_flights_fan_out():
    places = places_of(abm.load_config(ROOT / "examples" / "extra_destination.yaml").places)
    usual = corridors.bounds_of_map(places_of(), {leg.key: 1.0 for leg in places_of().legs}, ())
    assert usual == corridors.BOUNDS
    wider = corridors.bounds_of_map(places, {"islamabad_kuala_lumpur": 1.0}, ())
    assert wider[1] == corridors.COVERED[1] and wider[2] == corridors.COVERED[2]  # it lies beyond both
    bends = corridors.Anchors.of(places, wider).bends
    flights = [leg for leg in places.legs if leg.guard == "air"]
    for start in {leg.start for leg in flights}:
        own = [bends[leg.key] for leg in flights if leg.start == start]
        assert len(set(own)) == len(own)


def test_what_a_configuration_adds_has_its_panel():
    sizes = {f"place_{number}": 100.0 - number for number in range(20)} | {"own": 0.0, "empty": 0.0}
    chosen = ways._choose(sizes, {"own"})
    assert len(chosen) == ways.MOST and "own" in chosen and "empty" not in chosen
    assert chosen == sorted(chosen, key=lambda key: -sizes[key])


def test_bands_add_up_to_the_flows(frames):
    flows = frames["flows"]
    bands = _of_margins(frames, places_of(), whole_years(months_of(flows)))
    irregular = flows[flows["channel"] == "irregular"]
    names = {found.key: found.name for found in places_of().destinations}
    by_end = irregular.groupby("destination")["persons"].sum().rename(names)
    pd.testing.assert_series_equal(
        bands.groupby("To")["persons"].sum(),
        by_end[by_end > 0].sort_index(),
        check_names=False,
        check_dtype=False,
        check_exact=False,
    )
    route = places_of().routes[0]
    journeys = pd.DataFrame({
        "month": pd.to_datetime(["2010-01-01", "2010-02-01"]), "origin": ["gujrat", "gujrat"],
        "begun_in": ["pakistan", "turkey"], "route": route.key, "persons": [7, 5],
    })  # fmt: skip
    exact = _of_journeys(journeys, places_of(), whole_years(months_of(journeys)))
    assert exact["persons"].tolist() == [7.0] and exact["From"].tolist() == ["Punjab"]
    assert list(exact)[:3] == list(COLUMNS)


# ----------------------------------------------------------------------------------------------------- style and source

SOURCE = {"run": "a/b", "command": r"abm run 'a (b)\c.yaml' --set x=é", "seed": "1"}


def test_every_kind_of_file_knows_what_made_it(tmp_path, capsys):
    with drawing("paper"):
        sheet = Sheet.new("Title", "How to read it.", ["A note."], width=9, body=2, left=0.8, right=0.3)
        sheet.panel().plot([1, 2])
        paths = save(sheet.figure, tmp_path, "one", SOURCE)
    assert [path.suffix for path in paths] == [".png", ".svg", ".pdf", ".txt"]
    for path in paths[:3]:
        assert read_source(path) == {"figure": "one", "style": "paper", **SOURCE}
    assert paths[3].read_text() == "Title.\n\nHow to read it.\n\nA note.\n"
    assert "Title" not in texts(sheet.figure)
    plain = tmp_path / "plain.png"
    sheet.figure.savefig(plain, metadata=as_metadata({}, ".png"))
    with pytest.raises(AbmError, match="does not say what made it"):
        read_source(plain)
    for name, words in (("no.png", "there is no file"), ("one.txt", "expected a figure")):
        with pytest.raises(AbmError, match=words):
            read_source(tmp_path / name)


def test_figures_for_a_paper_are_as_wide_as_a_column_or_a_page(frames, tmp_path):
    names = ("fees", "departures_map", "flows")
    written = draw_standard_plots(frames, tmp_path, About("test"), style="paper", only=names)
    assert len(written) == 4 * len(names)
    for path in written:
        if path.suffix == ".png":
            with Image.open(path) as image:
                assert round(image.width / PAPER_DPI, 2) in (COLUMN, PAGE), path.name
                assert image.height / PAPER_DPI < 9.5, path.name


@pytest.mark.parametrize("name", ["flows", "who_gets_what", "offices"])
def test_in_a_paper_names_are_clear_of_each_other_and_captions_do_not_say_where_panels_stand(frames, name):
    with drawing("paper"):
        figure = draw_one(name, frames, about_run(frames, About("test")))
        for axes in figure.axes:
            boxes = [text.get_window_extent().padded(-4) for text in axes.texts if text.get_text()]
            assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert "Left:" not in " ".join(figure.caption)


# -------------------------------------------------------------------------------------------------------------- Python


def test_figures_of_a_run_are_drawn_by_name_and_show_themselves(frames):
    figures = Figures(frames, about_run(frames, About("test")))
    assert figures["fees"] is figures["fees"]
    assert figures["fees"]._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(KeyError, match="there are channels"):
        figures["fee"]
    without = {name: frame for name, frame in frames.items() if name != "leg"}
    with pytest.raises(KeyError, match="has nothing to show"):
        Figures(without, about_run(without, About("test")))["enforcement"]


def test_configurations_and_experiments_print_in_a_line():
    assert repr(abm.make_config(name="a", labour={"job_growth": 0.02})) == str(
        abm.make_config(name="a", labour={"job_growth": 0.02})
    )
    for file in ("configs/all_streams.yaml", "examples/levers.yaml"):
        assert len(repr(abm.load_config(ROOT / file))) < 300
    assert "changed: labour.job_growth" in repr(abm.make_config(labour={"job_growth": 0.02}))
    assert len(repr(load_experiment(ROOT / "experiments" / "policy_comparison.yaml"))) < 300


def test_names_of_errors_and_classes_are_at_hand():
    for name in ("AbmError", "ConfigError", "OutputError", "AnalysisError", "Config", "Model", "RunView"):
        assert name in abm.__all__ and getattr(abm, name)


def test_the_command_draws_again_and_says_what_made_a_figure(tmp_path, capsys):
    settings = {"start": "2009-01", "end": "2010-12", "population": {"region": "catchment", "scale": 0.001}}
    result = abm.run(abm.make_config(name="tiny", **settings), out=tmp_path, plots=False)
    assert {"market", "society", "beliefs"} <= set(result.outcomes["subject"])
    assert not {"bonded_households", "trafficked_domestic"} & set(result.outcomes["outcome"])  # off: not simulated
    assert result.subject("beliefs").columns[0] == "month"
    with pytest.raises(abm.OutputError, match="did you mean 'market'"):
        result.subject("markets")
    out = tmp_path / "drawn"
    assert main(["figures", str(result.folder), "--only", "offices", "--style", "paper", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {f"offices.{kind}" for kind in ("png", "svg", "pdf", "txt")}
    capsys.readouterr()
    assert main(["figure-source", str(out / "offices.pdf")]) == 0
    told = capsys.readouterr().out
    assert f"tiny/{result.id}" in told and "abm.run" in told and "--only offices --style paper" in told
    assert main(["figures", str(result.folder), "--only", "office"]) == 2
    assert "did you mean 'offices'" in capsys.readouterr().err


def test_results_for_the_workbench_have_levels_and_differences(tmp_path):
    from test_study_analysis import make

    experiment = toy_study(tmp_path, points=4)
    found = make(experiment, tmp_path / "toy")
    experiments, outcomes = found.to_ema()
    runs = len(found.design)
    assert len(experiments) == runs and set(experiments["policy"]) == set(experiment.scenarios)
    assert all(len(values) == runs for values in outcomes.values())
    assert [name.removesuffix("_level") for name in outcomes if name.endswith("_level")] == list(experiment.outcomes)
    reference = (experiments["policy"] == experiment.reference).to_numpy()
    name = experiment.outcomes[0]
    level, difference = outcomes[f"{name}_level"], outcomes[f"{name}_difference"]
    assert (difference[reference] == 0).all()
    row = int(np.flatnonzero(~reference)[0])
    same = (experiments["scenario"] == experiments["scenario"].iloc[row]) & (
        experiments["replicate"] == experiments["replicate"].iloc[row]
    )
    assert difference[row] == level[row] - level[(same & reference).to_numpy()][0]
    table = found.table("national", [name])
    months = table[(table["scenario"] == experiments["policy"].iloc[row])]
    months = months[(months["point"] == experiments["scenario"].iloc[row])]
    months = months[(months["replicate"] == experiments["replicate"].iloc[row])]
    first, last = (pd.Timestamp(end) for end in experiment.window)
    inside = months[(months["month"] >= first) & (months["month"] <= last)]
    assert level[row] == pytest.approx(inside[name].sum())
