"""``abm run``, and how far a run is: a bar on a terminal, a line every tenth otherwise."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Out, Scale, Seed
from abm.cli.sweep import ends_politely
from abm.cli.terminal import console, say, show_pairs

OnMonth = Callable[[int, int], None]

COMPILES = "compiling, once for this version: about a minute"
"""What is said before a run that has to compile."""

THREADS = "Threads; results do not depend on them. Default: one per processor, up to 4; below 1 % of households 1."
MOST_THREADS = 4  # by default; assumed: the household pass is bound by memory
WORTH_THREADS = 0.01  # share of households simulated from which threads gain more than they cost; measured

STEPS = 10  # lines for a whole run where there is no terminal


def run(
    config: Annotated[str, typer.Argument(help="YAML file of the scenario.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: labour.job_growth=0.02. May be repeated."),
    ] = None,
    seed: Seed = None,
    scale: Scale = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, help=THREADS, show_default=False)] = None,
    out: Out = "results",
    plots: Annotated[bool | None, typer.Option("--plots/--no-plots", help="Draw the standard plots or not.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the results folder.")] = False,
) -> None:
    """Make one run: tables, plots and a summary.

    Results go to DIR/<name>/<run id>; a run that was made before is found again. Example:

    abm run configs/baseline.yaml --seed 7 --set labour.job_growth=0.02
    """
    from abm import api
    from abm.config import load_config
    from abm.engine.kernel_cache import are_shipped
    from abm.experiments import run as runs
    from abm.experiments.warm import was_compiled

    # All that is wrong with the configuration is reported before the progress display starts.
    checked = load_config(config, changes or (), seed=seed, scale=scale)
    threads = threads or _usual_threads(checked.population.scale)
    with warnings.catch_warnings(), ends_politely("nothing unfinished was left behind"):
        warnings.showwarning = lambda message, *place, **more: say(f"warning: {message}")
        with _show_progress(Path(config).name, quiet=quiet, compiled=was_compiled() or are_shipped()) as progress:
            command = api.command_of_run(config, seed, scale, changes or ())
            draw = api.open_drawing(command)
            result = runs.run(
                checked, threads=threads, out=out, plots=plots, on_month=progress, draw=draw, command=command
            )
    if quiet:
        typer.echo(result.folder)
    else:
        show_pairs(result.summary())


def _usual_threads(scale: float) -> int:
    """Threads of a run of a share of households, where the user names none."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS) if scale >= WORTH_THREADS else 1


@contextmanager
def _show_progress(title: str, *, quiet: bool, compiled: bool) -> Iterator[OnMonth | None]:
    """Show the progress of a run while the block runs; yields what is to be called with months done and in all."""
    screen = None if quiet else console(stderr=True)
    preparing = "preparing" if compiled else COMPILES
    if quiet:
        yield None
    elif screen is None:
        say(f"{title}: {preparing}")
        yield _lines(title)
    else:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        text, bars = TextColumn("{task.description}"), BarColumn(bar_width=None)
        times = (TextColumn("{task.fields[months]}"), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(text, bars, *times, console=screen, transient=True) as bar:
            task = bar.add_task(f"{title}: {preparing}", total=None, months="")

            def advance(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, description=title, months=f"{done}/{total} months")

            yield advance


def _lines(title: str) -> OnMonth:
    """Say at every tenth of the run how far it is."""

    def advance(done: int, total: int) -> None:
        if done * STEPS // total > (done - 1) * STEPS // total:
            say(f"{title}: {done} of {total} months ({100 * done // total} %)")

    return advance
