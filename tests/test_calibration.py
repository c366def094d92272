"""Calibration: summaries by hand, emulators and posterior on a made-up model whose truth is known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from abm.analysis.records import Record
from abm.calibration import calibrate as fitting
from abm.calibration import checks, emulator, inference
from abm.calibration.page import Findings
from abm.calibration.read import load_calibration
from abm.calibration.settings import TargetSettings
from abm.calibration.summaries import Observed, Summary, make_summaries
from abm.calibration.waves import Wave, unit_of, values_at
from abm.calibration.write import trajectories
from abm.cli import main
from abm.engine.errors import AnalysisError, ConfigError
from abm.experiments.factors import Factor
from abm.experiments.read import load_experiment
from abm.plots.calibration import draw_fit, draw_marginals, draw_ranks

SHIPPED = Path(__file__).parents[1] / "experiments" / "calibration.yaml"

# ------------------------------------------------------------------------------------------------------------ summaries


def observed(target, year, value, key=""):
    return Observed(Record(target, key, "", year, value, "", "", 1), key)


def one(target, records, last=2018):
    found, without = make_summaries([target], records, last)
    assert not without
    return found


def test_summaries_worked_out_by_hand():
    logs = [1.0, 2.0, 4.0]
    records = [observed("BEOE_TOTAL", 2010 + 2 * place, float(np.exp(log))) for place, log in enumerate(logs)]
    (level,) = one(TargetSettings(target="BEOE_TOTAL"), records)
    (trend,) = one(TargetSettings(target="BEOE_TOTAL", summary="trend"), records)
    (contrast,) = one(TargetSettings(target="BEOE_TOTAL", summary="contrast", years=(2014,)), records)
    assert level.record == pytest.approx(7 / 3)
    assert trend.record == pytest.approx(0.75)  # 1 to 4 over four years; the middle does not matter
    assert contrast.record == pytest.approx(4.0 - 1.5)
    model = np.array([[0.0, 0.0, 3.0], [1.0, 1.0, 1.0]])
    assert level.of(model) == pytest.approx([1.0, 1.0])
    assert contrast.of(model) == pytest.approx([3.0, 0.0])


def test_a_pattern_is_one_where_places_are_as_the_record_and_nothing_where_all_are_alike():
    records = [observed("MICS14_OVERSEAS_HH", 2014, 2.0**place, f"d{place}") for place in range(6)]
    (pattern,) = one(TargetSettings(target="MICS14_OVERSEAS_HH", summary="pattern"), records)
    logs = np.array([seen.log for seen in records])
    assert pattern.record == pytest.approx(1.0)
    assert pattern.of(0.5 * logs + 3.0) == pytest.approx(0.5)
    assert pattern.of(np.ones(6)) == pytest.approx(0.0)


def test_places_of_their_own_and_years_that_are_left_to_be_forecast():
    records = [observed("STOCK_DEST", year, 10.0, key) for key in ("italy", "greece") for year in (2010, 2015)]
    found = one(TargetSettings(target="STOCK_DEST", each=True), records, last=2014)
    assert [summary.label for summary in found] == ["STOCK_DEST italy level", "STOCK_DEST greece level"]
    assert [summary.places.tolist() for summary in found] == [[0], [2]]
    _, without = make_summaries([TargetSettings(target="STOCK_DEST", summary="trend")], records[:1], 2018)
    assert without == ["STOCK_DEST trend"]


def test_a_value_and_its_place_in_the_prior_are_inverse():
    factors = (
        Factor("a", 1.0, 100.0, False, "log", None, (), (), None, ""),
        Factor("b", -1.0, 3.0, False, "linear", None, (), (), None, ""),
    )
    values = values_at(factors, np.array([[0.5, 0.5], [0.0, 1.0]]))
    assert values == pytest.approx(np.array([[10.0, 1.0], [1.0, 3.0]]))
    assert [unit_of(factor, value) for factor, value in zip(factors, values[0], strict=True)] == pytest.approx(
        [0.5, 0.5]
    )


# ------------------------------------------------------------------------------------------------------ a made-up model

PARAMETERS, SUMMARIES, NOISE = 3, 6, 0.1
DECLARED = TargetSettings(target="BEOE_TOTAL", error=0.06, discrepancy=0.08)


class MadeUp:
    """A quadratic model with noise, one record of it, and two waves."""

    def __init__(self):
        self.rng = np.random.default_rng(5)
        self.linear, self.square = self.rng.normal(size=(2, SUMMARIES, PARAMETERS)) * [[[1.0]], [[0.4]]]
        self.truth = np.array([0.3, 0.8, 0.45])
        allowed = np.sqrt(DECLARED.error**2 + DECLARED.discrepancy**2)
        record = self.mean(self.truth[None])[0] + self.rng.normal(size=SUMMARIES) * np.hypot(allowed, NOISE)
        self.summaries = [
            Summary(f"s{place}", DECLARED, np.array([place]), np.ones(1), float(value))
            for place, value in enumerate(record)
        ]

    def mean(self, points):
        centred = 2 * points - 1
        return centred @ self.linear.T + centred**2 @ self.square.T

    def wave(self, name, points, seeds=2):
        runs = [self.mean(points) + self.rng.normal(size=(len(points), SUMMARIES)) * NOISE for _ in range(seeds)]
        return Wave(name, 0.01, points, np.stack(runs, axis=1), np.ones((len(points), seeds), np.int64))


@pytest.fixture(scope="module")
def posterior():
    made = MadeUp()
    first = made.wave("wave_1", inference.first_points(PARAMETERS, 1)[:96])
    matching = fitting.emulate([first], made.summaries, 0.01, (0.01, 0.01), 1)
    points, share = inference.sample_kept(matching, 3.0, 1, 40, 300, 2)
    second = made.wave("wave_2", points)
    matching = fitting.emulate([first, second], made.summaries, 0.01, (0.01, 0.01), 1)
    draws = inference.sample_posterior(matching, 300, 800, 1)
    settings = SimpleNamespace(
        seed=1, waves=[SimpleNamespace(scale=0.01)], confirm=SimpleNamespace(scale=0.01), from_=2009, until=2018
    )
    calibration = SimpleNamespace(settings=settings, name="made_up", experiment=SimpleNamespace(description="Made up."))
    factors = tuple(Factor(f"labour.p{place}", 0, 1, False, "linear", None, (), (), 0.5, "") for place in range(3))
    confirm = made.wave("confirm", draws[::10])
    found = fitting.Posterior(
        calibration, factors, 2018, [], made.summaries, [], [first, second], [share], matching, draws, confirm
    )
    return made, found


def test_emulators_choose_the_form_and_know_the_seeds(posterior):
    made, found = posterior
    # a quadratic model: a line does not do
    assert {one.mean.form for one in found.matching.emulators} <= {"quadratic", "process"}
    assert all(one.explained > 0.95 for one in found.matching.emulators)
    mean, variance, seed = found.matching.predict(made.truth[None])
    assert mean[0] == pytest.approx(made.mean(made.truth[None])[0], abs=0.15)
    assert seed.mean() == pytest.approx(NOISE**2, rel=0.35)
    assert (variance < 0.02).all()


def test_a_linear_model_needs_no_more_than_a_line():
    rng = np.random.default_rng(3)
    inputs = rng.random((60, 5))
    values = (inputs @ np.arange(5.0))[:, None] + rng.normal(size=(60, 2)) * 0.3
    found = emulator.fit(inputs, values, emulator.folds(60, rng))
    assert found.mean.form == "linear"
    assert found.mean.line.slopes / 2 == pytest.approx(np.arange(5.0) / 4, abs=0.12)


def test_what_is_ruled_out_does_not_hold_the_truth(posterior):
    made, found = posterior
    assert 0.0 < found.kept[0] < 0.5
    assert found.matching.implausibility(made.truth[None]).max() < 3.0
    second = found.waves[1].points
    over = np.sort(found.matching.implausibility(second), axis=1)[:, -2]
    assert np.mean(over < 3.5) > 0.9  # in what the first wave left, as the second sees it
    assert second.std(axis=0).max() > 2 * found.draws.std(axis=0).min()  # spread out, and not drawn


def test_the_posterior_is_near_the_truth_and_as_wide_as_theory_says(posterior):
    made, found = posterior
    mean, width = found.draws.mean(axis=0), found.draws.std(axis=0)
    assert (np.abs(mean - made.truth) < 3 * width).all()
    slopes = 2 * (made.linear + 2 * made.square * (2 * made.truth - 1))
    information = slopes.T @ slopes / (DECLARED.error**2 + DECLARED.discrepancy**2 + NOISE**2)
    theory = np.sqrt(np.diag(np.linalg.inv(information)))
    assert width == pytest.approx(theory, rel=0.4)


def test_draws_are_the_same_again(posterior):
    _, found = posterior
    again = inference.sample_posterior(found.matching, 300, 800, 1)
    assert np.array_equal(again, found.draws)


@pytest.fixture(scope="module")
def findings(posterior):
    return Findings(posterior[1], truths=12)


def test_synthetic_truths_are_recovered(findings):
    recovery = findings.recovery
    assert recovery.ranks.shape == (12, PARAMETERS)
    assert 0.75 <= recovery.coverage <= 1.0
    assert 0.3 < recovery.ranks.mean() < 0.7


def test_confirming_runs_are_weighed_by_their_own_distance(posterior):
    _, found = posterior
    confirmed = checks.confirm(found)
    assert confirmed.weights.sum() == pytest.approx(1.0)
    assert 0.5 < confirmed.surprise < 2.0
    said = checks.summarise(found.summaries, found.confirm.observed)
    apart = ((said - found.matching.records) ** 2 / found.matching.declared).sum(axis=-1)
    best = np.unravel_index(confirmed.weights.argmax(), apart.shape)
    assert apart[best] < np.median(apart)
    draws, seeds = trajectories(Findings(found), 200)
    assert np.mean((draws == best[0]) & (seeds == best[1])) == pytest.approx(confirmed.weights[best], abs=0.006)


def test_a_forest_agrees_and_says_what_is_identified(posterior):
    made, found = posterior
    forest = checks.cross_check(found)
    assert forest.mean == pytest.approx(made.truth, abs=0.25)
    assert (forest.skill > 0.3).all()


def test_page_and_figures(findings):
    assert findings.narrowing.max() < 0.75
    page = findings.markdown("abm calibrate made_up.yaml")
    assert "labour.p2" in page and "| s5 |" in page and "synthetic truths" in page
    for figure in (draw_marginals(findings), draw_fit(findings), draw_ranks(findings)):
        assert figure.axes


# ------------------------------------------------------------------------------------------------------------ forecasts


def test_forecasts_beside_last_value_mean_and_trend():
    values = {2010: 1.0, 2012: 2.0, 2014: 3.0, 2016: 4.0}
    rows = [
        checks.Predicted(observed("BEOE_TOTAL", year, float(np.exp(log))), float(np.exp(3.9)), 1.0, 1e9, year <= 2014)
        for year, log in values.items()
    ]
    (skill,) = checks.forecasts(rows, 2014)
    assert (skill.model, skill.last_value, skill.mean, skill.trend) == pytest.approx((0.1, 1.0, 2.0, 0.0), abs=1e-9)
    assert rows[3].inside and not checks.Predicted(rows[3].seen, 2.0, 1.0, 3.0, False).inside


# ------------------------------------------------------------------------------------------------------------- messages


def test_the_shipped_calibration_is_valid():
    found = load_calibration(SHIPPED)
    assert found.experiment.design.samples == found.settings.waves[0].samples
    assert found.settings.until == 2018
    assert not [use for resolved in found.experiment.scenarios.values() for use in resolved["levers"]]


BAD = [
    ("target: BEOE_TOTL", "did you mean 'BEOE_TOTAL'?"),
    ("{target: BEOE_TOTAL, summary: contrast}", "a contrast needs 'years'"),
    ("{target: BEOE_TOTAL, summary: pattern}", "a pattern is one over several places"),
    ("{target: BEOE_TOTAL, error: 0, discrepancy: 0}", "expected an error or a discrepancy above zero"),
    ("{target: BEOE_TOTAL, sumarry: level}", "did you mean 'summary'?"),
]


@pytest.mark.parametrize(("target", "message"), BAD)
def test_what_is_wrong_is_said_with_its_line(tmp_path, target, message):
    text = (
        "name: mine\nset: {end: 2018-12}\nfactors:\n  labour.job_growth: {}\ncalibration:\n  until: 2018\n  targets:\n"
        f"    - {target if target.startswith('{') else '{' + target + '}'}\n  waves: [{{samples: 8, scale: 0.001}}]\n"
    )
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_calibration(file)
    assert message in str(caught.value)
    assert any(problem.line == 8 for problem in caught.value.problems)


def test_a_calibration_is_no_plain_experiment(capsys):
    with pytest.raises(ConfigError, match="'abm calibrate' fits it"):
        load_experiment(SHIPPED)
    assert main(["validate", str(SHIPPED)]) == 0
    assert "a calibration: 25 parameters, 3 waves" in capsys.readouterr().out


def test_years_beyond_the_calibration_are_refused(tmp_path):
    with pytest.raises(AnalysisError, match="until 2020: the calibration uses records from 2009 to 2018"):
        fitting.calibrate(load_calibration(SHIPPED), tmp_path, None, until=2020)


def test_a_plain_experiment_is_no_calibration(tmp_path):
    file = tmp_path / "plain.yaml"
    file.write_text("name: plain\nscenarios: {a: {}}\n")
    with pytest.raises(ConfigError, match="no section 'calibration'"):
        load_calibration(file)
