"""The look of every figure: colours, sizes, axes, footers and files, in one place."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from math import floor, log10
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from abm.analysis.naming import Dated
from abm.places.drivers import Series
from abm.places.places import Places, places_of
from abm.plots.source import as_metadata
from abm.society import DriversParams
from abm.streams import ExploitationStream, streams_of

if TYPE_CHECKING:
    from PIL.Image import Image

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
ABROAD = {channel.departures: channel.name for key, channel in CHANNELS.items() if key != "domestic"}
"""Outcomes that count departures for other countries, and the names of their channels."""

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
    "pdf.fonttype": 42,  # letters stay letters, as journals ask
    "pdf.compression": 9,
}

Style = Literal["screen", "paper"]
"""``screen``: with title, reading guide and notes. ``paper``: without, as its caption has them; as wide as a column."""

COLUMN, PAGE = 3.5, 7.2  # inches of one column of a journal, and of its page

PAPER_DPI = 300

_LOCK = Lock()
_STYLE: list[Style] = ["screen"]
"""Style of what is drawn; belongs to the process, as the settings of matplotlib do."""


@contextmanager
def drawing(style: Style = "screen") -> Iterator[None]:
    """Draw in a style with the settings of this module, whatever matplotlibrc the user has.

    Settings belong to the whole process, hence the lock: threads draw one after the other.
    """
    with _LOCK, mpl.rc_context():
        settings: Any = mpl.rcParams
        settings.update({key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")})
        settings.update(_SETTINGS)
        _STYLE[0] = style
        try:
            yield
        finally:
            _STYLE[0] = "screen"


def for_paper() -> bool:
    """Whether figures are drawn for a paper."""
    return _STYLE[0] == "paper"


class Plate(Figure):
    """A figure that has its caption with it, and shows itself in a notebook, whatever backend that uses."""

    caption: tuple[str, ...] = ()
    """Title, how to read it, and notes, as paragraphs."""
    timed: bool = False
    """Whether levers and the opening of the run are to be marked on panels over time."""

    def add_box(self, left: float, width: float, foot: float, height: float) -> Axes:
        """Place axes by inches from the left edge and from the foot."""
        wide, high = self.get_size_inches()
        return self.add_axes((left / wide, foot / high, width / wide, height / high))

    def _repr_png_(self) -> bytes:
        image = BytesIO()
        with drawing():
            self.savefig(image, format="png", dpi=110)
        return image.getvalue()


def new_figure(width: float, height: float, title: str, subtitle: str = "") -> Plate:
    """Make an empty figure with a title (what and where) and a line below it (how to read it)."""
    figure = Plate(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.caption = tuple(" ".join(part.split()) for part in (f"{title.rstrip('.?')}.", subtitle) if part)
    if for_paper():
        return figure
    left = 0.35 / width
    figure.text(left, 1 - 0.22 / height, title, size=TITLE, weight="bold", va="top")
    if subtitle:
        figure.text(left, 1 - 0.52 / height, subtitle, size=BASE, color=MUTED, va="top")
    return figure


Frames = Mapping[str, pd.DataFrame]  # tables of a run by name: `national`, `district`, `route`, `leg`, `flows`


@dataclass(frozen=True)
class About:
    """What a figure says about its run beside the tables; of what a caller leaves out, that which is shipped."""

    run: str  # name of the run for the footer, ``"baseline, seed 7, scale 0.01"``
    places: Places = field(default_factory=places_of)
    readings: Mapping[str, str] = field(default_factory=dict)
    """Streams that take part, with the reading of the sources of each; see `abm.results.headlines`."""
    drivers: DriversParams = field(default_factory=DriversParams)  # drivers of the run
    streams: tuple[ExploitationStream, ...] = field(default_factory=streams_of)  # those of exploitation in the run
    levers: tuple[Dated, ...] = ()  # levers of the run, and when they are in force
    where: str = ""  # area simulated, in words
    start: int | None = None  # first month of the run, since January of year 0; None where it is not known
    whole: bool = True  # whether all districts are simulated, so that records of the country may stand beside

    @property
    def series(self) -> Series:
        """Series of the world outside in this run."""
        return self.drivers.known

    @property
    def alone(self) -> str:
        """Name of the run, and what a single run cannot show."""
        return f"{self.run}. One run of the model: no uncertainty is shown."


def write_notes(figure: Plate, paragraphs: Sequence[str]) -> None:
    """Write paragraphs at the foot, wrapped to the width of the figure, and into its caption."""
    figure.caption += tuple(paragraphs)
    if for_paper():
        return
    width, height = figure.get_size_inches()
    lines = wrap_notes(paragraphs, width)
    figure.text(0.35 / width, 0.12 / height, "\n".join(lines), size=SMALL, color=MUTED, va="bottom", linespacing=1.35)


def wrap_notes(paragraphs: Sequence[str], width: float) -> list[str]:
    """Cut paragraphs into the lines that they take at the foot of a figure of that width, in inches."""
    characters = int((width - 0.7) * 72 / (SMALL * 0.535))  # mean width of a letter of this font, in ems
    return [line for part in paragraphs for line in textwrap.wrap(part, characters)]


def dress(axes: Axes, title: str, unit: str, colour: str = INK, *, whole: bool = False, from_zero: bool = True) -> None:
    """Give an axes its title, its unit, a zero and a light grid; `whole` keeps ticks off fractions of a person."""
    axes.set_title(title, color=ink_of(colour), weight="bold", pad=9)
    axes.set_ylabel(unit)
    if from_zero:
        axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0)
    set_ticks(axes.yaxis, 5, integer=whole, min_n_ticks=2)


def dress_log(axes: Axes, title: str, unit: str, ticks: Sequence[float]) -> None:
    """Give an axes with a logarithmic scale its title, its unit and a light grid; `ticks` in each decade."""
    axes.set_title(title, weight="bold", pad=7)
    axes.set_ylabel(unit)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0, which="both")
    axes.yaxis.set_major_locator(LogLocator(subs=ticks))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def set_ticks(axis: Axis, most: int, **how: Any) -> None:
    """Give an axis a few round ticks, with separators of thousands and a true minus; `how` as in `MaxNLocator`."""
    axis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], **how))
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))


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
    return (1e9, "billion") if largest >= 1e9 else (1e6, "million") if largest >= 1e6 else (1.0, "")


def one_two_five(value: float) -> float:
    """Largest of … 0.5, 1, 2, 5, 10, 20, 50 … that is not above the value."""
    decade = 10.0 ** floor(log10(value) + 1e-9)
    return max(step for step in (1, 2, 5) if step * decade <= value * (1 + 1e-9)) * decade


def save(
    figure: Plate, folder: Path, name: str, source: Mapping[str, str] | None = None, *, draft: bool = False
) -> list[Path]:
    """Write a figure and its caption, without dates; returns the files.

    PNG and SVG, for a paper PDF too and the PNG finer; as a `draft` PNG alone, in two thirds of the time. ``source``
    says what made it (`abm.plots.source`).
    """
    style = _STYLE[0]
    endings, dpi = (["png", "svg", "pdf"], PAPER_DPI) if style == "paper" else (["png", "svg"], DPI)
    endings = endings[:1] if draft else endings
    if style == "paper":
        fit(figure)
    made_by = {"figure": name, "style": style, **source} if source else {}
    paths = [folder / f"{name}.{ending}" for ending in endings]
    for path in paths:
        # PNG files a fifteenth larger than with the usual level, in half the time
        how: dict[str, Any] = {"pil_kwargs": {"compress_level": 2}} if path.suffix == ".png" else {}
        figure.savefig(path, dpi=dpi, metadata=as_metadata(made_by, path.suffix), **how)
    caption = folder / f"{name}.txt"
    caption.write_text("\n\n".join(figure.caption) + "\n", encoding="utf-8")
    return [*paths, caption]


def save_figures(
    figures: Mapping[str, Plate], folder: Path, style: Style = "screen", source: Mapping[str, str] | None = None
) -> list[Path]:
    """Write figures with their captions; returns the files."""
    with drawing(style):
        return [path for name, figure in figures.items() for path in save(figure, folder, name, source)]


def to_image(plot: Figure | Path, dpi: float) -> Image:
    """Draw a figure, or read the file of one, as an image."""
    from PIL import Image

    source: Path | BytesIO = plot if isinstance(plot, Path) else BytesIO()
    if isinstance(plot, Figure):
        plot.savefig(source, dpi=dpi, metadata={"Software": None})
    with Image.open(source) as image:
        return image.convert("RGB")


def fit(figure: Figure) -> None:
    """Make room on a narrow figure: long titles of panels go on two lines, and names at the right get their inches."""
    for axes in figure.axes:
        room = axes.get_window_extent().width * 72 / figure.dpi + 40
        title = axes.get_title(loc="left")
        wrapped = textwrap.fill(title, int(room / (0.62 * BASE)))
        if wrapped != title:
            axes.set_title(wrapped, weight="bold", pad=7)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    width = figure.get_size_inches()[0]
    for _ in range(4):  # names keep their size while panels shrink
        needed = figure.get_tightbbox(renderer)
        left, right = max(0.05 - needed.x0, 0.0) / width, max(needed.x1 - width + 0.05, 0.0) / width
        for axes in figure.axes if left + right > 0 else ():
            box = axes.get_position()
            share = 1 - left - right
            axes.set_position((left + share * box.x0, box.y0, share * box.width, box.height))


def save_small(plot: Figure | Path, target: Path, *, width: int | None = None, colours: int = 128) -> str:
    """Write a figure, or the file of one, as a PNG for documentation; returns its name and size.

    `width` in pixels, that of the plot if left out; at most 256 `colours`.
    """
    from PIL import Image

    small = to_image(plot, DPI)
    if width is not None:
        small = small.resize((width, round(small.height * width / small.width)), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    few = small.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    return f"{target.name}: {target.stat().st_size:,} bytes"
