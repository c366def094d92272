"""Bonded labour, trafficking, transit and cases over time, for runs in which they take part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.plots.lines import draw_flow, draw_lines, draw_steps, span_of
from abm.plots.periods import Period, months_of, whole_years
from abm.plots.style import OKABE_ITO, dress, magnitude, new_figure, write_footer

COLUMNS = 3
"""Panels side by side."""


@dataclass(frozen=True)
class _Panel:
    """Columns of one panel with their labels; a single flow is drawn as blocks, anything else as lines."""

    title: str
    unit: str
    colour: str
    lines: dict[str, str]
    is_stock: bool = False
    beside: str = ""
    """A column that runs without the stream have, too: by itself it makes no panel."""


PANELS = (
    _Panel("Bonded households", "households", "vermillion", {"Kilns": "bonded_kiln", "Mines": "bonded_mine"}, True),
    _Panel("Trafficked within the country", "persons", "purple", {"": "trafficked_domestic"}),
    _Panel("Trafficked abroad", "persons", "orange", {"": "trafficked_abroad"}),
    _Panel("Entries in transit", "persons", "blue", {"": "transit_entries"}),
    _Panel(
        "Victims and the law",
        "persons",
        "green",
        {"Identified": "victims_identified", "Charged": "victims_prosecuted"},
    ),
    _Panel(
        "Investigations begun",
        "cases",
        "black",
        {"Of offices": "investigations", "Of other\nstreams": "stream_investigations"},
        beside="investigations",
    ),
)
"""Panels in their order."""

SECOND = OKABE_ITO["sky blue"]
"""Colour of the second line of a panel."""


def draw_streams(national: pd.DataFrame, where: str, run: str) -> Figure | None:
    """Draw the streams beside the smuggling of migrants; None where none of them takes part."""
    panels = [panel for panel in PANELS if _takes_part(national, panel)]
    if not panels:
        return None
    period = whole_years(months_of(national), at_least=2)
    rows = -(-len(panels) // COLUMNS)
    across = min(len(panels), COLUMNS)
    height = 1.9 + 2.35 * rows
    figure = new_figure(
        max(1.2 + 3.6 * across, 7.5), height, f"Streams beside the smuggling of migrants, {where}, {span_of(national)}",
        f"Each panel with its own scale: persons and cases {period.per}, households in each month.",
    )  # fmt: skip
    grid = figure.add_gridspec(
        rows, across, left=0.09, right=0.93, top=1 - 1.1 / height, bottom=0.75 / height, wspace=0.62, hspace=0.42
    )
    for place, panel in enumerate(panels):
        _draw_panel(figure.add_subplot(grid[place // COLUMNS, place % COLUMNS]), national, panel, period)
    write_footer(figure, (), run)
    return figure


def _takes_part(national: pd.DataFrame, panel: _Panel) -> bool:
    """Whether the columns of a panel are there, and any that only the stream has is ever above zero."""
    columns = list(panel.lines.values())
    own = [column for column in columns if column != panel.beside]
    return all(column in national for column in columns) and bool(national[own].any(axis=None))


def _draw_panel(axes: Axes, national: pd.DataFrame, panel: _Panel, period: Period) -> None:
    colours = (OKABE_ITO[panel.colour], SECOND)
    if panel.is_stock:
        stocks = [national[column].to_numpy(np.float64) for column in panel.lines.values()]
        divisor, word = magnitude(max(float(values.max()) for values in stocks))
        lines = zip((values / divisor for values in stocks), colours, strict=True)
        draw_lines(axes, national, dict(zip(panel.lines, lines, strict=True)))
        dress(axes, panel.title, f"{word} {panel.unit}".strip())
        return
    sums = [period.sums(national, column) for column in panel.lines.values()]
    if len(sums) == 1:
        draw_flow(axes, period, sums[0], colours[0])
    else:
        draw_steps(axes, period, dict(zip(panel.lines, zip(sums, colours, strict=True), strict=True)))
    dress(axes, panel.title, f"{panel.unit} {period.per}", whole=True)
