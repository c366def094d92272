"""What this subject records, where several of its files do."""

from __future__ import annotations

from abm.declare import Outcomes, outcome


class EnforcementOutcomes(Outcomes):
    """What Enforcement records."""

    leads = outcome(unit="lead", over="district", text="Leads on smuggler offices of the district.")
    leads_lost = outcome(
        unit="lead",
        over="district",
        text="Leads lost on the way to another district's circle, or for want of time to follow them.",
    )
    investigations = outcome(unit="case", over="district", text="Investigations of offices begun.")
    arrests = outcome(unit="person", over="district", text="Owners and agents of offices arrested.")
    owners_arrested = outcome(unit="person", over="district", text="Of these, owners, whose office shuts.")
    officers_caught = outcome(unit="officer", over="national", text="Officers in Pakistan caught taking bribes.")
    sanctioned = outcome(unit="person", over="district", text="Migrants sent home and punished there.")
    enforcement_spending = outcome(
        unit="PKR of 2017 a month",
        over="national",
        text="Pay of Pakistan's officers, and cost of the levers of enforcement and prosecution in force.",
    )
