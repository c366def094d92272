"""Columns: the attributes of each household, village, district, migrant or journey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_type_hints

import numpy as np
from numpy.typing import DTypeLike


@dataclass(frozen=True)
class Column:
    """One column of a table of entities: the smallest sufficient dtype, with its unit."""

    dtype: np.dtype
    unit: str
    text: str
    width: int = 1  # numbers per row


TABLES_OF_COLUMNS: dict[str, dict[str, Column]] = {}
"""Columns of every table of entities, by the name of the table, for the documentation."""

_COLUMNS: dict[type, dict[str, Column]] = {}


def column(dtype: DTypeLike, *, unit: str, text: str, width: int = 1) -> Column:
    """Declare a column."""
    return Column(np.dtype(dtype), unit, text, width)


def table_of_columns[T](name: str) -> Callable[[type[T]], type[T]]:
    """Declare a table: a named tuple whose fields are ``Annotated[np.ndarray, column(...)]``."""

    def enter(record: type[T]) -> type[T]:
        hints = get_type_hints(record, include_extras=True)
        TABLES_OF_COLUMNS[name] = _COLUMNS[record] = {field: hint.__metadata__[0] for field, hint in hints.items()}
        return record

    return enter


def columns_of(record: type) -> dict[str, Column]:
    """Columns of such a table, by name."""
    return _COLUMNS[record]
