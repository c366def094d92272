"""Processes of this machine, to make runs in. Nothing listens: each talks to us over a pair of sockets without a name.

Written by hand, since a pool of the standard library breaks as a whole when one process is killed, and dask listens on
ports through which any user of the machine can run code.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from abm.engine.errors import EngineError
from abm.engine.interrupts import hold_interrupts

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""One thread a run unless the engine says otherwise: or each of the workers would start as many as there are cores."""

TRIES = 3  # processes that a call may cost

SPAWN = multiprocessing.get_context("spawn")
Process = multiprocessing.process.BaseProcess


@contextmanager
def open_processes(count: int, threads: int) -> Iterator[Processes]:
    """Have processes while the block runs, each with so many threads for its numbers."""
    processes = Processes(count, {name: str(threads) for name in THREAD_VARIABLES})
    try:
        with _unimportable_main():
            yield processes
    finally:
        processes.kill()


class KilledWorker(Exception):  # noqa: N818 - named as in dask, whose errors the driver reads as well
    """A call whose processes died, each time that it was tried."""


class Processes(ThreadPoolExecutor):
    """Calls functions in processes, each of which a thread starts when it is first needed, and serves.

    A process that dies takes only its own call with it, which is tried again in a new one. Processes have the variables
    of an environment, hear no Ctrl-C, and end with the process that started them, however that ends.
    """

    def __init__(self, count: int, environment: Mapping[str, str]) -> None:
        resource_tracker.ensure_running()  # by the first process otherwise, which would undo the mask of its thread
        # a child inherits the mask, and what is blocked from the first moment on never strikes it while it starts
        super().__init__(count, "process", signal.pthread_sigmask, (signal.SIG_BLOCK, {signal.SIGINT}))
        self._environment = environment
        self._own = threading.local()
        self._starting = threading.Lock()
        self._running: set[Process] = set()
        self._killed = False

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function in a process; the future raises `KilledWorker` if its processes die."""
        return super().submit(self._call, partial(fn, *args, **kwargs))

    def count(self) -> int:
        """Count the processes that run."""
        return len(self._running)

    def kill(self) -> None:
        """End all processes at once: a run in the middle hears no friendly word, and leaves nothing half done."""
        with hold_interrupts():
            self._killed = True
            with self._starting:
                for process in list(self._running):
                    process.kill()
            self.shutdown(cancel_futures=True)

    def _call[T](self, call: Callable[[], T]) -> T:
        packed = pickle.dumps(call)
        for _ in range(TRIES):
            process, connection = getattr(self._own, "process", None) or self._start()
            try:
                connection.send_bytes(packed)
                answer = connection.recv_bytes()
            except (EOFError, OSError):  # it has died
                self._bury(process, connection)
                continue
            value, error = pickle.loads(answer)
            if error is not None:
                raise error
            return value
        raise KilledWorker

    def _start(self) -> tuple[Process, Connection]:
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        with self._starting, theirs:
            if self._killed:
                raise KilledWorker
            try:
                with _variables(self._environment):
                    process.start()
            except OSError as error:
                raise EngineError(f"a worker cannot be started ({error}); fewer may do: --workers") from error
            self._running.add(process)
        self._own.process = process, ours
        return process, ours

    def _bury(self, process: Process, connection: Connection) -> None:
        self._own.process = None
        connection.close()
        process.kill()
        process.join()
        self._running.discard(process)


def _serve(connection: Connection) -> None:
    """Make calls, in a process of its own, until nobody asks for more."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            packed = connection.recv_bytes()
        except EOFError:
            return
        try:
            answer = pickle.dumps((pickle.loads(packed)(), None))
        except Exception as error:
            answer = _pack_error(error)
        connection.send_bytes(answer)


def _end_with_parent() -> None:
    """End at once, also in the middle of a run, when the process that started this one has ended."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _pack_error(error: Exception) -> bytes:
    """Make bytes of an error, or of its words if it is of a kind that cannot travel."""
    with suppress(Exception):
        packed = pickle.dumps((None, error))
        pickle.loads(packed)
        return packed
    return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _unimportable_main() -> Iterator[None]:
    """Keep new processes from running the user's script again.

    Python starts a process by importing the main script first, which then needs ``if __name__ == "__main__":`` around
    all that it does, or it starts workers in its workers. Workers need nothing of it.
    """
    main = sys.modules["__main__"]
    kept: dict[str, object] = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(kept)
