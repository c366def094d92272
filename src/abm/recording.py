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


def _of_households(world: World) -> Figures:
    """Sums of the household pass by district."""
    sums, abroad, departures = world.sums, world.stock[:, :-1].sum(axis=1), world.flows.sum(axis=2)
    households = np.maximum(sums[:, codes.T_HOUSEHOLDS], 1)
    force = sums[:, codes.T_WORKERS] - sums[:, codes.T_AWAY]
    in_city, unsettled = world.stock[:, -1].sum(axis=1), world.pool.sum(axis=1)
    without = abroad[:, codes.IRREGULAR] + abroad[:, codes.HIDDEN]
    found: Figures = {
        DemographyOutcomes.population: sums[:, codes.T_MEMBERS] - sums[:, codes.T_AWAY] + in_city + unsettled,
        DemographyOutcomes.households: sums[:, codes.T_HOUSEHOLDS],
        LabourOutcomes.labour_force: force,
        LabourOutcomes.employed: sums[:, codes.T_JOBS],
        LabourOutcomes.unemployment_rate: 1.0 - sums[:, codes.T_JOBS] / np.maximum(force, 1),
        AspirationOutcomes.aspiration_mean: sums[:, codes.T_ASPIRATION] / codes.FIXED_POINT / households,
        AspirationOutcomes.aspiring_share: sums[:, codes.T_ASPIRING] / households,
        AspirationOutcomes.involuntary_immobility: sums[:, codes.T_IMMOBILE],
        AspirationOutcomes.households_with_migrant_share: sums[:, codes.T_WITH_MIGRANT] / households,
        LivelihoodOutcomes.income_mean: sums[:, codes.T_INCOME] / households,
        LivelihoodOutcomes.assets_mean: sums[:, codes.T_ASSETS] / households,
        LivelihoodOutcomes.migration_debt: sums[:, codes.T_DEBT],
        HousesOutcomes.visible_house_share: sums[:, codes.T_HOUSE_LEVELS] / codes.FIXED_POINT / households,
        TiesOutcomes.ties_mean: sums[:, codes.T_TIES] / households,
        DemonstrationOutcomes.demonstration_mean: sums[:, codes.T_DEMONSTRATION] / codes.FIXED_POINT / households,
        ChannelOutcomes.considering: sums[:, codes.T_CONSIDERING],
        LegalWorkOutcomes.legal_departures: departures[:, LEGAL_WORK],
        SponsorshipOutcomes.sponsored_departures: departures[:, SPONSORSHIP],
        OverstayOutcomes.overstays: departures[:, OVERSTAY],
        DomesticMoveOutcomes.domestic_moves: departures[:, DOMESTIC_MOVE],
        DiasporaOutcomes.persons_abroad: abroad.sum(axis=1),
        DiasporaOutcomes.diaspora_legal: abroad[:, codes.WORKER] + abroad[:, codes.SETTLED],
        DiasporaOutcomes.diaspora_irregular: without,
        DiasporaOutcomes.diaspora_hidden: abroad[:, codes.HIDDEN],
        DiasporaOutcomes.remittances: sums[:, codes.T_REMITTANCES],
        DiasporaOutcomes.returns: sums[:, codes.T_RETURNS],
        DiasporaOutcomes.deportations: sums[:, codes.T_DEPORTATIONS],
        DiasporaOutcomes.deaths_abroad: sums[:, codes.T_DEATHS_ABROAD],
    }
    wealth = (
        (LegalWorkOutcomes.departures_by_wealth, world.wealth_departures),
        (LegalWorkOutcomes.households_by_wealth, world.wealth_households),
    )
    return found | {which: counts[:, k] for outcomes, counts in wealth for k, which in enumerate(outcomes)}


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
