"""Checks of section ``places``: legs that join, routes that lead somewhere, posts that guard something, limits.

They work on the rows as merged with the shipped ones, of which any part may be malformed: such parts are passed over
here, and refused by the types. Each finding stands at what the user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from abm.config.check_transit import check_stream
from abm.config.entry import COUNTRY_PATTERN
from abm.config.finding import Finding
from abm.config.names import Names
from abm.config.places import ENTRIES, PostKind, missing_fields
from abm.config.raw import texts_of
from abm.config.wording import did_you_mean, either, shown
from abm.config.yaml_source import KeyPath
from abm.places.places import (
    CIRCLE,
    DOMESTIC,
    MOST_CORRIDORS,
    MOST_DESTINATIONS,
    MOST_LEGS,
    MOST_POSTS,
    MOST_ROUTES,
    MOST_STREAMS,
    REST,
    Rows,
    shipped_rows,
)
from abm.places.series import HOME_COUNTRY, countries_with_income, countries_with_stock

SECTION = "places"

SINGULAR = {
    "points": "point",
    "destinations": "destination",
    "legs": "leg",
    "routes": "route",
    "posts": "post",
    "transit": "stream",
}

FIXED = {REST: ("iso3", "stock_of", "income_of"), DOMESTIC: ("iso3", "income_of", "stock_of", "stock_assumed")}
"""Facts of two destinations that the model itself rests on: one is all that is not named, one lies in the country."""

NEVER_AT_HOME = (
    *("settles", "legal_quota", "sponsor_openness", "deport_legal", "lapse", "visits"),
    *("open", "hidden", "history"),
)
"""What a city in Pakistan has none of."""


def check_abroad(raw: Any, rows: Rows, names: Names) -> Iterator[Finding]:
    """List what makes no sense in section ``places``.

    Parameters
    ----------
    raw
        The section as plain data.
    rows
        All rows of places, those of `raw` merged into the shipped ones.
    names
        Names of places.
    """
    if not isinstance(raw, dict) or not raw:
        return
    entries = {
        part: {key: row for key, row in raw[part].items() if isinstance(row, dict)}
        for part in ENTRIES
        if isinstance(raw.get(part), dict)
    }
    yield from _check_new(entries)
    yield from _check_limits(entries, rows)
    for key in entries.get("points", {}):
        if _is_complete("points", rows["points"][key]):
            yield from _check_point(key, rows)
    for key, given in entries.get("destinations", {}).items():
        yield from _check_destination(key, given, rows)
    for key in entries.get("legs", {}):
        yield from _check_leg(key, rows, names)
    for key in rows["routes"]:
        yield from _check_route(key, entries, rows)
    for key in entries.get("posts", {}):
        yield from _check_post(key, rows, names)
    for key in rows["transit"]:
        yield from check_stream(key, entries, rows, names)


def _check_new(entries: dict[str, Any]) -> Iterator[Finding]:
    """Refuse a new entry without all that it needs; perhaps it is a known one, misspelt."""
    for part, found in entries.items():
        known = shipped_rows()[part]
        for key, row in found.items():
            missing = missing_fields(ENTRIES[part], row)
            if key in known or not missing:
                continue
            hint = did_you_mean(key, known)
            message = f"a new {SINGULAR[part]} needs {either(missing, 'and')} too{hint}"
            yield Finding((SECTION, part, key), message)


def _is_complete(part: str, row: dict[str, Any]) -> bool:
    return not missing_fields(ENTRIES[part], row)


def _check_limits(entries: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    corridors = {row["corridor"] for row in rows["routes"].values() if isinstance(row.get("corridor"), str)}
    counts = {
        "destinations": (len(rows["destinations"]), MOST_DESTINATIONS, "destinations"),
        "legs": (len(rows["legs"]), MOST_LEGS, "legs"),
        "routes": (len(rows["routes"]), MOST_ROUTES, "routes"),
        "posts": (len(rows["posts"]), MOST_POSTS, "posts"),
        "transit": (len(rows["transit"]), MOST_STREAMS, "streams"),
    }
    for part, (count, most, word) in counts.items():
        if count > most and part in entries:
            yield Finding((SECTION, part), f"{count} {word}, the shipped ones included; at most {most}")
    if len(corridors) > MOST_CORRIDORS and "routes" in entries:
        yield Finding((SECTION, "routes"), f"{len(corridors)} corridors; at most {MOST_CORRIDORS}")


def _check_point(key: str, rows: Rows) -> Iterator[Finding]:
    here = (SECTION, "points", key)
    if key in shipped_rows()["points"]:
        return
    if key in rows["destinations"]:
        yield Finding(here, f"'{key}' is a destination; give the place a name of its own")
    elif not any(key in (leg.get("from"), leg.get("to")) for leg in rows["legs"].values()):
        yield Finding(here, f"no leg begins or ends at '{key}'; it would do nothing")


def _check_destination(key: str, given: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    here, row = (SECTION, "destinations", key), rows["destinations"][key]
    for field in (*FIXED.get(key, ()), *(NEVER_AT_HOME if key == DOMESTIC else ())):
        if field in given:
            yield Finding((*here, field), f"'{field}' of '{key}' cannot be changed; the model rests on it")
    if key in FIXED:
        return
    iso3, income = row.get("iso3"), row.get("income_of", row.get("iso3"))
    if isinstance(iso3, str):
        yield from _check_country(key, iso3, given, rows)
    if isinstance(income, str) and income not in countries_with_income():
        field = "income_of" if "income_of" in given else "iso3"
        known = either(sorted(countries_with_income()))
        hint = "" if field == "income_of" else "; give 'income_of', the country whose income its pay follows"
        yield Finding((*here, field), f"no incomes are known for '{shown(income)}'{hint}: {known}")
    for index, code in enumerate(texts_of(given.get("stock_of"))):
        if code not in countries_with_stock():
            yield Finding((*here, "stock_of", index), f"no stock of migrants is known for '{shown(code)}'")


def _check_country(key: str, iso3: str, given: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    here = (SECTION, "destinations", key, "iso3")
    for other, row in rows["destinations"].items():
        if other != key and row.get("iso3") == iso3 and "iso3" in given:
            yield Finding(here, f"'{shown(iso3)}' is the country of '{other}' already")
            return
    stocks = {iso3, *texts_of(rows["destinations"][key].get("stock_of"))}
    known = stocks & countries_with_stock()
    if known and "stock_assumed" in given:
        message = f"the UN table has a stock for '{min(known)}'; 'stock_assumed' would do nothing"
        yield Finding((*here[:-1], "stock_assumed"), message)
    if not known and "stock_assumed" not in rows["destinations"][key]:
        message = f"no stock of migrants is known for '{shown(iso3)}'; give 'stock_assumed', persons at the start"
        yield Finding(here if "iso3" in given else here[:-1], message)


def _check_leg(key: str, rows: Rows, names: Names) -> Iterator[Finding]:
    here, row = (SECTION, "legs", key), rows["legs"][key]
    for end in ("from", "to"):
        point = row.get(end)
        if isinstance(point, str) and point not in rows["points"]:
            hint = did_you_mean(point, rows["points"]) or "; add it to places.points"
            yield Finding((*here, end), f"no place '{shown(point)}'{hint}")
    if isinstance(row.get("from"), str) and row.get("from") == row.get("to"):
        yield Finding((*here, "to"), f"the leg ends where it begins, at '{row['to']}'", ((*here, "from"),))
    if _is_complete("legs", row) and key in names.legs and key not in _guarded(rows):
        yield Finding(here, f"nobody guards the leg '{key}'; name it in 'at' of a post under places.posts")
    if key not in names.legs and _is_complete("legs", row):
        yield Finding(here, f"no route uses the leg '{key}'; it would do nothing")


def _check_route(key: str, entries: dict[str, Any], rows: Rows) -> Iterator[Finding]:
    """Check a route that is given, or whose legs or places are: a change may break a shipped one."""
    row = rows["routes"][key]
    changed = key in entries.get("routes", {})
    legs = texts_of(row.get("legs"))
    touched = [leg for leg in legs if leg in entries.get("legs", {})]
    if not changed and not touched:
        return
    here: KeyPath = (SECTION, "routes", key) if changed else (SECTION, "legs", touched[0])
    about = "" if changed else f"of route '{key}': "
    for finding in (*_check_path(row, legs, rows), *_check_ends(row, legs, rows)):
        at = _given_path((*here, *finding.path) if changed else here, entries)
        yield Finding(at, f"{about}{finding.message}")


def _check_path(row: dict[str, Any], legs: list[str], rows: Rows) -> Iterator[Finding]:
    """Legs that there are, and that join; paths are within the route."""
    for index, leg in enumerate(legs):
        if leg not in rows["legs"]:
            hint = did_you_mean(leg, rows["legs"]) or "  (abm describe routes)"
            yield Finding(("legs", index), f"no leg '{shown(leg)}'{hint}")
    for index, (one, other) in enumerate(pairwise(legs), start=1):
        end, start = rows["legs"].get(one, {}).get("to"), rows["legs"].get(other, {}).get("from")
        if isinstance(end, str) and isinstance(start, str) and end != start:
            message = f"'{other}' begins at '{shown(start)}', but '{one}' before it ends at '{shown(end)}'"
            yield Finding(("legs", index), message)
    twice = next((leg for index, leg in enumerate(legs) if leg in legs[:index]), None)
    if twice is not None:
        yield Finding(("legs", legs.index(twice, legs.index(twice) + 1)), f"leg '{twice}' is named twice")


def _check_ends(row: dict[str, Any], legs: list[str], rows: Rows) -> Iterator[Finding]:
    """Where the route begins and where it leads; paths are within the route."""
    points, stays = rows["points"], {key: found for key, found in rows["destinations"].items() if key != DOMESTIC}
    first = rows["legs"].get(legs[0], {}).get("from") if legs else None
    last = rows["legs"].get(legs[-1], {}).get("to") if legs else None
    start, goal = row.get("from"), row.get("destination")
    gateways = [key for key, point in points.items() if point.get("country") == HOME_COUNTRY]
    if isinstance(start, str):
        if start in stays:
            if isinstance(first, str) and first in points and not _lies_in(points[first], start, stays):
                yield Finding(("legs", 0), f"'{legs[0]}' begins at '{first}', which does not lie in '{start}'")
        elif start not in gateways:
            hint = did_you_mean(start, [*gateways, *stays])
            yield Finding(("from",), f"'{shown(start)}' is no place in Pakistan and no destination{hint}")
        elif isinstance(first, str) and first != start:
            yield Finding(("legs", 0), f"'{legs[0]}' begins at '{shown(first)}', but the route at '{start}'")
    if isinstance(goal, str):
        if goal not in stays:
            hint = did_you_mean(goal, stays)
            yield Finding(("destination",), f"no destination '{shown(goal)}'{hint}  (abm describe destinations)")
        elif goal == start:
            yield Finding(("destination",), f"the route ends where it begins, in '{goal}'")
        elif isinstance(last, str) and last in points and not _lies_in(points[last], goal, stays):
            message = f"'{legs[-1]}' ends at '{last}', which does not lie in '{goal}'"
            yield Finding(("legs", len(legs) - 1), message)


def _lies_in(point: dict[str, Any], destination: str, stays: dict[str, dict[str, Any]]) -> bool:
    """Whether a place lies in a destination; the rest of the world is what no other destination is."""
    country = point.get("country")
    if destination == REST:
        return country not in {HOME_COUNTRY, *(row.get("iso3") for row in stays.values())}
    iso3 = stays[destination].get("iso3")
    malformed = not all(isinstance(code, str) and re.fullmatch(COUNTRY_PATTERN, code) for code in (country, iso3))
    return country == iso3 or malformed


def _check_post(key: str, rows: Rows, names: Names) -> Iterator[Finding]:
    here, row = (SECTION, "posts", key), rows["posts"][key]
    if row.get("kind") not in get_args(PostKind):
        return  # a kind that is missing or misspelt is refused elsewhere; whether it acts on legs is not known
    circle = row.get("kind") == CIRCLE
    known = names.province_of if circle else rows["legs"]
    if "skill" in row and not circle:
        yield Finding((*here, "skill"), "only circles have a skill: posts on legs stop people and follow no case")
    word, topic = ("district", "districts") if circle else ("leg", "routes")
    listed = texts_of(row.get("at"))
    dropped = [leg for leg in texts_of(shipped_rows()["posts"].get(key, {}).get("at")) if leg not in listed]
    for leg in dropped if listed and not circle else ():
        if leg in names.legs and leg not in _guarded(rows):
            yield Finding((*here, "at"), f"nobody guards the leg '{leg}' any more; keep it in the list")
    for index, place in enumerate(listed):
        if place not in known:
            other = rows["legs"] if circle else names.province_of
            kind = f"; a '{row.get('kind')}' acts in districts" if circle else f"; a '{row.get('kind')}' acts on legs"
            hint = kind if place in other else did_you_mean(place, known)
            message = f"no {word} '{shown(place)}'{hint}  (abm describe {topic})"
            yield Finding((*here, "at", index), message)
        elif place in listed[:index]:
            yield Finding((*here, "at", index), f"{word} '{place}' is named twice")


def _guarded(rows: Rows) -> set[str]:
    """Legs on which a post stands."""
    return {leg for post in rows["posts"].values() if post.get("kind") != CIRCLE for leg in texts_of(post.get("at"))}


def _given_path(path: KeyPath, entries: dict[str, Any]) -> KeyPath:
    """Cut a path where the user wrote nothing, so that the finding stands at the nearest thing given."""
    found: Any = entries
    for length, part in enumerate(path[1:], start=1):
        inside = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, list | tuple) and isinstance(part, int) and part < len(found):
            inside = found[part]
        if inside is None:
            return path[:length]
        found = inside
    return path
