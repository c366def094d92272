"""State: the values of a subject, monthly or kept, declared beside the step that writes them.

Others read it by its class: ``world[LegsState].effort``. A monthly value is cleared when the next month opens; reading
it before it is written is an error, unless a neutral value is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self, overload

import numpy as np


class StateError(RuntimeError):
    """A value was read before it was written: a mistake in the order of the month."""


class Held[T]:
    """One declared value of a state; it is kept, or gone when the next month opens.

    `start` is its initial or neutral value, from the world, or a number for all places; None if it has none.
    """

    def __init__(
        self, *, text: str, unit: str, over: tuple[str, ...], is_kept: bool, start: Callable[..., T] | float | None
    ) -> None:
        self.text, self.unit, self.over, self.is_kept, self.start = text, unit, over, is_kept, start
        self.name, self.owner = "", State

    def __set_name__(self, owner: type[State], name: str) -> None:
        self.name, self.owner = name, owner

    @property
    def path(self) -> str:
        """Its name for people: ``LegsState.effort``."""
        return f"{self.owner.__name__}.{self.name}"

    def __repr__(self) -> str:
        return self.path

    @overload
    def __get__(self, state: None, owner: type) -> Self: ...
    @overload
    def __get__(self, state: State, owner: type) -> T: ...
    def __get__(self, state: State | None, owner: type) -> Self | T:
        # a value that is there is an attribute of the state, which Python finds first: hundreds are read a month
        if state is None:
            return self
        if self.start is None:
            raise StateError(f"{self.path} is read before it has been written")
        found: Any = self.start(state.world) if callable(self.start) else self._filled(state.world, self.start)
        vars(state)[self.name] = found
        return found

    def _filled(self, world: Any, number: float) -> np.ndarray | float:
        return np.full([world.sizes[places] for places in self.over], number) if self.over else number


class State:
    """Base class of the state of a subject."""

    fields: ClassVar[dict[str, Held[object]]] = {}
    """Its declared values, by name."""
    of_month: ClassVar[tuple[str, ...]] = ()
    """Names of those that are gone when the next month opens."""

    def __init__(self, world: object) -> None:
        self.world = world

    def __init_subclass__(cls) -> None:
        cls.fields = {name: found for name, found in vars(cls).items() if isinstance(found, Held)}
        cls.of_month = tuple(name for name, found in cls.fields.items() if not found.is_kept)

    def __getstate__(self) -> dict[str, object]:
        """State for a checkpoint: the kept values."""
        return {name: vars(self)[name] for name, held in self.fields.items() if held.is_kept and name in vars(self)}

    def open_month(self) -> None:
        """Forget the values of the month before."""
        values = vars(self)
        for name in self.of_month:
            values.pop(name, None)


def monthly[T](
    *, text: str, unit: str = "", over: tuple[str, ...] = (), neutral: Callable[..., T] | float | None = None
) -> Held[T]:
    """Declare a value of one month; `neutral` is its value, see `Held`, if the mechanism that writes it is off.

    Without a neutral value, reading it is then an error.
    """
    return Held(text=text, unit=unit, over=over, is_kept=False, start=neutral)


def kept[T](
    *, text: str, unit: str = "", over: tuple[str, ...] = (), start: Callable[..., T] | float | None = None
) -> Held[T]:
    """Declare a value that lasts for the whole run; `start` is its initial value, see `Held`."""
    return Held(text=text, unit=unit, over=over, is_kept=True, start=start)


def kept_by_district(*, text: str, unit: str, start: float = 0.0) -> Held[np.ndarray]:
    """Declare a value by district that lasts for the whole run."""
    return kept(text=text, unit=unit, over=("district",), start=start)
