"""Choropleth of departures by district."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
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
from abm.plots.style import (
    CHANNELS,
    INK,
    MUTED,
    OKABE_ITO,
    PALE,
    SMALL,
    About,
    Frames,
    halo,
    new_figure,
    write_footer,
    write_notes,
)

CITIES = {"karachi": (5, -9), "quetta": (5, 3), "lahore": (5, -9), "islamabad": (4, 4)}
"""Cities named on the national map, with the offset of the name in points."""

# Quantiles that bound the classes: finer at the top, where the few districts of high migration are.
_CLASS_QUANTILES = (0.2, 0.4, 0.6, 0.8, 0.93)
_NAMED_UNITS = 24  # with more units than this, their names do not fit on the map

NOISE = (
    "Rates of single districts in a sampled run are noisy, irregular ones most: average seeds before comparing them."
)


def draw_departures(tables: Frames, about: About) -> Figure | None:
    """Map international departures per 1,000 residents, all channels and the irregular one."""
    district = tables["district"]
    abroad = {channel.departures: channel.name for key, channel in CHANNELS.items() if key != "domestic"}
    columns = [column for column in abroad if column in district]  # those on sold visas are among legal work
    if not columns or "population" not in district or not len(district):
        return None
    period = whole_years(months_of(district))
    simulated = set(district["unit"].astype(str))
    shapes = [shape for shape in load_shapes("units") if shape.key in simulated]
    if not shapes:
        return None
    figure = new_figure(
        13, 8.9, f"International departures by district, {about.where}, {period.words}",
        f"Persons per 1,000 residents {period.per}, mean of {period.words}. "
        "Classes hold about equal numbers of districts, fewer at the top; the two maps have different classes.",
    )  # fmt: skip
    panels = {f"All channels: {', '.join(abroad[column].lower() for column in columns)}": (columns, "YlGnBu")}
    if "irregular_departures" in columns:
        panels["Irregular channel only"] = (["irregular_departures"], "OrRd")
    for place, (title, (numerator, colours)) in enumerate(panels.items()):
        rates = departure_rates(district, numerator, period)
        axes = figure.add_axes((0.027 + 0.49 * place, 0.235, 0.456, 0.645))
        axes.set_title(title, weight="bold", pad=5)
        norm, palette = classify(rates.to_numpy(), colours)
        draw_map(axes, shapes, rates, norm, palette)
        left, bottom, width, _ = axes.get_position().bounds
        below = (left + 0.1 * width, bottom - 0.03, 0.8 * width, 0.014)
        draw_classes(figure, below, norm, palette, f"persons per 1,000 residents {period.per}")
    entries = [
        Patch(facecolor="none", edgecolor=INK, linewidth=1.4, label="Catchment districts"),
        Line2D([], [], color=MUTED, linewidth=1.0, label="Province"),
        *disputed_legend(),
    ]
    figure.legend(handles=entries, loc="center", bbox_to_anchor=(0.5, 0.137), ncol=len(entries), handlelength=2.2)
    write_footer(figure, (*CREDITS, NOISE), about.run)
    return figure


def departure_rates(district: pd.DataFrame, columns: list[str], period: Period) -> pd.Series:
    """Departures per 1,000 residents and step of the period, by unit; missing where nobody lives.

    Departures of the whole period over person-years (person-months) lived in it.
    """
    rows = period.rows_of(district)
    sums = rows[[*columns, "population"]].astype(float).groupby(rows["unit"].astype(str)).sum()
    lived = sums["population"] / period.step
    return (1000 * sums[columns].sum(axis=1) / lived).where(lived > 0)


def classify(rates: NDArray[np.float64], colours: str) -> tuple[BoundaryNorm, ListedColormap]:
    """Bound classes by rounded quantiles, so that a few high districts do not wash out the others.

    The first class begins at the lowest rate that there is, rounded down, and not at a zero where no district is.
    """
    known = rates[np.isfinite(rates)]
    largest = float(known.max(initial=0))
    if largest == 0:
        return BoundaryNorm([0, 1], 1), ListedColormap([PALE])
    positive = known[known > 0]
    lowest, highest = _two_figures(float(known.min()), np.floor), _two_figures(largest, np.ceil)
    bounds = {lowest if lowest < highest else 0.0, highest}
    for quantile in np.quantile(positive, _CLASS_QUANTILES):
        rounded = float(f"{quantile:.2g}")
        if min(bounds) < rounded < largest:
            bounds.add(rounded)
    edges = sorted(bounds)
    shades = colormaps[colours](np.linspace(0.08, 0.92, len(edges) - 1))
    return BoundaryNorm(edges, len(edges) - 1), ListedColormap(shades, bad=PALE)


def _two_figures(value: float, towards: Callable[[float], float]) -> float:
    """Round to two figures, up with `np.ceil`, down with `np.floor`; what has two figures stays as it is."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (np.floor(np.log10(value)) - 1)
    count = value / unit
    return float(f"{(round(count) if np.isclose(count, round(count), rtol=1e-12) else towards(count)) * unit:.2g}")


def draw_map(
    axes: Axes,
    shapes: list[Shape],
    rates: pd.Series,
    norm: BoundaryNorm,
    palette: ListedColormap,
    *,
    view: Bounds | None = None,
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

    if len(shapes) <= _NAMED_UNITS:
        for shape in shapes:
            write(shape.name.replace(" (AJK)", ""), shape.centre, xytext=(0, 0), ha="center", va="center")
    elif view is None:
        for city in places_of().points:
            if city.key in CITIES:
                axes.plot(city.lon, city.lat, marker="o", markersize=3, color=INK, zorder=4)
                write(city.name, (city.lon, city.lat), xytext=CITIES[city.key])


def draw_classes(
    figure: Figure, where: tuple[float, float, float, float], norm: BoundaryNorm, palette: ListedColormap, unit: str
) -> None:
    """Draw the classes of a map as a bar: left, bottom, width and height in parts of the figure."""
    bar = figure.colorbar(
        ScalarMappable(norm, palette), cax=figure.add_axes(where),
        orientation="horizontal", spacing="uniform", ticks=norm.boundaries if palette.N > 1 else [], drawedges=True,
    )  # fmt: skip
    if palette.N > 1:
        bar.ax.set_xticklabels([f"{bound:,.4g}" for bound in norm.boundaries])
    bar.ax.tick_params(length=0, pad=2)
    bar.outline.set_visible(False)
    bar.dividers.set_color("white")
    bar.set_label(unit if palette.N > 1 else f"0 {unit}")


SPREAD_EDGES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 65.0, 150.0)
"""Bounds of the classes, persons abroad per 1,000 residents."""

SPREAD_VIEW = (69.2, 75.6, 28.9, 36.4)
"""Part of the country drawn: west, east, south, north; degrees."""

SPREAD_COLUMNS = 4


def draw_spread(panels: Mapping[str, pd.Series], *, title: str, subtitle: str, notes: tuple[str, ...]) -> Figure:
    """Draw a small map for each panel.

    Parameters
    ----------
    panels
        Title -> persons abroad per 1,000 residents by unit; units that are missing stay pale.
    title, subtitle, notes
        What it is, how to read it, and what stands at the foot besides the caption of boundaries.
    """
    rows = -(-len(panels) // SPREAD_COLUMNS)
    height = 2.5 + 3.9 * rows
    figure = new_figure(13, height, title, subtitle)
    norm = BoundaryNorm(SPREAD_EDGES, len(SPREAD_EDGES) - 1, extend="neither")
    palette = ListedColormap(colormaps["YlGnBu"](np.linspace(0.04, 0.98, len(SPREAD_EDGES) - 1)), bad=PALE)
    shapes = list(load_shapes("units"))
    top, bottom = 0.82 / height, 1.68 / height
    step = (1 - top - bottom) / rows
    for place, (name, rates) in enumerate(panels.items()):
        row, column = divmod(place, SPREAD_COLUMNS)
        axes = figure.add_axes((0.02 + 0.2425 * column, bottom + step * (rows - 1 - row), 0.232, step * 0.9))
        axes.set_title(name, weight="bold", pad=4)
        draw_map(axes, shapes, rates.clip(upper=SPREAD_EDGES[-1] - 1e-6), norm, palette, view=SPREAD_VIEW)
    where = (0.03, 1.37 / height, 0.36, 0.13 / height)
    draw_classes(figure, where, norm, palette, "persons abroad per 1,000 residents")
    entries = [Patch(facecolor="none", edgecolor=INK, linewidth=1.4, label="Catchment districts"), *disputed_legend()]
    figure.legend(handles=entries, loc="center left", bbox_to_anchor=(0.41, 1.27 / height), ncol=3, handlelength=2.2)
    write_notes(figure, (*notes, *CREDITS))
    return figure


def draw_ratios(
    runs: pd.DataFrame,
    means: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    title: str,
    subtitle: str,
    notes: tuple[str, ...],
) -> Figure:
    """Draw the ratio of each run as a dot, and mean and interval by scenario.

    Parameters
    ----------
    runs
        One row a run: scenario, ratio.
    means
        One row a scenario: its mean ``ratio`` with the interval ``ratio_low`` to ``ratio_high``.
    labels
        Scenario -> words, from top to bottom.
    title, subtitle, notes
        As in `draw_spread`.
    """
    height = 1.9 + 0.5 * len(labels)
    figure = new_figure(9, height, title, subtitle)
    axes = figure.add_axes((0.27, 0.85 / height, 0.69, 1 - 1.65 / height))
    for place, scenario in enumerate(labels):
        single = runs.loc[runs["scenario"] == scenario, "ratio"]
        mean = means[means["scenario"] == scenario].iloc[0]
        colour = OKABE_ITO["blue"] if place == 0 else OKABE_ITO["vermillion"]
        axes.plot(single, np.full(len(single), place), "o", color=colour, alpha=0.35, markersize=5)
        axes.plot([mean["ratio_low"], mean["ratio_high"]], [place, place], color=colour, linewidth=2.2)
        axes.plot(mean["ratio"], place, "D", color=colour, markersize=6, markeredgecolor="white")
    for level in (1.3, 2.0):
        axes.axvline(level, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(labels)), list(labels.values()))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(axis="x")
    axes.set_xlim(left=0)
    axes.set_xlabel("ratio of persons abroad per resident, December 2017", loc="left")
    write_notes(figure, notes)
    return figure
