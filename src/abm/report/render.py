"""Rows as text: aligned columns, labels with values, Markdown, JSON.

By hand, in a few lines each: pandas takes a second to load, and another package for Markdown.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from abm.report.describe import Row, text_of


def as_columns(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows in aligned columns, one line a row, fit for ``grep`` and ``cut``."""
    cells = [list(columns), *([text_of(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)


def as_labels(rows: Sequence[Row], width: int) -> str:
    """Write each row as lines ``label: value``, values aligned and wrapped to `width`; what is empty is left out."""
    return "\n\n".join(_labelled({label: text for label, text in row.items() if text}, width) for row in rows)


def _labelled(texts: dict[str, str], width: int) -> str:
    indent = max(map(len, texts)) + 2
    lines = (
        textwrap.fill(
            text,
            width,
            initial_indent=f"{label}:".ljust(indent),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for label, text in texts.items()
    )
    return "\n".join(lines)


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows as a Markdown table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[text_of(row[column]).replace("|", "\\|") for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(rows: Sequence[Row]) -> str:
    """Write rows as a JSON list of objects."""
    return json.dumps(rows, indent=2, ensure_ascii=False)
