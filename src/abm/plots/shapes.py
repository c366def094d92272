"""Shapes for maps: outlines of units, countries and lines, read once from the package's GeoJSON files."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from itertools import pairwise

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""Longitude and latitude of the points of a line, degrees, one row a point."""

CAPTION = (
    "Boundaries, names and designations are for statistical display only and do not imply endorsement or acceptance. "
    "Dotted line: approximately the Line of Control; the final status of Jammu and Kashmir has not been agreed upon "
    "by the parties."
)
CREDIT = (
    "Boundaries: OCHA FISS / WFP SDI, Pakistan COD-AB (2022), CC BY 3.0 IGO, merged and simplified. Countries: Made "
    "with Natural Earth. Places: GeoNames, CC BY 4.0. Data: Pakistan Bureau of Statistics, Census 2023 (conversion "
    "(c) 2024 Fahad Mirza, MIT)."
)
AJK = "Azad Jammu and Kashmir"
SIACHEN = "Siachen Glacier"


@dataclass(frozen=True, eq=False)
class Shape:
    """One feature of a GeoJSON file.

    Attributes
    ----------
    key, name
        Key of a unit (``gujrat``) or the name again, and the name to print.
    province
        Province of a unit; empty for anything else.
    catchment
        ``paper`` for the five districts of the paper, ``neighbour`` beside them, else empty.
    lines
        Rings of a polygon or parts of a line.
    """

    key: str
    name: str
    province: str
    catchment: str
    lines: tuple[Line, ...]

    @property
    def outline(self) -> Path:
        """All rings as one path; holes come out as holes."""
        return Path.make_compound_path(*(Path(line, closed=True) for line in self.lines))

    @property
    def centre(self) -> tuple[float, float]:
        """Centroid of the largest ring, degrees: a place for a label or the end of a schematic line."""
        areas = [_signed_area(line) for line in self.lines]
        ring = self.lines[int(np.argmax(np.abs(areas)))]
        crosses = ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]
        x, y = ((ring[:-1] + ring[1:]) * crosses[:, None]).sum(axis=0) / (3 * crosses.sum())
        return float(x), float(y)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest and largest longitude, smallest and largest latitude."""
        points = np.concatenate(self.lines)
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        return float(west), float(east), float(south), float(north)


def _signed_area(ring: Line) -> float:
    """Area of a ring in square degrees, good enough to find the largest."""
    return float((ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]).sum() / 2)


@cache
def load_shapes(name: str) -> tuple[Shape, ...]:
    """Features of ``abm.data/geo/<name>.geojson``, in the order of the file."""
    text = (files("abm.data") / "geo" / f"{name}.geojson").read_text(encoding="utf-8")
    return tuple(_shape(feature) for feature in json.loads(text)["features"])


def _shape(feature: dict[str, dict[str, object]]) -> Shape:
    """Turn a GeoJSON feature into a shape."""
    properties = {key: str(value) for key, value in feature["properties"].items()}
    name = properties.get("name", "")
    return Shape(
        key=properties.get("unit", name),
        name=name,
        province=properties.get("province", ""),
        catchment=properties.get("catchment", ""),
        lines=tuple(_lines(feature["geometry"]["coordinates"])),
    )


def _lines(nested: object) -> Iterable[Line]:
    """Find the lists of points, however deep the geometry type nests them."""
    if not isinstance(nested, list):
        raise TypeError(f"expected a list of coordinates, found {nested!r}")
    if isinstance(nested[0][0], list):
        for part in nested:
            yield from _lines(part)
    else:
        yield np.asarray(nested, dtype=np.float64)


@cache
def load_countries() -> dict[str, Shape]:
    """Countries between Europe and South Asia by Natural Earth's name."""
    return {shape.name: shape for shape in load_shapes("ne_region_countries")}


@cache
def load_places() -> dict[str, tuple[str, tuple[float, float]]]:
    """Name, and longitude and latitude (0.1 degree), of the anchors of the corridor map, by their id."""
    text = (files("abm.data") / "geo" / "places.csv").read_text(encoding="utf-8")
    rows = DictReader(StringIO(text))
    return {row["place_id"]: (row["name"], (float(row["lon"]), float(row["lat"]))) for row in rows}


@cache
def province_borders() -> tuple[Line, ...]:
    """Sides of polygons between units of two provinces, those of Azad Jammu and Kashmir left out.

    Neighbours share their vertices exactly, so a side of two polygons is the same pair of points in both.
    """
    owners: defaultdict[tuple[tuple[float, ...], ...], set[str]] = defaultdict(set)
    for shape in load_shapes("units"):
        for ring in shape.lines:
            points = [tuple(point) for point in ring.tolist()]
            for side in pairwise(points):
                owners[tuple(sorted(side))].add(shape.province)
    return tuple(np.array(side) for side, provinces in owners.items() if len(provinces) == 2 and AJK not in provinces)
