"""Checks of section ``places``: legs that join, routes that lead somewhere, guarded legs, streams of transit, limits.

They work on the places as merged with the shipped ones; what is malformed is left out here, and refused by the types.
Each finding stands at what the user wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from abm.config.finding import Finding, check_names, check_new, check_season, check_sum
from abm.config.names import Names
from abm.config.raw import Entries, mapping_in
from abm.config.wording import did_you_mean, either, is_number, no_such, shown
from abm.config.yaml_source import KeyPath
from abm.engine.calendar import format_month
from abm.engine.entry import missing_fields
from abm.places.drivers import HOME_COUNTRY, shipped_series
from abm.places.place_models import Destination, Leg, Point, Route, Stream
from abm.places.places import (
    CIRCLE,
    DOMESTIC,
    MOST_CORRIDORS,
    MOST_DESTINATIONS,
    MOST_LEGS,
    MOST_POSTS,
    MOST_ROUTES,
    MOST_STREAMS,
    PLACES,
    REST,
    PlaceSettings,
)
from abm.places.series import countries_with_stock

SECTION = "places"

MOST = {
    "destinations": (MOST_DESTINATIONS, "destinations"),
    "legs": (MOST_LEGS, "legs"),
    "routes": (MOST_ROUTES, "routes"),
    "posts": (MOST_POSTS, "posts"),
    "transit": (MOST_STREAMS, "streams"),
}
"""Entries that a part of the section may have, with their name."""

FIXED = {REST: ("iso3", "stock_of", "income_of"), DOMESTIC: ("iso3", "income_of", "stock_of", "stock_assumed")}
"""Facts of two destinations that the model itself rests on: one is all that is not named, one lies in the country."""

NEVER_AT_HOME = (
    *("settles", "settling", "legal_quota", "sponsor_openness", "deport_legal", "lapse", "visits"),
    *("open", "hidden", "history"),
)
"""What a city in Pakistan has none of."""


def check_places(
    raw: object, rows: PlaceSettings, names: Names, given_series: Mapping[str, object]
) -> Iterator[Finding]:
    """List what makes no sense in section ``places``, `raw`, whose rows are merged into the shipped ones in `rows`.

    The series of section ``drivers`` are plain data as well.
    """
    if not isinstance(raw, dict) or not raw:
        return
    entries: Entries = {
        part: {key: row for key, row in raw[part].items() if isinstance(key, str) and isinstance(row, dict)}
        for part in PLACES.kinds
        if isinstance(raw.get(part), dict)
    }
    for part, given_rows in entries.items():
        for key, row in given_rows.items():
            yield from check_new((SECTION, part, key), row, PLACES.kinds[part], PLACES.shipped[part])
    yield from _check_limits(entries, rows)
    for key in entries.get("points", {}):
        if _is_complete("points", key, entries):
            yield from _check_point(key, rows)
    for key, given in entries.get("destinations", {}).items():
        yield from _check_destination(key, given, rows, given_series)
    for key in entries.get("legs", {}):
        yield from _check_leg(key, rows, names, complete=_is_complete("legs", key, entries))
    for key in rows.routes:
        yield from _check_route(key, entries, rows)
    for key in entries.get("posts", {}):
        yield from _check_post(key, rows, names)
    for key in rows.transit:
        yield from _check_stream(key, entries, rows, names)


def _is_complete(part: str, key: str, entries: Entries) -> bool:
    return key in PLACES.shipped[part] or not missing_fields(PLACES.kinds[part], entries[part][key])


def _check_limits(entries: Entries, rows: PlaceSettings) -> Iterator[Finding]:
    for part, (most, word) in MOST.items():
        count = len(getattr(rows, part))
        if count > most and part in entries:
            yield Finding((SECTION, part), f"{count} {word}, the shipped ones included; at most {most}")
    corridors = {route.corridor for route in rows.routes.values() if route.corridor}
    if len(corridors) > MOST_CORRIDORS and "routes" in entries:
        yield Finding((SECTION, "routes"), f"{len(corridors)} corridors; at most {MOST_CORRIDORS}")


def _check_point(key: str, rows: PlaceSettings) -> Iterator[Finding]:
    here = (SECTION, "points", key)
    if key in PLACES.shipped["points"]:
        return
    if key in rows.destinations:
        yield Finding(here, f"'{key}' is a destination; give the place a name of its own")
    elif not any(key in (leg.start, leg.end) for leg in rows.legs.values()):
        yield Finding(here, f"no leg begins or ends at '{key}'; it would do nothing")


# --------------------------------------------------------------------------------------------------------- destinations


def countries_abroad(indicator: str, given_series: Mapping[str, object]) -> frozenset[str]:
    """Countries abroad with a series of an indicator, shipped or given in section ``drivers``."""
    own = {country for country, found in given_series.items() if mapping_in(found).get(indicator)}
    return (shipped_series().covers(indicator) | own) - {HOME_COUNTRY}


def _check_destination(
    key: str, given: dict[str, object], rows: PlaceSettings, given_series: Mapping[str, object]
) -> Iterator[Finding]:
    here, row = (SECTION, "destinations", key), rows.destinations[key]
    for field in (*FIXED.get(key, ()), *(NEVER_AT_HOME if key == DOMESTIC else ())):
        if field in given:
            yield Finding((*here, field), f"'{field}' of '{key}' cannot be changed; the model rests on it")
    if row.settling and (not row.settles or row.lapse):
        field = next((name for name in ("settles", "lapse", "settling") if name in given), "settling")
        message = "families follow (settling) only where they settle and papers do not lapse; set 'settling' to 0"
        yield Finding((*here, field), message)
    if key in FIXED:
        return
    income = row.income_of or (None if "income_of" in given else row.iso3)
    if row.iso3:
        yield from _check_country(key, given, rows)
    if income and income not in (known := countries_abroad("income", given_series)):
        field = "income_of" if "income_of" in given else "iso3"
        hint = "" if field == "income_of" else "; give 'income_of', the country whose income its pay follows"
        yield Finding((*here, field), f"no incomes are known for '{shown(income)}'{hint}: {either(sorted(known))}")
    if "demand_of" in given and row.demand_of not in (known := countries_abroad("growth", given_series)):
        message = f"no output is known for '{shown(str(row.demand_of))}': {either(sorted(known))}"
        yield Finding((*here, "demand_of"), message)
    for index, code in enumerate(row.stock_of or () if "stock_of" in given else ()):
        if code not in countries_with_stock():
            yield Finding((*here, "stock_of", index), f"no stock of migrants is known for '{shown(code)}'")


def _check_country(key: str, given: dict[str, object], rows: PlaceSettings) -> Iterator[Finding]:
    here, row = (SECTION, "destinations", key, "iso3"), rows.destinations[key]
    for other, found in rows.destinations.items():
        if other != key and found.iso3 == row.iso3 and "iso3" in given:
            yield Finding(here, f"'{shown(row.iso3)}' is the country of '{other}' already")
            return
    known = {row.iso3, *(row.stock_of or ())} & countries_with_stock()
    if known and "stock_assumed" in given:
        message = f"the UN table has a stock for '{min(known)}'; 'stock_assumed' would do nothing"
        yield Finding((*here[:-1], "stock_assumed"), message)
    if not known and row.stock_assumed is None and "stock_assumed" not in given:
        message = f"no stock of migrants is known for '{shown(row.iso3)}'; give 'stock_assumed', persons at the start"
        yield Finding(here if "iso3" in given else here[:-1], message)


# ------------------------------------------------------------------------------------------------------ legs and routes


def _check_leg(key: str, rows: PlaceSettings, names: Names, *, complete: bool) -> Iterator[Finding]:
    here, leg = (SECTION, "legs", key), rows.legs[key]
    yield from _check_span(here, leg)
    for end, point in (("from", leg.start), ("to", leg.end)):
        if point and point not in rows.points:
            yield Finding((*here, end), no_such("place", point, rows.points, otherwise="; add it to places.points"))
    if leg.start and leg.start == leg.end:
        yield Finding((*here, "to"), f"the leg ends where it begins, at '{leg.end}'", ((*here, "from"),))
    if complete and key not in names.legs:
        yield Finding(here, f"no route uses the leg '{key}'; it would do nothing")
    elif complete and key not in _guarded(rows):
        yield Finding(here, f"nobody guards the leg '{key}'; name it in 'at' of a post under places.posts")


def _check_route(key: str, entries: Entries, rows: PlaceSettings) -> Iterator[Finding]:
    """Check a route that is given, or whose legs or places are: a change may break a shipped one."""
    route = rows.routes[key]
    changed = key in entries.get("routes", {})
    touched = [leg for leg in route.path or () if leg in entries.get("legs", {})]
    if not changed and not touched:
        return
    here: KeyPath = (SECTION, "routes", key) if changed else (SECTION, "legs", touched[0])
    if changed:
        yield from _check_span(here, route)
    about = "" if changed else f"of route '{key}': "
    for finding in (*_check_corridor(route, rows), *_check_path(route, rows), *_check_ends(route, rows)):
        at = _given_path((*here, *finding.path) if changed else here, entries)
        yield Finding(at, f"{about}{finding.message}")


def _check_span(here: KeyPath, row: Leg | Route) -> Iterator[Finding]:
    """Refuse a leg or route that ends before it begins."""
    if row.since and row.until and row.until < row.since:
        yield Finding((*here, "until"), f"{row.until} lies before 'since', {row.since}", ((*here, "since"),))


def _check_corridor(route: Route, rows: PlaceSettings) -> Iterator[Finding]:
    """A corridor, or else a way that people go alone from home; paths are within the route."""
    path = [key for key in route.path or () if key in rows.legs]
    if route.corridor or not path:
        return
    guided = [f"'{key}'" for key in path if not rows.legs[key].alone]
    if route.start in rows.destinations:
        yield Finding(("corridor",), "a route that goes on from a first stay needs 'corridor', its name in figures")
    elif guided:
        message = (
            f"without 'corridor' no office serves the route, and nobody goes alone on {', '.join(guided)}; "
            f"give 'corridor', or set 'alone: true' of {'each leg' if len(guided) > 1 else 'the leg'}"
        )
        yield Finding(("corridor",), message)


def _check_path(route: Route, rows: PlaceSettings) -> Iterator[Finding]:
    """Legs that there are, and that join; paths are within the route."""
    path = route.path or ()
    for index, key in enumerate(path):
        if key not in rows.legs:
            hint = did_you_mean(key, rows.legs) or "  (abm describe routes)"
            yield Finding(("legs", index), f"no leg '{shown(key)}'{hint}")
    for index, (one, other) in enumerate(pairwise(path), start=1):
        before, after = rows.legs.get(one), rows.legs.get(other)
        if before and after and before.end and after.start and before.end != after.start:
            message = f"'{other}' begins at '{shown(after.start)}', but '{one}' before it ends at '{shown(before.end)}'"
            yield Finding(("legs", index), message)
    twice = next((index for index, key in enumerate(path) if key in path[:index]), None)
    if twice is not None:
        yield Finding(("legs", twice), f"leg '{path[twice]}' is named twice")


def _check_ends(route: Route, rows: PlaceSettings) -> Iterator[Finding]:
    """Where the route begins and where it leads; paths are within the route."""
    stays = {key: found for key, found in rows.destinations.items() if key != DOMESTIC}
    path, start, goal = route.path or (), route.start, route.destination
    first = rows.legs[path[0]].start if path and path[0] in rows.legs else None
    last = rows.legs[path[-1]].end if path and path[-1] in rows.legs else None
    gateways = [key for key, point in rows.points.items() if point.country == HOME_COUNTRY]
    if start in stays:
        if first in rows.points and not _lies_in(rows.points[first], start, stays):
            yield Finding(("legs", 0), f"'{path[0]}' begins at '{first}', which does not lie in '{start}'")
    elif start and start not in gateways:
        hint = did_you_mean(start, [*gateways, *stays])
        yield Finding(("from",), f"'{shown(start)}' is no place in Pakistan and no destination{hint}")
    elif start and first and first != start:
        yield Finding(("legs", 0), f"'{path[0]}' begins at '{shown(first)}', but the route at '{start}'")
    if goal and goal not in stays:
        yield Finding(("destination",), no_such("destination", goal, stays, topic="destinations"))
    elif goal and goal == start:
        yield Finding(("destination",), f"the route ends where it begins, in '{goal}'")
    elif goal and last in rows.points and not _lies_in(rows.points[last], goal, stays):
        message = f"'{path[-1]}' ends at '{last}', which does not lie in '{goal}'"
        yield Finding(("legs", len(path) - 1), message)


def _lies_in(point: Point, destination: str, stays: dict[str, Destination]) -> bool:
    """Whether a place lies in a destination; the rest of the world is what no other destination is."""
    if destination == REST:
        return point.country not in {HOME_COUNTRY, *(found.iso3 for found in stays.values() if found.iso3)}
    iso3 = stays[destination].iso3
    return point.country == iso3 or not (point.country and iso3)


def _given_path(path: KeyPath, entries: Entries) -> KeyPath:
    """Cut a path where the user wrote nothing, so that the finding stands at the nearest thing given."""
    found: object = entries
    for length, part in enumerate(path[1:], start=1):
        inside = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, list | tuple) and isinstance(part, int) and part < len(found):
            inside = found[part]
        if inside is None:
            return path[:length]
        found = inside
    return path


# ---------------------------------------------------------------------------------------------------------------- posts


def _check_post(key: str, rows: PlaceSettings, names: Names) -> Iterator[Finding]:
    here, post = (SECTION, "posts", key), rows.posts[key]
    if post.kind is None:
        return  # a kind that is missing or misspelt is refused elsewhere; whether it acts on legs is not known
    circle, listed = post.kind == CIRCLE, post.at or ()
    if post.skill is not None and not circle:
        yield Finding((*here, "skill"), "only circles have a skill: posts on legs stop people and follow no case")
    dropped = [leg for leg in PLACES.shipped["posts"].get(key, {}).get("at", ()) if leg not in listed]
    for leg in dropped if listed and not circle else ():
        if leg in names.legs and leg not in _guarded(rows):
            yield Finding((*here, "at"), f"nobody guards the leg '{leg}' any more; keep it in the list")
    districts: Collection[str] = names.province_of
    known, others = (districts, rows.legs) if circle else (rows.legs, districts)
    acts = f"; a '{post.kind}' acts {'in districts' if circle else 'on legs'}"
    yield from check_names(
        [((*here, "at", index), place) for index, place in enumerate(listed)],
        known,
        "district" if circle else "leg",
        hint=lambda place: acts if place in others else "",
        topic="districts" if circle else "routes",
    )


def _guarded(rows: PlaceSettings) -> set[str]:
    """Legs on which a post stands."""
    return {leg for post in rows.posts.values() if post.kind != CIRCLE for leg in post.at or ()}


# -------------------------------------------------------------------------------------------------------------- transit


def _check_stream(key: str, entries: Entries, rows: PlaceSettings, names: Names) -> Iterator[Finding]:
    """List what makes no sense in a stream that is given, or whose routes are."""
    stream, given = rows.transit[key], entries.get("transit", {}).get(key)
    here: KeyPath = (SECTION, "transit", key)
    yield from _check_legs_at_home(here, entries, stream, rows)
    if given is None:
        return
    if stream.origin == HOME_COUNTRY and "origin" in given:
        yield Finding((*here, "origin"), "transit comes from abroad, not from Pakistan")
    for field, shares in (("entries", stream.entries), ("pushed_to", stream.pushed_to)):
        yield from _check_shares((*here, field), given.get(field), shares, names.province_of, "district")
    routes = given.get("routes")
    yield from _check_shares((*here, "routes"), routes, stream.routes, rows.routes, "route")
    for name in mapping_in(routes):
        route = rows.routes.get(name)
        if route and route.start in rows.destinations:
            begins = f"route '{shown(name)}' begins in '{shown(route.start)}'"
            yield Finding((*here, "routes", name), f"{begins}; transit needs one that begins in Pakistan")
    if "season" in given and stream.season:
        yield from check_season((*here, "season"), stream.season)
    yield from _check_walls(here, given, stream)


def _check_shares(
    here: KeyPath, given: object, shares: Mapping[str, float] | None, known: Collection[str], word: str
) -> Iterator[Finding]:
    """Names that there are, and shares that add up to 1; a mapping is merged, so the sum is that of the whole."""
    if not isinstance(given, Mapping):
        return
    yield from check_names([((*here, name), str(name)) for name in given], known, word, topic=f"{word}s")
    sound = all(is_number(share) and 0 <= share <= 1 for share in given.values())
    if shares is None or not sound or not set(given) <= set(known):
        return
    yield from check_sum(here, shares, "; give 0 to who has none")


def _check_legs_at_home(here: KeyPath, entries: Entries, stream: Stream, rows: PlaceSettings) -> Iterator[Finding]:
    """Routes with a leg in Pakistan: who takes another one would be in no table."""
    for name, share in (stream.routes or {}).items():
        route = rows.routes.get(name)
        if not share or not route or not route.path or route.start in rows.destinations:
            continue
        countries = {rows.legs[leg].country if leg in rows.legs else None for leg in route.path}
        at = _where_said(here, name, route.path, entries)
        if at and not countries & {HOME_COUNTRY, None}:
            message = f"route '{shown(name)}' of the transit stream '{here[-1]}' has no leg in Pakistan (country PAK)"
            yield Finding(at, message)


def _where_said(here: KeyPath, route: str, legs: Collection[str], entries: Entries) -> KeyPath | None:
    """Where a configuration puts a stream on a route, or else changes the route, or a leg of it."""
    stream = entries.get("transit", {}).get(str(here[-1]), {})
    if route in mapping_in(stream.get("routes")):
        return (*here, "routes", route)
    if route in entries.get("routes", {}):
        return (SECTION, "routes", route)
    changed = [leg for leg in legs if "country" in entries.get("legs", {}).get(leg, {})]
    return (SECTION, "legs", changed[0], "country") if changed else None


def _check_walls(here: KeyPath, given: dict[str, object], stream: Stream) -> Iterator[Finding]:
    """A wall pushes those who go a direct way, somewhere."""
    field = next((field for field in ("walls", "direct", "pushed_to") if field in given), None)
    if field is None:
        return
    at = (*here, field)
    walls, direct, pushed_to = (getattr(stream, name) or given.get(name) for name in ("walls", "direct", "pushed_to"))
    if walls and not direct and "walls" in given:
        yield Finding(at, "a wall pushes those who go a direct way; give 'direct', persons a month")
    if walls and not pushed_to:
        yield Finding(at, "give 'pushed_to', the districts that those whom a wall pushes enter")
    if (direct or pushed_to) and not walls:
        yield Finding(at, f"'{field}' does nothing without 'walls'")


def check_early_start(start: int, rows: PlaceSettings) -> Iterator[Finding]:
    """Refuse streams at the level of 2017 in a run that begins before the data, unless somebody says what they were."""
    silent = [key for key, stream in rows.transit.items() if not _says_what_was(stream, start)]
    if silent:
        several = len(silent) > 1
        subject = f"transit streams {either(silent, 'and')} have" if several else f"transit stream '{silent[0]}' has"
        was = f"{{history: {{{format_month(start)}: {{flow: 0}}}}}}"
        example = f"'places: {{transit: {{{', '.join(f'{key}: {was}' for key in silent)}}}}}'"
        message = (
            f"{subject} the level of 2017; say what it was when the run begins, by 'history' or by a yearly 'growth'"
            f"{' of each' if several else ''}, for example {example}  (docs/model/transit.md#before-the-data)"
        )
        yield Finding(("mechanisms", "transit", "enabled"), message, (("start",),))


def _says_what_was(stream: Stream, start: int) -> bool:
    """Whether a stream has a multiple in a month, a growth, or nobody in it."""
    said = any(month <= format_month(start) for month in stream.history or ())
    return said or bool(stream.growth) or not (stream.level or stream.direct)
