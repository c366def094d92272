"""Parameters of cases of trafficking and bonded labour, and of enforcement records."""

from __future__ import annotations

from abm.declare import Params, param

CASES, RECORD = ("S10", "S11"), ("S11", "S17")


class StreamCasesParams(Params):
    """Cases of trafficking and bonded labour, and other registered cases."""

    caseload: float = param(2.0, unit="case an officer", bounds=(0.1, 20.0), source="assumed", systems=CASES)
    """Simultaneous investigations per officer in full time."""

    months: int = param(3, unit="month", bounds=(1, 36), source="assumed", systems=CASES)
    """Mean months from the start of an investigation to its end."""

    solving: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=CASES)
    """Share of investigations that lead to an arrest."""

    accused: float = param(1.6, unit="person", bounds=(1.0, 9.0), source="assumed", systems=CASES)
    """Mean number of persons arrested in such a case."""

    victims: float = param(2.0, unit="person", bounds=(0.0, 10.0), source="assumed", systems=CASES)
    """Mean number of exploited persons found by an investigation."""

    charging: float = param(
        0.3, unit="share", bounds=(0.0, 1.0), source="assumed; victims as offenders (paper)", systems=RECORD
    )
    """Share charged, of those found whom the law makes offenders."""

    court_leads: float = param(0.3, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S11", "S15"))
    """Share of bonded families released by a court whose employer becomes a case."""

    docket: float = param(
        0.9,
        unit="case/month an officer",
        bounds=(0.0, 20.0),
        source="assumed; set by hand between too few cases in Punjab and too many in Khyber Pakhtunkhwa (FIA_CASES)",
        systems=RECORD,
    )
    """Cases against migrants sent home per idle officer in full time."""

    border_group: float = param(
        60.0,
        unit="person",
        bounds=(1.0, 1_000.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)",
        systems=RECORD,
    )
    """Persons stopped on land or at sea per case registered against those who led them."""

    group_work: float = param(
        2.0,
        unit="case",
        bounds=(0.0, 20.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)",
        systems=RECORD,
    )
    """Cases against migrants that take as much time as that of one group, whose members are interviewed and sent on."""
