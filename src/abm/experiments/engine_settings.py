"""Where the runs of a study are made: the block ``engine`` of an experiment, or an engine named on the command line.

It is no part of a run's identity.
"""

from __future__ import annotations

import math
import os
from typing import Annotated, Literal

from pydantic import Field

from abm.config.wording import did_you_mean, either
from abm.declare import Params, expected
from abm.engine.errors import AbmError

MOST_WORKERS = 100_000


# What follows goes into the script of a job, where a line end or a sign of the shell would begin a command of its own.
NO_LINE_END = r"[^\x00-\x08\x0a-\x1f\x7f]"

Line = Annotated[str, expected("a line of text", pattern=rf"^{NO_LINE_END}+$")]
Option = Annotated[str, expected("an option on a line of its own, such as --requeue", pattern=rf"^-{NO_LINE_END}+$")]
Word = Annotated[
    str, expected("a name without blanks or signs of the shell", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:@%+,=/-]*$")
]
Folder = Annotated[str, expected(
    "a path without blanks or signs of the shell; variables as $TMPDIR",
    pattern=r"^([\w./~]|\$\w+|\$\{\w+\})([\w.:@%+,=/~-]|\$\w+|\$\{\w+\})*$",
)]  # fmt: skip


class EngineSettings(Params):
    """What every engine has."""

    kind: str
    """Which engine."""

    threads: int = Field(1, ge=1, le=1024)
    """Threads of one run; results do not depend on them."""


class SerialEngine(EngineSettings):
    """The calling process, one run after the other: for debugging, and for a few short runs."""

    kind: Literal["serial"] = "serial"
    """Which engine."""


class LocalEngine(EngineSettings):
    """Processes on this machine."""

    kind: Literal["local"] = "local"
    """Which engine."""

    workers: int | None = Field(None, ge=1, le=MOST_WORKERS)
    """Processes at a time, each making one run; by default as many as there are processors, over `threads`."""


class DaskEngine(EngineSettings):
    """A dask cluster that runs already, reached by `address` or by `scheduler_file`."""

    kind: Literal["dask"] = "dask"
    """Which engine."""

    address: str | None = expected(
        "an address, for example tcp://10.0.0.1:8786", None, pattern=r"^(tcp|tls|ucx|ws|wss)://\S+$"
    )
    """Address of the scheduler."""

    scheduler_file: str | None = None
    """File that the scheduler has written, on a disk that both see."""


class SchedulerOptions(Params):
    """The driver's side of a cluster."""

    interface: Word | None = None
    """Network interface of the driver."""


class ClusterEngine(EngineSettings):
    """Jobs of a cluster, each with a few workers; they come and go with the work that is left. Only SLURM was tried."""

    kind: Literal["slurm", "pbs", "lsf", "sge"]
    """Which engine."""

    max_jobs: int = Field(ge=1, le=MOST_WORKERS)
    """Jobs in the queue at most."""

    queue: Word | None = None
    """Queue, or partition."""

    account: Word | None = None
    """Account that is charged."""

    walltime: str = expected("a time as 'HH:MM:SS' in quotes", "01:00:00", pattern=r"^(\d+-)?\d{1,3}:[0-5]\d:[0-5]\d$")
    """Longest time of a job, not of a run; at least five times the longest run."""

    cores: int = Field(1, ge=1, le=4096)
    """Cores of a job."""

    processes: int | None = Field(None, ge=1, le=4096)
    """Workers in a job; by default one for each `threads` cores."""

    memory: str = expected("an amount such as 32GB", "4GB", pattern=r"^\d+(\.\d+)? ?[kMGT]i?B$")
    """Memory of a job."""

    interface: Word | None = None
    """Network interface of the workers, for example ib0."""

    scheduler_options: SchedulerOptions = SchedulerOptions()
    """The driver's side."""

    prologue: tuple[Line, ...] = expected("a list of lines of shell", ())
    """Lines of shell, run as they stand before the workers start: modules, the environment."""

    job_extra: tuple[Option, ...] = expected("a list of options of sbatch", ())
    """Further options of the scheduler's command, each ``"--option=value"``."""

    log_directory: Folder = "logs"
    """Folder of what the jobs print, inside the study's folder unless absolute."""

    local_directory: Folder | None = None
    """Folder for scratch files of the workers; on the node, never on the shared file system."""

    tls: bool = True
    """Encrypt, and let in only who holds the keys; without it every user of the cluster can reach the workers."""

    @property
    def workers_a_job(self) -> int:
        """Workers in a job."""
        return self.processes or max(1, self.cores // self.threads)


ENGINES: dict[str, type[EngineSettings]] = {
    "local": LocalEngine,
    "serial": SerialEngine,
    "dask": DaskEngine,
    **dict.fromkeys(("slurm", "pbs", "lsf", "sge"), ClusterEngine),
}
"""Settings by kind of engine."""


def choose_engine(written: EngineSettings, name: str | None = None, workers: int | None = None) -> EngineSettings:
    """Settle which engine a study uses: that of the experiment, or another kind with its defaults, and runs at a time.

    An AbmError says that there is no such engine, or that it lacks settings that have no default.
    """
    if name is None or name == written.kind:
        settings = written
    elif name not in ENGINES:
        hint = did_you_mean(name, ENGINES) or f"; there are {either(list(ENGINES), 'and')}"
        raise AbmError(f"there is no engine '{name}'{hint}")
    elif issubclass(ENGINES[name], ClusterEngine | DaskEngine):
        needed = "'max_jobs', and what the cluster asks for" if name != "dask" else "'address' or 'scheduler_file'"
        raise AbmError(
            f"engine '{name}' needs settings that the command line has no words for; write a block 'engine: {{kind: "
            f"{name}, …}}' with {needed} into the experiment"
        )
    else:
        settings = ENGINES[name].model_validate({"kind": name, "threads": written.threads})
    if workers is None:
        return settings
    if isinstance(settings, LocalEngine):
        return settings.model_copy(update={"workers": workers})
    if isinstance(settings, ClusterEngine):
        return settings.model_copy(update={"max_jobs": math.ceil(workers / settings.workers_a_job)})
    why = "has those that its scheduler has" if isinstance(settings, DaskEngine) else "makes one run at a time"
    raise AbmError(f"--workers {workers}: engine '{settings.kind}' {why}; leave --workers out")


def slots_of(settings: EngineSettings) -> int | None:
    """Runs at a time, at most; None where the scheduler of others decides."""
    if isinstance(settings, LocalEngine):  # by default a process for each processor that this one may use
        return settings.workers or max(1, len(os.sched_getaffinity(0)) // settings.threads)
    if isinstance(settings, ClusterEngine):
        return settings.max_jobs * settings.workers_a_job
    return None if isinstance(settings, DaskEngine) else 1
