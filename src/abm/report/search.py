"""Entries of all topics by a word: whoever does not know what a thing is called finds its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from abm.analysis.wording import plain
from abm.report.describe import Topic
from abm.report.render import Row, text_of

SYNONYMS = {
    "apprehen": "intercept",
    "coyote": "smuggler",
    "hawala": "escrow",
    "hundi": "escrow",
    "interdict": "intercept",
    "kafala": "sponsor",
    "peshgi": "advance",
    "remittance": "remit",
    "trafficker": "recruiter",
    "undocumented": "without papers",
}
"""How words of the field begin, and what the model says instead."""


def find(words: str, topics: Mapping[str, Topic]) -> list[Row]:
    """List topic, name and text of the entries that hold all words anywhere, once, those first that do in their names.

    Words may be parts of words, or `SYNONYMS`; case, and underscores for blanks, do not count.
    """
    typed = plain(words.lower()).split()
    wanted = [(word, *(ours for theirs, ours in SYNONYMS.items() if word.startswith(theirs))) for word in typed]
    by_name: dict[tuple[str, str], Row] = {}  # a route has a row for each leg: the first stands for it
    by_text: dict[tuple[str, str], Row] = {}
    for topic, found in topics.items():
        for row in found.rows():
            name = " ".join(text_of(row[column]) for column in found.columns)
            whole = " ".join(map(text_of, row.values()))
            text = text_of(row.get("text")) or _cell_with(row, wanted, found.column)
            if _holds(whole, wanted):
                group = by_name if _holds(name, wanted) else by_text
                group.setdefault((topic, name), {"topic": topic, "name": name, "text": text})
    return [*by_name.values(), *by_text.values()]


def _holds(text: str, wanted: Iterable[tuple[str, ...]]) -> bool:
    lower = plain(text.lower())
    return all(any(word in lower for word in words) for words in wanted)


def _cell_with(row: Row, wanted: Iterable[tuple[str, ...]], apart: str) -> str:
    """Column and values in which one of the words stands, the column with the name apart."""
    for column, value in row.items():
        cells = map(text_of, value if isinstance(value, tuple) else (value,))
        found = [cell for cell in cells if any(_holds(cell, [words]) for words in wanted)]
        if found and column != apart:
            return f"{column}: {', '.join(found)}"
    return ""
