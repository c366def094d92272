"""The figures of a run that come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from abm.core.calendar import MONTHS_A_YEAR

if TYPE_CHECKING:
    import pandas as pd


CHANNELS = {
    "legal_departures": "legal departures",
    "visas_sold": "  on sold visas",
    "sponsored_departures": "sponsored departures",
    "overstays": "overstays after a visit",
    "irregular_departures": "irregular departures",
    "domestic_moves": "domestic moves",
}
"""Flows of a summary and their labels; what is indented is part of the line above it."""

STREAMS = {
    "transit_entries": "entries in transit",
    "trafficked_domestic": "trafficked within country",
    "trafficked_abroad": "trafficked abroad",
}
"""Flows of streams that a configuration asks for, and their labels."""

LEFT_OUT_WHEN_NONE = ("visas_sold", *STREAMS)
"""Flows that there are under a lever, or in runs with their stream, only."""


class Headline(NamedTuple):
    """A label and its figure, written out."""

    label: str
    text: str


def headlines_of(national: pd.DataFrame) -> list[Headline]:
    """Work out what was simulated, who left, who is abroad, what came back and who died.

    Flows are given for the whole time and for the last full calendar year; outcomes that a run does not record are
    left out.
    """
    if national.empty:
        return [Headline("months", "none")]
    months = national["month"]
    span = f"{months.iloc[0]:%Y-%m} to {months.iloc[-1]:%Y-%m}"
    found = [Headline("months", f"{span} ({len(national):,})")]
    last = _last_full_year(national)
    for name, label in (CHANNELS | STREAMS).items():
        if name in national and (name not in LEFT_OUT_WHEN_NONE or national[name].any()):
            found.append(Headline(label, _total_and_last_year(national, last, name)))
    if "deaths_en_route" in national:
        found.append(Headline("deaths en route", _total_and_last_year(national, last, "deaths_en_route")))
    if "bonded_households" in national and national["bonded_households"].any():
        found.append(Headline("bonded, last month", f"{national['bonded_households'].iloc[-1]:,.0f}"))
    if "persons_abroad" in national:
        found.append(Headline("persons abroad, last month", f"{national['persons_abroad'].iloc[-1]:,.0f}"))
    if "remittances" in national:
        found.append(Headline("remittances a year", _remittances(national, last)))
    return found


def _last_full_year(national: pd.DataFrame) -> pd.DataFrame | None:
    """Rows of the last calendar year of which all months were simulated, if there is one."""
    years = national["month"].dt.year
    full = years.value_counts().loc[lambda count: count == MONTHS_A_YEAR]
    return None if full.empty else national[years == full.index.max()]


def _total_and_last_year(national: pd.DataFrame, last: pd.DataFrame | None, name: str) -> str:
    """Write the sum of a flow over all months, and over the last full year."""
    total = f"{national[name].sum():,.0f}"
    if last is None or len(last) == len(national):
        return total
    return f"{total}, of which {last[name].sum():,.0f} in {last['month'].iloc[0]:%Y}"


def _remittances(national: pd.DataFrame, last: pd.DataFrame | None) -> str:
    """Write the remittances of the last full year, or of a mean year where there is none, in billions."""
    if last is not None:
        return f"{last['remittances'].sum() / 1e9:,.1f} billion PKR of 2017 in {last['month'].iloc[0]:%Y}"
    return f"{national['remittances'].mean() * MONTHS_A_YEAR / 1e9:,.1f} billion PKR of 2017"
