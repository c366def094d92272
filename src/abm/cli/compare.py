"""``abm compare`` and ``abm sensitivity``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

from abm.cli.terminal import say

if TYPE_CHECKING:
    from abm.analysis.tables import TextTable


class View(Protocol):
    """What both commands show and write."""

    @property
    def table(self) -> TextTable:
        """Table for people."""

    def save(self, folder: Path) -> list[Path]:
        """Write everything."""


def compare_and_report(
    folder: str,
    *,
    outcomes: Sequence[str],
    window: str | None,
    interval: str,
    level: float,
    out: str | None,
    quiet: bool,
) -> None:
    """Compare the scenarios of a study, write tables and figures, and print the table."""
    from abm.api import compare

    view = compare(folder, outcomes=outcomes, window=window, interval=interval, level=level)
    _report(view, Path(out) if out else Path(folder) / "comparison", quiet=quiet)


def analyse_and_report(
    folder: str,
    *,
    outcomes: Sequence[str],
    window: str | None,
    scenario: str | None,
    difference: bool,
    level: float,
    out: str | None,
    quiet: bool,
) -> None:
    """Explain the outcomes of a study by its factors, write tables and figures, and print the table."""
    from abm.api import sensitivity

    view = sensitivity(folder, outcomes=outcomes, window=window, scenario=scenario, difference=difference, level=level)
    _report(view, Path(out) if out else Path(folder) / "sensitivity", quiet=quiet)


def _report(view: View, place: Path, *, quiet: bool) -> None:
    table = view.table
    files = view.save(place)
    if quiet:
        typer.echo(place)
        return
    typer.echo(table.text(notes=False), nl=False)
    for note in table.notes:
        say(note)
    figures = sum(path.suffix == ".png" for path in files)
    say(f"{place}: {figures} figures (PNG and SVG), tables as CSV, Markdown and LaTeX")
