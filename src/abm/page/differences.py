"""Scenarios of a study against its reference: levels with bands, paired differences with intervals, and costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from abm.analysis.compare import WHEN_CLEAR, Comparison, has_values, is_clear
from abm.analysis.tables import TextTable, table_of_comparison, table_of_costs
from abm.analysis.wording import capital, percent, unit_in_words
from abm.engine.measures import measures_of
from abm.page.cases import Steps
from abm.page.charts import BEGINS, begins_of, dot, intervals, panels
from abm.page.findings import amount, shown_difference
from abm.page.ingredients import Rows
from abm.page.levels import rows_of
from abm.page.looks import CYCLE, Look, only
from abm.page.parts import Block, Grid, Text, said_once
from abm.page.words import headed, said
from abm.plots.comparison import LESS, MORE
from abm.plots.style import MUTED

DIFFERENT = {
    "lower": Look(LESS, (), "triangle-down"),
    "higher": Look(MORE, (), "triangle-up"),
    "not clear": Look(MUTED, (), "square"),
}
"""Looks of clear differences by their direction, and of the others."""


def as_grid(table: TextTable, *, title: str = "", folded: bool = False) -> Grid:
    """Take a table of the analysis as it is, with names of scenarios as people write them."""
    rows = [
        [headed(cell) if column == "scenario" else cell for column, cell in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    if title:  # rows of one outcome, or scenario, stand together
        rows = said_once(rows)
    columns = [headed(column) if "_" in column else column for column in table.columns]
    return Grid(columns, rows, table.numbers, title or table.title, table.notes, folded)


def overview(comparison: Comparison) -> list[Block]:
    """Differences over the window by outcome and scenario, as a chart and a table."""
    rows = []
    for row in comparison.totals.to_dict("records"):
        if row["measure"] != measures_of(comparison.outcomes[row["outcome"]])[0] or not row["pairs"]:
            continue
        value, low, high = shown_difference(row)
        unit = f"% of {said(comparison.reference)}" if np.isfinite(row["percent"]) else row["unit"]
        series = "not clear" if not is_clear(row) else "higher" if value > 0 else "lower"
        found = dot(headed(row["scenario"]), series, value, low, high)
        rows.append({"panel": headed(row["outcome"]), **found, "unit": unit})
    if not rows:
        return [Text("There is no pair of runs to compare yet.")]
    level = percent(comparison.intervals.level)
    clear_count = sum(row["series"] != "not clear" for row in rows)
    chart = intervals(
        rows,
        only(DIFFERENT, rows),
        title=f"Differences from {said(comparison.reference)}, {comparison.window.words}",
        unit="difference",
        panel="panel",
        row_name="scenario",
        alt_text=f"Dots with intervals by outcome and scenario; {clear_count} of {len(rows)} differences are clear.",
        note=f"Dot: mean paired difference of runs with the same random numbers. Line: its {level} interval. Lower and "
        f"higher: {WHEN_CLEAR}; not clear: the others.",
    )
    table = table_of_comparison(comparison)
    cells = [[capital(row[0]), *row[1:]] for row in table.rows]
    return [chart, as_grid(replace(table, rows=cells), title="Differences in numbers")]


def over_time(comparison: Comparison) -> list[Block]:
    """For each outcome the levels of all scenarios, and the differences of each from the reference, by year."""
    steps = Steps.of(comparison.panel)
    return [
        block
        for outcome in comparison.outcomes
        if has_values(comparison.panel.values[outcome])
        for block in (*_levels(comparison, steps, outcome), *_differences(comparison, steps, outcome))
    ]


def _levels(comparison: Comparison, steps: Steps, outcome: str) -> Iterator[Block]:
    unit = unit_in_words(comparison.outcomes[outcome], steps.per)
    reference = said(comparison.reference)
    looks = {reference: CYCLE[0], "scenario": CYCLE[1]}
    cells, begins = [], []
    for place, scenario in enumerate(comparison.panel.scenarios):
        if place == 0 or not has_values(steps.panel.values[outcome][place]):
            continue
        below = rows_of(steps, outcome, 0, reference, band=False)
        cells.append((headed(scenario), unit, below + rows_of(steps, outcome, place, "scenario", band=True)))
        begins.append(_begins(comparison, steps, scenario))
    if cells:
        yield panels(
            cells,
            looks,
            title=f"{headed(outcome)} by scenario",
            same_scale=True,
            begins=begins,
            panel_name="scenario",
            series_name="line",
            alt_text=f"Lines over time, a panel a scenario: {said(outcome)} beside that of {reference}.",
            note="Line: mean of the runs; band: 90 % of the runs of the scenario. All panels have one scale."
            + f" {BEGINS}" * any(begins),
        )


def _differences(comparison: Comparison, steps: Steps, outcome: str) -> Iterator[Block]:
    frame = comparison.monthly if comparison.yearly is None else comparison.yearly
    unit = unit_in_words(comparison.outcomes[outcome], steps.per)
    cells: list[tuple[str, str, Rows]] = []
    begins = []
    for scenario, of_scenario in frame[frame["outcome"] == outcome].groupby("scenario", sort=False):
        rows = [
            {"series": "difference", "when": when, "value": row["difference"], "low": row["low"], "high": row["high"]}
            for when, row in zip(steps.when, of_scenario.to_dict("records"), strict=True)
        ]
        if any(np.isfinite(row["value"]) for row in rows):
            cells.append((headed(str(scenario)), unit, rows))
            begins.append(_begins(comparison, steps, str(scenario)))
    if cells:
        level = percent(comparison.intervals.level)
        yield panels(
            cells,
            {"difference": Look(CYCLE[1].colour, (), "square")},
            title=f"{headed(outcome)}: difference from {said(comparison.reference)}",
            same_scale=True,
            rule=0.0,
            begins=begins,
            panel_name="scenario",
            alt_text=f"Lines over time with bands, a panel a scenario: difference in {said(outcome)}.",
            note=f"Line: mean paired difference; band: its {level} interval, for each {steps.per.split()[-1]} by "
            "itself. All panels have one scale." + f" {BEGINS}" * any(begins),
        )


def _begins(comparison: Comparison, steps: Steps, scenario: str) -> dict[int, str]:
    """Levers that a scenario has beyond the reference, by the month in which they begin."""
    dated = comparison.names.dated
    reference = dated.get(comparison.reference, ())
    return begins_of((lever for lever in dated.get(scenario, ()) if lever not in reference), steps.when)


def costs(comparison: Comparison) -> list[Block]:
    """What policies cost above the reference, lever by lever, and what a million rupees changes."""
    if comparison.costs is None:
        return []
    rows = [
        dot(
            f"{headed(row['scenario'])} · {'all levers' if row['lever'] == 'all' else said(row['lever'])}",
            "all levers" if row["lever"] == "all" else "one lever",
            *(row[name] for name in ("cost", "low", "high")),
        )
        for row in comparison.costs.by_lever.to_dict("records")
    ]
    dearest = max(rows, key=lambda row: row["value"])
    chart = intervals(
        rows,
        only({"all levers": CYCLE[0], "one lever": CYCLE[1]}, rows),
        title="Cost of policy by lever",
        unit="PKR of 2017 above the reference, over the window",
        row_name="scenario and lever",
        alt_text=f"Dots with intervals: costs by scenario and lever; highest {dearest['row']} with "
        f"{amount(dearest['value'])} PKR.",
        note="What levers are declared to cost the government, not discounted, and nothing else. Line: "
        f"{percent(comparison.intervals.level)} interval.",
    )
    table = table_of_costs(comparison)
    return [chart, *([as_grid(table, title="Change for a million rupees", folded=True)] if table is not None else [])]
