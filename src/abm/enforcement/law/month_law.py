"""What the law is in the month, and what streams of exploitation and agencies tell each other of cases.

Streams (trafficking, bonded labour) and agencies are separate mechanisms: either can be switched off. They meet here
alone. Without a legal regime the law is neutral: no lead is lost, effort is usual, nobody who was exploited is charged.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept, monthly
from abm.enforcement.law.law_params import LawParams
from abm.routes.stations import PostsState

if TYPE_CHECKING:
    from abm.world.state import World

STREAMS = ("smuggling", "trafficking_abroad", "trafficking_domestic", "bonded_labour")
"""Streams of crime that laws and agencies tell apart; rows of the arrays below."""

LawMonth = namedtuple("LawMonth", ["clarity", "effort", "offender"])
"""By stream and district, shape (streams, districts), float64: share of leads that survive the question whose case it
is; effort of those in charge, 1 being usual (circles get theirs on smuggling as time instead); share of those exploited
or smuggled who are treated as offenders."""


SMUGGLING, TRAFFICKING_ABROAD, TRAFFICKING_DOMESTIC, BONDED_LABOUR = range(len(STREAMS))
"""Rows of the streams."""


class LawState(State):
    """State of month law."""

    month: Held[LawMonth] = kept(
        text="What the law is.",
        over=("stream", "district"),
        start=lambda world: _neutral_law(world),
    )
    leads: Held[dict[str, np.ndarray]] = kept(
        unit="lead", text="Leads that nobody has taken yet, by stream.", over=("district",), start=lambda world: {}
    )
    caseload: Held[np.ndarray] = kept(
        unit="lead",
        text="Leads that reached those in charge since time was last allocated.",
        over=("stream", "district"),
        start=lambda world: np.zeros((len(STREAMS), world.district_count)),
    )
    convictions: Held[np.ndarray] = kept(
        unit="person",
        text="Convictions of the last month of courts.",
        over=("stream", "district"),
        start=lambda world: np.zeros((len(STREAMS), world.district_count), np.int64),
    )
    freed_by_courts: Held[np.ndarray] = monthly(
        unit="household",
        text="Bonded households freed by a court.",
        over=("district",),
        neutral=lambda world: np.zeros(world.district_count, np.int64),
    )
    circle_time: Held[np.ndarray] = kept(
        unit="share",
        text="Time that the circles have for smuggling.",
        over=("post",),
        start=lambda world: np.ones(world[PostsState].posts.staff.size),
    )


def _neutral_law(world: World) -> LawMonth:
    """Law without a legal regime."""
    shape = (len(STREAMS), world.district_count)
    return LawMonth(np.ones(shape), np.ones(shape), np.zeros(shape))


def law_of(world: World) -> LawMonth:
    """Law of the month, neutral without a legal regime."""
    return world[LawState].month


def willing_share(world: World, stream: int) -> np.ndarray:
    """Cooperation left to those smuggled or exploited whom the law makes offenders, share by district; 1 without a law.

    Parameters
    ----------
    stream
        Row of the stream, as `SMUGGLING`.
    """
    found: np.ndarray = 1.0 - world.params(LawParams).silence * law_of(world).offender[stream]
    return found


def hand_in_leads(world: World, stream: str, leads: np.ndarray) -> None:
    """Hand leads of the month on a stream to whoever is in charge.

    Parameters
    ----------
    stream
        One of `STREAMS`.
    leads
        Leads by district, shape (districts,), whole numbers.
    """
    waiting = world[LawState].leads
    waiting[stream] = waiting.get(stream, 0) + leads


def take_leads(world: World) -> dict[str, np.ndarray]:
    """Take all leads handed in since the last call, by stream; each exists once."""
    found, world[LawState].leads = world[LawState].leads, {}
    return found


def note_caseload(world: World, stream: int | slice, leads: np.ndarray) -> None:
    """Count leads of a stream, or of all, by district that reached those in charge, if time is allocated by them."""
    if world.config.enabled("agencies"):
        world[LawState].caseload[stream] += leads


def take_caseload(world: World) -> np.ndarray:
    """Take the leads counted since the last call, shape (streams, districts)."""
    found = world[LawState].caseload
    world[LawState].caseload = np.zeros_like(found)
    return found


def tell_convictions(world: World, by_stream: np.ndarray) -> None:
    """Tell the streams how many were convicted in the month, shape (streams, districts); offices hear apart."""
    world[LawState].convictions = by_stream


def convictions_of(world: World, stream: str) -> np.ndarray:
    """Persons convicted by district in the latest month that courts told of; zeros without courts."""
    found: np.ndarray = world[LawState].convictions[STREAMS.index(stream)]
    return found
