"""Levers of a scenario in words: what each is, how strong, where and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from abm.analysis.wording import plain, title_of
from abm.config.wording import counted, listed, number
from abm.engine.entry import freeze
from abm.month import LEVERS
from abm.places.geography import PROVINCES, load_units
from abm.places.places import Places, guards_of, places_of
from abm.results.tables import Resolved
from abm.world.lever_use import LeverUse

PlaceNames = Mapping[str, Mapping[str, str]]  # names of places by kind and key

MOST_NAMES = 6  # places that are named one by one; of more, the number is said


def levers_in_words(config: Resolved) -> Iterator[tuple[LeverUse, dict[str, str]]]:
    """Each lever of a complete configuration, with its name, dose, places and dates; without those of no mechanism."""
    uses = [LeverUse.model_validate(freeze(raw)) for raw in config.get("levers", ()) if raw["lever"] in LEVERS]
    places = places_of_config(config) if uses else places_of()
    for use in uses:
        words = {"dose": dose(use), "where": where_of(use, places), "when": when(use)}
        yield use, {"lever": name_of(use) + _more(use), **words}


def places_of_config(config: Resolved) -> Places:
    """Places of a configuration in plain data; those shipped where it was made by a version with other fields."""
    from abm.config import make_config
    from abm.engine.errors import ConfigError

    try:
        return places_of(make_config(places=config["places"]).places)
    except (ConfigError, KeyError):
        return places_of()


def dose(use: LeverUse) -> str:
    """Write the strength of a lever as a change of what it moves."""
    declared = LEVERS[use.lever]
    value = use.value
    if declared.combine == "multiply":
        return f"{number(value)} times the level without it"
    sign = "−" if value < 0 else "+"
    if not declared.is_share:
        return f"{sign}{abs(value):,.10g} {declared.unit}"
    of = declared.unit.removeprefix("share").strip()
    size = number(round(100 * abs(value), 6))
    if of.startswith("of "):
        return f"{size if value > 0 else sign + size} % {of}"
    return f"{sign}{size} percentage points{f', {of}' if of not in ('', 'added') else ''}"


def when(use: LeverUse) -> str:
    """Write the dates of a lever."""
    parts = [dates] if (dates := dates_of({"from": use.from_, "until": use.until})) else []
    if use.announced:
        parts.append(f"announced {use.announced}")
    if use.ramp_months:
        parts.append(f"growing over {counted(use.ramp_months, 'month')}")
    if use.pulse:
        parts.append(f"{counted(use.pulse.months_on, 'month')} on, {use.pulse.months_off} off")
    if use.when:
        side, threshold = ("above", use.when.above) if use.when.above is not None else ("below", use.when.below)
        rule = f"once {plain(use.when.outcome)} over {counted(use.when.over_months, 'month')} is {side} {threshold:g}"
        parts.append(rule + (f", for {counted(use.when.for_months, 'month')}" if use.when.for_months else ""))
    return "; ".join(parts)


def dates_of(raw: Resolved) -> str:
    """Month, or first and last month, both included; empty where a trigger alone decides."""
    ends = (("from", raw.get("from")), ("to", raw.get("until")))
    return raw.get("month") or " ".join(f"{word} {month}" for word, month in ends if month)


def _more(use: LeverUse) -> str:
    parts = []
    if use.topic:
        parts.append(f"about {plain(use.topic)}")
    if use.claimed is not None and use.claimed != 1:
        parts.append(f"claims {use.claimed:g} times the truth")
    if use.sectors and use.sectors != "both":
        parts.append(f"{use.sectors} sector")
    if use.kinds:
        parts.append(", ".join(use.kinds))
    return f" ({'; '.join(parts)})" if parts else ""


def name_of(use: LeverUse) -> str:
    """Name of a use of a lever: that of the lever, with what its own name adds."""
    return use.label or with_own(use.lever, use.id)


def with_own(name: str, own_name: str) -> str:
    """Name of a lever or an event, with what the own name of a use adds."""
    own = [word for word in own_name.split("_") if word not in name.split("_")]
    return f"{title_of(name)}: {' '.join(own)}" if own else title_of(name)


def where_of(use: LeverUse, places: Places) -> str:
    """Write the places of a lever; for routes the legs of theirs on which it acts."""
    names, where = place_names(places), use.where
    if where is None or where.kind != "route":
        return where_in_words(where.as_in_yaml() if where else None, names)
    guards, routes = guards_of(places), [route for route in places.routes if route.key in where.names]
    legs = [leg.key for route in routes for leg in route.legs if LEVERS[use.lever].acts_at(leg, guards[leg.key])]
    of = "; ".join(names["route"][route.key] for route in routes) if len(routes) <= MOST_NAMES else str(len(routes))
    return f"{where_in_words({'leg': list(dict.fromkeys(legs))}, names)} (route{'s' * (len(routes) > 1)}: {of})"


def place_names(places: Places) -> PlaceNames:
    """Names of places as people write them."""
    units = load_units()
    points = {point.key: point.name for point in places.points}
    return {
        "unit": dict(zip(map(str, units.unit), map(str, units.name), strict=True)),
        "province": {key: name for name, key in PROVINCES.items()},
        "destination": {found.key: found.name for found in places.destinations},
        "leg": {leg.key: f"{points[leg.start]} to {points[leg.end]}" for leg in places.legs},
        "route": {route.key: route.name for route in places.routes},
    }


def where_in_words(where: Mapping[str, list[str]] | None, names: PlaceNames) -> str:
    """Write the places of a lever or an event."""
    if not where:
        return "everywhere it applies"
    (kind, keys), *_ = where.items()
    known = names.get(kind, {})
    words = [known.get(key) or (key if key.isupper() else plain(key).title()) for key in keys]  # a border: PAK-IRN
    of_kind = {"unit": "districts", "leg": "legs", "route": "routes", "destination": "destinations"}
    if len(words) > MOST_NAMES:
        return f"{len(words)} {of_kind.get(kind, f'{kind}s')}: {', '.join(words[:MOST_NAMES])} and others"
    return f"on {'; '.join(words)}" if kind in ("leg", "route") else listed(words)
