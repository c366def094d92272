"""Phases of the month: a mechanism with what it reads and writes, checked for their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from abm.declare.state import Held
from abm.world.mechanism import Mechanism

Declared = Held[Any]
"""A declared value of a state, whatever it holds."""


class OrderError(ValueError):
    """The order of the month does not fit what its phases read."""


@dataclass(frozen=True)
class Phase:
    """One phase of the month.

    Attributes
    ----------
    mechanism
        Mechanism that runs in it.
    reads
        Monthly values written by an earlier phase.
    keeps
        Kept values, from last month or updated earlier: read, or changed in place.
    writes
        Monthly values that it sets.
    """

    mechanism: type[Mechanism]
    reads: tuple[Declared, ...] = ()
    keeps: tuple[Declared, ...] = ()
    writes: tuple[Declared, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stage of the household pass: the compiled function and its purpose."""

    function: str
    text: str


def check_order(phases: Iterable[Phase]) -> None:
    """Refuse an order in which a phase reads a value not yet written.

    Raises
    ------
    OrderError
        If a monthly value is read before it is written and has no neutral value, or if a monthly value is named as kept
        or a kept one as monthly.
    """
    written: set[str] = set()
    for phase in phases:
        name = phase.mechanism.__name__
        for held in phase.keeps:
            if not held.is_kept:
                raise OrderError(f"{name} keeps {held}, which is a value of one month; name it in 'reads' or 'writes'")
        for held in (*phase.reads, *phase.writes):
            if held.is_kept:
                raise OrderError(
                    f"{name} reads or writes {held} as a value of the month; it is kept: name it in 'keeps'"
                )
        for held in phase.reads:
            if held.path not in written and held.start is None:
                raise OrderError(f"{name} reads {held}, which no earlier phase of the month writes")
        written |= {held.path for held in phase.writes}


def plan_of(phases: Iterable[Phase], stages: Iterable[Stage]) -> str:
    """Describe the month in text: every phase with its purpose, reads and writes."""
    lines = []
    for number, phase in enumerate(phases, start=1):
        mechanism = phase.mechanism
        lines.append(f"{number:2d} {mechanism.__name__}: {(mechanism.__doc__ or '').strip().splitlines()[0]}")
        for word, held in (("reads", phase.reads), ("keeps", phase.keeps), ("writes", phase.writes)):
            if held:
                lines.append(f"     {word} {', '.join(str(one) for one in held)}")
        if mechanism.section == "households":
            lines += [
                f"     {letter}) {stage.function}: {stage.text}" for letter, stage in zip(LETTERS, stages, strict=False)
            ]
    return "\n".join(lines)


LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Letters of the stages of the household pass."""
