"""Recording: writes the month's figures to the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad import DiasporaOutcomes, MovesOutcomes
from abm.choice import AspirationOutcomes, ChannelOutcomes, DemonstrationOutcomes, TiesOutcomes
from abm.departure import DomesticMoveOutcomes
from abm.engine.measures import BUDGET_LEFT, BUDGET_WAITING, COST_PREFIX, IN_FORCE_PREFIX, OF_BUDGETS
from abm.engine.record import Figures
from abm.legal import LegalWorkOutcomes, OverstayOutcomes, SponsorshipOutcomes
from abm.places.options import DOMESTIC_MOVE, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.policy import InForce, Policy, PolicyOutcomes
from abm.routes import InterceptionOutcomes, LegsState
from abm.society import DemographyOutcomes, HousesOutcomes, LabourOutcomes, LivelihoodOutcomes
from abm.world import codes
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.settings import Settings
    from abm.world.state import World


class Recording(Mechanism):
    """Writes one row per month and place for every declared outcome."""

    section = "recording"
    switchable = False

    @staticmethod
    def step(world: World) -> None:
        """Add arrivals to the members away, write the month, and book the cost of policy."""
        world.settle()
        Policy.settle(world)
        world.figures |= _of_households(world) | _of_destinations(world) | _of_legs(world)
        policy = world[InForce].policy
        world.figures[PolicyOutcomes.policy_cost] = sum(policy.paid.values())
        of_settings = {f"{COST_PREFIX}{use_id}": cost for use_id, cost in policy.paid.items()}
        of_settings |= {
            f"{IN_FORCE_PREFIX}{use.id}": policy.in_force(use.id) for use in world.config.levers if use.when
        }
        of_settings |= {BUDGET_LEFT: policy.purse.left, BUDGET_WAITING: -sum(policy.purse.ahead.values())}
        world.record.write_month(world.t, world.figures, of_settings, world.flows)


COUNTS = {
    DemographyOutcomes.households: codes.T_HOUSEHOLDS,
    LabourOutcomes.employed: codes.T_JOBS,
    AspirationOutcomes.involuntary_immobility: codes.T_IMMOBILE,
    LivelihoodOutcomes.migration_debt: codes.T_DEBT,
    ChannelOutcomes.considering: codes.T_CONSIDERING,
    DiasporaOutcomes.remittances: codes.T_REMITTANCES,
    DiasporaOutcomes.returns: codes.T_RETURNS,
    DiasporaOutcomes.deportations: codes.T_DEPORTATIONS,
    DiasporaOutcomes.deaths_abroad: codes.T_DEATHS_ABROAD,
}
"""Outcomes that are tallies of the household pass."""

MEANS = {
    AspirationOutcomes.aspiring_share: codes.T_ASPIRING,
    AspirationOutcomes.households_with_migrant_share: codes.T_WITH_MIGRANT,
    LivelihoodOutcomes.income_mean: codes.T_INCOME,
    LivelihoodOutcomes.assets_mean: codes.T_ASSETS,
    TiesOutcomes.ties_mean: codes.T_TIES,
}
"""Outcomes that are tallies a household."""

FIXED_POINT_MEANS = {
    AspirationOutcomes.aspiration_mean: codes.T_ASPIRATION,
    HousesOutcomes.visible_house_share: codes.T_HOUSE_LEVELS,
    DemonstrationOutcomes.demonstration_mean: codes.T_DEMONSTRATION,
}
"""The same, of tallies times `FIXED_POINT`."""


def _of_households(world: World) -> Figures:
    """Sums of the household pass by district."""
    sums, abroad = world.sums.T.copy(), np.einsum("ijk->ki", world.stock[:, :-1])
    departures = np.einsum("ijk->ji", world.flows)
    households, force = np.maximum(sums[codes.T_HOUSEHOLDS], 1), sums[codes.T_WORKERS] - sums[codes.T_AWAY]
    in_city, unsettled = world.stock[:, -1].sum(axis=1), world.pool.sum(axis=1)
    without = abroad[codes.IRREGULAR] + abroad[codes.HIDDEN]
    found: Figures = {
        DemographyOutcomes.population: sums[codes.T_MEMBERS] - sums[codes.T_AWAY] + in_city + unsettled,
        LabourOutcomes.labour_force: force,
        LabourOutcomes.unemployment_rate: 1.0 - sums[codes.T_JOBS] / np.maximum(force, 1),
        LegalWorkOutcomes.legal_departures: departures[LEGAL_WORK],
        SponsorshipOutcomes.sponsored_departures: departures[SPONSORSHIP],
        OverstayOutcomes.overstays: departures[OVERSTAY],
        DomesticMoveOutcomes.domestic_moves: departures[DOMESTIC_MOVE],
        DiasporaOutcomes.persons_abroad: abroad.sum(axis=0),
        DiasporaOutcomes.diaspora_legal: abroad[codes.WORKER] + abroad[codes.SETTLED],
        DiasporaOutcomes.diaspora_irregular: without,
        DiasporaOutcomes.diaspora_hidden: abroad[codes.HIDDEN],
    }
    found |= {which: sums[row] for which, row in COUNTS.items()}
    found |= zip(MEANS, sums[[*MEANS.values()]] / households, strict=True)
    fixed = sums[[*FIXED_POINT_MEANS.values()]] / codes.FIXED_POINT / households
    found |= zip(FIXED_POINT_MEANS, fixed, strict=True)
    found |= zip(LegalWorkOutcomes.departures_by_wealth, world.wealth_departures.T, strict=True)
    return found | dict(zip(LegalWorkOutcomes.households_by_wealth, world.wealth_households.T, strict=True))


def _of_destinations(world: World) -> Figures:
    """Persons and pay at the destinations abroad, without the city in Pakistan."""
    stock = world.stock[:, :-1].sum(axis=0)
    pays = np.array([destination.pays for destination in world.destinations[:-1]]).astype(np.int64)
    return {
        DiasporaOutcomes.legal: stock[:, codes.WORKER] + stock[:, codes.SETTLED],
        DiasporaOutcomes.irregular_open: stock[:, codes.IRREGULAR],
        DiasporaOutcomes.irregular_hidden: stock[:, codes.HIDDEN],
        MovesOutcomes.entrants: world.entrants[:-1],
        DiasporaOutcomes.pay_legal: pays[:, codes.WORKER],
        DiasporaOutcomes.pay_open: pays[:, codes.IRREGULAR],
        DiasporaOutcomes.pay_hidden: pays[:, codes.HIDDEN],
    }


def _of_legs(world: World) -> Figures:
    """Odds, officers and bribes on the legs."""
    legs = world[LegsState].month
    entered = world.figures.get(InterceptionOutcomes.entered, np.zeros(legs.bribe.size))
    return {
        InterceptionOutcomes.interception_probability: legs.interception,
        InterceptionOutcomes.effort: world[LegsState].effort,
        # bribes are agreed before the leg; those who travel it pay them
        InterceptionOutcomes.bribes: np.round(legs.bribe * entered).astype(np.int64),
    }


def columns_of_settings(config: Settings[World]) -> tuple[str, ...]:
    """National integer columns that a run has because of its configuration."""
    return (
        *(f"{COST_PREFIX}{use.id}" for use in config.levers),
        *(f"{IN_FORCE_PREFIX}{use.id}" for use in config.levers if use.when),
        *(OF_BUDGETS if config.budget else ()),
    )
