"""The model: a `mesa.Model` whose step is one month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np

from abm.abroad.destination import Destination
from abm.agents.agency import build_agencies
from abm.agents.district import build_network
from abm.agents.enforcement import build_officers
from abm.agents.office import Office
from abm.config import Config, make_config
from abm.engine.parallel import Threads
from abm.engine.record import Record
from abm.journeys.journey_log import JourneyLogState
from abm.market.tables import MarketTables
from abm.month import MONTH, OUTCOMES
from abm.places.options import CHANNELS
from abm.places.places import DOMESTIC, places_of
from abm.recording import columns_of_settings
from abm.society.synthesis import stock_by_destination, synthesise
from abm.world.state import World

Tables = dict[str, dict[str, np.ndarray]]
"""Table -> column -> array; all columns of a table are equally long."""

HEADLINES = (
    "population",
    "legal_departures",
    "irregular_departures",
    "deaths_en_route",
    "persons_abroad",
    "remittances",
)
"""Outcomes in Mesa's data collector, for live views; the tables hold all of them."""


class Model(mesa.Model):  # type: ignore[misc]
    """Migration and smuggling markets of Pakistan, by month.

    Parameters
    ----------
    config
        Frozen configuration; by default the embedded one, changed by `values`.
    rng
        Seed of Mesa's own generators; a whole number is the seed of the configuration too where none is given, as
        Mesa's ``batch_run`` passes it. The model's draws are counter-based and depend on ``config.seed`` alone.
    threads
        Threads of the kernels; no result depends on them.
    values
        Fields of the configuration, for Mesa's tools: ``Model(seed=3, end="2010-12")``.

    Attributes
    ----------
    config, world
        Configuration and state. The frozen configuration stands beside Mesa's own `scenario`.
    districts
        Mesa network of districts; a cell's ``figure("persons_abroad")`` reads its latest value.
    datacollector
        Mesa's collector, with the national figures named in `HEADLINES`.
    """

    def __init__(self, config: Config | None = None, *, rng: Any = None, threads: int = 1, **values: Any) -> None:
        if config is None:
            if isinstance(rng, int):
                values.setdefault("seed", rng)
            config = make_config(**values)
        super().__init__(rng=config.seed if rng is None else rng)
        self.config = config
        self._threads = Threads(threads)
        places = places_of(config.places)
        population = synthesise(
            config.population,
            places.destinations,
            config.seed,
            config.start_month,
            config.months,
            config.aspiration,
            config.demonstration if config.enabled("demonstration") else None,
            self._threads,
            config.drivers.early_income_growth,
        )
        record = Record(
            OUTCOMES,
            config.months,
            population.units.unit,
            {
                "route": tuple(route.key for route in places.routes),
                "destination": tuple(facts.key for facts in places.destinations if facts.key != DOMESTIC),
                "leg": tuple(leg.key for leg in places.legs),
            },
            config.start_month,
            columns_of_settings(config),
        )
        self.world = World(config, population, self._threads, record)
        self.world.take_stock()
        self.districts = build_network(population.units, record.latest, self.random)
        # of the jobs abroad the region has its part of those abroad, or of residents where it has nobody abroad yet
        jobs = sum(stock_by_destination(places.destinations, config.start_month, config.population.opening_stock))
        share_abroad = float(self.world.stock[:, :-1].sum() / max(jobs, 1.0)) or self.world.region_share
        self.world.destinations = [
            Destination(self, facts, row, self.world.stock[:, row].sum(axis=0), share_abroad)
            for row, facts in enumerate(places.destinations)
        ]
        self._offices: dict[int, Office] = {}
        self._office_keys = np.full_like(self.world[MarketTables].offices.key, -1)
        self.officers = build_officers(self)
        self.agencies = build_agencies(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: [national_figure, [self, name]] for name in HEADLINES}
        )

    @property
    def households(self) -> Any:
        """Columns of all households, those not yet formed included."""
        return self.world.households

    @property
    def villages(self) -> Any:
        """Columns of all villages."""
        return self.world.villages

    def step(self) -> None:
        """Advance by one month: every mechanism in the order of `MONTH`."""
        self.world.open_month()
        for mechanism in MONTH:
            mechanism.step(self.world)
        self._follow_offices()
        self.datacollector.collect(self)
        if self.world.t + 1 >= self.config.months:
            self.running = False

    @property
    def offices(self) -> Any:
        """Mesa agents of the smuggler offices in business."""
        return self.agents.select(agent_type=Office)

    def _follow_offices(self) -> None:
        """Let Mesa know of the offices that opened and closed in the month."""
        keys = self.world[MarketTables].offices.key
        for row in np.flatnonzero(keys != self._office_keys).tolist():
            if self._office_keys[row] >= 0:
                self._offices.pop(row).remove()
            if keys[row] >= 0:
                self._offices[row] = Office(self, row)
        self._office_keys = keys.copy()

    def tables(self) -> Tables:
        """Tables of the months done."""
        world = self.world
        destinations = tuple(facts.key for facts in world.destination_facts)
        tables = world.record.tables(CHANNELS, destinations)
        if world[JourneyLogState].log.kept:
            record = world.record
            routes = record.places["route"]
            tables["journeys"] = world[JourneyLogState].log.table(record.start, record.districts, routes, destinations)
        return tables

    def close(self) -> None:
        """End the threads."""
        self._threads.close()

    def release(self) -> None:
        """Give the memory back; nothing can be done with the model afterwards.

        Model, world and agents refer to each other. Left alone they stay until Python looks for such circles, which in
        a process that makes many runs it does too seldom: some megabytes a run came on top.
        """
        self.world.__dict__.clear()
        self.__dict__.clear()


def national_figure(model: Model, name: str) -> float:
    """Latest national value of an outcome that is counted by district."""
    return float(model.world.record.latest()[name].sum())


def simulate(config: Config, *, threads: int = 1, on_month: Callable[[int, int], None] | None = None) -> Tables:
    """Run a configuration to its end and return the tables.

    Parameters
    ----------
    config
        Configuration; its seed decides all random numbers.
    threads
        Threads of the kernels; no result depends on them.
    on_month
        Called after each month with the months done and the months in all.
    """
    model = Model(config, threads=threads)
    try:
        for done in range(1, config.months + 1):
            model.step()
            if on_month:
                on_month(done, config.months)
        return model.tables()
    finally:
        model.close()
        model.release()
