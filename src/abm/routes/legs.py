"""Legs: odds, costs, bribes, officers and traffic on each."""

from __future__ import annotations

from collections import namedtuple
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, kept, monthly
from abm.places.drivers import HOME_COUNTRY
from abm.routes.kernels.legs import fill_odds

if TYPE_CHECKING:
    from abm.world.state import World


class InterceptionParams(Params):
    """Interception on legs: random search."""

    efficiency: float = param(
        1.16, unit="multiple", bounds=(0.0, 10.0), source="calibrated, docs/calibration.md", systems=("S8", "S10")
    )
    """Search on all legs, relative to what stops the shares in the route data."""

    saturation: float = param(
        0.065,
        unit="dimensionless",
        bounds=(0.0, 1.0),
        source="assumed: three times the officers raise fees by a third at most, and lower departures by a fifth: "
        "Gathmann (2008)",
        systems=("S8", "S10"),
    )
    """Exponent of effort: more officers on the same leg find less and less."""

    others: float = param(
        1.0, unit="multiple", bounds=(0.0, 1.0), source="assumed: guards count everybody", systems=("S8", "S10")
    )
    """Weight of crossings by others in the traffic on a leg that they share; at 0 guards see travellers of Pakistan."""

    others_price: float = param(
        0.476,
        unit="elasticity",
        bounds=(0.0, 1.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S7", "S8"),
    )
    """Fall of the price of passage on a leg with the crossings by others beyond the usual, who fill boats and bring
    guides."""

    capacity: float = param(
        1.5, unit="multiple of the reference flow", bounds=(0.1, 100.0), source="assumed", systems=("S8", "S10")
    )
    """Travellers whom the officers at effort 1 can deal with; a larger crowd dilutes them."""

    staffing: float = param(
        1.0,
        unit="elasticity",
        bounds=(0.0, 2.0),
        source="assumed: public employment per resident stays what it is",
        systems=("S10",),
    )
    """Growth of Pakistan's officers, at posts and in circles, with its residents: 1 as many for each, 0 as in 2017."""

    reinforcement: float = param(
        1.0,
        unit="multiple per log point",
        bounds=(0.0, 2.0),
        source="assumed; Hanson and Spilimbergo (2001)",
        systems=("S8",),
    )
    """Rise of officers abroad, in the long run, with the log of a crowd over what they can deal with."""

    reinforcement_memory: float = param(48.0, unit="month", bounds=(1.0, 240.0), source="assumed", systems=("S8",))
    """Months in which they follow it, and leave again when it is gone."""

    guide_price: float = param(0.8, unit="elasticity", bounds=(0.0, 3.0), source="assumed", systems=("S7", "S8"))
    """Elasticity of the price of passage on a leg to travellers over what guides, boats and forgers there can take."""

    guide_growth: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S8"))
    """Share of the gap to the travellers of late that this capacity closes in a month."""

    guide_lasting: float = param(0.2, unit="elasticity", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S8"))
    """Elasticity of the capacity to more travellers in the long run: below 1 a larger flow stays dearer."""

    guide_risk: float = param(
        2.0, unit="passage", bounds=(0.0, 10.0),
        source="assumed; that prices pay for the risk of those who are caught: Reuter and Kleiman (1986)",
        systems=("S7", "S8"),
    )  # fmt: skip
    """What guides and drivers lose when those whom they take are stopped: arrest, vehicle, boat."""

    flow_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which the flow on a leg is averaged."""

    danger: float = param(
        0.754,
        unit="multiple of routes.yaml",
        bounds=(0.0, 5.0),
        source="calibrated, hardly identified, docs/calibration.md",
        systems=("S8",),
    )
    """Probability of death on every leg, relative to the route data."""

    bribe_reach: float = param(
        0.6, unit="share", bounds=(0.0, 1.0), source="assumed; corrupt border personnel in the paper", systems=("S10",)
    )
    """Share of the officers who take bribes that are reached by the bribes of offices and travellers."""

    bribe_share: float = param(
        0.5, unit="multiple of cost", bounds=(0.0, 3.0),
        source="assumed; the gain from a bribe shared equally: Nash (1950)", systems=("S10",),
    )  # fmt: skip
    """Bribe of a traveller whom an officer would have stopped, relative to the mean cost of passage up to there."""

    pool_share: float = param(0.15, unit="share", bounds=(0.0, 0.5), source="assumed", systems=("S10",))
    """Share of the officers of Pakistan's posts who can be sent to another post's legs."""

    forgery_rise: float = param(2.0, unit="multiple added", bounds=(0.0, 10.0), source="assumed", systems=("S7", "S10"))
    """Rise in the price of a forged document, as a multiple of that price, under complete document security."""


LegsMonth = namedtuple(
    "LegsMonth", ["months", "interception", "death", "extortion", "cost", "bribe", "documents", "by_sea"]
)
"""Month's values by leg: months, probabilities of interception, death and being held, and PKR of 2017 a traveller:
cost of passage and bribes to its guards; share of travellers who need a document, times the rise in its price; whether
it is travelled by boat. See `abm.routes.interception`."""


class LegsState(State):
    """Monthly values, effort and traffic of every leg."""

    month: Held[LegsMonth] = monthly(text="Odds, costs and bribes of every leg.", over=("leg",))
    effort: Held[np.ndarray] = monthly(
        unit="multiple of the reference", text="Officers on each leg, levers included.", over=("leg",)
    )
    flow: Held[np.ndarray] = kept(
        unit="person a month",
        text="Pakistani travellers from the simulated region, fading mean.",
        over=("leg",),
        start=lambda world: flow_of_data(world) * world.share_abroad,
    )
    recent: Held[np.ndarray] = kept(
        unit="person a month",
        text="The same over the last few months.",
        over=("leg",),
        start=lambda world: flow_of_data(world) * world.share_abroad,
    )
    reinforced: Held[np.ndarray] = kept(
        unit="multiple",
        text="Officers abroad who have followed a crowd, those who were there counting 1.",
        over=("leg",),
        start=1.0,
    )
    guides: Held[np.ndarray] = kept(
        unit="multiple of the reference flow",
        text="Travellers whom guides, boats and forgers can take at the usual price.",
        over=("leg",),
        start=1.0,
    )
    entered: Held[np.ndarray] = kept(
        unit="person", text="Persons who have begun each leg since its odds were last set.", over=("leg",), start=0
    )
    passable: Held[np.ndarray] = monthly(
        unit="share of days", text="Days on which the leg can be begun.", over=("leg",), neutral=1.0
    )
    open_routes: Held[np.ndarray] = monthly(
        unit="share of days",
        text="Days on which people may set out on the route: no border on it is closed.",
        over=("route",),
        neutral=1.0,
    )
    dose: Held[np.ndarray] = monthly(
        unit="multiple", text="Effort that policy asks for at each pair of post and leg.", over=("post and leg",)
    )

    @cached_property
    def paid_in(self) -> list[str | None]:
        """Country in which transporters of a leg are paid: where it begins; to cross from home, where it leads."""
        world = cast("World", self.world)
        return [
            BY_AIR if leg.guard == "air" else leg.country if HOME_COUNTRY in (leg.country, begins) else begins
            for leg, (begins, _) in zip(world.leg_facts, world.leg_sides, strict=True)
        ]


BY_AIR = "air"
"""In place of a country: fares by air are in dollars everywhere."""


def flow_of_data(world: World) -> np.ndarray:
    """Pakistani travellers a month on each leg in the data, float64 (legs,)."""
    return world.leg_table.flow


def odds_on_legs(world: World, effort: np.ndarray, flow: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Odds of being stopped on each leg at an effort and flow relative to the reference, and multiples of search."""
    params, odds = world.params(InterceptionParams), np.empty(flow.size)
    watch = params.efficiency * history
    fill_odds(world.leg_table.interception, watch, params.saturation, params.capacity, effort, flow, odds)
    return odds


def usual_odds(world: World, history: np.ndarray | None = None) -> np.ndarray:
    """Odds of being stopped on each leg at effort 1 and the reference flow, without history or with that of a month."""
    usual = np.ones(len(world.leg_facts))
    return odds_on_legs(world, usual, usual, usual if history is None else history)
