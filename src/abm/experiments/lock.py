"""One driver a study, or one a share: two would not damage anything, but do everything twice.

A lock is a file that says whose it is, and that its owner touches from time to time. A lock whose process is dead is
taken over at once on the same machine; that of another machine once it has not been touched for some minutes.

Written by hand: filelock knows no shares, does not say who holds a lock, and takes locks of the system, which some
shared disks lack.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, Field, ValidationError

from abm.config.wording import shown
from abm.engine.errors import AbmError
from abm.experiments.plan import Share
from abm.experiments.store import DOING
from abm.results.disk import explained, refuse_unless_file
from abm.results.staging import is_running, machine, staging_name, start_of

TOUCH_SECONDS = 20.0
STALE_SECONDS = 600.0
JOB_VARIABLES = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID")
"""Where schedulers put a job's number. The same job never runs twice at a time, so a lock of one's own job is stale."""

LARGEST = 10_000  # bytes of a lock; one that is larger is none of ours


class Owner(BaseModel):
    """Whose a lock is; by default nobody knows."""

    machine: str = ""
    host: str = ""
    process: int = Field(0, ge=0, lt=2**31)
    start: int = Field(0, ge=0)
    thread: int = 0
    job: str = ""
    since: float = Field(0.0, ge=0, le=1e11, allow_inf_nan=False)

    @classmethod
    def this(cls) -> Owner:
        """Describe the calling process."""
        process = os.getpid()
        return cls(
            machine=machine(),
            host=socket.gethostname(),
            process=process,
            start=start_of(process),
            thread=threading.get_ident(),
            job=next((f"{name}={os.environ[name]}" for name in JOB_VARIABLES if name in os.environ), ""),
            since=time.time(),
        )

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since).astimezone().isoformat(sep=" ", timespec="seconds")
        return f"process {self.process} on {shown(self.host)}, since {since}"

    def is_this(self) -> bool:
        """Whether it is the calling thread of the calling process."""
        this = Owner.this()
        return all(getattr(self, name) == getattr(this, name) for name in ("machine", "process", "start", "thread"))


@contextmanager
def hold_lock(folder: Path, share: Share) -> Iterator[None]:
    """Be the only driver of a study, or of a share of it, in the block; an AbmError says who else is."""
    path = folder / f".lock{share.suffix}"
    with explained(folder, doing=DOING):
        _take(path, share)
    stop = threading.Event()
    toucher = threading.Thread(target=_touch, args=(path, stop), name="lock", daemon=True)
    toucher.start()
    try:
        yield
    finally:
        stop.set()
        toucher.join()
        _release(path)


class AtWork(NamedTuple):
    """A driver at work on a study: whose its lock is, and its share, ``"1/2"``, or nothing."""

    owner: Owner
    share: str


def drivers_at_work(folder: Path) -> list[AtWork]:
    """List who is at work on a study, by the locks in force."""
    found = []
    for path in sorted(folder.glob(".lock*")):
        with suppress(AbmError, OSError):  # something else of this name, or a disk that cannot be written to
            owner = _read(path)
            if owner is not None and not _is_stale(path, owner):
                found.append(AtWork(owner, _share_of(path)))
    return found


def _share_of(path: Path) -> str:
    return path.name.removeprefix(".lock").removeprefix("-").replace("-of-", "/")


def _take(path: Path, share: Share) -> None:
    ours = path.with_name(staging_name("0"))
    ours.write_text(Owner.this().model_dump_json())
    try:
        for _ in range(100):
            _refuse_if_taken(path, share)
            try:
                os.link(ours, path)  # fails if another process was quicker
                break
            except FileExistsError:
                continue
            except OSError:  # a file system without hard links
                os.rename(ours, path)
                break
        _refuse_if_taken(path, share)
    except AbmError:
        _release(path)
        raise
    finally:
        ours.unlink(missing_ok=True)


def _refuse_if_taken(path: Path, share: Share) -> None:
    """Remove stale locks in the way; refuse if one is not stale."""
    for other in sorted(path.parent.glob(".lock*")):
        if other != path and not share.is_whole and other.name != ".lock":
            continue  # shares do not mind each other
        found = _read(other)
        if found is None or found.is_this():
            continue
        if not _is_stale(other, found):
            raise AbmError(_refusal(other, found))
        other.unlink(missing_ok=True)


def _refusal(path: Path, found: Owner) -> str:
    if not found.process:
        return (
            f"'{path}' does not say whose lock it is; if no abm sweep is at work on '{path.parent}', remove it, or "
            f"wait: it counts as left behind {STALE_SECONDS / 60:.0f} minutes after it was last touched"
        )
    what = f" (share {share})" if (share := _share_of(path)) else ""
    advice = "wait for it or stop it"
    if found.machine != machine():
        advice = (
            f"wait for it; should it be dead, it is found out {STALE_SECONDS / 60:.0f} minutes after its last sign of "
            f"life, or remove '{path}'"
        )
    return (
        f"another abm sweep is at work on '{path.parent}': {found}{what}; {advice}. Several at a time may each take a "
        "share: --shard 1/2, --shard 2/2"
    )


def _release(path: Path) -> None:
    """Remove a lock that is ours."""
    with suppress(AbmError):
        found = _read(path)
        if found is not None and found.is_this():
            path.unlink(missing_ok=True)


def _read(path: Path) -> Owner | None:
    """Read whose a lock is; None if it is gone."""
    refuse_unless_file(path)
    try:
        with path.open("rb") as file:
            return Owner.model_validate_json(file.read(LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        return Owner()


def _is_stale(path: Path, found: Owner) -> bool:
    if found.machine == machine() and found.process:
        return not is_running(found.process, found.start)
    if found.job and found.job == Owner.this().job:
        return True
    try:
        return _now_on_disk(path.parent) - path.stat().st_mtime > STALE_SECONDS
    except FileNotFoundError:
        return True


def _now_on_disk(folder: Path) -> float:
    """Time by the clock of the file system, which on a network need not be ours."""
    probe = folder / staging_name("0")
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _touch(path: Path, stop: threading.Event) -> None:
    while not stop.wait(TOUCH_SECONDS):
        with suppress(OSError):
            os.utime(path)
