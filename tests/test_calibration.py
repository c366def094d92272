"""Calibration: summaries by hand, emulators and posterior on a made-up model whose truth is known."""

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from abm.analysis.observation import OBSERVATIONS
from abm.analysis.records import Record, read_records
from abm.calibration import calibrate as fitting
from abm.calibration import checks, emulator, inference, waves
from abm.calibration.inference import mode_near
from abm.calibration.page import Findings
from abm.calibration.read import load_calibration
from abm.calibration.settings import TargetSettings
from abm.calibration.summaries import Observed, Summary, make_summaries, observe
from abm.calibration.waves import Wave, unit_of, values_at
from abm.calibration.write import write_findings
from abm.cli import main
from abm.config import Config
from abm.config.posterior import read_posterior
from abm.engine.errors import AnalysisError, ConfigError
from abm.experiments.factors import Factor
from abm.experiments.read import load_experiment
from abm.plots.calibration import draw_fit, draw_marginals, draw_ranks

SHIPPED = Path(__file__).parents[1] / "experiments" / "calibration.yaml"

# ------------------------------------------------------------------------------------------------------------ summaries


def observed(target, year, value, key=""):
    return Observed(Record(target, key, "", year, value, "", ""), key)


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

    def wave(self, points, seeds=2):
        runs = [self.mean(points) + self.rng.normal(size=(len(points), SUMMARIES)) * NOISE for _ in range(seeds)]
        return Wave(0.01, points, np.stack(runs, axis=1), np.ones((len(points), seeds), np.int64))


@pytest.fixture(scope="module")
def posterior():
    made = MadeUp()
    first = made.wave(inference.first_points(PARAMETERS, 1)[:96])
    matching = fitting.emulate([first], made.summaries, 0.01, (0.01, 0.01), 1)
    points, share = inference.sample_kept(matching, 3.0, 1, 40, 300, 2)
    second = made.wave(points)
    matching = fitting.emulate([first, second], made.summaries, 0.01, (0.01, 0.01), 1)
    draws = inference.sample_posterior(matching, 300, 800, 1)
    settings = SimpleNamespace(
        seed=1,
        waves=[SimpleNamespace(scale=0.01)],
        confirm=SimpleNamespace(scale=0.01, centre="mode"),
        from_=2009,
        until=2018,
    )
    calibration = SimpleNamespace(settings=settings, name="made_up", experiment=SimpleNamespace(description="Made up."))
    factors = tuple(Factor(f"labour.p{place}", 0, 1, False, "linear", None, (), (), 0.5, "") for place in range(3))
    confirm = made.wave(draws[::10])
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
    """Few truths, few parts of the first wave, and short chains: with two parts emulators have half of the points."""
    found = Findings(posterior[1], truths=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "TRUTH_PARTS", 2)
        patch.setattr(checks, "SHORT", 400)
        assert found.recovery.ranks.shape == (8, PARAMETERS)
    return found


def test_synthetic_truths_are_recovered(findings):
    recovery = findings.recovery
    assert 0.75 <= recovery.coverage <= 1.0
    assert 0.3 < recovery.ranks.mean() < 0.7


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


def test_all_of_it_as_data(findings):
    """What a report is made of: numbers of the draws and of the runs, and the tables as they are."""
    found = json.loads(json.dumps(findings.recorded(), allow_nan=False))
    draws = findings.posterior.draws
    for column, row in enumerate(found["parameters"]):
        assert [row["low"], row["middle"], row["high"]] == pytest.approx(
            np.quantile(draws[:, column], [0.05, 0.5, 0.95])
        )
        assert row["prior"] == [0.0, 1.0]
        assert row["identified"]
    confirm = findings.posterior.confirm.observed
    first, allowed = findings.posterior.summaries[0], np.hypot(DECLARED.error, DECLARED.discrepancy)
    distance = (np.median(first.of(confirm)) - first.record) / allowed
    assert found["fit"][0]["after"][1] == pytest.approx(distance)
    assert found["tables"]["parameters"]["rows"] == findings.parameters().rows
    assert "forecast" not in found["tables"]


# ------------------------------------------------------------------------------------------------- formulas, by hand


def flat(value, variance, seed):
    """Make an emulator that says the same everywhere."""
    line = emulator.Line(float(np.log(seed)), np.zeros(2))
    mean = emulator.Mean("linear", emulator.Line(value, np.zeros(2)))
    return emulator.Emulator(mean, variance, line, (-99.0, 99.0), 1.0, 0.9)


def flat_matching(*records):
    """Emulators of one parameter and a scale, all at 0; variances of emulator, seed, error, discrepancy: 1, 3, 4, 8."""
    settings = TargetSettings(target="BEOE_TOTAL", error=2.0, discrepancy=8**0.5)
    summaries = [Summary(f"s{n}", settings, np.array([n]), np.ones(1), record) for n, record in enumerate(records)]
    return inference.Matching(summaries, [flat(0.0, 1.0, 3.0)] * len(records), 0.5, 1)


def test_likelihood_and_implausibility_hold_all_four_variances():
    found, at = flat_matching(8.0, -4.0), np.array([[0.3]])
    assert found.implausibility(at) == pytest.approx(np.array([[2.0, 1.0]]))
    assert found.log_likelihood(at) == pytest.approx([-0.5 * (4.0 + 1.0 + 2 * np.log(16.0))])
    assert found.log_likelihood(at, np.zeros(2)) == pytest.approx([-np.log(16.0)])


def test_as_many_summaries_as_are_spared_may_be_far_away():
    found = flat_matching(0.0, 0.0, 40.0)
    assert inference.sample_kept(found, 3.0, 1, 8, 20, 1)[1] == 1.0
    assert inference.sample_kept(found, 3.0, 0, 8, 20, 1)[1] == 0.0


def test_variances_of_an_emulator_are_those_that_made_the_runs():
    rng = np.random.default_rng(8)
    inputs = rng.random((300, 2))
    counts = np.where(np.arange(300) < 150, 2, 8)
    values = (inputs @ [1.0, 2.0])[:, None] + 0.5 * rng.normal(size=(300, 8))
    values[np.arange(8) >= counts[:, None]] = np.nan
    found = emulator.fit(inputs, values, emulator.folds(300, rng))
    assert found.mean.form == "linear"  # no more is needed
    assert found.mean.line.slopes == pytest.approx([0.5, 1.0], abs=0.05)  # of inputs from -1 to 1
    assert found.seeds(inputs).mean() == pytest.approx(0.25, rel=0.12)
    assert found.variance < 0.02  # the seed's variance is taken off
    assert found.explained > 0.95
    assert found.coverage == pytest.approx(0.9, abs=0.05)


def test_an_input_that_never_varied_says_nothing_at_other_values():
    """As the scale of the runs in the first wave."""
    rng = np.random.default_rng(8)
    inputs = np.column_stack([rng.random((200, 2)), np.zeros(200)])
    values = (inputs @ [4.0, 1.0, 0.0] + 4.0 * inputs[:, 0] ** 2)[:, None] + 0.01 * rng.normal(size=(200, 2))
    found = emulator.fit(inputs, values, emulator.folds(200, rng)).mean
    assert found.form == "quadratic"
    elsewhere = inputs + np.array([0.0, 0.0, 1.0])
    predicted, there = (found(at, emulator.features_of(at)) for at in (inputs, elsewhere))
    assert there == pytest.approx(predicted, abs=1e-6)


def test_a_process_has_the_unit_of_what_it_is_fitted_to():
    inputs = np.random.default_rng(1).random((60, 1))
    found = emulator._fit_process(inputs, 50.0 * np.sin(6 * inputs[:, 0]), np.full(60, 1e-4), None)
    assert found(inputs) == pytest.approx(50.0 * np.sin(6 * inputs[:, 0]), abs=0.5)


def test_the_scale_is_an_input_and_errors_are_those_of_the_last_wave():
    rng = np.random.default_rng(2)
    (summary,) = flat_matching(0.0).summaries

    def wave(scale, noise):
        points = rng.random((80, 1))
        apart = noise * rng.normal(size=(80, 1, 1))  # of the point and not of the seed
        found = points[:, :, None] + np.log10(scale) + apart + 0.01 * rng.normal(size=(80, 2, 1))
        return Wave(scale, points, found, np.ones((80, 2), np.int64))

    waves = [wave(0.001, 0.0), wave(0.1, 0.3)]
    for scale, value in ((0.001, -2.5), (0.01, -1.5), (0.1, -0.5)):
        found = fitting.emulate(waves, [summary], scale, (0.001, 0.1), 1)
        assert found.predict(np.array([[0.5]]))[0] == pytest.approx(value, abs=0.12)
    assert found.emulators[0].variance == pytest.approx(0.09, rel=0.3)


def test_runs_are_weighed_by_the_density_of_the_records_over_what_emulators_said():
    matching = flat_matching(3.0)
    matching = inference.Matching(
        matching.summaries, [emulator.Emulator(**vars(matching.emulators[0]) | {"mean": emulator.Mean(
            "linear", emulator.Line(0.0, np.array([4.0, 0.0])))})], 0.5, 1
    )  # fmt: skip
    points, said = np.array([[0.25], [1.0]]), np.array([[[1.0], [2.0]], [[3.0], [np.nan]]])
    found = checks.confirm(
        SimpleNamespace(
            matching=matching, summaries=matching.summaries, confirm=Wave(0.01, points, said, np.ones((2, 2)))
        )
    )
    expected = 4.0 * (2 * points[:, 0] - 1)  # what emulators say
    at_run = np.exp(-0.5 * (3.0 - said[..., 0]) ** 2 / 12.0)
    weights = np.nan_to_num(at_run / np.exp(-0.5 * (3.0 - expected) ** 2 / 16.0)[:, None])
    assert found.weights == pytest.approx(weights / weights.sum())
    assert found.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.surprise == pytest.approx(np.nanmean((said[..., 0] - expected[:, None]) ** 2 / 4.0))


def test_a_record_is_predicted_with_seeds_error_and_discrepancy():
    logs = 1.0 + 0.3 * np.random.default_rng(4).normal(size=(500, 2, 2))
    logs[0, 0, 0] = np.nan
    target = TargetSettings(target="BEOE_TOTAL", error=0.4, discrepancy=1.2)
    settings = SimpleNamespace(seed=1, targets=[target])
    found = checks.predictions(
        SimpleNamespace(
            calibration=SimpleNamespace(settings=settings),
            confirm=SimpleNamespace(observed=logs),
            records=[observed("BEOE_TOTAL", 2014, 2.0), observed("BEOE_TOTAL", 2015, 2.0)],
            until=2014,
        )
    )
    assert [row.fitted for row in found] == [True, False]
    for row in found:
        ends = np.log([row.low, row.middle, row.high])
        assert ends == pytest.approx(1.0 + 1.3 * np.array([-1.645, 0.0, 1.645]), abs=0.08)


def test_a_truth_is_seen_with_declared_errors_by_emulators_that_have_not(posterior, monkeypatch):
    _, found = posterior
    first = found.waves[0]
    told, fitted = [], []

    def fit_summary(summary, inputs, *_):
        fitted.append(inputs[:, :-1])
        return flat(0.0, 1.0, 1.0)

    def sample(matching, count, steps, seed, records):
        assert not (fitted[-1] == first.points[seed]).all(axis=1).any()
        told.append(records - checks.summarise(found.summaries, first.observed[seed, 0]))
        return np.linspace(0, 1, count)[:, None] * np.ones(PARAMETERS)

    monkeypatch.setattr(checks, "fit_summary", fit_summary)
    monkeypatch.setattr(checks, "sample_posterior", sample)
    recovery = checks.recover(found, 40)
    assert np.std(told) == pytest.approx(0.1, rel=0.2)
    assert recovery.coverage == ((recovery.ranks >= 0.05) & (recovery.ranks <= 0.95)).mean()


def test_a_forest_that_sees_declared_errors_knows_less(posterior):
    made, found = posterior
    wide = [Summary(one.label, TargetSettings(target="BEOE_TOTAL", error=3.0), one.places, one.weights, one.record)
            for one in made.summaries]  # fmt: skip
    matching = inference.Matching(wide, found.matching.emulators, 0.5, PARAMETERS)
    few = SimpleNamespace(**vars(found) | {"matching": matching, "summaries": wide})
    assert (checks.cross_check(few).skill < 0.3).all()


# ----------------------------------------------------------------------------------------------- waves and what is kept


def test_places_that_are_left_out_have_no_record_and_must_have_had_one():
    calibration = load_calibration(SHIPPED)

    def stocks(*left_out: str) -> set[str]:
        target = TargetSettings(target="STOCK_DEST", leave_out=left_out, error=0.2)
        settings = calibration.settings.model_copy(update={"targets": [target]})
        return {seen.key for seen in waves.records_of(replace(calibration, settings=settings), read_records())}

    assert stocks() - stocks("turkey", "greece") == {"turkey", "greece"}
    with pytest.raises(AnalysisError, match="leave_out: no record of STOCK_DEST in atlantis"):
        stocks("turkey", "atlantis")


def test_waves_know_all_records_and_the_posterior_those_until_a_year(monkeypatch, tmp_path):
    calibration = load_calibration(SHIPPED)
    settings = calibration.settings.model_copy(
        update={
            "targets": (TargetSettings(target="BEOE_TOTAL"),),
            "waves": tuple(
                wave.model_copy(update={"samples": 8, "scale": 0.001 * number})
                for number, wave in enumerate(calibration.settings.waves[:2], 1)
            ),
        }
    )
    calibration = type(calibration)(**vars(calibration) | {"settings": settings})
    records = [observed("BEOE_TOTAL", year, float(np.exp(year - 2014))) for year in (2014, 2015, 2016)]
    fits, scales = [], []

    def emulate(waves, summaries, scale, *_):
        fits.append((len(waves), [one.record for one in summaries], scale))
        return "emulators"

    def make_wave(study, points, scale, *_):
        drawn = next(iter(study.scenarios.values()))["population"]["scale"]
        scales.append((study.name, drawn, scale, len(points), study.design.seeds if "confirm" in study.name else ()))
        return Wave(scale, points, np.zeros((len(points), 2, 3)), np.zeros((len(points), 2)))

    size = len(calibration.experiment.factors)
    monkeypatch.setattr(fitting, "records_of", lambda *_: records)
    monkeypatch.setattr(fitting, "emulate", emulate)
    monkeypatch.setattr(fitting, "make_wave", make_wave)
    monkeypatch.setattr(fitting, "sample_kept", lambda *_: (np.full((8, size), 0.5), 0.25))
    monkeypatch.setattr(fitting, "sample_posterior", lambda *_: np.linspace(0, 1, 60)[:, None] * np.ones(size))
    found = fitting.calibrate(calibration, tmp_path, None, until=2014, data=[])
    confirm = settings.confirm
    assert fits == [(1, [1.0], 0.002), (2, [0.0], confirm.scale)]
    assert [row[:4] for row in scales] == [
        ("wave_1", 0.001, 0.001, 8),
        ("wave_2", 0.002, 0.002, 8),
        ("confirm_2014", confirm.scale, confirm.scale, confirm.draws),
    ]
    assert len(set(scales[-1][4])) == confirm.draws  # a seed of its own for each draw
    chosen = np.linspace(0, len(found.draws) - 1, confirm.draws).astype(int)
    assert np.array_equal(found.confirm.points, found.draws[chosen])
    assert (found.until, found.kept, found.records) == (2014, [0.25], records)


def test_what_a_wave_observed_is_kept_until_records_or_code_change(monkeypatch, tmp_path):
    records = [observed("BEOE_TOTAL", 2014, 2.0), observed("BEOE_TOTAL", 2015, 2.0)]
    calibration, made = load_calibration(SHIPPED), []
    points = np.full((3, len(calibration.experiment.factors)), 0.5)
    study = waves.study_of(calibration, "wave_1", points, 0.002, 2, 0)
    rows = {"point": [2, 0, 1], "replicate": [0, 1, 0], "seed": [5, 6, 7], "run_id": list("abc")}

    def observe_all(_, records):
        return pa.table(rows | {seen.label: [2.0, 0.0, 1.0] for seen in records})

    def make(*_):
        made.append(1)
        return SimpleNamespace(design=planned[-1])

    planned = [range(6)]  # three runs failed: they are tried again
    monkeypatch.setattr(waves, "_observe_all", observe_all)
    waves.make_wave(study, points, 0.002, tmp_path, records, make)
    waves.make_wave(study, points, 0.002, tmp_path, records, make)
    assert len(made) == 2
    planned.append(range(3))
    made.clear()

    def again(records=records):
        return waves.make_wave(study, points, 0.002, tmp_path, records, make)

    first, second = again(), again()
    assert len(made) == 1
    for wave in (first, second):
        assert np.array_equal(wave.observed[[2, 0, 1], [0, 1, 0]], np.array([[2.0] * 2, [0.0] * 2, [1.0] * 2]))
        assert np.isnan(wave.observed).sum() == 6
        assert wave.seeds.tolist() == [[0, 6], [7, 0], [5, 0]]
    again(records[:1])
    monkeypatch.setattr(waves, "code_version", lambda: "another")
    again(records[:1])
    assert len(made) == 3


def test_draws_of_the_prior_have_not_narrowed():
    draws = np.linspace(0, 1, 1001)[:, None] * [1.0, 0.5]
    assert Findings(SimpleNamespace(draws=draws)).narrowing == pytest.approx([1.0, 0.5], rel=0.01)


def test_a_run_that_says_nothing_of_a_record_is_blank():
    least = OBSERVATIONS["BEOE_DEST_SHARE"].least
    said = {2010: 7.0, 2011: 0.0, 2012: float("nan")}
    run = SimpleNamespace(value=lambda observation, key, year: said[year])
    found = observe(run, [observed("BEOE_DEST_SHARE", year, 1.0) for year in said])
    assert found == pytest.approx([np.log(7.0), np.log(least), np.nan], nan_ok=True)


def test_the_mode_is_the_likeliest_point_near_the_draws():
    """On a normal likelihood it lies between its peak and the mean of the draws, by their weights; and in the cube."""
    peak, steep = np.array([0.7, 3.0]), 8.0
    matching = SimpleNamespace(log_likelihood=lambda points: -steep * ((points - peak) ** 2).sum(axis=1))
    draws = np.array([[0.2, 0.4], [0.4, 0.8]])
    assert mode_near(matching, draws) == pytest.approx([0.5, 1.0], abs=1e-5)


def test_the_centre_is_the_nearest_draw_to_the_records_that_were_fitted():
    records = [SimpleNamespace(log=value) for value in (1.0, 2.0, 3.0)]
    seen = np.array(
        [
            [[np.nan, 2.0, 3.0], [1.0, 2.0, 3.0]],
            [[1.0, 2.0, 9.0], [1.2, 2.0, 9.0]],
            [[1.0, 2.0, 3.0], [1.0, 4.0, 3.0]],  # by its first seed the nearest
            [[-1.0, 1.0, 3.0], [-1.0, 1.0, 3.0]],
            [[1.0, 2.4, 3.0], [1.0, 2.6, 3.0]],
        ]
    )
    run = SimpleNamespace(points=np.array([[0.3], [0.1], [0.5], [0.7], [0.6]]), observed=seen)
    summaries = [SimpleNamespace(places=np.array([0])), SimpleNamespace(places=np.array([0, 1]))]
    settings = SimpleNamespace(confirm=SimpleNamespace(centre="nearest"))
    found = Findings(
        SimpleNamespace(
            records=records, confirm=run, summaries=summaries, calibration=SimpleNamespace(settings=settings)
        ),
        0,
    )
    assert found.centre == pytest.approx([0.1]), "the third record was left to be forecast"


def test_trajectories_have_the_seeds_and_the_parameters_of_their_runs(tmp_path):
    factors = (Factor("channel.gain", 0.5, 2.5, False, "linear", None, (), (), 1.0, ""),)
    points, seeds = np.array([[0.1], [0.6], [0.9]]), np.array([[10, 11], [20, 21], [30, 31]])
    found = SimpleNamespace(
        posterior=SimpleNamespace(
            until=2014, factors=factors, draws=np.full((20, 1), 0.25),
            confirm=Wave(0.01, points, None, seeds),
            calibration=SimpleNamespace(name="made_up", settings=SimpleNamespace(until=2018)),
        ),
        truths=0, centre=np.array([0.5]), markdown=lambda command: command, recorded=lambda: {},
        confirmed=SimpleNamespace(weights=np.array([[0.0, 0.25], [0.5, 0.0], [0.0, 0.25]])),
    )  # fmt: skip
    write_findings(found, tmp_path, file="mine.yaml")
    draws, runs = (read_posterior(tmp_path / f"{name}.parquet", Config) for name in ("posterior", "trajectories"))
    assert (draws.values[:, 0] == 1.0).all() and draws.seeds == () and draws.centre == {"channel.gain": 1.5}
    assert runs.seeds == (11,) * 5 + (20,) * 10 + (31,) * 5
    assert runs.values[[0, 5, 15], 0] == pytest.approx([0.7, 1.7, 2.3])
    assert (tmp_path / "calibration.md").read_text() == "abm calibrate mine.yaml --until 2014"


# ------------------------------------------------------------------------------------------------------------ forecasts


def test_forecasts_beside_last_value_mean_and_trend():
    values = {2010: 1.0, 2012: 2.0, 2014: 3.0, 2016: 4.0}
    rows = [
        checks.Predicted(observed("BEOE_TOTAL", year, float(np.exp(log))), float(np.exp(3.9)), 1.0, 1e9, year <= 2014)
        for year, log in values.items()
    ]
    (skill,) = checks.forecasts(rows, 2014)
    known = {"model": 0.1, "last_value": 1.0, "mean": 2.0, "trend": 0.0}
    assert {key: skill.errors[key] for key in known} == pytest.approx(known, abs=1e-9)
    assert math.isfinite(skill.errors["smoothing"]) and math.isfinite(skill.errors["arima"])
    assert rows[3].inside and not checks.Predicted(rows[3].seen, 2.0, 1.0, 3.0, False).inside


def test_forecasts_of_a_series_by_smoothing_and_arima():
    """A level that has moved once: smoothing follows it. Ups and downs about a level: a negative autoregression."""
    years = np.arange(2005.0, 2015.0)
    moved = checks.fitted_series(years, np.where(years < 2008, 0.0, 1.0), 2014, 2)
    assert moved["smoothing"] == pytest.approx([1.0, 1.0], abs=0.05)
    turns = checks.fitted_series(years, np.where(years % 2 == 0, 1.0, -1.0), 2014, 2)
    assert turns["arima"][0] < -0.5 and turns["arima"][1] > 0.3
    few = checks.fitted_series(years[:2], np.array([1.0, 3.0]), 2006, 1)
    assert few["smoothing"] == few["arima"] == pytest.approx([2.0])


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
    assert "a calibration: 29 parameters, 3 waves" in capsys.readouterr().out


def test_years_beyond_the_calibration_are_refused(tmp_path):
    with pytest.raises(AnalysisError, match="until 2020: the calibration uses records from 2009 to 2018"):
        fitting.calibrate(load_calibration(SHIPPED), tmp_path, None, until=2020)


SMALL = """\
name: small
set: {start: 2009-01, end: END, population: {region: catchment}}
factors: {legal_work.quota: {low: 0.6, high: 1.4}, channel.gain: {low: 1, high: 2}}
calibration:
  from: FROM
  until: UNTIL
  targets:
    - {target: DEP_EUROPE, summary: trend}
    - {target: DEATHS_IOM}
  waves: [{samples: 8, scale: 0.001}]
"""


def small(folder, end="2018-12", first=2009, until=2018):
    file = folder / "small.yaml"
    file.write_text(SMALL.replace("END", end).replace("FROM", str(first)).replace("UNTIL", str(until)))
    return file


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ({"end": "2016-12"}, "6:3  calibration.until: 2018 lies outside the run, 2009-01 to 2016-12; expected 2016"),
        ({"end": "2018-06"}, "6:3  calibration.until: 2018 lies outside the run, 2009-01 to 2018-06; expected 2017"),
        ({"first": 2008}, "5:3  calibration.from: 2008 lies outside the run, 2009-01 to 2018-12; expected 2009"),
    ],
)
def test_years_outside_the_run_are_refused_before_any_run(tmp_path, years, told):
    with pytest.raises(ConfigError) as caught:
        load_calibration(small(tmp_path, **years))
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1


def test_validate_says_which_targets_have_too_few_records(tmp_path, capsys):
    assert main(["validate", str(small(tmp_path, until=2010))]) == 0
    told = capsys.readouterr().err
    assert "small.yaml: 'DEP_EUROPE trend' is left out, unless --data has more" in told
    assert main(["validate", str(SHIPPED)]) == 0
    assert capsys.readouterr().err == ""


def test_an_engine_is_refused_though_nothing_is_to_be_made(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(fitting, "make_wave", lambda *_: pytest.fail("a wave was asked for"))
    assert main(["calibrate", str(small(tmp_path)), "--out", str(tmp_path), "--engine", "serail"]) == 2
    assert "there is no engine 'serail'; did you mean 'serial'?" in capsys.readouterr().err


@pytest.mark.parametrize(("surprise", "told"), [(0.9, False), (1.9, False), (2.1, True)])
def test_emulators_that_are_wrong_are_a_warning_on_the_page(findings, surprise, told):
    doubted = Findings(findings.posterior)
    confirmed = findings.confirmed
    vars(doubted)["confirmed"] = checks.Confirmed(confirmed.weights, confirmed.effective, surprise)
    vars(doubted)["forest"] = findings.forest
    assert ("- **warning**: the emulators are wrong" in doubted.markdown("abm calibrate made_up.yaml")) is told


def test_a_plain_experiment_is_no_calibration(tmp_path):
    file = tmp_path / "plain.yaml"
    file.write_text("name: plain\nscenarios: {a: {}}\n")
    with pytest.raises(ConfigError, match="no section 'calibration'"):
        load_calibration(file)
