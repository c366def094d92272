"""Parameters of trafficking of vulnerable groups across borders."""

from __future__ import annotations

from abm.declare import param
from abm.streams.victims import VictimParams

ABROAD = ("S12",)


class CrossBorderParams(VictimParams):
    """Demand of buyers abroad, the prices they pay, and the return of those taken abroad."""

    children_to_gulf: float = param(
        900.0,
        unit="person/year",
        bounds=(100.0, 7_000.0),
        source="paper: over 19,000 by a study of 2013; taken to be those of some twenty years",
        systems=ABROAD,
    )
    """Yearly demand for children in the Gulf, before international pressure."""

    women_to_gulf: float = param(
        1_000.0, unit="person/year", bounds=(0.0, 10_000.0), source="assumed; no count was found", systems=ABROAD
    )
    """Yearly demand for women in the Gulf."""

    women_to_china: float = param(
        760.0,
        unit="person/year",
        bounds=(50.0, 5_000.0),
        source="set so that about 600 are taken in 2019, as the paper prints",
        systems=ABROAD,
    )
    """Yearly demand for women in China, before international pressure."""

    china_since: float = param(
        2018.0, unit="year", bounds=(2000.0, 2030.0), source="assumed; press reports begin then", systems=ABROAD
    )
    """When demand in China begins; it reaches its full level a year later."""

    gulf_pressure_since: float = param(
        2005.4, unit="year", bounds=(1990.0, 2030.0), source="paper: mid-2000s; month assumed", systems=ABROAD
    )
    """When international pressure on demand for children in the Gulf begins."""

    gulf_pressure: float = param(0.9, unit="share", bounds=(0.0, 1.0), source="assumed", systems=ABROAD)
    """Share of that demand that pressure removes in the end."""

    china_pressure_since: float = param(
        2019.4, unit="year", bounds=(2000.0, 2035.0), source="assumed; arrests of spring 2019", systems=ABROAD
    )
    """When pressure on demand in China begins."""

    china_pressure: float = param(0.95, unit="share", bounds=(0.0, 1.0), source="assumed", systems=ABROAD)
    """Share of that demand that pressure removes in the end."""

    pressure_years: float = param(1.5, unit="year", bounds=(0.1, 10.0), source="assumed", systems=ABROAD)
    """Time that pressure takes to reach its full effect."""

    gulf_season: float = param(
        0.4, unit="share", bounds=(0.0, 1.0), source="assumed; the paper says that demand is seasonal", systems=ABROAD
    )
    """Share by which demand in the Gulf exceeds its mean in January, and falls short of it in July."""

    poverty: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=ABROAD)
    """Elasticity of a district's part to its poverty rate."""

    exit_checks: float = param(0.08, unit="share", bounds=(0.0, 1.0), source="assumed", systems=ABROAD)
    """Share of those being taken abroad who are stopped at the exit, at usual effort."""

    children_stay: float = param(48.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=ABROAD)
    """Mean months until children are sent home, if nothing else ends exploitation abroad."""

    women_stay: float = param(60.0, unit="month", bounds=(3.0, 240.0), source="assumed", systems=ABROAD)
    """Mean months until women are sent home, if nothing else ends exploitation abroad."""

    gulf_price: float = param(
        150_000.0, unit="PKR of 2017", bounds=(10_000.0, 2_000_000.0), source="assumed", systems=ABROAD
    )
    """Paid by buyers in the Gulf to traffickers for a person."""

    gulf_family: float = param(
        0.2,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed",
        systems=ABROAD,
    )
    """Share of that price paid by traffickers to the family."""

    china_price: float = param(
        45_000.0, unit="USD of 2019", bounds=(25_000.0, 65_000.0), source="paper; middle of the range", systems=ABROAD
    )
    """Paid by buyers in China to traffickers for a person."""

    china_family: float = param(
        200_000.0, unit="PKR of 2019", bounds=(0.0, 1_000_000.0), source="paper", systems=ABROAD
    )
    """Paid by traffickers to the family for a person taken to China."""
