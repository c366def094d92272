"""Transit flows: cells of stream, district of entry and route; entries, and their part of the traffic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from abm.declare.state import Held, State, kept
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.random import binomials
from abm.places.geography import load_units, unit_index
from abm.places.places import places_of
from abm.places.series import HOME_COUNTRY
from abm.routes.interception_params import InterceptionParams
from abm.routes.kernels.journey import interception_probability
from abm.routes.transit_params import TransitParams
from abm.world.codes import STREAM_TRANSIT_ENTRY, STREAM_TRANSIT_HIRE
from abm.world.rounding import rounded

if TYPE_CHECKING:
    from abm.places.place_models import Stream
    from abm.world.state import World

SECTION = "transit"

ALONE, HIRED = 0, 1
"""How they travel: rows in the tables of those under way."""


class TransitState(State):
    """Travellers in transit."""

    transit: Held[Transit] = kept(text="Those in transit, by stream.", start=lambda world: _open(world))


@dataclass(frozen=True, eq=False)
class Cells:
    """Combinations of stream, district of entry and route, C of them.

    Attributes
    ----------
    stream
        Row of the stream, int64 (C,).
    identity
        Number that addresses the draws of a cell, independent of other streams and districts, int64 (C,).
    district
        Row of the district of entry, -1 where it lies outside the simulated region, int64 (C,).
    route, price
        Row of the route; fee that an office gets for a traveller, PKR of 2017, (C,).
    share, pushed
        The cell's shares of those who enter in any case, and of those pushed by a wall, float64 (C,).
    legs, length
        Legs of the route in Pakistan, int64 (C, P), -1 beyond the end; and how many.
    """

    stream: np.ndarray
    identity: np.ndarray
    district: np.ndarray
    route: np.ndarray
    price: np.ndarray
    share: np.ndarray
    pushed: np.ndarray
    legs: np.ndarray
    length: np.ndarray


@dataclass(eq=False)
class Arrivals:
    """Travellers of a month by cell, int64 (C,): those who enter, look for an office, and are served by one."""

    entered: np.ndarray
    seeking: np.ndarray
    served: np.ndarray


@dataclass(eq=False)
class Transit:
    """State of transit.

    Attributes
    ----------
    facts, cells
        Streams, and their cells.
    under_way
        Persons by mode of travel (`ALONE`, `HIRED`), cell, leg of the path and remaining months on it less one, int64.
    flow
        Persons who enter a leg in a month, averaged over `interception.flow_memory`, float64 (legs,).
    reference
        The same for the shipped streams at their normal level, float64 (legs,).
    arrivals
        Those of the month; None until they are drawn.
    stopped, stopped_hired
        Persons stopped in the month by leg; and those of them with an office.
    came, served
        Persons who asked an office of the region in a month, and those of them served, averaged.
    """

    facts: tuple[Stream, ...]
    cells: Cells
    under_way: np.ndarray
    flow: np.ndarray
    reference: np.ndarray
    arrivals: Arrivals | None
    stopped: np.ndarray
    stopped_hired: int
    came: float
    served: float


def transit_of(world: World) -> Transit:
    """State of transit, created on first use."""
    return world[TransitState].transit


def traffic(world: World) -> np.ndarray:
    """Averaged transit traffic on each leg, in equivalents of Pakistani travellers, person/month, float64 (legs,)."""
    if not world.config.enabled(SECTION):
        return np.zeros(len(world.leg_facts))
    found: np.ndarray = world.params(TransitParams).traffic * transit_of(world).flow
    return found


def reference_traffic(world: World) -> np.ndarray:
    """The same for shipped streams at their normal level, without walls, growth and history: part of flow 1 of a leg.

    Switching transit on therefore dilutes no guard; transit beyond the data does. Officers added by a configuration
    raise effort above 1; travellers it adds raise the flow above 1.
    """
    if not world.config.enabled(SECTION):
        return np.zeros(len(world.leg_facts))
    found: np.ndarray = world.params(TransitParams).traffic * transit_of(world).reference
    return found


def draw_arrivals(world: World) -> Arrivals:
    """Draw those who enter in the month and those of them who look for an office."""
    state = transit_of(world)
    cells = state.cells
    rate = monthly_rates(state.facts, cells, world.month, world.params(TransitParams))
    entered = rounded(world, STREAM_TRANSIT_ENTRY, cells.identity, rate)
    hire = np.array([facts.hire for facts in state.facts])[cells.stream]
    seeking = np.zeros_like(entered)
    chance = np.minimum(hire * world.params(TransitParams).hiring, 1.0)
    binomials(entered, chance, world.key(STREAM_TRANSIT_HIRE), cells.identity, seeking)
    state.arrivals = Arrivals(entered, seeking, np.zeros_like(entered))
    return state.arrivals


def monthly_rates(
    facts: tuple[Stream, ...], cells: Cells, month: int, params: TransitParams, *, season: bool = True
) -> np.ndarray:
    """Persons expected to enter in a month, by cell, float64 (C,).

    level (share + direct min(wall pushed, 1) share of the pushed) growth, history and season; see ``transit.yaml``.
    """
    streams = np.zeros((2, len(facts)))
    for row, stream in enumerate(facts):
        multiple = params.level * stream.multiple(month) * (stream.season[month % MONTHS_A_YEAR] if season else 1.0)
        pushed = min(params.wall * stream.pushed(month), 1.0)
        streams[:, row] = multiple * stream.level, multiple * stream.direct * pushed
    found: np.ndarray = streams[0, cells.stream] * cells.share + streams[1, cells.stream] * cells.pushed
    return found


def _open(world: World) -> Transit:
    """Set up transit: nobody is under way, and guards know normal traffic."""
    facts = world.places.transit
    cells = cells_of(world, facts)
    months = max([1, *(leg.months for leg in world.leg_facts if leg.country == HOME_COUNTRY)])
    start = monthly_rates(facts, cells, world.month, world.params(TransitParams), season=False)
    shipped = places_of().transit
    usual = cells_of(world, shipped)
    level = np.array([stream.level for stream in shipped])[usual.stream] * usual.share
    return Transit(
        facts=facts,
        cells=cells,
        under_way=np.zeros((2, cells.stream.size, cells.legs.shape[1], months), np.int64),
        flow=on_legs(world, cells, start),
        reference=on_legs(world, usual, level),
        arrivals=None,
        stopped=np.zeros(len(world.leg_facts), np.int64),
        stopped_hired=0,
        came=0.0,
        served=0.0,
    )


def cells_of(world: World, facts: tuple[Stream, ...]) -> Cells:
    """List the cells of some streams whose routes have legs in Pakistan."""
    routes = {route.key: row for row, route in enumerate(world.route_facts)}
    numbers, here = _numbers(), unit_index(world.units)
    home = np.array([leg.country == HOME_COUNTRY for leg in world.leg_facts])
    paths = {row: [leg for leg in world.route_legs[row].tolist() if leg >= 0 and home[leg]] for row in routes.values()}
    found = []
    for s, stream in enumerate(facts):
        anyhow, pushed = stream.entries, stream.pushed_to
        for unit in sorted(anyhow.keys() | pushed.keys()):
            for name, share in stream.routes.items():
                if not paths[routes[name]]:
                    continue
                identity = (_stream_number(stream.key) * UNITS + numbers[unit]) * ROUTES + routes[name]
                of_unit = (anyhow.get(unit, 0.0) * share, pushed.get(unit, 0.0) * share)
                found.append((s, identity, here.get(unit, -1), routes[name], round(stream.price), *of_unit))
    whole = np.array([cell[:5] for cell in found], np.int64).reshape(-1, 5)
    shares = np.array([cell[5:] for cell in found], np.float64).reshape(-1, 2)
    longest = max([1, *(len(path) for path in paths.values())])
    legs = np.full((len(found), longest), -1, np.int64)
    for row, which in enumerate(whole[:, 3].tolist()):
        legs[row, : len(paths[which])] = paths[which]
    return Cells(
        stream=whole[:, 0],
        identity=whole[:, 1],
        district=whole[:, 2],
        route=whole[:, 3],
        price=whole[:, 4],
        share=shares[:, 0],
        pushed=shares[:, 1],
        legs=legs,
        length=(legs >= 0).sum(axis=1),
    )


def on_legs(world: World, cells: Cells, rate: np.ndarray) -> np.ndarray:
    """Persons a month on each leg for given entries: later legs get those let through at effort 1 and flow 1."""
    params = world.params(InterceptionParams)
    passed = 1.0 - np.array(
        [
            interception_probability(leg.interception, params.efficiency, params.saturation, 1.0, 1.0)
            for leg in world.leg_facts
        ]
    )
    found = np.zeros(len(world.leg_facts))
    for place in range(cells.legs.shape[1]):
        rows = np.flatnonzero(cells.legs[:, place] >= 0)
        leg = cells.legs[rows, place]
        found += np.bincount(leg, rate[rows], found.size)
        rate = rate.copy()
        rate[rows] *= passed[leg]
    return found


@cache
def _numbers() -> dict[str, int]:
    """Number of each district among those of the country."""
    return unit_index(load_units("pakistan"))


def _stream_number(key: str) -> int:
    """Number of a stream derived from its key, so that adding a stream leaves its draws unchanged."""
    number = 0
    for letter in key.encode():
        number = (number * 257 + letter) % STREAM_NUMBERS
    return number


UNITS, ROUTES = 512, 256
"""Upper bounds on districts and routes: parts of the identity of a cell."""

STREAM_NUMBERS = 1_000_003
"""A prime: numbers of streams lie below it."""
