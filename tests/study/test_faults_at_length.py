"""Drivers and workers killed at many more random moments than `test_faults.py` has time for."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from test_faults import kill_drivers, kill_workers, stop_a_driver, studied

__all__ = ["studied"]  # a fixture


def test_drivers_killed_at_20_random_moments(studied: Path, tmp_path: Path) -> None:
    kill_drivers(studied, tmp_path / "out", 20)


def test_workers_killed_at_20_random_moments(studied: Path, tmp_path: Path) -> None:
    kill_workers(studied, tmp_path / "out", 20)


@pytest.mark.parametrize(
    ("number", "exit_code", "group"), [(signal.SIGINT, -signal.SIGINT, False), (signal.SIGTERM, 143, True)]
)
def test_a_stopped_driver_leaves_no_process_and_goes_on(
    studied: Path, tmp_path: Path, number: int, exit_code: int, group: bool
) -> None:
    """The other way round than there: Ctrl-C to the driver alone, SIGTERM to all of its processes."""
    stop_a_driver(studied, tmp_path / "out", number, exit_code, group)
