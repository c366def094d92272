"""Hypothesis: valid configurations of small worlds, as wild as the declarations allow."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from worlds import month_after, small_config

from abm.config import Config
from abm.config.names import KINDS, load_names
from abm.declare import Lever, ParamFacts, facts_of
from abm.month import LEVERS, MONTH, OUTCOMES
from abm.places.geography import load_units
from abm.places.places import guards_of, places_of
from abm.society.synthesis import PopulationParams
from abm.world.lever_use import PlaceKind

UNITS = tuple(str(unit) for unit in load_units().unit)

SWITCHABLE = tuple(mechanism.section for mechanism in MONTH if mechanism.switchable)

LARGEST = {"scale": 0.05, "village_households": 200, "min_villages": 6}
"""Upper limits of the size of a world; what it is like goes to the declared bounds."""


def values_of(facts: ParamFacts) -> st.SearchStrategy[float | int]:
    """Values of a parameter within its declared bounds; the bounds themselves often."""
    name = facts.path.partition(".")[2]
    low, high = facts.low, min(facts.high, LARGEST.get(name, facts.high))
    if name == "scale":
        low = 0.001
    if facts.kind is int:
        return st.integers(int(low), int(high))
    inside = st.floats(low, high, allow_nan=False)
    return st.one_of(st.sampled_from((float(low), float(high))), inside)


@st.composite
def sections(draw: st.DrawFn) -> dict[str, dict[str, float | int]]:
    """A few parameters, of any sections."""
    declared = [facts for mechanism in MONTH for facts in facts_of(mechanism.Params, mechanism.section)]
    changed = draw(st.lists(st.sampled_from(declared), max_size=12, unique_by=lambda facts: facts.path))
    found: dict[str, dict[str, float | int]] = {}
    for facts in changed:
        section, _, name = facts.path.partition(".")
        found.setdefault(section, {})[name] = draw(values_of(facts))
    return found


@st.composite
def populations(draw: st.DrawFn) -> dict[str, Any]:
    """A scale always, and some of what else a population has."""
    declared = {facts.path.partition(".")[2]: facts for facts in facts_of(PopulationParams, "population")}
    found = {name: draw(values_of(declared.pop(name))) for name in ("scale", "village_households", "min_villages")}
    for name in draw(st.lists(st.sampled_from(list(declared)), max_size=4, unique=True)):
        found[name] = draw(values_of(declared[name]))
    return found


@st.composite
def lever_uses(draw: st.DrawFn, start: str, months: int, units: tuple[str, ...], number: int) -> dict[str, Any]:
    """One use of a lever: any lever, dates, place, ramp and pulse."""
    lever = draw(st.sampled_from(list(LEVERS.values())))
    first = draw(st.integers(0, months - 1))
    use: dict[str, Any] = {
        "lever": lever.name,
        "id": f"use_{number}",
        "from": month_after(start, first),
        "value": draw(st.one_of(st.sampled_from(lever.bounds), st.floats(*lever.bounds))),
    }
    if draw(st.booleans()):
        use["until"] = month_after(start, draw(st.integers(first, months - 1)))
    if draw(st.booleans()):
        use["ramp_months"] = draw(st.integers(0, 12))
    if draw(st.booleans()):
        use["pulse"] = {"months_on": draw(st.integers(1, 4)), "months_off": draw(st.integers(1, 4))}
    places = draw(st.sampled_from(places_where(lever, units)))
    if places is not None:
        kind, names = places
        use["where"] = {kind: draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))}
    if lever.topics:
        use["topic"] = draw(st.sampled_from(lever.topics))
        if draw(st.booleans()):
            use["claimed"] = draw(st.sampled_from((0.02, 0.5, 2.0, 50.0)))
    if lever.felt and first > 0 and draw(st.booleans()):
        use["announced"] = month_after(start, draw(st.integers(0, first - 1)))
    elif draw(st.booleans()):
        use["when"] = draw(triggers(units))
    if lever.split and lever.split_by == "sectors" and draw(st.booleans()):
        use["sectors"] = draw(st.sampled_from(("both", *lever.split)))
    if lever.split_by == "kinds" and draw(st.booleans()):
        use["kinds"] = draw(st.lists(st.sampled_from(lever.split), min_size=1, unique=True))
    return use


@st.composite
def triggers(draw: st.DrawFn, units: tuple[str, ...]) -> dict[str, Any]:
    """A trigger on any national outcome, watched anywhere, that may well fire."""
    known = [found for found in OUTCOMES.values() if found.over in ("district", "national")]
    outcome = draw(st.sampled_from(known))
    when: dict[str, Any] = {
        "outcome": outcome.name,
        "over_months": draw(st.integers(1, 3)),
        draw(st.sampled_from(("above", "below"))): draw(st.sampled_from((-1.0, 0.0, 0.5, 100.0, 1e6))),
        "for_months": draw(st.none() | st.integers(1, 6)),
        "cooldown_months": draw(st.integers(0, 3)),
    }
    if outcome.over == "district" and draw(st.booleans()):
        when["where"] = draw(st.lists(st.sampled_from(units), min_size=1, unique=True))
    return when


@st.composite
def budgets(draw: st.DrawFn) -> dict[str, Any]:
    """A budget of nothing, too little, or more than enough, by either rule."""
    return {
        "per_year": draw(st.sampled_from((0.0, 1e6, 123_456_789.0, 5e9, 1e13))),
        "rule": draw(st.sampled_from(("cap", "report"))),
        "year_begins": draw(st.integers(1, 12)),
    }


def places_where(lever: Lever, units: tuple[str, ...]) -> list[tuple[str, list[str]] | None]:
    """Kinds of place that a lever may name, with the names where it does something; None is everywhere."""
    return [None, *((kind, names_where(lever, kind, units)) for kind in KINDS[lever.over])]


def names_where(lever: Lever, kind: PlaceKind, units: tuple[str, ...]) -> list[str]:
    """Names of a kind of place at which a lever does something; elsewhere it is refused."""
    names, places = load_names(), places_of()
    if kind == "unit":
        return list(units)
    if kind == "province":
        return sorted({names.province_of[unit] for unit in units})
    if kind == "destination":
        acts = {facts.key for facts in places.destinations if lever.acts_at(facts)}
        return [name for name in names.of["destination"] if name in acts]
    guards = guards_of(places)
    legs = [leg.key for leg in places.legs if lever.acts_at(leg, guards[leg.key])]
    return legs if kind == "leg" else sorted({route for leg in legs for route in names.legs[leg]})


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """A world of one to four districts over three months to two years, with anything changed that may be."""
    units = tuple(draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=4, unique=True)))
    start = draw(st.sampled_from(("2000-01", "2009-01", "2016-10", "2022-12")))
    months = draw(st.integers(3, 24))
    off = draw(st.lists(st.sampled_from(SWITCHABLE), max_size=3, unique=True))
    uses = [draw(lever_uses(start, months, units, number)) for number in range(draw(st.integers(0, 4)))]
    # a lever on nothing but mechanisms that are switched off is refused, rightly, and so is a trigger on their outcomes
    silent = {found.name for mechanism in MONTH if mechanism.section in off for found in mechanism.outcomes}
    sound = [
        use
        for use in uses
        if not set(Config.catalogue.sections_moved(use["lever"])) <= set(off)
        and not set(LEVERS[use["lever"]].beside) & set(off)
        and use.get("when", {}).get("outcome") not in silent
    ]
    return small_config(
        units,
        start=start,
        months=months,
        population=draw(populations()),
        seed=draw(st.integers(0, 2**63 - 1)),
        mechanisms={section: {"enabled": False} for section in off},
        levers=sound,
        budget=draw(st.none() | budgets()),
        **draw(sections()),
    )
