"""What workers have in common: kernels compiled once, memory given back, connections that hold."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from light import die_until, fail_oddly, wait_for_file
from test_faults import children, gone
from worlds import ASKED_FOR, small_config

from abm import simulation
from abm.config import Config
from abm.engine import kernel_cache
from abm.engine.errors import AbmError
from abm.engine.kernel_cache import (
    LEVEL_NEEDS,
    PACKAGE,
    SHIPPED_FOR,
    KernelCache,
    SourcesLocator,
    are_shipped,
    cache_base,
    hash_of,
    mark_of_shipped,
)
from abm.experiments import engine, warm
from abm.experiments.engine_settings import LocalEngine
from abm.experiments.processes import KilledWorker, open_processes
from abm.experiments.tls import _tried_again
from abm.month import MONTH
from abm.results import staging
from abm.world.mechanism import Mechanism
from abm.world.state import World

# ------------------------------------------------------------------------------------------------------------ compiling


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the compiler; give the list of what it was asked for."""
    asked: list[str] = []

    def compile_slowly(config: Any) -> None:
        time.sleep(0.3)
        asked.append(config.name)

    monkeypatch.setattr(warm, "compiled_mark", lambda: tmp_path / "compiled")
    monkeypatch.setattr(warm, "compile_all", compile_slowly)
    monkeypatch.setattr(warm, "_done", set())
    return asked


def test_one_compiles_and_the_others_wait(compiler: list[str], tmp_path: Path) -> None:
    config = small_config(months=2)
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(warm.ensure_compiled, [config] * 4)) == [False, False, False, True]
    assert compiler == [config.name]
    assert not warm.ensure_compiled(config)
    assert (tmp_path / "compiled").exists()


def test_a_process_that_died_while_it_compiled_is_no_hindrance(compiler: list[str], tmp_path: Path) -> None:
    program = "import fcntl, os, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, fcntl.LOCK_EX); os._exit(3)"
    command = [sys.executable, "-c", program, str(tmp_path / "compiled.lock")]
    assert subprocess.run(command, check=False).returncode == 3
    assert warm.ensure_compiled(small_config(months=2))


def test_what_fails_while_compiling_leaves_no_lock(compiler: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(warm, "compile_all", fail)
        with pytest.raises(ZeroDivisionError):
            warm.ensure_compiled(small_config(months=2))
    assert warm.ensure_compiled(small_config(months=2))


def test_two_processes_compile_a_part_each(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = SimpleNamespace(wait=lambda seconds: 0, poll=lambda: 0)
    asked, done = [], Counter[str]()

    def start(config: Config) -> Any:
        asked.append(json.dumps(config.resolved()))
        return helper

    def watched(mechanism: type[Mechanism]) -> Callable[[World], None]:
        step = mechanism.step

        def counted(world: World) -> None:
            step(world)
            done[mechanism.section] += 1

        return counted

    config = small_config(mechanisms=ASKED_FOR)
    monkeypatch.setattr(warm, "_start_helper", start)
    monkeypatch.setattr(warm, "simulate_shortly", lambda config: None)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1})
    for mechanism in MONTH:
        monkeypatch.setattr(mechanism, "step", staticmethod(watched(mechanism)))
    warm.compile_all(config)
    left = {mechanism.section for mechanism in MONTH} - done.keys()
    assert left == {"households", "repeat", "refused", "recording"}
    done.clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(asked[0]))
    warm.compile_pass()
    assert {"offers", "channel", "households", "repeat", "refused"} <= done.keys()


def test_a_version_is_compiled_when_its_longest_kernels_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not warm.was_compiled()
    for name, known in (("engine/random", False), ("households/kernels/household_month", True)):
        path = PACKAGE / f"{name}.py"
        folder = tmp_path / f"{path.stem}-{hash_of(path)}"
        folder.mkdir()
        (folder / "kernel.nbc").touch()
        assert warm.was_compiled() == known


def open_to_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def of_somebody_else(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, 12345, -1)


def a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to("elsewhere")


def a_file(folder: Path) -> None:
    folder.touch()


@pytest.mark.parametrize(
    ("make_it", "told"),
    [
        (open_to_all, "may be written to by others (mode 777)"),
        (of_somebody_else, "belongs to another user (12345)"),
        (a_link, "is a link"),
        (a_file, "is not a folder"),
    ],
)
def test_kernels_are_taken_only_from_where_nobody_else_can_have_put_them(
    make_it: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if make_it is of_somebody_else and os.geteuid() != 0:
        pytest.skip("only root can make a folder of somebody else")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    make_it(tmp_path / "kernels")
    with pytest.raises(AbmError) as refused:
        cache_base()
    assert f"'{tmp_path / 'kernels'}' {told}" in str(refused.value)
    # the user's own folder gives way to the one for temporary files, where anybody may have been first as well
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "home" / "abm").mkdir(parents=True)
    (tmp_path / "kernels").rename(tmp_path / "home" / "abm" / "kernels")
    second = tmp_path / f"abm-kernels-{os.geteuid()}"
    assert cache_base() == second
    second.chmod(0o770)
    with pytest.raises(AbmError, match=r"mode 770.*NUMBA_CACHE_DIR"):
        cache_base()


def test_nobody_else_looks_into_folders_of_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "deep" / "kernels"))
    before = os.umask(0)
    try:
        locator = SourcesLocator.from_function(warm.ensure_compiled, str(PACKAGE / "engine" / "random.py"))
    finally:
        os.umask(before)
    assert locator is not None
    folder = Path(locator.get_cache_path())
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]
    folder.chmod(0o777)
    with pytest.raises(AbmError, match="may be written to by others"):
        locator.ensure_cache_path()


def test_a_run_makes_do_with_shipped_kernels_and_a_study_compiles(
    compiler: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KernelCache, "takes_shipped", False)
    monkeypatch.setattr(kernel_cache, "are_shipped", lambda: True)
    config = small_config(months=2)
    assert not warm.ensure_compiled(config, or_shipped=True)
    assert KernelCache.takes_shipped and compiler == []
    assert warm.ensure_compiled(config)
    assert compiler == [config.name]


USE_A_KERNEL = """
import sys
from pathlib import Path

import numpy as np

from abm.engine import kernel_cache
from abm.engine.random import uniforms

kernel_cache.SHIPPED = Path(sys.argv[1])
kernel_cache.KernelCache.takes_shipped = kernel_cache.are_shipped()
draws = np.empty(1000)
uniforms(np.uint64(7), np.arange(1000), draws)
kernel_cache.mark_of_shipped(kernel_cache.cache_base()).touch()
print(kernel_cache.KernelCache.takes_shipped, draws.sum().hex())
"""


def test_shipped_kernels_are_taken_and_give_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"

    def use_a_kernel(kept: Path, **more: str) -> list[str]:
        environment = os.environ | {"NUMBA_CACHE_DIR": str(kept)} | more
        command = [sys.executable, "-c", USE_A_KERNEL, str(shipped)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()

    taken, compiled = use_a_kernel(shipped, NUMBA_CPU_NAME=SHIPPED_FOR, NUMBA_CPU_FEATURES="")
    assert taken == "False" and list(shipped.rglob("*.nbc"))
    monkeypatch.setattr(kernel_cache, "SHIPPED", shipped)
    if not are_shipped():
        pytest.skip(f"not a processor of {SHIPPED_FOR}")
    assert use_a_kernel(own) == ["True", compiled]
    assert not list(own.rglob("*.nbc"))  # nothing was compiled
    for file in shipped.rglob("*.nbi"):
        file.unlink()
    assert use_a_kernel(own) == ["True", compiled]  # what is missing is compiled
    assert list(own.rglob("*.nbc"))


def test_shipped_kernels_are_for_processors_sources_and_versions_that_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    can = dict.fromkeys(LEVEL_NEEDS, True)
    monkeypatch.setattr(kernel_cache.llvm, "get_host_cpu_features", lambda: can)
    monkeypatch.setattr(kernel_cache, "SHIPPED", tmp_path)
    assert not are_shipped()
    mark_of_shipped(tmp_path).touch()
    assert are_shipped()
    for name, other in (("numba_version", "0.1"), ("hash_of_all", lambda: "0123456789abcdef")):
        with monkeypatch.context() as patch:
            patch.setattr(kernel_cache, name, other)
            assert not are_shipped()
    can["avx2"] = False
    assert not are_shipped()


def test_the_mark_knows_processor_python_and_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    here = warm.compiled_mark()
    assert here == warm.compiled_mark()
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert warm.compiled_mark() != here


# --------------------------------------------------------------------------------------------------------------- memory


def test_a_run_gives_its_memory_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation.simulate(small_config(months=2))  # the compiler keeps what it was given
    build, columns = simulation.build_world, []

    def watched(*arguments: Any) -> World:
        world = build(*arguments)
        columns.extend([weakref.ref(world.households.assets), weakref.ref(world.villages.district)])
        return world

    monkeypatch.setattr(simulation, "build_world", watched)
    gc.collect()
    gc.disable()
    try:
        simulation.simulate(small_config(months=2))
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


def test_a_process_that_dies_takes_only_its_own_call_with_it(tmp_path: Path) -> None:
    others = children(os.getpid())  # of tests before this one
    with open_processes(2, 1) as processes:
        good = processes.submit(wait_for_file, tmp_path / "go")
        bad = processes.submit(die_until, tmp_path / "never", tmp_path / "tries")
        mended = processes.submit(die_until, tmp_path / "once", tmp_path / "once")
        with pytest.raises(KilledWorker):
            bad.result()
        assert (tmp_path / "tries").read_text() == "xxx"
        assert mended.result() == "alive"
        assert (tmp_path / "once").read_text() == "xx"
        (tmp_path / "go").touch()
        first = good.result()
        assert processes.submit(os.getpid).result() != os.getpid()
        assert first["OMP_NUM_THREADS"] == first["NUMBA_NUM_THREADS"] == "1"
    assert gone([process for process in children(os.getpid()) if process not in others])


def test_a_process_passes_errors_on_and_works_on(tmp_path: Path) -> None:
    with open_processes(1, 1) as processes:
        one = processes.submit(os.getpid).result()
        with pytest.raises(FileNotFoundError, match="nothing"):
            processes.submit(os.stat, tmp_path / "nothing").result()
        with pytest.raises(RuntimeError, match="OddError: not to be packed"):
            processes.submit(fail_oddly).result()
        with pytest.raises(Exception, match="pickle"):
            processes.submit(threading.Lock).result()
        assert processes.submit(os.getpid).result() == one


def test_processes_hear_no_ctrl_c_from_their_first_moment_on() -> None:
    with open_processes(2, 1) as processes:
        calls = [processes.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ()) for _ in range(2)]
        wait(calls)
        assert all(signal.SIGINT in call.result() for call in calls)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


# ---------------------------------------------------------------------------------------------------------------- doors


def doors(process: int) -> set[str]:
    """Sockets of a process on which it waits for others."""
    net = Path(f"/proc/{process}/net")
    tcp = [line.split() for name in ("tcp", "tcp6") for line in (net / name).read_text().splitlines()[1:]]
    local = [line.split() for line in (net / "unix").read_text().splitlines()[1:]]
    waiting = {line[9] for line in tcp if line[3] == "0A"} | {line[6] for line in local if line[3] == "00010000"}
    links = [os.readlink(path) for path in Path(f"/proc/{process}/fd").iterdir() if path.is_symlink()]
    return {link for link in links if link.removeprefix("socket:[").removesuffix("]") in waiting}


def test_workers_of_this_machine_and_their_driver_listen_nowhere(tmp_path: Path) -> None:
    before = doors(os.getpid())
    with engine.open_engine(LocalEngine(workers=2), folder=tmp_path) as local:
        wait([local.executor.submit(time.sleep, 0) for _ in range(2)])
        workers = children(os.getpid())
        assert len(workers) == local.count_workers() == 2
        assert [doors(process) for process in workers] == [set(), set()]
        assert doors(os.getpid()) == before


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


def test_a_warm_run_loads_nothing_that_only_compiling_or_drawing_needs(tmp_path: Path) -> None:
    program = (
        "import sys, abm\n"
        "config = abm.make_config(population={'scale': 0.0005}, end='2009-04')\n"
        "assert len(abm.run(config, out=sys.argv[1], plots=False).summary()) > 3\n"
        "print(*{'scipy.linalg', 'pandas', 'matplotlib', 'mesa'} & set(sys.modules))"
    )
    for out in ("compiles", "warm"):  # the first may have to compile
        asked = [sys.executable, "-c", program, str(tmp_path / out)]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert told.split() == []
