"""`abm sweep --array`: the script says to SLURM what the experiment says of jobs, and makes every share once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from toys import toy_study

from abm.cli import main

ENGINE = """
engine:
  kind: slurm
  max_jobs: 99
  queue: normal
  account: project
  walltime: "04:00:00"
  cores: 8
  processes: 4
  threads: 2
  memory: 32 GB
  prologue: ["module load python", "echo loaded"]
  job_extra: ["--requeue"]
"""


def written(folder: Path, capsys: pytest.CaptureFixture[str], more: str, *options: str) -> Path:
    """Write the script of three shares; gives its path."""
    toy_study(folder, more=more)
    words = ["sweep", str(folder / "toy.yaml"), "--out", str(folder / "all results"), "--array", "3", *options]
    assert main(words) == 0
    told = capsys.readouterr()
    script = folder / "all results" / "toy" / "array.sbatch"
    assert told.out == f"{script}\n"
    assert f"sbatch '{script}'" in told.err
    assert sorted(path.name for path in script.parent.iterdir()) == ["array.sbatch", "logs"]  # no run was made
    return script


def options_of(script: Path) -> list[str]:
    return [line.removeprefix("#SBATCH --") for line in script.read_text().splitlines() if line.startswith("#SBATCH")]


def test_what_the_file_says_of_jobs_is_taken_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = written(tmp_path, capsys, ENGINE)
    assert options_of(script) == [
        *("job-name=toy", "array=1-3", "cpus-per-task=8", "mem=32G", "time=04:00:00"),
        *("partition=normal", "account=project", f"output='{script.parent}/logs/share-%a.log'", "requeue"),
    ]
    text = script.read_text()
    assert text.startswith("#!/bin/bash\n")
    assert "export OMP_NUM_THREADS=2\n" in text
    assert "module load python\necho loaded\n" in text
    assert "--engine local --workers 4 --shard" in text


def test_without_a_block_a_core_and_an_hour_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy_study(tmp_path, more="")
    assert main(["sweep", str(tmp_path / "toy.yaml"), "--out", str(tmp_path), "--array", "3", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    script = tmp_path / "toy" / "array.sbatch"
    assert options_of(script)[2:5] == ["cpus-per-task=1", "mem=4G", "time=01:00:00"]


def test_each_task_makes_its_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bash reads the script as it would in a job; a stand-in for Python says what it is asked for."""
    script = written(tmp_path, capsys, "")
    stand_in = tmp_path / "python"
    stand_in.write_text('#!/bin/bash\nprintf "%s|" "$@"\n')
    stand_in.chmod(0o755)
    text = script.read_text()
    last = text.splitlines()[-1]
    script.write_text(text.replace(last.split(" -m abm")[0], str(stand_in)))
    done = subprocess.run(
        ["bash", script], env=os.environ | {"SLURM_ARRAY_TASK_ID": "2"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("|")[:-1] == [
        *("-m", "abm", "sweep", str(tmp_path / "toy.yaml"), "--out", str(tmp_path / "all results")),
        *("--engine", "local", "--workers", "1", "--shard", "2/3"),
    ]


def test_replicates_by_a_rule_cannot_be_shared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "{until: {outcome: irregular_departures, half_width: 5 %}, at_most: 20}"
    toy_study(tmp_path, replicates=rule)
    assert main(["sweep", str(tmp_path / "toy.yaml"), "--out", str(tmp_path), "--array", "3"]) == 2
    assert "--array 3: study 'toy' replicates until a difference is known" in capsys.readouterr().err
    assert not (tmp_path / "toy").exists()
