"""Figures of a sensitivity analysis: which factors matter, how much, and with what certainty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.sensitivity import Sensitivity
from abm.analysis.wording import Topic, outcome_in_words, percent, sentences, title_of
from abm.plots.sheet import Sheet
from abm.plots.style import INK, MUTED, OKABE_ITO, SMALL, Plate, halo, name_rows, set_ticks

MOST, NUMBERED = 15, 12  # factors that a figure of bars shows, and dots that are named in one of dots
ROW, LANE = 0.3, 0.16  # inches of a row, and half the height of each of two bars in it, as a share of the row

DARK, PALE, OTHER = OKABE_ITO["blue"], OKABE_ITO["sky blue"], OKABE_ITO["vermillion"]

PARTS = {
    "factors": ("share_factors", DARK),
    "seeds, all points alike": ("share_seeds", PALE),
    "seeds, point by point": ("share_seeds_at_points", OKABE_ITO["yellow"]),
}
"""Parts of the variance of single runs: column of the table of fits, and colour."""


def draw_indices(sensitivity: Sensitivity, outcome: str) -> Plate:
    """Draw the figure that suits what was worked out, for one outcome."""
    draw = {
        "sobol": _draw_sobol,
        "morris": _draw_morris,
        "one_at_a_time": _draw_tornado,
        "regression": _draw_regression,
    }[sensitivity.kind]
    rows = sensitivity.indices[sensitivity.indices["outcome"] == outcome]
    return draw(sensitivity, outcome, rows.assign(label=rows["factor"].map(sensitivity.names.factor)))


def draw_variance(sensitivity: Sensitivity) -> Plate | None:
    """Draw how much of the variance of single runs comes from factors and from seeds; None with one replicate."""
    rows = sensitivity.fit[sensitivity.fit["share_seeds"].notna()]
    if rows.empty:
        return None
    names = [outcome_in_words(name) for name in rows["outcome"]]
    sheet = _sheet(
        sensitivity, "", "Why runs differ", "Share of the variance of single runs. Factors: differences between points "
        "in the mean over seeds. Seeds: effects of a seed on all points alike, and on each point by itself.",
        names, width=8.5,
    )  # fmt: skip
    axes = sheet.panel()
    places = name_rows(axes, names)
    start = np.zeros(len(rows))
    for part, (column, colour) in PARTS.items():
        share = 100 * rows[column].to_numpy(np.float64)
        axes.barh(places, share, left=start, height=0.6, color=colour, edgecolor="white", label=part)
        for place, left, width in zip(places, start, share, strict=True):
            if width >= 6:
                ink = "white" if part == "factors" else INK
                axes.text(left + width / 2, place, f"{width:.0f}", ha="center", va="center", color=ink, size=SMALL)
        start += share
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the variance", loc="left")
    _explain(axes, 3)
    return sheet.figure


def _draw_sobol(sensitivity: Sensitivity, outcome: str, rows: pd.DataFrame) -> Plate:
    shown = rows.head(MOST)
    first, total = sensitivity.sobol_columns
    means = "of its expectation, noise of seeds removed" if total != "total" else "of the mean of replicates"
    sheet = _sheet(
        sensitivity, outcome, "Sobol' indices",
        f"Share of the variance {means}. First order: effect of the factor alone. Total: with all its "
        f"interactions. Lines: {percent(sensitivity.level)} intervals.",
        rows["label"],
    )  # fmt: skip
    axes = sheet.panel()
    places = name_rows(axes, shown["label"])
    for name, colour, shift, label in ((first, DARK, LANE, "first order"), (total, PALE, -LANE, "total")):
        axes.barh(places + shift, shown[name], height=2 * LANE, color=colour, label=label)
        low, high = shown[f"{name}_low"].clip(lower=0), shown[f"{name}_high"].clip(lower=0)
        axes.hlines(places + shift, low, high, color=INK, linewidth=1.0)
    _explain(axes, 2)
    ends = shown[[first, total, f"{total}_high"]].to_numpy(np.float64)
    axes.set_xlim(0, max(1.05 * float(np.nanmax(ends, initial=0)), 0.1))
    axes.set_xlabel("share of the variance", loc="left")
    return sheet.figure


def _draw_regression(sensitivity: Sensitivity, outcome: str, rows: pd.DataFrame) -> Plate:
    fit = sensitivity.fit.set_index("outcome").loc[outcome].to_dict()
    shown = rows.head(MOST)
    sheet = _sheet(
        sensitivity, outcome, "regression and PAWN",
        "SRC, dot: standardised regression coefficient; PRCC, diamond: partial rank correlation; with "
        f"{percent(sensitivity.level)} intervals; R² {fit['r_squared']:.2f}, of ranks {fit['rank_r_squared']:.2f}. "
        "PAWN: distance between distributions; left of the dashed line it is no more than chance gives.",
        rows["label"], width=10.0,
    )  # fmt: skip
    left, right = sheet.panels(2, 2, across=0.35)
    places = name_rows(left, shown["label"])
    left.axvline(0, color=INK, linewidth=0.8)
    for name, marker, colour, shift in (("src", "o", DARK, 0.14), ("prcc", "D", OTHER, -0.14)):
        left.hlines(places + shift, shown[f"{name}_low"], shown[f"{name}_high"], color=colour, linewidth=1.4)
        left.plot(shown[name], places + shift, marker, color=colour, markersize=4.5, label=name.upper())
    ends = shown[["src_low", "src_high", "prcc_low", "prcc_high"]].to_numpy(np.float64)
    left.set_xlim(1.08 * np.nanmin(ends, initial=-0.05), 1.08 * np.nanmax(ends, initial=0.05))
    left.set_xlabel("coefficient (SRC) and correlation (PRCC)", loc="left")
    _explain(left, 2)
    right.barh(places, shown["pawn"], height=0.55, color=PALE)
    right.axvline(float(fit["pawn_dummy"]), color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
    right.set_xlabel("PAWN index (median)", loc="left")
    right.set_xlim(0, None)
    name_rows(right, [""] * len(shown))
    return sheet.figure


def _draw_tornado(sensitivity: Sensitivity, outcome: str, rows: pd.DataFrame) -> Plate:
    assert sensitivity.moves is not None
    moves = sensitivity.moves[sensitivity.moves["outcome"] == outcome]
    shown = rows.head(MOST)
    sheet = _sheet(
        sensitivity, outcome, "one factor at a time",
        "Difference from the centre when one factor alone goes to the value beside the bar. Dark: up; pale: down. "
        f"Lines: {percent(sensitivity.level)} intervals over replicates. Says nothing about interactions.",
        rows["label"],
    )  # fmt: skip
    axes = sheet.panel()
    places = name_rows(axes, shown["label"])
    for place, factor in zip(places, shown["factor"], strict=True):
        of_factor = moves[moves["factor"] == factor].sort_values("at")
        ends = of_factor.iloc[[0, -1]] if len(of_factor) > 1 else of_factor
        for _, move in ends.iterrows():
            _draw_move(axes, place, move)
    axes.axvline(0, color=INK, linewidth=0.8)
    low, high = axes.get_xlim()
    room = 0.16 * (high - low)  # for the labels beside the outermost bars
    axes.set_xlim(low - room, high + room)
    axes.set_xlabel(_unit_of(rows), loc="left")
    set_ticks(axes.xaxis, 6)
    return sheet.figure


def _draw_move(axes: Axes, place: float, move: pd.Series) -> None:
    if not np.isfinite(move["difference"]):
        axes.text(0, place, "  missing", size=SMALL, color=MUTED, va="center")
        return
    up = move["at"] > move["centre"]
    place += LANE if up else -LANE
    axes.barh(place, move["difference"], height=2 * LANE, color=DARK if up else PALE)
    if np.isfinite(move["low"]):
        axes.hlines(place, move["low"], move["high"], color=INK, linewidth=1.1)
    right = move["difference"] >= 0
    ends = [move["difference"], *(end for end in (move["low"], move["high"]) if np.isfinite(end))]
    label = axes.annotate(
        f"{move['at']:.3g}", (max(ends) if right else min(ends), place), xytext=(4 if right else -4, 0),
        textcoords="offset points", ha="left" if right else "right", va="center", size=SMALL, color=MUTED,
    )  # fmt: skip
    halo(label)


def _draw_morris(sensitivity: Sensitivity, outcome: str, rows: pd.DataFrame) -> Plate:
    longest = max(len(name) for name in rows["label"].head(NUMBERED)) + 4
    sheet = _sheet(
        sensitivity, outcome, "elementary effects",
        "Each dot is a factor. Right: larger effect over the whole range of the factor (μ*). Up: an effect that "
        "depends more on the other factors, or is less linear (σ). Lines: "
        f"{percent(sensitivity.level)} intervals of μ*.",
        [""] * 14, right=0.35 + 0.066 * longest,
        notes=["Dashed lines: σ = μ* and σ = 0.1 μ*; below the lower one a factor acts almost linearly."],
    )  # fmt: skip
    axes = sheet.panel()
    axes.hlines(rows["sigma"], rows["mu_star_low"].clip(lower=0), rows["mu_star_high"], color=PALE, linewidth=1.2)
    axes.plot(rows["mu_star"], rows["sigma"], "o", color=DARK, markersize=5)
    largest = 1.12 * max(float(np.nanmax(rows["mu_star_high"], initial=0)), 1e-12)
    top = 1.15 * max(float(np.nanmax(rows["sigma"], initial=0)), 0.12 * largest)
    for slope in (1.0, 0.1):
        axes.plot([0, largest], [0, slope * largest], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    if "noise" in rows and rows["noise"].notna().any():
        noise = float(rows["noise"].median())
        axes.axhline(noise, color=OTHER, linewidth=0.9)
        axes.text(largest, noise, "noise of seeds ", color=OTHER, size=SMALL, ha="right", va="bottom")
    axes.set_xlim(0, largest)
    axes.set_ylim(0, top)
    named = rows.head(NUMBERED)
    for rank, (_, row) in enumerate(named.iterrows(), 1):
        place = (row["mu_star"], row["sigma"])
        halo(axes.annotate(str(rank), place, xytext=(5, 5), textcoords="offset points", size=SMALL + 0.5, color=INK))
    names = "\n".join(f"{rank:>2}  {name}" for rank, name in enumerate(named["label"], 1))
    axes.text(1.03, 1.0, names, transform=axes.transAxes, size=SMALL + 0.5, va="top", linespacing=1.6, color=INK)
    axes.set_xlabel(f"μ*: mean absolute effect ({_unit_of(rows)})", loc="left")
    axes.set_ylabel(f"σ: spread of the effect ({rows['unit'].iloc[0]})")
    for axis in (axes.xaxis, axes.yaxis):
        set_ticks(axis, 6)
    axes.grid()
    return sheet.figure


def _sheet(
    sensitivity: Sensitivity,
    outcome: str,
    title: str,
    subtitle: str,
    names: Sequence[str] | pd.Series,
    *,
    notes: Sequence[str] = (),
    width: float = 9.0,
    right: float = 0.35,
) -> Sheet:
    """Lay out a figure with a row for each name; of an outcome with the first `MOST` factors."""
    left_out = len(names) - MOST if outcome else 0
    if left_out > 0:
        names, notes = names[:MOST], [f"{left_out} factors that matter less are left out; the tables have them."]
    what = sensitivity.names.scenario(sensitivity.scenario) + (" less the reference" if sensitivity.difference else "")
    named = f"Study {sensitivity.name}, " if sensitivity.name else ""
    topics: tuple[Topic, ...] = ("indices",) if outcome else ()
    title = f"{title_of(outcome)}: {title}" if outcome else title
    told = sentences(sensitivity.notes, *topics, outcome=outcome)
    below = [f"{named}{what}, {sensitivity.window.words}.", *notes, *told]
    left = max(0.4 + 0.066 * max(map(len, names)), 0.75)
    return Sheet.new(title, subtitle, below, width=width, body=ROW * len(names) + 0.2, left=left, right=right)


def _unit_of(rows: pd.DataFrame) -> str:
    """Unit and measure of an outcome in words."""
    measures = {"total": "total over the window", "mean": "mean over the window", "end": "last month"}
    return f"{rows['unit'].iloc[0]}, {measures[rows['measure'].iloc[0]]}"


def _explain(axes: Axes, columns: int) -> None:
    """Put the legend above the panel, at its right."""
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, borderaxespad=0.2, columnspacing=1.2)
