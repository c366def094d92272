"""Outcomes: the columns of the result tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Over = Literal["district", "national", "route", "destination", "leg"]


@dataclass(frozen=True)
class Outcome:
    """One column of the results.

    Attributes
    ----------
    name
        Column name.
    unit
        Unit in words.
    over
        Finest table that holds it. ``district`` outcomes appear in `national` too.
    text
        What it is.
    mean_of
        Name of the outcome that weights the national mean; None for counts, which are summed.
    by_route, by_destination, by_leg
        Whether the table by route, by destination, or by leg has it too.
    whole
        Whether it is a whole number; else it may be blank in months in which nothing happened.
    """

    name: str
    unit: str
    over: Over
    text: str
    mean_of: str | None = None
    by_route: bool = False
    by_destination: bool = False
    by_leg: bool = False
    whole: bool = True

    def kept_by(self, kind: str) -> bool:
        """Whether a table of places (``route``, ``destination`` …) has it."""
        return self.over == kind or bool(getattr(self, f"by_{kind}", False))


def outcome(
    name: str,
    *,
    unit: str,
    over: Over,
    text: str,
    mean_of: str | None = None,
    by_route: bool = False,
    by_destination: bool = False,
    by_leg: bool = False,
    whole: bool = True,
) -> Outcome:
    """Declare an outcome beside the mechanism that records it."""
    return Outcome(name, unit, over, text, mean_of, by_route, by_destination, by_leg, whole and mean_of is None)
