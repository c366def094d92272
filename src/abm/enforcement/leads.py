"""Leads on offices, and sanctions of those sent home, which silence witnesses.

Witnesses name an office, to a circle or to the police; circles find leads themselves; and some are lost on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.departure import charge_households
from abm.enforcement.circles import CirclesState
from abm.enforcement.declarations import PUNISHED_IN_ADDITION, EnforcementOutcomes, EnforcementParams
from abm.enforcement.kernels.enforcement import (
    FOR_CAUGHT,
    FOR_CHEATED,
    FOR_RETURNEE,
    PURPOSE,
    decay,
    draw_sanctions,
    gather_intelligence,
    hand_over,
    people_name_offices,
    witnesses,
)
from abm.enforcement.law.bureaus import BureausState
from abm.enforcement.law.jurisdiction import JurisdictionState, desks_of
from abm.enforcement.law.law import LawOutcomes, offender_share
from abm.enforcement.law.month_law import SMUGGLING, note_caseload, note_facing, willing_share
from abm.enforcement.law.regime import FIA
from abm.engine.elementwise import successes
from abm.engine.sums import sum_by
from abm.engine.tables import widen
from abm.journeys import JourneyState
from abm.market import MarketTables, kept_by_office, leads_of_travellers
from abm.places.drivers import HOME_COUNTRY
from abm.routes import Returnees, TravelState
from abm.world.codes import NEWS_CHEATED, NEWS_SANCTIONED, REMOVED_ELSEWHERE, STREAM_CASE, STREAM_JURISDICTION

if TYPE_CHECKING:
    from abm.world.state import World


class SanctionsState(State):
    """Risk of punishment on return."""

    risk: Held[float] = monthly(
        unit="probability",
        text="Punishment of those sent home, as of last month.",
        neutral=lambda world: world.params(EnforcementParams).sanction if world.config.enabled("enforcement") else 0.0,
    )


class DesksState(State):
    """Leads on offices that no circle has taken up."""

    elsewhere: Held[np.ndarray] = kept_by_office(
        unit="lead",
        text="Leads on each office that lie at the police, or at a circle that waits for the police.",
        start=0,
    )
    office_key: Held[np.ndarray] = kept(
        unit="id", text="Office that they are on.", over=("office",),
        start=lambda world: world[MarketTables].offices.key.copy(),
    )  # fmt: skip


def sanction_risk(world: World) -> float:
    """Probability that those sent home this month are punished; 0 if enforcement is off."""
    if not world.config.enabled("enforcement"):
        return 0.0
    by_law = world.params(EnforcementParams).sanction * offender_share(world)
    return min(by_law + float(world.now(PUNISHED_IN_ADDITION)[0]), 1.0)


def sanction_migrants(world: World) -> Returnees:
    """Punish some of those sent home this month: they pay, and others hear of it. Returns those sent home."""
    share = world[SanctionsState].risk = sanction_risk(world)
    now, home = sent_home(world)
    note_facing(world, sum_by(home.district, home.persons, world.district_count))
    punished, marked = np.zeros(now.size, np.int64), np.zeros(now.size, np.bool_)
    known = witnesses(home.row, home.kind, home.office)
    draw_sanctions(known, home.persons, share, world.key(STREAM_CASE), punished, marked)
    world[TravelState].returnees.columns.status[now] = marked
    fines = (world.params(EnforcementParams).fine * punished).astype(np.int64)
    paid = charge_households(world, home.row, fines, punished, home.district, on_credit=True)
    world.ledger.pay("households", "government", "fine", int(paid.sum()))
    world.news.report(NEWS_SANCTIONED, home.row, punished, np.full(now.size, -1), home.office)
    world.figures[EnforcementOutcomes.sanctioned] = sum_by(home.district, punished, world.district_count)
    return home


def sent_home(world: World) -> tuple[np.ndarray, Returnees]:
    """Those sent home this month, from the way or after a stay without papers where an irregular route leads.

    Returns their rows in the table of returnees, and copies of them as 64-bit numbers.
    """
    returnees = world[TravelState].returnees.rows
    now = np.flatnonzero((returnees.since == world.t) & (returnees.kind != REMOVED_ELSEWHERE))
    return now, widen(returnees, now)


def gather_leads(world: World, home: Returnees) -> np.ndarray:
    """Gather the month's leads, also from those sent `home`; return those that reach a circle, by office."""
    params, offices, key = world.params(EnforcementParams), world[MarketTables].offices, world.key(STREAM_CASE)
    leads = np.zeros(offices.state.size, np.int64)
    bold = 1.0 - params.chill * world[SanctionsState].risk
    spared = willing_share(world, SMUGGLING)
    willing = bold * spared
    # those stopped on a leg in Pakistan, questioned at once; those sent home, from the journey or abroad; the cheated
    caught = world[JourneyState].caught
    at_home = (world.leg_table.country == HOME_COUNTRY)[caught.leg]
    # those who go home from there are asked once more, as returnees
    asked_first = params.cooperation - caught.home * min(params.returnee_cooperation, params.cooperation)
    chance = at_home * (asked_first * willing[caught.district])
    known = witnesses(caught.row, caught.leg, caught.office)
    people_name_offices(known, caught.persons, caught.office, chance, offices, key, FOR_CAUGHT, leads)
    chance = params.returnee_cooperation * willing[home.district]
    known = witnesses(home.row, home.kind, home.office)
    people_name_offices(known, home.persons, home.office, chance, offices, key, FOR_RETURNEE, leads)
    rows, persons, place, office = world.news.of(NEWS_CHEATED)
    chance = params.complaint * willing[world.villages.district[world.villages_of(rows)]]
    known = witnesses(rows, np.abs(place), office)
    people_name_offices(known, persons, office, chance, offices, key, FOR_CHEATED, leads)
    # foreigners have no home district: their cooperation is that of the strictest
    leads += leads_of_travellers(world, params.cooperation, bold * float(spared.min()))
    leads, elsewhere, faded = _reach_circles(world, leads)
    circles = world[CirclesState]
    circle, reached = circles.in_charge
    covered = np.where(reached >= 1.0, circle, -1)
    gather_intelligence(offices, covered, circles.expected_leads, circles.added_leads, key, leads)
    reach, lost = sum_by(offices.district, leads, world.district_count), np.zeros(world.district_count, np.int64)
    hand_over(leads, offices.district, offices.key, reached, key, lost)
    world.figures |= {
        EnforcementOutcomes.leads: reach + elsewhere,
        EnforcementOutcomes.leads_lost: lost,
        LawOutcomes.leads_lost_to_jurisdiction: faded,
    }
    note_caseload(world, SMUGGLING, reach - lost)
    return leads


def _reach_circles(world: World, reported: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leads on offices that circles take up now, by office; those reported elsewhere and those that faded, by district.

    What witnesses tell circles they get at once; the rest lies elsewhere, fades, or is passed on.
    """
    if not world.config.enabled("law"):
        return reported, *np.zeros((2, world.district_count), np.int64)
    offices, state = world[MarketTables].offices, world[DesksState]
    desks = world[JurisdictionState].desks = desks_of(world)
    home, key, fia = offices.district, world.key(STREAM_JURISDICTION), world[BureausState].bureaus.services.index(FIA)
    waiting = state.elsewhere
    waiting[offices.key != state.office_key] = 0
    some = (waiting + reported > 0).nonzero()[0]
    before, new, number, home = waiting[some], reported[some], offices.key[some], home[some]
    heard, takes, refers = (part[fia, SMUGGLING][home] for part in (desks.heard, desks.takes, desks.refers))
    kept = successes(before, decay(world.params(EnforcementParams).lead_life), key, PURPOSE + number)
    direct = successes(new, heard * takes, key, number)
    passed = successes(kept, refers * takes, key, 2 * PURPOSE + number)
    waiting[some], reached = kept - passed + new - direct, np.zeros(reported.size, np.int64)
    reached[some] = direct + passed
    state.office_key = offices.key.copy()
    districts = world.district_count
    return reached, sum_by(home, new - direct - passed, districts), sum_by(home, before - kept, districts)
