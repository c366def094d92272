"""What may be configured, gathered from the declarations of a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from abm.declare import Lever, Outcome
from abm.world.mechanism import Mechanism


@dataclass(frozen=True)
class Catalogue:
    """What may be configured: the mechanisms, their levers by name, and the outcomes that a trigger may watch."""

    mechanisms: dict[str, type[Mechanism]]
    levers: dict[str, Lever]
    home: dict[str, str]
    """Lever -> section of the mechanism that declares it."""
    outcomes: dict[str, Outcome]
    """Outcomes by name."""
    recorder: dict[str, str]
    """Outcome -> section of the mechanism that declares it."""

    @classmethod
    def of(cls, month: Iterable[type[Mechanism]]) -> Catalogue:
        """Gather the declarations of a month."""
        mechanisms = {mechanism.section: mechanism for mechanism in month}
        declared = [(section, lever) for section, found in mechanisms.items() for lever in found.levers]
        return cls(
            mechanisms,
            {lever.name: lever for _, lever in declared},
            {lever.name: section for section, lever in declared},
            {found.name: found for mechanism in mechanisms.values() for found in mechanism.outcomes},
            {found.name: section for section, mechanism in mechanisms.items() for found in mechanism.outcomes},
        )

    def sections_moved(self, lever: str) -> list[str]:
        """Sections whose mechanism a lever acts on: the one that declares it, and those of the parameters it moves."""
        others = [section for moved in self.levers[lever].moves for section in moved.sections]
        return list(dict.fromkeys([self.home[lever], *(name for name in others if name in self.mechanisms)]))
