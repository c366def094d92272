"""Results of a policy search: cost against effect, in the search itself and again under uncertainty."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.wording import percent
from abm.plots.sheet import Sheet
from abm.plots.style import GRID, INK, MUTED, OKABE_ITO, Plate, halo, set_ticks
from abm.results.tables import Row

BILLION = 1e9
NEIGHBOUR = 0.06
"""A name that has another dot within this share of the width to its right stands on the left."""


def draw_pareto(
    search: pd.DataFrame, tried: pd.DataFrame, panels: dict[str, str], *, title: str, level: float, notes: list[str]
) -> Plate:
    """Draw a panel for each outcome against cost; `panels` has the label of each vertical axis.

    `search`: a row a package on the front, ``policy_cost`` and the outcomes, as changes against the reference.
    `tried`: a row a package and outcome that was tried again: ``package``, ``outcome``, ``searched`` and
    ``searched_cost`` (as found in the search), ``cost``, ``difference``, ``low``, ``high``.
    """
    sheet = Sheet.new(
        title,
        "Each dot is a package that no other beats on all objectives. Hollow: in the search, on its seeds and at the "
        f"values in force. Filled: again on other seeds under uncertainty, with {percent(level)} intervals.",
        notes, width=1.2 + 4.3 * len(panels), body=3.4, left=0.95, right=0.35,
    )  # fmt: skip
    for axes, (outcome, label) in zip(sheet.panels(len(panels), len(panels), across=0.95), panels.items(), strict=True):
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.plot(
            search["policy_cost"] / BILLION, search[outcome], "o", color=MUTED, markerfacecolor="white", markersize=4.5
        )
        rows = tried[tried["outcome"] == outcome].sort_values("cost")
        span = max(float(search["policy_cost"].max()), float(rows["cost"].max()))
        for row, room in zip(rows.to_dict("records"), np.append(np.diff(rows["cost"]), np.inf) / span, strict=True):
            _draw_tried(axes, row, to_the_left=room < NEIGHBOUR)
        axes.set_title(label, weight="bold", pad=6)
        axes.set_ylabel("change against the reference")
        axes.set_xlabel("policy cost, billion PKR of 2017", loc="left")
        axes.grid(color=GRID)
        axes.margins(0.08)
        axes.set_xlim(0, 1.1 * span / BILLION)
        for axis in (axes.xaxis, axes.yaxis):
            set_ticks(axis, 6)
    return sheet.figure


def _draw_tried(axes: Axes, row: Row, *, to_the_left: bool) -> None:
    """Draw a package that was tried again, with a line from where the search had it."""
    cost, promised = row["cost"] / BILLION, row["searched_cost"] / BILLION
    axes.plot([promised, cost], [row["searched"], row["difference"]], color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    if np.isfinite(row["low"]):
        axes.vlines(cost, row["low"], row["high"], color=OKABE_ITO["blue"], linewidth=1.8)
    axes.plot(cost, row["difference"], "o", color=OKABE_ITO["blue"], markersize=5.5)
    halo(axes.annotate(
        str(row["package"]), (cost, row["difference"]), xytext=(-6 if to_the_left else 6, 4),
        textcoords="offset points", ha="right" if to_the_left else "left", color=INK, weight="bold",
    ))  # fmt: skip
