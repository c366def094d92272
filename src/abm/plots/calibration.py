"""Figures of a calibration: marginals, fit of every summary, ranks of synthetic truths."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from abm.analysis.wording import capital, percent, plain
from abm.calibration.checks import SPAN
from abm.calibration.page import NARROWED, Findings
from abm.calibration.waves import unit_of, values_at
from abm.plots.sheet import Sheet
from abm.plots.style import INK, MUTED, OKABE_ITO, Plate, drawing, name_rows, number, save_figures, set_ticks

BLUE, ORANGE = OKABE_ITO["blue"], OKABE_ITO["orange"]

TICKS, MOST_LETTERS = (0.0, 0.5, 1.0), 20  # ticks of a histogram, and letters that fit below it


def draw_calibration(findings: Findings, folder: Path) -> list[Path]:
    """Draw all figures of a calibration into a folder; gives the files."""
    with drawing():
        figures = {"marginals": draw_marginals(findings), "fit": draw_fit(findings)}
        if findings.recovery is not None:
            figures["ranks"] = draw_ranks(findings)
    return save_figures(figures, folder)


def draw_marginals(findings: Findings) -> Plate:
    """Histogram of each parameter's draws over the range of its prior, with the value before."""
    posterior = findings.posterior
    count = len(posterior.factors)
    rows = -(-count // 5)
    sheet = Sheet.new(
        "What the records say of each parameter",
        f"Bars: draws of the posterior over the range of the prior, which is flat (line). Orange: value before. Grey: "
        f"the records narrow it to no less than {NARROWED:g} of the prior's standard deviation.",
        [_about(findings)],
        width=10.5, body=1.15 * rows + 0.5 * (rows - 1), left=0.35, right=0.35,
    )  # fmt: skip
    for column, axes in enumerate(sheet.panels(count, 5, across=0.3, down=0.62)):
        factor = posterior.factors[column]
        colour = BLUE if findings.narrowing[column] < NARROWED else MUTED
        axes.hist(posterior.draws[:, column], bins=np.linspace(0, 1, 21).tolist(), density=True, color=colour)
        axes.axhline(1.0, color=INK, linewidth=0.7)
        if factor.centre is not None and 0 <= unit_of(factor, factor.centre) <= 1:
            axes.axvline(unit_of(factor, factor.centre), color=ORANGE, linewidth=1.6)
        _name_ends(axes, values_at(posterior.factors, np.array([[share] * count for share in TICKS]))[:, column])
        axes.set_yticks([])
        section, _, name = factor.name.partition(".")
        title = textwrap.fill(factor.label, 24) or f"{section}\n{name}"
        axes.set_title(title, fontsize=7.5, loc="left", pad=3)
        axes.spines["left"].set_visible(False)
    return sheet.figure


def _name_ends(axes: Axes, values: NDArray[np.float64]) -> None:
    """Write values at the ends of an axis, within its width, and in the middle where there is room."""
    words = [number(float(value)) for value in values]
    if 2 * max(len(words[0]), len(words[-1])) + len(words[1]) > MOST_LETTERS:
        words[1] = ""
    axes.set_xticks(TICKS, words)
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def _about(findings: Findings) -> str:
    """Name of a calibration, and its records."""
    posterior = findings.posterior
    return f"{capital(plain(posterior.calibration.name))}, records until {posterior.until}."


def draw_fit(findings: Findings) -> Plate:
    """Distance of runs from the record in allowed standard deviations: first wave and posterior."""
    posterior = findings.posterior
    sheet = Sheet.new(
        "Fit of every summary",
        "Distance of the model from the record in standard deviations of record error and discrepancy: 90 % of the "
        "runs of the first wave (thin) and of those at draws of the posterior (thick). Band: two standard deviations.",
        [f"{_about(findings)} Beyond ±8 lines are cut."],
        width=9.0, body=0.23 * len(posterior.summaries) + 0.2, left=3.2, right=0.4,
    )  # fmt: skip
    axes = sheet.panel()
    places = name_rows(axes, [plain(summary.label) for summary in posterior.summaries])
    axes.axvspan(-2, 2, color=MUTED, alpha=0.15, linewidth=0)
    axes.axvline(0, color=INK, linewidth=0.8)
    for wave, colour, width in ((posterior.waves[0], MUTED, 1.2), (posterior.confirm, BLUE, 3.2)):
        low, middle, high = np.clip(np.nanquantile(findings.distances(wave), SPAN, axis=0), -8, 8)
        lift = 0.16 if width < 2 else -0.1
        axes.hlines(places + lift, low, high, color=colour, linewidth=width)
        axes.plot(middle, places + lift, "o", color=colour, markersize=4.5)
    axes.set_xlim(-8.2, 8.2)
    set_ticks(axes.xaxis, 9)
    axes.set_xlabel("standard deviations above the record")
    return sheet.figure


def draw_ranks(findings: Findings) -> Plate:
    """Ranks of the truths among their draws: flat if the method is calibrated."""
    recovery = findings.recovery
    assert recovery is not None
    sheet = Sheet.new(
        "Are synthetic truths recovered?",
        f"Rank of each parameter's truth among the draws, {len(recovery.ranks)} truths. Flat: intervals are honest; a "
        "hump: too wide; a bowl: too narrow. Band: 95 % of what chance does.",
        [f"{_about(findings)} {percent(recovery.coverage, 0)} of the intervals of 90 % hold the truth."],
        width=7.0, body=2.6, left=0.8, right=0.4,
    )  # fmt: skip
    axes = sheet.panel()
    bins = 10
    expected = recovery.ranks.size / bins
    axes.hist(recovery.ranks.ravel(), bins=np.linspace(0, 1, bins + 1).tolist(), color=BLUE, rwidth=0.92)
    axes.axhspan(expected - 1.96 * expected**0.5, expected + 1.96 * expected**0.5, color=MUTED, alpha=0.25, linewidth=0)
    axes.axhline(expected, color=INK, linewidth=0.8)
    axes.set_xlabel("share of draws below the truth")
    axes.set_ylabel("parameters × truths")
    return sheet.figure
