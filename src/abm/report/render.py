"""Rows as text: aligned columns, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from abm.report.describe import Row, text_of


def as_columns(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows in aligned columns, one line a row, fit for ``grep`` and ``cut``."""
    cells = [list(columns), *([text_of(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)


def as_markdown(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write rows as a Markdown table."""
    lines = [list(columns), ["---"] * len(columns)]
    lines += [[text_of(row[column]).replace("|", "\\|") for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(rows: Sequence[Row]) -> str:
    """Write rows as a JSON list of objects."""
    return json.dumps(rows, indent=2, ensure_ascii=False)
