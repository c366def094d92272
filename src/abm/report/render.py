"""Rows as text: cells, aligned columns, labels with values, Markdown, and what of a table fits into a terminal.

By hand, in a few lines each: pandas takes a second to load, and another package for Markdown; rich, which draws tables
in a terminal, would squeeze all columns in instead of leaving the lesser ones out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from textwrap import TextWrapper
from typing import Any

import yaml

from abm.config.wording import is_number, number

Row = dict[str, Any]  # one entry of a list: values by column; a tuple holds several values


def cell_of(row: Row, column: str) -> str:
    """Write one cell of a row for reading; defaults as YAML, so that they can be copied into a file."""
    return as_yaml(row[column]) if column == "default" else text_of(row[column])


def as_yaml(value: object) -> str:
    """Write a value as it stands in a YAML file."""
    if is_number(value):
        return number(value)
    plain = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
    return yaml.safe_dump(plain, width=1000).partition("\n")[0]


def text_of(value: object) -> str:
    """Write a value for reading."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value)
    return number(value) if isinstance(value, int | float) else str(value)


def as_columns(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows in aligned columns, one line a row, fit for ``grep`` and ``cut``; prose last, as it would pad them."""
    columns = sorted(columns, key=lambda name: _is_prose(rows, name))
    cells = [list(columns), *([text_of(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)


def as_labels(rows: Sequence[Row], width: int) -> str:
    """Write each row as lines ``label: value``, values aligned and wrapped to `width`; what is empty is left out."""
    entries = []
    for row in rows:
        texts = {label: text for label, text in row.items() if text}
        indent = max(map(len, texts)) + 2
        wrap = TextWrapper(width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
        lines = []
        for label, text in texts.items():
            wrap.initial_indent = f"{label}:".ljust(indent)
            lines.append(wrap.fill(text))
        entries.append("\n".join(lines))
    return "\n\n".join(entries)


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows as a Markdown table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[text_of(row[column]).replace("|", "\\|") for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


GAP = 2  # blanks between columns
PROSE = 40  # mean characters of a cell from which a column counts as prose, which wants some room to be read
ROOM, ROOM_OF_PROSE = 14, 28  # least width of a column whose cells may wrap
LONGEST_WORD = 26  # a longer word inside a cell, such as an address, may be broken


def fit(cells: Sequence[Mapping[str, str]], columns: Sequence[str], width: int) -> dict[str, int]:
    """Choose the columns that fit into a line of `width` characters, from the left; gives the widths of those shown.

    The first has room always.
    """
    natural = {name: max(map(len, (name, *(row[name] for row in cells)))) for name in columns}
    given: dict[str, int] = {}
    for name in columns:
        wider = given | {name: min(_need(cells, name, natural[name], whole=not given), width)}
        if given and _total(wider) > width:
            break  # room for a lesser column would be taken from those before it
        given = wider
    for _ in range(width - _total(given)):
        cramped = [name for name in given if given[name] < natural[name]]
        if not cramped:
            break
        given[max(cramped, key=lambda name: natural[name] / given[name])] += 1
    return given


def _need(cells: Sequence[Mapping[str, str]], name: str, natural: int, *, whole: bool) -> int:
    """Least width at which a column can be read."""
    if whole or not cells:
        return natural
    room = ROOM_OF_PROSE if _is_prose(cells, name) else ROOM
    longest = max(map(len, (name, *(word for row in cells for word in row[name].split()))))
    return min(natural, max(room, min(longest, LONGEST_WORD)))


def _is_prose(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return bool(rows) and mean(len(text_of(row[name])) for row in rows) > PROSE


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
