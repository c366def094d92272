"""Whether a study has replicates enough: paired differences from the reference, replicate by replicate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abm.engine.measures import is_flow, outcome_of_setting
from abm.experiments.dataset import open_study
from abm.experiments.intervals import Precision, StoppingRule
from abm.experiments.plan import Plan
from abm.experiments.spec import Experiment
from abm.month import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd


def judge_study(folder: Path, plan: Plan) -> Precision:
    """Look at the runs of a plan and say how many replicates are wanted.

    Parameters
    ----------
    folder
        Folder of the study.
    plan
        Plan whose runs were made.
    """
    experiment = plan.experiment
    rule = experiment.replicates.until
    assert rule is not None
    found = values_by_run(folder, experiment, rule.outcome)
    watched = [rule.scenario] if rule.scenario else list(experiment.scenarios)[1:]
    reference = _by_replicate(found, plan, experiment.reference)
    differences = np.stack([_by_replicate(found, plan, name) - reference for name in watched], axis=-1).mean(axis=1)
    half_width = rule.half_width
    if rule.relative:  # of the first replicates alone: the mark does not move while replicates come in
        half_width *= abs(float(np.nanmean(reference[: experiment.replicates.at_least])))
    return StoppingRule(
        half_width=half_width,
        level=rule.confidence,
        at_least=experiment.replicates.at_least,
        at_most=experiment.replicates.at_most,
    ).judge(differences)


def values_by_run(folder: Path, experiment: Experiment, outcome: str) -> pd.Series[float]:
    """Total of a flow, mean of anything else, over the study's window, by scenario, point and replicate."""
    table = open_study(folder).table("national", columns=[outcome])
    first, last = (np.datetime64(month, "M") for month in experiment.window)
    month = table["month"].to_numpy().astype("datetime64[M]")
    inside = table[(month >= first) & (month <= last)]
    groups = inside.groupby(["scenario", "point", "replicate"], observed=True)[outcome]
    declared = OUTCOMES.get(outcome) or outcome_of_setting(outcome)
    return groups.sum() if declared is None or is_flow(declared) else groups.mean()


def _by_replicate(found: pd.Series[float], plan: Plan, scenario: str) -> np.ndarray:
    """Values of a scenario, of shape (replicates, points); not a number where a run has failed."""
    values = np.full((plan.replicates, len(plan.points)), np.nan)
    if scenario in found.index.get_level_values("scenario"):
        of_scenario = found.xs(scenario, level="scenario")
        index = of_scenario.index
        values[index.get_level_values("replicate"), index.get_level_values("point")] = of_scenario.to_numpy(float)
    return values
