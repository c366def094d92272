"""The world: everything that mechanisms read and change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from zlib import crc32

import numpy as np

from abm.declare import Effective, Event, Params
from abm.declare.state import State
from abm.engine.ledger import Ledger
from abm.engine.parallel import Threads
from abm.engine.random import stream_key, uniforms
from abm.engine.record import Figures, Record
from abm.engine.sums import ascending
from abm.engine.tables import allocate, by_column, room_for
from abm.places.geography import adjacency, load_units
from abm.places.options import CHANNELS, OptionTable, list_options
from abm.places.place_models import DestinationTable, HistoricMultiple, Leg, LegTable, Route, bits_of, multiples_of
from abm.places.places import places_of
from abm.world.codes import (
    SAVINGS_STATES,
    STATUS_COUNT,
    STOCK_COLUMNS,
    T_ASSETS,
    T_AWAY,
    T_DEBT,
    T_MEMBERS,
    T_WORKERS,
    TALLY_COUNT,
)
from abm.world.columns import DISTRICT_MONTH, SEGMENT_SLACK, Away, Events, Population, doublings_of, made_for
from abm.world.destination import Destination
from abm.world.event_use import EventUse
from abm.world.kernels.members_away import (
    arrivals_in_order,
    count_departures,
    enter_arrivals,
    has_room,
    move_segments,
    note_arrivals,
    opening_sums,
)
from abm.world.news import News
from abm.world.settings import Settings


class World:
    """State of a run: its configuration, its population at the start, threads for the kernels, and the record.

    Sections of the configuration, which is frozen, are read as ``world.params(LabourParams).job_growth``.
    """

    def __init__(self, config: Settings[World], population: Population, threads: Threads, record: Record) -> None:
        self.units = population.units
        self.weight = population.weight
        self.population = population
        self.households = population.households
        self.villages = population.villages
        self.away = population.away
        self.blocks = population.blocks
        self.tables = population.tables
        self.district_count = len(population.units)
        country = load_units("pakistan", config.population.district_data)
        self.region_share = float(self.units.population_2017.sum() / country.population_2017.sum())  # of all residents
        abroad = float(country.persons_abroad_2017.sum())  # 0 if nothing is known of districts
        self.share_abroad = float(self.units.persons_abroad_2017.sum()) / abroad if abroad else self.region_share
        self.record = record
        self.ledger = Ledger()
        self.destinations: list[Destination] = []
        self._states: dict[type[State], State] = {}
        self._read_settings(config, threads)
        self.t = -1  # month of the run, 0 is the first
        self.month = config.start_month - 1  # the same since January of year 0
        self._allocate_sums()

    def _read_settings(self, config: Settings[World], threads: Threads) -> None:
        """Set what follows from the configuration, places numbered, and forget what happened in the month."""
        self.config, self.threads = config, threads
        self._own_params = _sections_of(config)
        self._params = self._own_params
        self._now: dict[Effective, np.ndarray] = {}
        self.figures: Figures = {}
        self.news = News()
        self.borders = adjacency(self.units)
        self.places = places_of(config.places)
        self.destination_facts = self.places.destinations
        self.destination_table = by_column(DestinationTable, self.destination_facts)
        self._multiples: dict[HistoricMultiple, np.ndarray] = {}
        self.sizes = {
            "district": self.district_count,
            "destination": len(self.destination_facts),
            "leg": len(self.places.legs),
            "route": len(self.places.routes),
            "village": self.villages.district.size,
            "status": STATUS_COUNT,
            "jurisdiction": self.district_count + len(self.places.legs),
            "national": 1,
        }
        self.leg_facts = self.places.legs
        self.leg_table = by_column(LegTable, self.leg_facts)
        self.route_facts = self.places.routes
        self.post_facts = self.places.posts
        country = {point.key: point.country for point in self.places.points}
        self.leg_sides = [(country[leg.start], country[leg.end]) for leg in self.leg_facts]
        self.route_legs = _legs_of(self.route_facts, self.leg_facts)
        self.route_alone = np.array([route.alone for route in self.route_facts])
        self.route_length = np.array([len(route.legs) for route in self.route_facts])
        self.route_from_home = np.array([not route.onward for route in self.route_facts])
        self.route_again = _again_of(self.route_legs, self.leg_table.pushed_back, self.route_from_home)
        self.route_bits = bits_of(self.route_facts)
        rows = {facts.key: k for k, facts in enumerate(self.destination_facts)}
        self.route_destination = np.array([rows[route.destination] for route in self.route_facts])
        self.options = list_options(self.destination_facts, self.route_facts)
        self.option_table = by_column(OptionTable, self.options)

    def _allocate_sums(self) -> None:
        """Allocate what the household pass fills, and the sums by district."""
        districts, destinations, blocks = self.district_count, len(self.destination_facts), self.blocks.district.size
        self.district_month = np.zeros(districts, DISTRICT_MONTH)  # values of the month for the kernels
        self.district_month["weight"] = self.weight
        self.district_month["party"] = doublings_of(self.weight)
        self.sums = np.zeros((districts, TALLY_COUNT), np.int64)  # tallies of the last household pass
        self.stock = np.zeros((districts, destinations, STATUS_COUNT), np.int64)  # persons away
        # workers with papers by destination and `savings_state`, as of the last household pass
        self.workers_by_savings = np.zeros((destinations, SAVINGS_STATES), np.int64)
        self.block_tally = np.zeros((blocks, TALLY_COUNT), np.int64)
        self.block_stock = np.zeros((blocks, destinations, STOCK_COLUMNS), np.int64)
        self.block_starts = np.searchsorted(self.blocks.district, np.arange(districts))
        self.chosen_count = np.zeros(blocks, np.int64)
        self.event_count = np.zeros(blocks, np.int64)
        self.longest_village = int(self.villages.rows.max())
        self.pool = np.zeros((districts, 2), np.int64)
        self.wealth_households = np.zeros((districts, 5), np.int64)
        self.flows = np.zeros((districts, len(CHANNELS), destinations), np.int64)
        self.wealth_departures = np.zeros((districts, 5), np.int64)
        self.entrants = np.zeros(destinations, np.int64)  # persons who arrived in the month
        self._allocate_scratch()

    def _allocate_scratch(self) -> None:
        """Allocate work space that each month overwrites."""
        households = self.households.wage.size
        self.chosen = room_for(households, np.int64 if households > 2**31 else np.int32)
        self.made = made_for(households)
        self._arrivals = np.empty((2, 4096), np.int64)
        self._arrival_count = 0
        # what happens abroad in a month, at most once a row of `away`
        self.events = allocate(Events, self.away.row.size, sparse=True)

    def __getstate__(self) -> dict[str, object]:
        """State for a checkpoint, without monthly values and those that follow from the configuration."""
        return {name: value for name, value in vars(self).items() if name not in NOT_SAVED}

    def resume(self, config: Settings[World], threads: Threads) -> None:
        """Complete a world loaded from a checkpoint."""
        self._read_settings(config, threads)
        for destination in self.destinations:
            destination.facts = self.destination_facts[destination.row]
        self._allocate_scratch()
        for state in self._states.values():
            state.world = self

    def take_stock(self) -> None:
        """Count people, jobs, savings and debts at the start, and open the books with them."""
        opening_sums(
            self.blocks, self.weight, self.villages, self.households, self.away, self.block_tally, self.block_stock,
            self.wealth_households,
        )  # fmt: skip
        self.sums = np.add.reduceat(self.block_tally, self.block_starts, axis=0)
        self.add_up_stock()
        self.ledger.pay("endowment", "households", "opening savings", int(self.sums[:, T_ASSETS].sum()))
        owed = int(self.sums[:, T_DEBT].sum())
        self.ledger.lend(owed)
        self.ledger.pay("households", "endowment", "spent before the start", owed)

    def add_up_stock(self) -> None:
        """Add up those away by district, and workers with papers by what their households have saved."""
        self.stock = np.add.reduceat(self.block_stock[:, :, :STATUS_COUNT], self.block_starts, axis=0)
        self.workers_by_savings = self.block_stock[:, :, STATUS_COUNT:].sum(axis=0)

    def key(self, stream: int, before: int = 0) -> np.uint64:
        """Key of a stream of random numbers in this month, or some months before it."""
        return np.uint64(stream_key(self.config.seed, stream, self.month - before))

    def fixed_key(self, stream: int) -> np.uint64:
        """Key of a stream of random numbers that does not change with the month."""
        return np.uint64(stream_key(self.config.seed, stream, -1))

    def residents(self) -> np.ndarray:
        """Members of households at home by district, at least one."""
        return np.maximum(self.sums[:, T_MEMBERS] - self.sums[:, T_AWAY], 1)

    def workers_at_home(self) -> np.ndarray:
        """Members of the labour force at home by district, at least one, float64."""
        return np.maximum(self.sums[:, T_WORKERS] - self.sums[:, T_AWAY], 1).astype(np.float64)

    def draws(self, stream: int, entities: np.ndarray, name: str = "") -> np.ndarray:
        """Uniform numbers in [0, 1) of this month, one an entity; others for what has a name, such as an event."""
        found = np.zeros(entities.size)
        uniforms(self.key_of(stream, name), entities.astype(np.int64), found)
        return found

    def key_of(self, stream: int, name: str) -> np.uint64:
        """Key in this month of what has a name, such as an event."""
        return self.key(stream) ^ np.uint64(crc32(name.encode()) << 32)

    def rounded(self, stream: int, entities: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """Round expected counts (at least 0, any shape) up or down at random, so that the mean is exact.

        `entities`, int64 of the same shape, address the draw of each count in the stream and month. Counts are int64,
        at most the next whole number.
        """
        draws = self.draws(stream, entities.ravel()).reshape(expected.shape)
        return np.floor(expected + draws).astype(np.int64)

    def __getitem__[S: State](self, kind: type[S]) -> S:
        """State of a subject, by the class that declares it."""
        try:
            return self._states[kind]  # type: ignore[return-value]  # asked for hundreds of times a month: no check
        except KeyError:
            found = self._states[kind] = kind(self)
            return found

    def params[P: Params](self, kind: type[P]) -> P:
        """Parameters of a mechanism in the month, by the class that declares them; national levers are in them."""
        return self._params[kind]  # type: ignore[return-value]  # asked for hundreds of times a month: no check

    def multiples(self, what: HistoricMultiple) -> np.ndarray:
        """Multiple that history puts on something at each destination this month."""
        if what not in self._multiples:
            # the world is made in the month before the first, and tests look at the one after the last
            first, last = self.config.start_month - 1, self.config.end_month + 1
            self._multiples[what] = multiples_of(self.destination_facts, what, first, last)
        return self._multiples[what][self.t + 1]

    def now(self, which: Effective) -> np.ndarray:
        """Value of the month of a parameter or behaviour that policy may move, by place (and sector)."""
        found = self._now.get(which)
        if found is None:
            found = self._now[which] = np.full(self.shape_of(which), self._own_value(which))
        return found

    def befall(self, event: Event) -> tuple[EventUse, ...]:
        """Events of a kind that befall, or last, in the month."""
        return tuple(use for use in self.config.events if use.event == event.name and use.holds(self.month))

    def amend(self, values: Mapping[str, float]) -> None:
        """Give parameters, by path, other values than those of the configuration, for the month; without `values` none.

        Policy starts from these.
        """
        self._own_params = _sections_of(self.config)
        for path, value in values.items():
            section, _, field = path.partition(".")
            kind = next(kind for kind in self._own_params if kind.section == section)
            whole = kind.model_fields[field].annotation is int
            changed = {field: int(value) if whole else float(value)}
            self._own_params[kind] = self._own_params[kind].model_copy(update=changed)

    def move(self, values: dict[Effective, tuple[np.ndarray, np.ndarray]]) -> None:
        """Set the values of the month: what policy multiplies each parameter or behaviour by, and adds to it."""
        self._now, self._params = {}, self._own_params
        for which in sorted(values, key=lambda which: which.over != "national"):
            multiple, added = values[which]
            found = np.clip(self._own_value(which) * multiple + added, *which.bounds)
            if which.params and which.over == "national":
                changed = self._params[which.params].model_copy(update={which.field: float(found[0])})
                self._params = self._params | {which.params: changed}
            else:
                self._now[which] = found

    @contextmanager
    def supposing(self, which: Effective, values: np.ndarray) -> Iterator[None]:
        """Let an effective value by place be another for as long as something is worked out."""
        before = self.now(which)
        self._now[which] = np.clip(values, *which.bounds)
        try:
            yield
        finally:
            self._now[which] = before

    def shape_of(self, which: Effective) -> tuple[int, ...]:
        """Number of places, and of sectors if they have separate values."""
        size = self.sizes[which.over]
        return (size, len(which.split)) if which.split else (size,)

    def _own_value(self, which: Effective) -> float:
        """Value that policy by place starts from: national levers are in it."""
        if which.params is None:
            return float(which.base or 0.0)
        return float(getattr(self._params[which.params], which.field))

    def open_month(self) -> None:
        """Go to the next month."""
        for kind, state in self._states.items():
            if kind.of_month:
                state.open_month()
        self.t += 1
        self.month += 1
        self.ledger.open_month()
        self.flows[:] = 0
        self.wealth_departures[:] = 0
        self.entrants[:] = 0
        self.figures = {}
        self.news.forget()

    def villages_of(self, rows: np.ndarray) -> np.ndarray:
        """Village of each household."""
        return np.searchsorted(self.villages.first_row, rows, side="right") - 1

    def enter_away(
        self, rows: np.ndarray, persons: np.ndarray, destinations: np.ndarray, status: np.ndarray, *,
        arriving: bool = True,
    ) -> None:  # fmt: skip
        """Register cohorts of persons as members away of their households; they are added at the end of the month.

        Those who change status where they are do not count as `arriving`.
        """
        count = self._arrival_count
        if count + rows.size > self._arrivals.shape[1]:
            larger = np.empty((2, 2 * (count + rows.size)), np.int64)
            larger[:, :count] = self._arrivals[:, :count]
            self._arrivals = larger
        self._arrival_count = note_arrivals(
            rows, persons, destinations, status, arriving, self._arrivals, count, self.entrants
        )

    def settle(self) -> None:
        """Add those entered this month to the members away."""
        codes, persons = self._arrivals[:, : self._arrival_count]
        self._arrival_count = 0
        if not codes.size:
            return
        arrivals = arrivals_in_order(codes, persons, ascending(codes), self.villages.first_row)
        village = arrivals.village
        if not has_room(village, self.villages):
            self._grow_segments(np.bincount(village, minlength=self.villages.district.size))
        self.threads.each_apart(
            lambda first, last: enter_arrivals(first, last, arrivals, self.villages, self.away), village
        )

    def book_departures(
        self, rows: np.ndarray, districts: np.ndarray, persons: np.ndarray, channel: int, destinations: np.ndarray, *,
        abroad: bool,
    ) -> None:  # fmt: skip
        """Count departures by origin, channel, destination and wealth."""
        count_departures(
            rows, districts, persons, channel, destinations, abroad, self.households.wealth_group, self.flows,
            self.wealth_departures,
        )  # fmt: skip

    def _grow_segments(self, needed: np.ndarray) -> None:
        """Give every village room for what it needs now, for half as many again, and for a crowd.

        The crowd is as large as the largest of this month at least. All members away are copied: it should be rare.
        """
        villages = self.villages
        slack = villages.segment_count // 2 + max(3 * SEGMENT_SLACK, int(needed.max()))
        capacity = np.maximum(villages.segment_capacity, villages.segment_count + needed + slack)
        start = np.cumsum(capacity, dtype=np.int64) - capacity
        larger = allocate(Away, int(capacity.sum(dtype=np.int64)))
        old = self.away
        self.threads.each(lambda first, last: move_segments(first, last, villages, start, old, larger), start.size)
        self.away = larger
        self.events = allocate(Events, larger.row.size, sparse=True)
        villages.segment_start[:] = start
        villages.segment_capacity[:] = capacity


NOT_SAVED = frozenset(
    {
        "config", "threads", "_own_params", "_params", "_now", "_multiples", "sizes", "places", "destination_facts",
        "destination_table", "leg_facts", "leg_table", "route_facts", "post_facts", "options", "option_table",
        "borders", "figures", "news", "chosen", "made", "events", "_arrivals", "_arrival_count",
    }
)  # fmt: skip
"""Attributes left out of a checkpoint: monthly values, and those that follow from the configuration."""


def _sections_of(config: Settings[World]) -> dict[type[Params], Params]:
    """Sections of parameters, by the class that declares them."""
    return {type(section): section for _, section in config if isinstance(section, Params)}


def _again_of(route_legs: np.ndarray, pushed_back: np.ndarray, from_home: np.ndarray) -> np.ndarray:
    """Position on its route from which those stopped on each leg try again, shape of `route_legs`; 0 is the start.

    Those who are not pushed back are sent home. If their way did not begin there they do not try again, -1.
    """
    back = pushed_back[route_legs] & (route_legs >= 0)
    return np.where(back, np.arange(route_legs.shape[1]), np.where(from_home, 0, -1)[:, None])


def _legs_of(routes: tuple[Route, ...], legs: tuple[Leg, ...]) -> np.ndarray:
    """Rows of the legs of each route, shape (routes, legs of the longest), -1 beyond its end."""
    row = {leg.key: k for k, leg in enumerate(legs)}
    found = np.full((len(routes), max(len(route.legs) for route in routes)), -1, np.int64)
    for r, route in enumerate(routes):
        found[r, : len(route.legs)] = [row[leg.key] for leg in route.legs]
    return found
