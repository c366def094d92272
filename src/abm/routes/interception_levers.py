"""Levers on legs: more officers of one kind of post, better documents, rescue at sea."""

from __future__ import annotations

from abm.declare import Effective, Lever, behaviour, lever

BORDER_EFFORT, COASTAL_EFFORT, AIRPORT_EFFORT, TRANSIT_EFFORT, DESTINATION_EFFORT = (
    behaviour(f"effort of {posts}", base=1.0, over="leg")
    for posts in ("border posts", "the coast guard", "airports", "states on the way", "destination states")
)
"""Factors on the officers of each kind of post, by leg."""

FORGERIES_FOUND = behaviour("forged documents found in addition", base=0.0, over="leg", bounds=(0.0, 1.0))
"""Share on legs travelled on papers; forging them becomes dearer too."""

RESCUED = behaviour("deaths avoided by rescue", base=0.0, over="leg", bounds=(0.0, 1.0))
"""Share on legs by sea."""


def _patrol(
    moves: Effective, name: str, guards: tuple[str, ...], who: str, systems: tuple[str, ...] = ("S8", "S10", "S19")
) -> Lever:
    """Declare a lever that multiplies the officers of certain kinds of post."""
    return lever(
        name,
        unit="multiple of effort",
        bounds=(0.0, 10.0),
        combine="multiply",
        moves=moves,
        unit_cost=1.5,
        cost_unit="rupee of pay of the officers added",
        cost_counted="booked",
        text=f"Multiplies the officers of {who} on the legs named that they guard; additions partly wear off.",
        systems=systems,
        guards=guards,
        signals=(("failure", 0.4),),
    )


BORDER_PATROL = _patrol(BORDER_EFFORT, "border_patrol", ("border_post",), "Pakistan's border posts")
COASTAL_PATROL = _patrol(COASTAL_EFFORT, "coastal_patrol", ("coast_guard",), "Pakistan's coast guard")
AIRPORT_SCREENING = _patrol(AIRPORT_EFFORT, "airport_screening", ("airport",), "Pakistan's airport immigration")
TRANSIT_BORDER_CONTROL = _patrol(TRANSIT_EFFORT, "transit_border_control", ("transit",), "the states on the way")
DESTINATION_BORDER_CONTROL = _patrol(
    DESTINATION_EFFORT, "destination_border_control", ("destination",), "the destination states", ("S8", "S18", "S19")
)

PATROLS = (BORDER_PATROL, COASTAL_PATROL, AIRPORT_SCREENING, TRANSIT_BORDER_CONTROL, DESTINATION_BORDER_CONTROL)
"""Levers that add officers, each for its kinds of post."""

DOCUMENT_SECURITY = lever(
    "document_security",
    unit="share of forged documents found in addition",
    bounds=(0.0, 1.0),
    combine="add",
    moves=FORGERIES_FOUND,
    unit_cost=4.0e7,
    cost_unit="leg and all documents checked, a month",
    text="Detects forged and fraudulent documents on the legs named that are travelled on papers; they become dearer.",
    systems=("S7", "S10", "S19"),
    needs="documents",
    signals=(("failure", 0.5),),
)

SEARCH_AND_RESCUE = lever(
    "search_and_rescue",
    unit="share of deaths avoided",
    bounds=(0.0, 1.0),
    combine="add",
    moves=RESCUED,
    unit_cost=2.5e8,
    cost_unit="leg and all deaths avoided, a month",
    text="Saves the lives of travellers on the sea legs named; those rescued travel on.",
    systems=("S8", "S19"),
    needs="by_sea",
    signals=(("death", -0.5),),
)
