"""Prices: what each way out costs this month, for who considers leaving and for who only dreams of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.world.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, SPONSORSHIP, Option

if TYPE_CHECKING:
    from abm.world.state import World

SECTIONS = {
    LEGAL_WORK: ("legal_work",),
    SPONSORSHIP: ("sponsorship",),
    DOMESTIC_MOVE: ("domestic_move",),
    IRREGULAR_WAY: ("market", "journey"),
}
"""Mechanisms that a channel needs."""


def is_open(world: World, channel: int) -> bool:
    """Whether all mechanisms of a channel take part."""
    return world.config.enabled("channel") and all(world.config.enabled(section) for section in SECTIONS[channel])


def option_costs(world: World) -> np.ndarray:
    """Cost of each option to a migrant, PKR of 2017; infinite where the channel is closed.

    What is paid at home follows income per head there; what a contract or a visa costs is worked out by
    `abm.mechanisms.legal_price`.
    """
    config = world.config
    home = world.month_values["income_index"]
    contracts, visas = world.month_values["contracts"], world.month_values["visas"]
    costs = np.full(len(world.options), np.inf)
    for k, option in enumerate(world.options):
        if not is_open(world, option.channel):
            continue
        if option.channel == LEGAL_WORK:
            costs[k] = (visas.price if option.is_sold else contracts.fee)[option.destination]
        elif option.channel == SPONSORSHIP:
            costs[k] = config.sponsorship.fee * home
        elif option.channel == DOMESTIC_MOVE:
            costs[k] = config.domestic_move.cost * home
        else:
            costs[k] = _smuggler_price(world, option)
    return np.floor(costs)


def smuggler_prices(world: World) -> np.ndarray:
    """Price of the cheapest irregular way to each destination, PKR of 2017; infinite where none leads."""
    prices = np.full(len(world.destination_facts), np.inf)
    if is_open(world, IRREGULAR_WAY):
        for option in world.options:
            if option.channel == IRREGULAR_WAY:
                prices[option.destination] = min(prices[option.destination], _smuggler_price(world, option))
    return prices


def _smuggler_price(world: World, option: Option) -> float:
    """Price of one irregular way, PKR of 2017."""
    facts = world.route_facts[option.route]
    return float(facts.fee * world.month_values["income_index"] * world.config.market.fee)


def cheapest_abroad(world: World) -> float:
    """Price of the cheapest way abroad that needs no ties, PKR of 2017."""
    costs = option_costs(world)
    abroad = [
        cost for cost, option in zip(costs, world.options, strict=True) if option.channel in (LEGAL_WORK, IRREGULAR_WAY)
    ]
    return float(min(abroad))
