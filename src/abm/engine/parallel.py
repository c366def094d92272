"""Threads for kernels that release the interpreter lock; results do not depend on their number."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

_CHUNKS_A_THREAD = 8
"""Ranges of blocks: more than threads, because some blocks take longer."""

_SHARES_A_THREAD = 2
"""Ranges of cohorts, which all take about equally long."""

_WORTH_SHARING = 2048
"""Fewest cohorts that are worth splitting among threads."""


class Threads:
    """A pool that runs a kernel over ranges; with a `count` of 1, in the calling thread."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def each(self, kernel: Callable[[int, int], None], size: int) -> None:
        """Run ``kernel(first, last)`` over all of ``range(size)``; the last index is excluded."""
        if self._pool is None or size < 2 * self.count:
            kernel(0, size)
            return
        chunks = min(size, self.count * _CHUNKS_A_THREAD)
        self._run(kernel, [size * k // chunks for k in range(chunks + 1)])

    def each_cohort(self, kernel: Callable[[int, int], None], size: int) -> None:
        """Run ``kernel(first, last)``, which touches nothing but its cohorts, over all of so many."""
        self._share(kernel, size, size)

    def each_apart(self, kernel: Callable[[int, int], None], owner: np.ndarray) -> None:
        """Run ``kernel(first, last)`` over all cohorts, those of one owner in the same range.

        Cohorts that touch only their owner, a household or village, give the same results in any ranges. Threads share
        the cohorts only if the owners are in order.
        """
        size = owner.size
        if self._pool is None or size < _WORTH_SHARING or not (owner[1:] >= owner[:-1]).all():
            kernel(0, size)
            return
        chunks = self.count * _SHARES_A_THREAD
        inner = np.searchsorted(owner, [owner[size * k // chunks] for k in range(1, chunks)])
        self._run(kernel, np.unique([0, *inner.tolist(), size]).tolist())

    def each_owner(self, kernel: Callable[[int, int], None], owner: np.ndarray, owners: int) -> None:
        """Run ``kernel(first, last)``, for which cohorts of owners in the range are meant, over all of `owners`.

        The kernel looks at all cohorts and leaves those of other owners alone; they need not be in order.
        """
        self._share(kernel, owners, owner.size)

    def _share(self, kernel: Callable[[int, int], None], size: int, cohorts: int) -> None:
        """Run a kernel over ranges of `size`, if there are as many cohorts as are worth it."""
        if self._pool is None or cohorts < _WORTH_SHARING:
            kernel(0, size)
            return
        chunks = self.count * _SHARES_A_THREAD
        self._run(kernel, [size * k // chunks for k in range(chunks + 1)])

    def _run(self, kernel: Callable[[int, int], None], bounds: list[int]) -> None:
        """Run a kernel over the ranges between bounds, and wait for all of them."""
        assert self._pool is not None
        for done in [self._pool.submit(kernel, first, last) for first, last in pairwise(bounds)]:
            done.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
