"""The libraries that only the dashboard needs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from abm.engine.errors import AbmError

EXTRA = ("solara", "solara-assets")
"""Packages of the extra ``viz``."""


def missing() -> list[str]:
    """Packages of the extra that are not installed."""
    found = []
    for name in EXTRA:
        try:
            version(name)
        except PackageNotFoundError:
            found.append(name)
    return found


def require_extra() -> None:
    """Refuse to begin without the libraries of the extra."""
    if names := missing():
        raise AbmError(f"the dashboard needs {' and '.join(names)}: pip install 'abm-pakistan-migration[viz]'")
