"""Imports go down the layers of pyproject.toml, and nowhere else."""

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_imports_go_down_only(capsys):
    status = lint_imports(config_filename=str(PYPROJECT), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_records_of_kernels_are_declared_below_the_mechanisms():
    """Compiled kernels are kept by a hash of the sources of `abm.kernels` and `abm.world`, which must cover them."""
    mechanisms = Path(__file__).parents[1] / "src" / "abm" / "mechanisms"
    assert not [path.name for path in mechanisms.glob("*.py") if "namedtuple(" in path.read_text(encoding="utf-8")]
