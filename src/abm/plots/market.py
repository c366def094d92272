"""The smuggling market over time: fees, ways of paying, and offices in business."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from abm.places.places import Places
from abm.plots.groups import group_routes, look_of
from abm.plots.lines import Values, draw_lines, draw_steps, means_by_step, span_of
from abm.plots.periods import Period, months_of, set_time_axis, values_of, whole_years
from abm.plots.style import OKABE_ITO, dress, new_figure, number, write_footer

SCHEMES = {
    "Upfront": ("fee_upfront", "", OKABE_ITO["blue"]),
    "Escrow": ("fee_escrow", "departures_escrow", OKABE_ITO["orange"]),
    "Credit": ("fee_credit", "departures_credit", OKABE_ITO["vermillion"]),
    "Alone": ("cost_alone", "departures_alone", OKABE_ITO["black"]),
}
"""Ways of paying: median price, departures and colour. All who use no other pay upfront."""

ALONE = "Alone"
"""Has no line among the prices: few go alone, and their median jumps with where they happen to go."""

LEAST_KNOWN = 0.6
"""Share of the steps from its first fee to its last in which a group of routes must have one to be drawn."""


def draw_fees(
    national: pd.DataFrame, route: pd.DataFrame | None, where: str, run: str, places: Places
) -> Figure | None:
    """Draw what journeys cost by destination and by way of paying, and how departures are paid for."""
    schemes = {name: found for name, found in SCHEMES.items() if found[0] in national}
    if not schemes or "irregular_departures" not in national or not national["irregular_departures"].any():
        return None
    period = whole_years(months_of(national), at_least=2)
    figure = new_figure(
        12.5, 6.7, f"Fees of irregular journeys, {where}, {period.words}",
        f"Median fee of the contracts begun in a month{_averaged(period)}. Logarithmic scales. Credit and escrow are "
        "used more for some destinations than\nfor others, so the lines by way of paying also differ by destination. "
        "Alone has no price here: it jumps with the destinations of the few.",
    )  # fmt: skip
    grid = figure.add_gridspec(
        2, 2, left=0.075, right=0.905, top=0.80, bottom=0.13, wspace=0.66, hspace=0.42, width_ratios=(1.15, 1)
    )
    left = figure.add_subplot(grid[:, 0])
    fees: dict[str, tuple[Values, str]] = {}
    scattered: list[str] = []
    if route is not None and {"fee_median", "departures"} <= set(route):
        fees = _fees_by_group(route, period, places)
        scattered = [name for name, (values, _) in fees.items() if not _makes_a_line(values)]
        fees = {name: line for name, line in fees.items() if name not in scattered}
        dashes = {_in_two_lines(name): look_of(name)[1] for name in fees}
        _draw_prices(left, period, {_in_two_lines(name): line for name, line in fees.items()}, dashes)
    left.set_title("By destination", weight="bold", pad=7)
    upper, lower = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    departures = _departures(national, schemes)
    prices = {
        name: (means_by_step(period, national, column, departures[name]), colour)
        for name, (column, _, colour) in schemes.items()
        if name != ALONE
    }
    _draw_prices(upper, period, prices)
    upper.set_title("By way of paying", weight="bold", pad=7)
    total = np.maximum(sum(_sums(period, national, persons) for persons in departures.values()), 1.0)
    shares = {
        name: (100 * _sums(period, national, departures[name]) / total, colour)
        for name, (_, _, colour) in schemes.items()
    }
    draw_steps(lower, period, shares)
    dress(lower, "How departures are paid for", "% of departures")
    write_footer(figure, _notes(fees, scattered, period), run)
    return figure


def _averaged(period: Period) -> str:
    """Words for how months become years."""
    return ", mean of each year weighted by departures" if period.step > 1 else ""


def _fees_by_group(route: pd.DataFrame, period: Period, places: Places) -> dict[str, tuple[Values, str]]:
    """Fee of each group of routes: medians of its routes weighted by departures."""
    lines = {}
    names = route["route"].astype(str)
    for name, keys in group_routes(period.rows_of(route), places).items():
        rows = route[names.isin(keys).to_numpy()]
        fees = means_by_step(period, rows, "fee_median", values_of(rows, "departures"))
        lines[name] = (fees, look_of(name)[0])
    return lines


def _makes_a_line(values: Values) -> bool:
    """Whether enough fees are known, between the first and the last, to draw a line through them."""
    known = np.flatnonzero(np.isfinite(values))
    return values.size < 3 or (known.size > 1 and known.size >= LEAST_KNOWN * (known[-1] - known[0] + 1))


def _notes(fees: Mapping[str, tuple[Values, str]], left_out: list[str], period: Period) -> list[str]:
    """Say what gaps are where there are any, and name the groups that have no line."""
    steps = "years" if period.step > 1 else "months"
    notes = []
    if any(np.isnan(values).any() for values, _ in fees.values()):
        notes.append(f"Gaps: {steps} in which nobody left with an office.")
    if left_out:
        notes.append(f"Not drawn, as too few {steps} have a fee: {'; '.join(left_out)}.")
    return notes


def _in_two_lines(name: str) -> str:
    """Name of a group with the means in a line of its own."""
    return name.replace(", ", ",\n")


def _draw_prices(
    axes: Axes, period: Period, lines: dict[str, tuple[Values, str]], dashes: dict[str, object] | None = None
) -> None:
    """Draw prices on a logarithmic scale with ticks at 1, 2 and 5."""
    draw_steps(axes, period, lines, log=True, dashes=dashes)
    axes.grid(axis="y")
    axes.tick_params(axis="y", length=0, which="both")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("PKR of 2017 a person")


def _departures(national: pd.DataFrame, schemes: dict[str, tuple[str, str, str]]) -> dict[str, Values]:
    """Departures by way of paying, month by month."""
    known = {
        name: values_of(national, column) for name, (_, column, _) in schemes.items() if column and column in national
    }
    everybody = values_of(national, "irregular_departures")
    rest = np.maximum(everybody - sum(known.values()), 0.0) if known else everybody
    return {name: known.get(name, rest) for name in schemes}


def _sums(period: Period, frame: pd.DataFrame, values: Values) -> Values:
    """Sum of a series by month in each step."""
    return period.sums(frame[["month"]].assign(value=values), "value")


def draw_offices(national: pd.DataFrame, where: str, run: str) -> Figure | None:
    """Draw offices in business, entries and exits, and how contracts are spread over them."""
    if not {"offices", "office_entries", "office_exits", "concentration_hhi"} <= set(national):
        return None
    if not (national["offices"].any() or national["office_entries"].any()):
        return None
    period = whole_years(months_of(national), at_least=2)
    figure = new_figure(
        12.5, 4.8, f"Smuggler offices, {where}, {span_of(national)}",
        f"Left: offices at the end of each month. Middle: opened and closed {period.per}. Right: Herfindahl-Hirschman "
        "index of recent contracts,\nfrom near 0 (spread over many offices) to 1 (one has all); in the first year few "
        "contracts have ended, so the index is high.",
    )  # fmt: skip
    grid = figure.add_gridspec(1, 3, left=0.065, right=0.985, top=0.74, bottom=0.15, wspace=0.27)
    left, middle, right = grid.subplots(squeeze=False).flat
    draw_lines(left, national, {"Offices": (values_of(national, "offices"), OKABE_ITO["blue"])}, labelled=False)
    dress(left, "In business", "offices", whole=True)
    _draw_turnover(middle, period, national)
    index = means_by_step(period, national, "concentration_hhi")
    draw_steps(right, period, {"": (index, OKABE_ITO["purple"])})
    dress(right, "Concentration of contracts", "index")
    _write_equal_offices(right, index)
    write_footer(figure, (), run)
    return figure


def _draw_turnover(axes: Axes, period: Period, national: pd.DataFrame) -> None:
    """Draw entries upwards and exits downwards, convictions hatched among the exits."""
    edges = period.edges()
    entries, exits = period.sums(national, "office_entries"), period.sums(national, "office_exits")
    green, red = OKABE_ITO["green"], OKABE_ITO["vermillion"]
    axes.stairs(entries, edges, fill=True, color=green, alpha=0.45, linewidth=0, label="Opened")
    axes.stairs(entries, edges, color=green, linewidth=1.4)
    axes.stairs(-exits, edges, fill=True, color=red, alpha=0.45, linewidth=0, label="Closed")
    axes.stairs(-exits, edges, color=red, linewidth=1.4)
    convicted = period.sums(national, "office_convictions") if "office_convictions" in national else 0 * exits
    if convicted.any():
        axes.stairs(
            -convicted, edges, fill=True, facecolor="none", edgecolor=red, hatch="//////", linewidth=0.8,
            label="of these, convicted",
        )  # fmt: skip
    top, bottom = max(entries.max(), 1.0), max(exits.max(), 1.0)
    set_time_axis(axes, period.first, period.last)
    dress(axes, "Opened and closed", f"offices {period.per}", whole=True)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_ylim(-1.15 * bottom, 1.3 * top)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.10g}"))
    axes.legend(loc="upper right", ncol=3, handlelength=1.2, columnspacing=0.9, borderaxespad=0.1)


def _write_equal_offices(axes: Axes, index: Values) -> None:
    """Say how many equal offices would have the last index."""
    known = index[np.isfinite(index) & (index > 0)]
    if known.size:
        axes.annotate(
            f"last: as {number(1 / known[-1])} equal offices", (0.98, 0.96), xycoords="axes fraction",
            ha="right", va="top", color=OKABE_ITO["purple"], weight="bold",
        )  # fmt: skip
