"""Labour inspection of kilns and mines: how likely a court sets a bonded family free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from abm.world.state import World


def court_releases(world: World, registered: np.ndarray) -> np.ndarray:
    """Hazard of release by a court in the month, shape (districts, sectors).

    Parameters
    ----------
    registered
        Share of the kilns on the register, by district. Inspectors know of no others; they know all mines.
    """
    params = world.config.bondage
    hazard = params.inspections * params.inspection_release * inspection_effort(world)
    found: np.ndarray = np.minimum(np.stack([hazard * registered, hazard], axis=1), 1.0)
    return found


def inspection_effort(world: World) -> np.ndarray:
    """Effort of those who enforce the law on bonded labour, by district; 1 is that of the declared parameters.

    The one place where agencies enter: a mechanism that runs earlier in the month leaves its effort (labour
    inspectors, provincial police, social welfare) as the month value ``bondage_effort``.
    """
    effort: np.ndarray | None = world.month_values.get("bondage_effort")
    return np.ones(world.district_count) if effort is None else effort
