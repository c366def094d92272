"""Checks of section ``displacement``: districts that there are, months within the run, a destination abroad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from abm.config.finding import Finding
from abm.config.raw import month_of
from abm.config.wording import did_you_mean, shown
from abm.core.calendar import format_month
from abm.mechanisms.displacement import DisplacementParams
from abm.world.places_abroad import DOMESTIC

if TYPE_CHECKING:
    from abm.config.check_places import Known

SECTION = "displacement"
MONTHS: int = DisplacementParams.model_fields["months"].default


def check_displacement(raw: dict[str, Any], known: Known, start: str) -> Iterator[Finding]:
    """List what makes no sense in section ``displacement``; `start` is the first month where none is given."""
    given = raw.get(SECTION)
    if not isinstance(given, dict):
        return
    yield from _check_districts(given.get("persons"), known)
    destination = given.get("permit_destination")
    if isinstance(destination, str):
        abroad = [key for key in known.rows["destinations"] if key != DOMESTIC]
        if destination not in abroad:
            message = f"no destination abroad '{shown(destination)}'{did_you_mean(destination, abroad)}"
            yield Finding((SECTION, "permit_destination"), message)
    yield from _check_months({"months": MONTHS, **given}, month_of(raw.get("start", start)))


def _check_months(given: dict[str, Any], start: int | None) -> Iterator[Finding]:
    """Refuse permits that end before anybody has one, and a displacement before the run; one after it is in order."""
    begins, lapse = month_of(given.get("begins")), month_of(given.get("permits_end"))
    if begins is not None and lapse is not None and lapse < begins:
        message = f"{given['permits_end']} lies before 'begins', {given['begins']}"
        yield Finding((SECTION, "permits_end"), message, ((SECTION, "begins"),))
    months = given.get("months")
    if begins is None or start is None or not given.get("persons") or not isinstance(months, int):
        return
    if begins + months <= start:
        message = f"nobody would be displaced: it would be over before the run begins, {format_month(start)}"
        yield Finding((SECTION, "begins"), message, (("start",),))


def _check_districts(persons: Any, known: Known) -> Iterator[Finding]:
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
