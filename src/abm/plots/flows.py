"""Irregular journeys as bands: where travellers come from, on which corridor, to which destination."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from abm.places.geography import PROVINCES, load_units
from abm.places.places import Places
from abm.plots.corridor_counts import words_of
from abm.plots.curves import Period, spread
from abm.plots.panels import run_panels, settled_years
from abm.plots.style import INK, MUTED, OKABE_ITO, About, Frames, Plate, halo, number

COLUMNS = ("From", "Corridor", "To")

MOST = 8  # boxes of a column; the smallest are put together

OTHERS = "Others"

WIDTH, GAP = 0.045, 0.018  # width of a box and the gap above it, as shares of the panel
LETTER = 11.0  # height of a line of a name in points

SPLIT = (
    "The tables of this run do not say on which corridor the travellers of a province go: those to a destination are "
    "divided alike. The table of journeys says so (outputs.journeys)."
)


def draw_flows(tables: Frames, about: About) -> Plate | None:
    """Draw bands from provinces over corridors to destinations; None where nobody leaves irregularly."""
    exact = "journeys" in tables and not tables["journeys"].empty
    period, left_out = settled_years(tables["journeys" if exact else "flows"], about.start)
    made = _of_journeys(tables["journeys"], about.places, period) if exact else None
    bands = _of_margins(tables, about.places, period) if made is None else made
    if bands is None or not bands["persons"].sum() > 0:
        return None
    bands = bands.assign(persons=bands["persons"] / period.steps)
    for column in COLUMNS:
        bands[column] = _pooled(bands, column)
    bands = bands.groupby(list(COLUMNS), observed=True)[["persons"]].sum().reset_index()
    figure, (axes,) = run_panels(
        about, f"From province to destination, {about.where}, {period.words}",
        f"Irregular journeys from home, persons {period.per}, mean of {period.words}. The width of a band is the "
        f"number of persons; its colour is the province.{' Journeys that have ended.' if exact else ''}",
        [*left_out, *([] if exact else [SPLIT])],
        count=1, columns=1, wide=6.3, tall=4.4, left=2.05, right=1.6, timed=False,
    )  # fmt: skip
    _draw_bands(axes, bands)
    return figure


def _of_journeys(journeys: pd.DataFrame, places: Places, period: Period) -> pd.DataFrame:
    """Journeys from home by province, corridor and destination."""
    rows = period.rows_of(journeys)
    rows = rows[rows["begun_in"].astype(str) == "pakistan"]
    return _named(rows["origin"], rows["route"], rows["persons"], places)


def _of_margins(tables: Frames, places: Places, period: Period) -> pd.DataFrame | None:
    """Flows by province and destination, divided over corridors as the routes to the destination are."""
    flows, route = tables["flows"], tables.get("route")
    if route is None or "departures" not in route:
        return None
    rows = period.rows_of(flows)
    rows = rows[rows["channel"].astype(str) == "irregular"]
    by = rows.groupby([rows["origin"].astype(str), rows["destination"].astype(str)])["persons"].sum().reset_index()
    home = {found.key: found.destination for found in places.routes if not found.onward}
    by_route = period.rows_of(route).groupby(route["route"].astype(str))["departures"].sum()
    begun = by_route[[key for key in home if key in by_route.index]].rename_axis("route").reset_index()
    begun["destination"] = begun["route"].map(home)
    total = begun.groupby("destination")["departures"].transform("sum")
    begun["share"] = begun["departures"] / total.where(total > 0)
    joined = by.merge(begun, on="destination")
    return _named(joined["origin"], joined["route"], joined["persons"] * joined["share"], places)


def _named(origin: pd.Series, route: pd.Series, persons: pd.Series, places: Places) -> pd.DataFrame:
    """Put units into provinces, routes into corridors and their destinations, all in words."""
    units = load_units()
    words = {key: name for name, key in PROVINCES.items()}
    province = {unit: words[key] for unit, key in zip(units.unit.tolist(), units.province.tolist(), strict=True)}
    corridor = {found.key: words_of(found.corridor, places) for found in places.routes}
    names = {found.key: found.name for found in places.destinations}
    end = {found.key: names[found.destination] for found in places.routes}
    keys = route.astype(str)
    columns = (origin.astype(str).map(province), keys.map(corridor), keys.map(end), persons.astype(float))
    return pd.DataFrame(dict(zip((*COLUMNS, "persons"), columns, strict=True)))


def _pooled(bands: pd.DataFrame, column: str) -> pd.Series:
    """Names of a column, the smallest put together where there are too many."""
    sizes = bands.groupby(column)["persons"].sum().sort_values(ascending=False)
    kept = set(sizes.index if len(sizes) <= MOST else sizes.index[: MOST - 1])
    return bands[column].where(bands[column].isin(kept), OTHERS)


@dataclass(frozen=True)
class _Column:
    """Boxes one below the other: their persons by name, and where they lie, as shares of the panel."""

    name: str
    left: float
    sizes: dict[str, float]
    unit: float  # height of a person

    @property
    def feet(self) -> dict[str, float]:
        """Foot of each box, the first at the top."""
        top, feet = 1.0, {}
        for name, persons in self.sizes.items():
            feet[name] = top - persons * self.unit
            top = feet[name] - GAP
        return feet

    def stack(self, bands: pd.DataFrame, other: _Column, third: _Column) -> list[float]:
        """Foot of each band at its box: bands lie in the order of the boxes at their other end."""
        ranks = [bands[column.name].map(list(column.sizes).index) for column in (third, other)]
        names, persons, free = bands[self.name].tolist(), bands["persons"].tolist(), self.feet
        found = [0.0] * len(bands)
        for index in np.lexsort(ranks)[::-1]:
            found[index] = free[names[index]]
            free[names[index]] += persons[index] * self.unit
        return found

    def draw(self, axes: Axes, colours: Mapping[str, str]) -> None:
        """Draw and name the boxes: names outside, those of the middle beside their boxes."""
        outside = {"From": ("right", self.left - 0.012), "To": ("left", self.left + WIDTH + 0.012)}
        side, place = outside.get(self.name, ("left", self.left + WIDTH + 0.008))
        axes.text(self.left + WIDTH / 2, 1.02, self.name, ha="center", va="bottom", weight="bold")
        labels = [f"{textwrap.fill(name, 18)}  {number(persons)}" for name, persons in self.sizes.items()][::-1]
        feet = self.feet
        wanted = np.array([feet[name] + persons * self.unit / 2 for name, persons in self.sizes.items()])[::-1]
        high = axes.get_window_extent().height * 72 / axes.figure.dpi
        sizes = np.array([LETTER / high * (1 + label.count("\n")) for label in labels])
        for label, height in zip(labels, spread(wanted, sizes), strict=True):
            halo(axes.text(place, height, label, ha=side, va="center", size=8.5, clip_on=False))
        for name, persons in self.sizes.items():
            high, colour = persons * self.unit, colours.get(name, INK)
            axes.add_patch(Rectangle((self.left, feet[name]), WIDTH, high, facecolor=colour, alpha=0.85))


def _draw_bands(axes: Axes, bands: pd.DataFrame) -> None:
    """Draw the boxes of the three columns, each as high as its persons, and a band for each line of the table."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    sizes = {name: _sizes(bands, name) for name in COLUMNS}
    unit = (1.0 - GAP * (max(map(len, sizes.values())) - 1)) / float(bands["persons"].sum())
    lefts = (0.0, (1 - WIDTH) / 2, 1 - WIDTH)
    columns = [_Column(name, left, sizes[name], unit) for name, left in zip(COLUMNS, lefts, strict=True)]
    colours = dict(zip(columns[0].sizes, OKABE_ITO.values(), strict=False))
    for third, (left, right) in zip((columns[2], columns[0]), pairwise(columns), strict=True):
        ends = zip(left.stack(bands, right, third), right.stack(bands, left, third), strict=True)
        for (start, end), row in zip(ends, bands.to_dict("records"), strict=True):
            band = _band(left.left + WIDTH, right.left, start, end, row["persons"] * unit)
            axes.add_patch(PathPatch(band, facecolor=colours.get(row["From"], MUTED), alpha=0.45, linewidth=0))
    for column in columns:
        column.draw(axes, colours)


def _sizes(bands: pd.DataFrame, column: str) -> dict[str, float]:
    """Persons by name, the largest first, others last."""
    found = bands.groupby(column)["persons"].sum().sort_values(ascending=False)
    return {str(name): float(found[name]) for name in sorted(found.index, key=lambda name: name == OTHERS)}


def _band(left: float, right: float, start: float, end: float, thick: float) -> Path:
    """Band of one thickness between two columns."""
    middle = (left + right) / 2
    points = [
        (left, start), (middle, start), (middle, end), (right, end),
        (right, end + thick), (middle, end + thick), (middle, start + thick), (left, start + thick), (left, start),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
