"""What a page is made of: sections of text, tables and charts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abm.page.looks import Look

Spec = Mapping[str, Any]
"""A chart in Vega-Lite, as plain data."""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Labels and what is to be said of each."""

    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    columns, rows
        Heads, and cells as text.
    numbers
        Columns that are aligned at the right.
    title
        What it shows; it becomes the caption.
    notes
        What stands below.
    folded
        Whether the reader has to open it; a folded table is not printed.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    title: str = ""
    notes: Sequence[str] = ()
    folded: bool = False

    @classmethod
    def of(
        cls, rows: Sequence[Mapping[str, str]], numbers: Collection[str] = (), *, title: str, folded: bool = False
    ) -> Grid:
        """Table of rows by head; `numbers` are heads."""
        columns = list(rows[0]) if rows else []
        places = [place for place, column in enumerate(columns) if column in numbers]
        return cls(columns, [list(row.values()) for row in rows], places, title, folded=folded)


def said_once(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Leave out a first cell that repeats the one above it."""
    return [["" if place and row[0] == rows[place - 1][0] else row[0], *row[1:]] for place, row in enumerate(rows)]


@dataclass(frozen=True)
class Code:
    """Text to be copied: a command or a file."""

    text: str
    title: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes
    ----------
    title
        What it shows.
    spec
        How it is drawn.
    alt
        What somebody who does not see it should know.
    note
        How it is read, below it.
    legend
        Series and their looks, by name; a click on one hides or shows it where `switches`.
    switches
        Whether the chart has the parameter `shown`, names of the series that are drawn.
    numbers
        What is drawn, as a table that the reader may open.
    """

    title: str
    spec: Spec
    alt: str
    note: str = ""
    legend: Mapping[str, Look] = field(default_factory=dict)
    switches: bool = False
    numbers: Grid | None = None


Block = Text | Items | Heading | Facts | Grid | Code | Chart


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own.

    Attributes
    ----------
    key
        Anchor of the heading, ``past-performance``.
    title
        The heading.
    blocks
        What it holds, in order; a section without any is left out.
    """

    key: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """All of it.

    Attributes
    ----------
    kind
        ``run``, ``study``, ``calibration`` or ``facts``.
    title, lead
        What it is about, and what was asked.
    sections
        In order.
    """

    kind: str
    title: str
    lead: str
    sections: Sequence[Section]
