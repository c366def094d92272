"""Streams of transit as data: who passes through Pakistan, when, where they enter and which routes they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from abm.engine.calendar import MONTHS_A_YEAR, parse_month
from abm.engine.portable import power
from abm.places.series import to_pkr_2017

BASE_MONTH = parse_month("2017-07")
"""Middle of the year to which `level` and `direct` refer."""

Shares = tuple[tuple[str, float], ...]
"""Shares by name of a place, in order of name."""


@dataclass(frozen=True)
class StreamFacts:
    """One stream; see ``transit.yaml`` for the fields."""

    key: str
    name: str
    origin: str
    level: float
    direct: float
    walls: tuple[tuple[int, float], ...]
    """From a month on (since January of year 0): share of the direct flow that is pushed into Pakistan."""
    pushed_to: Shares
    growth: float
    season: tuple[float, ...]
    history: tuple[tuple[int, float], ...]
    """From a month on: multiple of the flow."""
    entries: Shares
    routes: Shares
    hire: float
    price: float
    """PKR of 2017."""
    source: str

    def multiple(self, month: int) -> float:
        """Multiple of the level in a month, the season apart."""
        years = (month - BASE_MONTH) / MONTHS_A_YEAR
        return float(power(1.0 + self.growth, years)) * _in_force(self.history, month, 1.0)

    def pushed(self, month: int) -> float:
        """Share of the direct flow that walls push into Pakistan in a month."""
        return _in_force(self.walls, month, 0.0)


def stream(key: str, row: dict[str, Any]) -> StreamFacts:
    """Read a stream from plain data."""
    return StreamFacts(
        key=key,
        name=row["name"],
        origin=row["origin"],
        level=float(row["level"]),
        direct=float(row.get("direct", 0.0)),
        walls=_dated(row.get("walls", {}), "pushed", 0.0),
        pushed_to=_shares(row.get("pushed_to", {})),
        growth=float(row.get("growth", 0.0)),
        season=tuple(float(value) for value in row["season"]),
        history=_dated(row.get("history", {}), "flow", 1.0),
        entries=_shares(row["entries"]),
        routes=_shares(row["routes"]),
        hire=float(row["hire"]),
        price=to_pkr_2017(row["price_usd"], "USD", 2015),
        source=row["source"],
    )


def _shares(row: dict[str, float]) -> Shares:
    """Shares by name; those of 0 take no part."""
    return tuple((name, float(row[name])) for name in sorted(row) if row[name] > 0.0)


def _dated(rows: dict[Any, dict[str, float]], what: str, usual: float) -> tuple[tuple[int, float], ...]:
    found = [(parse_month(str(month)), float(row.get(what, usual))) for month, row in rows.items()]
    return tuple(sorted(found))


def _in_force(rows: tuple[tuple[int, float], ...], month: int, before: float) -> float:
    found = before
    for start, value in rows:
        if start <= month:
            found = value
    return found
