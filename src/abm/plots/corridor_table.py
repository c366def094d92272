"""Table of the corridors on their map: who set out, arrived, was intercepted, died."""

from __future__ import annotations

import re
from string import ascii_uppercase
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from abm.plots.periods import Period
from abm.plots.style import INK, MUTED, SMALL, number
from abm.world.places_abroad import Places

COUNTS = {"departures": "set out", "arrivals": "arrived", "interceptions": "intercepted", "deaths": "died"}
"""Columns of the table by route, and their heads."""

MOST_ROWS = 14
"""Corridors listed; the rest, those with the fewest departures, are added up."""

RIGHT, TOP, LINE = 0.992, 0.975, 0.0235
"""Corner and height of a line, shares of the axes."""
NAME_WIDTH, COLUMN_WIDTH = 0.145, 0.055


def corridor_counts(by_route: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Counts by corridor, in the order of the routes."""
    corridor = {route.key: route.corridor for route in places.routes}
    known = by_route[[name for name in COUNTS if name in by_route]]
    return known.groupby([corridor[str(key)] for key in known.index], sort=False).sum()


def badges(by_route: pd.DataFrame, places: Places) -> dict[str, str]:
    """Letter of each corridor that has a row of its own."""
    departures = corridor_counts(by_route, places)["departures"]
    if len(departures) > MOST_ROWS:
        departures = departures[departures.index.isin(departures.nlargest(MOST_ROWS - 1).index)]
    return dict(zip(map(str, departures.index), ascii_uppercase, strict=False))


def write_table(axes: Axes, counts: pd.DataFrame, marks: dict[str, str], period: Period, places: Places) -> None:
    """Write the table into the upper right corner of the map."""
    values = dict(zip(map(str, counts.index), counts.to_numpy().tolist(), strict=True))
    rows = [(f"{letter}  {words_of(key, places)}", values[key]) for key, letter in marks.items()]
    others = counts.drop(index=[key for key in values if key in marks])
    if len(others):
        rows.append((f"{len(others)} other corridors", others.to_numpy().sum(axis=0).tolist()))
    heads = [COUNTS[name] for name in map(str, counts.columns)]
    width, height = NAME_WIDTH + COLUMN_WIDTH * len(heads), LINE * (len(rows) + 2.1)
    box = FancyBboxPatch(
        (RIGHT - width, TOP - height), width, height, transform=axes.transAxes, facecolor="white", edgecolor=MUTED,
        linewidth=0.6, alpha=0.93, boxstyle="round,pad=0.006", zorder=8, mutation_aspect=1.6,
    )  # fmt: skip
    axes.add_patch(box)
    place: dict[str, Any] = {"transform": axes.transAxes, "size": SMALL, "va": "top", "zorder": 9}
    left = RIGHT - width + 0.003
    axes.text(left, TOP, f"Irregular, persons {period.per}", weight="bold", color=INK, **place)
    for column, head in enumerate(heads, start=1):
        x = left + NAME_WIDTH + COLUMN_WIDTH * column - 0.006
        axes.text(x, TOP - LINE, head, ha="right", color=MUTED, **place)
        for line, (_, row) in enumerate(rows, start=2):
            axes.text(x, TOP - LINE * line, number(row[column - 1]), ha="right", color=INK, **place)
    for line, (name, _) in enumerate(rows, start=2):
        axes.text(left, TOP - LINE * line, name, color=INK, **place)


def words_of(corridor: str, places: Places) -> str:
    """Name of a corridor in words, with a capital for what is the name of a place: ``Land Taftan``."""
    names = [*(point.name for point in places.points), *(facts.name for facts in places.destinations)]
    proper = set(re.findall(r"[a-z]+", " ".join(names).lower()))
    first, *rest = corridor.split("_")
    return " ".join([first.capitalize(), *(word.capitalize() if word in proper else word for word in rest)])
