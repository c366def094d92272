"""Destinations, legs, routes, posts and streams of transit as data, and what a configuration changes in them.

Shipped are ``destinations.yaml``, ``routes.yaml``, ``posts.yaml``, ``transit.yaml`` and the points of
``geo/places.csv``; section ``places`` of a configuration changes fields of their rows or adds rows. `places_of` is the
one way from there to facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from abm.engine.calendar import parse_month
from abm.places.data_files import data_file, read_rows, unknown_name
from abm.places.series import to_pkr_2017
from abm.places.transit_streams import StreamFacts, stream

if TYPE_CHECKING:
    from pydantic import BaseModel

Rows = dict[str, dict[str, dict[str, Any]]]
"""Plain data: part (points, destinations, legs, routes, posts, transit) -> key -> fields as in the data files."""


@dataclass(frozen=True)
class PointFacts:
    """A place at which legs begin or end, at the resolution of ``geo/places.csv``."""

    key: str
    name: str
    country: str
    lon: float
    lat: float


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


HISTORY_OF_DESTINATIONS = ("deport", "regularise", "sponsor", "visits", "quota", "fee")
"""What the history of a destination may change."""


@dataclass(frozen=True)
class DestinationFacts:
    """One destination; amounts in PKR of 2017, see ``destinations.yaml`` for the fields."""

    key: str
    name: str
    iso3: str
    income_of: str
    """Country whose income per head pay and demand follow; empty for the rest of the world."""
    stock_of: tuple[str, ...]
    stock_assumed: float
    wage: float
    remitted_share: float
    settles: bool
    workers_settle: bool
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
    history: tuple[tuple[int, tuple[tuple[str, float], ...]], ...]
    """From a month on (since January of year 0): multiples of what `HISTORY_OF_DESTINATIONS` names, by time."""
    source: str

    def multiple(self, what: str, month: int) -> float:
        """Multiple that history puts on something in a month."""
        found = 1.0
        for start, changes in self.history:
            if start <= month:
                found = dict(changes).get(what, found)
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
    skill: float
    """Share of the accused whom its officers find; 1 if the data do not say."""
    since: int
    """First month, since January of year 0; 0 if always there."""


@dataclass(frozen=True)
class Places:
    """All places of a configuration; the position in a tuple is the row in all arrays by that kind of place."""

    points: tuple[PointFacts, ...]
    destinations: tuple[DestinationFacts, ...]
    legs: tuple[LegFacts, ...]
    routes: tuple[RouteFacts, ...]
    posts: tuple[PostFacts, ...]
    transit: tuple[StreamFacts, ...]


CIRCLE = "circle"
"""Kind of post that investigates in districts; all others guard legs."""

DOMESTIC = "domestic_city"
"""Key of the destination inside the country; it is the last."""

REST = "rest_of_world"
"""Key of the destination that stands for all countries not named."""

MOST_DESTINATIONS = 60
"""Members away are keyed by household, destination and status with 6 bits for the destination."""

MOST_ROUTES = 200
MOST_LEGS = 250
MOST_POSTS = 1000
MOST_STREAMS = 30
MOST_CORRIDORS = 60
"""An office's portfolio is one bit a corridor in 64."""


@cache
def places_of(changes: BaseModel | None = None) -> Places:
    """Work out all places of a configuration.

    Parameters
    ----------
    changes
        Section ``places`` of a configuration that was checked; None for what is shipped.
    """
    return _build(merge_rows(changes.model_dump(mode="json", by_alias=True) if changes else {}))


def merge_rows(changes: Any) -> Rows:
    """Bring changes into the shipped rows; whatever is no mapping where one belongs is passed over.

    A known key changes the fields given, months of a ``history`` one by one; lists are replaced. New keys come after
    the shipped ones in alphabetical order, so that the order of a file does not count; new destinations come before
    the city inside the country, which is the last.
    """
    merged: Rows = {}
    for part, shipped in shipped_rows().items():
        given = changes.get(part) if isinstance(changes, Mapping) else None
        sound = dict(_mappings_in(given))
        order = [*(key for key in shipped if key != DOMESTIC), *sorted(sound.keys() - shipped.keys())]
        order += [DOMESTIC] if DOMESTIC in shipped else []
        merged[part] = {key: _deep_merge(shipped.get(key, {}), sound.get(key, {})) for key in order}
    return merged


@cache
def shipped_rows() -> Rows:
    """Read the shipped rows; not to be changed."""
    routes = _read("routes.yaml")
    points = {
        row["place_id"]: {
            "name": row["name"],
            "country": row["country"],
            "lon": float(row["lon"]),
            "lat": float(row["lat"]),
        }
        for row in read_rows("geo/places.csv")
    }
    return {
        "points": points,
        "destinations": _read("destinations.yaml")["destinations"],
        "legs": routes["legs"],
        "routes": routes["routes"],
        "posts": _read("posts.yaml")["posts"],
        "transit": _read("transit.yaml")["streams"],
    }


@cache
def guards_of(places: Places) -> dict[str, tuple[str, ...]]:
    """Kinds of post that guard each leg."""
    kinds: dict[str, set[str]] = {leg.key: set() for leg in places.legs}
    for post in places.posts:
        if post.kind != CIRCLE:
            for leg in post.at:
                kinds[leg].add(post.kind)
    return {leg: tuple(sorted(found)) for leg, found in kinds.items()}


def reference_posts(places: Places) -> tuple[PostFacts, ...]:
    """Posts whose officers make effort 1 on the legs of the data: those shipped.

    So officers whom a configuration adds raise the effort. A leg that it adds is none of theirs: see
    `abm.routes.stations`.
    """
    shipped = (
        replace(post, at=tuple(leg for leg in post.at if leg in guards_of(places))) for post in places_of().posts
    )
    return tuple(post for post in shipped if post.at)


def _build(rows: Rows) -> Places:
    legs = {key: _leg(key, row) for key, row in rows["legs"].items()}
    return Places(
        points=tuple(PointFacts(key=key, **row) for key, row in rows["points"].items()),
        destinations=tuple(_destination(key, row) for key, row in rows["destinations"].items()),
        legs=tuple(legs.values()),
        routes=tuple(
            RouteFacts(
                key=key,
                name=row["name"],
                corridor=row["corridor"],
                start=row["from"],
                destination=row["destination"],
                legs=tuple(legs[name] for name in row["legs"]),
                onward=row["from"] in rows["destinations"],
            )
            for key, row in rows["routes"].items()
        ),
        posts=tuple(_post(key, row) for key, row in rows["posts"].items()),
        transit=tuple(stream(key, row) for key, row in rows["transit"].items()),
    )


def _destination(key: str, row: dict[str, Any]) -> DestinationFacts:
    return DestinationFacts(
        key=key,
        name=row["name"],
        iso3=row["iso3"],
        income_of=row.get("income_of", row["iso3"]),
        stock_of=tuple(row.get("stock_of", ())),
        stock_assumed=float(row.get("stock_assumed", 0)),
        wage=to_pkr_2017(row["wage_usd"], "USD", 2015),
        remitted_share=row["remitted_share"],
        settles=row["settles"],
        workers_settle=row.get("workers_settle", False),
        legal_quota=row["legal_quota"],
        legal_fee=to_pkr_2017(row["legal_fee_usd"], "USD", 2015),
        sponsor_openness=row["sponsor_openness"],
        deport_legal=row["deport_legal"],
        opening_irregular=row["opening_irregular"],
        appeal=float(row.get("appeal", 0.0)),
        open=_sector(row["open"]),
        hidden=_sector(row["hidden"]),
        lapse=row["lapse"],
        hidden_share=row["hidden_share"],
        visits=row["visits"],
        visit_fee=to_pkr_2017(row["visit_fee_usd"], "USD", 2015),
        history=_history(key, row.get("history", {})),
        source=row["source"],
    )


def _sector(row: dict[str, Any]) -> Sector:
    return Sector(**{name: float(row[name]) for name in ("pay", "jobs", "deport", "regularise")})


def _history(key: str, rows: dict[str, dict[str, float]]) -> tuple[tuple[int, tuple[tuple[str, float], ...]], ...]:
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
    found = [(parse_month(str(month)), tuple((k, float(v)) for k, v in row.items())) for month, row in rows.items()]
    return tuple(sorted(found, key=lambda item: item[0]))


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


def _post(key: str, row: dict[str, Any]) -> PostFacts:
    return PostFacts(
        key=key,
        name=row["name"],
        kind=row["kind"],
        at=tuple(row["at"]),
        staff=float(row["staff"]),
        integrity=float(row["integrity"]),
        budget=float(row["budget"]),
        skill=float(row.get("skill", 1.0)),
        since=parse_month(str(row["since"])) if "since" in row else 0,
    )


def _deep_merge(row: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(row)
    for key, value in change.items():
        before = merged.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[key] = _deep_merge(before or {}, value) if both else value
    return merged


def _mappings_in(given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(given, Mapping):
        yield from ((key, row) for key, row in given.items() if isinstance(row, Mapping))


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(data_file(name).read_text(encoding="utf-8"))
    return data
