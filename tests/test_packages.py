"""Packages of levers: by name or path, moved and scaled, in configurations and in experiments."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from worlds import ASKED_FOR, small_config

import abm
from abm.cli import main
from abm.config import load_config, make_config
from abm.config.load import load_package
from abm.config.packages import load_shipped, shipped_packages
from abm.engine.errors import ConfigError
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.model import simulate
from abm.month import LEVERS
from abm.report.schema import config_schema, package_schema
from abm.report.systems import SYSTEMS
from abm.results import run_id

ROOT = Path(__file__).parents[1]

OWN = """
name: own
description: Two levers, one of them announced.
basis: inferred
levers:
  - {lever: border_patrol, id: patrol, announced: 2015-07, from: 2016-01, until: 2017-12, value: 3}
  - {lever: cash_transfer, id: aid, from: 2016-06, when: {outcome: deaths_en_route, above: 50}, value: 2000}
  - {lever: legal_fee, when: {outcome: deaths_en_route, above: 50}, until: 2016-12, value: 0.5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "sub").mkdir()
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------------------- shipped


@pytest.mark.parametrize("name", shipped_packages())
def test_a_shipped_package_is_sound_and_says_what_it_is(name: str):
    found = next(package for package in load_shipped() if package.name == name)
    assert found.name == name
    assert found.basis in ("paper", "inferred")
    assert "S19" in found.systems
    assert {*found.systems} <= {system.id for system in SYSTEMS}
    assert found.description.endswith(".")
    moved = {system for use in found.levers for system in LEVERS[use["lever"]].systems}
    assert {*found.systems} <= moved
    text = (ROOT / "configs" / "packages" / f"{name}.yaml").read_text(encoding="utf-8")
    assert "assumed" in text.partition("\n")[0]
    jsonschema.validate(yaml.safe_load(text), package_schema())


def test_all_shipped_packages_go_together():
    config = make_config(packages=list(shipped_packages()), mechanisms=ASKED_FOR)
    assert len(config.levers) == sum(len(found.levers) for found in load_shipped())


def test_every_shipped_package_moves_the_run():
    reference = simulate(small_config(months=6, start="2018-01", units="gujrat"))["national"]
    for name in set(shipped_packages()) - {"field_investigation"}:  # names districts that are not simulated here
        tables = simulate(small_config(months=6, start="2018-01", units="gujrat", packages=[name]))["national"]
        assert any((tables[column] != values).any() for column, values in reference.items()), name
        assert tables["policy_cost"].sum() > 0


def test_an_installed_wheel_finds_them(tmp_path: Path):
    """The wheel holds every file; imported from there, a name is enough."""
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import abm; print(abm.__file__, len(abm.make_config(packages=['legal_migration']).levers))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    more = {"env": environment, "cwd": tmp_path, "capture_output": True, "text": True}
    ran = subprocess.run([sys.executable, "-c", code], check=False, **more)
    assert ran.stdout.split() == [str(tmp_path / "site" / "abm" / "__init__.py"), "3"], ran.stderr


# ------------------------------------------------------------------------------------------------------ configurations


def test_levers_of_packages_come_after_those_of_the_configuration_and_are_written_out(folder: Path):
    file = write(
        folder / "config.yaml",
        "levers: [{lever: coastal_patrol, from: 2012-01, value: 2}]\npackages: [legal_migration, own.yaml]\n",
    )
    config = load_config(file)
    assert [use.id for use in config.levers] == [
        "coastal_patrol", "more_places", "fair_fees", "faster_papers", "patrol", "aid", "legal_fee",
    ]  # fmt: skip
    resolved = config.resolved()
    assert "packages" not in resolved
    assert make_config(**resolved) == config


def test_a_package_is_the_levers_it_holds(folder: Path):
    """A run does not depend on how its levers came into the configuration."""
    levers = yaml.safe_load((ROOT / "configs" / "packages" / "legal_migration.yaml").read_text())["levers"]
    by_package, by_hand = make_config(packages=["legal_migration"]), make_config(levers=levers)
    assert by_package == by_hand
    assert run_id(by_package.resolved(), 1) == run_id(by_hand.resolved(), 1)


def test_a_path_starts_from_the_folder_of_the_file(folder: Path):
    file = write(folder / "sub" / "config.yaml", "packages: [../own.yaml]\n")
    assert len(load_config(file).levers) == 3
    whole = write(folder / "sub" / "whole.yaml", f"packages: [{folder / 'own.yaml'}]\n")
    assert load_config(whole).levers == load_config(file).levers


def test_dates_are_moved_together(folder: Path):
    file = write(folder / "config.yaml", "packages: [{package: own.yaml, from: 2020-03}]\n")
    patrol, aid, fee = load_config(file).levers
    assert (patrol.announced, patrol.from_, patrol.until) == ("2019-09", "2020-03", "2022-02")
    assert aid.from_ == "2020-08"
    assert fee.from_ == "2020-03"  # armed from the package's beginning
    assert fee.until == "2021-02"


@pytest.mark.parametrize(("scale", "values"), [(0.5, (2, 1000, 0.75)), (0, (1, 0, 1)), (2, (5, 4000, 0))])
def test_doses_are_scaled_as_distances_from_what_changes_nothing(folder: Path, scale: float, values: tuple):
    file = write(folder / "config.yaml", f"packages: [{{package: own.yaml, scale: {scale}}}]\n")
    assert [use.value for use in load_config(file).levers] == pytest.approx(values)


def test_a_lever_of_a_package_is_changed_by_its_id_on_the_command_line(folder: Path):
    file = write(folder / "config.yaml", "packages: [own.yaml]\n")
    config = load_config(file, ["levers.patrol.value=5", "levers.aid.when.above=10"])
    assert config.levers[0].value == 5
    assert config.levers[1].when is not None
    assert config.levers[1].when.above == 10
    other = load_config(file, ["packages=[awareness]", "levers.tell_of_papers.value=0.3"])
    assert [use.value for use in other.levers] == [0.1, 0.3, 0.1]


def test_a_package_alone_is_checked_and_is_no_configuration(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert load_package(folder / "own.yaml", kind=type(make_config())).name == "own"
    assert main(["validate", str(folder / "own.yaml")]) == 0
    assert capsys.readouterr().out.endswith("own.yaml: valid (own, a package: 3 levers)\n")
    with pytest.raises(ConfigError, match="this is a package of levers"):
        load_config(folder / "own.yaml")


@pytest.mark.parametrize("name", shipped_packages())
def test_a_shipped_package_alone_is_valid_whatever_it_needs_switched_on(name: str, capsys: pytest.CaptureFixture[str]):
    assert main(["validate", str(ROOT / "configs" / "packages" / f"{name}.yaml")]) == 0
    assert f": valid ({name}, a package: " in capsys.readouterr().out


def test_a_package_alone_may_watch_any_stream_in_any_month(folder: Path):
    text = (
        OWN.replace("2017-12", "2045-12")
        + "  - {lever: advance_ban, when: {outcome: transit_entries, below: 3}, value: 1}\n"
    )
    assert len(load_package(write(folder / "own.yaml", text), kind=type(make_config())).levers) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN.replace("value: 3", "value: 30"), "own.yaml:6:91  levers[0].value: expected a number from 0 to 10"),
        (OWN.replace("basis: inferred", "basis: paper\nbasis: paper"), "own.yaml:5:1  basis: 'basis' is given twice"),
        (OWN.partition("levers:")[0] + "levers: []\n", "own.yaml:5:1  levers: expected a list of levers"),
    ],
)
def test_an_error_in_a_package_is_reported_at_its_own_place(folder: Path, text: str, expected: str):
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    file = write(folder / "config.yaml", "name: a\npackages: [own.yaml]\n")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert f"{folder}/{expected}" in str(caught.value)
    with pytest.raises(ConfigError) as alone:
        load_package(folder / "own.yaml", kind=type(make_config()))
    assert expected in str(alone.value)


def test_a_schema_of_a_configuration_accepts_what_is_accepted():
    checker = jsonschema.Draft202012Validator(config_schema())
    for packages in (["awareness"], ["own.yaml"], [{"package": "x/own.yml", "from": "2018-01", "scale": 0.5}]):
        checker.validate({"packages": packages})
    for packages in ("awareness", ["awarenes"], [{"scale": 1}], [{"package": "awareness", "scale": -1}]):
        assert not checker.is_valid({"packages": packages})
    patrol = {"lever": "border_patrol", "value": 2}
    whens = ({"outcome": "deaths_en_route", "above": 1}, {"outcome": "returns", "below": 1, "where": ["gujrat"]})
    for when in whens:
        checker.validate({"levers": [patrol | {"when": when}]})
    for when in ({"outcome": "deaths_en_route"}, {"outcome": "death", "above": 1}, whens[0] | {"below": 2}):
        assert not checker.is_valid({"levers": [patrol | {"when": when}]})
    assert not checker.is_valid({"levers": [patrol]})
    checker.validate({"budget": {"per_year": 500e6, "rule": "cap"}})
    assert not checker.is_valid({"budget": {"per_year": 500e6}})
    checker.validate(make_config(packages=["awareness"], levers=[patrol | {"when": whens[0]}]).resolved())


# --------------------------------------------------------------------------------------------------------- experiments

STUDY = """
name: study
base: base.yaml
set: {end: 2020-12}
scenarios:
  baseline: {}
  opening: {packages: [legal_migration]}
  both:
    packages: [legal_migration, {package: own.yaml, scale: 0.5}]
    levers.more_places.value: 1.2
    add_levers: [{lever: coastal_patrol, from: 2018-01, value: 2}]
  alone: {levers: [], packages: [own.yaml]}
  broke: {packages: [own.yaml], budget: {per_year: 1e9, rule: cap}}
design: {method: grid, levels: 2}
factors:
  levers.fair_fees.value: {low: 0.2, high: 0.8, in: [opening, both]}
  levers.aid.when.above: {low: 10, high: 100, in: [both, alone]}
  budget.per_year: {low: 1e8, high: 1e9, in: [broke]}
  levers.tell_of_deaths.value: {low: 0.1, high: 0.2, in: [baseline]}
outcomes: [policy_cost, cost_fair_fees, in_force_aid, budget_left]
"""


@pytest.fixture
def study(folder: Path) -> Path:
    write(folder / "base.yaml", "packages: [awareness]\nlevers: [{lever: legal_delay, from: 2010-01, value: 1}]\n")
    return write(folder / "study.yaml", STUDY)


def test_scenarios_take_packages_on_top_of_what_the_base_has(study: Path):
    experiment = load_experiment(study)
    ids = {name: [use["id"] for use in found["levers"]] for name, found in experiment.scenarios.items()}
    base = ["legal_delay", "tell_of_deaths", "tell_of_papers", "tell_of_wages"]
    legal, own = ["more_places", "fair_fees", "faster_papers"], ["patrol", "aid", "legal_fee"]
    assert ids == {
        "baseline": base,
        "opening": [*base, *legal],
        "both": [*base, *legal, *own, "coastal_patrol"],
        "alone": own,
        "broke": [*base, *own],
    }
    values = {use["id"]: use["value"] for use in experiment.scenarios["both"]["levers"]}
    assert values["more_places"] == 1.2
    assert values["patrol"] == 2
    assert all("packages" not in found for found in experiment.scenarios.values())


def test_a_plan_varies_levers_of_packages_and_names_its_runs_as_single_ones(study: Path):
    plan = Plan(load_experiment(study))
    assert Counter(run.scenario for run in plan.unique()) == {
        "baseline": 2,
        "opening": 2,
        "both": 4,
        "alone": 2,
        "broke": 2,
    }
    for run in list(plan.unique())[::2]:
        config = plan.config(run)
        assert run.run_id == run_id(config.resolved(), run.seed)
        levers = {use.id: use for use in config.levers}
        if run.scenario in ("opening", "both"):
            assert levers["fair_fees"].value == run.factors["levers.fair_fees.value"]
        if run.scenario in ("both", "alone"):
            assert levers["aid"].when is not None
            assert levers["aid"].when.above == run.factors["levers.aid.when.above"]
        if run.scenario == "broke":
            assert config.budget is not None
            assert config.budget.per_year == run.factors["budget.per_year"]


def test_errors_in_a_package_of_a_scenario_are_reported_there(study: Path, folder: Path):
    (folder / "own.yaml").write_text(OWN.replace("value: 2000", "value: -1"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_experiment(study)
    lines = [line for line in str(caught.value).splitlines() if "own.yaml" in line]
    assert f"{folder}/own.yaml:7:97  levers[1].value: expected a number from 0 to 50000" in str(caught.value)
    assert len([line for line in lines if line.startswith(f"{folder}/own.yaml")]) == 1  # once for three scenarios


def test_a_sweep_with_a_trigger_a_budget_and_a_package_is_compared(tmp_path: Path):
    text: dict[str, Any] = {
        "name": "small",
        "set": {
            "start": "2017-06",
            "end": "2018-12",
            "population": {"region": ["gujrat"], "scale": 0.001, "village_households": 50, "min_villages": 4},
        },
        "scenarios": {
            "baseline": {},
            "opening": {
                "packages": [{"package": "legal_migration", "scale": 0.5}],
                "budget": {"per_year": 20e6, "rule": "cap"},
                "add_levers": [
                    {"lever": "cash_transfer", "id": "aid", "when": {"outcome": "population", "above": 0}, "value": 100}
                ],
            },
        },
        "replicates": 2,
        "outcomes": ["policy_cost", "cost_aid", "in_force_aid", "budget_left"],
        "window": {"from": "2018-01", "until": "2018-12"},
        "engine": {"kind": "local", "workers": 1},
    }
    file = write(tmp_path / "small.yaml", yaml.safe_dump(text, sort_keys=False))
    study = abm.sweep(file, out=tmp_path / "results", engine="serial")
    table = study.table("national", columns=["policy_cost", "in_force_aid"])
    spent = table[(table["scenario"] == "opening") & (table["month"] >= "2018-01")].groupby("replicate")["policy_cost"]
    assert (spent.sum() <= 20e6).all()
    assert (spent.sum() > 19e6).all()
    found = abm.compare(study, outcomes=["policy_cost", "cost_aid", "in_force_aid"]).totals.set_index("outcome")
    assert found.loc["in_force_aid", "difference"] == 12
    assert np.isfinite(found.loc["policy_cost", "difference"])
    assert set(abm.compare(study).totals["outcome"]) >= {"policy_cost"}
