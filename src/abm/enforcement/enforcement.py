"""Enforcement: agencies move officers, are bribed, follow leads and arrest; migrants are sanctioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement.cases import custody_months, follow_leads
from abm.enforcement.circles import expected_cost_of_officers, in_service, staff_circles, takers_in_charge
from abm.enforcement.declarations import (
    ANTI_CORRUPTION,
    ENFORCEMENT_LEVERS,
    FIA_CIRCLES,
    INVESTIGATIVE_CAPACITY,
    MIGRANT_SANCTION,
    EnforcementOutcomes,
    EnforcementParams,
)
from abm.enforcement.kernels.enforcement import buy_protection, learn_risk
from abm.enforcement.law.agencies import AgenciesState
from abm.enforcement.leads import gather_leads, sanction_migrants
from abm.enforcement.patrols import adapt_patrols
from abm.enforcement.prosecution import ProsecutionParams, ProsecutionState, loss_of_capital
from abm.market import MarketTables, RisksState
from abm.policy import InForce
from abm.routes import CIRCLE_CODE, PostsState
from abm.world.codes import OFFICE_ARRESTED, OFFICE_OPEN
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.declare import Lever
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
    """Update every office's perceived hazard, its expected loss and its bribes to investigators who do not look."""
    params, offices = world.params(EnforcementParams), world[MarketTables].offices
    risks, known = world[RisksState], world[FearState]
    learn_risk(
        offices, _feared(world), raided, params.alarm, params.risk_memory, float(custody_months(world)),
        loss_of_capital(world), known.earning, known.earning_key, risks.arrest_loss,
    )  # fmt: skip
    buy_protection(
        offices.state, offices.district, offices.capital, takers_in_charge(world), params.protection_price,
        risks.arrest_loss, offices.bribed, risks.bribes,
    )  # fmt: skip


def _feared(world: World) -> np.ndarray:
    """Owners arrested, plus those convicted in the month before with a larger weight, per office in the district."""
    offices = world[MarketTables].offices
    alive = (offices.state == OFFICE_OPEN) | (offices.state == OFFICE_ARRESTED)
    number = np.bincount(offices.district[alive], minlength=world.district_count)
    convicted = world.params(ProsecutionParams).conviction_weight * world[ProsecutionState].owners_convicted
    return (world.figures[EnforcementOutcomes.owners_arrested] + convicted) / np.maximum(number, 1)


class Enforcement(Mechanism):
    """Officers move, tire and take bribes; circles gather leads, investigate and arrest; offices learn the risk."""

    section = "enforcement"
    Params = EnforcementParams
    systems = ("S10", "S11", "S17", "S19")
    outcomes = EnforcementOutcomes.declared
    levers = (FIA_CIRCLES, INVESTIGATIVE_CAPACITY, ANTI_CORRUPTION, MIGRANT_SANCTION)

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the pay of officers that the lever adds or acts on, from those in the data or already added."""
        return expected_cost_of_officers(world, lever, np.maximum(deviation, 0.0))

    @staticmethod
    def step(world: World) -> None:
        """Move officers, follow leads, arrest, release, sanction, and let the offices learn."""
        if not world.config.enabled(Enforcement.section):
            return
        staff_circles(world)
        adapt_patrols(world)
        _release(world)
        home = sanction_migrants(world)
        raided = follow_leads(world, gather_leads(world, home))
        teach_offices(world, raided)
        _spend(world)


def _release(world: World) -> None:
    """Reopen the offices whose owner is out on bail."""
    offices = world[MarketTables].offices
    free = (offices.state == OFFICE_ARRESTED) & (offices.until <= world.t)
    offices.state[free] = OFFICE_OPEN


def _spend(world: World) -> None:
    """Pay Pakistan's officers; for those on legs, which serve the whole country, the region bears its part.

    Additions by policy are booked as its cost.
    """
    posts = world[PostsState].posts
    of_circles = (posts.listed * posts.budget)[in_service(world)].sum()
    on_legs = world[PostsState].stations.serves_home & (posts.kind != CIRCLE_CODE)
    of_posts = world.region_share * (posts.staff * posts.budget)[on_legs].sum()
    amount = round(float(of_circles + of_posts))
    world.ledger.pay("government", "administration", "enforcement", amount)
    levers = sum(world[InForce].policy.costs[use.id] for use in world.config.levers if use.lever in ENFORCEMENT_LEVERS)
    world.figures[EnforcementOutcomes.enforcement_spending] = amount + levers + world[AgenciesState].pay
