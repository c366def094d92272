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
