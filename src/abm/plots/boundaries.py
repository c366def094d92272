"""What every map shows besides its data: outlines, read once from GeoJSON, borders, and areas that are disputed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from math import cos, radians
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from numpy.typing import NDArray

from abm.places.data_files import data_file
from abm.plots.style import LAND, MUTED, PALE, SEA

Line = NDArray[np.float64]  # longitude and latitude of the points of a line, degrees, one row a point

Bounds = tuple[float, float, float, float]  # west, east, south, north; degrees

CREDITS = (
    "Boundaries, names and designations are for statistical display only and do not imply endorsement or acceptance. "
    "Dotted line: approximately the Line of Control; the final status of Jammu and Kashmir has not been agreed upon "
    "by the parties.",
    "Boundaries: OCHA FISS / WFP SDI, Pakistan COD-AB (2022), CC BY 3.0 IGO, merged and simplified. Countries: Made "
    "with Natural Earth. Places: GeoNames, CC BY 4.0. Data: Pakistan Bureau of Statistics, Census 2023 (conversion "
    "(c) 2024 Fahad Mirza, MIT).",
)
"""What stands below every map."""

AJK = "Azad Jammu and Kashmir"
SIACHEN = "Siachen Glacier"

BORDER, HATCH = "#B9B5AA", "#777777"
CONTROL: dict[str, Any] = {"color": "black", "linewidth": 1.1, "linestyle": (0, (0.9, 1.6))}
"""Colour of borders and of hatches, and the look of the Line of Control."""


@dataclass(frozen=True, eq=False)
class Shape:
    """One feature of a GeoJSON file: a polygon, by its rings, or the parts of a line."""

    key: str  # key of a unit (``gujrat``), else the name again
    name: str
    province: str
    catchment: str
    """``paper`` for the five districts of the paper, ``neighbour`` beside them; empty, as the province, for no unit."""
    lines: tuple[Line, ...]

    @property
    def outline(self) -> Path:
        """All rings as one path; holes come out as holes."""
        return Path.make_compound_path(*(Path(line, closed=True) for line in self.lines))

    @property
    def centre(self) -> tuple[float, float]:
        """Centroid of the largest ring, degrees: a place for a label or the end of a schematic line."""
        crosses = [ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1] for ring in self.lines]
        largest = int(np.argmax([abs(cross.sum()) for cross in crosses]))
        ring, cross = self.lines[largest], crosses[largest]
        x, y = ((ring[:-1] + ring[1:]) * cross[:, None]).sum(axis=0) / (3 * cross.sum())
        return float(x), float(y)

    @property
    def bounds(self) -> Bounds:
        """Smallest and largest longitude, smallest and largest latitude."""
        points = np.concatenate(self.lines)
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        return float(west), float(east), float(south), float(north)


Feature = dict[str, Any]  # a feature of GeoJSON


def features_of(name: str) -> list[Feature]:
    """Features of ``abm.data/geo/<name>.geojson``, in the order of the file."""
    return json.loads(data_file(f"geo/{name}.geojson").read_text(encoding="utf-8"))["features"]


@cache
def load_shapes(name: str) -> tuple[Shape, ...]:
    """Shapes of ``abm.data/geo/<name>.geojson``, in the order of the file."""
    return tuple(map(_shape, features_of(name)))


def _shape(feature: Feature) -> Shape:
    facts = feature["properties"]
    name = facts.get("name", "")
    texts = (facts.get("unit", name), name, facts.get("province", ""), facts.get("catchment", ""))
    return Shape(*texts, tuple(_lines(feature["geometry"]["coordinates"])))


def _lines(nested: Any) -> Iterable[Line]:
    """Find the lists of points, however deep the geometry type nests them."""
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


def set_extent(axes: Axes, bounds: Bounds, margin: float = 0.0) -> None:
    """Show the bounds and as much around them as fills the axes, true to scale at their middle latitude."""
    west, east, south, north = bounds
    stretch = 1 / cos(radians((south + north) / 2))
    box = axes.get_window_extent()
    width, height = (east - west) * (1 + 2 * margin), (north - south) * (1 + 2 * margin)
    wanted = box.width / box.height * stretch  # degrees of longitude for one of latitude in this axes
    width, height = max(width, height * wanted), max(height, width / wanted)
    axes.set_xlim((west + east - width) / 2, (west + east + width) / 2)
    axes.set_ylim((south + north - height) / 2, (south + north + height) / 2)
    axes.set_aspect(stretch)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(SEA)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(BORDER)


def bounds_of(shapes: Sequence[Shape]) -> Bounds:
    """Bounds around all shapes."""
    west, east, south, north = zip(*(shape.bounds for shape in shapes), strict=True)
    return min(west), max(east), min(south), max(north)


def add_shapes(axes: Axes, shapes: Iterable[Shape], **look: Any) -> PathCollection:
    """Add outlines to a map; further arguments go to matplotlib's collection."""
    collection = PathCollection([shape.outline for shape in shapes], **look)
    axes.add_collection(collection, autolim=False)
    return collection


def draw_countries(axes: Axes) -> None:
    """Draw the land, pale, with thin borders."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()

    def is_seen(bounds: Bounds) -> bool:
        return bounds[0] < east and bounds[1] > west and bounds[2] < north and bounds[3] > south

    seen = [shape for shape in load_countries().values() if shape.name != SIACHEN and is_seen(shape.bounds)]
    add_shapes(axes, seen, facecolor=LAND, edgecolor=BORDER, linewidth=0.5, zorder=0.5)


def draw_disputed(axes: Axes) -> None:
    """Hatch Azad Jammu and Kashmir, shade Gilgit-Baltistan, dot the Line of Control, cross-hatch Siachen."""
    northern = load_shapes("gilgit_baltistan")
    hatched = partial(add_shapes, axes, edgecolor=HATCH, linewidth=0.4)
    hatched(northern, facecolor=PALE, hatch="....", zorder=1.5)
    ajk = [shape for shape in load_shapes("units") if shape.province == AJK]
    under = add_shapes(axes, ajk, facecolor="none", hatch="/////", edgecolor="white", linewidth=0.4, zorder=2.2)
    under.set_hatch_linewidth(1.5)  # so that the hatch shows on dark classes too
    hatched(ajk, facecolor="none", hatch="/////", zorder=2.3)
    siachen = load_countries()[SIACHEN]
    hatched([siachen], facecolor=LAND, hatch="xxxxx", zorder=2.4)
    (control,) = load_shapes("pak_line_of_control")
    axes.add_collection(LineCollection(list(control.lines), zorder=3.2, **CONTROL), autolim=False)


def draw_ground(axes: Axes) -> None:
    """Draw land, Pakistan, and disputed areas."""
    draw_countries(axes)
    add_shapes(axes, [load_countries()["Pakistan"]], facecolor=PALE, edgecolor=MUTED, linewidth=0.5, zorder=0.8)
    draw_disputed(axes)


def disputed_legend() -> list[Patch | Line2D]:
    """Legend entries for what `draw_disputed` draws."""
    hatched = partial(Patch, edgecolor=HATCH, linewidth=0.4)
    return [
        hatched(facecolor="none", hatch="/////", label=AJK),
        hatched(facecolor=PALE, hatch="....", label="Gilgit-Baltistan (no data)"),
        hatched(facecolor=LAND, hatch="xxxxx", label="Siachen"),
        Line2D([], [], label="Line of Control (approximate)", **CONTROL),
    ]
