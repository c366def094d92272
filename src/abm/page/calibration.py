"""A calibration, from the file that ``abm calibrate`` writes beside its draws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt

from abm.analysis.wording import plain
from abm.calibration.write import RECORDED
from abm.config.wording import number
from abm.engine.errors import OutputError
from abm.page.charts import intervals
from abm.page.ingredients import data_of, logarithmic, numbers_of, spec_of
from abm.page.looks import MODEL, Look
from abm.page.parts import Block, Chart, Facts, Grid, Text
from abm.page.past import named
from abm.plots.style import MUTED, OKABE_ITO

IDENTIFIED, NOT = "identified", "not identified"

NAMED = ("targets", "misses")
"""Tables whose rows begin with the id of a target."""

MOST_DISTANCE = 8.0
"""Standard deviations from the record at which marks are cut."""

Recorded = Mapping[str, Any]


def read_calibration(folder: Path) -> Recorded:
    """Read what a calibration recorded; an OutputError says that the file is damaged."""
    path = folder / RECORDED
    try:
        found: Recorded = json.loads(path.read_text(encoding="utf-8"))
        found["summary"], found["parameters"], found["tables"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"'{path}' cannot be read ({error}); start 'abm calibrate' again, which makes only what is missing"
        ) from error
    return found


def summary(found: Recorded) -> Block:
    """What came out, in a few lines."""
    return Facts([(key, text) for key, text in found["summary"]])


def fitted(found: Recorded) -> list[Block]:
    """Each parameter: where in its prior the posterior lies."""
    rows = [
        {
            "row": row["name"],
            "series": IDENTIFIED if row["identified"] else NOT,
            "value": row["middle"],
            "low": row["low"],
            "high": row["high"],
            "prior": f"{number(row['prior'][0])} to {number(row['prior'][1])}",
        }
        for row in found["parameters"]
    ]
    looks = {IDENTIFIED: Look(MODEL, (), "circle"), NOT: Look(MUTED, (), "square")}
    looks = {name: look for name, look in looks.items() if any(row["series"] == name for row in rows)}
    count = sum(row["series"] == IDENTIFIED for row in rows)
    chart = intervals(
        rows,
        looks,
        title="Where in its prior range each parameter lies",
        unit="place in the prior range, 0 lowest, 1 highest",
        rule=None,
        zero=True,
        row_name="parameter",
        alt_text=f"Dots with intervals between 0 and 1 by parameter; the records identify {count} of {len(rows)}.",
        note="Dot: median of the posterior. Line: its central 90 %. The prior is flat from 0 to 1. Identified: the "
        "posterior is clearly narrower than the prior. Values in their units are in the table.",
    )
    return [chart, _table(found, "parameters")]


def fit(found: Recorded) -> list[Block]:
    """Each summary of the records: runs at the prior and at the posterior against the record."""
    series = {"runs of the prior": "before", "runs of the posterior": "after"}
    rows = [
        {
            "row": _label(str(row["name"])),
            "series": name,
            "value": _cut(row[key][1]),
            "low": _cut(row[key][0]),
            "high": _cut(row[key][2]),
        }
        for row in found["fit"]
        for name, key in series.items()
        if None not in row[key]
    ]
    looks = {"runs of the prior": Look(MUTED, (), "square"), "runs of the posterior": Look(MODEL, (), "circle")}
    far = max(found["fit"], key=lambda row: abs(row["after"][1] or 0.0))
    chart = intervals(
        rows,
        looks,
        title="Model against each summary of the records",
        unit="standard deviations above the record",
        rule=0.0,
        band=(-2.0, 2.0),
        row_name="summary",
        alt_text="Dots with intervals by summary; farthest from its record at the posterior is "
        f"{_label(str(far['name']))}.",
        note="Standard deviations are those of record error and declared discrepancy. Dot: median; line: 90 % of the "
        f"runs. Grey: within two. Beyond ±{MOST_DISTANCE:g} marks are cut.",
    )
    blocks: list[Block] = [chart, _table(found, "targets")]
    if found.get("left_out"):
        blocks.append(Text(f"Too few records for: {', '.join(found['left_out'])}."))
    return blocks


def _label(name: str) -> str:
    target, _, rest = name.partition(" ")
    return f"{named(target)} {plain(rest)}".strip() if target.isupper() else plain(name)


def _cut(value: float) -> float:
    return min(max(value, -MOST_DISTANCE), MOST_DISTANCE)


def past(found: Recorded) -> list[Block]:
    """Every record beside its prediction: right if it lies in the 90 % interval."""
    rows = [row for row in found["predicted"] if row["record"] > 0 and row["middle"] > 0]
    blocks: list[Block] = []
    if rows:
        points = [
            {
                "series": "fitted" if row["fitted"] else "forecast",
                "name": f"{named(row['target'])}, {row['place']} {row['year']}",
                "value": row["middle"] / row["record"],
                "low": row["low"] / row["record"],
                "high": row["high"] / row["record"],
                "inside": row["inside"],
                "year": row["year"],
            }
            for row in rows
        ]
        blocks.append(_predicted(points))
    misses = found["tables"].get("misses")
    if misses and misses["rows"]:
        blocks.append(_table(found, "misses", folded=len(misses["rows"]) > 15))
    if found["tables"].get("forecast"):
        blocks.append(_table(found, "forecast"))
    return blocks


def _predicted(points: list[dict[str, Any]]) -> Chart:
    """Predictions over records by year."""
    looks = {
        "inside its interval": Look(MODEL, (), "circle"),
        "outside": Look(OKABE_ITO["vermillion"], (), "triangle-up"),
    }
    drawn = [point | {"series": list(looks)[0 if point["inside"] else 1]} for point in points]
    years = sorted({point["year"] for point in drawn})
    counts: dict[int, int] = {}
    for point in drawn:  # beside each other within a year
        place = counts[point["year"]] = counts.get(point["year"], -1) + 1
        point["at"] = place
    for point in drawn:
        point["at"] = point["year"] + 0.8 * ((point["at"] + 0.5) / (counts[point["year"]] + 1) - 0.5)
    base = alt.Chart(data_of(drawn), width=620, height=260).transform_filter("indexof(shown, datum.series) >= 0")
    axis = alt.Axis(format="d", values=years if len(years) <= 12 else years[::2], labelAngle=0)
    x = alt.X(
        "at:Q", title=None, axis=axis, scale=alt.Scale(zero=False, nice=False, domain=[years[0] - 0.6, years[-1] + 0.6])
    )
    words = "prediction over record, logarithmic"
    scale, grid = logarithmic(drawn, "value", "low", "high", grid=True)
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()]), legend=None
    )
    shape = alt.Shape(
        "series:N", scale=alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()]), legend=None
    )
    says = [
        alt.Tooltip("name:N", title=""),
        alt.Tooltip("value:Q", title="median over record", format=",.3~g"),
        alt.Tooltip("low:Q", title="from", format=",.3~g"),
        alt.Tooltip("high:Q", title="to", format=",.3~g"),
    ]
    chart = alt.layer(
        base.mark_rule(strokeWidth=1.6, opacity=0.55).encode(
            x=x, y=alt.Y("low:Q", title=words, scale=scale, axis=grid), y2="high:Q", color=colour
        ),
        base.mark_rule().encode(y=alt.datum(1.0)),
        base.mark_point(filled=True, size=30, opacity=1).encode(
            x=x, y=alt.Y("value:Q", title=words, scale=scale, axis=grid), color=colour, shape=shape, tooltip=says
        ),
    ).add_params(alt.param(name="shown", value=list(looks)))
    inside = sum(bool(point["inside"]) for point in points)
    return Chart(
        "Every record beside its prediction",
        spec_of(chart),
        f"Points with intervals by year; {inside} of {len(points)} records lie in their 90 % interval.",
        "Dot: median prediction; line: 90 % interval with seeds, errors of records and discrepancy; both over the "
        "record. Point at a dot for its record.",
        looks,
        True,
        numbers_of(
            drawn, {"name": "record", "value": "median over record", "low": "from", "high": "to"}, title="Predictions"
        ),
    )


def _table(found: Recorded, name: str, *, folded: bool = False) -> Grid:
    table = found["tables"][name]
    rows = [[_label(row[0]), *row[1:]] for row in table["rows"]] if name in NAMED else table["rows"]
    return Grid(table["columns"], rows, table["numbers"], table["title"], table["notes"], folded)
