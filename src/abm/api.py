"""The public interface for runs and studies in Python: `run`, `sweep`, `compare`, `sensitivity`."""

from __future__ import annotations

import multiprocessing
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from abm.config import configure, load_config, make_config
from abm.engine.errors import AnalysisError, ConfigError, Problem
from abm.experiments import run as runs
from abm.experiments.processes import open_processes
from abm.results import Result
from abm.results import read_run as read_result

if TYPE_CHECKING:
    import pyarrow as pa

    from abm.analysis.panel import WindowLike
    from abm.analysis.study import By
    from abm.config import Config
    from abm.experiments.dataset import Study
    from abm.experiments.engine_settings import EngineSettings
    from abm.experiments.progress import Observer
    from abm.experiments.spec import Experiment
    from abm.plots.standard import Figures
    from abm.plots.style import About, Frames, Style
    from abm.plots.views import ComparisonView, SensitivityView


def run(
    config: str | os.PathLike[str] | Config,
    *,
    seed: int | None = None,
    scale: float | None = None,
    set: str | Sequence[str] = (),
    threads: int = 1,
    out: str | os.PathLike[str] = "results",
    plots: bool | None = None,
    progress: runs.OnMonth | None = None,
) -> RunView:
    """Make a run, or find an earlier one with the same settings, and return its results.

    Parameters
    ----------
    config
        A YAML file, or a configuration from `abm.load_config` or `abm.make_config`.
    seed, scale, plots
        Override those of the configuration; plots as ``outputs.plots``.
    set
        Other changes, one or several, each ``"path.in.yaml=value"``, as on the command line.
    threads
        Threads of the household kernel; the results do not depend on it.
    out
        Folder of all results; the run goes to ``<out>/<name>/<run id>``.
    progress
        Called after each month with the number of months done and in total.

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
    changes = [set] if isinstance(set, str) else set
    if isinstance(config, str | os.PathLike):
        ready = load_config(Path(config), changes, seed=seed, scale=scale)
    elif changes:
        raise ConfigError([Problem("overrides change a YAML file; make this configuration with other values instead")])
    else:
        adjusted = {"seed": seed, "population.scale": scale}
        ready = configure(config, {name: value for name, value in adjusted.items() if value is not None})
    command = command_of_run(config, seed, scale, changes)
    draw = open_drawing(command)
    found = runs.run(ready, threads=threads, out=out, plots=plots, on_month=progress, draw=draw, command=command)
    return RunView(found.folder, reused=found.reused)


def command_of_run(
    config: str | os.PathLike[str] | Config, seed: int | None, scale: float | None, changes: Sequence[str]
) -> str:
    """Write the command that makes a run again."""
    if not isinstance(config, str | os.PathLike):
        return "abm.run(abm.make_config(**settings)), with the settings of the run's manifest.json"
    words = ["abm", "run", os.fspath(config)]
    words += ["--seed", str(seed)] if seed is not None else []
    words += ["--scale", f"{scale:g}"] if scale is not None else []
    return shlex.join([*words, *(word for change in changes for word in ("--set", change))])


def read_run(folder: str | os.PathLike[str], *, verify: bool = False) -> RunView:
    """Read a finished run from its folder, ``<out>/<name>/<run id>``; where asked to, examine every file first.

    Raises
    ------
    OutputError
        If there is no finished run, or it was to be verified and is damaged.
    """
    return RunView(read_result(folder, verify=verify).folder)


class RunView(Result):
    """One run with its figures: ``result.figures["fees"]`` draws one, and shows itself in a notebook."""

    @cached_property
    def figures(self) -> Figures:
        """Figures by name, each drawn when it is asked for."""
        from abm.plots.standard import Figures, about_run

        frames = self._frames()
        return Figures(frames, about_run(frames, self._about()))

    def save_figures(
        self, folder: str | os.PathLike[str], *, style: Style = "screen", only: Sequence[str] = ()
    ) -> list[Path]:
        """Draw figures into a folder, the standard ones or those named; gives the files, with a caption beside each.

        Style ``screen``: PNG and SVG; ``paper``: PDF too, without titles, at the width of a column or a page.
        """
        from abm.plots.source import source_of_run
        from abm.plots.standard import draw_standard_plots
        from abm.results.disk import explained

        place, source = Path(folder).expanduser(), source_of_run(self.manifest)
        with explained(place, doing="write figures"):
            return draw_standard_plots(self._frames(), place, self._about(), source=source, style=style, only=only)

    def animate(self, path: str | os.PathLike[str]) -> Path:
        """Write a GIF: a map of irregular departures for each year; an AbmError says that no whole year is there."""
        from abm.plots.maps import animate_years
        from abm.plots.standard import about_run

        frames = self._frames("national", "district")
        about = about_run(frames, self._about())
        written = animate_years(frames, about, Path(path)) if "district" in frames else None
        if written is None:
            raise AnalysisError(f"run '{self.folder}' has no whole year by district, so there is nothing to animate")
        return written

    def _frames(self, *names: str) -> Frames:
        """Tables by name, all or those named."""
        return {name: self.table(name) for name in self.manifest["tables"] if name in names or not names}

    def _about(self) -> About:
        return _about(make_config(**self.config))


def _about(config: Config) -> About:
    """What figures say of a configuration; see `abm.plots.standard.about_run`."""
    from abm.analysis.naming import dated_changes
    from abm.places.places import places_of
    from abm.plots.style import About
    from abm.results.headlines import readings_of
    from abm.streams import streams_of

    resolved = config.resolved()
    title = f"{config.name}, seed {config.seed}, scale {config.population.scale:g}"  # for the footer
    return About(
        title, places_of(config.places), readings_of(resolved), config.drivers,
        streams_of(config.exploitation), dated_changes(resolved),
    )  # fmt: skip


HANDS = 2
"""Processes that draw the plots of a run, where there are so many processors."""


@contextmanager
def open_drawing(command: str = "") -> Iterator[runs.Draw]:
    """Have the standard plots drawn by processes that load matplotlib while the months run, if there are processors."""
    if len(os.sched_getaffinity(0)) < HANDS or multiprocessing.current_process().daemon:
        yield partial(draw, command=command)
        return
    with open_processes(HANDS, 1) as processes:
        for _ in range(HANDS):
            processes.submit(import_module, "abm.plots")

        def draw_in_parts(tables: dict[str, pa.Table], folder: Path, config: Config) -> list[Path]:
            parts = [processes.submit(draw, tables, folder, config, (part, HANDS), command) for part in range(HANDS)]
            return [path for part in parts for path in part.result()]

        yield draw_in_parts


def draw(
    tables: dict[str, pa.Table], folder: Path, config: Config, part: tuple[int, int] = (0, 1), command: str = ""
) -> list[Path]:
    """Draw the standard plots of a run, or a part of them, the first of two as ``(0, 2)``."""
    from abm.plots import draw_standard_plots
    from abm.plots.source import source_of_run
    from abm.results import run_id, to_pandas
    from abm.results.manifest import versions

    resolved = config.resolved()
    made = {"name": config.name, "id": run_id(resolved, config.seed), "seed": config.seed, "config": resolved}
    frames = {name: to_pandas(table) for name, table in tables.items()}
    source = source_of_run({**made, "versions": versions(), "command": command})
    return draw_standard_plots(frames, folder, _about(config), source=source, part=part, draft=True)


def sweep(
    experiment: str | os.PathLike[str] | Experiment,
    *,
    out: str | os.PathLike[str] = "results",
    engine: str | EngineSettings | None = None,
    workers: int | None = None,
    shard: str | None = None,
    progress: Observer | None = None,
) -> Study:
    """Make all missing runs of a study and return it.

    Called again, it continues with the missing runs and retries failed ones. Existing runs are checked first, and
    damaged ones are made again.

    Parameters
    ----------
    experiment
        A YAML file, or an experiment from `abm.load_experiment`.
    out
        Folder of all results; the study goes to ``<out>/<name>``.
    engine, workers
        Where runs are made, ``local``, ``serial`` or settings, and how many at a time; override the experiment.
    shard
        Part of the runs to make here, ``"3/8"``.
    progress
        Called with progress and events.

    Raises
    ------
    ConfigError
        If the experiment cannot be run; it holds every problem found.
    AbmError
        If the study cannot continue; finished runs are kept.
    """
    from abm.experiments.dataset import open_study
    from abm.experiments.engine_settings import choose_engine
    from abm.experiments.plan import Share
    from abm.experiments.progress import Observer
    from abm.experiments.read import as_experiment
    from abm.experiments.stopping import judge_study, rounds_of
    from abm.experiments.sweep import sweep as make_runs

    study = as_experiment(experiment)
    folder = Path(out).expanduser().absolute() / study.name
    share, observer = Share.parse(shard) if shard else Share(), progress or Observer()
    written, kind = (study.engine, engine) if engine is None or isinstance(engine, str) else (engine, None)
    settings = choose_engine(written, kind, workers)
    rounds = rounds_of(study, share, lambda plan: judge_study(folder, plan), observer.note)
    make_runs(rounds, folder, settings, share=share, observer=observer)
    return open_study(folder)


def compare(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    where: Sequence[str] = (),
    by: By | None = None,
    level: float = 0.95,
) -> ComparisonView:
    """Compare the scenarios of a study with its reference, in pairs of runs with the same random numbers.

    Parameters
    ----------
    study
        Folder of a study, or a study from `abm.sweep` or `abm.open_study`; it may still be growing.
    outcomes
        Outcomes; by default those that the experiment names.
    window
        Months over which flows are added up, and stocks and rates averaged: ``"2018-01:2022-12"``, with either end
        left out, or a pair of months; by default the experiment's window.
    where
        Districts and provinces that are looked at, ``["gujrat", "sindh"]``, if the study keeps the table of districts.
    by
        ``"district"`` or ``"province"``: compare each of them too, in ``places``.
    level
        Probability that an interval covers the true mean difference.

    Raises
    ------
    AbmError
        If the study or outcome does not exist, or there is nothing to compare.
    """
    from abm.analysis.study import compare_study
    from abm.plots.views import ComparisonView

    return ComparisonView.of(compare_study(study, outcomes=outcomes, window=window, where=where, by=by, level=level))


def sensitivity(
    study: str | os.PathLike[str] | Study,
    *,
    outcomes: Sequence[str] = (),
    window: WindowLike = None,
    scenario: str | None = None,
    difference: bool = False,
    level: float = 0.95,
) -> SensitivityView:
    """Attribute outcomes to the factors of a study, by the method that suits its design.

    Sobol' indices for saltelli, elementary effects for morris, a tornado for one_at_a_time, regression and PAWN for
    lhs, sobol, halton, grid and list.

    Parameters
    ----------
    study, outcomes, window, level
        As in `compare`.
    scenario
        Scenario to analyse; by default the reference.
    difference
        Whether to explain the scenario's difference from the reference instead of the outcome itself.

    Raises
    ------
    AbmError
        If the study, outcome or scenario does not exist, or the study has no factors or too few finished runs.
    """
    from abm.analysis.study import analyse_study
    from abm.plots.views import SensitivityView

    return SensitivityView.of(
        analyse_study(study, outcomes=outcomes, window=window, scenario=scenario, difference=difference, level=level)
    )
