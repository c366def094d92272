"""Levers on legs: more officers of one kind of post, better documents, rescue at sea."""

from __future__ import annotations

from abm.declare import Lever, lever


def _patrol(name: str, guards: tuple[str, ...], who: str, systems: tuple[str, ...] = ("S8", "S10", "S19")) -> Lever:
    """Declare a lever that multiplies the officers of some kinds of post."""
    return lever(
        name,
        unit="multiple of effort",
        bounds=(0.0, 10.0),
        over="leg",
        combine="multiply",
        moves=("effort on legs",),
        unit_cost=1.5,
        cost_unit="rupee of pay of the officers added",
        cost_counted="booked",
        text=f"Multiplies the officers of {who} on the legs named that they guard; what is added wears off in part.",
        systems=systems,
        guards=guards,
        signals=(("failure", 0.4),),
    )


BORDER_PATROL = _patrol("border_patrol", ("border_post",), "Pakistan's border posts")
COASTAL_PATROL = _patrol("coastal_patrol", ("coast_guard",), "Pakistan's coast guard")
AIRPORT_SCREENING = _patrol("airport_screening", ("airport",), "Pakistan's airport immigration")
TRANSIT_BORDER_CONTROL = _patrol("transit_border_control", ("transit",), "the states on the way")
DESTINATION_BORDER_CONTROL = _patrol(
    "destination_border_control", ("destination",), "the destination states", ("S8", "S18", "S19")
)

PATROLS = (BORDER_PATROL, COASTAL_PATROL, AIRPORT_SCREENING, TRANSIT_BORDER_CONTROL, DESTINATION_BORDER_CONTROL)
"""Levers that add officers, each for its kinds of post."""

DOCUMENT_SECURITY = lever(
    "document_security",
    unit="share of forged documents found in addition",
    bounds=(0.0, 1.0),
    over="leg",
    combine="add",
    moves=("interception on legs travelled on papers", "interception.forgery_rise"),
    unit_cost=4.0e7,
    cost_unit="leg and all documents checked, a month",
    text="Finds forged and fraudulent documents on the legs named that are travelled on papers, and makes them dearer.",
    systems=("S7", "S10", "S19"),
    needs="documents",
    signals=(("failure", 0.5),),
)

SEARCH_AND_RESCUE = lever(
    "search_and_rescue",
    unit="share of deaths avoided",
    bounds=(0.0, 1.0),
    over="leg",
    combine="add",
    moves=("death on legs by sea",),
    unit_cost=2.5e8,
    cost_unit="leg and all deaths avoided, a month",
    text="Saves the lives of travellers on the sea legs named; who is rescued travels on.",
    systems=("S8", "S19"),
    needs="by_sea",
    signals=(("death", -0.5),),
)
