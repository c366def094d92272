"""Outcomes: the columns of the result tables, recorded through their handles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

Over = Literal["district", "national", "route", "destination", "leg", "stream"]
Kind = Literal["flow", "stock", "level"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One column of the results, and the handle by which it is recorded."""

    name: str
    unit: str  # in words
    over: Over  # finest table that holds it; ``district`` outcomes appear in `national` too
    text: str  # one-sentence definition
    # ``flow``: a count of events in a month, added up over months; ``stock``: a count at the end of the month;
    # ``level``: a rate, mean or price, which may be blank in months without events
    kind: Kind = "flow"
    mean_of: str | None = None  # name of the outcome that weights the national mean; None for counts, which are summed
    # whether the table by route, by destination, or by leg has it too
    by_route: bool = False
    by_destination: bool = False
    by_leg: bool = False

    def __reduce__(self) -> tuple[Callable[[str], Outcome], tuple[str]]:
        return declared_outcome, (self.name,)  # there is one handle of each name

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return self.kind != "level"

    def kept_by(self, kind: str) -> bool:
        """Whether a table of places (``route``, ``destination`` …) has it."""
        return self.over == kind or bool(getattr(self, f"by_{kind}", False))

    def at(self, kind: Over) -> Outcome | Placed:
        """Handle of its column in the table of a kind of place."""
        return self if kind == self.over else Placed(self, kind)


_DECLARED: dict[str, Outcome] = {}


def declared_outcome(name: str) -> Outcome:
    """Handle of a declared outcome, by its name."""
    return _DECLARED[name]


class Placed(NamedTuple):
    """Column of an outcome in the table of a kind of place other than its own."""

    outcome: Outcome
    kind: Over


def outcome(
    name: str = "",
    *,
    unit: str,
    over: Over,
    text: str,
    kind: Kind | None = None,
    mean_of: str | None = None,
    by_route: bool = False,
    by_destination: bool = False,
    by_leg: bool = False,
) -> Outcome:
    """Declare an outcome beside the mechanism that records it; in an `Outcomes` it is named by its attribute."""
    known = kind or ("level" if mean_of else "flow")
    return Outcome(name, unit, over, text, known, mean_of, by_route, by_destination, by_leg)


def national_level(*, unit: str, text: str) -> Outcome:
    """Declare a rate, mean or price of the country, which may be blank in months without events."""
    return outcome(unit=unit, over="national", kind="level", text=text)


class Outcomes:
    """Outcomes of a mechanism: a class whose attributes are outcomes, or tuples of outcomes."""

    declared: ClassVar[tuple[Outcome, ...]] = ()
    """All of them, in order."""

    def __init_subclass__(cls) -> None:
        found: list[Outcome] = []
        for name, value in vars(cls).items():
            if isinstance(value, Outcome):
                object.__setattr__(value, "name", value.name or name)
                found.append(value)
            elif isinstance(value, tuple):
                found += [part for part in value if isinstance(part, Outcome)]
        cls.declared = tuple(found)
        _DECLARED.update({one.name: one for one in found})
