"""Compile once: the first process of a machine (or of a shared cache) compiles the kernels, the others wait for it.

Numba writes its cache by renaming, so that several processes may compile at the same time without harm; but each would
take a minute or two of a processor for what one can do for all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np

from abm.config import Config, load_config, make_config
from abm.engine.calendar import format_month

WARM_MONTHS = 4  # months after which every kernel was called: those of the quarter come in one of three

WARM_SCALE = 0.001

HOUSEHOLDS = "households"
"""Section of the mechanism that takes longest to compile; another process does, with what comes before."""

CHOOSE_AGAIN = ("repeat", "refused")
"""Sections that make the choice once more: they follow in that process."""

PATIENCE_SECONDS = 900.0  # after so long one compiles for oneself: the other may be on a machine that is gone

_done: set[str] = set()  # caches that this process knows to be full


def ensure_compiled(config: Config, *, or_shipped: bool = False) -> bool:
    """Have the kernels in the cache before a run: compile them, or wait while another process does.

    A few months of the run call every kernel. One run makes do with those that came with the package (`or_shipped`),
    which are 3 to 10 % slower; for a study it pays to compile. Returns whether this process compiled them.
    """
    mark = compiled_mark()
    if str(mark) in _done or mark.exists():
        _done.add(str(mark))
        return False
    if or_shipped and _take_shipped():
        return False
    with _alone(mark.with_suffix(".lock")):
        if mark.exists():
            return False
        compile_all(config)
        with suppress(OSError):  # without the mark the next process compiles from what is cached
            mark.touch()
        _done.add(str(mark))
        return True


def compiled_mark() -> Path:
    """File that says: the cache holds every kernel for this processor, Python, Numba and installation."""
    import llvmlite.binding as llvm
    import numba

    from abm.engine.kernel_cache import cache_base, hash_of_all

    target = (llvm.get_host_cpu_name(), str(llvm.get_host_cpu_features()), numba.__version__, platform.python_version())
    digest = hashlib.sha256(repr((target, hash_of_all())).encode()).hexdigest()[:16]
    return cache_base() / f"compiled-{digest}"


def was_compiled() -> bool:
    """Whether the kernels that take longest to compile are in the cache as they are now, by this or another run."""
    from abm.engine.kernel_cache import PACKAGE, cache_base, hash_of

    longest = PACKAGE / "households" / "kernels" / "household_month.py"  # nearly all others go into it
    return any((cache_base() / f"{longest.stem}-{hash_of(longest)}").glob("*.nbc"))


def _take_shipped() -> bool:
    """Take kernels from those that came with the package from now on; False if there are none of use."""
    from abm.engine.kernel_cache import KernelCache, are_shipped

    KernelCache.takes_shipped = are_shipped()
    return KernelCache.takes_shipped


def compile_to_ship(config: str) -> None:
    """Compile the kernels of a configuration into NUMBA_CACHE_DIR, which is to go into a wheel: see `make wheel`."""
    from abm.engine.kernel_cache import cache_base, mark_of_shipped

    compile_all(load_config(config))
    for file in cache_base().glob("*-*"):
        if file.is_file():
            file.unlink()
    mark_of_shipped(cache_base()).touch()


def compile_all(config: Config) -> None:
    """Compile every kernel, by calling it; where there are two processors, in two processes.

    One process goes through the month as far as the household pass. The other goes through the mechanisms around it,
    first those that need nothing from before it, with made-up choices of households, and then through whole months for
    what is left.
    """
    small = _small(config)
    if len(os.sched_getaffinity(0)) > 1:
        helper = _start_helper(small)
        try:
            _compile_around_the_pass(small)
            helper.wait(PATIENCE_SECONDS)
        finally:
            if helper.poll() is None:
                helper.kill()
    simulate_shortly(small)


def _compile_around_the_pass(config: Config) -> None:
    from abm.departure import Choices, OptionsState
    from abm.month import MONTH
    from abm.simulation import build_world

    world = build_world(config)
    sections = [mechanism.section for mechanism in MONTH]
    later = set(sections[: sections.index(HOUSEHOLDS)])
    for month in range(config.months):
        world.open_month()
        for mechanism in MONTH:
            if mechanism.section == HOUSEHOLDS:
                # for every option the first household of a village
                options = np.arange(len(world.options))
                at = options % world.villages.district.size
                district = world.villages.district[at].astype(np.int64)
                choices = Choices(world.villages.first_row[at], district, options, world.weight[district])
                world[OptionsState].choices, world[OptionsState].delay = choices, np.ones(options.size)
            elif mechanism.section not in CHOOSE_AGAIN and (month or mechanism.section not in later):
                with suppress(Exception):  # what fails in a made-up month is compiled in a real one
                    mechanism.step(world)
    world.threads.close()


def simulate_shortly(config: Config) -> None:
    """Run the first months; nothing is written but the cache of the compiler."""
    from abm.simulation import simulate

    simulate(_small(config))


def _small(config: Config) -> Config:
    """Few months of few households, in which every kernel is called."""
    last = min(config.end_month, config.start_month + WARM_MONTHS - 1)
    population = config.population.model_copy(update={"scale": min(config.population.scale, WARM_SCALE)})
    # model_copy checks nothing: levers may begin after this end
    return config.model_copy(update={"end": format_month(last), "population": population})


def _start_helper(config: Config) -> subprocess.Popen[bytes]:
    """Start a process that compiles the household pass. If it fails, its kernels are compiled here."""
    helper = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import compile_pass; compile_pass()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert helper.stdin
    with suppress(BrokenPipeError), helper.stdin as words:
        words.write(json.dumps(config.resolved()).encode())
    return helper


def compile_pass() -> None:
    """Compile the month as far as the household pass, for the configuration that comes in as JSON, and then its end.

    Backwards from there, this process and the other meet.
    """
    from abm.month import MONTH
    from abm.simulation import build_world

    config = make_config(**json.load(sys.stdin))
    world = build_world(config)
    world.open_month()
    after = [mechanism.section for mechanism in MONTH].index(HOUSEHOLDS) + 1
    for mechanism in MONTH[:after]:
        mechanism.step(world)
    for mechanism in sorted(reversed(MONTH[after:]), key=lambda mechanism: mechanism.section not in CHOOSE_AGAIN):
        with suppress(Exception):  # what others would have written is lacking
            mechanism.step(world)
    world.threads.close()
    simulate_shortly(config)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait while another process holds a lock, which ends with its process; where there are no locks, go on."""
    with ExitStack() as stack:
        with suppress(OSError):  # a cache that cannot be written to, or a disk without locks: everybody compiles
            file = stack.enter_context(lock.open("w"))
            patient_until = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < patient_until:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.2)
        yield
