"""Base of mechanisms: parameters, outcomes and levers declared beside one step a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from abm.declare import Lever, Outcome, Params

if TYPE_CHECKING:
    import numpy as np

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
        What it records, and the levers by which policy acts on it.
    switchable
        Whether ``mechanisms.<section>.enabled: false`` is allowed.
    on_by_default
        Whether it is on if the configuration does not say.
    used_when_off
        Parameters that matter even while it is off, because other mechanisms or the start of the run read them.
    systems
        Systems of the source paper that it represents.
    """

    section: ClassVar[str]
    Params: ClassVar[type[Params]] = Params
    outcomes: ClassVar[tuple[Outcome, ...]] = ()
    levers: ClassVar[tuple[Lever, ...]] = ()
    switchable: ClassVar[bool] = True
    on_by_default: ClassVar[bool] = True
    used_when_off: ClassVar[tuple[str, ...]] = ()
    systems: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if "Params" in vars(cls):
            cls.Params.section = cls.section

    @staticmethod
    def step(world: World) -> None:
        """Advance the world by this mechanism's part of the month."""
        raise NotImplementedError

    @staticmethod
    def expected_cost(world: World, lever: Lever, deviation: np.ndarray) -> float:
        """Upper estimate of the month's cost of a lever that books its cost, PKR.

        A budget needs the cost in advance; it learns from the bills how far the estimate is off.

        Parameters
        ----------
        world
            World at the beginning of the month.
        lever
            Lever of this mechanism whose ``cost_counted`` is ``"booked"``.
        deviation
            What it adds to the neutral value, by place.
        """
        raise NotImplementedError
