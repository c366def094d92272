"""The figures that every run draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from abm.places.places import Places, places_of
from abm.plots.beliefs import draw_beliefs
from abm.plots.boundaries import load_shapes
from abm.plots.corridors import draw_corridors
from abm.plots.drivers import draw_drivers
from abm.plots.enforcement import draw_enforcement
from abm.plots.exploitation import draw_exploitation
from abm.plots.journeys import draw_attempts
from abm.plots.maps import draw_departures
from abm.plots.market import draw_fees, draw_offices
from abm.plots.series import draw_aspiration, draw_channels, draw_diaspora
from abm.plots.streams import draw_streams
from abm.plots.style import About, Frames, drawing, save
from abm.plots.who_gets_what import draw_who_gets_what
from abm.society import DriversParams

STANDARD: Mapping[str, tuple[str, Callable[[Frames, About], Figure | None]]] = {
    "channels": ("national", draw_channels),
    "diaspora_and_remittances": ("national", draw_diaspora),
    "aspiration": ("national", draw_aspiration),
    "fees": ("national", draw_fees),
    "offices": ("national", draw_offices),
    "attempts": ("national", draw_attempts),
    "who_gets_what": ("national", draw_who_gets_what),
    "beliefs": ("national", draw_beliefs),
    "streams": ("national", draw_streams),
    "exploitation": ("stream", draw_exploitation),
    "enforcement": ("leg", draw_enforcement),
    "drivers": ("national", draw_drivers),
    "departures_map": ("district", draw_departures),
    "corridors_map": ("route", draw_corridors),
}
"""File name of each figure: the table it cannot do without, and what draws it, or None where columns are missing."""


def draw_standard_plots(
    frames: Frames,
    folder: Path,
    *,
    title: str,
    places: Places | None = None,
    readings: Mapping[str, str] | None = None,
    drivers: DriversParams | None = None,
    part: tuple[int, int] = (0, 1),
) -> list[Path]:
    """Draw the standard figures of one run as PNG and SVG.

    Parameters
    ----------
    frames
        Tables of the run by name: `national`, `district`, `route`, `leg`, `stream`, `flows`. A figure whose
        table or columns are missing or empty (outputs or mechanisms switched off) is left out.
    folder
        Where the files go; made if it is not there.
    title
        Name of the run for the footer, such as ``"baseline, seed 7, scale 0.01"``.
    places
        Places of the run's configuration, for the names and legs of its routes; by default those shipped.
    readings
        Streams that take part, with the reading of the sources that each rests on, for the figure of streams.
    drivers
        Drivers of the run's configuration, for the figure of what drove it; by default those shipped.
    part
        Which part of the figures to draw, from 0, and how many parts there are.

    Returns
    -------
    list of Path
        The files written. The same tables and title give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    about = About(_area_of(frames), title, places or places_of(), readings or {}, drivers)
    written: list[Path] = []
    for name, (table, draw) in list(STANDARD.items())[part[0] :: part[1]]:
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
