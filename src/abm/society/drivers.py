"""Drivers: the economies at home and abroad follow the data, and assumptions beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Params, param
from abm.declare.state import Held, State, monthly
from abm.places.series import income_index
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class EconomyState(State):
    """Real income at home this month."""

    income_index: Held[float] = monthly(unit="multiple of 2017", text="Real income per capita at home.")


class DriversParams(Params):
    """Growth before and after the data, and the response of foreign labour demand to foreign income."""

    income_growth: float = param(
        0.015, unit="1/year", bounds=(-0.05, 0.08), source="assumed; about the mean of 2000 to 2023", systems=("S5",)
    )
    """Growth of real income per capita in Pakistan after the last year of data."""

    destination_growth: float = param(0.01, unit="1/year", bounds=(-0.05, 0.06), source="assumed", systems=("S4",))
    """Growth of real income per capita at the destinations after the last year of data."""

    early_income_growth: float = param(
        0.025, unit="1/year", bounds=(-0.02, 0.08), source="assumed; for runs that begin before 1990", systems=("S5",)
    )
    """Growth of real income per capita in Pakistan before the first year of data (1990)."""

    early_destination_growth: float = param(
        0.015, unit="1/year", bounds=(-0.02, 0.08), source="assumed; for runs that begin before 2000", systems=("S4",)
    )
    """Growth of real income per capita at the destinations before the first year of data (2000)."""

    demand_elasticity: float = param(1.5, unit="dimensionless", bounds=(0.0, 5.0), source="assumed", systems=("S6",))
    """Elasticity of a destination's demand for legal workers to its real income per capita (2015 = 1)."""

    outside_demand: float = param(1.0, unit="multiple", bounds=(0.0, 5.0), source="assumed", systems=("S6", "S8"))
    """Per capita demand on quotas and legs from the part of the country that a regional run leaves out.

    At 1 it takes its share, by residents, of every quota and of the reference flow of every leg; at 0 none.
    """


class Drivers(Mechanism):
    """Real income at home, and assumed growth elsewhere."""

    section = "drivers"
    Params = DriversParams
    switchable = False
    systems = ("S4", "S5", "S6")

    @staticmethod
    def step(world: World) -> None:
        """Set the income index of the month."""
        params = world.params(DriversParams)
        index = income_index(world.month, params.income_growth, params.early_income_growth)
        world[EconomyState].income_index = index
