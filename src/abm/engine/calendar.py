"""Months as integers, months since January of year 0, and as text in settings."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

MONTHS_A_YEAR = 12

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@cache
def parse_month(text: str) -> int:
    """Turn ``"2017-07"`` into months since January of year 0.

    Raises
    ------
    ValueError
        If the text is not a month of the form YYYY-MM.
    """
    found = _MONTH.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is not a month; write it as YYYY-MM, for example 2018-01")
    return int(found[1]) * MONTHS_A_YEAR + int(found[2]) - 1


@cache
def format_month(month: int) -> str:
    """Turn months since January of year 0 into ``"2017-07"``."""
    return f"{month // MONTHS_A_YEAR:04d}-{month % MONTHS_A_YEAR + 1:02d}"


def fraction_of_year(month: float) -> float:
    """Calendar time of the middle of a month, in years."""
    return month / MONTHS_A_YEAR + 1 / 24


def check_month(text: str) -> str:
    """Pass a month of the form YYYY-MM on unchanged."""
    parse_month(text)
    return text


Month = Annotated[
    str, Field(json_schema_extra={"expected": "a month as YYYY-MM, for example 2018-01"}), AfterValidator(check_month)
]
"""A month of the form YYYY-MM."""
