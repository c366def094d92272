"""Imports go down the layers of pyproject.toml, and nowhere else; inside a layer they make no circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]


def test_imports_go_down_only(capsys):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def modules_in(source: Path) -> dict[str, Path]:
    """Files of the package by the name of their module."""
    found = {}
    for file in (source / "abm").rglob("*.py"):
        parts = file.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported_by(file: Path, modules: dict[str, Path]) -> Iterator[str]:
    """Modules that a file names in its imports, also inside functions and for types alone."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in modules or node.module in modules:
                    yield whole if whole in modules else str(node.module)


def circle_in(source: Path) -> list[str]:
    """Modules of a circle of imports, if there is one."""
    modules = modules_in(source)
    graph = {name: {other for other in imported_by(file, modules) if other != name} for name, file in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_imports_make_a_circle():
    assert circle_in(ROOT / "src") == []


@pytest.mark.parametrize(
    "back",
    [
        "from abm.upper import A",
        "def f():\n    from abm import upper",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import abm.upper",
    ],
)
def test_a_circle_is_found_in_functions_and_for_types_too(tmp_path, back):
    (tmp_path / "abm").mkdir()
    (tmp_path / "abm" / "__init__.py").write_text("")
    (tmp_path / "abm" / "upper.py").write_text("from abm.lower import f\nA = 1\n")
    (tmp_path / "abm" / "lower.py").write_text("import math\n")
    assert circle_in(tmp_path) == []
    (tmp_path / "abm" / "lower.py").write_text(back)
    assert set(circle_in(tmp_path)) == {"abm.upper", "abm.lower"}
