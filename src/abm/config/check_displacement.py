"""Checks of section ``displacement``: districts and their residents, months, a destination abroad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from abm.choice.displacement import DisplacementParams
from abm.config.finding import Finding
from abm.config.raw import month_of, population_of
from abm.config.wording import did_you_mean, shown
from abm.engine.calendar import format_month
from abm.places.geography import DistrictData, load_units, population_at, unit_index
from abm.places.places import DOMESTIC

if TYPE_CHECKING:
    from abm.config.check_places import Known

SECTION = "displacement"
DEFAULTS = {name: DisplacementParams.model_fields[name].default for name in ("begins", "permits_end")}
"""Months that hold where a configuration does not name them."""


def check_displacement(raw: dict[str, object], known: Known, start: str) -> Iterator[Finding]:
    """List what makes no sense in section ``displacement``; `start` is the first month where none is given."""
    given = raw.get(SECTION)
    if not isinstance(given, dict):
        return
    months = DEFAULTS | given
    yield from _check_districts(given.get("persons"), known)
    district_data: DistrictData = "none" if population_of(raw).get("district_data") == "none" else "full"
    yield from _check_residents(given.get("persons"), month_of(months["begins"]), district_data)
    destination = given.get("permit_destination")
    if isinstance(destination, str):
        abroad = [key for key in known.rows.destinations if key != DOMESTIC]
        if destination not in abroad:
            message = f"no destination abroad '{shown(destination)}'{did_you_mean(destination, abroad)}"
            yield Finding((SECTION, "permit_destination"), message)
    yield from _check_months(months, month_of(raw.get("start", start)))


def _check_months(given: dict[str, object], start: int | None) -> Iterator[Finding]:
    """Refuse permits that end before anybody has one, and a displacement that begins before the run.

    All that was due before the first month would be displaced in it. One that begins after the run is in order: a run
    may be cut short.
    """
    begins, lapse = month_of(given["begins"]), month_of(given["permits_end"])
    if begins is not None and lapse is not None and lapse < begins:
        message = f"{given['permits_end']} lies before 'begins', {given['begins']}"
        yield Finding((SECTION, "permits_end"), message, ((SECTION, "begins"),))
    if begins is not None and start is not None and given.get("persons") and begins < start:
        message = f"{given['begins']} lies before the start of the run, {format_month(start)}"
        yield Finding((SECTION, "begins"), message, (("start",),))


def _check_districts(persons: object, known: Known) -> Iterator[Finding]:
    if not isinstance(persons, dict):
        return
    for name in persons:
        here = (SECTION, "persons", name)
        if not isinstance(name, str) or name not in known.names.province_of:
            hint = did_you_mean(name, known.names.province_of) if isinstance(name, str) else ""
            yield Finding(here, f"no district '{shown(name)}'{hint}  (abm describe districts)")
        elif known.region is not None and name not in known.region:
            message = f"district '{name}' does not lie in population.region"
            yield Finding(here, message, (("population", "region"),))


def _check_residents(persons: object, begins: int | None, district_data: DistrictData) -> Iterator[Finding]:
    """Refuse more persons than live in a district: the others could not be displaced."""
    if not isinstance(persons, dict) or begins is None:
        return
    units = load_units("pakistan", district_data)
    row_of, residents = unit_index(units), population_at(units, begins)
    for name, count in persons.items():
        if name not in row_of or isinstance(count, bool) or not isinstance(count, int):
            continue
        most = int(residents[row_of[name]])
        if count > most:
            message = f"in {format_month(begins)} {most:,} persons live in '{name}'; found {count:,}"
            yield Finding((SECTION, "persons", name), message, ((SECTION, "begins"),))
