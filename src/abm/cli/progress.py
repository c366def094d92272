"""How far a run is: a bar on a terminal, a line every tenth otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from abm.cli.terminal import console, say

OnMonth = Callable[[int, int], None]

COMPILES = "the first run of a version compiles its loops, which takes one to three minutes"
"""What is said before a run that has to compile."""

STEPS = 10
"""Lines for a whole run where there is no terminal."""


@contextmanager
def show_progress(title: str, *, quiet: bool, compiled: bool = True) -> Iterator[OnMonth | None]:
    """Show the progress of a run while the block runs.

    Parameters
    ----------
    title
        Name of what runs.
    quiet
        Show nothing.
    compiled
        Whether the model's loops were compiled before; if not, the wait for it is announced.

    Yields
    ------
    callable or None
        To be called after each month with the months done and the months in all.
    """
    screen = None if quiet else console(stderr=True)
    preparing = "preparing" if compiled else f"preparing; {COMPILES}"
    if quiet:
        yield None
    elif screen is None:
        say(f"{title}: {preparing}")
        yield _lines(title)
    else:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} months"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=screen, transient=True) as bar:
            task = bar.add_task(f"{title}: {preparing}", total=None)

            def advance(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, description=title)

            yield advance


def _lines(title: str) -> OnMonth:
    """Say at every tenth of the run how far it is."""

    def advance(done: int, total: int) -> None:
        if done * STEPS // total > (done - 1) * STEPS // total:
            say(f"{title}: {done} of {total} months ({100 * done // total} %)")

    return advance
