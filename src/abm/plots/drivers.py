"""What drove a run: the world outside, month by month, and where the data end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import LogLocator, NullFormatter

from abm.engine.calendar import MONTHS_A_YEAR
from abm.places.drivers import HOME_COUNTRY, Series
from abm.plots.curves import (
    End,
    Lines,
    Months,
    Values,
    days,
    last_known,
    months_of,
    name_lines,
    set_time_axis,
    span_of,
)
from abm.plots.panels import run_panels
from abm.plots.style import MUTED, OKABE_ITO, PALE, SMALL, About, Frames, Plate, dress
from abm.society import DriversParams, what_a_dollar_buys

MOST_DESTINATIONS = 3
"""Destinations whose demand is drawn apart; the others are added up."""

COLOURS = tuple(OKABE_ITO[name] for name in ("blue", "vermillion", "green", "purple"))
"""Colours of the lines in a panel, in their order; the last is that of the rest."""

CLOSED, BARRED, OPEN = (to_rgb(colour) for colour in ("#B03A00", OKABE_ITO["orange"], "#FFFFFF"))

CLOSURES = "Borders: years with a closure only; the stronger the colour, the more days of the month."
SMOOTHED = "Crossings: means of the twelve months around each, on a logarithmic scale."

_SMOOTH_FROM = 36  # months of a run beyond which seasons would blur the lines of crossings

Span = tuple[int, ...]
"""First and last month in which a series has a value."""

COUNTRIES = {
    "PAK": "Pakistan",
    "SAU": "Saudi Arabia",
    "ARE": "Emirates",
    "OMN": "Oman",
    "QAT": "Qatar",
    "IRN": "Iran",
    "TUR": "Turkey",
    "LBY": "Libya",
    "GRC": "Greece",
    "ITA": "Italy",
    "ESP": "Spain",
    "DEU": "Germany",
    "GBR": "United Kingdom",
    "MYS": "Malaysia",
}
"""Names of countries whose borders are drawn, from home outwards; others stand below by their codes."""


def draw_drivers(tables: Frames, about: About) -> Plate | None:
    """Draw demand and investment abroad, the dollar, income at home, borders closed, and crossings by others."""
    national = tables["national"]
    months = months_of(national)
    params, series = about.drivers, about.series
    smooth = [SMOOTHED] if len(months) > _SMOOTH_FROM else []
    figure, (demand, investment, borders, income, dollar, others) = run_panels(
        about, f"What drove the run, {span_of(national)}",
        "The world outside, whatever migrants do. Grey: not all values are known; there growth is assumed, "
        "the nearest value holds, or all is as usual.",
        [CLOSURES, *smooth], count=6, columns=3, right=1.3, across=1.85, wide=2.45, timed=False,
    )  # fmt: skip
    first = _draw_demand(demand, tables.get("destination"), about)
    _draw_investment(investment, months, series, params, about, first)
    _draw_borders(borders, months, series, params)
    _draw_income(income, months, series, params)
    _draw_dollar(dollar, months, series, params)
    _draw_others(others, months, series)
    return figure


def _draw_demand(axes: Axes, table: pd.DataFrame | None, about: About) -> list[str]:
    """Draw what employers ask for; returns the destinations drawn apart, the largest first."""
    if table is None or table.empty or "workers_asked" not in table or not table["workers_asked"].any():
        return _leave_out(axes, "Workers asked for abroad", "not recorded in this run")
    wide = table.pivot_table(
        index="month", columns=table["destination"].astype(str), values="workers_asked", observed=True
    )
    months = months_of(wide.reset_index())
    order = wide.mean().sort_values(ascending=False, kind="stable").index
    apart = [str(name) for name in order[:MOST_DESTINATIONS] if wide[name].any()]
    names = {found.key: found.name for found in about.places.destinations}
    lines = {_broken(names[key]): (wide[key].to_numpy(np.float64) / 1e3, COLOURS[row]) for row, key in enumerate(apart)}
    rest = wide.drop(columns=apart).sum(axis=1).to_numpy(np.float64) / 1e3
    if rest.any():
        lines["Others"] = (rest, COLOURS[-1])
    _draw_lines(axes, months, lines)
    dress(axes, "Workers asked for abroad", "thousand a year, at the month's rate")
    return apart


def _draw_investment(
    axes: Axes, months: Months, series: Series, params: DriversParams, about: About, destinations: Sequence[str]
) -> None:
    """Draw real investment where most workers go."""
    of = {found.key: found for found in about.places.destinations}
    known = series.covers("investment") & series.covers("growth")
    chosen = [of[key] for key in destinations if of[key].demand_of in known]
    if not chosen:
        _leave_out(axes, "Investment abroad", "no series for where workers go")
        return
    lines, spans = {}, []
    for row, found in enumerate(chosen):
        country = found.demand_of or ""
        values = [series.investment_index(country, month, params.destination_growth) for month in months.tolist()]
        lines[_broken(found.name)] = (np.array(values), COLOURS[row])
        spans.append(_mid_years(series.of(country, "investment")))
    _draw_lines(axes, months, lines)
    dress(axes, "Investment abroad", "real, 2015 = 1")
    _shade(axes, months, spans)


def _draw_income(axes: Axes, months: Months, series: Series, params: DriversParams) -> None:
    values = [series.income_index(month, params.income_growth, params.early_income_growth) for month in months.tolist()]
    _draw_lines(axes, months, {"": (np.array(values), OKABE_ITO["black"])}, from_zero=False)
    dress(axes, "Income per capita at home", "real, 2017 = 1, not from zero", from_zero=False)
    _shade(axes, months, [_mid_years(series.of(HOME_COUNTRY, "income"))])


def _draw_dollar(axes: Axes, months: Months, series: Series, params: DriversParams) -> None:
    values = [what_a_dollar_buys(params, series.dollar_index(month)) for month in months.tolist()]
    _draw_lines(axes, months, {"": (np.array(values), OKABE_ITO["black"])}, from_zero=False)
    dress(axes, "What a dollar buys at home", "2015 = 1, not from zero", from_zero=False)
    _shade(axes, months, [_mid_years(series.real_rates)])


def _draw_others(axes: Axes, months: Months, series: Series) -> None:
    """Draw crossings by other nationalities, on a scale on which each step is tenfold."""
    routes = sorted(series.covers("crossings"))
    spans = [(min(known), max(known)) for known in (series.of(route, "crossings") for route in routes)]
    lines: dict[str, tuple[Values, str]] = {}
    for row, route in enumerate(routes):
        values = _smooth(series, route, months)
        if np.isfinite(values).any():
            name = _broken(route.removesuffix(" Route").replace("Mediterranean", "Med."))
            lines[name] = (np.where(values > 0.0, values, np.nan), COLOURS[row % len(COLOURS)])
    if not lines:
        _leave_out(axes, "Crossings by others", "no series in these months")
        return
    axes.set_yscale("log")
    _draw_lines(axes, months, lines, from_zero=False)
    axes.set_title("Crossings by others into the EU", weight="bold", pad=7)
    axes.set_ylabel("persons a month, logarithmic")
    axes.grid(axis="y")
    axes.tick_params(axis="y", which="both", length=0)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    _shade(axes, months, spans)


def _smooth(series: Series, route: str, months: Months) -> Values:
    """Crossings by month; in a long run the mean of the twelve months around each, for the seasons to be out of it."""
    width = MONTHS_A_YEAR if len(months) > _SMOOTH_FROM else 1
    whole = np.arange(months[0] - width // 2, months[-1] + width - width // 2)
    values = np.array([series.crossings(route, month, np.nan) for month in whole.tolist()])
    around = np.lib.stride_tricks.sliding_window_view(values, width)
    known = np.isfinite(around)
    count = known.sum(axis=1)
    found: Values = np.divide(
        np.where(known, around, 0.0).sum(axis=1), count, out=np.full(len(months), np.nan), where=count > width // 2
    )
    return found


def _draw_borders(axes: Axes, months: Months, series: Series, params: DriversParams) -> None:
    """Draw a strip for each country: days closed to all, and days on which some are barred."""
    title = "Borders closed"
    countries = [*COUNTRIES, *sorted((series.covers("closed") | series.covers("barred")) - COUNTRIES.keys())]
    closed, barred = (
        params.closures * np.array([[of(country, month) for month in months.tolist()] for country in countries])
        for of in (series.closed, series.barred)
    )
    touched = np.flatnonzero((closed + barred).any(axis=0))
    if not touched.size:
        _leave_out(axes, title, "none in these months")
        return
    # years with a closure alone: elsewhere the strip would be blank
    first = months[touched[0]] // MONTHS_A_YEAR * MONTHS_A_YEAR
    last = min(months[touched[-1]] // MONTHS_A_YEAR * MONTHS_A_YEAR + MONTHS_A_YEAR - 1, months[-1])
    inside = (months >= first) & (months <= last)
    rows = (closed + barred).any(axis=1)
    shown = [country for country, any_day in zip(countries, rows, strict=True) if any_day]
    axes.pcolormesh(
        days(np.append(months[inside], months[inside][-1] + 1)),
        np.arange(len(shown) + 1),
        _mixed(closed[rows][:, inside], barred[rows][:, inside])[::-1],
    )
    axes.hlines(np.arange(len(shown) + 1), *axes.get_xlim(), color="white", linewidth=1.5)
    set_time_axis(axes, int(months[inside][0]), int(months[inside][-1]))
    axes.set_yticks(np.arange(len(shown))[::-1] + 0.5, [COUNTRIES.get(country, country) for country in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_title(title, weight="bold", pad=7)
    for row, (words, colour) in enumerate((("closed to all", CLOSED), ("some barred", BARRED))):
        axes.annotate(
            words, (1, 1 - 0.09 * row), xycoords="axes fraction", xytext=(7, -6), textcoords="offset points",
            color=colour, weight="bold", va="center", size=SMALL + 0.5, annotation_clip=False,
        )  # fmt: skip


def _mixed(closed: Values, barred: Values) -> Values:
    """Colour of each country and month: dark for days closed, pale for days barred that are not."""
    only_barred = np.clip(barred, 0.0, 1.0 - closed)
    rest = 1.0 - closed - only_barred
    parts = ((closed, CLOSED), (only_barred, BARRED), (rest, OPEN))
    found: Values = sum(share[:, :, None] * np.array(colour) for share, colour in parts)
    return found


# ------------------------------------------------------------------------------------------------------------- drawing


def _draw_lines(axes: Axes, months: Months, lines: Lines, *, from_zero: bool = True) -> None:
    """Draw lines by month, each named at its right end."""
    where = (days(months) + days(months + 1)) / 2
    for values, colour in lines.values():
        axes.plot(where, values, color=colour, linewidth=1.5, marker="o" if len(months) < 3 else None, clip_on=False)
    set_time_axis(axes, int(months.min()), int(months.max()))
    known = np.concatenate([values[np.isfinite(values)] for values, _ in lines.values()])
    if from_zero:
        axes.set_ylim(0.0, 1.1 * (float(known.max(initial=0.0)) or 1.0))
    elif axes.get_yscale() == "linear":
        room = 0.15 * (float(np.ptp(known)) or 0.1 * float(known[0]))
        axes.set_ylim(float(known.min()) - room, float(known.max()) + room)
    else:
        axes.set_ylim(float(known.min()) / 1.5, 1.5 * float(known.max()))
    name_lines(axes, {name: End(last_known(values), colour) for name, (values, colour) in lines.items()})


def _mid_years(known: Iterable[int]) -> Span:
    """Months at which the first and the last of yearly values stand."""
    years = [*known]
    return tuple(year * MONTHS_A_YEAR + MONTHS_A_YEAR // 2 for year in (min(years), max(years)))


def _shade(axes: Axes, months: Months, spans: Sequence[Span]) -> None:
    """Shade the months in which some line has no value yet, or none any more."""
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    for outside in (months[months < first], months[months > last]):
        if outside.size:
            axes.axvspan(*days(np.array([outside[0], outside[-1] + 1])), color=PALE, zorder=0, linewidth=0)


def _leave_out(axes: Axes, title: str, words: str) -> list[str]:
    """Say in an empty panel why there is nothing."""
    axes.set_axis_off()
    axes.set_title(title, weight="bold", pad=7)
    axes.text(0.0, 0.9, words, transform=axes.transAxes, color=MUTED, va="top")
    return []


def _broken(name: str) -> str:
    """Break a name of several words into two lines, for the margin."""
    words = name.split()
    half = (len(words) + 1) // 2
    return "\n".join([" ".join(words[:half]), " ".join(words[half:])]).strip()
