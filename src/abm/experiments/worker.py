"""What a worker does: make one run of a study, and say how it went. A run never fails by raising."""

from __future__ import annotations

import socket
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from abm.config import Config, make_config
from abm.engine.errors import AbmError, DiskFullError
from abm.experiments.run import run_into
from abm.experiments.shared_past import Fork, Past
from abm.experiments.warm import ensure_compiled
from abm.results import run_id

Status = Literal["made", "found", "failed", "killed", "full", "hopeless"]
"""``full``: the disk is full; ``hopeless``: for another reason, too, every further run would fail in the same way."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be made: its id as the driver has it, its folder, and that of the study, which the worker has to see.

    The configuration is plain data, ``Config.resolved()``; the worker checks it, which would keep the driver busy. The
    run may go on from the states `forks`, or has to save them.
    """

    run_id: str
    config: dict[str, object]
    folder: Path
    study: Path
    threads: int = 1
    forks: tuple[Fork, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How a run went: seconds (writing included, compiling not); what went wrong, and the traceback if it is ours."""

    status: Status
    seconds: float
    host: str = ""
    error: str = ""
    details: str = ""


def make_run(job: Job) -> Report:
    """Make a run, unless it is there."""
    began = time.perf_counter()
    status: Status = "failed"
    error = details = ""
    try:
        config = make_config(**job.config)
        error = _why_hopeless(job, config)
        if error:
            status = "hopeless"
        else:
            ensure_compiled(config)
            began = time.perf_counter()
            # not durable: what a failure of power damages is found at the next start, and made again
            past = Past(job.forks) if job.forks else None
            result = run_into(job.folder, config, threads=job.threads, durable=False, past=past)
            status = "found" if result.reused else "made"
    except DiskFullError as failure:
        status, error = "full", str(failure)
    except AbmError as failure:
        error = str(failure)
    except MemoryError:
        error = "out of memory; fewer workers on a machine, or a smaller population.scale, leave more for each run"
    except Exception as failure:
        error, details = f"{type(failure).__name__}: {failure}", traceback.format_exc()
    return Report(status, time.perf_counter() - began, socket.gethostname(), error, details)


def _why_hopeless(job: Job, config: Config) -> str:
    host = socket.gethostname()
    if not job.study.is_dir():
        return (
            f"the worker on {host} does not see the folder '{job.study}'; put the study on a disk that all machines "
            "share (--out)"
        )
    if run_id(config.resolved(), config.seed) != job.run_id:
        return (
            f"the worker on {host} has another version of abm, or of its data, than the process that hands out the "
            "runs; install the same one on both"
        )
    return ""
