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
        As of a parameter, `source` that of the lever's effect. `bounds` limit the lever's ``value`` in YAML.
    over
        What its ``where`` may name: districts (and provinces), destinations, legs (and routes), jurisdictions
        (districts of circles and legs of posts), or nothing.
    combine
        ``multiply``: the month's value is the product of all levers in force (neutral value 1);
        ``add``: their sum (neutral value 0).
    moves
        The parameters and behaviours that it adds to or multiplies.
    unit_cost
        Policy cost in PKR of 2017 a month, for one unit of `cost_unit`.
    cost_unit
        What one unit of cost is.
    cost_source
        Source of `unit_cost`.
    cost_counted
        ``above`` or ``below``: `unit_cost` times the deviation of the value from neutral on that side, for each place
        that the lever acts on; ``booked``: the mechanism books the cost itself, and estimates it for budgets
        (``expected_cost``).
    topics
        What its message may be about (``topic`` in YAML); empty for levers without a message.
    signals
        What an announcement tells: topic of beliefs, and shift of its log odds (of the log wage) for the log of the
        value of a lever that multiplies, or for the whole value of one that adds.
    needs
        Fact of a destination or a leg that must be above zero there for the lever to act, ``legal_quota``; empty if
        any will do.
    guards
        Kinds of post on whose legs it acts, ``("coast_guard",)``; empty if any will do.
    split
        Names of the sectors that a use may single out with ``sectors``; the lever has a value for each. Empty if none.
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
        """Whether it does anything at a destination or a leg with these facts, guarded by posts of these kinds."""
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
    """Declare a lever; its places are those of what it moves, if it says nothing else."""
    moved = (moves,) if isinstance(moves, Effective) else moves
    return Lever(
        name, unit, bounds, over or moved[0].over, combine, moved, text, source, unit_cost, cost_unit, cost_counted, systems, needs,
        topics, signals, split, guards, cost_source,
    )  # fmt: skip
