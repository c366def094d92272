"""Parameters of the enforcement agencies."""

from __future__ import annotations

from abm.declare import Params, param


class EnforcementParams(Params):
    """How agencies move officers, are corrupted, find offices and arrest, and what offices and migrants feel of it."""

    # where officers stand
    allocation_response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the officers wanted on a leg to the persons whom an officer stops there."""

    allocation_speed: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of the gap between officers wanted and there that closes in a month."""

    allocation_floor: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of the first allocation that no leg ever falls below."""

    allocation_memory: float = param(6.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S10",))
    """Half-life of the memory of persons stopped on a leg."""

    fatigue_limit: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10", "S19"))
    """Share of an added effort that wears off in the long run: routine, leave, officers called back."""

    fatigue_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S19"))
    """Half-life of an added effort on its way to the residue, and of the recovery once it is lifted."""

    # corruption
    temptation: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the officers who take bribes to the odds of being stopped, which make a bribe worth its price."""

    corruption_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Half-life of the gap between corruption and what bribes and controls make of it."""

    watch: float = param(
        0.004,
        unit="1/month",
        bounds=(0.0, 0.2),
        source="assumed; 35 to 38 officials dismissed about 2025 (F35)",
        systems=("S10",),
    )
    """Hazard that an officer who takes bribes is caught."""

    watch_gain: float = param(10.0, unit="multiple added", bounds=(0.0, 50.0), source="assumed", systems=("S10", "S19"))
    """By how many times of itself full anti-corruption adds to the hazard of being caught."""

    fear: float = param(12.0, unit="1 a share of officers", bounds=(0.0, 100.0), source="assumed", systems=("S10",))
    """Caution of the others for the share of officers caught in a month."""

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
    """Of those stopped on a leg in Pakistan, who name the office that sent them."""

    returnee_cooperation: float = param(0.12, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Of those sent home from abroad or the way, who name it."""

    complaint: float = param(0.08, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10", "S17"))
    """Of the cheated, who complain to a circle."""

    chill: float = param(
        0.8, unit="share", bounds=(0.0, 1.0), source="assumed; victims as offenders (paper)", systems=("S11", "S19")
    )
    """Cooperation lost where every migrant sent home is punished."""

    intelligence: float = param(
        0.15,
        unit="lead/month an officer",
        bounds=(0.0, 1.0),
        source="assumed; cases are traced from people apprehended, seldom forward (paper)",
        systems=("S10",),
    )
    """Leads that an officer of a circle finds without any witness."""

    handover_distance: float = param(150.0, unit="km", bounds=(10.0, 2_000.0), source="assumed", systems=("S10", "S11"))
    """Distance to the nearest circle over which a lead survives with probability 1/e."""

    # cases
    caseload: float = param(
        1.2,
        unit="case an officer",
        bounds=(0.0, 10.0),
        source="assumed; 1,157 cases registered by the circle of "
        "Gujranwala in eleven months of 2016 (enforcement_fia.csv)",
        systems=("S10",),
    )
    """Investigations that an officer of a circle runs at a time."""

    lead_life: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Months in which a lead that nobody follows loses half of its worth; then, if alone, it is lost."""

    investigation_months: int = param(4, unit="month", bounds=(1, 36), source="assumed", systems=("S10",))
    """Months from the start of an investigation to the raid."""

    solving: float = param(1.0, unit="1/lead", bounds=(0.0, 3.0), source="assumed", systems=("S10", "S17"))
    """Strength of one lead: the raid finds somebody with probability 1 - exp(-solving x leads)."""

    arrested_each: float = param(2.5, unit="person", bounds=(1.0, 9.0), source="assumed", systems=("S17",))
    """Persons arrested in a raid that finds somebody, in the mean."""

    owner_share: float = param(
        0.12,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; agents are caught more often than who employs them (paper)",
        systems=("S10",),
    )
    """Probability that the owner of the office is among them."""

    disruption: float = param(0.05, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Capacity that an office loses by a raid that finds somebody."""

    custody_months: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S11"))
    """Months in which an office stays shut after its owner's arrest, until he is out on bail."""

    blindness_price: float = param(0.4, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Bribe to investigators against the loss that an office expects from an arrest."""

    # what offices and migrants feel
    risk_memory: float = param(18.0, unit="month", bounds=(1.0, 120.0), source="assumed", systems=("S7", "S10"))
    """Months over which an office averages what it sees of arrests."""

    alarm: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Hazard that a raid in the own house stands for, in the month in which it happens."""

    sanction: float = param(
        0.04,
        unit="share",
        bounds=(0.0, 1.0),
        source="assumed; court convictions of FIA_CONVICTIONS exceed agents arrested",
        systems=("S11", "S19"),
    )
    """Of those sent home from an irregular journey, who are punished without any lever."""

    fine: float = param(20_000.0, unit="PKR of 2017", bounds=(0.0, 500_000.0), source="assumed", systems=("S11", "S19"))
    """Fine, and what detention costs, of one migrant punished."""

    circle_staff: float = param(25.0, unit="officer", bounds=(1.0, 200.0), source="assumed", systems=("S10", "S19"))
    """Officers of a circle that policy adds."""

    circle_budget: float = param(
        90_000.0, unit="PKR of 2017 a month", bounds=(10_000.0, 1_000_000.0), source="assumed", systems=("S10", "S19")
    )
    """Cost of an officer of a circle that policy adds."""
