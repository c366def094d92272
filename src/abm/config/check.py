"""What is well formed and makes no sense: dates in the wrong order, unknown names, levers that cannot act.

The checks work on plain data, of which any part may be missing or malformed: they pass over such parts, which the types
refuse on their own. So one misspelt key does not hide an unknown district.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from abm.config.catalogue import Catalogue
from abm.config.check_abroad import check_abroad
from abm.config.check_displacement import check_displacement
from abm.config.check_messages import check_message, check_signal
from abm.config.check_places import Known, check_region, check_where, known_places
from abm.config.check_regime import check_regime
from abm.config.check_transit import check_early_start
from abm.config.check_triggers import check_trigger
from abm.config.finding import Alike, Finding
from abm.config.raw import month_of, population_of
from abm.config.switches import asked_for, is_on, told_off
from abm.config.wording import did_you_mean, is_number, number, shown, told
from abm.config.yaml_source import KeyPath
from abm.declare import Lever
from abm.engine.calendar import format_month, parse_month
from abm.engine.errors import MOST_PROBLEMS

START, END = "2009-01", "2028-12"
"""Months simulated if a configuration does not say."""

FIRST_MONTH = parse_month("2000-01")
"""Incomes of the destinations are known from 2000, the stocks abroad before it."""

FIRST_MONTH_WITHOUT_STOCK = parse_month("1960-01")
"""Where nobody is abroad at the start: residents of the country are known from 1950, incomes are carried back."""

LAST_MONTH = parse_month("2060-12")
"""Beyond it no projection of the population is worth the name."""

NEED_DISTRICTS = ("bondage", "domestic_trafficking", "cross_border_trafficking")
"""Mechanisms that take poverty, schooling, towns and kilns of single districts from the data."""


def check(raw: dict[str, object], catalogue: Catalogue) -> list[Finding]:
    """List what makes no sense in a configuration, too much of it apart.

    Parameters
    ----------
    raw
        Plain data as in YAML; malformed parts are passed over.
    catalogue
        Mechanisms and levers that there are.
    """
    return list(islice(_check(raw, catalogue), MOST_PROBLEMS + 1))


def _check(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    known = known_places(raw)
    yield from _check_horizon(raw)
    yield from _check_switches(raw, catalogue)
    yield from check_region(raw, known)
    yield from check_abroad(raw.get("places"), known.rows, known.names)
    yield from check_regime(raw.get("regime"), law=is_on(raw, "law", catalogue))
    yield from _check_opening(raw, catalogue)
    yield from check_displacement(raw, known, START)
    yield from _check_transit(raw, known, catalogue)
    levers = raw.get("levers")
    listed = list(levers) if isinstance(levers, list | tuple) else []
    uses = [(index, use) for index, use in enumerate(listed) if isinstance(use, dict)]
    for index, use in uses:
        path: KeyPath = ("levers", index)
        yield from _check_dates(use, path, raw)
        lever = catalogue.levers.get(use["lever"]) if isinstance(use.get("lever"), str) else None
        yield from check_trigger(use, path, raw, catalogue, known)
        yield from check_where(use, path, lever, known)
        if lever:
            yield from _check_value(use, path, lever)
            yield from _check_sectors(use, path, lever)
            yield from _check_enabled(path, lever, raw, catalogue)
            yield from check_message(use, path, lever)
            if use.get("when") is None:  # with a trigger no announcement is possible, whatever the lever
                yield from check_signal(use, path, lever)
        elif isinstance(use.get("lever"), str):
            hint = did_you_mean(use["lever"], catalogue.levers)
            yield Finding((*path, "lever"), f"no lever '{shown(use['lever'])}'{hint}  (abm describe levers)")
    yield from _check_ids(uses)


def _check_horizon(raw: dict[str, object]) -> Iterator[Finding]:
    start, end = _horizon(raw)
    nobody_abroad = population_of(raw).get("opening_stock") == "none"
    first = FIRST_MONTH_WITHOUT_STOCK if nobody_abroad else FIRST_MONTH
    span = f"the data allow {format_month(first)} to {format_month(LAST_MONTH)}"
    for key, month in (("start", start), ("end", end)):
        if month is not None and not first <= month <= LAST_MONTH:
            earlier = not nobody_abroad and FIRST_MONTH_WITHOUT_STOCK <= month < first
            hint = ", with 'population: {opening_stock: none}' from 1960-01" if earlier else ""
            yield Finding((key,), f"{format_month(month)} is out of reach; {span}{hint}")
    if start is not None and end is not None and end < start:
        yield Finding(("end",), f"{format_month(end)} lies before the start, {format_month(start)}", (("start",),))


def _check_opening(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    """Without data of districts refuse a stock abroad that could not be split over them, and what needs them."""
    population = population_of(raw)
    if population.get("district_data") != "none":
        return
    if population.get("opening_stock", "full") == "full":
        message = "without data of districts nobody can be placed abroad at the start; add 'opening_stock: none'"
        yield Finding(("population", "district_data"), message)
    for section in NEED_DISTRICTS:
        if is_on(raw, section, catalogue):
            message = f"'{section}' needs the data of districts, which 'district_data: none' leaves out; switch it off"
            yield Finding(("mechanisms", section, "enabled"), message, (("population", "district_data"),))


def _check_transit(raw: dict[str, object], known: Known, catalogue: Catalogue) -> Iterator[Finding]:
    start, _ = _horizon(raw)
    if start is not None and FIRST_MONTH_WITHOUT_STOCK <= start < FIRST_MONTH and is_on(raw, "transit", catalogue):
        yield from check_early_start(start, known.rows)


def _check_switches(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    for section, found in catalogue.mechanisms.items():
        if not found.switchable and not is_on(raw, section, catalogue):
            yield Finding(("mechanisms", section, "enabled"), f"'{section}' cannot be switched off; the model needs it")


def _check_dates(use: dict[str, object], path: KeyPath, raw: dict[str, object]) -> Iterator[Finding]:
    start, end = _horizon(raw)
    first, last = month_of(use.get("from")), month_of(use.get("until"))
    announced = month_of(use.get("announced"))
    if use.get("from") is None and use.get("when") is None:
        expected = "expected a month as YYYY-MM, for example 2018-01"
        message = f"{expected}; found nothing" if "from" in use else f"'from' is missing; {expected}"
        yield Finding((*path, "from"), message)
    if start is not None and end is not None and start <= end:
        for key, month in (("announced", announced), ("from", first), ("until", last)):
            if month is not None and not start <= month <= end:
                run = f"{format_month(start)} to {format_month(end)}"
                said = format_month(month)
                alike = Alike(said, f"{{}} lie outside the run, {run}", movable_to=format_month(start))
                yield Finding((*path, key), f"{said} lies outside the run, {run}", (("start",), ("end",)), alike)
    if first is not None and last is not None and last < first:
        message = f"{format_month(last)} lies before 'from', {format_month(first)}"
        yield Finding((*path, "until"), message, ((*path, "from"),))
    if first is not None and announced is not None and announced >= first:
        message = f"{format_month(announced)} does not lie before 'from', {format_month(first)}"
        yield Finding((*path, "announced"), message, ((*path, "from"),))


def _check_value(use: dict[str, object], path: KeyPath, lever: Lever) -> Iterator[Finding]:
    value = use.get("value")
    if not is_number(value) or math.isnan(value):
        return
    low, high = lever.bounds
    if math.isfinite(value) and not low <= value <= high:
        yield Finding((*path, "value"), f"{expected_value(lever)}; found {told(value)}", ((*path, "lever"),))


def _check_sectors(use: dict[str, object], path: KeyPath, lever: Lever) -> Iterator[Finding]:
    if use.get("sectors") is not None and not lever.split:
        message = f"'{lever.name}' does not tell sectors apart; leave 'sectors' out"
        yield Finding((*path, "sectors"), message, ((*path, "lever"),))


def expected_value(lever: Lever) -> str:
    """Say which values a lever takes."""
    low, high = lever.bounds
    return f"expected a number from {number(low)} to {number(high)} ({lever.unit})"


def _check_enabled(path: KeyPath, lever: Lever, raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    moved = catalogue.sections_moved(lever.name)
    if not any(is_on(raw, section, catalogue) for section in moved):
        by_default = any(catalogue.mechanisms[section].on_by_default for section in moved)
        why = f"would do nothing: {f'{told_off(moved)} switched off' if by_default else asked_for(moved)}"
        switches = tuple(("mechanisms", section, "enabled") for section in moved)
        yield Finding((*path, "lever"), f"'{lever.name}' {why}", switches, Alike(f"'{lever.name}'", f"{{}} {why}"))


def _check_ids(uses: list[tuple[int, dict[str, object]]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, use in uses:
        name = use.get("id", use.get("lever"))
        if not isinstance(name, str):
            continue
        if name in first:
            key = "id" if "id" in use else "lever"
            message = f"levers[{first[name]}] has the id '{name}' already; give this one an 'id' of its own"
            yield Finding(("levers", index, key), message)
        first.setdefault(name, index)


def _horizon(raw: dict[str, object]) -> tuple[int | None, int | None]:
    """First and last month of the run, None where malformed."""
    return month_of(raw.get("start", START)), month_of(raw.get("end", END))
