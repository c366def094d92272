"""Forest plots: scenarios down, outcomes across, each with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.analysis.compare import Comparison
from abm.analysis.wording import decimals_of, plain, written
from abm.engine.measures import measures_of
from abm.plots.sheet import Sheet, notes_of, percent
from abm.plots.style import INK, MUTED, OKABE_ITO, SMALL, magnitude, name_rows, set_ticks

ACROSS = 3
ROW = 0.34
LONG = 1e7
"""From here on numbers are written in millions or billions."""
LESS, MORE = OKABE_ITO["blue"], OKABE_ITO["vermillion"]


def draw_forest(comparison: Comparison) -> Figure:
    """Draw the differences of all scenarios and outcomes over the window, in per cent of the reference.

    Where the reference is zero, as the cost of a policy that it does not have, they are drawn in units.
    """
    outcomes = list(comparison.outcomes)
    scenarios = comparison.scenarios
    columns = min(ACROSS, len(outcomes))
    rows = -(-len(outcomes) // ACROSS)
    height = ROW * (len(scenarios) + 0.6)
    longest = max(len(name) for name in scenarios)
    left = 0.5 + 0.072 * longest
    first, last = str(comparison.window).split(":")
    sheet = Sheet.new(
        f"Differences from {comparison.reference}, {first} to {last}",
        f"Dot: mean paired difference in per cent of {comparison.reference}, in units where it has none. Bar: "
        f"{percent(comparison.intervals.level)} interval ({comparison.intervals.method}). Filled, red or blue: zero "
        "lies outside. Right: in units.",
        notes_of(comparison.name, comparison.notes, "differences"),
        width=left + 3.35 * columns, body=rows * height + (rows - 1) * 0.85, left=left, right=0.95,
    )  # fmt: skip
    grid = sheet.grid(rows, columns, across=1.05, down=0.85)
    for index, outcome in enumerate(outcomes):
        axes = sheet.figure.add_subplot(grid[index // ACROSS, index % ACROSS])
        _draw_outcome(axes, comparison, outcome, named=index % ACROSS == 0)
    return sheet.figure


def _draw_outcome(axes: Axes, comparison: Comparison, outcome: str, *, named: bool) -> None:
    measure = measures_of(comparison.outcomes[outcome])[0]
    totals = comparison.totals
    rows = totals[(totals["outcome"] == outcome) & (totals["measure"] == measure)].set_index("scenario")
    rows = rows.loc[list(comparison.scenarios)].copy()
    largest = float(np.nanmax(np.abs(rows[["difference", "low", "high"]].to_numpy(np.float64)), initial=0.0))
    divisor, word = magnitude(largest) if largest >= LONG else (1.0, "")
    rows[["difference", "low", "high"]] /= divisor
    unit = f"{word} {rows['unit'].iloc[0]}".strip()
    in_units = not np.isfinite(rows["percent"]).any()
    if in_units:
        rows[["percent", "percent_low", "percent_high"]] = rows[["difference", "low", "high"]]
    places = np.arange(len(rows))[::-1]
    axes.axvline(0, color=INK, linewidth=0.8)
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        _draw_row(axes, float(place), row)
    _limit(axes, rows)
    name_rows(axes, places, rows.index if named else [""] * len(rows))
    axes.set_title(plain(outcome), weight="bold", pad=6)
    axes.set_xlabel(unit if in_units else f"% of {comparison.reference}", loc="left")
    axes.text(
        1.03,
        -0.6 - 0.1,
        unit.replace(" of ", "\nof "),
        transform=axes.get_yaxis_transform(),
        size=SMALL,
        color=MUTED,
        va="top",
    )


def _draw_row(axes: Axes, place: float, row: pd.Series) -> None:
    low, mean, high = row["percent_low"], row["percent"], row["percent_high"]
    sure = np.isfinite(low) and low * high > 0
    colour = (MORE if mean > 0 else LESS) if sure else MUTED
    if np.isfinite(mean):
        if np.isfinite(low):
            axes.plot([low, high], [place, place], color=colour, linewidth=1.8, solid_capstyle="butt")
        axes.plot(mean, place, "o", color=colour, markerfacecolor=colour if sure else "white", markersize=5.5)
    text = written(row["difference"], decimals_of(row["difference"], row["low"], row["high"]))
    if row["difference"] > 0 and text.strip("0."):
        text = f"+{text}"
    axes.text(1.03, place, text, transform=axes.get_yaxis_transform(), size=SMALL + 0.5, va="center", color=INK)


def _limit(axes: Axes, rows: pd.DataFrame) -> None:
    found = rows[["percent_low", "percent", "percent_high"]].to_numpy(np.float64)
    ends = np.append(found[np.isfinite(found)], 0.0)
    room = 0.08 * ((ends.max() - ends.min()) or 1.0)
    axes.set_xlim(ends.min() - room, ends.max() + room)
    set_ticks(axes.xaxis, 4)
