"""Columns: what is held for each household, village, district, migrant or journey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike


@dataclass(frozen=True)
class Column:
    """One column of a table of entities: smallest dtype that is true, with its unit."""

    dtype: np.dtype
    unit: str
    text: str
    width: int = 1
    """Numbers a row."""


TABLES_OF_COLUMNS: dict[str, dict[str, Column]] = {}
"""Columns of every table of entities, by the name of the table, for the documentation."""


def column(dtype: DTypeLike, *, unit: str, text: str, width: int = 1) -> Column:
    """Declare a column."""
    return Column(np.dtype(dtype), unit, text, width)
