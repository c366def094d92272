"""What ``abm sweep --dry-run`` tells: how many runs, and what they will take; one is tried, the rest is arithmetic."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from abm.config import Config
from abm.experiments.engine import job_script, missing_command
from abm.experiments.engine_settings import ClusterEngine, EngineSettings, slots_of
from abm.experiments.plan import Plan, Share
from abm.experiments.processes import open_processes
from abm.experiments.store import Store
from abm.experiments.warm import ensure_compiled, simulate_shortly
from abm.month import OUTCOMES
from abm.results import to_arrow
from abm.results.manifest import peak_memory_bytes
from abm.results.writer import encode_table

PROBE_SECONDS = 15.0  # a run that takes longer is not tried to its end

MANIFEST_BYTES = 20_000


@dataclass(frozen=True)
class Cost:
    """What a run takes: seconds (compiling left out), and bytes of a worker's memory and of the results.

    It is worked out from the months that were tried, of all.
    """

    seconds: float
    memory: int
    disk: int
    months: int


@dataclass(frozen=True)
class Estimate:
    """What a study will take."""

    # runs, finished: runs of the study or the share, and those that are there
    runs: int
    finished: int
    cost: Cost  # of one run, as tried
    shared: float  # share of all months that are in common with other runs, and not made again
    slots: int | None  # runs at a time; None where the scheduler of others decides
    # seconds, disk, memory: for what is missing: time with this engine, bytes on the disk, and bytes of memory of all
    # workers; None where the number of workers is not known
    seconds: float | None
    disk: int
    memory: int | None
    free_disk: int  # bytes that are free where the results go
    # script, problem: job script, for a cluster; why it cannot be started from this machine, if that is known
    script: str | None
    problem: str

    @property
    def missing(self) -> int:
        """Runs to be made."""
        return self.runs - self.finished


def estimate(plan: Plan, folder: Path, settings: EngineSettings, share: Share) -> Estimate:
    """Try a run of a study whose results go to a folder, and work out what a share of it takes; nothing is written."""
    there = Store(folder).finished()
    mine = [run.run_id for run in plan.of_share(share)]
    finished = sum(run_id in there for run_id in mine)
    missing = len(mine) - finished
    shared = 1.0 - plan.share_of_months()
    cost = probe(plan.config(plan[0]), settings.threads)
    slots = slots_of(settings)
    busy = min(slots, max(missing, 1)) if slots else None
    nearest = next(path for path in (folder, *folder.parents) if path.is_dir())
    return Estimate(
        runs=len(mine),
        finished=finished,
        cost=cost,
        shared=shared,
        slots=slots,
        seconds=-(-missing // busy) * cost.seconds * (1.0 - shared) if busy else None,
        disk=missing * cost.disk,
        memory=busy * cost.memory if busy else None,
        free_disk=shutil.disk_usage(nearest).free,
        script=job_script(settings, folder) if isinstance(settings, ClusterEngine) else None,
        problem=missing_command(settings) if isinstance(settings, ClusterEngine) else "",
    )


def probe(config: Config, threads: int) -> Cost:
    """Try a run in a process of its own, for some seconds at most; nothing is written."""
    with open_processes(1, threads) as processes:
        return processes.submit(_try_run, config, threads).result()


def _try_run(config: Config, threads: int) -> Cost:
    """Make a run, or as many months as there is time for, and say what it took."""
    from abm.simulation import advance, build_world, tables_of

    ensure_compiled(config)
    simulate_shortly(config)  # has the kernels in memory, which a worker does once
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
