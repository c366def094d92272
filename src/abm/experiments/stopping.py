"""When a study has replicates enough: a rule by the intervals of paired differences, and the plans that follow from it.

References
----------
Stein (1945), "A two-sample test for a linear hypothesis whose power is independent of the variance", Annals of
Mathematical Statistics 16.
Chow and Robbins (1965), "On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals
of Mathematical Statistics 36; Singham and Schruben (2012), "Finite-sample performance of absolute precision stopping
rules", INFORMS J. Computing 24: why stopping as soon as the interval is narrow covers too seldom.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from abm.engine.errors import AbmError
from abm.engine.measures import Floats
from abm.experiments.dataset import open_study
from abm.experiments.ema_results import first_measure, values_by_run
from abm.experiments.intervals import t_quantile
from abm.experiments.plan import Plan, Share
from abm.experiments.spec import Experiment

GROWTH = 1.5  # replicates are asked for in portions that grow by this factor at most, once the second stage is done


@dataclass(frozen=True)
class Precision:
    """What a stopping rule has found."""

    wanted: int  # replicates that are wanted in all
    # replicates, failed: replicates that were looked at, in their order (more may be there); of these, those in which a
    # run is missing
    replicates: int
    failed: int
    # of the ordinary t interval of the paired difference, the widest of all scenarios; infinite before the first two
    # replicates
    half_width: float
    reached: bool  # whether the interval is as narrow as was asked

    @property
    def is_done(self) -> bool:
        """Whether no more replicates are wanted."""
        return self.wanted <= self.replicates


@dataclass(frozen=True)
class StoppingRule:
    """Replicate until the half-width of the interval of each paired difference is small enough.

    To stop as soon as the interval is narrow covers too seldom: one stops more often when the spread is underrated by
    chance. So the number is at least that of Stein's two stages (1945), ``ceil((t · s / half_width)²)`` with t and s of
    the first `at_least` replicates alone, and after that replicates go on until the ordinary t interval is as narrow
    as asked, too. Since the mean of normal differences is independent of their spread, any rule that looks at spreads
    only and never stops before Stein's covers at least as often as his: mean ± `half_width` covers the truth with
    probability `level` or more. Differences that are far from normal need a larger `at_least`.
    """

    half_width: float  # in the unit of the differences
    level: float = 0.95  # probability of covering, for each scenario by itself
    # at_least, at_most: fewest replicates, before which nothing is concluded from their spread, and most
    at_least: int = 10
    at_most: int = 200

    def judge(self, differences: ArrayLike) -> Precision:
        """Say how many replicates are wanted, from paired differences of those that are there.

        The differences are of shape (replicates,) or (replicates, scenarios), in the order of replicates, each the mean
        over points where there are several. A replicate with any number missing (a failed run) is passed over, and
        another is wanted instead. The answer does not depend on how many were made at once: a study that was
        interrupted, or has more replicates than are wanted, comes to the same number.
        """
        found = np.asarray(differences, dtype=np.float64)[: self.at_most]
        found = found[:, None] if found.ndim == 1 else found
        there = np.isfinite(found).all(axis=1)
        enough = self._walk(found[there])
        missing = enough - int(there.sum())
        if missing <= 0:
            made = wanted = int(np.searchsorted(np.cumsum(there), enough)) + 1
        else:  # Failed replicates count towards at_most: a scenario that always fails does not go on for ever.
            made, wanted = len(found), min(len(found) + missing, self.at_most)
        used = there[:made]
        width = _widest(found[:made][used], self.level)
        reached = missing <= 0 and width <= self.half_width
        return Precision(wanted, made, int((~used).sum()), width, reached)

    def _walk(self, usable: Floats) -> int:
        """Go from stage to stage until the replicates do not suffice or nothing more is wanted."""
        number = self.at_least
        if len(usable) >= number:  # Stein's number, of the scenario that needs most
            most = (_widest_of_one(usable[:number], self.level) / self.half_width) ** 2
            number = max(number, math.ceil(min(most, self.at_most)))
        while number < self.at_most and len(usable) >= number:
            width = _widest(usable[:number], self.level)
            if width <= self.half_width:
                break
            needed = math.ceil(number * min((width / self.half_width) ** 2, GROWTH))
            number = min(max(needed, number + 1), self.at_most)
        return min(number, self.at_most)


def _widest(usable: Floats, level: float) -> float:
    return _widest_of_one(usable, level) / math.sqrt(len(usable)) if len(usable) > 1 else math.inf


def _widest_of_one(usable: Floats, level: float) -> float:
    """Half-width that the widest interval would have with one replicate."""
    return float(t_quantile(level, len(usable) - 1)) * float(usable.std(axis=0, ddof=1).max())


def judge_study(folder: Path, plan: Plan) -> Precision:
    """Look at the runs of a plan that were made in the folder of a study, and say how many replicates are wanted."""
    experiment = plan.experiment
    rule = experiment.replicates.until
    assert rule is not None
    table = open_study(folder).table("national", columns=[rule.outcome])
    found = values_by_run(table, rule.outcome, experiment.window)
    if first_measure(rule.outcome) == "total":
        found = found.fillna(0.0)  # a lever that is not there costs nothing
    watched = [rule.scenario] if rule.scenario else list(experiment.scenarios)[1:]
    for name in (experiment.reference, *watched):
        values = found[found.index.get_level_values("scenario") == name]
        if values.size and values.isna().all():
            raise AbmError(
                f"replicates.until: '{rule.outcome}' is blank in all runs of scenario '{name}', so that there is no "
                "difference to wait for; choose another outcome. What was finished is kept"
            )
    reference = _by_replicate(found, plan, experiment.reference)
    differences = np.stack([_by_replicate(found, plan, name) - reference for name in watched], axis=-1).mean(axis=1)
    half_width = rule.half_width
    if rule.relative:  # of the first replicates alone: the mark does not move while replicates come in
        first = reference[: experiment.replicates.at_least]
        half_width *= abs(float(first[np.isfinite(first)].mean())) if np.isfinite(first).any() else 0.0
        if half_width == 0.0:
            raise AbmError(
                f"replicates.until: '{rule.outcome}' is 0 or missing in the first runs of scenario "
                f"'{experiment.reference}', so that no share of it can be asked for; give a half_width in its unit, or "
                "another outcome. What was finished is kept"
            )
    replicates = experiment.replicates
    return StoppingRule(half_width, rule.confidence, replicates.at_least, replicates.at_most).judge(differences)


def _by_replicate(found: pd.Series[float], plan: Plan, scenario: str) -> np.ndarray:
    """Values of a scenario, of shape (replicates, points); not a number where a run has failed."""
    values = np.full((plan.replicates, len(plan.points)), np.nan)
    if scenario in found.index.get_level_values("scenario"):
        of_scenario = found.xs(scenario, level="scenario")
        index = of_scenario.index
        values[index.get_level_values("replicate"), index.get_level_values("point")] = of_scenario.to_numpy(float)
    return values


def rounds_of(
    experiment: Experiment, share: Share, judge: Callable[[Plan], Precision], say: Callable[[str], None]
) -> Iterator[Plan]:
    """Give the plans of a study; each is asked for when the runs of the one before are settled.

    The judge looks at the runs of a plan and says how many replicates are wanted, as `judge_study` does; `say` reports
    it. An AbmError refuses a share of a study whose number of runs depends on their results.
    """
    if experiment.replicates.until is None:
        yield Plan(experiment)
        return
    if not share.is_whole:
        refuse_rule(experiment, f"--shard {share}")
    wanted = experiment.replicates.at_least
    while True:
        plan = Plan(experiment, wanted)
        yield plan
        found = judge(plan)
        say(_describe(found, experiment))
        if found.is_done:
            return
        wanted = found.wanted


def refuse_rule(experiment: Experiment, option: str) -> None:
    """Refuse to cut a study into shares whose number of runs depends on their results."""
    if experiment.replicates.until is not None:
        raise AbmError(
            f"{option}: study '{experiment.name}' replicates until a difference is known, and no share can tell from "
            "its own runs; give a number of replicates, or use an engine with many workers"
        )


def _describe(found: Precision, experiment: Experiment) -> str:
    """Say in a sentence what replicates have shown."""
    rule = experiment.replicates.until
    assert rule is not None
    failed = f" ({found.failed} with failed runs)" if found.failed else ""
    width = f"±{found.half_width:.4g} at {100 * rule.confidence:g} %"
    so_far = f"{found.replicates} replicates{failed}: the difference in {rule.outcome} is known to within {width}"
    if not found.is_done:
        return f"{so_far}; going on to {found.wanted}"
    asked = f"{100 * rule.half_width:g} %" if rule.relative else f"{rule.half_width:g}"
    if found.reached:
        return f"{so_far}, as was asked (±{asked})"
    return f"{so_far}, not yet ±{asked}; no more than {experiment.replicates.at_most} replicates were allowed"
