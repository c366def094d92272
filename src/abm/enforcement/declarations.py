"""Parameters, outcomes and levers that several files of enforcement use."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever, Outcome, Outcomes, Params, behaviour, outcome, param
from abm.routes import PATROLS

if TYPE_CHECKING:
    from abm.world.state import World

share = partial(param, unit="share", bounds=(0.0, 1.0))
"""Declare a parameter that is a share."""


class EnforcementParams(Params):
    """Allocation of officers, corruption, leads, cases and arrests, and their effects on offices and migrants."""

    # where officers stand
    allocation_response: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the officers wanted on a leg to interceptions per officer there."""

    allocation_speed: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S10",))
    """Share of the gap between officers wanted and present that closes in a month."""

    allocation_floor: float = share(0.4, source="assumed", systems=("S10",))
    """Share of its first allocation below which no leg falls."""

    allocation_memory: float = param(6.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=("S10",))
    """Half-life of the memory of persons stopped on a leg."""

    fatigue_limit: float = share(0.5, source="assumed", systems=("S10", "S19"))
    """Share of an added effort that wears off in the long run: routine, leave, officers called back."""

    fatigue_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S19"))
    """Half-life of the wearing off of added effort, and of the recovery once it is lifted."""

    # corruption
    temptation: float = param(1.0, unit="dimensionless", bounds=(0.0, 3.0), source="assumed", systems=("S10",))
    """Elasticity of the share of officers who take bribes to the odds of a stop, which make bribes worth paying."""

    corruption_half_life: float = param(9.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Half-life of the gap between corruption and its equilibrium under bribes and controls."""

    watch: float = param(
        0.006, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=("S10",),
    )  # fmt: skip
    """Hazard that an officer who takes bribes is caught where all others are honest: they find out."""

    watch_gain: float = param(10.0, unit="multiple added", bounds=(0.0, 50.0), source="assumed", systems=("S10", "S19"))
    """What full anti-corruption adds to that hazard, relative to it."""

    fear: float = param(12.0, unit="1 a share of officers", bounds=(0.0, 100.0), source="assumed", systems=("S10",))
    """Response of the other officers' caution to the share of officers caught in a month."""

    caution_half_life: float = param(12.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Half-life of that caution."""

    # leads
    cooperation: float = share(
        0.409,
        source="calibrated, hardly identified, docs/calibration.md; cases are traced from people apprehended (paper)",
        systems=("S10",),
    )
    """Share of those stopped on a leg in Pakistan who name the office that sent them."""

    returnee_cooperation: float = share(0.3, source="assumed", systems=("S10",))
    """Share of those sent home, from abroad or the journey, who name it."""

    complaint: float = share(0.08, source="assumed", systems=("S10", "S17"))
    """Share of cheated clients who complain to a circle."""

    chill: float = share(0.8, source="assumed; victims as offenders (paper)", systems=("S11", "S19"))
    """Cooperation lost if every migrant sent home is punished."""

    intelligence: float = param(
        0.05, unit="lead/month an officer", bounds=(0.0, 1.0),
        source="assumed; cases are traced from people apprehended, seldom forward (paper)", systems=("S10",),
    )  # fmt: skip
    """Leads found per circle officer without any witness."""

    handover_distance: float = param(150.0, unit="km", bounds=(10.0, 2_000.0), source="assumed", systems=("S10", "S11"))
    """Distance to the nearest circle at which a lead survives with probability 1/e."""

    # cases
    caseload: float = param(
        1.2, unit="case an officer", bounds=(0.0, 10.0), source="assumed; 1,157 cases registered by the circle of "
        "Gujranwala in eleven months of 2016 (enforcement_fia.csv)",
        systems=("S10",),
    )  # fmt: skip
    """Simultaneous investigations per circle officer."""

    lead_life: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10",))
    """Months in which an unused lead loses half of its value; a single lead is then dropped."""

    investigation_months: int = param(4, unit="month", bounds=(1, 36), source="assumed", systems=("S10",))
    """Months from the start of an investigation to the raid."""

    solving: float = param(1.0, unit="1/lead", bounds=(0.0, 3.0), source="assumed", systems=("S10", "S17"))
    """Strength of one lead: a raid leads to arrests with probability 1 - exp(-solving x leads)."""

    arrested_each: float = param(2.5, unit="person", bounds=(1.0, 9.0), source="assumed", systems=("S17",))
    """Mean number of persons arrested in a successful raid."""

    owner_share: float = share(
        0.12, source="assumed; agents are caught more often than who employs them (paper)", systems=("S10",)
    )
    """Probability that the owner of the office is among them."""

    disruption: float = share(0.05, source="assumed", systems=("S7", "S10"))
    """Share of its capacity that an office loses in a successful raid."""

    custody_months: float = param(6.0, unit="month", bounds=(1.0, 60.0), source="assumed", systems=("S10", "S11"))
    """Months for which an office stays shut after its owner's arrest, until release on bail."""

    protection_price: float = share(0.4, source="assumed", systems=("S10",))
    """Bribe to investigators, relative to the office's expected loss from an arrest."""

    # what offices and migrants feel
    risk_memory: float = param(18.0, unit="month", bounds=(1.0, 120.0), source="assumed", systems=("S7", "S10"))
    """Months over which an office averages the arrests it sees."""

    alarm: float = param(0.05, unit="1/month", bounds=(0.0, 1.0), source="assumed", systems=("S7", "S10"))
    """Hazard equivalent of a raid on the office itself, in the month in which it happens."""

    sight: float = share(
        0.5,
        source="assumed; perceived risk follows visible police more than its results: Apel (2013)",
        systems=("S10",),
    )
    """Elasticity of the perceived hazard of arrest, at once, to the investigators whom a district sees."""

    overrating: float = param(
        0.6, unit="log points", bounds=(0.0, 2.0),
        source="assumed; arrests move perceived risk by more than they prove: Sah (1991), Lochner (2007)",
        systems=("S10",),
    )  # fmt: skip
    """Largest rise of the perceived hazard through the raids of one month."""

    alarm_half_life: float = param(4.0, unit="month", bounds=(0.5, 36.0), source="assumed", systems=("S10",))
    """Half-life of what the perceived hazard exceeds the experienced one by."""

    alarm_nearby: float = share(0.3, source="assumed", systems=("S10",))
    """Part of a rise of the perceived hazard that is felt in the adjacent districts."""

    sanction: float = share(
        0.04, source="assumed; court convictions of FIA_CONVICTIONS exceed agents arrested", systems=("S11", "S19")
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


CASES, RECORD = ("S10", "S11"), ("S11", "S17")


class StreamCasesParams(Params):
    """Cases of trafficking and bonded labour, and other registered cases."""

    caseload: float = param(2.0, unit="case an officer", bounds=(0.1, 20.0), source="assumed", systems=CASES)
    """Simultaneous investigations per officer in full time."""

    months: int = param(3, unit="month", bounds=(1, 36), source="assumed", systems=CASES)
    """Mean months from the start of an investigation to its end."""

    solving: float = share(0.4, source="assumed", systems=CASES)
    """Share of investigations that lead to an arrest."""

    accused: float = param(1.6, unit="person", bounds=(1.0, 9.0), source="assumed", systems=CASES)
    """Mean number of persons arrested in such a case."""

    victims: float = param(2.0, unit="person", bounds=(0.0, 10.0), source="assumed", systems=CASES)
    """Mean number of exploited persons found by an investigation."""

    charging: float = share(0.3, source="assumed; victims as offenders (paper)", systems=RECORD)
    """Share charged, of those found whom the law makes offenders."""

    court_leads: float = share(0.3, source="assumed", systems=("S11", "S15"))
    """Share of bonded families released by a court whose employer becomes a case."""

    docket: float = param(
        0.65, unit="case/month an officer", bounds=(0.0, 20.0),
        source="assumed; set by hand between too few cases in Punjab and too many in Sindh (FIA_CASES)",
        systems=RECORD,
    )  # fmt: skip
    """Cases against migrants sent home per idle officer in full time."""

    border_group: float = param(
        80.0, unit="person", bounds=(1.0, 1_000.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)", systems=RECORD,
    )  # fmt: skip
    """Persons stopped on land or at sea per case registered against those who led them."""

    group_work: float = param(
        1.0, unit="case", bounds=(0.0, 20.0),
        source="assumed; set by hand to the cases of Balochistan, 2016 and 2017 (FIA_CASES)", systems=RECORD,
    )  # fmt: skip
    """Cases against migrants that take as much time as that of one group, whose members are interviewed and sent on."""


class EnforcementOutcomes(Outcomes):
    """Leads, arrests, sanctions and spending."""

    leads = outcome(unit="lead", over="district", text="Leads on smuggler offices of the district.")
    leads_lost = outcome(
        unit="lead", over="district",
        text="Leads lost on the way to another district's circle, and cases dropped for want of time, one each.",
    )  # fmt: skip
    investigations = outcome(unit="case", over="district", text="Investigations of offices begun.")
    arrests = outcome(unit="person", over="district", text="Owners and agents of offices arrested.")
    owners_arrested = outcome(unit="person", over="district", text="Of these, owners; their offices shut.")
    officers_caught = outcome(unit="officer", over="national", text="Officers in Pakistan caught taking bribes.")
    sanctioned = outcome(unit="person", over="district", text="Migrants sent home and punished there.")
    enforcement_spending = outcome(
        unit="PKR of 2017 a month", over="national",
        text="Pay of Pakistan's officers, and cost of enforcement and prosecution levers in force.",
    )  # fmt: skip


def add_figures(world: World, counts: dict[Outcome, np.ndarray]) -> None:
    """Add counts by district to outcomes that several mechanisms or steps share."""
    for which, found in counts.items():
        world.figures[which] = world.figures.get(which, np.zeros(world.district_count, np.int64)) + found


CIRCLES_ADDED = behaviour("circles of standard staff added", base=0.0, over="district", bounds=(0.0, math.inf))

CIRCLE_CAPACITY = behaviour("leads found and cases handled by circles", base=1.0, over="district")
"""Factor by district."""

CORRUPTION_REMOVED = behaviour("corruption removed", base=0.0, over="jurisdiction", bounds=(0.0, 1.0))
"""Share by district (circles), then by leg (posts)."""

PUNISHED_IN_ADDITION = behaviour("those sent home who are punished in addition", base=0.0, bounds=(0.0, 1.0))
"""Share of them."""

FIA_CIRCLES = Lever(
    "fia_circles", unit="circle added", bounds=(0.0, 10.0), combine="add", moves=(CIRCLES_ADDED,), unit_cost=1.0,
    cost_unit="rupee of pay of the officers added",
    cost_source="by definition, at the pay of enforcement.circle_budget", cost_counted="booked",
    text="Adds circles of standard staff, this many in each of the districts named.", systems=("S10", "S19"),
    felt="offices",
)  # fmt: skip

INVESTIGATIVE_CAPACITY = Lever(
    "investigative_capacity", unit="multiple of leads found and cases handled", bounds=(0.0, 10.0), combine="multiply",
    moves=(CIRCLE_CAPACITY,), unit_cost=0.6,
    cost_unit="rupee of pay of the officers trained and equipped, for 100 % added", cost_counted="booked",
    text="Multiplies the cases handled and the leads found by the circles of the districts named, not what others "
    "report to them; of a circle with other districts, by the mean over all of its own.",
    systems=("S10", "S19"), felt="offices",
)  # fmt: skip

ANTI_CORRUPTION = Lever(
    "anti_corruption", unit="share of corruption removed", bounds=(0.0, 1.0), combine="add",
    moves=(CORRUPTION_REMOVED,),
    unit_cost=0.3, cost_unit="rupee of pay of the officers watched, for all corruption removed", cost_counted="booked",
    text="Watches the officers of circles in the districts, and of posts on the legs, named: fewer take bribes, "
    "and more of those who do are caught.",
    systems=("S10", "S19"), guards=("border_post", "coast_guard", "airport"), felt="offices",
)  # fmt: skip

MIGRANT_SANCTION = Lever(
    "migrant_sanction", unit="share punished in addition", bounds=(0.0, 1.0), combine="add",
    moves=(PUNISHED_IN_ADDITION,), unit_cost=1.0e7, cost_unit="all migrants sent home punished, a month",
    text="Punishes those sent home from an irregular journey; fewer of them then name the office that sent them.",
    systems=("S11", "S19"), signals=(("sanction", 2.0),), felt="terms",
)  # fmt: skip

ENFORCEMENT_LEVERS = frozenset(
    {lever.name for lever in (*PATROLS, FIA_CIRCLES, INVESTIGATIVE_CAPACITY, ANTI_CORRUPTION, MIGRANT_SANCTION)}
    | {"document_security", "prosecution_certainty", "prosecution_speed", "sanction_severity"}
    | {"agency_budget", "child_alert", "jurisdiction_clarity", "victim_non_criminalisation"}
)
"""Levers whose cost counts as spending on enforcement."""
