"""How far a study is, as its files say: what is there, being made, failed, missing, no longer asked for; time left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from abm.experiments.dataset import Study
from abm.experiments.lock import AtWork, drivers_at_work
from abm.experiments.plan import Share
from abm.experiments.store import Log, Store, is_study
from abm.results.staging import is_abandoned

Event = dict[str, Any]  # a line of a log

RECENT_RUNS = 200  # the last runs of a driver tell how fast it is

LONGEST_TAIL = 1_000_000  # bytes at the end of a log that are read: some thousand runs


@dataclass(frozen=True)
class Status:
    """How far a study is; runs are counted once."""

    # planned, done, failed, running: runs that are asked for; of these, those that are there, that failed, and that are
    # being made
    planned: int
    done: int
    failed: int
    running: int
    unasked: int  # runs that are there and that nobody asks for any more: the file has changed, or the version of abm
    drivers: tuple[AtWork, ...]  # who is at work on it
    # time until all is made: with the drivers at work, or without any, one run after the other; None if unknown
    seconds: float | None
    seeds: tuple[int, int]  # first and last seed
    same_seeds: tuple[str, ...]  # other studies in the same folder that share seeds with this one

    @property
    def missing(self) -> int:
        """Runs that are still to be begun."""
        return self.planned - self.done - self.failed - self.running


def status_of(study: Study) -> Status:
    """Look at the files of a study; nothing is changed, and a sweep may be at work."""
    design, store = study.design, Store(study.folder)
    planned = set(design["run_id"])
    finished = store.finished()
    done = planned & finished
    failed = planned.intersection(store.failures()) - finished
    drivers = tuple(drivers_at_work(study.folder))
    running = planned.intersection(_in_the_making(store) if drivers else ()) - finished
    left = len(planned) - len(done) - len(failed - running)
    seeds = design["seed"]
    return Status(
        planned=len(planned),
        done=len(done),
        failed=len(failed - running),
        running=len(running),
        unasked=len(finished - planned),
        drivers=drivers,
        seconds=_time_left(study.folder, drivers, left),
        seeds=(int(seeds.min()), int(seeds.max())),
        same_seeds=tuple(studies_with_seeds(study.folder, set(seeds.tolist()))),
    )


def _in_the_making(store: Store) -> Iterator[str]:
    for path in store.runs.glob("*/.*.tmp"):
        if not is_abandoned(path):
            yield path.name.split(".")[1]


def studies_with_seeds(folder: Path, seeds: set[int]) -> Iterator[str]:
    """Names of other studies beside one that share seeds with it: their runs are no independent evidence."""
    for other in sorted(folder.parent.iterdir()) if folder.parent.is_dir() else ():
        if other == folder or not is_study(other):
            continue
        with suppress(OSError, pa.ArrowException):  # it is being written, or damaged
            if seeds.intersection(pq.read_table(Store(other).design, columns=["seed"])["seed"].to_pylist()):
                yield other.name


# ------------------------------------------------------------------------------------------------------------ time left


def _time_left(folder: Path, drivers: tuple[AtWork, ...], left: int) -> float | None:
    if not left:
        return 0.0
    if not drivers:
        took = [event["seconds"] for log in folder.glob("log*.jsonl") for event in _made(_events(log))]
        return left * median(took) if took else None
    shares = [Share.parse(driver.share) if driver.share else Share() for driver in drivers]
    rate = sum(_rate(_events(Log(folder, share).path)) for share in shares)
    return left / rate if rate else None


def _events(log: Path) -> list[Event]:
    """What the end of a log says; a line that is cut or being written says nothing."""
    lines: list[bytes] = []
    found = []
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LONGEST_TAIL))
        lines = file.read().splitlines()
    for line in lines:
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


def _made(events: list[Event]) -> list[Event]:
    return [event for event in events if event.get("event") == "made"]


def _rate(events: list[Event]) -> float:
    """Runs a second that a driver has made of late, since its last start."""
    starts = [place for place, event in enumerate(events) if event.get("event") == "start"]
    recent = _made(events[starts[-1] :] if starts else events)[-RECENT_RUNS:]
    if not recent:
        return 0.0
    began = datetime.fromisoformat(recent[0]["time"]) - timedelta(seconds=recent[0]["seconds"])
    return len(recent) / max((datetime.now(UTC) - began).total_seconds(), 1.0)
