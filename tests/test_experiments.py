"""Experiments: what the YAML may say, the points of designs, and the plan of runs."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jsonschema import Draft202012Validator

from abm.cli import main
from abm.config import Config, load_config, make_config
from abm.config.yaml_source import read_yaml
from abm.engine.errors import ConfigError
from abm.experiments.design import count_points, make_points
from abm.experiments.factors import Factor, declared_number, known_factors
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.settings import (
    DesignSettings,
    GridDesign,
    HaltonDesign,
    LhsDesign,
    ListDesign,
    MorrisDesign,
    OneAtATimeDesign,
    SaltelliDesign,
    SobolDesign,
)
from abm.experiments.spec import Experiment
from abm.report.schema import experiment_schema
from abm.results import run_id

ROOT = Path(__file__).resolve().parent.parent
BAD_EXPERIMENTS = Path(__file__).parent / "bad_experiments"
BAD_NAMES = sorted(path.stem for path in BAD_EXPERIMENTS.glob("*.yaml"))

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
    plan = Plan(study(folder, design=None, factors=None))
    outputs = [
        f"outputs.{name}=false" for name in ("plots", "district", "route", "leg", "destination", "stream", "flows")
    ]
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
    "one more scenario": {"scenarios": STUDY["scenarios"] | {"more": {"labour": {"job_finding_ceiling": 0.4}}}},
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
    assert (len(plan), len(plan.points), plan.replicates) == (2 * 8 * 3, 8, 3)
    assert [run.scenario for run in plan.unique()].count("baseline") == 3
    assert {run.run_id for run in plan.unique()} == {run.run_id for run in plan}


def test_an_experiment_survives_json(folder: Path) -> None:
    experiment = study(folder, replicates={"until": {"outcome": "returns", "half_width": "5 %"}, "at_most": 40})
    again = Experiment.restore(json.loads(experiment.to_json()))
    assert again == experiment
    assert Plan(again).frame().equals(Plan(experiment).frame())


def test_runs_are_planned_without_their_configurations(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Building one for each of a hundred thousand runs would take minutes."""
    experiment = study(folder, design={"method": "sobol", "samples": 128}, replicates=50)
    built: list[Any] = []

    def build(*arguments: Any, **values: Any) -> Config:
        built.append(values)
        return make_config(*arguments, **values)

    monkeypatch.setattr("abm.experiments.plan.make_config", build)
    assert len(Plan(experiment).frame()) == 12_800
    assert len(built) < 10


# ---------------------------------------------------------------------------------------------------------------- YAML


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_experiment(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``NAME.yaml`` gets the words of ``NAME.expected``; ``python tests/bad/refresh.py`` writes them anew."""
    monkeypatch.chdir(BAD_EXPERIMENTS)
    assert main(["validate", f"{name}.yaml"]) == 2
    told = capsys.readouterr()
    assert told.err == (BAD_EXPERIMENTS / f"{name}.expected").read_text(encoding="utf-8")
    assert told.out == ""


def test_there_are_enough_bad_experiments_and_each_has_its_words() -> None:
    assert len(BAD_NAMES) >= 50
    assert sorted(path.stem for path in BAD_EXPERIMENTS.glob("*.expected")) == BAD_NAMES


ODD = (
    None, True, 0, -1, 2.5, 1e300, float("inf"), float("nan"), "", "x", "2018-01", "5 %", [], [1], ["a", "a"], {},
    {"a": 1}, [[]], [{}], {"a": {"b": [1]}}, "labour.job_growth", 10**15,
)  # fmt: skip
"""Values that hardly any setting takes."""

ODD_KEYS = (
    "", "levers", "levers.jobs", "levers.jobs.value", "levers.x.y.z", "levers[0].value", "levers[9]", "labour", "a.b",
    "labour.job_growth", "places.legs.turkey_greece", "places.legs.turkey_greece.months", "places.points.karachi.lon",
    "population.scale", "population.region", "where", "add_levers", "outputs.plots", "seed", "[", "name",
    "mechanisms.repeat.enabled", "levers.jobs.where", "levers.jobs.pulse.months_on",
)  # fmt: skip

RICH = STUDY | {
    "set": {"labour": {"job_growth": 0.02}},
    "window": {"from": "2009-03"},
    "tables": ["route"],
    "engine": {"kind": "slurm", "max_jobs": 3},
    "replicates": {"until": {"outcome": "returns", "half_width": "5 %"}, "at_most": 40},
}


def containers_in(value: Any) -> list[Any]:
    """The value and all that it holds, as far as they hold something."""
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(found for item in inner for found in containers_in(item))] if value else []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_in_it_a_file_is_valid_or_refused_in_words(folder: Path, data: st.DataObject) -> None:
    values = copy.deepcopy(RICH)
    for _ in range(data.draw(st.integers(1, 3))):
        inside = data.draw(st.sampled_from(containers_in(values)), label="inside")
        known = list(inside) if isinstance(inside, dict) else range(len(inside))
        keys = st.sampled_from(list(known) + list(ODD_KEYS) * isinstance(inside, dict))
        inside[data.draw(keys)] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    file = folder / "odd.yaml"
    file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    try:
        experiment = load_experiment(file)
    except ConfigError as error:
        assert error.problems
        assert "another kind of value" not in str(error)
    else:
        plan = Plan(experiment, 1)
        assert plan.config(plan[len(plan) - 1]).seed == plan[len(plan) - 1].seed


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


def test_an_error_in_the_base_is_reported_once_and_there(folder: Path) -> None:
    (folder / "tiny.yaml").write_text("name: tiny\nlabour: {job_growth: 3}\n")
    told = problems_of(folder, design=None, factors=None)
    assert told.count("labour.job_growth: expected a number") == 1
    assert told.startswith(f"{folder}/tiny.yaml:2:10  labour.job_growth")


# -------------------------------------------------------------------------------------------------------------- schema


@cache
def validator() -> Draft202012Validator:
    schema = experiment_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


SHIPPED = sorted(path for path in (ROOT / "experiments").glob("*.yaml") if path.stem != "calibration")


def test_shipped_experiments_are_valid_and_the_schema_accepts_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert SHIPPED
    for path in SHIPPED:
        assert main(["validate", str(path)]) == 0
        assert f"{path}: valid ({path.stem}, an experiment: " in capsys.readouterr().out
        validator().validate(read_yaml(path).data)


def test_the_schema_accepts_what_we_accept() -> None:
    validator().validate(STUDY)
    slurm = {"kind": "slurm", "max_jobs": 3, "walltime": "04:00:00", "prologue": ["module load python"]}
    until = {"until": {"outcome": "returns", "half_width": "5 %"}, "at_most": 40}
    validator().validate(STUDY | {"engine": slurm, "replicates": until, "window": {"from": "2009-03"}})


REFUSED_BY_SCHEMA: tuple[dict[str, Any], ...] = (
    {"name": "Bad Name"},
    {"scenarios": {}},
    {"scenarios": {"Bad Name": {}}},
    {"scenarios": {"a": {"labor": {}}}},
    {"scenarios": {"a": {"seed": 3}}},
    {"scenarios": {"a": {"levers": [{"lever": "border_patrols", "from": "2018-01", "value": 1}]}}},
    {"factors": {"labour.job_grwth": {}}},
    {"factors": {"labour.job_growth": {"low": -1}}},
    {"factors": {"labour.job_growth": {"lo": 0.01}}},
    {"design": {"method": "sobl", "samples": 8}},
    {"design": {"samples": 8}},
    {"design": {"method": "lhs"}},
    {"replicates": 0},
    {"replicates": {"until": {"outcome": "returns", "half_width": "five"}, "at_most": 9}},
    {"outcomes": ["no_outcome"]},
    {"tables": ["national"]},
    {"engine": {"kind": "slurm"}},
    {"engine": {"kind": "local", "max_jobs": 3}},
    {"engin": {}},
)


@pytest.mark.parametrize("changes", REFUSED_BY_SCHEMA, ids=str)
def test_what_the_schema_can_see_it_refuses(changes: dict[str, Any]) -> None:
    assert not validator().is_valid(STUDY | changes)


# ------------------------------------------------------------------------------------------------------------- designs


def factor(name: str = "x", low: float = 0.0, high: float = 1.0, **facts: Any) -> Factor:
    values = {"whole": False, "scale": "linear", "levels": None, "values": (), "scenarios": ("a",), "centre": None}
    return Factor(name=name, low=low, high=high, unit="", **(values | facts))


THREE = (factor("x"), factor("y", -1, 3), factor("z", 0.1, 10, scale="log"))


def scaled(unit: np.ndarray) -> np.ndarray:
    """Points of the unit cube in the ranges of `THREE`, worked out another way."""
    return np.column_stack([unit[:, 0], 4 * unit[:, 1] - 1, 10 ** (2 * unit[:, 2] - 1)])


def test_sampled_designs_are_those_of_the_libraries() -> None:
    from SALib.sample import morris, sobol
    from scipy.stats import qmc

    problem = {"num_vars": 3, "names": list("xyz"), "bounds": [[0, 1]] * 3}
    expected = {
        SobolDesign(samples=16, seed=5): qmc.Sobol(3, rng=5).random(16),
        HaltonDesign(samples=11, seed=5): qmc.Halton(3, rng=5).random(11),
        LhsDesign(samples=9, seed=5): qmc.LatinHypercube(3, rng=np.random.default_rng([5, 0])).random(9),
        MorrisDesign(samples=6, levels=4, seed=5): morris.sample(problem, 6, num_levels=4, seed=5),
        SaltelliDesign(samples=8, seed=5): sobol.sample(problem, 8, calc_second_order=False, seed=5),
        SaltelliDesign(samples=8, second_order=True, seed=5): sobol.sample(problem, 8, calc_second_order=True, seed=5),
    }
    for design, unit in expected.items():
        points = make_points(design, THREE)
        assert count_points(design, THREE) == len(points)
        np.testing.assert_allclose(points, scaled(unit), rtol=1e-12)


def test_each_latin_hypercube_has_a_point_in_every_stratum() -> None:
    points = make_points(LhsDesign(samples=20, batches=3), (factor("x"), factor("y")))
    for batch in np.split(points, 3):
        for column in batch.T:
            assert sorted((column * 20).astype(int)) == list(range(20))


LARGER: dict[str, tuple[DesignSettings, DesignSettings]] = {
    "sobol": (SobolDesign(samples=16), SobolDesign(samples=64)),
    "halton": (HaltonDesign(samples=7), HaltonDesign(samples=20)),
    "morris": (MorrisDesign(samples=3), MorrisDesign(samples=8)),
    "saltelli": (SaltelliDesign(samples=4), SaltelliDesign(samples=16)),
    "lhs": (LhsDesign(samples=6), LhsDesign(samples=6, batches=3)),
}


@pytest.mark.parametrize("method", LARGER)
def test_a_larger_design_keeps_the_points_there_were(method: str) -> None:
    few, many = (make_points(design, THREE) for design in LARGER[method])
    assert len(many) > len(few)
    assert np.array_equal(many[: len(few)], few)


@pytest.mark.parametrize("method", LARGER)
def test_another_seed_gives_other_points(method: str) -> None:
    design = LARGER[method][0]
    assert np.array_equal(make_points(design, THREE), make_points(design.model_copy(), THREE))
    assert not np.array_equal(make_points(design, THREE), make_points(design.model_copy(update={"seed": 2}), THREE))


def test_grid() -> None:
    factors = (factor("x", 0, 1, levels=3), factor("y", values=(5.0, 2.0)), factor("z", 1, 3, whole=True))
    points = make_points(GridDesign(levels=9), factors)
    assert points[:7].tolist() == [[0, 5, 1], [0, 5, 2], [0, 5, 3], [0, 2, 1], [0, 2, 2], [0, 2, 3], [0.5, 5, 1]]
    assert len(points) == count_points(GridDesign(levels=9), factors) == 3 * 2 * 3


def test_one_at_a_time() -> None:
    factors = (factor("x", 0, 1, centre=0.3), factor("y", 1, 4, centre=4.0), factor("z", values=(1.0, 2.0), centre=9.0))
    points = make_points(OneAtATimeDesign(), factors)
    assert points.tolist() == [[0.3, 4, 9], [0, 4, 9], [1, 4, 9], [0.3, 1, 9], [0.3, 4, 1], [0.3, 4, 2]]
    assert count_points(OneAtATimeDesign(), factors) == len(points)


def test_list() -> None:
    design = ListDesign(points=({"x": 0.1, "y": 2.0}, {"y": 3.0, "x": 0.2}))
    assert make_points(design, (factor("x"), factor("y"))).tolist() == [[0.1, 2], [0.2, 3]]


def test_no_design_is_one_point_without_values() -> None:
    assert make_points(None, ()).shape == (1, 0)
    assert count_points(None, ()) == 1


def test_a_design_of_the_study_reaches_the_runs(folder: Path) -> None:
    points = [{"labour.job_growth": 0.011, "claims.longest": 7}, {"labour.job_growth": 0.02, "claims.longest": 9}]
    factors = {"labour.job_growth": {}, "claims.longest": {}}
    plan = Plan(study(folder, design={"method": "list", "points": points}, factors=factors, replicates=1))
    assert [dict(run.factors) for run in plan if run.scenario == "legal"] == points


shares = arrays(float, st.integers(1, 40), elements=st.floats(0, 1))


@given(shares, st.integers(-20, 20), st.integers(1, 50))
def test_whole_factors_take_each_value_equally_often(share: np.ndarray, low: int, width: int) -> None:
    one = factor(low=low, high=low + width, whole=True)
    found = one.of_unit(share)
    assert ((found == np.round(found)) & (found >= low) & (found <= low + width)).all()
    every = one.of_unit((np.arange((width + 1) * 8) + 0.5) / ((width + 1) * 8))
    assert (np.unique(every, return_counts=True)[1] == 8).all()


@given(shares, st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.sampled_from(["linear", "log"]))
def test_factors_stay_in_their_range_and_rise(share: np.ndarray, low: float, width: float, scale: str) -> None:
    low = abs(low) + 1e-3 if scale == "log" else low
    one = factor(low=low, high=low + width, scale=scale)
    found = one.of_unit(np.sort(share))
    assert ((found >= one.low) & (found <= one.high)).all()
    assert (np.diff(found) >= 0).all()
    ends = one.of_unit(np.array([0.0, 1.0]))
    assert ends.tolist() == [one.low, one.high]


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9, unique=True))
def test_listed_values_are_equally_likely(values: list[float]) -> None:
    one = factor(low=min(values), high=max(values), values=tuple(values))
    found = one.of_unit((np.arange(len(values) * 6) + 0.5) / (len(values) * 6))
    assert found.tolist() == [value for value in values for _ in range(6)]


@pytest.mark.parametrize("name", [path for path in known_factors(()) if not path.startswith("population.")])
def test_every_declared_parameter_may_be_a_factor(name: str) -> None:
    """Whatever is declared, its ends are valid values of a configuration."""
    declared = declared_number(tuple(name.split(".")))
    assert declared is not None
    section, field = name.split(".")
    base = {"budget": {"per_year": 1.0, "rule": "cap"}} if section == "budget" else {}  # there is none by default
    for end in (declared.low, declared.high):
        value = int(end) if declared.whole else end
        make_config(**{section: {**base.get(section, {}), field: value}})


def test_a_configuration_is_sent_to_the_command_that_runs_it(tmp_path):
    (tmp_path / "run.yaml").write_text("name: run\nend: 2009-12\npackages: [awareness]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="this is a configuration; 'abm run' makes its run"):
        load_experiment(tmp_path / "run.yaml")
