"""The libraries that only the dashboard needs."""

from __future__ import annotations

from importlib.util import find_spec

from abm.engine.errors import AbmError

EXTRA = ("solara", "solara-assets")
"""Packages of the extra ``viz``."""


def missing() -> list[str]:
    """Packages of the extra that are not installed."""
    return [name for name in EXTRA if find_spec(name.replace("-", "_")) is None]


def require_extra() -> None:
    """Refuse to begin without the libraries of the extra."""
    if names := missing():
        raise AbmError(f"the dashboard needs {' and '.join(names)}: pip install 'abm-pakistan-migration[viz]'")
