"""Charts and the map as SVG: small enough to be sent anew every month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from math import cos, isfinite, radians
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import MaxNLocator

from abm.plots.boundaries import AJK, BORDER, HATCH, Line, load_shapes, province_borders
from abm.plots.style import GRID, INK, LAND, MUTED, PALE

WIDTH, HEIGHT = 560, 160  # size of a chart, pixels
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 10, 24  # margins for the labels of the axes

LOOKS = {"twin": 'stroke-width="1.2" stroke-dasharray="4 3"', "model": 'stroke-width="2"'}
"""How the lines of the twin and of the model are drawn."""

WEST, EAST, SOUTH, NORTH = 60.6, 80.4, 23.4, 37.3  # what the map shows, degrees

STRETCH = cos(radians((SOUTH + NORTH) / 2))
"""Length of a degree of longitude over that of one of latitude, in the middle."""

SCALE = 38.0  # pixels of a degree of latitude

CLASSES = (("#F6F1D8", 0.0), ("#F3D99B", 10.0), ("#EDB25F", 30.0), ("#DC7F3B", 100.0), ("#B3472A", 300.0),
           ("#6E1F1B", 1000.0))  # fmt: skip
"""Colours of the map, and the least rate of each; fixed, so that months can be compared."""


class Curve(NamedTuple):
    """A line of a chart, and that of the twin."""

    name: str
    colour: str
    values: np.ndarray
    twin: np.ndarray


def chart(curves: Sequence[Curve], start: int, months: int, mark: str) -> str:
    """Draw curves against months, thick, and those of the twin, thin and dashed; `mark` tells charts apart.

    `start`: first month of the run, since January of year 0.
    """
    most = float(np.nanmax(np.concatenate([[0.0], *(part for curve in curves for part in curve[2:])])))
    ticks = MaxNLocator(4, steps=(1, 2, 5, 10)).tick_values(0.0, most or 1.0)
    top = ticks[-1]
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(month: float) -> float:
        return LEFT + across * month / max(months - 1, 1)

    def y(value: float) -> float:
        return TOP + down * (1.0 - value / top)

    parts = []
    for tick in ticks:
        at = y(tick)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:,.10g}</text>')
    years = max(1, round(months / 12 / 10))
    for month in range(-start % 12, months, 12 * years):
        parts.append(f'<text x="{x(month):.1f}" y="{HEIGHT - 6}">{(start + month) // 12}</text>')
        parts.append(f'<path d="M{x(month):.1f} {TOP + down}v4" stroke="{MUTED}"/>')
    for curve in curves:
        for kind, values in (("twin", curve.twin), ("model", curve.values)):
            path = _path(values, x, y)
            parts.append(f'<path class="{kind}" d="{path}" fill="none" stroke="{curve.colour}" {LOOKS[kind]}/>')
    keys = "".join(f'<span><b style="color:{one.colour}">&#9644;</b> {escape(one.name)}</span> ' for one in curves)
    box = f'id="{mark}" aria-label="{mark}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" width="100%"'
    look = f'font-size="12" fill="{INK}" font-family="sans-serif"'
    return f'<div class="abm-key">{keys}</div><svg {box} {look}>{"".join(parts)}</svg>'


def _path(values: np.ndarray, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """Path through values by month; it breaks where there is none."""
    pieces, joined = [], False
    for month, value in enumerate(values.tolist()):
        known = isfinite(value)
        if known:
            pieces.append(f"{'L' if joined else 'M'}{x(month):.1f} {y(value):.1f}")
        joined = known
    return "".join(pieces)


@cache
def outlines() -> str:
    """Map without colours: districts, of which each is a class of its own, what is disputed, borders, a key."""
    units = [(shape.key, shape.name, shape.province, _area(shape.lines)) for shape in load_shapes("units")]
    titled = (f'<path class="d-{key}" d="{path}"><title>{escape(name)}</title></path>' for key, name, _, path in units)
    districts, ajk = "".join(titled), "".join(path for *_, province, path in units if province == AJK)
    north = "".join(_area(shape.lines) for shape in load_shapes("gilgit_baltistan"))
    (control,) = load_shapes("pak_line_of_control")
    borders = "".join(map(_line, province_borders()))
    across, down = round((EAST - WEST) * STRETCH * SCALE), round((NORTH - SOUTH) * SCALE)
    keys = "".join(_key(k, down - 16 * (len(CLASSES) - k) - 10, across - 120) for k in range(len(CLASSES)))
    return f"""<svg id="map" aria-label="map" viewBox="0 0 {across} {down}" role="img" width="100%" font-size="12"
 font-family="sans-serif">
<defs><pattern id="slant" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path
 d="M0 0V6" stroke="{HATCH}"/></pattern><pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle
 cx="2" cy="2" r="0.8" fill="{HATCH}"/></pattern></defs>
<path d="{north}" fill="{PALE}" stroke="{BORDER}"/><path d="{north}" fill="url(#dots)"/>
<g stroke="white" stroke-width="0.5" fill="{LAND}">{districts}</g>
<path d="{ajk}" fill="url(#slant)"/><path d="{borders}" fill="none" stroke="{MUTED}"/>
<path d="{"".join(map(_line, control.lines))}" fill="none" stroke="black" stroke-width="1.6"
 stroke-dasharray="1.5 2.5"/>
{keys}</svg>"""


def colours(rates: Mapping[str, float]) -> str:
    """Style sheet that gives each district the colour of its rate."""
    classes = {key: [colour for colour, least in CLASSES if rate >= least][-1] for key, rate in rates.items()}
    return "".join(f"#map .d-{key}{{fill:{colour}}}" for key, colour in classes.items())


def _key(k: int, down: int, across: int) -> str:
    colour, least = CLASSES[k]
    words = f"{least:,.0f} to {CLASSES[k + 1][1]:,.0f}" if k + 1 < len(CLASSES) else f"{least:,.0f} and more"
    box = f'<rect x="{across}" y="{down}" width="14" height="12" fill="{colour}" stroke="{BORDER}"/>'
    return f'{box}<text x="{across + 20}" y="{down + 10}">{words}</text>'


def _line(line: Line) -> str:
    """Path through points, in pixels."""
    across, down = (line[:, 0] - WEST) * STRETCH * SCALE, (NORTH - line[:, 1]) * SCALE
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across.tolist(), down.tolist(), strict=True))


def _area(lines: Sequence[Line]) -> str:
    return "".join(f"{_line(line)}Z" for line in lines)
