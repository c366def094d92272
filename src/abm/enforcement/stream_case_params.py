"""Parameters of cases of trafficking and bonded labour, and of the record of enforcement."""

from __future__ import annotations

from abm.declare import Params, param

CASES, RECORD = ("S10", "S11"), ("S11", "S17")


class StreamCasesParams(Params):
    """What agencies make of leads on trafficking and bonded labour, and what else is registered as a case."""

    caseload: float = param(2.0, unit="case an officer", bounds=(0.1, 20.0), source="assumed", systems=CASES)
    """Investigations that an officer in full time runs at a time."""

    months: int = param(3, unit="month", bounds=(1, 36), source="assumed", systems=CASES)
    """Months from the start of an investigation to its end, in the mean."""

    solving: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=CASES)
    """Of investigations, in which somebody is arrested."""

    accused: float = param(1.6, unit="person", bounds=(1.0, 9.0), source="assumed", systems=CASES)
    """Persons arrested in such a case, in the mean."""

    victims: float = param(2.0, unit="person", bounds=(0.0, 10.0), source="assumed", systems=CASES)
    """Persons exploited whom an investigation finds, in the mean."""

    charging: float = param(
        0.3, unit="share", bounds=(0.0, 1.0), source="assumed; victims as offenders (paper)", systems=RECORD
    )
    """Of those found whom the law makes offenders, who are charged."""

    court_leads: float = param(0.3, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S11", "S15"))
    """Of bonded families whom a court sets free, whose owner becomes a case."""

    docket: float = param(
        0.9,
        unit="case/month an officer",
        bounds=(0.0, 20.0),
        source="assumed; set by hand between too few cases in Punjab and too many in Khyber Pakhtunkhwa (FIA_CASES)",
        systems=RECORD,
    )
    """Cases against migrants sent home that an officer in full time takes up whom no investigation keeps."""

    border_group: float = param(
        60.0,
        unit="person",
        bounds=(1.0, 1_000.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)",
        systems=RECORD,
    )
    """Persons stopped on land or at sea for whom one case is registered, against whoever took them along."""

    group_work: float = param(
        2.0,
        unit="case",
        bounds=(0.0, 20.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)",
        systems=RECORD,
    )
    """Cases against migrants that take as much time as that of a group, whose members have to be heard and sent on."""
