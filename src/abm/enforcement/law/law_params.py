"""Parameters of the legal regime."""

from __future__ import annotations

from abm.declare import Params, param

LAW, VICTIMS = ("S11", "S19"), ("S11", "S17", "S19")


class LawParams(Params):
    """How sure it is whose case it is, what doubt costs, and what being an offender does to who was exploited."""

    confusion: float = param(0.5, unit="1 an agency more", bounds=(0.0, 3.0), source="assumed", systems=LAW)
    """Doubt that each agency beside the first adds where no law names one."""

    settling: float = param(
        0.7, unit="share", bounds=(0.0, 1.0), source="assumed; cases are lost under named agencies too", systems=LAW
    )
    """Share of that doubt which a law settles that names one agency."""

    friction: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=LAW)
    """Share of the officers' time that would go into the question whose case it is if no case were clear."""

    silence: float = param(
        0.4,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; who is an offender does not report (paper)",
        systems=VICTIMS,
    )
    """Cooperation lost where the law makes offenders of all who were smuggled or exploited."""

    pressure: float = param(
        1.0,
        unit="multiple of what happened",
        bounds=(0.0, 4.0),
        source="assumed; laws came after 16 years of US tiers (paper)",
        systems=("S11",),
    )
    """Outside pressure on pending laws, by tier and treaty: more brings them into force earlier, none never does."""
