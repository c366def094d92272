"""Figures of studies: a heading, panels of a known height, and notes below them, whatever their number."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.analysis.wording import Topic, plain, sentences
from abm.plots.style import BASE, SMALL, new_figure, wrap_notes, write_notes

HEAD, LINE, FOOT, GAP = 0.52, 0.19, 0.3, 0.3
"""Inches of title, of a line of the subtitle, below the notes, and between parts."""

_LETTER = 0.52
"""Mean width of a letter, in ems."""


@dataclass(frozen=True)
class Sheet:
    """A figure with title, subtitle and notes, and room for panels; its edges as shares of the figure."""

    figure: Figure
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def new(
        cls,
        title: str,
        subtitle: str,
        notes: Sequence[str],
        *,
        width: float,
        body: float,
        left: float,
        right: float,
        above: float = 0.3,
        below: float = 0.45,
    ) -> Sheet:
        """Lay out a figure.

        Parameters
        ----------
        title, subtitle, notes
            What and where; how to read it; what stands at the foot.
        width, body
            Inches of the figure, and of the height of the panels.
        left, right, above, below
            Inches beside, above and below the panels, for their labels and titles.
        """
        lines = textwrap.wrap(subtitle, int((width - 0.7) * 72 / (BASE * _LETTER)))
        head = HEAD + LINE * len(lines) + GAP / 2
        foot = FOOT + 1.35 * SMALL / 72 * len(wrap_notes(notes, width))
        height = head + above + body + below + foot
        figure = new_figure(width, height, title, "\n".join(lines))
        write_notes(figure, notes)
        return cls(figure, left / width, 1 - right / width, 1 - (head + above) / height, (foot + below) / height)

    def panels(self, count: int, columns: int, *, across: float = 0.0, down: float = 0.0) -> list[Axes]:
        """Divide the room into so many panels, at most `columns` side by side, with gaps of so many inches."""
        columns, rows = min(columns, count), -(-count // columns)
        width, height = self.figure.get_size_inches()
        each = ((self.right - self.left) * width - across * (columns - 1)) / columns
        tall = ((self.top - self.bottom) * height - down * (rows - 1)) / rows
        grid = self.figure.add_gridspec(
            rows, columns, left=self.left, right=self.right, top=self.top, bottom=self.bottom,
            wspace=across / each, hspace=down / tall,
        )  # fmt: skip
        return [self.figure.add_subplot(grid[place // columns, place % columns]) for place in range(count)]

    def panel(self) -> Axes:
        """Use all the room for one panel."""
        return self.panels(1, 1)[0]


def title_of(outcome: str) -> str:
    """Name of an outcome in words, with a capital."""
    words = plain(outcome)
    return words[0].upper() + words[1:]


def notes_of(study: str, notes: Sequence[str], *topics: Topic, outcome: str = "") -> list[str]:
    """Paragraphs at the foot: the study, if it has a name, and the notes that concern what is shown."""
    return [*([f"Study {study}."] if study else []), *sentences(notes, *topics, outcome=outcome)]


def percent(share: float) -> str:
    """Write a share in per cent."""
    return f"{100 * share:g} %"
