"""Records that a run is scored on: rows in the form of ``tables/targets.csv``, a user's or those shipped.

Those of one outcome stand beside it in figures over time, in its unit.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO

from abm.analysis.observation import OBSERVATIONS, Facts, Part, everything
from abm.config.wording import described, listed
from abm.engine.errors import ConfigError, OutputError, Problem
from abm.places.data_files import data_file
from abm.places.drivers import Series
from abm.places.places import Places

SHIPPED = "tables/targets.csv"

REQUIRED = ("target_id", "geography", "year", "value")
"""Columns without which nothing can be scored; ``route``, ``unit`` and ``source_id`` may be missing, others are passed
over."""


@dataclass(frozen=True)
class Record:
    """One value that was counted or printed."""

    target: str
    geography: str
    route: str
    year: int
    value: float
    unit: str
    source: str


def read_records(path: str | os.PathLike[str] | None = None) -> tuple[Record, ...]:
    """Read records of a file, by default the shipped ones.

    An OutputError says that it cannot be read; a ConfigError has every row that is wrong, by its line.
    """
    if path is None:
        return _shipped()
    file = os.fspath(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            return _parsed(stream.read(), file)
    except OSError as error:
        raise OutputError(f"'{file}' cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise OutputError(f"'{file}' cannot be read as CSV in UTF-8: {error}") from error


@cache
def _shipped() -> tuple[Record, ...]:
    return _parsed(data_file(SHIPPED).read_text(encoding="utf-8"), SHIPPED)


def _parsed(text: str, file: str) -> tuple[Record, ...]:
    rows = csv.DictReader(StringIO(text, newline=""), strict=True)
    missing = [column for column in REQUIRED if column not in (rows.fieldnames or ())]
    if missing:
        message = f"no column {listed(missing)}; expected {listed(REQUIRED)}, with route, unit, source_id if known"
        raise ConfigError([Problem(message, file=file, line=1, column=1)])
    found = list(_read(rows, file))
    problems = [problem for problem in found if isinstance(problem, Problem)]
    if problems:
        raise ConfigError(problems)
    return tuple(record for record in found if isinstance(record, Record))


def _read(rows: csv.DictReader[str], file: str) -> Iterator[Record | Problem]:
    for row in rows:
        line, name = rows.line_num, row["target_id"]
        year, value = (_number(row[column]) for column in ("year", "value"))
        if not name:
            yield Problem("no target_id", file=file, line=line, column=1)
        elif year is None or year != int(year):
            message = f"expected a year as a whole number; found {described(row['year'])}"
            yield Problem(message, "year", file, line, 1)
        elif value is None or value < 0.0:
            message = f"expected a number that is not negative; found {described(row['value'])}"
            yield Problem(message, "value", file, line, 1)
        else:
            route, unit, source = (row.get(column) or "" for column in ("route", "unit", "source_id"))
            yield Record(name, row["geography"] or "", route, int(year), value, unit, source)


def _number(text: str | None) -> float | None:
    """Read a number that is one; None for anything else."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def recorded(outcome: str, series: Series) -> dict[int, float]:
    """Find the records of an outcome by year: those whose observation is this outcome alone, of the whole country.

    What is counted in part only, as deaths, or together with other outcomes, as removals, has no record of its own
    here; `abm.analysis.score` has them all. Money is turned back into rupees of 2017.
    """
    values: dict[int, float] = {}
    whole = (Part("national", (outcome,), everything),)
    for record in read_records():
        observation = OBSERVATIONS.get(record.target)
        if observation is None or observation.parts != whole or observation.of or observation.place:
            continue
        unit = observation.convert(1.0, record.year, series) if observation.convert else 1.0
        values[record.year] = record.value / (unit * observation.multiple)
    return values


def recorded_at(target: str, key: str, places: Places, series: Series) -> dict[int, float]:
    """Find the records of a target by year, at a place by its key in the model."""
    place, facts = OBSERVATIONS[target].place, Facts(places, series)
    return {
        record.year: record.value
        for record in read_records()
        if record.target == target and place and place(record.geography, record.route, facts) == key
    }
