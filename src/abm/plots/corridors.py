"""Schematic map of routes from Pakistan: legs and corridors of the irregular channel, and legal work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from abm.places.place_models import Destination, Leg
from abm.places.places import Places, places_of
from abm.plots.boundaries import CREDITS, Bounds, disputed_legend, draw_ground, load_countries, set_extent
from abm.plots.corridor_counts import badges, flows_not_drawn, leg_traffic, mean_counts, own_leg, write_table
from abm.plots.curves import Period
from abm.plots.panels import settled_years
from abm.plots.style import (
    BASE,
    CHANNELS,
    INK,
    MUTED,
    OKABE_ITO,
    PAGE,
    SMALL,
    About,
    Frames,
    Plate,
    for_paper,
    halo,
    new_figure,
    number,
    one_two_five,
    write_notes,
)

Point = tuple[float, float]  # longitude and latitude, degrees

WIDTHS, THINNEST = (16.0, 9.0), 0.8
"""Greatest width of lines, of legal work and of a leg of the irregular channel, and the least of both; points."""
BOUNDS = (5.0, 77.5, 19.7, 49.8)
"""West, east, south, north of the map, in its proportions; places that a configuration adds widen it."""
COVERED = (5.0, 98.0, 8.0, 50.0)
"""West, east, south, north: what the outlines of countries cover; places beyond are shown at the edge."""
AROUND = 2.0  # degrees around a place for which the map is widened


class Frame(NamedTuple):
    """Inches of the figure: its width, the height of the map and of the strip below, the foot; relative line widths.

    Inset, table and widths stand below the map, so that they hide nothing of it.
    """

    wide: float
    map: float
    strip: float
    foot: float
    gap: float
    lines: float = 1.0

    @property
    def high(self) -> float:
        """Height of the figure."""
        return self.foot + self.strip + self.gap + self.map + (0.02 if for_paper() else 0.75)


SCREEN, PAPER = Frame(13.0, 6.2, 2.3, 1.32, 0.43), Frame(PAGE, 3.6, 2.3, 0.05, 0.62, 0.6)
INSET = (60.0, 70.0, 23.6, 31.4)  # Balochistan and Iran's border, where many legs lie close together

GUARD_COLOURS = {"land": CHANNELS["irregular"].colour, "sea": "#7F2704", "air": OKABE_ITO["orange"]}
"""Warm colours are the irregular channel; land, sea and air differ in darkness too."""
DASHES: dict[str, Literal["solid"] | tuple[float, tuple[float, float]]] = {
    "land": "solid",
    "air": (0, (3.5, 1.2)),
    "sea": (0, (1.2, 0.9)),
}

EDGE = 0.8  # degrees from the edge of the map at which a place beyond it is shown

ROOM_FOR_NAME = 8.0
"""Degrees from the eastern edge within which names of places that are added are written to the west of them."""

LEGAL_ANCHORS = {"saudi_arabia": "saudi_riyadh", "united_arab_emirates": "dubai", "oman": "oman_muscat"}
"""Place at which the line of legal work to a destination ends; others have the first place of their country."""
ORIGIN = (71.5, 30.2)  # lines of legal work, which is from all districts, start amid the country, at Multan
BENDS = {"saudi_arabia": 0.12, "qatar": 0.09, "united_arab_emirates": 0.03, "oman": -0.03}
"""Curvature of the line to each destination: height of the arc over its chord, north is positive."""
OTHER_BEND = 0.05
LAND_BEND, AIR_BEND, FAN = 0.03, 0.06, 0.045
"""Curvature of legs on land and sea, of the lowest flight from a place, and what each further one has more."""

LEGAL_NOTES = {
    "saudi_arabia": (-10, 4, "right"),
    "qatar": (-10, -30, "right"),
    "united_arab_emirates": (-4, -54, "center"),
    "oman": (15, -10, "left"),
}
OTHER_NOTE = (-6, 16, "right")

PLACE_NAMES = {
    "turkey_van": ("Eastern Turkey", (5, 6)), "turkey_istanbul": ("Western Turkey", (4, 8)),
    "greece_athens": ("Greece", (-8, -12)), "libya_tripoli": ("Libya", (-6, -12)), "italy_rome": ("Italy", (-7, 7)),
    "germany_munich": ("Germany", (7, -11)), "uk_london": ("United\nKingdom", (4, -27)), "iran": ("Iran", (7, 4)),
    "spain_madrid": ("Spain", (9, 5)), "morocco_nador": ("Morocco", (9, -4)), "karachi": ("Karachi", (7, -9)),
    "islamabad": ("Islamabad", (-6, -10)), "dubai": ("Dubai", (-5, 7)), "zahedan": ("Zahedan", (-7, 4)),
    "taftan": ("Taftan", (5, -10)), "quetta": ("Quetta", (7, -2)), "gwadar": ("Gwadar", (4, -10)),
    "kech": ("Kech", (-6, 5)), "lasbela": ("Lasbela", (6, 5)), "mashkel": ("Mashkel", (5, 6)),
}  # fmt: skip
"""Names at the level of cities and countries, with their offset in points; places without one get their own name."""


def draw_corridors(tables: Frames, about: About) -> Plate | None:
    """Draw each leg once, as wide as the traffic over it, and legal work, and count outcomes by corridor.

    Without the table of flows no legal work is on the map.
    """
    route, flows, places = tables["route"], tables.get("flows"), about.places
    if "departures" not in route:
        return None
    period, left_out = settled_years(route, about.start)
    by_route = mean_counts(route, "route", period)
    by_route = by_route.loc[[found.key for found in places.routes if found.key in by_route.index]]
    traffic = leg_traffic(by_route, places)
    legal, elsewhere = _legal_work(flows, period, places)
    scales = max(legal.values(), default=0.0), max(traffic.values(), default=0.0)
    frame = PAPER if for_paper() else SCREEN
    legal_points, points = (
        frame.lines * width / most if most else 0.0 for width, most in zip(WIDTHS, scales, strict=True)
    )
    figure = new_figure(
        frame.wide, frame.high, f"Corridors from Pakistan (schematic), {period.words}",
        f"Persons {period.per} from {about.where}, mean of {period.words}. Width of a leg: all who set out on routes "
        "over it, with those who never reach it. Lines of legal work start at one point.",
    )  # fmt: skip
    side = 0.35 if frame is SCREEN else 0.05
    axes = figure.add_box(side, frame.wide - 2 * side, frame.foot + frame.strip + frame.gap, frame.map)
    set_extent(axes, bounds_of_map(places, traffic, legal))
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    whole = _Map(axes, places, Anchors.of(places, (west, east, south, min(north, COVERED[3]))))
    draw_ground(axes)
    for destination, persons in legal.items():
        whole.draw_legal_work(destination, persons, legal_points)
    whole.draw_legs(traffic, points)
    whole.name_places(traffic, {_anchor_key(facts, places) for facts in places.destinations if facts.key in legal})
    marks = badges(by_route, places)
    wide_inset = 0.3 * (frame.wide - 2 * side)
    inset = figure.add_box(side, wide_inset, frame.foot, frame.strip - 0.2)
    named_near = _draw_inset(inset, whole, traffic, marks, points)
    whole.draw_badges({key: mark for key, mark in marks.items() if key not in named_near})
    left = side + wide_inset + 0.15
    wide_table = (0.42 if frame is SCREEN else 0.51) * (frame.wide - 2 * side)
    table = figure.add_box(left, wide_table, frame.foot, frame.strip)
    write_table(table, by_route, marks, period, places)
    _draw_legends(figure, frame, left + wide_table + 0.1, scales, period)
    notes = flows_not_drawn(flows, elsewhere, period) + _not_to_scale(scales, period)
    write_notes(figure, (notes, *CREDITS, *left_out, about.alone))
    return figure


def bounds_of_map(places: Places, traffic: Mapping[str, float], legal: Iterable[str]) -> Bounds:
    """Part of the world that is drawn: the usual one, and places that a configuration adds as far as outlines go."""
    shipped = {point.key for point in places_of().points}
    ends = {end for leg in places.legs if leg.key in traffic for end in (leg.start, leg.end)}
    ends |= {_anchor_key(facts, places) for facts in places.destinations if facts.key in legal}
    added = [point for point in places.points if point.key in ends - shipped]
    west, east, south, north = BOUNDS
    for point in added:
        west, east = min(west, point.lon - AROUND), max(east, point.lon + AROUND)
        south, north = min(south, point.lat - AROUND), max(north, point.lat + AROUND)
    return max(west, COVERED[0]), min(east, COVERED[1]), max(south, COVERED[2]), min(north, COVERED[3])


def _legal_work(flows: pd.DataFrame | None, period: Period, places: Places) -> tuple[dict[str, float], float]:
    """Persons by destination that the map can show, the widest first, and persons to all others."""
    if flows is None or flows.empty:
        return {}, 0.0
    legal = flows[flows["channel"].astype(str) == "legal_work"]
    counts = mean_counts(legal[["month", "destination", "persons"]], "destination", period)
    means = {str(key): float(persons) for key, persons in counts["persons"].sort_values()[::-1].items()}
    known = {facts.key for facts in places.destinations if _anchor_of(facts, places)}
    shown = {key: persons for key, persons in means.items() if persons > 0 and key in known}
    return shown, sum(means.values()) - sum(shown.values())


def _anchor_of(facts: Destination, places: Places) -> Point | None:
    """Where a destination lies: its anchor, the first place of its country, or its centre; None if unknown."""
    known = {point.key: (point.lon, point.lat) for point in places.points}
    country = load_countries().get(facts.name)
    return known.get(_anchor_key(facts, places), country.centre if country else None)


def _anchor_key(facts: Destination, places: Places) -> str:
    """Place at which the line of legal work to a destination ends; nothing if there is none."""
    first = next((point.key for point in places.points if point.country == facts.iso3), "")
    return LEGAL_ANCHORS.get(facts.key, first)


def _not_to_scale(scales: tuple[float, float], period: Period) -> str:
    """Say up to which number of persons lines have the least width."""
    least = [
        f"{number(most * THINNEST / width)} {what}"
        for what, width, most in zip(("in legal work", "on a leg"), WIDTHS, scales, strict=True)
        if most
    ]
    return f" The thinnest lines stand for up to {' and '.join(least)}, persons {period.per}." if least else ""


@dataclass(frozen=True)
class Anchors:
    """Where places stand on a map: beyond its edges they are moved to the edge, since lines are schematic."""

    where: dict[str, Point]  # true positions, by key
    bounds: Bounds
    bends: Mapping[str, float] = field(default_factory=dict)  # curvature of legs by air, by key

    @classmethod
    def of(cls, places: Places, bounds: Bounds) -> Anchors:
        """Anchors of all places of a configuration; flights from one place fan out, so that none hides another."""
        where = {point.key: (point.lon, point.lat) for point in places.points}
        flights: dict[str, list[Leg]] = {}
        for leg in places.legs:
            if leg.guard == "air":
                flights.setdefault(leg.start, []).append(leg)
        bends = {
            leg.key: AIR_BEND + FAN * rank
            for legs in flights.values()
            for rank, leg in enumerate(sorted(legs, key=lambda leg: (where[leg.end][1], where[leg.end][0], leg.key)))
        }
        return cls(where, bounds, bends)

    def __getitem__(self, key: str) -> Point:
        return self.pinned(self.where[key])

    def pinned(self, point: Point) -> Point:
        """Move a point onto the map."""
        west, east, south, north = self.bounds
        return min(max(point[0], west + EDGE), east - EDGE), min(max(point[1], south + EDGE), north - EDGE)


def pointer(true: Point, shown: Point) -> str:
    """Shape of a mark: a dot, or an arrowhead that points to where a place lies beyond the edge."""
    if true == shown:
        return "o"
    x, y = true[0] - shown[0], true[1] - shown[1]
    if abs(x) >= abs(y):
        return "<" if x < 0 else ">"
    return "v" if y < 0 else "^"


def arc(start: Point, end: Point, bend: float) -> Path:
    """Curve from start to end whose top is `bend` times the chord off it, to the right as one walks west."""
    a, b = np.array(start), np.array(end)
    across = np.array([(b - a)[1], -(b - a)[0]])
    return Path([a, (a + b) / 2 + 2 * bend * across, b], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def leg_arc(leg: Leg, anchors: Anchors) -> Path:
    """Curve of a leg, flatter on land."""
    return arc(anchors[leg.start], anchors[leg.end], anchors.bends.get(leg.key, LAND_BEND))


def middle_of(path: Path) -> Point:
    """Middle of a curve."""
    start, top, end = np.asarray(path.vertices, dtype=np.float64)
    x, y = (start + 2 * top + end) / 4
    return float(x), float(y)


UNUSED = 0.25  # opacity of a leg that nobody travelled: it has the least width


@dataclass(frozen=True)
class _Map:
    """Axes with a map, and where places stand on them."""

    axes: Axes
    places: Places
    anchors: Anchors
    is_inset: bool = False

    def draw_line(self, path: Path, width: float, **look: Any) -> None:
        """Draw a line of a width in points."""
        width = max(width, THINNEST)
        self.axes.add_patch(PathPatch(path, facecolor="none", linewidth=width, capstyle="butt", **look))

    def draw_legal_work(self, destination: str, persons: float, points: float) -> None:
        """Draw legal work at one destination, which has an anchor, with its name and number."""
        facts = next(facts for facts in self.places.destinations if facts.key == destination)
        true = _anchor_of(facts, self.places)
        assert true is not None
        end, colour = self.anchors.pinned(true), CHANNELS["legal_work"].colour
        line = arc(ORIGIN, end, BENDS.get(destination, OTHER_BEND))
        self.draw_line(line, points * persons, edgecolor=colour, alpha=0.5, zorder=2.6)
        self.axes.plot(*end, marker=pointer(true, end), markersize=5, color=colour, zorder=4.6)
        x, y, side = LEGAL_NOTES.get(destination, OTHER_NOTE)
        nearer, size = (PAPER.lines, SMALL) if for_paper() else (1.0, BASE)
        halo(self.axes.annotate(
            f"{facts.name}\n{number(persons)}", end, xytext=(nearer * x, nearer * y), textcoords="offset points",
            ha=side, va="center", ma=side, color=colour, size=size, weight="bold", zorder=6, linespacing=1.15,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2},
        ))  # fmt: skip

    def draw_legs(self, traffic: Mapping[str, float], points: float) -> None:
        """Draw each leg of the irregular channel once."""
        for leg in self.places.legs:
            if leg.key in traffic:
                look: dict[str, Any] = {"edgecolor": GUARD_COLOURS[leg.guard], "linestyle": DASHES[leg.guard]}
                look["alpha"] = 1.0 if traffic[leg.key] > 0.0 else UNUSED
                self.draw_line(leg_arc(leg, self.anchors), points * traffic[leg.key], zorder=3.4, **look)

    def draw_badges(self, marks: Mapping[str, str]) -> list[str]:
        """Mark each corridor at a leg of its own with its letter; returns those whose leg lies on the map."""
        (west, east), (south, north) = self.axes.get_xlim(), self.axes.get_ylim()
        taken: list[str] = []
        shown = []
        for corridor, letter in marks.items():
            leg = own_leg(corridor, self.places, taken)
            taken.append(leg.key)
            x, y = middle_of(leg_arc(leg, self.anchors))
            if west < x < east and south < y < north:
                self.axes.annotate(
                    letter, (x, y), ha="center", va="center", size=SMALL, weight="bold", color=INK, zorder=7,
                    bbox={"facecolor": "white", "edgecolor": INK, "boxstyle": "circle,pad=0.2", "linewidth": 0.7},
                )  # fmt: skip
                shown.append(corridor)
        return shown

    def name_places(self, traffic: Iterable[str], named: Iterable[str] = ()) -> None:
        """Name the places between which legs run, but for those named already with their legal work."""
        names = {point.key: point.name for point in self.places.points}
        ends = [end for leg in self.places.legs if leg.key in traffic for end in (leg.start, leg.end)]
        size = SMALL if for_paper() else BASE
        for key in dict.fromkeys(ends):
            x, y = self.anchors[key]
            mark = pointer(self.anchors.where[key], (x, y))
            self.axes.plot(x, y, marker=mark, markersize=4, color=INK, zorder=4.5)
            named_in_inset = not self.is_inset and _is_near((x, y)) and key != "karachi"
            if key in named or named_in_inset:
                continue
            name, offset = PLACE_NAMES.get(key, (names[key], (4, 5)))
            if key not in PLACE_NAMES and x > self.axes.get_xlim()[1] - ROOM_FOR_NAME:
                offset = (-offset[0], offset[1])
            side = "right" if offset[0] < 0 else "left"
            how: dict[str, Any] = {"textcoords": "offset points", "size": size, "ha": side, "zorder": 6}
            halo(self.axes.annotate(name, (x, y), xytext=offset, **how))


def _draw_inset(
    axes: Axes, whole: _Map, traffic: Mapping[str, float], marks: Mapping[str, str], points: float
) -> list[str]:
    """Show Balochistan larger, at the same widths; returns the corridors named there."""
    title = "The frame, larger" if for_paper() else "The part in the frame, at the same widths"
    axes.set_title(title, size=SMALL, color=MUTED, pad=3)
    west, east, south, north = INSET
    set_extent(axes, INSET)
    places, anchors = whole.places, Anchors.of(whole.places, (-180.0, 180.0, -90.0, 90.0))
    inset = _Map(axes, places, anchors, is_inset=True)
    draw_ground(axes)
    inset.draw_legs(traffic, points)
    inset.name_places({leg.key for leg in places.legs if leg.key in traffic and _lies_near(leg, anchors)})
    frame = Rectangle((west, south), east - west, north - south, fill=False, edgecolor=MUTED, linewidth=0.7, zorder=4)
    whole.axes.add_patch(frame)
    own = {corridor: own_leg(corridor, places, ()) for corridor in marks}
    near = [name for name, leg in own.items() if _lies_near(leg, anchors) or _is_near(middle_of(leg_arc(leg, anchors)))]
    return inset.draw_badges({corridor: marks[corridor] for corridor in near})


def _lies_near(leg: Leg, anchors: Anchors) -> bool:
    """Whether both ends of a leg lie in the inset."""
    return _is_near(anchors[leg.start]) and _is_near(anchors[leg.end])


def _is_near(point: Point) -> bool:
    west, east, south, north = INSET
    return west <= point[0] <= east and south <= point[1] <= north


def _draw_legends(figure: Plate, frame: Frame, left: float, scales: tuple[float, float], period: Period) -> None:
    """Explain widths, colours and dashes below the map, and the disputed areas on it."""
    colours = (CHANNELS["legal_work"].colour, GUARD_COLOURS["land"])
    entries = [
        Line2D([], [], color=colour, linewidth=max(THINNEST, frame.lines * width * persons / most),
               solid_capstyle="butt", label=number(persons))
        for colour, width, most in zip(colours, WIDTHS, scales, strict=True) if most
        for persons in (one_two_five(most), one_two_five(most * 0.2))
    ]  # fmt: skip
    top = frame.foot + frame.strip
    if entries:
        figure.legend(
            handles=entries, loc="upper left", bbox_to_anchor=(left / frame.wide, (top + 0.07) / frame.high),
            title=f"Width, persons\n{period.per}", alignment="left", labelspacing=1.1, handlelength=2.4,
            title_fontproperties={"size": SMALL, "weight": "bold"},
        )  # fmt: skip
    kinds = {f"Irregular, by {guard}": (GUARD_COLOURS[guard], dashes) for guard, dashes in DASHES.items()}
    if scales[0]:
        kinds = {"Legal work": (CHANNELS["legal_work"].colour, "solid"), **kinds}
    below = [
        *(Line2D([], [], color=colour, linewidth=2.5, linestyle=dashes, label=label)
          for label, (colour, dashes) in kinds.items()),
        *disputed_legend(),
    ]  # fmt: skip
    figure.legend(
        handles=below, loc="upper center", bbox_to_anchor=(0.5, (top + frame.gap - 0.02) / frame.high),
        ncol=len(below) if frame is SCREEN else 4, handlelength=2.4, columnspacing=1.2,
    )  # fmt: skip
