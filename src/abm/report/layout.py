"""Which columns of a table have room in a terminal, and how wide each is.

rich, which draws the table, would squeeze all columns in instead of leaving the lesser ones out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

GAP = 2
"""Blanks between columns."""

PROSE = 40
"""Mean characters of a cell from which a column counts as prose, which wants some room to be read."""

ROOM, ROOM_OF_PROSE = 14, 28
"""Least width of a column whose cells may wrap."""

LONGEST_WORD = 26
"""A longer word inside a cell, such as an address, may be broken."""


type Ranked = Sequence[str | tuple[str, ...]]
"""Columns in the order in which they get room; those of a tuple get it together or not at all."""


def fit(cells: Sequence[Mapping[str, str]], columns: Sequence[str], first: Ranked, width: int) -> dict[str, int]:
    """Choose the columns that fit into a line, and share its width out.

    Parameters
    ----------
    cells
        Rows of the table, each a text by column.
    columns
        Columns in the order in which they stand.
    first
        Columns in the order in which they get room, until one has none; the first has it always, and those not named
        come after.
    width
        Characters of a line.

    Returns
    -------
    dict
        Widths of the columns shown, in the order of `columns`.
    """
    natural = {name: max(map(len, (name, *(row[name] for row in cells)))) for name in columns}
    groups = [(item,) if isinstance(item, str) else item for item in first]
    named = {name for group in groups for name in group}
    given: dict[str, int] = {}
    for group in (*groups, *((name,) for name in columns if name not in named)):
        wider = given | {name: min(_need(cells, name, natural[name], whole=not given), width) for name in group}
        if given and _total(wider) > width:
            break  # room for a lesser column would be taken from those before it
        given = wider
    for _ in range(width - _total(given)):
        cramped = [name for name in given if given[name] < natural[name]]
        if not cramped:
            break
        given[max(cramped, key=lambda name: natural[name] / given[name])] += 1
    return {name: given[name] for name in columns if name in given}


def _need(cells: Sequence[Mapping[str, str]], name: str, natural: int, *, whole: bool) -> int:
    """Least width at which a column can be read."""
    if whole or not cells:
        return natural
    room = ROOM_OF_PROSE if mean(len(row[name]) for row in cells) > PROSE else ROOM
    longest = max(map(len, (name, *(word for row in cells for word in row[name].split()))))
    return min(natural, max(room, min(longest, LONGEST_WORD)))


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)
