"""How the intervals of a comparison are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from abm.analysis.panel import group_points
from abm.engine.errors import AnalysisError
from abm.engine.measures import Floats
from abm.experiments.intervals import METHODS, Interval, Method, mean_interval, ratio_interval

Points = Literal["random", "fixed"]


@dataclass(frozen=True)
class IntervalChoice:
    """How intervals are made.

    Attributes
    ----------
    level
        Probability of covering.
    method
        ``t`` or ``bootstrap``.
    points
        ``random`` where points of the design are a sample of what is uncertain, ``fixed`` where they were chosen.
    together
        Points that are no independent draws: one base point and its company in a Saltelli design, one trajectory.
    """

    level: float = 0.95
    method: Method | str = "t"
    points: Points = "random"
    together: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise AnalysisError(
                f"the level of an interval is {self.level:g}; it must lie between 0 and 1, such as 0.95"
            )
        if self.method not in METHODS:
            raise AnalysisError(f"there is no interval '{self.method}'; there are {' and '.join(METHODS)}")

    def mean(self, values: Floats) -> Interval:
        """Interval of a mean of (points, replicates, …)."""
        return mean_interval(group_points(values, self.together), **self._how())

    def ratio(self, above: Floats, below: Floats) -> Interval:
        """Interval of a ratio of means of (points, replicates, …)."""
        both = np.isfinite(above) & np.isfinite(below)
        above, below = (group_points(np.where(both, found, np.nan), self.together) for found in (above, below))
        return ratio_interval(above, below, **self._how())

    def _how(self) -> dict[str, Any]:
        return {"level": self.level, "method": self.method, "points": self.points}
