"""How the months of a run become one number: flows are added up, stocks and rates are not."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from abm.declare import Outcome

Floats = NDArray[np.float64]
Measure = Literal["total", "mean", "end"]
"""Sum over the months of a window; mean over its months; value in its last month."""

A_MONTH = " a month"

COST_PREFIX = "cost_"
COST_UNIT = "PKR of 2017"
IN_FORCE_PREFIX = "in_force_"

BUDGET_LEFT = "budget_left"
BUDGET_WAITING = "budget_waiting"

OF_BUDGETS = {
    name: Outcome(name, COST_UNIT, "national", text, "stock")
    for name, text in (
        (BUDGET_LEFT, "Unspent part of the year's policy budget at the end of the month; negative if overspent."),
        (BUDGET_WAITING, "Lever bills that the budget has not yet paid; negative if it has paid ahead."),
    )
}
"""National columns of runs with a budget; both are stocks."""


def is_flow(outcome: Outcome) -> bool:
    """Whether months are added up: counts of events, but no stock, rate, mean or price."""
    return outcome.kind == "flow"


def measures_of(outcome: Outcome) -> tuple[Measure, ...]:
    """Measures of an outcome over a window, the one to look at first leading.

    Stocks, shares and population means include the last month; for monthly prices and odds it would be noise.
    """
    if is_flow(outcome):
        return ("total",)
    return ("mean", "end") if outcome.kind == "stock" or outcome.mean_of else ("mean",)


def unit_of(outcome: Outcome, measure: Measure) -> str:
    """Unit of a measure: a sum over months of rupees a month is rupees."""
    return outcome.unit.removesuffix(A_MONTH) if measure == "total" else outcome.unit


def outcome_of_setting(column: str) -> Outcome | None:
    """Describe a national column that exists only under certain settings; None for any other name.

    ``cost_<lever id>`` of every lever, ``in_force_<lever id>`` of levers with a trigger, and those of a budget.
    """
    of_levers = (
        (COST_PREFIX, f"{COST_UNIT}{A_MONTH}", "Cost in the month of the lever with id '{}'."),
        (IN_FORCE_PREFIX, "month", "1 where the trigger of the lever with id '{}' has it in force."),
    )
    for prefix, unit, text in of_levers:
        if column.startswith(prefix):
            return Outcome(column, unit, "national", text.format(column.removeprefix(prefix)))
    return OF_BUDGETS.get(column)


def summarise(months: Floats, measure: Measure) -> Floats:
    """Turn the last axis, months, into one number.

    A blank month is one without events, so that a rate has no value. A mean skips blank months, a total has none, and
    the end is the last month with a value. If all are blank, so is the result.
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
