"""Connector to the EMA workbench: what is declared to it, what it gets back, and what is said where it cannot work.

The model is a toy; the worked search in `experiments/` runs the real one.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.choice.channel import ChannelParams
from abm.config import Config
from abm.engine.errors import AbmError
from abm.experiments import ema
from abm.experiments.read import load_experiment


@pytest.fixture(scope="module", autouse=True)
def workbench() -> Any:
    """The package, whose import takes longer than the tests: only a process that runs them waits for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("ema_workbench", reason="the EMA workbench is not installed (extra: search)")


FILE = Path(__file__).resolve().parent.parent / "experiments" / "policy_search.yaml"
NEUTRAL = {"places": 1, "fee": 1, "patrol": 1, "circles": 1, "campaign": 0, "rescue": 0}
MADE: list[Config] = []


def simulate(config: Config, *, threads: int = 1, on_month: object = None):
    """More places, fewer departures; a hundred rupees for each."""
    MADE.append(config)
    months = np.datetime64(config.start, "M") + np.arange(config.months)
    values = {use.id: use.value for use in config.levers}
    places, rescue = values.get("places", 1.0), values.get("rescue", 0.0)
    level = 1000 * config.labour.job_growth + 10 * config.seed
    return {
        "national": {
            "month": months,
            "irregular_departures": np.full(config.months, level - 3 * (places - 1)),
            "deaths_en_route": np.full(config.months, 10 - 5 * rescue),
            "fee_median": np.full(config.months, 100.0 + places),
            "policy_cost": np.full(config.months, 100 * (places - 1) + 40 * rescue),
            **{f"cost_{name}": np.full(config.months, 1.0) for name in values},
        }
    }


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    MADE.clear()
    monkeypatch.setattr(ema, "simulate", simulate)


def levers(**values: float) -> dict[str, float]:
    return {ema.identifier(f"levers.{name}.value"): value for name, value in (NEUTRAL | values).items()}


def test_levers_uncertainties_and_aims_are_those_of_the_experiment():
    model = ema.make_model(
        FILE, minimise=["irregular_departures"], maximise=["legal_departures"], report=["policy_cost"]
    )
    assert [lever.name for lever in model.levers] == list(levers())
    assert [factor.name for factor in model.uncertainties] == [
        "labour__job_growth", "channel__cost", "interception__efficiency", "offices__markup", "beliefs__bias_death",
    ]  # fmt: skip
    assert (model.levers["levers__patrol__value"].lower_bound, model.levers["levers__patrol__value"].upper_bound) == (
        1,
        4,
    )
    cost = model.uncertainties["channel__cost"]
    assert (cost.lower_bound, cost.upper_bound) == pytest.approx((0.8, 3.2))
    assert cost.dist.dist.name == "loguniform"
    assert [outcome.kind for outcome in model.outcomes] == [-1, 1, 0]


def test_function_gives_paired_differences_over_the_window():
    """72 months from 2017 on; the seed and the uncertain parameter drop out."""
    model = ema.make_model(
        FILE, minimise=["irregular_departures", "fee_median"], report=["policy_cost", "cost_places"], replicates=3
    )
    found = model.function(**levers(places=2.0), **{"labour__job_growth": 0.02})
    assert found == pytest.approx(
        {"irregular_departures": -216, "fee_median": 1, "policy_cost": 7200, "cost_places": 72}
    )
    assert {config.labour.job_growth for config in MADE} == {0.02}
    assert len({config.seed for config in MADE}) == 3


def test_nothing_done_changes_nothing():
    model = ema.make_model(FILE, minimise=["irregular_departures", "deaths_en_route"])
    assert set(model.function(**levers()).values()) == {0.0}


def test_reference_is_made_once_for_all_packages():
    function = ema.make_model(FILE, minimise=["irregular_departures"], replicates=2).function
    for places in (1.0, 1.5, 2.0):
        function(**levers(places=places))
    assert len(MADE) == 2 + 3 * 2
    function(**levers(), **{"labour__job_growth": 0.04})
    assert len(MADE) == 8 + 4


def test_search_finds_the_front_within_the_budget(tmp_path, workbench):
    """Places cost money and lower departures; all else is idle. The budget allows 0.5 of a place."""
    from platypus import EpsNSGAII

    model = ema.make_model(FILE, minimise=["irregular_departures", "policy_cost"])
    with workbench.SequentialEvaluator(model) as evaluator:
        front, _ = evaluator.optimize(
            algorithm=EpsNSGAII, nfe=200, searchover="levers", reference=ema.values_in_force(FILE),
            epsilons=[10.0, 300.0], population_size=20, rng=1,
            constraints=[ema.at_most("policy_cost", 3600.0)], convergence_freq=200, directory=str(tmp_path),
            filename="archive.tar",
        )  # fmt: skip
    found = front.sort_values("policy_cost")
    assert found["policy_cost"].max() <= 3600
    assert found["irregular_departures"].is_monotonic_decreasing
    assert found["irregular_departures"].min() < -60
    assert {config.channel.cost for config in MADE} == {ChannelParams().cost}  # searched at the values in force


def test_experiments_of_the_workbench(workbench):
    model = ema.make_model(FILE, minimise=["irregular_departures"])
    with workbench.SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=3, policies=2)
    assert len(experiments) == 6
    expected = -216 * (experiments["levers__places__value"].to_numpy() - 1)
    assert outcomes["irregular_departures"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"minimise": ["deths_en_route"]}, "no outcome 'deths_en_route'; did you mean 'deaths_en_route'"),
        ({"minimise": ["cost_place"]}, "did you mean 'cost_places'"),
        ({}, "name outcomes to minimise, maximise or report"),
        (
            {"minimise": ["fee_median"], "scenario": "packages"},
            "no scenario 'packages' beside its reference; did you mean 'package'",
        ),
        ({"minimise": ["fee_median"], "scenario": "status_quo"}, "no scenario 'status_quo' beside its reference"),
    ],
)  # fmt: skip
def test_wrong_wishes_are_refused(how, words):
    with pytest.raises(AbmError, match=words):
        ema.make_model(FILE, **how)


def test_experiment_that_varies_no_lever():
    study = load_experiment(FILE.with_name("policy_comparison.yaml"))
    with pytest.raises(AbmError, match="say which scenario is searched; it has 'more_circles', "):
        ema.make_model(study, minimise=["fee_median"])
    with pytest.raises(AbmError, match="varies no lever of 'combined', so that there is nothing to search"):
        ema.make_model(study, minimise=["fee_median"], scenario="combined")


def test_workbench_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(AbmError, match=r"pip install -c constraints.txt '.\[search\]'"):
        ema.make_model(FILE, minimise=["fee_median"])
