"""Victims: members taken from their households, where they are held, how they come free, and what follows.

Each is a row with the household that misses the person; foreigners brought in have none. What is drawn is drawn for
persons, so that no result depends on the scale of the sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from abm.declare.column import column, table_of_columns
from abm.declare.state import Held, State, kept
from abm.engine.tables import CohortTable
from abm.streams.cities import places_in
from abm.streams.kernels.trafficking import LEAST, TURNS, bring_back, leave_by_ways, lose_members, take_members
from abm.streams.trafficking_params import TraffickingParams
from abm.world.codes import STREAM_EXPLOITED

if TYPE_CHECKING:
    from abm.world.state import World

FOREIGN = -1
"""Household of those brought in from abroad."""

PER_HOUSEHOLDS = 1_000.0
"""Warnings are counted in persons by so many households."""


@table_of_columns("victims")
class Victims(NamedTuple):
    """One row for persons of one household who are held at one place, or free and at risk."""

    key: Annotated[np.ndarray, column("i8", unit="id", text="Number of the row, in order of taking.")]
    row: Annotated[np.ndarray, column("i8", unit="row", text="Household, -1 for those brought in from abroad.")]
    village: Annotated[np.ndarray, column("i4", unit="row", text="Village of the household, -1 for others.")]
    district: Annotated[np.ndarray, column("i2", unit="row", text="Home district, or district of entry.")]
    stream: Annotated[np.ndarray, column("u1", unit="row", text="Stream of exploitation.")]
    place: Annotated[np.ndarray, column("u1", unit="row", text="Place, see `Places`; cities of the region come first.")]
    worker: Annotated[np.ndarray, column("u1", unit="flag", text="Of the labour force, not a dependant.")]
    persons: Annotated[np.ndarray, column("u2", unit="person", text="Persons.")]


class VictimsState(State):
    """Those held, those at risk, and what villages have heard of them."""

    table: Held[CohortTable[Victims]] = kept(
        text="Those held and those at risk, in order of taking.", start=lambda world: CohortTable(Victims)
    )
    next_key: Held[int] = kept(unit="id", text="Number of the next row.", start=0)
    off_roll: Held[int] = kept(unit="person", text="Dependants taken off the roll of their households.", start=0)
    dead_dependants: Held[int] = kept(unit="person", text="Dependants who died in exploitation.", start=0)
    held: Held[np.ndarray] = kept(
        unit="person", text="Members of households held at the end of the month.", over=("village",), start=0
    )
    heard: Held[np.ndarray] = kept(
        unit="person in 1,000 households",
        text="Persons of the village of whose exploitation has been heard, or as much warning; fading memory.",
        over=("village",), start=0.0,
    )  # fmt: skip


class Places(NamedTuple):
    """Numbers of the places after the cities of the region: elsewhere in Pakistan, abroad, and at home at risk."""

    elsewhere: int
    abroad: int
    home: int

    @classmethod
    def of(cls, world: World) -> Places:
        """Places of a region."""
        cities = places_in(world.units)[0].size
        return cls(cities, cities + 1, cities + 2)


class Taken(NamedTuple):
    """Whom a stream takes: household, village, district, stream and whether of the labour force, arrays by cohort."""

    row: np.ndarray
    village: np.ndarray
    district: np.ndarray
    stream: np.ndarray
    worker: np.ndarray

    @classmethod
    def of(cls, victims: Victims, at: np.ndarray) -> Taken:
        """Facts of some rows of the table."""
        return cls(
            victims.row[at], victims.village[at], victims.district[at].astype(np.int64), victims.stream[at],
            victims.worker[at] > 0,
        )  # fmt: skip

    def take(self, which: np.ndarray) -> Taken:
        """Those at some positions, or of a mask."""
        return Taken(*(values[which] for values in self))


def take(world: World, facts: Taken, persons: np.ndarray) -> np.ndarray:
    """Take members from each household that has so many to lose; returns which did."""
    taken, weight = np.zeros(facts.row.size, np.bool_), world.weight[facts.district]
    world[VictimsState].off_roll += take_members(facts.row, facts.worker, persons, weight, world.households, taken)
    return taken


def enter(world: World, facts: Taken, persons: np.ndarray | int, place: np.ndarray | int) -> None:
    """Enter persons who are held, or at risk, from now on."""
    if not facts.row.size:
        return
    state = world[VictimsState]
    keys = state.next_key + np.arange(facts.row.size)
    state.next_key += facts.row.size
    state.table.append(key=keys, **facts._asdict(), place=place, persons=persons)


def leave(world: World, hazards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let persons leave exploitation, or risk; returns rows of the table, and persons by way, int64 (ways, rows).

    `hazards` are by way, stream and place; those of one place that sum to more than 1 are scaled down.
    """
    hazards = TURNS * hazards
    total = hazards.sum(axis=0)
    shares = hazards / np.maximum(total, LEAST)
    rows, key = world[VictimsState].table.rows, world.key(STREAM_EXPLOITED)
    parties = world.district_month["party"]
    at, persons = leave_by_ways(rows, np.minimum(total, 1.0), shares, parties, world.t, key)
    return at, persons


def come_home(world: World, at: np.ndarray, persons: np.ndarray) -> None:
    """Bring persons of some rows of the table back to their households."""
    state, heard = world[VictimsState], np.zeros(world.villages.district.size, np.int64)
    homeless = world.pool[:, 1]
    state.off_roll -= bring_back(state.table.rows, at, persons, world.weight, world.households, homeless, heard)
    hear(world, heard)


def mourn(world: World, at: np.ndarray, persons: np.ndarray) -> None:
    """Take those who died out of their households."""
    state, heard = world[VictimsState], np.zeros(world.villages.district.size, np.int64)
    state.dead_dependants += lose_members(state.table.rows, at, persons, world.weight, world.households, heard)
    hear(world, heard)


def hear(world: World, heard: np.ndarray) -> None:
    """Let villages hear of the fate of some of their members, persons by village; less of each where most is hidden."""
    villages = world.villages
    households = np.maximum(villages.awake * world.weight[villages.district], 1)
    # nearly all of them were held within the country
    hidden = world.params(TraffickingParams).multiples()[0]
    world[VictimsState].heard += PER_HOUSEHOLDS * heard / households / hidden


def check_persons(world: World) -> tuple[int, list[str]]:
    """Workers held, who count as away; and what does not balance, in words."""
    state, rows = world[VictimsState], world[VictimsState].table.rows
    held = (rows.row >= 0) & (rows.place != Places.of(world).home)
    persons = rows.persons.astype(np.int64)
    workers = int(persons[held & (rows.worker > 0)].sum())
    dependants = int(persons[held & (rows.worker == 0)].sum())
    on_roll = int(world.households.taken.sum(dtype=np.int64))
    missing = on_roll + state.off_roll
    if missing == dependants + state.dead_dependants:
        return workers, []
    return workers, [
        f"{missing} dependants are missing, but {dependants} are held and {state.dead_dependants} died in exploitation"
    ]
