"""The Mesa face of the model: a `mesa.Model` whose step is one month."""

from __future__ import annotations

import math
import os
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self, cast

import mesa
import numpy as np
from mesa import Agent
from mesa.agent import AgentSet
from mesa.discrete_space import Network

from abm import checkpoint
from abm.agents.enforcement import Agency, Circle, Post
from abm.agents.office import Office
from abm.agents.places import DestinationAgent, build_network
from abm.agents.roster import Roster, shipped_base
from abm.config import Config, configure
from abm.engine.calendar import format_month
from abm.engine.errors import AbmError
from abm.month import HOUSEHOLD_PASS, PHASES
from abm.recording import columns_of_settings
from abm.simulation import Tables, advance, beyond_the_end, build_world, months_left, simulate, tables_of
from abm.world.columns import Households, Villages
from abm.world.mechanism import plan_of
from abm.world.state import World

__all__ = ["HEADLINES", "Model", "Tables", "national_figure", "simulate"]

HEADLINES = {
    "residents": "population",  # a section of the configuration is called population, and Mesa keeps both in one row
    "legal_departures": "legal_departures",
    "irregular_departures": "irregular_departures",
    "deaths_en_route": "deaths_en_route",
    "persons_abroad": "persons_abroad",
    "remittances": "remittances",
}
"""Outcomes in Mesa's data collector, by their names there, for live views; the tables hold all of them."""


class Model(mesa.Model):  # type: ignore[misc]
    """Migration and smuggling markets of Pakistan, by month.

    Parameters
    ----------
    config
        YAML file or configuration, by default the embedded one; or a world to continue, as from `load`.
    rng
        Seed of Mesa's generators that replaces the configuration's, as Mesa's ``batch_run`` passes it; if it is not a
        whole number, the seed is drawn from it. The model's draws are counter-based and depend on the seed alone.
    threads
        Threads of the kernels; no result depends on them.
    values
        Settings that replace those of `config`, by their names in YAML: ``Model("baseline.yaml", end="2010-12")``,
        ``labour__job_growth=0.02`` or ``**{"labour.job_growth": 0.02}``.

    Attributes
    ----------
    agent_classes
        Agent classes with rules of their own, set in a subclass. Each replaces the class that it extends; its `step`
        runs at the end of every month.
    config, world
        Configuration and state. The frozen configuration is separate from Mesa's own `scenario`.
    datacollector
        Mesa's collector, with the national figures named in `HEADLINES`.

    Raises
    ------
    ConfigError
        With every problem found in the settings.
    """

    agent_classes: ClassVar[tuple[type[Agent], ...]] = ()

    def __init__(
        self,
        config: str | os.PathLike[str] | Config | World | None = None,
        *,
        rng: int | np.random.Generator | np.random.SeedSequence | None = None,
        threads: int = 1,
        **values: object,
    ) -> None:
        if isinstance(rng, int | np.integer):
            rng = int(rng)
            values.setdefault("seed", rng)
        elif rng is not None:
            values.setdefault("seed", int(np.random.default_rng(rng).integers(2**63)))
        world = config if isinstance(config, World) else None
        if world and values:
            raise TypeError(f"a world has its settings already: {', '.join(values)} would not be used")
        self.config = cast("Config", config.config) if isinstance(config, World) else configure(config, values)
        super().__init__(rng=self.config.seed if rng is None else rng)
        for own in self.agent_classes:
            shipped_base(own)
        self.world = world or build_world(self.config, threads)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: [national_figure, [self, outcome]] for name, outcome in HEADLINES.items()}
        )
        self._roster: Roster | None = None
        if self.agent_classes:
            self.look()

    def step(self) -> None:
        """Advance by one month; agents with rules of their own then act, in the order of their classes and rows."""
        advance(self.world)
        if self._roster:
            self._roster.follow()
        for own in self.agent_classes:
            self._agents_of(own).do("step")
        self.datacollector.collect(self)
        self.running = months_left(self.world) > 0

    def _advance_time(self, until: float) -> None:
        """Refuse a time beyond the last month before Mesa moves: an error inside a step would end its schedule."""
        if math.floor(until) - math.floor(self.time) > months_left(self.world):
            raise AbmError(beyond_the_end(self.world))
        super()._advance_time(until)

    def look(self) -> None:
        """Make the Mesa agents when first looked at; a plain run never needs them."""
        if self._roster is None:
            self._roster = Roster(self, self.agent_classes)
            self._roster.fill()

    @property
    def agents(self) -> AgentSet:
        """All Mesa agents."""
        self.look()
        return self._all_agents

    @property
    def agents_by_type(self) -> dict[type[Agent], AgentSet]:
        """Mesa agents by their class."""
        self.look()
        return self._agents_by_type

    @property
    def agent_types(self) -> list[type[Agent]]:
        """Classes of the Mesa agents."""
        return list(self.agents_by_type)

    @property
    def offices(self) -> AgentSet:
        """Smuggler offices, those with an owner under arrest included; the first open in the first month."""
        return self._agents_of(Office)

    @property
    def circles(self) -> AgentSet:
        """Circles of the Federal Investigation Agency, including those without officers."""
        return self._agents_of(Circle)

    @property
    def posts(self) -> AgentSet:
        """Border posts, coast guards, airports and the guards of other states."""
        return self._agents_of(Post)

    @property
    def agencies(self) -> AgentSet:
        """Agencies of the provinces."""
        return self._agents_of(Agency)

    @property
    def destinations(self) -> AgentSet:
        """Destinations; the last is a city in Pakistan."""
        return self._agents_of(DestinationAgent)

    def _agents_of(self, kind: type[Agent]) -> AgentSet:
        return self.agents.select(agent_type=kind)

    @cached_property
    def districts(self) -> Network:
        """Mesa network of districts; a cell's ``figure("persons_abroad")`` reads its latest value."""
        return build_network(self.world.units, self.world.record.latest, self.look, self.random)

    @property
    def households(self) -> Households:
        """Columns of all households, including those not yet formed."""
        return self.world.households

    @property
    def villages(self) -> Villages:
        """Columns of all villages."""
        return self.world.villages

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Save the model after a month to a new folder, for `load`.

        Raises
        ------
        AbmError
            If the path already exists, or cannot be written.
        """
        return checkpoint.save(self.world, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, threads: int = 1) -> Self:
        """Load a saved model; it continues to the same bits. Mesa's clock and generators start afresh.

        Raises
        ------
        AbmError
            If there is no checkpoint, or it is damaged or from another version of the package.
        """
        return cls(checkpoint.load(folder, threads))

    def set_lever(self, name: str, value: float, **settings: object) -> None:
        """Give a lever a value from the next month to the end of the run, or another until this is called again.

        Uses of the lever that are in force end with the present month, and those that would begin later are dropped.
        The neutral value only ends them. `config` changes with it: run from the start, it gives the same bits, unless
        people or a capped budget had reckoned with the uses that it drops or ends.

        Parameters
        ----------
        name, value
            The lever, and its value in its unit.
        settings
            What else a use of it says in YAML, such as ``where`` or ``topic``.

        Raises
        ------
        ConfigError
            If the configuration with this lever would be refused, or no month is left.
        """
        world = self.world
        month = format_month(world.month + 1)
        use = settings | {"lever": name, "id": f"{name}_{month.replace('-', '_')}", "from": month, "value": value}
        # checked also where the value is neutral, of which nothing is kept
        config = configure(self.config, {"levers": [*_ended(self.config, name, world.month), use]})
        if config.levers[-1].value == config.catalogue.levers[name].neutral:
            config = configure(self.config, {"levers": _ended(self.config, name, world.month)})
        self.config = config
        world.resume(config, world.threads)
        world.record.set_extra(columns_of_settings(config))

    def plan(self) -> str:
        """The month, phase by phase, with purpose, reads and writes, and the inner order of the household pass."""
        return plan_of(PHASES, HOUSEHOLD_PASS)

    def tables(self) -> Tables:
        """Tables of the months done."""
        return tables_of(self.world)

    def close(self) -> None:
        """End the threads."""
        self.world.threads.close()


def _ended(config: Config, name: str, month: int) -> list[object]:
    """Uses of levers, as plain data; those of one lever end with a month, and later ones are left out."""
    found: list[object] = []
    for use, plain in zip(config.levers, config.resolved()["levers"], strict=True):
        if use.lever != name or (use.until_month is not None and use.until_month <= month):
            found.append(plain)
        elif month >= max(use.from_month, config.start_month):
            found.append(plain | {"until": format_month(month)})
    return found


def national_figure(model: Model, name: str) -> float:
    """Latest national value of an outcome that is counted by district."""
    return float(model.world.record.latest()[name].sum())
