"""Where those abroad come from: a group of districts against the rest, rank correlation between districts, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import bootstrap, rankdata

from abm.engine.measures import Floats
from abm.places.geography import Units
from abm.plots.style import INK, MUTED, OKABE_ITO, Plate, new_figure, write_notes

RESAMPLES = 2000
"""Resamples of districts in a bootstrap."""

SPREAD_EDGES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 65.0, 250.0)
"""Bounds of the classes, persons abroad per 1,000 residents."""

SPREAD_VIEW = (69.2, 75.6, 28.9, 36.4)
"""Part of the country drawn: west, east, south, north; degrees."""


def in_month(district: pd.DataFrame, month: str) -> pd.DataFrame:
    """Rows of a month, YYYY-MM, of the table `district` of a run (month, unit, persons_abroad, population), by unit."""
    rows = district[district["month"].astype("datetime64[ns]") == np.datetime64(month, "ns")]
    return rows.set_index(rows["unit"].astype(str))


def abroad_per_capita(district: pd.DataFrame, month: str) -> pd.Series:
    """Persons abroad per resident in a month, by unit; parameters as of `in_month`."""
    found = in_month(district, month)
    return found["persons_abroad"].astype(float) / found["population"].astype(float)


def catchment_ratio(district: pd.DataFrame, month: str, units: Units) -> float:
    """Persons abroad per resident in a month: the catchment and its neighbours over the rest of Punjab.

    Parameters are those of `in_month`, and the districts of the run (`abm.places.geography.load_units`).
    """
    rows = in_month(district, month).loc[[str(unit) for unit in units.unit]]
    abroad, residents = (rows[name].to_numpy(float) for name in ("persons_abroad", "population"))
    near = units.catchment != ""
    return ratio_of_groups(abroad, residents, near, (units.province == "punjab") & ~near)


def ratio_of_groups(abroad: Floats, residents: Floats, group: NDArray[np.bool_], others: NDArray[np.bool_]) -> float:
    """Persons abroad per resident of a group of districts over those of others; NaN where these have nobody."""
    rates = [abroad[chosen].sum() / residents[chosen].sum() for chosen in (group, others)]
    return float(rates[0] / rates[1]) if rates[1] > 0 else float("nan")


def partial_rank_correlation(one: Floats, other: Floats, given: Sequence[Floats]) -> float:
    """Rank correlation of two quantities of districts at equal ranks of others.

    All are replaced by their ranks (ties by the mean); what the given ones explain linearly is taken off both, and the
    rest correlated.

    References
    ----------
    Kendall and Stuart (1973), "The Advanced Theory of Statistics" 2, 27; Conover and Iman (1981) for ranks.
    """
    known = np.column_stack([np.ones(one.size), *(rankdata(values) for values in given)])
    ranks = rankdata([one, other], axis=1).T
    left = ranks - known @ np.linalg.lstsq(known, ranks, rcond=None)[0]
    return float(np.corrcoef(left.T)[0, 1])


def correlation_interval(one: Floats, other: Floats, given: Sequence[Floats]) -> tuple[float, float]:
    """Bootstrap 95 % interval of the partial rank correlation: districts drawn with replacement, percentiles.

    Districts that lie together are alike, and are drawn as if they were not: the interval is too narrow rather than too
    wide. References: Efron and Tibshirani (1993), 13.3.
    """

    def correlation(one: Floats, other: Floats, *given: Floats) -> float:
        return partial_rank_correlation(one, other, given)

    found = bootstrap(
        (one, other, *given), correlation, paired=True, vectorized=False, n_resamples=RESAMPLES, method="percentile",
        rng=0,
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def fisher_interval(found: float, count: int, given: int) -> tuple[float, float]:
    """95 % interval of a partial correlation of `count` districts given so many others, by Fisher's z.

    For ranks the variance of z is a little larger than 1 / (count - given - 3); 1.06 is that of Fieller, Hartley and
    Pearson (1957). By hand, as SciPy has neither: its interval is that of a plain correlation of normal numbers.
    """
    half = float(ndtri(0.975)) * np.sqrt(1.06 / (count - given - 3))
    return float(np.tanh(np.arctanh(found) - half)), float(np.tanh(np.arctanh(found) + half))


def draw_ratios(
    runs: pd.DataFrame,
    means: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    title: str,
    subtitle: str,
    notes: tuple[str, ...],
) -> Plate:
    """Draw the ratio of each run as a dot, and mean and interval by scenario, in the order of `labels`.

    `runs`: ``scenario`` and ``ratio``; `means`, a row a scenario: ``ratio``, ``ratio_low``, ``ratio_high``.
    """
    height = 1.9 + 0.5 * len(labels)
    figure = new_figure(9, height, title, subtitle)
    axes = figure.add_axes((0.27, 0.85 / height, 0.69, 1 - 1.65 / height))
    for place, scenario in enumerate(labels):
        single = runs.loc[runs["scenario"] == scenario, "ratio"]
        mean = means[means["scenario"] == scenario].iloc[0]
        colour = OKABE_ITO["blue"] if place == 0 else OKABE_ITO["vermillion"]
        axes.plot(single, np.full(len(single), place), "o", color=colour, alpha=0.35, markersize=5)
        axes.plot([mean["ratio_low"], mean["ratio_high"]], [place, place], color=colour, linewidth=2.2)
        axes.plot(mean["ratio"], place, "D", color=colour, markersize=6, markeredgecolor="white")
    for level in (1.3, 2.0):
        axes.axvline(level, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(labels)), list(labels.values()))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(axis="x")
    axes.set_xlim(left=0)
    axes.set_xlabel("ratio of persons abroad per resident, December 2017", loc="left")
    write_notes(figure, notes)
    return figure
