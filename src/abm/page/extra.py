"""The libraries that only reports need."""

from __future__ import annotations

from importlib.util import find_spec

from abm.config.wording import listed
from abm.engine.errors import OutputError

EXTRA = {"altair": "altair", "vl_convert": "vl-convert-python", "jinja2": "Jinja2"}
"""Modules of the extra ``report``, and their names."""


def require_extra() -> None:
    """Refuse to begin without the libraries of the extra."""
    missing = [name for module, name in EXTRA.items() if find_spec(module) is None]
    if missing:
        raise OutputError(f"a report needs {listed(missing)}: pip install 'abm-pakistan-migration[report]'")
