"""The figures of a run: which there are, and how they are drawn and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from abm.config.wording import counted
from abm.plots.beliefs import draw_beliefs
from abm.plots.boundaries import load_shapes
from abm.plots.corridors import draw_corridors
from abm.plots.curves import months_of
from abm.plots.drivers import draw_drivers
from abm.plots.enforcement import draw_enforcement
from abm.plots.flows import draw_flows
from abm.plots.journeys import draw_attempts
from abm.plots.maps import draw_departures, draw_years
from abm.plots.market import draw_fees, draw_offices
from abm.plots.panels import finish
from abm.plots.series import draw_aspiration, draw_channels, draw_diaspora
from abm.plots.streams import draw_exploitation, draw_streams
from abm.plots.style import About, Frames, Plate, Style, drawing, save
from abm.plots.ways import draw_destinations, draw_routes
from abm.plots.who_gets_what import draw_who_gets_what

STANDARD: dict[str, tuple[str, Callable[[Frames, About], Plate | None]]] = {
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
    "routes": ("route", draw_routes),
    "destinations": ("destination", draw_destinations),
    "flows": ("flows", draw_flows),
}
"""File name of each figure: the table it cannot do without, and what draws it, or None where columns are missing."""

EVERY = STANDARD | {"departures_by_year": ("district", draw_years)}
"""With further figures, which runs do not draw by themselves."""


def draw_standard_plots(
    frames: Frames,
    folder: Path,
    about: About,
    *,
    source: Mapping[str, str] | None = None,
    style: Style = "screen",
    only: Sequence[str] = (),
    part: tuple[int, int] = (0, 1),
    draft: bool = False,
) -> list[Path]:
    """Draw the standard figures of a run into a folder, or those named in `only`; gives the files.

    A figure whose table or columns are missing or empty (outputs or mechanisms switched off) is left out. The same
    tables and what is known `about` the run give the same bytes. `source` says what made the run, and is kept in each
    file; `part`: which part of the figures to draw, from 0, and how many parts there are; `draft`: PNG alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    about = about_run(frames, about)
    written: list[Path] = []
    for name in list(only or STANDARD)[part[0] :: part[1]]:
        with drawing(style):
            figure = draw_one(name, frames, about)
            if figure is not None:
                written += save(figure, folder, name, source, draft=draft)
    return written


def about_run(frames: Frames, about: About) -> About:
    """Add what the tables of a run say of it: its area and its first month."""
    count = frames["district"]["unit"].nunique() if "district" in frames else 0
    whole = count == len(load_shapes("units"))  # a run of some districts must not pass for the country
    part = f"{counted(count, 'district')} of Pakistan" if count else "simulated districts of Pakistan"
    start = int(months_of(frames["national"]).min()) if "national" in frames and len(frames["national"]) else None
    return replace(about, where="Pakistan" if whole else part, start=start, whole=whole)


def draw_one(name: str, frames: Frames, about: About) -> Plate | None:
    """Draw one figure; None where its table or columns are missing."""
    table, draw = EVERY[name]
    if table not in frames or frames[table].empty or (figure := draw(frames, about)) is None:
        return None
    finish(figure, about)
    return figure


class Figures(Mapping[str, Plate]):
    """Standard figures of a run by name, each drawn when it is asked for."""

    def __init__(self, frames: Frames, about: About) -> None:
        self._frames, self._about = frames, about
        self._drawn: dict[str, Plate | None] = {}

    def __getitem__(self, name: str) -> Plate:
        if name not in EVERY:
            raise KeyError(f"no figure '{name}'; there are {', '.join(self)}")
        found = self._draw(name)
        if found is None:
            raise KeyError(f"figure '{name}' has nothing to show: the run has no table '{EVERY[name][0]}' for it")
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in EVERY if self._draw(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Figures: {', '.join(EVERY)}"

    def _draw(self, name: str) -> Plate | None:
        if name not in self._drawn:
            with drawing():
                self._drawn[name] = draw_one(name, self._frames, self._about)
        return self._drawn[name]
