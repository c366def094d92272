"""Engines: where runs are made. Each is a `concurrent.futures.Executor` behind the same few lines of the driver.

``serial`` is this process; ``local`` are processes of this machine; ``slurm`` and its like jobs of a cluster, and
``dask`` a cluster that somebody has started: both are dask.distributed. A run whose worker was killed is made again.
Engines are imported where they are used: ``abm --help`` does without.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from abm.engine.errors import EngineError
from abm.experiments import tls
from abm.experiments.engine_settings import (
    ClusterEngine,
    DaskEngine,
    EngineSettings,
    LocalEngine,
    SerialEngine,
    slots_of,
)
from abm.experiments.processes import THREAD_VARIABLES, open_processes

DASK_SETTINGS: dict[str, object] = {
    # a kernel may hold the interpreter for minutes, and a worker that says nothing would be taken for dead; one that is
    # dead is seen by its connection
    "distributed.scheduler.worker-ttl": None,
    "distributed.scheduler.allowed-failures": 2,
    # so that a cluster grows for runs whose length is not known yet
    "distributed.scheduler.unknown-task-duration": "60s",
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": "30s",
    # its HTTP server cannot be done without: it listens on this machine alone, and has nothing to tell
    "distributed.scheduler.http.routes": [],
}
"""With the defaults long runs are killed and studies lose work."""

WORKER_EXPORTS = ("export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'",)
WORKER_OPTIONS = ("--nthreads", "1", "--memory-limit", "0", "--dashboard-address", "127.0.0.1:0")
"""A run may hold the interpreter for minutes; without a memory limit the job's own limit decides."""

CONNECT_SECONDS = 20


@dataclass(frozen=True)
class Engine:
    """Where runs are made."""

    executor: Executor
    # runs to be handed to the executor at a time, by the number of workers that are there: some more, so that a worker
    # always finds one, and few, since each takes memory
    window: Callable[[int], int]
    count_workers: Callable[[], int]  # gives the workers that are there now
    hint: str = ""  # what to look at if no worker comes


@contextmanager
def open_engine(settings: EngineSettings, *, folder: Path) -> Iterator[Engine]:
    """Start an engine, whose logs go to the folder of the study.

    Whatever ends the block ends its workers too, also in the middle of a run. An EngineError says that the engine is
    not installed, or cannot be reached.
    """
    match settings:
        case SerialEngine():
            yield Engine(InlineExecutor(), window=lambda workers: 1, count_workers=lambda: 1)
        case LocalEngine():
            count = slots_of(settings) or 1
            with open_processes(count, settings.threads) as processes:
                yield Engine(processes, lambda there: 2 * count, processes.count)
        case DaskEngine():
            with _address(settings, folder) as engine:
                yield engine
        case ClusterEngine():
            with _cluster(settings, folder) as engine:
                yield engine


# --------------------------------------------------------------------------------------------------------- this machine


class InlineExecutor(Executor):
    """Runs everything at once, in the calling thread: Ctrl-C ends it where it stands."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function; return a future that is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


# ------------------------------------------------------------------------------------------------------- other machines


@contextmanager
def _address(settings: DaskEngine, folder: Path) -> Iterator[Engine]:
    """A dask cluster that runs already; it is left as it is."""
    with _dask(folder, settings.kind) as distributed:
        if settings.scheduler_file and not Path(settings.scheduler_file).is_file():
            raise EngineError(
                f"there is no scheduler file '{settings.scheduler_file}'; it is written by dask scheduler "
                "--scheduler-file, which has to be running"
            )
        if settings.address and settings.address.startswith("tls"):
            tls.use_sound_sockets()
        where = settings.address or f"the address in '{settings.scheduler_file}'"
        with _client(distributed, settings.address, scheduler_file=settings.scheduler_file, name=where) as client:
            yield _engine(client, None, hint=f"dask worker processes connect to {client.scheduler.address}")


COMMANDS = {"slurm": "sbatch", "pbs": "qsub", "lsf": "bsub", "sge": "qsub"}
ACCOUNTS = {"slurm": "account", "pbs": "account", "lsf": "project", "sge": "project"}


def missing_command(settings: ClusterEngine) -> str:
    """Say that jobs cannot be submitted from this machine; nothing if they can."""
    command = COMMANDS[settings.kind]
    if shutil.which(command) is not None:
        return ""
    return (
        f"engine '{settings.kind}' needs the command {command}, which is not here; start the study on a machine "
        f"from which jobs are submitted, or choose --engine local"
    )


@contextmanager
def _cluster(settings: ClusterEngine, folder: Path) -> Iterator[Engine]:
    """Jobs of a cluster, asked for as long as there is work."""
    if problem := missing_command(settings):
        raise EngineError(problem)
    with ExitStack() as stack:
        distributed = stack.enter_context(_dask(folder, settings.kind))
        cluster = stack.enter_context(_open_cluster(settings, folder, folder.name))
        if settings.kind == "slurm":
            _try_job_script(cluster.job_script())
        cluster.adapt(minimum_jobs=0, maximum_jobs=settings.max_jobs, interval="2s", wait_count=5)
        client = stack.enter_context(_client(distributed, cluster))
        hint = (
            f"jobs may wait in the queue; else look at their logs in '{folder / settings.log_directory}': a job that "
            f"runs and reports nothing cannot reach {cluster.scheduler_address}; set engine.interface (and "
            "scheduler_options.interface) to a network that both sides share"
        )
        yield _engine(client, slots_of(settings), hint=hint)


@contextmanager
def _open_cluster(settings: ClusterEngine, folder: Path, name: str) -> Iterator[Any]:
    """Open a cluster that has no job yet, and whose jobs bear a name; logs and keys of connections go to the folder."""
    jobqueue = _import("dask_jobqueue", f"engine '{settings.kind}'")
    encrypted = encryption() if settings.tls else {}
    exports = [f"export {name}={settings.threads}" for name in THREAD_VARIABLES]
    make = getattr(jobqueue, f"{settings.kind.upper()}Cluster")
    cluster = make(
        job_name=name,
        queue=settings.queue,
        walltime=settings.walltime,
        cores=settings.cores,
        processes=settings.workers_a_job,
        memory=settings.memory,
        interface=settings.interface,
        scheduler_options={
            "dashboard": False,
            "dashboard_address": "127.0.0.1:0",
            **settings.scheduler_options.model_dump(exclude_none=True),
        },
        job_script_prologue=[*exports, *WORKER_EXPORTS, *settings.prologue],
        job_extra_directives=list(settings.job_extra),
        log_directory=str(folder / settings.log_directory),
        local_directory=settings.local_directory,
        worker_extra_args=[*WORKER_OPTIONS, *(PRELOAD if settings.tls else ())],
        python=sys.executable,
        shared_temp_directory=str(folder),
        silence_logs=False,
        **encrypted,
        **{ACCOUNTS[settings.kind]: settings.account},
    )
    try:
        yield cluster
    finally:
        with suppress(Exception):
            cluster.close(timeout=30)


def job_script(settings: ClusterEngine, folder: Path) -> str:
    """Give the script of a job as it would be submitted; nothing is written to the study."""
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        _dask(Path(elsewhere), settings.kind),
        _open_cluster(settings, Path(elsewhere), folder.name) as cluster,
    ):
        script: str = cluster.job_script()
        return script.replace(elsewhere, str(folder))


def _try_job_script(script: str) -> None:
    """Ask SLURM whether it would take the job; if not, pass its words on, which would else go to a log."""
    done = subprocess.run(["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip() or done.stdout.strip()
        raise EngineError(f"SLURM refuses the job: {words}; look at the block 'engine' (abm sweep --dry-run shows it)")


# ----------------------------------------------------------------------------------------------------------------- dask


@contextmanager
def _dask(folder: Path, kind: str) -> Iterator[ModuleType]:
    """Load dask.distributed with our settings; what it has to say goes to ``dask.log``, not to the terminal."""
    distributed = _import("distributed", f"engine '{kind}'")
    import dask

    log = _log_to(folder / "dask.log", logging.getLogger("distributed")) if folder.is_dir() else nullcontext()
    with dask.config.set(DASK_SETTINGS), log:
        yield distributed


@contextmanager
def _log_to(path: Path, logger: logging.Logger) -> Iterator[None]:
    handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    kept, propagate = list(logger.handlers), logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = kept, propagate
        handler.close()


@contextmanager
def _client(distributed: ModuleType, *place: Any, name: str = "the scheduler", **more: Any) -> Iterator[Any]:
    try:
        client = distributed.Client(*place, timeout=CONNECT_SECONDS, set_as_default=False, **more)
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            f"no dask scheduler answers at {name} ({error}); is it running, and can it be reached from "
            f"{socket.gethostname()}?"
        ) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # what is lost here is not needed any more
            client.close(timeout=5)


PRELOAD = ("--preload", tls.__name__, "--preload-nanny", tls.__name__)
"""Options of a worker that has encrypted connections."""


def encryption() -> dict[str, object]:
    """Options of a cluster whose connections are encrypted, with certificates made for it."""
    _import("cryptography", "engine.tls")
    tls.use_sound_sockets()
    return {"security": True, "protocol": "tls://"}


def _engine(client: Any, slots: int | None, hint: str) -> Engine:
    def workers() -> int:
        return len(client.scheduler_info(n_workers=-1)["workers"])

    known = slots or max(workers(), 1)
    return Engine(client.get_executor(pure=False), lambda there: 2 * max(known, there) + 4, workers, hint)


def _import(module: str, purpose: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EngineError(
            f"{purpose} needs {module}, which is not installed ({error}); install it, "
            "in the folder of the repository: pip install -c constraints.txt '.[cluster]'"
        ) from error
