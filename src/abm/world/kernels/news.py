"""How news of the month is written."""

from __future__ import annotations

from abm.engine.compiled import kernel


@kernel
def write_news(rows, persons, place, office, events, count) -> int:
    """Write cohorts after the first `count` columns of `events`, unless they are empty; return the count with them."""
    for k in range(rows.size):
        # no branch: whether something happened to a cohort cannot be guessed
        events[0, count], events[1, count] = rows[k], persons[k]
        events[2, count], events[3, count] = place[k], office[k]
        count += persons[k] > 0
    return count
