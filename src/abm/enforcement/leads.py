"""Leads: witnesses who name an office, circles' own intelligence, and losses on the way to the circle in charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, monthly
from abm.enforcement.circles import CirclesState
from abm.enforcement.declarations import PUNISHED_IN_ADDITION, EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import (
    FOR_CAUGHT,
    FOR_CHEATED,
    FOR_RETURNEE,
    charge_households,
    draw_punished,
    gather_intelligence,
    hand_over,
    people_name_offices,
)
from abm.enforcement.law.law import LawOutcomes, offender_share
from abm.enforcement.law.month_law import SMUGGLING, law_of, note_caseload, willing_share
from abm.journeys import JourneyState
from abm.market import MarketTables, leads_of_travellers
from abm.places.series import HOME_COUNTRY
from abm.routes import TravelState
from abm.world.codes import NEWS_CHEATED, NEWS_SANCTIONED, STREAM_CASE, STREAM_JURISDICTION

if TYPE_CHECKING:
    from abm.world.state import World


class SanctionsState(State):
    """Risk of punishment on return."""

    risk: Held[float] = monthly(
        unit="probability",
        text="Punishment of those sent home, as of last month.",
        neutral=lambda world: world.params(EnforcementParams).sanction if world.config.enabled("enforcement") else 0.0,
    )


def sanction_risk(world: World) -> float:
    """Probability that those sent home this month are punished; 0 if enforcement is off."""
    if not world.config.enabled("enforcement"):
        return 0.0
    by_law = world.params(EnforcementParams).sanction * offender_share(world)
    return min(by_law + float(world.now(PUNISHED_IN_ADDITION)[0]), 1.0)


def sanction_migrants(world: World) -> None:
    """Punish some of those sent home this month: they pay, and others hear of it."""
    share = sanction_risk(world)
    world[SanctionsState].risk = share
    columns, count = world[TravelState].returnees.columns, world[TravelState].returnees.count
    now = np.flatnonzero(columns.since[:count] == world.t)
    rows, districts = columns.row[now], columns.district[now].astype(np.int64)
    persons, kinds = columns.persons[now].astype(np.int64), columns.kind[now].astype(np.int64)
    punished, status = np.zeros(now.size, np.int64), np.zeros(now.size, np.uint8)
    draw_punished(rows, kinds, persons, share, world.key(STREAM_CASE), punished, status)
    columns.status[now] = status
    paid, borrowed = np.zeros(now.size, np.int64), np.zeros(now.size, np.int64)
    charge_households(
        rows, punished, world.params(EnforcementParams).fine, world.weight[districts], world.households, paid, borrowed
    )
    world.ledger.lend(int(borrowed.sum()))
    world.ledger.pay("households", "government", "fine", int(paid.sum()))
    nowhere = np.full(now.size, -1)
    world.news.tell(NEWS_SANCTIONED, rows, punished, nowhere, columns.office[now].astype(np.int64))
    world.figures[EnforcementOutcomes.sanctioned] = np.bincount(districts, punished, world.district_count).astype(
        np.int64
    )


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
