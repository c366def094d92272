"""What a mechanism is, and the phases of the month in which mechanisms run, checked for their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, ClassVar

from abm.declare import Event, Lever, Outcome, Params
from abm.declare.state import Held

if TYPE_CHECKING:
    import numpy as np

    from abm.world.state import World


class Mechanism:
    """One phase of the month."""

    section: ClassVar[str]  # its name: the section of its parameters in YAML and the key under ``mechanisms``
    Params: ClassVar[type[Params]] = Params  # its declared parameters
    outcomes: ClassVar[tuple[Outcome, ...]] = ()  # what it records
    levers: ClassVar[tuple[Lever, ...]] = ()  # those by which policy acts on it
    events: ClassVar[tuple[Event, ...]] = ()  # those that befall what it owns
    switchable: ClassVar[bool] = True  # whether ``mechanisms.<section>.enabled: false`` is allowed
    on_by_default: ClassVar[bool] = True  # whether it is on if the configuration does not say
    # parameters that matter even while it is off, because other mechanisms or the start of the run read them
    used_when_off: ClassVar[tuple[str, ...]] = ()
    systems: ClassVar[tuple[str, ...]] = ()  # systems of the source paper that it represents

    def __init_subclass__(cls) -> None:
        if "Params" in vars(cls):
            cls.Params.section = cls.section

    @staticmethod
    def step(world: World) -> None:
        """Advance the world by this mechanism's part of the month."""
        raise NotImplementedError

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Upper estimate, at the beginning of the month, of the month's cost of a lever that books its cost, PKR.

        A budget needs the cost in advance; it learns from the bills how far the estimate is off. `deviation` is what
        the lever, one of this mechanism whose ``cost_counted`` is ``"booked"``, adds to the neutral value, by place.
        """
        raise NotImplementedError


class OrderError(ValueError):
    """The order of the month does not fit what its phases read."""


@dataclass(frozen=True)
class Phase:
    """One phase of the month."""

    mechanism: type[Mechanism]  # that runs in it
    reads: tuple[Held[Any], ...] = ()  # monthly values written by an earlier phase
    keeps: tuple[Held[Any], ...] = ()  # kept values, from last month or updated earlier: read, or changed in place
    writes: tuple[Held[Any], ...] = ()  # monthly values that it sets


@dataclass(frozen=True)
class Stage:
    """One stage of the household pass: the compiled function and its purpose."""

    function: str
    text: str


def check_order(phases: Iterable[Phase]) -> None:
    """Refuse an order in which a phase reads a monthly value not yet written that has no neutral value.

    An OrderError also refuses a monthly value that is named as kept, and a kept one as monthly.
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
                f"     {letter}) {stage.function}: {stage.text}"
                for letter, stage in zip(ascii_lowercase, stages, strict=False)
            ]
    return "\n".join(lines)
