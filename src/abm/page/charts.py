"""Charts in Vega-Lite, by Altair: lines with bands, intervals, bars, stacks and points against a record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Unpack

import altair as alt

from abm.analysis.naming import Dated
from abm.analysis.score import FACTOR
from abm.engine.calendar import format_month, parse_month
from abm.page.ingredients import (
    EXTENT,
    HALF,
    LONG_NUMBER,
    ONLY_SHOWN,
    PLAIN_NUMBER,
    THIRD,
    WIDE,
    Mark,
    Rows,
    Words,
    chart_of,
    colours,
    dashes,
    data_of,
    is_known,
    linear,
    logarithmic,
    shapes,
    shortened,
    time_axis,
    tooltips,
)
from abm.page.looks import Look
from abm.page.parts import Chart
from abm.plots.style import GRID, INK, MUTED

NOTHING: Mapping[int, str] = MappingProxyType({})

NO_LINE = (0, 30)  # dashes of a series that is points alone: nothing is seen of a line

FIELDS = ("value", "low", "high")

ROW_AXIS = alt.Axis(labelLimit=490, ticks=False, domain=False)  # vertical axis with the names of rows

LETTER = 6.3  # pixels of a letter in the names of rows


def room_beside(names: Iterable[str]) -> int:
    """Width of a panel beside the names of its rows, in pixels: less where a name is long."""
    return round(min(390, max(240, 760 - LETTER * max(map(len, names), default=0))))


def _base(rows: Rows, looks: Mapping[str, Look], width: int, height: int, title: str = "") -> alt.Chart:
    """Empty panel, filtered by the legend if there are several series."""
    base = alt.Chart(data_of(rows), width=width, height=height, title=title or alt.Undefined)
    return base.transform_filter(ONLY_SHOWN) if len(looks) > 1 else base


# --------------------------------------------------------------------------------------------------------------- lines


def _lines_panel(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    unit: str,
    title: str = "",
    width: int = WIDE,
    height: int = 220,
    log: bool = False,
    rule: float | None = None,
    grey: int = 0,
    begins: Mapping[int, str] = NOTHING,
    alike: Rows = (),
) -> Any:
    """Steps over time with bands, the first `grey` ones on a grey ground; `alike`: rows of all panels of one scale.

    A year is drawn from half a year before its mark to half a year after, a month from its first day on. Where levers
    begin there are dotted lines, by month since January of year 0.
    """
    known: Rows = [row for row in rows if is_known(row["value"]) and not (log and row["value"] <= 0)]
    if log:
        scale, axis = logarithmic(known, *FIELDS, minExtent=EXTENT)
        unit = f"{unit}, logarithmic"
    else:
        known, unit = shortened(known, unit, *FIELDS, alike=alike)
        scale, axis = linear(minExtent=EXTENT)
    x, y = time_axis(rows, width), partial(alt.Y, title=unit, scale=scale, axis=axis)
    # a step without a value interrupts its line
    gaps: Rows = [{**row, "value": None, "low": None, "high": None} for row in rows if not is_known(row["value"])]
    base = _base([*known, *gaps], looks, width, height, title)
    timed = isinstance(rows[0]["when"], str)
    how = "step-after" if timed else "step"
    detail = {"series:N": "", "when:T" if timed else "when:O": "time", "value:Q": unit}
    layers = []
    if grey:
        steps = list(dict.fromkeys(row["when"] for row in rows))
        first, last = steps[0], steps[min(grey, len(steps) - 1) if timed else min(grey, len(steps)) - 1]
        ends = (first, last) if timed else (first - 0.5, last + 0.5)
        ground = alt.Chart(data_of([dict(zip(("when", "until"), ends, strict=True))]))
        shade = ground.mark_rect(color=GRID, opacity=0.6)
        layers.append(shade.encode(x=x, x2="utcyearmonth(until)" if timed else "until"))
    if any(is_known(row.get("low")) and is_known(row.get("high")) for row in known):
        band = base.transform_filter("isValid(datum.low)").mark_area(opacity=0.2, clip=True, interpolate=how)
        layers.append(band.encode(x=x, y=y("low:Q"), y2="high:Q", color=colours(looks)))
        detail |= {"low:Q": "from", "high:Q": "to"}
    if rule is not None:
        layers.append(base.mark_rule(color=INK, strokeWidth=1).encode(y=alt.datum(rule)))
    if begins:
        places = [{"when": f"{format_month(month)}-01" if timed else month / 12 - 0.5} for month in begins]
        marks = [{**place, "begins": words} for place, words in zip(places, begins.values(), strict=True)]
        dotted = alt.Chart(data_of(marks)).mark_rule(color=MUTED, strokeDash=[2, 3], strokeWidth=1.5)
        layers.append(dotted.encode(x=x, tooltip=tooltips({"begins:N": "begins"})))
    base = base.encode(x=x, y=y("value:Q"), color=colours(looks))
    line = base.mark_line(strokeWidth=2, interpolate=how).encode(strokeDash=dashes(looks))
    points = base.mark_point(filled=True, size=42, opacity=1).encode(shape=shapes(looks), tooltip=tooltips(detail))
    return alt.layer(*layers, line, points)


def lines(
    rows: Rows, looks: Mapping[str, Look], *, unit: str, series_name: str, height: int = 220, **words: Unpack[Words]
) -> Chart:
    """One panel of lines over time with bands on a logarithmic axis, with a legend that hides and shows them.

    Rows hold ``series``, ``when`` (a year, or a day as ``2009-01-01``), ``value``, and ``low`` and ``high`` where there
    is a band.
    """
    panel = _lines_panel(rows, looks, unit=unit, log=True, height=height)
    return chart_of(panel, looks, (rows, _columns_of(rows, series_name, unit)), **words)


def begins_of(levers: Iterable[Dated], steps: Sequence[int | str]) -> dict[int, str]:
    """Names of levers by the month in which they begin, of those that begin within some steps."""
    first, last = (12 * step if isinstance(step, int) else parse_month(step[:7]) for step in (steps[0], steps[-1]))
    found: dict[int, list[str]] = {}
    for lever in dict.fromkeys(levers):
        if first <= lever.first <= last + 11 * isinstance(steps[0], int):
            found.setdefault(lever.first, []).append(lever.words)
    return {month: "; ".join(words) for month, words in found.items()}


BEGINS = "Dotted: a lever or event begins; the mark of a year stands in its middle."


def panels(
    cells: Sequence[tuple[str, str, Rows]],
    looks: Mapping[str, Look],
    *,
    series_name: str = "series",
    panel_name: str,
    same_scale: bool = False,
    rule: float | None = None,
    grey: int = 0,
    begins: Sequence[Mapping[int, str]] = (),
    **words: Unpack[Words],
) -> Chart:
    """Panels of lines side by side: title, unit and rows of each, as `lines` takes them.

    With `same_scale` they have one vertical scale; with `rule` a line is drawn across at that value; the first `grey`
    steps have a grey ground; `begins`: for each panel, levers by the month in which they begin.
    """
    columns, width, height = (3, THIRD, 120) if same_scale and len(cells) > 4 else (2, HALF, 150)
    alike = [row for *_, rows in cells for row in rows] if same_scale else ()
    size: Any = {"width": width, "height": height}
    drawn = [
        _lines_panel(rows, looks, title=name, unit=unit, rule=rule, grey=grey, begins=found, alike=alike, **size)
        for (name, unit, rows), found in zip(cells, begins or [NOTHING] * len(cells), strict=True)
    ]
    chart = alt.concat(*drawn, columns=columns, spacing=22)
    if same_scale:
        chart = chart.resolve_scale(y="shared")
    every = [{panel_name: name, **row} for name, _, rows in cells for row in rows]
    heads = {panel_name: panel_name, **_columns_of(every, series_name, "value")}
    return chart_of(chart, looks, (every, heads), **words)


def _columns_of(rows: Rows, series_name: str, unit: str) -> dict[str, str]:
    banded = any(is_known(row.get("low")) for row in rows)
    ends = {"low": "from", "high": "to"} if banded else {}
    return {"series": series_name, "when": "time", "value": unit, **ends}


# ---------------------------------------------------------------------------------------------------------- intervals


def dot(row: str, series: str, value: float, low: float | None, high: float | None) -> Mark:
    """Row of data of `intervals`."""
    return {"row": row, "series": series, "value": value, "low": low, "high": high}


def intervals(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    unit: str,
    row_name: str,
    rule: float | None = 0.0,
    band: tuple[float, float] | None = None,
    log: bool = False,
    panel: str = "",
    **words: Unpack[Words],
) -> Chart:
    """Dots with intervals, a line for each ``row``, as `dot` makes them.

    A line is drawn down the panel at `rule`, and `band` is shaded. With `panel`, rows have that field, by which they
    are put into panels, and a ``unit``.
    """
    draw = partial(_intervals_panel, looks=looks, rule=rule, band=band, log=log)
    if panel:
        cells = [[row for row in rows if row[panel] == cell] for cell in dict.fromkeys(row[panel] for row in rows)]
        drawn = [
            draw(mine, title=mine[0][panel], unit=mine[0]["unit"], width=215, named=place % 2 == 0)
            for place, mine in enumerate(cells)
        ]
        chart = alt.concat(*drawn, columns=2, spacing=22)
    else:
        chart = draw(rows, unit=unit, width=room_beside(row["row"] for row in rows))
    columns = {**({panel: panel} if panel else {}), "row": row_name, **({"series": "series"} if len(looks) > 1 else {})}
    columns |= {"value": unit, "low": "from", "high": "to"} | ({"unit": "unit"} if panel else {})
    return chart_of(chart, looks, (rows, columns), **words)


def _intervals_panel(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    unit: str,
    width: int,
    rule: float | None,
    band: tuple[float, float] | None,
    log: bool,
    title: str = "",
    named: bool = True,
) -> Any:
    order = list(dict.fromkeys(row["row"] for row in rows))
    if log:
        scale, axis = logarithmic(rows, *FIELDS, grid=True)
    else:
        rows, unit = shortened(rows, unit, *FIELDS)
        scale, axis = linear(ticks=4 if width < 300 else 6, padding=7, grid=True)
    base = _base(rows, looks, width, max(24 * len(order), 60), title)
    x = partial(alt.X, title=unit, scale=scale, axis=axis)
    y = alt.Y(
        "row:N", title=None, sort=order, axis=ROW_AXIS if named else alt.Axis(labels=False, ticks=False, domain=False)
    )
    apart = len({(row["row"], row["series"]) for row in rows}) > len(order)
    offset = alt.YOffset("series:N", sort=list(looks)) if apart else alt.Undefined
    layers = []
    if band is not None:
        shade = alt.Chart(data_of([{"low": band[0], "high": band[1]}]))
        layers.append(shade.mark_rect(color=GRID, opacity=0.6).encode(x=alt.X("low:Q", title=unit), x2="high:Q"))
    if rule is not None:
        layers.append(base.mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(rule)))
    base = base.encode(y=y, yOffset=offset, color=colours(looks))
    if any(is_known(row.get("low")) and is_known(row.get("high")) for row in rows):
        ends = base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        layers.append(ends.mark_rule(strokeWidth=2.5, opacity=0.75).encode(x=x("low:Q"), x2="high:Q"))
    series = {"series:N": "series"} if len(looks) > 1 else {}
    detail = {"row:N": "", **series, "value:Q": unit, "low:Q": "from", "high:Q": "to"}
    dots = base.mark_point(filled=True, size=60, opacity=1)
    return alt.layer(*layers, dots.encode(x=x("value:Q"), shape=shapes(looks), tooltip=tooltips(detail)))


# --------------------------------------------------------------------------------------------------------------- bars


def bars(rows: Rows, looks: Mapping[str, Look], *, unit: str, row_name: str, **words: Unpack[Words]) -> Chart:
    """Bars to the right, parts of a row on top of each other: ``row``, ``series``, ``value``."""
    order = list(dict.fromkeys(row["row"] for row in rows))
    short, short_unit = shortened(rows, unit, "value")
    drawn = (
        _base(_ranked(short, looks), looks, 440, max(26 * len(order), 60))
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("value:Q", title=short_unit, axis=alt.Axis(tickCount=6, format=PLAIN_NUMBER, grid=True)),
            y=alt.Y("row:N", title=None, sort=order, axis=ROW_AXIS),
            color=colours(looks),
            order=alt.Order("rank:Q"),
            tooltip=tooltips({"row:N": "", "series:N": "", "value:Q": short_unit}),
        )
    )
    return chart_of(drawn, looks, (rows, {"row": row_name, "series": "part", "value": unit}), **words)


def stack(rows: Rows, looks: Mapping[str, Look], *, unit: str, **words: Unpack[Words]) -> Chart:
    """Bars upwards over time, parts on top of each other: ``series``, ``when``, ``value``."""
    short, short_unit = shortened(rows, unit, "value")
    steps = list(dict.fromkeys(row["when"] for row in short))
    top = max(sum(row["value"] for row in short if row["when"] == when) for when in steps)
    shares = unit.startswith("%") and top <= 100.01
    scale = alt.Scale(domainMax=100, nice=False) if shares else alt.Scale(nice=True)
    axis = alt.Axis(tickCount=5, format=PLAIN_NUMBER, minExtent=EXTENT)
    when = "utcyearmonth(when):O" if isinstance(steps[0], str) else "when:O"
    drawn = (
        alt.Chart(data_of(_ranked(short, looks)), width=WIDE, height=240)
        .transform_filter(ONLY_SHOWN)
        .mark_bar(stroke="white", size=min(26, int(0.85 * WIDE / len(steps))))
        .encode(
            x=alt.X(when, title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy")),
            y=alt.Y("value:Q", title=short_unit, scale=scale, axis=axis),
            color=colours(looks),
            order=alt.Order("rank:Q"),
            strokeWidth=alt.condition("datum.value > 0", alt.value(1), alt.value(0)),  # nothing must not hide the axis
            tooltip=tooltips({"series:N": "", "when:O": "time", "value:Q": short_unit}),
        )
    )
    return chart_of(drawn, looks, (rows, {"series": "part", "when": "time", "value": unit}), switches=True, **words)


def _ranked(rows: Rows, looks: Mapping[str, Look]) -> Rows:
    """Add the place of each series, by which parts are put on top of each other."""
    ranks = {name: rank for rank, name in enumerate(looks)}
    return [{**row, "rank": ranks[row["series"]]} for row in rows]


# -------------------------------------------------------------------------------------------------------------- points


def against(rows: Rows, looks: Mapping[str, Look], **words: Unpack[Words]) -> Chart:
    """Points of the model against the record on logarithmic scales: ``series``, ``record``, ``model``, ``name``."""
    looks = {name: look._replace(dash=NO_LINE) for name, look in looks.items()}
    logs = [math.log10(row[name]) for row in rows for name in ("record", "model") if row[name] > 0]
    ticks = [10.0**power for power in range(math.floor(min(logs)), math.ceil(max(logs)) + 1)]
    ends = [ticks[0], ticks[-1]]
    how = {
        "scale": alt.Scale(type="log", domain=ends, nice=False),
        "axis": alt.Axis(values=ticks, labelExpr=LONG_NUMBER, grid=True),
    }
    x, y = alt.X("record:Q", title="record", **how), partial(alt.Y, title="model", **how)
    edges = [{"record": end, "equal": end, "low": end / FACTOR, "high": end * FACTOR} for end in ends]
    line = alt.Chart(data_of(edges), width=460, height=380).encode(x=x)
    area = line.mark_area(color=GRID, opacity=0.6, clip=True).encode(y=y("low:Q"), y2="high:Q")
    equal = line.mark_line(color=INK, strokeWidth=1).encode(y=y("equal:Q"))
    detail = {"name:N": "", "series:N": "", "record:Q": "record", "model:Q": "model", "unit:N": "unit"}
    dots = (
        alt.Chart(data_of([row for row in rows if row["record"] > 0 and row["model"] > 0]))
        .transform_filter(ONLY_SHOWN)
        .mark_point(filled=True, size=46, opacity=0.8)
        .encode(x=x, y=y("model:Q"), color=colours(looks), shape=shapes(looks), tooltip=tooltips(detail))
    )
    columns = {"name": "what", "record": "record", "model": "model", "unit": "unit"}
    return chart_of(alt.layer(area, equal, dots), looks, (rows, columns), switches=True, **words)


def beside_record(cells: Sequence[tuple[str, str, Rows]], model: Look, record: Look, **words: Unpack[Words]) -> Chart:
    """Panels with the model as a line (``when``, ``value``, ``low``, ``high``) and the ``record`` as points."""
    says = tooltips({"when:O": "year", "record:Q": "record", "value:Q": "model", "low:Q": "from", "high:Q": "to"})
    drawn = []
    for name, unit, rows in cells:
        short, short_unit = shortened(rows, unit, *FIELDS, "record")
        scale, axis = linear(ticks=4, minExtent=EXTENT)
        y = partial(alt.Y, title=short_unit, scale=scale, axis=axis)
        base = alt.Chart(data_of(short), width=HALF, height=140, title=name).encode(x=time_axis(rows, HALF))
        points = partial(base.mark_point, filled=True, opacity=1)
        drawn.append(
            alt.layer(
                base.mark_area(color=model.colour, opacity=0.2).encode(y=y("low:Q"), y2="high:Q"),
                base.mark_line(color=model.colour, strokeWidth=2).encode(y=y("value:Q")),
                points(color=model.colour, size=30).encode(y=y("value:Q"), tooltip=says),
                points(color=record.colour, shape=record.shape, size=62).encode(y=y("record:Q"), tooltip=says),
            )
        )
    every = [{"panel": name, **row} for name, _, rows in cells for row in rows]
    columns = {"panel": "what", "when": "year", "record": "record", "value": "model", "low": "from", "high": "to"}
    chart = alt.concat(*drawn, columns=2, spacing=26)
    return chart_of(chart, {"model": model, "record": record}, (every, columns), switches=False, **words)
