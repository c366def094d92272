"""News of the month: what happened to members of households, cohort by cohort."""

from __future__ import annotations

import numpy as np

from abm.world.codes import NEWS_KINDS
from abm.world.kernels.news import write_news

_FIRST_CAPACITY = 1024


class News:
    """Events of one month, cohort by cohort, by kind (``NEWS_...`` of `abm.world.codes`).

    Beliefs, repeated attempts, leads and reputations read it; what is written does not change.
    """

    def __init__(self) -> None:
        self._events = [np.empty((4, _FIRST_CAPACITY), np.int64) for _ in range(NEWS_KINDS)]
        self._counts = [0] * NEWS_KINDS

    def forget(self) -> None:
        """Begin a month without news; arrays that `of` has returned are overwritten."""
        self._counts = [0] * NEWS_KINDS

    def report(self, kind: int, rows: np.ndarray, persons: np.ndarray, place: np.ndarray, office: np.ndarray) -> None:
        """Add events of a kind to cohorts of households, whole numbers of 64 bits; empty cohorts are left out.

        `place` is the route of events on the way, the destination of events abroad; `office` the row of the office that
        sent them, -1 if none. The dead of a wreck have its number in the month instead.
        """
        events, count = self._events[kind], self._counts[kind]
        if count + rows.size > events.shape[1]:
            larger = np.empty((4, 2 * (count + rows.size)), np.int64)
            larger[:, :count] = events[:, :count]
            events = self._events[kind] = larger
        self._counts[kind] = write_news(rows, persons, place, office, events, count)

    def of(self, kind: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Households, persons, places and offices of the events of a kind, in the order in which they were reported."""
        rows, persons, place, office = self._events[kind][:, : self._counts[kind]]
        return rows, persons, place, office
