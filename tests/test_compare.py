"""Comparisons of made-up studies with known answers: pairing, windows, measures, intervals, missing runs, costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up_study import make_design, make_table, noise
from scipy import stats

from abm.analysis.compare import Comparison, compare_panel
from abm.analysis.panel import IntervalChoice, Panel, Window, as_window, group_points
from abm.engine.errors import AnalysisError
from abm.engine.measures import is_flow, measures_of, summarise, unit_of
from abm.month import OUTCOMES

FLOW, STOCK, RATE = "irregular_departures", "persons_abroad", "fee_median"
STARTS = 12


def departures(design, months):
    """100 a month and noise; the policy takes a fifth from the thirteenth month on."""
    level = 100 + noise(design, months, 10)
    return level * np.where((design["scenario"] == "policy").to_numpy()[:, None] & (months >= STARTS), 0.8, 1.0)


def abroad(design, months):
    grows = 1000 + 10.0 * months
    return grows + noise(design, months, 5, 1) + np.where(design["scenario"] == "policy", 1.0, 0)[:, None] * months


def fees(design, months):
    """Blank in every fifth month."""
    found = 400_000 + 1000.0 * design["replicate"].to_numpy()[:, None] + 0 * months
    found[:, ::5] = np.nan
    return found


def study(months: int = 36, **how) -> Comparison:
    design = make_design()
    table = make_table(design, months, {FLOW: departures, STOCK: abroad, RATE: fees})
    return compare(design, table, (FLOW, STOCK, RATE), **how)


def compare(design, table, outcomes=(FLOW,), extra=(), **how) -> Comparison:
    panel = Panel.of(design, table, [*outcomes, *extra], design["scenario"].iloc[0])
    return compare_panel(panel, {name: OUTCOMES[name] for name in outcomes}, **how)


def row(comparison: Comparison, outcome: str, measure: str, scenario: str = "policy") -> pd.Series:
    found = comparison.totals
    chosen = found[(found.outcome == outcome) & (found.measure == measure) & (found.scenario == scenario)]
    assert len(chosen) == 1
    return chosen.iloc[0]


# --------------------------------------------------------------------------------------------------------- measures


def test_money_and_counts_of_a_month_are_flows():
    assert all(is_flow(found) for found in OUTCOMES.values() if found.whole and found.unit.endswith("a month"))
    for name in ("unemployment_rate", "fee_median", "offices", "persons_abroad"):
        assert not is_flow(OUTCOMES[name])
    for name in ("irregular_departures", "remittances", "deaths_en_route", "policy_cost"):
        assert is_flow(OUTCOMES[name])


def test_unit_of_a_total_of_money_is_money():
    assert unit_of(OUTCOMES["remittances"], "total") == "PKR of 2017"
    assert unit_of(OUTCOMES["income_mean"], "mean") == "PKR of 2017 a month"
    assert measures_of(OUTCOMES[STOCK]) == ("mean", "end")


def test_blank_months_are_passed_over():
    months = np.array([[1.0, np.nan, 3.0, np.nan], [np.nan] * 4])
    assert summarise(months, "mean")[0] == 2
    assert summarise(months, "end")[0] == 3
    assert summarise(months, "total")[0] == 4
    for measure in ("mean", "end", "total"):
        assert np.isnan(summarise(months, measure)[1])


# ---------------------------------------------------------------------------------------------------------- pairing


def test_differences_are_those_of_pairs_by_hand():
    design = make_design(("baseline", "policy", "other"))
    table = make_table(design, 24, {FLOW: departures})
    found = row(compare(design, table), FLOW, "total")
    sums = table.groupby("run_id")[FLOW].sum()
    by_hand = design.assign(total=design.run_id.map(sums)).pivot(index="replicate", columns="scenario", values="total")
    pairs = by_hand["policy"] - by_hand["baseline"]
    low, high = stats.t.interval(0.95, 5, pairs.mean(), stats.sem(pairs))
    assert (found.difference, found.low, found.high) == pytest.approx((pairs.mean(), low, high))
    assert found.percent == pytest.approx(100 * pairs.mean() / by_hand["baseline"].mean())
    assert (found.reference, found.value, found.pairs) == pytest.approx(
        (by_hand.baseline.mean(), by_hand.policy.mean(), 6)
    )
    spread = np.hypot(stats.sem(by_hand["policy"]), stats.sem(by_hand["baseline"]))
    assert (found.high - found.low) / 2 < spread * stats.t.ppf(0.975, 5) / 2  # what pairing is for


def test_scenario_like_the_reference_differs_by_nothing_at_all():
    design = make_design(("baseline", "policy", "other"))
    comparison = compare(design, make_table(design, 24, {FLOW: departures}))
    same = row(comparison, FLOW, "total", "other")
    assert (same.difference, same.low, same.high, same.percent) == (0, 0, 0, 0)
    assert comparison.apart == {"policy": "2019-01", "other": None}


def test_a_scenario_without_a_pair_is_not_called_the_same():
    design = make_design(("baseline", "policy", "other"))
    design.loc[design["scenario"] == "other", "status"] = "planned"
    assert compare(design, make_table(design, 24, {FLOW: departures})).apart == {"policy": "2019-01"}


def test_before_the_policy_nothing_differs_and_afterwards_a_fifth():
    monthly = study().monthly.query("outcome == @FLOW")
    before, after = monthly[monthly.month < "2019-01"], monthly[monthly.month >= "2019-01"]
    assert (before[["difference", "low", "high"]] == 0).all(axis=None)
    assert after.percent.to_numpy() == pytest.approx(-20)
    assert (after.low < after.difference).all()
    assert len(monthly) == 36


def test_flows_are_added_up_and_stocks_are_not():
    comparison = study()
    assert row(comparison, FLOW, "total").reference == pytest.approx(3600, rel=0.05)
    assert row(comparison, STOCK, "mean").difference == pytest.approx(17.5)
    assert row(comparison, STOCK, "end").difference == pytest.approx(35)
    assert row(comparison, RATE, "mean").reference == pytest.approx(402_500)
    assert list(comparison.totals.measure) == ["total", "mean", "end", "mean"]


def test_years_are_whole_calendar_years():
    yearly = study(months=30).yearly
    assert [str(month)[:7] for month in yearly.query("outcome == @FLOW").month] == ["2018-01", "2019-01"]
    found = yearly.query("outcome == @FLOW")
    assert found.reference.to_numpy() == pytest.approx([1200, 1200], rel=0.05)
    assert found.percent.to_numpy() == pytest.approx([0, -20])
    assert study(months=18).yearly is None


def test_window_limits_totals_and_not_months():
    comparison = study(window=Window.parse("2019-01:2019-12"))
    assert row(comparison, FLOW, "total").percent == pytest.approx(-20)
    assert row(comparison, STOCK, "end").difference == pytest.approx(23)
    assert len(comparison.monthly) == 3 * 36
    assert str(comparison.window) == "2019-01:2019-12"
    assert str(study(window=Window.parse("2020-06:")).window) == "2020-06:2020-12"


def test_runs_shared_by_rows_of_the_design_are_used_by_each():
    """A scenario in which no factor varies has one run for all points."""
    points = np.array([[1.0], [2.0], [3.0]])
    design = make_design(points=points, names=("x",), replicates=4)
    of_reference = design["scenario"] == "baseline"
    first = design[of_reference & (design["point"] == 0)].set_index("replicate")["run_id"]
    design.loc[of_reference, "run_id"] = design.loc[of_reference, "replicate"].map(first)
    table = make_table(design, 12, {FLOW: lambda rows, months: rows["x"].to_numpy()[:, None] * (1 + 0 * months)})
    for rows_of_runs in (table, pd.concat([table, table])):  # once, or once a row of the design
        found = row(compare(design, rows_of_runs), FLOW, "total")
        assert found.pairs == 12
        assert found.difference == pytest.approx(12.0)


# -------------------------------------------------------------------------------------------------- points and misses


def test_points_are_clusters():
    """Each point has its own effect, replicates at a point agree: ten points are ten pieces of evidence, not forty."""
    effect = np.random.default_rng(1).normal(-10, 3, 10)

    def flows(design, months):
        shift = np.where(design["scenario"] == "policy", effect[design["point"]], 0.0)
        return 100 + noise(design, months, 10) + shift[:, None]

    design = make_design(points=np.arange(10.0)[:, None], names=("x",), replicates=4)
    table = make_table(design, 12, {FLOW: flows})
    found = row(compare(design, table), FLOW, "total")
    low, high = stats.t.interval(0.95, 9, 12 * effect.mean(), 12 * stats.sem(effect))
    assert (found.low, found.high) == pytest.approx((low, high))
    chosen = row(compare(design, table, intervals=IntervalChoice(points="fixed")), FLOW, "total")
    assert (chosen.low, chosen.high) == pytest.approx((chosen.difference, chosen.difference))


def test_trajectories_are_clusters():
    values = np.arange(12.0).reshape(6, 2)
    values[1, 0] = np.nan
    assert group_points(values, 3)[:, 0] == pytest.approx([2, 8])
    assert group_points(values, 4) is values
    design = make_design(points=np.arange(12.0)[:, None], names=("x",), replicates=1)
    table = make_table(
        design,
        12,
        {
            FLOW: lambda rows, months: (
                (rows["scenario"] == "policy").to_numpy()[:, None] * rows["x"].to_numpy()[:, None] + 0.0 * months
            )
        },
    )
    apart, together = (compare(design, table, intervals=IntervalChoice(together=size)) for size in (1, 4))
    assert row(apart, FLOW, "total").difference == row(together, FLOW, "total").difference
    assert row(together, FLOW, "total").high > row(apart, FLOW, "total").high


@pytest.mark.parametrize(
    ("replicates", "points", "words"),
    [
        (1, "random", "what its seed does to all points alike is not in the intervals"),
        (3, "random", "intervals are over points and replicates: the uncertainty of the factors is in them"),
        (3, "fixed", "5 points were chosen and are averaged; intervals are about replicates only"),
        (1, "fixed", "there is one replicate, so that no interval can be given"),
    ],
)
def test_what_intervals_are_about_is_said(replicates, points, words):
    design = make_design(points=np.arange(5.0)[:, None], names=("x",), replicates=replicates)
    table = make_table(design, 12, {FLOW: departures})
    assert words in " ".join(compare(design, table, intervals=IntervalChoice(points=points)).notes)


def test_intervals_of_one_point_are_about_seeds_alone_and_some_miss():
    notes = " ".join(study().notes)
    assert "about seeds only" in notes and "one interval in 20 leaves out zero by chance" in notes


def test_missing_and_failed_runs_are_left_out_as_pairs_and_counted():
    design = make_design(("baseline", "policy", "other"))
    lost = (design["scenario"] == "policy") & (design["replicate"] == 2)
    design.loc[lost, "status"] = "failed"
    design.loc[(design["scenario"] == "baseline") & (design["replicate"] == 4), "status"] = "planned"
    comparison = compare(design, make_table(design, 24, {FLOW: departures}))
    runs = comparison.runs.set_index("scenario")
    assert runs.loc["policy"].to_dict() == {"planned": 6, "finished": 5, "failed": 1, "missing": 0, "pairs": 4}
    assert runs.loc["baseline"].to_dict() == {"planned": 6, "finished": 5, "failed": 0, "missing": 1, "pairs": 5}
    assert row(comparison, FLOW, "total").pairs == 4
    assert row(comparison, FLOW, "total", "other").pairs == 5
    assert any(note.startswith("intervals are about seeds only, 5 pairs;") for note in comparison.notes)
    assert "policy: 1 failed of 6 runs; their pairs are left out" in comparison.notes
    assert "baseline: 1 missing of 6 runs; their pairs are left out" in comparison.notes


def test_one_pair_has_a_difference_and_no_interval():
    design = make_design(replicates=1)
    comparison = compare(design, make_table(design, 24, {FLOW: departures}))
    found = row(comparison, FLOW, "total")
    assert found.difference < -200
    assert np.isnan(found.low)
    assert any("one pair" in note for note in comparison.notes)


# ------------------------------------------------------------------------------------------------------------ costs


def test_costs_give_the_change_for_a_million():
    design = make_design(("baseline", "policy", "free"))

    def cost(rows, months):
        return np.where((rows["scenario"] == "policy").to_numpy()[:, None] & (months >= STARTS), 2e6, 0.0)

    outcomes = {FLOW: departures, "policy_cost": cost, "cost_patrol": cost}
    comparison = compare(design, make_table(design, 24, outcomes), extra=("policy_cost", "cost_patrol"))
    costs = comparison.costs
    assert costs.by_lever[["scenario", "lever", "cost"]].to_numpy().tolist() == [
        ["policy", "all", 24e6], ["policy", "patrol", 24e6],
    ]  # fmt: skip
    (effect,) = costs.effects.itertuples()
    found = row(comparison, FLOW, "total")
    assert (effect.per_million, effect.low, effect.high) == pytest.approx(
        (found.difference / 24, found.low / 24, found.high / 24)
    )
    assert effect.unit == "person per million PKR of 2017"


def test_nothing_is_said_about_costs_where_there_are_none():
    assert study().costs is None
    design = make_design()
    table = make_table(design, 24, {FLOW: departures, "policy_cost": lambda *_: np.zeros((1, 1))})
    assert compare(design, table, extra=("policy_cost",)).costs is None


def test_cost_that_may_be_nothing_gives_no_ratio():
    design = make_design()

    def cost(rows, months):
        sign = np.where(rows["replicate"] % 2, 1.0, -0.9) * (rows["scenario"] == "policy")
        return sign.to_numpy()[:, None] + 0 * months

    assert (
        compare(design, make_table(design, 24, {FLOW: departures, "policy_cost": cost}), extra=("policy_cost",)).costs
        is None
    )


# ----------------------------------------------------------------------------------------------------------- errors


def test_months_that_not_all_runs_have_are_left_out():
    """A scenario that ends a year earlier: a total of fewer months is no effect."""
    design = make_design()
    table = make_table(design, 36, {FLOW: lambda rows, months: np.full((len(rows), 1), 100.0)})
    of_policy = table["run_id"].isin(design.loc[design["scenario"] == "policy", "run_id"])
    comparison = compare(design, table[~(of_policy & (table["month"] >= "2020-01"))])
    found = row(comparison, FLOW, "total")
    assert (found.difference, found.reference) == (0, 2400)
    assert str(comparison.window) == "2018-01:2019-12"
    assert "12 months (2020-01 to 2020-12) are not in all runs, and are left out" in comparison.notes
    with pytest.raises(AnalysisError, match="no month in common"):
        compare(design, table[of_policy ^ (table["month"] < "2019-01")])


def test_no_pair_and_no_run_yet():
    design = make_design()
    design.loc[design["scenario"] == "policy", "status"] = "planned"
    with pytest.raises(AnalysisError, match="no run of a scenario has its counterpart"):
        compare(design, make_table(design, 12, {FLOW: departures}))
    design["status"] = "planned"
    with pytest.raises(AnalysisError, match="no run of the study is finished yet"):
        compare(design, make_table(design, 12, {FLOW: departures}))


@pytest.mark.parametrize(
    ("text", "words"), [("2018-1:2019-12", "'2018-1' is not a month"), ("2020-01:2019-12", "ends before it begins")]
)
def test_wrong_windows_are_refused(text, words):
    with pytest.raises(AnalysisError, match=words):
        as_window(text)


def test_a_second_replicate_that_has_just_begun_is_said():
    design = make_design(points=np.arange(5.0)[:, None], names=("x",), replicates=2)
    design.loc[(design["replicate"] == 1) & (design["point"] > 1), "status"] = "planned"
    notes = " ".join(compare(design, make_table(design, 12, {FLOW: departures})).notes)
    assert "one has just begun: what seeds do to all points alike is in the intervals in part only" in notes
    assert "say little" not in notes


def test_few_replicates_and_what_only_one_side_has_are_said():
    design = make_design(replicates=2)
    table = make_table(design, 12, {FLOW: departures, RATE: fees})
    of_reference = design.loc[design["scenario"] == "baseline", "run_id"]
    table.loc[table["run_id"].isin(of_reference), RATE] = np.nan
    notes = compare(design, table, (FLOW, RATE)).notes
    assert any("2 replicates say little" in note for note in notes)
    assert f"'{RATE}' is in no run of baseline: nothing to compare it with" in notes
    assert not any("say little" in note for note in study().notes)
