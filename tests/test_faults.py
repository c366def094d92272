"""Processes that are killed at random moments: the same command completes the study, and nothing shows of it.

The model is the toy of `toys.py`, in processes of their own. A few moments here; `make study` has more.
"""

from __future__ import annotations

import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_sweep import contents, same
from toys import make_toy, nothing_to_compile, toy_study

from abm.experiments import sweep
from abm.experiments.dataset import open_study
from abm.experiments.engine_settings import SerialEngine
from abm.experiments.plan import Plan
from abm.experiments.read import load_experiment
from abm.experiments.store import Store
from abm.results.staging import is_running

DRIVER = """
import sys
sys.path.insert(0, {tests!r})
import toys
toys.drive({yaml!r}, {out!r}, {workers}, {share!r})
"""


def start(tmp_path: Path, out: Path, *, workers: int = 2, share: str = "1/1") -> subprocess.Popen[str]:
    """Start a driver, see `toys.drive`; its process group is its own, as that of a command in a shell."""
    script = DRIVER.format(
        tests=str(Path(__file__).parent), yaml=str(tmp_path / "toy.yaml"), out=str(out), workers=workers, share=share
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def children(process: int) -> list[int]:
    """Worker processes of a driver, and theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process and b"spawn_main" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except (OSError, IndexError):
            continue
    return found


def gone(processes: list[int], within: float = 10.0) -> bool:
    """Whether all of these processes end in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not any(is_running(process, 0) for process in processes):
            return True
        time.sleep(0.05)
    return False


def wait_for(process: subprocess.Popen[str], settled: int) -> None:
    """Wait until so many runs are settled."""
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= settled:
            return
    raise AssertionError(process.communicate()[1])


def finish(tmp_path: Path, out: Path) -> None:
    """Give the same command again, and see that the study is as if nothing had happened."""
    process = start(tmp_path, out)
    _, messages = process.communicate(timeout=300)
    assert process.returncode == 0, messages
    assert messages == ""  # nothing was damaged
    store = Store(out)
    ids = [run.run_id for run in Plan(load_experiment(tmp_path / "toy.yaml"))]
    in_parts = [run_id for part in store.list_parts() for run_id in part.run_ids()]
    assert sorted(in_parts + store.loose()) == sorted(ids)  # none lost, none twice
    assert list(out.rglob(".*")) == []
    assert not (out / "corrupt").exists()


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the YAML of a study, and the study undisturbed."""
    folder = tmp_path_factory.mktemp("faults")
    experiment = toy_study(folder, points=3, replicates=5, description="slow")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "ensure_compiled", nothing_to_compile)
        patch.setattr("time.sleep", lambda _: None)
        sweep.sweep([Plan(experiment)], folder / "undisturbed", SerialEngine(), make=make_toy)
    assert open_study(folder / "undisturbed").counts()["done"] == 45
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def is_as_undisturbed(studied: Path, out: Path) -> bool:
    finish(studied, out)
    return same(contents(open_study(studied / "undisturbed")), contents(open_study(out)))


@pytest.mark.study
def test_a_driver_is_killed(studied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is left, no scratch, and no run is lost."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    kill_drivers(studied, tmp_path / "out", 0)
    assert list((tmp_path / "scratch").iterdir()) == []


def kill_drivers(studied: Path, out: Path, kills: int) -> None:
    """Start the study again and again, kill the driver every time and once more when half is done; let one finish."""
    draw = random.Random(1)
    for kill in range(kills):
        process = start(studied, out)
        if kill % 2 == 0:
            wait_for(process, 1)
            time.sleep(draw.uniform(0, 2))
        else:
            time.sleep(draw.uniform(0, 6))
        workers = children(process.pid)
        process.kill()
        process.communicate()
        assert gone(workers), "workers outlive their driver"
        if (out / "design.parquet").exists():
            open_study(out).design  # readable at any moment  # noqa: B018
        if kill % 5 == 4:  # the study would be done before the kills are
            done = open_study(out).counts()["done"]
            assert is_as_undisturbed(studied, out), done
            shutil.rmtree(out)
    process = start(studied, out)
    wait_for(process, 10)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    assert gone(workers), "workers outlive their driver"
    assert is_as_undisturbed(studied, out)


@pytest.mark.study
def test_workers_are_killed(studied: Path, tmp_path: Path) -> None:
    kill_workers(studied, tmp_path / "out", 2)


def kill_workers(studied: Path, out: Path, kills: int) -> None:
    """Kill a worker again and again while the driver goes on; begin a new study when one is done."""
    draw = random.Random(2)
    process = start(studied, out, workers=3)
    wait_for(process, 1)
    killed = 0
    while killed < kills and process.poll() is None:
        time.sleep(draw.uniform(0, 0.6))
        workers = children(process.pid)
        if workers:
            os.kill(draw.choice(workers), signal.SIGKILL)
            killed += 1
        if process.poll() is not None and killed < kills:
            assert is_as_undisturbed(studied, out)
            shutil.rmtree(out)
            process = start(studied, out, workers=3)
            wait_for(process, 1)
    _, messages = process.communicate(timeout=300)
    assert killed == kills
    assert process.returncode == 0, messages
    # a run whose worker was killed three times by chance is a failed row; the same command makes it
    assert is_as_undisturbed(studied, out)


@pytest.mark.study
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_no_process_and_the_study_goes_on(studied: Path, tmp_path: Path) -> None:
    stop_a_driver(studied, tmp_path / "out", signal.SIGINT, -signal.SIGINT, group=True)


def stop_a_driver(studied: Path, out: Path, number: int, exit_code: int, group: bool) -> None:
    """Stop a driver by a signal, alone or with its workers; see that nothing is left and that the study goes on."""
    process = start(studied, out)
    wait_for(process, 20)
    workers = children(process.pid)
    assert len(workers) == 2
    # Ctrl-C in a shell reaches the workers, too
    os.killpg(process.pid, number) if group else process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == exit_code
    assert gone(workers)
    assert list(out.glob(".lock*")) == []
    assert is_as_undisturbed(studied, out)


COMMAND = """
import sys
sys.path.insert(0, {tests!r})
import toys
from abm.cli import main
from abm.experiments import sweep

sweep.ensure_compiled = toys.wait
sys.exit(main({words!r}))
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("number", "exit_code", "told"), [(signal.SIGINT, 130, "stopped"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_command_stopped_while_its_workers_start(tmp_path: Path, number: int, exit_code: int, told: str) -> None:
    toy_study(tmp_path)
    words = ["sweep", str(tmp_path / "toy.yaml"), "--out", str(tmp_path / "results"), "--workers", "2"]
    command = [sys.executable, "-c", COMMAND.format(tests=str(Path(__file__).parent), words=words)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not (workers := children(process.pid)):
        assert process.poll() is None, process.communicate()[1]
    os.killpg(process.pid, number)
    printed, messages = process.communicate(timeout=60)
    assert process.returncode == exit_code, messages
    assert messages.splitlines()[-1] == f"{told}; what is finished is kept; the same command goes on with it"
    assert "Traceback" not in messages
    assert printed == ""
    assert gone(workers)
    assert list((tmp_path / "results" / "toy").glob(".*")) == []


@pytest.mark.usefixtures("interruptible")
def test_a_command_whose_terminal_closes(tmp_path: Path) -> None:
    toy_study(tmp_path)
    words = ["sweep", str(tmp_path / "toy.yaml"), "--out", str(tmp_path / "results"), "--workers", "2"]
    script = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)" + COMMAND.format(
        tests=str(Path(__file__).parent), words=words
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    while not (workers := children(process.pid)):
        assert process.poll() is None
    os.close(ours)
    assert process.wait(timeout=60) == 129
    assert gone(workers)
    assert list((tmp_path / "results" / "toy").glob(".*")) == []


def test_what_is_still_to_be_shown_goes_with_the_terminal() -> None:
    """Python flushes what is buffered when it ends, and returns 120 where that fails."""
    code = """
import sys
from abm import cli
def closed(argv):
    sys.stdout.write("still to be shown")
    raise SystemExit(129)
cli._run = closed
sys.exit(cli.main(["doctor"]))
"""
    buffered = os.environ | {"PYTHONUNBUFFERED": ""}
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, env=buffered, check=False, timeout=60)
    assert done.returncode == 129


def test_a_script_needs_no_guard_around_what_it_does(tmp_path: Path) -> None:
    toy_study(tmp_path, points=1, replicates=2)
    script = tmp_path / "script.py"
    words = DRIVER.format(
        tests=str(Path(__file__).parent), yaml=str(tmp_path / "toy.yaml"), out=str(tmp_path / "out"), workers=2,
        share="1/1",
    )  # fmt: skip
    script.write_text(f'print("imported"){words}print(__file__)\n', encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if not line.isdigit()] == ["imported", str(script)]
    assert open_study(tmp_path / "out").counts()["done"] == 6
