"""Named constants of the model: numbers that are no parameters and rest on a source or an assumption."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from abm.config.wording import is_number
from abm.report.render import Row

WITHOUT_MODEL = (
    *("agents", "analysis", "calibration", "cli", "config", "dashboard", "data", "declare"),
    *("engine", "experiments", "page", "plots", "report", "results"),
)
"""Rooms of the package with nothing of the model in them, whose named constants are not listed."""

WITHOUT_CONSTANTS = ("event_use.py", "lever_use.py")  # modules of other rooms whose constants are none of the model


def constants() -> list[Row]:
    """List constants that name a source or an assumption; numerical guards go without one and are left out."""
    return [
        {
            "constant": f"`{name}`",
            "value": ", ".join(f"{item:g}" if "Year " in text[:5] else f"{item:,g}" for item in values),
            "in": f"`{module}`",
            "what it is": text.removesuffix(" Source: assumed."),
        }
        for module, name, values, text in _documented()
        if "Source:" in text
    ]


def _documented() -> Iterator[tuple[str, str, tuple[float, ...], str]]:
    """Find constants that are numbers and have a docstring, addresses of draws apart: module, name, values, text."""
    package = Path(str(files("abm")))
    for path in sorted(package.glob("*/**/*.py")):
        home = path.relative_to(package)
        if home.parts[0] in WITHOUT_MODEL or path.name in WITHOUT_CONSTANTS:
            continue
        module = ".".join(("abm", *home.with_suffix("").parts))
        for statement, after in pairwise(ast.parse(path.read_text(encoding="utf-8")).body):
            if not isinstance(statement, ast.Assign):
                continue
            name = ast.unparse(statement.targets[0]).strip("()")
            if "[" in name or not name.isupper():
                continue
            if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)):
                continue
            text, whole = " ".join(str(after.value.value).split()), importlib.import_module(module)
            value = tuple(getattr(whole, one) for one in name.split(", "))
            several = value[0] if len(value) == 1 and isinstance(value[0], tuple) else value
            if all(is_number(item) for item in several) and "draws of" not in text.lower():
                yield home.as_posix(), name, several, text
