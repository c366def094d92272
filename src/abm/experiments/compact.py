"""Compaction: some hundreds of run folders become a part of a few files, or a study would drown a disk in files.

Whatever happens, a run is there at least once: its folder is removed only when the part is on the disk and complete.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from abm.experiments.part_files import (
    FACTS,
    INDEX_SCHEMA,
    MANIFESTS,
    RUN_ID,
    Part,
    checksum_of_end,
    digest_index,
    list_parts,
    part_name,
)
from abm.results.disk import explained, sync_folder
from abm.results.manifest import read_manifest
from abm.results.reader import read_table, verify_run
from abm.results.staging import staging_name
from abm.results.writer import remove_aside

GROUP_BYTES = 32_000_000
"""Size in memory of a row group: what is read, or lost, at a time."""


class Readable(Protocol):
    """A run that can be put into a part."""

    @property
    def id(self) -> str:
        """Run id."""

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""

    @property
    def columns(self) -> dict[str, list[str]]:
        """Columns of each table."""

    def schema(self, table: str) -> pa.Schema:
        """Columns of a table with their types."""

    def read(self, table: str) -> pa.Table:
        """Read a table as the run wrote it."""


@dataclass(frozen=True)
class LooseRun:
    """A run in its folder: its manifest, and the columns of each of its tables."""

    folder: Path
    manifest: dict[str, Any]
    columns: dict[str, list[str]]

    @property
    def id(self) -> str:
        """Run id."""
        return self.folder.name

    def schema(self, table: str) -> pa.Schema:
        """Columns of a table with their types."""
        return pq.read_schema(self.folder / f"{table}.parquet")

    def read(self, table: str) -> pa.Table:
        """Read a table as the run wrote it."""
        return read_table(self.folder, table)


@dataclass(frozen=True)
class Compacted:
    """What became of the folders: runs that are in a part now, and runs that were found damaged."""

    compacted: tuple[str, ...]
    damaged: tuple[str, ...]


def compact(folders: Sequence[Path], parts: Path) -> Compacted:
    """Put runs into one part, and remove their folders.

    Folders that are gone, because another process has put them into a part, are passed over.

    Raises
    ------
    OutputError
        If the part cannot be written; then nothing has changed.
    """
    runs, damaged = _load(folders)
    there = _in_parts(parts) if len(runs) + len(damaged) < len(folders) else set()
    new = [run for run in runs if run.id not in there]
    if new:
        with explained(parts, doing="write a study"):
            write_part(parts, new)
    for run in runs:
        remove_aside(run.folder)
    return Compacted(tuple(run.id for run in runs), damaged)


def _in_parts(parts: Path) -> set[str]:
    """Runs that are in a part: whoever wrote it may have been killed before all of their folders were removed."""
    found: set[str] = set()
    for part in list_parts(parts):
        with suppress(FileNotFoundError):  # put into another one meanwhile, which the list may not have
            found.update(part.run_ids())
    return found


def write_part(parts: Path, runs: Sequence[Readable]) -> Part:
    """Write a part: its tables under hidden names, then all are renamed, the index last.

    Parameters
    ----------
    parts
        Folder of all parts.
    runs
        What goes in.
    """
    part = Part(parts, part_name(run.id for run in runs))
    tables = sorted({table for run in runs for table in run.columns})
    hidden: dict[str, Path] = {}
    try:
        files = {}
        for table in tables:
            hidden[table] = _hidden(part.table(table))
            _write_table(hidden[table], table, [run for run in runs if table in run.columns])
            files[table] = _facts_of(hidden[table])
        hidden[MANIFESTS] = _hidden(part.index)
        _write_index(hidden[MANIFESTS], runs, files)
        for table, path in hidden.items():  # the index comes last
            os.replace(path, part.table(table))
            sync_folder(part.table(table).parent)
    finally:
        for path in hidden.values():
            path.unlink(missing_ok=True)
    return part


def _load(folders: Iterable[Path]) -> tuple[list[LooseRun], tuple[str, ...]]:
    """Examine run folders."""
    runs, damaged = [], []
    for folder in sorted(folders, key=lambda folder: folder.name):
        if not folder.is_dir():
            continue
        if verify_run(folder, decode=False):
            if folder.is_dir():
                damaged.append(folder.name)
            continue
        with suppress(FileNotFoundError):
            manifest = read_manifest(folder)
            columns = {table: pq.read_schema(folder / f"{table}.parquet").names for table in manifest["tables"]}
            runs.append(LooseRun(folder, manifest, columns))
    return runs, tuple(damaged)


def _hidden(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(staging_name(path.stem))


def _write_table(path: Path, table: str, runs: Sequence[Readable]) -> None:
    """Write one table of all runs, some runs a row group."""
    schema = _common_schema(run.schema(table) for run in runs)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for group in _groups(table, runs):
            whole = pa.concat_tables([schema.empty_table(), *group], promote_options="default").unify_dictionaries()
            writer.write_table(whole.select(schema.names).cast(schema), row_group_size=whole.num_rows or None)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _groups(table: str, runs: Sequence[Readable]) -> Iterator[list[pa.Table]]:
    group: list[pa.Table] = []
    size = 0
    for run in runs:
        found = run.read(table)
        ids = pa.DictionaryArray.from_arrays(pa.array([0] * found.num_rows, pa.int32()), pa.array([run.id]))
        group.append(found.add_column(0, RUN_ID, ids))
        size += found.nbytes
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _common_schema(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Columns of all runs: a scenario has a column for the cost of each of its levers, which others lack."""
    fields: dict[str, pa.Field] = {RUN_ID: pa.field(RUN_ID, pa.dictionary(pa.int32(), pa.string()), nullable=False)}
    for schema in schemas:
        for field in schema:
            fields.setdefault(field.name, field.with_nullable(True))
    return pa.schema(list(fields.values()))


def _write_index(path: Path, runs: Sequence[Readable], files: dict[str, dict[str, Any]]) -> None:
    columns = {
        RUN_ID: [run.id for run in runs],
        "checksum": [str(run.manifest["checksum"]) for run in runs],
        "manifest": [json.dumps(run.manifest, separators=(",", ":")) for run in runs],
        "columns": [json.dumps(run.columns, separators=(",", ":")) for run in runs],
    }
    index = pa.table(columns, schema=INDEX_SCHEMA)
    facts = {"files": files, "digest": digest_index(index, files)}
    index = index.replace_schema_metadata({FACTS: json.dumps(facts).encode()})
    pq.write_table(index, path, compression="zstd", compression_level=9, write_page_checksum=True)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _facts_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest, "end": checksum_of_end(path)}
