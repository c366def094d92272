"""Reading of plain data that may be malformed: what is malformed counts as not given, and the types refuse it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from abm.declare import Params
from abm.engine.calendar import parse_month
from abm.engine.entry import Entry, Section, freeze

START, END = "2009-01", "2028-12"  # months simulated if a configuration does not say

Use = dict[str, object]  # one item of ``levers`` or ``events``

Uses = list[tuple[tuple[str, int], Use]]  # such items, each with its path

Entries = dict[str, dict[str, dict[str, object]]]
"""What a section of entries by name gives, by part: the fields of each as plain data."""


def mapping_in(value: object) -> Mapping[Any, Any]:
    """Give settings as they are; anything else holds none."""
    return value if isinstance(value, Mapping) else {}


def sound_entries[S: Params](section: Section[S], raw: object) -> S:
    """Read what is well formed in a section of entries by name: a malformed field or list is left out."""
    parts = {
        part: {
            key: _sound_part(kind, freeze(dict(row)))
            for key, row in mapping_in(mapping_in(raw).get(part)).items()
            if isinstance(key, str) and isinstance(row, Mapping)
        }
        for part, kind in section.kinds.items()
    }
    return section.unchecked(parts)


def _sound_part[E: Entry](kind: type[E], row: dict[str, object]) -> E:
    given = set(row)
    while True:
        try:
            return kind.model_validate(row).without(given - set(row))
        except ValidationError as error:
            if not any([_drop(row, detail["loc"]) for detail in error.errors(include_url=False)]):
                return kind().without(given)


def _drop(row: dict[Any, Any], where: Sequence[str | int]) -> bool:
    """Drop what a place in a row leads to, a list as a whole; returns whether there is anything."""
    key, *rest = where
    inside = row.get(key)
    if rest and isinstance(inside, dict) and _drop(inside, rest):
        return True
    there = key in row
    row.pop(key, None)
    return there


def uses_of(raw: dict[str, object], part: str) -> Uses:
    """Items of ``levers`` or ``events``."""
    given = raw.get(part)
    items = enumerate(given if isinstance(given, list | tuple) else ())
    return [((part, index), use) for index, use in items if isinstance(use, dict)]


def month_of(value: object) -> int | None:
    """Month, since January of year 0; None where it is none."""
    try:
        return parse_month(value) if isinstance(value, str) else None
    except ValueError:
        return None


def horizon_of(raw: dict[str, object]) -> tuple[int | None, int | None]:
    """First and last month of the run, None where malformed."""
    return month_of(raw.get("start", START)), month_of(raw.get("end", END))
