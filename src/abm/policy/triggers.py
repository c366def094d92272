"""Triggers: levers that come into force when an outcome of past months crosses a threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from abm.engine.measures import Measure, is_flow, summarise

if TYPE_CHECKING:
    from abm.world.lever_use import LeverUse, When, Where
    from abm.world.state import World


@dataclass
class Triggers:
    """State of the levers with a trigger, by id.

    Attributes
    ----------
    began
        Month from which a lever is in force.
    rests_until
        First month in which it may fire again.
    """

    began: dict[str, int] = field(default_factory=dict)
    rests_until: dict[str, int] = field(default_factory=dict)

    def follow(self, world: World, use: LeverUse) -> int | None:
        """Find the month since which a lever has been in force; None if it is not.

        Called once a month, in order: it fires where the condition holds, and rests once it has ended.
        """
        month, when = world.month, use.when
        assert when is not None
        if month < use.from_month or (use.until_month is not None and month > use.until_month):
            self.began.pop(use.id, None)
            return None
        holds = condition_holds(world, when)
        began = self.began.get(use.id)
        if began is not None:
            goes_on = holds if when.for_months is None else month < began + when.for_months
            if goes_on:
                return began
            del self.began[use.id]
            self.rests_until[use.id] = month + when.cooldown_months
        if holds and month >= self.rests_until.get(use.id, month):
            self.began[use.id] = month
        return self.began.get(use.id)


def condition_holds(world: World, when: When) -> bool:
    """Whether the outcome of past months crosses the threshold.

    Flows are added up; stocks, shares and prices are averaged over the months with a value. The condition does not
    hold while fewer months are recorded than it needs, or if none has a value.
    """
    record = world.record
    if record.done < when.over_months:
        return False
    months = record.recent(when.outcome, when.over_months, _rows(world, when.where))
    measure: Measure = "total" if is_flow(record.outcomes[when.outcome]) else "mean"
    value = float(summarise(months.astype(np.float64), measure))
    if when.above is not None:
        return value > when.above
    return when.below is not None and value < when.below


def _rows(world: World, where: Where | None) -> np.ndarray | None:
    if where is None:
        return None
    keys = world.units.unit if where.kind == "unit" else world.units.province
    return np.flatnonzero(np.isin(keys, list(where.names)))
