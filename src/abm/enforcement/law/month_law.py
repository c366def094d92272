"""Law of the month, and the exchange of leads and convictions between streams and agencies.

Streams (trafficking, bonded labour) and agencies are separate mechanisms, and either can be switched off. They meet
only here. Without a legal regime the law is neutral: no lead is lost, effort is usual, and none of those exploited is
charged.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, kept, kept_by_district, monthly
from abm.enforcement.declarations import share
from abm.routes import PostsState

if TYPE_CHECKING:
    from abm.world.state import World

LAW, VICTIMS = ("S11", "S19"), ("S11", "S17", "S19")


class LawParams(Params):
    """Where leads are reported, who takes them, and the treatment of those exploited as offenders."""

    police_desk: float = share(0.5, source="assumed", systems=LAW)
    """Share of leads on trafficking and bonded labour reported at police stations."""

    circle_desk: float = share(0.1, source="assumed", systems=LAW)
    """Share of these reported to circles of the FIA."""

    welfare_desk: float = share(0.2, source="assumed", systems=LAW)
    """Share of these reported to social welfare. Helplines, charities and others, who get the rest, tell a service in
    charge."""

    offices_at_police: float = share(0.5, source="assumed", systems=LAW)
    """Share of what witnesses tell about smuggler offices reported at police stations; the FIA hears the rest."""

    transfer: float = param(4.0, unit="month", bounds=(1.0, 36.0), source="assumed", systems=LAW)
    """Mean months until a service passes on a lead that it may not, or cannot, take up."""

    reluctance: float = share(
        0.5, bounds=(0.01, 0.99), source="assumed; in the volunteer's dilemma: Diekmann (1985)", systems=LAW
    )
    """Cost of a case to the service that takes it up, relative to what each in charge loses if nobody does."""

    silence: float = share(0.4, source="assumed; who is an offender does not report (paper)", systems=VICTIMS)
    """Cooperation lost if the law treats all those smuggled or exploited as offenders."""

    screening: float = param(
        40.0, unit="person a month per million residents", bounds=(0.0, 1_000.0), source="assumed", systems=VICTIMS
    )
    """Persons facing a charge whom screeners can interview with `victim_non_criminalisation` at its top."""

    foreign_charging: float = share(0.6, source="assumed", systems=("S11", "S13"))
    """Share charged, of foreigners found in exploitation whom the law makes offenders."""

    detention: float = param(
        24.0, unit="month", bounds=(1.0, 120.0),
        source="Rose (1992), Institute of Current World Affairs, CVR-32: a case of two years in prison, Karachi",
        systems=("S11", "S13"),
    )  # fmt: skip
    """Mean months in detention of a foreigner charged."""

    pressure: float = param(
        1.0, unit="multiple of what happened", bounds=(0.0, 4.0),
        source="assumed; laws came after 16 years of US tiers (paper)", systems=("S11",),
    )  # fmt: skip
    """Outside pressure on pending laws, through tiers and treaty: more brings them into force earlier; none, never."""


STREAMS = ("smuggling", "trafficking_abroad", "trafficking_domestic", "bonded_labour")
"""Streams of crime distinguished by laws and agencies; rows of the arrays below."""

LawMonth = namedtuple("LawMonth", ["acted", "effort", "offender", "foreign"])
"""By stream and district, shape (streams, districts), float64: probability that one of those in charge acts in a month;
effort of those in charge, 1 being usual (for smuggling, circles get time instead); share of those exploited or smuggled
who are treated as offenders. By district: share of foreigners exploited in the country who are."""


FACING_MEMORY = 12.0
"""Months over which those whom a charge may await are averaged. Source: assumed."""

SMUGGLING, TRAFFICKING_ABROAD, TRAFFICKING_DOMESTIC, BONDED_LABOUR = range(len(STREAMS))
"""Rows of the streams."""


class LawState(State):
    """The law, leads and convictions that streams and agencies exchange."""

    month: Held[LawMonth] = kept(
        text="Law of the month.", over=("stream", "district"), start=lambda world: _neutral_law(world)
    )
    leads: Held[np.ndarray] = kept(
        unit="lead", text="Leads not yet taken.", over=("stream", "district"), start=lambda world: _nothing(world)
    )
    facing: Held[np.ndarray] = kept_by_district(
        unit="person a month", text="Persons sent home or found in exploitation, whom a charge may await; fading mean."
    )
    caseload: Held[np.ndarray] = kept(
        unit="lead", text="Leads received by those in charge since time was last allocated.",
        over=("stream", "district"), start=lambda world: np.zeros((len(STREAMS), world.district_count)),
    )  # fmt: skip
    convictions: Held[np.ndarray] = kept(
        unit="person", text="Convictions in the last month of courts.", over=("stream", "district"),
        start=lambda world: np.zeros((len(STREAMS), world.district_count), np.int64),
    )  # fmt: skip
    freed_by_courts: Held[np.ndarray] = monthly(
        unit="household", text="Bonded households released by a court.", over=("district",), neutral=0
    )
    circle_time: Held[np.ndarray] = kept(
        unit="share", text="Time of circles for smuggling.", over=("post",),
        start=lambda world: np.ones(world[PostsState].posts.staff.size),
    )  # fmt: skip


def _neutral_law(world: World) -> LawMonth:
    """The law without a legal regime."""
    shape = (len(STREAMS), world.district_count)
    return LawMonth(np.ones(shape), np.ones(shape), np.zeros(shape), np.zeros(world.district_count))


def law_of(world: World) -> LawMonth:
    """Law of the month; neutral without a legal regime."""
    return world[LawState].month


def willing_share(world: World, stream: int | list[int]) -> np.ndarray:
    """Share of cooperation that remains where the law makes offenders, by district, for one of `STREAMS` or some."""
    return 1.0 - world.params(LawParams).silence * law_of(world).offender[stream]


def hand_in_leads(world: World, stream: int | list[int], leads: np.ndarray) -> None:
    """Hand leads on one of `STREAMS`, or on several, whole numbers by district, to the agencies in charge."""
    world[LawState].leads[stream] += leads


def take_leads(world: World) -> np.ndarray:
    """Take all leads handed in since the last call, shape (streams, districts); each is taken once."""
    found, world[LawState].leads = world[LawState].leads, _nothing(world)
    return found


def _nothing(world: World) -> np.ndarray:
    """No lead in any stream and district."""
    return np.zeros((len(STREAMS), world.district_count), np.int64)


def note_caseload(world: World, stream: int | slice, leads: np.ndarray) -> None:
    """Count leads received by those in charge, of one stream or all, by district, if time is allocated by them."""
    if world.config.enabled("agencies"):
        world[LawState].caseload[stream] += leads


def note_facing(world: World, persons: np.ndarray) -> None:
    """Count persons whom a charge may await, by district."""
    world[LawState].facing = world[LawState].facing + persons / FACING_MEMORY
