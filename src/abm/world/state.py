"""The world: everything that the mechanisms read and change in a month."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.core.ledger import Ledger
from abm.core.sums import sum_by
from abm.kernels.members_away import STAYS, enter_arrivals, has_room, move_segments
from abm.kernels.opening import opening_sums
from abm.kernels.random import stream_key, uniforms
from abm.kernels.states import FREE_OF_BOND, OFFICE_FREE, STATUS_COUNT, T_ASSETS, TALLY_COUNT
from abm.world.bureaus import place_bureaus
from abm.world.columns import (
    APPLICATION_COLUMNS,
    AWAY_COLUMNS,
    BOND_COLUMNS,
    CASE_COLUMNS,
    CLAIM_COLUMNS,
    CLIENT_COLUMNS,
    EVENT_COLUMNS,
    JOURNEY_COLUMNS,
    OFFICE_COLUMNS,
    RETURNEE_COLUMNS,
    Applications,
    Away,
    Bonds,
    Cases,
    Claims,
    Clients,
    Events,
    Journeys,
    Offices,
    Returnees,
    allocate,
)
from abm.world.corridors import bits_of
from abm.world.formation import FormationPlan
from abm.world.geography import adjacency, load_units
from abm.world.journey_log import JourneyLog
from abm.world.month_values import DISTRICT_MONTH
from abm.world.news import News
from abm.world.options import CHANNELS, list_options
from abm.world.parallel import Threads
from abm.world.place_models import Leg, Route
from abm.world.places_abroad import places_of, reference_posts
from abm.world.queues import CohortTable
from abm.world.record import Record
from abm.world.regime import regime_of
from abm.world.stations import station
from abm.world.synthesis import SEGMENT_SLACK, Population

OFFICE_ROWS = 4096
"""Offices that fit at any one time; entry pauses when all rows are taken."""


class World:
    """State of a run.

    Parameters
    ----------
    config
        Frozen configuration; sections are read as ``world.config.labour.job_growth``.
    population
        Households, villages and members away at the start.
    threads
        Pool for the kernels.
    record
        Where the figures of the months go.

    Attributes
    ----------
    t, month
        Month of the run (0 is the first) and months since January of year 0.
    sums, stock
        Tallies of the last household pass by district, shape (districts, TALLY_COUNT), and persons away by district,
        destination and status.
    district_month
        Month's values by district for the kernels, dtype `DISTRICT_MONTH`.
    entrants
        Persons who came to each destination in the month.
    region_share
        Share of the simulated region in the residents of the country.
    policy
        Month's value of each lever by place, and the cost booked to each use; set by `Policy`.
    """

    def __init__(self, config: Any, population: Population, threads: Threads, record: Record) -> None:
        self.config = config
        self.threads = threads
        self.record = record
        self.units = population.units
        self.weight = population.weight
        self.population = population
        self.households = population.households
        self.villages = population.villages
        self.away = population.away
        self.blocks = population.blocks
        self.tables = population.tables
        self.district_count = len(population.units)
        residents = load_units("pakistan", config.population.district_data).population_2017.sum()
        self.region_share = float(self.units.population_2017.sum() / residents)
        self._read_places()
        self.destinations: list[Any] = []
        self.ledger = Ledger()
        self.t = -1
        self.month = config.start_month - 1

        self._allocate_sums()
        self._allocate_tables()
        self.figures: dict[str, Any] = {}
        self.news = News()
        self.cases = CohortTable(Cases, CASE_COLUMNS)
        self.stations = station(self.post_facts, self.leg_facts, self.units, reference_posts(self.places))
        self.posts = self.stations.posts
        self.guards = self.stations.guards
        self.regime = regime_of(self.config.regime)
        circle_share = self.config.agencies.circle_share
        self.bureaus = place_bureaus(self.regime, self.units, self.stations, circle_share)
        self.journey_log = JourneyLog(kept=config.outputs.journeys)
        self.policy: Any = None
        self.borders = adjacency(self.units)
        self.formation = FormationPlan(config, population)
        self.month_values: dict[str, Any] = {}

    def _read_places(self) -> None:
        """Take over the places of the configuration, and number them."""
        self.places = places_of(self.config.places)
        self.destination_facts = self.places.destinations
        self.leg_facts = self.places.legs
        self.route_facts = self.places.routes
        self.post_facts = self.places.posts
        self.route_legs = _legs_of(self.route_facts, self.leg_facts)
        self.route_length = np.array([len(route.legs) for route in self.route_facts])
        self.route_bits = bits_of(self.route_facts)
        rows = {facts.key: k for k, facts in enumerate(self.destination_facts)}
        self.route_destination = np.array([rows[route.destination] for route in self.route_facts])
        self.options = list_options(self.destination_facts, self.route_facts)

    def _allocate_sums(self) -> None:
        """Allocate what the household pass fills, and the sums by district."""
        districts, destinations, blocks = self.district_count, len(self.destination_facts), self.blocks.district.size
        households = self.households.wage.size
        self.district_month = np.zeros(districts, DISTRICT_MONTH)
        self.district_month["weight"] = self.weight
        self.sums = np.zeros((districts, TALLY_COUNT), np.int64)
        self.stock = np.zeros((districts, destinations, STATUS_COUNT), np.int64)
        self.block_tally = np.zeros((blocks, TALLY_COUNT), np.int64)
        self.block_stock = np.zeros((blocks, destinations, STATUS_COUNT), np.int64)
        self.block_starts = np.searchsorted(self.blocks.district, np.arange(districts))
        # a page that no household ever touches costs no memory
        self.chosen = np.empty(households, np.int64 if households > 2**31 else np.int32)
        self.choice = np.empty(households, np.int16)
        self.chosen_count = np.zeros(blocks, np.int64)
        # what happens abroad in a month, at most once a row of `away`
        self.events = allocate(Events, EVENT_COLUMNS, self.away.row.size)
        self.event_count = np.zeros(blocks, np.int64)
        self.longest_village = int(self.villages.rows.max())
        self.pool = np.zeros((districts, 2), np.int64)
        self.wealth_households = np.zeros((districts, 5), np.int64)
        self.flows = np.zeros((districts, len(CHANNELS), destinations), np.int64)
        self.wealth_departures = np.zeros((districts, 5), np.int64)
        self.entrants = np.zeros(destinations, np.int64)
        self._arrivals: list[tuple[np.ndarray, ...]] = []

    def _allocate_tables(self) -> None:
        """Allocate the tables of cohorts and offices."""
        self.applications = CohortTable(Applications, APPLICATION_COLUMNS)
        self.clients = CohortTable(Clients, CLIENT_COLUMNS)
        self.claims = CohortTable(Claims, CLAIM_COLUMNS)
        self.returnees = CohortTable(Returnees, RETURNEE_COLUMNS)
        self.bonds = CohortTable(Bonds, BOND_COLUMNS)
        self.offices = allocate(Offices, OFFICE_COLUMNS, OFFICE_ROWS)
        self.offices.state[:] = OFFICE_FREE
        self.offices.key[:] = -1
        self.journeys = CohortTable(Journeys, JOURNEY_COLUMNS)
        self.next_journey = 0
        self.next_office = 0

    def take_stock(self) -> None:
        """Count people, jobs and savings at the start, and open the books with them."""
        opening_sums(
            self.blocks,
            self.weight,
            self.villages,
            self.households,
            self.away,
            self.block_tally,
            self.block_stock,
            self.wealth_households,
        )
        self.sums = np.add.reduceat(self.block_tally, self.block_starts, axis=0)
        self.stock = np.add.reduceat(self.block_stock, self.block_starts, axis=0)
        self.ledger.pay("endowment", "households", "opening savings", int(self.sums[:, T_ASSETS].sum()))

    def key(self, stream: int, before: int = 0) -> Any:
        """Key of a stream of random numbers in this month, or some months before it."""
        return np.uint64(stream_key(self.config.seed, stream, self.month - before))

    def fixed_key(self, stream: int) -> Any:
        """Key of a stream of random numbers that does not change with the month."""
        return np.uint64(stream_key(self.config.seed, stream, -1))

    def draws(self, stream: int, entities: np.ndarray) -> np.ndarray:
        """Uniform numbers in [0, 1) of this month, one an entity."""
        found = np.zeros(entities.size)
        uniforms(self.key(stream), entities, found)
        return found

    def open_month(self) -> None:
        """Go to the next month."""
        self.t += 1
        self.month += 1
        self.ledger.open_month()
        self.flows[:] = 0
        self.wealth_departures[:] = 0
        self.entrants[:] = 0
        self.figures = {}
        self.news = News()

    def villages_of(self, rows: np.ndarray) -> np.ndarray:
        """Village of each household."""
        return np.searchsorted(self.villages.first_row, rows, side="right") - 1

    def enter_away(
        self,
        rows: np.ndarray,
        persons: np.ndarray,
        destinations: np.ndarray,
        status: np.ndarray,
        *,
        arriving: bool = True,
    ) -> None:
        """Enter persons among the members away of their households; they have their place there at the month's end.

        Parameters
        ----------
        rows, persons
            Household and persons of each cohort; cohorts of 0 persons are passed over.
        destinations, status
            Where they are now and with which status.
        arriving
            Whether they come from elsewhere; False for those who change status where they are.
        """
        arrives = np.flatnonzero(persons > 0)
        if not arrives.size:
            return
        cohorts = rows[arrives], persons[arrives], destinations[arrives], status[arrives]
        if arriving:
            self.entrants[:] += sum_by(cohorts[2], cohorts[1], self.entrants.size)
        self._arrivals.append(cohorts)

    def settle(self) -> None:
        """Give a place among the members away to all who were entered this month."""
        if not self._arrivals:
            return
        rows, persons, destinations, status = (np.concatenate(part) for part in zip(*self._arrivals, strict=True))
        self._arrivals = []
        order = np.argsort(rows * STAYS + destinations * STATUS_COUNT + status, kind="stable")
        rows = rows[order]
        village = self.villages_of(rows)
        if not has_room(village, self.villages):
            self._grow_segments(np.bincount(village, minlength=self.villages.district.size))
        local, persons = rows - self.villages.first_row[village], persons[order]
        destinations, status = destinations[order], status[order]
        self.threads.each_apart(
            lambda first, last: enter_arrivals(
                village[first:last], local[first:last], persons[first:last], destinations[first:last],
                status[first:last], self.villages, self.away,
            ),
            village,
        )  # fmt: skip

    def book_departures(
        self,
        rows: np.ndarray,
        districts: np.ndarray,
        persons: np.ndarray,
        channel: int,
        destinations: np.ndarray,
        *,
        abroad: bool,
    ) -> None:
        """Count departures by origin, channel, destination and wealth."""
        flows = self.flows[:, channel]
        flows += sum_by(districts * flows.shape[1] + destinations, persons, flows.size).reshape(flows.shape)
        if abroad:
            counts = self.wealth_departures
            group = districts * counts.shape[1] + self.households.wealth_group[rows]
            counts += sum_by(group, persons, counts.size).reshape(counts.shape)

    def _grow_segments(self, needed: np.ndarray) -> None:
        """Give every village room for what it needs now and slack beyond."""
        villages = self.villages
        capacity = np.maximum(
            villages.segment_capacity, villages.segment_count + needed + villages.segment_count // 4 + SEGMENT_SLACK
        )
        start = np.cumsum(capacity, dtype=np.int64) - capacity
        larger = allocate(Away, AWAY_COLUMNS, int(capacity.sum(dtype=np.int64)))
        old = self.away
        self.threads.each(lambda first, last: move_segments(first, last, villages, start, old, larger), start.size)
        self.away = larger
        self.events = allocate(Events, EVENT_COLUMNS, larger.row.size)
        villages.segment_start[:] = start
        villages.segment_capacity[:] = capacity

    def check(self) -> list[str]:
        """Test the conservation of people and money; returns what does not close, in words."""
        households, villages = self.households, self.villages
        weight = np.repeat(self.weight[villages.district], villages.awake)
        rows = np.concatenate([np.arange(f, f + a) for f, a in zip(villages.first_row, villages.awake, strict=True)])
        problems = self.ledger.check(*self._count_money(rows, weight))
        absent = int(households.away[rows].sum(dtype=np.int64))
        dead = int(households.dead[rows].sum(dtype=np.int64))
        used = np.concatenate(
            [np.arange(s, s + c) for s, c in zip(villages.segment_start, villages.segment_count, strict=True)]
        )
        placed = int(self.away.persons[used].sum(dtype=np.int64))
        travelling = int(self.journeys.columns.persons[: self.journeys.count].sum())
        if absent != placed + travelling + dead:
            problems.append(
                f"{absent} persons are away, but {placed} at destinations + {travelling} under way + {dead} dead"
            )
        if (households.workers[rows].astype(np.int64) * weight < households.away[rows]).any():
            problems.append("a household has more members away than workers")
        bonds = self.bonds.columns.row[: self.bonds.count]
        if not np.array_equal(bonds, rows[households.bond[rows] != FREE_OF_BOND]):
            problems.append(f"{bonds.size} bonds are not those of the households marked as bonded, in their order")
        return problems

    def _count_money(self, rows: np.ndarray, weight: np.ndarray) -> tuple[dict[str, int], dict[str, int]]:
        """Count what accounts hold and what households owe, from the columns."""
        households, journeys, claims, bonds = self.households, self.journeys, self.claims, self.bonds
        held = {
            "households": int((households.assets[rows].astype(np.int64) * weight).sum()),
            "offices": int(self.offices.capital.sum()),
            "escrow": int(journeys.columns.deposit[: journeys.count].sum()),
        }
        owed = {
            "lenders": int((households.debt[rows].astype(np.int64) * weight).sum()),
            "offices": int(claims.columns.owed[: claims.count].sum()),
            "bonding_employers": int(
                (
                    bonds.columns.owed[: bonds.count].astype(np.int64)
                    * self.weight[bonds.columns.district[: bonds.count]]
                ).sum()
            ),
        }
        return held, owed


def _legs_of(routes: tuple[Route, ...], legs: tuple[Leg, ...]) -> np.ndarray:
    """Rows of the legs of each route, shape (routes, legs of the longest), -1 beyond its end."""
    row = {leg.key: k for k, leg in enumerate(legs)}
    found = np.full((len(routes), max(len(route.legs) for route in routes)), -1, np.int64)
    for r, route in enumerate(routes):
        found[r, : len(route.legs)] = [row[leg.key] for leg in route.legs]
    return found
