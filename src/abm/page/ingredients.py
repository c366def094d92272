"""What charts are made of: data, scales, axes, tooltips, and the numbers below a chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

import altair as alt

from abm.analysis.wording import figure
from abm.config.wording import is_number
from abm.page.looks import Look
from abm.page.parts import Chart, Grid
from abm.plots.style import magnitude

Mark = dict[str, Any]  # what a mark of a chart shows, by field

Rows = Sequence[Mapping[str, Any]]  # data of a chart, one mapping a mark

WIDE, HALF, THIRD = 640, 275, 163
"""Width of a panel that stands alone, and of one of two and of three side by side, in pixels."""

DIGITS = 6  # digits of a number in the page

SHOWN = "shown"  # parameter of a chart that holds the names of the series that are drawn

EXTENT = 44  # room for the numbers of a vertical axis, the same in all panels, in pixels
FEWEST_TICKS = 4  # ticks of a logarithmic axis, if it has so many round numbers
MOST_NUMBERS = 400  # rows of the table below a chart, from which on there is none


def data_of(rows: Rows) -> alt.Data:
    """Plain data of a chart: numbers cut to a few digits, blanks as null."""
    # a tuple: Altair copies lists, row by row, each time that charts are put together
    return alt.Data(values=tuple({key: _plain(value) for key, value in row.items()} for row in rows))


def _plain(value: str | float | None) -> str | float | None:
    if isinstance(value, str | int) or value is None:
        return value
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None


def spec_of(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Vega-Lite of a chart; what the page adds to all charts is left out.

    A test checks it against the schema, which takes as long as all else.
    """
    made = chart.to_dict(validate=False)
    return {key: part for key, part in made.items() if key not in ("config", "$schema", "usermeta")}


class Words(TypedDict):
    """What is said of a chart: its title, what somebody who does not see it should know, and how it is read."""

    title: str
    alt_text: str
    note: NotRequired[str]


def chart_of(
    drawn: Any,
    looks: Mapping[str, Look],
    numbers: tuple[Rows, Mapping[str, str]],
    *,
    switches: bool | None = None,
    **words: Unpack[Words],
) -> Chart:
    """Put a legend and a table of numbers to a chart of Altair.

    `numbers`: rows of the table, and the head of each column by key. The legend hides and shows series where
    `switches`, by default if there are several; one has no legend.
    """
    several = len(looks) > 1
    switches = several if switches is None else switches
    return Chart(
        words["title"],
        spec_of(drawn.add_params(alt.param(name=SHOWN, value=list(looks))) if switches else drawn),
        words["alt_text"],
        words.get("note", ""),
        looks if several or switches else {},
        switches,
        numbers_of(*numbers, title=words["title"]),
    )


def numbers_of(rows: Rows, columns: Mapping[str, str], *, title: str) -> Grid | None:
    """Table of what a chart shows: head of each column by the key in the rows; None where it would be too long."""
    if len(rows) > MOST_NUMBERS:
        return None
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    numeric = [place for place, key in enumerate(columns) if any(is_number(row.get(key)) for row in rows)]
    return Grid(list(columns.values()), cells, numeric, title=title, folded=True)


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else figure(float(value), 4)


def colours(looks: Mapping[str, Look]) -> alt.Color:
    """Colours of series by name."""
    return _channel(alt.Color, looks, [look.colour for look in looks.values()])


def dashes(looks: Mapping[str, Look]) -> alt.StrokeDash:
    """Dashes of series by name."""
    return _channel(alt.StrokeDash, looks, [list(look.dash) or [1, 0] for look in looks.values()])


def shapes(looks: Mapping[str, Look]) -> alt.Shape:
    """Shapes of series by name."""
    return _channel(alt.Shape, looks, [look.shape for look in looks.values()])


def _channel(kind: Any, looks: Mapping[str, Look], values: Sequence[str] | Sequence[list[int]]) -> Any:
    return kind("series:N", scale=alt.Scale(domain=list(looks), range=values), legend=None)


ONLY_SHOWN = f"indexof({SHOWN}, datum.series) >= 0"


def time_axis(rows: Rows, width: int = WIDE) -> alt.X:
    """Horizontal axis of years, or of months given as ``2009-01-01``."""
    if rows and isinstance(rows[0]["when"], str):
        few = max(2, width // 90)
        return alt.X("utcyearmonth(when):T", title=None, axis=alt.Axis(format="%Y-%m", labelAngle=0, tickCount=few))
    years = sorted({int(row["when"]) for row in rows})
    step = next((step for step in (1, 2, 5, 10, 20) if len(years) <= max(3, min(width // 42, 12)) * step), 20)
    ticks = [year for year in years if year % step == 0]
    axis = alt.Axis(format="d", values=ticks, tickSize=4, labelAngle=0)
    return alt.X("when:Q", title=None, axis=axis, scale=alt.Scale(zero=False, nice=False, padding=10))


def shortened(rows: Rows, unit: str, *fields: str, alike: Rows = ()) -> tuple[Rows, str]:
    """Divide long numbers by a million or a billion, and say so in the unit; `alike` are all rows of a common scale."""
    lowest, largest = extent(alike or rows, *fields)
    divisor, word = magnitude(max(abs(largest), abs(lowest)))
    if divisor == 1.0:
        return rows, unit
    short = [{**row, **{name: row[name] / divisor for name in fields if is_known(row.get(name))}} for row in rows]
    return short, f"{word} {unit}".replace("million million", "trillion")


PLAIN_NUMBER = ",.6~r"  # form of the numbers of an axis: with separators of thousands, without exponents

LONG_NUMBER = "datum.value >= 1e6 ? format(datum.value / 1e6, ',.3~r') + ' million' : format(datum.value, ',.3~r')"
"""The same where numbers go from less than one to millions."""


def linear(*, ticks: int = 5, padding: int = 0, **how: Any) -> tuple[alt.Scale, alt.Axis]:
    """Scale and axis of plain numbers with zero; `padding` in pixels keeps marks off the ends."""
    return alt.Scale(zero=True, nice=True, padding=padding), alt.Axis(tickCount=ticks, format=PLAIN_NUMBER, **how)


def logarithmic(rows: Rows, *fields: str, **how: Any) -> tuple[alt.Scale, alt.Axis]:
    """Scale and axis of logarithms, with ticks at 1, 2 and 5, at powers of ten alone, or closer, as there is room."""
    low, high = extent([row for row in rows if all(not is_known(row.get(f)) or row[f] > 0 for f in fields)], *fields)
    low, high = (low / 1.12, high * 1.12) if low > 0 else (0.1, 10.0)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks: list[float] = []
    for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        if len(ticks) < FEWEST_TICKS:
            every = [step * 10.0**power for power in range(first, last + 1) for step in steps]
            ticks = [tick for tick in every if low <= tick <= high]
    axis = alt.Axis(values=ticks, labelExpr=LONG_NUMBER, **how)
    return alt.Scale(type="log", domain=[low, high], nice=False), axis


def extent(rows: Iterable[Mapping[str, Any]], *fields: str) -> tuple[float, float]:
    """Smallest and largest of some fields."""
    values = [float(row[field]) for row in rows for field in fields if is_known(row.get(field))]
    return min(values, default=0.0), max(values, default=0.0)


def is_known(value: object) -> bool:
    """Whether a value is a number, and no blank."""
    return isinstance(value, int | float) and math.isfinite(value)


def tooltips(named: Mapping[str, str]) -> list[alt.Tooltip]:
    """What is said of a mark under the pointer, by field: the label, and ``:Q`` behind the field of a number."""
    return [
        alt.Tooltip(field, title=title, format=",.4~g")
        if field.endswith(":Q") and not field.startswith("when")
        else alt.Tooltip(field, title=title)
        for field, title in named.items()
    ]
