"""What every map shows besides its data: land, borders, and areas whose status is disputed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from math import cos, radians
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from abm.plots.shapes import AJK, SIACHEN, Shape, load_countries, load_shapes
from abm.plots.style import LAND, PALE, SEA

BORDER = "#B9B5AA"
HATCH = "#777777"

Bounds = tuple[float, float, float, float]
"""West, east, south, north; degrees."""


def set_extent(axes: Axes, bounds: Bounds, margin: float = 0.04) -> None:
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
    shapes = [
        shape
        for shape in load_countries().values()
        if shape.name != SIACHEN
        and shape.bounds[0] < east
        and shape.bounds[1] > west
        and shape.bounds[2] < north
        and shape.bounds[3] > south
    ]
    add_shapes(axes, shapes, facecolor=LAND, edgecolor=BORDER, linewidth=0.5, zorder=0.5)


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
    axes.add_collection(
        LineCollection(list(control.lines), color="black", linewidth=1.1, linestyle=(0, (0.9, 1.6)), zorder=3.2),
        autolim=False,
    )


def disputed_legend() -> list[Patch | Line2D]:
    """Legend entries for what `draw_disputed` draws."""
    hatched = partial(Patch, edgecolor=HATCH, linewidth=0.4)
    return [
        hatched(facecolor="none", hatch="/////", label=AJK),
        hatched(facecolor=PALE, hatch="....", label="Gilgit-Baltistan (no data)"),
        hatched(facecolor=LAND, hatch="xxxxx", label="Siachen"),
        Line2D([], [], color="black", linewidth=1.1, linestyle=(0, (0.9, 1.6)), label="Line of Control (approximate)"),
    ]
