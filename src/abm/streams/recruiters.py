"""Recruiters: actors who find people for buyers, choose among streams, and open where people are cheap and risk is low.

A recruiter works in one district for one stream. What the recruiters of a stream find there is a matching of recruiters
and households; what it earns them hangs on the price that buyers pay, and this on what all recruiters together bring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.engine.elementwise import raised
from abm.engine.tables import CohortTable
from abm.streams.kernels.trafficking import draw_convicted, share_out
from abm.streams.trafficking_params import TraffickingParams
from abm.world.codes import STREAM_RECRUITER

if TYPE_CHECKING:
    from abm.world.state import World

HOUSEHOLDS_A_UNIT = 1_000.0
"""Recruiters and households are matched by so many households."""

COULD_BE = 0.02
"""Recruiters by 1,000 households who could begin where there are none yet. Source: assumed."""

TRAFFICKERS = "traffickers"
"""Account of the recruiters, who hold their capital."""

ENTRY_DRAWS, REVIEW_DRAWS, CONVICTION_DRAWS = (number << 40 for number in (1, 2, 3))


@table_of_columns("recruiters")
class Recruiters(NamedTuple):
    """One row a recruiter."""

    key: Annotated[np.ndarray, column("i8", unit="id", text="Number, in order of opening.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Where the recruiter works.")]
    stream: Annotated[np.ndarray, column("u1", unit="row", text="Stream that the recruiter works for.")]
    capital: Annotated[np.ndarray, column("i8", unit="PKR of 2017", text="Capital.")]


class RecruitersState(State):
    """Recruiters, and what they remember of enforcement."""

    table: Held[CohortTable[Recruiters]] = kept(
        text="Recruiters, in order of opening.", start=lambda world: CohortTable(Recruiters)
    )
    next_key: Held[int] = kept(unit="id", text="Number of the next recruiter.", start=0)


def count(world: World, streams: int) -> np.ndarray:
    """Recruiters by district and stream, int64."""
    rows, shape = world[RecruitersState].table.rows, (world.district_count, streams)
    return np.bincount(rows.district.astype(np.int64) * streams + rows.stream, minlength=np.prod(shape)).reshape(shape)


def matched(recruiters: np.ndarray, households: np.ndarray, exponent: float) -> np.ndarray:
    """Contacts that recruiters (districts, streams) have, at one for each where there is one by 1,000 households.

    Cobb-Douglas: n^a (h / 1000)^(1 - a); the more recruiters there are in a district, the fewer each finds.

    References
    ----------
    Petrongolo and Pissarides (2001), "Looking into the black box: a survey of the matching function".
    """
    return raised(recruiters, exponent) * raised(households / HOUSEHOLDS_A_UNIT, 1.0 - exponent)[:, None]


def open_recruiters(world: World, wanted: np.ndarray) -> None:
    """Open recruiters by district and stream, rounded at random, each with the capital of a beginner."""
    number = world.rounded(STREAM_RECRUITER, ENTRY_DRAWS + np.arange(wanted.size).reshape(wanted.shape), wanted)
    place = np.repeat(np.arange(wanted.size), number.ravel())
    if not place.size:
        return
    state, capital = world[RecruitersState], round(world.params(TraffickingParams).capital)
    state.table.append(
        key=state.next_key + np.arange(place.size), district=place // wanted.shape[1], stream=place % wanted.shape[1],
        capital=capital,
    )  # fmt: skip
    state.next_key += place.size
    world.ledger.pay("endowment", TRAFFICKERS, "capital", int(place.size) * capital)


def earn(world: World, recruiters: np.ndarray, earned: np.ndarray, living: int) -> None:
    """Share what `recruiters` of each district and stream earn, and let them pay for living.

    `earned` are whole PKR by district and stream, already booked; what cannot be shared evenly goes to the first ones.
    `living` is what one needs in a month.
    """
    rows = world[RecruitersState].table.rows
    share_out(rows.district, rows.stream, recruiters, earned, living, rows.capital)
    world.ledger.pay(TRAFFICKERS, "sellers", "living of recruiters", living * rows.capital.size)


def close(world: World, which: np.ndarray, payee: str, kind: str) -> None:
    """Close recruiters; what they own goes to `payee`, and what they owe is given up."""
    gone = world[RecruitersState].table.take(which)
    own = np.maximum(gone.capital, 0).sum()
    world.ledger.pay(TRAFFICKERS, payee, kind, int(own))
    world.ledger.pay("endowment", TRAFFICKERS, "debts of recruiters given up", int(own - gone.capital.sum()))


def convict(world: World, convicted: np.ndarray, crime: np.ndarray) -> None:
    """Take convicted recruiters out, as many by crime and district as courts convict.

    `crime` is that of each stream of exploitation. Those convicted are drawn at random; of more convicted than there
    are recruiters, the rest were accomplices.
    """
    if not convicted.any():
        return
    rows = world[RecruitersState].table.rows
    out = np.zeros(rows.key.size, np.bool_)
    draw_convicted(rows, crime, convicted, world.key(STREAM_RECRUITER), CONVICTION_DRAWS, out)
    close(world, out, "government", "assets of convicted recruiters")


def reconsider(world: World, pays: np.ndarray, living: float) -> np.ndarray:
    """Close those who have nothing left, let others change their work, and let new ones begin.

    `pays` is what a recruiter more would earn in a month, by district and stream, `living` what one needs, PKR. Returns
    recruiters who changed their work, by stream that they took up.
    """
    params, state = world.params(TraffickingParams), world[RecruitersState]
    close(world, state.table.rows.capital < 0, "endowment", "capital")
    rows = state.table.rows
    # what others look at is drawn in proportion to what it pays beyond a living, so that not all turn to one stream
    draw, streams = world.draws(STREAM_RECRUITER, REVIEW_DRAWS + rows.key), pays.shape[1]
    think = np.flatnonzero(draw < params.review)
    district = rows.district[think]
    upto = np.cumsum(np.maximum(pays - living, 0.0), axis=1)[district]
    looks = draw[think] / max(params.review, 1e-9) * upto[:, -1]
    seen = np.minimum((upto <= looks[:, None]).sum(axis=1), streams - 1)
    now, other = pays[district, rows.stream[think]], pays[district, seen]
    changes = (upto[:, -1] > 0.0) & (other > params.changing * now) & (other > living)
    rows.stream[think[changes]] = seen[changes]
    changed = np.bincount(seen[changes], minlength=streams)
    there = count(world, streams)
    could_be = COULD_BE * households_of(world)[:, None] / HOUSEHOLDS_A_UNIT
    excess = np.clip(pays / living - 1.0, 0.0, 1.0)
    open_recruiters(world, params.entry * excess * np.maximum(there, could_be))
    return changed


def households_of(world: World) -> np.ndarray:
    """Households by district."""
    villages = world.villages
    return np.bincount(villages.district, villages.awake, world.district_count) * world.weight
