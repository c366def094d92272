"""The driver of a study: hands out runs until all are there. Started again, it goes on with what is missing."""

from __future__ import annotations

import math
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from pathlib import Path

from abm.engine.errors import AbmError, DiskFullError, EngineError
from abm.engine.interrupts import raise_terminated
from abm.experiments.earlier import in_words, keep_earlier, moved_in_words, no_longer_asked, of_another_file
from abm.experiments.engine import Engine, open_engine
from abm.experiments.engine_settings import EngineSettings, slots_of
from abm.experiments.lock import hold_lock
from abm.experiments.plan import Plan, PlannedRun, Share
from abm.experiments.progress import Clock, Observer, Progress
from abm.experiments.shared_past import Fork, in_turn
from abm.experiments.store import DOING, Log, Store, add_status
from abm.experiments.warm import ensure_compiled
from abm.experiments.worker import Job, Report, make_run
from abm.results.disk import explained

SHOW_SECONDS = 0.5
COUNT_SECONDS = 3.0
DESIGN_SECONDS = 60.0
NO_WORKER_SECONDS = 60.0
"""After so long without a worker one would like to know why."""

KEPT = "What was finished is kept; the same command goes on with it."

MOST_BATCH = 16  # replicates whose shared states may lie on the disk at a time


def sweep(
    rounds: Iterable[Plan],
    folder: Path,
    settings: EngineSettings,
    *,
    share: Share | None = None,
    observer: Observer | None = None,
    make: Callable[[Job], Report] = make_run,
) -> None:
    """Make all runs of a study, or of a share of it, that are not in its folder yet.

    Plans come in rounds: the next is asked for when all runs of the one before are settled; a study with a fixed number
    of replicates has one. The observer receives the progress; `make` makes a run, in a worker. Raises AbmError if it
    cannot go on: another driver is at work, the engine is lost, the disk is full. All that was finished is kept, and
    the next start goes on from there. A run that fails stops nothing.
    """
    share, observer = share or Share(), observer or Observer()
    with explained(folder, doing=DOING):
        folder.mkdir(parents=True, exist_ok=True)
    with raise_terminated(), hold_lock(folder, share), ExitStack() as engines:
        store = Store(folder)
        engines.callback(store.sweep_dead, alone=False)  # of workers that were ended in the middle of a run
        driver = Driver(store, settings, share, observer, make, engines)
        try:
            for plan in rounds:
                driver.make_all(plan)
        except BaseException as error:
            with suppress(AbmError):  # a full disk is reported once
                driver.note_end(type(error).__name__)
            raise
        driver.note_end("")


@dataclass
class Driver:
    """State of a sweep; see `sweep`."""

    store: Store
    settings: EngineSettings
    share: Share
    observer: Observer
    make: Callable[[Job], Report]
    engines: ExitStack
    plan: Plan | None = None
    engine: Engine | None = None
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    suspects: dict[str, PlannedRun] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    clock: Clock = field(default_factory=Clock)
    without_workers: float | None = None
    left: Counter[int] = field(default_factory=Counter)  # runs of each replicate that are still to be settled

    def __post_init__(self) -> None:
        self.log = Log(self.store.folder, self.share)
        self.own_states = self.store.states / f"{self.share.index}-of-{self.share.of}"

    # --------------------------------------------------------------------------------------------------------- one plan

    def make_all(self, plan: Plan) -> None:
        """Make all runs of a plan."""
        runs = list(plan.of_share(self.share))
        mine = {run.run_id for run in runs}
        if self.plan is None:
            self._open(plan, mine)
        self.plan = plan
        self.progress.total = len(mine)
        self.progress.before = len(mine & self.done) - self.progress.made
        self._write_design()
        self.observer.show(replace(self.progress))
        todo = [run for run in runs if run.run_id not in self.done and run.run_id not in self.failed]
        self.left = Counter(run.replicate for run in todo)
        size = min(2 * (slots_of(self.settings) or MOST_BATCH), MOST_BATCH)
        batches = (list(some) for _, some in groupby(todo, lambda run: run.replicate // size))
        self._make(in_turn(batches, lambda run: [name for _, name in plan.forks(run)]))
        # Runs whose workers died are made again, one at a time: who dies now does so by its own fault. dask counts a
        # death against all runs that were with the worker, also those that only waited there.
        suspects, self.suspects = list(self.suspects.values()), {}
        self._make(iter(suspects), alone=True)

    def _open(self, plan: Plan, mine: set[str]) -> None:
        """Look at what is there, and put it in order."""
        store, experiment = self.store, plan.experiment
        if store.runs.is_dir():
            self._show("looking at what is there")
        other = of_another_file(store, experiment)
        kept = keep_earlier(store, experiment)
        for text in filter(None, (other, moved_in_words(kept))):
            self._note(text)
        store.create(experiment.text, experiment.resolved())
        self._remove_states()
        self.log.write("start", share=str(self.share), engine=self.settings.model_dump(mode="json"))
        store.sweep_dead(alone=self.share.is_whole)
        store.examine(self._note, None if self.share.is_whole else mine)
        self.done = store.finished()
        asked = plan if experiment.replicates.until is None else Plan(experiment)
        if unasked := no_longer_asked(store, asked.ids()):
            self._note(in_words(unasked, kept))

    def _make(self, todo: Iterator[PlannedRun], *, alone: bool = False) -> None:
        """Hand runs out, a window or one at a time, and take them in."""
        first = next(todo, None)
        if first is None:
            return
        pending: dict[Future[Report], PlannedRun] = {}
        todo = chain([first], todo)
        try:
            engine = self._started_engine(first)
            while True:
                window = 1 if alone else engine.window(self.progress.workers)
                while len(pending) < window and (run := next(todo, None)) is not None:
                    pending[self._hand_out(engine, run)] = run
                if not pending:
                    return
                done, _ = wait(pending, timeout=SHOW_SECONDS, return_when=FIRST_COMPLETED)
                for future in done:
                    self._settle(pending.pop(future), future, alone=alone)
                self._tick(engine)
        finally:
            for future in pending:
                future.cancel()

    def _hand_out(self, engine: Engine, run: PlannedRun) -> Future[Report]:
        assert self.plan is not None
        config, folder = self.plan.resolved(run), self.store.run_folder(run.run_id)
        forks = tuple(Fork(month, self._states(run) / name) for month, name in self.plan.forks(run))
        job = Job(run.run_id, config, folder, self.store.folder, self.settings.threads, forks)
        return engine.executor.submit(self.make, job)

    # --------------------------------------------------------------------------------------------- what becomes of runs

    def _states(self, run: PlannedRun) -> Path:
        """Folder of the states that the runs of a replicate share, until all are made."""
        return self.own_states / str(run.replicate)

    def _remove_states(self) -> None:
        shutil.rmtree(self.own_states, ignore_errors=True)
        with suppress(OSError):  # it is not there, or other shares are at work
            self.store.states.rmdir()

    def _settle(self, run: PlannedRun, future: Future[Report], *, alone: bool) -> None:
        report = _report_of(future)
        if report.status == "killed" and not alone:
            self.suspects[run.run_id] = run
            self._log_run("suspect", run, report)
            return
        if report.status in {"full", "hopeless"}:
            self._log_run("stopped", run, report)
            kind = DiskFullError if report.status == "full" else AbmError
            raise kind(f"{report.error}\nThe study was stopped. {KEPT}")
        self.left[run.replicate] -= 1
        if not self.left[run.replicate]:
            shutil.rmtree(self._states(run), ignore_errors=True)
        if report.status in {"failed", "killed"}:
            self._take_failure(run, report)
            return
        self.done.add(run.run_id)
        self.progress.made += 1
        self.store.forget_failure(run.run_id)
        self._log_run(report.status, run, report)

    def _take_failure(self, run: PlannedRun, report: Report) -> None:
        self.failed.add(run.run_id)
        self.progress.failed += 1
        place = {name: getattr(run, name) for name in ("scenario", "point", "replicate", "seed")}
        why = {"error": report.error, "details": report.details, "host": report.host}
        self.store.note_failure(run.run_id, place | why)
        self._log_run("failed", run, report)
        self.observer.note(
            f"failed: {run.scenario}, point {run.point}, replicate {run.replicate} ({run.run_id}): {report.error}"
        )

    def _log_run(self, event: str, run: PlannedRun, report: Report) -> None:
        error = {"error": report.error} if report.error else {}
        self.log.write(event, run_id=run.run_id, seconds=round(report.seconds, 3), host=report.host, **error)

    # ------------------------------------------------------------------------------------------------------- the engine

    def _started_engine(self, first: PlannedRun) -> Engine:
        """Start the engine, and have one worker compile for all."""
        if self.engine is None:
            self._show("starting workers")
            engine = self.engines.enter_context(open_engine(self.settings, folder=self.store.folder))
            self._compile(engine, first)
            self.engine = engine
            self.clock.begin()
        return self.engine

    def _compile(self, engine: Engine, first: PlannedRun) -> None:
        """Compile; what fails here fails in the run again, and is reported there."""
        assert self.plan is not None
        try:
            config = self.plan.config(first)
        except AbmError:
            return
        future = engine.executor.submit(ensure_compiled, config)
        while not wait([future], timeout=SHOW_SECONDS).done:
            self._tick(engine, "compiling")
        if future.cancelled():
            raise _lost()

    # ---------------------------------------------------------------------------------------------------------- telling

    def _note(self, text: str) -> None:
        self.observer.note(text)
        self.log.write("note", text=text)

    def _show(self, doing: str = "") -> None:
        self.progress.rate = self.clock.rate(self.progress.made + self.progress.failed)
        self.progress.doing = doing
        self.observer.show(replace(self.progress))

    def _tick(self, engine: Engine, doing: str = "") -> None:
        if not self.progress.workers or self.clock.is_due("count", COUNT_SECONDS):
            with suppress(Exception):  # a scheduler that does not answer is found out elsewhere
                self.progress.workers = engine.count_workers()
        if self.clock.is_due("show", SHOW_SECONDS):
            self._watch_for_workers(engine)
            self._show(doing if self.progress.workers else "waiting for workers")
        if self.share.is_whole and self.clock.is_due("design", DESIGN_SECONDS):
            self._write_design()

    def _watch_for_workers(self, engine: Engine) -> None:
        """Say once, each time that workers fail to come, where to look."""
        if self.progress.workers:
            self.without_workers = None
        elif self.without_workers is None:
            self.without_workers = time.monotonic()
        elif time.monotonic() - self.without_workers > NO_WORKER_SECONDS:
            self.without_workers = math.inf
            self._note(f"no worker has come for {NO_WORKER_SECONDS:.0f} s{engine.hint and '; '}{engine.hint}")

    def _write_design(self) -> None:
        assert self.plan is not None
        self.store.write_design(add_status(self.plan.frame(), self.done, self.store.failures()))

    def note_end(self, stopped_by: str) -> None:
        """Write down how it ended."""
        self._remove_states()
        if self.plan is not None:
            if not self.share.is_whole:
                self.done = self.store.finished()
            self._write_design()
        self._show()
        made = self.progress
        counts = {"total": made.total, "made": made.made, "failed": made.failed}
        self.log.write("end", **counts, seconds=round(self.clock.seconds(), 1), stopped_by=stopped_by)


def _report_of(future: Future[Report]) -> Report:
    """Take the report of a run; what did not even report counts as failed."""
    try:
        return future.result()
    except CancelledError:
        raise _lost() from None
    except EngineError:
        raise
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            words = (
                "its worker was killed each time it was tried: out of memory, or longer than the job's walltime? "
                "(the logs of the jobs tell)"
            )
            return Report("killed", 0.0, error=words)
        return Report("failed", 0.0, error=f"{type(error).__name__}: {error}")


def _lost() -> EngineError:
    return EngineError(f"the connection to the workers was lost. {KEPT}")
