"""The figures that every run draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from abm.places.places import Places, places_of
from abm.plots.beliefs import draw_beliefs
from abm.plots.corridors import draw_corridors
from abm.plots.journeys import draw_attempts
from abm.plots.maps import draw_departures
from abm.plots.market import draw_fees, draw_offices
from abm.plots.patrols import draw_enforcement
from abm.plots.series import draw_aspiration, draw_channels, draw_diaspora
from abm.plots.shapes import load_shapes
from abm.plots.streams import draw_streams
from abm.plots.style import drawing, save
from abm.plots.who_gets_what import draw_who_gets_what

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class About:
    """What a figure says about its run beside the tables.

    Attributes
    ----------
    where, run
        Area in words, and name of the run.
    places
        Places of the run's configuration.
    readings
        Streams that take part, with the reading of the sources of each.
    """

    where: str
    run: str
    places: Places
    readings: Mapping[str, str]


Draw = Callable[[Frames, About], Figure | None]


def _of_national(draw: Callable[[pd.DataFrame, str, str], Figure | None]) -> Draw:
    """Draw a figure that needs nothing but the table by month."""
    return lambda tables, about: draw(tables["national"], about.where, about.run)


STANDARD: dict[str, tuple[str, Draw]] = {
    "channels": ("national", _of_national(draw_channels)),
    "diaspora_and_remittances": ("national", _of_national(draw_diaspora)),
    "aspiration": ("national", _of_national(draw_aspiration)),
    "fees": (
        "national",
        lambda tables, about: draw_fees(tables["national"], tables.get("route"), about.where, about.run, about.places),
    ),
    "offices": ("national", _of_national(draw_offices)),
    "attempts": ("national", _of_national(draw_attempts)),
    "who_gets_what": ("national", _of_national(draw_who_gets_what)),
    "beliefs": ("national", _of_national(draw_beliefs)),
    "streams": (
        "national",
        lambda tables, about: draw_streams(tables["national"], about.where, about.run, about.readings),
    ),
    "enforcement": (
        "leg",
        lambda tables, about: draw_enforcement(tables["leg"], about.where, about.run, about.places),
    ),
    "departures_map": (
        "district",
        lambda tables, about: draw_departures(tables["district"], about.where, about.run),
    ),
    "corridors_map": (
        "route",
        lambda tables, about: draw_corridors(
            tables["route"], tables.get("flows"), about.where, about.run, about.places
        ),
    ),
}
"""File name of each figure: the table it cannot do without, and what draws it."""


def draw_standard_plots(
    frames: Frames,
    folder: Path,
    *,
    title: str,
    places: Places | None = None,
    readings: Mapping[str, str] | None = None,
) -> list[Path]:
    """Draw the standard figures of one run as PNG and SVG.

    Parameters
    ----------
    frames
        Tables of the run by name: `national`, `district`, `route`, `leg`, `flows`. A figure whose table or columns are
        missing or empty (outputs or mechanisms switched off) is left out.
    folder
        Where the files go; made if it is not there.
    title
        Name of the run for the footer, such as ``"baseline, seed 7, scale 0.01"``.
    places
        Places of the run's configuration, for the names and legs of its routes; by default those shipped.
    readings
        Streams that take part, with the reading of the sources that each rests on, for the figure of streams.

    Returns
    -------
    list of Path
        The files written. The same tables and title give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    about = About(_area_of(frames), title, places or places_of(), readings or {})
    written: list[Path] = []
    for name, (table, draw) in STANDARD.items():
        if table not in frames or frames[table].empty:
            continue
        with drawing():
            figure = draw(frames, about)
            if figure is not None:
                written += save(figure, folder, name)
    return written


def _area_of(frames: Frames) -> str:
    """Area simulated, in words for titles: a run of some districts must not pass for the country."""
    if "district" not in frames or frames["district"].empty:
        return "simulated districts of Pakistan"
    count = frames["district"]["unit"].nunique()
    if count == len(load_shapes("units")):
        return "Pakistan"
    return f"{count} district{'s' if count > 1 else ''} of Pakistan"
