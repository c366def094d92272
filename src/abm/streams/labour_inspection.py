"""Labour inspection of kilns and mines: the hazard that a court releases a bonded family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement import BONDED_LABOUR, law_of
from abm.streams.bondage_params import BondageParams

if TYPE_CHECKING:
    from abm.world.state import World


def court_releases(world: World, registered: np.ndarray) -> np.ndarray:
    """Hazard of release by a court in the month, shape (districts, sectors).

    Parameters
    ----------
    registered
        Share of the kilns on the register, by district. Inspectors know of no others; they know all mines.
    """
    params = world.params(BondageParams)
    hazard = params.inspections * params.inspection_release * inspection_effort(world)
    found: np.ndarray = np.minimum(np.stack([hazard * registered, hazard], axis=1), 1.0)
    return found


def inspection_effort(world: World) -> np.ndarray:
    """Enforcement effort on bonded labour, by district; 1 is that of the declared parameters.

    The only place where agencies enter (labour inspectors, provincial police, social welfare): their effort times the
    clarity of competence.
    """
    law = law_of(world)
    found: np.ndarray = law.effort[BONDED_LABOUR] * law.clarity[BONDED_LABOUR]
    return found
