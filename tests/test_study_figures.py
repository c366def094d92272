"""Tables for people and figures of studies: what they say, that they are drawn, also of little."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from made_up_study import make_design, make_table, noise
from matplotlib.figure import Figure
from test_compare import FLOW, RATE, STOCK, compare, departures, study
from test_sensitivity import analyse, factors_of
from test_sensitivity import study as make_study

from abm.analysis.compare import Comparison
from abm.analysis.sensitivity import analyse_panel
from abm.analysis.tables import TextTable, table_of_comparison, table_of_costs, table_of_sensitivity
from abm.analysis.wording import Note, estimate, figure
from abm.month import OUTCOMES
from abm.plots.comparison import draw_difference, draw_fan
from abm.plots.style import OKABE_ITO, drawing, save_figures
from abm.plots.views import figures_of_comparison, figures_of_sensitivity

pytestmark = pytest.mark.filterwarnings("error")

TWO = factors_of(("x1", "x2"), 0, 1)


def draw(figure: Figure) -> None:
    figure.set_dpi(40)
    with drawing():
        figure.canvas.draw()


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


# ---------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((-12345.6, -15111, -9580), "−12,300 [−15,100, −9,600]"),
        ((0.1234, 0.0834, 0.1634), "0.123 [0.083, 0.163]"),
        ((5.4, float("nan"), float("nan")), "5.40"),
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((-0.001, -0.5, 0.498), "0.00 [−0.50, 0.50]"),
        ((float("nan"),) * 3, "–"),
        ((9.000001, 9.0, 9.000002), "9.000 [9.000, 9.000]"),
        ((723.6, 723.6, 723.6), "723.6 [723.6, 723.6]"),
        ((1410323677.0, 1410323676.9999998, 1410323677.0000002), "1,410,323,677 [1,410,323,677, 1,410,323,677]"),
    ],
)
def test_estimates_are_written_to_the_precision_that_they_have(numbers, text):
    assert estimate(*numbers) == text


def test_figures_have_three_digits():
    assert [figure(value) for value in (1234567, 123.4, 1.234, 0.01234, 0, np.nan)] == [
        "1,234,567", "123", "1.23", "0.0123", "0", "–",
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- tables


TABLE = TextTable("A & B", ("name", "μ"), [["a_b", "1 %"], ["c|d", "−2"]], numbers=(1,), notes=("note",))


def test_markdown():
    assert TABLE.markdown() == "**A & B**\n\n| name | μ |\n| --- | ---: |\n| a_b | 1 % |\n| c\\|d | −2 |\n\n- note\n"


def test_latex_escapes_what_it_must():
    text = TABLE.latex("made_up")
    assert r"\caption{A \& B}" in text
    assert r"a\_b & 1 \% \\" in text
    assert r"c|d & $-$2 \\" in text
    assert r"\label{tab:made_up}" in text
    assert TABLE.latex("tab:made_up") == text
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX here")
def test_latex_can_be_set(tmp_path):
    table = table_of_comparison(study()).latex("comparison")
    page = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}" + table + "\\end{document}"
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    subprocess.run(["pdflatex", "-halt-on-error", "page.tex"], cwd=tmp_path, check=True, capture_output=True)


def test_html_and_text():
    assert "<td style='text-align:right'>1 %</td>" in TABLE.html()
    assert "A &amp; B" in TABLE.html()
    assert TABLE.text() == "A & B\nname    μ\na_b   1 %\nc|d    −2\nnote\n"


def test_table_of_a_comparison_says_what_it_is_about():
    table = table_of_comparison(replace(study(), name="made_up"))
    assert table.title == "made_up: differences from baseline, 2018-01 to 2020-12"
    assert [row[0] for row in table.rows] == [
        "irregular departures, total (person)",
        "persons abroad, mean (person)",
        "persons abroad, last month (person)",
        "median fee, mean (PKR of 2017)",
    ]
    assert table.rows[0][5].startswith("−13.28 % [")
    assert "policy: the same as baseline to the bit before 2018-02" in table.notes  # the stock moves first
    assert "95 % t intervals of paired differences from 'baseline'" in table.notes
    assert table_of_costs(study()) is None


def test_table_of_costs_divides_by_millions():
    table = table_of_costs(with_costs())
    assert table.rows[0][:4] == ["policy", "24 [24, 24]", "irregular departures, total", "person"]
    assert len(table.rows) == 1  # a million buys no level and no price
    assert table.columns[1] == "cost, million PKR [95 %]"


def with_costs() -> Comparison:
    design = make_design()

    def cost(rows, months):
        return np.where((rows["scenario"] == "policy").to_numpy()[:, None] & (months >= 12), 2e6, 0.0)

    return compare(design, make_table(design, 24, {FLOW: departures, "policy_cost": cost}), extra=("policy_cost",))


def test_table_of_sensitivity_ranks_factors():
    panel, table, _ = make_study(
        lambda x: 3 * x[:, 0] + x[:, 1], TWO, "saltelli", samples=64, replicates=2, noise=(1, 0.1)
    )
    found = table_of_sensitivity(analyse(panel, table))
    assert [row[1:3] for row in found.rows] == [["1", "x1"], ["2", "x2"]]
    assert found.columns[3:] == (
        "first order [95 %]", "total [95 %]", "first order, noise taken out [95 %]", "total, noise taken out [95 %]",
    )  # fmt: skip
    assert any("of the variance of single runs comes from factors" in note for note in found.notes)


# ---------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("months", [1, 7, 36])
def test_figures_of_a_comparison(months):
    figures = figures_of_comparison(study(months=months))
    assert set(figures) == {
        "forest",
        *(f"fan_{name}" for name in (FLOW, STOCK, RATE)),
        *(f"difference_{name}" for name in (FLOW, STOCK, *((RATE,) if months > 1 else ()))),  # that is blank at first
    }
    for made in figures.values():
        draw(made)
    if months > 24:
        assert "persons a year" in texts(figures[f"fan_{FLOW}"])
        assert "difference from baseline" in texts(figures[f"difference_{FLOW}"])
    elif months > 1:
        assert "persons a month" in texts(figures[f"fan_{FLOW}"])


def test_one_pair_and_missing_runs_are_drawn_and_said():
    design = make_design(("baseline", "policy", "other"), replicates=2)
    design.loc[(design["scenario"] == "other"), "status"] = "failed"
    design.loc[(design["replicate"] == 1) & (design["scenario"] == "policy"), "status"] = "failed"
    comparison = compare(design, make_table(design, 36, {FLOW: departures}))
    for made in figures_of_comparison(comparison).values():
        draw(made)
        assert "other: 2 failed of 2 runs" in texts(made)


def test_nothing_ever_happens_is_drawn():
    design = make_design()
    comparison = compare(design, make_table(design, 36, {FLOW: lambda rows, months: np.zeros((len(rows), 1))}))
    for made in figures_of_comparison(comparison).values():
        draw(made)


def test_fan_is_made_of_quantiles_of_runs():
    """Runs of 1, 2, … 21 a month in every month: median 11, and 90 % between 2 and 20; by year twelve times that."""
    design = make_design(replicates=21)
    table = make_table(design, 24, {FLOW: lambda rows, months: (1.0 + rows["replicate"].to_numpy())[:, None]})
    figure = draw_fan(compare(design, table), FLOW)
    axes = figure.axes[0]
    assert set(axes.lines[0].get_ydata()) == {132.0}
    outer = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (outer.min(), outer.max()) == (24, 240)
    assert axes.get_title() == "baseline"
    assert axes.get_title(loc="right") == "21 runs"


def test_months_before_the_policy_have_a_grey_background():
    figure = draw_difference(study(months=12), FLOW)
    (background,) = figure.axes[0].patches
    days = np.array([background.get_x(), background.get_x() + background.get_width()]).astype("datetime64[D]")
    assert days.astype(str).tolist() == ["2018-01-01", "2018-02-01"]
    by_year = draw_difference(study(months=36), FLOW)  # the first year holds months with the policy
    assert not by_year.axes[0].patches


def test_same_comparison_gives_same_bytes(tmp_path):
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
    first, second = (save_figures(figures_of_comparison(study()), folder) for folder in folders)
    assert len(first) == 21
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_forest_tells_sure_differences_from_others():
    """Filled where the interval leaves zero out."""
    design = make_design(("baseline", "policy", "other"), replicates=8)

    def flows(rows, months):
        own = np.where((rows["scenario"] == "other").to_numpy()[:, None], noise(rows, months, 5, 9), 0.0)
        return departures(rows, months) + own

    forest = figures_of_comparison(compare(design, make_table(design, 60, {FLOW: flows})))["forest"]
    (axes,) = forest.axes
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, True]
    assert dots[0].get_color() == OKABE_ITO["blue"] and "Blue: lower" in forest.caption[1]
    assert "+0" not in texts(forest)


@pytest.mark.parametrize("method", ["saltelli", "morris", "one_at_a_time", "lhs", "grid"])
@pytest.mark.parametrize("replicates", [1, 3])
def test_figures_of_sensitivity(method, replicates):
    design = {"saltelli": {"samples": 16}, "morris": {"samples": 8}, "lhs": {"samples": 60}, "grid": {"levels": 4}}
    names = tuple(f"section.factor_{k}" for k in range(3 if method == "grid" else 20))
    panel, table, _ = make_study(
        lambda x: x @ np.arange(len(names)), factors_of(names, 0, 1), method, replicates=replicates, noise=(1, 0.1),
        **design.get(method, {}),
    )  # fmt: skip
    found = analyse(panel, table)
    figures = figures_of_sensitivity(found)
    assert ("variance" in figures) == (replicates > 1)
    for made in figures.values():
        draw(made)
    shown = texts(figures[f"{found.kind}_fee_median"])
    assert names[-1] in shown
    if method not in ("grid", "morris"):
        assert "5 factors that matter less are left out" in shown


@pytest.mark.parametrize("method", ["saltelli", "morris", "one_at_a_time", "lhs"])
def test_an_outcome_that_nothing_changes_has_a_note_and_no_figure(method):
    design = {} if method == "one_at_a_time" else {"samples": 16}
    panel, table, _ = make_study(lambda x: np.full(len(x), 2.0), TWO, method, **design)
    found = analyse(panel, table)
    assert (found.indices["importance"] == 0).all() and found.top("fee_median").empty
    assert not figures_of_sensitivity(found)
    assert "fee_median: no factor is seen to change it" in found.notes


def test_notes_stand_only_under_what_they_concern():
    """Noise and assumptions of one outcome are not under the figures of another, nor any of it under `variance`."""
    panel, table, _ = make_study(lambda x: x[:, 0], TWO, "lhs", samples=60, replicates=3, noise=(0.1, 0.1))
    chance = np.random.default_rng(1).normal(0, 1, panel.values["fee_median"].shape)
    panel = replace(panel, values={**panel.values, FLOW: panel.values["fee_median"] + 9 * chance})
    found = analyse_panel(panel, table, {name: OUTCOMES[name] for name in ("fee_median", FLOW)})
    figures = figures_of_sensitivity(found)
    shown = {name: " ".join(texts(figure).split()) for name, figure in figures.items()}
    assert "is noise of seeds" in shown[f"regression_{FLOW}"]
    assert "is noise of seeds" not in shown["regression_fee_median"]
    assert "noise" not in shown["variance"]

    design = make_design(replicates=2)
    design.loc[3, "status"] = "failed"
    table = make_table(design, 24, {FLOW: departures, RATE: lambda rows, months: np.full((len(rows), 1), 5.0)})
    comparison = compare(design, table, (FLOW, RATE))
    levels = Note(f"'{RATE}': levels are assumed", outcomes=[RATE])
    figures = figures_of_comparison(replace(comparison, notes=(*comparison.notes, levels)))
    shown = {name: " ".join(texts(figure).split()) for name, figure in figures.items()}
    assert {name for name, text in shown.items() if "levels are assumed" in text} == {
        "forest", f"fan_{RATE}", f"difference_{RATE}",
    }  # fmt: skip
    assert {name for name, text in shown.items() if "one pair of runs" in text} == {
        "forest", f"difference_{FLOW}", f"difference_{RATE}",
    }  # fmt: skip
    assert all("1 failed of 2 runs" in text for text in shown.values())


def test_fan_of_an_unfinished_study_draws_pairs():
    """Runs of 1, 2, … 21 a month, of the policy only the first 11: the reference's other ten are not drawn either."""
    design = make_design(replicates=21)
    design.loc[(design["scenario"] == "policy") & (design["replicate"] > 10), "status"] = "planned"
    table = make_table(design, 24, {FLOW: lambda rows, months: (1.0 + rows["replicate"].to_numpy())[:, None]})
    for axes in draw_fan(compare(design, table), FLOW).axes:
        assert axes.get_title(loc="right") == "11 runs"
        assert [set(line.get_ydata()) for line in axes.lines] == [{72.0}] * len(axes.lines)
        assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(12 * 10.5)
