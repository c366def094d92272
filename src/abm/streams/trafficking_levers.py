"""Levers of trafficking."""

from __future__ import annotations

from abm.declare import behaviour, lever

LURES_PREVENTED = behaviour("lures by phone and internet prevented", base=0.0, over="district", bounds=(0.0, 1.0))
"""Share by district."""

SERVED = behaviour(
    "services for those freed, and outreach",
    base=0.0,
    over="district",
    bounds=(0.0, 1.0),
    read_by=("cross_border_trafficking",),
)
"""Share of those freed, by district."""

ONLINE_RECRUITMENT_CONTROL = lever(
    "online_recruitment_control",
    unit="share of lures by phone and internet",
    bounds=(0.0, 1.0),
    combine="add",
    moves=LURES_PREVENTED,
    unit_cost=0.5,
    cost_unit="resident reached by phone, a month, at the lever's top",
    cost_counted="booked",
    text="Prevents lures by phone and internet: false job offers are found and taken down.",
    systems=("S14", "S19"),
)

VICTIM_SERVICES = lever(
    "victim_services",
    unit="share of those freed",
    bounds=(0.0, 1.0),
    combine="add",
    moves=SERVED,
    unit_cost=60_000.0,
    cost_unit="person served",
    cost_counted="booked",
    text="Finds more of those exploited, and supports those freed, so that fewer are trafficked again.",
    cost_source="assumed; shelter and aid for some months",
    systems=("S12", "S14", "S19"),
)
