"""Indices of functions whose answers are known, through the path of a study: design, runs, panel, analysis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from made_up_study import make_design, make_table
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol
from SALib.test_functions import Ishigami

from abm.analysis.factors import FactorTable, saltelli_size
from abm.analysis.panel import Panel
from abm.analysis.replicates import mean_of_blocks, split_variance
from abm.analysis.sensitivity import Sensitivity, analyse_panel
from abm.engine.errors import AnalysisError
from abm.experiments.design import make_points
from abm.experiments.factors import Factor
from abm.experiments.settings import DESIGNS
from abm.month import OUTCOMES

OUTCOME = "fee_median"
ISHIGAMI = ("x1", "x2", "x3")
FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
"""Analytic indices of Ishigami and Homma (1990) with a = 7, b = 0.1."""

Function = Callable[[np.ndarray], np.ndarray]


def factor(name: str, low: float, high: float, **more) -> Factor:
    values = {"whole": False, "scale": "linear", "levels": None, "values": (), "scenarios": ("baseline",), "unit": "1"}
    return Factor(name=name, low=low, high=high, centre=(low + high) / 2, **(values | more))


def factors_of(names: tuple[str, ...], low: float, high: float) -> list[Factor]:
    return [factor(name, low, high) for name in names]


def study(
    function: Function,
    factors: list[Factor],
    method: str,
    *,
    replicates: int = 1,
    noise: tuple[float, float] = (0.0, 0.0),
    lose: Callable[[pd.DataFrame], pd.Series] | None = None,
    scenarios: tuple[str, ...] = ("baseline",),
    **design,
) -> tuple[Panel, FactorTable, np.ndarray]:
    """Make a study of a function: `noise` is the spread of what a seed does to all points, and to each by itself."""
    points = make_points(DESIGNS[method].model_validate({"method": method, **design}), factors)
    names = tuple(found.name for found in factors)
    rows = make_design(scenarios, points, names, replicates)
    if lose is not None:
        rows.loc[lose(rows), "status"] = "failed"
    answers = function(points)
    rng = np.random.default_rng(5)
    shared, own = rng.normal(0, noise[0], replicates), rng.normal(0, noise[1], (len(points), replicates))

    def outcome(done: pd.DataFrame, months: np.ndarray) -> np.ndarray:
        point, replicate = done["point"].to_numpy(), done["replicate"].to_numpy()
        return (answers[point] + shared[replicate] + own[point, replicate])[:, None] + 0 * months

    panel = Panel.of(rows, make_table(rows, 2, {OUTCOME: outcome}), [OUTCOME], scenarios[0])
    levels = design.get("levels", 4)
    return panel, FactorTable(names, points, method, levels=levels), answers


def analyse(panel: Panel, table: FactorTable, **how) -> Sensitivity:
    return analyse_panel(panel, table, {OUTCOME: OUTCOMES[OUTCOME]}, **how)


def column(found: Sensitivity, name: str) -> np.ndarray:
    return found.indices.set_index("factor").loc[list(found.factors.names), name].to_numpy()


def ishigami(**how):
    return study(Ishigami.evaluate, factors_of(ISHIGAMI, -np.pi, np.pi), **how)


# ------------------------------------------------------------------------------------------------------------ Sobol'


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_are_those_of_salib_and_near_the_truth(second_order):
    panel, table, answers = ishigami(method="saltelli", samples=1024, second_order=second_order)
    found = analyse(panel, table)
    problem = {"num_vars": 3, "names": list(ISHIGAMI), "bounds": [[0, 1]] * 3}
    by_hand = salib_sobol.analyze(problem, answers, calc_second_order=second_order, num_resamples=1000, seed=1)
    assert column(found, "first") == pytest.approx(by_hand["S1"])
    assert column(found, "total") == pytest.approx(by_hand["ST"])
    assert column(found, "total_high") == pytest.approx(by_hand["ST"] + by_hand["ST_conf"])
    assert column(found, "first") == pytest.approx(FIRST, abs=0.03)
    assert column(found, "total") == pytest.approx(TOTAL, abs=0.03)
    assert found.top(OUTCOME).factor.tolist() == ["x1", "x2", "x3"]
    if second_order:
        pair = found.moves.set_index(["factor", "other"]).loc[("x1", "x3"), "second"]
        assert pair == pytest.approx(0.2437, abs=0.05)
    else:
        assert found.moves is None


@pytest.mark.parametrize(
    ("method", "few", "enough", "words"),
    [
        ("saltelli", 4, 64, "4 base points are too few for 3 factors: do not read these indices; take 64 at least"),
        ("morris", 3, 4, "3 trajectories are too few for 3 factors: do not read these indices; take 4 at least"),
        ("lhs", 10, 40, "10 points are too few for 3 factors: do not read these indices; take 40 at least"),
    ],
)
def test_too_few_of_anything_is_said_alike(method, few, enough, words):
    """Whatever the design, indices of next to no points come with the same warning."""
    said = [" ".join(analyse(*ishigami(method=method, samples=size)[:2]).notes) for size in (few, enough)]
    assert words in said[0]
    assert "too few" not in said[1]


def test_noise_of_seeds_is_taken_out_of_the_indices_of_the_expected_outcome():
    """Noise as large as the function: indices of means are diluted, those of the expectation are not."""
    panel, table, _ = ishigami(method="saltelli", samples=2048, replicates=4, noise=(3.0, 5.0))
    found = analyse(panel, table)
    assert column(found, "total_expected") == pytest.approx(TOTAL, abs=0.06)
    assert column(found, "first_expected") == pytest.approx(FIRST, abs=0.06)
    assert column(found, "total")[2] > TOTAL[2] + 0.15
    assert (column(found, "total_expected_low") <= TOTAL).all()
    assert (column(found, "total_expected_high") >= TOTAL).all()


def test_common_noise_does_no_harm():
    """What a seed does to all points drops out: the indices are as without it."""
    quiet = analyse(*ishigami(method="saltelli", samples=256, replicates=3)[:2])
    loud = analyse(*ishigami(method="saltelli", samples=256, replicates=3, noise=(100.0, 0.0))[:2])
    for name in ("first", "total", "first_expected", "total_expected"):
        assert column(loud, name) == pytest.approx(column(quiet, name))


def test_base_points_that_lack_a_run_are_left_out_and_counted():
    def lose(rows):
        return rows["point"].isin([7, 8, 500])

    panel, table, answers = ishigami(method="saltelli", samples=256, lose=lose)
    found = analyse(panel, table)
    kept = np.delete(answers.reshape(256, 5), [1, 100], axis=0).ravel()
    problem = {"num_vars": 3, "names": list(ISHIGAMI), "bounds": [[0, 1]] * 3}
    assert column(found, "total") == pytest.approx(salib_sobol.analyze(problem, kept, calc_second_order=False)["ST"])
    assert found.fit[["used", "lost"]].to_numpy().tolist() == [[254, 2]]
    assert f"{OUTCOME}: 2 of 256 base points are left out, since runs are missing" in found.notes
    assert "baseline: 3 failed of 1,280 runs" in found.notes


def test_a_failed_replicate_costs_no_base_point():
    def lose(rows):
        return (rows["replicate"] == 1) & (rows["point"] % 40 == 3)

    panel, table, _ = ishigami(method="saltelli", samples=256, replicates=3, noise=(50.0, 0.0), lose=lose)
    found = analyse(panel, table)
    assert found.fit["lost"].tolist() == [0]
    quiet = analyse(*ishigami(method="saltelli", samples=256)[:2])
    assert column(found, "total") == pytest.approx(column(quiet, "total"), rel=0.35)


def test_saltelli_order_is_checked():
    points = make_points(
        DESIGNS["saltelli"].model_validate({"method": "saltelli", "samples": 8}), factors_of(ISHIGAMI, 0, 1)
    )
    assert saltelli_size(FactorTable(ISHIGAMI, points, "saltelli")) == 5
    with pytest.raises(AnalysisError, match="no complete Saltelli design of 3 factors"):
        saltelli_size(FactorTable(ISHIGAMI, points[::-1], "saltelli"))
    with pytest.raises(AnalysisError, match="39 points"):
        saltelli_size(FactorTable(ISHIGAMI, points[:-1], "saltelli"))


# ----------------------------------------------------------------------------------------------------------- Morris


def test_morris_effects_are_those_of_salib():
    panel, table, answers = ishigami(method="morris", samples=64)
    found = analyse(panel, table)
    problem = {"num_vars": 3, "names": list(ISHIGAMI), "bounds": [[-np.pi, np.pi]] * 3, "groups": None}
    by_hand = salib_morris.analyze(problem, table.values, answers, num_resamples=1000, num_levels=4, seed=1)
    for name in ("mu", "mu_star", "sigma"):
        assert column(found, name) == pytest.approx(np.asarray(by_hand[name], float))
    assert found.fit["used"].tolist() == [64]


def test_morris_effect_is_the_change_over_the_whole_range():
    """Of a straight line, at any number of levels, for factors on other scales and of whole numbers as well."""

    def line(points):
        return 10 * points[:, 0] + 2 * points[:, 1] - 3 * np.log10(points[:, 2])

    factors = [factor("x1", 0, 5), factor("x2", 0, 3, whole=True), factor("x3", 1, 100, scale="log")]
    for levels in (4, 8):
        panel, table, _ = study(line, factors, "morris", samples=40, levels=levels)
        found = analyse(panel, table)
        assert column(found, "mu")[[0, 2]] == pytest.approx([50, -6])
        assert column(found, "mu")[1] == pytest.approx(6, rel=0.4)
        assert column(found, "mu_star")[2] == pytest.approx(6)
        assert column(found, "sigma")[0] == pytest.approx(0, abs=1e-9)


def test_morris_says_how_much_of_an_effect_is_noise():
    panel, table, _ = study(
        lambda x: 10 * x[:, 0], factors_of(("x1", "x2"), 0, 1), "morris", samples=200, replicates=4, noise=(9.0, 1.0)
    )
    found = analyse(panel, table)
    assert column(found, "noise") == pytest.approx(np.sqrt(2 / 4) / (2 / 3), rel=0.1)
    assert column(found, "mu")[0] == pytest.approx(10, abs=0.3)


def test_a_report_draws_elementary_effects():
    from abm.page.sensitivity import sensitivity_blocks

    chart, names, *_ = sensitivity_blocks(analyse(*ishigami(method="morris", samples=20)[:2]))
    assert "μ*: mean absolute effect" in str(chart.spec)
    assert [name for _, name in names.rows] == [name for _, name, *_ in chart.numbers.rows]
    assert len(names.rows) == len(ISHIGAMI)


def test_trajectories_that_lack_a_run_are_left_out():
    panel, table, answers = ishigami(method="morris", samples=20, lose=lambda rows: rows["point"] == 5)
    found = analyse(panel, table)
    assert found.fit[["used", "lost"]].to_numpy().tolist() == [[19, 1]]
    kept = np.r_[0:4, 8:80]
    problem = {"num_vars": 3, "names": list(ISHIGAMI), "bounds": [[-np.pi, np.pi]] * 3, "groups": None}
    by_hand = salib_morris.analyze(problem, table.values[kept], answers[kept], num_levels=4)
    assert column(found, "mu_star") == pytest.approx(np.asarray(by_hand["mu_star"], float))


# ---------------------------------------------------------------------------------------------------- one at a time


def test_tornado_has_paired_differences_from_the_centre():
    def line(points):
        return 3 * points[:, 0] - points[:, 1] ** 2

    panel, table, _ = study(
        line, factors_of(("x1", "x2", "x3"), 0, 2), "one_at_a_time", replicates=5, noise=(100.0, 0.1)
    )
    found = analyse(panel, table)
    moves = found.moves.set_index(["factor", "at"])
    assert moves.loc[("x1", 2.0), "difference"] == pytest.approx(3, abs=0.2)
    assert moves.loc[("x1", 0.0), "difference"] == pytest.approx(-3, abs=0.2)
    assert moves.loc[("x2", 2.0), "difference"] == pytest.approx(-3, abs=0.2)
    assert moves.loc[("x2", 0.0), "difference"] == pytest.approx(1, abs=0.2)
    assert moves.loc[("x1", 2.0), "low"] < 3 < moves.loc[("x1", 2.0), "high"]
    assert (moves["centre"] == 1).all()
    assert (moves["high"] - moves["low"] < 1).all()
    assert found.indices.factor.tolist()[:2] == ["x1", "x2"]
    assert column(found, "swing")[:2] == pytest.approx([6, 4], abs=0.4)


def test_missing_centre_leaves_blanks():
    panel, table, _ = study(
        lambda x: x[:, 0],
        factors_of(("x1",), 0, 2),
        "one_at_a_time",
        replicates=2,
        lose=lambda rows: rows["point"] == 0,
    )
    found = analyse(panel, table)
    assert found.moves["difference"].isna().all()
    assert "baseline: 2 failed of 6 runs" in found.notes


# ------------------------------------------------------------------------------------------------------- regression


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_regression_finds_the_coefficients_of_a_line(method):
    """y = 4 x1 + 2 x2 + x3: standardised coefficients are proportional to 4, 2, 1, and their squares add up to 1."""
    names = ("x1", "x2", "x3", "x4")
    panel, table, _ = study(lambda x: x @ [4, 2, 1, 0], factors_of(names, 0, 1), method, samples=512)
    found = analyse(panel, table)
    assert column(found, "src") == pytest.approx(np.array([4, 2, 1, 0]) / np.sqrt(21), abs=0.02)
    assert found.fit["r_squared"].item() == pytest.approx(1)
    assert (column(found, "prcc")[:3] > 0.85).all()
    assert (column(found, "src_low") <= column(found, "src") + 1e-12).all()
    assert found.top(OUTCOME, 3).factor.tolist() == ["x1", "x2", "x3"]
    pawn = column(found, "pawn")
    assert pawn[0] > pawn[1] > pawn[3]
    assert pawn[3] < found.fit["pawn_dummy"].item() < pawn[1]
    assert found.unseen == ("x4",)
    assert (
        "no effect of factor 'x4' is seen on any of these outcomes; a small one may be hidden by noise" in found.notes
    )


def test_ranks_bear_a_bend_and_pawn_a_valley():
    def bent(points):
        return np.exp(6 * points[:, 0]) + 800 * (points[:, 1] - 0.5) ** 2

    panel, table, _ = study(bent, factors_of(("x1", "x2"), 0, 1), "lhs", samples=400)
    found = analyse(panel, table)
    assert abs(column(found, "src")[1]) < 0.15
    assert abs(column(found, "prcc")[1]) < 0.25
    assert column(found, "pawn")[1] > found.fit["pawn_dummy"].item()
    assert not found.unseen


def test_partial_rank_correlation_is_that_of_residuals():
    """The definition: correlation of what the ranks of the other factors leave of the two."""
    from scipy.stats import rankdata

    rng = np.random.default_rng(2)
    panel, table, answers = study(
        lambda x: x[:, 0] * x[:, 1] + rng.normal(0, 0.1, len(x)),
        factors_of(("x1", "x2", "x3"), 0, 1),
        "lhs",
        samples=100,
    )
    ranks, outcome = rankdata(table.values, axis=0), rankdata(answers)
    others = np.column_stack([np.ones(100), ranks[:, 1:]])
    left = [one - others @ np.linalg.lstsq(others, one)[0] for one in (ranks[:, 0], outcome)]
    assert column(analyse(panel, table), "prcc")[0] == pytest.approx(np.corrcoef(*left)[0, 1])


def test_intervals_of_regression_cover(monkeypatch):
    monkeypatch.setattr("abm.analysis.regression.DUMMIES", 2)
    hits = []
    for trial in range(40):
        rng = np.random.default_rng(trial)
        panel, table, _ = study(
            lambda x, rng=rng: x[:, 0] + rng.normal(0, 0.5, len(x)),
            factors_of(("x1", "x2"), 0, 1),
            "lhs",
            samples=80,
            seed=trial,
        )
        found = analyse(panel, table, level=0.9)
        truth = np.array([1 / np.sqrt(12), 0]) / np.sqrt(1 / 12 + 0.25)
        hits.append((column(found, "src_low") <= truth) & (truth <= column(found, "src_high")))
    assert np.mean(hits) == pytest.approx(0.9, abs=0.08)


def test_too_few_points_for_a_regression():
    panel, table, _ = study(lambda x: x.sum(1), factors_of(("x1", "x2", "x3"), 0, 1), "lhs", samples=5)
    with pytest.raises(AnalysisError, match="5 finished points are too few for a regression on 3 factors"):
        analyse(panel, table)


def test_noisy_outcomes_and_poor_fits_are_reported():
    panel, table, _ = study(
        lambda x: x[:, 0], factors_of(("x1", "x2"), 0, 1), "lhs", samples=100, replicates=2, noise=(1.0, 1.0)
    )
    notes = " ".join(analyse(panel, table).notes)
    assert "the regressions explain" in notes
    assert "is noise of seeds; add replicates" in notes
    assert "there is one replicate" in " ".join(analyse(*ishigami(method="lhs", samples=50)[:2]).notes)


# ------------------------------------------------------------------------------------------- replicates and factors


def test_variance_is_split_by_the_law_of_total_variance():
    rng = np.random.default_rng(4)
    parts = [], [], []
    for _ in range(300):
        values = 3 * rng.standard_normal((20, 1)) + 2 * rng.standard_normal((1, 8)) + rng.standard_normal((20, 8))
        split = split_variance(values)
        for kept, found in zip(parts, (split.factors, split.seeds, split.left), strict=True):
            kept.append(found)
    assert [np.mean(kept) for kept in parts] == pytest.approx([9, 4, 1], rel=0.15)


def test_variance_with_one_replicate_is_not_split():
    split = split_variance(np.random.default_rng(1).normal(size=(50, 1)))
    assert np.isnan(split.noise_share)
    assert split.factors > 0
    found = analyse(*ishigami(method="lhs", samples=50)[:2])
    assert np.isnan(found.fit["noise_share"].item())


def test_averaging_does_not_let_a_seed_pass_for_a_factor():
    """The low seed is missing at one point; a mean of what is there would put that point 50 above the others."""
    values = np.array([[0.0, 100.0], [1.0, 101.0], [2.0, np.nan]])
    found, known = mean_of_blocks(values, 1)
    assert found.ravel() == pytest.approx([50, 51, 52])
    assert known.all()
    found, known = mean_of_blocks(np.array([[1.0, 3.0], [np.nan, np.nan]]), 1)
    assert found[0, 0] == 2
    assert known.tolist() == [True, False]


@pytest.mark.parametrize("method", ["saltelli", "morris", "one_at_a_time"])
def test_a_factor_that_changes_nothing_is_named(method):
    """To the bit, in spite of noise: random numbers are common."""
    design = {} if method == "one_at_a_time" else {"samples": 16}
    panel, table, _ = study(
        lambda x: x[:, 0], factors_of(("x1", "x2"), 0, 1), method, replicates=3, noise=(5.0, 0.0), **design
    )
    found = analyse(panel, table)
    assert found.idle == ("x2",)
    assert "factor 'x2' changes nothing in any of these outcomes, to the bit" in found.notes
    assert found.top(OUTCOME).factor.tolist() == ["x1"]


def test_factor_of_one_scenario_is_looked_at_there_and_in_the_difference():
    points = make_points(
        DESIGNS["lhs"].model_validate({"method": "lhs", "samples": 60}), factors_of(("x1", "campaign"), 0, 1)
    )
    rows = make_design(("baseline", "policy"), points, ("x1", "campaign"), 2)

    def outcome(done, months):
        acts = (done["scenario"] == "policy").to_numpy()
        return (5 * done["x1"] - 3 * done["campaign"] * acts).to_numpy()[:, None] + 0 * months

    panel = Panel.of(rows, make_table(rows, 2, {OUTCOME: outcome}), [OUTCOME], "baseline")
    table = FactorTable(("x1", "campaign"), points, "lhs", varies_in={"campaign": ("policy",)})
    assert analyse(panel, table).indices.factor.tolist() == ["x1"]
    assert set(analyse(panel, table, scenario="policy").indices.factor) == {"x1", "campaign"}
    effect = analyse(panel, table, difference=True)
    assert (effect.scenario, effect.top(OUTCOME, 1).factor.item()) == ("policy", "campaign")
    assert column(effect, "src")[1] == pytest.approx(-1, abs=0.01)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"scenario": "baselin"}, "no scenario 'baselin'; did you mean 'baseline'"),
        ({"difference": True}, "one scenario, 'baseline'"),
    ],
)
def test_wrong_wishes_are_refused(how, words):
    panel, table, _ = ishigami(method="lhs", samples=50)
    with pytest.raises(AnalysisError, match=words):
        analyse(panel, table, **how)
