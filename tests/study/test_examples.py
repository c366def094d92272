"""Every shipped experiment in all its scenarios, and the examples that make many runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_docs import EXPERIMENTS, LONG, ROOT, run_python_of, run_scenarios

from abm.experiments.read import load_experiment

SEARCH = ROOT / "experiments" / "policy_search.py"


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_scenario_of_an_experiment_runs(path: Path, tmp_path: Path) -> None:
    experiment = load_experiment(path)
    run_scenarios(experiment, range(len(experiment.scenarios)), tmp_path)


@pytest.mark.parametrize("page", sorted(LONG))
def test_long_python_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_python_of(page, tmp_path, monkeypatch)
    assert capsys.readouterr().out, "an example shows something"


def test_the_worked_search_runs(tmp_path: Path) -> None:
    """The real model: six packages, two of them tried again at two points."""
    words = "--evaluations 6 --replicates 1 --packages 2 --points 2 --workers 2"
    command = [sys.executable, str(SEARCH), *words.split(), "--out", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "levers__rescue__value" in done.stdout
    found = {path.name for path in (tmp_path / "policy_search").iterdir()}
    assert found >= {"front.csv", "tried_again.csv", "policy_search_again.yaml", "pareto.png", "pareto.svg"}
    assert (tmp_path / "policy_search_again" / "comparison" / "forest.png").is_file()
