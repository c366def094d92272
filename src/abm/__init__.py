"""Migration and smuggling markets in Pakistan: an agent-based model.

>>> import abm
>>> result = abm.run("configs/baseline.yaml", seed=1)  # doctest: +SKIP
>>> result.national  # doctest: +SKIP

The public names below are loaded when they are first used, so that ``import abm`` takes milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abm.api import run
    from abm.config import load_config, make_config
    from abm.experiments.spec import load_experiment
    from abm.model import simulate
    from abm.results import Result, read_run

__version__ = "0.1.0"

__all__ = ["Result", "__version__", "load_config", "load_experiment", "make_config", "read_run", "run", "simulate"]

_HOME = {
    "Result": "abm.results",
    "load_config": "abm.config",
    "load_experiment": "abm.experiments.spec",
    "make_config": "abm.config",
    "read_run": "abm.results",
    "run": "abm.api",
    "simulate": "abm.model",
}
"""Module in which each public name lives."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'abm' has no attribute '{name}'; it has {', '.join(__all__)}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
