"""Effective values: a parameter or behaviour as mechanisms read it, after this month's policy.

Mechanisms read ``world.now(JOB_GROWTH)`` and never ask for a lever. A lever names what it moves, and whether it adds or
multiplies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from abm.declare.param import Params

Over = Literal["district", "destination", "leg", "jurisdiction", "national"]
Bounds = tuple[float, float]

ANY = (-math.inf, math.inf)


@dataclass(frozen=True, eq=False)
class Effective:
    """A monthly value that policy may move, by place or for the whole country.

    Attributes
    ----------
    name
        The parameter, or the behaviour in words.
    over
        Places for which it has values: ``district``, ``destination``, ``leg``, ``jurisdiction`` or ``national``.
    base
        Value without policy; None for a parameter.
    params, field
        Class and name of the parameter; None and empty for a behaviour.
    bounds
        Effective values are clipped to these.
    split
        Sectors with a value each; empty if none.
    read_by
        Sections of the mechanisms that read a behaviour, besides the one whose lever moves it.
    """

    name: str
    over: Over
    base: float | None
    params: type[Params] | None
    field: str
    bounds: Bounds
    split: tuple[str, ...]
    read_by: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[str, ...]:
        """Sections of the mechanisms known to read it."""
        return (self.params.section,) if self.params else self.read_by

    @property
    def path(self) -> str:
        """Path of the parameter in YAML, ``labour.job_growth``; of a behaviour its name."""
        return f"{self.params.section}.{self.field}" if self.params else self.name


def effective(params: type[Params], field: str, *, over: Over = "national", bounds: Bounds = ANY) -> Effective:
    """Declare that policy may move a parameter; national values are read from ``world.params``.

    Raises
    ------
    AttributeError
        If there is no such parameter.
    ValueError
        If it was declared before, with other bounds.
    """
    if field not in params.model_fields:
        raise AttributeError(f"{params.__name__} has no parameter '{field}'")
    name = f"{params.__name__}.{field}"
    found = _OF_PARAMETERS.setdefault((params, field, over), Effective(name, over, None, params, field, bounds, ()))
    if bounds not in (found.bounds, ANY):
        raise ValueError(f"the effective value of {name} by {over} has the bounds {found.bounds}, not {bounds}")
    return found


_OF_PARAMETERS: dict[tuple[type[Params], str, Over], Effective] = {}
"""One handle of each parameter and kind of place, so that levers declared apart move what is read."""


def behaviour(
    name: str,
    *,
    base: float,
    over: Over = "national",
    bounds: Bounds = ANY,
    split: tuple[str, ...] = (),
    read_by: tuple[str, ...] = (),
) -> Effective:
    """Declare a behaviour that policy may move, and its value without policy."""
    return Effective(name, over, base, None, "", bounds, split, read_by)
