"""Effort of officers on legs."""

from __future__ import annotations

from abm.engine.compiled import kernel


@kernel
def place_effort(guards, officers, dose):
    """Officers on each leg of each post, the dose of the levers included.

    Parameters
    ----------
    guards
        Columns; ``effort`` is filled.
    officers
        Officers of each pair of post and leg without levers.
    dose
        Multiple of effort that policy wants, by pair of post and leg. What is added wears off with fatigue.
    """
    for g in range(guards.leg.size):
        wanted = dose[g]
        if wanted > 1.0:
            wanted = 1.0 + (wanted - 1.0) * (1.0 - guards.fatigue[g])
        guards.effort[g] = officers[g] * wanted
