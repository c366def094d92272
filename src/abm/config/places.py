"""Section ``places``: what a configuration changes in, or adds to, the shipped routes, legs, posts and the like.

Each entry has the fields of its row in ``routes.yaml``, ``destinations.yaml``, ``posts.yaml`` or ``transit.yaml``. An
entry of a known name changes the fields given; a new name adds one, with all fields that are not marked optional
(`needed_fields`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field

from abm.config.entry import Country, Entry, Key, Text, fact, words
from abm.config.place_transit import FlowMultiple, StreamEntry, WallEntry
from abm.config.wording import either
from abm.declare import Params
from abm.engine.frozen import FrozenDict
from abm.engine.words import Month

Guard = Literal["land", "sea", "air"]

PostKind = Literal["circle", "border_post", "coast_guard", "airport", "transit", "destination"]

FrontexRoute = Literal[
    "Black Sea Route",
    "Central Mediterranean Route",
    "Eastern Borders Route",
    "Eastern Mediterranean Route",
    "Western African Route",
    "Western Balkan Route",
    "Western Mediterranean Route",
]


class PointEntry(Entry):
    """A place at which legs begin or end, no finer than a tenth of a degree."""

    name: Text | None = words()
    """Name on maps."""

    country: Country | None = words()
    """Country in which it lies."""

    lon: float | None = fact("degree", -180, 180)
    """Longitude."""

    lat: float | None = fact("degree", -90, 90)
    """Latitude."""


class SectorEntry(Entry):
    """Work without papers in one sector of a destination."""

    pay: float | None = fact("share of wage_usd", 0, 2)
    """Pay."""

    jobs: float | None = fact("person", 1, 1e8)
    """Persons from Pakistan at whom pay is as given, at the demand of 2015."""

    deport: float | None = fact("1/year", 0, 3)
    """Removals a person."""

    regularise: float | None = fact("1/year", 0, 3)
    """Papers granted, a person."""


class DestinationMultiples(Entry):
    """Multiples of what a destination has else, from a month on; each holds until the next entry that names it."""

    deport: float | None = fact("multiple", 0, 20, optional=True)
    """Of removals, in both sectors."""

    regularise: float | None = fact("multiple", 0, 20, optional=True)
    """Of papers granted."""

    sponsor: float | None = fact("multiple", 0, 20, optional=True)
    """Of the openness to sponsorship."""

    visits: float | None = fact("multiple", 0, 20, optional=True)
    """Of visit visas."""

    quota: float | None = fact("multiple", 0, 20, optional=True)
    """Of the workers admitted for legal work."""

    fee: float | None = fact("multiple", 0, 20, optional=True)
    """Of what a worker pays for a legal contract."""


class DestinationEntry(Entry):
    """A destination: one labour market and its immigration control."""

    name: Text | None = words()
    """Name in figures."""

    iso3: Country | None = words()
    """Country, the key of the UN table of migrant stocks."""

    income_of: Country | None = words(optional=True)
    """Country whose income per head pay and demand follow; by default its own."""

    stock_of: tuple[Country, ...] | None = words("a list of countries as three capitals", optional=True)
    """Countries whose migrant stocks are counted with this one at the start, unless they are destinations too."""

    stock_assumed: float | None = fact("person", 0, 1e8, optional=True)
    """Opening stock where the UN table has no figure for the country."""

    wage_usd: float | None = fact("USD of 2015 a month", 1, 20_000)
    """Pay of a Pakistani low-skilled worker."""

    remitted_share: float | None = fact("share of pay", 0, 1)
    """Sent home by a labour migrant without family there."""

    settles: bool | None = words()
    """Whether families settle there: sponsorship is possible, the settled remit less and return little."""

    workers_settle: bool | None = words(optional=True)
    """Whether who is admitted for legal work counts as settled at once, as holders of British vouchers did."""

    legal_quota: float | None = fact("worker/year", 0, 5e6)
    """Workers admitted for legal work in 2015; 0 is no legal work."""

    legal_fee_usd: float | None = fact("USD of 2015", 0, 50_000)
    """Paid by the worker for a legal contract."""

    sponsor_openness: float | None = fact("relative to the United Kingdom", 0, 10)
    """Relative ease of sponsorship; 0 is none."""

    deport_legal: float | None = fact("1/year", 0, 3)
    """Removals a person with papers."""

    open: SectorEntry | None = words("settings of the open sector without papers")
    """Work without papers in the open sector."""

    hidden: SectorEntry | None = words("settings of the hidden sector")
    """Work without papers in the hidden sector, where debts to smugglers are collected."""

    lapse: float | None = fact("1/year", 0, 3)
    """Labour migrants with papers who fall out of them, a person."""

    hidden_share: float | None = fact("share", 0, 1)
    """Of those who come without papers, who begin in the hidden sector."""

    visits: float | None = fact("visa/year", 0, 5e6)
    """Visit and pilgrim visas that could be had in 2015 by people who mean to stay on; 0 is none."""

    visit_fee_usd: float | None = fact("USD of 2015", 0, 50_000)
    """Fare, visa and agent of such a visit."""

    history: Annotated[dict[Month, DestinationMultiples], AfterValidator(FrozenDict)] | None = words(
        "settings by month, each 'YYYY-MM: {deport: 1.5}'", optional=True
    )
    """Multiples from a month on, until the next entry that names the same."""

    opening_irregular: float | None = fact("share", 0, 1)
    """Share of the opening stock without papers."""

    appeal: float | None = fact("utility", -10, 10, optional=True)
    """Taste for going there without papers; 0 if left out."""

    source: Text | None = words()
    """Where the numbers come from, ``assumed`` if from nobody."""


class Multiples(Entry):
    """Multiples of what a leg has else, from a month on until the next entry."""

    interception: float | None = fact("multiple", 0, 20, optional=True)
    """Of the interception ceiling."""

    cost: float | None = fact("multiple", 0, 20, optional=True)
    """Of the cost of passage."""

    death: float | None = fact("multiple", 0, 20, optional=True)
    """Of the probability of death."""


class LegEntry(Entry):
    """A leg, shared by all routes that use it."""

    from_: Key | None = Field(None, alias="from", json_schema_extra={"optional": False})
    """Place at which it begins."""

    to: Key | None = words()
    """Place at which it ends."""

    country: Country | None = words()
    """Country in which it is travelled, and which guards it."""

    guard: Guard | None = words(either(get_args(Guard)))
    """Mode of travel, and so who guards it."""

    months: int | None = fact("month", 1, 60)
    """Time that it takes."""

    interception: float | None = fact("probability", 0, 0.95)
    """Largest share of the travellers whom any effort stops there."""

    death: float | None = fact("probability", 0, 1)
    """Of one traveller."""

    extortion: float | None = fact("probability", 0, 1)
    """Of one traveller being held for ransom."""

    cost: float | None = fact("PKR of 2017", 0, 1e7)
    """Of the passage of one traveller, bribes and documents apart."""

    documents: float | None = fact("share", 0, 1)
    """Of the travellers who need a forged or fraudulently obtained document."""

    flow: float | None = fact("person/month", 1, 1e6)
    """At which effort 1 gives the reference interception."""

    entry: FrontexRoute | None = words(either(get_args(FrontexRoute)), optional=True)
    """Frontex route under which crossings are reported; left out where the leg does not enter the EU."""

    history: Annotated[dict[Month, Multiples], AfterValidator(FrozenDict)] | None = words(
        "settings by month, each 'YYYY-MM: {interception: 1.2}'", optional=True
    )
    """Multiples from a month on, until the next entry."""


class RouteEntry(Entry):
    """A route: a path of legs from a gateway in Pakistan, or from a first stay abroad, to a destination."""

    name: Text | None = words()
    """Name in figures."""

    corridor: Key | None = words()
    """Corridor it belongs to, known or new: offices have corridors in their portfolio."""

    from_: Key | None = Field(None, alias="from", json_schema_extra={"optional": False})
    """Gateway in Pakistan; a destination where the journey goes on from a first stay."""

    destination: Key | None = words()
    """Where it leads."""

    legs: tuple[Key, ...] | None = words("a list of one leg or more", min_length=1, max_length=20)
    """Legs in the order of travel."""


class PostEntry(Entry):
    """An enforcement agent: an FIA circle in districts, or a post on legs."""

    name: Text | None = words()
    """Name in figures."""

    kind: PostKind | None = words(either(get_args(PostKind)))
    """What it is: circles investigate offices, all others intercept."""

    at: tuple[Key, ...] | None = words("a list of one district (of a circle) or leg, or more", min_length=1)
    """Districts of a circle, legs of a post."""

    staff: float | None = fact("officer", 0, 1e5)
    """Officers."""

    integrity: float | None = fact("share", 0, 1)
    """Of the officers who take no bribe."""

    budget: float | None = fact("PKR of 2017 a month and officer", 0, 1e8)
    """Cost of an officer."""

    skill: float | None = fact("share", 0, 1, optional=True)
    """Of the accused whom the officers of a circle find; 1 if left out. It acts where `agencies` takes part."""

    since: Month | None = words(optional=True)
    """First month; always there if left out."""


def _named(kind: str) -> Any:
    return Field({}, json_schema_extra={"expected": f"{kind} by name (name: fields)"})


class PlaceSettings(Params):
    """Changes of, and additions to, the shipped routes, legs, destinations, enforcement posts and transit."""

    points: Annotated[dict[Key, PointEntry], AfterValidator(FrozenDict)] = _named("places")
    """Places between which legs run, beside those of ``geo/places.csv``."""

    destinations: Annotated[dict[Key, DestinationEntry], AfterValidator(FrozenDict)] = _named("destinations")
    """Destinations, beside those of ``destinations.yaml``."""

    legs: Annotated[dict[Key, LegEntry], AfterValidator(FrozenDict)] = _named("legs")
    """Legs, beside those of ``routes.yaml``."""

    routes: Annotated[dict[Key, RouteEntry], AfterValidator(FrozenDict)] = _named("routes")
    """Routes, beside those of ``routes.yaml``."""

    posts: Annotated[dict[Key, PostEntry], AfterValidator(FrozenDict)] = _named("enforcement posts")
    """Enforcement posts, beside those of ``posts.yaml``."""

    transit: Annotated[dict[Key, StreamEntry], AfterValidator(FrozenDict)] = _named("streams of transit")
    """Streams of transit, beside those of ``transit.yaml``."""


ENTRIES: dict[str, type[Entry]] = {
    "points": PointEntry,
    "destinations": DestinationEntry,
    "legs": LegEntry,
    "routes": RouteEntry,
    "posts": PostEntry,
    "transit": StreamEntry,
}
"""Kind of entry of each part of the section."""

INNER: tuple[type[Entry], ...] = (Multiples, DestinationMultiples, SectorEntry, FlowMultiple, WallEntry)
"""Kinds of entry within an entry."""


def needed_fields(entry: type[Entry]) -> tuple[str, ...]:
    """Fields that a new entry must have, as they are called in YAML."""
    return tuple(
        field.alias or name
        for name, field in entry.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra["optional"])
    )


def missing_fields(entry: type[Entry], row: dict[str, Any]) -> list[str]:
    """What a new entry lacks, with what lies within as ``open.pay``."""
    lacks = [name for name in needed_fields(entry) if name not in row]
    for name, field in entry.model_fields.items():
        inner = next((kind for kind in get_args(field.annotation) if isinstance(kind, type)), None)
        inside = row.get(field.alias or name)
        if inner is not None and issubclass(inner, Entry) and isinstance(inside, dict):
            lacks += [f"{field.alias or name}.{found}" for found in missing_fields(inner, inside)]
    return lacks
