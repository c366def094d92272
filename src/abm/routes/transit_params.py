"""Parameters of transit."""

from __future__ import annotations

from abm.declare import Params, param

TRANSIT = ("S13",)


class TransitParams(Params):
    """Size of the streams of ``transit.yaml``, how far they compete, and what travellers buy on the way."""

    level: float = param(
        1.0, unit="multiple of transit.yaml", bounds=(0.0, 20.0), source="assumed; press counts differ tenfold",
        systems=TRANSIT,
    )  # fmt: skip
    """Persons who enter, in every stream."""

    wall: float = param(1.0, unit="multiple of transit.yaml", bounds=(0.0, 4.0), source="assumed", systems=TRANSIT)
    """Share of the direct flow that walls push into Pakistan; at most all of it."""

    traffic: float = param(
        1.0, unit="traveller of Pakistan", bounds=(0.0, 2.0), source="assumed", systems=("S8", "S10", "S13")
    )
    """Weight of a traveller in transit in the traffic on a leg and in what guards learn there."""

    hiring: float = param(1.0, unit="multiple of transit.yaml", bounds=(0.0, 4.0), source="assumed", systems=TRANSIT)
    """Share of travellers who look for an office of the market; at most all of them."""

    cooperation: float = param(
        0.3, unit="multiple of enforcement.cooperation", bounds=(0.0, 1.0),
        source="assumed; sent back before anybody asks", systems=("S10", "S13"),
    )  # fmt: skip
    """Readiness of office clients who are stopped to name the office, relative to Pakistani travellers."""

    days: float = param(3.0, unit="day", bounds=(0.0, 30.0), source="assumed", systems=TRANSIT)
    """Days that a traveller waits and buys in the district of entry."""

    meals: float = param(2.0, unit="meal a day", bounds=(0.0, 5.0), source="assumed", systems=TRANSIT)
    """Meals that a traveller buys."""

    waters: float = param(3.0, unit="bottle a day", bounds=(0.0, 20.0), source="assumed", systems=TRANSIT)
    """Bottles of water that a traveller buys."""

    meal_price: float = param(
        800.0, unit="PKR of 2017", bounds=(0.0, 5_000.0), source="paper; taken as of 2017", systems=TRANSIT
    )
    """Price of a meal at the bazaars on the way."""

    water_price: float = param(
        100.0, unit="PKR of 2017", bounds=(0.0, 1_000.0), source="paper; taken as of 2017", systems=TRANSIT
    )
    """Price of a bottle of water there."""
