"""Figures of a comparison: a forest plot of differences, fans of runs over time, and bands of paired differences."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from abm.analysis.compare import Comparison
from abm.analysis.naming import Dated
from abm.analysis.panel import Panel
from abm.analysis.recorded import recorded
from abm.analysis.tables import share_in_words
from abm.analysis.variance import DIFFERENCE, RUNS
from abm.analysis.wording import decimals_of, written
from abm.engine.calendar import parse_month
from abm.engine.measures import is_flow, measures_of
from abm.plots.curves import days, months_of, set_time_axis
from abm.plots.panels import LETTERS, SETTLES, mark_levers, opens_within, shade_opening
from abm.plots.sheet import Sheet, is_leftmost, notes_of, percent, title_of
from abm.plots.style import GRID, INK, MUTED, OKABE_ITO, SMALL, Plate, for_paper, magnitude, name_rows, set_ticks
from abm.society import DriversParams

Floats = NDArray[np.float64]

COLUMNS = 3
"""Panels side by side."""

PANEL, BETWEEN, ROW = 1.9, 0.74, 0.34
"""Inches of the height of a panel over time, of the room below it, and of a row of a forest plot."""

NARROWEST = 7.5
"""Inches that a title needs."""

LONG = 1e7
"""From here on numbers of a forest plot are written in millions or billions."""

LESS, MORE = OKABE_ITO["blue"], OKABE_ITO["vermillion"]
ACCENT = OKABE_ITO["blue"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_OVER_DRAWS = " Variance: over the whole window, between draws of the posterior and between seeds."
"""What a panel says below where points are draws, for the subtitle."""

_BEFORE = " Grey background: no difference at all."
"""What grey means in a figure of differences, where there is any."""

FEW_RUNS = 20
"""Runs below which a 90 % band is about the range of them all."""


# --------------------------------------------------------------------------------------------------------- forest plots


def draw_forest(comparison: Comparison) -> Plate:
    """Draw the differences of all scenarios and outcomes over the window, in per cent of the reference.

    Where the reference is zero, as the cost of a policy that it does not have, they are drawn in units.
    """
    outcomes, scenarios = list(comparison.outcomes), comparison.scenarios
    reference = comparison.names.scenario(comparison.reference)
    rows = -(-len(outcomes) // COLUMNS)
    left = 0.5 + 0.072 * max(len(comparison.names.scenario(name)) for name in scenarios)
    sheet = Sheet.new(
        f"Differences from {reference}, {str(comparison.window).replace(':', ' to ')}",
        f"Dot: mean paired difference in per cent of {reference}, in units where it has none. Bar: "
        f"{percent(comparison.intervals.level)} interval ({comparison.intervals.method}). Filled, red or blue: zero "
        "lies outside. Right: in units.",
        notes_of(comparison.name, comparison.notes, "differences"),
        width=max(left + 3.35 * min(COLUMNS, len(outcomes)), NARROWEST), left=left, right=0.95,
        body=rows * ROW * (len(scenarios) + 0.6) + (rows - 1) * 0.85,
    )  # fmt: skip
    for index, axes in enumerate(sheet.panels(len(outcomes), COLUMNS, across=1.05, down=0.85)):
        _draw_outcome(axes, comparison, outcomes[index], named=is_leftmost(axes))
    return sheet.figure


def _draw_outcome(axes: Axes, comparison: Comparison, outcome: str, *, named: bool) -> None:
    measure = measures_of(comparison.outcomes[outcome])[0]
    totals = comparison.totals
    rows = totals[(totals["outcome"] == outcome) & (totals["measure"] == measure)].set_index("scenario")
    rows = rows.loc[list(comparison.scenarios)].copy()
    largest = float(np.nanmax(np.abs(rows[["difference", "low", "high"]].to_numpy(np.float64)), initial=0.0))
    divisor, word = magnitude(largest) if largest >= LONG else (1.0, "")
    rows[["difference", "low", "high"]] /= divisor
    unit = f"{word} {rows['unit'].iloc[0]}".strip()
    in_units = not np.isfinite(rows["percent"]).any()
    if in_units:
        rows[["percent", "percent_low", "percent_high"]] = rows[["difference", "low", "high"]]
    axes.axvline(0, color=INK, linewidth=0.8)
    for place, (_, row) in zip(
        name_rows(axes, map(comparison.names.scenario, rows.index) if named else [""] * len(rows)),
        rows.iterrows(),
        strict=True,
    ):
        _draw_row(axes, place, row)
    found = rows[["percent_low", "percent", "percent_high"]].to_numpy(np.float64)
    ends = np.append(found[np.isfinite(found)], 0.0)
    room = 0.08 * ((ends.max() - ends.min()) or 1.0)
    axes.set_xlim(ends.min() - room, ends.max() + room)
    set_ticks(axes.xaxis, 4)
    axes.set_title(title_of(outcome), weight="bold", pad=6)
    axes.set_xlabel(unit if in_units else f"% of {comparison.names.scenario(comparison.reference)}", loc="left")
    in_rows, words = axes.get_yaxis_transform(), unit.replace(" of ", "\nof ")
    axes.text(1.03, -0.7, words, transform=in_rows, size=SMALL, color=MUTED, va="top")


def _draw_row(axes: Axes, place: float, row: pd.Series) -> None:
    low, mean, high = row["percent_low"], row["percent"], row["percent_high"]
    sure = np.isfinite(low) and low * high > 0
    colour = (MORE if mean > 0 else LESS) if sure else MUTED
    if np.isfinite(mean):
        if np.isfinite(low):
            axes.plot([low, high], [place, place], color=colour, linewidth=1.8, solid_capstyle="butt")
        axes.plot(mean, place, "o", color=colour, markerfacecolor=colour if sure else "white", markersize=5.5)
    text = written(row["difference"], decimals_of(row["difference"], row["low"], row["high"]))
    if row["difference"] > 0 and text.strip("0."):
        text = f"+{text}"
    axes.text(1.03, place, text, transform=axes.get_yaxis_transform(), size=SMALL + 0.5, va="center", color=INK)


# ---------------------------------------------------------------------------------------- over time, a panel a scenario


@dataclass(frozen=True)
class _Steps:
    """Years or months that a figure is drawn in: the runs and paired differences by step, and when the steps are."""

    panel: Panel
    frame: pd.DataFrame
    edges: Floats
    """Begin and end of each step one after the other, in days: each value is drawn over the whole of its step."""
    first: int
    last: int
    """First and last month, since year 0."""
    per: str
    """``a year`` or ``a month``."""

    @classmethod
    def of(cls, comparison: Comparison, measures: dict[str, str]) -> _Steps:
        yearly = comparison.panel.yearly(measures)  # type: ignore[arg-type]
        if yearly is not None and comparison.yearly is not None:
            panel, frame, length = yearly, comparison.yearly, 12
        else:
            panel, frame, length = comparison.panel, comparison.monthly, 1
        months = months_of(pd.DataFrame({"month": panel.months.astype("datetime64[s]")}))
        edges = np.column_stack([days(months), days(months + length)]).ravel()
        last = int(months[-1]) + length - 1
        return cls(panel, frame, edges, int(months[0]), last, "a year" if length == 12 else "a month")


def draw_fan(comparison: Comparison, outcome: str) -> Plate:
    """Draw the spread of single runs by scenario: median, and bands that hold half and nine tenths of them.

    Only pairs are drawn: in a study that is not finished, scenarios would differ by the points and seeds of their runs.
    """
    steps, what, divisor, unit = _prepare(comparison, outcome)
    values = steps.panel.values[outcome] / divisor
    pairs = steps.panel.pairs
    drawn = np.concatenate([pairs[1:].any(0)[None], pairs[1:]])
    spread = [_quantiles(found[there]) for found, there in zip(values, drawn, strict=True)]
    reference = [_quantiles(values[0][there])[2] for there in drawn]
    runs = drawn.sum((1, 2))
    notes = [*notes_of(comparison.name, comparison.notes, outcome=outcome), *_levers_in_words(comparison)]
    records = _records(comparison, outcome, steps)
    if runs.min() < FEW_RUNS:
        notes.insert(0, f"With fewer than {FEW_RUNS} runs the outer band is about the range of them all.")

    def draw(axes: Axes, place: int) -> None:
        low, lower, median, upper, high = np.repeat(spread[place], 2, axis=-1)
        axes.fill_between(steps.edges, low, high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.fill_between(steps.edges, lower, upper, color=ACCENT, alpha=0.35, linewidth=0)
        if place:
            axes.plot(steps.edges, np.repeat(reference[place], 2), color=MUTED, linewidth=1.2)
        axes.plot(steps.edges, median, color=ACCENT, linewidth=1.6)
        if records:
            axes.plot(
                list(records), np.array(list(records.values())) / divisor, "o", markersize=4, color=INK,
                markerfacecolor="white",
            )  # fmt: skip
        shade_opening(axes, comparison.names.start)
        count = f"{runs[place]:,} runs" if runs[place] != 1 else "1 run"
        if not for_paper():
            axes.set_title(count, loc="right", size=SMALL, color=MUTED, pad=8)
        _tell_shares(axes, comparison, outcome, steps.panel.scenarios[place], RUNS)

    known = np.concatenate([*(found.ravel() for found in spread), np.array(list(records.values())) / divisor])
    known = known[np.isfinite(known)]
    over_draws = _OVER_DRAWS if comparison.variance is not None else ""
    subtitle = (
        "Line: median of the runs. Dark band: the middle half. Pale band: 90 % of them. Grey line: median of "
        f"{comparison.names.scenario(comparison.reference)} over the same pairs."
        f"{' Circles: records of the country.' if records else ''}"
        f"{f' {SETTLES}' if opens_within(comparison.names.start, steps.first) else ''}{over_draws}"
    )
    sheet, panels = _sheet(f"{what}, by scenario", subtitle, notes, len(steps.panel.scenarios))
    _draw_panels(panels, comparison, steps, draw, unit)
    for axes in panels:
        axes.set_ylim(known.min(initial=0.0), 1.06 * (known.max(initial=0.0) or 1.0))
    sheet.figure.align_ylabels(panels)
    return sheet.figure


def draw_difference(comparison: Comparison, outcome: str) -> Plate:
    """Draw the mean paired difference from the reference over time, with its interval."""
    steps, what, divisor, unit = _prepare(comparison, outcome)
    rows = steps.frame[steps.frame["outcome"] == outcome]
    found = {
        scenario: [of_scenario[column].to_numpy(np.float64) / divisor for column in ("difference", "low", "high")]
        for scenario, of_scenario in rows.groupby("scenario", sort=False)
    }

    def draw(axes: Axes, place: int) -> None:
        mean, low, high = (np.repeat(values, 2) for values in found[steps.panel.scenarios[place]])
        _mark_baseline(axes, comparison, steps.panel.scenarios[place], steps)
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.fill_between(steps.edges, low, high, color=ACCENT, alpha=0.25, linewidth=0)
        axes.plot(steps.edges, mean, color=ACCENT, linewidth=1.6)
        _tell_shares(axes, comparison, outcome, steps.panel.scenarios[place], DIFFERENCE)

    ends = np.concatenate([np.concatenate(parts) for parts in found.values()])
    top, bottom = np.nanmax(ends, initial=0), np.nanmin(ends, initial=0)
    room = 0.06 * ((top - bottom) or 1.0)
    over_draws = _OVER_DRAWS if comparison.variance is not None else ""
    subtitle = (
        "Line: mean difference of pairs of runs with the same random numbers. Band: its "
        f"{percent(comparison.intervals.level)} interval for each {steps.per.split()[-1]} by itself "
        f"({comparison.intervals.method}).{_BEFORE if _begins_later(comparison, steps) else ''}{over_draws}"
    )
    notes = notes_of(comparison.name, comparison.notes, "differences", outcome=outcome)
    notes += _levers_in_words(comparison)
    reference = comparison.names.scenario(comparison.reference)
    sheet, panels = _sheet(f"{what}: difference from {reference}", subtitle, notes, len(found))
    _draw_panels(panels, comparison, steps, draw, unit)
    for axes in panels:
        axes.set_ylim(bottom - room, top + room)
    return sheet.figure


def _tell_shares(axes: Axes, comparison: Comparison, outcome: str, scenario: str, of: str) -> None:
    """Say below a panel whence runs, or differences, vary over the window; nothing where points are no draws."""
    row = comparison.shares(outcome, scenario, of)
    if row is None or not row["variance"] > 0:
        return
    words = "draws and seeds not separated"
    if np.isfinite(row["between"]):
        words = f"draws {share_in_words(row)}, seeds {share_in_words(row, 'within')}"
    words = f"Variance: {words}"
    axes.set_xlabel(words, loc="left", size=SMALL, color=MUTED)


def _prepare(comparison: Comparison, outcome: str) -> tuple[_Steps, str, float, str]:
    """Steps, the outcome in words, and the divisor and unit of the axis."""
    declared = comparison.outcomes[outcome]
    flow = is_flow(declared)
    steps = _Steps.of(comparison, {outcome: "total" if flow else "mean"})
    values = steps.panel.values[outcome]
    divisor, word = magnitude(float(np.nanmax(np.abs(values), initial=0)))
    unit = declared.unit.removesuffix(" a month") if flow else declared.unit
    if unit in ("person", "household", "event", "case", "lead", "office", "attempt", "officer"):
        unit = f"{unit}s"
    per = f" {steps.per}" if flow else ""
    return steps, title_of(outcome), divisor, f"{word} {unit}{per}".strip()


def _quantiles(values: Floats) -> Floats:
    """Quantiles over runs, of shape (quantiles, steps); blank where no run has a value."""
    found = np.full((len(QUANTILES), values.shape[-1]), np.nan)
    known = np.isfinite(values).any(0)
    if known.any():
        found[:, known] = np.nanquantile(values[:, known], QUANTILES, axis=0)
    return found


def _sheet(title: str, subtitle: str, notes: list[str], count: int) -> tuple[Sheet, list[Axes]]:
    """Lay out a figure of so many panels."""
    rows = -(-count // COLUMNS)
    width = max(1.35 + 3.1 * min(count, COLUMNS), NARROWEST)
    body = rows * PANEL + (rows - 1) * BETWEEN
    sheet = Sheet.new(title, subtitle, notes, width=width, body=body, left=0.85, right=0.3)
    return sheet, sheet.panels(count, COLUMNS, across=0.28, down=BETWEEN)


def _draw_panels(
    panels: list[Axes], comparison: Comparison, steps: _Steps, draw: Callable[[Axes, int], None], unit: str
) -> None:
    """Draw a panel for each scenario, the reference left out where there is no panel for it."""
    scenarios = steps.panel.scenarios
    for index, axes in enumerate(panels):
        place = index + len(scenarios) - len(panels)
        set_time_axis(axes, steps.first, steps.last)
        draw(axes, place)
        mark_levers(axes, *_levers_of(comparison, scenarios[place]))
        axes.set_title(textwrap.fill(comparison.names.scenario(scenarios[place]), 32), weight="bold", pad=8)
        axes.grid(axis="y")
        axes.tick_params(axis="y", length=0)
        set_ticks(axes.yaxis, 5)
        axes.tick_params(labelleft=is_leftmost(axes))
        if is_leftmost(axes):
            axes.set_ylabel(unit)


def _mark_baseline(axes: Axes, comparison: Comparison, scenario: str, steps: _Steps) -> None:
    """Give the months before a scenario differs from the reference a grey background."""
    start, end = days(np.array([steps.first, min(_apart(comparison, scenario, steps), steps.last + 1)]))
    if end > start:
        axes.axvspan(start, end, color=GRID, alpha=0.55, linewidth=0, zorder=-1)


def _apart(comparison: Comparison, scenario: str, steps: _Steps) -> int:
    """First month of the first step in which a scenario differs: a year in which a policy begins differs as a whole."""
    month = comparison.apart.get(scenario)
    if month is None:
        return steps.last + 1
    since = parse_month(month)
    return since // 12 * 12 if steps.per == "a year" else since


def _begins_later(comparison: Comparison, steps: _Steps) -> bool:
    """Whether some scenario is the same as the reference for a while."""
    return any(_apart(comparison, scenario, steps) > steps.first for scenario in comparison.scenarios)


def _levers_of(comparison: Comparison, scenario: str) -> tuple[list[Dated], str]:
    """Levers that a scenario has beyond the reference, and their letters: the same lever has one in all scenarios."""
    every = _policies(comparison)
    mine = [lever for lever in every if lever in comparison.names.dated.get(scenario, ())]
    return mine, "".join(LETTERS[every.index(lever)] for lever in mine)


def _policies(comparison: Comparison) -> list[Dated]:
    """All levers of the scenarios that the reference does not have, as many as there are letters."""
    dated = comparison.names.dated
    found = [lever for scenario in comparison.scenarios for lever in dated.get(scenario, ())]
    return [lever for lever in dict.fromkeys(found) if lever not in dated.get(comparison.reference, ())][: len(LETTERS)]


def _levers_in_words(comparison: Comparison) -> list[str]:
    levers = "; ".join(f"{letter} {lever.words}" for letter, lever in zip(LETTERS, _policies(comparison), strict=False))
    return [f"Dotted lines, first and last month of levers: {levers}."] if levers else []


def _records(comparison: Comparison, outcome: str, steps: _Steps) -> dict[float, float]:
    """Records of an outcome by the day at which they stand; none for studies of some districts or a year of months."""
    if not comparison.names.whole or steps.per != "a year":
        return {}
    found = recorded(outcome, DriversParams().known).values
    return {
        float(days(np.array([12 * year + 6]))[0]): value
        for year, value in found.items()
        if steps.first <= 12 * year <= steps.last
    }
