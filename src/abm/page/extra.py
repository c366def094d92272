"""The libraries that only reports need."""

from __future__ import annotations

from importlib.util import find_spec

from abm.engine.errors import OutputError

EXTRA = {"altair": "altair", "vl_convert": "vl-convert-python", "jinja2": "Jinja2"}
"""Modules of the extra ``report``, and their names."""


def require_extra() -> None:
    """Refuse to begin without the libraries of the extra."""
    missing = [name for module, name in EXTRA.items() if find_spec(module) is None]
    if missing:
        names = f"{', '.join(missing[:-1])} and {missing[-1]}" if len(missing) > 1 else missing[0]
        raise OutputError(f"a report needs {names}: pip install 'abm-pakistan-migration[report]'")
