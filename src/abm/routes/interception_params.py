"""Parameters of interception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Params, param

if TYPE_CHECKING:
    pass


class InterceptionParams(Params):
    """Interception on a leg: p = (1 - corrupt share) ceiling (1 - exp(-efficiency (effort / flow)^saturation))."""

    efficiency: float = param(0.45, unit="dimensionless", bounds=(0.0, 10.0), source="assumed", systems=("S8", "S10"))
    """Interception at effort 1 and the reference flow of the leg."""

    saturation: float = param(0.4, unit="dimensionless", bounds=(0.0, 1.0), source="assumed", systems=("S8", "S10"))
    """Exponent of effort over flow: a larger flow dilutes the same effort."""

    flow_memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S8",))
    """Months over which the flow on a leg is averaged."""

    danger: float = param(1.0, unit="multiple of routes.yaml", bounds=(0.0, 5.0), source="assumed", systems=("S8",))
    """Probability of death on every leg, relative to the route data."""

    bribe_reach: float = param(
        0.6, unit="share", bounds=(0.0, 1.0), source="assumed; corrupt border personnel in the paper", systems=("S10",)
    )
    """Share of the officers who take bribes that are reached by the bribes of offices and travellers."""

    bribe_share: float = param(
        0.8,
        unit="multiple of cost",
        bounds=(0.0, 3.0),
        source="assumed; Koser (2008): about half of a fee passed on",
        systems=("S10",),
    )
    """Bribe of a traveller whom an officer would have stopped, relative to the mean cost of passage of the routes
    there, the cost of another attempt."""

    pool_share: float = param(0.15, unit="share", bounds=(0.0, 0.5), source="assumed", systems=("S10",))
    """Share of the officers of Pakistan's posts who can be sent to another post's legs."""

    forgery_rise: float = param(2.0, unit="multiple added", bounds=(0.0, 10.0), source="assumed", systems=("S7", "S10"))
    """Rise in the price of a forged document, as a multiple of that price, under complete document security."""
