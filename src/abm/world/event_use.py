"""Events in use: what befalls, where and when."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from abm.declare import Params
from abm.engine.calendar import Month, parse_month
from abm.engine.entry import Slug
from abm.world.lever_use import Where, read_where


class EventUse(Params):
    """An event in a scenario: something that befalls on a date. Which settings it has depends on the kind of event."""

    event: str = Field(json_schema_extra={"expected": "the name of an event  (abm describe events)"})
    """Kind of event; see ``abm describe events``."""

    id: Slug = Field(default_factory=lambda known: known["event"])
    """Own name of this use, unique among the events; by default that of the kind. Its random draws depend on it."""

    month: Month | None = None
    """Month in which it happens."""

    from_: Month | None = Field(None, alias="from")
    """First month of an event that lasts."""

    until: Month | None = None
    """Last month of it; the end of the run if left out."""

    where: Annotated[Where | None, BeforeValidator(read_where)] = Field(
        None, json_schema_extra={"expected": "a list of districts, or {KIND: …} with a kind of place of the event"}
    )
    """Places where it happens; everywhere if left out, unless the kind of event needs it."""

    way: Annotated[Where | None, BeforeValidator(read_where)] = Field(
        None, json_schema_extra={"expected": "{leg: …} or {route: …}"}
    )
    """Leg or route on which persons die."""

    persons: int | None = Field(None, ge=1, le=100_000, json_schema_extra={"unit": "person"})
    """Persons in all; not rows of a sample."""

    share: float | None = Field(None, ge=0, le=1, json_schema_extra={"unit": "share"})
    """Share of the households, or of the persons without papers, whom it affects."""

    amount: int | None = Field(None, ge=1, le=10_000_000, json_schema_extra={"unit": "PKR of 2017 a household"})
    """Money that a household gets."""

    poorer_than: float | None = Field(None, ge=0, le=100, json_schema_extra={"unit": "multiple of subsistence"})
    """Only households whose income of the month lies below this multiple of the subsistence of those at home."""

    lowest_fifths: int | None = Field(None, ge=1, le=5, json_schema_extra={"unit": "fifth of permanent income"})
    """Only households of so many of the lowest fifths."""

    multiple: float | None = Field(None, ge=0.05, le=10, json_schema_extra={"unit": "multiple"})
    """What incomes are multiplied by."""

    parameter: str | None = Field(
        None, json_schema_extra={"expected": "the path of a parameter, as in labour.job_growth"}
    )
    """Parameter that has another value."""

    value: float | None = None
    """Its value, in its unit."""

    @property
    def first_month(self) -> int:
        """Month in which it befalls or begins, in months since January of year 0."""
        begins = self.month or self.from_
        assert begins is not None  # the configuration is checked
        return parse_month(begins)

    def holds(self, month: int) -> bool:
        """Whether it befalls, or lasts, in a month."""
        if self.month is not None:
            return month == self.first_month
        return self.first_month <= month and (self.until is None or month <= parse_month(self.until))
