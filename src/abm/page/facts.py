"""Facts of the literature against the model, from the file that ``abm facts`` writes."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import altair as alt
import pandas as pd

from abm.analysis.facts import COLUMNS, are_gone, band_in_words, count_verdicts
from abm.analysis.wording import estimate, plain
from abm.config.wording import counted, listed
from abm.engine.errors import OutputError
from abm.page.ingredients import ONLY_SHOWN, chart_of, colours, data_of, shapes, tooltips
from abm.page.looks import Look, only
from abm.page.parts import Block, Chart, Grid, Items, Text
from abm.plots.facts import COLOURS, FARTHEST, place_on, scale_of
from abm.plots.style import GRID, MUTED
from abm.results.tables import Row

FILE = "facts.csv"

OFF = "mechanism off"

VERDICTS = {
    "pass": Look(COLOURS["pass"], (), "circle"),
    "undecided": Look(COLOURS["undecided"], (), "diamond"),
    "fail": Look(COLOURS["fail"], (), "triangle-up"),
    "levels": Look(MUTED, (), "square"),
    "–": Look(MUTED, (), "square"),
    OFF: Look("#444444", (), "cross"),
}

NUMBERS = ("estimate", "low", "high", "off_estimate", "off_low", "off_high")
"""Columns of estimates and of the ends of their intervals."""

UNTOLD = {
    "undecided": "an interval holds the edge of its band, and the experiment names no cause; more seeds would decide.",
    "fail": "the experiment names no cause.",
}
"""What is said of facts whose experiment does not say why they do not pass."""

ROWS = 30  # tests of a chart, so that it fits on a sheet of paper


def read_facts(folder: Path) -> pd.DataFrame:
    """Read the file of a folder, a row a test; an OutputError says that it is another file."""
    frame = pd.read_csv(folder / FILE, keep_default_na=False, na_values=[""])
    if missing := [name for name in COLUMNS if name not in frame]:
        raise OutputError(f"'{folder / FILE}' has no column '{missing[0]}'; 'abm facts' writes it anew")
    for name in set(COLUMNS) - {*NUMBERS, "band_low", "band_high", "seeds"}:
        frame[name] = frame[name].fillna("").astype(str)
    return frame


def counts(frame: pd.DataFrame) -> str:
    """How many facts pass, and of how many the effect is gone with the mechanism off."""
    facts = frame.drop_duplicates("id")
    tests = facts.loc[facts["fact"] != "levels", ["fact", "fact_off"]]
    by_verdict, sound = count_verdicts(list(tests.itertuples(index=False, name=None)))
    levels = levels_in_words(frame[frame["fact"] == "levels"])
    return (
        f"{counted(len(tests), 'fact')}: {listed(by_verdict)}. {sound} {are_gone(sound)} with the responsible "
        f"mechanism switched off: the model does not show them without it.{levels}"
    )


def levels_in_words(tests: pd.DataFrame) -> str:
    """How many levels, which have no verdict, lie in their bands."""
    if tests.empty:
        return ""
    low, high = tests["band_low"].fillna(-math.inf), tests["band_high"].fillna(math.inf)
    inside = int(((tests["low"] >= low) & (tests["high"] <= high)).sum())
    names = listed(list(dict.fromkeys(tests["id"])))
    return f" {names} compares levels, without a verdict: {inside} of {len(tests)} intervals lie in their bands."


def facts_blocks(frame: pd.DataFrame) -> list[Block]:
    """Chart, table, and causes of what does not pass."""
    causes = frame[frame["fact"].isin(("undecided", "fail"))].drop_duplicates("id")
    parts = max(1, math.ceil(len(frame) / ROWS))
    size = math.ceil(len(frame) / parts)
    blocks: list[Block] = [
        _chart(frame[part * size : (part + 1) * size], f" ({part + 1} of {parts})" if parts > 1 else "")
        for part in range(parts)
    ]
    blocks.append(_table(frame))
    if len(causes):
        lines = [f"{row['id']}: {row['cause'] or UNTOLD[row['fact']]}" for row in causes.to_dict("records")]
        blocks += [Text("Why those that do not pass do not:"), Items(lines)]
    return blocks


def provenance(frame: pd.DataFrame) -> list[Block]:
    """Experiments, and how many seeds each of its scenarios was run with."""
    rows = [
        [number, of["name"].iloc[0], f"{low:g}" if low == high else f"{low:g} to {high:g}"]
        for number, of in frame.groupby("id", sort=False)
        for low, high in [(of["seeds"].min(), of["seeds"].max())]
    ]
    count = Text("Estimates are those of the file facts.csv. It does not name the version that made the runs.")
    return [count, Grid(("fact", "experiment", "seeds"), rows, (2,), "Experiments")]


def statements(frame: pd.DataFrame) -> Grid:
    """What each fact says, and who found it."""
    rows = frame.drop_duplicates("id")[["id", "statement", "citation", "grade"]].to_numpy().tolist()
    return Grid(("fact", "statement", "source", "evidence"), rows, (), "The facts")


def _chart(frame: pd.DataFrame, part: str) -> Chart:
    boxes, marks = [], []
    for row in frame.to_dict("records"):
        name, band = _name(row), (row["band_low"], row["band_high"])
        place = partial(place_on, scale=scale_of(band, [row[number] for number in NUMBERS]))
        boxes.append({"row": name, "from": place(band[0], -FARTHEST), "to": place(band[1], FARTHEST)})
        head = {"row": name, "statement": row["statement"], "band": band_in_words(band)}
        off, found = (row["off_estimate"], row["off_low"], row["off_high"]), (row["estimate"], row["low"], row["high"])
        if math.isfinite(off[0]):
            marks.append(head | {"series": OFF, "value": place(off[0]), "said": estimate(*off)})
        if math.isfinite(found[0]):
            value, low, high = map(place, found)
            marks.append(
                head | {"series": row["verdict"], "value": value, "said": estimate(*found), "low": low, "high": high}
            )
    looks = only(VERDICTS, marks)
    order = [box["row"] for box in boxes]
    x = partial(
        alt.X,
        title="each test on a scale of its own; the grey box is its band",
        scale=alt.Scale(domain=[-FARTHEST - 0.2, FARTHEST + 0.2], nice=False),
        axis=alt.Axis(labels=False, ticks=False, domain=False, grid=False),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, ticks=False, domain=False))
    bands = alt.Chart(data_of(boxes)).mark_bar(color=GRID, stroke=MUTED, strokeWidth=0.5, size=16)
    base = alt.Chart(data_of(marks)).transform_filter(ONLY_SHOWN).encode(y=y, color=colours(looks))
    lines = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2.5)
    says = tooltips({"row:N": "test", "series:N": "", "said:N": "estimate", "band:N": "band", "statement:N": "fact"})
    dots = base.mark_point(filled=True, size=60, opacity=1)
    chart = alt.layer(
        bands.encode(x=x("from:Q"), x2="to:Q", y=y),
        lines.encode(x=x("low:Q"), x2="high:Q"),
        dots.encode(x=x("value:Q"), shape=shapes(looks), tooltip=says),
    ).properties(width=360, height=22 * len(order))
    return chart_of(
        chart,
        looks,
        (marks, {"row": "test", "series": "verdict", "said": "estimate [95 %]", "band": "band"}),
        switches=True,
        title=f"Estimates against their bands{part}",
        alt_text="A row a test: a grey box for the accepted band, a dot with a line for the estimate and its 95 % "
        f"interval; {(frame['verdict'] == 'pass').sum()} of {len(frame)} tests pass.",
        note="Dot and line: estimate and 95 % interval. Pass: all of it in the band; fail: all of it outside; "
        "undecided: across an edge. Cross: the same with the responsible mechanism off. What is farther than "
        f"{FARTHEST:g} half bands from the middle stands at the edge; the table has its number.",
    )


def _name(row: Row) -> str:
    return f"{row['id']} {plain(row['test'])}"


def _table(frame: pd.DataFrame) -> Grid:
    rows = [
        {
            "test": _name(row),
            "estimate [95 %]": estimate(row["estimate"], row["low"], row["high"]),
            "band": band_in_words((row["band_low"], row["band_high"])),
            "verdict": row["verdict"],
            "mechanism off [95 %]": estimate(row["off_estimate"], row["off_low"], row["off_high"]),
            "off": row["off_verdict"],
            "seeds": str(int(row["seeds"])),
        }
        for row in frame.to_dict("records")
    ]
    return Grid.of(rows, ("estimate [95 %]", "mechanism off [95 %]", "seeds"), title="Tests of the facts")
