"""Entries of all topics by a word: whoever does not know what a thing is called finds its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from abm.report.describe import Topic
from abm.report.render import Row, text_of


def find(words: str, topics: Mapping[str, Topic]) -> list[Row]:
    """List the entries that hold all words anywhere, those that hold them in their names first.

    Parameters
    ----------
    words
        Parts of words, divided by blanks; case, and underscores for blanks, do not count.
    topics
        Where to look.

    Returns
    -------
    list of Row
        Topic, name and text of each entry, once.
    """
    wanted = _plain(words).split()
    by_name, by_text = [], []
    for topic, found in topics.items():
        for row in found.rows():
            name, whole = text_of(row[found.column]), " ".join(map(text_of, row.values()))
            entry = {
                "topic": topic,
                "name": name,
                "text": text_of(row.get("text")) or _cell_with(row, wanted, found.column),
            }
            if _holds(name, wanted):
                by_name.append(entry)
            elif _holds(whole, wanted):
                by_text.append(entry)
    return _once([*by_name, *by_text])


def _plain(text: str) -> str:
    return text.lower().replace("_", " ")


def _holds(text: str, wanted: Iterable[str]) -> bool:
    plain = _plain(text)
    return all(word in plain for word in wanted)


def _cell_with(row: Row, wanted: Iterable[str], apart: str) -> str:
    """Column and value in which one of the words stands, the column with the name apart."""
    cells = {column: text_of(value) for column, value in row.items() if column != apart}
    return next((f"{column}: {cell}" for column, cell in cells.items() if any(_holds(cell, [w]) for w in wanted)), "")


def _once(rows: Iterable[Row]) -> list[Row]:
    """Leave out further rows of an entry: a route has one for each leg."""
    return list({(row["topic"], row["name"]): row for row in reversed(list(rows))}.values())[::-1]
