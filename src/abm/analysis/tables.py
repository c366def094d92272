"""Tables of comparisons and sensitivities for people: Markdown, LaTeX and HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from abm.analysis.compare import MILLION, Comparison
from abm.analysis.naming import Names
from abm.analysis.sensitivity import Sensitivity
from abm.analysis.wording import estimate, figure, outcome_in_words, percent, written
from abm.results.tables import Row


@dataclass(frozen=True)
class TextTable:
    """A table of texts; columns of `numbers` are aligned to the right, those of `prose` wrap in LaTeX.

    `notes` stand below it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    notes: Sequence[str] = ()
    prose: Sequence[int] = ()

    def markdown(self) -> str:
        """Write it in Markdown, with its title and notes."""
        rule = ["---:" if place in self.numbers else "---" for place in range(len(self.columns))]
        cells = [[cell.replace("|", r"\|") for cell in line] for line in (self.columns, rule, *self.rows)]
        lines = [f"| {' | '.join(line)} |" for line in cells]
        return "\n".join([f"**{self.title}**", "", *lines, "", *(f"- {note}" for note in self.notes)]).rstrip() + "\n"

    def latex(self, label: str) -> str:
        """Write it as a LaTeX table to be put in as a file; it needs the package booktabs."""
        wide = f"p{{{0.5 / max(len(self.prose), 1):.2f}\\linewidth}}"  # half of the line is for words
        kinds = dict.fromkeys(self.prose, wide) | dict.fromkeys(self.numbers, "r")
        form = "".join(kinds.get(place, "l") for place in range(len(self.columns)))
        head, *lines = (" & ".join(tex(cell) for cell in line) + r" \\" for line in (self.columns, *self.rows))
        body, below = "".join(f"{line}\n" for line in lines), " ".join(f"{tex(note)}." for note in self.notes)
        notes = rf"\par\smallskip\footnotesize {below}" + "\n" if below else ""
        environment = "table*" if len(self.columns) > MOST_OF_A_COLUMN else "table"
        return rf"""% needs \usepackage{{booktabs}}
\begin{{{environment}}}
\centering\small\setlength{{\tabcolsep}}{{4pt}}
\caption{{{tex(self.title)}}}
\label{{tab:{label.removeprefix("tab:")}}}
\begin{{tabular}}{{{form}}}
\toprule
{head}
\midrule
{body}\bottomrule
\end{{tabular}}
{notes}\end{{{environment}}}
"""

    def html(self) -> str:
        """Write it for a notebook."""

        def cells(line: Sequence[str], kind: str) -> str:
            return "".join(
                f"<{kind} style='text-align:{'right' if place in self.numbers else 'left'}'>{escape(cell)}</{kind}>"
                for place, cell in enumerate(line)
            )

        body = "".join(f"<tr>{cells(line, 'td')}</tr>" for line in self.rows)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<table><caption>{escape(self.title)}</caption><thead><tr>{cells(self.columns, 'th')}</tr></thead>"
            f"<tbody>{body}</tbody></table>" + (f"<ul>{notes}</ul>" if notes else "")
        )

    def text(self, *, notes: bool = True) -> str:
        """Write it in aligned columns for a terminal, with or without what stands below it."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        aligned = [
            "  ".join(
                cell.rjust(width) if place in self.numbers else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, *aligned, *(self.notes if notes else ())]) + "\n"


_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"−": "$-$", "–": "--", "—": "---", "μ": r"$\mu$", "σ": r"$\sigma$", "×": r"$\times$", "±": r"$\pm$"}
    | {"²": "$^2$", "³": "$^3$", "‰": r"\textperthousand{}", "≤": r"$\leq$", "≥": r"$\geq$", "·": r"$\cdot$"}
    | {"“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\dots{}", "→": r"$\to$", "½": r"$\tfrac12$", "\u00a0": "~"}
)
"""What LaTeX prints only in another way; letters with accents it knows."""

MOST_OF_A_COLUMN = 4
"""Columns of a table that fit into a column of text; wider ones go over the page in texts of two columns."""


def tex(text: str) -> str:
    """Escape what LaTeX would not print."""
    return text.translate(_TEX)


def table_of_comparison(comparison: Comparison) -> TextTable:
    """Totals over the window: one row an outcome, measure and scenario; for draws, whence differences vary."""
    level, reference = percent(comparison.intervals.level), comparison.names.scenario(comparison.reference)
    shared = comparison.variance is not None
    rows = [
        [
            f"{outcome_in_words(row['outcome'])}, {WORDS[row['measure']]} ({unit})",
            comparison.names.scenario(row["scenario"]),
            figure(row["reference"] / divisor),
            figure(row["value"] / divisor),
            estimate(row["difference"] / divisor, row["low"] / divisor, row["high"] / divisor),
            estimate(row["percent"], row["percent_low"], row["percent_high"], unit=" %"),
            f"{row['pairs']:,}",
            *([_share_of_difference(comparison, row)] if shared else []),
        ]
        for row in comparison.totals.to_dict("records")
        for divisor, unit in [_scaled(comparison, row)]
    ]
    found = (f"difference [{level}]", f"% [{level}]", "pairs", *(["variance between draws"] if shared else []))
    how = f"{level} t intervals of paired differences from '{reference}'"
    return TextTable(
        title=f"{comparison.name or 'Study'}: differences from {reference}, {comparison.window.words}",
        columns=("outcome", "scenario", reference, "scenario's", *found),
        rows=rows,
        numbers=range(2, 8),
        notes=[how, *_apart(comparison), *comparison.notes],
    )


def _scaled(comparison: Comparison, row: Row) -> tuple[float, str]:
    """Divisor and unit of an outcome in a table, the same in all its rows: millions or billions where it is large."""
    totals = comparison.totals
    rows = totals[(totals["outcome"] == row["outcome"]) & (totals["measure"] == row["measure"])]
    largest = float(rows[["reference", "value", "difference"]].abs().max(axis=None))
    divisor, word = scale_of(largest)
    return divisor, f"{word} {row['unit']}".strip()


def scale_of(largest: float) -> tuple[float, str]:
    """Divisor of a column of numbers up to `largest`, and the word for it."""
    scales = ((1e9, "billion"), (MILLION, "million"))
    return next(((divisor, word) for divisor, word in scales if largest >= 10 * divisor), (1.0, ""))


def _share_of_difference(comparison: Comparison, row: Row) -> str:
    found = comparison.shares(row["outcome"], row["scenario"])
    return "" if found is None or found["measure"] != row["measure"] else share_in_words(found)


def share_in_words(row: pd.Series, share: str = "between") -> str:
    """Write the share of the variance ``between`` draws with its interval, or ``within`` them."""
    if not row["variance"] > 0:
        return "–"
    if row["between"] != row["between"]:
        return "not separated"
    if share == "within" or row["between_low"] != row["between_low"]:
        return f"{100 * row[share]:.0f} %"
    return f"{100 * row[share]:.0f} % [{100 * row['between_low']:.0f}, {100 * row['between_high']:.0f}]"


def table_of_variance(comparison: Comparison) -> TextTable | None:
    """Shares of the variance between draws and within; None where points are no draws."""
    if comparison.variance is None:
        return None
    return TextTable(
        title=f"{comparison.name or 'Study'}: variance between draws and within, {comparison.window.words}",
        columns=("outcome", "scenario", "of", "draws", "runs", "standard deviation", "between draws", "within"),
        rows=[
            [
                f"{outcome_in_words(row['outcome'])}, {WORDS[row['measure']]} ({row['unit']})",
                comparison.names.scenario(row["scenario"]),
                row["of"],
                f"{row['draws']:,}",
                f"{row['runs']:,}",
                figure(math.sqrt(row["variance"])),
                share_in_words(row),
                share_in_words(row, "within"),
            ]
            for _, row in comparison.variance.iterrows()
        ],
        numbers=range(3, 8),
        notes=(
            "between draws: the uncertainty of parameters; within: what seeds do; of single runs and of their paired "
            f"differences from '{comparison.names.scenario(comparison.reference)}'",
            f"in brackets {percent(comparison.intervals.level)} intervals of the share",
        ),
    )


WORDS = {"total": "total", "mean": "mean", "end": "last month"}


def _apart(comparison: Comparison) -> list[str]:
    """Say from when on scenarios differ at all."""
    begins = str(comparison.panel.months[0])
    same: dict[str | None, list[str]] = {}
    for scenario, month in comparison.apart.items():
        if month is None or month > begins:
            same.setdefault(month, []).append(scenario)
    return [
        f"{', '.join(map(comparison.names.scenario, scenarios))}: the same as "
        f"{comparison.names.scenario(comparison.reference)} to the bit "
        + (f"before {month}" if month else "throughout, in the outcomes compared")
        for month, scenarios in same.items()
    ]


def table_of_levers(names: Names, study: str) -> TextTable | None:
    """List the levers of each scenario; None where there is none."""
    if not names.levers:
        return None
    return TextTable(
        title=f"{study or 'Study'}: levers by scenario",
        columns=("scenario", "lever", "dose", "where", "when"),
        rows=names.levers,
        prose=(1, 3),
        notes=("what else scenarios set, events among it: abm report",),
    )


def table_of_parameters(names: Names, study: str) -> TextTable | None:
    """List factors, and parameters that differ from what is declared, for an appendix; None where there is none."""
    if not names.parameters:
        return None

    def written_number(value: float | None) -> str:
        return "" if value is None else f"{value:,.6g}"

    rows = [
        [
            row.label,
            written_number(row.value),
            "" if row.low is None else f"{written_number(row.low)} to {written_number(row.high)}",
            row.unit,
            "" if row.bounds is None else " to ".join(map(written_number, row.bounds)),
            row.source,
        ]
        for row in names.parameters
    ]
    return TextTable(
        title=f"{study or 'Study'}: parameters that vary, or differ from their declared values",
        columns=("parameter", "value", "range in the study", "unit", "declared bounds", "source"),
        rows=rows,
        numbers=(1,),
        prose=(0, 5),
        notes=("all others have their declared values: abm describe parameters --format markdown",),
    )


def table_of_costs(comparison: Comparison) -> TextTable | None:
    """Cost of each scenario, and change of each flow for a million rupees; None without costs or flows."""
    if comparison.costs is None or comparison.costs.effects.empty:
        return None
    level = percent(comparison.intervals.level)
    whole = comparison.costs.by_lever.query("lever == 'all'").set_index("scenario")
    divisor, word = scale_of(float(whole["cost"].abs().max()))
    rows = []
    for row in comparison.costs.effects.to_dict("records"):
        cost = whole.loc[row["scenario"], ["cost", "low", "high"]].astype(float) / divisor
        rows.append(
            [
                comparison.names.scenario(row["scenario"]),
                estimate(cost["cost"], cost["low"], cost["high"]),
                f"{outcome_in_words(row['outcome'])}, {WORDS[row['measure']]}",
                row["unit"].removesuffix(" per million PKR of 2017"),
                estimate(row["per_million"], row["low"], row["high"]),
            ]
        )
    return TextTable(
        title=f"{comparison.name or 'Study'}: change for a million PKR of policy cost, {comparison.window.words}",
        columns=(
            "scenario",
            f"cost, {word} PKR [{level}]".replace("  ", " "),
            "outcome",
            "unit",
            f"change for a million [{level}]",
        ),
        rows=rows,
        numbers=(1, 4),
        notes=(
            f"costs above those of {comparison.names.scenario(comparison.reference)}, in PKR of 2017, not discounted; "
            "what levers are declared to cost, and nothing else",
        ),
    )


def table_of_sensitivity(sensitivity: Sensitivity) -> TextTable:
    """Indices of the factors that matter most, by outcome."""
    level = percent(sensitivity.level)
    shown = [name for name in _COLUMNS[sensitivity.kind] if name in sensitivity.indices]
    rows = []
    for outcome in sensitivity.outcomes:
        for rank, row in enumerate(sensitivity.top(outcome, MOST_FACTORS).to_dict("records"), 1):
            ends = ((row.get(f"{name}_low", math.nan), row.get(f"{name}_high", math.nan)) for name in shown)
            cells = (estimate(row[name], *both) for name, both in zip(shown, ends, strict=True))
            factor = sensitivity.names.factor(row["factor"])
            rows.append([f"{outcome_in_words(outcome)} ({row['unit']})", str(rank), factor, *cells])
    scenario = sensitivity.names.scenario(sensitivity.scenario)
    what = f"difference of {scenario} from the reference" if sensitivity.difference else scenario
    return TextTable(
        title=f"{sensitivity.name or 'Study'}: what matters most, {what}, {sensitivity.window.words}",
        columns=("outcome", "rank", "factor", *(_HEADS[name].format(f" [{level}]") for name in shown)),
        rows=rows,
        numbers=(1, *range(3, 3 + len(shown))),
        notes=(*variance_in_words(sensitivity), *sensitivity.notes),
    )


MOST_FACTORS = 10  # factors that the table of a sensitivity has for an outcome

_COLUMNS = {
    "sobol": ("first", "total", "first_expected", "total_expected"),
    "morris": ("mu_star", "mu", "sigma"),
    "one_at_a_time": ("swing",),
    "regression": ("src", "prcc", "pawn"),
}
_HEADS = {
    "first": "first order{}", "total": "total{}",
    "first_expected": "first order, noise taken out{}", "total_expected": "total, noise taken out{}",
    "mu_star": "μ*{}", "mu": "μ", "sigma": "σ", "swing": "swing",
    "src": "SRC{}", "prcc": "PRCC{}", "pawn": "PAWN",
}  # fmt: skip
"""Heads of columns, with a place for the level of those that have intervals."""


def variance_in_words(sensitivity: Sensitivity) -> list[str]:
    """Say what part of the variance of single runs comes from factors, and what from seeds."""
    lines = []
    for row in sensitivity.fit.dropna(subset="share_seeds").to_dict("records"):
        parts = ("factors", "seeds", "seeds_at_points")
        factors, seeds, points = (written(100 * row[f"share_{part}"], 1) for part in parts)
        lines.append(
            f"{outcome_in_words(row['outcome'])}: {factors} % of the variance of single runs comes from factors, "
            f"{seeds} % from what a seed does to all points, {points} % from what it does to each apart"
        )
    return lines
