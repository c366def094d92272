"""From a study on the disk to a panel: which outcomes, which months, how points were drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from abm.analysis.costs import POLICY_COST
from abm.analysis.factors import FactorTable
from abm.analysis.panel import Panel
from abm.analysis.window import Window, WindowLike, as_window
from abm.config.wording import did_you_mean
from abm.declare import Outcome
from abm.engine.errors import AnalysisError
from abm.engine.measures import COST_PREFIX, IN_FORCE_PREFIX, outcome_of_setting
from abm.experiments.dataset import Study, open_study
from abm.month import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from abm.experiments.spec import Experiment

USUAL = ("irregular_departures", "deaths_en_route", "legal_departures", "persons_abroad", "fee_median")
"""Outcomes that are looked at where neither the user nor the experiment names any."""

NATIONAL = "national"


@dataclass(frozen=True)
class Source:
    """A study as analyses see it.

    Attributes
    ----------
    study
        The study on the disk.
    design
        One row a planned run, as the files tell now; of a study that stops by a rule, the replicates begun.
    """

    study: Study
    design: pd.DataFrame

    @classmethod
    def open(cls, study: str | os.PathLike[str] | Study) -> Source:
        """Open a study.

        Raises
        ------
        OutputError
            If the folder holds no study.
        """
        found = study if isinstance(study, Study) else open_study(study)
        return cls(found, _begun(found.design, sequential=found.experiment.replicates.until is not None))

    @property
    def experiment(self) -> Experiment:
        """What is studied."""
        return self.study.experiment

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table `national`."""
        return tuple(self.study.columns(NATIONAL))

    def window(self, given: WindowLike) -> Window:
        """The user's window, else the experiment's."""
        return as_window(given if given is not None else self.experiment.window)

    def outcomes(self, wanted: Sequence[str]) -> dict[str, Outcome]:
        """Look outcomes up: the user's, else the experiment's, else the usual ones.

        Raises
        ------
        AnalysisError
            If the study does not hold one that the user wants.
        """
        wanted = (wanted,) if isinstance(wanted, str) else wanted  # one name is a sequence of letters
        known = [name for name in self.columns if name in OUTCOMES or outcome_of_setting(name)]
        problems = [self._unknown(name, known) for name in dict.fromkeys(wanted) if name not in known]
        if problems:
            raise AnalysisError("\n".join(problems))
        chosen = wanted or [name for name in self.experiment.outcomes or USUAL if name in known]
        return {
            name: found for name in dict.fromkeys(chosen) if (found := OUTCOMES.get(name) or outcome_of_setting(name))
        }

    def _unknown(self, name: str, known: Iterable[str]) -> str:
        here = f"the study '{self.experiment.name}'"
        if name in OUTCOMES:
            return (
                f"{here} does not hold outcome '{name}' in its table '{NATIONAL}': it is kept by "
                f"{OUTCOMES[name].over}, or its mechanism is switched off"
            )
        return f"{here} holds no outcome '{name}'{did_you_mean(name, known)}  (abm describe outcomes)"

    def panel(self, outcomes: Iterable[str], *, costs: bool = False) -> Panel:
        """Read outcomes of all runs, and what policies cost if that is wanted and recorded."""
        wanted = list(outcomes)
        if costs:
            wanted += [name for name in self.columns if name == POLICY_COST or name.startswith(COST_PREFIX)]
        wanted = list(dict.fromkeys(wanted))
        table = self.study.table(NATIONAL, columns=wanted)
        for name in wanted:
            if name.startswith((COST_PREFIX, IN_FORCE_PREFIX)):  # a run without the lever has no such column, nor cost
                table[name] = table[name].fillna(0)
        return Panel.of(self.design, table, wanted, self.experiment.reference)

    def factors(self) -> FactorTable:
        """Factors and their values at the points, in the order of the points.

        Raises
        ------
        AnalysisError
            If the study has no factors.
        """
        experiment = self.experiment
        if experiment.design is None or not experiment.factors:
            raise AnalysisError(
                f"the study '{experiment.name}' has no factors, so that there is nothing that its outcomes could be "
                "sensitive to; add `factors` and a `design` to its YAML"
            )
        names = tuple(factor.name for factor in experiment.factors)
        # A factor is blank in the rows of scenarios in which it does not vary.
        by_point = self.design.groupby("point", sort=True)[list(names)].first()
        return FactorTable(
            names=names,
            values=by_point.to_numpy(np.float64),
            method=str(experiment.method),
            levels=int(getattr(experiment.design, "levels", None) or 4),
            units={factor.name: factor.unit for factor in experiment.factors},
            varies_in={factor.name: factor.scenarios for factor in experiment.factors},
        )


def _begun(design: pd.DataFrame, *, sequential: bool) -> pd.DataFrame:
    """Drop the replicates of a study that stops by a rule of which no run has been made: they may never be wanted."""
    if not sequential:
        return design
    made = design.loc[design["status"] != "planned", "replicate"]
    return design[design["replicate"] <= (made.max() if len(made) else -1)].reset_index(drop=True)
