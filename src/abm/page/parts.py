"""What a page is made of: sections of text, tables and charts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abm.page.looks import Look


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
    """A table with its caption, and notes below it."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()  # columns that are aligned at the right
    title: str = ""
    notes: Sequence[str] = ()
    folded: bool = False  # whether the reader has to open it; a folded table is not printed

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
    """Text to be copied: a command, or a file, which has a title and is folded."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart; its note says how it is read, its numbers are a table that the reader may open."""

    title: str
    spec: Mapping[str, Any]  # Vega-Lite, as plain data
    alt: str  # what somebody who does not see it should know
    note: str = ""
    legend: Mapping[str, Look] = field(default_factory=dict)
    switches: bool = False
    """Whether a click on a series in the legend hides or shows it; the parameter `shown` holds those drawn."""
    numbers: Grid | None = None


Block = Text | Items | Heading | Facts | Grid | Code | Chart


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own; without any blocks it is left out."""

    key: str  # anchor of the heading, ``past-performance``
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """All of it; the lead says what was asked."""

    kind: str  # what it is, in words, above the title
    title: str
    lead: str
    sections: Sequence[Section]
