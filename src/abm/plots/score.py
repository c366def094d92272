"""Figure of a score: the model beside every record, series by series, places against each other, single values."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from abm.analysis.observation import OBSERVATIONS
from abm.analysis.score import Score
from abm.analysis.wording import percent, plain
from abm.config.wording import counted
from abm.places.places import places_of
from abm.plots.sheet import Sheet
from abm.plots.source import STUDY, as_metadata
from abm.plots.style import BASE, INK, MUTED, OKABE_ITO, SMALL, Plate, drawing, magnitude, name_rows, set_ticks

MODEL, RECORD = OKABE_ITO["blue"], OKABE_ITO["vermillion"]

COLUMNS, PANEL = 4, 1.25  # panels side by side, and inches of their height
ACROSS, DOWN, NAMES = 0.72, 0.72, 2.9  # inches between panels, and those of the names of single records
MANY = 5  # places from which on they are drawn against each other and not each in a panel of its own


def save_score(score: Score, path: Path, command: str = "") -> Path:
    """Draw a score into a file, PNG, SVG or PDF by its ending, with the command that does so."""
    source = {"figure": "score", STUDY: score.name, "seeds": ", ".join(map(str, score.seeds)), "command": command}
    with drawing():
        draw_score(score).savefig(path, dpi=150, metadata=as_metadata(source, path.suffix))
    return path


def draw_score(score: Score) -> Plate:
    """Draw model and record: lines over years, a scatter over places, ratios of single records."""
    names = {found.key: found.name for found in places_of().destinations}
    series: list[tuple[str, pd.DataFrame]] = []
    scatters: list[tuple[str, pd.DataFrame]] = []
    singles: list[tuple[str, float, float, float]] = []
    for target, of_target in score.records.groupby("target", sort=False):
        of_year = of_target.groupby("year")["key"].nunique()
        if of_year.max() >= MANY and of_target["key"].nunique() > MANY and len(of_year) == 1:
            scatters.append((f"{OBSERVATIONS[str(target)].title}, {of_year.idxmax()}", of_target))
            continue
        for key, rows in of_target.groupby("key", sort=False):
            name = title_of_record(str(target), names.get(str(key), plain(str(rows["place"].iloc[0]))) if key else "")
            if len(rows) > 1:
                series.append((name, rows.sort_values("year")))
            else:
                row = rows.iloc[0]
                low, middle, high = (float(row[column]) / float(row["record"]) for column in ("low", "model", "high"))
                singles.append((f"{name} {row['year']}", low, middle, high))
    count = len(series) + len(scatters)
    rows_of_panels = -(-count // COLUMNS)
    table = 0.2 * len(singles) + 0.9 if singles else 0.0
    sheet = Sheet.new(
        "The model beside the record",
        f"Red: what was counted. Blue: the model{', with the range over seeds' if len(score.seeds) > 1 else ''}; axes "
        f"from zero.{' Scatter: model over record by place, the line is equality.' if scatters else ''}"
        f"{' Below: single records, the model as a multiple of the record.' if singles else ''}",
        [f"{score.name}, {counted(len(score.seeds), 'seed')}. Root mean squared log error "
         f"{score.overall['rmsle']:.2f}, all targets weighing the same; "
         f"{percent(score.overall['within_factor_two'], 0)} within a factor of two."],
        width=11.0, body=PANEL * rows_of_panels + DOWN * (rows_of_panels - 1) + table, left=0.75, right=0.35,
    )  # fmt: skip
    upper = replace(sheet, body=sheet.body - table, foot=sheet.foot + table)
    panels = upper.panels(count, COLUMNS, across=ACROSS, down=DOWN)
    for axes, (name, rows) in zip(panels, series, strict=False):
        _draw_series(axes, name, rows)
    for axes, (name, rows) in zip(panels[len(series) :], scatters, strict=True):
        _draw_scatter(axes, name, rows)
    if singles:
        width = sheet.figure.get_size_inches()[0] - sheet.left - sheet.right
        lower = sheet.figure.add_box(sheet.left + NAMES, width - NAMES, sheet.foot, table - 0.6)
        _draw_singles(lower, singles)
    return sheet.figure


def _draw_series(axes: Axes, name: str, rows: pd.DataFrame) -> None:
    years = rows["year"].to_numpy(np.float64)
    most = float(max(rows["record"].max(), rows["high"].max()))
    divisor, word = magnitude(most)
    model, low, high, record = rows[["model", "low", "high", "record"]].to_numpy(np.float64).T / divisor
    axes.fill_between(years, low, high, color=MODEL, alpha=0.25, linewidth=0)
    axes.plot(years, model, color=MODEL, linewidth=1.4, marker="o", markersize=2.5)
    axes.plot(years, record, color=RECORD, linestyle="none", marker="o", markersize=4, clip_on=False, zorder=5)
    axes.set_ylim(0, 1.08 * most / divisor)
    axes.set_title(textwrap.fill(name, 34), fontsize=BASE - 1.5, loc="left")
    axes.set_ylabel(f"{word} {unit_in_words(rows)}".strip(), fontsize=SMALL)
    axes.grid(axis="y")
    set_ticks(axes.yaxis, 3)
    axes.set_xticks([int(year) for year in dict.fromkeys((years[0], years[len(years) // 2], years[-1]))])
    axes.set_xlim(years.min() - 0.5, years.max() + 0.5)


def _draw_scatter(axes: Axes, name: str, rows: pd.DataFrame) -> None:
    record, model = rows["record"].to_numpy(np.float64), rows["model"].to_numpy(np.float64)
    axes.loglog(record, model, color=MODEL, linestyle="none", marker="o", markersize=3, alpha=0.8)
    ends = float(min(record[record > 0].min(), model.min())) * 0.8, float(max(record.max(), model.max())) * 1.25
    axes.plot(ends, ends, color=INK, linewidth=0.8)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(lambda value, _: "")
    axes.set_title(textwrap.fill(name, 34), fontsize=BASE - 1.5, loc="left")
    axes.set_xlabel(f"record, {unit_in_words(rows)}", fontsize=SMALL, loc="left")
    axes.set_ylabel("model", fontsize=SMALL)


def title_of_record(target: str, place: str = "") -> str:
    """Name of a target for a panel; with the place where its name asks for one."""
    title = OBSERVATIONS[target].title
    if title.rpartition(" ")[2] in ("to", "from", "in"):
        return f"{title} {place}" if place else title.rpartition(",")[0]
    return f"{title}, {place}" if place else title


def unit_in_words(rows: pd.DataFrame) -> str:
    """Unit of a target as a reader knows it."""
    unit = plain(str(rows["unit"].iloc[0]))
    return {"percent": "%", "USD million": "million USD"}.get(unit, unit)


def _draw_singles(axes: Axes, singles: list[tuple[str, float, float, float]]) -> None:
    places = name_rows(axes, [name for name, *_ in singles])
    low, middle, high = (np.array([row[place] for row in singles]) for place in (1, 2, 3))
    axes.axvspan(0.5, 2.0, color=MUTED, alpha=0.15, linewidth=0)
    axes.axvline(1.0, color=RECORD, linewidth=1.2)
    axes.hlines(places, low, high, color=MODEL, linewidth=2.5, alpha=0.4)
    axes.plot(middle, places, color=MODEL, linestyle="none", marker="o", markersize=4)
    axes.set_xscale("log")
    most = max(4.0, 1.2 * float(max(high.max(), 1.0 / low[low > 0].min())))
    axes.set_xlim(1.0 / most, most)
    ticks = [tick for tick in (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0) if 1.0 / most <= tick <= most]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("model over record; grey: within a factor of two")
