"""Parts: some hundreds of runs in a few files, ``parts/<table>/<name>.parquet``.

Each table of a part is a Parquet file whose first column is ``run_id``. Beside them ``parts/manifests/<name>.parquet``
has a row a run; it is written last, and a part without it does not count. It also holds the checksums of the part's
files, and one of itself.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import pyarrow as pa
import pyarrow.parquet as pq

from abm.engine.errors import OutputError
from abm.results.disk import refuse_unless_file
from abm.results.manifest import FileFacts
from abm.results.result import problem_of_file

MANIFESTS = "manifests"
RUN_ID = "run_id"
FACTS = b"abm"

INDEX_SCHEMA = pa.schema(
    [
        pa.field(RUN_ID, pa.string(), nullable=False),
        pa.field("checksum", pa.string(), nullable=False),  # of all tables of the run
        pa.field("manifest", pa.string(), nullable=False),  # as in manifest.json
    ]
)


class PartFile(FileFacts):
    """What the index lists of the file of a table."""

    end: str


class PartFacts(TypedDict):
    """What the index says about the files of its part."""

    files: dict[str, PartFile]
    digest: str


MAKES_RUNS = "makes its runs again"
"""What a start does about a damaged file of runs."""


@dataclass(frozen=True, order=True)
class Part:
    """Where the files of a part are: the folder of all parts, and a name, the hash of the ids of its runs.

    Reading raises FileNotFoundError if the part is gone (others have put it into another one), and OutputError if what
    is read is damaged.
    """

    folder: Path
    name: str

    @classmethod
    def of(cls, folder: Path, run_ids: Iterable[str]) -> Part:
        """Name a part by the runs that it holds."""
        return cls(folder, hashlib.sha256("\n".join(sorted(run_ids)).encode()).hexdigest()[:16])

    @property
    def index(self) -> Path:
        """File with a row a run."""
        return self.table(MANIFESTS)

    def table(self, table: str) -> Path:
        """File of a table."""
        return self.folder / table / f"{self.name}.parquet"

    def files(self) -> dict[str, PartFile]:
        """Size and checksum of the file of each table, as noted when it was written."""
        return _read_facts(pq.read_schema(self.index))["files"]

    def run_ids(self) -> list[str]:
        """Ids of its runs, in the order of the files."""
        return self.read_index([RUN_ID]).column(RUN_ID).to_pylist()

    def read_index(self, columns: list[str] | None = None) -> pa.Table:
        """Read its manifests."""
        return read_checked(self.index, columns)

    def read_table(
        self, table: str, listed: PartFile, choose: Callable[[list[str]], list[str]] | None = None
    ) -> pa.Table:
        """Read a table, or the columns chosen from all that there are, with its checksums as listed in `files`.

        Pages have checksums of their own; that of the end of the file, which says what they mean, is compared first.
        """
        path = self.table(table)
        if checksum_of_end(path) != listed["end"]:
            raise damaged(path, "its end is not what was written")
        return read_checked(path, choose(columns_of(path)) if choose else None)


def list_parts(folder: Path) -> list[Part]:
    """Find all parts that are complete."""
    return sorted(Part(folder, path.stem) for path in folder.glob(f"{MANIFESTS}/[!.]*.parquet"))


@contextmanager
def _reading(path: Path, remedy: str = MAKES_RUNS) -> Iterator[None]:
    """Take a file that cannot be read for damaged, unless it is gone; refuse what is no file."""
    refuse_unless_file(path, links=True)
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise damaged(path, " ".join(str(error).split()), remedy) from error


def read_checked(path: Path, columns: list[str] | None = None, remedy: str = MAKES_RUNS) -> pa.Table:
    """Read a Parquet file; a damaged page is an error, not a wrong number."""
    with _reading(path, remedy):
        return pq.ParquetFile(path, page_checksum_verification=True).read(columns)


def columns_of(path: Path) -> list[str]:
    """Names of the columns of a Parquet file; errors as of `read_checked`."""
    with _reading(path):
        names: list[str] = pq.read_schema(path).names
    return names


def checksum_of_end(path: Path) -> str:
    """Checksum of the end of a Parquet file: names and types of columns, and where their pages lie."""
    with _reading(path), path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        length = int.from_bytes(file.read(4), "little") + 8
        file.seek(max(0, size - length))
        return hashlib.sha256(file.read()).hexdigest()


def damaged(path: Path, words: str, remedy: str = MAKES_RUNS) -> OutputError:
    """Make the error of a file that is not what was written."""
    return OutputError(f"'{path}' is damaged ({words}); start abm sweep again, which {remedy}")


def _read_facts(schema: pa.Schema) -> PartFacts:
    """Read what the index says about the part's files."""
    try:
        facts: PartFacts = json.loads((schema.metadata or {})[FACTS])
        return facts if {"files", "digest"} <= facts.keys() else {"files": {}, "digest": ""}
    except (KeyError, ValueError):
        return {"files": {}, "digest": ""}


def digest_index(index: pa.Table, files: dict[str, PartFile]) -> str:
    """Checksum of what an index says."""
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode())
    for name in INDEX_SCHEMA.names:
        for text in index.column(name).to_pylist():
            digest.update(f"{len(text)}:".encode())
            digest.update(str(text).encode())  # a damaged schema may say that it is no text
    return digest.hexdigest()


def problem_of_part(part: Part) -> str | None:
    """Compare the files of a part with what its index says; None if all is intact."""
    try:
        index = part.read_index()
        facts = _read_facts(index.schema)
        if digest_index(index, facts["files"]) != facts["digest"]:
            return f"'{part.index}' is damaged: it does not say what was written"
        for table, listed in facts["files"].items():
            if problem := problem_of_file(part.table(table), listed):
                return problem
    except OutputError as error:
        return str(error)
    except (OSError, KeyError, TypeError, ValueError) as error:
        return f"'{part.index}' is damaged ({type(error).__name__}: {error})"
    return None
