"""Files of a study. The files alone show what is finished: no database, no memory of any process.

::

    <out>/<name>/
      experiment.yaml   as it was written          experiment.json   written out, readable without its base
      design.parquet    a row for each scenario, point and replicate, with factors and status
      runs/ab/<id>/     runs as they were made     parts/<table>/    runs that abm compact put together
      failed/<id>.json  what failed, and why       corrupt/          what was found damaged
      earlier/<time>/   experiment, design, comparisons and report before the file was changed
      states/           that runs share, while the study is made
      log.jsonl         what was done when
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Container, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from abm.engine.errors import OutputError
from abm.experiments.part_files import MANIFESTS, Part, problem_of_part
from abm.experiments.plan import Share
from abm.results.disk import explained, refuse_unless_file, replace_file
from abm.results.manifest import MANIFEST, hint_below, utc
from abm.results.result import verify_run
from abm.results.staging import sweep
from abm.results.writer import encode_table, remove_aside

if TYPE_CHECKING:
    import pandas as pd

DOING = "write a study"
EXPERIMENT, DESIGN = "experiment.json", "design.parquet"
CHECKSUM = "checksum"
PLANNED, DONE, FAILED = "planned", "done", "failed"


class Store:
    """Where everything of a study is, in its folder ``<out>/<name>``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        self.parts = folder / "parts"
        self.failed = folder / "failed"
        self.corrupt = folder / "corrupt"
        self.states = folder / "states"
        self.earlier = folder / "earlier"
        self.text = folder / "experiment.yaml"
        self.experiment = folder / EXPERIMENT
        self.design = folder / DESIGN

    # ---------------------------------------------------------------------------------------------------- what there is

    def run_folder(self, run_id: str) -> Path:
        """Folder of a run; 256 folders share the runs, since folders of many thousand entries are slow."""
        return self.runs / run_id[:2] / run_id

    def loose(self) -> list[str]:
        """Ids of the runs that have a folder."""
        return [run for shelf in _names(self.runs) for run in _names(self.runs / shelf)]

    def size_of(self, run_id: str) -> int:
        """Bytes of the files of a run that has a folder; 0 if it is gone."""
        with suppress(FileNotFoundError), os.scandir(self.run_folder(run_id)) as entries:
            return sum(entry.stat().st_size for entry in entries)
        return 0

    def list_parts(self) -> list[Part]:
        """All parts that are complete."""
        return sorted(Part(self.parts, path.stem) for path in self.parts.glob(f"{MANIFESTS}/[!.]*.parquet"))

    def finished(self) -> set[str]:
        """Ids of all runs that there are. Loose ones are listed first: on its way into a part a run is seen twice."""
        found = set(self.loose())
        for part in self.list_parts():
            with suppress(FileNotFoundError, OutputError):  # gone, or damaged
                found.update(part.run_ids())
        return found

    def failures(self) -> dict[str, dict[str, object]]:
        """What failed: run id -> record with ``error``, ``details``, ``attempts`` and more."""
        found = {}
        for path in sorted(self.failed.glob("[!.]*.json")):
            with suppress(OSError, ValueError, RecursionError):
                record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
                if isinstance(record, dict):
                    found[path.stem] = record
        return found

    # ---------------------------------------------------------------------------------------------------------- writing

    def create(self, text: str, experiment: Mapping[str, object]) -> None:
        """Make the folder, and write down what is studied."""
        with explained(self.folder, doing=DOING):
            for folder in (self.runs, self.parts, self.failed):
                folder.mkdir(parents=True, exist_ok=True)
            refuse_unless_file(self.folder / "dask.log")  # what dask has to say is added to it
            for path, content in ((self.text, text), (self.experiment, sealed(experiment))):
                if not path.is_file() or path.read_bytes() != content.encode():
                    replace_file(path, content.encode())

    def write_design(self, frame: pd.DataFrame) -> None:
        """Write the table of all rows of the plan with their status."""
        content = encode_table(pa.Table.from_pandas(frame, preserve_index=False))
        with explained(self.folder, doing=DOING):
            replace_file(self.design, content)

    def note_failure(self, run_id: str, record: Mapping[str, object]) -> None:
        """Write down why a run failed, and how often it has."""
        path = self.failed / f"{run_id}.json"
        before = 0
        with suppress(OSError, ValueError, TypeError):
            before = int(json.loads(path.read_text(encoding="utf-8"))["attempts"])
        whole = {"run_id": run_id, **record, "attempts": before + 1, "when": utc()}
        with explained(self.folder, doing=DOING):
            replace_file(path, (json.dumps(whole, indent=1) + "\n").encode())

    def forget_failure(self, run_id: str) -> None:
        """Remove the record of a run that has succeeded since."""
        (self.failed / f"{run_id}.json").unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Move something damaged out of the way, for who wants to know what happened to it."""
        with explained(self.folder, doing=DOING):
            self.corrupt.mkdir(exist_ok=True)
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
            label = "-".join(path.relative_to(self.folder).parts)
            with suppress(FileNotFoundError):
                os.rename(path, self.corrupt / f"{label}.{stamp}")

    # ------------------------------------------------------------------------------------------------------- tidying up

    def sweep_dead(self, *, alone: bool) -> None:
        """Remove what dead processes left behind; where nobody else writes, tables of parts never completed go too."""
        shelves = [self.runs / name for name in _names(self.runs)]
        tables = [self.parts / name for name in _names(self.parts)]
        for folder in (self.folder, self.failed, *shelves, *tables):
            sweep(folder)
        if not alone:
            return
        complete = {part.name for part in self.list_parts()}
        for path in self.parts.glob("[!.]*/[!.]*.parquet"):
            if path.stem not in complete:
                path.unlink(missing_ok=True)
        for path in self.folder.glob(".dask-jobqueue.*"):  # keys of connections that are gone
            path.unlink(missing_ok=True)

    def examine(self, note: Callable[[str], None], mine: Container[str] | None = None) -> None:
        """Read every file once, note what is damaged, and put it aside, so that its runs are made again.

        By default all is looked at; else `mine`, and the parts that hold any of these runs.
        """
        with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 1)) as pool:
            folders = [self.run_folder(run) for run in self.loose() if mine is None or run in mine]
            for folder, problems in zip(folders, pool.map(verify_run, folders), strict=True):
                if problems and os.path.lexists(folder):
                    self.set_aside(folder)
                    note(f"{problems[0]}; its run will be made again")
            parts = [part for part in self.list_parts() if mine is None or _holds_any(part, mine)]
            for part, problem in zip(parts, pool.map(problem_of_part, parts), strict=True):
                if problem and os.path.lexists(part.index):
                    for path in [part.index, *self.parts.glob(f"[!.]*/{part.name}.parquet")]:
                        self.set_aside(path)
                    note(f"{problem}; its runs will be made again")
        self.remove_duplicates()

    def remove_duplicates(self) -> None:
        """Remove folders of runs that are in a part already: a process was killed on the way."""
        loose = set(self.loose())
        for part in self.list_parts() if loose else ():
            twice = loose.intersection(part.run_ids())
            for run in twice if twice and problem_of_part(part) is None else ():
                remove_aside(self.run_folder(run))


class Log:
    """A line of JSON for everything that a driver did; a share has a file of its own, as others write too."""

    def __init__(self, folder: Path, share: Share) -> None:
        self.path = folder / f"log{share.suffix}.jsonl"

    def write(self, event: str, **facts: object) -> None:
        """Add a line."""
        line = json.dumps({"time": utc(), "event": event, **facts})
        refuse_unless_file(self.path)
        with explained(self.path.parent, doing=DOING), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def add_status(
    frame: pd.DataFrame, finished: Container[str], failures: Mapping[str, Mapping[str, object]]
) -> pd.DataFrame:
    """Add the columns status and error to the rows of a plan; a run that failed once and is there now is done."""
    status, errors = [], []
    for run_id in frame["run_id"]:
        failure = None if run_id in finished else failures.get(run_id)
        status.append(DONE if run_id in finished else FAILED if failure else PLANNED)
        errors.append(str(failure.get("error", "")) if failure else "")
    return frame.assign(status=status, error=errors)


def sealed(found: Mapping[str, object]) -> str:
    """Write JSON with its checksum as the last entry."""
    digest = hashlib.sha256(f"{json.dumps(found, indent=1)}\n".encode()).hexdigest()
    return json.dumps({**found, CHECKSUM: digest}, indent=1) + "\n"


def read_sealed(path: Path) -> dict[str, object]:
    """Read what `sealed` wrote; an OutputError says that it is not what was written."""
    with suppress(ValueError):
        text = path.read_text(encoding="utf-8")
        found: dict[str, object] = json.loads(text)
        found.pop(CHECKSUM, None)
        if sealed(found) == text:
            return found
    raise OutputError(f"'{path}' is damaged; start 'abm sweep' again, which writes it anew")


def is_study(folder: Path) -> bool:
    """Whether a folder is that of a study."""
    return all((folder / name).is_file() for name in (EXPERIMENT, DESIGN))


def check_study(folder: Path) -> None:
    """Refuse a folder that is none of a study, with a word on what it is."""
    if is_study(folder):
        return
    for name in (EXPERIMENT, DESIGN):
        refuse_unless_file(folder / name, links=True)
    if (folder / MANIFEST).is_file():
        raise OutputError(f"'{folder}' is a single run, not a study; a study is made by abm sweep")
    hint = hint_below(folder, EXPERIMENT) or "; a study is a folder <out>/<name> made by abm sweep"
    what = "holds no study" if folder.is_dir() else "does not exist"
    raise OutputError(f"'{folder}' {what}{hint}")


def _holds_any(part: Part, wanted: Container[str]) -> bool:
    try:
        return any(run_id in wanted for run_id in part.run_ids())
    except FileNotFoundError:
        return False
    except OutputError:  # damaged: nobody can tell
        return True


def _names(folder: Path) -> list[str]:
    """Names in a folder, hidden ones left out; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return []
        raise
