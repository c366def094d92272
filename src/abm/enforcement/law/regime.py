"""Laws and agencies as data, and what a configuration changes in them.

Shipped are ``laws.yaml`` and ``agencies.yaml``; section ``regime`` of a configuration changes fields of their rows or
adds rows. `regime_of` makes the laws and agencies of a run from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, Field

from abm.declare import Params
from abm.enforcement.law.month_law import STREAMS
from abm.engine.calendar import format_month, parse_month
from abm.engine.entry import Entry, Key, Text, fact, words
from abm.engine.frozen import FrozenDict, freeze
from abm.engine.words import Month
from abm.places.data_files import data_file, read_rows
from abm.places.geography import PROVINCES

FIA = "fia"
"""Service of the circles of the Federal Investigation Agency."""

FOREVER = parse_month("9999-12")
"""Month beyond every run, since January of year 0."""

LAST_MONTH = 2100 * 12
"""Month up to which the coming of a pending law is looked for."""

REPORT_MONTH = 6
"""Month of the year, January being 0, from which a US report of June counts."""


Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"expected": "a number from 0 to 1"})]

_STREAMS = f"{', '.join(map(repr, STREAMS[:-1]))} or {STREAMS[-1]!r}"


class Law(Entry):
    """One row of law, agency and offence."""

    name: Text = words()
    """Name in figures."""

    streams: tuple[Key, ...] = words(f"a list of one stream or more: {_STREAMS}", min_length=1)
    """Streams of crime that it is about."""

    services: tuple[Key, ...] = words("a list of one service or more, 'fia' or one of agencies", min_length=1)
    """Services that it lets act: `fia` (the circles) or a service of `agencies`."""

    named: Key = words(otherwise="")
    """The one of them whose case it is by the law; left out where the law names none."""

    offenders: float = fact("share", 0, 1)
    """Of those exploited or smuggled, whom it makes offenders."""

    protects: float = fact("share", 0, 1, otherwise=0.0)
    """Of these, whom it takes out of the reach of the other laws; 0 if left out."""

    penalty: float = fact("year", 0, 99, otherwise=0.0)
    """Highest prison term; told, not used."""

    provinces: tuple[Key, ...] = words(
        "a list of one province or more", min_length=1, otherwise=tuple(PROVINCES.values())
    )
    """Where it is in force; everywhere if left out."""

    first: Month = words(alias="from")
    """First month in force."""

    last: Month = words(alias="until", otherwise=format_month(FOREVER))
    """Last month in force; for good if left out."""

    awaited: Month = words(alias="pending", otherwise="")
    """Month from which outside pressure to pass it counts; left out, it keeps its date whatever the pressure."""

    replaces: tuple[Key, ...] = words("a list of laws", otherwise=())
    """Laws that are not in force where and while it is."""

    source: Text = words()
    """Where the facts come from, ``assumed`` if from nobody."""

    @property
    def since(self) -> int:
        """First month in force, since January of year 0."""
        return parse_month(self.first)

    @property
    def until(self) -> int:
        """Last month in force, since January of year 0; `FOREVER` for good."""
        return parse_month(self.last)

    @property
    def pending(self) -> int | None:
        """Month from which outside pressure counts, since January of year 0; None where it does not."""
        return parse_month(self.awaited) if self.awaited else None


class Agency(Entry):
    """A service of one province or more, beside the FIA's circles."""

    name: Text = words()
    """Name in figures."""

    service: Key = words()
    """What laws call it: `provincial_police`, `social_welfare`, `labour_inspection`, or a new one."""

    provinces: tuple[Key, ...] = words("a list of one province or more", min_length=1)
    """Where it serves."""

    staff: float = fact("officer by 1 million residents of 2017", 0, 1000)
    """Officers for the streams of `time`."""

    budget: float = fact("PKR of 2017 a month and officer", 0, 1e8)
    """Cost of an officer."""

    shares: Annotated[dict[Key, Share], AfterValidator(FrozenDict)] = words(
        "shares by stream, '{bonded_labour: 0.4, trafficking_domestic: 0.6}'", alias="time"
    )
    """Share of its officers' time by stream at the outset: its priorities. They are made to add up to one."""

    WHOLE = ("shares",)

    @property
    def time(self) -> tuple[float, ...]:
        """Share of their time by stream at the outset, in the order of `STREAMS`, summing to one."""
        total = sum(self.shares.values())
        return tuple(self.shares.get(stream, 0.0) / total for stream in STREAMS)


def _named(kind: str) -> Any:
    return Field({}, json_schema_extra={"expected": f"{kind} by name (name: fields)"})


class RegimeSettings(Params):
    """Changes of, and additions to, the shipped laws and agencies."""

    laws: Annotated[dict[Key, Law], AfterValidator(FrozenDict)] = _named("laws")
    """Laws, beside those of ``laws.yaml``."""

    agencies: Annotated[dict[Key, Agency], AfterValidator(FrozenDict)] = _named("agencies")
    """Agencies of the provinces, beside those of ``agencies.yaml``."""


REGIME_ENTRIES: dict[str, type[Entry]] = {"laws": Law, "agencies": Agency}
"""Kind of entry of each part of the section."""


@dataclass(frozen=True)
class Tier:
    """Where a US report put the country: from a month on (since January of year 0), with the weight of its pressure."""

    since: int
    name: str
    weight: float
    source: str


@dataclass(frozen=True)
class Regime:
    """All laws and agencies of a configuration."""

    laws: tuple[Law, ...]
    agencies: tuple[Agency, ...]


@cache
def regime_of(changes: RegimeSettings | None = None) -> Regime:
    """Work out all laws and agencies of a configuration.

    Parameters
    ----------
    changes
        Section ``regime`` of a configuration that was checked; None for what is shipped.
    """
    rows = merge_regime(changes or RegimeSettings())
    return Regime(
        tuple(law.complete(key) for key, law in rows.laws.items()),
        tuple(agency.complete(key) for key, agency in rows.agencies.items()),
    )


def merge_regime(changes: RegimeSettings) -> RegimeSettings:
    """Bring changes into the shipped rows; of changes that were not checked, parts may be missing.

    A known key changes the fields given, lists and the time of an agency are replaced. New keys come after the
    shipped ones in alphabetical order, so that the order of a file does not count.
    """
    merged: dict[str, Any] = {}
    for part, kind in REGIME_ENTRIES.items():
        shipped, given, nothing = getattr(_shipped(), part), getattr(changes, part), kind()
        order = [*shipped, *sorted(given.keys() - shipped.keys())]
        merged[part] = {
            key: shipped.get(key, nothing).merged(given[key]) if key in given else shipped[key] for key in order
        }
    return RegimeSettings.model_construct(**merged)


@cache
def _shipped() -> RegimeSettings:
    return RegimeSettings.model_validate(freeze(shipped_regime()))


@cache
def shipped_regime() -> dict[str, dict[str, dict[str, Any]]]:
    """Read the shipped rows as plain data, part (laws, agencies) -> key -> fields; not to be changed."""
    return {"laws": _read("laws.yaml")["laws"], "agencies": _read("agencies.yaml")["agencies"]}


def pressure_of(month: int) -> float:
    """Outside pressure of a month: the weight of the US tier in force, 0 before the treaty of 2000."""
    found = 0.0
    for tier in us_tiers():
        if tier.since <= month:
            found = tier.weight
    return found


def month_in_force(law: Law, pressure: float) -> int:
    """First month in which a law is in force.

    Without pressure of its own it keeps its date. A pending one comes when the pressure that has mounted since,
    multiplied by `pressure`, has reached what had mounted when it came in fact; at 1 that is its date. One that came
    without any keeps its date too, and one that does not come by `LAST_MONTH` never does.

    Parameters
    ----------
    law, pressure
        Law, and multiple of the historic pressure.
    """
    if law.pending is None:
        return law.since
    needed = sum(pressure_of(month) for month in range(law.pending, law.since))
    if needed <= 0.0:
        return law.since
    mounted = 0.0
    for month in range(law.pending, LAST_MONTH + 1):
        if mounted >= needed:
            return month
        mounted += pressure * pressure_of(month)
    return FOREVER


@cache
def us_tiers() -> tuple[Tier, ...]:
    """Tiers of the US reports on Pakistan, in the order of time; years without a report keep the tier before."""
    facts = _read("laws.yaml")["pressure"]
    rows = [row for row in read_rows("tables/bonded_labour_trafficking.csv") if row["measure"] == "US TIP report tier"]
    named = {int(year): (str(tier), "assumed") for year, tier in facts["before"].items()}
    named |= {int(row["year"]): (row["value"], row["source_id"]) for row in rows}
    return tuple(
        Tier(year * 12 + REPORT_MONTH, tier, float(facts["weights"][tier]), source)
        for year, (tier, source) in sorted(named.items())
    )


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load(data_file(name).read_text(encoding="utf-8"))
