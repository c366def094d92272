"""Text types used in settings: months and short names."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from abm.engine.calendar import format_month, parse_month


def check_month(text: str) -> str:
    """Pass a month of the form YYYY-MM on unchanged."""
    if format_month(parse_month(text)) != text:
        raise ValueError(f"'{text}' is not a month of the form YYYY-MM")
    return text


Month = Annotated[
    str,
    Field(json_schema_extra={"expected": "a month as YYYY-MM, for example 2018-01"}),
    AfterValidator(check_month),
]
"""A month of the form YYYY-MM."""

Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=60,
        json_schema_extra={"expected": "a short name of small letters, digits, '_' and '-'"},
    ),
]
"""A name fit for files and columns."""
