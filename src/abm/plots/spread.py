"""How emigration spreads over districts and decades: small maps with the same classes, and a ratio by seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from abm.plots.ground import disputed_legend
from abm.plots.maps import draw_classes, draw_map
from abm.plots.shapes import CAPTION, CREDIT, load_shapes
from abm.plots.style import INK, MUTED, OKABE_ITO, PALE, new_figure, write_notes

EDGES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 65.0, 150.0)
"""Bounds of the classes, persons abroad per 1,000 residents."""

VIEW = (69.2, 75.6, 28.9, 36.4)
"""Part of the country drawn: west, east, south, north; degrees."""

COLUMNS = 4


def draw_spread(panels: Mapping[str, pd.Series], *, title: str, subtitle: str, notes: tuple[str, ...]) -> Figure:
    """Draw a small map for each panel.

    Parameters
    ----------
    panels
        Title -> persons abroad per 1,000 residents by unit; units that are missing stay pale.
    title, subtitle, notes
        What it is, how to read it, and what stands at the foot besides the caption of boundaries.
    """
    rows = -(-len(panels) // COLUMNS)
    height = 2.5 + 3.9 * rows
    figure = new_figure(13, height, title, subtitle)
    norm = BoundaryNorm(EDGES, len(EDGES) - 1, extend="neither")
    palette = ListedColormap(colormaps["YlGnBu"](np.linspace(0.04, 0.98, len(EDGES) - 1)), bad=PALE)
    shapes = list(load_shapes("units"))
    top, bottom = 0.82 / height, 1.68 / height
    step = (1 - top - bottom) / rows
    for place, (name, rates) in enumerate(panels.items()):
        row, column = divmod(place, COLUMNS)
        axes = figure.add_axes((0.02 + 0.2425 * column, bottom + step * (rows - 1 - row), 0.232, step * 0.9))
        axes.set_title(name, weight="bold", pad=4)
        draw_map(axes, shapes, rates.clip(upper=EDGES[-1] - 1e-6), norm, palette, view=VIEW)
    where = (0.03, 1.37 / height, 0.36, 0.13 / height)
    draw_classes(figure, where, norm, palette, "persons abroad per 1,000 residents")
    entries = [Patch(facecolor="none", edgecolor=INK, linewidth=1.4, label="Catchment districts"), *disputed_legend()]
    figure.legend(handles=entries, loc="center left", bbox_to_anchor=(0.41, 1.27 / height), ncol=3, handlelength=2.2)
    write_notes(figure, (*notes, CAPTION, CREDIT))
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
        What it is, how to read it, and what stands at the foot.
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
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel("ratio of persons abroad per resident, December 2017", loc="left")
    write_notes(figure, notes)
    return figure
