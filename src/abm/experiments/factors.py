"""Factors: parameters and fields of levers that a study varies, and the values that they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from abm.config import Config
from abm.config.fields import Declared, number_at
from abm.config.wording import is_number
from abm.config.yaml_source import KeyPath
from abm.declare import ParamFacts, facts_of
from abm.month import LEVERS
from abm.places.places import PLACES
from abm.society import PopulationParams
from abm.world.lever_use import LeverUse

LEVER_FIELDS = (
    "value", "ramp_months", "claimed", "pulse.months_on", "pulse.months_off",
    *(f"when.{name}" for name in ("above", "below", "over_months", "for_months", "cooldown_months")),
)  # fmt: skip
"""Numbers of a use of a lever; its dates are no factors: a scenario has other dates."""


@dataclass(frozen=True)
class Factor:
    """What a study varies."""

    # name, unit: as in the YAML, ``labour.job_growth`` or ``levers.campaign.value``; its unit in words
    name: str
    # low, high, values: ends of its range, both included; or the values that it takes, else empty, with the smallest
    # and the largest
    low: float
    high: float
    # whole, scale: whether it takes whole numbers only; ``linear`` or ``log``
    whole: bool
    scale: str
    levels: int | None  # number of levels in designs on levels, None for the design's
    values: tuple[float, ...]
    scenarios: tuple[str, ...]  # scenarios in which it varies
    centre: float | None  # value in force in the first of these scenarios, or as given; None if none is
    unit: str
    label: str = ""  # name in figures and tables; empty for its path

    @property
    def parts(self) -> tuple[str, ...]:
        """Its path; the second part of a lever's is the id."""
        return tuple(self.name.split("."))

    def of_unit(self, share: np.ndarray) -> np.ndarray:
        """Turn shares in [0, 1] into values, so that equal stretches of [0, 1] are equally likely.

        Whole numbers and listed values get stretches of one length each; rounding would give those at the ends half.
        """
        if self.values:
            return np.asarray(self.values, float)[_stretch(share, len(self.values))]
        if self.whole and self.scale == "linear":
            return self.low + _stretch(share, round(self.high - self.low) + 1)
        if self.whole:
            found = np.floor(_between(self.low, self.high + 1, share, log=True))
            return np.clip(found, self.low, self.high)
        return np.clip(_between(self.low, self.high, share, log=self.scale == "log"), self.low, self.high)

    def on_levels(self, default: int | None) -> np.ndarray:
        """List its levels: its `values`, or a number of them from low to high in equal steps; whole ones once each."""
        if self.values:
            return np.asarray(self.values, float)
        share = np.linspace(0.0, 1.0, self.levels or default or 2)
        found = _between(self.low, self.high, share, log=self.scale == "log")
        return np.unique(np.round(found)) if self.whole else np.clip(found, self.low, self.high)


def _stretch(share: np.ndarray, count: int) -> np.ndarray:
    """Which of `count` stretches of [0, 1] of one length a share falls in."""
    return np.minimum((np.asarray(share) * count).astype(np.int64), count - 1)


def _between(low: float, high: float, share: np.ndarray, *, log: bool) -> np.ndarray:
    """Go from low to high by a share of the way, exact at both ends."""
    share = np.asarray(share, float)
    found = np.exp(np.log(low) + share * (np.log(high) - np.log(low))) if log else low + share * (high - low)
    return np.where(share == 0, low, np.where(share == 1, high, found))


def declared_number(parts: KeyPath, lever: str | None = None) -> Declared | None:
    """Find what is declared about the number at a path; None if no number stands there.

    For a field of a lever the path is ``("levers", id, "value")``, and the name of that lever is given.
    """
    model: type[BaseModel] = Config
    if lever is not None:
        parts, model = parts[2:], LeverUse
        if parts == ("value",):
            return Declared(*LEVERS[lever].bounds, whole=False, unit=LEVERS[lever].unit)
        if ".".join(map(str, parts)) not in LEVER_FIELDS:
            return None
    elif parts[0] in ("levers", "seed"):
        return None
    return number_at(parts, model)


def declared_parameters() -> dict[str, ParamFacts]:
    """List the declared parameters of all sections, by path."""
    return Config.catalogue.parameters() | {facts.path: facts for facts in facts_of(PopulationParams, "population")}


def known_factors(lever_ids: Iterable[str]) -> Iterator[str]:
    """Name what may be a factor: every parameter, and the fields of the levers in use."""
    yield from declared_parameters()
    yield "budget.per_year"
    yield from (f"levers.{name}.{field}" for name in lever_ids for field in LEVER_FIELDS)


def value_in_force(resolved: dict[str, object], parts: KeyPath) -> float | None:
    """Read the number that a resolved configuration has at a path; that of the shipped data for ``places``."""
    here: object = resolved
    for part in parts:
        if isinstance(here, list | tuple):
            here = next((use for use in here if use["id"] == part), None)
        else:
            here = here.get(part) if isinstance(here, dict) else None
    if here is None and parts[0] == "places" and len(parts) == 4:
        part, key, fact = (str(word) for word in parts[1:])
        here = PLACES.shipped[part].get(key, {}).get(fact)
    return float(here) if is_number(here) else None
