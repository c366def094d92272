"""Where the runs of a study are made: the block ``engine`` of an experiment. It is no part of a run's identity."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from abm.declare import Params

MOST_WORKERS = 100_000


def _expected(text: str, default: Any = None, **rules: Any) -> Any:
    """Declare a field whose values a pattern describes, with the words that an error uses."""
    return Field(default, json_schema_extra={"expected": text}, **rules)


# What follows goes into the script of a job, where a line end or a sign of the shell would begin a command of its own.
NO_LINE_END = r"[^\x00-\x08\x0a-\x1f\x7f]"

Line = Annotated[str, Field(pattern=rf"^{NO_LINE_END}+$", json_schema_extra={"expected": "a line of text"})]

Option = Annotated[
    str,
    Field(
        pattern=rf"^-{NO_LINE_END}+$",
        json_schema_extra={"expected": "an option on a line of its own, such as --requeue"},
    ),
]

Word = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:@%+,=/-]*$",
        json_schema_extra={"expected": "a name without blanks or signs of the shell"},
    ),
]

Folder = Annotated[
    str,
    Field(
        pattern=r"^([\w./~]|\$\w+|\$\{\w+\})([\w.:@%+,=/~-]|\$\w+|\$\{\w+\})*$",
        json_schema_extra={"expected": "a path without blanks or signs of the shell; variables as $TMPDIR"},
    ),
]


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

    address: str | None = _expected(
        "an address, for example tcp://10.0.0.1:8786", pattern=r"^(tcp|tls|ucx|ws|wss)://\S+$"
    )
    """Address of the scheduler."""

    scheduler_file: str | None = None
    """File that the scheduler has written, on a disk that both see."""


class SchedulerOptions(Params):
    """The driver's side of a cluster."""

    interface: Word | None = None
    """Network interface of the driver."""


class ClusterEngine(EngineSettings):
    """Jobs of a cluster, each with a few workers; they come and go with the work that is left."""

    kind: str
    """Which engine."""

    max_jobs: int = Field(ge=1, le=MOST_WORKERS)
    """Jobs in the queue at most."""

    queue: Word | None = None
    """Queue, or partition."""

    account: Word | None = None
    """Account that is charged."""

    walltime: str = _expected("a time as 'HH:MM:SS' in quotes", "01:00:00", pattern=r"^(\d+-)?\d{1,3}:[0-5]\d:[0-5]\d$")
    """Longest time of a job, not of a run; at least five times the longest run."""

    cores: int = Field(1, ge=1, le=4096)
    """Cores of a job."""

    processes: int | None = Field(None, ge=1, le=4096)
    """Workers in a job; by default one for each `threads` cores."""

    memory: str = _expected("an amount such as 32GB", "4GB", pattern=r"^\d+(\.\d+)? ?[kMGT]i?B$")
    """Memory of a job."""

    interface: Word | None = None
    """Network interface of the workers, for example ib0."""

    scheduler_options: SchedulerOptions = SchedulerOptions()
    """The driver's side."""

    prologue: tuple[Line, ...] = Field((), json_schema_extra={"expected": "a list of lines of shell"})
    """Lines of shell, run as they stand before the workers start: modules, the environment."""

    job_extra: tuple[Option, ...] = Field((), json_schema_extra={"expected": "a list of options of sbatch"})
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


class SlurmEngine(ClusterEngine):
    """SLURM."""

    kind: Literal["slurm"] = "slurm"
    """Which engine."""


class PbsEngine(ClusterEngine):
    """PBS, not tried."""

    kind: Literal["pbs"] = "pbs"
    """Which engine."""


class LsfEngine(ClusterEngine):
    """LSF, not tried."""

    kind: Literal["lsf"] = "lsf"
    """Which engine."""


class SgeEngine(ClusterEngine):
    """Grid Engine, not tried."""

    kind: Literal["sge"] = "sge"
    """Which engine."""


ENGINES: dict[str, type[EngineSettings]] = {
    "local": LocalEngine,
    "serial": SerialEngine,
    "dask": DaskEngine,
    "slurm": SlurmEngine,
    "pbs": PbsEngine,
    "lsf": LsfEngine,
    "sge": SgeEngine,
}
"""Settings by kind of engine."""
