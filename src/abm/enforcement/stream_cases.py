"""Cases of trafficking and bonded labour as counts, from lead to judgment, and enforcement records."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Outcomes, outcome
from abm.declare.state import Held, State, kept
from abm.enforcement.circles import skill_of_posts
from abm.enforcement.declarations import EnforcementOutcomes, EnforcementParams, StreamCasesParams, add_figures
from abm.enforcement.docket import open_docket
from abm.enforcement.kernels.enforcement import MOST_OTHERS, PURPOSE, begin_cases, decay
from abm.enforcement.law.agencies import AgenciesState, officers_by_bureau, taken_bribes
from abm.enforcement.law.bureaus import PROVINCE_KEYS, BureausState
from abm.enforcement.law.jurisdiction import JurisdictionState
from abm.enforcement.law.law import LawOutcomes
from abm.enforcement.law.month_law import (
    BONDED_LABOUR,
    STREAMS,
    LawState,
    law_of,
    note_caseload,
    note_facing,
    take_leads,
)
from abm.enforcement.law.regime import FIA
from abm.enforcement.prosecution import ProsecutionParams, conviction_probability, due_in_court, speed
from abm.engine.elementwise import successes
from abm.engine.sums import add_rows
from abm.world.codes import STREAM_CAPACITY, STREAM_STREAM_CASE
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class StreamCasesState(State):
    """Cases of trafficking and bonded labour."""

    stages: Held[Stages] = kept(
        text="Leads, investigations and trials in other streams.", start=lambda world: Stages.of(world)
    )


COUNTS = {
    "cases": ("case", "Investigations begun"),
    "arrests": ("person", "Persons arrested"),
    "convictions": ("person", "Persons convicted"),
    "victims": ("person", "Persons found and treated as victims"),
    "charged": ("person", "Persons found and charged as offenders"),
}
"""What is recorded by service and stream: unit and text."""

RECORDED = {
    "fia": ("trafficking_abroad", "trafficking_domestic"),
    "provincial_police": ("trafficking_abroad", "trafficking_domestic", "bonded_labour"),
    "social_welfare": ("trafficking_domestic", "bonded_labour"),
    "child_protection": ("trafficking_domestic",),
    "labour_inspection": ("bonded_labour",),
}
"""Streams recorded by service: those for which a shipped law empowers it. Others count in the totals."""


persons = partial(outcome, unit="person", over="district")


class StreamCasesOutcomes(Outcomes):
    """Cases in other streams, and the FIA's records."""

    stream_leads = outcome(unit="lead", over="district", text="Leads on trafficking and bonded labour.")
    stream_leads_lost = outcome(
        unit="lead", over="district", text="Of these, those that faded at a service that had no officer for them."
    )
    stream_investigations = outcome(unit="case", over="district", text="Investigations of these begun.")
    stream_arrests = persons(text="Persons arrested in them.")
    stream_prosecutions = persons(text="Of these, brought to court.")
    stream_convictions = persons(text="Of these, convicted.")
    victims_recognised = persons(text="Persons found in these investigations and treated as victims, not as offenders.")
    victims_prosecuted = persons(
        text="Charged as offenders: migrants sent home or stopped with forged papers (as shipped, most of them), and "
        "trafficked and bonded persons found in cases; not part of `victims_identified`."
    )
    cases_registered = outcome(
        unit="case", over="district",
        text="FIA cases: offices investigated, migrants charged, groups stopped, and its part of other streams.",
    )  # fmt: skip
    arrests_all = persons(
        text="All accused arrested by the FIA: agents, migrants charged, and its part of other streams."
    )
    of_services = tuple(
        outcome(
            f"{what}_{service}_{stream}", unit=unit, over="national",
            text=f"{text} by {service.replace('_', ' ')} in cases of {stream.replace('_', ' ')}.",
        )
        for what, (unit, text) in COUNTS.items() for service, streams in RECORDED.items() for stream in streams
    )  # fmt: skip
    """Each of `COUNTS` by service and stream, as far as `RECORDED` has them."""


class StreamCases(Mechanism):
    r"""Agencies follow leads on trafficking and bonded labour; all cases and arrests are recorded.

    Outcomes by service and crime: `fia` for `trafficking_abroad` and `trafficking_domestic`, `provincial_police` for
    these and `bonded_labour`, `social_welfare` for the last two, `child_protection` for `trafficking_domestic`,
    `labour_inspection` for `bonded_labour`.

    Notes
    -----
    Cases are counts by service, crime and district; shares are drawn. Leads land on desks and are taken up as in "Law".
    In a province a service begins as many as its officers times `caseload` exceed the investigations under way. Other
    leads fade by half in `enforcement.lead_life` months; in each, one in `law.transfer` of those at a service without
    power or officers goes to one in charge. As it begins, an investigation finds $\mathrm{Bin}(10, v/10)$ victims; the
    law's share of offenders times `charging` is charged. It ends with the chance $1/\tau$ a month, and then with the
    chance $\sigma g$ in the arrest of $1 + \mathrm{Bin}(8, (\alpha-1)/8)$ persons, tried as in "Prosecution", with $g$
    the share whom officers find and do not let go for a bribe. $v$, $\tau$, $\sigma$, $\alpha$ are `victims`, `months`,
    `solving`, `accused`.

    Of $n$ migrants sent home a month to districts of a circle, mean of a year, each is charged with the chance

    $$
    o \left( 1 - e^{-\kappa b (1 - \gamma G / \sum \kappa b) / n} \right)
    $$

    with $b$ its idle officers (those added to a district with the $n$ of that district), the sum over the province, $G$
    groups stopped there, $o$ the law's share of offenders, $\kappa$ `docket`, $\gamma$ `group_work`.
    """

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
        state, bureaus = world[StreamCasesState].stages, world[BureausState].bureaus
        officers = officers_by_bureau(world, bureaus.staff, bureaus.time, world[AgenciesState].present)
        leads = _gather(world)
        note_caseload(world, slice(None), leads)
        arrested = _end(world, state, officers)
        begun = _begin(world, state, leads, officers)
        state.running += begun
        recognised, charged = _find_victims(world, begun)
        guilty = _try(world, state, arrested)
        _write_record(world, (begun, arrested, guilty, recognised, charged))


@dataclass
class Stages:
    """Cases by stage; arrays of whole numbers by service, stream and district."""

    waiting: np.ndarray
    """Leads on the desks of services."""
    running: np.ndarray
    """Investigations under way."""
    accused: list[tuple[float, bool, np.ndarray]] = field(default_factory=list)
    """Months at ordinary speed since the arrest, whether in court, and persons."""

    @classmethod
    def of(cls, world: World) -> Stages:
        """No cases."""
        shape = (len(world[BureausState].bureaus.services), len(STREAMS), world.district_count)
        return cls(*np.zeros((2, *shape), np.int64))


def draw(world: World, trials: np.ndarray, chance: np.ndarray | float, purpose: int) -> np.ndarray:
    """Draw successes of counts of any shape; each purpose has its own draws."""
    entity = purpose * PURPOSE + np.arange(trials.size)
    return successes(trials, chance, world.key(STREAM_STREAM_CASE), entity)


def spread(world: World, counts: np.ndarray, shares: np.ndarray, purpose: int) -> np.ndarray:
    """Divide whole counts by stream and district over services without loss; the mean is exact.

    `shares` by service sum to one. Each purpose has its own draws.
    """
    offset = world.draws(STREAM_STREAM_CASE, purpose * PURPOSE + np.arange(counts.size)).reshape(counts.shape)
    upto = np.floor(np.minimum(np.cumsum(shares, axis=0), 1.0) * counts + offset).astype(np.int64)
    upto[-1] = counts
    upto = np.minimum(upto, counts)
    upto[1:] -= upto[:-1].copy()
    return upto


def _write_record(world: World, counts: tuple[np.ndarray, ...]) -> None:
    """Record cases, arrests, convictions, and victims recognised and charged; and those that the FIA registers.

    Against offices and migrants the FIA has cases besides those of other streams.
    """
    begun, arrested, guilty, recognised, charged = counts
    docket, figures, nothing = open_docket(world), world.figures, np.zeros(world.district_count, np.int64)
    fia = world[BureausState].bureaus.services.index(FIA)
    against_offices = figures.get(EnforcementOutcomes.investigations, nothing)
    of_offices = figures.get(EnforcementOutcomes.arrests, nothing)
    figures |= {
        StreamCasesOutcomes.stream_investigations: begun.sum(axis=(0, 1)),
        StreamCasesOutcomes.stream_arrests: arrested.sum(axis=(0, 1)),
        StreamCasesOutcomes.stream_convictions: guilty.sum(axis=(0, 1)),
        StreamCasesOutcomes.victims_recognised: recognised.sum(axis=(0, 1)),
        StreamCasesOutcomes.victims_prosecuted: docket.charged + charged.sum(axis=(0, 1)),
        StreamCasesOutcomes.cases_registered: against_offices
        + begun[fia].sum(axis=0) + docket.charged + docket.registered,
        StreamCasesOutcomes.arrests_all: of_offices + (arrested + charged)[fia].sum(axis=0) + docket.arrested,
    }  # fmt: skip
    services = world[BureausState].bureaus.services
    sums = [each.sum(axis=2).tolist() for each in counts]
    places = [
        (services.index(service) if service in services else None, STREAMS.index(stream))
        for service, streams in RECORDED.items() for stream in streams
    ]  # fmt: skip
    values = [0 if row is None else each[row][stream] for each in sums for row, stream in places]
    figures |= dict(zip(StreamCasesOutcomes.of_services, values, strict=True))


def _gather(world: World) -> np.ndarray:
    """Take the leads handed in by streams, and those on the employers of families released by a court."""
    leads = take_leads(world)
    reported = world.params(StreamCasesParams).court_leads
    leads[BONDED_LABOUR] += draw(world, world[LawState].freed_by_courts, reported, FOR_COURT)
    world.figures[StreamCasesOutcomes.stream_leads] = leads.sum(axis=0)
    return leads


def _begin(world: World, state: Stages, leads: np.ndarray, officers: np.ndarray) -> np.ndarray:
    """Begin investigations where a service takes up a lead and has an officer for it; others fade or are passed on."""
    desks, kept = world[JurisdictionState].desks, decay(world.params(EnforcementParams).lead_life)
    state.waiting += spread(world, leads, desks.heard, FOR_DESKS)
    wanted = draw(world, state.waiting, desks.takes, FOR_TAKING)
    begun = _as_officers_are_free(world, state, wanted, officers)
    refused, declined = wanted - begun, state.waiting - wanted
    still_refused, still_declined = draw(world, refused, kept, FOR_MEMORY), draw(world, declined, kept, FOR_WAITING)
    add_figures(world, {LawOutcomes.leads_lost_to_jurisdiction: (declined - still_declined).sum(axis=(0, 1))})
    world.figures[StreamCasesOutcomes.stream_leads_lost] = (refused - still_refused).sum(axis=(0, 1))
    passed = draw(world, still_refused, desks.refers, FOR_REFERRAL)
    passed += draw(world, still_declined, desks.declines, FOR_PASSING)
    state.waiting = still_refused + still_declined - passed + spread(world, passed.sum(axis=0), desks.gets, FOR_HANDS)
    return begun


def _as_officers_are_free(world: World, state: Stages, wanted: np.ndarray, officers: np.ndarray) -> np.ndarray:
    """Investigations that begin, of those wanted: as many as officers of the service are free for in the province."""
    bureaus = world[BureausState].bureaus
    capacity = bureaus.by_service(officers) * world.params(StreamCasesParams).caseload
    running = np.zeros((state.running[..., 0].size, len(PROVINCE_KEYS)))
    add_rows(bureaus.province, state.running.reshape(-1, bureaus.province.size).T, running.T)
    free = np.maximum(capacity - running.reshape(capacity.shape), 0.0)
    offset = world.draws(STREAM_CAPACITY, np.arange(free.size, dtype=np.int64)).reshape(free.shape)
    begun = np.zeros_like(wanted)
    begin_cases(wanted, free, offset, bureaus.province, begun)
    return begun


def _skill(world: World) -> np.ndarray:
    """Share of the accused whom officers find and do not let go for a bribe, shape (bureaus, 1, 1).

    Circles find those that their skill allows; other agencies find all.
    """
    row = world[BureausState].bureaus.post
    found = np.where(row >= 0, skill_of_posts(world)[row], 1.0) * (1.0 - taken_bribes(world))
    return found[:, None, None]


def _end(world: World, state: Stages, officers: np.ndarray) -> np.ndarray:
    """End some earlier investigations; return the persons arrested.

    All end with the same hazard. With a fixed length, investigations begun together would end together, and busy
    officers would repeat that cycle for ever.
    """
    params = world.params(StreamCasesParams)
    due = draw(world, state.running, 1.0 / params.months, FOR_END)
    state.running = state.running - due
    bureaus = world[BureausState].bureaus
    there = bureaus.by_service(officers)
    skill = np.where(there > 0.0, bureaus.by_service(officers * _skill(world)) / np.maximum(there, 1e-12), 1.0)
    solved = draw(world, due, params.solving * skill[..., bureaus.province], FOR_SOLVING)
    return solved + draw(world, solved * MOST_OTHERS, (params.accused - 1.0) / MOST_OTHERS, FOR_ACCUSED)


def _find_victims(world: World, begun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find those exploited; return those treated as victims, and those charged as offenders."""
    params = world.params(StreamCasesParams)
    found = draw(world, begun * MOST_VICTIMS, params.victims / MOST_VICTIMS, FOR_VICTIMS)
    charged = draw(world, found, law_of(world).offender * params.charging, FOR_CHARGES)
    note_facing(world, found.sum(axis=(0, 1)))
    return found - charged, charged


def _try(world: World, state: Stages, arrested: np.ndarray) -> np.ndarray:
    """Charge and judge at the speed of the courts; report and return those convicted."""
    guilty = np.zeros_like(arrested)
    prosecuted = np.zeros(world.district_count, np.int64)
    if world.config.enabled("prosecution"):
        params = world.params(ProsecutionParams)
        waiting: list[tuple[float, bool, np.ndarray]] = []
        judged = np.zeros_like(arrested)
        there = np.array([in_court for _, in_court, _ in state.accused], np.bool_)
        months = np.array([progress for progress, _, _ in state.accused]) + speed(world)
        due = (each.tolist() for each in (*due_in_court(params, there, months), months))
        for charge, judgment, now, (_, in_court, persons) in zip(*due, state.accused, strict=True):
            if charge:
                prosecuted += persons.sum(axis=(0, 1))
                waiting.append((0.0, True, persons))
            elif judgment:
                judged = judged + persons
            else:
                waiting.append((now, in_court, persons))
        state.accused = [*waiting, (0.0, False, arrested)]
        guilty = draw(world, judged, conviction_probability(world), FOR_VERDICT)
    world.figures[StreamCasesOutcomes.stream_prosecutions] = prosecuted
    world[LawState].convictions = guilty.sum(axis=0)  # offices learn of theirs separately
    return guilty


FOR_COURT, FOR_DESKS, FOR_MEMORY, FOR_SOLVING, FOR_ACCUSED, FOR_VICTIMS, FOR_CHARGES, FOR_VERDICT = range(1, 9)
FOR_TAKING, FOR_REFERRAL, FOR_PASSING, FOR_HANDS, FOR_END, FOR_WAITING = range(9, 15)

MOST_VICTIMS = 10
"""Upper bound on the persons found in a case."""
