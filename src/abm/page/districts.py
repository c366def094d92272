"""Maps of a scenario by district: departures, and those who want to leave and cannot pay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.page.cases import Case
from abm.page.maps import LEGEND, MAP_CREDITS, map_of
from abm.page.parts import Block, Items, Text
from abm.places.geography import load_units
from abm.plots.curves import Period, months_of, whole_years
from abm.plots.maps import NOISE, departure_rates
from abm.plots.style import CHANNELS


def district_maps(case: Case) -> list[Block]:
    """Maps with a slider of years; nothing where the table by district was not kept."""
    if not case.has("district"):
        return []
    district = case.mean("district")
    whole = whole_years(months_of(district))
    years = _years(whole)
    names = {key: name for key, name in zip(load_units().unit.tolist(), load_units().name.tolist(), strict=True)}
    every = [
        channel.departures for key, channel in CHANNELS.items() if key != "domestic" and channel.departures in district
    ]
    blocks: list[Block] = []
    for columns, title, colours in (
        (["irregular_departures"], "Irregular departures", "OrRd"),
        (every, "Departures for abroad, all channels", "YlGnBu"),
    ):
        if set(columns) <= set(district) and columns and "population" in district:
            rates = {label: departure_rates(district, columns, period) for label, period in years.items()}
            blocks.append(
                map_of(
                    _by_unit(rates),
                    list(years),
                    title=title,
                    unit=f"persons per 1,000 residents {whole.per}",
                    colours=colours,
                    names=names,
                    note=f"{LEGEND} {NOISE}",
                )
            )
    if {"involuntary_immobility", "households"} <= set(district):
        shares = {label: _share(period.rows_of(district)) for label, period in years.items()}
        blocks.append(
            map_of(
                _by_unit(shares),
                list(years),
                title="Households that want to leave and cannot pay",
                unit="% of households",
                colours="PuBu",
                names=names,
                note=f"{LEGEND} Mean of the months of a year.",
            )
        )
    if not blocks:
        return []
    lead = (
        "Move the slider to another year. " if len(years) > 1 else ""
    ) + "Classes hold about equal numbers of districts and years, fewer at the top."
    return [Text(lead), *blocks, Items(MAP_CREDITS)]


def _years(whole: Period) -> dict[int, Period]:
    """Each calendar year as a period; one year for all months where no year is whole."""
    if whole.step == 1:
        return {whole.first // 12: whole}
    return {month // 12: Period(month, month + 11, 12) for month in range(whole.first, whole.last + 1, 12)}


def _share(rows: pd.DataFrame) -> pd.Series:
    """Households that aspire and cannot pay, per 100 households, over months."""
    sums = rows[["involuntary_immobility", "households"]].astype(float).groupby(rows["unit"].astype(str)).sum()
    return (100 * sums["involuntary_immobility"] / sums["households"]).where(sums["households"] > 0)


def _by_unit(by_year: dict[int, pd.Series]) -> dict[str, list[float]]:
    units = sorted({str(unit) for rates in by_year.values() for unit in rates.index})
    return {unit: [float(rates.get(unit, np.nan)) for rates in by_year.values()] for unit in units}
