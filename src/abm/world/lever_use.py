"""Levers in use, what, where, when and how strongly, and the budget that limits them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from abm.declare import Params
from abm.engine.calendar import Month, parse_month
from abm.engine.entry import Label, Slug

PlaceKind = Literal["unit", "province", "destination", "leg", "route", "border"]
"""Kinds of places that a lever or an event may act on; a border, ``PAK-IRN``, stands for the legs that cross it."""

LONGEST = 1200
"""Months: a century, longer than any run."""


class Where(Params):
    """Places that a lever acts on: one kind, and names of that kind. In YAML ``{province: [punjab, sindh]}``."""

    kind: PlaceKind
    names: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_serializer
    def as_in_yaml(self) -> dict[str, list[str]]:
        """Write it as in YAML."""
        return {self.kind: list(self.names)}


def read_where(value: object) -> object:
    """Turn the forms of ``where`` in YAML into the fields of `Where`; leave anything else as it is, to be refused.

    A list names units; a mapping has one key, the kind, with a name or a list of names.
    """
    if isinstance(value, list | tuple):
        return {"kind": "unit", "names": tuple(value)}
    if isinstance(value, dict) and len(value) == 1:
        kind, names = next(iter(value.items()))
        return {"kind": kind, "names": (names,) if isinstance(names, str) else names}
    return value


class Pulse(Params):
    """Intermittent policy: in force for some months, then not for some months, counted from the start of the lever."""

    months_on: int = Field(ge=1, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months in force in each cycle."""

    months_off: int = Field(ge=1, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months out of force in each cycle."""


MOST = 1e15
"""Largest threshold of a trigger, either way: beyond any outcome."""

THRESHOLD = "a number, in the unit of the outcome"
"""What a threshold is, for messages."""


class When(Params):
    """Trigger of a lever: an outcome of the months before, and the threshold that it has to pass."""

    outcome: str = Field(json_schema_extra={"expected": "the name of an outcome  (abm describe outcomes)"})
    """Outcome that is watched, of the table `national`; with `where` of the table `district`."""

    over_months: int = Field(1, ge=1, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months before the present one that are looked at: flows are added up, stocks, shares and prices averaged."""

    above: float | None = Field(None, ge=-MOST, le=MOST, json_schema_extra={"expected": THRESHOLD})
    """Threshold that has to be exceeded; either this or `below`."""

    below: float | None = Field(None, ge=-MOST, le=MOST, json_schema_extra={"expected": THRESHOLD})
    """Threshold that the outcome has to lie under."""

    where: Annotated[Where | None, BeforeValidator(read_where)] = Field(
        None, json_schema_extra={"expected": "a list of districts, {unit: …} or {province: …}"}
    )
    """Districts or provinces whose outcome is watched; the whole region if left out."""

    for_months: int | None = Field(None, ge=1, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months that the lever stays in force once fired; for as long as the condition holds if left out."""

    cooldown_months: int = Field(0, ge=0, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months after it was in force in which it cannot fire again."""


PER_CENT = re.compile(r"\s*([+-]?\s*[0-9]+(?:\.[0-9]+)?)\s*%\s*")
"""A share in per cent, as it is written."""


def read_share(value: object) -> object:
    """Turn a share in per cent, ``"20 %"``, into a number; leave anything else as it is."""
    found = PER_CENT.fullmatch(value) if isinstance(value, str) else None
    return float(Decimal(found[1].replace(" ", "")) / 100) if found else value


def read_kinds(value: object) -> object:
    """Turn a single kind of application into a list of one; leave anything else as it is."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


class LeverUse(Params):
    """A lever in a scenario: a dated, targeted change of what a mechanism reads."""

    lever: str = Field(json_schema_extra={"expected": "the name of a lever  (abm describe levers)"})
    """Name of the lever; see ``abm describe levers``."""

    id: Slug = Field(default_factory=lambda known: known["lever"])
    """Own name of this use, unique in the configuration; by default that of the lever."""

    label: Label | None = None
    """Name in figures and tables; by default the id in words. It changes no result."""

    where: Annotated[Where | None, BeforeValidator(read_where)] = None
    """Places that it acts on; everywhere if left out."""

    topic: str | None = Field(None, json_schema_extra={"expected": "a topic of beliefs, for example death"})
    """What a campaign is about: death, failure, papers, wage or sanction; only for levers with a message."""

    claimed: float | None = Field(None, ge=0.02, le=50.0, json_schema_extra={"unit": "multiple of the truth"})
    """What a campaign claims, as a multiple of the truth; by default 1, the truth."""

    announced: Month | None = None
    """Month in which it is announced, before `from`; people anticipate it from then on. Unannounced if left out."""

    from_: Month | None = Field(None, alias="from")
    """First month in force; with `when`, first month in which it may fire, by default that of the run."""

    until: Month | None = None
    """Last month in force; the end of the run if left out."""

    when: When | None = None
    """Trigger: an outcome that has to pass a threshold for the lever to come into force."""

    ramp_months: int = Field(0, ge=0, le=LONGEST, json_schema_extra={"unit": "month"})
    """Months over which it grows to its full strength, in equal steps: with 12, a twelfth in the first month."""

    pulse: Pulse | None = None
    """Cycle of months on and off; always on if left out."""

    value: Annotated[float, BeforeValidator(read_share)]
    """Strength in the unit of the lever; a share may be given in per cent, ``20 %``."""

    sectors: Literal["both", "open", "hidden"] | None = None
    """Sector of work without papers that it reaches, for levers that tell them apart; both if left out."""

    kinds: Annotated[tuple[str, ...] | None, BeforeValidator(read_kinds)] = Field(
        None, json_schema_extra={"expected": "a list of kinds of application, for example [visit, contract]"}
    )
    """Kinds of application that it reaches, for levers that tell them apart: contract, sponsorship, visit; all if left
    out."""

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Refuse a lever that never begins, ends before it does, or is announced when it is in force already."""
        if self.from_ is None and self.when is None:
            raise ValueError("'from' is missing")
        if self.until_month is not None and self.until_month < self.from_month:
            raise ValueError(f"'until' {self.until} lies before 'from' {self.from_}")
        if self.announced_month is not None and self.announced_month >= self.from_month:
            raise ValueError(f"'announced' {self.announced} does not lie before 'from' {self.from_}")
        return self

    def reaches(self, part: str) -> bool:
        """Whether it reaches a sector or a kind of application, of a lever that tells them apart."""
        return self.sectors in (part, "both", None) and (self.kinds is None or part in self.kinds)

    @property
    def from_month(self) -> int:
        """First month in force, in months since January of year 0; 0 if left to a trigger."""
        return 0 if self.from_ is None else parse_month(self.from_)

    @property
    def until_month(self) -> int | None:
        """Last month in force, in months since January of year 0, or None for the end of the run."""
        return None if self.until is None else parse_month(self.until)

    @property
    def announced_month(self) -> int | None:
        """Month of the announcement, in months since January of year 0, or None without one."""
        return None if self.announced is None else parse_month(self.announced)

    def strength(self, month: int, began: int | None = None) -> float:
        """Share of the value that is in force in a month, counted from January of year 0.

        It is 0 before ``from``, after ``until`` and in the off months of a pulse; k / ``ramp_months`` in the k-th month
        of a ramp, which goes on through the off months; else 1. Ramp and pulse count from the month in which it
        `began`, where a trigger has set it; by default from ``from``.
        """
        elapsed = month - (self.from_month if began is None else began)
        if elapsed < 0 or (self.until_month is not None and month > self.until_month):
            return 0.0
        if self.pulse and elapsed % (self.pulse.months_on + self.pulse.months_off) >= self.pulse.months_on:
            return 0.0
        return min(1.0, (elapsed + 1) / self.ramp_months) if self.ramp_months else 1.0


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
