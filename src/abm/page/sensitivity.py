"""Which factors outcomes depend on: one chart an outcome, by the method of the design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import altair as alt
import pandas as pd

from abm.analysis.sensitivity import Sensitivity
from abm.analysis.tables import WORDS, table_of_sensitivity
from abm.analysis.wording import percent, sentences
from abm.engine.measures import measures_of
from abm.page.charts import ROW_AXIS, bars, dot, intervals
from abm.page.differences import as_grid
from abm.page.ingredients import PLAIN_NUMBER, Mark, chart_of, data_of
from abm.page.looks import Look, filled
from abm.page.parts import Block, Chart, Grid, Items
from abm.page.words import headed, said
from abm.plots.sensitivity import MOST, PARTS
from abm.plots.style import MUTED, OKABE_ITO

BLUE, RED = OKABE_ITO["blue"], OKABE_ITO["vermillion"]


def sensitivity_blocks(found: Sensitivity) -> list[Block]:
    """Charts, table and factors."""
    blocks: list[Block] = []
    draw = {"sobol": _sobol, "morris": _morris, "one_at_a_time": _tornado, "regression": _regression}[found.kind]
    for outcome in found.outcomes:
        rows = found.indices[found.indices["outcome"] == outcome].head(MOST)
        rows = rows.assign(label=rows["factor"].map(found.names.factor))
        if (rows["importance"] > 0).any():
            blocks += draw(found, outcome, rows)
    blocks += _variance(found)
    blocks.append(as_grid(table_of_sensitivity(found), folded=True))
    if notes := sentences(found.notes, "indices"):
        blocks.append(Items(notes))
    return blocks


def _head(found: Sensitivity, outcome: str) -> str:
    what = WORDS[measures_of(found.outcomes[outcome])[0]]
    of = f", {said(found.scenario)} less the reference" if found.difference else ""
    return f"{headed(outcome)}, {what} over {found.window.words}{of}"


def _series(rows: pd.DataFrame, columns: Mapping[str, str]) -> list[Mark]:
    """Rows of a chart of intervals from columns of the table of indices: column by series."""
    return [
        dot(row["label"], series, row[column], row.get(f"{column}_low"), row.get(f"{column}_high"))
        for row in rows.to_dict("records")
        for series, column in columns.items()
    ]


def _sobol(found: Sensitivity, outcome: str, rows: pd.DataFrame) -> Iterator[Block]:
    first, total = found.sobol_columns
    yield intervals(
        _series(rows, {"first order": first, "total": total}),
        {"first order": Look(BLUE, (), "circle"), "total": Look(RED, (), "diamond")},
        title=f"{_head(found, outcome)}: Sobol' indices",
        unit="share of the variance",
        row_name="factor",
        alt_text=f"Dots with intervals by factor; the largest total index is that of {rows['label'].iloc[0]}.",
        note="First order: effect of a factor alone. Total: with all its interactions. Lines: "
        f"{percent(found.level)} intervals.",
    )


def _regression(found: Sensitivity, outcome: str, rows: pd.DataFrame) -> Iterator[Block]:
    fit = found.fit.set_index("outcome").loc[outcome].to_dict()
    yield intervals(
        _series(rows, {"SRC": "src", "PRCC": "prcc"}),
        {"SRC": Look(BLUE, (), "circle"), "PRCC": Look(RED, (), "diamond")},
        title=f"{_head(found, outcome)}: regression",
        unit="coefficient, correlation",
        row_name="factor",
        alt_text=f"Dots with intervals by factor; {rows['label'].iloc[0]} matters most.",
        note="SRC: standardised regression coefficient. PRCC: partial rank correlation. Right of zero a higher value "
        f"of the factor raises the outcome. Lines: {percent(found.level)} intervals. R² {fit['r_squared']:.2f}, of "
        f"ranks {fit['rank_r_squared']:.2f}.",
    )
    yield _pawn(found, outcome, rows, float(fit["pawn_dummy"]))


def _pawn(found: Sensitivity, outcome: str, rows: pd.DataFrame, chance: float) -> Chart:
    values = [{"row": str(row["label"]), "series": "PAWN", "value": row["pawn"]} for row in rows.to_dict("records")]
    order = [row["row"] for row in values]
    base = alt.Chart(data_of(values), width=420, height=24 * len(order))
    drawn = base.mark_bar(color=BLUE).encode(
        x=alt.X("value:Q", title="PAWN index", axis=alt.Axis(grid=True, tickCount=6)),
        y=alt.Y("row:N", sort=order, title=None, axis=ROW_AXIS),
        tooltip=[alt.Tooltip("row:N", title="factor"), alt.Tooltip("value:Q", title="PAWN", format=".3f")],
    )
    line = base.mark_rule(strokeDash=[5, 3], strokeWidth=1.5).encode(x=alt.datum(chance))
    return chart_of(
        alt.layer(drawn, line),
        {},
        (values, {"row": "factor", "value": "PAWN"}),
        title=f"{_head(found, outcome)}: PAWN",
        alt_text=f"Bars by factor; chance alone gives {chance:.2f}.",
        note="Median distance between the distribution of the outcome and that at one value of the factor, of any "
        "form. Left of the dashed line it is no more than chance gives.",
    )


def _tornado(found: Sensitivity, outcome: str, rows: pd.DataFrame) -> Iterator[Block]:
    assert found.moves is not None
    moves = found.moves[found.moves["outcome"] == outcome]
    drawn = [
        dot(
            label,
            "higher value" if move["at"] > move["centre"] else "lower value",
            *(move[name] for name in ("difference", "low", "high")),
        )
        | {"at": move["at"]}
        for factor, label in zip(rows["factor"], rows["label"], strict=True)
        for move in moves[moves["factor"] == factor].sort_values("at").to_dict("records")
    ]
    yield intervals(
        drawn,
        {"lower value": Look(RED, (), "triangle-down"), "higher value": Look(BLUE, (), "triangle-up")},
        title=f"{_head(found, outcome)}: one factor at a time",
        unit=f"difference from the centre, {rows['unit'].iloc[0]}",
        row_name="factor",
        alt_text=f"Dots by factor; {rows['label'].iloc[0]} has the largest swing.",
        note="Difference from the centre when one factor alone moves. Lines: "
        f"{percent(found.level)} intervals over replicates. It says nothing about interactions.",
    )


def _morris(found: Sensitivity, outcome: str, rows: pd.DataFrame) -> Iterator[Block]:
    unit = rows["unit"].iloc[0]
    columns = {"value": "mu_star", "sigma": "sigma", "low": "mu_star_low", "high": "mu_star_high"}
    points = [
        {"name": str(row["label"]), "rank": place, **{field: row[column] for field, column in columns.items()}}
        for place, row in enumerate(rows.to_dict("records"), 1)
    ]
    plain_axis = alt.Axis(format=PLAIN_NUMBER)
    x_title = f"μ*: mean absolute effect, {unit}"
    x = alt.X("value:Q", title=x_title, axis=plain_axis)
    y = alt.Y("sigma:Q", title=f"σ: spread of the effect, {unit}", axis=plain_axis)
    named = {"name:N": "factor", "value:Q": "μ*", "sigma:Q": "σ"}
    says = [alt.Tooltip(field, title=title) for field, title in named.items()]
    base = alt.Chart(data_of(points), width=520, height=320).encode(y=y)
    chart = alt.layer(
        base.mark_rule(color=MUTED).encode(x=alt.X("low:Q", title=x_title), x2="high:Q"),
        base.mark_point(filled=True, size=70, color=BLUE, opacity=1).encode(x=x, tooltip=says),
        base.mark_text(dx=9, dy=-8, align="left").encode(x=x, text="rank:Q"),
    )
    names = [[str(point["rank"]), point["name"]] for point in points]
    yield chart_of(
        chart,
        {},
        (points, {"rank": "rank", "name": "factor", "value": "μ*", "low": "from", "high": "to", "sigma": "σ"}),
        title=f"{_head(found, outcome)}: elementary effects",
        alt_text=f"Points by factor; {points[0]['name']} has the largest mean absolute effect.",
        note="Right: a larger effect over the range of the factor. Up: the effect depends more on the other "
        "factors, or is less linear. Numbers: rank, named below.",
    )
    yield Grid(["rank", "factor"], names, (0,), "Factors by number in the chart")


def _variance(found: Sensitivity) -> Iterator[Block]:
    fit = found.fit[found.fit["share_seeds"].notna()]
    if fit.empty:
        return
    rows = [
        {"row": headed(str(row["outcome"])), "series": part, "value": 100 * row[column]}
        for row in fit.to_dict("records")
        for part, (column, _) in PARTS.items()
    ]
    yield bars(
        rows,
        filled({part: colour for part, (_, colour) in PARTS.items()}),
        title="Why runs differ",
        unit="% of the variance of single runs",
        row_name="outcome",
        alt_text="Stacked bars: shares of the variance from factors and from seeds, by outcome.",
        note="Factors: differences between points in the mean over seeds. Seeds: what a seed does to all points, "
        "and to each by itself.",
    )
