"""Parameters of trafficking within the country."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from abm.declare import param
from abm.streams.victims import VictimParams

DOMESTIC = ("S14",)


class DomesticTraffickingParams(VictimParams):
    """Recruitment within the country: numbers, origins, destinations, and ends of exploitation."""

    reading: Literal["reported", "cited"] = Field("reported")
    """Which of two readings of the sources sets yearly recruitment: `reported`, from the victims recorded by the
    police; `cited`, the contested 300,000 that the source paper attributes to UNODC."""

    reported_victims: float = param(
        21_253.0, unit="person/year", bounds=(5_000.0, 60_000.0), source="S_NEWS_1036529; 2021", systems=DOMESTIC
    )
    """Victims of trafficking recorded by Pakistan's police in a year (reading `reported`)."""

    reported_share: float = param(
        0.27, unit="share", bounds=(0.05, 1.0), source="assumed; what the ways out below give", systems=DOMESTIC
    )
    """Share of those recruited who are ever recorded by the police (reading `reported`)."""

    cited_victims: float = param(
        300_000.0, unit="person/year", bounds=(50_000.0, 500_000.0), source="paper; contested", systems=DOMESTIC
    )
    """Persons trafficked in a year as cited, all taken to be recruited within the country (reading `cited`)."""

    minor_share: float = param(0.3, unit="share", bounds=(0.0, 1.0), source="assumed", systems=DOMESTIC)
    """Share of those recruited who are runaway minors; the others are lured by offers of work."""

    caught_share: float = param(0.25, unit="share", bounds=(0.02, 1.0), source="assumed", systems=DOMESTIC)
    """Share of runaway minors caught by exploiters; the others come home within the month."""

    poverty: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=DOMESTIC)
    """Elasticity of recruiting to the district's poverty rate."""

    unemployment: float = param(
        0.5, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=(*DOMESTIC, "S1")
    )
    """Elasticity of luring to unemployment in the district; youth unemployment is assumed to move with it."""

    phone_share: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=DOMESTIC)
    """Share of lures by phone and internet in 2017; they grow with the reach of phones."""

    reach_growth: float = param(0.10, unit="1/year", bounds=(0.0, 0.5), source="assumed", systems=DOMESTIC)
    """Rate at which the gap to full phone coverage closes after the last survey, of 2019."""

    pull: float = param(0.5, unit="dimensionless", bounds=(0.0, 2.0), source="assumed", systems=DOMESTIC)
    """Elasticity of recruiting to the district's proximity to cities, weighted by urban residents."""

    urban_origin: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=DOMESTIC)
    """Recruiting among urban residents, relative to rural ones."""

    urbanisation: float = param(
        0.01, unit="1/year", bounds=(-0.02, 0.05), source="assumed; the urban share rises (paper)", systems=DOMESTIC
    )
    """Yearly growth of the pull of cities, 1 in 2017."""

    decay_km: float = param(300.0, unit="km", bounds=(50.0, 2_000.0), source="assumed", systems=DOMESTIC)
    """Distance over which the attraction of a city falls to 1/e."""

    ageing_out: float = param(0.015, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=DOMESTIC)
    """Hazard that an exploited person becomes too old for exploiters and is let go."""

    opening_share: float = param(
        1.0, unit="share", bounds=(0.0, 2.0), source="assumed; as if rates had long been the same", systems=DOMESTIC
    )
    """Persons exploited at the start, relative to the stock that the first month's recruiting sustains."""
