"""Income classes of a village and relative deprivation within it."""

from __future__ import annotations

import numpy as np

from abm.engine.compiled import inlined
from abm.world.codes import INCOME_CLASSES, INCOME_STEP_BITS, INCOME_STEPS


def income_class_table() -> np.ndarray:
    """Class of each step of 2,048 PKR: single steps at first, wider ones above, as incomes are skewed."""
    edges = np.array([1, 2, 3, 5, 7, 9, 12, 15, 19, 24, 30, 38, 50, 70, 100])  # in steps
    return np.searchsorted(edges, np.arange(INCOME_STEPS), side="right").astype(np.uint8)


def income_class_values() -> np.ndarray:
    """Mid income of each class, PKR a month."""
    table = income_class_table()
    steps = np.arange(INCOME_STEPS) + 0.5
    return np.array([steps[table == k].mean() for k in range(INCOME_CLASSES)]) * (1 << INCOME_STEP_BITS)


@inlined
def relative_deprivation(counts: np.ndarray, values: np.ndarray, deprivation: np.ndarray) -> None:
    """Fill the Yitzhaki deprivation of each class, relative to mean income.

    Parameters
    ----------
    counts
        Households of the village by income class, shape (INCOME_CLASSES,).
    values
        Mid income of the classes, PKR a month.
    deprivation
        Output: sum over richer classes of (their income - own) x their share, over mean income, capped at 2.

    References
    ----------
    Yitzhaki (1979), "Relative deprivation and the Gini coefficient"; Stark and Taylor (1991).
    """
    households = 0
    income = 0.0
    for k in range(INCOME_CLASSES):
        households += counts[k]
        income += counts[k] * values[k]
    if households == 0 or income <= 0.0:
        for k in range(INCOME_CLASSES):
            deprivation[k] = 0.0
        return
    richer = 0.0
    richer_income = 0.0
    for k in range(INCOME_CLASSES - 1, -1, -1):
        deprivation[k] = min((richer_income - richer * values[k]) / income, 2.0)
        richer += counts[k]
        richer_income += counts[k] * values[k]
