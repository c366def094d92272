"""How far a study is: what the driver tells, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    total
        Runs of the study, or of the share.
    before
        Runs that were there when the sweep began.
    made, failed
        Runs made, and runs that failed, since.
    workers
        Workers at work.
    seconds
        Since the first run was handed out.
    rate
        Runs settled a second, of late.
    doing
        What is done beside: ``"compiling"``, ``"waiting for workers"`` … or nothing.
    """

    total: int
    before: int
    made: int
    failed: int
    workers: int
    seconds: float
    rate: float = 0.0
    doing: str = ""

    @property
    def settled(self) -> int:
        """Runs that need nothing more."""
        return self.before + self.made + self.failed

    @property
    def remaining_seconds(self) -> float | None:
        """Time that is left, as far as it can be estimated."""
        return (self.total - self.settled) / self.rate if self.rate > 0 else None


class Observer(Protocol):
    """Receiver of a sweep's progress."""

    def note(self, text: str) -> None:
        """Hear of something that happened."""

    def show(self, progress: Progress) -> None:
        """Hear, about once a second, how far it is."""


class Silent:
    """An observer that keeps to itself."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def show(self, progress: Progress) -> None:
        """Show nothing."""
