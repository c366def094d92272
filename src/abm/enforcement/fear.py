"""Fear: offices learn the hazard of arrest from what they see, and pay investigators not to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement.circles import takers_in_charge
from abm.enforcement.kernels.enforcement import buy_blindness, learn_risk
from abm.enforcement.prosecution import custody_months, loss_of_capital
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN

if TYPE_CHECKING:
    from abm.world.state import World


def teach_offices(world: World, raided: np.ndarray) -> None:
    """Update what every office fears, what it expects to lose, and what it pays for blindness."""
    params, offices, values = world.config.enforcement, world.offices, world.month_values
    size = offices.state.size
    earning = values.setdefault("office_earning", np.zeros(size))
    of_whom = values.setdefault("office_earning_key", np.full(size, -1, np.int64))
    learn_risk(
        offices,
        _feared(world),
        raided,
        params.alarm,
        params.risk_memory,
        float(custody_months(world)),
        loss_of_capital(world),
        earning,
        of_whom,
        values["arrest_loss"],
    )
    protection = takers_in_charge(world)
    buy_blindness(offices, protection, params.blindness_price, values["arrest_loss"], values["case_bribes"])


def _feared(world: World) -> np.ndarray:
    """Owners arrested, and convicted the month before with a larger weight, over the offices of the district."""
    offices = world.offices
    alive = (offices.state == OFFICE_OPEN) | (offices.state == OFFICE_ARRESTED)
    number = np.bincount(offices.district[alive], minlength=world.district_count)
    convicted = world.month_values.get("owners_convicted", np.zeros(world.district_count))
    seen = world.figures["owners_arrested"] + world.config.prosecution.conviction_weight * convicted
    hazard: np.ndarray = seen / np.maximum(number, 1)
    return hazard
