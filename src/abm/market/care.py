"""Care is a choice: offices weigh what guides and boats earn against what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.market.conduct import MarketParams
from abm.market.kernels.care import Reckoning, weigh_care
from abm.market.offers import OffersState, expected_on_way, priced_danger
from abm.market.office_entry import OfficeEntryState, OfficesParams
from abm.market.tables import MarketTables
from abm.routes import LegsState
from abm.society import dollar_since

if TYPE_CHECKING:
    from abm.world.state import World


def take_care(world: World, rows: np.ndarray) -> None:
    """Let the guides and boats of open offices, `rows`, follow those that pay."""
    offices, speed = world[MarketTables].offices, world.params(OfficesParams).care_speed
    if not rows.size or speed == 0.0:
        return
    guides, boats = care_that_pays(world)
    offices.quality[rows] += speed * (guides[rows] - offices.quality[rows])
    offices.boats[rows] += speed * (boats[rows] - offices.boats[rows])


def care_that_pays(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Guides and boats that pay an office best, by row; those not open keep what they have.

    An office reckons with what clients would take of its offers, on the routes in demand; it sees the odds of the month
    as it does when it quotes. No lever enters but through these odds.
    """
    offices, offered = world[MarketTables].offices, world[OffersState].month
    guides, boats = offices.quality.copy(), offices.boats.copy()
    weigh_care(
        offices, offered.rows, offered.offer_of, offered.fee, offered.advance, offered.weight,
        value_of_record(world, offered.rows), reckoning_of(world), world[OffersState].odds, guides, boats,
    )  # fmt: skip
    return guides, boats


def reckoning_of(world: World) -> Reckoning:
    """What all offices reckon with in the month."""
    params, terms, state = world.params(OfficesParams), world[OffersState].terms, world[OffersState]
    legs, dollar = world[LegsState].month, dollar_since(world, 2017)
    danger = np.where(legs.by_sea, legs.death, 0.0)
    danger, priced = (expected_on_way(world, world.route_legs, odds) for odds in (danger, priced_danger(world)))
    return Reckoning(
        (world.region_share + world[OfficeEntryState].hired) / np.maximum(state.month.on_route, 1e-300),
        danger, priced, state.recovery[world.route_destination], state.month.prices, terms.holder_share,
        params.associate_share, params.conscience,
        params.boat_loss * dollar, params.boats_stake * dollar,
    )  # fmt: skip


def value_of_record(world: World, rows: np.ndarray) -> np.ndarray:
    """PKR that one more contract broken costs open offices, through clients lost while it is remembered.

    Clients lost are custom times the response of demand to reputation, which is that of an offer upfront in `quote`,
    times the fall in reputation; where types are seen, a record tells clients nothing.
    """
    offices, params, terms = world[MarketTables].offices, world.params(OfficesParams), world[OffersState].terms
    doubt = terms.distrust * (1.0 - offices.reputation[rows])
    response = terms.success_weight * terms.distrust / np.maximum(1.0 - doubt, LEAST_TRUST)
    fall = 1.0 / np.maximum(offices.ended[rows] + params.reputation_prior, 1.0)
    custom = offices.capacity[rows] * np.minimum(offices.load[rows], 1.0)
    # an arrest, the end of what an office looks ahead to, and forgetting end it
    horizon, memory = world.params(MarketParams).horizon, params.reputation_memory
    months = 1.0 / (offices.risk[rows] + 1.0 / horizon + 1.0 / memory)
    gain = max(world[OfficeEntryState].gain, 0.0) * (1.0 - params.types_visible)
    return np.asarray(gain * custom * months * response * fall)


LEAST_TRUST = 0.05
"""Trust below which the response of demand to reputation grows no more."""
