"""Drivers and workers stopped and killed at many more moments, and in more ways, than `test_faults.py` has time for."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from test_faults import is_as_undisturbed, kill_drivers, kill_workers, start, stop_a_driver, studied, wait_for
from test_results import start_run, wait_until_it_simulates

from abm.experiments.dataset import open_study
from abm.results import verify_run

__all__ = ["studied"]  # a fixture


def test_drivers_killed_at_20_random_moments(studied: Path, tmp_path: Path) -> None:
    kill_drivers(studied, tmp_path / "out", 20)


def test_workers_killed_at_20_random_moments(studied: Path, tmp_path: Path) -> None:
    kill_workers(studied, tmp_path / "out", 20)


@pytest.mark.parametrize(
    ("number", "exit_code", "group"),
    [(signal.SIGINT, -signal.SIGINT, False), (signal.SIGTERM, 143, False), (signal.SIGTERM, 143, True)],
)
def test_a_stopped_driver_leaves_no_process_and_goes_on(
    studied: Path, tmp_path: Path, number: int, exit_code: int, group: bool
) -> None:
    stop_a_driver(studied, tmp_path / "out", number, exit_code, group)


def test_shares_at_the_same_time_of_which_one_is_killed(studied: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shares = [start(studied, out, workers=1, share=f"{index}/3") for index in (1, 2, 3)]
    wait_for(shares[1], 10)
    shares[1].kill()
    for process in shares:
        process.communicate(timeout=300)
    assert [process.returncode for process in shares] == [0, -signal.SIGKILL, 0]
    assert 0 < open_study(out).counts()["planned"] < 30
    assert is_as_undisturbed(studied, out)


def test_two_drivers_started_at_once(studied: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    both = [start(studied, out), start(studied, out)]
    messages = [process.communicate(timeout=300)[1] for process in both]
    assert 0 in {process.returncode for process in both}
    assert sum("another abm sweep is at work" in text for text in messages) <= 1
    assert is_as_undisturbed(studied, out)


def test_signals_at_any_moment_leave_a_whole_run_or_nothing(tmp_path: Path) -> None:
    for delay in (0.0, 0.02, 0.04, 0.06, 0.1):
        out = tmp_path / f"after {delay}"
        process = start_run(out, seconds=0.01)
        wait_until_it_simulates(process)
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        left = list(out.glob("tiny/*"))
        assert [path.name for path in left if path.name.startswith(".")] == []
        assert all(verify_run(folder) == [] for folder in left)
