"""A model that takes milliseconds, for tests of what is done with runs; importable by workers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from light import die

from abm.config import Config
from abm.experiments import run as runs
from abm.experiments import sweep, worker
from abm.experiments.engine_settings import LocalEngine
from abm.experiments.plan import Plan, Share
from abm.experiments.progress import Observer, Progress
from abm.experiments.read import load_experiment
from abm.experiments.spec import Experiment
from abm.experiments.worker import Job, Report
from abm.results import Tables

STUDY = """
name: {name}
set: {{start: 2009-01, end: 2009-06, description: "{description}"}}
scenarios:
  baseline: {{}}
  jobs:
    levers:
      - {{lever: job_creation, id: jobs, from: 2009-03, value: 0.01}}
  patrols:
    levers:
      - {{lever: border_patrol, id: patrol, from: 2009-03, value: 2}}
design: {{method: halton, samples: {points}}}
factors:
  labour.job_growth: {{low: 0.01, high: 0.04}}
replicates: {replicates}
outcomes: [irregular_departures]
{more}
"""


def toy_study(
    folder: Path,
    *,
    name: str = "toy",
    points: int = 2,
    replicates: Any = 3,
    description: str = "",
    more: str = "tables: [route]",
) -> Experiment:
    """Write the YAML of a study of three scenarios, and load it."""
    path = folder / f"{name}.yaml"
    path.write_text(
        STUDY.format(name=name, points=points, replicates=replicates, description=description, more=more),
        encoding="utf-8",
    )
    return load_experiment(path)


def simulate(config: Config, *, threads: int = 1, on_month: Any = None, past: Any = None) -> Tables:
    """Stand in for the model; words in the description of the configuration say what else happens.

    ``slow``: takes a tenth of a second. ``large``: writes some 100 kB. ``fails``, ``dies``: does so where there is the
    lever 'patrol' and the seed is 2, unless the file named after the word is there.
    """
    words = config.description.split()
    if "slow" in words:
        time.sleep(0.1)
    struck = config.seed == 2 and any(use.id == "patrol" for use in config.levers)
    for word, strike in (("fails", _fail), ("dies", die)):
        if struck and word in words and not Path(words[words.index(word) + 1]).exists():
            strike()
    if "large" in words:
        draw = np.random.default_rng(config.seed)
        months = np.repeat(np.datetime64(config.start, "M") + np.arange(config.months), 2000)
        return {"national": {"month": months, "irregular_departures": draw.integers(0, 2**62, len(months))}}
    draw = np.random.default_rng([config.seed, int(1e6 * config.labour.job_growth), len(config.levers)])
    months = np.datetime64(config.start, "M") + np.arange(config.months)
    costs = {f"cost_{use.id}": np.full(config.months, 7, np.int64) for use in config.levers}
    return {
        "national": {
            "month": months,
            "irregular_departures": draw.integers(0, 9000, config.months),
            "unemployment_rate": draw.random(config.months),
            **costs,
        },
        "route": {
            "month": np.repeat(months, 2),
            "route": np.tile(np.array(["air_libya", f"route_{config.seed}"]), config.months),
            "departures": draw.integers(0, 90, 2 * config.months),
            "fee_median": np.where(draw.random(2 * config.months) < 0.5, np.nan, draw.random(2 * config.months)),
        },
    }


class Simulation:
    """Stands in for the model in this process: gives tables, or fails after a month; counts how often it is asked."""

    def __init__(self, tables: Tables) -> None:
        self.calls = 0
        self.threads = 0  # of the last run
        self.tables = tables
        self.failure: BaseException | None = None

    def __call__(self, config: Config, *, threads: int = 1, on_month: Any = None, past: Any = None) -> Tables:
        self.calls, self.threads = self.calls + 1, threads
        months = len(self.tables["national"]["month"])
        for done in range(1, months + 1):
            if on_month:
                on_month(done, months)
            if self.failure:
                raise self.failure
        return self.tables


def nothing_to_compile(config: Config) -> bool:
    """Stand in for the compiler."""
    return False


def wait(config: Config) -> bool:
    """Stand in for a compiler that needs longer than anybody waits."""
    time.sleep(600)
    return True


def make_toy(job: Job, simulate: Callable[..., Tables] = simulate) -> Report:
    """Make a run with the toy, or with another stand-in of the model, in whatever process this is."""
    model, compiler = runs.simulate, worker.ensure_compiled
    runs.simulate, worker.ensure_compiled = simulate, nothing_to_compile
    try:
        return worker.make_run(job)
    finally:  # other tests of this process run the model
        runs.simulate, worker.ensure_compiled = model, compiler


class _Show(Observer):
    """Prints how far a sweep is, and what happened."""

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def show(self, progress: Progress) -> None:
        print(progress.settled, flush=True)


def drive(file: str, out: str, workers: int, share: str) -> None:
    """Make the toy study of a file by so many processes, or by the engine that the file names if there are none."""
    sweep.ensure_compiled = nothing_to_compile
    experiment = load_experiment(file)
    engine = LocalEngine(workers=workers) if workers else experiment.engine
    sweep.sweep([Plan(experiment)], Path(out), engine, share=Share.parse(share), observer=_Show(), make=make_toy)


def _fail() -> None:
    raise ZeroDivisionError("nobody left to divide by")


def flip(path: Path, where: float = 0.5) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * where)] ^= 4
    path.write_bytes(content)


def truncate(path: Path) -> None:
    """Leave the first half of a file."""
    os.truncate(path, path.stat().st_size // 2)
