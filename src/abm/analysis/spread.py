"""Where those abroad come from: a group of districts against the rest, and rank correlation between districts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.engine.measures import Floats

if TYPE_CHECKING:
    import pandas as pd

    from abm.places.geography import Units

RESAMPLES = 2000
"""Resamples of districts in a bootstrap."""


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
    from scipy.stats import rankdata

    known = np.column_stack([np.ones(one.size), *(rankdata(values) for values in given)])
    ranks = rankdata([one, other], axis=1).T
    left = ranks - known @ np.linalg.lstsq(known, ranks, rcond=None)[0]
    return float(np.corrcoef(left.T)[0, 1])


def correlation_interval(one: Floats, other: Floats, given: Sequence[Floats], *, seed: int = 0) -> tuple[float, float]:
    """Bootstrap 95 % interval of the partial rank correlation: districts drawn with replacement, percentiles.

    Districts that lie together are alike, and are drawn as if they were not: the interval is too narrow rather than too
    wide. References: Efron and Tibshirani (1993), 13.3.
    """
    from scipy.stats import bootstrap

    def correlation(one: Floats, other: Floats, *given: Floats) -> float:
        return partial_rank_correlation(one, other, given)

    found = bootstrap(
        (one, other, *given), correlation, paired=True, vectorized=False, n_resamples=RESAMPLES, method="percentile",
        rng=seed,
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def fisher_interval(found: float, count: int, given: int) -> tuple[float, float]:
    """95 % interval of a partial correlation of `count` districts given so many others, by Fisher's z.

    For ranks the variance of z is a little larger than 1 / (count - given - 3); 1.06 is that of Fieller, Hartley and
    Pearson (1957). By hand, as SciPy has neither: its interval is that of a plain correlation of normal numbers.
    """
    from scipy.special import ndtri

    half = float(ndtri(0.975)) * np.sqrt(1.06 / (count - given - 3))
    return float(np.tanh(np.arctanh(found) - half)), float(np.tanh(np.arctanh(found) + half))
