"""A real SLURM whose nodes crash, and drivers that are killed: the study is as if nothing had happened."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from test_faults import start, wait_for
from test_slurm import ENGINE, HERE, environment, slurm, wait_until_no_job_is_left
from test_sweep import contents, make, same
from toys import toy_study

from abm.experiments.dataset import open_study

__all__ = ["environment", "slurm"]  # fixtures


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy study, made in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make(toy_study(folder, points=6, replicates=10, description="slow"), folder / "out")
    return folder / "out"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Folder with the YAML of the toy study on SLURM."""
    toy_study(tmp_path, points=6, replicates=10, description="slow", more="tables: [route]\n" + ENGINE)
    return tmp_path


def test_a_node_that_crashes(slurm: Path, environment: None, toy: Path, undisturbed: Path) -> None:
    driver = start(toy, toy / "out", workers=0)
    wait_for(driver, 30)
    subprocess.run([HERE / "slurm" / "crash-node", "n1", "--dir", slurm], check=True, capture_output=True)
    port = next(line for line in (slurm / "slurm.conf").read_text().splitlines() if line.startswith("SlurmctldPort="))
    subprocess.run([HERE / "slurm" / "start", "--dir", slurm, "--port", port.partition("=")[2]], check=True)
    _, messages = driver.communicate(timeout=300)
    assert driver.returncode == 0, messages
    assert same(contents(open_study(undisturbed)), contents(open_study(toy / "out")))
    wait_until_no_job_is_left(60)


def test_a_driver_that_is_killed(environment: None, toy: Path, undisturbed: Path) -> None:
    driver = start(toy, toy / "out", workers=0)
    wait_for(driver, 30)
    driver.kill()
    driver.communicate()
    wait_until_no_job_is_left(60)  # workers without a driver end, and their jobs with them
    assert 30 <= open_study(toy / "out").counts()["done"] < 180
    again = start(toy, toy / "out", workers=0)
    _, messages = again.communicate(timeout=300)
    assert again.returncode == 0, messages
    assert same(contents(open_study(undisturbed)), contents(open_study(toy / "out")))
    assert list((toy / "out").glob(".*")) == []
