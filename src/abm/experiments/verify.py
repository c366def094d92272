"""Find what is damaged in a study, save what can be saved, and put the rest aside to be made again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.engine.errors import OutputError
from abm.experiments.compact import write_part
from abm.experiments.part_files import MANIFESTS, RUN_ID, Part, problem_of_part
from abm.experiments.store import Store
from abm.results.disk import explained, refuse_unless_file
from abm.results.manifest import Manifest
from abm.results.result import verify_run
from abm.results.tables import checksum_table


def examine(store: Store, note: Callable[[str], None], mine: Container[str] | None = None) -> None:
    """Read every file of a study once; put damaged runs aside, so that they are made again.

    Parameters
    ----------
    store
        Files of the study.
    note
        Receives everything that was found.
    mine
        Runs that are looked at, with the parts that hold any of them; by default all.
    """
    with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 1)) as pool:
        folders = [store.run_folder(run) for run in store.loose() if mine is None or run in mine]
        for folder, problems in zip(folders, pool.map(_problems_of_run, folders), strict=True):
            if problems and os.path.lexists(folder):
                store.set_aside(folder)
                note(f"{problems[0]}; its run will be made again")
        parts = [part for part in store.list_parts() if mine is None or _holds_any(part, mine)]
        for part, problem in zip(parts, pool.map(problem_of_part, parts), strict=True):
            if problem and os.path.lexists(part.index):
                note(f"{problem}; {repair(store, part)}")
    store.remove_duplicates()


def _holds_any(part: Part, mine: Container[str]) -> bool:
    try:
        return any(run_id in mine for run_id in part.run_ids())
    except FileNotFoundError:
        return False
    except OutputError:  # damaged: nobody can tell
        return True


def _problems_of_run(folder: Path) -> list[str]:
    return verify_run(folder, decode=False)


def repair(store: Store, part: Part) -> str:
    """Save the runs of a damaged part that are whole, in a new part, and put its files aside.

    Returns
    -------
    str
        What became of its runs, in words.
    """
    runs, listed = _whole_runs(part)
    if runs:
        with explained(store.parts, doing="write a study"):
            write_part(store.parts, runs)
    if len(runs) < listed or not listed:
        for path in (part.index, *(part.table(name) for name in _tables_of(store))):
            if os.path.lexists(path):
                store.set_aside(path)
    if not listed:
        return "its runs will be made again"
    lost = f"{listed - len(runs)} will be made again" if len(runs) < listed else "none was lost"
    return f"{len(runs)} of its runs were saved, {lost}"


def _tables_of(store: Store) -> list[str]:
    return [path.name for path in sorted(store.parts.iterdir()) if path.is_dir() and path.name != MANIFESTS]


@dataclass
class PartReader:
    """Tables of a part as far as they can be read, one at a time in memory."""

    part: Part
    _name: str = ""
    _found: dict[str, pa.Table] = field(default_factory=dict)

    def read(self, table: str, run_id: str) -> pa.Table | None:
        """Read a table of a run, with the columns of all runs; None if it cannot be read."""
        if table != self._name:
            self._name, self._found = table, dict(_split(self.part.table(table)))
        return self._found.get(run_id)


@dataclass(frozen=True)
class PartRun:
    """A run in a part."""

    reader: PartReader
    id: str
    manifest: Manifest
    columns: dict[str, list[str]]

    def schema(self, table: str) -> pa.Schema:
        """Columns of a table."""
        return self.read(table).schema

    def read(self, table: str) -> pa.Table:
        """Read a table as the run wrote it.

        Raises
        ------
        OutputError
            If it is damaged.
        """
        found = self.reader.read(table, self.id)
        if found is None:
            raise OutputError(f"'{self.reader.part.table(table)}' is damaged, and run {self.id} is lost")
        return found.select(self.columns[table])


def part_runs(part: Part) -> list[PartRun]:
    """Runs of a part, to be read one by one."""
    reader, index = PartReader(part), part.read_index()
    return [
        PartRun(reader, row[RUN_ID], json.loads(row["manifest"]), json.loads(row["columns"]))
        for row in index.to_pylist()
    ]


def _whole_runs(part: Part) -> tuple[list[PartRun], int]:
    """Runs of a damaged part that are whole, and how many it had; table by table, since one is in memory at a time."""
    try:
        runs = part_runs(part)
    except (OSError, OutputError, ValueError):
        return [], 0
    tables = sorted({table for run in runs for table in run.columns})
    whole = {run.id for run in runs}
    for table in tables:
        for run in runs:
            if table in run.columns and not _says_what_it_should(run, table):
                whole.discard(run.id)
    return [run for run in runs if run.id in whole], len(runs)


def _says_what_it_should(run: PartRun, table: str) -> bool:
    try:
        return checksum_table(run.read(table)) == run.manifest["tables"][table]["checksum"]
    except (OutputError, KeyError, ValueError, pa.ArrowException):
        return False


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
