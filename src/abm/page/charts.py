"""Charts in Vega-Lite, by Altair: lines with bands, intervals, bars, stacks and points against a record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from abm.page.ingredients import (
    EXTENT,
    HALF,
    LONG_NUMBER,
    ONLY_SHOWN,
    PLAIN_NUMBER,
    THIRD,
    WIDE,
    Rows,
    colours,
    dashes,
    data_of,
    is_known,
    linear,
    logarithmic,
    numbers_of,
    shapes,
    shortened,
    shown,
    spec_of,
    time_axis,
    tooltips,
)
from abm.page.looks import Look
from abm.page.parts import Chart
from abm.plots.style import GRID, INK

NO_LINE = (0, 30)
"""Dashes of a series that is points alone: nothing is seen of a line."""

# --------------------------------------------------------------------------------------------------------------- lines


def lines_panel(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    title: str = "",
    unit: str,
    width: int = WIDE,
    height: int = 220,
    log: bool = False,
    zero: bool = True,
    rule: float | None = None,
    switches: bool = True,
) -> Any:
    """Lines over time with bands.

    Parameters
    ----------
    rows
        ``series``, ``when`` (a year, or a day as ``2009-01-01``), ``value``, and ``low`` and ``high`` where there is a
        band.
    looks
        Of the series.
    title, unit
        Heading of the panel, and unit of the axis.
    width, height
        In pixels.
    log, zero
        Whether the axis is logarithmic; whether it begins at zero.
    rule
        Value at which a line is drawn across, such as no difference.
    switches
        Whether the legend hides and shows series.
    """
    fields = ("value", "low", "high")
    known = [row for row in rows if is_known(row["value"])]
    short, unit = (known, unit) if log else shortened(known, unit, *fields)
    known = [row for row in short if not log or row["value"] > 0]
    banded = any(is_known(row.get("low")) and is_known(row.get("high")) for row in known)
    x = time_axis(rows, width)
    if log:
        scale, axis = logarithmic(known, *fields, minExtent=EXTENT)
    else:
        scale, axis = linear(zero=zero, minExtent=EXTENT)
    y = alt.Y("value:Q", title=unit, scale=scale, axis=axis)
    colour = alt.Color("series:N", scale=colours(looks), legend=None)
    base = alt.Chart(data_of(known), width=width, height=height)
    if title:
        base = base.properties(title=title)
    if switches:
        base = base.transform_filter(ONLY_SHOWN)
    layers = []
    if banded:
        band = base.transform_filter("isValid(datum.low)").mark_area(opacity=0.2, clip=True)
        layers.append(band.encode(x=x, y=alt.Y("low:Q", title=unit, scale=scale, axis=axis), y2="high:Q", color=colour))
    if rule is not None:
        layers.append(base.mark_rule(color=INK, strokeWidth=1).encode(y=alt.datum(rule)))
    detail = {"series:N": "", "when:T" if isinstance(rows[0]["when"], str) else "when:O": "time", "value:Q": unit}
    if banded:
        detail |= {"low:Q": "from", "high:Q": "to"}
    line = base.mark_line(strokeWidth=2).encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("series:N", scale=dashes(looks), legend=None)
    )
    points = base.mark_point(filled=True, size=42, opacity=1).encode(
        x=x, y=y, color=colour, shape=alt.Shape("series:N", scale=shapes(looks), legend=None), tooltip=tooltips(detail)
    )
    return alt.layer(*layers, line, points)


def lines(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    title: str,
    unit: str,
    alt_text: str,
    note: str = "",
    series_name: str = "series",
    **how: Any,
) -> Chart:
    """One panel of lines, with a legend that hides and shows them."""
    switches = len(looks) > 1
    panel = lines_panel(rows, looks, unit=unit, switches=switches, **how)
    if switches:
        panel = panel.add_params(shown(looks))
    return Chart(
        title,
        spec_of(panel),
        alt_text,
        note,
        looks if len(looks) > 1 else {},
        switches,
        numbers_of(rows, _columns_of(rows, series_name, unit), title=title),
    )


def panels(
    cells: Sequence[tuple[str, str, Rows]],
    looks: Mapping[str, Look],
    *,
    title: str,
    alt_text: str,
    note: str = "",
    series_name: str = "series",
    panel_name: str = "panel",
    same_scale: bool = False,
    **how: Any,
) -> Chart:
    """Panels of lines side by side: title, unit and rows of each."""
    switches = len(looks) > 1
    columns, width, height = (3, THIRD, 120) if same_scale and len(cells) > 4 else (2, HALF, 150)
    drawn = [
        lines_panel(rows, looks, title=name, unit=unit, width=width, height=height, switches=switches, **how)
        for name, unit, rows in cells
    ]
    chart = alt.concat(*drawn, columns=columns, spacing=22)
    if switches:
        chart = chart.add_params(shown(looks))
    if same_scale:
        chart = chart.resolve_scale(y="shared")
    every = [{panel_name: name, **row} for name, _, rows in cells for row in rows]
    columns_of = {panel_name: panel_name, **_columns_of(every, series_name, "value")}
    return Chart(
        title,
        spec_of(chart),
        alt_text,
        note,
        looks if len(looks) > 1 else {},
        switches,
        numbers_of(every, columns_of, title=title),
    )


def _columns_of(rows: Rows, series_name: str, unit: str) -> dict[str, str]:
    found = {"series": series_name, "when": "time", "value": unit}
    if any(is_known(row.get("low")) for row in rows):
        found |= {"low": "from", "high": "to"}
    return found


# ---------------------------------------------------------------------------------------------------------- intervals


def intervals(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    title: str,
    unit: str,
    alt_text: str,
    note: str = "",
    rule: float | None = 0.0,
    log: bool = False,
    panel: str = "",
    row_name: str = "row",
    zero: bool = False,
    band: tuple[float, float] | None = None,
) -> Chart:
    """Dots with intervals, a line for each ``row``.

    Parameters
    ----------
    rows
        ``row``, ``series``, ``value``, ``low``, ``high``; and `panel`, the field by which they are put into panels.
    looks
        Of the series.
    rule, band
        Where a line is drawn down the panel, and what is shaded.
    log
        Whether the axis is logarithmic.
    """
    order = list(dict.fromkeys(str(row["row"]) for row in rows))
    switches = len(looks) > 1
    cells = list(dict.fromkeys(str(row[panel]) for row in rows)) if panel else [""]
    x_title = "" if panel else unit
    drawn = []
    for place, cell in enumerate(cells):
        mine = [row for row in rows if not panel or row[panel] == cell]
        here = [name for name in order if any(row["row"] == name for row in mine)]
        words = str(mine[0].get("unit", unit)) if panel else x_title
        drawn.append(
            _intervals_panel(
                mine,
                looks,
                here,
                title=cell,
                unit=words,
                rule=rule,
                band=band,
                log=log,
                zero=zero,
                width=(215 if panel else 390),
                named=not panel or place % 2 == 0,
                switches=switches,
            )
        )
    chart = alt.concat(*drawn, columns=2, spacing=22) if panel else drawn[0]
    if switches:
        chart = chart.add_params(shown(looks))
    columns = {**({panel: panel} if panel else {}), "row": row_name, **({"series": "series"} if switches else {})}
    columns |= {"value": unit, "low": "from", "high": "to"}
    if panel and any("unit" in row for row in rows):
        columns |= {"unit": "unit"}
    return Chart(
        title,
        spec_of(chart),
        alt_text,
        note,
        looks if switches else {},
        switches,
        numbers_of(rows, columns, title=title),
    )


def _intervals_panel(
    rows: Rows,
    looks: Mapping[str, Look],
    order: Sequence[str],
    *,
    title: str,
    unit: str,
    rule: float | None,
    band: tuple[float, float] | None,
    log: bool,
    zero: bool,
    width: int,
    named: bool,
    switches: bool,
) -> Any:
    rows, unit = shortened(rows, unit, "value", "low", "high") if not log else (rows, unit)
    base = alt.Chart(data_of(rows), width=width, height=max(24 * len(order), 60))
    if title:
        base = base.properties(title=title)
    if switches:
        base = base.transform_filter(ONLY_SHOWN)
    few = 4 if width < 300 else 6
    scale, axis = (
        logarithmic(rows, "value", "low", "high", grid=True)
        if log
        else linear(zero=zero or rule == 0.0, ticks=few, padding=7, grid=True)
    )
    x = alt.X("value:Q", title=unit, scale=scale, axis=axis)
    y_axis = (
        alt.Axis(labelLimit=310, ticks=False, domain=False)
        if named
        else alt.Axis(labels=False, ticks=False, domain=False)
    )
    y = alt.Y("row:N", title=None, sort=list(order), axis=y_axis)
    apart = len({(row["row"], row["series"]) for row in rows}) > len(order)
    offset = alt.YOffset("series:N", sort=list(looks)) if apart else alt.Undefined
    colour = alt.Color("series:N", scale=colours(looks), legend=None)
    layers = []
    if band is not None:
        shade = alt.Chart(data_of([{"low": band[0], "high": band[1]}]))
        layers.append(shade.mark_rect(color=GRID, opacity=0.6).encode(x=alt.X("low:Q", title=unit), x2="high:Q"))
    if rule is not None:
        layers.append(base.mark_rule(color=INK, strokeWidth=1).encode(x=alt.datum(rule)))
    if any(is_known(row.get("low")) and is_known(row.get("high")) for row in rows):
        lows = alt.X("low:Q", title=unit, scale=scale, axis=axis)
        ends = base.transform_filter("isValid(datum.low) && isValid(datum.high)").mark_rule(
            strokeWidth=2.5, opacity=0.75
        )
        layers.append(ends.encode(x=lows, x2="high:Q", y=y, yOffset=offset, color=colour))
    detail = {
        "row:N": "",
        **({"series:N": "series"} if switches else {}),
        "value:Q": unit,
        "low:Q": "from",
        "high:Q": "to",
    }
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=x,
        y=y,
        yOffset=offset,
        color=colour,
        shape=alt.Shape("series:N", scale=shapes(looks), legend=None),
        tooltip=tooltips(detail),
    )
    return alt.layer(*layers, dots)


# --------------------------------------------------------------------------------------------------------------- bars


def bars(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    title: str,
    unit: str,
    alt_text: str,
    note: str = "",
    row_name: str = "row",
    width: int = 440,
) -> Chart:
    """Bars to the right, parts of a row on top of each other: ``row``, ``series``, ``value``."""
    order = list(dict.fromkeys(str(row["row"]) for row in rows))
    switches = len(looks) > 1
    raw, named = rows, unit
    rows, unit = shortened(rows, unit, "value")
    ranked = [{**row, "rank": list(looks).index(str(row["series"]))} for row in rows]
    chart = alt.Chart(data_of(ranked), width=width, height=max(26 * len(order), 60))
    if switches:
        chart = chart.transform_filter(ONLY_SHOWN)
    drawn = chart.mark_bar(stroke="white", strokeWidth=1).encode(
        x=alt.X("value:Q", title=unit, axis=alt.Axis(tickCount=6, format=PLAIN_NUMBER, grid=True)),
        y=alt.Y("row:N", title=None, sort=order, axis=alt.Axis(labelLimit=310, ticks=False, domain=False)),
        color=alt.Color("series:N", scale=colours(looks), legend=None),
        order=alt.Order("rank:Q"),
        tooltip=tooltips({"row:N": "", **({"series:N": ""} if switches else {}), "value:Q": unit}),
    )
    if switches:
        drawn = drawn.add_params(shown(looks))
    columns = {"row": row_name, **({"series": "part"} if switches else {}), "value": named}
    return Chart(
        title,
        spec_of(drawn),
        alt_text,
        note,
        looks if switches else {},
        switches,
        numbers_of(raw, columns, title=title),
    )


def stack(
    rows: Rows, looks: Mapping[str, Look], *, title: str, unit: str, alt_text: str, note: str = "", height: int = 240
) -> Chart:
    """Bars upwards over time, parts on top of each other: ``series``, ``when``, ``value``."""
    raw, named = rows, unit
    rows, unit = shortened(rows, unit, "value")
    ranked = [{**row, "rank": list(looks).index(str(row["series"]))} for row in rows]
    top = max(sum(row["value"] for row in rows if row["when"] == when) for when in {row["when"] for row in rows})
    scale = alt.Scale(domainMax=100, nice=False) if unit.startswith("%") and top <= 100.01 else alt.Scale(nice=True)
    monthly = isinstance(rows[0]["when"], str)
    count = len({row["when"] for row in rows})
    labels = alt.Axis(labelAngle=0, labelOverlap="greedy")
    x = alt.X("yearmonth(when):O" if monthly else "when:O", title=None, axis=labels)
    drawn = (
        alt.Chart(data_of(ranked), width=WIDE, height=height)
        .transform_filter(ONLY_SHOWN)
        .mark_bar(stroke="white", strokeWidth=1, size=min(26, int(0.85 * WIDE / max(count, 1))))
        .encode(
            x=x,
            y=alt.Y(
                "value:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5, format=PLAIN_NUMBER, minExtent=EXTENT)
            ),
            color=alt.Color("series:N", scale=colours(looks), legend=None),
            order=alt.Order("rank:Q"),
            tooltip=tooltips({"series:N": "", "when:O": "time", "value:Q": unit}),
        )
        .add_params(shown(looks))
    )
    columns = {"series": "part", "when": "time", "value": named}
    return Chart(title, spec_of(drawn), alt_text, note, looks, True, numbers_of(raw, columns, title=title))


# -------------------------------------------------------------------------------------------------------------- points


def against(
    rows: Rows,
    looks: Mapping[str, Look],
    *,
    title: str,
    alt_text: str,
    note: str = "",
    factor: float = 2.0,
) -> Chart:
    """Points of the model against the record on logarithmic scales: ``series``, ``record``, ``model``, ``name``."""
    looks = {name: look._replace(dash=NO_LINE) for name, look in looks.items()}
    values = [float(row[name]) for row in rows for name in ("record", "model") if float(row[name]) > 0]
    ends = [10.0 ** math.floor(math.log10(min(values))), 10.0 ** math.ceil(math.log10(max(values)))]
    powers = range(round(math.log10(ends[0])), round(math.log10(ends[1])) + 1)
    ticks = [10.0**power for power in powers]
    usable = [row for row in rows if float(row["record"]) > 0 and float(row["model"]) > 0]

    def axis(kind: Any, field: str, words: str) -> Any:
        scale = alt.Scale(type="log", domain=ends, nice=False)
        return kind(
            f"{field}:Q", title=words, scale=scale, axis=alt.Axis(values=ticks, labelExpr=LONG_NUMBER, grid=True)
        )

    edges = [{"record": end, "equal": end, "low": end / factor, "high": end * factor} for end in ends]
    line = alt.Chart(data_of(edges), width=460, height=380)
    x = axis(alt.X, "record", "record")
    area = line.mark_area(color=GRID, opacity=0.6, clip=True).encode(x=x, y=axis(alt.Y, "low", "model"), y2="high:Q")
    equal = line.mark_line(color=INK, strokeWidth=1).encode(x=x, y=axis(alt.Y, "equal", "model"))
    dots = (
        alt.Chart(data_of(usable))
        .transform_filter(ONLY_SHOWN)
        .mark_point(filled=True, size=46, opacity=0.8)
        .encode(
            x=x,
            y=axis(alt.Y, "model", "model"),
            color=alt.Color("series:N", scale=colours(looks), legend=None),
            shape=alt.Shape("series:N", scale=shapes(looks), legend=None),
            tooltip=tooltips(
                {"name:N": "", "series:N": "", "record:Q": "record", "model:Q": "model", "unit:N": "unit"}
            ),
        )
    )
    chart = alt.layer(area, equal, dots).add_params(shown(looks))
    columns = {"name": "what", "record": "record", "model": "model", "unit": "unit"}
    return Chart(title, spec_of(chart), alt_text, note, looks, True, numbers_of(rows, columns, title=title))


def beside_record(
    cells: Sequence[tuple[str, str, Rows]], looks: Mapping[str, Look], *, title: str, alt_text: str, note: str
) -> Chart:
    """Panels with the model as a line (``when``, ``value``, ``low``, ``high``) and the ``record`` as points."""
    drawn = []
    for name, told, rows in cells:
        short, unit = shortened(rows, told, "value", "low", "high", "record")
        base = alt.Chart(data_of(short), width=HALF, height=140, title=name)
        x = time_axis(rows, HALF)
        scale, axis = linear(zero=True, ticks=4, minExtent=EXTENT)

        def y(field: str, unit: str = unit, scale: Any = scale, axis: Any = axis) -> Any:
            return alt.Y(f"{field}:Q", title=unit, scale=scale, axis=axis)

        model, record = (looks[key] for key in ("model", "record"))
        says = tooltips({"when:O": "year", "record:Q": "record", "value:Q": "model", "low:Q": "from", "high:Q": "to"})
        drawn.append(
            alt.layer(
                base.mark_area(color=model.colour, opacity=0.2).encode(x=x, y=y("low"), y2="high:Q"),
                base.mark_line(color=model.colour, strokeWidth=2).encode(x=x, y=y("value")),
                base.mark_point(color=model.colour, filled=True, size=30, opacity=1).encode(
                    x=x, y=y("value"), tooltip=says
                ),
                base.mark_point(color=record.colour, filled=True, shape=record.shape, size=62, opacity=1).encode(
                    x=x, y=y("record"), tooltip=says
                ),
            )
        )
    every = [{"panel": name, **row} for name, _, rows in cells for row in rows]
    columns = {"panel": "what", "when": "year", "record": "record", "value": "model", "low": "from", "high": "to"}
    return Chart(
        title,
        spec_of(alt.concat(*drawn, columns=2, spacing=26)),
        alt_text,
        note,
        looks,
        False,
        numbers_of(every, columns, title=title),
    )
