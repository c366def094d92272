"""How far a study is: a bar on a terminal; in a log a plain line every half minute and every twentieth of the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from abm.cli.terminal import console, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar

    from abm.experiments.progress import Observer, Progress

LINE_SECONDS = 30.0
STEPS = 20


@contextmanager
def show_sweep(title: str, *, quiet: bool) -> Iterator[Observer]:
    """Show the progress of a sweep while the block runs.

    Parameters
    ----------
    title
        Name of the study.
    quiet
        Tell only what happened to it.

    Yields
    ------
    Observer
        To be given to the driver.
    """
    screen = None if quiet else console(stderr=True)
    if quiet:
        yield Notes()
    elif screen is None:
        yield Lines(title)
    else:
        with LiveBar(title, screen) as bar:
            yield bar


class Notes:
    """Tells what happened, not how far it is."""

    def note(self, text: str) -> None:
        """Say it."""
        say(text)

    def show(self, progress: Progress) -> None:
        """Show nothing."""


class Lines(Notes):
    """Plain lines, for a log.

    Parameters
    ----------
    title
        Name of the study.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._total = 0
        self._step = 0
        self._doing = ""
        self._said_at = 0.0

    def show(self, progress: Progress) -> None:
        """Say a line if it is time for one."""
        step = STEPS * progress.settled // max(progress.total, 1)
        if progress.doing and progress.doing != self._doing:
            self._say(progress.doing)
        elif progress.total != self._total:  # the beginning, or another round
            self._say(f"{progress.total:,} runs, {progress.settled:,} of them there already")
            self._total, self._step = progress.total, step
        elif step > self._step or (progress.total and time.monotonic() - self._said_at >= LINE_SECONDS):
            self._say(describe(progress))
            self._step = step
        self._doing = progress.doing

    def _say(self, text: str) -> None:
        say(f"{self.title}: {text}")
        self._said_at = time.monotonic()


def describe(progress: Progress) -> str:
    """Say in a line how far a sweep is."""
    share = 100 * progress.settled // max(progress.total, 1)
    parts = [f"{progress.settled:,} of {progress.total:,} runs ({share} %)", f"{progress.failed:,} failed"]
    if progress.doing:
        parts.append(progress.doing)
    parts += [f"{progress.workers} worker{'s' * (progress.workers != 1)}", rate_of(progress)]
    if progress.remaining_seconds is not None and progress.settled < progress.total:
        parts.append(f"{time_of(progress.remaining_seconds)} left")
    return ", ".join(part for part in parts if part)


def rate_of(progress: Progress) -> str:
    """Runs a second, or a minute where that says more."""
    rate = progress.rate
    if not rate:
        return ""
    return f"{rate:.1f} runs/s" if rate >= 1 else f"{60 * rate:.1f} runs/min"


def time_of(seconds: float) -> str:
    """Hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))


class LiveBar:
    """A bar with rate, time left, failures and workers.

    Parameters
    ----------
    title
        Name of the study.
    screen
        Terminal.
    """

    def __init__(self, title: str, screen: Console) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self.title = title
        self._bar: Bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}"),
            console=screen,
            transient=True,
        )
        self._task = self._bar.add_task(title, total=None, text="")

    def __enter__(self) -> LiveBar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def note(self, text: str) -> None:
        """Say it above the bar."""
        self._bar.console.print(text)

    def show(self, progress: Progress) -> None:
        """Redraw the bar."""
        total = progress.total or None
        self._bar.update(self._task, total=total, completed=progress.settled, text=describe(progress))
