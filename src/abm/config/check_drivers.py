"""Drivers of a configuration: those in a file of their own are taken up, and all are checked.

``drivers: {file: FILE}``, or ``drivers: FILE``, stands for the rows of the file under ``drivers.series``; so a
configuration that has been read holds all it needs.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from typing import Any

from abm.config.finding import Finding
from abm.config.wording import described, either, is_number, no_such, number
from abm.config.yaml_source import KeyPath
from abm.engine.entry import COUNTRY_PATTERN
from abm.places.drivers import INDICATORS

SECTION = "drivers"

YEAR_FORM, MONTH_FORM = re.compile(r"[12]\d{3}"), re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
"""Form of a year and of a month."""

COUNTRY = re.compile(COUNTRY_PATTERN)

COLUMNS = ("entity", "indicator", "year", "month", "value")
"""Columns of the file; others are passed over, ``month`` may be missing or blank where values are yearly."""


def take_up_drivers(data: dict[str, Any], folder: str) -> list[Finding]:
    """Put the rows of the file that section ``drivers`` names into its series, in place; list what is wrong with it.

    Paths start from `folder`. Values of the file come before those that stand beside it.
    """
    section = data.get(SECTION)
    here: KeyPath = (SECTION, "file")
    if isinstance(section, str):
        section, here = {"file": section}, (SECTION,)
    if not isinstance(section, dict) or "file" not in section:
        return []
    section = dict(section)
    name = section.pop("file")
    data[SECTION] = section
    if not isinstance(name, str):
        return [Finding(here, f"expected the path of a CSV file; found {described(name)}")]
    file = os.path.normpath(os.path.join(folder, os.path.expanduser(name)))
    present = section.get("series")
    found: dict[str, dict[str, dict[str, float]]] = {
        entity: {indicator: dict(values) for indicator, values in rows.items()}
        for entity, rows in (present.items() if isinstance(present, dict) else ())
    }
    section["series"] = found
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            return list(_read(stream, file, found, here))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return [Finding(here, f"{file} cannot be read: {reason}")]


def check_drivers(raw: dict[str, Any]) -> Iterator[Finding]:
    """List what makes no sense in ``drivers.series``; malformed parts are passed over."""
    section = raw.get(SECTION)
    series = section.get("series") if isinstance(section, dict) else None
    for entity, indicators in series.items() if isinstance(series, dict) else ():
        for indicator, values in indicators.items() if isinstance(indicators, dict) else ():
            here = (SECTION, "series", entity, indicator)
            facts = INDICATORS.get(indicator)
            if facts is None:
                yield Finding(here, no_such("indicator", indicator, INDICATORS, topic="drivers"))
                continue
            if facts.over_countries != bool(COUNTRY.fullmatch(entity)):
                what = "a country as three capitals (ISO 3166)" if facts.over_countries else "a Frontex route"
                yield Finding(here, f"'{indicator}' is of {what}; found '{entity}'")
            form, what = (MONTH_FORM, "month, YYYY-MM") if facts.monthly else (YEAR_FORM, "year, YYYY")
            for when, value in values.items() if isinstance(values, dict) else ():
                if not form.fullmatch(when):
                    yield Finding((*here, when), f"'{indicator}' has a value for a {what}; found '{when}'")
                elif is_number(value) and not facts.low <= value <= facts.high:
                    span = f"a number from {number(facts.low)} to {number(facts.high)} ({facts.unit})"
                    yield Finding((*here, when), f"expected {span}; found {described(value)}")


def _read(stream: Any, file: str, found: dict[str, dict[str, dict[str, float]]], here: KeyPath) -> Iterator[Finding]:
    rows = csv.DictReader(stream)
    missing = [column for column in COLUMNS if column != "month" and column not in (rows.fieldnames or ())]
    if missing:
        yield Finding(here, f"{file}: no column {either(missing, 'and')}; expected {either(COLUMNS, 'and')}")
        return
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        indicator = row["indicator"]
        if indicator not in INDICATORS:
            yield Finding(here, f"{where}: {no_such('indicator', indicator, INDICATORS, topic='drivers')}")
            continue
        try:
            value = float(row["value"])
            when = f"{int(row['year']):04d}" + (f"-{int(row['month']):02d}" if (row.get("month") or "").strip() else "")
        except (TypeError, ValueError):
            yield Finding(here, f"{where}: expected a year and a value as numbers, and a month or nothing")
            continue
        found.setdefault(row["entity"], {}).setdefault(indicator, {})[when] = value
