"""How far a study is: what the driver tells, to whom, and how often."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

RATE_SECONDS = 60.0


@dataclass(slots=True)
class Progress:
    """How far a sweep is."""

    # total, before: runs of the study, or of the share; those of them that were there when the sweep began
    total: int = 0
    before: int = 0
    # made, failed: runs made, and runs that failed, since
    made: int = 0
    failed: int = 0
    workers: int = 0  # at work
    rate: float = 0.0  # runs settled a second, of late
    doing: str = ""  # what is done beside: ``"compiling"``, ``"waiting for workers"`` … or nothing

    @property
    def settled(self) -> int:
        """Runs that need nothing more."""
        return self.before + self.made + self.failed

    @property
    def remaining_seconds(self) -> float | None:
        """Time that is left, as far as it can be estimated."""
        return (self.total - self.settled) / self.rate if self.rate > 0 else None


class Observer:
    """Receiver of a sweep's progress; this one ignores it."""

    def note(self, text: str) -> None:
        """Hear of something that happened."""

    def show(self, progress: Progress) -> None:
        """Hear, about once a second, how far it is."""


class Clock:
    """Seconds since runs were first handed out, and what is due again."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._last: dict[str, float] = {}
        self._settled: deque[tuple[float, int]] = deque()

    def begin(self) -> None:
        """Note that the first run is handed out."""
        self._began = time.monotonic()
        self._settled.clear()

    def seconds(self) -> float:
        """Since the first run was handed out."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def rate(self, settled: int) -> float:
        """Runs settled a second, over the last minute; at first workers are busy loading."""
        now = time.monotonic()
        self._settled.append((now, settled))
        while now - self._settled[0][0] > RATE_SECONDS:
            self._settled.popleft()
        then, before = self._settled[0]
        return (settled - before) / (now - then) if now > then else 0.0

    def is_due(self, what: str, every: float) -> bool:
        """Whether so many seconds have passed since it was last due, or first asked for."""
        now = time.monotonic()
        due = now - self._last.setdefault(what, now) >= every
        if due:
            self._last[what] = now
        return due
