"""What is well formed and makes no sense: dates in the wrong order, unknown names, levers that cannot act.

The checks work on plain data, of which any part may be missing or malformed: they pass over such parts, which the types
refuse on their own. So one misspelt key does not hide an unknown district.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from pydantic import ValidationError

from abm.choice import DisplacementParams
from abm.config.catalogue import Catalogue
from abm.config.check_drivers import check_drivers
from abm.config.check_events import check_events
from abm.config.check_exploitation import check_exploitation
from abm.config.check_levers import check_levers
from abm.config.check_places import check_early_start, check_places
from abm.config.check_regime import check_regime
from abm.config.finding import Finding, check_names
from abm.config.names import REGIONS, Known, census_hint, known_in
from abm.config.raw import horizon_of, mapping_in, month_of
from abm.config.wording import described, no_such
from abm.engine.calendar import format_month, parse_month
from abm.engine.entry import freeze
from abm.engine.errors import MOST_PROBLEMS
from abm.places.geography import load_units, population_at, unit_index
from abm.places.places import Places, PlaceSettings, places_of

FIRST_MONTH = parse_month("2000-01")  # incomes of the destinations are known from 2000, the stocks abroad before it

FIRST_MONTH_WITHOUT_STOCK = parse_month("1960-01")
"""Where nobody is abroad at the start: residents of the country are known from 1950, incomes are carried back."""

LAST_MONTH = parse_month("2060-12")  # beyond it no projection of the population is worth the name

NEED_DISTRICTS = ("bondage", "trafficking")
"""Mechanisms that take poverty, schooling, towns and kilns of single districts from the data."""

DISPLACEMENT = {name: DisplacementParams.model_fields[name].default for name in ("begins", "permits_end")}
"""Months of section ``displacement`` that hold where a configuration does not name them."""


def check(raw: dict[str, object], catalogue: Catalogue) -> list[Finding]:
    """List what makes no sense in plain data as of YAML, too much of it apart; malformed parts are passed over."""
    return list(islice(_check(raw, catalogue), MOST_PROBLEMS + 1))


def _check(raw: dict[str, object], catalogue: Catalogue) -> Iterator[Finding]:
    known = known_in(raw, catalogue)
    yield from _check_horizon(raw)
    for section, found in catalogue.mechanisms.items():
        if not found.switchable and not known.is_on(section):
            yield Finding(("mechanisms", section, "enabled"), f"'{section}' cannot be switched off; the model needs it")
    yield from _check_region(raw, known)
    series = mapping_in(mapping_in(raw.get("drivers")).get("series"))
    of_places = list(islice(check_places(raw.get("places"), known.rows, known.names, series), MOST_PROBLEMS + 1))
    yield from of_places
    yield from check_drivers(raw)
    yield from check_regime(raw.get("regime"), law=known.is_on("law"))
    yield from check_exploitation(raw)
    yield from _check_opening(known)
    yield from _check_displacement(raw, known)
    start, _ = horizon_of(raw)
    if start is not None and FIRST_MONTH_WITHOUT_STOCK <= start < FIRST_MONTH and known.is_on("transit"):
        yield from check_early_start(start, known.rows)
    facts = None if of_places else _facts_of(raw.get("places"))
    yield from check_levers(replace(known, places=facts))
    yield from check_events(known)


def _facts_of(places: object) -> Places | None:
    """Facts of all places; None where a part of the section is malformed, which the types report."""
    try:
        return places_of(PlaceSettings.model_validate(freeze(places))) if places else places_of()
    except ValidationError:
        return None


def _check_horizon(raw: dict[str, object]) -> Iterator[Finding]:
    start, end = horizon_of(raw)
    nobody_abroad = mapping_in(raw.get("population")).get("opening_stock") == "none"
    first = FIRST_MONTH_WITHOUT_STOCK if nobody_abroad else FIRST_MONTH
    span = f"the data allow {format_month(first)} to {format_month(LAST_MONTH)}"
    for key, month in (("start", start), ("end", end)):
        if month is not None and not first <= month <= LAST_MONTH:
            earlier = FIRST_MONTH_WITHOUT_STOCK <= month < first
            hint = ", with 'population: {opening_stock: none}' from 1960-01" if earlier else ""
            yield Finding((key,), f"{format_month(month)} is out of reach; {span}{hint}")
    if start is not None and end is not None and end < start:
        yield Finding(("end",), f"{format_month(end)} lies before the start, {format_month(start)}", (("start",),))


def _check_region(raw: dict[str, object], known: Known) -> Iterator[Finding]:
    population, path = mapping_in(raw.get("population")), ("population", "region")
    if "region" not in population:
        return
    region = population["region"]
    expected = "expected 'pakistan', 'catchment', a district or a list of districts"
    if isinstance(region, str):
        regions = (*REGIONS, *known.names.province_of)
        if region not in regions:
            words = {"hint": census_hint(region), "otherwise": f"; {expected}", "topic": "districts"}
            yield Finding(path, no_such("region or district", region, regions, **words))
    elif isinstance(region, list | tuple):
        if not region:
            yield Finding(path, f"the list is empty; {expected}")
        for index, name in enumerate(region):
            if not isinstance(name, str):
                yield Finding((*path, index), f"expected the name of a district; found {described(name)}")
        named = (((*path, index), name) for index, name in enumerate(region) if isinstance(name, str))
        yield from check_names(named, known.names.province_of, "district", hint=census_hint, topic="districts")
    else:
        yield Finding(path, f"{expected}; found {described(region)}")


def _check_opening(known: Known) -> Iterator[Finding]:
    """Without data of districts refuse a stock abroad that could not be split over them, and what needs them."""
    population = mapping_in(known.raw.get("population"))
    if population.get("district_data") != "none":
        return
    if population.get("opening_stock", "full") == "full":
        message = "without data of districts nobody can be placed abroad at the start; add 'opening_stock: none'"
        yield Finding(("population", "district_data"), message)
    for section in NEED_DISTRICTS:
        if known.is_on(section):
            message = f"'{section}' needs the data of districts, which 'district_data: none' leaves out; switch it off"
            yield Finding(("mechanisms", section, "enabled"), message, (("population", "district_data"),))


def _check_displacement(raw: dict[str, object], known: Known) -> Iterator[Finding]:
    """Districts and their residents, months, and a destination abroad.

    A displacement that begins before the run is refused: all that was due before would come in the first month. One
    that begins after the run is in order: a run may be cut short.
    """
    given, here = mapping_in(raw.get("displacement")), ("displacement",)
    months = {**DISPLACEMENT, **given}
    begins, lapse, start = month_of(months["begins"]), month_of(months["permits_end"]), horizon_of(raw)[0]
    persons = mapping_in(given.get("persons"))
    yield from _check_displaced(persons, known)
    if persons and begins is not None:
        yield from _check_residents(persons, begins, mapping_in(raw.get("population")).get("district_data") == "none")
    destination = given.get("permit_destination")
    if isinstance(destination, str) and destination not in known.names.of["destination"]:
        message = no_such("destination abroad", destination, known.names.of["destination"])
        yield Finding((*here, "permit_destination"), message)
    if begins is not None and lapse is not None and lapse < begins:
        message = f"{months['permits_end']} lies before 'begins', {months['begins']}"
        yield Finding((*here, "permits_end"), message, ((*here, "begins"),))
    if begins is not None and start is not None and persons and begins < start:
        message = f"{months['begins']} lies before the start of the run, {format_month(start)}"
        yield Finding((*here, "begins"), message, (("start",),))


def _check_displaced(persons: Mapping[str, object], known: Known) -> Iterator[Finding]:
    for name in persons:
        here = ("displacement", "persons", name)
        if name not in known.names.province_of:
            hint = census_hint(name)
            yield Finding(here, no_such("district", name, known.names.province_of, hint=hint, topic="districts"))
        elif known.region is not None and name not in known.region:
            yield Finding(here, f"district '{name}' does not lie in population.region", (("population", "region"),))


def _check_residents(persons: Mapping[str, object], begins: int, no_data: bool) -> Iterator[Finding]:
    """Refuse more persons than live in a district: the others could not be displaced."""
    units = load_units("pakistan", "none" if no_data else "full")
    row_of, residents = unit_index(units), population_at(units, begins)
    for name, count in persons.items():
        if name not in row_of or isinstance(count, bool) or not isinstance(count, int):
            continue
        if count > (most := int(residents[row_of[name]])):
            message = f"in {format_month(begins)} {most:,} persons live in '{name}'; found {count:,}"
            yield Finding(("displacement", "persons", name), message, (("displacement", "begins"),))
