"""Cases of trafficking and bonded labour as counts, from lead to judgment, and enforcement records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement.circles import skill_of_posts
from abm.enforcement.declarations import EnforcementOutcomes, EnforcementParams, StreamCasesParams, add_figures
from abm.enforcement.docket import open_docket
from abm.enforcement.kernels.enforcement import MOST_OTHERS, PURPOSE, decay, successes
from abm.enforcement.law.agencies import AgenciesState, officers_by_bureau
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.law import LawOutcomes, disputed_time
from abm.enforcement.law.month_law import (
    BONDED_LABOUR,
    STREAMS,
    LawState,
    law_of,
    note_caseload,
    take_leads,
    tell_convictions,
)
from abm.enforcement.prosecution import ProsecutionParams, conviction_probability, due_in_court, speed
from abm.world.codes import STREAM_CAPACITY, STREAM_STREAM_CASE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class StreamCasesState(State):
    """Cases of trafficking and bonded labour."""

    stages: Held[Stages] = kept(
        text="Investigations and trials in other streams.", start=lambda world: Stages.of(world.district_count)
    )


class StreamCasesOutcomes(Outcomes):
    """Cases in other streams, and the FIA's records."""

    stream_leads = outcome(unit="lead", over="district", text="Leads on trafficking and bonded labour.")
    stream_investigations = outcome(unit="case", over="district", text="Investigations of these begun.")
    stream_arrests = outcome(unit="person", over="district", text="Persons arrested in them.")
    stream_prosecutions = outcome(unit="person", over="district", text="Of these, brought to court.")
    stream_convictions = outcome(unit="person", over="district", text="Of these, convicted.")
    victims_recognised = outcome(
        unit="person", over="district",
        text="Persons found in these investigations and treated as victims, not as offenders.",
    )  # fmt: skip
    victims_prosecuted = outcome(
        unit="person",
        over="district",
        text="Charged as offenders: migrants sent home or stopped with forged papers (as shipped, most of them), and "
        "trafficked and bonded persons found in cases; not part of `victims_identified`.",
    )
    cases_registered = outcome(
        unit="case", over="district",
        text="FIA cases: offices investigated, migrants charged, groups stopped, and its part of other streams.",
    )  # fmt: skip
    arrests_all = outcome(
        unit="person", over="district",
        text="All accused arrested by the FIA: agents, migrants charged, and its part of other streams.",
    )  # fmt: skip


class StreamCases(Mechanism):
    """Agencies follow leads on trafficking and bonded labour; all cases and arrests are recorded."""

    section = "stream_cases"
    Params = StreamCasesParams
    systems = ("S10", "S11", "S17")
    on_by_default = False
    outcomes = StreamCasesOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Follow the leads of the month, charge, judge and record."""
        if not world.config.enabled(StreamCases.section):
            return
        state = world[StreamCasesState].stages
        world.figures[StreamCasesOutcomes.stream_convictions] = np.zeros(world.district_count, np.int64)
        leads = _gather(world)
        note_caseload(world, slice(None), leads)
        begun = _begin(world, state, leads)
        arrested = _end(world, state)
        state.running += begun
        charged = _find_victims(world, begun)
        _try(world, state, arrested)
        _write_record(world, begun, arrested, charged)


@dataclass
class Stages:
    """Cases by stage; arrays of whole numbers by stream and district."""

    waiting: np.ndarray
    """Leads not yet followed."""
    running: np.ndarray
    """Investigations under way."""
    accused: list[tuple[float, bool, np.ndarray]] = field(default_factory=list)
    """Months at ordinary speed since the arrest, whether in court, and persons."""

    @classmethod
    def of(cls, districts: int) -> Stages:
        """No cases."""
        return cls(*np.zeros((2, len(STREAMS), districts), np.int64))


def draw(world: World, trials: np.ndarray, chance: np.ndarray | float, purpose: int) -> np.ndarray:
    """Draw successes by stream and district; each purpose has its own draws."""
    entity = purpose * PURPOSE + np.arange(trials.size)
    odds = np.broadcast_to(chance, trials.shape).ravel()
    return successes(trials.ravel(), odds, world.key(STREAM_STREAM_CASE), entity).reshape(trials.shape)


def _write_record(world: World, begun: np.ndarray, arrested: np.ndarray, charged: np.ndarray) -> None:
    """Record the FIA's cases and arrests: against offices and migrants, and its part of the others."""
    docket, figures, nothing = open_docket(world), world.figures, np.zeros(world.district_count, np.int64)
    officers = _officers(world)
    part = _of_fia(world, officers)
    cases = draw(world, begun, part, FOR_FIA).sum(axis=0)
    persons = draw(world, arrested, _of_fia(world, officers * _skill(world)), FOR_FIA_PERSONS)
    persons += draw(world, charged, part, FOR_FIA_CHARGES)
    against_offices = figures.get(EnforcementOutcomes.investigations, nothing)
    of_offices = figures.get(EnforcementOutcomes.arrests, nothing)
    figures |= {
        StreamCasesOutcomes.victims_prosecuted: docket.charged + charged.sum(axis=0),
        StreamCasesOutcomes.cases_registered: against_offices + cases + docket.charged + docket.registered,
        StreamCasesOutcomes.arrests_all: of_offices + persons.sum(axis=0) + docket.arrested,
    }


def _of_fia(world: World, by_bureau: np.ndarray) -> np.ndarray:
    """Part of the FIA's circles in a total over bureaus, by stream and district."""
    bureaus = world[BureausState].bureaus
    of_fia = by_bureau[bureaus.post >= 0].sum(axis=0) / np.maximum(by_bureau.sum(axis=0), 1e-12)
    return of_fia[:, bureaus.province]


def _gather(world: World) -> np.ndarray:
    """Take the leads handed in by streams, and those on the employers of families released by a court.

    Doubt about competence costs some of the former; it has already reduced the releases.
    """
    leads = np.zeros((len(STREAMS), world.district_count), np.int64)
    for stream, found in take_leads(world).items():
        leads[STREAMS.index(stream)] += found
    kept = draw(world, leads, law_of(world).clarity, FOR_JURISDICTION)
    lost = {LawOutcomes.leads_lost_to_jurisdiction: (leads - kept).sum(axis=0)}
    add_figures(world, lost | {StreamCasesOutcomes.stream_leads: leads.sum(axis=0)})
    return kept + _from_courts(world)


def _from_courts(world: World) -> np.ndarray:
    """Leads on the employers of families released by a court."""
    freed = np.zeros((len(STREAMS), world.district_count), np.int64)
    freed[BONDED_LABOUR] = world[LawState].freed_by_courts
    leads = draw(world, freed, world.params(StreamCasesParams).court_leads, FOR_COURT)
    add_figures(world, {StreamCasesOutcomes.stream_leads: leads.sum(axis=0)})
    return leads


def _begin(world: World, state: Stages, leads: np.ndarray) -> np.ndarray:
    """Begin investigations as officers have time; waiting leads are gradually forgotten."""
    kept = decay(world.params(EnforcementParams).lead_life)
    state.waiting = draw(world, state.waiting, kept, FOR_MEMORY) + leads
    free = _free_places(world, state)
    begun = np.zeros_like(leads)
    offset = world.draws(STREAM_CAPACITY, np.arange(free.size, dtype=np.int64)).reshape(free.shape)
    for place in range(len(PROVINCE_KEYS)):
        here = world[BureausState].bureaus.province == place
        waiting = state.waiting[:, here]
        share = np.minimum(free[:, place] / np.maximum(waiting.sum(axis=1), 1), 1.0)
        # evenly spread over the cases in order of districts: a start, then every so many
        upto = np.floor(np.cumsum(waiting, axis=1) * share[:, None] + offset[:, place][:, None]).astype(np.int64)
        begun[:, here] = np.minimum(np.diff(upto, axis=1, prepend=0), waiting)
    state.waiting -= begun
    world.figures[StreamCasesOutcomes.stream_investigations] = begun.sum(axis=0)
    return begun


def _free_places(world: World, state: Stages) -> np.ndarray:
    """Investigations that may begin, by stream and province; a fraction means one in some months."""
    bureaus = world[BureausState].bureaus
    number = np.maximum(np.bincount(bureaus.province, minlength=len(PROVINCE_KEYS)), 1)
    time = 1.0 - bureaus.by_province(disputed_time(world)) / number
    capacity = _officers(world).sum(axis=0) * world.params(StreamCasesParams).caseload * time
    return np.maximum(capacity - bureaus.by_province(state.running), 0.0)


def _officers(world: World) -> np.ndarray:
    """Officers who follow cases, in full time, by bureau, stream and province."""
    return officers_by_bureau(world, world[BureausState].bureaus.time, world[AgenciesState].present)


def _skill(world: World) -> np.ndarray:
    """Share of the accused whom officers find, shape (bureaus, 1, 1): by circle; other agencies find all."""
    row = world[BureausState].bureaus.post
    return np.where(row >= 0, skill_of_posts(world)[row], 1.0)[:, None, None]


def _end(world: World, state: Stages) -> np.ndarray:
    """End some earlier investigations; return the persons arrested.

    All end with the same hazard. With a fixed length, investigations begun together would end together, and busy
    officers would repeat that cycle for ever.
    """
    params = world.params(StreamCasesParams)
    due = draw(world, state.running, 1.0 / params.months, FOR_END)
    state.running = state.running - due
    officers = _officers(world)
    there = officers.sum(axis=0)
    skill = np.where(there > 0.0, (officers * _skill(world)).sum(axis=0) / np.maximum(there, 1e-12), 1.0)
    solved = draw(world, due, params.solving * skill[:, world[BureausState].bureaus.province], FOR_SOLVING)
    arrested = solved + draw(world, solved * MOST_OTHERS, (params.accused - 1.0) / MOST_OTHERS, FOR_ACCUSED)
    world.figures[StreamCasesOutcomes.stream_arrests] = arrested.sum(axis=0)
    return arrested


def _find_victims(world: World, begun: np.ndarray) -> np.ndarray:
    """Find those exploited; return those charged as offenders."""
    params = world.params(StreamCasesParams)
    found = draw(world, begun * MOST_VICTIMS, params.victims / MOST_VICTIMS, FOR_VICTIMS)
    charged = draw(world, found, law_of(world).offender * params.charging, FOR_CHARGES)
    world.figures[StreamCasesOutcomes.victims_recognised] = (found - charged).sum(axis=0)
    return charged


def _try(world: World, state: Stages, arrested: np.ndarray) -> None:
    """Charge and judge at the speed of the courts, and report convictions to the streams."""
    guilty = np.zeros_like(arrested)
    prosecuted = np.zeros(world.district_count, np.int64)
    if world.config.enabled("prosecution"):
        params = world.params(ProsecutionParams)
        waiting: list[tuple[float, bool, np.ndarray]] = []
        judged = np.zeros_like(arrested)
        for progress, in_court, persons in state.accused:
            now = progress + speed(world)
            charge, judgment = due_in_court(params, in_court, now)
            if charge:
                prosecuted += persons.sum(axis=0)
                waiting.append((0.0, True, persons))
            elif judgment:
                judged = judged + persons
            else:
                waiting.append((now, in_court, persons))
        state.accused = [*waiting, (0.0, False, arrested)]
        guilty = draw(world, judged, conviction_probability(world), FOR_VERDICT)
        world.figures[StreamCasesOutcomes.stream_convictions] = guilty.sum(axis=0)
    world.figures[StreamCasesOutcomes.stream_prosecutions] = prosecuted
    tell_convictions(world, guilty)


FOR_COURT, FOR_JURISDICTION, FOR_MEMORY, FOR_SOLVING, FOR_ACCUSED, FOR_VICTIMS, FOR_CHARGES, FOR_VERDICT = range(1, 9)
FOR_FIA, FOR_FIA_PERSONS, FOR_FIA_CHARGES, FOR_END = 9, 10, 11, 12

MOST_VICTIMS = 10
"""Upper bound on the persons found in a case."""
