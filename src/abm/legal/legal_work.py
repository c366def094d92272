"""Legal work: applications wait, some are refused, places go along ties and by promoters, those accepted pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Lever
from abm.declare.state import Held, State, kept
from abm.departure import (
    KINDS,
    REFUSALS_ADDED,
    Applications,
    apply,
    choices_of,
    destinations_of,
    is_open,
    leave,
    refuse,
    take_due_applications,
    turn_away,
)
from abm.departure.kernels.departure import ration_each_along_ties
from abm.engine.sums import ascending, sum_by
from abm.legal.contracts import (
    DELAY,
    FEE_MULTIPLE,
    QUOTA,
    QUOTA_MONTHS,
    AdmissionState,
    Allowance,
    LegalWorkOutcomes,
    LegalWorkParams,
    applicants_vouched_for,
    promoters_near,
    share_of_region,
    through_ties,
)
from abm.legal.labour_demand import LabourDemandState
from abm.legal.legal_price import LegalPriceOutcomes, LegalPriceState
from abm.legal.visa_sale import sell_visas
from abm.places.options import LEGAL_WORK
from abm.policy import InForce
from abm.society.kernels.diffusion import mean_over_neighbours, means_over_neighbours
from abm.world.codes import SETTLED, STREAM_RATION, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World


class LegalWorkState(State):
    """Places for legal work, and how applicants fared."""

    direct: Held[Allowance] = kept(
        unit="contract",
        text="Places that those abroad know of for people from home.",
        over=("destination", "district"),
        start=lambda world: Allowance((len(world.destination_facts), world.district_count)),
    )
    promoted: Held[Allowance] = kept(
        unit="contract", text="Places for which promoters recruit.", over=("destination",),
        start=lambda world: Allowance(len(world.destination_facts)),
    )  # fmt: skip
    nearness: Held[np.ndarray] = kept(
        unit="share", text="How near the nearest city of promoters is.", over=("district",),
        start=lambda world: promoters_near(
            world.units, world.params(LegalWorkParams).promoter_reach, world.config.population.district_data
        ),
    )  # fmt: skip


class LegalWork(Mechanism):
    r"""Applications fall due; some are refused; the rest get places through ties, or of promoters, pay and leave.

    Some places are passed on by workers already there, to applicants of their district with a member abroad. Promoters
    in a few cities share out the rest. An application takes some months. Those admitted pay the fee and leave in the
    month. Those left over may apply again.

    Notes
    -----
    Places of a month are $q H T / 12$ times `quota` and the quota of the data, with $q$ and $H$ of "Labour demand" and
    $T$ the contract_years of the destination, times the share that recruiters offer in "Legal price". A district $d$
    has direct places in proportion to its workers at the destination, `direct_share` of all. Those unused beyond three
    months' go to promoters, whose own lapse. Of those who still wait, one has the chance

    $$
    \min\left( c \, e^{-k_d / R} \, (1 - \theta + \theta S_d / S) \, \kappa^v, \; 1 \right)
    $$

    of a promoter's place, with $k_d$ the distance to the nearest city of promoters, $S_d / S$ migrants per resident
    relative to the region of the run, $v$ whether a member is abroad, and $c$ such that places are filled; $R$,
    $\theta$, $\kappa$ are `promoter_reach`, `promoter_ties`, `promoter_kin`.
    """

    section = "legal_work"
    used_when_off = ("memory", "quota")
    Params = LegalWorkParams
    systems = ("S6",)
    outcomes = LegalWorkOutcomes.declared
    levers = (
        Lever(
            "legal_quota", unit="multiple of the quota in force", bounds=(0.0, 10.0), combine="multiply",
            moves=(QUOTA,), unit_cost=2.0e7, cost_unit="destination and 100 % of quota added, a month",
            text="Multiplies the workers that the destinations named admit.", felt="terms", needs="legal_quota",
            systems=("S6", "S19"),
        ),
        Lever(
            "legal_fee", unit="multiple of the fee in force", bounds=(0.0, 10.0), combine="multiply",
            moves=(FEE_MULTIPLE,), unit_cost=1.0, cost_unit="PKR of fees that workers are spared",
            cost_counted="booked", booked_below=True,
            text="Multiplies the fee that a worker pays for a contract; the state bears what is removed.",
            felt="terms", needs="legal_quota", systems=("S6", "S19"),
        ),
        Lever(
            "legal_delay", unit="month added", bounds=(-12.0, 36.0), combine="add", moves=(DELAY,), unit_cost=2.0e6,
            cost_unit="destination and month of delay removed, a month", cost_counted="below",
            text="Adds to the months between application for a contract and departure (never below one).", felt="terms",
            needs="legal_quota", systems=("S6", "S19"),
        ),
        Lever(
            "visa_refusal", unit="share added", bounds=(-1.0, 1.0), combine="add", moves=(REFUSALS_ADDED,),
            text="Adds to the share of applications refused, of the `kinds` named (contract, sponsorship, visit).",
            felt="terms", split=KINDS, split_by="kinds", systems=("S6",),
        ),
    )  # fmt: skip

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Estimate the fees removed as if all places of the data were taken at its fees; more may be billed."""
        facts = world.destination_table
        fees = facts.legal_fee * world.multiples("fee") * world.params(LegalWorkParams).fee
        places = facts.legal_quota * world.multiples("quota") * world.now(QUOTA) / 12.0 * share_of_region(world)
        return lever.unit_cost * float((fees * places * np.maximum(-deviation, 0.0)).sum())

    @staticmethod
    def step(world: World) -> None:
        """Sell visas, take new applications, decide those due, and send the accepted abroad."""
        fees = world[LegalPriceState].contracts.fee[:-1]  # the last is the city in Pakistan
        world.figures[LegalWorkOutcomes.contract_fee] = fees * is_open(world, LEGAL_WORK)
        world.figures[LegalWorkOutcomes.legal_applications] = np.zeros(world.district_count, np.int64)
        sell_visas(world)
        due = take_due_applications(world, LEGAL_WORK)
        asking = choices_of(world, LEGAL_WORK)
        apply(world, asking)
        world.figures[LegalWorkOutcomes.legal_applications] += sum_by(
            asking.district, asking.persons, world.district_count
        )
        asked = due.persons.copy()
        refuse(world, due, world.params(LegalWorkParams).refusal)
        _admit(world, due)
        turn_away(world, due, asked)
        _send_abroad(world, due)


def _admit(world: World, due: Applications) -> None:
    """Give the places of each destination to those vouched for there, then to those whom promoters recruit.

    ``persons`` keeps those admitted. No lot is drawn over the country: places are heard of abroad, or found near a
    promoter.
    """
    state, params = world[LegalWorkState], world.params(LegalWorkParams)
    there = known_there(world)
    _grant_places(world, there)
    key, near = world.key(STREAM_RATION), promoters_reach(world, there)
    places, vouched = destinations_of(world, due.option), applicants_vouched_for(world, due)
    asked, admitted = np.zeros((2, *world[AdmissionState].asked.shape))
    ration_each_along_ties(
        ascending(places), places, due.persons, due.district, vouched, state.direct.unused,
        state.promoted.unused, near, params.promoter_kin, key, asked, admitted,
    )  # fmt: skip
    world[AdmissionState].remember(asked, admitted, params.memory)


def _send_abroad(world: World, due: Applications) -> None:
    """Let the accepted pay their recruiters, openly and under the table, and leave."""
    places = destinations_of(world, due.option)
    status = np.where(world.destination_table.workers_settle[places], SETTLED, WORKER)
    paid = leave(world, due, LEGAL_WORK, world[LegalPriceState].costs[due.option], "", "", status)
    hidden = np.floor(paid * world[LegalPriceState].contracts.hidden[places]).astype(np.int64)
    world.ledger.pay("households", "recruiters", "legal fee", int((paid - hidden).sum()))
    world.ledger.pay("households", "recruiters", "fee under the table", int(hidden.sum()))
    world.figures[LegalPriceOutcomes.fees_under_table] = sum_by(due.district, hidden, world.district_count)
    contracts, left = world[LegalPriceState].contracts, np.bincount(places, due.persons, len(world.destinations))
    spared = contracts.plain * np.maximum(1.0 - world.now(FEE_MULTIPLE), 0.0) * left
    world[InForce].policy.book_cost(LEGAL_FEE, spared * LEGAL_FEE.unit_cost)


LEGAL_FEE = LegalWork.levers[1]


def known_there(world: World) -> np.ndarray:
    """Persons at each destination under contract who tell a district of places, float64 (destinations, districts).

    Its own, and with a weight those of adjacent districts, by length of the border, among the residents of all of them:
    so a city hears little from the country around it, and the country much from the city.
    """
    hired, settles = world.destination_table.legal_quota[:, None] > 0.0, world.destination_table.workers_settle[:, None]
    there = hired * (world.stock[:, :, WORKER].T + settles * world.stock[:, :, SETTLED].T.astype(np.float64))
    weight, borders, people = world.params(LegalWorkParams).neighbour_ties, world.borders, world.residents()
    around, nearby = np.empty(people.size), np.empty_like(there)
    mean_over_neighbours(people.astype(np.float64), borders.indptr, borders.indices, borders.weight, around)
    means_over_neighbours(there, borders.indptr, borders.indices, borders.weight, nearby)
    return np.asarray((there + weight * nearby) / (people + weight * around) * people)


def promoters_reach(world: World, known: np.ndarray) -> np.ndarray:
    """How well promoters reach a district: near their cities, and through sub-agents, who were migrants themselves.

    `known` are those of `known_there`.
    """
    there, people = known[:-1].sum(axis=0), world.residents()
    usual = max(float(there.sum()), 1.0) / people.sum()
    agents = through_ties(world) and there.any()  # where nobody has migrated there are none
    share = world.params(LegalWorkParams).promoter_ties * agents
    return world[LegalWorkState].nearness * (1.0 - share + share * there / people / usual)


def _grant_places(world: World, there: np.ndarray) -> None:
    """Workers from the simulated region admitted by each destination; unused places stay open for a quarter.

    Direct ones go to where those who work `there` under contract come from; what is not taken up in time goes to
    promoters.
    """
    state, share = world[LegalWorkState], world.params(LegalWorkParams).direct_share * through_ties(world)
    base = world.destination_table.legal_quota * world.multiples("quota")
    places = base * world.now(QUOTA) * world[LabourDemandState].hires / 12.0 * share_of_region(world)
    places *= world[LegalPriceState].contracts.supply
    known = there.sum(axis=1, keepdims=True)
    direct = share * places[:, None] * there / np.maximum(known, 1.0)
    before = state.direct.unused.sum(axis=1)
    # one cohort's worth may wait
    limit = np.where(direct > 0.0, np.maximum(QUOTA_MONTHS * direct, world.weight) + 1.0, 0.0)
    state.direct.grant(direct, limit)
    passed_on = before + direct.sum(axis=1) - state.direct.unused.sum(axis=1)
    promoted = places - direct.sum(axis=1) + passed_on
    state.promoted.grant(promoted, QUOTA_MONTHS * promoted)
    for row, destination in enumerate(world.destinations):
        destination.quota = places[row]
