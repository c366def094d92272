"""Levers on agencies: circles, their capacity and honesty, and the punishment of migrants."""

from __future__ import annotations

import math

from abm.declare import behaviour, lever
from abm.routes import PATROLS

CIRCLES_ADDED = behaviour("circles of standard staff added", base=0.0, over="district", bounds=(0.0, math.inf))

CIRCLE_CAPACITY = behaviour("leads found and cases handled by circles", base=1.0, over="district")
"""Factor by district."""

CORRUPTION_REMOVED = behaviour("corruption removed", base=0.0, over="jurisdiction", bounds=(0.0, 1.0))
"""Share by district (circles), then by leg (posts)."""

PUNISHED_IN_ADDITION = behaviour("those sent home who are punished in addition", base=0.0)
"""Share of them."""

FIA_CIRCLES = lever(
    "fia_circles",
    unit="circle added",
    bounds=(0.0, 10.0),
    combine="add",
    moves=CIRCLES_ADDED,
    unit_cost=1.0,
    cost_unit="rupee of pay of the officers added",
    cost_source="by definition, at the pay of enforcement.circle_budget",
    cost_counted="booked",
    text="Adds circles of standard staff, this many in each of the districts named.",
    systems=("S10", "S19"),
)

INVESTIGATIVE_CAPACITY = lever(
    "investigative_capacity",
    unit="multiple of leads found and cases handled",
    bounds=(0.0, 10.0),
    combine="multiply",
    moves=CIRCLE_CAPACITY,
    unit_cost=0.6,
    cost_unit="rupee of pay of the officers trained and equipped, for 100 % added",
    cost_counted="booked",
    text="Multiplies the leads found and the cases handled by the circles of the districts named.",
    systems=("S10", "S19"),
)

ANTI_CORRUPTION = lever(
    "anti_corruption",
    unit="share of corruption removed",
    bounds=(0.0, 1.0),
    combine="add",
    moves=CORRUPTION_REMOVED,
    unit_cost=0.3,
    cost_unit="rupee of pay of the officers watched, for all corruption removed",
    cost_counted="booked",
    text="Watches the officers of circles in the districts, and of posts on the legs, named: fewer take bribes, "
    "and more of those who do are caught.",
    systems=("S10", "S19"),
    guards=("border_post", "coast_guard", "airport"),
)

MIGRANT_SANCTION = lever(
    "migrant_sanction",
    unit="share punished in addition",
    bounds=(0.0, 1.0),
    combine="add",
    moves=PUNISHED_IN_ADDITION,
    unit_cost=1.0e7,
    cost_unit="all migrants sent home punished, a month",
    text="Punishes those sent home from an irregular journey; fewer of them then name the office that sent them.",
    systems=("S11", "S19"),
    signals=(("sanction", 2.0),),
)

ENFORCEMENT_LEVERS = frozenset(
    {lever.name for lever in (*PATROLS, FIA_CIRCLES, INVESTIGATIVE_CAPACITY, ANTI_CORRUPTION, MIGRANT_SANCTION)}
    | {"document_security", "prosecution_certainty", "prosecution_speed", "sanction_severity"}
    | {"jurisdiction_clarity", "victim_non_criminalisation"}
)
"""Levers whose cost counts as spending on enforcement."""
