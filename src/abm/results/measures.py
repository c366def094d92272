"""How the months of a run become one number: flows are added up, stocks and rates are not."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from abm.declare import Outcome
from abm.results.tables import COST_PREFIX, COST_UNIT

Floats = NDArray[np.float64]
Measure = Literal["total", "mean", "end"]
"""Sum over the months of a window; mean over its months; value in its last month."""

STOCKS = frozenset(
    {
        "population", "households", "labour_force", "employed",
        *(f"households_wealth_{quintile}" for quintile in range(1, 6)),
        "involuntary_immobility", "migration_debt",
        "persons_abroad", "diaspora_legal", "diaspora_irregular", "diaspora_hidden",
        "restless", "waiting_clients", "under_way", "held_for_exploitation",
        "offices", "smuggling_debt", "held_by_market",
        "bonded_households", "bonded_kiln", "bonded_mine", "bonded_workers", "bonded_children", "bonded_debt",
        "bondage_places",
    }
)  # fmt: skip
"""National outcomes that count what is there at the end of a month, and not what happened in it."""

A_MONTH = " a month"


def is_flow(outcome: Outcome) -> bool:
    """Whether months are added up: a whole number of what happened, not of what is there; no rate, mean or price."""
    return outcome.whole and outcome.name not in STOCKS


def measures_of(outcome: Outcome) -> tuple[Measure, ...]:
    """Measures of an outcome over a window, the one to look at first leading.

    Of stocks, and of shares and means of a population, the last month is told too; of prices and odds of a month it
    would be noise.
    """
    if is_flow(outcome):
        return ("total",)
    return ("mean", "end") if outcome.name in STOCKS or outcome.mean_of else ("mean",)


def unit_of(outcome: Outcome, measure: Measure) -> str:
    """Unit of a measure: a sum over months of rupees a month is rupees."""
    return outcome.unit.removesuffix(A_MONTH) if measure == "total" else outcome.unit


def cost_outcome(column: str) -> Outcome:
    """Describe a column ``cost_<lever id>`` as an outcome."""
    lever = column.removeprefix(COST_PREFIX)
    return Outcome(column, f"{COST_UNIT}{A_MONTH}", "national", f"Cost of the lever with id '{lever}'.")


def summarise(months: Floats, measure: Measure) -> Floats:
    """Turn the last axis, months, into one number.

    A month that is blank says nothing: a rate of what did not happen. A mean passes over blank months, a total has
    none, the end is the last month that is not blank. Where all are blank, so is the number.
    """
    there = np.isfinite(months)
    any_there = there.any(-1)
    if measure == "end":
        last = months.shape[-1] - 1 - np.argmax(there[..., ::-1], axis=-1)
        found = np.take_along_axis(months, last[..., None], axis=-1)[..., 0]
        return np.where(any_there, found, np.nan)
    total = np.where(there, months, 0.0).sum(-1)
    if measure == "mean":
        total = total / np.maximum(there.sum(-1), 1)
    return np.where(any_there, total, np.nan)
