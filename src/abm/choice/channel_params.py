"""Parameters of the choice of a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Params, param

if TYPE_CHECKING:
    pass


class ChannelParams(Params):
    """Utility of the channels: a nested logit against staying (utility 0)."""

    gain: float = param(1.0, unit="utility per log point", bounds=(0.0, 4.0), source="assumed", systems=("S6",))
    """Weight of the log ratio of believed pay away (times the believed chance of success, discounted) to pay at
    home."""

    cost: float = param(1.6, unit="utility", bounds=(0.0, 6.0), source="assumed", systems=("S5", "S6"))
    """Weight of the cost as a share of the money the household can raise."""

    irregular_cost_factor: float = param(
        1.5,
        unit="multiple",
        bounds=(0.5, 6.0),
        source="assumed; who can least afford the loss goes least, the middle first: McKenzie and Rapoport (2007)",
        systems=("S5", "S6"),
    )
    """Weight of the cost of an irregular way, which may be lost, relative to that of other ways."""

    harm: float = param(25.0, unit="utility", bounds=(0.0, 60.0), source="assumed", systems=("S6",))
    """Weight of the believed probability of death on the way."""

    papers: float = param(0.6, unit="utility", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S18"))
    """Utility of certain regularisation after an irregular journey."""

    sanction: float = param(1.0, unit="utility", bounds=(0.0, 10.0), source="assumed", systems=("S6",))
    """Disutility of being sent home and punished with certainty."""

    network: float = param(0.35, unit="utility per log point", bounds=(0.0, 2.0), source="assumed", systems=("S4",))
    """Weight of the district's diaspora at the destination, log(1 + persons per 10,000 members at home)."""

    network_pooling: float = param(
        0.5, unit="share", bounds=(0.0, 1.0), source="assumed; see docs/model.md, scale", systems=("S4",)
    )
    """Weight of the country's mix of destinations, relative to the district's own, in the network effect."""

    nest: float = param(
        0.6, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6",)
    )
    """Dissimilarity of the options within a channel; 1 is a plain logit."""

    route_nest: float = param(
        0.5, unit="dimensionless", bounds=(0.1, 1.0), source="assumed; McFadden (1978)", systems=("S6", "S8")
    )
    """Dissimilarity of the routes to one destination, relative to that of options within a channel; 1 means no nest."""

    discount: float = param(0.02, unit="1/month", bounds=(0.0, 0.1), source="assumed", systems=("S6",))
    """Discount rate for the months until arrival."""

    experience: float = param(0.3, unit="utility", bounds=(0.0, 3.0), source="assumed", systems=("S18",))
    """Added to every way abroad for a household with experience of migration."""

    legal_constant: float = param(
        0.5, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S6",)
    )
    """Preference for legal work abroad."""

    sponsorship_constant: float = param(
        -0.8, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S4",)
    )
    """Preference for sponsorship."""

    domestic_constant: float = param(
        -1.4, unit="utility", bounds=(-6.0, 6.0), source="assumed, calibrated by hand", systems=("S14",)
    )
    """Preference for work in a city of Pakistan."""

    irregular_constant: float = param(
        -3.83, unit="utility", bounds=(-10.0, 6.0), source="assumed, calibrated by hand", systems=("S6",)
    )
    """Preference for an irregular journey: legal ways would be chosen first."""

    overstay_constant: float = param(
        -4.7, unit="utility", bounds=(-10.0, 6.0), source="assumed, calibrated by hand", systems=("S6", "S8")
    )
    """Preference for staying on after a visit."""
