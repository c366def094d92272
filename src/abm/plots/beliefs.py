"""What people believe of the way and of life abroad, beside what is true."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.plots.lines import Values, last_known, name_lines, span_of
from abm.plots.periods import days, months_of, set_time_axis
from abm.plots.style import OKABE_ITO, dress, new_figure, write_footer

TOPICS = {
    "Dying on the way": ("death_risk", "% of attempts", 100.0),
    "Not arriving": ("failure", "% of attempts", 100.0),
    "Papers abroad": ("papers_chance", "% of those without", 100.0),
    "Pay abroad": ("wage", "1,000 PKR of 2017 a month", 1e-3),
    "Punishment on return": ("sanction", "% of those sent home", 100.0),
}
"""Title of each topic: the ending of its columns ``perceived_`` and ``true_``, the unit, and its multiple."""

BELIEVED, TRUE = OKABE_ITO["blue"], OKABE_ITO["vermillion"]


def draw_beliefs(national: pd.DataFrame, where: str, run: str) -> Figure | None:
    """Draw beliefs and truth by topic, each on a scale of its own."""
    topics = {
        title: found
        for title, found in TOPICS.items()
        if {f"perceived_{found[0]}", f"true_{found[0]}"} <= set(national)
        and np.isfinite(national[f"perceived_{found[0]}"].to_numpy(dtype=np.float64)).any()
    }
    if not topics:
        return None
    figure = new_figure(
        12.5, 6.4, f"Beliefs and truth, {where}, {span_of(national)}",
        "Solid: mean belief of households. Dashed: what is true in the model, as a mean over the journeys or migrants "
        "of the time. Every panel has its own scale,\nfrom zero. Where the lines part, people decide on a belief that "
        "is wrong.",
    )  # fmt: skip
    grid = figure.add_gridspec(2, 3, left=0.065, right=0.935, top=0.79, bottom=0.105, wspace=0.62, hspace=0.45)
    for place, (title, (name, unit, multiple)) in enumerate(topics.items()):
        axes = figure.add_subplot(grid[place // 3, place % 3])
        _draw_topic(axes, national, name, multiple)
        dress(axes, title, unit)
    if len(topics) == len(TOPICS):
        _write_errors(figure.add_subplot(grid[1, 2]), national, topics)
    write_footer(figure, (), run)
    return figure


def _draw_topic(axes: Axes, national: pd.DataFrame, name: str, multiple: float) -> None:
    """Draw belief and truth of one topic month by month."""
    months = months_of(national)
    where = days(months) + 15
    believed, true = (multiple * _column(national, f"{kind}_{name}") for kind in ("perceived", "true"))
    dot = "o" if len(months) < 3 else None
    axes.plot(where, believed, color=BELIEVED, linewidth=1.8, marker=dot, markersize=5)
    axes.plot(where, true, color=TRUE, linewidth=1.5, linestyle=(0, (4, 1.5)), marker=dot, markersize=4)
    set_time_axis(axes, int(months.min()), int(months.max()))
    axes.set_ylim(0, 1.15 * (max(float(np.nanmax(values, initial=0.0)) for values in (believed, true)) or 1.0))
    name_lines(axes, {"Believed": (last_known(believed), BELIEVED), "True": (last_known(true), TRUE)})


def _write_errors(axes: Axes, national: pd.DataFrame, topics: dict[str, tuple[str, str, float]]) -> None:
    """Write belief over truth at the end of the run, by topic, as bars around 1."""
    ratios = {}
    for title, (name, _, _) in topics.items():
        believed, true = (
            last_known(_column(national, f"perceived_{name}")),
            last_known(_column(national, f"true_{name}")),
        )
        if true > 0 and np.isfinite(believed):
            ratios[title] = believed / true
    rows = np.arange(len(ratios))[::-1]
    axes.barh(rows, [ratio - 1 for ratio in ratios.values()], left=1, height=0.36, color=BELIEVED, alpha=0.6)
    furthest = max([0.25, *(abs(ratio - 1) for ratio in ratios.values())])
    for row, (title, ratio) in zip(rows, ratios.items(), strict=True):
        words = f"{title}: × {ratio:.2f}"
        text = axes.text(1 - 1.2 * furthest, row + 0.3, words, va="bottom", size=8.5, zorder=5)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
    axes.axvline(1, color=TRUE, linewidth=1.5, linestyle=(0, (4, 1.5)))
    axes.set_xlim(1 - 1.25 * furthest, 1 + 1.25 * furthest)
    axes.set_ylim(-0.6, max(len(ratios) - 0.1, 1))
    axes.set_title("Believed over true, at the end", weight="bold", pad=7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _column(national: pd.DataFrame, name: str) -> Values:
    found: Values = national[name].to_numpy(dtype=np.float64)
    return found
