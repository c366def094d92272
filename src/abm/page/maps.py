"""Maps by district: departures and those who want to leave and cannot pay, by year; differences, by scenario.

Outlines are in the page once, for all maps.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from abm.analysis.study import DISTRICT, Source
from abm.analysis.wording import figure
from abm.engine.calendar import parse_month
from abm.engine.measures import Floats
from abm.page.cases import Case
from abm.page.ingredients import spec_of
from abm.page.looks import Look, filled
from abm.page.parts import Block, Chart, Grid, Items, Text
from abm.page.words import headed, said
from abm.places.geography import load_units
from abm.places.places import places_of
from abm.plots.boundaries import AJK, BORDER, CONTROL, CREDITS, HATCH, Feature, features_of, province_borders
from abm.plots.curves import Period, months_of, whole_years
from abm.plots.maps import CITIES, FEWEST, NOISE, TOO_FEW, TOO_FEW_WORDS, classify, departure_rates
from abm.plots.style import ABROAD, LAND, MUTED, PALE

DISTRICTS = "districts"  # dataset of the outlines of districts, without which there is no map

NEAR = ("Afghanistan", "Iran", "India", "China", "Tajikistan", "Turkmenistan", "Uzbekistan", "Kyrgyzstan", "Oman")
"""Neighbours that are drawn pale around the country."""

WEST, EAST, SOUTH, NORTH = 60.4, 78.3, 23.4, 37.3  # what the map shows; degrees

WIDTH = 580
STRETCH = math.cos(math.radians((SOUTH + NORTH) / 2))
"""Pixels of the width; length of a degree of longitude over that of one of latitude."""

SCALE = WIDTH / ((EAST - WEST) * STRETCH)
HEIGHT = round((NORTH - SOUTH) * SCALE)
"""Pixels of a degree of latitude, and of the height."""

FINE = 2  # steps of coordinates in a pixel
MARGIN = 6  # room around the districts of a region, in pixels of the whole map
NONE = -1e6  # stands for no value where one is coloured by it; all values are above


@cache
def shapes() -> dict[str, list[Feature]]:
    """Outlines as GeoJSON features whose coordinates are places in the map, in steps of half a pixel."""
    lines = [_placed(line.tolist()) for line in province_borders()]
    near = [feature for feature in features_of("ne_region_countries") if feature["properties"].get("name") in NEAR]
    return {
        DISTRICTS: [_simple(feature, "unit", "province") for feature in features_of("units")],
        "northern": [_simple(feature) for feature in features_of("gilgit_baltistan")],
        "control": [_simple(feature) for feature in features_of("pak_line_of_control")],
        "provinces": [_feature("MultiLineString", [line for line in lines if len(line) > 1], {})],
        "countries": [_simple(feature) for feature in near],
    }


def _simple(feature: Feature, *properties: str) -> Feature:
    kept = {name: feature["properties"].get(name, "") for name in properties}
    return _feature(feature["geometry"]["type"], _cut(feature["geometry"]["coordinates"]), kept)


def _feature(kind: str, coordinates: object, properties: dict[str, str]) -> Feature:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _cut(nested: Any) -> Any:
    """Place all points, however deep the geometry nests them; a ring keeps four at least."""
    if isinstance(nested[0][0], list):
        return [_cut(part) for part in nested]
    found = _placed(nested)
    return found if len(found) > 3 else [_place(*point[:2]) for point in nested]


def _placed(points: Sequence[Sequence[float]]) -> list[list[int]]:
    """Points in the map, without those that fall on the one before."""
    found = [_place(*point[:2]) for point in points]
    return [point for place, point in enumerate(found) if not place or point != found[place - 1]]


def _place(lon: float, lat: float) -> list[int]:
    return [round(FINE * (lon - WEST) * STRETCH * SCALE), round(FINE * (NORTH - lat) * SCALE)]


def map_of(
    values: pd.DataFrame,
    *,
    title: str,
    unit: str,
    colours: str,
    note: str,
    blank: str = "no value",
    scenarios: Sequence[str] = (),
) -> Chart:
    """Map of a quantity by district, with a slider of years, or of a difference with a list of scenarios.

    `values`: a row a district, a column a year, not a number where there is none; `colours`: a colour map of
    matplotlib, light for little, or about zero for differences; `blank`: what it means that there is no number;
    `scenarios`: names of the columns 0, 1, … where these are no years.
    """
    units = load_units()
    names = dict(zip(units.unit.tolist(), units.name.tolist(), strict=True))
    years = [int(str(year)) for year in values]
    heads = list(scenarios) or list(map(str, years))
    edges, hues = (_apart if scenarios else _classes)(values.to_numpy(np.float64).ravel(), colours)
    series = {str(key): row.tolist() for key, row in zip(values.index, values.to_numpy(np.float64), strict=True)}
    rows = [{"unit": key, "name": names.get(key, key), "v": list(map(_cell, row))} for key, row in series.items()]
    slider = alt.binding_range(min=years[0], max=years[-1], step=1, name="Year")
    control = alt.binding_select(options=years, labels=heads, name="Scenario") if scenarios else slider
    shown = 0 if scenarios else -1
    classes = alt.Scale(type="threshold", domain=[NONE / 2, *edges[1:-1]], range=[TOO_FEW, *hues])
    outlines = alt.LookupData(data=alt.NamedData(name=DISTRICTS), key="properties.unit", fields=["type", "geometry"])
    districts = (
        alt.Chart(alt.Data(values=rows))
        .mark_geoshape(clip=True, stroke="white", strokeWidth=0.5)
        .transform_calculate(value=f"datum.v[year - {years[0]}]")
        .transform_calculate(
            shade=f"isValid(datum.value) ? datum.value : {NONE}",  # marks without a value would not be drawn
            said=f"isValid(datum.value) ? format(datum.value, ',.3~g') : '{blank}'",
        )
        .transform_lookup(lookup="unit", from_=outlines)
        .encode(
            color=alt.Color("shade:Q", scale=classes, legend=None),
            tooltip=[alt.Tooltip("name:N", title="district"), alt.Tooltip("said:N", title=unit)],
        )
    )
    ajk = _outlines(DISTRICTS).transform_filter(f"datum.properties.province == '{AJK}'")
    dotted = {"stroke": str(CONTROL["color"]), "strokeWidth": 1.4, "strokeDash": [1, 3]}
    view = _view(series)
    town = _towns(view)
    names_beside = {"align": "left", "dx": 5, "dy": -6, "fontSize": 11}
    chart = (
        alt.layer(
            _outlines("countries").mark_geoshape(clip=True, fill=LAND, stroke=BORDER, strokeWidth=0.5),
            _outlines("northern").mark_geoshape(clip=True, fill="url(#no-data)", stroke=HATCH, strokeWidth=0.4),
            _outlines(DISTRICTS).mark_geoshape(clip=True, fill=PALE, stroke="white", strokeWidth=0.5),
            districts,
            _outlines("provinces").mark_geoshape(clip=True, filled=False, stroke=MUTED, strokeWidth=1.1),
            ajk.mark_geoshape(clip=True, fill="url(#disputed)", stroke=HATCH, strokeWidth=0.4, tooltip=None),
            _outlines("control").mark_geoshape(clip=True, filled=False, **dotted),
            town.mark_point(shape="circle", filled=True, size=16, color="black", opacity=1),
            town.mark_text(stroke="white", strokeWidth=3, **names_beside).encode(text="name:N"),
            town.mark_text(color="black", **names_beside).encode(text="name:N"),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .project(type="identity", scale=view.zoom / FINE, translate=[-view.zoom * view.left, -view.zoom * view.top])
        .add_params(alt.param(name="year", value=years[shown], bind=control if len(years) > 1 else alt.Undefined))
    )
    first = values[values.columns[shown]].dropna().sort_values(ascending=False, kind="stable", key=abs).head(3)
    largest = [f"{names.get(str(key), str(key))} {figure(value)}" for key, value in first.items()]
    highest = ", ".join(largest) or "no district has a value"
    return Chart(
        f"{title}, {unit}",
        spec_of(chart),
        f"Map of the districts of Pakistan: {title.lower()}, {unit}. Largest in {heads[shown]}: {highest}.",
        note,
        _legend(edges, hues, blank if values.isna().to_numpy().any() else ""),
        numbers=Grid(
            ["district", *heads],
            [[names.get(key, key), *map(figure, row)] for key, row in series.items()],
            range(1, len(years) + 1),
            title=title,
            folded=True,
        ),
    )


def _classes(values: Floats, colours: str) -> tuple[list[float], list[str]]:
    """Bounds and colours of classes, from little to much."""
    norm, palette = classify(values, colours)
    return [float(edge) for edge in norm.boundaries], [to_hex(colour) for colour in palette(range(palette.N))]


def _apart(values: Floats, colours: str) -> tuple[list[float], list[str]]:
    """The same on both sides of zero: of what differs, half lies in the middle class and a tenth in the outer two."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    ends = sorted({float(f"{end:.2g}") for end in np.quantile([0.0, *sizes], (0.5, 0.9, 1.0))})
    edges = [-end for end in reversed(ends)] + ends if sizes.size else [0.0, 1.0]
    count = len(edges) - 1
    return edges, [to_hex(colour) for colour in colormaps[colours]((np.arange(count) + 0.5) / count)]


class View(NamedTuple):
    """Upper left corner of what is seen of the map, in its pixels, and by how much they are enlarged."""

    left: float
    top: float
    zoom: float


def _view(keys: Container[str]) -> View:
    """Whole country, or the districts with some room around them if others are left out."""
    every = shapes()[DISTRICTS]
    mine = [np.array(_points(found)) / FINE for found in every if found["properties"]["unit"] in keys]
    if not mine or len(mine) == len(every):
        return View(0.0, 0.0, 1.0)
    points = np.concatenate(mine)
    low, high = points.min(0) - MARGIN, points.max(0) + MARGIN
    zoom = float(min(np.array([WIDTH, HEIGHT]) / (high - low)))
    left, top = (low + high - np.array([WIDTH, HEIGHT]) / zoom) / 2
    return View(float(left), float(top), zoom)


def _points(feature: Feature) -> list[list[int]]:
    """Points of the outer rings of a district."""
    geometry = feature["geometry"]
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [point for part in parts for point in part[0]]


def _towns(view: View) -> alt.Chart:
    """Towns that are seen, at their places."""
    wide, high = WIDTH / view.zoom, HEIGHT / view.zoom
    rows = []
    for point in places_of().points:
        if point.key in CITIES:
            across, down = _place(point.lon, point.lat)
            right, up = across / FINE - view.left, high - (down / FINE - view.top)
            if 0 <= right <= wide and 0 <= up <= high:
                rows.append({"name": point.name, "x": right, "y": up})
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, wide], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, high], nice=False), axis=None)
    return alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)


def _legend(edges: Sequence[float], hues: Sequence[str], blank: str) -> dict[str, Look]:
    """Classes with their ends, and the colour of districts without a number, if there are any."""
    classes = [f"{figure(low, 2)} to {figure(high, 2)}" for low, high in pairwise(edges)]
    if len(edges) == 2 and edges[0] == 0:
        classes = ["0 in all others" if blank else "0 everywhere"]
    return filled(dict(zip(classes, hues, strict=True)) | ({blank: TOO_FEW} if blank else {}))


LEGEND = (
    f"Hatched: {AJK}. Dots: Gilgit-Baltistan, no data. Lines: provinces; dotted: approximately the Line of Control."
)
"""What the map shows beside its classes."""


def _outlines(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=name))


def _cell(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None


# ----------------------------------------------------------------------------------------------------------- districts


def district_maps(case: Case) -> list[Block]:
    """Maps with a slider of years; nothing where the table by district was not kept."""
    if not case.has("district"):
        return []
    district = case.mean("district")
    whole = whole_years(months_of(district))
    years = whole.years()
    every = [outcome for outcome in ABROAD if outcome in district]
    blocks: list[Block] = []
    for columns, title, colours in (
        (["irregular_departures"], "Irregular departures", "OrRd"),
        (every, "Departures for abroad, all channels", "YlGnBu"),
    ):
        if {*columns, "population"} <= set(district) and columns:
            rates = {year: departure_rates(district, columns, period) for year, period in years.items()}
            unit = f"persons per 1,000 residents {whole.per}"
            note, few = f"{LEGEND} {NOISE}", TOO_FEW_WORDS.lower()
            blocks.append(map_of(_table(rates), title=title, unit=unit, colours=colours, note=note, blank=few))
    if {"involuntary_immobility", "households"} <= set(district):
        shares = {year: _share(period.rows_of(district)) for year, period in years.items()}
        blocks.append(
            map_of(
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


def map_of_differences(source: Source) -> list[Block]:
    """Irregular departures of scenarios less those of the reference, over the window, at all points and replicates."""
    (reference, *others), columns = source.experiment.scenarios, ["irregular_departures", "population"]
    if not {*columns} <= {*source.study.columns(DISTRICT)}:
        return []
    first, last = map(parse_month, source.experiment.window)
    period = Period(first, last, 12)
    rates = {
        str(name): departure_rates(rows, columns[:1], period, fewest=FEWEST if name == reference else 0)
        for name, rows in source.study.table(DISTRICT, columns).groupby("scenario", observed=True)
    }
    there = [name for name in others if name in rates]  # one may have no run yet
    apart = {place: rates[name] - rates[reference] for place, name in enumerate(there)}
    chart = map_of(
        _table(apart),
        title=f"Irregular departures: difference from {said(reference)}",
        unit="persons per 1,000 residents a year",
        colours="RdYlBu_r",
        blank=f"{TOO_FEW_WORDS.lower()} in the reference",
        scenarios=[headed(name) for name in there],
        note=f"{LEGEND} Mean of the runs, {' to '.join(source.experiment.window)}. Single districts are noisy: "
        "'abm compare DIR --where DISTRICT' tells how sure the difference of one is.",
    )
    return [Text(f"Blue: fewer leave irregularly than in {said(reference)}; red: more."), chart]


def _share(rows: pd.DataFrame) -> pd.Series:
    """Households that aspire and cannot pay, per 100 households, over months."""
    sums = rows[["involuntary_immobility", "households"]].astype(float).groupby(rows["unit"].astype(str)).sum()
    return (100 * sums["involuntary_immobility"] / sums["households"]).where(sums["households"] > 0)


def _table(by_year: dict[int, pd.Series]) -> pd.DataFrame:
    """Rows by district, columns by year."""
    return pd.DataFrame({year: values.rename(index=str) for year, values in by_year.items()}).sort_index()
