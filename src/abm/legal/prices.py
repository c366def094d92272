"""Prices: the cost of each way out this month, for those considering it and for those who only aspire to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.departure import SECTIONS, city_price, is_open
from abm.legal.legal_price import LegalPriceState
from abm.legal.overstay import visit_prices
from abm.legal.sponsorship import sponsorship_price
from abm.market import OffersState
from abm.places.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, OVERSTAY, SPONSORSHIP

if TYPE_CHECKING:
    from abm.world.state import World


def option_costs(world: World) -> np.ndarray:
    """Cost of each option to a migrant, PKR of 2017; infinite if the channel is closed, and for irregular ways.

    Costs paid at home follow income per capita there; `abm.legal.legal_price` sets those of contracts and visas. Costs
    of irregular ways depend on the district: see `district_costs`.
    """
    visits = visit_prices(world)
    contracts, visas = world[LegalPriceState].contracts, world[LegalPriceState].visas
    costs = np.full(len(world.options), np.inf)
    open_channels = {channel for channel in SECTIONS if is_open(world, channel)}
    for k, option in enumerate(world.options):
        if option.channel not in open_channels:
            continue
        if option.channel == LEGAL_WORK:
            costs[k] = (visas.price if option.is_sold else contracts.fee)[option.destination]
        elif option.channel == SPONSORSHIP:
            costs[k] = sponsorship_price(world)
        elif option.channel == DOMESTIC_MOVE:
            costs[k] = city_price(world)
        elif option.channel == OVERSTAY:
            costs[k] = visits[option.destination]
    return np.floor(costs)


def district_costs(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Money to raise for each option, and its expected cost, by district; PKR of 2017."""
    shape = (world.district_count, len(world.options))
    entry = np.broadcast_to(option_costs(world), shape).copy()
    cost = entry.copy()
    if is_open(world, IRREGULAR_WAY):
        summary = world[OffersState].month.summary
        for k, option in enumerate(world.options):
            if option.channel == IRREGULAR_WAY:
                entry[:, k] = summary.entry[:, option.route]
                cost[:, k] = summary.cost[:, option.route]
    return entry, cost


def cheapest_abroad(world: World) -> np.ndarray:
    """Price of the cheapest way abroad that needs no ties, by district; PKR of 2017."""
    entry, _ = district_costs(world)
    abroad = [k for k, option in enumerate(world.options) if option.channel in (LEGAL_WORK, IRREGULAR_WAY, OVERSTAY)]
    found: np.ndarray = entry[:, abroad].min(axis=1)
    return found
