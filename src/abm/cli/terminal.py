"""What goes to the screen: data on stdout, messages on stderr, colours and bars for terminals only."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from abm.engine.errors import SettingNote

if TYPE_CHECKING:
    from rich.console import Console

    from abm.analysis.tables import TextTable


SUCCESS, DEFECT, USER_ERROR, INTERRUPTED = 0, 1, 2, 130  # exit codes of the commands


def say(message: str) -> None:
    """Tell the user something that is no data; nobody, where the terminal is gone."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


@contextmanager
def notes_shown() -> Iterator[None]:
    """Tell notes on settings as lines of their own while the block runs; other warnings as usual."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", SettingNote)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, SettingNote):
                say(f"note: {message}")
            else:
                usual(message, category, *place, **more)

        warnings.showwarning = show
        yield


def console(*, stderr: bool = False) -> Console | None:
    """Open a console of rich, or None where the output is no terminal; rich itself honours NO_COLOR."""
    if not (sys.stderr if stderr else sys.stdout).isatty():
        return None
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False)


def show_table(table: TextTable) -> None:
    """Print a table on stdout, and say what stands below it."""
    print(table.text(notes=False), end="", flush=True)
    for note in table.notes:
        say(note)


def show_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print labels and figures in two columns on stdout."""
    width = max((len(label) for label, _ in pairs), default=0)
    screen = console()
    for label, text in pairs:
        if screen:
            from rich.text import Text

            screen.print(Text(label.ljust(width), style="bold"), text, sep="  ", soft_wrap=True)
        else:
            print(f"{label.ljust(width)}  {text}")
