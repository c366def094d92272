"""Columns: the attributes of each household, village, district, migrant or journey."""

from __future__ import annotations

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


def column(dtype: DTypeLike, *, unit: str, text: str, width: int = 1) -> Column:
    """Declare a column."""
    return Column(np.dtype(dtype), unit, text, width)


def columns_of(record: type) -> dict[str, Column]:
    """Columns of a named tuple whose fields are ``Annotated[np.ndarray, column(...)]``, by name."""
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(record, include_extras=True).items()}
