"""Ctrl-C, SIGTERM and SIGHUP during a run: the right exit code, no temporary files, and a rerun works."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from test_results import start_run, wait_until_it_simulates

from abm.engine.interrupts import Terminated, hold_interrupts, raise_terminated
from abm.results import verify_run

pytestmark = pytest.mark.usefixtures("interruptible")


@pytest.mark.parametrize(
    ("number", "exit_code", "traceback"),
    # Python itself ends with the signal after an uncaught KeyboardInterrupt; shells report that as 130.
    [(signal.SIGINT, -signal.SIGINT, True), (signal.SIGTERM, 143, False), (signal.SIGHUP, 129, False)],
)
def test_a_stopped_run_leaves_nothing_and_can_be_started_again(
    number: int, exit_code: int, traceback: bool, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    process = start_run(out, seconds=100)
    wait_until_it_simulates(process)
    assert len(list(out.glob("tiny/.*.tmp"))) == 1
    process.send_signal(number)
    _, messages = process.communicate(timeout=30)
    assert process.returncode == exit_code, messages
    assert ("Traceback" in messages) == traceback
    assert list(tmp_path.iterdir()) == []

    again = start_run(out, seconds=0.01)
    _, messages = again.communicate(timeout=30)
    assert again.returncode == 0, messages
    (folder,) = (out / "tiny").iterdir()
    assert verify_run(folder) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_becomes_an_exception_and_the_handler_is_put_back(number: signal.Signals, code: int) -> None:
    with pytest.raises(Terminated) as stopped, raise_terminated():
        signal.raise_signal(number)
    assert stopped.value.code == code
    assert not isinstance(stopped.value, Exception)
    assert signal.getsignal(number) is signal.SIG_DFL


def test_what_nohup_has_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with raise_terminated():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_second_signal_does_not_disturb_the_clean_up() -> None:
    cleaned = False
    with pytest.raises(Terminated), raise_terminated():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
            cleaned = True
    assert cleaned


def test_a_handler_of_the_program_around_us_is_left_alone() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    try:
        with raise_terminated():
            signal.raise_signal(signal.SIGTERM)
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_blocks_may_be_nested() -> None:
    with pytest.raises(Terminated), raise_terminated(), raise_terminated():
        signal.raise_signal(signal.SIGTERM)


def test_held_interrupts_come_through_when_the_block_is_done() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt), hold_interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append("the block")
    assert done == ["the block"]
    with pytest.raises(Terminated), raise_terminated(), hold_interrupts():
        os.kill(os.getpid(), signal.SIGTERM)
        done.append("again")
    assert done == ["the block", "again"]


def test_other_threads_may_use_both() -> None:
    done: list[bool] = []

    def work() -> None:
        with raise_terminated(), hold_interrupts():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
