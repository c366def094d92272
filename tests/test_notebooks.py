"""The notebooks of examples/: each runs from top to bottom, and is kept without what it printed."""

from __future__ import annotations

import ast
import json
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def test_there_are_four():
    assert {path.stem for path in NOTEBOOKS} == {"first_run", "own_scenario", "study_to_paper", "mesa"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_not_kept(path: Path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


SMALLER = {
    "end: 2011-12": "end: 2010-03",
    "scale: 0.002": "scale: 0.0005",
    "replicates: 3": "replicates: 2",
    '"end": "2011-12"': '"end": "2010-12"',
    "end=2012-12": "end=2010-03",
    'end="2010-12"': 'end="2010-03"',
    'end="2010-06"': 'end="2009-12"',
}
"""What is other in the test, so that runs are short."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_run_in_their_order(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In this process, and shorter; what stands on the last line of a cell shows itself."""
    here = tmp_path / "examples" / "notebooks"
    here.mkdir(parents=True)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(here)
    names: dict[str, object] = {}
    shown: list[object] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            code = "".join(cell["source"])
            for usual, smaller in SMALLER.items():
                code = code.replace(usual, smaller)
            *body, last = ast.parse(code).body
            exec(compile(ast.Module([*body, *[last][isinstance(last, ast.Expr) :]], []), path.name, "exec"), names)
            if isinstance(last, ast.Expr):
                shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    assert shown and all(repr(value) for value in shown if value is not None)
    figures = [value._repr_png_() for value in shown if hasattr(value, "_repr_png_")]
    assert [content[:4] for content in figures] == [b"\x89PNG"] * (path.stem != "mesa")


def test_the_first_runs_in_a_fresh_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    nbformat = pytest.importorskip("nbformat", reason="no notebooks here (extra: notebook)")
    client = pytest.importorskip("nbclient", reason="no notebooks here (extra: notebook)")
    pytest.importorskip("ipykernel", reason="no notebooks here (extra: notebook)")
    here = tmp_path / "examples" / "notebooks"
    here.mkdir(parents=True)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(ROOT / "examples" / "notebooks" / "first_run.ipynb", as_version=4)
    client.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": here}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    told = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert not [text for text in told if "IProgress" not in text]  # a hint of tqdm's, which Mesa loads
    assert any("image/png" in output.get("data", {}) for output in outputs)  # in a kernel that has no pyplot
