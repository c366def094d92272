"""A calibration, from the file that ``abm calibrate`` writes beside its draws."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import altair as alt

from abm.analysis.levers import place_names
from abm.analysis.wording import MINUS, plain
from abm.calibration.write import RECORDED
from abm.config.wording import number
from abm.engine.errors import OutputError
from abm.page.charts import dot, intervals
from abm.page.ingredients import ONLY_SHOWN, chart_of, colours, data_of, logarithmic, shapes
from abm.page.looks import MODEL, Look, only
from abm.page.parts import Block, Chart, Grid, Text
from abm.page.past import named
from abm.places.places import places_of
from abm.plots.style import MUTED, OKABE_ITO

IDENTIFIED, NOT = "identified", "not identified"

NAMED = ("targets", "misses")  # tables whose rows begin with the id of a target

WAYS = {
    "iran_turkey_land": "Iran and Turkey by land",
    "iran_land": "Iran by land",
    "air_with_documents": "air with documents",
}
"""Ways whose prices are recorded."""

MOST_DISTANCE = 8.0  # standard deviations from the record at which marks are cut

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


def fitted(found: Recorded) -> list[Block]:
    """Each parameter: where in its prior the posterior lies."""
    rows = []
    for row in found["parameters"]:
        low, high = map(number, row["prior"])
        series = IDENTIFIED if row["identified"] else NOT
        place = dot(row["name"], series, row["middle"], row["low"], row["high"])
        rows.append(place | {"prior": f"{low} to {high}"})
    looks = {IDENTIFIED: Look(MODEL, (), "circle"), NOT: Look(MUTED, (), "square")}
    count = sum(row["series"] == IDENTIFIED for row in rows)
    chart = intervals(
        rows,
        only(looks, rows),
        title="Where in its prior range each parameter lies",
        unit="place in the prior range, 0 lowest, 1 highest",
        rule=None,
        row_name="parameter",
        alt_text=f"Dots with intervals between 0 and 1 by parameter; the records identify {count} of {len(rows)}.",
        note="Dot: median of the posterior. Line: its central 90 %. The prior is flat from 0 to 1. Identified: the "
        "posterior is clearly narrower than the prior. Values in their units are in the table.",
    )
    return [chart, _table(found, "parameters")]


def fit(found: Recorded) -> list[Block]:
    """Each summary of the records: runs at the prior and at the posterior against the record."""
    prior, posterior = "runs of the prior", "runs of the posterior"
    rows = []
    for row in found["fit"]:
        for name, ends in ((prior, row["before"]), (posterior, row["after"])):
            if None not in ends:
                low, middle, high = (min(max(end, -MOST_DISTANCE), MOST_DISTANCE) for end in ends)
                rows.append(dot(summary_in_words(row["name"]), name, middle, low, high))
    looks = {prior: Look(MUTED, (), "square"), posterior: Look(MODEL, (), "circle")}
    far = summary_in_words(max(found["fit"], key=lambda row: abs(row["after"][1] or 0.0))["name"])
    chart = intervals(
        rows,
        looks,
        title="Model against each summary of the records",
        unit="standard deviations above the record",
        band=(-2.0, 2.0),
        row_name="summary",
        alt_text=f"Dots with intervals by summary; farthest from its record at the posterior is {far}.",
        note="Standard deviations are those of record error and declared discrepancy. Dot: median; line: 90 % of the "
        f"runs. Grey: within two. Beyond ±{MOST_DISTANCE:g} marks are cut.",
    )
    blocks: list[Block] = [chart, _table(found, "targets")]
    if found["left_out"]:
        blocks.append(Text(f"Too few records for: {', '.join(found['left_out'])}."))
    return blocks


def summary_in_words(name: str) -> str:
    """Name of a summary: the records, the place if they are of one, and what is summed up."""
    target, _, rest = name.partition(" ")
    if not target.isupper():
        return plain(name)
    place, _, what = rest.rpartition(" ")
    words = [_place_names().get(word) or plain(word) for word in place.split()]
    return f"{named(target)}{', ' if place else ''}{' '.join(words)}{': ' if what else ''}{plain(what)}"


@cache
def _place_names() -> Mapping[str, str]:
    """Names of the places and ways of records by key."""
    names = place_names(places_of())
    return {**WAYS, **names["province"], **names["destination"]}


def _typeset(cell: str) -> str:
    """Set numbers with a true minus and separators of thousands."""
    cell = re.sub(r"(?<![\w.])-(?=\d)", MINUS, cell)
    return re.sub(r"(?<![\w.])\d{5,}(?![\w.])", lambda found: f"{int(found[0]):,}", cell)


def past(found: Recorded) -> list[Block]:
    """Every record beside its prediction: right if it lies in the 90 % interval."""
    rows = [row for row in found["predicted"] if row["record"] > 0 and row["middle"] > 0]
    blocks: list[Block] = [_predicted(rows)] if rows else []
    if misses := found["tables"]["misses"]["rows"]:
        blocks.append(_table(found, "misses", folded=len(misses) > 15))
    if "forecast" in found["tables"]:
        blocks.append(_table(found, "forecast"))
    return blocks


def _predicted(rows: Sequence[Recorded]) -> Chart:
    """Predictions over records by year."""
    inside, outside = "inside its interval", "outside"
    looks = {inside: Look(MODEL, (), "circle"), outside: Look(OKABE_ITO["vermillion"], (), "triangle-up")}
    of_year, before = Counter(row["year"] for row in rows), Counter[int]()
    points = []
    for row in rows:
        year = row["year"]
        points.append(
            {
                "series": inside if row["inside"] else outside,
                "name": f"{named(row['target'])}, {row['place']} {year}",
                "value": row["middle"] / row["record"],
                "low": row["low"] / row["record"],
                "high": row["high"] / row["record"],
                "inside": row["inside"],
                "year": year,
                "at": year + 0.8 * ((before[year] + 0.5) / of_year[year] - 0.5),  # beside each other within a year
            }
        )
        before[year] += 1
    years = sorted(of_year)
    axis = alt.Axis(format="d", values=years if len(years) <= 12 else years[::2], labelAngle=0)
    span = alt.Scale(zero=False, nice=False, domain=[years[0] - 0.6, years[-1] + 0.6])
    scale, grid = logarithmic(points, "value", "low", "high", grid=True)
    y = partial(alt.Y, title="prediction over record, logarithmic", scale=scale, axis=grid)
    columns = {"value": "median over record", "low": "from", "high": "to"}
    says = [alt.Tooltip(f"{field}:Q", title=title, format=",.3~g") for field, title in columns.items()]
    base = alt.Chart(data_of(points), width=620, height=260).transform_filter(ONLY_SHOWN)
    marks = base.encode(x=alt.X("at:Q", title=None, axis=axis, scale=span), color=colours(looks))
    chart = alt.layer(
        marks.mark_rule(strokeWidth=1.6, opacity=0.55).encode(y=y("low:Q"), y2="high:Q"),
        base.mark_rule().encode(y=alt.datum(1.0)),
        marks.mark_point(filled=True, size=30, opacity=1).encode(
            y=y("value:Q"), shape=shapes(looks), tooltip=[alt.Tooltip("name:N", title=""), *says]
        ),
    )
    return chart_of(
        chart,
        looks,
        (points, {"name": "record", **columns}),
        title="Every record beside its prediction",
        alt_text=f"Points with intervals by year; {sum(row['inside'] for row in rows)} of {len(rows)} records lie in "
        "their 90 % interval.",
        note="Dot: median prediction; line: 90 % interval with seeds, errors of records and discrepancy; both over the "
        "record. Point at a dot for its record.",
    )


def _table(found: Recorded, name: str, *, folded: bool = False) -> Grid:
    table = found["tables"][name]
    rows = [
        [summary_in_words(head) if name in NAMED else head, *map(_typeset, cells)]
        for head, *cells in map(tuple, table["rows"])
    ]
    return Grid(table["columns"], rows, table["numbers"], table["title"], table["notes"], folded)
