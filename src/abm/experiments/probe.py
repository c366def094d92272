"""What a study will cost: one of its runs is tried, and the rest is arithmetic."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.experiments.processes import open_processes
from abm.experiments.warm import ensure_compiled
from abm.month import OUTCOMES
from abm.results import to_arrow
from abm.results.manifest import peak_memory_bytes
from abm.results.writer import encode_table

if TYPE_CHECKING:
    from abm.config import Config

PROBE_SECONDS = 15.0
"""A run that takes longer is not tried to its end."""

MANIFEST_BYTES = 20_000


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes
    ----------
    seconds
        Wall-clock time of a run, compiling left out.
    memory
        Bytes of memory of a worker that makes it.
    disk
        Bytes of its results.
    months
        Months that were tried, of all.
    """

    seconds: float
    memory: int
    disk: int
    months: int


def probe(config: Config, threads: int = 1) -> Cost:
    """Try a run in a process of its own, for some seconds at most; nothing is written."""
    with open_processes(1, threads) as processes:
        return processes.submit(try_run, config, threads).result()


def try_run(config: Config, threads: int) -> Cost:
    """Make a run, or as many months as there is time for, and say what it took."""
    from abm.simulation import advance, build_world, tables_of

    ensure_compiled(config)
    _load_kernels(config)
    began = time.perf_counter()
    world = build_world(config, threads)
    ready = time.perf_counter()
    done = 0
    while done < config.months and time.perf_counter() - ready < PROBE_SECONDS:
        advance(world)
        done += 1
    stepped = time.perf_counter()
    tables = tables_of(world)
    disk = sum(
        len(encode_table(to_arrow(columns, OUTCOMES)))
        for name, columns in tables.items()
        if name == "national" or getattr(config.outputs, name, True)
    )
    written = time.perf_counter() - stepped
    world.threads.close()
    share = config.months / done
    seconds = (ready - began) + (stepped - ready + written) * share
    return Cost(seconds, peak_memory_bytes(), MANIFEST_BYTES + round(disk * share), done)


def _load_kernels(config: Config) -> None:
    """Have the kernels in memory, which a worker does once."""
    from abm.experiments.warm import simulate_shortly

    simulate_shortly(config)
