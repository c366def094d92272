"""Bonded labour, trafficking, transit and cases over time, and persons taken by stream, in runs that have them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.wording import plain
from abm.plots.curves import (
    Period,
    draw_flow,
    draw_lines,
    draw_steps,
    lines_of,
    period_of,
    rows_by,
    scaled,
    span_of,
    values_of,
)
from abm.plots.panels import run_panels
from abm.plots.style import OKABE_ITO, About, Frames, Plate, dress
from abm.results.headlines import STREAMS
from abm.streams import ENTRY

COLUMNS = 3  # panels side by side; one more where there are more than two rows of them


@dataclass(frozen=True)
class _Panel:
    """Columns of one panel with their labels; a single flow is drawn as blocks, anything else as lines."""

    title: str
    unit: str
    colour: str
    lines: dict[str, str]
    is_stock: bool = False
    beside: str = ""  # a column that runs without the stream have, too: by itself it makes no panel


PANELS = (
    _Panel("Bonded households", "households", "vermillion", {"Kilns": "bonded_kiln", "Mines": "bonded_mine"}, True),
    _Panel("Trafficked within the country", "persons", "purple", {"": "trafficked_domestic"}),
    _Panel("Trafficked abroad", "persons", "orange", {"": "trafficked_abroad"}),
    _Panel("Entries in transit", "persons", "blue", {"": "transit_entries"}),
    _Panel("Identified as trafficked", "persons", "green", {"": "victims_identified"}),
    _Panel("Migrants and victims charged", "persons", "sky blue", {"": "victims_prosecuted"}),
    _Panel("Investigations begun", "cases", "black",
           {"Of offices": "investigations", "Of other\nstreams": "stream_investigations"}, beside="investigations"),
)  # fmt: skip
"""Panels in their order. Those identified and those charged are different people, so they share no panel."""

CHARGED = (
    "Those charged as offenders are migrants sent home or stopped with forged papers (most of them, with the shipped "
    "data) and trafficked and bonded persons found in cases; they are not among those identified as trafficked."
)
"""The persons that `victims_prosecuted` counts."""


def draw_streams(tables: Frames, about: About) -> Plate | None:
    """Draw the streams beside the smuggling of migrants; None where none of them takes part."""
    national = tables["national"]
    panels = [panel for panel in PANELS if _takes_part(national, panel)]
    if not panels:
        return None
    period = period_of(national)
    figure, axes = run_panels(
        about, f"Streams beside the smuggling of migrants, {about.where}, {span_of(national)}",
        f"Each panel with its own scale: persons and cases {period.per}, households in each month.",
        _notes(panels, about.readings),
        count=len(panels), columns=COLUMNS if len(panels) <= 2 * COLUMNS else COLUMNS + 1,
        tall=1.6, right=0.95, across=1.45,
    )  # fmt: skip
    for place, panel in zip(axes, panels, strict=True):
        _draw_panel(place, national, panel, period)
    return figure


def _notes(panels: list[_Panel], readings: Mapping[str, str]) -> list[str]:
    """Say what the levels rest on, and who is charged."""
    notes = []
    if any("victims_prosecuted" in panel.lines.values() for panel in panels):
        notes.append(CHARGED)
    if readings:
        words = {name: f" (reading '{reading}')" if reading else "" for name, reading in readings.items()}
        levels = "; ".join(STREAMS[name].level + reading for name, reading in words.items())
        notes.append(f"Levels are assumptions, not estimates: {levels}.")
    return notes


def _takes_part(national: pd.DataFrame, panel: _Panel) -> bool:
    """Whether the columns of a panel are there, and any that only the stream has is ever above zero."""
    columns = set(panel.lines.values())
    return columns <= set(national) and bool(national[list(columns - {panel.beside})].any(axis=None))


def _draw_panel(axes: Axes, national: pd.DataFrame, panel: _Panel, period: Period) -> None:
    colours = (OKABE_ITO[panel.colour], OKABE_ITO["sky blue"])
    columns = {name: (column, colour) for (name, column), colour in zip(panel.lines.items(), colours, strict=False)}
    lines = lines_of(values_of if panel.is_stock else period.sums, national, columns)
    unit = f"{panel.unit} {period.per}"
    if panel.is_stock:
        lines, _, word = scaled(lines)
        draw_lines(axes, national, lines)
        unit = f"{word} {panel.unit}".strip()
    elif len(lines) > 1:
        draw_steps(axes, period, lines)
    else:
        draw_flow(axes, period, *lines[""])
    dress(axes, panel.title, unit, whole=not panel.is_stock)


def draw_exploitation(tables: Frames, about: About) -> Plate | None:
    """Draw persons taken by stream; None where trafficking takes no part."""
    table = tables["stream"]
    if not {"stream", "stream_taken", "stream_held"} <= set(table):
        return None
    streams = {key: rows for key, rows in rows_by(table, table["stream"]).items() if rows["stream_taken"].any()}
    if not streams:
        return None
    period = period_of(table)
    figure, panels = run_panels(
        about, f"Streams of exploitation, {about.where}, {span_of(table)}",
        f"Persons taken {period.per}, each panel with its own scale: within the country (purple), abroad (orange), "
        "brought into it (blue).",
        ["No survey counts any of them: levels are assumptions, not estimates."],
        count=len(streams), columns=3, tall=1.6, down=1.0,
    )  # fmt: skip
    facts = {stream.key: stream for stream in about.streams}
    for axes, (key, rows) in zip(panels, streams.items(), strict=True):
        found = facts.get(key)
        abroad, brought = found and found.held == "abroad", found and found.way == ENTRY
        colour = "orange" if abroad else "blue" if brought else "purple"
        draw_flow(axes, period, period.sums(rows, "stream_taken"), OKABE_ITO[colour])
        name = found.name if found else plain(key)
        dress(axes, textwrap.fill(name, 32), f"persons {period.per}", whole=True)
    return figure
