"""Runs of a study in the form of the EMA workbench's results; it need not be installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from abm.engine.measures import Floats, Measure, measures_of, summarise
from abm.experiments.spec import Experiment
from abm.experiments.store import DONE
from abm.month import outcome_named


def identifier(factor: str) -> str:
    """Name of a factor as the workbench wants it: letters, digits and underscores."""
    return re.sub(r"\W", "__", factor)


LEVEL, DIFFERENCE = "_level", "_difference"  # endings of the outcomes of `results_of`


def results_of(
    experiment: Experiment,
    design: pd.DataFrame,
    table: pd.DataFrame,
    outcomes: Sequence[str],
    window: tuple[str, str] | None,
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Give the finished runs of a study as the workbench's results, given its design and its table `national`.

    Experiments have a row a run: factors by `identifier`, ``scenario`` (the point of the design), ``policy`` (our
    scenario), ``model`` (the study), ``replicate`` and ``seed``. Outcomes have one number a run: ``<outcome>_level``,
    what it came to over the window (flows added up, else the mean), and ``<outcome>_difference``, that less the
    reference's at the same point and seed: zero for the reference, blank where that run is missing.
    """
    keys = ["scenario", "point", "replicate"]
    level = {name: values_by_run(table, name, window or experiment.window) for name in outcomes}
    done = design[design["status"] == DONE].set_index(keys)
    factors = [factor.name for factor in experiment.factors]
    experiments = done[factors].rename(columns=identifier).reset_index().rename(
        columns={"scenario": "policy", "point": "scenario"}
    )  # fmt: skip
    experiments["model"], experiments["seed"] = experiment.name, done["seed"].to_numpy()
    found: dict[str, Any] = {}
    at = [(experiment.reference, point, replicate) for _, point, replicate in done.index]
    for name in outcomes:
        values = level[name].reindex(done.index).to_numpy(np.float64)
        found[name + LEVEL] = values
        found[name + DIFFERENCE] = values - level[name].reindex(at).to_numpy(np.float64)
    return experiments, found


def values_by_run(table: pd.DataFrame, outcome: str, window: tuple[str, str]) -> pd.Series[float]:
    """One number for the months of each run in a window, by scenario, point and replicate."""
    runs = table[is_inside(table["month"], window)].groupby(["scenario", "point", "replicate"], observed=True)
    measure = first_measure(outcome)
    return runs[outcome].agg(lambda months: float(summarise(months.to_numpy(np.float64), measure)))


def is_inside(months: ArrayLike, window: tuple[str, str]) -> NDArray[np.bool_]:
    """Tell which months lie in a window, both ends included."""
    first, last = (np.datetime64(end, "M") for end in window)
    month = np.asarray(months).astype("datetime64[M]")
    return (month >= first) & (month <= last)


def first_measure(outcome: str) -> Measure:
    """How the months of an outcome become one number: flows, and what nobody declares, are added up."""
    declared = outcome_named(outcome)
    return measures_of(declared)[0] if declared else "total"
