"""Parameters of legal work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.declare import Params, behaviour, effective, param

if TYPE_CHECKING:
    pass


class LegalWorkParams(Params):
    """Recruitment for work abroad under contract."""

    quota: float = param(
        1.0,
        unit="multiple of destinations.yaml",
        bounds=(0.0, 10.0),
        source="assumed, calibrated by hand",
        systems=("S6",),
        over="destination",
    )
    """Workers admitted a year, all destinations, relative to the quotas of the destination data."""

    fee: float = param(1.0, unit="multiple of destinations.yaml", bounds=(0.0, 10.0), source="assumed", systems=("S6",))
    """Cost of a legal contract to the worker, relative to the fees of the destination data."""

    delay: float = param(4.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S6",), over="destination")
    """Months between application and departure, rounded to whole months."""

    refusal: float = param(0.10, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S6",))
    """Share of applications refused before quotas are applied."""

    memory: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S6",))
    """Months over which applicants average the share admitted to judge their chance of a place."""


QUOTA = effective(LegalWorkParams, "quota", over="destination")
"""Factor on the quotas of the data, by destination."""

DELAY = effective(LegalWorkParams, "delay", over="destination")
"""Months between application and departure, by destination."""

FEE_MULTIPLE = behaviour("fee of contracts", base=1.0, over="destination")
"""Factor on the fee of contracts, before regulation, by destination."""
