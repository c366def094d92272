"""Parameters of the enforcement agencies."""

from __future__ import annotations

from abm.declare import Params, param


class EnforcementParams(Params):
    """Allocation of officers, corruption, leads, cases and arrests, and their effects on offices and migrants."""

    # where officers stand
    allocation_response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the officers wanted on a leg to interceptions per officer there."""

    allocation_speed: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of the gap between officers wanted and present that closes in a month."""

    allocation_floor: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of its first allocation below which no leg falls."""

    allocation_memory: float = param(6.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S10",))
    """Half-life of the memory of persons stopped on a leg."""

    fatigue_limit: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10", "S19"))
    """Share of an added effort that wears off in the long run: routine, leave, officers called back."""

    fatigue_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S19"))
    """Half-life of the wearing off of added effort, and of the recovery once it is lifted."""

    # corruption
    temptation: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the share of officers who take bribes to the odds of a stop, which make bribes worth paying."""

    corruption_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Half-life of the gap between corruption and its equilibrium under bribes and controls."""

    watch: float = param(
        0.004,
        unit="1/month",
        bounds=(0.0, 0.2),
        source="assumed; 35 to 38 officials dismissed about 2025 (F35)",
        systems=("S10",),
    )
    """Hazard that an officer who takes bribes is caught."""

    watch_gain: float = param(10.0, unit="multiple added", bounds=(0.0, 50.0), source="assumed", systems=("S10", "S19"))
    """Rise in the hazard of being caught, relative to that hazard, under full anti-corruption."""

    fear: float = param(12.0, unit="1 a share of officers", bounds=(0.0, 100.0), source="assumed", systems=("S10",))
    """Response of the other officers' caution to the share of officers caught in a month."""

    caution_half_life: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Half-life of that caution."""

    # leads
    cooperation: float = param(
        0.25,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; cases are traced back from people apprehended (paper)",
        systems=("S10",),
    )
    """Share of those stopped on a leg in Pakistan who name the office that sent them."""

    returnee_cooperation: float = param(0.12, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of those sent home, from abroad or the journey, who name it."""

    complaint: float = param(0.08, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10", "S17"))
    """Share of cheated clients who complain to a circle."""

    chill: float = param(
        0.8, unit="share", bounds=(0.0, 1.0), source="assumed; victims as offenders (paper)", systems=("S11", "S19")
    )
    """Cooperation lost if every migrant sent home is punished."""

    intelligence: float = param(
        0.15,
        unit="lead/month an officer",
        bounds=(0.0, 1.0),
        source="assumed; cases are traced from people apprehended, seldom forward (paper)",
        systems=("S10",),
    )
    """Leads found per circle officer without any witness."""

    handover_distance: float = param(150.0, unit="km", bounds=(10.0, 2_000.0), source="assumed", systems=("S10", "S11"))
    """Distance to the nearest circle at which a lead survives with probability 1/e."""

    # cases
    caseload: float = param(
        1.2,
        unit="case an officer",
        bounds=(0.0, 10.0),
        source="assumed; 1,157 cases registered by the circle of "
        "Gujranwala in eleven months of 2016 (enforcement_fia.csv)",
        systems=("S10",),
    )
    """Simultaneous investigations per circle officer."""

    lead_life: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Months in which an unused lead loses half of its value; a single lead is then dropped."""

    investigation_months: int = param(4, unit="month", bounds=(1, 36), source="assumed", systems=("S10",))
    """Months from the start of an investigation to the raid."""

    solving: float = param(1.0, unit="1/lead", bounds=(0.0, 3.0), source="assumed", systems=("S10", "S17"))
    """Strength of one lead: a raid leads to arrests with probability 1 - exp(-solving x leads)."""

    arrested_each: float = param(2.5, unit="person", bounds=(1.0, 9.0), source="assumed", systems=("S17",))
    """Mean number of persons arrested in a successful raid."""

    owner_share: float = param(
        0.12,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; agents are caught more often than who employs them (paper)",
        systems=("S10",),
    )
    """Probability that the owner of the office is among them."""

    disruption: float = param(0.05, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Share of its capacity that an office loses in a successful raid."""

    custody_months: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S11"))
    """Months for which an office stays shut after its owner's arrest, until release on bail."""

    protection_price: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Bribe to investigators, relative to the office's expected loss from an arrest."""

    # what offices and migrants feel
    risk_memory: float = param(18.0, unit="month", bounds=(1.0, 120.0), source="assumed", systems=("S7", "S10"))
    """Months over which an office averages the arrests it sees."""

    alarm: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Hazard equivalent of a raid on the office itself, in the month in which it happens."""

    sanction: float = param(
        0.04,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; court convictions of FIA_CONVICTIONS exceed agents arrested",
        systems=("S11", "S19"),
    )
    """Share of those sent home from an irregular journey who are punished, without any lever."""

    fine: float = param(20_000.0, unit="PKR of 2017", bounds=(0.0, 500_000.0), source="assumed", systems=("S11", "S19"))
    """Fine and cost of detention for one migrant punished."""

    circle_staff: float = param(25.0, unit="officer", bounds=(1.0, 200.0), source="assumed", systems=("S10", "S19"))
    """Officers of a circle added by policy."""

    circle_budget: float = param(
        90_000.0, unit="PKR of 2017 a month", bounds=(10_000.0, 1_000_000.0), source="assumed", systems=("S10", "S19")
    )
    """Cost of an officer of a circle added by policy."""
