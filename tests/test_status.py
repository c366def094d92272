"""`abm status`: what it says of studies that are whole, half, at work, failed or changed; and how long is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_sweep import changed_study, make
from toys import make_toy, toy_study

from abm.cli import main
from abm.experiments.dataset import open_study
from abm.experiments.lock import hold_lock
from abm.experiments.plan import Share
from abm.experiments.read import load_experiment
from abm.experiments.status import Status, status_of
from abm.experiments.worker import Job, Report
from abm.results.staging import machine

pytestmark = pytest.mark.usefixtures("no_compiler")


def stopped_after(folder: Path, runs: int) -> list[Job]:
    """Stop the toy after so many of its 18 runs; gives the jobs handed out."""
    jobs: list[Job] = []

    def maker(job: Job) -> Report:
        jobs.append(job)
        if len(jobs) > runs:
            raise KeyboardInterrupt
        return make_toy(job)

    with pytest.raises(KeyboardInterrupt):
        make(toy_study(folder), folder / "toy", maker=maker)
    return jobs


def state(folder: Path) -> Status:
    return status_of(open_study(folder / "toy"))


def counts(found: Status) -> tuple[int, ...]:
    return found.planned, found.done, found.running, found.failed, found.missing, found.unasked


@contextmanager
def at_work(job: Job) -> Iterator[None]:
    """Another process is making a run."""
    words = f"import sys; sys.path[:0] = {sys.path!r}\nfrom abm.results.staging import staging_name\n"
    words += f"print(staging_name({job.run_id!r}), flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        hidden = job.folder.with_name(process.stdout.readline().decode().strip())
        hidden.mkdir(parents=True)
        try:
            yield
        finally:
            hidden.rmdir()
            process.communicate()


def test_half_a_study_with_nobody_at_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = stopped_after(tmp_path, 8)
    found = state(tmp_path)
    assert counts(found) == (18, 8, 0, 0, 10, 0)
    assert found.drivers == ()
    # what a dead process has left in the making is none
    jobs[-1].folder.with_name(f".{jobs[-1].run_id}.{machine()}-1-1.00000000.tmp").mkdir(parents=True)
    with hold_lock(tmp_path / "toy", Share()), at_work(jobs[-1]):
        assert counts(state(tmp_path)) == (18, 8, 1, 0, 9, 0)
    assert main(["status", str(tmp_path / "toy")]) == 0
    told = capsys.readouterr()
    assert "18: 8 there, 0 being made, 0 failed, 10 missing" in told.out
    assert "nobody is at work" in told.out
    assert "the same abm sweep goes on" in told.err


def test_who_is_at_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped_after(tmp_path, 3)
    with hold_lock(tmp_path / "toy", Share(2, 3)):
        (one,) = state(tmp_path).drivers
        assert (one.share, one.owner.process) == ("2/3", os.getpid())
        assert main(["status", str(tmp_path / "toy")]) == 0
        assert f"process {os.getpid()} on " in capsys.readouterr().out
    with hold_lock(tmp_path / "toy", Share()):
        assert [found.share for found in state(tmp_path).drivers] == [""]
    assert state(tmp_path).drivers == ()


def test_a_whole_study_and_what_it_asks_for_no_longer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(toy_study(tmp_path), tmp_path / "toy")
    found = state(tmp_path)
    assert counts(found) == (18, 18, 0, 0, 0, 0)
    assert (found.seconds, found.seeds, found.same_seeds) == (0.0, (1, 3), ())
    make(changed_study(tmp_path), tmp_path / "toy")
    assert counts(state(tmp_path)) == (18, 18, 0, 0, 0, 6)
    assert main(["status", str(tmp_path / "toy")]) == 0
    told = capsys.readouterr()
    assert "6 more that are there: the experiment has changed" in told.out
    assert "nothing is left to be made" in told.out
    assert told.err == ""


def test_what_failed_is_named_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(toy_study(tmp_path, description=f"fails {tmp_path / 'mended'}"), tmp_path / "toy")
    assert counts(state(tmp_path)) == (18, 16, 0, 2, 0, 0)
    assert main(["status", str(tmp_path / "toy")]) == 0
    told = capsys.readouterr()
    assert "patrols, point 0, replicate 1: ZeroDivisionError: nobody left to divide by" in told.out
    assert "tries again what failed" in told.err


def write_log(path: Path, ages: list[float], seconds: float) -> None:
    """Write the log of a driver that made runs so many seconds ago, and others before its last start."""
    now = datetime.now(UTC)
    lines = [{"time": (now - timedelta(days=3)).isoformat(), "event": "made", "seconds": 5000.0}]
    lines.append({"time": (now - timedelta(seconds=ages[0] + 60)).isoformat(), "event": "start"})
    lines += [{"time": (now - timedelta(seconds=age)).isoformat(), "event": "made", "seconds": seconds} for age in ages]
    path.write_text("\n".join(map(json.dumps, lines)) + '\n{"time": "cut')


def test_time_left_is_that_of_the_drivers_at_work(tmp_path: Path) -> None:
    stopped_after(tmp_path, 8)
    folder = tmp_path / "toy"
    (folder / "log.jsonl").unlink()
    assert state(tmp_path).seconds is None
    write_log(folder / "log-1-of-2.jsonl", [180.0, 120.0, 60.0], seconds=20.0)  # three runs in 200 s
    with hold_lock(folder, Share(1, 2)):
        assert state(tmp_path).seconds == pytest.approx(10 * 200 / 3, rel=0.02)
        write_log(folder / "log-2-of-2.jsonl", [180.0, 120.0, 60.0], seconds=20.0)
        assert state(tmp_path).seconds == pytest.approx(10 * 200 / 3, rel=0.02)  # nobody makes the second share
        with hold_lock(folder, Share(2, 2)):
            assert state(tmp_path).seconds == pytest.approx(10 * 200 / 6, rel=0.02)
    assert state(tmp_path).seconds == pytest.approx(10 * 20.0)  # one after the other


def test_studies_with_the_same_seeds_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(toy_study(tmp_path), tmp_path / "toy")
    make(toy_study(tmp_path, name="other", replicates=1), tmp_path / "other")
    apart = tmp_path / "apart.yaml"
    text = (tmp_path / "toy.yaml").read_text().replace("name: toy", "name: apart")
    apart.write_text(text.replace("set: {", "set: {seed: 9, "))
    make(load_experiment(apart), tmp_path / "apart")
    assert state(tmp_path).same_seeds == ("other",)
    assert main(["status", str(tmp_path / "toy")]) == 0
    assert "1 to 3; seeds shared with other: no independent evidence" in capsys.readouterr().out
