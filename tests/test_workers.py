"""What workers have in common: kernels compiled once, memory given back, connections that hold."""

from __future__ import annotations

import gc
import os
import ssl
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from test_sweep import contents, make, same
from toys import toy_study
from worlds import small_config

from abm import model
from abm.experiments import warm
from abm.experiments.dataset import open_study
from abm.experiments.engine_settings import LocalEngine
from abm.experiments.tls import SoundSocket, _tried_again
from abm.kernels.cache import HERE, hash_of
from abm.results import staging

# ------------------------------------------------------------------------------------------------------------ compiling


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the compiler; give the list of what it was asked for."""
    asked: list[str] = []

    def compile_slowly(config: Any) -> None:
        time.sleep(0.3)
        asked.append(config.name)

    monkeypatch.setattr(warm, "compiled_mark", lambda: tmp_path / "compiled")
    monkeypatch.setattr(warm, "simulate_shortly", compile_slowly)
    monkeypatch.setattr(warm, "_done", set())
    return asked


def test_one_compiles_and_the_others_wait(compiler: list[str], tmp_path: Path) -> None:
    config = small_config(months=2)
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(warm.ensure_compiled(config))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, False, False, True]
    assert compiler == [config.name]
    assert not warm.ensure_compiled(config)
    assert [path.name for path in tmp_path.iterdir()] == ["compiled"]


def test_a_process_that_died_while_it_compiled_is_no_hindrance(compiler: list[str], tmp_path: Path) -> None:
    (tmp_path / "compiled.lock").write_text(f"{staging.machine()} 999999999 1")
    assert warm.ensure_compiled(small_config(months=2))
    (tmp_path / "compiled").unlink()
    warm._done.clear()
    lock = tmp_path / "compiled.lock"
    lock.touch()  # killed before it could write its name
    past = time.time() - warm.UNWRITTEN_SECONDS - 1
    os.utime(lock, (past, past))
    assert warm.ensure_compiled(small_config(months=2))


def test_what_fails_while_compiling_leaves_no_lock(compiler: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(warm, "simulate_shortly", fail)
        with pytest.raises(ZeroDivisionError):
            warm.ensure_compiled(small_config(months=2))
    assert warm.ensure_compiled(small_config(months=2))


def test_a_version_is_compiled_when_its_longest_kernels_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not warm.was_compiled()
    for name, known in (("random", False), ("household_month", True)):
        folder = tmp_path / f"{name}-{hash_of(HERE / f'{name}.py')}"
        folder.mkdir()
        (folder / "kernel.nbc").touch()
        assert warm.was_compiled() == known


def test_the_mark_knows_processor_python_and_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    here = warm.compiled_mark()
    assert here == warm.compiled_mark()
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert warm.compiled_mark() != here


# --------------------------------------------------------------------------------------------------------------- memory


def test_a_run_gives_its_memory_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model.simulate(small_config(months=2))  # the compiler keeps what it was given
    columns = []

    class Watched(model.Model):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            columns.extend([weakref.ref(self.world.households.assets), weakref.ref(self.world.villages.district)])

    monkeypatch.setattr(model, "Model", Watched)
    gc.collect()
    gc.disable()
    try:
        model.simulate(small_config(months=2))
        assert len(columns) == 2
        assert all(column() is None for column in columns)
    finally:
        gc.enable()


# ------------------------------------------------------------------------------------------------------------ processes


def test_a_killed_process_that_nobody_has_taken_note_of_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    start = staging.start_of(process.pid)
    assert staging.is_running(process.pid, start)
    process.kill()
    end = time.monotonic() + 10
    while staging.is_running(process.pid, start) and time.monotonic() < end:
        time.sleep(0.01)
    assert not staging.is_running(process.pid, start)  # a zombie
    process.wait()
    assert not staging.is_running(process.pid, start)


# ---------------------------------------------------------------------------------------------------------- connections


def test_an_error_of_another_connection_is_passed_over() -> None:
    errors: list[OSError] = [BrokenPipeError(32, "Broken pipe")]

    def receive() -> int:
        if errors:
            raise errors.pop()
        return 7

    assert _tried_again(receive) == 7
    errors = [BrokenPipeError(32, "Broken pipe"), BrokenPipeError(32, "Broken pipe")]
    with pytest.raises(BrokenPipeError):
        _tried_again(receive)
    errors = [ssl.SSLWantReadError()]
    with pytest.raises(ssl.SSLWantReadError):  # no error, and nothing to try again
        _tried_again(receive)


def test_encrypted_workers_that_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl.SSLContext, "sslsocket_class", ssl.SSLSocket)
    monkeypatch.setattr("abm.experiments.sweep.ensure_compiled", lambda config: False)
    experiment = toy_study(tmp_path, points=1, replicates=4, description=f"slow dies {tmp_path / 'mended'}")
    make(experiment, tmp_path / "out", engine=LocalEngine(workers=2, tls=True))
    assert ssl.SSLContext.sslsocket_class is SoundSocket
    assert open_study(tmp_path / "out").counts() == {"done": 11, "failed": 1, "planned": 0}
    (tmp_path / "mended").touch()
    make(experiment, tmp_path / "out", engine=LocalEngine(workers=2, tls=True))
    plain = toy_study(tmp_path, points=1, replicates=4, description=f"slow dies {tmp_path / 'mended'}")
    make(plain, tmp_path / "plain")
    assert same(contents(open_study(tmp_path / "out")), contents(open_study(tmp_path / "plain")))
