"""What a mechanism is: parameters, outcomes and levers declared beside one step a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from abm.declare import Lever, Outcome, Params

if TYPE_CHECKING:
    from abm.world.state import World


class Mechanism:
    """One phase of the month.

    Attributes
    ----------
    section
        Its name: the section of its parameters in YAML and the key under ``mechanisms``.
    Params
        Its declared parameters.
    outcomes, levers
        What it records, and what policy may move in it.
    switchable
        Whether ``mechanisms.<section>.enabled: false`` is allowed.
    systems
        Systems of the source paper that it represents.
    """

    section: ClassVar[str]
    Params: ClassVar[type[Params]] = Params
    outcomes: ClassVar[tuple[Outcome, ...]] = ()
    levers: ClassVar[tuple[Lever, ...]] = ()
    switchable: ClassVar[bool] = True
    systems: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def step(world: World) -> None:
        """Advance the world by this mechanism's part of the month."""
        raise NotImplementedError
