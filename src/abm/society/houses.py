"""Houses: remittances build houses that everyone sees; houses age; an event may put up others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Event, Outcomes, Params, outcome, param
from abm.society.drivers import EconomyState
from abm.world.codes import STREAM_HOUSE
from abm.world.mechanism import Mechanism
from abm.world.named import districts_named

if TYPE_CHECKING:
    from abm.world.event_use import EventUse
    from abm.world.state import World


class HousesParams(Params):
    """Building and ageing of visible houses."""

    cost: float = param(500_000.0, unit="PKR of 2017", bounds=(50_000.0, 5e6), source="assumed", systems=("S3",))
    """Cost of a new house that shows success abroad, at the incomes of 2017; it follows income per capita."""

    ageing_rate: float = param(
        0.025, unit="1/month and level", bounds=(0.0, 0.1), source="assumed; some six years to fade", systems=("S3",)
    )
    """Rate at which a house loses one of its three levels of visibility."""


class HousesOutcomes(Outcomes):
    """Visible houses."""

    visible_house_share = outcome(
        unit="share",
        over="district",
        mean_of="households",
        text="Visible houses per household, built with money from migration; a new one counts 1, an ageing one less.",
    )


HOUSES_GIVEN = Event(
    "houses",
    text="A share of the households gets a house such as remittances build, at once, in every village of the districts "
    "named; those who have one already gain none. It costs nobody anything, is seen like any other and fades like it.",
    needs=("share",),
    places=("unit", "province"),
    systems=("S3",),
)


class Houses(Mechanism):
    """Households with a member abroad build visible houses when they have the savings; houses age.

    A household builds once its savings beyond its buffer of subsistence cover `cost`. A new house has three levels of
    visibility and loses them one by one, at the rate `ageing_rate` for each level left.
    """

    section = "houses"
    Params = HousesParams
    systems = ("S3",)
    outcomes = HousesOutcomes.declared
    events = (HOUSES_GIVEN,)

    @staticmethod
    def step(world: World) -> None:
        """Set cost and ageing; if switched off, no house is built and none fades."""
        enabled = world.config.enabled(Houses.section)
        cost = world.params(HousesParams).cost * world[EconomyState].income_index
        world.district_month["house_cost"] = cost if enabled else float("inf")
        world.district_month["house_key"] = world.fixed_key(STREAM_HOUSE)
        world.district_month["house_ageing"] = world.params(HousesParams).ageing_rate if enabled else 0.0
        for use in world.befall(HOUSES_GIVEN):
            _give(world, use)


def _give(world: World, use: EventUse) -> None:
    """Give every village of the districts its share of houses.

    They are kept by village, not by household: a household that was given one would build none, and save its money.
    """
    villages, share = world.villages, use.share or 0.0
    there = districts_named(world, use.where)[villages.district]
    added = np.where(there, share * np.maximum(1.0 - villages.visible, 0.0), 0.0).astype(np.float32)
    villages.given_houses[:] += added
    villages.visible[:] += added
