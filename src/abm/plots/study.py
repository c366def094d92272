"""All figures of a comparison and of a sensitivity analysis, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from abm.analysis.compare import Comparison, has_values
from abm.analysis.sensitivity import Sensitivity
from abm.plots.forest import draw_forest
from abm.plots.scenarios import draw_difference, draw_fan
from abm.plots.sensitivity import draw_indices, draw_variance
from abm.plots.style import drawing, save


def figures_of_comparison(comparison: Comparison) -> dict[str, Figure]:
    """Draw a forest plot of all scenarios and outcomes, and for each outcome a fan and a band of differences."""
    with drawing():
        figures = {"forest": draw_forest(comparison)}
        for outcome in comparison.outcomes:
            figures[f"fan_{outcome}"] = draw_fan(comparison, outcome)
            if has_values(comparison.panel.values[outcome][0]):  # else there is nothing to differ from
                figures[f"difference_{outcome}"] = draw_difference(comparison, outcome)
    return figures


def figures_of_sensitivity(sensitivity: Sensitivity) -> dict[str, Figure]:
    """Draw the indices of each outcome that any factor changes, and what part of the variance seeds have."""
    with drawing():
        figures = {
            f"{sensitivity.kind}_{outcome}": draw_indices(sensitivity, outcome)
            for outcome in sensitivity.outcomes
            if not sensitivity.top(outcome).empty
        }
        variance = draw_variance(sensitivity)
    return figures | ({"variance": variance} if variance else {})


def save_figures(figures: Mapping[str, Figure], folder: Path) -> Iterator[Path]:
    """Write figures as PNG and SVG; yields the files."""
    for name, figure in figures.items():
        with drawing():
            yield from save(figure, folder, name)
