"""Which runs go into a part together: as they come, until they are many or large enough."""

from __future__ import annotations

PART_RUNS = 500
PART_BYTES = 512_000_000
"""Runs, or bytes of them, that make a part."""

LOOSE_RUNS = 50
"""So many runs may keep their folders at the end of a sweep; more are put together."""


class Gathering:
    """Runs that have a folder of their own."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._bytes = 0

    def add(self, run_id: str, size: int) -> None:
        """Note a run and the bytes of its files."""
        if run_id not in self._sizes:
            self._sizes[run_id] = size
            self._bytes += size

    def take_part(self) -> list[str]:
        """Take runs that make a part; nothing while there are too few."""
        return self._take() if len(self._sizes) >= PART_RUNS or self._bytes >= PART_BYTES else []

    def take_rest(self) -> list[str]:
        """Take runs at the end: a part, full or not; nothing if few are left."""
        return self._take() if len(self._sizes) > LOOSE_RUNS or self._bytes >= PART_BYTES else []

    def _take(self) -> list[str]:
        taken: list[str] = []
        size = 0
        for run_id, more in self._sizes.items():
            if len(taken) == PART_RUNS or (taken and size + more > PART_BYTES):
                break
            taken.append(run_id)
            size += more
        for run_id in taken:
            self._bytes -= self._sizes.pop(run_id)
        return taken
