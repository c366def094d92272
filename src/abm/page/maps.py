"""Maps by district with a slider of years; outlines are in the page once, for all maps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import numpy as np
from matplotlib.colors import to_hex

from abm.analysis.wording import figure
from abm.page.ingredients import spec_of
from abm.page.looks import Look
from abm.page.parts import Chart, Grid
from abm.places.data_files import data_file
from abm.places.places import places_of
from abm.plots.boundaries import BORDER, CONTROL, CREDITS, HATCH, province_borders
from abm.plots.maps import CITIES, classify
from abm.plots.style import LAND, MUTED, PALE

DISTRICTS = "districts"
"""Dataset of the outlines of districts, without which there is no map."""

AJK = "Azad Jammu and Kashmir"

NEAR = ("Afghanistan", "Iran", "India", "China", "Tajikistan", "Turkmenistan", "Uzbekistan", "Kyrgyzstan", "Oman")
"""Neighbours that are drawn pale around the country."""

WEST, EAST, SOUTH, NORTH = 60.4, 78.3, 23.4, 37.3
"""What the map shows; degrees."""

WIDTH = 580
STRETCH = math.cos(math.radians((SOUTH + NORTH) / 2))
"""Pixels of the width; length of a degree of longitude over that of one of latitude."""

SCALE = WIDTH / ((EAST - WEST) * STRETCH)
HEIGHT = round((NORTH - SOUTH) * SCALE)
"""Pixels of a degree of latitude, and of the height."""

FINE = 2
"""Steps of coordinates in a pixel."""


@cache
def shapes() -> dict[str, list[dict[str, Any]]]:
    """Outlines as GeoJSON features whose coordinates are places in the map, in steps of half a pixel."""
    lines = [_placed(line.tolist()) for line in province_borders()]
    near = [feature for feature in _features("ne_region_countries") if feature["properties"].get("name") in NEAR]
    return {
        DISTRICTS: [_simple(feature, "unit", "province") for feature in _features("units")],
        "northern": [_simple(feature) for feature in _features("gilgit_baltistan")],
        "control": [_simple(feature) for feature in _features("pak_line_of_control")],
        "provinces": [_feature("MultiLineString", [line for line in lines if len(line) > 1], {})],
        "countries": [_simple(feature) for feature in near],
    }


def _features(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(data_file(f"geo/{name}.geojson").read_text(encoding="utf-8"))["features"]
    return found


def _simple(feature: Mapping[str, Any], *properties: str) -> dict[str, Any]:
    kept = {name: feature["properties"].get(name, "") for name in properties}
    return _feature(feature["geometry"]["type"], _cut(feature["geometry"]["coordinates"]), kept)


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
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
    values: Mapping[str, Sequence[float]],
    years: Sequence[int],
    *,
    title: str,
    unit: str,
    colours: str,
    names: Mapping[str, str],
    note: str,
) -> Chart:
    """Map of a quantity by district, with a slider of years.

    Parameters
    ----------
    values
        By unit, a value a year; not a number where there is none.
    years
        The years, in order.
    title, unit, note
        What it shows, in which unit, and how it is read.
    colours
        Colour map of matplotlib, light for little.
    names
        Units in words.
    """
    table = np.array([list(row) for row in values.values()], np.float64)
    norm, palette = classify(table.ravel(), colours)
    edges = [float(edge) for edge in norm.boundaries]
    hues = [to_hex(colour) for colour in palette(range(palette.N))]
    rows = [
        {"unit": unit_key, "name": names.get(unit_key, unit_key), "v": [_cell(value) for value in row]}
        for unit_key, row in values.items()
    ]
    slider = alt.binding_range(min=years[0], max=years[-1], step=1, name="Year")
    several = {"bind": slider} if len(years) > 1 else {}
    year = alt.param(name="year", value=years[-1], **several)
    classes = alt.Scale(type="threshold", domain=edges[1:-1], range=hues) if len(edges) > 2 else alt.Scale(range=hues)
    filled = (
        alt.Chart(alt.Data(values=rows))
        .mark_geoshape(clip=True, stroke="white", strokeWidth=0.5)
        .transform_calculate(value=f"datum.v[year - {years[0]}]")
        .transform_lookup(
            lookup="unit",
            from_=alt.LookupData(
                data=alt.NamedData(name=DISTRICTS), key="properties.unit", fields=["type", "geometry"]
            ),
        )
        .encode(
            color=alt.condition(
                "isValid(datum.value)",
                alt.Color(
                    "value:Q",
                    scale=classes,
                    legend=None,
                ),
                alt.value(PALE),
            ),
            tooltip=[alt.Tooltip("name:N", title="district"), alt.Tooltip("value:Q", title=unit, format=",.3~g")],
        )
    )
    cities = [
        {
            "name": point.name,
            "x": _place(point.lon, point.lat)[0] / FINE,
            "y": HEIGHT - _place(point.lon, point.lat)[1] / FINE,
        }
        for point in places_of().points
        if point.key in CITIES
    ]
    across = alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False), axis=None)
    up = alt.Y("y:Q", scale=alt.Scale(domain=[0, HEIGHT], nice=False), axis=None)
    town = alt.Chart(alt.Data(values=cities)).encode(x=across, y=up)
    ajk = _outlines(DISTRICTS).transform_filter(f"datum.properties.province == '{AJK}'")
    chart = (
        alt.layer(
            _outlines("countries").mark_geoshape(clip=True, fill=LAND, stroke=BORDER, strokeWidth=0.5),
            _outlines("northern").mark_geoshape(clip=True, fill="url(#no-data)", stroke=HATCH, strokeWidth=0.4),
            filled,
            _outlines("provinces").mark_geoshape(clip=True, filled=False, stroke=MUTED, strokeWidth=1.1),
            ajk.mark_geoshape(clip=True, fill="url(#disputed)", stroke=HATCH, strokeWidth=0.4, tooltip=None),
            _outlines("control").mark_geoshape(
                clip=True, filled=False, stroke=str(CONTROL["color"]), strokeWidth=1.4, strokeDash=[1, 3]
            ),
            town.mark_point(shape="circle", filled=True, size=16, color="black", opacity=1),
            town.mark_text(align="left", dx=5, dy=-6, stroke="white", strokeWidth=3, fontSize=11).encode(text="name:N"),
            town.mark_text(align="left", dx=5, dy=-6, color="black", fontSize=11).encode(text="name:N"),
        )
        .properties(width=WIDTH, height=HEIGHT)
        .project(type="identity", scale=1 / FINE, translate=[0, 0])
        .add_params(year)
    )
    highest = sorted(values, key=lambda key: -_known(values[key][-1]))[:3]
    said = ", ".join(f"{names.get(key, key)} {figure(_known(values[key][-1]))}" for key in highest)
    numbers = Grid(
        ["district", *map(str, years)],
        [[names.get(key, key), *(figure(value) for value in row)] for key, row in values.items()],
        range(1, len(years) + 1),
        title=title,
        folded=True,
    )
    return Chart(
        f"{title}, {unit}",
        spec_of(chart),
        f"Map of the districts of Pakistan: {title.lower()}, {unit}. Highest in {years[-1]}: {said}.",
        note,
        _legend(edges, hues),
        numbers=numbers,
    )


def _legend(edges: Sequence[float], hues: Sequence[str]) -> dict[str, Look]:
    """Classes with their ends, and the colour of no value."""
    if len(edges) == 2 and edges[0] == 0:
        return {"0 everywhere": Look(hues[0], filled=True)}
    found = {
        f"{figure(low, 2)} to {figure(high, 2)}": Look(hue, filled=True)
        for low, high, hue in zip(edges[:-1], edges[1:], hues, strict=True)
    }
    return {**found, "no value": Look(PALE, filled=True)}


LEGEND = (
    f"Hatched: {AJK}. Dots: Gilgit-Baltistan, no data. Lines: provinces; dotted: approximately the Line of Control."
)
"""What the map shows beside its classes."""

MAP_CREDITS = CREDITS


def _outlines(name: str) -> Any:
    return alt.Chart(alt.NamedData(name=name))


def _cell(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None


def _known(value: float) -> float:
    return float(value) if np.isfinite(value) else 0.0
