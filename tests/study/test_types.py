"""The type checker finds what is misspelt in a mechanism; a minute, unless it has seen the package before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CARELESS = '''
"""A mechanism that misspells all that it reads and records."""

from abm.society.labour import LabourOutcomes, LabourParams, LabourState
from abm.world.mechanism import Mechanism
from abm.world.state import World


class Careless(Mechanism):
    """Takes jobs away."""

    section = "careless"

    @staticmethod
    def step(world: World) -> None:
        """Let jobs go."""
        growth = world.params(LabourParams).job_groth
        jobs = world[LabourState].jbos
        world.figures[LabourOutcomes.employd] = jobs * growth
'''
"""Mechanism with a misspelt parameter, state and outcome."""


def test_what_is_misspelt_in_a_mechanism_is_found(tmp_path: Path) -> None:
    file = tmp_path / "careless.py"
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    command += ["--cache-dir", str(tmp_path / "cache"), str(file)]
    for text, expected in (
        (CARELESS, {"job_groth", "jbos", "employd"}),
        (CARELESS.replace("job_groth", "job_growth").replace("jbos", "jobs").replace("employd", "employed"), set()),
    ):
        file.write_text(text, encoding="utf-8")
        environment = os.environ | {"MYPYPATH": str(ROOT / "src")}
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        errors = [line for line in done.stdout.splitlines() if line.startswith("careless.py") and " error: " in line]
        found = {name for name in ("job_groth", "jbos", "employd") if any(f'"{name}"' in line for line in errors)}
        assert found == expected and len(errors) == len(expected), done.stdout
