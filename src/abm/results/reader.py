"""Reading runs back, and checking that they are intact."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config.compose import Outputs
from abm.config.wording import did_you_mean, either
from abm.engine.errors import OutputError
from abm.results.checksum import checksum_run, checksum_table
from abm.results.disk import refuse_unless_file
from abm.results.identity import run_id
from abm.results.manifest import COMPLETE, FileFacts, ListedTable, Manifest, read_manifest


def read_table(folder: Path, name: str) -> pa.Table:
    """Read one table of a run.

    Raises
    ------
    OutputError
        If the table was not written, or is damaged.
    """
    path = folder / f"{name}.parquet"
    try:
        return pq.read_table(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise OutputError(f"run '{folder}' holds no table '{name}'{_why_missing(folder, name)}") from None
    except (OSError, pa.ArrowException) as error:
        words = " ".join(str(error).split())
        raise OutputError(f"'{path}' is damaged ({words}); make the run again") from error


def _why_missing(folder: Path, name: str) -> str:
    """Say why there is no table of a name: it was switched off, or nothing is called so."""
    if name in Outputs.model_fields:
        return f"; was it switched off (outputs.{name}: false)?"
    held = sorted(path.stem for path in folder.glob("*.parquet"))
    known = ["national", *(table for table in Outputs.model_fields if table != "plots")]
    return did_you_mean(name, known) or (f"; there are {either(held, 'and')}" if held else "")


def verify_run(folder: Path, *, decode: bool = True) -> list[str]:
    """Examine a run; return what is wrong with it, in words, nothing if it is intact.

    Looks for a manifest that is complete and belongs to the folder, and for every file that it lists: its size, the
    checksum of its bytes, and for a table the checksum of what it says.

    Parameters
    ----------
    folder
        Folder of the run.
    decode
        Whether tables are decoded; without, only their bytes are looked at, which finds all that happened to them since
        they were written.
    """
    try:
        manifest = read_manifest(folder)
    except OutputError as error:
        return [str(error)]
    try:
        return _problems_of_manifest(folder, manifest) + _problems_of_files(folder, manifest, decode=decode)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"the manifest in '{folder}' is damaged ({type(error).__name__}: {error})"]


def _problems_of_manifest(folder: Path, manifest: Manifest) -> list[str]:
    """Compare the manifest with itself and with the name of its folder."""
    problems = []
    if manifest["status"] != COMPLETE:
        problems.append(f"the run in '{folder}' is not complete: {manifest['status']}")
    made_by = manifest["versions"]
    identity = run_id(manifest["config"], manifest["seed"], f"{made_by['abm']}+{made_by['code']}")
    if identity != manifest["id"]:
        problems.append(f"the manifest in '{folder}' was changed: its content has id {identity}, not {manifest['id']}")
    elif folder.name != identity:
        problems.append(f"'{folder}' holds another run, {identity}")
    if checksum_run({name: table["checksum"] for name, table in manifest["tables"].items()}) != manifest["checksum"]:
        problems.append(f"the manifest in '{folder}' was changed: its checksums do not fit together")
    missing = {f"{name}.parquet" for name in manifest["tables"]} - {file["path"] for file in manifest["files"]}
    problems += [f"the manifest in '{folder}' was changed: it does not list '{path}'" for path in sorted(missing)]
    return problems


def _problems_of_files(folder: Path, manifest: Manifest, *, decode: bool) -> list[str]:
    """Compare the files of a run with its manifest."""
    problems = []
    for file in manifest["files"]:
        path = folder / file["path"]
        problem = problem_of_file(path, file)
        name = path.name.removesuffix(".parquet")
        if decode and problem is None and name in manifest["tables"]:
            problem = _problem_of_table(folder, name, manifest["tables"][name])
        if problem is not None:
            problems.append(problem)
    return problems


def problem_of_file(path: Path, listed: FileFacts) -> str | None:
    """Compare the size and the bytes of a file with what is listed of it; None if it is intact."""
    if not path.exists():
        return f"'{path}' is missing"
    try:
        refuse_unless_file(path, links=True)
        size = path.stat().st_size
        if size != listed["bytes"]:
            truncated = f"is truncated: {size} of {listed['bytes']} bytes"
            changed = f"was changed: {size} bytes instead of {listed['bytes']}"
            return f"'{path}' {truncated if size < listed['bytes'] else changed}"
        if "sha256" in listed:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != listed["sha256"]:
                return f"'{path}' is damaged: its checksum is not the one in the manifest"
    except OutputError as error:
        return str(error)
    except OSError as error:
        return f"'{path}' cannot be read: {error}"
    return None


def _problem_of_table(folder: Path, name: str, listed: ListedTable) -> str | None:
    """Compare what a table says with what the manifest lists."""
    try:
        table = read_table(folder, name)
    except OutputError as error:
        return str(error)
    if table.num_rows != listed["rows"] or checksum_table(table) != listed["checksum"]:
        return f"table '{name}' in '{folder}' does not say what the manifest promises"
    return None
