"""Figures of a comparison: a forest plot of differences, fans of runs over time, and bands of paired differences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.compare import WHEN_CLEAR, Comparison, is_clear
from abm.analysis.naming import Dated
from abm.analysis.panel import Panel
from abm.analysis.records import recorded
from abm.analysis.replicates import DIFFERENCE, RUNS
from abm.analysis.tables import scale_of, share_in_words
from abm.analysis.wording import Topic, decimals_of, percent, title_of, unit_in_words, written
from abm.config.wording import counted as number_of
from abm.engine.calendar import parse_month
from abm.engine.measures import Floats, Measure, is_flow, measures_of
from abm.plots.curves import Period, days, months_of, set_time_axis
from abm.plots.panels import LETTERS, SETTLES, SETTLING, levers_in_words, mark_levers, record_points, shade_opening
from abm.plots.sheet import Sheet, is_leftmost, notes_of
from abm.plots.style import GRID, INK, MUTED, OKABE_ITO, SMALL, Plate, for_paper, magnitude, name_rows, set_ticks
from abm.society import DriversParams

COLUMNS = 3  # panels side by side

PANEL, BETWEEN, ROW = 1.9, 0.74, 0.34
"""Inches of the height of a panel over time, of the room below it, and of a row of a forest plot."""

NARROWEST = 7.5  # inches that a title needs

LESS, MORE = OKABE_ITO["blue"], OKABE_ITO["vermillion"]
ACCENT = OKABE_ITO["blue"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

FEW_RUNS = 20  # runs below which a 90 % band is about the range of them all


def draw_forest(comparison: Comparison) -> Plate:
    """Draw the differences of all scenarios and outcomes over the window, in per cent of the reference.

    Where the reference is zero, as the cost of a policy that it does not have, they are drawn in units.
    """
    outcomes, scenarios = list(comparison.outcomes), comparison.scenarios
    reference = comparison.names.scenario(comparison.reference)
    rows = -(-len(outcomes) // COLUMNS)
    left = 0.5 + 0.072 * max(len(comparison.names.scenario(name)) for name in scenarios)
    sheet = Sheet.new(
        f"Differences from {reference}, {comparison.window.words}",
        f"Dot: mean paired difference in per cent of {reference} (in units where {reference} is zero). Bar: "
        f"{percent(comparison.intervals.level)} t interval. Blue: lower, orange: higher, where {WHEN_CLEAR}; grey and "
        "hollow: the others. Right: in units.",
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
    rows["clear"] = [is_clear(row) for _, row in rows.iterrows()]
    largest = float(np.nanmax(np.abs(rows[["difference", "low", "high"]].to_numpy(np.float64)), initial=0.0))
    divisor, word = scale_of(largest)
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
    sure = row["clear"]
    colour = (MORE if mean > 0 else LESS) if sure else MUTED
    if np.isfinite(mean):
        if np.isfinite(low):
            axes.plot([low, high], [place, place], color=colour, linewidth=1.8, solid_capstyle="butt")
        axes.plot(mean, place, "o", color=colour, markerfacecolor=colour if sure else "white", markersize=5.5)
    text = written(row["difference"], decimals_of(row["difference"], row["low"], row["high"]))
    if row["difference"] > 0 and text.strip("0."):
        text = f"+{text}"
    axes.text(1.03, place, text, transform=axes.get_yaxis_transform(), size=SMALL + 0.5, va="center", color=INK)


@dataclass(frozen=True)
class _OverTime:
    """An outcome of a comparison in the years or months that a figure is drawn in."""

    comparison: Comparison
    outcome: str
    panel: Panel  # runs by step
    frame: pd.DataFrame  # paired differences by step
    period: Period

    @classmethod
    def of(cls, comparison: Comparison, outcome: str) -> _OverTime:
        measure: Measure = "total" if is_flow(comparison.outcomes[outcome]) else "mean"
        yearly = comparison.panel.yearly({outcome: measure})
        if yearly is not None and comparison.yearly is not None:
            panel, frame, length = yearly, comparison.yearly, 12
        else:
            panel, frame, length = comparison.panel, comparison.monthly, 1
        months = months_of(pd.DataFrame({"month": panel.months.astype("datetime64[s]")}))
        period = Period(int(months[0]), int(months[-1]) + length - 1, length)
        return cls(comparison, outcome, panel, frame, period)

    @property
    def edges(self) -> Floats:
        """Begin and end of each step one after the other, in days: each value is drawn over the whole of its step."""
        return np.repeat(self.period.edges(), 2)[1:-1]

    def scaled(self) -> tuple[float, str]:
        """Divisor and unit of the axis."""
        divisor, word = magnitude(float(np.nanmax(np.abs(self.panel.values[self.outcome]), initial=0)))
        unit = unit_in_words(self.comparison.outcomes[self.outcome], self.period.per)
        return divisor, f"{word} {unit}".strip()

    def apart(self, scenario: str) -> int:
        """First month of the first step in which a scenario differs: a year in which a policy begins, as a whole."""
        month = self.comparison.apart.get(scenario)
        if month is None:
            return self.period.last + 1
        return parse_month(month) // self.period.step * self.period.step

    def policies(self) -> list[Dated]:
        """All levers of the scenarios that the reference does not have, as many as there are letters."""
        dated = self.comparison.names.dated
        found = dict.fromkeys(lever for scenario in self.comparison.scenarios for lever in dated.get(scenario, ()))
        return [lever for lever in found if lever not in dated.get(self.comparison.reference, ())][: len(LETTERS)]

    def mark_policies(self, axes: Axes, scenario: str) -> None:
        """Mark the levers that a scenario has beyond the reference: the same lever has one letter in all scenarios."""
        own = self.comparison.names.dated.get(scenario, ())
        mine = {letter: lever for letter, lever in zip(LETTERS, self.policies(), strict=False) if lever in own}
        mark_levers(axes, list(mine.values()), "".join(mine))

    def notes(self, *topics: Topic) -> list[str]:
        """Paragraphs at the foot."""
        noted = notes_of(self.comparison.name, self.comparison.notes, *topics, outcome=self.outcome)
        return noted + levers_in_words(self.policies())

    def tell_shares(self, axes: Axes, scenario: str, of: str) -> None:
        """Say below a panel whence runs, or differences, vary over the window; nothing where points are no draws."""
        row = self.comparison.shares(self.outcome, scenario, of)
        if row is None or not row["variance"] > 0:
            return
        words = "draws and seeds not separated"
        if np.isfinite(row["between"]):
            words = f"draws {share_in_words(row)}, seeds {share_in_words(row, 'within')}"
        axes.set_xlabel(f"Variance: {words}", loc="left", size=SMALL, color=MUTED)

    def lay_out(
        self, title: str, subtitle: str, notes: Sequence[str], unit: str, scenarios: Sequence[str]
    ) -> tuple[Plate, dict[str, Axes]]:
        """Make a figure with a panel for each scenario."""
        rows = -(-len(scenarios) // COLUMNS)
        if self.comparison.variance is not None:
            subtitle += " Variance: over the whole window, between draws of the posterior and between seeds."
        sheet = Sheet.new(
            f"{title_of(self.outcome)}{title}", subtitle, notes,
            width=max(1.35 + 3.1 * min(len(scenarios), COLUMNS), NARROWEST),
            body=rows * PANEL + (rows - 1) * BETWEEN, left=0.85, right=0.3,
        )  # fmt: skip
        panels = dict(zip(scenarios, sheet.panels(len(scenarios), COLUMNS, across=0.28, down=BETWEEN), strict=True))
        for scenario, axes in panels.items():
            set_time_axis(axes, self.period.first, self.period.last)
            axes.set_title(textwrap.fill(self.comparison.names.scenario(scenario), 32), weight="bold", pad=8)
            axes.grid(axis="y")
            axes.tick_params(axis="y", length=0, labelleft=is_leftmost(axes))
            set_ticks(axes.yaxis, 5)
            if is_leftmost(axes):
                axes.set_ylabel(unit)
        return sheet.figure, panels


def draw_fan(comparison: Comparison, outcome: str) -> Plate:
    """Draw the spread of single runs by scenario: median, and bands that hold half and nine tenths of them.

    Only pairs are drawn: in a study that is not finished, scenarios would differ by the points and seeds of their runs.
    """
    time = _OverTime.of(comparison, outcome)
    divisor, unit = time.scaled()
    values, pairs, edges = time.panel.values[outcome] / divisor, time.panel.pairs, time.edges
    drawn = np.concatenate([pairs[1:].any(0)[None], pairs[1:]])
    spread = [quantiles_of(found[there]) for found, there in zip(values, drawn, strict=True)]
    reference = [quantiles_of(values[0][there])[2] for there in drawn]
    runs = drawn.sum((1, 2))
    has_records = comparison.names.whole and time.period.step == 12
    records = recorded(outcome, DriversParams().known) if has_records else {}
    where, counted = record_points(records, time.period, divisor)
    notes = time.notes()
    if runs.min() < FEW_RUNS:
        notes.insert(0, f"With fewer than {FEW_RUNS} runs the outer band is about the range of them all.")
    start = comparison.names.start
    subtitle = (
        "Line: median of the runs. Dark band: the middle half. Pale band: 90 % of them. Grey line: median of "
        f"{comparison.names.scenario(comparison.reference)} over the same pairs."
        f"{' Circles: records of the country.' if counted.size else ''}"
        f"{f' {SETTLES}' if start is not None and time.period.first < start + SETTLING else ''}"
    )
    figure, panels = time.lay_out(", by scenario", subtitle, notes, unit, time.panel.scenarios)
    known = np.concatenate([*(found.ravel() for found in spread), counted])
    known = known[np.isfinite(known)]
    for place, (scenario, axes) in enumerate(panels.items()):
        low, lower, median, upper, high = np.repeat(spread[place], 2, axis=-1)
        axes.fill_between(edges, low, high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.fill_between(edges, lower, upper, color=ACCENT, alpha=0.35, linewidth=0)
        if place:
            axes.plot(edges, np.repeat(reference[place], 2), color=MUTED, linewidth=1.2)
        axes.plot(edges, median, color=ACCENT, linewidth=1.6)
        if counted.size:
            axes.plot(where, counted, "o", markersize=4, color=INK, markerfacecolor="white")
        shade_opening(axes, start)
        if not for_paper():
            axes.set_title(number_of(runs[place], "run"), loc="right", size=SMALL, color=MUTED, pad=8)
        time.tell_shares(axes, scenario, RUNS)
        time.mark_policies(axes, scenario)
        axes.set_ylim(known.min(initial=0.0), 1.06 * (known.max(initial=0.0) or 1.0))
    figure.align_ylabels()
    return figure


def draw_difference(comparison: Comparison, outcome: str) -> Plate:
    """Draw the mean paired difference from the reference over time, with its interval."""
    time = _OverTime.of(comparison, outcome)
    divisor, unit = time.scaled()
    rows = time.frame[time.frame["outcome"] == outcome]
    found = {
        str(scenario): of_scenario[["difference", "low", "high"]].to_numpy(np.float64).T / divisor
        for scenario, of_scenario in rows.groupby("scenario", sort=False)
    }
    later = any(time.apart(scenario) > time.period.first for scenario in comparison.scenarios)
    subtitle = (
        "Line: mean difference of pairs of runs with the same random numbers. Band: its "
        f"{percent(comparison.intervals.level)} t interval for each {time.period.per.removeprefix('a ')} by itself."
        f"{' Grey background: no difference at all.' if later else ''}"
    )
    title = f": difference from {comparison.names.scenario(comparison.reference)}"
    figure, panels = time.lay_out(title, subtitle, time.notes("differences"), unit, list(found))
    ends = np.concatenate(list(found.values()), axis=None)
    top, bottom = np.nanmax(ends, initial=0), np.nanmin(ends, initial=0)
    room = 0.06 * ((top - bottom) or 1.0)
    for scenario, axes in panels.items():
        mean, low, high = np.repeat(found[scenario], 2, axis=-1)
        begin, end = days(np.array([time.period.first, min(time.apart(scenario), time.period.last + 1)]))
        if end > begin:
            axes.axvspan(begin, end, color=GRID, alpha=0.55, linewidth=0, zorder=-1)
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.fill_between(time.edges, low, high, color=ACCENT, alpha=0.25, linewidth=0)
        axes.plot(time.edges, mean, color=ACCENT, linewidth=1.6)
        time.tell_shares(axes, scenario, DIFFERENCE)
        time.mark_policies(axes, scenario)
        axes.set_ylim(bottom - room, top + room)
    return figure


def quantiles_of(values: Floats) -> Floats:
    """Quantiles over runs, of shape (quantiles, steps); blank where no run has a value."""
    found = np.full((len(QUANTILES), values.shape[-1]), np.nan)
    known = np.isfinite(values).any(0)
    if known.any():
        found[:, known] = np.nanquantile(values[:, known], QUANTILES, axis=0)
    return found
