"""The figures that every run draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

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
from abm.world.places_abroad import Places, places_of

Frames = Mapping[str, pd.DataFrame]

Draw = Callable[[Frames, str, str, Places, Mapping[str, str]], Figure | None]

STANDARD: dict[str, tuple[str, Draw]] = {
    "channels": ("national", lambda frames, *more: draw_channels(frames["national"], *more[:2])),
    "diaspora_and_remittances": ("national", lambda frames, *more: draw_diaspora(frames["national"], *more[:2])),
    "aspiration": ("national", lambda frames, *more: draw_aspiration(frames["national"], *more[:2])),
    "fees": ("national", lambda frames, *more: draw_fees(frames["national"], frames.get("route"), *more[:3])),
    "offices": ("national", lambda frames, *more: draw_offices(frames["national"], *more[:2])),
    "attempts": ("national", lambda frames, *more: draw_attempts(frames["national"], *more[:2])),
    "who_gets_what": ("national", lambda frames, *more: draw_who_gets_what(frames["national"], *more[:2])),
    "beliefs": ("national", lambda frames, *more: draw_beliefs(frames["national"], *more[:2])),
    "streams": ("national", lambda frames, *more: draw_streams(frames["national"], more[0], more[1], more[3])),
    "enforcement": ("leg", lambda frames, *more: draw_enforcement(frames["leg"], *more[:3])),
    "departures_map": ("district", lambda frames, *more: draw_departures(frames["district"], *more[:2])),
    "corridors_map": ("route", lambda frames, *more: draw_corridors(frames["route"], frames.get("flows"), *more[:3])),
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
        Streams that take part, with the reading of the sources that each rests on; the figure of streams tells them.

    Returns
    -------
    list of Path
        The files written. The same tables and title give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    where = _area_of(frames)
    written: list[Path] = []
    for name, (table, draw) in STANDARD.items():
        if table not in frames or frames[table].empty:
            continue
        with drawing():
            figure = draw(frames, where, title, places or places_of(), readings or {})
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
