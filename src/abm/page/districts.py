"""Maps of a scenario by district: departures, and those who want to leave and cannot pay."""

from __future__ import annotations

from functools import partial

import pandas as pd

from abm.page.cases import Case
from abm.page.maps import LEGEND, map_of
from abm.page.parts import Block, Items, Text
from abm.places.geography import load_units
from abm.plots.boundaries import CREDITS
from abm.plots.curves import months_of, whole_years
from abm.plots.maps import NOISE, departure_rates
from abm.plots.style import ABROAD


def district_maps(case: Case) -> list[Block]:
    """Maps with a slider of years; nothing where the table by district was not kept."""
    if not case.has("district"):
        return []
    district = case.mean("district")
    whole = whole_years(months_of(district))
    years = whole.years()
    units = load_units()
    draw = partial(map_of, names=dict(zip(units.unit.tolist(), units.name.tolist(), strict=True)))
    every = [outcome for outcome in ABROAD if outcome in district]
    blocks: list[Block] = []
    for columns, title, colours in (
        (["irregular_departures"], "Irregular departures", "OrRd"),
        (every, "Departures for abroad, all channels", "YlGnBu"),
    ):
        if {*columns, "population"} <= set(district) and columns:
            rates = {year: departure_rates(district, columns, period) for year, period in years.items()}
            unit = f"persons per 1,000 residents {whole.per}"
            blocks.append(draw(_table(rates), title=title, unit=unit, colours=colours, note=f"{LEGEND} {NOISE}"))
    if {"involuntary_immobility", "households"} <= set(district):
        shares = {year: _share(period.rows_of(district)) for year, period in years.items()}
        blocks.append(
            draw(
                _table(shares),
                title="Households that want to leave and cannot pay",
                unit="% of households",
                colours="PuBu",
                note=f"{LEGEND} Mean of the months of a year.",
            )
        )
    if not blocks:
        return []
    slider = "Move the slider to another year. " if len(years) > 1 else ""
    lead = f"{slider}Classes hold about equal numbers of districts and years, fewer at the top."
    return [Text(lead), *blocks, Items(CREDITS)]


def _share(rows: pd.DataFrame) -> pd.Series:
    """Households that aspire and cannot pay, per 100 households, over months."""
    sums = rows[["involuntary_immobility", "households"]].astype(float).groupby(rows["unit"].astype(str)).sum()
    return (100 * sums["involuntary_immobility"] / sums["households"]).where(sums["households"] > 0)


def _table(by_year: dict[int, pd.Series]) -> pd.DataFrame:
    """Rows by district, columns by year."""
    return pd.DataFrame({year: values.rename(index=str) for year, values in by_year.items()}).sort_index()
