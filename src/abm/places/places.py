"""Destinations, legs, routes, posts and streams of transit as data, and what a configuration changes in them.

Shipped are ``destinations.yaml``, ``routes.yaml``, ``posts.yaml``, ``transit.yaml`` and the points of
``geo/places.csv``; section ``places`` of a configuration changes fields of their rows or adds rows. `places_of` makes
the places of a run from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated

from pydantic import AfterValidator

from abm.declare import Params
from abm.engine.entry import Entry, FrozenDict, Key, Rows, Section, by_name, complete, freeze
from abm.places.data_files import read_rows, read_yaml
from abm.places.place_models import (
    Destination,
    DestinationMultiples,
    FlowMultiple,
    Leg,
    Multiples,
    Point,
    Post,
    Route,
    Sector,
    Stream,
    Wall,
)


class PlaceSettings(Params):
    """Changes of, and additions to, the shipped routes, legs, destinations, enforcement posts and transit."""

    points: Annotated[dict[Key, Point], AfterValidator(FrozenDict)] = by_name("places")
    """Places between which legs run, beside those of ``geo/places.csv``."""

    destinations: Annotated[dict[Key, Destination], AfterValidator(FrozenDict)] = by_name("destinations")
    """Destinations, beside those of ``destinations.yaml``."""

    legs: Annotated[dict[Key, Leg], AfterValidator(FrozenDict)] = by_name("legs")
    """Legs, beside those of ``routes.yaml``."""

    routes: Annotated[dict[Key, Route], AfterValidator(FrozenDict)] = by_name("routes")
    """Routes, beside those of ``routes.yaml``."""

    posts: Annotated[dict[Key, Post], AfterValidator(FrozenDict)] = by_name("enforcement posts")
    """Enforcement posts, beside those of ``posts.yaml``."""

    transit: Annotated[dict[Key, Stream], AfterValidator(FrozenDict)] = by_name("streams of transit")
    """Streams of transit, beside those of ``transit.yaml``."""


INNER: tuple[type[Entry], ...] = (Multiples, DestinationMultiples, Sector, FlowMultiple, Wall)
"""Kinds of entry within an entry."""


@dataclass(frozen=True)
class Places:
    """All places of a configuration; the position in a tuple is the row in all arrays by that kind of place."""

    points: tuple[Point, ...]
    destinations: tuple[Destination, ...]
    legs: tuple[Leg, ...]
    routes: tuple[Route, ...]
    posts: tuple[Post, ...]
    transit: tuple[Stream, ...]


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
def places_of(changes: PlaceSettings | None = None) -> Places:
    """Work out all places of a configuration from its section ``places``; None for what is shipped."""
    rows = PLACES.merged(changes)
    legs = {key: leg.complete(key) for key, leg in rows.legs.items()}
    return Places(
        points=complete(rows.points),
        destinations=complete(rows.destinations),
        legs=tuple(legs.values()),
        routes=tuple(route.along(key, legs, rows.destinations) for key, route in rows.routes.items()),
        posts=complete(rows.posts),
        transit=complete(rows.transit),
    )


class PlaceSection(Section[PlaceSettings]):
    """Section ``places``: months of a ``history`` change one by one; lists are replaced."""

    @cached_property
    def checked(self) -> PlaceSettings:
        """Shipped rows as entries; the rest of the world has no country."""
        rows = self.shipped
        rest = {name: value for name, value in rows["destinations"][REST].items() if name != "iso3"}
        return PlaceSettings.model_validate(freeze(rows | {"destinations": rows["destinations"] | {REST: rest}}))

    def merged(self, changes: PlaceSettings | None = None) -> PlaceSettings:
        """Merge changes; new destinations come before the city inside the country, which is the last."""
        found = super().merged(changes)
        found.destinations[DOMESTIC] = found.destinations.pop(DOMESTIC)
        return found


def _read_rows() -> Rows:
    routes = read_yaml("routes.yaml")
    points = {
        row["place_id"]: {"name": row["name"], "country": row["country"]}
        | {end: float(row[end]) for end in ("lon", "lat")}
        for row in read_rows("geo/places.csv")
    }
    return {
        "points": points,
        "destinations": read_yaml("destinations.yaml")["destinations"],
        "legs": routes["legs"],
        "routes": routes["routes"],
        "posts": read_yaml("posts.yaml")["posts"],
        "transit": read_yaml("transit.yaml")["streams"],
    }


PLACES = PlaceSection(
    PlaceSettings,
    {"points": Point, "destinations": Destination, "legs": Leg, "routes": Route, "posts": Post, "transit": Stream},
    _read_rows,
)
"""Section ``places``."""


@cache
def guards_of(places: Places) -> dict[str, tuple[str, ...]]:
    """Kinds of post that guard each leg."""
    kinds: dict[str, set[str]] = {leg.key: set() for leg in places.legs}
    for post in places.posts:
        if post.kind != CIRCLE:
            for leg in post.at:
                kinds[leg].add(post.kind)
    return {leg: tuple(sorted(found)) for leg, found in kinds.items()}


def reference_posts(places: Places) -> tuple[Post, ...]:
    """Posts whose officers make effort 1 on the legs of the data: those shipped.

    So officers whom a configuration adds raise the effort. A leg that it adds is none of theirs: see
    `abm.routes.stations`.
    """
    guarded = guards_of(places)
    shipped = (
        post.model_copy(update={"at": tuple(leg for leg in post.at if leg in guarded)}) for post in places_of().posts
    )
    return tuple(post for post in shipped if post.at)
