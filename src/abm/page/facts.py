"""Facts of the literature against the model, from the file that ``abm facts`` writes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from abm.analysis.facts import COLUMNS, Judged, band_in_words, frame_of_facts
from abm.analysis.wording import estimate, plain
from abm.config.wording import counted
from abm.engine.errors import OutputError
from abm.page.ingredients import data_of, numbers_of, spec_of
from abm.page.looks import Look
from abm.page.parts import Block, Chart, Grid, Items, Text
from abm.page.words import listed
from abm.plots.facts import COLOURS, FARTHEST
from abm.plots.style import GRID, MUTED

FILE = "facts.csv"

VERDICTS = {
    "pass": Look(COLOURS["pass"], (), "circle"),
    "undecided": Look(COLOURS["undecided"], (), "diamond"),
    "fail": Look(COLOURS["fail"], (), "triangle-up"),
    "levels": Look(MUTED, (), "square"),
    "–": Look(MUTED, (), "square"),
}
TEXTS = tuple(
    name
    for name in COLUMNS
    if name not in ("estimate", "low", "high", "band_low", "band_high", "seeds")
    and name not in ("off_estimate", "off_low", "off_high")
)
"""Columns that hold words."""

OFF = "mechanism off"

ROWS = 30
"""Tests of a chart, so that it fits on a sheet of paper."""


def read_facts(folder: Path) -> pd.DataFrame:
    """Read the file of a folder, a row a test; an OutputError says that it is another file."""
    frame = pd.read_csv(folder / FILE, keep_default_na=False, na_values=[""])
    if missing := [name for name in COLUMNS if name not in frame]:
        raise OutputError(f"'{folder / FILE}' has no column '{missing[0]}'; 'abm facts' writes it anew")
    for name in TEXTS:
        frame[name] = frame[name].fillna("").astype(str)
    return frame


def frame_of(judged: Sequence[Judged]) -> pd.DataFrame:
    """The same of facts at hand."""
    return frame_of_facts(judged)


def counts(frame: pd.DataFrame) -> str:
    """How many facts pass, and of how many the effect is gone with the mechanism off."""
    facts = frame.drop_duplicates("id")
    tests = facts[facts["fact"] != "levels"]
    by_verdict = [f"{(tests['fact'] == verdict).sum()} {verdict}" for verdict in ("pass", "undecided", "fail")]
    sound = ((tests["fact"] == "pass") & (tests["fact_off"] == "gone")).sum()
    return (
        f"{counted(len(tests), 'fact')}: {listed(by_verdict)}. {sound} pass and are gone with the responsible "
        "mechanism switched off, so that the mechanism, and nothing else, makes them."
    )


def facts_blocks(frame: pd.DataFrame) -> list[Block]:
    """Chart, table, and causes of what does not pass."""
    causes = frame[(frame["fact"] != "pass") & (frame["cause"] != "")].drop_duplicates("id")
    parts = max(1, math.ceil(len(frame) / ROWS))
    size = math.ceil(len(frame) / parts)
    blocks: list[Block] = [
        _chart(frame[part * size : (part + 1) * size], f" ({part + 1} of {parts})" if parts > 1 else "")
        for part in range(parts)
    ]
    blocks.append(_table(frame))
    if len(causes):
        blocks += [Text("Why those that do not pass do not:")]
        blocks.append(Items([f"{row['id']}: {row['cause']}" for row in causes.to_dict("records")]))
    return blocks


def statements(frame: pd.DataFrame) -> Grid:
    """What each fact says, and who found it."""
    facts = frame.drop_duplicates("id").to_dict("records")
    rows = [[str(row["id"]), str(row["statement"]), str(row["citation"]), str(row["grade"])] for row in facts]
    return Grid(("fact", "statement", "source", "evidence"), rows, (), "The facts")


def _band(row: Mapping[Any, Any]) -> tuple[float | None, float | None]:
    low, high = float(row["band_low"]), float(row["band_high"])
    return (None if math.isnan(low) else low), (None if math.isnan(high) else high)


def scale_of(row: Mapping[Any, Any]) -> tuple[float, float]:
    """Middle and half width of the box of a band; where it is open, its edge and how far estimates are from it."""
    low, high = _band(row)
    if low is not None and high is not None:
        return (low + high) / 2, (high - low) / 2 or 1.0
    edge = low if low is not None else high
    assert edge is not None
    names = ("estimate", "low", "high", "off_estimate", "off_low", "off_high")
    ends = [abs(float(row[name]) - edge) for name in names if math.isfinite(float(row[name]))]
    return edge, max(ends, default=1.0) / 2 or 1.0


def _chart(frame: pd.DataFrame, part: str = "") -> Chart:
    boxes, marks = [], []
    for row in frame.to_dict("records"):
        centre, half = scale_of(row)
        name = f"{row['id']} {plain(str(row['test']))}"

        def at(value: float | None, edge: float, centre: float = centre, half: float = half) -> float:
            if value is None or not math.isfinite(value):
                return edge
            return min(max((value - centre) / half, -FARTHEST), FARTHEST)

        low, high = _band(row)
        boxes.append({"row": name, "from": at(low, -FARTHEST), "to": at(high, FARTHEST)})
        head = {"row": name, "statement": str(row["statement"]), "band": band_in_words((low, high))}
        if math.isfinite(row["off_estimate"]):
            said = estimate(row["off_estimate"], row["off_low"], row["off_high"])
            marks.append(head | {"series": OFF, "value": at(row["off_estimate"], math.nan), "said": said})
        if math.isfinite(row["estimate"]):
            said = estimate(row["estimate"], row["low"], row["high"])
            ends = {"low": at(row["low"], math.nan), "high": at(row["high"], math.nan)}
            marks.append(head | {"series": row["verdict"], "value": at(row["estimate"], math.nan), "said": said} | ends)
    looks = {name: look for name, look in VERDICTS.items() if any(mark["series"] == name for mark in marks)}
    looks |= {OFF: Look("#444444", (), "cross")} if any(mark["series"] == OFF for mark in marks) else {}
    order = [box["row"] for box in boxes]
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, ticks=False, domain=False))
    axis = alt.Axis(labels=False, ticks=False, domain=False, grid=False)
    ends = alt.Scale(domain=[-FARTHEST - 0.2, FARTHEST + 0.2], nice=False)
    title = "each test on a scale of its own; the grey box is its band"
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()]), legend=None
    )
    shape = alt.Shape(
        "series:N", scale=alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()]), legend=None
    )
    x = alt.X("value:Q", title=title, scale=ends, axis=axis)
    shown = alt.param(name="shown", value=list(looks))
    base = alt.Chart(data_of(marks)).transform_filter("indexof(shown, datum.series) >= 0")
    says = [
        alt.Tooltip("row:N", title="test"),
        alt.Tooltip("series:N", title=""),
        alt.Tooltip("said:N", title="estimate"),
        alt.Tooltip("band:N", title="band"),
        alt.Tooltip("statement:N", title="fact"),
    ]
    chart = (
        alt.layer(
            alt.Chart(data_of(boxes))
            .mark_bar(color=GRID, stroke=MUTED, strokeWidth=0.5, size=16)
            .encode(x=alt.X("from:Q", title=title, scale=ends, axis=axis), x2="to:Q", y=y),
            base.transform_filter("isValid(datum.low)")
            .mark_rule(strokeWidth=2.5)
            .encode(x=alt.X("low:Q", title=title, scale=ends, axis=axis), x2="high:Q", y=y, color=colour),
            base.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y, color=colour, shape=shape, tooltip=says),
        )
        .properties(width=360, height=22 * len(order))
        .add_params(shown)
    )
    passed = sum(row["verdict"] == "pass" for row in frame.to_dict("records"))
    return Chart(
        f"Estimates against their bands{part}",
        spec_of(chart),
        f"A row a test: a grey box for the accepted band, a dot with a line for the estimate and its 95 % interval; "
        f"{passed} of {len(frame)} tests pass.",
        "Dot and line: estimate and 95 % interval. Pass: all of it in the band; fail: all of it outside; undecided: "
        f"across an edge. Cross: the same with the responsible mechanism off. What is farther than {FARTHEST:g} half "
        "bands from the middle stands at the edge; the table has its number.",
        looks,
        True,
        numbers_of(
            marks, {"row": "test", "series": "verdict", "said": "estimate [95 %]", "band": "band"}, title="Estimates"
        ),
    )


def _table(frame: pd.DataFrame) -> Grid:
    rows = [
        [
            f"{row['id']} {plain(str(row['test']))}",
            estimate(row["estimate"], row["low"], row["high"]),
            band_in_words(_band(row)),
            str(row["verdict"]),
            "–"
            if not math.isfinite(row["off_estimate"])
            else estimate(row["off_estimate"], row["off_low"], row["off_high"]),
            str(row["off_verdict"]),
            f"{int(row['seeds'])}",
        ]
        for row in frame.to_dict("records")
    ]
    columns = ("test", "estimate [95 %]", "band", "verdict", "mechanism off [95 %]", "off", "seeds")
    return Grid(columns, rows, (1, 4, 6), "Tests of the facts")
