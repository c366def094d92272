"""Rows on what drives a run: series by entity and indicator, as shipped or with what a configuration gives."""

from __future__ import annotations

from collections.abc import Mapping

from abm.config.wording import number
from abm.engine.calendar import format_month
from abm.places.data_files import read_rows
from abm.places.drivers import INDICATORS, series_of
from abm.report.render import Row
from abm.society import DriversParams

CONFIGURATION = "configuration"  # source of a value that stands in a configuration or in a file that it names


def drivers(section: DriversParams | None = None) -> list[Row]:
    """What drives a run: series by entity and indicator; with a name their values.

    Those come first that a configuration replaces or goes on with.
    """
    given = (section or DriversParams()).series
    changes = {(entity, indicator): values for entity, found in given.items() for indicator, values in found.items()}
    shipped = _shipped()
    keys = sorted(shipped.keys() | changes.keys(), key=lambda key: (key not in changes, key))
    whole = series_of(given).values
    return [_row(key, whole[key], shipped.get(key, {}), changes.get(key, {})) for key in keys]


def drivers_in_short(section: DriversParams) -> list[Row]:
    """List the series by indicator, for a page: of which country or how many, for which years, from which sources."""
    rows, found = drivers(section), []
    for name, facts in INDICATORS.items():
        mine = [row for row in rows if row["indicator"] == name]
        many = f"{len(mine)} {'countries' if facts.over_countries else 'routes'}"
        found.append(
            {
                "series": f"`{name}`",
                "of": mine[0]["entity"] if len(mine) == 1 else many,
                "unit": facts.unit,
                "years": f"{min(row['first'] for row in mine)} to {max(row['last'] for row in mine)}",
                "sources": sorted({source for row in mine for source in row["source"]}),
                "what it is": facts.text,
            }
        )
    return found


def _row(
    key: tuple[str, str], values: Mapping[int, float], sources: Mapping[str, str], given: Mapping[str, float]
) -> Row:
    entity, indicator = key
    facts = INDICATORS[indicator]
    written = {(format_month(when) if facts.monthly else str(when)): value for when, value in values.items()}
    named = {found for when, source in sources.items() if when not in given for found in source.split("; ")}
    return {
        "entity": entity,
        "indicator": indicator,
        "unit": facts.unit,
        "first": next(iter(written)),
        "last": next(reversed(written)),
        "given": tuple(f"{when} {number(value)}" for when, value in given.items()),
        "source": (*sorted(named), *([CONFIGURATION] if given else [])),
        "text": facts.text,
        "values": tuple(f"{when} {number(value)}" for when, value in written.items()),
    }


def _shipped() -> dict[tuple[str, str], dict[str, str]]:
    """Source of each shipped value, by series and by year or month."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in read_rows("tables/drivers.csv"):
        when = row["year"] + (f"-{int(row['month']):02d}" if row["month"] else "")
        found.setdefault((row["entity"], row["indicator"]), {})[when] = row["source_id"]
    return found
