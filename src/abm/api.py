"""The public way to make a run from Python: `run` with its plots."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from abm.experiments import run as runs
from abm.results import Result

if TYPE_CHECKING:
    import pandas as pd

    from abm.config import Config


def run(
    config: str | os.PathLike[str] | Config,
    *,
    seed: int | None = None,
    scale: float | None = None,
    set: Sequence[str] = (),
    threads: int = 1,
    out: str | os.PathLike[str] = "results",
    plots: bool | None = None,
    progress: runs.OnMonth | None = None,
) -> Result:
    """Make a run, or find the one that was made before, and hand back its results.

    Parameters
    ----------
    config
        A YAML file, or a configuration from `abm.load_config` or `abm.make_config`.
    seed, scale
        Instead of those in the configuration.
    set
        Further changes, each ``"path.in.yaml=value"``, as on the command line.
    threads
        Threads of the household kernel; the results do not depend on it.
    out
        Folder of all results; the run goes to ``<out>/<name>/<run id>``.
    plots
        Whether to draw the standard plots, instead of ``outputs.plots``.
    progress
        Called after each month with the months done and the months in all.

    Raises
    ------
    ConfigError
        If the configuration cannot be run; it holds every problem found.
    OutputError
        If the results cannot be written; nothing is left behind.

    Examples
    --------
    >>> import abm
    >>> result = abm.run("configs/baseline.yaml", seed=1, scale=0.001)  # doctest: +SKIP
    >>> result.national.plot(x="month", y="irregular_departures")  # doctest: +SKIP
    """
    return runs.run(
        config,
        seed=seed,
        scale=scale,
        overrides=set,
        threads=threads,
        out=out,
        plots=plots,
        on_month=progress,
        draw=draw,
    )


def draw(tables: dict[str, pd.DataFrame], folder: Path, config: Config) -> list[Path]:
    """Draw the standard plots of a run; matplotlib is loaded only when there is something to draw."""
    from abm.plots import draw_standard_plots
    from abm.world.places_abroad import places_of

    return draw_standard_plots(tables, folder, title=runs.title_of(config), places=places_of(config.places))


def compare(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    interval: Method = "t",
    level: float = 0.95,
) -> ComparisonView:
    """Compare the scenarios of a study with its reference, pair by pair of runs with the same random numbers.

    Parameters
    ----------
    study
        Folder of a study, or a study from `abm.sweep` or `abm.open_study`; it may still be growing.
    outcomes
        Outcomes of the table `national`; by default those that the experiment names.
    window
        Months over which flows are added up, and stocks and rates averaged: ``"2018-01:2022-12"``, with either end
        left out, or a pair of months; by default the experiment's window.
    interval
        ``"t"`` or ``"bootstrap"``.
    level
        Probability that an interval covers the true mean difference.

    Returns
    -------
    ComparisonView
        Frames (``totals``, ``monthly``, ``yearly``, ``runs``, ``costs``), ``figures``, and ``save(folder)``; it shows
        itself in a notebook.

    Raises
    ------
    AbmError
        If there is no such study or outcome, or nothing to compare.

    Examples
    --------
    >>> import abm
    >>> found = abm.compare("results/policy_comparison", outcomes=["deaths_en_route"])  # doctest: +SKIP
    >>> found.totals[["scenario", "difference", "low", "high"]]  # doctest: +SKIP
    """
    from abm.analysis.study import compare_study
    from abm.plots.views import ComparisonView

    return ComparisonView.of(compare_study(study, outcomes=outcomes, window=window, interval=interval, level=level))


def sensitivity(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    scenario: str | None = None,
    difference: bool = False,
    level: float = 0.95,
) -> SensitivityView:
    """Explain outcomes by the factors of a study, by the method that suits its design.

    Sobol' indices for saltelli, elementary effects for morris, a tornado for one_at_a_time, regression and PAWN for lhs,
    sobol, halton, grid and list.

    Parameters
    ----------
    study
        Folder of a study, or a study from `abm.sweep` or `abm.open_study`; it may still be growing.
    outcomes, window
        As in `compare`.
    scenario
        Scenario to look at; by default the reference.
    difference
        Whether to explain the scenario's difference from the reference instead of the outcome itself.
    level
        Probability that an interval covers.

    Returns
    -------
    SensitivityView
        Frames (``indices``, ``fit``, ``moves``, ``runs``), ``top(outcome)``, ``figures``, and ``save(folder)``; it
        shows itself in a notebook.

    Raises
    ------
    AbmError
        If there is no such study, outcome or scenario, or the study has no factors or too few finished runs.

    Examples
    --------
    >>> import abm
    >>> found = abm.sensitivity("results/global_sensitivity")  # doctest: +SKIP
    >>> found.top("deaths_en_route")  # doctest: +SKIP
    """
    from abm.analysis.study import analyse_study
    from abm.plots.views import SensitivityView

    return SensitivityView.of(
        analyse_study(study, outcomes=outcomes, window=window, scenario=scenario, difference=difference, level=level)
    )
