"""Compiled formulas and loops over columns: NumPy and Numba only, no model, no configuration.

Numba keeps compiled kernels in a folder, but does not notice when a kernel in another file that it calls has changed.
So the folder bears a hash of their sources: another version never runs code compiled from this one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from numba import config


def _kernel_hash() -> str:
    """Hash of the sources of all kernels, and of the world, which declares the columns that they take."""
    found = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted([*package.glob("kernels/*.py"), *package.glob("world/*.py")]):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _cache_folder() -> str:
    """Folder of the compiled kernels: below NUMBA_CACHE_DIR, or the user's cache, or where temporary files go."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    wanted = os.environ.get("NUMBA_CACHE_DIR") or os.path.join(home, "abm", "kernels")
    fallback = os.path.join(tempfile.gettempdir(), f"abm-kernels-{os.getuid()}")
    for base in (wanted, fallback):
        folder = Path(base) / _kernel_hash()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return fallback


config.CACHE_DIR = _cache_folder()
