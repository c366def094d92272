"""Experiments: what the YAML may say, the points of designs, and the plan of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from abm.core.errors import ConfigError
from abm.experiments.plan import Plan
from abm.experiments.spec import Experiment, load_experiment
from abm.results import run_id

ROOT = Path(__file__).resolve().parent.parent

BASE = """
name: tiny
end: 2009-12
population: {scale: 0.001, region: [jhelum]}
levers:
  - {lever: job_creation, id: jobs, from: 2009-03, value: 0.01}
"""

STUDY: dict[str, Any] = {
    "name": "study",
    "base": "tiny.yaml",
    "scenarios": {
        "baseline": {},
        "legal": {
            "add_levers": [
                {"lever": "legal_quota", "from": "2009-06", "value": 2},
                {"lever": "awareness_campaign", "topic": "death", "from": "2009-06", "value": 0.1},
            ]
        },
    },
    "design": {"method": "sobol", "samples": 8},
    "factors": {
        "labour.job_growth": {"low": 0.01, "high": 0.04},
        "claims.longest": {},
        "places.legs.turkey_greece.death": {"low": 0, "high": 0.01},
        "levers.jobs.value": {"low": 0},
        "levers.awareness_campaign.claimed": {"in": ["legal"], "scale": "log"},
        "levers.legal_quota.ramp_months": {"in": ["legal"], "high": 24},
    },
    "replicates": 3,
    "outcomes": ["irregular_departures"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def study(folder: Path, **changes: Any) -> Experiment:
    """Write the study with changes at the top level, None to leave one out, and read it."""
    values = {key: value for key, value in (STUDY | changes).items() if value is not None}
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return load_experiment(file)


# ---------------------------------------------------------------------------------------------------------------- plan


def test_ids_are_those_of_the_complete_configurations(folder: Path) -> None:
    plan = Plan(study(folder))
    assert len(plan) == 2 * 8 * 3
    for run in plan:
        config = plan.config(run)
        assert run_id(config.resolved(), config.seed) == run.run_id
        assert plan.resolved(run) == config.resolved()
        assert config.seed == 1 + run.replicate
        assert not config.outputs.plots
        for name, value in run.factors.items():
            first, *inner = name.split(".")
            here: Any = config.resolved()[first]
            for part in inner:
                here = next(use for use in here if use["id"] == part) if isinstance(here, list) else here[part]
            assert here == value
            assert type(here) is (int if name in ("claims.longest", "levers.legal_quota.ramp_months") else float)


def test_a_run_of_a_study_is_the_run_that_abm_run_would_make(folder: Path) -> None:
    from abm.config import load_config

    plan = Plan(study(folder, design=None, factors=None))
    outputs = [f"outputs.{name}=false" for name in ("plots", "district", "route", "leg", "destination", "flows")]
    alone = load_config(folder / "tiny.yaml", outputs, seed=2)
    assert [run.run_id for run in plan if run.scenario == "baseline" and run.replicate == 1] == [
        run_id(alone.resolved(), 2)
    ]


def test_frame_says_what_the_rows_say(folder: Path) -> None:
    plan = Plan(study(folder))
    frame = plan.frame()
    assert list(frame) == ["run_id", "scenario", "point", "replicate", "seed", *STUDY["factors"]]
    for row, run in zip(frame.to_dict("records"), plan, strict=True):
        assert tuple(row[name] for name in ("run_id", "scenario", "point", "replicate", "seed")) == (
            run.run_id, run.scenario, run.point, run.replicate, run.seed,
        )  # fmt: skip
        assert {name: row[name] for name in STUDY["factors"] if not np.isnan(row[name])} == dict(run.factors)


def test_seeds_are_the_same_in_all_scenarios_and_at_all_points(folder: Path) -> None:
    frame = Plan(study(folder, set={"seed": 40})).frame()
    assert (frame.groupby("replicate")["seed"].nunique() == 1).all()
    assert sorted(frame["seed"].unique()) == [40, 41, 42]


GROWN: dict[str, dict[str, Any]] = {
    "more replicates": {"replicates": 5},
    "more points": {"design": {"method": "sobol", "samples": 16}},
    "one more scenario": {"scenarios": STUDY["scenarios"] | {"more": {"labour": {"finding_ceiling": 0.4}}}},
    "a scenario before the others": {"scenarios": {"first": {"ties.decay_rate": 0.02}} | STUDY["scenarios"]},
}


@pytest.mark.parametrize("how", GROWN)
def test_a_study_that_grows_keeps_its_runs(how: str, folder: Path) -> None:
    keys = ["scenario", "point", "replicate"]
    before = Plan(study(folder)).frame().set_index(keys)
    after = Plan(study(folder, **GROWN[how])).frame().set_index(keys)
    assert len(after) > len(before)
    assert after.loc[before.index].equals(before)


def test_runs_that_are_the_same_are_planned_once(folder: Path) -> None:
    """Where nothing varies in the reference, all its points are one run for each seed."""
    only = {name: STUDY["factors"][name] for name in ("levers.legal_quota.ramp_months",)}
    plan = Plan(study(folder, factors=only))
    counts = plan.counts()
    assert (counts.rows, counts.scenarios, counts.points, counts.replicates) == (2 * 8 * 3, 2, 8, 3)
    assert counts.runs_by_scenario["baseline"] == 3
    assert counts.runs == sum(counts.runs_by_scenario.values()) == len(list(plan.unique()))
    assert {run.run_id for run in plan.unique()} == {run.run_id for run in plan}


def test_an_experiment_survives_json(folder: Path) -> None:
    experiment = study(folder, replicates={"until": {"outcome": "returns", "half_width": "5 %"}, "at_most": 40})
    again = Experiment.restore(json.loads(experiment.to_json()))
    assert again == experiment
    assert Plan(again).frame().equals(Plan(experiment).frame())


def test_a_hundred_thousand_runs_are_planned_in_seconds(folder: Path) -> None:
    import time

    experiment = study(folder, design={"method": "sobol", "samples": 1024}, replicates=50)
    began = time.perf_counter()
    frame = Plan(experiment).frame()
    took = time.perf_counter() - began
    assert len(frame) == 102_400
    assert took < 60, "a tenth of it is usual; building each configuration would take minutes"


# ---------------------------------------------------------------------------------------------------------------- YAML


def problems_of(folder: Path, **changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        study(folder, **changes)
    return str(caught.value)


def test_scenarios_build_on_the_base(folder: Path) -> None:
    experiment = study(
        folder,
        set={"labour": {"job_growth": 0.02}, "levers.jobs.value": 0.03},
        scenarios={"a": {}, "b": {"levers": []}, "c": STUDY["scenarios"]["legal"], "d": {"labour.job_growth": 0.01}},
        design=None,
        factors=None,
    )
    found = experiment.scenarios
    assert experiment.reference == "a"
    assert {name: values["labour"]["job_growth"] for name, values in found.items()} == {
        "a": 0.02, "b": 0.02, "c": 0.02, "d": 0.01,
    }  # fmt: skip
    assert {name: [use["id"] for use in values["levers"]] for name, values in found.items()} == {
        "a": ["jobs"], "b": [], "c": ["jobs", "legal_quota", "awareness_campaign"], "d": ["jobs"],
    }  # fmt: skip
    assert found["a"]["levers"][0]["value"] == 0.03
    assert experiment.window == ("2009-01", "2009-12")


def test_an_error_in_the_base_is_told_once_and_there(folder: Path) -> None:
    (folder / "tiny.yaml").write_text("name: tiny\nlabour: {job_growth: 3}\n")
    told = problems_of(folder, design=None, factors=None)
    assert told.count("labour.job_growth: expected a number") == 1
    assert told.startswith(f"{folder}/tiny.yaml:2:10  labour.job_growth")
