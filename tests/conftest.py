"""Settings for the whole suite."""

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# Workers share the processors already: threads of linear algebra beside them only wait for each other.
for library in ("OPENBLAS", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# Where no bytecode is to be written, each of the processes that tests start would compile the whole package again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No deadline: the first example may compile a kernel. The same examples every time in CI: a red run is one's own doing.
hypothesis.settings.register_profile("abm", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("abm")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have signals do to this process, and to what it starts, what they do in a shell, also under `nohup` and `&`."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def no_compiler() -> Iterator[None]:
    """Have a study of a toy compile no kernels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abm.experiments.sweep.ensure_compiled", lambda config: False)
        yield


def _disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    command = [shutil.which("mount") or "false", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    yield from _disk(tmp_path / "disk", "1m")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    yield from _disk(tmp_path / "disk", "64k")


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Have one worker compile the kernels, in two processes, and the others wait, instead of each compiling all."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        from worlds import small_config

        from abm.experiments.warm import ensure_compiled

        ensure_compiled(small_config())


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what lives to the end: modules and tests."""
    gc.freeze()


LONGEST = (
    "declarations", "law", "bondage", "plots", "sweep", "idle", "homelevers", "transit", "report", "timing",
    "canaries", "conservation", "abroad", "add_a_mechanism", "beliefs", "faults", "notebooks", "budget", "determinism",
    "study_analysis", "events", "trafficking", "mangla", "sensitivity", "dashboard", "calibration", "docs", "cli",
)  # fmt: skip
"""Files that take longest, the longest first. They come after all others, so that what is broken shows soon, and in
this order, so that the last of them is a short one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files last; within a file, and otherwise, the order stays."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, -1))
