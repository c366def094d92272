"""What mechanisms may ask of the configuration of a run, beside the parameters of sections.

The configuration is put together from the mechanisms, above them; this is the side of it that they see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from abm.declare import Lever
    from abm.places.geography import DistrictData
    from abm.places.places import PlaceSettings
    from abm.world.event_use import EventUse
    from abm.world.lever_use import Budget, LeverUse


class CostEstimate[W](Protocol):
    """A mechanism, as a budget sees it; `W` is the world."""

    @staticmethod
    def expected_cost(world: W, lever: Lever, deviation: np.ndarray) -> float:
        """Cost of one of its levers in the month, PKR, estimated from above."""


class Declared[W](Protocol):
    """What the mechanisms of the month declare."""

    @property
    def mechanisms(self) -> Mapping[str, type[CostEstimate[W]]]:
        """Mechanisms by section."""

    @property
    def levers(self) -> Mapping[str, Lever]:
        """Levers by name."""

    @property
    def section_of_lever(self) -> Mapping[str, str]:
        """Lever -> section of the mechanism that declares it."""


class OutputSettings(Protocol):
    """What a run leaves behind."""

    @property
    def journeys(self) -> bool:
        """Whether the table of journeys is kept."""


class PopulationSettings(Protocol):
    """How the population is made."""

    @property
    def district_data(self) -> DistrictData:
        """Which data of districts are used."""


class Settings[W](Protocol):
    """Configuration of a run; frozen."""

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""

    @property
    def start_month(self) -> int:
        """First month simulated, in months since January of year 0."""

    @property
    def end_month(self) -> int:
        """Last month simulated, in months since January of year 0."""

    @property
    def months(self) -> int:
        """Count of months simulated."""

    @property
    def levers(self) -> tuple[LeverUse, ...]:
        """Levers in use."""

    @property
    def events(self) -> tuple[EventUse, ...]:
        """Events in use."""

    @property
    def budget(self) -> Budget | None:
        """What all levers together may cost in a year; None for no limit."""

    @property
    def catalogue(self) -> Declared[W]:
        """What the mechanisms of the month declare."""

    @property
    def outputs(self) -> OutputSettings:
        """What the run leaves behind."""

    @property
    def population(self) -> PopulationSettings:
        """How the population is made."""

    @property
    def places(self) -> PlaceSettings:
        """Changes of, and additions to, the shipped places."""

    def enabled(self, section: str) -> bool:
        """Whether a mechanism takes part."""

    def resolved(self) -> Mapping[str, object]:
        """Every value, as plain data for JSON."""

    def __iter__(self) -> Iterator[tuple[str, object]]:
        """Fields by name; the parameters of a mechanism are one."""
