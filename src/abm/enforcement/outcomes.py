"""Outcomes of enforcement that several files record."""

from __future__ import annotations

from abm.declare import Outcomes, outcome


class EnforcementOutcomes(Outcomes):
    """Leads, arrests, sanctions and spending."""

    leads = outcome(unit="lead", over="district", text="Leads on smuggler offices of the district.")
    leads_lost = outcome(
        unit="lead",
        over="district",
        text="Leads lost on the way to another district's circle, or because no one had time for them.",
    )
    investigations = outcome(unit="case", over="district", text="Investigations of offices begun.")
    arrests = outcome(unit="person", over="district", text="Owners and agents of offices arrested.")
    owners_arrested = outcome(unit="person", over="district", text="Of these, owners; their offices shut.")
    officers_caught = outcome(unit="officer", over="national", text="Officers in Pakistan caught taking bribes.")
    sanctioned = outcome(unit="person", over="district", text="Migrants sent home and punished there.")
    enforcement_spending = outcome(
        unit="PKR of 2017 a month",
        over="national",
        text="Pay of Pakistan's officers, and cost of enforcement and prosecution levers in force.",
    )
