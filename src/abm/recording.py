"""Recording: writes the month's figures to the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.abroad.diaspora import DiasporaOutcomes
from abm.abroad.moves import MovesOutcomes
from abm.choice.aspiration import AspirationOutcomes
from abm.choice.channel import ChannelOutcomes
from abm.choice.demonstration import DemonstrationOutcomes
from abm.choice.ties import TiesOutcomes
from abm.departure.domestic_move import DomesticMoveOutcomes
from abm.engine.measures import BUDGET_LEFT, BUDGET_WAITING, COST_PREFIX, IN_FORCE_PREFIX, OF_BUDGETS
from abm.engine.record import Figures
from abm.legal.outcomes import LegalWorkOutcomes
from abm.legal.overstay import OverstayOutcomes
from abm.legal.sponsorship import SponsorshipOutcomes
from abm.places.options import DOMESTIC_MOVE, LEGAL_WORK, OVERSTAY, SPONSORSHIP
from abm.policy.policy import InForce, Policy, PolicyOutcomes
from abm.routes.interception import InterceptionOutcomes
from abm.routes.legs import LegsState
from abm.society.demography import DemographyOutcomes
from abm.society.houses import HousesOutcomes
from abm.society.labour import LabourOutcomes
from abm.society.livelihood import LivelihoodOutcomes
from abm.world.codes import (
    FIXED_POINT,
    HIDDEN,
    IRREGULAR,
    SETTLED,
    T_ASPIRATION,
    T_ASPIRING,
    T_ASSETS,
    T_AWAY,
    T_CONSIDERING,
    T_DEATHS_ABROAD,
    T_DEBT,
    T_DEMONSTRATION,
    T_DEPORTATIONS,
    T_HOUSE_LEVELS,
    T_HOUSEHOLDS,
    T_IMMOBILE,
    T_INCOME,
    T_JOBS,
    T_MEMBERS,
    T_REMITTANCES,
    T_RETURNS,
    T_TIES,
    T_WITH_MIGRANT,
    T_WORKERS,
    WORKER,
)
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
    sums, stock, flows = world.sums, world.stock, world.flows
    households = np.maximum(sums[:, T_HOUSEHOLDS], 1)
    force = sums[:, T_WORKERS] - sums[:, T_AWAY]
    abroad = stock[:, :-1]
    residents = sums[:, T_MEMBERS] - sums[:, T_AWAY] + stock[:, -1].sum(axis=1) + world.pool.sum(axis=1)
    found: Figures = {
        DemographyOutcomes.population: residents,
        DemographyOutcomes.households: sums[:, T_HOUSEHOLDS],
        LabourOutcomes.labour_force: force,
        LabourOutcomes.employed: sums[:, T_JOBS],
        LabourOutcomes.unemployment_rate: 1.0 - sums[:, T_JOBS] / np.maximum(force, 1),
        AspirationOutcomes.aspiration_mean: sums[:, T_ASPIRATION] / FIXED_POINT / households,
        AspirationOutcomes.aspiring_share: sums[:, T_ASPIRING] / households,
        AspirationOutcomes.involuntary_immobility: sums[:, T_IMMOBILE],
        AspirationOutcomes.households_with_migrant_share: sums[:, T_WITH_MIGRANT] / households,
        LivelihoodOutcomes.income_mean: sums[:, T_INCOME] / households,
        LivelihoodOutcomes.assets_mean: sums[:, T_ASSETS] / households,
        LivelihoodOutcomes.migration_debt: sums[:, T_DEBT],
        HousesOutcomes.visible_house_share: sums[:, T_HOUSE_LEVELS] / FIXED_POINT / households,
        TiesOutcomes.ties_mean: sums[:, T_TIES] / households,
        DemonstrationOutcomes.demonstration_mean: sums[:, T_DEMONSTRATION] / FIXED_POINT / households,
        ChannelOutcomes.considering: sums[:, T_CONSIDERING],
        LegalWorkOutcomes.legal_departures: flows[:, LEGAL_WORK].sum(axis=1),
        SponsorshipOutcomes.sponsored_departures: flows[:, SPONSORSHIP].sum(axis=1),
        OverstayOutcomes.overstays: flows[:, OVERSTAY].sum(axis=1),
        DomesticMoveOutcomes.domestic_moves: flows[:, DOMESTIC_MOVE].sum(axis=1),
        DiasporaOutcomes.persons_abroad: abroad.sum(axis=(1, 2)),
        DiasporaOutcomes.diaspora_legal: abroad[:, :, WORKER].sum(axis=1) + abroad[:, :, SETTLED].sum(axis=1),
        DiasporaOutcomes.diaspora_irregular: abroad[:, :, IRREGULAR].sum(axis=1) + abroad[:, :, HIDDEN].sum(axis=1),
        DiasporaOutcomes.diaspora_hidden: abroad[:, :, HIDDEN].sum(axis=1),
        DiasporaOutcomes.remittances: sums[:, T_REMITTANCES],
        DiasporaOutcomes.returns: sums[:, T_RETURNS],
        DiasporaOutcomes.deportations: sums[:, T_DEPORTATIONS],
        DiasporaOutcomes.deaths_abroad: sums[:, T_DEATHS_ABROAD],
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
        DiasporaOutcomes.legal: stock[:, WORKER] + stock[:, SETTLED],
        DiasporaOutcomes.irregular_open: stock[:, IRREGULAR],
        DiasporaOutcomes.irregular_hidden: stock[:, HIDDEN],
        MovesOutcomes.entrants: world.entrants[:-1],
        DiasporaOutcomes.pay_legal: pays[:, WORKER],
        DiasporaOutcomes.pay_open: pays[:, IRREGULAR],
        DiasporaOutcomes.pay_hidden: pays[:, HIDDEN],
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
