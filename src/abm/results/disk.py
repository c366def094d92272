"""Errors of a disk, in words that help."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from abm.engine.errors import DiskFullError, OutputError
from abm.results.staging import staging_name

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
MEGABYTE = 1_000_000

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space, or choose another folder with --out",
    errno.EDQUOT: "your disk quota is used up; free some space, or choose another folder with --out",
    errno.EACCES: "you may not write there; change its permissions, or choose another folder with --out",
    errno.EPERM: "you may not write there; change its permissions, or choose another folder with --out",
    errno.EROFS: "that disk is read-only; choose another folder with --out",
    errno.EEXIST: "a file of that name is in the way; move it, or choose another folder with --out",
    errno.EISDIR: "a folder of that name is in the way; move it, or choose another folder with --out",
    errno.ENOTDIR: "a part of that path is a file, not a folder; move it, or choose another folder with --out",
    errno.ENAMETOOLONG: "the path is too long; choose a shorter folder with --out, or a shorter `name`",
    errno.EIO: "the disk reports an error; choose another folder with --out, and have the disk checked",
}

_IN_THE_WAY = {errno.EEXIST, errno.EISDIR, errno.ENOTDIR}


def explain(error: OSError, place: Path, *, doing: str) -> OutputError:
    """Say what went wrong at a folder or file, when `doing` what (``"write results"``), and what to try."""
    named = error.filename2 or error.filename
    if error.errno in _IN_THE_WAY and named and Path(os.fsdecode(named)).is_relative_to(place):
        place = Path(os.fsdecode(named))
    reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}; try another folder with --out")
    kind = DiskFullError if error.errno in DISK_FULL else OutputError
    return kind(f"cannot {doing} in '{place}': {reason}")


@contextmanager
def explained(place: Path, *, doing: str) -> Iterator[None]:
    """Turn every failure of the disk in the block into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise explain(error, place, doing=doing) from error


def refuse_unless_file(path: Path, *, links: bool = False) -> None:
    """Refuse what lies in place of a file: a folder, a link, or a pipe or device, which might be read without end.

    That there is nothing is in order; with `links`, a link to a file will do. An OutputError for anything else.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if stat.S_ISREG(mode) or (links and path.is_file()):
        return
    kind = "a folder" if stat.S_ISDIR(mode) else "a link" if stat.S_ISLNK(mode) else "a pipe, socket or device"
    raise OutputError(f"'{path}' is {kind}, where a file belongs; move it away, and try again")


def check_free_space(folder: Path, needed_bytes: int) -> None:
    """Refuse a run whose results would not fit, with a DiskFullError: better than to lose it at its end."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise DiskFullError(
            f"cannot write results in '{folder}': they may need {needed_bytes / MEGABYTE:,.0f} MB, and "
            f"{free / MEGABYTE:,.0f} MB are free; free some space, choose another folder with --out, "
            "or write fewer tables (outputs.district, outputs.flows)"
        )


def write_file(path: Path, content: bytes | memoryview, *, durable: bool = True) -> None:
    """Write a file and, by default, have it on the disk before going on."""
    with path.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file as a whole: readers see the old one or the new one."""
    hidden = path.with_name(staging_name("0"))
    try:
        write_file(hidden, content)
        os.replace(hidden, path)
    finally:
        hidden.unlink(missing_ok=True)
    sync_folder(path.parent)


def save_text(text: str, target: Path) -> Path:
    """Write a text file as a whole, with the folders above it; an OutputError says that it cannot be written."""
    with explained(target.parent, doing=f"write '{target.name}'"):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, text.encode())
    return target


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk before going on, where the system can do that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders.
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        # Some network file systems refuse to sync a folder: the rename is still atomic, if not yet durable.
    finally:
        os.close(handle)
