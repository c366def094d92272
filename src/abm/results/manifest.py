"""The manifest: what a run was, what made it, and how to check that it is intact."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NotRequired, TypedDict

from abm.engine.errors import OutputError
from abm.engine.version import __version__, code_hash, code_version
from abm.results.disk import refuse_unless_file

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
COMPLETE = "complete"
LIBRARIES = ("numpy", "numba", "mesa", "pyarrow")


class FileFacts(TypedDict):
    """Size and checksum of a file, by which damage is found; plots have no checksum."""

    bytes: int
    sha256: NotRequired[str]


class ListedFile(FileFacts):
    """A file of a run, as listed."""

    path: str


class ListedTable(TypedDict):
    """What a table says, as listed."""

    rows: int
    checksum: str


class Manifest(TypedDict):
    """What others read of a manifest."""

    schema: int
    id: str
    name: str
    config: dict[str, object]
    seed: int
    versions: dict[str, str]
    status: str
    tables: dict[str, ListedTable]
    checksum: str
    files: list[ListedFile]
    command: NotRequired[str]
    plots_failed: NotRequired[str]


@cache
def versions() -> dict[str, str]:
    """Versions of everything that had a part in a run."""
    own = {"abm": __version__, "code": code_hash(), "python": platform.python_version()}
    return own | {library: version(library) for library in LIBRARIES}


def describe_machine() -> dict[str, object]:
    """Where a run was made; nothing in it has a say in the results."""
    return {"platform": platform.platform(), "processor": platform.machine(), "processors": os.cpu_count() or 1}


def peak_memory_bytes() -> int:
    """Largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def utc(moment: datetime | None = None) -> str:
    """Write a moment, by default now, as ISO 8601 in UTC."""
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")


def write_text(manifest: Mapping[str, object]) -> str:
    """Lay a manifest out for reading by people."""
    return json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run. Raises OutputError if there is none, or it cannot be understood."""
    path = folder / MANIFEST
    if not folder.is_dir():
        what = f"'{folder}' is no folder" if os.path.lexists(folder) else f"there is no folder '{folder}'"
        raise OutputError(f"{what}; a run is a folder <out>/<name>/<run id>")
    refuse_unless_file(path, links=True)
    try:
        manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(
            f"'{folder}' holds no finished run: it has no {MANIFEST}{hint_below(folder, MANIFEST)}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise OutputError(f"'{path}' cannot be read ({error}); make the run again") from error
    if not isinstance(manifest, dict) or not manifest.keys() >= _REQUIRED:
        raise OutputError(f"'{path}' is no manifest of a run, or a damaged one; make the run again")
    if manifest["schema"] != SCHEMA_VERSION:
        raise OutputError(
            f"'{path}' was written in form {manifest['schema']}, and this version of abm reads form {SCHEMA_VERSION}; "
            "make the run again, or read it with the version named in it"
        )
    return manifest


_REQUIRED = {"schema", "id", "name", "config", "seed", "versions", "status", "tables", "checksum", "files"}


def hint_below(folder: Path, name: str) -> str:
    """Point to the first folder below one that holds a file, when there is any."""
    found = sorted(path.parent for path in folder.glob(f"*/{name}"))
    return f"; did you mean '{found[0]}'?" if found else ""


RUN_ID_DIGITS = 16


def digest_of(value: object) -> str:
    """Short hash of plain data, by which a configuration or an experiment is known."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:RUN_ID_DIGITS]


def canonical_json(value: object) -> str:
    """Write a value as JSON in exactly one way: sorted keys, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def unlabelled(config: Mapping[str, object]) -> Mapping[str, object]:
    """Leave out the labels of levers, which change no result."""
    levers = config.get("levers")
    if not isinstance(levers, list):
        return config
    return {**config, "levers": [{key: use[key] for key in use if key != "label"} for use in levers]}


def run_id(config: Mapping[str, object], seed: int, code: str | None = None) -> str:
    """Name a run by its configuration, ``Config.resolved()``, its seed and the code, by default this installation's."""
    return digest_of({"config": unlabelled(config), "seed": seed, "code": code or code_version()})
