"""Transit flows: cells of stream, district of entry and route; entries, and their part of the traffic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.declare import Params, param
from abm.declare.state import Held, State, kept
from abm.engine.calendar import MONTHS_A_YEAR
from abm.engine.elementwise import successes
from abm.places.drivers import HOME_COUNTRY
from abm.places.geography import load_units, unit_index
from abm.places.places import places_of
from abm.routes.legs import LegsState, usual_odds
from abm.world.codes import STREAM_TRANSIT_ENTRY, STREAM_TRANSIT_HIRE

if TYPE_CHECKING:
    from abm.places.place_models import Stream
    from abm.world.state import World

TRANSIT = ("S13",)


class TransitParams(Params):
    """Size of the streams of ``transit.yaml``, how far they compete, and what travellers buy on the way."""

    level: float = param(
        1.0, unit="multiple of transit.yaml", bounds=(0.0, 20.0), source="assumed; press counts differ tenfold",
        systems=TRANSIT,
    )  # fmt: skip
    """Persons who enter, in every stream."""

    wall: float = param(1.0, unit="multiple of transit.yaml", bounds=(0.0, 4.0), source="assumed", systems=TRANSIT)
    """Share of the direct flow that walls push into Pakistan; at most all of it."""

    traffic: float = param(
        1.0, unit="traveller of Pakistan", bounds=(0.0, 2.0), source="assumed", systems=("S8", "S10", "S13")
    )
    """Weight of a traveller in transit in the traffic on a leg and in what guards learn there."""

    hiring: float = param(1.0, unit="multiple of transit.yaml", bounds=(0.0, 4.0), source="assumed", systems=TRANSIT)
    """Share of travellers who look for an office of the market; at most all of them."""

    cooperation: float = param(
        0.3, unit="multiple of enforcement.cooperation", bounds=(0.0, 1.0),
        source="assumed; sent back before anybody asks", systems=("S10", "S13"),
    )  # fmt: skip
    """Readiness of office clients who are stopped to name the office, relative to Pakistani travellers."""

    days: float = param(3.0, unit="day", bounds=(0.0, 30.0), source="assumed", systems=TRANSIT)
    """Days that a traveller waits and buys in the district of entry."""

    meals: float = param(2.0, unit="meal a day", bounds=(0.0, 5.0), source="assumed", systems=TRANSIT)
    """Meals that a traveller buys."""

    waters: float = param(3.0, unit="bottle a day", bounds=(0.0, 20.0), source="assumed", systems=TRANSIT)
    """Bottles of water that a traveller buys."""

    meal_price: float = param(
        800.0, unit="PKR of 2017", bounds=(0.0, 5_000.0), source="paper; taken as of 2017", systems=TRANSIT
    )
    """Price of a meal at the bazaars on the way."""

    water_price: float = param(
        100.0, unit="PKR of 2017", bounds=(0.0, 1_000.0), source="paper; taken as of 2017", systems=TRANSIT
    )
    """Price of a bottle of water there."""


SECTION = "transit"

ALONE, HIRED = 0, 1
"""How they travel: rows in the tables of those under way."""


class TransitState(State):
    """Travellers in transit."""

    transit: Held[Transit] = kept(text="Those in transit, by stream.", start=lambda world: _open(world))


@dataclass(frozen=True, eq=False)
class Cells:
    """Combinations of stream, district of entry and route, C of them; int64 (C,) but for the shares.

    Attributes
    ----------
    stream, district, route
        Rows; the district of entry is -1 where it lies outside the simulated region.
    identity
        Number that addresses the draws of a cell, independent of other streams and districts.
    price
        Fee that an office gets for a traveller, PKR of 2017.
    share, pushed
        The cell's shares of those who enter in any case, and of those pushed by a wall, float64 (C,).
    legs, length
        Legs of the route in Pakistan, (C, P), -1 beyond the end; and how many.
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
    """State of transit; persons are int64.

    Attributes
    ----------
    under_way
        Persons by mode of travel (`ALONE`, `HIRED`), cell, leg of the path and remaining months on it less one.
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
    stopped: np.ndarray
    arrivals: Arrivals | None = None
    stopped_hired: int = 0
    came: float = 0.0
    served: float = 0.0


def transit_of(world: World) -> Transit:
    """State of transit."""
    return world[TransitState].transit


def traffic(world: World, *, usual: bool = False) -> np.ndarray:
    """Transit traffic on each leg, in equivalents of Pakistani travellers, person/month, float64 (legs,).

    Parameters
    ----------
    usual
        That of the shipped streams at their normal level, without walls, growth and history, in place of the averaged
        one. It is part of flow 1 of a leg: switching transit on therefore dilutes no guard; transit beyond the data
        does. Officers added by a configuration raise effort above 1; travellers it adds raise the flow above 1.
    """
    if not world.config.enabled(SECTION):
        return np.zeros(len(world.leg_facts))
    state = transit_of(world)
    return world.params(TransitParams).traffic * (state.reference if usual else state.flow)


def draw_arrivals(world: World) -> Arrivals:
    """Draw those who enter in the month and those of them who look for an office."""
    state = transit_of(world)
    cells = state.cells
    rate = monthly_rates(state.facts, cells, world.month, world.params(TransitParams))
    rate = rate * world[LegsState].open_routes[cells.route]  # who would take a closed route stays away
    entered = world.rounded(STREAM_TRANSIT_ENTRY, cells.identity, rate)
    hire = np.array([facts.hire for facts in state.facts])[cells.stream]
    chance = np.minimum(hire * world.params(TransitParams).hiring, 1.0)
    seeking = successes(entered, chance, world.key(STREAM_TRANSIT_HIRE), cells.identity)
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
    return streams[0, cells.stream] * cells.share + streams[1, cells.stream] * cells.pushed


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
        stopped=np.zeros(len(world.leg_facts), np.int64),
    )


def cells_of(world: World, facts: tuple[Stream, ...]) -> Cells:
    """List the cells of some streams whose routes have legs in Pakistan."""
    routes = {route.key: row for row, route in enumerate(world.route_facts)}
    numbers, here = unit_index(load_units("pakistan")), unit_index(world.units)
    home = np.array([leg.country == HOME_COUNTRY for leg in world.leg_facts])
    paths = {row: [leg for leg in world.route_legs[row].tolist() if leg >= 0 and home[leg]] for row in routes.values()}
    found = []
    for s, entering in enumerate(facts):
        anyhow, walled = entering.entries, entering.pushed_to
        for unit in sorted(anyhow.keys() | walled.keys()):
            for name, part in entering.routes.items():
                if not paths[routes[name]]:
                    continue
                number = (_stream_number(entering.key) * UNITS + numbers[unit]) * ROUTES + routes[name]
                of_unit = (anyhow.get(unit, 0.0) * part, walled.get(unit, 0.0) * part)
                found.append((s, number, here.get(unit, -1), routes[name], round(entering.price), *of_unit))
    whole = np.array([cell[:5] for cell in found], np.int64).reshape(-1, 5)
    shares = np.array([cell[5:] for cell in found], np.float64).reshape(-1, 2)
    longest = max([1, *(len(path) for path in paths.values())])
    legs = np.full((len(found), longest), -1, np.int64)
    for row, which in enumerate(whole[:, 3].tolist()):
        legs[row, : len(paths[which])] = paths[which]
    stream, identity, district, route, price = whole.T
    share, pushed = shares.T
    return Cells(stream, identity, district, route, price, share, pushed, legs, (legs >= 0).sum(axis=1))


def on_legs(world: World, cells: Cells, rate: np.ndarray) -> np.ndarray:
    """Persons a month on each leg for given entries: later legs get those let through at effort 1 and flow 1."""
    passed = 1.0 - usual_odds(world)
    found = np.zeros(len(world.leg_facts))
    for place in range(cells.legs.shape[1]):
        rows = np.flatnonzero(cells.legs[:, place] >= 0)
        leg = cells.legs[rows, place]
        found += np.bincount(leg, rate[rows], found.size)
        rate = rate.copy()
        rate[rows] *= passed[leg]
    return found


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
