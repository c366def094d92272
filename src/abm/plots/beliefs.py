"""Beliefs about the journey and life abroad, beside the true values."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.plots.curves import Months, Values, days, last_known, months_of, set_time_axis, span_of, values_of
from abm.plots.panels import run_panels
from abm.plots.style import OKABE_ITO, About, Frames, Plate, dress, name_rows

TOPICS = {
    "Dying on the way": ("death_risk", "% of attempts", 100.0),
    "Not arriving": ("failure", "% of attempts", 100.0),
    "Papers abroad": ("papers_chance", "% of those without", 100.0),
    "Pay abroad": ("wage", "1,000 PKR of 2017 a month", 1e-3),
    "Punishment on return": ("sanction", "% of those sent home", 100.0),
}
"""Title of each topic: the ending of its columns ``perceived_`` and ``true_``, the unit, and its multiple."""

Topic = tuple[str, str, Values, Values]  # title and unit of a topic, beliefs and truth

LEAST_SPAN = 0.25  # error of a belief shown on either side of the truth at least, as a share

LOOKS: dict[str, dict[str, Any]] = {
    "believed": {"color": OKABE_ITO["blue"], "linewidth": 1.8},
    "true": {"color": OKABE_ITO["vermillion"], "linewidth": 1.5, "linestyle": (0, (4, 1.5))},
}
"""How the two lines of a panel are drawn."""


def draw_beliefs(tables: Frames, about: About) -> Plate | None:
    """Draw beliefs and truth by topic, each on a scale of its own."""
    national = tables["national"]
    topics = topics_of(national, values_of)
    if not topics:
        return None
    ratios = len(topics) == len(TOPICS)
    figure, panels = run_panels(
        about, f"Beliefs and truth, {about.where}, {span_of(national)}",
        "Mean belief of households, and the true value in the model: a mean over the journeys or migrants of the time. "
        "Every panel has its own scale, from zero. Where the lines part, people decide on wrong beliefs. Papers: "
        "within `beliefs.papers_horizon`, five years by default.",
        count=len(topics) + ratios, columns=3, wide=2.75, across=1.15, right=0.5,
    )  # fmt: skip
    for axes, (title, unit, believed, true) in zip(panels, topics, strict=False):
        _draw_topic(axes, months_of(national), believed, true)
        dress(axes, title, unit)
    panels[0].legend(loc="lower right", handlelength=2.4, frameon=True, framealpha=0.85, edgecolor="none")
    if ratios:
        _write_errors(panels[-1], {title: (last_known(one), last_known(other)) for title, _, one, other in topics})
    return figure


def topics_of(national: pd.DataFrame, of: Callable[[pd.DataFrame, str], Values]) -> list[Topic]:
    """Topics that a run has, with their values as `of` makes them of a column."""
    return [
        (title, unit, multiple * of(national, f"perceived_{name}"), multiple * of(national, f"true_{name}"))
        for title, (name, unit, multiple) in TOPICS.items()
        if {f"perceived_{name}", f"true_{name}"} <= set(national) and national[f"perceived_{name}"].notna().any()
    ]


def _draw_topic(axes: Axes, months: Months, believed: Values, true: Values) -> None:
    """Draw belief and truth of one topic month by month."""
    dot = "o" if len(months) < 3 else None
    for values, (name, look) in zip((believed, true), LOOKS.items(), strict=True):
        axes.plot(days(months) + 15, values, marker=dot, markersize=5, label=name, **look)
    set_time_axis(axes, int(months.min()), int(months.max()))
    axes.set_ylim(0, 1.15 * (float(np.nanmax([believed, true], initial=0.0)) or 1.0))


def _write_errors(axes: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Mark belief over truth at the end of the run, by topic, on either side of 1."""
    ratios = {title: believed / true for title, (believed, true) in ends.items() if true > 0 and np.isfinite(believed)}
    rows, values = name_rows(axes, (textwrap.fill(title, 13) for title in ratios)), np.array(list(ratios.values()))
    furthest = 1.1 * np.abs(values - 1).max(initial=LEAST_SPAN)
    axes.axvline(1, **LOOKS["true"], zorder=1)
    axes.hlines(rows, 1, values, color=LOOKS["believed"]["color"], linewidth=2.5, alpha=0.6)
    axes.plot(values, rows, "o", color=LOOKS["believed"]["color"], markersize=6)
    for row, ratio in zip(rows, values, strict=True):
        axes.annotate(
            f"{ratio:.2f}", (1 + furthest, row), xytext=(4, 0), textcoords="offset points", va="center",
            weight="bold", color=LOOKS["believed"]["color"], annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(1 - furthest, 1 + furthest)
    axes.set_title("Believed over true, at the end", weight="bold", pad=7)
    axes.set_xlabel("ratio; 1 is true", loc="left")
