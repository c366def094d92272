"""Which code made a result: the package's version and a hash of its source and data."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.2.0"

PACKAGE = Path(__file__).resolve().parents[1]

HASHED_SUFFIXES = (".py", ".yaml", ".csv", ".json")
"""Kinds of file in the package that a result may depend on."""


def hash_of_files(root: Path) -> str:
    """Hash the names and bytes of every source and data file below a folder.

    Names are relative to `root`, so that the hash is the same wherever the package is installed.
    """
    digest = hashlib.sha256()
    found = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.suffix in HASHED_SUFFIXES and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    for name in sorted(found):
        content = found[name].read_bytes()
        # The lengths keep "ab" + "c" apart from "a" + "bc".
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def code_hash() -> str:
    """Hash of this package, worked out once a process."""
    return hash_of_files(PACKAGE)


def code_version() -> str:
    """Version and hash of this package, ``"0.2.0+3f5a…"``: part of every run's id."""
    return f"{__version__}+{code_hash()}"
