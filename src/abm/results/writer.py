"""Runs are written whole or not at all: into a hidden folder, and renamed when all is on the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from abm.engine.errors import OutputError
from abm.engine.interrupts import hold_interrupts
from abm.results.disk import DISK_FULL, check_free_space, explain, explained, sync_folder, write_file
from abm.results.manifest import COMPLETE, MANIFEST, SCHEMA_VERSION, ListedFile, ListedTable, write_text
from abm.results.result import verify_run
from abm.results.staging import staging_name, sweep
from abm.results.tables import checksum_run, checksum_table

ATTEMPTS = 100  # how often a folder is made or renamed anew when other processes change the same place at the same time


class StagedRun:
    """A run that is being written, in a hidden `folder`; `final` is where it will stand.

    If `durable`, its files are on the disk before it counts as there.
    """

    def __init__(self, folder: Path, final: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.final = final
        self.durable = durable
        self._tables: dict[str, ListedTable] = {}
        self._files: list[ListedFile] = []

    def write_table(self, name: str, table: pa.Table) -> None:
        """Write one table as ``<name>.parquet``."""
        with explained(self.final, doing=f"write table '{name}'"):
            # Written to memory first: failures of the disk are then Python's own, with their number.
            content = encode_table(table)
            write_file(self.folder / f"{name}.parquet", content, durable=self.durable)
        self._tables[name] = {"rows": table.num_rows, "checksum": checksum_table(table)}
        sha256 = hashlib.sha256(content).hexdigest()
        self._files.append({"path": f"{name}.parquet", "bytes": len(content), "sha256": sha256})

    def add_files(self, paths: Iterable[Path]) -> None:
        """List files that were put into `folder` by others, such as plots. They are not checksummed."""
        with explained(self.final, doing="write results"):
            for path in sorted(paths):
                self._files.append({"path": path.relative_to(self.folder).as_posix(), "bytes": path.stat().st_size})

    def commit(self, facts: Mapping[str, object], *, replace: bool = False) -> bool:
        """Write the manifest, then give the folder its final name.

        The facts are the manifest, less what the writer knows itself: form, status, tables, checksum and files; with
        `replace` even an intact run gives way, as one that lacks plots. Returns False if another process finished the
        same run first, and it is intact.
        """
        manifest = {
            "schema": SCHEMA_VERSION,
            **facts,
            "status": COMPLETE,
            "checksum": checksum_run({name: str(table["checksum"]) for name, table in self._tables.items()}),
            "tables": self._tables,
            "files": self._files,
        }
        with explained(self.final, doing="write results"), hold_interrupts():
            write_file(self.folder / MANIFEST, write_text(manifest).encode(), durable=self.durable)
            if self.durable:
                sync_folder(self.folder)
            committed = self._rename(replace=replace)
            if self.durable:
                sync_folder(self.final.parent)
        return committed

    def _rename(self, *, replace: bool) -> bool:
        """Move the folder to its final name, unless an intact run is there already that is to stay."""
        for _ in range(ATTEMPTS):
            try:
                os.rename(self.folder, self.final)
                return True
            except OSError as error:
                # A folder with something in it is never replaced by a rename; systems report that in two ways.
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
            if not replace and not verify_run(self.final):
                return False
            remove_aside(self.final)
        raise OutputError(f"other processes keep changing '{self.final}'; try again when they are done")


def encode_table(table: pa.Table) -> memoryview:
    """Write a table as Parquet, with checksums of its pages, into memory."""
    sink = pa.BufferOutputStream()
    # numbers hardly repeat: to look for a dictionary of them took half the time, and files were a quarter larger
    names = [field.name for field in table.schema if not pa.types.is_primitive(field.type)]
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True, use_dictionary=names)
    return memoryview(sink.getvalue())


def remove_aside(folder: Path) -> None:
    """Remove a folder as a whole: it goes out of sight first, so that nobody meets half of it."""
    aside = folder.with_name(staging_name(folder.name))
    try:
        os.rename(folder, aside)
    except FileNotFoundError:  # Another process was quicker.
        return
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def stage_run(final: Path, *, needed_bytes: int = 0, durable: bool = True) -> Iterator[StagedRun]:
    """Open a hidden folder for a run; whatever ends the block without a commit removes it.

    `final` is where the run will stand, ``<out>/<name>/<run id>``, and `needed_bytes` the rough size of its results.
    Opening the folder proves that results can be written before anything is simulated; those left behind by runs that
    were killed are swept first. If `durable`, the run survives even a failure of power; else it may be damaged then,
    which `verify_run` finds. Raises OutputError if the folder cannot be written, or the disk is, or becomes, full.
    """
    staged: StagedRun | None = None
    made: list[Path] = []
    try:
        with explained(final.parent, doing="write results"), hold_interrupts():
            if final.exists() and not final.is_dir():
                raise OutputError(f"cannot write results to '{final}': a file of that name is in the way; move it")
            folder = _make_staging_folder(final, made)
            staged = StagedRun(folder, final, durable=durable)
            sweep(final.parent)
            write_file(folder / MANIFEST, b"", durable=durable)  # A file can be written, too; the real one comes last.
            check_free_space(folder, needed_bytes)
        yield staged
    except OSError as error:
        # Others who write into the folder (plots) meet the same full disk. Other errors are not about results.
        if error.errno in DISK_FULL:
            raise explain(error, final.parent, doing="write results") from error
        raise
    finally:
        with hold_interrupts():
            if staged is not None:
                shutil.rmtree(staged.folder, ignore_errors=True)
            with suppress(OSError):  # One of those made for it holds something, or another process removed it.
                for folder in sorted(set(made), key=lambda path: len(path.parts), reverse=True):
                    folder.rmdir()


def _make_staging_folder(final: Path, made: list[Path]) -> Path:
    """Make the temporary folder and the folders above it; add those that were missing to `made`."""
    for _ in range(ATTEMPTS):
        for parent in reversed((final.parent, *final.parent.parents)):
            if not parent.exists():
                parent.mkdir(exist_ok=True)
                made.append(parent)
        folder = final.with_name(staging_name(final.name))
        try:
            folder.mkdir()
            return folder
        except FileNotFoundError:  # Another run ended without results and took its empty folders away.
            continue
    raise OutputError(f"other processes keep removing '{final.parent}'; try again when they are done")
