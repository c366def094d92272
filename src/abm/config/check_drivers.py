"""Drivers of a configuration: those in a file of their own are taken up, and all are checked.

``drivers: {file: FILE}``, or ``drivers: FILE``, stands for the rows of the file under ``drivers.series``; so a
configuration that has been read holds all it needs.
"""

from __future__ import annotations

import copy
import csv
import os
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, TextIO, get_args

from abm.config.finding import Finding
from abm.config.raw import mapping_in
from abm.config.wording import described, either, is_number, listed, no_such, ranged, shown
from abm.config.yaml_source import KeyPath
from abm.engine.entry import COUNTRY_PATTERN
from abm.places.drivers import (
    BASE_YEAR,
    DESTINATION_BASE_YEAR,
    DOLLAR_COUNTRY,
    HOME_COUNTRY,
    INDICATORS,
    shipped_series,
)
from abm.places.place_models import FrontexRoute

SECTION = "drivers"

YEAR_FORM, MONTH_FORM = re.compile(r"[12]\d{3}"), re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
"""Form of a year and of a month."""

FRONTEX_ROUTES = get_args(FrontexRoute)  # routes that a leg may be shared with others on

RELATIVE = {"income", "investment", "rupees_per_dollar"}  # read relative to their base year

INTERPOLATED = ("rupees_per_dollar",)  # yearly series in which lines lie between years that are known

COLUMNS = ("entity", "indicator", "year", "month", "value")
"""Columns of the file; others are passed over, ``month`` may be missing or blank where values are yearly."""


def take_up_drivers(data: dict[str, Any], folder: str) -> list[Finding]:
    """Put the rows of the file that section ``drivers`` names into its series, in place; list what is wrong with it.

    Paths start from `folder`. Where the file has a value, one that stands beside it under ``series`` does not count.
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
    found = copy.deepcopy(section.get("series", {}))
    if not isinstance(found, dict):
        return []  # the types report it
    section["series"] = found
    try:
        with open(file, encoding="utf-8-sig", newline="") as stream:  # spreadsheets begin with a mark
            return list(_read(stream, file, found, here))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return [Finding(here, f"{file} cannot be read: {reason}")]


def check_drivers(raw: dict[str, Any]) -> Iterator[Finding]:
    """List what makes no sense in ``drivers.series``; malformed parts are passed over."""
    series = mapping_in(mapping_in(raw.get(SECTION)).get("series"))
    for entity, indicators in series.items():
        for indicator, given in mapping_in(indicators).items():
            here = (SECTION, "series", entity, indicator)
            if message := _wrong_series(entity, indicator):
                yield Finding(here, message)
                continue
            values = mapping_in(given).items()
            wrong = {when: message for when, value in values if (message := _wrong_value(indicator, when, value))}
            yield from (Finding((*here, when), message) for when, message in wrong.items())
            if isinstance(given, dict) and not wrong:
                message = _incomplete(entity, indicator, given) or _idle(entity, indicator, given, series)
                if message:
                    yield Finding(here, message)


def _wrong_series(entity: str, indicator: str) -> str:
    """Say what is wrong with the name of a series; nothing if it is right."""
    facts = INDICATORS.get(indicator)
    if facts is None:
        return no_such("indicator", indicator, INDICATORS, topic="drivers")
    if facts.over_countries != bool(re.fullmatch(COUNTRY_PATTERN, entity)):
        what = "a country as three capitals (ISO 3166)" if facts.over_countries else "a Frontex route"
        return f"'{indicator}' is of {what}; found '{shown(entity)}'"
    if not facts.over_countries and entity not in FRONTEX_ROUTES:
        return no_such("Frontex route", entity, FRONTEX_ROUTES, topic="drivers crossings")
    return ""


def _wrong_value(indicator: str, when: str, value: object) -> str:
    """Say what is wrong with a value of a series; nothing if it is right, or no number, which the types report."""
    facts = INDICATORS[indicator]
    form, what = (MONTH_FORM, "month, YYYY-MM") if facts.monthly else (YEAR_FORM, "year, YYYY")
    if not form.fullmatch(when):
        return f"'{indicator}' has a value for a {what}; found '{shown(when)}'"
    if is_number(value) and not facts.low <= value <= facts.high:
        return f"expected {ranged(facts.low, facts.high, facts.unit)}; found {described(value)}"
    return ""


def _incomplete(entity: str, indicator: str, given: dict[str, object]) -> str:
    """Say which years a yearly series lacks, the shipped ones counted in; nothing if it can be used."""
    if INDICATORS[indicator].monthly or not given:
        return ""
    years = {*map(int, given), *shipped_series().values.get((entity, indicator), ())}
    missing = sorted({*range(min(years), max(years) + 1)} - years) if indicator not in INTERPOLATED else []
    if missing:
        return f"no value for {_spans(missing)}; give every year from {min(years)} to {max(years)}"
    base = _base_of(entity, indicator)
    if base not in years:
        return f"no value for {base}, to which the others are put in relation"
    return ""


def _base_of(entity: str, indicator: str) -> int:
    """Year relative to which a yearly series of a country is read; pay abroad goes by the dollar's rate at home."""
    if (entity, indicator) == (HOME_COUNTRY, "rupees_per_dollar"):
        return DESTINATION_BASE_YEAR
    return BASE_YEAR if entity in (HOME_COUNTRY, DOLLAR_COUNTRY) else DESTINATION_BASE_YEAR


def changed_bases(raw: dict[str, Any]) -> Iterator[Finding]:
    """Say of valid series with a value of their own for the base year that it moves other years: no shock does."""
    for entity, indicators in mapping_in(mapping_in(raw.get(SECTION)).get("series")).items():
        for indicator in sorted(RELATIVE & mapping_in(indicators).keys()):
            base = _base_of(entity, indicator)
            given, shipped = mapping_in(indicators[indicator]), shipped_series().values.get((entity, indicator), {})
            kept = shipped.keys() - set(map(int, given))
            if kept and str(base) in given and given[str(base)] != shipped.get(base):
                message = (
                    f"all is read relative to {base}: another value for it moves other years and leaves {base} as it "
                    f"was; for a shock, change years after {base}"
                )
                yield Finding((SECTION, "series", entity, indicator, str(base)), message)


def _idle(entity: str, indicator: str, given: dict[str, object], series: Mapping[str, object]) -> str:
    """Say why values would do nothing; nothing if they do something."""

    def years(country: str, name: str) -> set[int]:
        mine = mapping_in(mapping_in(series.get(country)).get(name))
        own = {int(year) for year in mine if YEAR_FORM.fullmatch(year)}
        return own.union(shipped_series().values.get((country, name), ()))

    if indicator == "residents":
        return "residents cannot be changed here: districts follow the censuses"
    if indicator == "rupees_per_dollar":
        if entity != HOME_COUNTRY:
            return f"it does nothing: only that of {HOME_COUNTRY} is read"
        prices = years(HOME_COUNTRY, "inflation") & years(DOLLAR_COUNTRY, "inflation")
        without = sorted(int(year) for year in given if int(year) > max(prices))
        if without:
            needed = f"'inflation' of {HOME_COUNTRY} and {DOLLAR_COUNTRY}"
            return f"what a dollar buys in {_spans(without)} needs {needed} of these years too"
    if indicator == "investment" and not years(entity, "growth"):
        return f"it does nothing without 'growth' of {entity}"
    return ""


def _spans(years: list[int]) -> str:
    """List ascending years in words, those that follow each other as a span: ``2016 and 2018 to 2020``."""
    following = groupby(enumerate(years), key=lambda counted: counted[1] - counted[0])
    spans = [[year for _, year in span] for _, span in following]
    words = [[f"{span[0]} to {span[-1]}"] if len(span) > 2 else [*map(str, span)] for span in spans]
    return listed([word for span in words for word in span])


def _read(stream: TextIO, file: str, found: dict[str, Any], here: KeyPath) -> Iterator[Finding]:
    rows = csv.DictReader(stream, skipinitialspace=True)
    columns = rows.fieldnames or ()
    missing = [column for column in COLUMNS if column != "month" and column not in columns]
    if missing:
        hint = "; columns are separated by commas" if any(";" in column or "\t" in column for column in columns) else ""
        yield Finding(here, f"{file}: no column {either(missing, 'and')}; expected {either(COLUMNS, 'and')}{hint}")
        return
    lines: dict[tuple[str, str, str], int] = {}
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        if None in row:
            yield Finding(here, f"{where}: more values than columns; a decimal is written with a point")
            continue
        entity, indicator = row["entity"] or "", row["indicator"] or ""
        if message := _wrong_series(entity, indicator):
            yield Finding(here, f"{where}: {message}")
            continue
        try:
            value = float(row["value"])
            when = f"{int(row['year']):04d}" + (f"-{int(row['month']):02d}" if (row.get("month") or "").strip() else "")
        except (TypeError, ValueError):
            yield Finding(here, f"{where}: expected a year and a value as numbers, and a month or nothing")
            continue
        if message := _wrong_value(indicator, when, value):
            yield Finding(here, f"{where}: {message}")
            continue
        first = lines.setdefault((entity, indicator, when), rows.line_num)
        if first != rows.line_num:
            yield Finding(here, f"{where}: '{indicator}' of {entity} in {when} is given twice; first on line {first}")
            continue
        series = found.setdefault(entity, {})
        values = series.setdefault(indicator, {}) if isinstance(series, dict) else None
        if isinstance(values, dict):  # the types report it if not
            values[when] = value
