"""Compaction, on request: run folders become parts of some hundred runs, for studies beyond some 10,000 runs.

Whatever happens, a run is there at least once: its folder is removed only when the part is on the disk and complete.
Readers may be at work meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from abm.engine.interrupts import raise_terminated
from abm.experiments.lock import hold_lock
from abm.experiments.part_files import FACTS, RUN_ID, Part, PartFile, checksum_of_end, name_of
from abm.experiments.plan import Share
from abm.experiments.store import DOING, Log, Store, check_study
from abm.results.disk import explained, replace_file, sync_folder
from abm.results.manifest import Manifest, read_manifest
from abm.results.result import read_table, verify_run
from abm.results.staging import staging_name
from abm.results.writer import encode_table, remove_aside

PART_RUNS = 500
PART_BYTES = 512_000_000
"""Runs, or bytes of them, that make a part."""

GROUP_BYTES = 32_000_000  # size in memory of a row group: what is read, or lost, at a time


class Run(NamedTuple):
    """A run to be put into a part: its folder, its manifest, and the columns of its tables with their types."""

    folder: Path
    manifest: Manifest
    schemas: dict[str, pa.Schema]


def compact_study(folder: Path, note: Callable[[str], None]) -> int:
    """Put all runs of a study that have a folder into parts, note damaged ones, which stay; return how many were put.

    An AbmError refuses if it is no study, a sweep is at work on it, or a part cannot be written; no run is lost.
    """
    check_study(folder)
    count = 0
    with raise_terminated(), hold_lock(folder, Share()):
        store = Store(folder)
        store.sweep_dead(alone=True)
        store.remove_duplicates()
        sized = ((run, store.size_of(run)) for run in store.loose())
        for ids in _bunches(sized, PART_BYTES, PART_RUNS):
            runs = list(_intact(store, ids, note))
            if runs:
                with explained(folder, doing=DOING):
                    write_part(store.parts, runs)
            for run in runs:
                remove_aside(run.folder)
            count += len(runs)
        Log(folder, Share()).write("compacted", runs=count)
    return count


def _bunches[T](sized: Iterable[tuple[T, int]], most_bytes: int, most: int = sys.maxsize) -> Iterator[list[T]]:
    """Divide things into bunches that end with the thing that makes them large, or many, enough."""
    bunch: list[T] = []
    size = 0
    for thing, more in sized:
        bunch.append(thing)
        size += more
        if len(bunch) == most or size >= most_bytes:
            yield bunch
            bunch, size = [], 0
    if bunch:
        yield bunch


def _intact(store: Store, ids: Iterable[str], note: Callable[[str], None]) -> Iterator[Run]:
    """Look into what runs are there, and pass over damaged ones."""
    for folder in map(store.run_folder, ids):
        if problems := verify_run(folder):
            note(f"{problems[0]}; left as it is: abm sweep makes the run again")
        else:
            manifest = read_manifest(folder)
            schemas = {table: pq.read_schema(folder / f"{table}.parquet") for table in manifest["tables"]}
            yield Run(folder, manifest, schemas)


def write_part(parts: Path, runs: Sequence[Run]) -> None:
    """Write runs as a part: its tables under hidden names, then all are renamed, and the index is written last."""
    hidden: dict[str, Path] = {}
    try:
        for table in sorted({table for run in runs for table in run.schemas}):
            (parts / table).mkdir(parents=True, exist_ok=True)
            hidden[table] = parts / table / staging_name("0")
            _write_table(hidden[table], table, [run for run in runs if table in run.schemas])
        index = _encode_index(runs, {table: _facts_of(path) for table, path in hidden.items()})
        part = Part(parts, name_of(index))
        for table, path in hidden.items():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(path, part.table(table))
            sync_folder(part.table(table).parent)
        part.index.parent.mkdir(exist_ok=True)
        replace_file(part.index, index)
    finally:
        for path in hidden.values():
            path.unlink(missing_ok=True)


def _write_table(path: Path, table: str, runs: Sequence[Run]) -> None:
    """Write one table of all runs, some runs a row group."""
    schema = _common_schema(run.schemas[table] for run in runs)
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for group in _bunches(_with_ids(table, runs), GROUP_BYTES):
            whole = pa.concat_tables([schema.empty_table(), *group], promote_options="default").unify_dictionaries()
            writer.write_table(whole.select(schema.names).cast(schema), row_group_size=whole.num_rows or None)


def _with_ids(table: str, runs: Sequence[Run]) -> Iterator[tuple[pa.Table, int]]:
    """Read a table of each run, with the id as its first column, and its size."""
    for run in runs:
        found = read_table(run.folder, table)
        ids = pa.DictionaryArray.from_arrays(pa.array([0] * found.num_rows, pa.int32()), pa.array([run.folder.name]))
        yield found.add_column(0, RUN_ID, ids), found.nbytes


def _common_schema(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Columns of all runs: a scenario has a column for the cost of each of its levers, which others lack."""
    fields: dict[str, pa.Field] = {RUN_ID: pa.field(RUN_ID, pa.dictionary(pa.int32(), pa.string()), nullable=False)}
    for schema in schemas:
        for field in schema:
            fields.setdefault(field.name, field.with_nullable(True))
    return pa.schema(list(fields.values()))


def _encode_index(runs: Sequence[Run], files: dict[str, PartFile]) -> bytes:
    columns = {
        RUN_ID: [run.folder.name for run in runs],
        "checksum": [run.manifest["checksum"] for run in runs],
        "manifest": [json.dumps(run.manifest, separators=(",", ":")) for run in runs],
    }
    return bytes(encode_table(pa.table(columns).replace_schema_metadata({FACTS: json.dumps(files).encode()})))


def _facts_of(path: Path) -> PartFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest, "end": checksum_of_end(path)}
