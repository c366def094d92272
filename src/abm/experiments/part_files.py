"""Parts: some hundreds of runs in a few files, ``parts/<table>/<name>.parquet``.

Each table of a part is a Parquet file whose first column is ``run_id``. Beside them is its index,
``parts/manifests/<name>.parquet``, with a row a run, and the checksums of the part's files. It is written last, and a
part without it does not count. A part bears the checksum of its index as its name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from abm.engine.errors import OutputError
from abm.results.disk import refuse_unless_file
from abm.results.manifest import FileFacts
from abm.results.result import problem_of_file

MANIFESTS = "manifests"
RUN_ID = "run_id"
FACTS = b"abm"
"""Where the schema of an index has the checksums of the part's files."""


class PartFile(FileFacts):
    """What the index lists of the file of a table."""

    end: str


MAKES_RUNS = "makes its runs again"  # what a start does about a damaged file of runs


@dataclass(frozen=True, order=True)
class Part:
    """Where the files of a part are: the folder of all parts, and the part's name, see `name_of`.

    Reading raises FileNotFoundError if the part is gone (others have put it into another one), and OutputError if what
    is read is damaged.
    """

    folder: Path
    name: str

    @property
    def index(self) -> Path:
        """File with a row a run."""
        return self.table(MANIFESTS)

    def table(self, table: str) -> Path:
        """File of a table."""
        return self.folder / table / f"{self.name}.parquet"

    def read_index(self, columns: list[str]) -> pa.Table:
        """Read columns of its index: ``run_id``, ``checksum`` of all tables of the run, ``manifest`` as JSON."""
        with _reading(self.index):
            content = self.index.read_bytes()
            if name_of(content) != self.name:
                raise damaged(self.index, "it is not what was written")
            return pq.read_table(pa.BufferReader(content), columns=columns)

    def run_ids(self) -> list[str]:
        """Ids of its runs, in the order of the files."""
        return self.read_index([RUN_ID]).column(RUN_ID).to_pylist()

    def files(self) -> dict[str, PartFile]:
        """Size and checksum of the file of each table, as noted when it was written."""
        return json.loads(self.read_index([RUN_ID]).schema.metadata[FACTS])

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


def name_of(index: bytes) -> str:
    """Name a part by the checksum of its index."""
    return hashlib.sha256(index).hexdigest()[:16]


def problem_of_part(part: Part) -> str | None:
    """Compare the files of a part with what its index says; None if all is intact."""
    try:
        problems = (problem_of_file(part.table(table), listed) for table, listed in part.files().items())
        return next((problem for problem in problems if problem), None)
    except (OSError, OutputError) as error:
        return str(error)
