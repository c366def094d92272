"""Levers: dated, targeted, costed changes of what a mechanism reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from abm.declare.effective import Effective
from abm.declare.effective import Over as Target

Combine = Literal["multiply", "add"]
CostCounted = Literal["above", "below", "booked"]


@dataclass(frozen=True)
class Lever:
    """A policy lever.

    Attributes
    ----------
    name, unit, bounds, text, source, systems
        As for a parameter; `source` is that of the lever's effect, and `bounds` limit its ``value`` in YAML.
    over
        What its ``where`` may name: districts (and provinces), destinations, legs (and routes), jurisdictions
        (districts of circles and legs of posts), or nothing.
    combine
        ``multiply``: the month's value is the product of all levers in force (neutral value 1);
        ``add``: their sum (neutral value 0).
    moves
        The parameters and behaviours that it adds to or multiplies.
    unit_cost
        Cost of one `cost_unit` to the government, PKR of 2017 a month.
    cost_unit
        Unit that the cost is counted in.
    cost_source
        Source of `unit_cost`.
    cost_counted
        ``above`` or ``below``: `unit_cost` times the deviation of the value from neutral on that side, for each place
        that the lever acts on; ``booked``: the mechanism books the cost itself, and estimates it for budgets
        (``expected_cost``).
    topics
        Possible topics of its message (``topic`` in YAML); empty for levers without a message.
    signals
        Information in an announcement: a topic of beliefs, and the shift of its log odds (or of the log wage) per unit
        of the log value of a lever that multiplies, or for the whole value of one that adds.
    needs
        Fact of a destination or leg that must be above zero for the lever to act there, such as ``legal_quota``; empty
        if there is no such condition.
    guards
        Kinds of post on whose legs it acts, such as ``("coast_guard",)``; empty for all.
    split
        Sectors that a use may select with ``sectors``; the lever has a value for each. Empty if none.
    """

    name: str
    unit: str
    bounds: tuple[float, float]
    over: Target
    combine: Combine
    moves: tuple[Effective, ...]
    text: str
    source: str
    unit_cost: float
    cost_unit: str
    cost_counted: CostCounted = "above"
    systems: tuple[str, ...] = ()
    needs: str = ""
    topics: tuple[str, ...] = ()
    signals: tuple[tuple[str, float], ...] = ()
    split: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    cost_source: str = "assumed"

    @property
    def neutral(self) -> float:
        """Value that changes nothing."""
        return 1.0 if self.combine == "multiply" else 0.0

    def acts_at(self, place: object, guarded_by: Collection[str] = ()) -> bool:
        """Whether it has an effect at a destination or leg with these facts, guarded by posts of these kinds."""
        has_what_it_needs = not self.needs or getattr(place, self.needs) > 0
        return has_what_it_needs and (not self.guards or any(kind in self.guards for kind in guarded_by))


def lever(
    name: str,
    *,
    unit: str,
    bounds: tuple[float, float],
    combine: Combine,
    moves: Effective | tuple[Effective, ...],
    text: str,
    over: Target | None = None,
    source: str = "assumed",
    unit_cost: float = 0.0,
    cost_unit: str = "none",
    cost_counted: CostCounted = "above",
    systems: tuple[str, ...] = (),
    needs: str = "",
    topics: tuple[str, ...] = (),
    signals: tuple[tuple[str, float], ...] = (),
    split: tuple[str, ...] = (),
    guards: tuple[str, ...] = (),
    cost_source: str = "assumed",
) -> Lever:
    """Declare a lever; by default its places are those of what it moves."""
    moved = (moves,) if isinstance(moves, Effective) else moves
    return Lever(
        name, unit, bounds, over or moved[0].over, combine, moved, text, source, unit_cost, cost_unit, cost_counted,
        systems, needs,
        topics, signals, split, guards, cost_source,
    )  # fmt: skip
