"""Displacement: villages are flooded; households lose assets, are compensated, and some get permits to go abroad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import AfterValidator, Field

from abm.choice.kernels.displacement import displace
from abm.declare import Outcomes, Params, outcome, param
from abm.declare.state import Held, State, kept
from abm.departure import Applications, leave
from abm.engine.calendar import Month, parse_month
from abm.engine.entry import FrozenDict
from abm.engine.random import uniforms
from abm.engine.sums import sum_by
from abm.places.geography import unit_index
from abm.places.options import LEGAL_WORK
from abm.world.codes import MAX_TIES, SETTLED, STREAM_DISPLACEMENT, STREAM_PERMIT, WORKER
from abm.world.mechanism import Mechanism

if TYPE_CHECKING:
    from abm.world.state import World

Persons = Annotated[int, Field(ge=0, le=100_000_000, json_schema_extra={"expected": "a number of persons"})]

Districts = Annotated[
    dict[str, Persons],
    Field(json_schema_extra={"expected": "persons by district, 'mirpur_ajk: 60000'"}),
    AfterValidator(FrozenDict),
]


class Permits(NamedTuple):
    """Permits not used yet: household, its district, and the first month in which each can be used."""

    row: np.ndarray
    district: np.ndarray
    due: np.ndarray

    @classmethod
    def none(cls) -> Permits:
        """No permits."""
        return cls(*(np.zeros(0, np.int64) for _ in cls._fields))


@dataclass
class Flood:
    """Villages of a district in the order in which they are flooded, and how far it is.

    Attributes
    ----------
    villages
        Villages in that order.
    place, offset
        Village (by its place in the order) and household within it that come next.
    done
        Persons displaced so far.
    """

    villages: np.ndarray
    place: int = 0
    offset: int = 0
    done: int = 0


@dataclass
class Plan:
    """Floods by district, and permits not used yet."""

    floods: dict[int, Flood]
    permits: Permits


class DisplacementState(State):
    """Order of displacement, and unused permits."""

    plan: Held[Plan] = kept(text="Who is displaced next, and permits not used yet.", start=lambda world: _plan(world))


class DisplacementParams(Params):
    """Displacement by a dam or similar project: persons, dates, losses, compensation and permits."""

    persons: Districts = Field({})
    """Members of households displaced, by district; by default none."""

    begins: Month = "1961-06"
    """First month of displacement."""

    months: int = param(72, unit="month", bounds=(1, 240), source="assumed; building and filling of the reservoir")
    """Months over which households are displaced, about equally many in each."""

    assets_lost: float = param(0.5, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Share of savings, including assets on the land, that a displaced household loses."""

    work_lost: float = param(0.7, unit="share", bounds=(0.0, 1.0), source="assumed", systems=("S3",))
    """Share of displaced households whose members all lose their jobs, mostly on the land."""

    compensation: float = param(
        200_000.0, unit="PKR of 2017 a household", bounds=(0.0, 5e6), source="assumed", systems=("S3",)
    )
    """Compensation paid by the government to a household when it is displaced."""

    permit_share: float = param(
        0.5, unit="share", bounds=(0.0, 1.0), source="assumed; 'many' in the paper", systems=("S3",)
    )
    """Share of displaced households in which one gets a permit to settle abroad, or to work where none settle."""

    permit_destination: str = "united_kingdom"
    """Destination of the permits."""

    permit_months: int = param(48, unit="month", bounds=(1, 240), source="assumed", systems=("S3",))
    """Longest time from displacement until a permit can be used; drawn uniformly for each household."""

    permits_end: Month = "1971-12"
    """Last month in which a permit can be used: the law changes, and unused permits lapse."""

    passage: float = param(100_000.0, unit="PKR of 2017", bounds=(0.0, 2e6), source="assumed", systems=("S3",))
    """Cost to the household of passage and arrival."""


class DisplacementOutcomes(Outcomes):
    """Displaced persons, compensation and permits."""

    displaced_persons = outcome(unit="person", over="district", text="Members of households displaced.")
    permit_departures = outcome(
        unit="person", over="district", text="Departures on permits for the displaced; counted as legal departures."
    )
    compensation_paid = outcome(
        unit="PKR of 2017 a month", over="district", text="Compensation of displaced households."
    )


class Displacement(Mechanism):
    """Villages are flooded: households lose savings and jobs, are compensated, and some get permits to migrate.

    A dam floods villages; it takes part only where a configuration dates it. The displaced settle nowhere else.
    """

    section = "displacement"
    Params = DisplacementParams
    systems = ("S3",)
    on_by_default = False
    outcomes = DisplacementOutcomes.declared

    @staticmethod
    def step(world: World) -> None:
        """Displace this month's households, then let those with due permits leave."""
        params = world.params(DisplacementParams)
        if not world.config.enabled(Displacement.section):
            return
        nobody = np.zeros(world.district_count, np.int64)
        world.figures |= dict.fromkeys(DisplacementOutcomes.declared, nobody)
        if not params.persons:
            return
        state = world[DisplacementState].plan
        elapsed = world.month - parse_month(params.begins)
        if 0 <= elapsed < params.months:
            _displace(world, state, (elapsed + 1) / params.months)
        if elapsed >= 0:
            _use_permits(world, state)


def _plan(world: World) -> Plan:
    """Put the villages of each district in the order in which they are flooded; nobody has a permit yet."""
    key = world.fixed_key(STREAM_DISPLACEMENT)
    row_of = unit_index(world.units)
    floods = {}
    for unit in sorted(world.params(DisplacementParams).persons, key=lambda name: row_of[name]):
        villages = np.flatnonzero(world.villages.district == row_of[unit])
        draws = np.zeros(villages.size)
        uniforms(key, villages, draws)
        floods[row_of[unit]] = Flood(villages[np.argsort(draws, kind="stable")])
    return Plan(floods, Permits.none())


def _displace(world: World, state: Plan, share: float) -> None:
    """Displace, in each district, households until the share of all who are to be is reached."""
    params, households = world.params(DisplacementParams), world.households
    displaced, paid = np.zeros((2, world.district_count), np.int64)
    keys = world.fixed_key(STREAM_DISPLACEMENT), world.fixed_key(STREAM_PERMIT)
    taken = 0
    for district, flood in state.floods.items():
        rows, persons = _next_rows(world, flood, district, share * params.persons[str(world.units.unit[district])])
        lost, compensated = displace(
            rows, params.assets_lost, params.work_lost, int(params.compensation), keys[0], households
        )
        weight = int(world.weight[district])
        displaced[district], paid[district] = persons, compensated * weight
        taken += int(lost) * weight
        _grant_permits(world, state, rows, district, keys[1])
    world.ledger.pay("households", "government", "taken for the reservoir", taken)
    world.ledger.pay("government", "households", "compensation", int(paid.sum()))
    world.figures[DisplacementOutcomes.displaced_persons] = displaced
    world.figures[DisplacementOutcomes.compensation_paid] = paid


def _next_rows(world: World, flood: Flood, district: int, target: float) -> tuple[np.ndarray, int]:
    """Households of a district that come next, and their members, so that about `target` are displaced so far."""
    households, weight = world.households, int(world.weight[district])
    found, before = [], flood.done
    while flood.place < flood.villages.size:
        village = flood.villages[flood.place]
        first, awake = int(world.villages.first_row[village]), int(world.villages.awake[village])
        rows = np.arange(first + flood.offset, first + awake)
        members = households.workers[rows].astype(np.int64) + households.dependants[rows]
        at_home = np.maximum(members * weight - households.away[rows], 0)
        # a household is taken if it brings the sum closer to the target
        wanted = flood.done + np.cumsum(at_home) - at_home // 2 <= target
        count = rows.size if wanted.all() else int(np.argmin(wanted))
        found.append(rows[:count])
        flood.done += int(at_home[:count].sum())
        if count < rows.size:
            flood.offset += count
            break
        flood.place, flood.offset = flood.place + 1, 0
    return np.concatenate(found) if found else np.zeros(0, np.int64), flood.done - before


def _grant_permits(world: World, state: Plan, rows: np.ndarray, district: int, key: np.uint64) -> None:
    """Draw which of the displaced get a permit, and the month from which each can be used."""
    params = world.params(DisplacementParams)
    draws = np.zeros((2, rows.size))
    for k in range(2):
        uniforms(key, 2 * rows + k, draws[k])
    gets = draws[0] < params.permit_share
    wait = np.floor(draws[1, gets] * params.permit_months).astype(np.int64)
    added = Permits(rows[gets], np.full(wait.size, district), world.month + 1 + wait)
    state.permits = Permits(*(np.append(*pair) for pair in zip(state.permits, added, strict=True)))


def _use_permits(world: World, state: Plan) -> None:
    """Let one member of each household leave whose permit is due, if it can pay; after the last month nobody can."""
    params = world.params(DisplacementParams)
    if world.month > parse_month(params.permits_end):
        state.permits = Permits.none()
    usable = np.flatnonzero(state.permits.due <= world.month)
    row, district, since = (column[usable] for column in state.permits)
    persons = world.weight[district].astype(np.int64)
    due = Applications(row, persons, district, option=np.full(usable.size, -1), due=since)
    names = [facts.key for facts in world.destination_facts]
    place = names.index(params.permit_destination)
    goal = np.full(usable.size, place)
    # where families do not settle a permit is one to work
    status = SETTLED if world.destination_facts[place].settles else WORKER
    fees = np.full(usable.size, np.floor(params.passage))
    leave(world, due, LEGAL_WORK, fees, "carriers", "passage", status, goal)
    has_left = persons > 0
    if world.config.enabled("ties"):
        rows = row[has_left]
        ties = world.households.ties[rows].astype(np.int64)
        world.households.ties[rows] = np.minimum(ties + 1, MAX_TIES)
    state.permits = Permits(*(np.delete(column, usable[has_left]) for column in state.permits))
    world.figures[DisplacementOutcomes.permit_departures] = sum_by(district, persons, world.district_count)
