"""Parameters of agencies."""

from __future__ import annotations

from abm.declare import Params, param

ALL = ("S10", "S11", "S17")


class AgenciesParams(Params):
    """Allocation of officers' time over streams of crime, and time lost to their own corruption."""

    circle_share: float = param(0.8, unit="share", bounds=(0.3, 1.0), source="assumed", systems=ALL)
    """Share of circles' time spent on smuggling at the outset, which the officers of posts.yaml represent. The rest is
    split evenly between trafficking across borders and within the country."""

    response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=ALL)
    """Elasticity of the time wanted for a stream to its yearly caseload, relative to the first whole year."""

    speed: float = param(0.5, unit="1/year", bounds=(0.0, 1.0), source="assumed", systems=ALL)
    """Share of the gap between wanted and actual time that one allocation closes."""

    floor: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=ALL)
    """Share of its opening time below which no stream falls."""

    suspension: int = param(12, unit="month", bounds=(0, 60), source="assumed", systems=("S10",))
    """Months for which an officer caught taking bribes is suspended while the case is heard."""
