"""Migration and smuggling markets in Pakistan: an agent-based model.

>>> import abm
>>> result = abm.run("configs/baseline.yaml", seed=1)  # doctest: +SKIP
>>> result.national  # doctest: +SKIP

The public names below are loaded when they are first used, so that ``import abm`` takes milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from abm.engine.version import __version__

if TYPE_CHECKING:
    from abm.agents.enforcement import Circle, Post
    from abm.agents.office import Office
    from abm.analysis.score import Score, score
    from abm.api import RunView, compare, read_run, run, sensitivity, sweep
    from abm.config import Config, load_config, make_config
    from abm.engine.errors import AbmError, AnalysisError, ConfigError, OutputError, Problem
    from abm.experiments.dataset import Study, open_study
    from abm.experiments.read import load_experiment
    from abm.model import Model
    from abm.plots.views import ComparisonView, SensitivityView
    from abm.results import Result
    from abm.simulation import simulate

__all__ = [
    "AbmError", "AnalysisError", "Circle", "ComparisonView", "Config", "ConfigError", "Model", "Office", "OutputError",
    "Post", "Problem", "Result", "RunView", "Score", "SensitivityView", "Study", "__version__", "compare",
    "load_config", "load_experiment", "make_config", "open_study", "read_run", "run", "score", "sensitivity",
    "simulate", "sweep",
]  # fmt: skip

_HOME = {
    name: module
    for module, names in {
        "abm.agents.enforcement": "Circle Post",
        "abm.agents.office": "Office",
        "abm.analysis.score": "Score score",
        "abm.api": "RunView compare read_run run sensitivity sweep",
        "abm.config": "Config load_config make_config",
        "abm.engine.errors": "AbmError AnalysisError ConfigError OutputError Problem",
        "abm.experiments.dataset": "Study open_study",
        "abm.experiments.read": "load_experiment",
        "abm.model": "Model",
        "abm.plots.views": "ComparisonView SensitivityView",
        "abm.results": "Result",
        "abm.simulation": "simulate",
    }.items()
    for name in names.split()
}
"""Module in which each public name lives."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'abm' has no attribute '{name}'; it has {', '.join(__all__)}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
