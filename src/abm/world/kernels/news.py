"""How news of the month is written."""

from __future__ import annotations

from abm.engine.compiled import kernel


@kernel
def write_news(rows, persons, place, office, told, count) -> int:
    """Write cohorts after the first `count` columns of `told`, unless they are empty; return the count with them."""
    for k in range(rows.size):
        # no branch: whether something happened to a cohort cannot be guessed
        told[0, count], told[1, count] = rows[k], persons[k]
        told[2, count], told[3, count] = place[k], office[k]
        count += persons[k] > 0
    return count
