"""Victims of trafficking: ways out of exploitation, identification, reporting, and re-trafficking.

Shared by the streams within the country and abroad. Flows are expected counts, rounded up or down at random so that the
mean is exact; no flow exceeds the persons present.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Outcomes, Params, behaviour, lever, outcome, param
from abm.declare.state import Held, State, kept
from abm.enforcement import add_figures, convictions_of, hand_in_leads
from abm.engine.portable import powers
from abm.policy import InForce
from abm.society import EconomyState
from abm.streams.trafficking import exploited
from abm.world.codes import T_HOUSEHOLDS, T_INCOME, T_TRANSFER

if TYPE_CHECKING:
    from abm.streams.trafficking import Exploited
    from abm.world.state import World

SERVED = behaviour(
    "services for those freed, and outreach",
    base=0.0,
    over="district",
    bounds=(0.0, 1.0),
    read_by=("cross_border_trafficking",),
)
"""Share of those freed, by district."""

VICTIM_SERVICES = lever(
    "victim_services",
    unit="share of those freed",
    bounds=(0.0, 1.0),
    combine="add",
    moves=SERVED,
    unit_cost=60_000.0,
    cost_unit="person served",
    cost_counted="booked",
    text="Finds more of those exploited, and supports those freed, so that fewer are trafficked again.",
    cost_source="assumed; shelter and aid for some months",
    systems=("S12", "S14", "S19"),
)


persons_a_month = partial(outcome, unit="person a month", over="district")
persons = partial(outcome, unit="person", over="district", kind="stock")


class DomesticTraffickingOutcomes(Outcomes):
    """Persons recruited, exploited and freed within the country."""

    trafficked_domestic = persons_a_month(
        text="Residents recruited into exploitation within the country in the month, for the first time or again."
    )
    trafficked_minors = persons_a_month(text="Of these, minors who had run away from home.")
    runaways = persons_a_month(text="Minors who ran away from home in the month.")
    retrafficked = persons_a_month(text="Persons freed earlier who were trafficked again.")
    exploited_domestic = persons(text="Residents of the district who are exploited within the country.")
    exploited_by_place = persons(text="Persons exploited in the district, from anywhere in the region.")
    trafficking_escapes = persons_a_month(text="Residents who escaped exploitation.")
    trafficking_rescues = persons_a_month(
        text="Residents freed from exploitation within the country by agencies or by services for victims."
    )
    trafficking_let_go = persons_a_month(text="Residents whom exploiters let go.")
    trafficking_deaths = persons_a_month(text="Residents who died in exploitation, or were never heard of again.")
    victims_identified = persons_a_month(
        text="Residents identified as victims of trafficking within the country or abroad."
    )
    trafficking_reports = persons_a_month(
        text="Residents who reported to the police that they had been trafficked, within the country or abroad."
    )
    trafficking_leads = outcome(
        unit="lead a month", over="district",
        text="Leads on trafficking handed in to agencies, by the district in charge.",
    )  # fmt: skip
    freed_at_risk = persons(
        text="Persons freed without services who may be trafficked again, within the country or abroad."
    )


ROOM = 1 << 20
"""Draws reserved for one purpose in a stream of random numbers; an upper bound on counts."""

MILLION = 1e6

LEAST_INCOME, MOST_INCOME = 0.25, 4.0
"""Limits of income relative to 2017 in the response of poverty. Source: assumed."""

MOST_POVERTY = 0.95
"""Largest poverty rate of a district. Source: assumed."""

BOTH = ("S12", "S14")


share = partial(param, unit="share", bounds=(0.0, 1.0))
"""Declare a parameter that is a share."""


class PovertyState(State):
    """Baseline income for poverty."""

    income_of_2017: Held[np.ndarray] = kept(
        unit="PKR of 2017 a month",
        text="Income of a household at the incomes of 2017.",
        over=("district",),
        start=lambda world: _income_of_2017(world),
    )


class VictimParams(Params):
    """Ways out of exploitation, its aftermath, and deterrence of recruiters."""

    poverty_response: float = param(
        1.5, unit="dimensionless", bounds=(0.0, 4.0), source="assumed; growth elasticity of poverty", systems=BOTH
    )
    """Fall of a district's poverty, in per cent, when its household income rises by one per cent."""

    escape: float = param(0.010, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=BOTH)
    """Hazard that a person exploited escapes."""

    rescue: float = param(0.004, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=BOTH)
    """Hazard that agencies free a person exploited, at usual effort."""

    outreach: float = param(0.004, unit="1/month", bounds=(0.0, 0.2), source="assumed", systems=BOTH)
    """Hazard that services for victims find and free a person exploited; `victim_services` adds to it."""

    outreach_gain: float = param(3.0, unit="multiple", bounds=(0.0, 10.0), source="assumed", systems=(*BOTH, "S19"))
    """Addition to `outreach`, relative to it, by `victim_services` at full strength."""

    death: float = param(0.0003, unit="1/month", bounds=(0.0, 0.01), source="assumed", systems=BOTH)
    """Hazard that a person exploited dies, or is never heard of again."""

    recognition: float = share(0.6, source="assumed", systems=BOTH)
    """Share of those freed by agencies who are identified as victims, if victims are not treated as offenders."""

    reporting: float = share(0.15, source="assumed", systems=BOTH)
    """Share of those freed who report to the police, if victims are not treated as offenders."""

    evidence: float = param(0.3, unit="lead a person", bounds=(0.0, 1.0), source="assumed", systems=BOTH)
    """Leads from a rescue by agencies, per person freed."""

    usual_services: float = share(0.10, source="assumed", systems=BOTH)
    """Share of those freed who find shelter and aid without `victim_services`."""

    relapse: float = param(0.03, unit="1/month", bounds=(0.0, 0.3), source="assumed", systems=BOTH)
    """Hazard that a person freed without services is trafficked again."""

    recovery: float = param(0.08, unit="1/month", bounds=(0.005, 0.5), source="assumed", systems=BOTH)
    """Hazard at which a person freed without services ceases to be at this risk."""

    deterrence: float = param(
        0.02, unit="1/(conviction a million residents)", bounds=(0.0, 0.5), source="assumed", systems=BOTH
    )
    """Fall of recruiting with remembered convictions: 1/deterrence of them halve it."""

    raid_weight: float = param(0.02, unit="conviction", bounds=(0.0, 1.0), source="assumed", systems=BOTH)
    """Number of convictions with the deterrent effect of one person freed by agencies."""

    fading: float = param(0.05, unit="1/month", bounds=(0.005, 0.5), source="assumed", systems=BOTH)
    """Share of recruiters' memory that fades in a month."""


def whole(world: World, stream: int, purpose: int, expected: np.ndarray, most: np.ndarray | None = None) -> np.ndarray:
    """Round expected counts up or down at random, so that the mean is exact; no more than `most`, if that is given.

    As `rounded`, with `purpose` a number for each use of the stream of random numbers in the month.
    """
    found = world.rounded(stream, _numbers(purpose, expected.shape), expected)
    return found if most is None else np.minimum(found, most)


def share_out(world: World, stream: int, purpose: int, counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Divide whole counts (districts, groups) over places without loss; the mean is exact.

    The rows of `shares` (districts, places) sum to 1. Returns int64, shape (districts, places, groups).
    """
    found = _in_parts(world, stream, purpose, counts, np.moveaxis(shares[:, :-1, None], 1, 0))
    return np.stack([*found, counts - found.sum(axis=0)], axis=1)


def ways_out(
    world: World, stream: int, purpose: int, held: np.ndarray, hazards: Mapping[str, np.ndarray | float]
) -> dict[str, np.ndarray]:
    """Let persons leave by one of several ways, and take them out of `held`; the mean of each way is exact.

    Hazards that sum to more than 1 are scaled down. Returns persons by way, int64, each of the shape of `held`.
    """
    shares = np.stack([np.broadcast_to(hazard, held.shape) for hazard in hazards.values()])
    shares /= np.maximum(shares.sum(axis=0), 1.0)
    found = _in_parts(world, stream, purpose, held, shares)
    held -= found.sum(axis=0)
    return dict(zip(hazards, found, strict=True))


def _in_parts(world: World, stream: int, purpose: int, counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Take parts out of whole counts by systematic sampling, one draw per count; the rest remains.

    Shares come by part first, then broadcastable to `counts`, and sum to at most 1. Returns int64, (parts, ...).
    """
    draws = world.draws(stream, _numbers(purpose, counts.shape).ravel()).reshape(counts.shape)
    upto = np.minimum(np.cumsum(shares, axis=0), 1.0) * counts
    reached = np.minimum(np.floor(upto + draws).astype(np.int64), counts)
    return np.diff(reached, axis=0, prepend=0)


def _numbers(purpose: int, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers that address the draws of one purpose."""
    return (purpose * ROOM + np.arange(math.prod(shape))).reshape(shape)


def poverty_of(world: World, response: float) -> np.ndarray:
    """Poverty rate by district, which follows household earnings relative to the income index of 2017.

    Its starting point excludes transfers of the first month, which are policy.
    """
    usual = world[PovertyState].income_of_2017
    households = np.maximum(world.sums[:, T_HOUSEHOLDS], 1)
    income = np.clip(world.sums[:, T_INCOME] / households / np.maximum(usual, 1.0), LEAST_INCOME, MOST_INCOME)
    return np.minimum(world.units.poverty * array_power(income, -response), MOST_POVERTY)


def _income_of_2017(world: World) -> np.ndarray:
    """Mean household income by district, without transfers, at the incomes of 2017; PKR a month."""
    sums = world.sums
    households = np.maximum(sums[:, T_HOUSEHOLDS], 1)
    return (sums[:, T_INCOME] - sums[:, T_TRANSFER]) / households / world[EconomyState].income_index


def activity(params: VictimParams, felt: np.ndarray) -> np.ndarray:
    """Recruiting relative to that of recruiters who fear nothing; `felt` is what they remember."""
    return 1.0 / (1.0 + params.deterrence * felt)


def remember(world: World, stream: str, params: VictimParams, met: np.ndarray) -> None:
    """Update recruiters' memory with the month's convictions and rescues; older ones fade.

    `met` are persons freed or stopped by agencies, by the district where that happened.
    """
    state = exploited(world)[stream]
    heard = convictions_of(world, stream) + params.raid_weight * met
    state.fear += heard * MILLION / world.residents() - params.fading * state.fear


def opening_risk(world: World, stream: int, params: VictimParams, freed: np.ndarray) -> np.ndarray:
    """Persons at risk at the start, in a steady state with this many freed a month, by origin and group."""
    return whole(world, stream, 13, freed * (1.0 - params.usual_services) / (params.relapse + params.recovery))


def coming_back(params: VictimParams) -> float:
    """Persons trafficked again in a month per person held, in a steady state at the usual rates."""
    return freeing(params) * (1.0 - params.usual_services) * params.relapse / (params.relapse + params.recovery)


def usual_fear(world: World, params: VictimParams, met: np.ndarray) -> np.ndarray:
    """Recruiters' memory in a steady state with no convictions and this many freed or stopped, as in `remember`."""
    return params.raid_weight * met * MILLION / world.residents() / params.fading


def freeing(params: VictimParams) -> float:
    """Share of those held who go free in a month, at the usual rates."""
    return params.escape + params.rescue + params.outreach


class Ways(NamedTuple):
    """Persons who leave exploitation in a month by each way, int64, of the shape of those held."""

    escape: np.ndarray
    rescue: np.ndarray
    outreach: np.ndarray
    let_go: np.ndarray
    death: np.ndarray

    @property
    def freed(self) -> np.ndarray:
        """Those who escaped or were found, to be served."""
        return self.escape + self.rescue + self.outreach


def leave(
    world: World, stream: int, params: VictimParams, held: np.ndarray, effort: np.ndarray, reach: np.ndarray,
    let_go: np.ndarray | float,
) -> Ways:  # fmt: skip
    """Let persons leave exploitation or die in it, and take them out of `held`.

    Parameters
    ----------
    effort, reach
        Effort of agencies and reach of outreach, 1 being usual, by place where people are held.
    let_go
        Hazard that exploiters let a person go.
    """
    hazards: dict[str, np.ndarray | float] = {
        "escape": params.escape,
        "rescue": params.rescue * effort[:, None],
        "outreach": params.outreach * reach[:, None],
        "let_go": let_go,
        "death": params.death,
    }
    return Ways(**ways_out(world, stream, 0, held, hazards))


def trafficked_again(world: World, stream: int, params: VictimParams, state: Exploited) -> np.ndarray:
    """Let some of those at risk be trafficked again, and others recover; return the former, by origin and group."""
    hazards = {"again": params.relapse, "recovered": params.recovery}
    return ways_out(world, stream, 8, state.at_risk, hazards)["again"]


def serve_freed(
    world: World, stream: int, params: VictimParams, state: Exploited, freed: np.ndarray, dose: np.ndarray
) -> None:
    """Serve some of those freed (districts, groups), and book the cost; the others are at risk from now on.

    `dose` is the value of `victim_services` by district.
    """
    share = np.minimum(params.usual_services + dose, 1.0)
    served = whole(world, stream, 10, freed * share[:, None], freed)
    state.at_risk = state.at_risk + freed - served
    state.freed = freed.sum(axis=1)
    of_lever = served.sum(axis=1) * (1.0 - params.usual_services / np.maximum(share, np.finfo(float).tiny))
    world[InForce].policy.book_cost(VICTIM_SERVICES, of_lever * VICTIM_SERVICES.unit_cost)


def tell_agencies(world: World, stream: str, leads: np.ndarray) -> None:
    """Hand in the leads of a stream, by district, and count them."""
    hand_in_leads(world, stream, leads)
    add_figures(world, {DomesticTraffickingOutcomes.trafficking_leads: leads})


def array_power(base: np.ndarray, exponent: float) -> np.ndarray:
    """Raise positive numbers to a power, with the same bits everywhere."""
    found = np.zeros(base.shape)
    powers(np.ascontiguousarray(base, np.float64).ravel(), float(exponent), found.reshape(-1))
    return found
