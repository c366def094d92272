"""Figures of panels: a heading, panels of a known height, and notes below them, whatever their number and the style."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from abm.analysis.wording import Topic, sentences
from abm.plots.style import BASE, COLUMN, PAGE, SMALL, Plate, for_paper, new_figure, wrap_notes, write_notes

HEAD, LINE, FOOT, GAP = 0.52, 0.19, 0.3, 0.3
"""Inches of title, of a line of the subtitle, below the notes, and between parts."""

_LETTER = 0.52  # mean width of a letter, in ems

NARROW, LOW, TALL = 1.35, 2.0, 9.0
"""Inches that a panel needs in a paper, or fewer stand side by side; height up to which none is lowered; of a page."""

BETWEEN = 0.85  # inches between panels above each other in a paper, at most


@dataclass
class Sheet:
    """A figure with title, subtitle and notes, and room for panels; all measures in inches."""

    figure: Plate
    left: float
    right: float
    head: float
    body: float
    foot: float

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
        """Lay out a figure of `width` inches with panels of `body` inches of height and notes at the foot.

        `left`, `right`, `above`, `below`: inches around the panels, for their labels and titles.
        """
        lines = textwrap.wrap(subtitle, int((width - 0.7) * 72 / (BASE * _LETTER)))
        head, foot = above, below
        if for_paper():
            width = min(width, PAGE)
        else:
            head += HEAD + LINE * len(lines) + GAP / 2
            foot += FOOT + 1.35 * SMALL / 72 * len(wrap_notes(notes, width))
        figure = new_figure(width, head + body + foot, title, "\n".join(lines))
        write_notes(figure, notes)
        return cls(figure, left, right, head, body, foot)

    def panels(self, count: int, columns: int, *, across: float = 0.0, down: float = 0.0) -> list[Axes]:
        """Divide the room into so many panels, at most `columns` side by side, with gaps of so many inches.

        For a paper as many stand side by side as are wide enough, each as high as on the screen.
        """
        columns = min(columns, count)
        width = self.figure.get_size_inches()[0]
        if for_paper():
            tall, down = self._each(self.body, -(-count // columns), down), min(down, BETWEEN)
            columns = self._columns_of_paper(count, columns, across)
            width = COLUMN if columns == 1 and COLUMN - self.left - self.right >= NARROW else PAGE
            rows = -(-count // columns)
            tall = min(tall, max(LOW, 0.95 * self._each(width - self.left - self.right, columns, across)))
            tall = min(tall, self._each(TALL - self.head - self.foot, rows, down))
            self.body = rows * tall + (rows - 1) * down
            self.figure.set_size_inches(width, self.head + self.body + self.foot)
        rows = -(-count // columns)
        height = self.head + self.body + self.foot
        grid = self.figure.add_gridspec(
            rows, columns, left=self.left / width, right=1 - self.right / width,
            top=1 - self.head / height, bottom=self.foot / height,
            wspace=across / self._each(width - self.left - self.right, columns, across),
            hspace=down / self._each(self.body, rows, down),
        )  # fmt: skip
        return [self.figure.add_subplot(grid[place // columns, place % columns]) for place in range(count)]

    def _columns_of_paper(self, count: int, columns: int, across: float) -> int:
        """Panels side by side: one where three or fewer fit into a column of the text, else what a page holds."""
        if count <= 3 and COLUMN - self.left - self.right >= NARROW:
            return 1
        fitting = [n for n in range(1, columns + 1) if self._each(PAGE - self.left - self.right, n, across) >= NARROW]
        return max(fitting, default=1)

    @staticmethod
    def _each(room: float, count: int, gap: float) -> float:
        """Inches of each of so many in a room, with gaps between them."""
        return (room - gap * (count - 1)) / count

    def panel(self) -> Axes:
        """Use all the room for one panel."""
        return self.panels(1, 1)[0]


def is_leftmost(axes: Axes) -> bool:
    """Whether a panel stands at the left, where axes are labelled."""
    place = axes.get_subplotspec()
    return place is None or place.is_first_col()


def notes_of(study: str, notes: Sequence[str], *topics: Topic, outcome: str = "") -> list[str]:
    """Paragraphs at the foot: the study, if it has a name, and the notes that concern what is shown."""
    return [*([f"Study {study}."] if study else []), *sentences(notes, *topics, outcome=outcome)]
