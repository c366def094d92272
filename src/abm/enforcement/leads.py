"""Leads: witnesses who name an office, circles' own intelligence, and losses on the way to the circle in charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.enforcement.circles import CirclesState
from abm.enforcement.enforcement_params import EnforcementParams
from abm.enforcement.kernels.enforcement import (
    FOR_CAUGHT,
    FOR_CHEATED,
    FOR_RETURNEE,
    gather_intelligence,
    hand_over,
    people_name_offices,
)
from abm.enforcement.law.law import LawOutcomes
from abm.enforcement.law.month_law import SMUGGLING, law_of, note_caseload, willing_share
from abm.enforcement.outcomes import EnforcementOutcomes
from abm.enforcement.sanctions import SanctionsState
from abm.journeys.journey import JourneyState
from abm.market.tables import MarketTables
from abm.market.transit_offices import leads_of_travellers
from abm.places.series import HOME_COUNTRY
from abm.routes.travel import TravelState
from abm.world.codes import NEWS_CHEATED, STREAM_CASE, STREAM_JURISDICTION

if TYPE_CHECKING:
    from abm.world.state import World


def gather_leads(world: World) -> np.ndarray:
    """Gather the month's leads; return those that reach a circle, by office."""
    offices, key = world[MarketTables].offices, world.key(STREAM_CASE)
    leads = np.zeros(offices.state.size, np.int64)
    bold = 1.0 - world.params(EnforcementParams).chill * world[SanctionsState].risk
    spared = willing_share(world, SMUGGLING)
    willing = bold * spared
    _from_apprehended(world, willing, key, leads)
    _from_returnees(world, willing, key, leads)
    _from_cheated(world, willing, key, leads)
    # foreigners have no home district: their cooperation is that of the strictest
    leads += leads_of_travellers(world, world.params(EnforcementParams).cooperation, bold * float(spared.min()))
    circle, kept = world[CirclesState].in_charge
    covered = np.where(kept >= 1.0, circle, -1)
    gather_intelligence(offices, covered, world[CirclesState].expected_leads, key, leads)
    found = np.bincount(offices.district, leads, world.district_count).astype(np.int64)
    disputed, lost = np.zeros(world.district_count, np.int64), np.zeros(world.district_count, np.int64)
    hand_over(offices, leads, law_of(world).clarity[SMUGGLING], world.key(STREAM_JURISDICTION), disputed)
    hand_over(offices, leads, kept, key, lost)
    world.figures |= {
        EnforcementOutcomes.leads: found,
        EnforcementOutcomes.leads_lost: lost,
        LawOutcomes.leads_lost_to_jurisdiction: disputed,
    }
    note_caseload(world, SMUGGLING, found - disputed - lost)
    return leads


def _from_apprehended(world: World, willing: np.ndarray, key: np.uint64, leads: np.ndarray) -> None:
    """Leads from those stopped on a leg in Pakistan, questioned at once."""
    caught = world[JourneyState].caught
    if not caught.row.size:
        return
    at_home = np.array([leg.country == HOME_COUNTRY for leg in world.leg_facts])[caught.leg]
    chance = np.where(at_home, world.params(EnforcementParams).cooperation * willing[caught.district], 0.0)
    people_name_offices(
        caught.row,
        caught.leg,
        caught.persons,
        caught.office,
        chance,
        world[MarketTables].offices,
        key,
        FOR_CAUGHT,
        leads,
    )


def _from_returnees(world: World, willing: np.ndarray, key: np.uint64, leads: np.ndarray) -> None:
    """Leads from those sent home this month, from the journey or from abroad."""
    columns, count = world[TravelState].returnees.columns, world[TravelState].returnees.count
    now = columns.since[:count] == world.t
    rows = columns.row[:count][now]
    chance = world.params(EnforcementParams).returnee_cooperation * willing[columns.district[:count][now]]
    people_name_offices(
        rows,
        columns.kind[:count][now].astype(np.int64),
        columns.persons[:count][now].astype(np.int64),
        columns.office[:count][now].astype(np.int64),
        chance,
        world[MarketTables].offices,
        key,
        FOR_RETURNEE,
        leads,
    )


def _from_cheated(world: World, willing: np.ndarray, key: np.uint64, leads: np.ndarray) -> None:
    """Leads from clients cheated this month."""
    rows, persons, place, office = world.news.of(NEWS_CHEATED)
    chance = world.params(EnforcementParams).complaint * willing[world.villages.district[world.villages_of(rows)]]
    people_name_offices(
        rows, np.abs(place), persons, office, chance, world[MarketTables].offices, key, FOR_CHEATED, leads
    )
