"""Entries of all topics by a word: whoever does not know what a thing is called finds its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from abm.report.describe import Topic
from abm.report.render import Row, text_of


def find(words: str, topics: Mapping[str, Topic]) -> list[Row]:
    """List topic, name and text of the entries that hold all words anywhere, once, those first that do in their names.

    Words may be parts of words; case, and underscores for blanks, do not count.
    """
    wanted = _plain(words).split()
    by_name: dict[tuple[str, str], Row] = {}  # a route has a row for each leg: the first stands for it
    by_text: dict[tuple[str, str], Row] = {}
    for topic, found in topics.items():
        for row in found.rows():
            name, whole = text_of(row[found.column]), " ".join(map(text_of, row.values()))
            text = text_of(row.get("text")) or _cell_with(row, wanted, found.column)
            if _holds(whole, wanted):
                group = by_name if _holds(name, wanted) else by_text
                group.setdefault((topic, name), {"topic": topic, "name": name, "text": text})
    return [*by_name.values(), *by_text.values()]


def _plain(text: str) -> str:
    return text.lower().replace("_", " ")


def _holds(text: str, wanted: Iterable[str]) -> bool:
    plain = _plain(text)
    return all(word in plain for word in wanted)


def _cell_with(row: Row, wanted: Iterable[str], apart: str) -> str:
    """Column and value in which one of the words stands, the column with the name apart."""
    cells = {column: text_of(value) for column, value in row.items() if column != apart}
    return next((f"{column}: {cell}" for column, cell in cells.items() if any(_holds(cell, [w]) for w in wanted)), "")
