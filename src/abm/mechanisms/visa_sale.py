"""Sale of visas: whoever pays leaves, within the number for sale; the destination's government is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.agents.destination import LEAST_ADMISSION
from abm.kernels.departure import ration_by_lot
from abm.kernels.random import uniform
from abm.kernels.states import STREAM_RATION, WORKER
from abm.mechanisms.applications import apply, choices_of, leave, take_due_applications
from abm.mechanisms.legal_price import VISA_SALE, visa_admission, visa_delay
from abm.mechanisms.prices import option_costs
from abm.world.allowance import Allowance
from abm.world.options import LEGAL_WORK

if TYPE_CHECKING:
    from abm.world.state import World


def sell_visas(world: World, share_of_region: float, months_open: float) -> None:
    """Take the orders of the month, and let those who waited long enough pay and leave, by lot if too many.

    Nobody is refused and skill is not asked. Where the sale has ended, who still waits gets nothing and pays nothing.

    Parameters
    ----------
    share_of_region
        Share of all places that goes to the simulated region.
    months_open
        Months for which a visa that nobody bought stays on sale.
    """
    due = take_due_applications(world, LEGAL_WORK, is_sold=True)
    rows, districts, picked = choices_of(world, LEGAL_WORK, is_sold=True)
    apply(world, rows, districts, picked, visa_delay(world))
    world.figures["legal_applications"] += _by_district(world, districts, world.weight[districts])
    places = world.month_values["visas"].places * share_of_region
    if not due["row"].size and not places.any():
        return
    destination = np.array([option.destination for option in world.options])[due["option"]]
    allowance: Allowance = world.month_values.setdefault("visas_unsold", Allowance(places.size))
    allowance.grant(places, months_open * places)
    wanted = np.bincount(destination, due["persons"], places.size)
    for row in range(places.size):
        mine = destination == row
        if mine.any():
            admitted = np.zeros(int(mine.sum()), np.int64)
            draw = uniform(world.key(STREAM_RATION), FIRST_ENTITY + row)
            ration_by_lot(due["persons"][mine], allowance.unused[row], draw, admitted)
            allowance.use(row, int(admitted.sum()))
            due["persons"][mine] = admitted
    _remember(world, wanted, np.bincount(destination, due["persons"], places.size), places)
    price = option_costs(world)[due["option"]]
    price[due["persons"] == 0] = 0.0  # a sale that has ended has no price
    paid = leave(world, due, LEGAL_WORK, price, "government_abroad", "visa sale", WORKER)
    world.figures["visas_sold"] = _by_district(world, due["district"], due["persons"])
    world.figures["visa_revenue"] = _by_district(world, due["district"], paid)
    sold = np.bincount(destination, due["persons"], places.size)
    world.policy.book_cost(VISA_SALE, sold * VISA_SALE.unit_cost)


def _remember(world: World, wanted: np.ndarray, sold: np.ndarray, places: np.ndarray) -> None:
    """Let the known chance of a visa follow the share of buyers served; a sale that has ended is forgotten."""
    known = visa_admission(world)
    asked = wanted > 0
    known[asked] += (np.maximum(sold[asked] / wanted[asked], LEAST_ADMISSION) - known[asked]) / (
        world.config.legal_work.memory
    )
    known[places <= 0.0] = 1.0


def _by_district(world: World, districts: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    total = np.zeros(world.district_count, np.int64)
    np.add.at(total, districts, amounts)
    return total


FIRST_ENTITY = 500
"""Draws of the lots for visas, apart from those for quotas and for sponsors (see `abm.mechanisms.sponsorship`)."""
