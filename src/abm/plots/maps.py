"""Choropleth of departures by district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from abm.places.places import places_of
from abm.plots.boundaries import (
    CREDITS,
    Bounds,
    Shape,
    add_shapes,
    bounds_of,
    disputed_legend,
    draw_countries,
    draw_disputed,
    load_shapes,
    province_borders,
    set_extent,
)
from abm.plots.curves import Period, months_of, whole_years
from abm.plots.panels import settled_years
from abm.plots.sheet import Sheet
from abm.plots.style import ABROAD, INK, MUTED, PALE, SMALL, About, Frames, Plate, drawing, for_paper, halo, to_image

CITIES = {"karachi": (5, -9), "quetta": (5, 3), "lahore": (5, -9), "islamabad": (4, 4)}
"""Cities named on the national map, with the offset of the name in points."""

# Quantiles that bound the classes: finer at the top, where the few districts of high migration are.
_CLASS_QUANTILES = (0.2, 0.4, 0.6, 0.8, 0.93)
_ROUNDED_BY = 0.5  # share by which rounding may move the lowest of them
_NAMED_UNITS = 24  # with more units than this, their names do not fit on the map

FEWEST = 20
"""Departures of a district in the time shown below which it has no rate: its error at 1:1 would be a fifth of it and
more, and is larger in a sample (`NOISE`)."""

BAR = 2.6  # inches that a bar of classes needs for its numbers

TOO_FEW = "#B5B3AE"
TOO_FEW_WORDS = f"Fewer than {FEWEST} departures"

NOISE = (
    "Rates of single districts in a sampled run are noisy, irregular ones most: average seeds before comparing them."
)

YEARS = 8  # maps of single years at most, spread evenly over the run


def draw_departures(tables: Frames, about: About) -> Plate | None:
    """Map international departures per 1,000 residents, all channels and the irregular one."""
    district = tables["district"]
    columns = [column for column in ABROAD if column in district]  # those on sold visas are among legal work
    shapes = _shapes_of(district["unit"].astype(str))
    if not columns or "population" not in district:
        return None
    period, left_out = settled_years(district, about.start)
    panels = {"All channels": (columns, "YlGnBu")}
    if "irregular_departures" in columns:
        panels["Irregular channel only"] = (["irregular_departures"], "OrRd")
    sheet = Sheet.new(
        f"International departures by district, {about.where}, {period.words}",
        f"Persons per 1,000 residents {period.per}, mean of {period.words}. "
        "Classes hold about equal numbers of districts, fewer at the top; the two maps have different classes. "
        f"All channels: {', '.join(ABROAD[column].lower() for column in columns)}.",
        (*CREDITS, *left_out, NOISE, about.alone), width=13.0, body=5.7, left=0.35, right=0.35, below=1.45,
    )  # fmt: skip
    every = sheet.panels(len(panels), 2, across=0.45, down=1.0)
    for axes, (title, (numerator, colours)) in zip(every, panels.items(), strict=True):
        axes.set_title(title, weight="bold", pad=5)
        rates = departure_rates(district, numerator, period)
        norm, palette = classify(rates.to_numpy(), colours)
        draw_map(axes, shapes, rates, norm, palette)
        draw_classes(sheet.figure, axes, norm, palette, f"persons per 1,000 residents {period.per}")
    _explain(sheet.figure)
    return sheet.figure


def _explain(figure: Plate, *, few: bool = True) -> None:
    """Explain what every map shows, below the maps."""
    entries = [
        *([Patch(facecolor=TOO_FEW, label=TOO_FEW_WORDS)] if few else []),
        Patch(facecolor="none", edgecolor=INK, linewidth=1.4, label="Catchment districts"),
        Line2D([], [], color=MUTED, linewidth=1.0, label="Province"),
        *disputed_legend(),
    ]
    lowest = min(axes.get_position().y0 for axes in figure.axes)
    width, height = figure.get_size_inches()
    across = min(max(2, int(width / (2.4 if for_paper() else 1.8))), len(entries))
    handle, space, size = (2.0, 1.2, SMALL + 0.5) if across > 2 else (1.3, 0.6, SMALL - 1)
    figure.legend(
        handles=entries, loc="upper center", bbox_to_anchor=(0.5, lowest - 0.42 / height), ncol=across,
        handlelength=handle, columnspacing=space, fontsize=size,
    )  # fmt: skip


def _shapes_of(units: Iterable[str]) -> list[Shape]:
    """Outlines of units, by their keys."""
    present = set(units)
    return [shape for shape in load_shapes("units") if shape.key in present]


def draw_years(tables: Frames, about: About) -> Plate | None:
    """Map irregular departures year by year, on one set of classes."""
    panels = rates_by_year(tables["district"])
    if len(panels) < 2:
        return None
    every = list(panels.items())
    places = np.unique(np.linspace(0, len(every) - 1, min(YEARS, len(every))).round().astype(int))
    return draw_spread(
        dict(every[place] for place in places), colours="OrRd", edges=None, view=None, few=True,
        title=f"Irregular departures by district and year, {about.where}",
        subtitle="Persons per 1,000 residents a year. All maps have the same classes.",
        notes=(NOISE, about.alone),
    )  # fmt: skip


def rates_by_year(district: pd.DataFrame) -> dict[str, pd.Series]:
    """Irregular departures per 1,000 residents by unit, for each whole year of a table; nothing where there is none."""
    if not {"irregular_departures", "population"} <= set(district):
        return {}
    whole = whole_years(months_of(district))
    years = whole.years() if whole.step == 12 else {}
    return {str(year): departure_rates(district, ["irregular_departures"], span) for year, span in years.items()}


def animate_years(tables: Frames, about: About, path: Path) -> Path | None:
    """Write a GIF with a map of irregular departures for each whole year; None where there is none."""
    panels = rates_by_year(tables["district"])
    if not panels:
        return None
    edges = classify(pd.concat(panels.values()).to_numpy(), "OrRd")[0].boundaries.tolist()
    images = []
    for year, rates in panels.items():
        with drawing():
            figure = draw_spread(
                {year: rates}, title=f"Irregular departures by district, {about.where}", subtitle="",
                notes=(about.alone,), colours="OrRd", edges=edges, view=None, across=1, side=6.5, few=True,
            )  # fmt: skip
            images.append(to_image(figure, 80))
    images[0].save(path, save_all=True, append_images=images[1:], duration=900, loop=0, optimize=True)
    return path


def departure_rates(district: pd.DataFrame, columns: list[str], period: Period, fewest: float = FEWEST) -> pd.Series:
    """Departures per 1,000 residents and step of the period, by unit; missing where nobody lives or too few left.

    Departures of the whole period over person-years (person-months) lived in it.
    """
    rows = period.rows_of(district)
    sums = rows[[*columns, "population"]].astype(float).groupby(rows["unit"].astype(str)).sum()
    lived, left = sums["population"] / period.step, sums[columns].sum(axis=1)
    return (1000 * left / lived).where((lived > 0) & (left >= fewest))


def classify(rates: NDArray[np.float64], colours: str) -> tuple[BoundaryNorm, ListedColormap]:
    """Bound classes by rounded quantiles, so that a few high districts do not wash out the others.

    All bounds have the same number of decimals. The first class begins at the lowest rate that there is, rounded down,
    and not at a zero where no district is.
    """
    known = rates[np.isfinite(rates)]
    if not known.any():
        return BoundaryNorm([0, 1], 1), ListedColormap([PALE], bad=TOO_FEW)
    wanted = np.quantile(known[known > 0], _CLASS_QUANTILES)
    low = wanted[0]
    decimals = next((many for many in range(9) if abs(round(low, many) - low) <= _ROUNDED_BY * low), 9)
    unit = 10.0**-decimals
    lowest, highest = np.floor(known.min() / unit + 1e-9) * unit, np.ceil(known.max() / unit - 1e-9) * unit
    inner = (round(float(bound), decimals) for bound in wanted)
    ends = (lowest, highest) if lowest < highest else (0.0, lowest, highest)
    edges = sorted({*(round(end, decimals) for end in ends), *(bound for bound in inner if lowest < bound < highest)})
    shades = colormaps[colours](np.linspace(0.08, 0.92, len(edges) - 1))
    return BoundaryNorm(edges, len(edges) - 1), ListedColormap(shades, bad=TOO_FEW)


def bounds_in_words(bounds: Sequence[float]) -> list[str]:
    """Write bounds of classes with as many decimals as the one that has most."""
    decimals = next((many for many in range(9) if np.allclose(np.round(bounds, many), bounds, rtol=1e-9, atol=0)), 9)
    return [f"{bound:,.{decimals}f}" for bound in bounds]


def draw_map(
    axes: Axes,
    shapes: list[Shape],
    rates: pd.Series,
    norm: BoundaryNorm,
    palette: ListedColormap,
    *,
    view: Bounds | None = None,
    named: bool = True,
) -> None:
    """Draw the units present in their class, the others pale, and what every map shows; in a `view` without names."""
    everything = load_shapes("units")
    zoomed = len(shapes) < len(everything)
    northern = [] if zoomed else list(load_shapes("gilgit_baltistan"))
    set_extent(axes, view or bounds_of([*shapes, *northern]), margin=0.08 if zoomed else 0.02)
    draw_countries(axes)
    absent = [shape for shape in everything if shape not in shapes]
    add_shapes(axes, absent, facecolor=PALE, edgecolor="white", linewidth=0.4, zorder=1)
    filled = add_shapes(axes, shapes, cmap=palette, norm=norm, edgecolor="white", linewidth=0.4, zorder=2)
    filled.set_array(rates.reindex([shape.key for shape in shapes]).to_numpy())
    provinces = LineCollection(list(province_borders()), color=MUTED, linewidth=0.9, capstyle="round", zorder=2.5)
    axes.add_collection(provinces, autolim=False)
    draw_disputed(axes)
    catchment = [shape for shape in everything if shape.catchment == "paper"]
    for colour, width in (("white", 3.0), (INK, 1.3)):  # a white rim: the districts are dark themselves
        add_shapes(axes, catchment, facecolor="none", edgecolor=colour, linewidth=width, zorder=3)

    def write(name: str, where: tuple[float, float], **how: Any) -> None:
        halo(axes.annotate(name, where, textcoords="offset points", size=SMALL, zorder=5, clip_on=True, **how))

    if not named:
        return
    if len(shapes) <= _NAMED_UNITS:
        for shape in shapes:
            write(shape.name.replace(" (AJK)", ""), shape.centre, xytext=(0, 0), ha="center", va="center")
    elif view is None:
        for city in places_of().points:
            if city.key in CITIES:
                axes.plot(city.lon, city.lat, marker="o", markersize=3, color=INK, zorder=4)
                write(city.name, (city.lon, city.lat), xytext=CITIES[city.key])


def draw_classes(figure: Plate, below: Axes, norm: BoundaryNorm, palette: ListedColormap, unit: str) -> None:
    """Draw the classes of a map as a bar below it."""
    left, bottom, width, _ = below.get_position().bounds
    wide, height = figure.get_size_inches()
    length = max(0.84 * width, min(BAR / wide, 1 - left))
    where = (left + max(0.08 * width, 0.15 / wide), bottom - 0.26 / height, length, 0.13 / height)
    bounds = norm.boundaries.tolist() if palette.N > 1 else []
    bar = figure.colorbar(
        ScalarMappable(norm, palette), cax=figure.add_axes(where),
        orientation="horizontal", spacing="uniform", ticks=bounds, drawedges=True,
    )  # fmt: skip
    bar.ax.set_xticklabels(bounds_in_words(bounds))
    bar.ax.tick_params(length=0, pad=2)
    bar.outline.set_visible(False)
    bar.dividers.set_color("white")
    bar.set_label(unit if bounds else f"0 {unit}")


def draw_spread(
    panels: Mapping[str, pd.Series],
    *,
    title: str,
    subtitle: str,
    notes: tuple[str, ...],
    colours: str,
    edges: Sequence[float] | None,
    view: Bounds | None,
    unit: str = "persons per 1,000 residents a year",
    across: int = 4,
    side: float = 3.05,
    few: bool = False,
) -> Plate:
    """Draw a small map of rates by unit for each panel, by its title, all with the same classes.

    Bounds of classes, `edges`, are quantiles where there are none; `view`: the part of the country that is drawn;
    `side`: inches of the height of a map; `few`: whether units are missing, and grey, since too few people left.
    """
    rows = -(-len(panels) // across)
    gap = 0.3
    sheet = Sheet.new(
        title, subtitle, (*notes, *CREDITS), width=0.7 + min(across, len(panels)) * (side + 0.12), left=0.35,
        right=0.35, body=rows * side + (rows - 1) * gap, below=1.35 if across > 1 else 1.6,
    )  # fmt: skip
    if edges is None:
        norm, palette = classify(pd.concat(panels.values()).to_numpy(), colours)
    else:
        norm = BoundaryNorm(edges, len(edges) - 1)
        shades = colormaps[colours](np.linspace(0.04, 0.98, len(edges) - 1))
        palette = ListedColormap(shades, bad=TOO_FEW if few else PALE)
    highest = float(norm.boundaries[-1])
    every = sheet.panels(len(panels), across, across=0.12, down=gap)
    for axes, (name, rates) in zip(every, panels.items(), strict=True):
        axes.set_title(name, weight="bold", pad=4)
        shapes = list(load_shapes("units")) if view else _shapes_of(rates.index)
        draw_map(axes, shapes, rates.clip(upper=highest * (1 - 1e-9)), norm, palette, view=view, named=across == 1)
    lowest = min(every, key=lambda axes: (axes.get_position().y0, axes.get_position().x0))
    draw_classes(sheet.figure, lowest, norm, palette, unit)
    _explain(sheet.figure, few=few)
    return sheet.figure
