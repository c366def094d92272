"""Section ``regime``: what a configuration changes in, or adds to, the shipped laws and agencies.

Each entry has the fields of its row in ``laws.yaml`` or ``agencies.yaml``. An entry of a known name changes the fields
given; a new name adds one, with all fields that are not marked optional.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from abm.config.entry import Entry, Key, Text, fact, words
from abm.config.wording import either
from abm.declare import Params
from abm.enforcement.law.month_law import STREAMS
from abm.engine.frozen import FrozenDict
from abm.engine.words import Month

Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"expected": "a number from 0 to 1"})]


class LawEntry(Entry):
    """One row of law, agency and offence."""

    name: Text | None = words()
    """Name in figures."""

    streams: tuple[Key, ...] | None = words(f"a list of one stream or more: {either(STREAMS)}", min_length=1)
    """Streams of crime that it is about."""

    services: tuple[Key, ...] | None = words("a list of one service or more, 'fia' or one of agencies", min_length=1)
    """Services that it lets act: `fia` (the circles) or a service of `agencies`."""

    named: Key | None = words(optional=True)
    """The one of them whose case it is by the law; left out where the law names none."""

    offenders: float | None = fact("share", 0, 1)
    """Of those exploited or smuggled, whom it makes offenders."""

    protects: float | None = fact("share", 0, 1, optional=True)
    """Of these, whom it takes out of the reach of the other laws; 0 if left out."""

    penalty: float | None = fact("year", 0, 99, optional=True)
    """Highest prison term; told, not used."""

    provinces: tuple[Key, ...] | None = words("a list of one province or more", min_length=1, optional=True)
    """Where it is in force; everywhere if left out."""

    from_: Month | None = Field(None, alias="from", json_schema_extra={"optional": False})
    """First month in force."""

    until: Month | None = words(optional=True)
    """Last month in force; for good if left out."""

    pending: Month | None = words(optional=True)
    """Month from which outside pressure to pass it counts; left out, it keeps its date whatever the pressure."""

    replaces: tuple[Key, ...] | None = words("a list of laws", optional=True)
    """Laws that are not in force where and while it is."""

    source: Text | None = words()
    """Where the facts come from, ``assumed`` if from nobody."""


class AgencyEntry(Entry):
    """A service of one province or more, beside the FIA's circles."""

    name: Text | None = words()
    """Name in figures."""

    service: Key | None = words()
    """What laws call it: `provincial_police`, `social_welfare`, `labour_inspection`, or a new one."""

    provinces: tuple[Key, ...] | None = words("a list of one province or more", min_length=1)
    """Where it serves."""

    staff: float | None = fact("officer by 1 million residents of 2017", 0, 1000)
    """Officers for the streams of `time`."""

    budget: float | None = fact("PKR of 2017 a month and officer", 0, 1e8)
    """Cost of an officer."""

    time: Annotated[dict[Key, Share], AfterValidator(FrozenDict)] | None = words(
        "shares by stream, '{bonded_labour: 0.4, trafficking_domestic: 0.6}'"
    )
    """Share of its officers' time by stream at the outset: its priorities. They are made to add up to one."""


def _named(kind: str) -> object:
    return Field({}, json_schema_extra={"expected": f"{kind} by name (name: fields)"})


class RegimeSettings(Params):
    """Changes of, and additions to, the shipped laws and agencies."""

    laws: Annotated[dict[Key, LawEntry], AfterValidator(FrozenDict)] = _named("laws")  # type: ignore[assignment]
    """Laws, beside those of ``laws.yaml``."""

    agencies: Annotated[dict[Key, AgencyEntry], AfterValidator(FrozenDict)] = _named("agencies")  # type: ignore[assignment]
    """Agencies of the provinces, beside those of ``agencies.yaml``."""


REGIME_ENTRIES: dict[str, type[Entry]] = {"laws": LawEntry, "agencies": AgencyEntry}
"""Kind of entry of each part of the section."""
