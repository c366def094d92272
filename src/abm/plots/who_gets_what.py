"""How fees are divided."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.wording import MINUS
from abm.plots.curves import Period, Values, period_of, stack_blocks
from abm.plots.panels import run_panels, settled, shade_opening
from abm.plots.style import MUTED, OKABE_ITO, About, Frames, Plate, dress, magnitude

PARTS = {
    "Transporters": ("paid_transporters", OKABE_ITO["blue"]),
    "Officials (bribes)": ("paid_officials", OKABE_ITO["vermillion"]),
    "Forgers": ("paid_forgers", OKABE_ITO["sky blue"]),
    "Associates": ("paid_associates", OKABE_ITO["orange"]),
    "Overhead": ("paid_overhead", OKABE_ITO["yellow"]),
    "Holders of deposits": ("paid_money_holders", OKABE_ITO["purple"]),
}
"""Those who are paid for their part: column and colour."""

OWNERS = ("Offices and owners", OKABE_ITO["green"])
"""The rest of the fees: profit taken out, capital and deposits that stay."""

COLOURS = {name: colour for name, (_, colour) in PARTS.items()} | dict([OWNERS])

RANSOMS = "Not included: ransoms to extortionists"

LAST_YEARS = 5  # years of the panel of amounts


def draw_who_gets_what(tables: Frames, about: About) -> Plate | None:
    """Draw how the fees that travellers pay are divided, year by year and over the last years."""
    national = tables["national"]
    if "fees_paid_by_travellers" not in national or not national["fees_paid_by_travellers"].any():
        return None
    period = period_of(national)
    figure, (left, right) = run_panels(
        about, f"Who gets what of the fees, {about.where}, {period.words}",
        f"Shares: of what travellers and their families pay {period.per}, without ransoms, or of what offices pay out "
        "where that is more. Offices and owners: the rest, taken out as profit or kept as capital and in escrow; "
        "negative: paid from capital. "
        "Amounts: mean of the years named, in PKR of 2017 and as share of the fees.",
        count=2, columns=2, wide=4.4, tall=3.6, across=1.9,
    )  # fmt: skip
    shares = shares_of_fees(national, period)
    stack_blocks(left, period, {name: (100 * share, COLOURS[name]) for name, share in shares.items()}, top=100)
    dress(
        left,
        f"Shares of the fees, {'year by year' if period.step > 1 else 'month by month'}",
        "% of fees, or of payments if larger",
    )
    left.grid(visible=False)
    shade_opening(left, about.start, above=True)  # the areas hide what lies behind them
    _draw_amounts(right, national, settled(period, about.start))
    return figure


def shares_of_fees(national: pd.DataFrame, period: Period) -> dict[str, Values]:
    """Parts of the fees by step, which add up to 1.

    Where offices pay more than they take in, what they lose comes from their owners: the parts are then shares of what
    is paid to others, and nothing is left.
    """
    paid = {name: period.sums(national, column) for name, (column, _) in PARTS.items()}
    fees = period.sums(national, "fees_paid_by_travellers")
    others = np.sum(list(paid.values()), axis=0)
    base = np.maximum(np.maximum(fees, others), 1.0)
    return {name: values / base for name, values in paid.items()} | {OWNERS[0]: np.maximum(fees - others, 0.0) / base}


def _draw_amounts(axes: Axes, national: pd.DataFrame, period: Period) -> None:
    """Draw the mean amounts of the last years, and ransoms beside them."""
    steps = min(LAST_YEARS, period.steps) if period.step > 1 else period.steps
    last = Period(period.last + 1 - steps * period.step, period.last, period.step)
    amounts = {name: (last.mean(national, column), colour) for name, (column, colour) in PARTS.items()}
    fees = last.mean(national, "fees_paid_by_travellers")
    rest = fees - sum(value for value, _ in amounts.values())
    amounts |= {OWNERS[0]: (rest, OWNERS[1]), RANSOMS: (last.mean(national, "paid_extortionists"), MUTED)}
    divisor, word = magnitude(max(abs(value) for value, _ in amounts.values()))
    rows = np.arange(len(amounts))[::-1].astype(np.float64)
    rows[-1] -= 0.35
    values = np.array([value for value, _ in amounts.values()]) / divisor
    axes.barh(rows, values, height=0.36, color=[colour for _, colour in amounts.values()], alpha=0.8)
    longest = float(np.abs(values).max()) or 1.0
    lowest = min(0.0, float(values.min()))
    for row, value, (name, (amount, _)) in zip(rows, values, amounts.items(), strict=True):
        share = "" if name == RANSOMS or not fees else f"  ({100 * amount / fees:.1f} %)"
        words = f"{name}  {value:,.2f}{share}".replace("-", MINUS)
        axes.text(0.012 * longest, row + 0.22, words, va="bottom", size=8.5)
    axes.axvline(0, color=MUTED, linewidth=0.7)
    axes.set_xlim(1.05 * lowest, 1.3 * longest)
    axes.set_ylim(rows[-1] - 0.4, rows[0] + 0.75)
    axes.set_title(f"Amounts, mean of {last.words}", weight="bold", pad=7)
    axes.set_xlabel(f"{word} PKR of 2017 {period.per} (share of fees)".strip(), loc="left")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
