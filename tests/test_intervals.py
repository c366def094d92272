"""Intervals of means over points and replicates cover as often as they say, and replicates stop when they should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from abm.experiments.intervals import mean_interval
from abm.experiments.stopping import StoppingRule


def crossed(rng: np.random.Generator, points: int, replicates: int, studies: int, spreads: tuple[float, float, float]):
    """Studies side by side: effects of points, of replicates, and of each pair, around a mean of 0."""
    of_point, of_replicate, of_pair = spreads
    return (
        of_point * rng.standard_normal((points, 1, studies))
        + of_replicate * rng.standard_normal((1, replicates, studies))
        + of_pair * rng.standard_normal((points, replicates, studies))
    )


def covered(found) -> float:
    return float(np.mean((found.low <= 0) & (found.high >= 0)))


def test_one_point_is_the_t_interval_of_the_textbook():
    values = np.random.default_rng(1).normal(3, 2, 12)
    found = mean_interval(values[None, :], level=0.9)
    low, high = stats.t.interval(0.9, 11, loc=values.mean(), scale=stats.sem(values))
    assert (found.estimate, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.used == 12
    assert found.half_width == pytest.approx((high - low) / 2)


def test_one_replicate_is_the_t_interval_over_points():
    values = np.random.default_rng(2).normal(3, 2, 30)
    found = mean_interval(values[:, None])
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 29, values.mean(), stats.sem(values)))


def test_full_table_is_the_two_way_analysis_of_variance():
    """Mean squares by hand: Var = (MS_points + MS_replicates - MS_within) / runs, freedom nearly Satterthwaite's."""
    d = crossed(np.random.default_rng(3), 7, 5, 1, (2, 1.5, 1))[..., 0]
    points, replicates = d.shape
    of_points = replicates * d.mean(1).var(ddof=1)
    of_replicates = points * d.mean(0).var(ddof=1)
    left = d - d.mean(1, keepdims=True) - d.mean(0, keepdims=True) + d.mean()
    within = (left**2).sum() / ((points - 1) * (replicates - 1))
    total = of_points + of_replicates - within
    textbook = total**2 / (of_points**2 / 6 + of_replicates**2 / 4 + within**2 / 24)
    freedom = total**2 / ((of_points**2 - within**2) / 6 + (of_replicates**2 - within**2) / 4 + within**2 / 6)
    half, near = stats.t.ppf(0.975, [freedom, textbook]) * np.sqrt(total / d.size)
    assert mean_interval(d).half_width == pytest.approx(half)
    assert half == pytest.approx(near, rel=0.01)


def test_chosen_points_add_no_uncertainty():
    """Points that were chosen differ by 100; replicates of all differ by what they share."""
    d = crossed(np.random.default_rng(4), 4, 10, 1, (100, 1, 0.5))[..., 0]
    means = d.mean(0)
    assert mean_interval(d, points="fixed").half_width == pytest.approx(stats.t.ppf(0.975, 9) * stats.sem(means))
    assert mean_interval(d).half_width > 50


def test_missing_pairs_leave_their_points_their_weight():
    d = np.array([[1.0, 1.0, 1.0], [4.0, np.nan, np.nan]])
    found = mean_interval(d)
    assert found.estimate == pytest.approx(2.5)
    assert found.used == 4
    d = crossed(np.random.default_rng(5), 12, 8, 1, (1, 1, 1))[..., 0]
    full = mean_interval(d).half_width
    d[3, 4] = d[7, 1] = np.nan
    assert mean_interval(d).half_width == pytest.approx(full, rel=0.15)


def so_far(d: np.ndarray, runs: int) -> np.ndarray:
    """What a sweep has of a study after so many runs: one replicate after the other, at point after point."""
    points, replicates = d.shape[:2]
    done = (np.arange(points * replicates) < runs).reshape(replicates, points).T
    return np.where(done[..., None], d, np.nan)


def steps(d: np.ndarray, runs: range, **how) -> np.ndarray:
    """By how much each further pair makes the intervals wider, as a factor, by step and study."""
    widths = np.array([mean_interval(so_far(d, number), **how).half_width for number in runs])
    return widths[1:] / widths[:-1]


@pytest.mark.parametrize("spreads", [(0, 0, 1), (1, 0, 1), (1, 1, 1), (1, 1, 0.1), (1, 3, 0.3)])
@pytest.mark.parametrize(("points", "replicates"), [(10, 3), (30, 3), (10, 5)])
def test_a_further_pair_never_changes_the_interval_much(points, replicates, spreads):
    """Of 400 studies, pair by pair from the second replicate on: hardly any is ever narrowed threefold at one step.

    The worst step of the worst studies: where a study had few degrees of freedom by chance, wider is right.
    """
    d = crossed(np.random.default_rng(18), points, replicates, 400, spreads)
    found = steps(d, range(2 * points, points * replicates + 1))
    narrowed, widened = 1 / found.min(0), found.max(0)
    assert np.quantile(narrowed, 0.9) < 2
    assert np.quantile(narrowed, 0.99) < 3
    assert np.quantile(widened, 0.99) < 3.5
    assert np.abs(np.log(np.median(found, axis=1))).max() < np.log(1.4)


def test_a_replicate_that_has_just_begun_hardly_counts():
    """One pair of a second replicate: neither replicates of one degree of freedom, nor two where there is one."""
    d = crossed(np.random.default_rng(19), 20, 3, 400, (1, 0.3, 1))
    one, first = (mean_interval(so_far(d, runs)).half_width for runs in (20, 21))
    assert np.quantile(first / one, [0.01, 0.5, 0.99]) == pytest.approx([1, 1, 1], abs=0.15)
    two, first = (mean_interval(so_far(d, runs)).half_width for runs in (40, 41))
    assert np.quantile(first / two, [0.01, 0.5, 0.99]) == pytest.approx([1, 1, 1], abs=0.3)


def test_interval_does_not_jump_where_replicates_come_to_matter_more_than_points():
    """Effects of points fade while those of replicates grow, in 600 small steps; each moves the width a little."""
    rng = np.random.default_rng(20)
    of_point, of_replicate = rng.standard_normal((10, 1, 1)), rng.standard_normal((1, 2, 1))
    of_pair = rng.standard_normal((10, 2, 1))
    share = np.linspace(0, 1, 601)
    d = (1 - share) * of_point + share * of_replicate + 0.5 * of_pair
    for values in (d, so_far(np.concatenate([d, d[:, :1]], axis=1), 23)):
        width = mean_interval(values).half_width
        assert np.abs(np.diff(np.log(width))).max() < 0.05
        assert width.max() / width.min() > 3  # it does have a way to go


@pytest.mark.parametrize("spreads", [(20, 20, 40), (20, 0, 20), (10, 10, 20)])
def test_absolute_and_relative_intervals_of_an_unfinished_study_agree(spreads):
    """22 pairs of 30, of a reference of 1,000 that varies little: one interval in two units."""
    rng = np.random.default_rng(25)
    change = so_far(crossed(rng, 10, 3, 1000, spreads) - 20, 22)
    reference = so_far(np.broadcast_to(1000 + 50 * rng.standard_normal((10, 1, 1000)), change.shape), 22)
    absolute = mean_interval(change).half_width / mean_interval(reference).estimate
    relative = mean_interval(change, reference).half_width
    assert np.abs(np.log(absolute / relative)).max() < np.log(1.35)


def test_chosen_points_with_a_replicate_that_has_just_begun_are_not_sure_of_the_seeds():
    """The few points that have both replicates tell as much of the seeds as all would: half-widths are alike."""
    d = crossed(np.random.default_rng(21), 10, 2, 2000, (5, 1, 0))
    begun, whole = (mean_interval(so_far(d, runs), points="fixed") for runs in (13, 20))
    assert begun.half_width == pytest.approx(whole.half_width * np.sqrt((0.85**2 + 0.15**2) / 0.5), rel=1e-4)
    d = crossed(np.random.default_rng(22), 5, 4, 4000, (0, 1, 0.5))
    assert covered(mean_interval(so_far(d, 17), points="fixed")) > 0.93


@pytest.mark.parametrize("spreads", [(1, 0, 1), (1, 0.3, 1), (0.5, 1, 1)])
@pytest.mark.parametrize("runs", [25, 33, 37])
def test_intervals_of_unfinished_studies_cover(runs, spreads):
    d = crossed(np.random.default_rng(23), 10, 4, 4000, spreads)
    assert covered(mean_interval(so_far(d, runs))) > 0.9


def test_too_few_values_have_no_interval_and_equal_ones_a_point():
    lone = mean_interval([[3.0]])
    assert lone.estimate == 3
    assert np.isnan(lone.low)
    assert np.isnan(lone.high)
    nothing = mean_interval([[np.nan, np.nan]])
    assert np.isnan(nothing.estimate)
    assert nothing.used == 0
    same = mean_interval(np.full((3, 4), 7.0))
    assert (same.estimate, same.low, same.high) == pytest.approx((7, 7, 7))


@pytest.mark.parametrize(
    ("points", "replicates", "spreads"),
    [
        (1, 10, (0, 1, 0)),
        (40, 1, (1, 0, 0)),
        (10, 10, (1, 1, 1)),
        (30, 5, (1, 1, 0)),
        (8, 8, (0, 0, 1)),
        (20, 4, (1, 0, 2)),
    ],
)
def test_t_interval_covers_as_often_as_it_says(points, replicates, spreads):
    """4,000 studies; the error of a coverage of 0.95 is 0.0035. Where one way does nothing it may be too wide."""
    found = mean_interval(crossed(np.random.default_rng(6), points, replicates, 4000, spreads))
    assert 0.94 <= covered(found) <= 0.995


def test_pairs_taken_for_independent_would_cover_too_seldom():
    """What the clusters are for: replicates that share their random numbers over points are not new evidence."""
    d = crossed(np.random.default_rng(7), 10, 10, 2000, (1, 1, 1))
    naive = mean_interval(d.reshape(1, 100, -1))
    assert covered(naive) < 0.75


def test_ratio_covers_as_often_as_it_says():
    rng = np.random.default_rng(10)
    base = 50 + 5 * rng.standard_normal((1, 15, 1500))
    change = -0.2 * base + 2 * rng.standard_normal(base.shape)
    found = mean_interval(change, base)
    assert np.mean((found.low <= -0.2) & (found.high >= -0.2)) == pytest.approx(0.95, abs=0.02)
    assert found.estimate == pytest.approx(change.mean(1)[0] / base.mean(1)[0])


def test_ratio_to_nothing_is_not_told():
    found = mean_interval([[1.0, 2.0]], [[0.0, 0.0]])
    assert np.isnan(found.estimate)
    assert np.isnan(found.low)


# ---------------------------------------------------------------------------------------------------- stopping rule


def stop(rule: StoppingRule, source: np.ndarray):
    """Make replicates as a driver does: as many as are wanted, until no more are."""
    made = 0
    while (found := rule.judge(source[:made])).wanted > made:
        made = found.wanted
    return found


@pytest.mark.parametrize("spread", [0.5, 1.5, 2.0, 3.0])
def test_mean_of_sequential_replicates_lies_within_the_asked_half_width_as_often_as_promised(spread):
    """1,000 studies of known mean; the error of a coverage of 0.95 is 0.007."""
    rng = np.random.default_rng(11)
    rule = StoppingRule(half_width=1.0, at_most=400)
    hits = []
    for _ in range(1000):
        source = 10 + spread * rng.standard_normal(400)
        found = stop(rule, source)
        assert found.reached
        assert found.half_width <= 1.0
        hits.append(abs(source[: found.replicates].mean() - 10) <= 1.0)
    assert np.mean(hits) >= 0.945


def test_skewed_differences_lose_little():
    rng = np.random.default_rng(13)
    rule = StoppingRule(half_width=1.0, at_least=20, at_most=600)
    hits = []
    for _ in range(600):
        source = rng.exponential(3.0, 600)
        hits.append(abs(source[: stop(rule, source).replicates].mean() - 3.0) <= 1.0)
    assert np.mean(hits) >= 0.90


def test_number_does_not_depend_on_how_many_are_made_at_once():
    source = np.random.default_rng(14).normal(0, 3, (300, 2))
    rule = StoppingRule(half_width=1.0)
    found = stop(rule, source)
    assert rule.judge(source[:200]) == found
    made = 0
    while (step := rule.judge(source[:made])).wanted > made:
        made += 1
    assert step == found


def test_widest_scenario_decides():
    rng = np.random.default_rng(15)
    quiet, loud = rng.normal(0, 0.1, 300), rng.normal(0, 3, 300)
    rule = StoppingRule(half_width=1.0)
    assert stop(rule, np.column_stack([quiet, loud])).replicates == stop(rule, loud).replicates
    assert stop(rule, quiet).replicates == 10


def test_failed_replicates_are_made_up_for_and_bounded():
    source = np.random.default_rng(16).normal(0, 0.1, 50)
    source[[2, 5]] = np.nan
    rule = StoppingRule(half_width=1.0, at_most=30)
    found = stop(rule, source)
    assert (found.replicates, found.failed, found.reached) == (12, 2, True)
    nothing = stop(rule, np.full(50, np.nan))
    assert (nothing.replicates, nothing.failed, nothing.reached) == (30, 30, False)
    assert nothing.half_width == np.inf


def test_at_most_is_kept_and_said():
    found = stop(StoppingRule(half_width=0.01, at_most=25), np.random.default_rng(17).normal(0, 3, 100))
    assert (found.replicates, found.reached, found.is_done) == (25, False, True)
    assert found.half_width > 0.01


def test_no_spread_stops_at_the_least():
    assert stop(StoppingRule(half_width=1.0), np.zeros(100)).replicates == 10
