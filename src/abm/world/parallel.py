"""Threads for kernels that release the interpreter lock; results do not depend on their number."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

_CHUNKS_A_THREAD = 8


class Threads:
    """A pool that runs a kernel over ranges.

    Parameters
    ----------
    count
        Threads; 1 runs everything in the calling thread.
    """

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def each(self, kernel: Callable[[int, int], None], size: int) -> None:
        """Run ``kernel(first, last)`` over all of ``range(size)``; the last index is excluded."""
        if self._pool is None or size < 2 * self.count:
            kernel(0, size)
            return
        chunks = min(size, self.count * _CHUNKS_A_THREAD)
        bounds = [size * k // chunks for k in range(chunks + 1)]
        for done in [self._pool.submit(kernel, first, last) for first, last in pairwise(bounds)]:
            done.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
