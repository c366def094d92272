"""Parameters of the legal regime."""

from __future__ import annotations

from abm.declare import Params, param

LAW, VICTIMS = ("S11", "S19"), ("S11", "S17", "S19")


class LawParams(Params):
    """Clarity of competence, the cost of doubt, and the effect of offender status on those exploited."""

    confusion: float = param(0.5, unit="1 an agency more", bounds=(0.0, 3.0), source="assumed", systems=LAW)
    """Doubt added by each agency beyond the first if no law names one."""

    settling: float = param(
        0.7, unit="share", bounds=(0.0, 1.0), source="assumed; cases are lost under named agencies too", systems=LAW
    )
    """Share of that doubt removed by a law that names one agency."""

    friction: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=LAW)
    """Share of officers' time that disputes over competence would take if no case were clear."""

    silence: float = param(
        0.4,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; who is an offender does not report (paper)",
        systems=VICTIMS,
    )
    """Cooperation lost if the law treats all those smuggled or exploited as offenders."""

    pressure: float = param(
        1.0,
        unit="multiple of what happened",
        bounds=(0.0, 4.0),
        source="assumed; laws came after 16 years of US tiers (paper)",
        systems=("S11",),
    )
    """Outside pressure on pending laws, through tiers and treaty: more brings them into force earlier; none, never."""
