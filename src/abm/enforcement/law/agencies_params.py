"""Parameters of agencies."""

from __future__ import annotations

from abm.declare import Params, param

ALL = ("S10", "S11", "S17")


class AgenciesParams(Params):
    """How the time of officers is shared out over streams of crime, and what their own corruption costs."""

    circle_share: float = param(0.8, unit="share", bounds=(0.3, 1.0), source="assumed", systems=ALL)
    """Share of the time of circles that goes to smuggling at the outset; officers of posts.yaml make it up. The rest
    is shared evenly by trafficking across borders and within the country."""

    response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=ALL)
    """Elasticity of the time wanted for a stream to its caseload of the year, against the first whole year."""

    speed: float = param(0.5, unit="1/year", bounds=(0.0, 1.0), source="assumed", systems=ALL)
    """Share of the gap between time wanted and given that an allocation closes."""

    floor: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=ALL)
    """Share of its first time that no stream falls below."""

    suspension: int = param(12, unit="month", bounds=(0, 60), source="assumed", systems=("S10",))
    """Months for which a circle lacks an officer caught taking bribes, while his own case is heard."""
