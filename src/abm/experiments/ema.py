"""Connector to the EMA workbench: a study's scenario as a function of its levers and uncertainties, to be searched.

Factors of the experiment that belong to levers are the workbench's levers, the others its uncertainties, with the
bounds of the experiment, which are the declarations' unless it says otherwise. What the function gives back are paired
differences from the reference: the runs of the package less those of the reference with the same seeds and the same
uncertain values. The workbench wants identifiers for names, so that ``levers.rescue.value`` is
``levers__rescue__value`` there (`identifier`).

``experiments/policy_search.py`` is a worked search.

References
----------
Kwakkel (2017), "The Exploratory Modeling Workbench", Environmental Modelling & Software 96.
Kasprzyk et al. (2013), "Many objective robust decision making for complex environmental systems undergoing change",
Environmental Modelling & Software 42: search first, re-evaluation under uncertainty afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.config import make_config
from abm.config.wording import did_you_mean, either, no_such
from abm.engine.errors import AbmError
from abm.engine.measures import COST_PREFIX, IN_FORCE_PREFIX, Floats, summarise
from abm.experiments.check import national_outcomes
from abm.experiments.doctor import require_extra
from abm.experiments.ema_results import first_measure, identifier, is_inside
from abm.experiments.factors import Factor
from abm.experiments.plan import Plan, PlannedRun
from abm.experiments.read import as_experiment
from abm.experiments.run import simulate
from abm.experiments.settings import ListDesign
from abm.experiments.spec import Experiment

if TYPE_CHECKING:
    from ema_workbench import Constraint, Model, Sample

LEVERS = "levers."


@dataclass
class PackageFunction:
    """Runs a scenario at given values of its factors, and gives paired differences from the reference.

    The design of the experiment plays no part. Outcomes are those of its window: flows added up, else the mean. The
    replicates, whose results are averaged, have the same seeds in every call.
    """

    experiment: Experiment
    scenario: str
    outcomes: tuple[str, ...]
    replicates: int = 1
    _known: dict[str, Floats] = field(default_factory=dict, repr=False)

    def __call__(self, **values: float) -> dict[str, float]:
        """Run the scenario and the reference at values of factors, by `identifier`; others keep their centre.

        Returns the mean paired difference of each outcome, by name.
        """
        point = {
            factor.name: values.get(identifier(factor.name), _centre_of(factor)) for factor in self.experiment.factors
        }
        plan = Plan(replace(self.experiment, design=ListDesign(points=(point,))), self.replicates)
        wanted = {self.scenario, self.experiment.reference}
        sums = np.zeros(len(self.outcomes))
        for run in plan:
            if run.scenario in wanted:
                sign = 1.0 if run.scenario == self.scenario else -1.0
                sums += sign * self._outcomes_of(plan, run)
        return dict(zip(self.outcomes, (sums / self.replicates).tolist(), strict=True))

    def _outcomes_of(self, plan: Plan, run: PlannedRun) -> Floats:
        """Outcomes of a run; those of the reference are kept, since many packages are held against one."""
        if run.run_id in self._known:
            return self._known[run.run_id]
        national = simulate(plan.config(run), threads=1, on_month=None)["national"]
        inside = is_inside(national["month"], self.experiment.window)
        found = np.array([_outcome_over(national, inside, name) for name in self.outcomes])
        if run.scenario == self.experiment.reference:
            self._known[run.run_id] = found
        return found


def _outcome_over(national: Mapping[str, np.ndarray], inside: np.ndarray, outcome: str) -> float:
    """Turn the months of a run into one number; a lever that the run does not have costs nothing."""
    if outcome not in national and outcome.startswith((COST_PREFIX, IN_FORCE_PREFIX)):
        return 0.0
    months: Floats = np.asarray(national[outcome], dtype=np.float64)[inside]
    return float(summarise(months, first_measure(outcome)))


def make_model(
    experiment: str | os.PathLike[str] | Experiment,
    *,
    scenario: str | None = None,
    minimise: Sequence[str] = (),
    maximise: Sequence[str] = (),
    report: Sequence[str] = (),
    replicates: int = 1,
) -> Model:
    """Make a model for the EMA workbench, of an experiment with a reference, a scenario with levers, and factors.

    The scenario that is searched may be left out where there is one beside the reference; `replicates` are averaged.
    Paired differences of the outcomes are to be small, to be large, or only reported. An AbmError says that the
    workbench is not installed, or that the experiment has no such scenario or outcome, or no lever to search.
    """
    workbench = _load_workbench()
    study = as_experiment(experiment)
    searched = _choose_scenario(study, scenario)
    names = (*minimise, *maximise, *report)
    known = national_outcomes([make_config(**study.scenarios[searched])])
    for name in names:
        if name not in known:
            raise AbmError(no_such("outcome", name, known, topic="outcomes"))
    if not names:
        raise AbmError("name outcomes to minimise, maximise or report")
    factors = [factor for factor in study.factors if searched in factor.scenarios]
    levers = [factor for factor in factors if factor.name.startswith(LEVERS)]
    if not levers:
        raise AbmError(
            f"experiment '{study.name}' varies no lever of '{searched}', so that there is nothing to search; add "
            "factors such as 'levers.<id>.value'"
        )
    function = PackageFunction(study, searched, tuple(dict.fromkeys(names)), replicates)
    model = workbench.Model("package", function=function)
    model.levers = [_parameter(workbench, factor) for factor in levers]
    model.uncertainties = [_parameter(workbench, factor) for factor in factors if factor not in levers]
    outcome = workbench.ScalarOutcome
    kinds = ((outcome.MINIMIZE, minimise), (outcome.MAXIMIZE, maximise), (outcome.INFO, report))
    model.outcomes = [outcome(name, kind=kind) for kind, names in kinds for name in names]
    return model


def at_most(outcome: str, bound: float) -> Constraint:
    """Limit an outcome, such as ``policy_cost`` by a budget, in a search."""
    return _load_workbench().Constraint(
        f"{outcome}_at_most", outcome_names=outcome, function=lambda found: max(0.0, float(found) - bound)
    )


def values_in_force(experiment: str | os.PathLike[str] | Experiment) -> Sample:
    """Give the uncertainties' values in force, to be the ``reference`` of a search over levers.

    Without it the workbench draws uncertain values by chance, anew for every generation.
    """
    study = as_experiment(experiment)
    uncertain = [factor for factor in study.factors if not factor.name.startswith(LEVERS)]
    values = {identifier(factor.name): _centre_of(factor) for factor in uncertain}
    return _load_workbench().Sample("in_force", **values)


def _centre_of(factor: Factor) -> float:
    """Value in force of a factor; the middle of its range where none is."""
    return (factor.low + factor.high) / 2 if factor.centre is None else factor.centre


def _load_workbench() -> Any:
    import warnings

    require_extra("search")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parallel engines that are not installed
        import ema_workbench
    return ema_workbench


def _choose_scenario(study: Experiment, wanted: str | None) -> str:
    others = [name for name in study.scenarios if name != study.reference]
    if wanted is None and len(others) == 1:
        return others[0]
    if wanted is None:
        there = either(others) if others else "none beside its reference"
        raise AbmError(f"experiment '{study.name}': say which scenario is searched; it has {there}")
    if wanted not in others:
        raise AbmError(
            f"experiment '{study.name}' has no scenario '{wanted}' beside its reference{did_you_mean(wanted, others)}"
        )
    return wanted


def _parameter(workbench: Any, factor: Factor) -> Any:
    name = identifier(factor.name)
    if factor.values:
        return workbench.CategoricalParameter(name, list(factor.values))
    if factor.whole:
        return workbench.IntegerParameter(name, round(factor.low), round(factor.high))
    if factor.scale == "log":
        from scipy.stats import loguniform

        return workbench.RealParameter.from_dist(name, loguniform(factor.low, factor.high))
    return workbench.RealParameter(name, factor.low, factor.high)
