"""Studies on a real SLURM: two nodes on this machine, from the packages of the distribution (`tests/slurm/`).

Run by run the tables are those of local processes, by a queue of jobs as by an array of shares. Nodes crash in
`tests/study/test_slurm_faults.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from abm.experiments.dataset import Study, open_study

HERE = Path(__file__).parents[1]

STUDY = """
name: small
set:
  start: 2009-01
  end: 2009-06
  population: {region: [gujrat, lahore, mirpur_ajk], scale: 0.001, village_households: 50, min_villages: 4}
scenarios:
  baseline: {}
  patrols:
    levers:
      - {lever: border_patrol, id: patrol, from: 2009-02, value: 2}
design: {method: sobol, samples: 2}
factors:
  labour.job_growth: {low: 0.01, high: 0.04}
replicates: 3
outcomes: [irregular_departures]
tables: [district, route, flows]
"""

ENGINE = """
engine:
  kind: slurm
  max_jobs: 2
  cores: 2
  processes: 2
  memory: 1GB
  walltime: "00:10:00"
  job_extra: ["--requeue"]
"""


@pytest.fixture(scope="module")
def slurm() -> Iterator[Path]:
    """Start SLURM; give its folder."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    folder = Path(f"/tmp/abm-slurm-{worker}")
    options = ["--dir", str(folder), "--port", str(26817 + 100 * int(worker))]
    started = subprocess.run([HERE / "slurm" / "start", *options], capture_output=True, text=True, check=False)
    try:
        if started.returncode:
            pytest.skip(f"SLURM cannot be started here: {started.stderr.strip()}")
        yield folder
    finally:
        subprocess.run([HERE / "slurm" / "stop", "--dir", str(folder)], check=False)


@pytest.fixture
def environment(slurm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands of SLURM, and jobs, find this SLURM, this package, and the toy."""
    monkeypatch.setenv("SLURM_CONF", str(slurm / "slurm.conf"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE.parent / "src"), str(HERE)]))


def abm(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "abm", *map(str, words)], capture_output=True, text=True, check=False, timeout=600
    )


def jobs() -> str:
    """Jobs that wait or run."""
    return subprocess.run(["squeue", "-h"], capture_output=True, text=True, check=True).stdout


def wait_until_no_job_is_left(seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while jobs():
        assert time.monotonic() < end, jobs()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The small study, made by local processes."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "small.yaml").write_text(STUDY, encoding="utf-8")
    done = abm("sweep", folder / "small.yaml", "--out", folder, "--workers", "2")
    assert done.returncode == 0, done.stderr
    return open_study(folder / "small")


def is_the_same(one: Study, other: Study) -> bool:
    """Whether two studies say the same, run by run and to the bit."""
    assert one.checksums.to_dict() == other.checksums.to_dict()
    assert len(one.checksums) == 12
    for table in ("national", "district", "route", "flows"):
        pd.testing.assert_frame_equal(one.table(table), other.table(table), check_exact=True)
    return True


def test_a_queue_of_jobs(local: Study, environment: None, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(STUDY + ENGINE, encoding="utf-8")
    done = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12 of 12 runs (100 %)" in done.stderr
    wait_until_no_job_is_left(30)
    assert is_the_same(local, open_study(tmp_path / "small"))
    assert list((tmp_path / "small").rglob(".*")) == []  # no keys, no locks
    hosts = (tmp_path / "small" / "log.jsonl").read_text()
    assert hosts.count('"event": "made"') == 12


def test_an_array_of_shares(local: Study, environment: None, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(STUDY + ENGINE, encoding="utf-8")
    script = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path, "--array", "3").stdout.strip()
    assert script == str(tmp_path / "small" / "array.sbatch")
    subprocess.run(["sbatch", script], check=True, capture_output=True)
    named = subprocess.run(["squeue", "-h", "-o", "%j"], capture_output=True, text=True, check=True).stdout
    assert set(named.split()) == {"small"}
    wait_until_no_job_is_left()
    logs = "\n".join(path.read_text() for path in sorted((tmp_path / "small" / "logs").glob("share-*.log")))
    assert "12 done" in logs, logs
    assert is_the_same(local, open_study(tmp_path / "small"))
    again = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path)
    assert "12 runs, 12 of them there already" in again.stderr


def test_workers_that_somebody_has_started(local: Study, environment: None, tmp_path: Path) -> None:
    """The way out if dask-jobqueue should end: a scheduler by hand, and an array of workers."""
    file = tmp_path / "scheduler.json"
    bin_folder = Path(sys.executable).parent
    scheduler = subprocess.Popen(
        [bin_folder / "dask", "scheduler", "--scheduler-file", file, "--no-dashboard", "--port", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        options = "--nthreads 1 --memory-limit 0 --death-timeout 60 --no-dashboard"
        worker = f"{bin_folder / 'dask'} worker --scheduler-file {file} {options}"
        submit = ["sbatch", "--array=1-3", f"--output={tmp_path}/worker-%a.log", "--wrap", worker]
        subprocess.run(submit, check=True, capture_output=True)
        engine = f"engine: {{kind: dask, scheduler_file: {file}}}\n"
        (tmp_path / "small.yaml").write_text(STUDY + engine, encoding="utf-8")
        while not file.exists():
            time.sleep(0.1)
        done = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path)
        assert done.returncode == 0, done.stderr
        assert is_the_same(local, open_study(tmp_path / "small"))
    finally:
        subprocess.run(["scancel", "--me"], check=False)
        scheduler.terminate()
        scheduler.wait(timeout=30)
    wait_until_no_job_is_left(60)


def test_a_dry_run_shows_the_job_and_makes_none(environment: None, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(STUDY + ENGINE, encoding="utf-8")
    done = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "slurm, 4 at a time" in done.stdout
    assert "#SBATCH --requeue" in done.stdout
    assert "export NUMBA_NUM_THREADS=1" in done.stdout
    assert jobs() == ""
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_a_job_that_slurm_refuses(environment: None, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(STUDY + ENGINE + "  queue: no_such_queue\n", encoding="utf-8")
    done = abm("sweep", tmp_path / "small.yaml", "--out", tmp_path)
    assert done.returncode == 2
    assert "SLURM refuses the job" in done.stderr
    assert "invalid partition" in done.stderr
    assert "Traceback" not in done.stderr
