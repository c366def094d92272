"""Destinations, legs, routes and enforcement posts as data: ``destinations.yaml``, ``routes.yaml``, ``posts.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from abm.core.calendar import parse_month
from abm.world.data_files import data_file, unknown_name
from abm.world.series import to_pkr_2017


@dataclass(frozen=True)
class Sector:
    """Work without papers at one destination: in the open sector, or in the hidden one."""

    pay: float
    """Share of the pay of who has papers."""
    jobs: float
    """Persons from Pakistan at whom pay is as given, at the demand of 2015."""
    deport: float
    """Removals a year and person."""
    regularise: float
    """Papers granted, a year and person."""


HISTORY_OF_DESTINATIONS = ("deport", "regularise", "sponsor", "visits")
"""What the history of a destination may change."""


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
    opening_irregular: float
    appeal: float
    open: Sector
    hidden: Sector
    deport_legal: float
    lapse: float
    hidden_share: float
    visits: float
    visit_fee: float
    history: tuple[tuple[int, dict[str, float]], ...]
    """From a month on (since January of year 0): multiples of what `HISTORY_OF_DESTINATIONS` names, in order of time."""
    source: str

    def multiple(self, what: str, month: int) -> float:
        """Multiple that history puts on something in a month."""
        found = 1.0
        for start, changes in self.history:
            if start <= month:
                found = changes.get(what, found)
        return found


@dataclass(frozen=True)
class LegFacts:
    """One leg, shared between routes; see ``routes.yaml`` for the fields."""

    key: str
    start: str
    end: str
    country: str
    guard: str
    months: int
    interception: float
    death: float
    extortion: float
    cost: float
    documents: float
    flow: float
    entry: str
    """Frontex route under which crossings are reported, empty if the leg does not enter the EU."""
    history: tuple[tuple[int, float, float, float], ...]
    """From a month on (since January of year 0): multiples of interception, cost and death."""

    @property
    def by_sea(self) -> bool:
        """Whether it is travelled by boat."""
        return self.guard == "sea"

    def multiples(self, month: int) -> tuple[float, float, float]:
        """Multiples of interception, cost and death in a month."""
        found = (1.0, 1.0, 1.0)
        for start, *values in self.history:
            if start <= month:
                found = (values[0], values[1], values[2])
        return found


@dataclass(frozen=True)
class RouteFacts:
    """One route: a path of legs from a gateway or a first stay to a destination."""

    key: str
    name: str
    corridor: str
    start: str
    destination: str
    legs: tuple[LegFacts, ...]
    onward: bool
    """Whether it begins at a destination, for who already stays there."""


@dataclass(frozen=True)
class PostFacts:
    """One enforcement agent, see ``posts.yaml`` for the fields."""

    key: str
    name: str
    kind: str
    at: tuple[str, ...]
    staff: float
    integrity: float
    budget: float
    since: int
    """First month, since January of year 0; 0 if always there."""


CIRCLE = "circle"
"""Kind of post that investigates in districts; all others guard legs."""

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
                opening_irregular=row["opening_irregular"],
                appeal=float(row.get("appeal", 0.0)),
                open=_sector(row["open"]),
                hidden=_sector(row["hidden"]),
                deport_legal=row["deport_legal"],
                lapse=row["lapse"],
                hidden_share=row["hidden_share"],
                visits=row["visits"],
                visit_fee=to_pkr_2017(row["visit_fee_usd"], "USD", 2015),
                history=_history(key, row.get("history", {})),
                source=row["source"],
            )
        )
    return tuple(found)


def _sector(row: dict[str, Any]) -> Sector:
    return Sector(**{name: float(row[name]) for name in ("pay", "jobs", "deport", "regularise")})


def _history(key: str, rows: dict[str, dict[str, float]]) -> tuple[tuple[int, dict[str, float]], ...]:
    """Read the history of a destination.

    Raises
    ------
    ValueError
        If it names something that history cannot change.
    """
    for changes in rows.values():
        for what in changes:
            if what not in HISTORY_OF_DESTINATIONS:
                raise unknown_name(f"entry in the history of {key}", what, HISTORY_OF_DESTINATIONS)
    found = [(parse_month(str(month)), {k: float(v) for k, v in row.items()}) for month, row in rows.items()]
    return tuple(sorted(found, key=lambda item: item[0]))


@cache
def load_legs() -> tuple[LegFacts, ...]:
    """Read all legs, in the order of the file."""
    return tuple(_leg(key, row) for key, row in _read("routes.yaml")["legs"].items())


def _leg(key: str, row: dict[str, Any]) -> LegFacts:
    history = tuple(
        (
            parse_month(str(month)),
            float(found.get("interception", 1.0)),
            float(found.get("cost", 1.0)),
            float(found.get("death", 1.0)),
        )
        for month, found in sorted(row.get("history", {}).items(), key=lambda item: str(item[0]))
    )
    return LegFacts(
        key=key,
        start=row["from"],
        end=row["to"],
        country=row["country"],
        guard=row["guard"],
        months=int(row["months"]),
        interception=float(row["interception"]),
        death=float(row["death"]),
        extortion=float(row["extortion"]),
        cost=float(row["cost"]),
        documents=float(row["documents"]),
        flow=float(row["flow"]),
        entry=row.get("entry", ""),
        history=history,
    )


@cache
def load_routes() -> tuple[RouteFacts, ...]:
    """Read all routes, in the order of the file."""
    legs = {leg.key: leg for leg in load_legs()}
    stays = {facts.key for facts in load_destinations()}
    return tuple(
        RouteFacts(
            key=key,
            name=row["name"],
            corridor=row["corridor"],
            start=row["from"],
            destination=row["destination"],
            legs=tuple(legs[name] for name in row["legs"]),
            onward=row["from"] in stays,
        )
        for key, row in _read("routes.yaml")["routes"].items()
    )


@cache
def load_posts() -> tuple[PostFacts, ...]:
    """Read all enforcement posts, in the order of the file."""
    return tuple(
        PostFacts(
            key=key,
            name=row["name"],
            kind=row["kind"],
            at=tuple(row["at"]),
            staff=float(row["staff"]),
            integrity=float(row["integrity"]),
            budget=float(row["budget"]),
            since=parse_month(str(row["since"])) if "since" in row else 0,
        )
        for key, row in _read("posts.yaml")["posts"].items()
    )


@cache
def load_guards() -> dict[str, tuple[str, ...]]:
    """Kinds of post that guard each leg."""
    kinds: dict[str, set[str]] = {leg.key: set() for leg in load_legs()}
    for post in load_posts():
        if post.kind != CIRCLE:
            for leg in post.at:
                kinds[leg].add(post.kind)
    return {leg: tuple(sorted(found)) for leg, found in kinds.items()}


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(data_file(name).read_text(encoding="utf-8"))
    return data
