"""Laws and agencies as data, with the changes of a configuration.

Shipped are ``laws.yaml`` and ``agencies.yaml``; section ``regime`` of a configuration changes fields of their rows or
adds rows. Only `regime_of` turns them into facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from abm.enforcement.law.month_law import STREAMS
from abm.engine.calendar import parse_month
from abm.places.data_files import data_file, read_rows
from abm.places.geography import PROVINCES

if TYPE_CHECKING:
    from pydantic import BaseModel

RegimeRows = dict[str, dict[str, dict[str, Any]]]
"""Plain data: part (laws, agencies) -> key -> fields as in the data files."""

FIA = "fia"
"""Service of the circles of the Federal Investigation Agency."""

FOREVER = 10**6
"""Month beyond every run, since January of year 0."""

LAST_MONTH = 2100 * 12
"""Last month considered for the coming of a pending law."""

REPORT_MONTH = 6
"""Month of the year (January is 0) from which a US report of June counts."""


@dataclass(frozen=True)
class LawFacts:
    """One row of law x agency x offence, see ``laws.yaml`` for the fields; months since January of year 0."""

    key: str
    name: str
    streams: tuple[str, ...]
    services: tuple[str, ...]
    named: str
    offenders: float
    protects: float
    provinces: tuple[str, ...]
    since: int
    until: int
    pending: int | None
    replaces: tuple[str, ...]
    penalty: float
    source: str


@dataclass(frozen=True)
class AgencyFacts:
    """One service of a province, see ``agencies.yaml`` for the fields."""

    key: str
    name: str
    service: str
    provinces: tuple[str, ...]
    staff: float
    """Officers per million residents of 2017."""
    budget: float
    time: tuple[float, ...]
    """Share of their time by stream at the outset, summing to one."""


@dataclass(frozen=True)
class Tier:
    """Tier assigned by a US report: its first month (since January of year 0), and the weight of its pressure."""

    since: int
    name: str
    weight: float
    source: str


@dataclass(frozen=True)
class Regime:
    """All laws and agencies of a configuration."""

    laws: tuple[LawFacts, ...]
    agencies: tuple[AgencyFacts, ...]


@cache
def regime_of(changes: BaseModel | None = None) -> Regime:
    """Work out all laws and agencies of a configuration.

    Parameters
    ----------
    changes
        Section ``regime`` of a checked configuration; None for the shipped data.
    """
    rows = merge_regime(changes.model_dump(mode="json", by_alias=True) if changes else {})
    return Regime(
        tuple(_law(key, row) for key, row in rows["laws"].items()),
        tuple(_agency(key, row) for key, row in rows["agencies"].items()),
    )


def merge_regime(changes: Any) -> RegimeRows:
    """Merge changes into the shipped rows; anything that should be a mapping and is not is skipped.

    A known key changes the given fields; lists and the time of an agency are replaced. New keys follow the shipped ones
    in alphabetical order, so that the order in a file does not matter.
    """
    merged: RegimeRows = {}
    for part, shipped in shipped_regime().items():
        given = changes.get(part) if isinstance(changes, Mapping) else None
        sound = {k: r for k, r in given.items() if isinstance(r, Mapping)} if isinstance(given, Mapping) else {}
        order = [*shipped, *sorted(sound.keys() - shipped.keys())]
        merged[part] = {key: {**shipped.get(key, {}), **sound.get(key, {})} for key in order}
    return merged


@cache
def shipped_regime() -> RegimeRows:
    """Read the shipped rows; do not modify them."""
    return {"laws": _read("laws.yaml")["laws"], "agencies": _read("agencies.yaml")["agencies"]}


def pressure_of(month: int) -> float:
    """Outside pressure in a month: the weight of the US tier in force; 0 before the treaty of 2000."""
    found = 0.0
    for tier in us_tiers():
        if tier.since <= month:
            found = tier.weight
    return found


def month_in_force(law: LawFacts, pressure: float) -> int:
    """First month in which a law is in force.

    A law that was never pending keeps its date. A pending one comes into force when the pressure accumulated since,
    times `pressure`, reaches the total at the historical date; at 1 that is this date. A law that came without pressure
    keeps its date too, and one not in force by `LAST_MONTH` never will be.

    Parameters
    ----------
    law, pressure
        Law, and factor on historical pressure.
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


def _law(key: str, row: dict[str, Any]) -> LawFacts:
    return LawFacts(
        key=key,
        name=row["name"],
        streams=tuple(row["streams"]),
        services=tuple(row["services"]),
        named=row.get("named", ""),
        offenders=float(row["offenders"]),
        protects=float(row.get("protects", 0.0)),
        provinces=tuple(row.get("provinces", PROVINCES.values())),
        since=parse_month(str(row["from"])),
        until=parse_month(str(row["until"])) if "until" in row else FOREVER,
        pending=parse_month(str(row["pending"])) if "pending" in row else None,
        replaces=tuple(row.get("replaces", ())),
        penalty=float(row.get("penalty", 0.0)),
        source=row["source"],
    )


def _agency(key: str, row: dict[str, Any]) -> AgencyFacts:
    total = sum(row["time"].values())
    return AgencyFacts(
        key=key,
        name=row["name"],
        service=row["service"],
        provinces=tuple(row["provinces"]),
        staff=float(row["staff"]),
        budget=float(row["budget"]),
        time=tuple(float(row["time"].get(stream, 0.0)) / total for stream in STREAMS),
    )


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(data_file(name).read_text(encoding="utf-8"))
    return data
