"""What policy may cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from abm.declare import Params


class Budget(Params):
    """What all levers together may cost in a year, and what happens where they would cost more."""

    per_year: float = Field(ge=0, le=1e13, json_schema_extra={"unit": "PKR of 2017 a year"})
    """Money of a year; whole rupees."""

    rule: Literal["cap", "report"]
    """`cap` cuts the doses of all levers alike so that it is not exceeded; `report` only counts."""

    year_begins: int = Field(1, ge=1, le=12, json_schema_extra={"unit": "month of the calendar"})
    """Month in which a budget year begins: 1 for calendar years, 7 for the fiscal years of Pakistan."""

    @property
    def first_month(self) -> int:
        """First month of a budget year, counted from January as 0."""
        return self.year_begins - 1
