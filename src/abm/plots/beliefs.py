"""Beliefs about the journey and life abroad, beside the true values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from abm.plots.curves import days, last_known, months_of, set_time_axis, span_of, values_of
from abm.plots.style import INK, OKABE_ITO, About, Frames, dress, new_figure, write_footer

TOPICS = {
    "Dying on the way": ("death_risk", "% of attempts", 100.0),
    "Not arriving": ("failure", "% of attempts", 100.0),
    "Papers abroad": ("papers_chance", "% of those without", 100.0),
    "Pay abroad": ("wage", "1,000 PKR of 2017 a month", 1e-3),
    "Punishment on return": ("sanction", "% of those sent home", 100.0),
}
"""Title of each topic: the ending of its columns ``perceived_`` and ``true_``, the unit, and its multiple."""

LOOKS: dict[str, dict[str, Any]] = {
    "believed": {"color": OKABE_ITO["blue"], "linewidth": 1.8},
    "true": {"color": OKABE_ITO["vermillion"], "linewidth": 1.5, "linestyle": (0, (4, 1.5))},
}
"""How the two lines of a panel are drawn."""


def draw_beliefs(tables: Frames, about: About) -> Figure | None:
    """Draw beliefs and truth by topic, each on a scale of its own."""
    national = tables["national"]
    topics = {
        title: found
        for title, found in TOPICS.items()
        if {f"perceived_{found[0]}", f"true_{found[0]}"} <= set(national)
        and np.isfinite(values_of(national, f"perceived_{found[0]}")).any()
    }
    if not topics:
        return None
    figure = new_figure(
        12.5, 6.4, f"Beliefs and truth, {about.where}, {span_of(national)}",
        "Mean belief of households, and the true value in the model: a mean over the journeys or migrants of the time. "
        "Every panel has its own scale, from zero.\nWhere the lines part, people decide on wrong beliefs.",
    )  # fmt: skip
    grid = figure.add_gridspec(2, 3, left=0.065, right=0.965, top=0.76, bottom=0.105, wspace=0.50, hspace=0.45)
    entries = [Line2D([], [], label=label, **look) for label, look in LOOKS.items()]
    figure.legend(handles=entries, loc="lower left", bbox_to_anchor=(0.055, 0.80), ncol=2, handlelength=3)
    for place, (title, (name, unit, multiple)) in enumerate(topics.items()):
        axes = figure.add_subplot(grid[place // 3, place % 3])
        _draw_topic(axes, national, name, multiple)
        dress(axes, title, unit)
    if len(topics) == len(TOPICS):
        _write_errors(figure.add_subplot(grid[1, 2]), national, topics)
    write_footer(figure, (), about.run)
    return figure


def _draw_topic(axes: Axes, national: pd.DataFrame, name: str, multiple: float) -> None:
    """Draw belief and truth of one topic month by month."""
    months = months_of(national)
    where = days(months) + 15
    believed, true = (multiple * values_of(national, f"{kind}_{name}") for kind in ("perceived", "true"))
    dot = "o" if len(months) < 3 else None
    for values, look in zip((believed, true), LOOKS.values(), strict=True):
        axes.plot(where, values, marker=dot, markersize=5, **look)
    set_time_axis(axes, int(months.min()), int(months.max()))
    axes.set_ylim(0, 1.15 * (max(float(np.nanmax(values, initial=0.0)) for values in (believed, true)) or 1.0))


def _write_errors(axes: Axes, national: pd.DataFrame, topics: dict[str, tuple[str, str, float]]) -> None:
    """Mark belief over truth at the end of the run, by topic, on either side of 1."""
    ratios = {}
    for title, (name, _, _) in topics.items():
        believed, true = (
            last_known(values_of(national, f"perceived_{name}")),
            last_known(values_of(national, f"true_{name}")),
        )
        if true > 0 and np.isfinite(believed):
            ratios[title] = believed / true
    rows = np.arange(len(ratios))[::-1]
    values = list(ratios.values())
    furthest = 1.1 * max([LEAST_SPAN, *(abs(ratio - 1) for ratio in values)])
    axes.axvline(1, **LOOKS["true"], zorder=1)
    axes.hlines(rows, 1, values, color=LOOKS["believed"]["color"], linewidth=2.5, alpha=0.6)
    axes.plot(values, rows, "o", color=LOOKS["believed"]["color"], markersize=6)
    for row, ratio in zip(rows, values, strict=True):
        axes.annotate(
            f"{ratio:.2f}", (1 + furthest, row), xytext=(4, 0), textcoords="offset points", va="center",
            weight="bold", color=LOOKS["believed"]["color"], annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(1 - furthest, 1 + furthest)
    axes.set_ylim(-0.6, max(len(ratios) - 0.4, 1))
    axes.set_title("Believed over true, at the end", weight="bold", pad=7)
    axes.set_yticks(rows, list(ratios))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_xlabel("ratio; 1 is true", loc="left")
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)


LEAST_SPAN = 0.25
"""Error of a belief shown on either side of the truth at least, as a share."""
