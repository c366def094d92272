"""Odds of being stopped on the legs."""

from __future__ import annotations

from abm.engine.compiled import kernel
from abm.routes.kernels.journey import interception_probability


@kernel
def fill_odds(ceiling, efficiency, saturation, effort, flow, odds) -> None:
    """Fill `interception_probability` of each leg, at its ceiling, effort and flow."""
    for k in range(odds.size):
        odds[k] = interception_probability(ceiling[k], efficiency, saturation, effort[k], flow[k])
