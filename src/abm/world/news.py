"""News of the month: what happened to migrants, for all those who learn from it."""

from __future__ import annotations

import numpy as np


class News:
    """Events of one month, cohort by cohort, by kind (``NEWS_...`` of `abm.world.codes`).

    Beliefs, repeated attempts, leads and reputations read it; what is written does not change.
    """

    def __init__(self) -> None:
        self._parts: dict[int, list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]] = {}

    def tell(self, kind: int, rows: np.ndarray, persons: np.ndarray, place: np.ndarray, office: np.ndarray) -> None:
        """Add events.

        Parameters
        ----------
        kind
            What happened.
        rows, persons
            Household and persons of each cohort; empty cohorts are left out.
        place
            Route of events on the way, destination of events abroad.
        office
            Row of the office that sent them, -1 if none.
        """
        some = np.flatnonzero(persons > 0)
        if some.size:
            self._parts.setdefault(kind, []).append((rows[some], persons[some], place[some], office[some]))

    def of(self, kind: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Households, persons, places and offices of the events of a kind, in the order in which they were reported."""
        parts = self._parts.get(kind)
        if not parts:
            empty = np.zeros(0, np.int64)
            return empty, empty, empty, empty
        columns = [np.concatenate([part[k] for part in parts]).astype(np.int64) for k in range(4)]
        return columns[0], columns[1], columns[2], columns[3]
