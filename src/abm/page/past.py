"""A section of past performance: what the model got right and wrong against what was counted."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache, partial
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

from abm.analysis.observation import OBSERVATIONS
from abm.analysis.score import FACTOR, Score, score
from abm.analysis.wording import capital, figure, plain
from abm.config.wording import counted, listed
from abm.engine.errors import AnalysisError, OutputError
from abm.page.charts import NO_LINE, against, beside_record, dot, intervals
from abm.page.ingredients import Rows
from abm.page.looks import MODEL, RECORD, Look, looks_of
from abm.page.parts import Block, Grid, Heading, Items, Text
from abm.page.words import lowered
from abm.places.data_files import read_rows

if TYPE_CHECKING:
    import pandas as pd

BY_PLACE = {"to": "by destination", "in": "by destination", "from": "by province"}
"""What a target of several places is called by, after the preposition with which its title ends."""

CLOSE = 1.25  # ratio of model to record, either way, up to which the mean of a target is called close

MOST_MISSES = 25

PANELS = 8  # panels of a chart, so that it fits on a sheet of paper
FEWEST_YEARS = 3  # years of one place from which on a target has a panel over time


def named(target: str) -> str:
    """Name of a target in words, as in figures; that of its records if the model has no counterpart."""
    if target not in OBSERVATIONS:
        return _described().get(target) or plain(target).capitalize()
    title, _, before = OBSERVATIONS[target].title.rpartition(", ")
    return f"{title}, {BY_PLACE[before]}" if before in BY_PLACE else OBSERVATIONS[target].title


@cache
def _described() -> dict[str, str]:
    """What each shipped target is, before the first comma."""
    rows = reversed(read_rows("tables/targets.csv"))
    return {row["target_id"]: row["description"].split(",")[0] for row in rows}


def past_performance(folder: Path) -> list[Block]:
    """Score the runs of a folder against the shipped records, in words, charts and tables."""
    try:
        found = score(folder)
    except (AnalysisError, OutputError) as error:
        said, *reasons = str(error).splitlines()
        named_in = partial(re.sub, r"\b[A-Z][A-Z0-9_]+\b", lambda target: named(target[0]))
        listed_reasons = [Items([f"{capital(named_in(reason))}." for reason in reasons])] if reasons else []
        return [Text(f"These runs cannot be held against the record: {said}."), *listed_reasons]
    changed = f"These runs have {listed(found.made_up)}, and are not of the past that was counted."
    return [
        *([Text(changed)] if found.made_up else []),
        Text(_in_short(found)),
        *_right_and_wrong(found),
        _ratios(found),
        *_over_time(found),
        _points(found),
        _table(found),
        _misses(found),
        *_left_out(found),
    ]


def _left_out(found: Score) -> list[Block]:
    """Records that were not scored, and why."""
    if not found.left_out:
        return []
    reasons: dict[str, Counter[str]] = {}
    for left in found.left_out:
        reasons.setdefault(left.reason, Counter())[named(left.target)] += left.records
    rows = [
        [capital(reason), ", ".join(f"{name} ({records})" for name, records in targets.items())]
        for reason, targets in reasons.items()
    ]
    count = sum(left.records for left in found.left_out)
    return [Grid(("reason", "records"), rows, (), f"Records that were not scored ({count:,})", folded=True)]


def _in_short(found: Score) -> str:
    every = found.overall
    first, last = int(found.records["year"].min()), int(found.records["year"].max())
    within = int(found.records["within_factor_two"].sum())
    return (
        f"{int(every['records']):,} records of {int(every['targets'])} kinds from {first} to {last} stand beside "
        f"{counted(len(found.seeds), 'run')} of the model. {within:,} of them ({100 * within / every['records']:.0f} "
        f"%) are met within a factor of {FACTOR:g}. Root mean squared error of the logarithms: "
        f"{figure(every['rmsle'])}, a typical error of a factor of {figure(math.exp(every['rmsle']), 2)}. It is an "
        "average over the kinds, so that a kind with many records weighs no more than one with few."
    )


def _right_and_wrong(found: Score) -> list[Block]:
    """Sort the targets by how far the mean of the model is from the record."""
    close = f"On average right to within {100 * (CLOSE - 1):.0f} %"
    near = f"On average right to within a factor of {FACTOR:g}"
    far = f"Wrong by more than a factor of {FACTOR:g}"
    groups: dict[str, list[tuple[float, str]]] = {close: [], near: [], far: []}
    for row in found.targets.to_dict("records"):
        ratio = row["ratio"]
        away = max(ratio, 1.0 / ratio)
        within = round(row["within_factor_two"] * row["records"])
        text = (
            f"{named(row['target'])} ({figure(ratio, 2)} times the record, {within:,} of {row['records']:,} records "
            f"within a factor of {FACTOR:g})"
        )
        groups[close if away <= CLOSE else near if away <= FACTOR else far].append((away, text))
    blocks: list[Block] = []
    for head, group in groups.items():
        if group:
            blocks += [Heading(head), Items([text for _, text in sorted(group)])]
    return blocks


def _ratios(found: Score) -> Block:
    """Ratio of model to record by target, with the range of its records."""
    rows = []
    for row in found.targets.sort_values("ratio").to_dict("records"):
        logs = found.records.loc[found.records["target"] == row["target"], "log_ratio"]
        low, high = math.exp(logs.min()), math.exp(logs.max())
        rows.append(dot(named(row["target"]), "model over record", row["ratio"], low, high))
    return intervals(
        rows,
        {"model over record": Look(MODEL)},
        title="Model over record, by kind of record",
        unit="model over record, logarithmic",
        rule=1.0,
        log=True,
        band=(1 / FACTOR, FACTOR),
        row_name="record",
        alt_text=f"Dots on a logarithmic axis: lowest {rows[0]['row']} with {rows[0]['value']:.2g} times the record, "
        f"highest {rows[-1]['row']} with {rows[-1]['value']:.2g} times.",
        note="Dot: geometric mean over years and places. Line: from the lowest to the highest single record. Grey: "
        f"within a factor of {FACTOR:g}.",
    )


def _over_time(found: Score) -> list[Block]:
    """Model beside data by year, for targets that one place has in several years."""
    cells = []
    for target, of_target in found.records.groupby("target", sort=False):
        whole = of_target[of_target["key"] == ""] if (of_target["key"] == "").any() else of_target
        if whole["key"].nunique() == 1 and whole["year"].nunique() >= FEWEST_YEARS:
            unit = whole["unit"].iloc[0]
            cells.append((named(str(target)), unit if len(unit) <= 24 else f"{unit[:23]}…", _rows(whole)))
    parts = list(batched(cells, PANELS))
    return [
        beside_record(
            part,
            Look(MODEL),
            Look(RECORD, NO_LINE, "diamond"),
            title="The model beside the data, by year" + (f" ({place} of {len(parts)})" if len(parts) > 1 else ""),
            alt_text="Lines of the model and points of the record over years: "
            f"{listed(lowered(name) for name, *_ in part)}.",
            note="Diamonds: what was counted. Line: mean of the runs"
            + (", band: lowest to highest run." if len(found.seeds) > 1 else "."),
        )
        for place, part in enumerate(parts, 1)
    ]


def _rows(rows: pd.DataFrame) -> Rows:
    by_year = rows.groupby("year")[["model", "low", "high", "record"]].mean().reset_index()
    return by_year.rename(columns={"year": "when", "model": "value"}).to_dict("records")  # type: ignore[return-value]


def _points(found: Score) -> Block:
    rows = [
        {
            "series": OBSERVATIONS[row["target"]].counts,
            "record": float(row["record"]),
            "model": float(row["model"]),
            "name": f"{named(row['target'])}, {row['place']}, {row['year']}",
            "unit": row["unit"],
        }
        for row in found.records.to_dict("records")
    ]
    inside = int(found.records["within_factor_two"].sum())
    return against(
        rows,
        looks_of(row["series"] for row in rows),
        title="Every record: model against data",
        alt_text=f"Points on logarithmic axes, model against record; {inside} of {len(rows)} lie within a factor of "
        "two of equality.",
        note=f"Line: equality. Grey: within a factor of {FACTOR:g}. Records or values of zero cannot be drawn. Point "
        "at a dot for its record.",
    )


def _table(found: Score) -> Block:
    table = found.table()
    names = {"all": "All kinds, equally weighted"}
    rows = [[names.get(row[0]) or named(row[0]), *row[1:]] for row in table.rows]
    return Grid(table.columns, rows, table.numbers, "Scores by kind of record", [f"{capital(table.notes[0])}."])


def _misses(found: Score) -> Block:
    """Records beyond a factor of two, the farthest first."""
    far = found.records[~found.records["within_factor_two"].astype(bool)]
    if far.empty:
        return Text(f"No record lies beyond a factor of {FACTOR:g}.")
    rows = [
        {
            "record": named(row["target"]),
            "place": str(row["place"]),
            "year": str(row["year"]),
            "counted": figure(row["record"]),
            "model": figure(row["model"]),
            "model over record": figure(math.exp(row["log_ratio"]), 2),
            "unit": row["unit"],
        }
        for row in far.sort_values("log_ratio", key=abs, ascending=False).head(MOST_MISSES).to_dict("records")
    ]
    more = f", the {MOST_MISSES} farthest of {len(far):,}" if len(far) > MOST_MISSES else f", {len(far):,}"
    title = f"Records beyond a factor of {FACTOR:g}{more}"
    return Grid.of(rows, ("year", "counted", "model", "model over record"), title=title, folded=len(rows) > 12)
