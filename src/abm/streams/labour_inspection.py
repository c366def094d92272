"""Labour inspection of kilns and mines: inspectors make so many visits, and visits make places keep to the law."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept
from abm.enforcement import BONDED_LABOUR, law_of
from abm.streams.bondage_params import BondageParams
from abm.world.codes import BONDING_SECTORS

if TYPE_CHECKING:
    from abm.world.state import World

ROUNDS, PAY, ADVANCES, SURVEY, CASES = range(5)
"""What a visit is for: the rounds of every inspectorate, lawful pay, advances, finding kilns, cases of households."""

MOST_FREED = 0.5
"""Largest share of bonded households set free in a month, each way."""


class InspectionState(State):
    """What visits have left behind."""

    lawful: Held[np.ndarray] = kept(
        unit="share",
        text="Known kilns and mines that keep to the law on pay, and on advances.",
        over=("duty", "district", "sector"),
        start=lambda world: np.zeros((2, world.district_count, BONDING_SECTORS)),
    )
    registered: Held[np.ndarray] = kept(
        unit="share",
        text="Kilns on the register.",
        over=("district",),
        start=lambda world: np.full(world.district_count, world.params(BondageParams).registered_share),
    )
    heard: Held[np.ndarray] = kept(
        unit="share",
        text="Bonded households that have heard of one set free.",
        over=("district",),
        start=lambda world: np.zeros(world.district_count),
    )


class Enforced(NamedTuple):
    """What inspectors bring about in a month, by district and sector unless said."""

    made: np.ndarray
    """Visits, shape (purposes, districts, sectors)."""
    pay: np.ndarray
    """Share of places that pay by the law."""
    advances: np.ndarray
    """Share of places that advance nothing."""
    court: np.ndarray
    """Hazard of release by a court."""
    cancelled: np.ndarray
    """Hazard that a debt is declared void."""
    registered: np.ndarray
    """Share of kilns on the register, by district."""


def inspection_effort(world: World) -> np.ndarray:
    """Enforcement effort on bonded labour, by district; 1 is that of the declared parameters.

    The only place where agencies enter (labour inspectors, provincial police, social welfare): their effort times the
    clarity of competence.
    """
    law = law_of(world)
    return law.effort[BONDED_LABOUR] * law.clarity[BONDED_LABOUR]


def take_up(world: World) -> np.ndarray:
    """Share of bonded households that would bring a case, by district: more where they heard of one set free."""
    alone = world.params(BondageParams).coming_forward
    return alone + (1.0 - alone) * world[InspectionState].heard


def inspect(world: World, ordered: np.ndarray, added: np.ndarray, known: np.ndarray, bonded: np.ndarray) -> Enforced:
    """Divide the month's visits among what they are ordered for, and let places and register change.

    Where more visits are ordered than inspectors can make, each purpose gets the same share of what it asks for.

    Parameters
    ----------
    ordered
        Visits ordered, shape (purposes, districts, sectors); rounds are added here.
    added
        Inspectors added by policy, by district.
    known, bonded
        Kilns on the register and mines, and bonded households, shape (districts, sectors).
    """
    params, state = world.params(BondageParams), world[InspectionState]
    ordered = ordered.copy()
    ordered[ROUNDS] = params.rounds * known
    inspectors = params.inspectors * world.units.population_2017 / 1e6 + added
    capacity = inspectors * params.visits * inspection_effort(world)
    made = ordered * np.minimum(capacity / np.maximum(ordered.sum(axis=(0, 2)), 1e-9), 1.0)[:, None]
    honest = made * (1.0 - params.bribed)
    visits = honest / np.maximum(known, 1e-9)
    state.lawful = learn(state.lawful, visits[[PAY, ADVANCES]], params.compliance_months)
    reached = np.stack([state.registered, np.ones_like(state.registered)], axis=1)
    state.registered = find_kilns(
        state.registered, honest[SURVEY, :, 0], known[:, 0], params.registered_share, params.register_lapse
    )
    willing = take_up(world)[:, None]
    seen = visits[[ROUNDS, PAY, ADVANCES]].sum(axis=0)
    court = np.minimum(seen * reached * willing * params.inspection_release, MOST_FREED)
    cancelled = np.minimum(honest[CASES] / params.case_visits / np.maximum(bonded, 1e-9), MOST_FREED)
    return Enforced(made, *(state.lawful * reached), court, cancelled, state.registered)


def learn(lawful: np.ndarray, visits: np.ndarray, months: float) -> np.ndarray:
    """Share of places that keep to a duty after a month with so many visits a place: each visit lasts some months."""
    return lawful * (1.0 - 1.0 / months) + (1.0 - lawful) * np.minimum(visits, 1.0)


def find_kilns(registered: np.ndarray, found: np.ndarray, known: np.ndarray, usual: float, lapse: float) -> np.ndarray:
    """Share of kilns on the register after a month: those found come on, and some above the usual share drop off."""
    kilns = known / np.maximum(registered, 1e-9)
    grown = registered + found / np.maximum(kilns, 1e-9) - lapse * np.maximum(registered - usual, 0.0)
    return np.minimum(grown, 1.0)


def pass_on(heard: np.ndarray, freed: np.ndarray, bonded: np.ndarray, telling: float, forgetting: float) -> np.ndarray:
    """Share of bonded households that have heard of one set free: each one freed tells others; news fades."""
    told = np.minimum(telling * freed / np.maximum(bonded, 1.0), 1.0)
    return heard * (1.0 - forgetting) + (1.0 - heard) * told
