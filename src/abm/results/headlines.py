"""The figures of a run that come first, and what the totals of streams rest on: a reading of the sources, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.measures import BUDGET_LEFT, IN_FORCE_PREFIX
from abm.results.tables import Columns, Resolved

FLOWS = {
    "legal_departures": "legal departures",
    "visas_sold": "  on sold visas",
    "sponsored_departures": "sponsored departures",
    "overstays": "overstays after a visit",
    "irregular_departures": "irregular departures",
    "domestic_moves": "domestic moves",
    "deaths_en_route": "deaths en route",
}
"""Flows of a summary and their labels; an indented one is part of the line above it."""

MILLION, BILLION = 1e6, 1e9


class Stream(NamedTuple):
    """A stream in words: the outcome that counts it, the label of that figure in a summary, what is assumed of it.

    A stock is counted at a time, in households; else persons are counted as they come.
    """

    column: str
    label: str
    level: str
    is_stock: bool = False


STREAMS: dict[str, Stream] = {
    "bondage": Stream("bonded_households", "bonded, last month", "bonded households", is_stock=True),
    "trafficking": Stream("trafficked_domestic", "trafficked within country", "trafficked within the country"),
    "transit": Stream("transit_entries", "entries in transit", "transit"),
}
"""Streams whose totals rest on assumptions about how many there are, by their mechanism."""


class Headline(NamedTuple):
    """A label and its figure, written out."""

    label: str
    text: str


def headlines_of(national: Columns, config: Mapping[str, object] | None = None) -> list[Headline]:
    """Work out the months simulated, departures, persons abroad, remittances, deaths and the cost of policy.

    Takes the columns of the table ``national``, with months as dates of any unit. Flows are given for the whole time
    and for the last full calendar year; outcomes that a run does not record are left out. The resolved configuration
    says what reading of the sources the streams rest on.
    """
    months = national["month"].astype("datetime64[M]")
    if not months.size:
        return [Headline("months", "none")]
    found = [Headline("months", f"{months[0]} to {months[-1]} ({months.size:,})")]
    for name, label in FLOWS.items():
        if name in national and (name != "visas_sold" or national[name].any()):
            found.append(Headline(label, _total_and_last_year(national, name)))
    if "persons_abroad" in national:
        found.append(Headline("persons abroad, last month", f"{national['persons_abroad'][-1]:,.0f}"))
    if "remittances" in national:
        found.append(Headline("remittances a year", _remittances(national)))
    found += _of_streams(national, readings_of(config or {}))
    found += _of_policy(national)
    return found


def _of_streams(national: Columns, readings: Mapping[str, str]) -> list[Headline]:
    """Report the streams beside the smuggling of migrants, and what their levels rest on."""
    found = []
    for mechanism, stream in STREAMS.items():
        if _any(national, stream.column):
            text = _total_and_last_year(national, stream.column, " persons")
            if stream.is_stock:
                text = f"{national[stream.column][-1]:,.0f} households"
            reading = f", reading '{readings[mechanism]}'" if readings.get(mechanism) else ""
            found.append(Headline(stream.label, f"{text}; level assumed{reading}"))
    for column, label, note in (
        ("trafficked_abroad", "trafficked abroad", "; level assumed"),
        ("victims_identified", "identified as trafficked", ""),
        ("victims_prosecuted", "migrants, victims charged", "; not among those identified"),
    ):
        if _any(national, column):
            found.append(Headline(label, _total_and_last_year(national, column, " persons") + note))
    return found


def _of_policy(national: Columns) -> list[Headline]:
    """Report what levers cost, how long triggers had theirs in force, and the rest of the budget."""
    found = []
    if _any(national, "policy_cost"):
        text = _total_and_last_year(national, "policy_cost", " million PKR of 2017", MILLION, 1)
        found.append(Headline("policy cost", text))
    for name, values in national.items():
        if name.startswith(IN_FORCE_PREFIX):
            text = f"{values.sum():,.0f} of {values.size:,} months"
            found.append(Headline(f"{name.removeprefix(IN_FORCE_PREFIX)} in force", text))
    if BUDGET_LEFT in national:
        text = f"{national[BUDGET_LEFT][-1] / MILLION:,.1f} million PKR of 2017"
        found.append(Headline("budget left, last month", text))
    return found


def _any(national: Columns, name: str) -> bool:
    return name in national and bool(national[name].any())


def _total_and_last_year(national: Columns, name: str, unit: str = "", size: float = 1.0, decimals: int = 0) -> str:
    """Write the sum of a flow over all months, and over the last full year, in units of a size."""
    total = f"{national[name].sum() / size:,.{decimals}f}{unit}"
    last = _in_last_full_year(national, name)
    if last is None or national[name].size == MONTHS_A_YEAR:
        return total
    return f"{total}, of which {last[1] / size:,.{decimals}f} in {last[0]}"


def _remittances(national: Columns) -> str:
    """Write the remittances of the last full year, or of a mean year where there is none, in billions."""
    last = _in_last_full_year(national, "remittances")
    if last is None:
        return f"{national['remittances'].mean() * MONTHS_A_YEAR / BILLION:,.1f} billion PKR of 2017"
    return f"{last[1] / BILLION:,.1f} billion PKR of 2017 in {last[0]}"


def _in_last_full_year(national: Columns, name: str) -> tuple[np.datetime64, float] | None:
    """Find the last calendar year of which all months were simulated, if there is one, and the sum of a flow in it."""
    year_of_row = national["month"].astype("datetime64[Y]")
    years, months = np.unique(year_of_row, return_counts=True)
    full = years[months == MONTHS_A_YEAR]
    return (full[-1], float(national[name][year_of_row == full[-1]].sum())) if full.size else None


def readings_of(config: Resolved) -> dict[str, str]:
    """Find the reading of each stream that takes part in a resolved configuration.

    By mechanism, such as ``{"bondage": "output"}``; empty text where a stream has one level only.
    """
    mechanisms = config.get("mechanisms", {})
    return {
        name: str(config.get(name, {}).get("reading", ""))
        for name in STREAMS
        if mechanisms.get(name, {}).get("enabled", False)
    }
