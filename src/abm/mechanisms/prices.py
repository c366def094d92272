"""Prices: what each way out costs this month, for who considers leaving and for who only dreams of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.world.options import DOMESTIC_MOVE, IRREGULAR_WAY, LEGAL_WORK, SPONSORSHIP

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
    """Cost of each option to a migrant, PKR of 2017; infinite where the channel is closed, and for irregular ways.

    What is paid at home follows income per head there; the fee of a contract follows the pay that it opens. What an
    irregular way costs depends on the district: see `district_costs`.
    """
    config = world.config
    home = world.month_values["income_index"]
    fee = world.policy.values.get("legal_fee")
    costs = np.full(len(world.options), np.inf)
    for k, option in enumerate(world.options):
        if not is_open(world, option.channel):
            continue
        if option.channel == LEGAL_WORK:
            lever = 1.0 if fee is None else fee[option.destination]
            facts = world.destination_facts[option.destination]
            pay = world.destinations[option.destination].pay / facts.wage
            costs[k] = facts.legal_fee * pay * config.legal_work.fee * lever
        elif option.channel == SPONSORSHIP:
            costs[k] = config.sponsorship.fee * home
        elif option.channel == DOMESTIC_MOVE:
            costs[k] = config.domestic_move.cost * home
    return np.floor(costs)


def district_costs(world: World) -> tuple[np.ndarray, np.ndarray]:
    """What must be raised to take each option, and what it is expected to cost, by district; PKR of 2017."""
    shape = (world.district_count, len(world.options))
    entry = np.broadcast_to(option_costs(world), shape).copy()
    cost = entry.copy()
    if is_open(world, IRREGULAR_WAY):
        summary = world.month_values["offers"].summary
        for k, option in enumerate(world.options):
            if option.channel == IRREGULAR_WAY:
                entry[:, k] = summary.entry[:, option.route]
                cost[:, k] = summary.cost[:, option.route]
    return entry, cost


def cheapest_abroad(world: World) -> np.ndarray:
    """Price of the cheapest way abroad that needs no ties, by district; PKR of 2017."""
    entry, _ = district_costs(world)
    abroad = [k for k, option in enumerate(world.options) if option.channel in (LEGAL_WORK, IRREGULAR_WAY)]
    found: np.ndarray = entry[:, abroad].min(axis=1)
    return found
