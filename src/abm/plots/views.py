"""Comparisons and sensitivities that show themselves in a notebook, and write their tables and figures."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Self

import pandas as pd

from abm.analysis.compare import Comparison, has_values
from abm.analysis.naming import Names
from abm.analysis.sensitivity import Sensitivity
from abm.analysis.tables import (
    TextTable,
    table_of_comparison,
    table_of_costs,
    table_of_levers,
    table_of_parameters,
    table_of_sensitivity,
    table_of_variance,
)
from abm.engine.version import __version__
from abm.plots.comparison import draw_difference, draw_fan, draw_forest
from abm.plots.sensitivity import draw_indices, draw_variance
from abm.plots.source import source_of_study
from abm.plots.style import Plate, Style, drawing, save_figures
from abm.results.disk import explained
from abm.results.staging import staging_name, sweep

type Contents = tuple[Mapping[str, object], Mapping[str, pd.DataFrame | None], Mapping[str, TextTable | None]]
"""What a folder is of, and its tables as data and for people, by name."""

CONTENTS = "contents.json"  # file that lists the others, and says what they are of


def figures_of_comparison(comparison: Comparison, style: Style = "screen") -> dict[str, Plate]:
    """Draw a forest plot of all scenarios and outcomes, and for each outcome a fan and a band of differences."""
    with drawing(style):
        figures = {"forest": draw_forest(comparison)}
        for outcome in comparison.outcomes:
            figures[f"fan_{outcome}"] = draw_fan(comparison, outcome)
            if has_values(comparison.panel.values[outcome][0]):  # else there is nothing to differ from
                figures[f"difference_{outcome}"] = draw_difference(comparison, outcome)
    return figures


def figures_of_sensitivity(sensitivity: Sensitivity, style: Style = "screen") -> dict[str, Plate]:
    """Draw the indices of each outcome that any factor changes, and what part of the variance seeds have."""
    with drawing(style):
        figures = {
            f"{sensitivity.kind}_{outcome}": draw_indices(sensitivity, outcome)
            for outcome in sensitivity.outcomes
            if not sensitivity.top(outcome).empty
        }
        if variance := draw_variance(sensitivity):
            figures["variance"] = variance
    return figures


def _inline(figure: Plate) -> str:
    """Write a figure into HTML, so that the notebook needs no file."""
    data = base64.b64encode(figure._repr_png_()).decode()
    return f"<img alt='{escape(figure.caption[0])}' src='data:image/png;base64,{data}'>"


class _View:
    """Shows its table and figures in a notebook; ``figures`` has all of them by name, ``save`` writes everything."""

    name: str
    names: Names
    _again: ClassVar[str]
    """Call that makes it again."""
    _made_table: ClassVar[Callable[[Any], TextTable]]
    _drawn: ClassVar[Callable[[Any, Style], dict[str, Plate]]]
    _contents: Callable[[], Contents]

    @classmethod
    def of(cls, found: Comparison | Sensitivity) -> Self:
        """Give a comparison, or an analysis, its figures."""
        return cls(**vars(found))

    @cached_property
    def table(self) -> TextTable:
        """Differences over the window, or the factors that matter most, for people."""
        return self._made_table()

    @cached_property
    def figures(self) -> dict[str, Plate]:
        """Figures by name; drawn when first asked for."""
        return self._drawn("screen")

    def save(self, folder: str | os.PathLike[str], *, style: Style = "screen", command: str = "") -> list[Path]:
        """Write all tables and figures into a folder, in place of what an earlier call wrote there.

        The style ``paper`` is without titles, at the width of a column or a page; `command` is what does it again, kept
        in each figure. An OutputError says that they cannot be written.
        """
        figures = self.figures if style == "screen" else self._drawn(style)
        source = source_of_study(self.name, self.names, command or self._again)
        return _save(Path(folder), self._contents(), figures, style, source)

    def __repr__(self) -> str:
        return self.table.text()


class ComparisonView(_View, Comparison):
    """A comparison with its figures; in a notebook it shows its table and its forest plot."""

    _again = "abm.compare(study)"
    _made_table = table_of_comparison
    _drawn = figures_of_comparison

    def _contents(self) -> Contents:
        facts = {
            "study": self.name,
            "reference": self.reference,
            "scenarios": list(self.scenarios),
            "outcomes": list(self.outcomes),
            "window": str(self.window),
            "level": self.intervals.level,
            "points": self.intervals.points,
            "same_as_reference_before": dict(self.apart),
            "notes": list(self.notes),
        }
        if self.variance is not None:
            facts["variance"] = json.loads(self.variance.to_json(orient="records"))
        frames = {
            "totals": self.totals,
            "monthly": self.monthly,
            "yearly": self.yearly,
            "runs": self.runs,
            "variance": self.variance,
            "places": self.places,
            "costs": self.costs.by_lever if self.costs else None,
            "cost_effectiveness": self.costs.effects if self.costs else None,
        }
        tables = {
            "comparison": self.table,
            "costs": table_of_costs(self),
            "variance": table_of_variance(self),
            "levers": table_of_levers(self.names, self.name),
            "parameters": table_of_parameters(self.names, self.name),
        }
        return facts, frames, tables

    def _repr_html_(self) -> str:
        return self.table.html() + _inline(self.figures["forest"])


class SensitivityView(_View, Sensitivity):
    """A sensitivity analysis with its figures; in a notebook it shows its table and the figure of each outcome."""

    _again = "abm.sensitivity(study)"
    _made_table = table_of_sensitivity
    _drawn = figures_of_sensitivity

    def _contents(self) -> Contents:
        facts = {
            "study": self.name,
            "scenario": self.scenario,
            "difference": self.difference,
            "design": self.method,
            "method": self.kind,
            "outcomes": list(self.outcomes),
            "window": str(self.window),
            "level": self.level,
            "changes_nothing": list(self.idle),
            "no_effect_seen": list(self.unseen),
            "notes": list(self.notes),
        }
        moves = "moves" if self.kind == "one_at_a_time" else "pairs"
        frames = {"indices": self.indices, moves: self.moves, "fit": self.fit, "runs": self.runs}
        tables = {"sensitivity": self.table, "parameters": table_of_parameters(self.names, self.name)}
        return facts, frames, tables

    def _repr_html_(self) -> str:
        return self.table.html() + "".join(_inline(figure) for figure in self.figures.values())


def _save(
    folder: Path, contents: Contents, figures: Mapping[str, Plate], style: Style, source: Mapping[str, str]
) -> list[Path]:
    """Write files aside and move them in place; those of an earlier call that are not made again are removed."""
    folder, (facts, frames, tables) = folder.expanduser().absolute(), contents
    with explained(folder, doing="write tables and figures"):
        folder.mkdir(parents=True, exist_ok=True)
        before = _listed(folder)
        sweep(folder)
        place = folder / staging_name("0")
        place.mkdir()
        try:
            for name, frame in frames.items():
                if frame is not None:
                    frame.to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
            for name, table in tables.items():
                if table is not None:
                    (place / f"{name}.md").write_text(table.markdown(), encoding="utf-8")
                    (place / f"{name}.tex").write_text(table.latex(name), encoding="utf-8")
            save_figures(figures, place, style, source)
            names = sorted(path.name for path in place.iterdir())
            listed = {"abm": __version__, **facts, "files": names}
            (place / CONTENTS).write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            for name in (*names, CONTENTS):
                os.replace(place / name, folder / name)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        for name in before - set(names):
            (folder / name).unlink(missing_ok=True)
    return [folder / name for name in (CONTENTS, *names)]


def _listed(folder: Path) -> set[str]:
    """Files that an earlier call wrote; nothing where there is no readable list of them."""
    try:
        names = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))["files"]
        return {str(name) for name in names if Path(str(name)).name == str(name)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
