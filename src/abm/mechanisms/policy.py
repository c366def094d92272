"""Policy: which levers are in force, how strongly, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.declare import Lever, outcome
from abm.mechanisms.base import Mechanism
from abm.world.places_abroad import DOMESTIC, guards_of

if TYPE_CHECKING:
    from abm.world.state import World


class Policy(Mechanism):
    """Works out the month's value of every lever from the frozen configuration; other mechanisms read it."""

    section = "policy"
    systems = ("S19",)
    outcomes = (
        outcome(
            "policy_cost",
            unit="PKR of 2017 a month",
            over="national",
            text="Cost of all levers in force; `cost_<lever id>` has each.",
        ),
    )

    @staticmethod
    def step(world: World) -> None:
        """Work out the value of every lever by place, and the cost of each use."""
        state = PolicyState(world)
        if world.config.enabled(Policy.section):
            for use in world.config.levers:
                state.apply(use, world.month)
        world.policy = state


class Message(NamedTuple):
    """What a campaign says in the month."""

    topic: str
    claimed: float
    """As a multiple of the truth."""
    force: np.ndarray
    """Share of the gap between belief and message that it closes in the month, by place."""


class Announcement(NamedTuple):
    """A policy announced and not yet in force."""

    lever: Lever
    deviation: np.ndarray
    """Value that it will have at full strength, less the neutral one, by place."""
    since: int
    """Months since it was announced; 0 in that month."""


class PolicyState:
    """Levers in force in one month.

    Attributes
    ----------
    values
        Value of each lever by place: districts, destinations, legs, districts and then legs (jurisdictions), or one
        national value; and by sector where the lever tells them apart.
    costs
        PKR of the month by lever id.
    messages
        Campaigns in force, in the order of the configuration.
    announced
        Policies announced and not yet in force, in that order.
    administration
        Of all costs, what the government pays to others than households.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.values: dict[str, np.ndarray] = {}
        self.costs: dict[str, int] = {use.id: 0 for use in world.config.levers}
        self.messages: list[Message] = []
        self.announced: list[Announcement] = []
        self.administration = 0
        self._shares: dict[str, list[tuple[str, np.ndarray]]] = {}

    def value(self, lever: Lever) -> np.ndarray:
        """Value of a lever by place."""
        if lever.name not in self.values:
            self.values[lever.name] = np.full(self._shape(lever), lever.neutral)
        return self.values[lever.name]

    def apply(self, use: Any, month: int) -> None:
        """Bring one use of a lever into the values, as strongly as it is in force."""
        lever: Lever = self._world.config.catalogue.levers[use.lever]
        if use.announced_month is not None and use.announced_month <= month < use.from_month:
            self.announced.append(Announcement(lever, self._deviation(use, lever, 1.0), month - use.announced_month))
        strength = use.strength(month)
        if strength <= 0.0:
            return
        deviation = self._deviation(use, lever, strength)
        if lever.topics:
            self.messages.append(Message(use.topic, 1.0 if use.claimed is None else use.claimed, deviation))
        values = self.value(lever)
        if lever.combine == "multiply":
            values *= 1.0 + deviation
        else:
            values += deviation
        if lever.cost_counted == "booked":
            self._shares.setdefault(lever.name, []).append((use.id, deviation))
            return
        counted = np.maximum(deviation if lever.cost_counted == "above" else -deviation, 0.0)
        cost = round(lever.unit_cost * float(counted.sum()))
        self.costs[use.id] += cost
        self.administration += cost

    def _deviation(self, use: Any, lever: Lever, strength: float) -> np.ndarray:
        """Deviation of a lever from neutral by place (and sector), at a strength in [0, 1]."""
        deviation = np.zeros(self._shape(lever))
        found = strength * (use.value - lever.neutral)
        targets = self._targets(lever, use.where)
        if lever.split:
            reached = [k for k, sector in enumerate(lever.split) if use.sectors in (sector, "both", None)]
            deviation[np.ix_(targets, reached)] = found
        else:
            deviation[targets] = found
        return deviation

    def book_cost(self, lever: Lever, amounts: np.ndarray, *, paid_to_households: bool = False) -> None:
        """Book what a lever cost by place (PKR), shared among its uses by their part in the value."""
        shares = self._shares.get(lever.name, [])
        total = sum((np.abs(part) for _, part in shares), np.zeros(amounts.size))
        for use_id, part in shares:
            cost = round(float((amounts * np.abs(part) / np.maximum(total, 1e-12)).sum()))
            self.costs[use_id] += cost
            self.administration += 0 if paid_to_households else cost

    def _shape(self, lever: Lever) -> tuple[int, ...]:
        """Places, and sectors where the lever tells them apart."""
        return (self._places(lever), len(lever.split)) if lever.split else (self._places(lever),)

    def _places(self, lever: Lever) -> int:
        world = self._world
        sizes = {
            "district": world.district_count,
            "destination": len(world.destination_facts),
            "leg": len(world.leg_facts),
            "jurisdiction": world.district_count + len(world.leg_facts),
            "national": 1,
        }
        return sizes[lever.over]

    def _targets(self, lever: Lever, where: Any) -> np.ndarray:
        """Rows of the places named; without a name all places where it acts, of destinations those abroad."""
        world = self._world
        acts = self._acts(lever)
        if where is None:
            return np.flatnonzero(acts)
        names = set(where.names)
        if where.kind == "route":
            legs = {leg.key for route in world.route_facts if route.key in names for leg in route.legs}
        else:
            legs = names if where.kind == "leg" else set()
        districts = {"unit": world.units.unit, "province": world.units.province}.get(where.kind, world.units.unit[:0])
        keys: dict[str, list[str]] = {
            "district": [str(key) for key in districts],
            "destination": [facts.key for facts in world.destination_facts],
            "leg": [leg.key for leg in world.leg_facts],
        }
        if lever.over == "jurisdiction":
            listed = [key in names for key in keys["district"]] or [False] * world.district_count
            named = np.array(listed + [key in legs for key in keys["leg"]])
        else:
            wanted = legs if lever.over == "leg" else names
            named = np.array([key in wanted for key in keys[lever.over]])
        return np.flatnonzero(named & acts)

    def _acts(self, lever: Lever) -> np.ndarray:
        """Whether a lever does anything, by place."""
        world = self._world
        if lever.over == "destination":
            return np.array([lever.acts_at(facts) and facts.key != DOMESTIC for facts in world.destination_facts])
        if lever.over not in {"leg", "jurisdiction"}:
            return np.full(self._places(lever), True)
        guards = guards_of(world.places)
        of_legs = [lever.acts_at(facts, guards[facts.key]) for facts in world.leg_facts]
        return np.array(of_legs if lever.over == "leg" else [True] * world.district_count + of_legs)
