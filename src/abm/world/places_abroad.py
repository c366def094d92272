"""Destinations and routes as data: read once from ``destinations.yaml`` and ``routes.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from abm.world.data_files import data_file
from abm.world.series import to_pkr_2017


@dataclass(frozen=True)
class DestinationFacts:
    """One destination; amounts in PKR of 2017, see ``destinations.yaml`` for the fields."""

    key: str
    name: str
    iso3: str
    stock_of: tuple[str, ...]
    stock_assumed: float
    wage: float
    remitted_share: float
    settles: bool
    legal_quota: float
    legal_fee: float
    sponsor_openness: float
    deport_legal: float
    deport_irregular: float
    opening_irregular: float
    source: str


@dataclass(frozen=True)
class LegFacts:
    """One leg of a route, see ``routes.yaml`` for the fields."""

    key: str
    start: str
    end: str
    months: int
    interception_ceiling: float
    death: float
    reference_flow: float


@dataclass(frozen=True)
class RouteFacts:
    """One route: a path of legs from a gateway to a destination."""

    key: str
    name: str
    destination: str
    fee: float
    source: str
    legs: tuple[LegFacts, ...]


DOMESTIC = "domestic_city"
"""Key of the destination inside the country; it is the last."""


@cache
def load_destinations() -> tuple[DestinationFacts, ...]:
    """Read all destinations; the city inside the country comes last."""
    found = []
    for key, row in _read("destinations.yaml")["destinations"].items():
        found.append(
            DestinationFacts(
                key=key,
                name=row["name"],
                iso3=row["iso3"],
                stock_of=tuple(row.get("stock_of", ())),
                stock_assumed=float(row.get("stock_assumed", 0)),
                wage=to_pkr_2017(row["wage_usd"], "USD", 2015),
                remitted_share=row["remitted_share"],
                settles=row["settles"],
                legal_quota=row["legal_quota"],
                legal_fee=to_pkr_2017(row["legal_fee_usd"], "USD", 2015),
                sponsor_openness=row["sponsor_openness"],
                deport_legal=row["deport_legal"],
                deport_irregular=row["deport_irregular"],
                opening_irregular=row["opening_irregular"],
                source=row["source"],
            )
        )
    return tuple(found)


@cache
def load_routes() -> tuple[RouteFacts, ...]:
    """Read all routes."""
    found = []
    for key, row in _read("routes.yaml")["routes"].items():
        legs = tuple(
            LegFacts(
                key=leg["id"],
                start=leg["from"],
                end=leg["to"],
                months=int(leg["months"]),
                interception_ceiling=float(leg["interception_ceiling"]),
                death=float(leg["death"]),
                reference_flow=float(leg["reference_flow"]),
            )
            for leg in row["legs"]
        )
        found.append(RouteFacts(key, row["name"], row["destination"], float(row["fee_pkr"]), row["source"], legs))
    return tuple(found)


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(data_file(name).read_text(encoding="utf-8"))
    return data
