"""Levers, dated, targeted, costed changes, and the effective values that they move.

An effective value is a parameter or behaviour as mechanisms read it, after this month's policy. Mechanisms read
``world.now(JOB_GROWTH)`` and never ask for a lever. A lever names what it moves, and whether it adds or multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from abm.declare.param import Params, Target

Bounds = tuple[float, float]

ANY = (-math.inf, math.inf)


@dataclass(frozen=True, eq=False)
class Effective:
    """A monthly value that policy may move, by place or for the whole country."""

    name: str  # the parameter, or the behaviour in words
    over: Target  # places for which it has values
    base: float | None  # value without policy; None for a parameter
    params: type[Params] | None
    field: str  # class and name of the parameter; None and empty for a behaviour
    bounds: Bounds  # effective values are clipped to these
    split: tuple[str, ...]  # sectors, or kinds of application, with a value each; empty if none
    read_by: tuple[str, ...] = ()
    """Sections of the mechanisms that read a behaviour, besides the one whose lever moves it."""

    @property
    def sections(self) -> tuple[str, ...]:
        """Sections of the mechanisms known to read it."""
        return (self.params.section,) if self.params else self.read_by

    @property
    def path(self) -> str:
        """Path of the parameter in YAML, ``labour.job_growth``; of a behaviour its name."""
        return f"{self.params.section}.{self.field}" if self.params else self.name


def effective(params: type[Params], field: str, *, over: Target = "national", bounds: Bounds = ANY) -> Effective:
    """Declare that policy may move a parameter; national values are read from ``world.params``.

    An AttributeError says that there is no such parameter; a ValueError, that no mechanism reads it by these places, or
    that it was declared before with other bounds.
    """
    if field not in params.model_fields:
        raise AttributeError(f"{params.__name__} has no parameter '{field}'")
    name = f"{params.__name__}.{field}"
    extra = params.model_fields[field].json_schema_extra
    if over not in ("national", extra.get("over") if isinstance(extra, dict) else None):
        raise ValueError(
            f"{name} is not read by {over}, so that a lever there would do nothing; leave 'over' out, or declare the "
            f"parameter with over='{over}' and read it with world.now"
        )
    found = _OF_PARAMETERS.setdefault((params, field, over), Effective(name, over, None, params, field, bounds, ()))
    if bounds not in (found.bounds, ANY):
        raise ValueError(f"the effective value of {name} by {over} has the bounds {found.bounds}, not {bounds}")
    return found


_OF_PARAMETERS: dict[tuple[type[Params], str, Target], Effective] = {}
"""One handle of each parameter and kind of place, so that levers declared apart move what is read."""


def behaviour(
    name: str,
    *,
    base: float,
    over: Target = "national",
    bounds: Bounds = ANY,
    split: tuple[str, ...] = (),
    read_by: tuple[str, ...] = (),
) -> Effective:
    """Declare a behaviour that policy may move, and its value without policy."""
    return Effective(name, over, base, None, "", bounds, split, read_by)


@dataclass(frozen=True)
class Lever:
    """A policy lever; name, unit, bounds, text, source and systems are as of a parameter."""

    name: str
    _: KW_ONLY
    unit: str
    bounds: Bounds  # of its ``value`` in YAML
    # ``multiply``: the month's value is the product of all levers in force (neutral value 1); ``add``: their sum (0)
    combine: Literal["multiply", "add"]
    moves: tuple[Effective, ...]  # the parameters and behaviours that it adds to or multiplies
    text: str
    source: str = "assumed"  # that of its effect
    # cost of one unit to the government, PKR of 2017 a month; the unit that is counted
    unit_cost: float = 0.0
    cost_unit: str = "none"
    # ``above`` or ``below``: `unit_cost` times the deviation of the value from neutral on that side, for each place
    # that it acts on; ``booked``: the mechanism books the cost itself, and estimates it for budgets (``expected_cost``)
    cost_counted: Literal["above", "below", "booked"] = "above"
    booked_below: bool = False  # what is taken off costs, of a lever whose cost is booked
    systems: tuple[str, ...] = ()
    # fact of a destination or leg that must be above zero for it to act there, such as ``legal_quota``
    needs: str = ""
    topics: tuple[str, ...] = ()  # possible topics of its message (``topic`` in YAML); empty without a message
    # what those who heard an announcement believe once it is in force: a topic of beliefs, and the shift of its log
    # odds (or of the log wage) per unit of the log value of a lever that multiplies, or for the whole value of one that
    # adds
    signals: tuple[tuple[str, float], ...] = ()
    split: tuple[str, ...] = ()  # sectors, or kinds of application, that a use may select: it has a value for each
    guards: tuple[str, ...] = ()  # kinds of post on whose legs it acts, such as ``("coast_guard",)``; empty for all
    cost_source: str = "assumed"
    split_by: Literal["sectors", "kinds"] = "sectors"  # field in which a use selects them
    # how an announcement is weighed by those who consider leaving: ``terms`` that a departure meets when it is decided
    # or under way; conditions of a ``stay``; the risk of ``offices``, part of their price; empty if it tells nothing
    felt: Literal["", "terms", "stay", "offices"] = ""
    beside: tuple[str, ...] = ()  # sections of mechanisms without which it does nothing, beside those that it moves

    @property
    def over(self) -> Target:
        """What its ``where`` may name: the places of what it moves.

        Districts (and provinces), destinations, legs (and routes), jurisdictions (districts of circles and legs of
        posts), or nothing.
        """
        return self.moves[0].over

    @property
    def neutral(self) -> float:
        """Value that changes nothing."""
        return 1.0 if self.combine == "multiply" else 0.0

    @property
    def is_share(self) -> bool:
        """Whether its value is a share, which may be given in per cent."""
        return self.unit.startswith("share")

    def acts_at(self, place: object, guarded_by: Collection[str] = ()) -> bool:
        """Whether it has an effect at a destination or leg with these facts, guarded by posts of these kinds."""
        has_what_it_needs = not self.needs or getattr(place, self.needs) > 0
        return has_what_it_needs and (not self.guards or any(kind in self.guards for kind in guarded_by))
