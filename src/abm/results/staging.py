"""Hidden temporary folders that say who made them, so that only those of the dead are swept.

A name is ``.<run id>.<machine>-<process>-<start>.<random>.tmp``. It exists with the folder from the first moment,
where a lock file would come a moment later.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import socket
import time
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^\.[0-9a-f]+\.(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-(?P<start>\d+)\.[0-9a-f]{8}\.tmp$")

FORGOTTEN_AFTER_SECONDS = 14 * 24 * 3600.0
"""A folder of another machine, whose processes cannot be seen from here, counts as dead when untouched for so long:
twice the week that clusters commonly allow a job."""


@cache
def machine() -> str:
    """Name the set of processes that can be seen from here: the host and, in a container, its process namespace."""
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return hashlib.sha256(f"{socket.gethostname()}:{namespace}".encode()).hexdigest()[:8]


def start_of(process: int) -> int:
    """When a process started, in clock ticks since boot; 0 where the system does not say.

    Together with the number it names a process for good: numbers are used again.
    """
    fields = _stat(process)
    return int(fields[19]) if fields else 0


def _stat(process: int) -> list[str]:
    """Fields that the system gives about a process, from its state on; none where it gives none."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return []
    # The command's name, in brackets, may hold blanks and brackets itself.
    return text.rpartition(")")[2].split()


def staging_name(run: str) -> str:
    """Make up a name for a temporary folder of this process."""
    process = os.getpid()
    return f".{run}.{machine()}-{process}-{start_of(process)}.{secrets.token_hex(4)}.tmp"


def is_running(process: int, start: int) -> bool:
    """Whether the process that started at that time still runs on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # It runs, but belongs to somebody else.
        pass
    if _stat(process)[:1] == ["Z"]:  # killed, and its parent has not taken note
        return False
    now = start_of(process)
    return now == start or 0 in {now, start}


def is_abandoned(folder: Path) -> bool:
    """Whether a folder or file is a temporary one whose maker is gone."""
    if not (found := _NAME.match(folder.name)):
        return False
    if found["machine"] == machine():
        return not is_running(int(found["process"]), int(found["start"]))
    try:
        return time.time() - folder.stat().st_mtime > FORGOTTEN_AFTER_SECONDS
    except OSError:  # Somebody else removed it meanwhile.
        return False


def sweep(parent: Path) -> list[Path]:
    """Remove the temporary folders and files that dead processes left below `parent`; return what was removed."""
    abandoned = [path for path in parent.glob(".*") if is_abandoned(path)]
    for path in abandoned:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return abandoned
