"""Labour inspection of kilns and mines: inspectors make so many visits, and visits make places keep to the law."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare.state import Held, State, kept, kept_by_district
from abm.enforcement import BONDED_LABOUR, law_of
from abm.streams.bondage_params import BondageParams
from abm.world.codes import BONDING_SECTORS

if TYPE_CHECKING:
    from abm.world.state import World

Visit = IntEnum("Visit", ["ROUNDS", "PAY", "ADVANCES", "SURVEY", "CASES"], start=0)
"""What a visit is for: the rounds of every inspectorate, lawful pay, advances, finding kilns, cases of households."""

MOST_FREED = 0.5
"""Largest share of bonded households set free in a month, each way."""

share_kept = partial(kept, unit="share")


class InspectionState(State):
    """What visits have left behind."""

    lawful: Held[np.ndarray] = share_kept(
        text="Known kilns and mines that keep to the law on pay, and on advances.", over=("duty", "district", "sector"),
        start=lambda world: np.zeros((2, world.district_count, BONDING_SECTORS)),
    )  # fmt: skip
    registered: Held[np.ndarray] = share_kept(
        text="Kilns on the register.", over=("district",),
        start=lambda world: np.full(world.district_count, world.params(BondageParams).registered_share),
    )  # fmt: skip
    heard: Held[np.ndarray] = kept_by_district(unit="share", text="Bonded households that have heard of one set free.")


class Enforced(NamedTuple):
    """What inspectors bring about in a month.

    Visits, shape (purposes, districts, sectors); by district and sector the shares of places that pay by the law and
    that advance nothing, and the hazards of release by a court and of a debt declared void; share of kilns on the
    register, by district.
    """

    made: np.ndarray
    pay: np.ndarray
    advances: np.ndarray
    court: np.ndarray
    cancelled: np.ndarray
    registered: np.ndarray


def inspection_effort(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Effort of the agencies on bonded labour, and the probability that one of those in charge acts, by district.

    The only place where agencies enter (labour inspectors, provincial police, social welfare); effort 1 is that of the
    declared parameters. Inspectors whom policy adds are paid apart.
    """
    law = law_of(world)
    return law.effort[BONDED_LABOUR], law.acted[BONDED_LABOUR]


def take_up(world: World) -> np.ndarray:
    """Share of bonded households that would bring a case, by district: more where they heard of one set free."""
    alone = world.params(BondageParams).coming_forward
    return alone + (1.0 - alone) * world[InspectionState].heard


def known_share(world: World) -> np.ndarray:
    """Share of kilns (those on the register) and of mines (all) that inspectors know, shape (districts, sectors)."""
    registered = world[InspectionState].registered
    return np.stack([registered, np.ones_like(registered)], axis=1)


def inspect(world: World, ordered: np.ndarray, added: np.ndarray, sites: np.ndarray, bonded: np.ndarray) -> Enforced:
    """Divide the month's visits among what they are ordered for, and let places and the register change.

    Where more visits are ordered than inspectors can make, each purpose gets the same share of what it asks for. Visits
    `ordered` by policy have shape (purposes, districts, sectors); the rounds come on top. `added` are inspectors added
    by policy, by district; `sites` and `bonded` are places and bonded households, shape (districts, sectors).
    """
    params, state = world.params(BondageParams), world[InspectionState]
    reached, ordered = known_share(world), ordered.copy()
    known = sites * reached
    ordered[Visit.ROUNDS] = params.rounds * known
    effort, acted = inspection_effort(world)
    inspectors = params.inspectors * world.units.population_2017 / 1e6 * effort + added
    made = ordered * share_served(ordered.sum(axis=(0, 2)), inspectors * params.visits * acted)
    honest = made * (1.0 - params.bribed)
    visits = honest / np.maximum(known, 1e-9)
    state.lawful = learn(state.lawful, visits[[Visit.PAY, Visit.ADVANCES]], params.compliance_months)
    state.registered = np.minimum(state.registered + honest[Visit.SURVEY, :, 0] / np.maximum(sites[:, 0], 1e-9), 1.0)
    seen = visits[[Visit.ROUNDS, Visit.PAY, Visit.ADVANCES]].sum(axis=0) * reached
    court = np.minimum(seen * take_up(world)[:, None] * params.inspection_release, MOST_FREED)
    cancelled = np.minimum(honest[Visit.CASES] / np.maximum(bonded, 1e-9), MOST_FREED)
    pay, advances = state.lawful * reached
    return Enforced(made, pay, advances, court, cancelled, state.registered)


def share_served(ordered: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Share of the visits ordered that inspectors can make, shape (districts, 1)."""
    return np.minimum(capacity / np.maximum(ordered, 1e-9), 1.0)[:, None]


def learn(lawful: np.ndarray, visits: np.ndarray, months: float) -> np.ndarray:
    """Share of places that keep to a duty after a month with so many visits a place: each visit lasts some months."""
    return lawful * (1.0 - 1.0 / months) + (1.0 - lawful) * np.minimum(visits, 1.0)


def pass_on(heard: np.ndarray, freed: np.ndarray, bonded: np.ndarray, telling: float, forgetting: float) -> np.ndarray:
    """Share of bonded households that have heard of one set free: each one freed tells others; news fades."""
    informed = np.minimum(telling * freed / np.maximum(bonded, 1.0), 1.0)
    return heard * (1.0 - forgetting) + (1.0 - heard) * informed
