"""Deterrence: offices learn the hazard of arrest from what they see, and bribe investigators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement.circles import takers_in_charge
from abm.enforcement.enforcement_params import EnforcementParams
from abm.enforcement.kernels.enforcement import buy_blindness, learn_risk
from abm.enforcement.outcomes import EnforcementOutcomes
from abm.enforcement.prosecution import ProsecutionParams, ProsecutionState, custody_months, loss_of_capital
from abm.market.risks import RisksState
from abm.market.tables import MarketTables
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN

if TYPE_CHECKING:
    from abm.world.state import World


class FearState(State):
    """Earnings of offices, behind their expected losses."""

    earning: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="Earnings of each office, fading mean.",
        over=("office",),
        start=lambda world: np.zeros(world[MarketTables].offices.state.size),
    )
    earning_key: Held[np.ndarray] = kept(
        unit="id",
        text="Office that has these earnings.",
        over=("office",),
        start=lambda world: np.full(world[MarketTables].offices.state.size, -1, np.int64),
    )


def teach_offices(world: World, raided: np.ndarray) -> None:
    """Update every office's perceived hazard, its expected loss and its bribes to investigators."""
    params, offices = world.params(EnforcementParams), world[MarketTables].offices
    risks, known = world[RisksState], world[FearState]
    learn_risk(
        offices,
        _feared(world),
        raided,
        params.alarm,
        params.risk_memory,
        float(custody_months(world)),
        loss_of_capital(world),
        known.earning,
        known.earning_key,
        risks.arrest_loss,
    )
    protection = takers_in_charge(world)
    buy_blindness(offices, protection, params.protection_price, risks.arrest_loss, risks.bribes)


def _feared(world: World) -> np.ndarray:
    """Owners arrested, plus those convicted in the month before with a larger weight, per office in the district."""
    offices = world[MarketTables].offices
    alive = (offices.state == OFFICE_OPEN) | (offices.state == OFFICE_ARRESTED)
    number = np.bincount(offices.district[alive], minlength=world.district_count)
    convicted = world[ProsecutionState].owners_convicted
    seen = (
        world.figures[EnforcementOutcomes.owners_arrested]
        + world.params(ProsecutionParams).conviction_weight * convicted
    )
    hazard: np.ndarray = seen / np.maximum(number, 1)
    return hazard
