"""The look of every figure: colours, sizes, axes, footers and files, in one place."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from abm.places.places import Places
from abm.society import DriversParams

OKABE_ITO = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "black": "#000000",
}
"""Palette of Okabe and Ito (2008), distinguishable with every common form of colour blindness."""

_DARKER = {
    OKABE_ITO["yellow"]: "#7A7200",
    OKABE_ITO["orange"]: "#A87400",
    OKABE_ITO["sky blue"]: "#2178B5",
    OKABE_ITO["purple"]: "#A84E7F",
}
"""Colours in which names can be read on white, for those that are too pale."""


class Channel(NamedTuple):
    """A way to leave: its name, its colour, the same in every figure, and the outcome that counts who take it."""

    name: str
    colour: str
    departures: str


CHANNELS = {
    "legal_work": Channel("Legal work", OKABE_ITO["blue"], "legal_departures"),
    "sponsorship": Channel("Sponsorship", OKABE_ITO["green"], "sponsored_departures"),
    "overstay": Channel("Overstays after a visit", OKABE_ITO["orange"], "overstays"),
    "irregular": Channel("Irregular", OKABE_ITO["vermillion"], "irregular_departures"),
    "domestic": Channel("Domestic moves", OKABE_ITO["purple"], "domestic_moves"),
}

INK, MUTED, GRID = "#222222", "#666666", "#DDDDDD"
LAND, SEA, PALE = "#F1F0EC", "#FFFFFF", "#E2E0DA"
SMALL, BASE, TITLE = 7.5, 9.0, 13.0
DPI = 150

_SETTINGS: dict[str, object] = {
    "font.family": ["DejaVu Sans"],  # shipped with matplotlib: the same glyphs on every machine
    "font.size": BASE,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a run's name is a dollar sign
    "axes.titlesize": BASE + 1,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL + 0.5,
    "ytick.labelsize": SMALL + 0.5,
    "legend.frameon": False,
    "legend.fontsize": SMALL + 0.5,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "abm",  # ids of an SVG follow from its content, so that equal tables give equal bytes
}
_LOCK = Lock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the settings of this module, whatever matplotlibrc the user has.

    Settings belong to the whole process, hence the lock: threads draw one after the other.
    """
    with _LOCK, mpl.rc_context():
        settings: Any = mpl.rcParams
        settings.update({key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")})
        settings.update(_SETTINGS)
        yield


def new_figure(width: float, height: float, title: str, subtitle: str = "") -> Figure:
    """Make an empty figure with a title (what and where) and a line below it (how to read it)."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    left = 0.35 / width
    figure.text(left, 1 - 0.22 / height, title, size=TITLE, weight="bold", va="top")
    if subtitle:
        figure.text(left, 1 - 0.52 / height, subtitle, size=BASE, color=MUTED, va="top")
    return figure


Frames = Mapping[str, pd.DataFrame]
"""Tables of a run by name: `national`, `district`, `route`, `leg`, `flows`."""


@dataclass(frozen=True)
class About:
    """What a figure says about its run beside the tables: area in words, name of the run, its places."""

    where: str
    run: str
    places: Places
    readings: Mapping[str, str] = field(default_factory=dict)
    """Streams that take part, with the reading of the sources of each; see `abm.results.headlines`."""
    drivers: DriversParams | None = None
    """Drivers of the run; those shipped if left out."""


def write_footer(figure: Figure, paragraphs: Sequence[str], run: str) -> None:
    """Write paragraphs and the run's name at the foot, and what a single run cannot show."""
    alone = run if "one run" in run.lower() else f"{run.rstrip('. ')}. One run of the model: no uncertainty is shown."
    write_notes(figure, (*paragraphs, alone))


def write_notes(figure: Figure, paragraphs: Sequence[str]) -> None:
    """Write paragraphs at the foot, wrapped to the width of the figure."""
    width, height = figure.get_size_inches()
    lines = wrap_notes(paragraphs, width)
    figure.text(0.35 / width, 0.12 / height, "\n".join(lines), size=SMALL, color=MUTED, va="bottom", linespacing=1.35)


def wrap_notes(paragraphs: Sequence[str], width: float) -> list[str]:
    """Cut paragraphs into the lines that they take at the foot of a figure of that width, in inches."""
    characters = int((width - 0.7) * 72 / (SMALL * 0.535))  # mean width of a letter of this font, in ems
    return [line for part in paragraphs for line in textwrap.wrap(part, characters)]


def dress(axes: Axes, title: str, unit: str, colour: str = INK, *, whole: bool = False, from_zero: bool = True) -> None:
    """Give an axes its title, its unit, a zero and a light grid; `whole` keeps ticks off fractions of a person."""
    axes.set_title(title, color=ink_of(colour), weight="bold", pad=7)
    axes.set_ylabel(unit)
    if from_zero:
        axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
    set_ticks(axes.yaxis, 5, integer=whole, min_n_ticks=2)


def set_ticks(axis: Axis, most: int, **how: Any) -> None:
    """Give an axis a few round ticks, with separators of thousands and a true minus; `how` as in `MaxNLocator`."""
    axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], **how))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))


def name_rows(axes: Axes, names: Iterable[str]) -> NDArray[np.float64]:
    """Name rows of bars or dots at the left, from the top, with a light grid across; returns their heights."""
    labels = list(names)
    places = np.arange(len(labels))[::-1].astype(np.float64)
    axes.set_yticks(places, labels)
    axes.set_ylim(-0.6, len(places) - 0.4)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return places


def halo(text: Text, width: float = 2.2) -> Text:
    """Put a white rim around a text that stands on a map."""
    text.set_path_effects([withStroke(linewidth=width, foreground="white")])
    return text


def ink_of(colour: str) -> str:
    """Colour in which the name of something of this colour can be read on white."""
    return _DARKER.get(colour, colour)


def number(value: float) -> str:
    """Write a number, rounded to at most three figures, with separators of thousands: 312,000 · 31 · 0.42."""
    if abs(value) >= 1000:
        text = f"{round(value, 3 - len(str(int(abs(value))))):,.0f}"
    else:
        text = f"{value:.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.2g}"
    return text.replace("-", "−")


def magnitude(largest: float) -> tuple[float, str]:
    """Divisor and word with which an axis up to `largest` has short labels."""
    for divisor, word in ((1e9, "billion"), (1e6, "million")):
        if largest >= divisor:
            return divisor, word
    return 1.0, ""


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG, without dates and versions, and name the files."""
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    # files a fifteenth larger than with the usual level, in half the time
    figure.savefig(paths[0], dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 2})
    figure.savefig(paths[1], metadata={"Date": None, "Creator": "abm"})
    return paths


def save_small(plot: Figure | Path, target: Path, *, width: int | None = None, colours: int = 128) -> str:
    """Write a figure, or the file of one, as a PNG for documentation; returns its name and size.

    `width` in pixels, that of the plot if left out; at most 256 `colours`.
    """
    from PIL import Image

    source: Path | BytesIO = plot if isinstance(plot, Path) else BytesIO()
    if isinstance(plot, Figure):
        plot.savefig(source, dpi=DPI, metadata={"Software": None})
    with Image.open(source) as image:
        small = image.convert("RGB")
    if width is not None:
        small = small.resize((width, round(small.height * width / small.width)), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    few = small.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    return f"{target.name}: {target.stat().st_size:,} bytes"
