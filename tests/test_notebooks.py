"""The notebooks of examples/: each runs from top to bottom in a fresh kernel, and is kept without what it printed."""

from __future__ import annotations

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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    nbformat = pytest.importorskip("nbformat", reason="no notebooks here (extra: notebook)")
    client = pytest.importorskip("nbclient", reason="no notebooks here (extra: notebook)")
    pytest.importorskip("ipykernel", reason="no notebooks here (extra: notebook)")
    here = tmp_path / "examples" / "notebooks"
    here.mkdir(parents=True)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    client.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": here}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    told = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert not [text for text in told if "IProgress" not in text]  # a hint of tqdm's, which Mesa loads
    if path.stem != "mesa":  # a figure shows itself, in a kernel that has no pyplot
        assert any("image/png" in output.get("data", {}) for output in outputs)
