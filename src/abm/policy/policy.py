"""Policy: which levers are in force, how strongly, and what they cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.declare import Effective, Event, Lever, Outcomes, outcome
from abm.declare.state import Held, State, kept, monthly
from abm.places.places import DOMESTIC, guards_of
from abm.policy.budget import ROUNDING, Demand, Purse
from abm.policy.triggers import Triggers
from abm.world.mechanism import Mechanism
from abm.world.named import destinations_named, districts_named, legs_named

if TYPE_CHECKING:
    from abm.world.lever_use import Budget, LeverUse, Where
    from abm.world.state import World


class PolicyOutcomes(Outcomes):
    """Cost of policy."""

    policy_cost = outcome(
        unit="PKR of 2017 a month", over="national", text="Cost of all levers in force; `cost_<lever id>` has each."
    )


PARAMETER = Event(
    "parameter",
    text="A parameter has another value from one month until another; levers that move it start from that value.",
    needs=("parameter", "value"),
    lasts=True,
)


class Policy(Mechanism):
    r"""Works out which levers are in force this month, and the values that other phases read because of them.

    A lever is a dated and costed change of parameters or behaviours, in named places or everywhere. A trigger may start
    a lever, and a budget may cut levers to what it can pay.

    Notes
    -----
    All uses $u$ of a lever in a place, with values $v_u$ and strengths $s_u$ between 0 and 1 (ramps and pulses), act
    together. A lever that multiplies turns a value $x$ into $x \prod_u (1 + s_u (v_u - 1))$; one that adds, into $x +
    \sum_u s_u v_u$.
    """

    section = "policy"
    systems = ("S19",)
    outcomes = PolicyOutcomes.declared
    events = (PARAMETER,)

    @staticmethod
    def step(world: World) -> None:
        """Work out which levers are in force, how far a budget cuts them, their values by place and their costs."""
        if any(use.event == PARAMETER.name for use in world.config.events):
            now = world.befall(PARAMETER)
            world.amend({use.parameter: use.value for use in now if use.parameter and use.value is not None})
            world.move({})  # a budget reckons with this month's values, also in a run that goes on from a saved state
        state = PolicyState(world)
        if world.config.enabled(Policy.section):
            state.decide()
        world[InForce].policy = state
        world.move(state.moved())

    @staticmethod
    def settle(world: World) -> None:
        """Pay the month's bills and close it; the agencies carry what the government pays later or ahead."""
        policy = world[InForce].policy
        policy.pay()
        ledger, later = world.ledger, sum(policy.costs.values()) - sum(policy.paid.values())
        ledger.pay("government", "administration", "policy", policy.administration)
        ledger.pay("administration", "government", "policy, paid later", max(later, 0))
        ledger.pay("government", "administration", "policy, paid ahead", max(-later, 0))


class InForce(State):
    """Policy in force this month and last."""

    policy: Held[PolicyState] = monthly(text="Levers in force, what they cost, messages and announcements.")
    triggers: Held[Triggers] = kept(text="Past firings of levers with a trigger.", start=lambda world: Triggers())
    purse: Held[Purse] = kept(text="Money of the budget year.", start=lambda world: Purse())


class Message(NamedTuple):
    """Message of a campaign in the month."""

    topic: str
    claimed: float
    """Ratio of the claimed to the true value."""
    force: np.ndarray
    """Share of the gap between belief and message closed in the month, by place."""


class Announcement(NamedTuple):
    """A policy announced and not yet in force."""

    lever: Lever
    deviation: np.ndarray
    """Value that it will have at full strength, less the neutral one, by place."""
    use: LeverUse
    """Its dates: all of them are known."""

    def strengths(self, month: int, count: int) -> np.ndarray:
        """Share of the value in force in each of `count` months from a month on."""
        return np.array([self.use.strength(month + ahead) for ahead in range(count)])


class Plan(NamedTuple):
    """When a use of a lever is in force, as far as known."""

    use: LeverUse
    lever: Lever
    began: int | None
    """Month from which ramp and pulse count; None while its trigger has not fired."""
    lasts: int | None
    """Last month for which its trigger has it in force, None if that is open."""

    def strength(self, month: int) -> float:
        """Share of the value in force in a month, before any budget."""
        if self.began is None or (self.lasts is not None and month > self.lasts):
            return 0.0
        return self.use.strength(month, self.began)

    @property
    def is_costly(self) -> bool:
        """Whether it costs anything when in force: removing a patrol costs nothing."""
        deviation = self.use.value - self.lever.neutral
        below = self.lever.cost_counted == "below" or self.lever.booked_below
        return self.lever.unit_cost > 0.0 and (deviation < 0.0 if below else deviation > 0.0)


class PolicyState:
    """Levers in force in one month.

    Attributes
    ----------
    values
        Value of each lever by place: districts, destinations, legs, districts and then legs (jurisdictions), or one
        national value; and by sector where the lever tells them apart.
    costs
        PKR of the month by lever id: bills, as they are booked.
    paid
        PKR paid in the month by lever id: the bills, unless a budget caps them.
    messages
        Campaigns in force, in the order of the configuration.
    announced
        Policies announced and not yet in force, in that order.
    administration
        Part of all costs that is not paid to households.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.values: dict[str, np.ndarray] = {}
        self.costs: dict[str, int] = {use.id: 0 for use in world.config.levers}
        self.paid: dict[str, int] = dict(self.costs)
        self.messages: list[Message] = []
        self.announced: list[Announcement] = []
        self.administration = 0
        self.triggers = world[InForce].triggers
        self.purse = world[InForce].purse
        self.share = 1.0
        self._demands: dict[str, Demand] = {}
        self._shares: dict[str, list[tuple[str, np.ndarray]]] = {}

    def decide(self) -> None:
        """Apply every lever as strongly as its dates, its trigger and the budget allow."""
        world = self._world
        month, budget = world.month, world.config.budget
        plans = [self._plan(use) for use in world.config.levers]
        if budget:
            self.purse.open_month(budget, month, world.config.start_month, world.config.end_month)
        if budget and budget.rule == "cap":
            raised: dict[str, np.ndarray] = {}  # by the uses before
            for plan in plans:
                self._demands[plan.use.id] = self._demand(plan, budget, raised)
            self.share = self.purse.share(self._demands)
        for plan in plans:
            self._apply(plan, month)
        self._bill()

    def moved(self) -> dict[Effective, tuple[np.ndarray, np.ndarray]]:
        """What levers in force multiply each parameter and behaviour by, and what they add to it."""
        found: dict[Effective, tuple[np.ndarray, np.ndarray]] = {}
        for name, value in self.values.items():
            lever = self._world.config.catalogue.levers[name]
            for which in lever.moves:
                shape = self._world.shape_of(which)
                multiple, added = found.get(which, (np.ones(shape), np.zeros(shape)))
                found[which] = (multiple * value, added) if lever.combine == "multiply" else (multiple, added + value)
        return found

    def in_force(self, use_id: str) -> bool:
        """Whether the trigger of a lever has it in force."""
        return use_id in self.triggers.began

    def kept_share(self, lever: Lever) -> float:
        """Share of what a lever has started that the budget still pays for; 1 without a cap."""
        ids = [use.id for use in self._world.config.levers if use.lever == lever.name]
        return self.share if any(name in self._demands and self._demands[name].now > 0.0 for name in ids) else 1.0

    def pay(self) -> None:
        """Pay the bills of the month, all of them or what a budget allows."""
        budget = self._world.config.budget
        self.paid = dict(self.costs)
        if budget is None:
            return
        for name, found in self._demands.items():
            if found.booked:
                self.purse.learn(name, self.share * found.now / self.purse.ratio(name), self.costs[name])
        self.paid = self.purse.pay(self.costs, self._demands, self.share, capped=budget.rule == "cap")

    def _plan(self, use: LeverUse) -> Plan:
        """Find from which month a use is in force, and for how long as far as known."""
        lever = self._world.config.catalogue.levers[use.lever]
        if use.when is None:
            return Plan(use, lever, use.from_month, None)
        began = self.triggers.follow(self._world, use)
        lasts = None if began is None or use.when.for_months is None else began + use.when.for_months - 1
        return Plan(use, lever, began, lasts)

    def _demand(self, plan: Plan, budget: Budget, raised: dict[str, np.ndarray]) -> Demand:
        """Cost of a use at full dose: in the month, and as known for the rest of the budget year.

        `raised` is what earlier uses multiply a lever by, and is changed: a use multiplies what these add.
        """
        world, lever = self._world, plan.lever
        if not plan.is_costly:
            return Demand(0.0, 0.0, False, False)
        end = min(self.purse.last_month(budget), world.config.end_month)
        strengths = [plan.strength(month) for month in range(world.month, end + 1)]
        goes_on = world.month < world.config.end_month and plan.strength(world.month + 1) > 0.0
        booked = lever.cost_counted == "booked"
        if not any(strengths):
            return Demand(0.0, 0.0, goes_on, booked)
        full = self._deviation(plan, 1.0)
        if lever.combine == "multiply":
            before = raised.get(lever.name, np.ones(full.shape))
            raised[lever.name] = before * np.maximum(1.0 + full, 1.0)
            full = before * full
        if booked:
            mechanism = world.config.catalogue.mechanisms[world.config.catalogue.section_of_lever[lever.name]]
            cost = mechanism.expected_cost(world, lever, full) * self.purse.ratio(plan.use.id)
        else:
            cost = self._unit_cost(lever) * float(np.abs(full).sum())
        return Demand(cost * strengths[0], cost * sum(strengths[1:]), goes_on, booked)

    def _apply(self, plan: Plan, month: int) -> None:
        """Apply one use of a lever as strongly as it is planned, as far as the budget pays for it."""
        use, lever, strength = plan.use, plan.lever, plan.strength(month)
        if use.announced_month is not None and use.announced_month <= month < use.from_month:
            self.announced.append(Announcement(lever, self._deviation(plan, 1.0), use))
        if plan.is_costly:
            strength *= self.share
        if strength <= 0.0:
            return
        deviation = self._deviation(plan, strength)
        if use.topic is not None:  # of a lever with a message
            self.messages.append(Message(use.topic, 1.0 if use.claimed is None else use.claimed, deviation))
        value = self.values.get(lever.name, lever.neutral)
        self.values[lever.name] = value * (1.0 + deviation) if lever.combine == "multiply" else value + deviation
        self._shares.setdefault(lever.name, []).append((use.id, deviation))

    def _bill(self) -> None:
        """Bill what the uses of each lever add together, divided among them."""
        for name, shares in self._shares.items():
            lever = self._world.config.catalogue.levers[name]
            if lever.cost_counted == "booked":
                continue
            moved, value, sign = lever.moves[0], self.values[name], 1.0 if lever.cost_counted == "above" else -1.0
            if lever.combine == "add" and moved.params is None:  # beyond its bounds it does nothing
                base = moved.base or 0.0
                value = np.clip(base + value, *moved.bounds) - base
            dose = np.maximum(sign * (value - lever.neutral), 0.0)
            parts = [np.maximum(sign * part, 0.0) for _, part in shares]
            each = dose / np.maximum(np.sum(parts, axis=0), np.finfo(float).tiny)
            for (use_id, _), part in zip(shares, parts, strict=True):
                exact = self._unit_cost(lever) * float((each * part).sum())
                # with little money left no rupee may be rounded up
                cost = round(exact) if self.share == 1.0 else math.floor(exact + ROUNDING)
                self.costs[use_id] += cost
                self.administration += cost

    def _unit_cost(self, lever: Lever) -> float:
        """PKR a month of a unit of a lever; of what is in no district, the region's part of the country's cost."""
        return lever.unit_cost * (1.0 if lever.over == "district" else self._world.region_share)

    def _deviation(self, plan: Plan, strength: float) -> np.ndarray:
        """Deviation of a lever from neutral by place (and sector), at a strength in [0, 1]."""
        use, lever = plan.use, plan.lever
        deviation = np.zeros(self._world.shape_of(lever.moves[0]))
        found = strength * (use.value - lever.neutral)
        targets = self._targets(lever, use.where)
        if lever.split:
            reached = [k for k, part in enumerate(lever.split) if use.reaches(part)]
            deviation[np.ix_(targets, reached)] = found
        else:
            deviation[targets] = found
        return deviation

    def book_cost(self, lever: Lever, amounts: np.ndarray, *, paid_to_households: bool = False) -> None:
        """Book the cost of a lever by place (PKR), divided among its uses by what they add to the value."""
        way = -1.0 if lever.booked_below else 1.0
        shares = [(use_id, np.maximum(part * way, 0.0)) for use_id, part in self._shares.get(lever.name, [])]
        total = sum((part for _, part in shares), np.zeros(amounts.size))
        for use_id, part in shares:
            cost = round(float((amounts * part / np.maximum(total, np.finfo(float).tiny)).sum()))
            self.costs[use_id] += cost
            self.administration += 0 if paid_to_households else cost

    def _targets(self, lever: Lever, where: Where | None) -> np.ndarray:
        """Rows of the places named; by default all places where it acts (of destinations, those abroad)."""
        world = self._world
        acts = self._acts(lever)
        if where is None:
            return np.flatnonzero(acts)
        districts, legs = districts_named(world, where), legs_named(world, where)
        named = {
            "district": districts,
            "destination": destinations_named(world, where),
            "leg": legs,
            "jurisdiction": np.concatenate([districts, legs]),
        }
        return np.flatnonzero(named[lever.over] & acts)

    def _acts(self, lever: Lever) -> np.ndarray:
        """Whether a lever has an effect, by place."""
        world = self._world
        if lever.over == "destination":
            return np.array([lever.acts_at(facts) and facts.key != DOMESTIC for facts in world.destination_facts])
        acts = np.ones(world.shape_of(lever.moves[0])[0], bool)
        if lever.over in ("leg", "jurisdiction"):
            guards = guards_of(world.places)
            acts[-len(world.leg_facts) :] = [lever.acts_at(facts, guards[facts.key]) for facts in world.leg_facts]
        return acts
