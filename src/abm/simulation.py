"""A run without its Mesa face: build the world and advance it month by month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm.config import Config
from abm.engine.calendar import format_month
from abm.engine.errors import AbmError
from abm.engine.parallel import Threads
from abm.engine.record import Record
from abm.journeys import JourneyLogState
from abm.month import MONTH, OUTCOMES
from abm.places.options import CHANNELS
from abm.places.places import DOMESTIC, places_of
from abm.recording import columns_of_settings
from abm.society import stock_by_destination, synthesise
from abm.streams import streams_of
from abm.world.destination import Destination
from abm.world.state import World

Tables = dict[str, dict[str, np.ndarray]]
"""Table -> column -> array; all columns of a table are equally long."""


def build_world(config: Config, threads: int = 1) -> World:
    """Build the world before the first month; ``world.threads.close()`` ends its threads."""
    pool = Threads(threads)
    places = places_of(config.places)
    population = synthesise(
        config.population,
        places.destinations,
        config.seed,
        config.start_month,
        config.months,
        config.aspiration,
        config.demonstration if config.enabled("demonstration") else None,
        config.livelihood,
        pool,
        config.drivers.known.income_index(config.start_month, before=config.drivers.early_income_growth),
    )
    record = Record(
        OUTCOMES,
        config.months,
        population.units.unit,
        {
            "route": tuple(route.key for route in places.routes),
            "destination": tuple(facts.key for facts in places.destinations if facts.key != DOMESTIC),
            "leg": tuple(leg.key for leg in places.legs),
            "stream": tuple(found.key for found in streams_of(config.exploitation)),
        },
        config.start_month,
        columns_of_settings(config),
        {found.name for mechanism in MONTH if config.enabled(mechanism.section) for found in mechanism.outcomes},
    )
    world = World(config, population, pool, record)
    world.take_stock()
    # the region gets its share of jobs abroad by migrants abroad, or by residents if it has none abroad yet
    there = stock_by_destination(places.destinations, config.start_month, config.population.opening_stock)
    share_abroad = float(world.stock[:, :-1].sum() / max(sum(there), 1.0)) or world.region_share
    world.destinations = [
        Destination(facts, row, world.stock[:, row].sum(axis=0), there[row], share_abroad)
        for row, facts in enumerate(places.destinations)
    ]
    return world


def months_left(world: World) -> int:
    """Months not yet simulated."""
    return world.config.months - world.t - 1


def advance(world: World) -> None:
    """Simulate one month: every mechanism in the order of `MONTH`.

    Raises
    ------
    AbmError
        If the last month of the configuration has been simulated.
    """
    if months_left(world) < 1:
        raise AbmError(beyond_the_end(world))
    world.open_month()
    for mechanism in MONTH:
        mechanism.step(world)


def beyond_the_end(world: World) -> str:
    """Message for a step beyond the last month."""
    config = world.config
    last, left = format_month(config.end_month), months_left(world)
    reason = f"{last} was its last month" if left < 1 else f"only {left} of its {config.months} months are left"
    return f"the run cannot continue that far: {reason}; give the configuration a later 'end'"


def tables_of(world: World) -> Tables:
    """Tables of the months done."""
    destinations = tuple(facts.key for facts in world.destination_facts)
    tables = world.record.tables(CHANNELS, destinations)
    if world[JourneyLogState].log.kept:
        record = world.record
        routes = record.places["route"]
        tables["journeys"] = world[JourneyLogState].log.table(record.start, record.districts, routes, destinations)
    return tables


def simulate(config: Config, *, threads: int = 1, on_month: Callable[[int, int], None] | None = None) -> Tables:
    """Run a configuration to its end and return the tables.

    Parameters
    ----------
    threads
        Threads of the kernels; no result depends on them.
    on_month
        Called after each month with the number of months done and in total.
    """
    return run_to_end(build_world(config, threads), on_month)


def run_to_end(world: World, on_month: Callable[[int, int], None] | None = None) -> Tables:
    """Simulate the months that are left, return the tables, and end the world; see `simulate`."""
    try:
        while months_left(world):
            advance(world)
            if on_month:
                on_month(world.t + 1, world.config.months)
        return tables_of(world)
    finally:
        world.threads.close()
        # World and policy refer to each other. Python's collector finds such
        # cycles too seldom in a process that makes many runs: each run left some megabytes behind.
        world.__dict__.clear()
