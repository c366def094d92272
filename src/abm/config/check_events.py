"""Checks of the events in use: settings that belong to their kind, dates, places, parameters, mechanisms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

from abm.config.check_levers import check_ids, check_span, check_where
from abm.config.explain import expected_of
from abm.config.fields import field_of
from abm.config.finding import Finding
from abm.config.idle import needs_of
from abm.config.names import WORDS, Known
from abm.config.raw import Use, Uses, month_of, uses_of
from abm.config.wording import are_off, described, either, is_number, listed, no_such, ranged
from abm.config.yaml_source import KeyPath
from abm.declare import Event
from abm.world.event_use import EventUse
from abm.world.lever_use import PlaceKind

WAYS: tuple[PlaceKind, ...] = ("leg", "route")  # kinds of place that ``way`` may name


def check_events(known: Known) -> Iterator[Finding]:
    """List what makes no sense in section ``events``; malformed parts are passed over."""
    uses, events = uses_of(known.raw, "events"), known.catalogue.events
    for path, use in uses:
        name = use.get("event")
        if isinstance(name, str) and name in events:
            yield from _check_use(use, path, events[name], known)
        elif isinstance(name, str):
            yield Finding((*path, "event"), no_such("event", name, events, topic="events"))
    yield from check_ids(uses)
    yield from _check_overlaps(uses)


def _check_use(use: Use, path: KeyPath, event: Event, known: Known) -> Iterator[Finding]:
    yield from _check_settings(use, path, event)
    yield from check_span(use, path, known.raw, event.dates)
    kinds = cast("tuple[PlaceKind, ...]", event.places)
    if kinds:
        acts = f"'{event.name}' befalls {_kinds_of(event)}"
        yield from check_where(use.get("where"), (*path, "where"), kinds, None, known, acts)
    if "way" in event.settings:
        yield from check_where(use.get("way"), (*path, "way"), WAYS, None, known, "'way' is a leg or a route")
        way = use.get("way")
        names = next(iter(way.values())) if isinstance(way, dict) and len(way) == 1 else None
        if isinstance(names, list | tuple) and len(names) > 1:  # persons can be on one only
            yield Finding((*path, "way"), f"expected one leg or one route; found {len(names)}")
    home = known.catalogue.section_of_event[event.name]
    if "parameter" in event.settings:
        yield from _check_parameter(use, path, known)
    elif not known.is_on(home):
        switch = ("mechanisms", home, "enabled")
        yield Finding((*path, "event"), f"'{event.name}' would do nothing: {are_off((home,))}", (switch,))


def _kinds_of(event: Event) -> str:
    """Kinds of place that an event befalls, in words."""
    return listed([f"{WORDS[kind][0]}s" for kind in cast("tuple[PlaceKind, ...]", event.places)], "or")


def _check_settings(use: Use, path: KeyPath, event: Event) -> Iterator[Finding]:
    """Demand the settings of a kind of event, and refuse those of others."""
    for key in event.required:
        if use.get(key) is None:
            field = field_of(EventUse, key)
            expected = _kinds_of(event) if key == "where" else expected_of(field) if field else ""
            yield Finding((*path, key), f"'{key}' is missing; expected {expected}")
    for key in use:
        if use[key] is not None and key not in event.settings and field_of(EventUse, key):
            dated = f"; it is dated by {either(event.dates, 'and')}" if key in ("month", "from", "until") else ""
            message = f"'{event.name}' has no '{key}'{dated or '; leave it out'}"
            yield Finding((*path, key), message, ((*path, "event"),))


# ----------------------------------------------------------------------------------------------------------- parameters


def _check_parameter(use: Use, path: KeyPath, known: Known) -> Iterator[Finding]:
    """Refuse what is no parameter, or no number, or read at the start of a run only; and values out of bounds."""
    name, here = use.get("parameter"), (*path, "parameter")
    if not isinstance(name, str):
        return
    section, _, field = name.partition(".")
    mechanism, declared = known.catalogue.mechanisms.get(section), known.catalogue.parameters()
    facts = declared.get(name)
    if facts is None:
        if section == "population":
            message = f"'{name}' describes the start of a run; no event can change it"
        elif mechanism and field in mechanism.Params.model_fields:
            message = f"'{name}' is no number; an event sets numbers only"
        else:
            message = no_such("parameter", name, declared, topic="parameters")
        yield Finding(here, message)
        return
    if facts.at_start:
        message = f"'{name}' is read at the start of a run only; set it under '{section}' of the configuration"
        yield Finding(here, message)
    needs = needs_of((section, field), known.catalogue)
    if needs and not known.is_on(*needs):
        switches = tuple(("mechanisms", one, "enabled") for one in needs)
        yield Finding(here, f"another value of '{name}' would do nothing: {are_off(needs)}", switches)
    value, whole = use.get("value"), facts.kind is int
    if not is_number(value) or not math.isfinite(value):
        return
    if not facts.low <= value <= facts.high or (whole and value != int(value)):
        expected = ranged(facts.low, facts.high, facts.unit, whole=whole)
        yield Finding((*path, "value"), f"expected {expected}; found {described(value)}", (here,))


def _check_overlaps(uses: Uses) -> Iterator[Finding]:
    """Refuse two values of one parameter in one month."""
    spans: dict[str, list[tuple[float, float, int]]] = {}
    for path, use in uses:
        name, first, last = use.get("parameter"), month_of(use.get("from")), month_of(use.get("until"))
        if not isinstance(name, str) or first is None:
            continue
        span = (first, math.inf if last is None else last, path[1])
        for begins, ends, index in spans.get(name, ()):
            if span[0] <= ends and begins <= span[1]:
                message = f"events[{index}] sets '{name}' in some of these months already; let one end before the other"
                yield Finding((*path, "from"), message, (("events", index, "until"),))
                break
        spans.setdefault(name, []).append(span)
