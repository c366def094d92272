"""``abm run``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import typer

from abm.cli.exit_codes import INTERRUPTED
from abm.cli.progress import show_progress
from abm.cli.terminal import say, show_pairs
from abm.engine.interrupts import Terminated


def run_and_report(
    config: str,
    *,
    changes: Sequence[str],
    seed: int | None,
    scale: float | None,
    threads: int,
    out: str,
    plots: bool | None,
    quiet: bool,
) -> None:
    """Make a run, show its progress, and print its summary, or its folder if `quiet`."""
    from abm.api import run
    from abm.config import load_config
    from abm.experiments.warm import was_compiled

    # All that is wrong with the configuration is reported before the progress display starts.
    checked = load_config(config, changes, seed=seed, scale=scale)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            with show_progress(Path(config).name, quiet=quiet, compiled=was_compiled()) as progress:
                result = run(checked, threads=threads, out=out, plots=plots, progress=progress)
        except KeyboardInterrupt:
            say("stopped; nothing unfinished was left behind")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            say("terminated; nothing unfinished was left behind")
            raise
    if quiet:
        typer.echo(result.folder)
    else:
        show_pairs(result.summary())


def _show_warning(message: Warning | str, *place: object, **more: object) -> None:
    say(f"warning: {message}")
