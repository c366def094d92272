"""Outcomes of legal ways that several files record."""

from __future__ import annotations

from abm.declare import Outcomes, outcome


class LegalWorkOutcomes(Outcomes):
    """Applications and departures for legal work, and departures by wealth."""

    legal_departures = outcome(unit="person", over="district", text="Departures for legal work abroad.")
    legal_applications = outcome(unit="person", over="district", text="Applications for legal work abroad.")
    departures_by_wealth = tuple(
        outcome(
            f"departures_wealth_{k}",
            unit="person",
            over="district",
            text=f"International departures from households of income quintile {k} (national; 1 poorest).",
        )
        for k in range(1, 6)
    )
    households_by_wealth = tuple(
        outcome(
            f"households_wealth_{k}",
            unit="household",
            over="district",
            kind="stock",
            text=f"Households of national quintile {k} of permanent income.",
        )
        for k in range(1, 6)
    )
