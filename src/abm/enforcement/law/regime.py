"""Laws and agencies as data, with the changes of a configuration.

Shipped are ``laws.yaml`` and ``agencies.yaml``; section ``regime`` of a configuration changes fields of their rows or
adds rows. `regime_of` makes the laws and agencies of a run from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from abm.declare import Params
from abm.enforcement.law.month_law import STREAMS
from abm.engine.calendar import Month, format_month, parse_month
from abm.engine.entry import Entry, FrozenDict, Key, Section, Text, by_name, complete, fact, words
from abm.places.data_files import read_rows, read_yaml
from abm.places.geography import PROVINCES

FIA = "fia"
"""Service of the circles of the Federal Investigation Agency."""

FOREVER = parse_month("9999-12")
"""Month beyond every run, since January of year 0."""

LAST_MONTH = 2100 * 12
"""Last month considered for the coming of a pending law."""

REPORT_MONTH = 6
"""Month of the year (January is 0) from which a US report of June counts."""


Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"expected": "a number from 0 to 1"})]

_STREAMS = f"{', '.join(map(repr, STREAMS[:-1]))} or {STREAMS[-1]!r}"


class Law(Entry):
    """One row of law, agency and offence."""

    name: Text = words()
    """Name in figures."""

    streams: tuple[Key, ...] = words(f"a list of one stream or more: {_STREAMS}", min_length=1)
    """Streams of crime that it covers."""

    services: tuple[Key, ...] = words("a list of one service or more, 'fia' or one of agencies", min_length=1)
    """Services that it empowers: `fia` (the circles) or a service of `agencies`."""

    named: Key = words(otherwise="")
    """The service that it puts in charge; left out if it names none."""

    offenders: float = fact("share", 0, 1)
    """Share of those exploited or smuggled whom it makes offenders."""

    foreigners: float = fact("share", 0, 1, otherwise=0.0)
    """Share of foreigners exploited in Pakistan whom it makes offenders; 0 if left out."""

    protects: float = fact("share", 0, 1, otherwise=0.0)
    """Share of these whom it shields from the other laws; 0 if left out."""

    penalty: float = fact("year", 0, 99, otherwise=0.0)
    """Longest prison term; reported, not used."""

    provinces: tuple[Key, ...] = words(
        "a list of one province or more", min_length=1, otherwise=tuple(PROVINCES.values())
    )
    """Where it is in force; everywhere if left out."""

    first: Month = words(alias="from")
    """First month in force."""

    last: Month = words(alias="until", otherwise=format_month(FOREVER))
    """Last month in force; permanent if left out."""

    awaited: Month = words(alias="pending", otherwise="")
    """Month from which outside pressure to pass it counts; if left out, its date is fixed."""

    replaces: tuple[Key, ...] = words("a list of laws", otherwise=())
    """Laws that it suspends where and while it is in force."""

    source: Text = words()
    """Source of the facts, or ``assumed``."""

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
        """Month from which outside pressure counts, since January of year 0; None if it does not."""
        return parse_month(self.awaited) if self.awaited else None


class Agency(Entry):
    """A service of one or more provinces, besides the FIA's circles."""

    name: Text = words()
    """Name in figures."""

    service: Key = words()
    """Its name in laws: one of laws.yaml, such as `provincial_police`, or a new one."""

    provinces: tuple[Key, ...] = words("a list of one province or more", min_length=1)
    """Where it serves."""

    staff: float = fact("officer per million residents of 2017", 0, 1000)
    """Officers for the streams of `time`."""

    budget: float = fact("PKR of 2017 a month and officer", 0, 1e8)
    """Cost of an officer."""

    first: Month = words(alias="from", otherwise="1947-08")
    """First month at work; from the start if left out."""

    shares: Annotated[dict[Key, Share], AfterValidator(FrozenDict)] = words(
        "shares by stream, '{bonded_labour: 0.4, trafficking_domestic: 0.6}'", alias="time"
    )
    """Share of its officers' time by stream at the outset: its priorities. The shares are scaled to sum to one."""

    WHOLE = ("shares",)

    @property
    def since(self) -> int:
        """First month at work, since January of year 0."""
        return parse_month(self.first)

    @property
    def time(self) -> tuple[float, ...]:
        """Share of their time by stream at the outset, in the order of `STREAMS`, summing to one."""
        total = sum(self.shares.values())
        return tuple(self.shares.get(stream, 0.0) / total for stream in STREAMS)


class RegimeSettings(Params):
    """Changes and additions to the shipped laws and agencies."""

    laws: Annotated[dict[Key, Law], AfterValidator(FrozenDict)] = by_name("laws")
    """Laws, in addition to ``laws.yaml``."""

    agencies: Annotated[dict[Key, Agency], AfterValidator(FrozenDict)] = by_name("agencies")
    """Agencies of the provinces, in addition to ``agencies.yaml``."""


REGIME = Section(
    RegimeSettings,
    {"laws": Law, "agencies": Agency},
    lambda: {part: read_yaml(f"{part}.yaml")[part] for part in ("laws", "agencies")},
)
"""Section ``regime``: lists and the time of an agency are replaced."""


@dataclass(frozen=True)
class Tier:
    """Tier assigned by a US report: its first month (since January of year 0), and the weight of its pressure."""

    since: int
    name: str
    weight: float
    source: str


@dataclass(frozen=True, eq=False)
class Regime:
    """All laws and agencies of a configuration."""

    laws: tuple[Law, ...]
    agencies: tuple[Agency, ...]


@cache
def regime_of(changes: RegimeSettings | None = None) -> Regime:
    """Work out all laws and agencies of a configuration from its checked section ``regime``; None for the shipped."""
    rows = REGIME.merged(changes)
    return Regime(complete(rows.laws), complete(rows.agencies))


@cache
def pressure_of(month: int) -> float:
    """Outside pressure in a month: the weight of the US tier in force; 0 before the treaty of 2000."""
    return next((tier.weight for tier in reversed(us_tiers()) if tier.since <= month), 0.0)


def month_in_force(law: Law, pressure: float) -> int:
    """First month in which a law is in force, with a factor on historical pressure.

    A law that was never pending keeps its date. A pending one comes into force when the pressure accumulated since,
    times the factor, reaches the total at the historical date; at 1 that is this date. A law that came without pressure
    keeps its date too, and one not in force by `LAST_MONTH` never will be.
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
    facts = read_yaml("laws.yaml")["pressure"]
    rows = [row for row in read_rows("tables/bonded_labour_trafficking.csv") if row["measure"] == "US TIP report tier"]
    named = {int(year): (str(tier), "assumed") for year, tier in facts["before"].items()}
    named |= {int(row["year"]): (row["value"], row["source_id"]) for row in rows}
    return tuple(
        Tier(year * 12 + REPORT_MONTH, tier, float(facts["weights"][tier]), source)
        for year, (tier, source) in sorted(named.items())
    )
