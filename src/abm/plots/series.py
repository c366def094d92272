"""National quantities over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.records import recorded
from abm.plots.curves import Period, Values, draw_flow, draw_lines, lines_of, period_of, scaled, span_of, values_of
from abm.plots.panels import draw_records, run_panels, settled
from abm.plots.style import CHANNELS, OKABE_ITO, About, Channel, Frames, Plate, dress, ink_of, magnitude, number


def draw_channels(tables: Frames, about: About) -> Plate | None:
    """Draw departures by channel: one panel each with its own scale, and all on one scale beside them.

    The channels differ by orders of magnitude. A shared linear axis would press the small ones flat and a logarithmic
    one would hide that they are small, so trends and sizes of the flows are in separate panels.
    """
    national = tables["national"]
    channels = [channel for channel in CHANNELS.values() if channel.departures in national]
    if not channels:
        return None
    period = period_of(national)
    figure, panels = run_panels(
        about, f"Departures by channel, {about.where}, {period.words}",
        f"Persons {period.per}. Each small panel has its own scale, from zero; the last panel compares sizes. "
        "Overstays leave on a visit and stay without papers. Circles: records of the country.",
        count=len(channels) + 1, columns=3, across=0.95,
    )  # fmt: skip
    for axes, channel in zip(panels, channels, strict=False):
        draw_flow(axes, period, period.sums(national, channel.departures), channel.colour)
        dress(axes, channel.name, f"persons {period.per}", channel.colour, whole=True)
        if channel is CHANNELS["legal_work"]:
            _mark_sold(axes, national, period)
        draw_records(axes, about, recorded(channel.departures, about.series), period)
    last = settled(period, about.start)
    _draw_means(panels[-1], [(channel, last.mean(national, channel.departures)) for channel in channels], last)
    return figure


def _mark_sold(axes: Axes, national: pd.DataFrame, period: Period) -> None:
    """Hatch the part of legal work that left on a visa which the destination sold, if any did."""
    if "visas_sold" not in national or not national["visas_sold"].any():
        return
    axes.stairs(
        period.sums(national, "visas_sold"), period.edges(), fill=True, facecolor="none", linewidth=0.8,
        edgecolor=CHANNELS["legal_work"].colour, hatch="//////", label="on sold visas",
    )  # fmt: skip
    axes.legend(loc="lower left", handlelength=1.4, frameon=True, framealpha=0.85, edgecolor="none")


def _draw_means(axes: Axes, means: list[tuple[Channel, float]], period: Period) -> None:
    """Draw the mean flow of each channel on one scale, with its number."""
    longest = max(mean for _, mean in means) or 1.0
    for row, (channel, mean) in zip(range(len(means) - 1, -1, -1), means, strict=True):
        axes.barh(row, mean, height=0.5, color=channel.colour)
        ink = ink_of(channel.colour)
        axes.text(0.015 * longest, row + 0.3, channel.name, va="bottom", color=ink, weight="bold")
        axes.text(mean + 0.02 * longest, row, number(mean), va="center")
    axes.set_xlim(0, 1.3 * longest)
    axes.set_ylim(-0.5, len(means) - 0.25)
    axes.set_title("Mean, on one scale", weight="bold", pad=7)
    axes.set_xlabel(f"persons {period.per}, {period.words}", loc="left")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


def draw_diaspora(tables: Frames, about: About) -> Plate | None:
    """Draw persons abroad by status, and the remittances that they send."""
    national = tables["national"]
    columns = {
        "Legal": ("diaspora_legal", CHANNELS["legal_work"].colour),
        "Irregular": ("diaspora_irregular", CHANNELS["irregular"].colour),
    }
    stocks = lines_of(values_of, national, columns)
    if not stocks or "remittances" not in national:
        return None
    period = period_of(national)
    figure, (axes, below) = run_panels(
        about, f"Diaspora and remittances, {about.where}, {span_of(national)}",
        f"Above: persons abroad in each month, by status. Below: money sent home {period.per}, in prices of 2017. "
        "Circles: records of the country; that of persons abroad counts both and settled families.",
        count=2, columns=1, wide=6.4, tall=1.9, right=1.0,
    )  # fmt: skip
    stocks, divisor, word = scaled(stocks)
    draw_lines(axes, national, stocks)
    dress(axes, "Persons abroad", f"{word} persons".strip(), whole=not word)
    draw_records(axes, about, recorded("persons_abroad", about.series), period, divisor)
    sums = period.sums(national, "remittances")
    divisor, word = magnitude(sums.max())
    draw_flow(below, period, sums / divisor, OKABE_ITO["black"])
    below.set_xlim(*axes.get_xlim())
    dress(below, "Remittances", f"{word} PKR of 2017, {period.per}".strip())
    draw_records(below, about, recorded("remittances", about.series), period, divisor)
    return figure


def draw_aspiration(tables: Frames, about: About) -> Plate | None:
    """Draw aspiration to leave, and households that aspire and cannot."""
    national = tables["national"]
    shares = {
        "Aspiring": ("aspiring_share", OKABE_ITO["orange"]),
        "Involuntarily\nimmobile": ("involuntary_immobility", OKABE_ITO["black"]),
    }
    lines = lines_of(_percentage, national, shares)
    if not lines or "aspiration_mean" not in national:
        return None
    figure, (left, right) = run_panels(
        about, f"Aspiration to migrate and involuntary immobility, {about.where}, {span_of(national)}",
        "Aspiring: aspiration above the threshold. "
        "Involuntarily immobile: aspiring, and unable to pay for the cheapest option.",
        count=2, columns=2, wide=3.7, tall=2.5, right=1.35,
    )  # fmt: skip
    mean = values_of(national, "aspiration_mean")
    draw_lines(left, national, {"": (mean, OKABE_ITO["sky blue"])})
    dress(left, "Mean aspiration", "index from 0 to 1")
    draw_lines(right, national, lines)
    dress(right, "Households", "% of households")
    return figure


def _percentage(national: pd.DataFrame, column: str) -> Values:
    """Percentage of households, from a share or from a count of households (whole numbers)."""
    values = values_of(national, column)
    if national[column].dtype.kind == "f":
        return 100 * values
    households = values_of(national, "households")
    return 100 * np.divide(values, households, out=np.zeros(len(values)), where=households > 0)
