"""What drove a run: the world outside, month by month, and where the data end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from abm.engine.calendar import MONTHS_A_YEAR
from abm.places.drivers import HOME_COUNTRY, Series
from abm.plots.curves import End, Lines, Months, Values, days, last_known, months_of, name_lines, set_time_axis, span_of
from abm.plots.panels import run_panels
from abm.plots.style import MUTED, OKABE_ITO, PALE, SMALL, About, Frames, Plate, dress, dress_log
from abm.society import what_a_dollar_buys

MOST_DESTINATIONS = 3  # destinations whose demand is drawn apart; the others are added up

COLOURS = tuple(OKABE_ITO[name] for name in ("blue", "vermillion", "green", "purple"))
"""Colours of the lines in a panel, in their order; the last is that of the rest."""

CLOSED, BARRED, OPEN = (to_rgb(colour) for colour in ("#B03A00", OKABE_ITO["orange"], "#FFFFFF"))

_SMOOTH_FROM = 36  # months of a run beyond which seasons would blur the lines of crossings

Span = tuple[int, ...]  # first and last month in which a series has a value

COUNTRIES = {
    "PAK": "Pakistan", "SAU": "Saudi Arabia", "ARE": "Emirates", "OMN": "Oman", "QAT": "Qatar", "IRN": "Iran",
    "TUR": "Turkey", "LBY": "Libya", "GRC": "Greece", "ITA": "Italy", "ESP": "Spain", "DEU": "Germany",
    "GBR": "United Kingdom", "MYS": "Malaysia",
}  # fmt: skip
"""Names of countries whose borders are drawn, from home outwards; others stand below by their codes."""


def draw_drivers(tables: Frames, about: About) -> Plate | None:
    """Draw demand and investment abroad, the dollar, income at home, borders closed, and crossings by others."""
    national = tables["national"]
    months = months_of(national)
    params, series = about.drivers, about.series
    notes = ["Borders: years with a closure only; the stronger the colour, the more days of the month."]
    if len(months) > _SMOOTH_FROM:
        notes.append("Crossings: means of the twelve months around each, on a logarithmic scale.")
    figure, (demand, investment, borders, income, dollar, others) = run_panels(
        about, f"What drove the run, {span_of(national)}",
        "The world outside, whatever migrants do. Where a panel is grey, not all values are known: growth is assumed, "
        "the nearest value holds, or all is as usual.",
        notes, count=6, columns=3, right=1.3, across=1.85, wide=2.45, timed=False,
    )  # fmt: skip
    first = _draw_demand(demand, tables.get("destination"), about)
    _draw_investment(investment, months, about, first)
    _draw_borders(borders, months, series, params.closures)
    growth = params.income_growth, params.early_income_growth
    incomes = [series.income_index(month, *growth) for month in months.tolist()]
    dress(income, "Income per capita at home", "real, 2017 = 1, not from zero", from_zero=False)
    _draw_index(income, months, incomes, series.of(HOME_COUNTRY, "income"))
    prices = [what_a_dollar_buys(params, series.dollar_index(month)) for month in months.tolist()]
    dress(dollar, "What a dollar buys at home", "2015 = 1, not from zero", from_zero=False)
    _draw_index(dollar, months, prices, series.real_rates)
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


def _draw_investment(axes: Axes, months: Months, about: About, destinations: Sequence[str]) -> None:
    """Draw real investment where most workers go."""
    series, growth = about.series, about.drivers.destination_growth
    known = series.covers("investment") & series.covers("growth")
    of = {found.key: (found.name, found.demand_of or "") for found in about.places.destinations}
    chosen = [of[key] for key in destinations if of[key][1] in known]
    if not chosen:
        _leave_out(axes, "Investment abroad", "no series for where workers go")
        return
    lines = {}
    for (name, country), colour in zip(chosen, COLOURS, strict=False):
        values = [series.investment_index(country, month, growth) for month in months.tolist()]
        lines[_broken(name)] = (np.array(values), colour)
    _draw_lines(axes, months, lines)
    dress(axes, "Investment abroad", "real, 2015 = 1")
    _shade(axes, months, [_mid_years(series.of(country, "investment")) for _, country in chosen])


def _draw_index(axes: Axes, months: Months, values: Sequence[float], known: Iterable[int]) -> None:
    """Draw an index, and shade the months beyond the years that are known."""
    _draw_lines(axes, months, {"": (np.array(values), OKABE_ITO["black"])}, from_zero=False)
    _shade(axes, months, [_mid_years(known)])


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
    dress_log(axes, "Crossings by others into the EU", "persons a month, logarithmic", (1.0, 3.0))
    _shade(axes, months, spans)


def _smooth(series: Series, route: str, months: Months) -> Values:
    """Crossings by month; in a long run the mean of the twelve months around each, for the seasons to be out of it."""
    width = MONTHS_A_YEAR if len(months) > _SMOOTH_FROM else 1
    whole = np.arange(months[0] - width // 2, months[-1] + width - width // 2)
    values = np.array([series.crossings(route, month, np.nan) for month in whole.tolist()])
    around = np.lib.stride_tricks.sliding_window_view(values, width)
    count = np.isfinite(around).sum(axis=1)
    return np.where(count > width // 2, np.nansum(around, axis=1) / np.maximum(count, 1), np.nan)


def _draw_borders(axes: Axes, months: Months, series: Series, strength: float) -> None:
    """Draw a strip for each country: days closed to all, and days on which some are barred."""
    title = "Borders closed"
    countries = [*COUNTRIES, *sorted((series.covers("closed") | series.covers("barred")) - COUNTRIES.keys())]
    closed, barred = (
        strength * np.array([[of(country, month) for month in months.tolist()] for country in countries])
        for of in (series.closed, series.barred)
    )
    touched = (closed + barred).any(axis=0)
    if not touched.any():
        _leave_out(axes, title, "none in these months")
        return
    # years with a closure alone: elsewhere the strip would be blank
    years = months // MONTHS_A_YEAR
    inside = (years >= years[touched].min()) & (years <= years[touched].max())
    drawn, rows = months[inside], (closed + barred).any(axis=1)
    shown = [country for country, any_day in zip(countries, rows, strict=True) if any_day]
    edges = np.arange(len(shown) + 1)
    colours = _mixed(closed[rows][:, inside], barred[rows][:, inside])
    axes.pcolormesh(days(np.append(drawn, drawn[-1] + 1)), edges, colours[::-1])
    axes.hlines(edges, *axes.get_xlim(), color="white", linewidth=1.5)
    set_time_axis(axes, int(drawn[0]), int(drawn[-1]))
    axes.set_yticks(edges[-2::-1] + 0.5, [COUNTRIES.get(country, country) for country in shown])
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
    shares = np.stack([closed, only_barred, 1.0 - closed - only_barred], axis=-1)
    return shares @ np.array([CLOSED, BARRED, OPEN])


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
