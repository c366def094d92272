"""What an entry of section ``places`` is: fields with units and bounds, of which only those given count."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_serializer
from pydantic_core import PydanticCustomError

from abm.declare import Params

KEY_PATTERN = r"^[a-z][a-z0-9_]*$"

Key = Annotated[
    str,
    Field(
        pattern=KEY_PATTERN,
        max_length=60,
        json_schema_extra={"expected": "a short name of small letters, digits and '_'"},
    ),
]
"""Name of a place, leg, route, destination, post or corridor."""

COUNTRY_PATTERN = r"^[A-Z]{3}$"

Country = Annotated[
    str, Field(pattern=COUNTRY_PATTERN, json_schema_extra={"expected": "a country as three capitals (ISO 3166), 'TUR'"})
]


def check_printable(text: str) -> str:
    """Pass a text on that a figure, a table or a terminal can show on one line."""
    if not text.isprintable() or not text.strip():
        raise ValueError("a line end, or a character that cannot be shown")
    return text


Text = Annotated[
    str,
    Field(max_length=200, json_schema_extra={"expected": "one line of text that can be printed"}),
    AfterValidator(check_printable),
]
"""A name or a source, in words."""


def fact(unit: str, low: float, high: float, *, optional: bool = False) -> Any:
    """Declare a number of an entry, with its unit and bounds."""
    extra: dict[str, Any] = {"unit": unit, "bounds": [low, high], "optional": optional}
    return Field(None, ge=low, le=high, json_schema_extra=extra)


def words(expected: str | None = None, *, optional: bool = False, **rules: Any) -> Any:
    """Declare a field of an entry that is no number."""
    extra: dict[str, Any] = {"optional": optional, **({"expected": expected} if expected else {})}
    return Field(None, json_schema_extra=extra, **rules)


class Entry(Params):
    """One entry: only what is given counts, and nothing may be given as nothing."""

    model_config = ConfigDict(validate_default=False)

    @field_validator("*", mode="before")
    @classmethod
    def refuse_nothing(cls, value: Any) -> Any:
        """Refuse ``cost:`` without a value, which would look like a change and be none."""
        if value is None:
            raise PydanticCustomError("nothing", "nothing is given")
        return value

    @model_serializer(mode="wrap")
    def only_given(self, handler: Any) -> dict[str, Any]:
        """Write only what is given, as in YAML."""
        return {key: value for key, value in handler(self).items() if value is not None}
