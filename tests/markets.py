"""Scenes of the smuggling market: offices, legs and cohorts made by hand, and small worlds stopped in the middle."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from worlds import APART, small_config

from abm.engine.tables import allocate, widen
from abm.market.kernels.offers import quote
from abm.market.offers import CARE_STEPS, ContractOdds, OffersParams, Terms
from abm.market.tables import Offices
from abm.model import Model
from abm.routes.kernels.contract import Way, contracts_by_care, expected_ahead, room_for_contracts
from abm.routes.legs import LegsMonth
from abm.routes.travel import Journeys, TravelState
from abm.world.codes import OFFICE_OPEN
from abm.world.state import World

BUSY: dict[str, dict[str, float]] = {
    "channel": {"irregular_constant": 0.5, "referral": 2.0},
    "aspiration": {"consideration": 0.05},
    "offices": {"opening": 20.0},
}
"""Many leave on irregular ways, so that a small world has a market within a few months."""

FROM_HOME_ONLY = {"mechanisms": {"onward": {"enabled": False}}}
"""No journeys that begin abroad, which are hired there, of nobody that the market at home knows."""


def busy_config(**values: Any) -> Any:
    """A small world with a busy market; sections in `values` are added to those of `BUSY`.

    Streams, laws and agencies are off unless `mechanisms` says otherwise.
    """
    sections = {name: BUSY.get(name, {}) | values.pop(name, {}) for name in BUSY}
    mechanisms = {"mechanisms": APART | values.pop("mechanisms", {})}
    return small_config(**({"scale": 0.004, "months": 24} | sections | mechanisms | values))


def world_after(months: int, **values: Any) -> World:
    """A busy world at the end of some month."""
    model = Model(busy_config(**({"months": months} | values)))
    for _ in range(months):
        model.step()
    model.close()
    return model.world


def offices_of(count: int, **values: Any) -> Offices:
    """Open offices that are alike but for `values`."""
    offices = allocate(Offices, count)
    usual = {
        "key": np.arange(count), "state": OFFICE_OPEN, "corridors": 1, "capacity": 10.0, "capital": 50_000_000,
        "markup": 0.45, "reputation": 0.6, "integrity": 0.5, "ruthlessness": 0.5, "quality": 0.5, "boats": 0.5,
        "forgery": 0.5, "load": 1.0,
    }  # fmt: skip
    for name, value in (usual | values).items():
        getattr(offices, name)[:] = value
    return offices


def legs_of(count: int, **values: Any) -> LegsMonth:
    """Legs that are alike but for `values`: a month each, some are stopped, few die."""
    usual = {
        "months": 1, "interception": 0.2, "death": 0.002, "extortion": 0.0, "cost": 50_000.0, "bribe": 0.0,
        "documents": 0.0, "by_sea": False,
    }  # fmt: skip
    columns = {name: np.broadcast_to(np.asarray(value), count).copy() for name, value in (usual | values).items()}
    return LegsMonth(**columns)


def terms_of(**changes: Any) -> Terms:
    """Terms at the defaults of the declarations, in a month in which income is that of 2017; agents get nothing."""
    params = OffersParams().model_dump()
    attempts = np.array([params[f"attempts_{scheme}"] for scheme in ("upfront", "escrow", "credit")])
    usual = {name: params[name] for name in Terms._fields if name in params}
    return Terms(
        **(usual | {"attempts": attempts, "escrow_open": params["escrow"], "boats": np.zeros(1), "kept": 1.0} | changes)
    )


class Quotes(NamedTuple):
    """What offices ask on one route, shape (offices, schemes)."""

    fee: np.ndarray
    advance: np.ndarray
    weight: np.ndarray


def quote_of(
    offices: Offices,
    legs: LegsMonth,
    terms: Terms | None = None,
    *,
    recovery: float = 0.7,
    overhead: float = 0.0,
    care: float = 1.0,
) -> Quotes:
    """Quotes of offices for the one route that goes over all the legs."""
    number, length = offices.key.size, legs.cost.size
    found = Quotes(*(np.empty((number, 3)) for _ in Quotes._fields))
    terms = terms or terms_of()
    path, lengths = np.arange(length)[None, :], np.array([length])
    odds = ContractOdds(*(np.zeros((1, CARE_STEPS, 3)) for _ in range(4)), np.zeros(1))
    harder = legs._replace(interception=legs.interception * care, death=legs.death * care)
    again, ahead = np.zeros_like(path), expected_ahead(path, legs, legs.cost)
    rest = ahead / ahead[:, :1]
    contracts_by_care(path, lengths, harder, again, rest, 0.0, terms.attempts, room_for_contracts(path), *odds)
    way = Way(*(expected_ahead(path, legs, values)[:, 0] for values in (legs.cost, legs.bribe, legs.documents)))
    doubts = terms.distrust * (1.0 - offices.reputation)
    quote(
        offices, np.arange(number), doubts, np.arange(number), np.zeros(number, np.int64), way, terms,
        np.array([recovery]), np.full(number, overhead), odds, found.fee, found.advance, found.weight.ravel(),
        np.empty((number, 6)),
        np.empty((number + 1, 3)),
    )  # fmt: skip
    return found


def cohorts_of(count: int, room: int | None = None, **values: Any) -> Journeys:
    """Cohorts on their first leg, with an office, that come to its end in the next month."""
    journeys = allocate(Journeys, room or count)
    usual = {
        "id": np.arange(count), "row": np.arange(count), "persons": 10, "months_left": 1, "attempt": 1, "attempts": 2,
        "office": 0, "office_key": 0, "origin": -1,
    }  # fmt: skip
    for name, value in (usual | values).items():
        getattr(journeys, name)[:count] = value
    return journeys


def take_cohorts(world: World, mask: np.ndarray) -> Journeys:
    """Take cohorts out of the table of those under way, as the pass over the legs does when their journey ends."""
    return widen(world[TravelState].journeys.take(mask), slice(None))
