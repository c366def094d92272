"""A kind of text that a configuration holds: short names."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=60,
        json_schema_extra={"expected": "a short name of small letters, digits, '_' and '-'"},
    ),
]
"""A name fit for files and columns."""
