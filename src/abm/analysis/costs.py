"""What policies cost, and what a rupee changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.analysis.interval_choice import IntervalChoice
from abm.analysis.panel import Panel
from abm.declare import Outcome
from abm.engine.measures import COST_PREFIX, Floats, measures_of, unit_of
from abm.experiments.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

POLICY_COST = "policy_cost"
MILLION = 1e6


@dataclass(frozen=True)
class CostEffectiveness:
    """Costs of scenarios above the reference's, and change an outcome per cost.

    Attributes
    ----------
    by_lever
        One row a scenario and lever, and one for all: mean cost above the reference's over the window, with its
        interval, in PKR of 2017, not discounted.
    effects
        One row a scenario and outcome: change for a million rupees, with its interval; blank where the interval of the
        cost holds zero.
    """

    by_lever: pd.DataFrame
    effects: pd.DataFrame


def cost_effectiveness(panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice) -> CostEffectiveness | None:
    """Relate changes to costs where the runs record any, and some scenario costs something; else None.

    The ratio is that of mean change to mean cost, pair by pair (incremental cost-effectiveness; Drummond et al. 2015,
    "Methods for the Economic Evaluation of Health Care Programmes", 4th ed.), its interval by the delta method or the
    bootstrap of pairs.
    """
    import pandas as pd

    if POLICY_COST not in panel.values:
        return None
    columns = [name for name in panel.values if name == POLICY_COST or name.startswith(COST_PREFIX)]
    costs = {name: panel.summary(name, "total") for name in columns}
    by_lever, effects = [], []
    for place, scenario in list(enumerate(panel.scenarios))[1:]:
        for name, by_run in costs.items():
            # A lever of one scenario only has no column in the reference, where it costs nothing.
            extra = np.nan_to_num(by_run[place]) - np.nan_to_num(by_run[0])
            extra = np.where(panel.pairs[place], extra, np.nan)
            found = how.mean(extra)
            if not found.estimate:
                continue
            lever = "all" if name == POLICY_COST else name.removeprefix(COST_PREFIX)
            by_lever.append({"scenario": scenario, "lever": lever, "cost": found.estimate[()], **_ends(found)})
            if name == POLICY_COST and (not np.isfinite(found.low) or found.low * found.high > 0):
                effects += _effects(panel, outcomes, how, place, extra)
    if not effects:
        return None
    return CostEffectiveness(pd.DataFrame(by_lever), pd.DataFrame(effects))


def _effects(
    panel: Panel, outcomes: Mapping[str, Outcome], how: IntervalChoice, place: int, cost: Floats
) -> list[dict[str, object]]:
    rows = []
    for key, outcome in outcomes.items():
        if key == POLICY_COST:  # a million costs a million
            continue
        measure = measures_of(outcome)[0]
        by_run = panel.summary(key, measure)
        change = by_run[place] - by_run[0]
        found = how.ratio(change, cost / MILLION)
        rows.append(
            {
                "scenario": panel.scenarios[place],
                "outcome": key,
                "measure": measure,
                "unit": f"{unit_of(outcome, measure)} per million PKR of 2017",
                "per_million": found.estimate[()],
                **_ends(found),
                "pairs": found.used[()],
            }
        )
    return rows


def _ends(found: Interval) -> dict[str, object]:
    return {"low": np.fmin(found.low, found.high)[()], "high": np.fmax(found.low, found.high)[()]}
