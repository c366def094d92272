"""Find what is damaged in a study, save what can be saved, and put the rest aside to be made again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.engine.errors import OutputError
from abm.experiments.compact import RunTables, write_part
from abm.experiments.part_files import MANIFESTS, RUN_ID, Part, problem_of_part
from abm.experiments.store import DOING, Store
from abm.results.disk import explained, refuse_unless_file
from abm.results.result import verify_run
from abm.results.tables import checksum_table


def examine(store: Store, note: Callable[[str], None], mine: Container[str] | None = None) -> None:
    """Read every file of a study once, note what is damaged, and put it aside, so that its runs are made again.

    By default all is looked at; else `mine`, and the parts that hold any of these runs.
    """
    with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 1)) as pool:
        folders = [store.run_folder(run) for run in store.loose() if mine is None or run in mine]
        for folder, problems in zip(folders, pool.map(partial(verify_run, decode=False), folders), strict=True):
            if problems and os.path.lexists(folder):
                store.set_aside(folder)
                note(f"{problems[0]}; its run will be made again")
        parts = [part for part in store.list_parts() if mine is None or _holds_any(part, mine)]
        for part, problem in zip(parts, pool.map(problem_of_part, parts), strict=True):
            if problem and os.path.lexists(part.index):
                note(f"{problem}; {_repair(store, part)}")
    store.remove_duplicates()


def _holds_any(part: Part, mine: Container[str]) -> bool:
    try:
        return any(run_id in mine for run_id in part.run_ids())
    except FileNotFoundError:
        return False
    except OutputError:  # damaged: nobody can tell
        return True


def _repair(store: Store, part: Part) -> str:
    """Save the runs of a damaged part that are whole, in a new part, put its files aside, and say what became of it."""
    runs, listed = _whole_runs(part)
    if runs:
        with explained(store.parts, doing=DOING):
            write_part(store.parts, runs)
    if len(runs) < listed or not listed:
        tables = [path.name for path in sorted(store.parts.iterdir()) if path.is_dir() and path.name != MANIFESTS]
        for path in (part.index, *(part.table(name) for name in tables)):
            if os.path.lexists(path):
                store.set_aside(path)
    if not listed:
        return "its runs will be made again"
    lost = f"{listed - len(runs)} will be made again" if len(runs) < listed else "none was lost"
    return f"{len(runs)} of its runs were saved, {lost}"


def _whole_runs(part: Part) -> tuple[list[RunTables], int]:
    """Runs of a damaged part that are whole, and how many it had; table by table, since one is in memory at a time."""
    read_table = lru_cache(maxsize=1)(lambda table: dict(_split(part.table(table))))

    def read(run_id: str, columns: dict[str, list[str]], table: str) -> pa.Table:
        """Read a table as a run wrote it, with its own columns of those of all runs; a KeyError if it is lost."""
        return read_table(table)[run_id].select(columns[table])

    try:
        index = [
            (row[RUN_ID], json.loads(row["manifest"]), json.loads(row["columns"]))
            for row in part.read_index().to_pylist()
        ]
    except (KeyError, OSError, OutputError, ValueError):  # a key: the damage is in the name of a column
        return [], 0
    runs = [
        (RunTables(run_id, manifest, {}, partial(read, run_id, columns)), set(columns))
        for run_id, manifest, columns in index
    ]
    for table in sorted({table for _, tables in runs for table in tables}):
        for run in (run for run, tables in runs if table in tables):
            with suppress(KeyError, ValueError, pa.ArrowException):
                found = run.read(table)
                if checksum_table(found) == run.manifest["tables"][table]["checksum"]:
                    run.schemas[table] = found.schema
    return [run for run, tables in runs if run.schemas.keys() == tables], len(runs)


def _split(path: Path) -> Iterator[tuple[str, pa.Table]]:
    """Read the row groups of a file that can be read, and cut them into runs."""
    with suppress(OSError, OutputError, pa.ArrowException):
        refuse_unless_file(path, links=True)
        file = pq.ParquetFile(path, page_checksum_verification=True)
        for number in range(file.num_row_groups):
            with suppress(OSError, pa.ArrowException):
                group = file.read_row_group(number)
                ids = group.column(RUN_ID).combine_chunks()
                for run in pc.unique(ids).to_pylist():
                    yield run, group.filter(pc.equal(ids.cast(pa.string()), run))
